/* Conditions nobody meant to write: whatever comes, expression_parse answers with an expression that can be
 * evaluated, or with one line and a column inside the text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/expression.h"
#include "mutations.h"

enum { ROUNDS = 300000 };

static const char *const names[] = {"fast", "slow", "maxDrawdown", "kind", "n"};
enum { NAMES = sizeof names / sizeof *names };

static const char *const seeds[] = {
    "fast < slow",
    "totalTrades >= 30 and maxDrawdown < 0.2",
    "fast < slow <= n * 3 - 1 and not (kind == 'long' or kind != \"x\\\"y\")",
    "n in [1, 2.5, 'three', -4e-3] and fast % 7 == 3",
    "-(fast + slow) * 2 / 3 > -1.5e300 or (((n)))",
    "slow - fast > 9223372036854775807 or n % 0 == 0",
};
static const char *const words[] = {
    "(",    ")",  "[",  "]",   "not ", " and ", " or ",     " in ",  " not in ",
    "==",   "!=", "<",  "<=",  "%",    "/",     "-",        "1e999", "9223372036854775808",
    "0x10", "''", "\"", "nan", "None", "True",  "\xc3\xa9", ",",     ".5."};

static struct value look_up(void *context, size_t name) {
    static const struct value values[NAMES] = {{.kind = VALUE_INT, .integer = INT64_MIN},
                                               {.kind = VALUE_FLOAT, .real = -0.0},
                                               {.kind = VALUE_NONE},
                                               {.kind = VALUE_TEXT, .text = "long"},
                                               {.kind = VALUE_INT, .integer = -1}};
    ++*(size_t *)context;
    assert_true(name < NAMES);
    return values[name];
}

/* True if it was accepted. */
static bool feed(const char *text) {
    struct expression *expression = NULL;
    struct error err = {0};
    size_t asked = 0;
    status rc = expression_parse(&expression, text, names, NAMES, &err);
    if (rc == OK) {
        bool first = expression_holds(expression, look_up, &asked);
        assert_true(expression_holds(expression, look_up, &asked) == first);
        bool uses = false;
        for (size_t i = 0; i < NAMES; i++)
            uses |= expression_uses(expression, i);
        assert_true(uses || asked == 0);
        assert_string_equal(expression_text(expression), text);
        expression_close(expression);
        return true;
    }
    assert_int_equal(rc, ERR_INPUT);
    assert_true(err.column >= 1 && (size_t)err.column <= strlen(text) + 1);
    assert_true(err.message[0] && !strpbrk(err.message, "\n\r"));
    return false;
}

static void every_text_is_an_expression_or_one_clear_line(void **state) {
    (void)state;
    struct mutations mutations = {1, words, sizeof words / sizeof *words};
    size_t accepted = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        const char *seed = seeds[round % (sizeof seeds / sizeof *seeds)];
        size_t length;
        char *text = mutations_next(&mutations, &length, seed, strlen(seed) + 1);
        text[length ? length - 1 : 0] = '\0';
        accepted += feed(text);
        free(text);
    }
    /* the damage was neither harmless nor total */
    assert_in_range(accepted, ROUNDS / 100, ROUNDS / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_text_is_an_expression_or_one_clear_line)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
