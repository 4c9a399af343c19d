/* Conditions between named values: against Python's eval, and the mistakes with their columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/expression.h"
#include "python_oracle.h"

#include <math.h>

static const char *const names[] = {"a", "b", "c", "d", "t", "fast_period", "nothing"};
enum { NAME_COUNT = sizeof names / sizeof *names };

static struct value lookup(void *context, size_t name) {
    return ((struct value *)context)[name];
}

static struct value number(const char *text) {
    struct value value = {.kind = VALUE_INT};
    if (text_to_int64(&value.integer, text)) return value;
    value.kind = VALUE_FLOAT;
    assert_true(text_to_double(&value.real, text));
    return value;
}

static bool holds_for(const char *text, struct value *values) {
    struct expression *expression;
    struct error err = {0};
    if (expression_parse(&expression, text, names, NAME_COUNT, &err) != OK)
        fail_msg("%s: column %d: %s", text, err.column, err.message);
    bool holds = expression_holds(expression, lookup, values);
    assert_string_equal(expression_text(expression), text);
    expression_close(expression);
    return holds;
}

/* a = 1, b = 2.5, c = NaN, d = True, t = 'BTCUSDT', fast_period = 2**53 + 1, nothing = none */
static bool holds(const char *text) {
    struct value values[NAME_COUNT] = {
        {.kind = VALUE_INT, .integer = 1},
        {.kind = VALUE_FLOAT, .real = 2.5},
        {.kind = VALUE_FLOAT, .real = NAN},
        {.kind = VALUE_BOOL, .boolean = true},
        {.kind = VALUE_TEXT, .text = "BTCUSDT"},
        {.kind = VALUE_INT, .integer = (INT64_C(1) << 53) + 1},
        {.kind = VALUE_NONE},
    };
    return holds_for(text, values);
}

static void it_means_what_python_means(void **state) {
    (void)state;
    FILE *cases = oracle_open(__FILE__, "expression_oracle.py", "20000 7");
    assert_non_null(cases);
    char line[8192];
    int count = 0;
    while (fgets(line, sizeof line, cases)) {
        char *rest = line, *field[7];
        for (int i = 0; i < 7; i++)
            field[i] = strsep(&rest, "\t\n");
        struct value values[NAME_COUNT] = {number(field[1]),
                                           number(field[2]),
                                           number(field[3]),
                                           number(field[4]),
                                           {.kind = VALUE_TEXT, .text = field[5]}};
        bool expected = field[6][0] == '1';
        if (holds_for(field[0], values) != expected)
            fail_msg("%s with a=%s b=%s c=%s d=%s t=%s: Python says %d", field[0], field[1], field[2],
                     field[3], field[4], field[5], expected);
        count++;
    }
    assert_int_equal(pclose(cases), 0);
    assert_int_equal(count, 20000);
}

static void comparisons_with_nan_none_or_another_kind_are_false(void **state) {
    (void)state;
    static const char *const comparisons[] = {"<", "<=", ">", ">=", "=="};
    static const char *const pairs[][2] = {{"c", "1"},       {"1", "c"},
                                           {"c", "c"},       {"nothing", "nothing"},
                                           {"nothing", "0"}, {"t", "1"},
                                           {"1", "t"},       {"a / 0", "0"},
                                           {"a % 0", "0"},   {"t + 1", "t"},
                                           {"-t", "0"},      {"c + 1", "c + 1"},
                                           {"1 / 0", "1"},   {"nothing * 2", "nothing"}};
    char text[100];
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        for (size_t j = 0; j < sizeof comparisons / sizeof *comparisons; j++) {
            snprintf(text, sizeof text, "%s %s %s", pairs[i][0], comparisons[j], pairs[i][1]);
            if (holds(text)) fail_msg("%s holds", text);
        }
        snprintf(text, sizeof text, "%s != %s", pairs[i][0], pairs[i][1]);
        if (!holds(text)) fail_msg("%s does not hold", text);
    }
    assert_false(holds("c"));
    assert_false(holds("nothing"));
    assert_true(holds("not c"));
    assert_false(holds("c in [c, 1]"));
    assert_false(holds("0 < c < 5"));
}

static void whole_numbers_are_exact(void **state) {
    (void)state;
    assert_true(holds("fast_period == 9007199254740993"));
    assert_false(holds("fast_period == 9007199254740992.0"));
    assert_true(holds("fast_period > 9007199254740992.0"));
    assert_true(holds("9223372036854775807 + 1 > 9223372036854775807")); /* goes on as float */
    assert_true(holds("-9223372036854775807 - 1 < -9223372036854775807"));
    assert_true(holds("(-9223372036854775807 - 1) % -1 == 0"));
    assert_true(holds("0.1 + 0.2 != 0.3"));
}

static void texts_are_compared_in_either_quotes(void **state) {
    (void)state;
    assert_true(holds("t == 'BTCUSDT'"));
    assert_true(holds("t == \"BTCUSDT\""));
    assert_true(holds("t in ['ETHUSDT', 'BTCUSDT',]"));
    assert_true(holds("t not in []"));
    assert_true(holds("d == true and d == 1 and t"));
}

static void it_knows_which_names_it_uses(void **state) {
    (void)state;
    struct expression *expression;
    assert_int_equal(expression_parse(&expression, "a < 3 or t in [b]", names, NAME_COUNT, NULL), OK);
    static const bool expected[NAME_COUNT] = {true, true, false, false, true, false, false};
    for (size_t i = 0; i < NAME_COUNT; i++)
        assert_int_equal(expression_uses(expression, i), expected[i]);
    assert_false(expression_uses(expression, NAME_COUNT));
    expression_close(expression);
    expression_close(NULL);
}

/* Columns are counted by hand; characters, not bytes. */
static void every_mistake_has_its_column_and_says_what_to_do(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int column;
        const char *message;
    } cases[] = {
        {"", 1, "the condition is empty"},
        {"   ", 4, "the condition is empty"},
        {"a <", 4, "the condition ends where a number, a name or a text in quotes should stand"},
        {"a < < b", 5, "'<' stands where a number"},
        {"fast_perod < 3", 1, "unknown name 'fast_perod'; did you mean 'fast_period'?"},
        {"a < 3 and xyzzy > 1", 11, "unknown name 'xyzzy'; known: a, b, c, d, t, fast_period, nothing"},
        {"a = 3", 3, "'=' does not compare: write =="},
        {"a && b", 3, "'&&' is not known here: write and"},
        {"a || b", 3, "write or"},
        {"!a", 1, "write not"},
        {"a <> b", 3, "write !="},
        {"a ** 2 > 1", 3, "'**' is not known here"},
        {"a // 2 > 1", 3, "'//' is not known here"},
        {"(a < 3", 7, "the condition ends where ')' should stand"},
        {"a < 3)", 6, "')' stands where 'and', 'or' or the end should stand"},
        {"a b", 3, "'b' stands where 'and', 'or' or the end should stand"},
        {"a in 3", 6, "'3' stands where a list such as [1, 2] should stand"},
        {"a in [1 2]", 9, "'2' stands where ',' or ']' should stand"},
        {"a in [,]", 7, "',' stands where"},
        {"a not 3", 7, "'3' stands where 'in'"},
        {"a < not b", 5, "'not' stands where"},
        {"a < 1_000", 6, "unexpected '_' after the number 1"},
        {"a < 1.2.3", 8, "unexpected '.' after the number 1.2"},
        {"a < 3x", 6, "unexpected 'x' after the number 3"},
        {"t == 'BTC", 6, "has no closing '"},
        {"t == 'h\xc3\xa4' $", 11, "unexpected '$'"},
        {"a < \xc3\xa4", 5, "unexpected character (byte 0xc3)"},
        {"a == 1 'x'", 8, "a text stands where"},
        {"and", 1, "'and' stands where a number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct expression *expression;
        struct error err = {0};
        status rc = expression_parse(&expression, cases[i].text, names, NAME_COUNT, &err);
        if (rc != ERR_INPUT || expression || err.column != cases[i].column ||
            !strstr(err.message, cases[i].message))
            fail_msg("'%s': rc %d, column %d (expected %d), %s", cases[i].text, (int)rc, err.column,
                     cases[i].column, err.message);
    }
}

/* Conditions come over the network too. */
static void depth_is_limited_and_length_is_not(void **state) {
    (void)state;
    enum { SIZE = 100000 };
    static char text[2 * SIZE + 16];
    struct expression *expression;
    struct error err = {0};
    static const char *const openers[] = {"(", "-", "not "};
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++) {
        text[0] = '\0';
        char *end = text;
        for (int j = 0; j < 20000; j++)
            end = stpcpy(end, openers[i]);
        assert_int_equal(expression_parse(&expression, text, names, NAME_COUNT, &err), ERR_INPUT);
        assert_non_null(strstr(err.message, "levels of nesting"));
    }
    char *end = stpcpy(text, "0");
    for (int j = 0; j < SIZE - 1; j++)
        end = stpcpy(end, "+a");
    assert_true(strlen(text) == 2 * SIZE - 1);
    strcpy(end, " < 1");
    assert_false(holds(text));
    strcpy(end, " == 99999");
    assert_true(holds(text));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_means_what_python_means),
        cmocka_unit_test(comparisons_with_nan_none_or_another_kind_are_false),
        cmocka_unit_test(whole_numbers_are_exact),
        cmocka_unit_test(texts_are_compared_in_either_quotes),
        cmocka_unit_test(it_knows_which_names_it_uses),
        cmocka_unit_test(every_mistake_has_its_column_and_says_what_to_do),
        cmocka_unit_test(depth_is_limited_and_length_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
