/* percent.c: names in addresses, decoded once. */
#include "server/http/percent.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static void gives(const char *text, enum percent_rule rule, const char *wanted) {
    char out[64];
    assert_true(percent_decode(out, text, strlen(text), rule));
    assert_string_equal(out, wanted);
}

static void refused(const char *text) {
    char out[64];
    assert_false(percent_decode(out, text, strlen(text), PERCENT_PATH));
}

static void bytes_are_decoded_once(void **state) {
    (void)state;
    gives("", PERCENT_PATH, "");
    gives("a%20b%2Fc%2fd", PERCENT_PATH, "a b/c/d");
    gives("%2541", PERCENT_PATH, "%41");
    gives("%e2%82%AC", PERCENT_PATH, "\xE2\x82\xAC");
}

static void a_plus_is_a_space_in_queries_only(void **state) {
    (void)state;
    gives("a+b%2B", PERCENT_PATH, "a+b+");
    gives("a+b%2B", PERCENT_QUERY, "a b+");
}

static void a_percent_sign_needs_two_digits(void **state) {
    (void)state;
    refused("%");
    refused("a%4");
    refused("%4g");
    refused("%%41");
}

static void what_is_no_text_is_refused(void **state) {
    (void)state;
    refused("a%00b");
    refused("%01");
    refused("%7f");
    refused("%ff");
    refused("%c0%af");       /* an overlong '/' */
    refused("%ed%a0%80");    /* a surrogate */
    refused("%f4%90%80%80"); /* beyond U+10FFFF */
    refused("%e2%82");       /* cut off */
    assert_false(percent_holds("bad\xff", 4));
    assert_true(percent_holds("sweep \xC3\xA9", 8));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_decoded_once),
        cmocka_unit_test(a_plus_is_a_space_in_queries_only),
        cmocka_unit_test(a_percent_sign_needs_two_digits),
        cmocka_unit_test(what_is_no_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
