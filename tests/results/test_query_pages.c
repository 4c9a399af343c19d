/* Pages of many runs: the same rows in the same order as a plain sort of the values by the rules in
 * kmill/result.h gives, for made-up orders and pages. There are so many rows, and so many ties among them,
 * that pages are looked for by histograms over several levels. */
#include "base/expression.h"
#include "column_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ROWS = 100000, ORDERS = 24, PAGES = 10 };
static struct column_samples samples;

static int make_samples(void **state) {
    (void)state;
    column_samples_make(&samples, ROWS, 7);
    return 0;
}

static int clear_samples(void **state) {
    (void)state;
    column_samples_clear(&samples);
    return 0;
}

/* ---- the plain sort ---- */

struct order {
    size_t columns[QUERY_SORT_KEYS];
    bool descending[QUERY_SORT_KEYS];
    size_t count;
};
static const struct order *asked;

static bool is_missing(struct value value) {
    return value.kind == VALUE_NONE || (value.kind == VALUE_FLOAT && isnan(value.real));
}

static long double number_of(struct value value) {
    return value.kind == VALUE_INT    ? (long double)value.integer
           : value.kind == VALUE_BOOL ? (long double)value.boolean
                                      : (long double)value.real;
}

static int compare_values(struct value a, struct value b, bool descending) {
    if (is_missing(a) || is_missing(b)) return is_missing(a) - is_missing(b);
    bool a_text = a.kind == VALUE_TEXT, b_text = b.kind == VALUE_TEXT;
    int sign;
    if (a_text && b_text)
        sign = strcmp(a.text, b.text);
    else if (a_text || b_text)
        sign = a_text - b_text;
    else
        sign = (number_of(a) > number_of(b)) - (number_of(a) < number_of(b));
    return descending ? -sign : sign;
}

static int compare_rows(const void *left, const void *right) {
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    for (size_t k = 0; k < asked->count; k++) {
        const struct value *values = samples.values + asked->columns[k] * ROWS;
        int sign = compare_values(values[a], values[b], asked->descending[k]);
        if (sign) return sign;
    }
    return (a > b) - (a < b);
}

struct row_of_samples {
    size_t row;
};
static struct value look_up(void *context, size_t name) {
    return samples.values[name * ROWS + ((struct row_of_samples *)context)->row];
}

static size_t sorted_rows(size_t *rows, const char *where) {
    size_t count = 0;
    struct expression *expression = NULL;
    if (where)
        assert_int_equal(expression_parse(&expression, where, sample_column_names, SAMPLE_COLUMNS, NULL), OK);
    for (size_t row = 0; row < ROWS; row++) {
        struct row_of_samples at = {row};
        if (!where || expression_holds(expression, look_up, &at)) rows[count++] = row;
    }
    expression_close(expression);
    qsort(rows, count, sizeof *rows, compare_rows);
    return count;
}

/* ---- pages ---- */

static void check_page(const size_t *want, size_t matching, const char *where, uint64_t offset,
                       uint64_t limit) {
    struct query query = {.where = where, .offset = offset, .limit = limit};
    struct text order = {0};
    for (size_t k = 0; k < asked->count; k++) {
        query.sort[k].name = sample_column_names[asked->columns[k]];
        query.sort[k].descending = asked->descending[k];
        text_printf(&order, "%s%s ", asked->descending[k] ? "-" : "", query.sort[k].name);
    }
    uint64_t *rows, total;
    size_t count;
    struct error err;
    if (result_query(&samples.result, &rows, &count, &total, &query, &err) != OK) fail_msg("%s", err.message);
    assert_int_equal(total, matching);
    uint64_t left = offset < matching ? matching - offset : 0;
    assert_int_equal(count, left < limit ? left : limit);
    for (size_t i = 0; i < count; i++)
        if (rows[i] != want[offset + i])
            fail_msg("by %swhere %s: entry %zu of %llu + %llu is row %llu, not %zu",
                     order.data ? order.data : "", where ? where : "-", i, (unsigned long long)offset,
                     (unsigned long long)limit, (unsigned long long)rows[i], want[offset + i]);
    free(rows);
    text_clear(&order);
}

static void check_order(const struct order *order, const char *where) {
    size_t *want = malloc(ROWS * sizeof *want);
    assert_non_null(want);
    asked = order;
    size_t matching = sorted_rows(want, where);
    check_page(want, matching, where, 0, 50);
    check_page(want, matching, where, matching, 50);
    check_page(want, matching, where, matching - matching / 40, UINT64_MAX);
    for (size_t p = 0; p < PAGES; p++) {
        static const uint64_t limits[] = {1, 50, 1000, 20000, 60000};
        check_page(want, matching, where, sample_below(&samples, matching + 1),
                   SAMPLE_PICK(&samples, limits));
    }
    free(want);
}

static void pages_of_made_up_orders_are_those_of_a_plain_sort(void **state) {
    (void)state;
    static const char *const conditions[] = {NULL, NULL, "sharpe > -3", "flag or small == 2",
                                             "status != 'done'"};
    for (size_t i = 0; i < ORDERS; i++) {
        struct order order = {.count = 1 + i % QUERY_SORT_KEYS};
        for (size_t k = 0; k < order.count; k++) {
            order.columns[k] = sample_below(&samples, SAMPLE_COLUMNS);
            order.descending[k] = sample_below(&samples, 2);
        }
        check_order(&order, SAMPLE_PICK(&samples, conditions));
    }
}

static void every_column_sorts_both_ways(void **state) {
    (void)state;
    for (size_t c = 0; c < SAMPLE_COLUMNS; c++)
        for (int descending = 0; descending < 2; descending++)
            check_order(&(struct order){{c}, {descending}, 1}, NULL);
}

static void a_page_across_the_ends_of_long_ties_is_whole(void **state) {
    (void)state;
    static const struct order order = {{SAMPLE_WORD, SAMPLE_FLAG, SAMPLE_SMALL}, {true, false, true}, 3};
    size_t *want = malloc(ROWS * sizeof *want);
    assert_non_null(want);
    asked = &order;
    size_t matching = sorted_rows(want, NULL);
    for (size_t i = 1; i < matching; i++) {
        const struct value *words = samples.values + SAMPLE_WORD * ROWS,
                           *flags = samples.values + SAMPLE_FLAG * ROWS;
        bool is_end = compare_values(words[want[i - 1]], words[want[i]], true) != 0 ||
                      flags[want[i - 1]].boolean != flags[want[i]].boolean;
        if (is_end) check_page(want, matching, NULL, i > 25 ? i - 25 : 0, 50);
    }
    free(want);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_of_made_up_orders_are_those_of_a_plain_sort),
        cmocka_unit_test(every_column_sorts_both_ways),
        cmocka_unit_test(a_page_across_the_ends_of_long_ties_is_whole),
    };
    return cmocka_run_group_tests(tests, make_samples, clear_samples);
}
