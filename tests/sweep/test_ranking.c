/* The best N of a stream: against sorting everything, in any order of arrival. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "sweep/ranking.h"

#include <math.h>
#include <stdlib.h>

enum { RUNS = 3000 };

struct entry {
    uint64_t run;
    double metrics[METRIC_COUNT];
};

static const struct sweep_spec *compared_by; /* for qsort */

static int by_rank(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    double x = a->metrics[compared_by->rank_metric], y = b->metrics[compared_by->rank_metric];
    if (isnan(x) != isnan(y)) return isnan(x) ? 1 : -1;
    if (x < y) return compared_by->rank_descending ? 1 : -1;
    if (x > y) return compared_by->rank_descending ? -1 : 1;
    return a->run < b->run ? -1 : 1;
}

static uint32_t state_of_lcg = 1;
static uint32_t random_below(uint32_t limit) {
    state_of_lcg = state_of_lcg * 1664525u + 1013904223u;
    return (state_of_lcg >> 8) % limit;
}

/* Values repeat (ties), some are NaN, some fail the filter. */
static void fill(struct entry *entries) {
    for (uint64_t i = 0; i < RUNS; i++) {
        entries[i].run = i;
        for (int m = 0; m < METRIC_COUNT; m++)
            entries[i].metrics[m] = NAN;
        if (random_below(10)) entries[i].metrics[METRIC_SHARPE] = (double)random_below(500) - 250.0;
        if (random_below(20)) entries[i].metrics[METRIC_TOTAL_TRADES] = random_below(10);
    }
}

static void shuffle(struct entry *entries) {
    for (uint32_t i = RUNS - 1; i > 0; i--) {
        uint32_t j = random_below(i + 1);
        struct entry kept = entries[i];
        entries[i] = entries[j];
        entries[j] = kept;
    }
}

static size_t without_refused(struct entry *entries) {
    size_t kept = 0;
    for (size_t i = 0; i < RUNS; i++) {
        double trades = entries[i].metrics[METRIC_TOTAL_TRADES];
        if (trades >= 3 && trades <= 8) entries[kept++] = entries[i];
    }
    return kept;
}

static void it_keeps_what_sorting_everything_would(void **state) {
    (void)state;
    static struct entry entries[RUNS];
    static struct ranked_run ranked[2 * RUNS];
    static const size_t limits[] = {1, 2, 7, 100, 129, RUNS, 2 * RUNS};
    struct filter filter = {METRIC_TOTAL_TRADES, 3.0, 8.0};
    for (int round = 0; round < 14; round++) {
        struct sweep_spec spec = {.rank_metric = METRIC_SHARPE,
                                  .rank_descending = round % 2,
                                  .filters = &filter,
                                  .filter_count = 1};
        size_t limit = limits[round / 2];
        struct ranking *ranking;
        assert_int_equal(ranking_open(&ranking, &spec, limit, NULL), OK);
        fill(entries);
        shuffle(entries);
        for (size_t i = 0; i < RUNS; i++)
            ranking_add(ranking, entries[i].run, entries[i].metrics);
        size_t kept = without_refused(entries), expected = kept < limit ? kept : limit;
        compared_by = &spec;
        qsort(entries, kept, sizeof *entries, by_rank);
        assert_int_equal(ranking_sorted(ranking, ranked), expected);
        for (size_t i = 0; i < expected; i++)
            assert_int_equal(ranked[i].run, entries[i].run);
        struct ranked_run best;
        assert_true(ranking_best(ranking, &best));
        assert_int_equal(best.run, entries[0].run);
        assert_true(best.value == entries[0].metrics[METRIC_SHARPE]);
        ranking_close(ranking);
    }
}

static void runs_that_fail_a_filter_are_not_ranked(void **state) {
    (void)state;
    struct filter filters[] = {{METRIC_TOTAL_TRADES, 5.0, NAN}, {METRIC_MAX_DRAWDOWN, NAN, 0.3}};
    struct sweep_spec spec = {
        .rank_metric = METRIC_PROFIT_RATE, .rank_descending = true, .filters = filters, .filter_count = 2};
    struct ranking *ranking;
    struct ranked_run best;
    double metrics[METRIC_COUNT] = {0};
    assert_int_equal(ranking_open(&ranking, &spec, 10, NULL), OK);
    assert_false(ranking_best(ranking, &best));
    metrics[METRIC_TOTAL_TRADES] = 4;
    ranking_add(ranking, 1, metrics);
    metrics[METRIC_TOTAL_TRADES] = 5;
    metrics[METRIC_MAX_DRAWDOWN] = 0.31;
    ranking_add(ranking, 2, metrics);
    metrics[METRIC_MAX_DRAWDOWN] = NAN;
    ranking_add(ranking, 3, metrics);
    assert_false(ranking_best(ranking, &best));
    assert_int_equal(ranking_sorted(ranking, &best), 0);
    metrics[METRIC_MAX_DRAWDOWN] = 0.3;
    ranking_add(ranking, 4, metrics);
    assert_true(ranking_best(ranking, &best));
    assert_int_equal(best.run, 4);
    ranking_close(ranking);
    ranking_close(NULL);
}

static void undefined_values_come_last_in_either_direction(void **state) {
    (void)state;
    for (int descending = 0; descending < 2; descending++) {
        struct sweep_spec spec = {.rank_metric = METRIC_SHARPE, .rank_descending = descending};
        struct ranking *ranking;
        struct ranked_run out[3];
        double metrics[METRIC_COUNT] = {0};
        assert_int_equal(ranking_open(&ranking, &spec, 3, NULL), OK);
        metrics[METRIC_SHARPE] = NAN;
        ranking_add(ranking, 0, metrics);
        ranking_add(ranking, 1, metrics);
        metrics[METRIC_SHARPE] = -5;
        ranking_add(ranking, 2, metrics);
        assert_int_equal(ranking_sorted(ranking, out), 3);
        assert_int_equal(out[0].run, 2);
        assert_int_equal(out[1].run, 0);
        assert_int_equal(out[2].run, 1);
        ranking_close(ranking);
    }
}

static void a_limit_of_zero_keeps_nothing(void **state) {
    (void)state;
    struct sweep_spec spec = {.rank_metric = METRIC_SHARPE};
    struct ranking *ranking;
    struct ranked_run best;
    double metrics[METRIC_COUNT] = {0};
    assert_int_equal(ranking_open(&ranking, &spec, 0, NULL), OK);
    ranking_add(ranking, 0, metrics);
    assert_false(ranking_best(ranking, &best));
    ranking_close(ranking);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_keeps_what_sorting_everything_would),
        cmocka_unit_test(runs_that_fail_a_filter_are_not_ranked),
        cmocka_unit_test(undefined_values_come_last_in_either_direction),
        cmocka_unit_test(a_limit_of_zero_keeps_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
