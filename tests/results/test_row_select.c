/* Choosing rows by blocks: the same rows as expression_holds chooses one by one from the values themselves,
 * for made-up conditions over columns of every storage. */
#include "results/row_select.h"
#include "base/expression.h"
#include "column_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { CONDITIONS = 1500, ROWS = 2 * ROW_BLOCK + 301, DEPTH = 4 };

/* ---- conditions ---- */

static void add_constant(struct text *out, struct column_samples *samples) {
    static const char *const constants[] = {"0",
                                            "1",
                                            "-3",
                                            "2.5",
                                            "5",
                                            "9007199254740992",
                                            "9007199254740993",
                                            "9007199254740992.0",
                                            "9223372036854775807",
                                            "9223372036854775808.0",
                                            "1e999",
                                            "true",
                                            "false",
                                            "none",
                                            "''",
                                            "'a'",
                                            "'ab'",
                                            "'12345678'",
                                            "'moving average'",
                                            "'done'",
                                            "'ETHUSDT'",
                                            "'123456789'"};
    text_add_string(out, SAMPLE_PICK(samples, constants));
}

static void add_condition(struct text *out, struct column_samples *samples, int depth);

static void add_sum(struct text *out, struct column_samples *samples, int depth) {
    static const char *const operators[] = {" + ", " - ", " * ", " / ", " % "};
    size_t dice = sample_below(samples, 12);
    if (depth <= 0 || dice < 6) {
        text_add_string(out, sample_column_names[sample_below(samples, SAMPLE_COLUMNS)]);
    } else if (dice < 8) {
        add_constant(out, samples);
    } else if (dice == 8) {
        text_add_string(out, "-");
        add_sum(out, samples, depth - 1);
    } else if (dice == 9) {
        text_add_string(out, "(");
        add_condition(out, samples, depth - 1);
        text_add_string(out, ")");
    } else {
        text_add_string(out, "(");
        add_sum(out, samples, depth - 1);
        text_add_string(out, SAMPLE_PICK(samples, operators));
        add_sum(out, samples, depth - 1);
        text_add_string(out, ")");
    }
}

static void add_comparison(struct text *out, struct column_samples *samples, int depth) {
    static const char *const operators[] = {" < ", " <= ", " > ", " >= ", " == ", " != "};
    add_sum(out, samples, depth);
    size_t dice = sample_below(samples, 10);
    if (dice == 0) return; /* a value as a condition */
    if (dice < 3) {
        text_add_string(out, dice == 1 ? " in [" : " not in [");
        for (size_t items = sample_below(samples, 4); items > 0; items--) {
            if (sample_below(samples, 3))
                add_constant(out, samples);
            else
                add_sum(out, samples, depth - 1);
            text_add_string(out, ", ");
        }
        text_add_string(out, "]");
        return;
    }
    for (size_t links = dice < 8 ? 1 : dice - 6; links > 0; links--) {
        text_add_string(out, SAMPLE_PICK(samples, operators));
        if (sample_below(samples, 2))
            add_constant(out, samples);
        else
            add_sum(out, samples, depth - 1);
    }
}

static void add_condition(struct text *out, struct column_samples *samples, int depth) {
    size_t dice = sample_below(samples, 10);
    if (depth <= 0 || dice < 4) {
        add_comparison(out, samples, depth - 1);
    } else if (dice == 4) {
        text_add_string(out, "not (");
        add_condition(out, samples, depth - 1);
        text_add_string(out, ")");
    } else {
        text_add_string(out, "(");
        add_condition(out, samples, depth - 1);
        text_add_string(out, dice < 7 ? " and " : " or ");
        add_condition(out, samples, depth - 1);
        text_add_string(out, ")");
    }
}

/* ---- what is expected ---- */

struct row_of_samples {
    const struct column_samples *samples;
    size_t row;
};

static struct value look_up(void *context, size_t name) {
    const struct row_of_samples *at = context;
    return at->samples->values[name * at->samples->rows + at->row];
}

static void check(struct column_samples *samples, const char *where, unsigned statuses) {
    struct expression *expression;
    struct row_set set;
    struct error err;
    if (expression_parse(&expression, where, sample_column_names, SAMPLE_COLUMNS, &err) != OK)
        fail_msg("%s: %s", where, err.message);
    if (row_select(&set, &samples->result, where, statuses, &err) != OK)
        fail_msg("%s: %s", where, err.message);
    uint64_t count = 0;
    for (size_t row = 0; row < samples->rows; row++) {
        struct row_of_samples at = {samples, row};
        bool is_wanted = (statuses == 0 || statuses >> samples->result.state[row] & 1) &&
                         expression_holds(expression, look_up, &at);
        count += is_wanted;
        if (row_set_has(&set, row) != is_wanted)
            fail_msg("row %zu of '%s': expected %d", row, where, is_wanted);
    }
    assert_int_equal(set.count, count);
    row_set_clear(&set);
    expression_close(expression);
}

static void made_up_conditions_hold_where_the_interpreter_says(void **state) {
    (void)state;
    struct column_samples samples;
    column_samples_make(&samples, ROWS, 1);
    for (size_t i = 0; i < CONDITIONS; i++) {
        struct text where = {0};
        add_condition(&where, &samples, (int)(i % DEPTH) + 1);
        check(&samples, where.data, i % 3 ? 0 : (unsigned)sample_below(&samples, 32));
        text_clear(&where);
    }
    column_samples_clear(&samples);
}

/* Where doubles, words and borrowed texts would each give another answer than the values do. */
static void awkward_conditions_hold_where_the_interpreter_says(void **state) {
    (void)state;
    static const char *const conditions[] = {
        "number + 1 > 9007199254740992",
        "number + flag == 9007199254740993",
        "number * 3 - number * 3 + 1 == 1",
        "-number - 1 < -9007199254740992",
        "word == '123456789'",
        "word >= '123456789'",
        "word < '12345678aaaaaaaaaaaa'",
        "word == text",
        "text < word",
        "'1' < word <= '123456789' != text",
        "not word in ['12345678', '123456789', 'zz']",
        "many == 'moving average' or many < 0",
        "mixed == none or mixed != mixed",
    };
    struct column_samples samples;
    column_samples_make(&samples, 6 * ROW_BLOCK + 5, 9);
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        check(&samples, conditions[i], 0);
    column_samples_clear(&samples);
}

static void every_comparison_of_two_columns_holds_where_the_interpreter_says(void **state) {
    (void)state;
    static const char *const operators[] = {"<", "<=", ">", ">=", "==", "!=", "+", "-", "*", "/", "%"};
    struct column_samples samples;
    column_samples_make(&samples, ROW_BLOCK + 77, 2);
    for (size_t a = 0; a < SAMPLE_COLUMNS; a++)
        for (size_t b = 0; b < SAMPLE_COLUMNS; b++)
            for (size_t o = 0; o < sizeof operators / sizeof *operators; o++) {
                char where[128];
                const char *x = sample_column_names[a], *y = sample_column_names[b];
                snprintf(where, sizeof where, o < 6 ? "%s %s %s" : "%s %s %s > 4", x, operators[o], y);
                check(&samples, where, 0);
            }
    column_samples_clear(&samples);
}

static void rows_are_walked_in_order(void **state) {
    (void)state;
    static const size_t counts[] = {0, 1, 63, 64, 65, ROW_BLOCK - 1, ROW_BLOCK, ROW_BLOCK + 1, 3 * ROW_BLOCK};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct column_samples samples;
        column_samples_make(&samples, counts[i], 3 + i);
        struct row_set set;
        assert_int_equal(row_select(&set, &samples.result, "small > 1", 0, NULL), OK);
        uint64_t next = row_set_next(&set, 0), seen = 0;
        uint16_t offsets[ROW_BLOCK];
        for (uint64_t begin = 0; begin < counts[i]; begin += ROW_BLOCK) {
            size_t count = row_set_block(&set, begin, offsets);
            for (size_t k = 0; k < count; k++, seen++) {
                assert_int_equal(begin + offsets[k], next);
                assert_true(samples.values[SAMPLE_SMALL * counts[i] + next].integer > 1);
                next = row_set_next(&set, next + 1);
            }
        }
        assert_int_equal(next, counts[i]);
        assert_int_equal(seen, set.count);
        row_set_clear(&set);
        assert_int_equal(row_select(&set, &samples.result, NULL, 0, NULL), OK);
        assert_int_equal(set.count, counts[i]);
        row_set_clear(&set);
        column_samples_clear(&samples);
    }
}

static void a_condition_that_is_none_is_refused(void **state) {
    (void)state;
    struct column_samples samples;
    column_samples_make(&samples, 10, 4);
    struct row_set set;
    struct error err;
    assert_int_equal(row_select(&set, &samples.result, "smal > 1", 0, &err), ERR_INPUT);
    assert_non_null(strstr(err.message, "did you mean 'small'?"));
    row_set_clear(&set);
    column_samples_clear(&samples);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_up_conditions_hold_where_the_interpreter_says),
        cmocka_unit_test(awkward_conditions_hold_where_the_interpreter_says),
        cmocka_unit_test(every_comparison_of_two_columns_holds_where_the_interpreter_says),
        cmocka_unit_test(rows_are_walked_in_order),
        cmocka_unit_test(a_condition_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
