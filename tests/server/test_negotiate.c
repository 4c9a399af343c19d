/* negotiate.c, percent.c, compress.c and json_body.c's depth, by RFC 9110's own examples and hand-made ones.
 */
#include "server/http/compress.h"
#include "server/http/json_body.h"
#include "server/http/negotiate.h"
#include "server/http/percent.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void a_coding_is_taken_by_its_weight(void **state) {
    (void)state;
    static const struct {
        const char *header;
        bool gzip;
    } cases[] = {
        {NULL, false},
        {"", false},
        {"gzip", true},
        {"GZip", true},
        {"compress, gzip", true},
        {"*", true},
        {"compress;q=0.5, gzip;q=1.0", true},
        {"gzip;q=1.0, identity; q=0.5, *;q=0", true},
        {"gzip;q=0", false},
        {"gzip;q=0.0", false},
        {"gzip;q=0.000", false},
        {"gzip;q=0.001", true},
        {"gzip ; q=0.5", true},
        {"gzip;Q=0", false},
        {"*;q=0", false},
        {"*;q=0.1", true},
        {"gzip;q=0, *", false},
        {"identity", false},
        {"gzipped", false},
        {"x-gzip", false},
        {"br, deflate", false},
        {"gzip;q=abc", false},
        {",, gzip ,", true},
        {"gzip;level=9;q=0", false},
        {"gzip;q=", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (negotiate_coding(cases[i].header, "gzip") != cases[i].gzip)
            fail_msg("Accept-Encoding: %s", cases[i].header ? cases[i].header : "(none)");
}

static void msgpack_is_given_to_who_names_it(void **state) {
    (void)state;
    static const struct {
        const char *header;
        enum writer_format format;
    } cases[] = {
        {NULL, FORMAT_JSON},
        {"*/*", FORMAT_JSON},
        {"application/*", FORMAT_JSON},
        {"application/msgpack", FORMAT_MSGPACK},
        {"Application/MsgPack", FORMAT_MSGPACK},
        {"application/x-msgpack", FORMAT_MSGPACK},
        {"application/vnd.msgpack; q=0.2", FORMAT_MSGPACK},
        {"application/msgpack, application/json", FORMAT_MSGPACK},
        {"application/json, application/msgpack;q=0.9", FORMAT_JSON},
        {"application/json;q=0.9, application/msgpack", FORMAT_MSGPACK},
        {"application/msgpack;q=0", FORMAT_JSON},
        {"application/msgpack2", FORMAT_JSON},
        {"text/html, application/msgpack;q=0.1, */*;q=0.8", FORMAT_MSGPACK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (negotiate_format(cases[i].header) != cases[i].format)
            fail_msg("Accept: %s", cases[i].header ? cases[i].header : "(none)");
}

static void a_tag_is_found_in_a_list(void **state) {
    (void)state;
    static const struct {
        const char *header;
        bool has, packed;
    } cases[] = {
        {NULL, false, false},
        {"\"abc\"", true, false},
        {"W/\"abc\"", true, false},
        {"\"x\", \"abc\"", true, false},
        {"\"x\",W/\"abc\" , \"y\"", true, false},
        {"*", true, false},
        {"\"abc-gz\"", true, true},
        {"W/\"abc-gz\"", true, true},
        {"\"x-gz\", \"abc-gz\"", true, true},
        {"\"abcd\"", false, false},
        {"\"ab\"", false, false},
        {"abc", false, false},
        {"\"abc", false, false},
        {"\"\"", false, false},
        {"\"a,abc\"", false, false},
        {"\"abc-gz-gz\"", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool packed = false, has = negotiate_etag(cases[i].header, "abc", &packed);
        if (has != cases[i].has || (has && packed != cases[i].packed))
            fail_msg("If-None-Match: %s", cases[i].header ? cases[i].header : "(none)");
    }
    assert_false(negotiate_etag("*", "", NULL)); /* an answer without a tag */
}

static void percent_signs_are_decoded_once(void **state) {
    (void)state;
    char out[64];
    assert_true(percent_decode(out, "/a%20b+c", 8, PERCENT_PATH));
    assert_string_equal(out, "/a b+c");
    assert_true(percent_decode(out, "a%2Bb+c%3d", 10, PERCENT_QUERY));
    assert_string_equal(out, "a+b c=");
    assert_true(percent_decode(out, "%2525", 5, PERCENT_PATH));
    assert_string_equal(out, "%25");
    assert_true(percent_decode(out, "%E2%82%ac", 9, PERCENT_PATH));
    assert_string_equal(out, "\xE2\x82\xAC");
}

static void what_is_no_text_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"%00",    "a%00b", "%",         "%4",           "%zz",       "%FF",
                                      "%C0%AE", "%C3",   "%ED%A0%80", "%F4%90%80%80", "%E0%80%AF", "\xC3",
                                      "%01",    "%7F",   "a%2",       "%F0%80%80%AF", "%C3%28",    "%80"};
    char out[64];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (percent_decode(out, bad[i], strlen(bad[i]), PERCENT_PATH)) fail_msg("taken: %s", bad[i]);
}

/* zlib unpacks what libdeflate packed. */
static void gzip_unpacks_to_the_same_bytes(void **state) {
    (void)state;
    struct text plain = {0};
    for (int i = 0; i < 5000; i++)
        text_printf(&plain, "{\"open\":%d.5},", i);
    for (int level = 1; level <= 6; level += 5) {
        char *packed, *out = malloc(plain.length);
        size_t length;
        assert_true(compress_gzip(&packed, &length, plain.data, plain.length, level));
        assert_true(length < plain.length / 3);
        z_stream stream = {.next_in = (unsigned char *)packed,
                           .avail_in = (unsigned)length,
                           .next_out = (unsigned char *)out,
                           .avail_out = (unsigned)plain.length};
        assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
        assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
        assert_int_equal(stream.total_out, plain.length);
        assert_memory_equal(out, plain.data, plain.length);
        inflateEnd(&stream);
        free(packed);
        free(out);
    }
    text_clear(&plain);
}

static void what_would_grow_stays_plain(void **state) {
    (void)state;
    char *packed, noise[64];
    size_t length;
    unsigned seed = 1;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)((seed = seed * 1103515245U + 12345U) >> 16);
    assert_false(compress_gzip(&packed, &length, noise, sizeof noise, 6));
}

static void brackets_count_outside_of_strings_only(void **state) {
    (void)state;
    size_t at;
    static const char strings[] = "{\"[[[\\\"[[\": [\"}]{\"]}";
    assert_int_equal(json_too_deep(strings, strlen(strings), 2, &at), 0);
    assert_int_equal(json_too_deep(strings, strlen(strings), 1, &at), 2);
    assert_int_equal(at, 12);
    assert_int_equal(json_too_deep("[[],[],[]]", 10, 2, &at), 0);
    assert_int_equal(json_too_deep("[[[]]]", 6, 2, &at), 3);
    assert_int_equal(at, 2);
    assert_int_equal(json_too_deep("\"\\", 2, 2, &at), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_coding_is_taken_by_its_weight),
        cmocka_unit_test(msgpack_is_given_to_who_names_it),
        cmocka_unit_test(a_tag_is_found_in_a_list),
        cmocka_unit_test(percent_signs_are_decoded_once),
        cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(gzip_unpacks_to_the_same_bytes),
        cmocka_unit_test(what_would_grow_stays_plain),
        cmocka_unit_test(brackets_count_outside_of_strings_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
