/* Distributions and importance against the textbook's formulas over sorted copies, all runs against all. */
#include "analysis_samples.h"

/* ---- distributions ---- */

static void check_distribution(enum metric metric, size_t bins, size_t condition) {
    static uint64_t rows[ROWS];
    static double values[ROWS];
    static const long double levels[] = {0.01L, 0.05L, 0.25L, 0.5L, 0.75L, 0.95L, 0.99L};
    size_t without, n = choose(rows, &without, metric, condition), binned = 0;
    struct distribution got;
    struct error err;
    must(result_distribution(&got, result, metric_info(metric)->name, bins, conditions[condition], &err),
         &err);
    assert_int_equal(got.count, n);
    assert_int_equal(got.undefined, without);
    for (size_t i = 0; i < n; i++)
        values[i] = odd_metric(sample_run_of_row(rows[i]), metric);
    qsort(values, n, sizeof *values, compare_doubles);
    if (n == 0) {
        assert_true(isnan(got.minimum) && isnan(got.mean) && isnan(got.quantiles[3]) && got.bin_count == 0);
        distribution_clear(&got);
        return;
    }
    assert_true(got.minimum == values[0] && got.maximum == values[n - 1]);
    long double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - sum / n) * (values[i] - sum / n);
    double size = fmax(fabs(values[0]), fabs(values[n - 1]));
    assert_true(fabsl(got.mean - sum / n) <= 1e-13L * size);
    if (n > 1)
        assert_true(fabsl(got.deviation - sqrtl(squares / (n - 1))) <= 1e-12L * size);
    else
        assert_true(isnan(got.deviation));
    for (size_t q = 0; q < 7; q++) {
        long double h = (n - 1) * levels[q];
        size_t below = (size_t)h, above = below + 1 < n ? below + 1 : below;
        long double expected = values[below] + (h - below) * ((long double)values[above] - values[below]);
        assert_true(fabsl(got.quantiles[q] - expected) <= 1e-12L * size);
    }
    assert_int_equal(got.bin_count, values[0] == values[n - 1] ? 1 : bins);
    assert_true(got.edges[0] == values[0] && got.edges[got.bin_count] == values[n - 1]);
    for (size_t b = 0; b < got.bin_count; b++) {
        size_t inside = 0;
        bool is_last = b + 1 == got.bin_count;
        for (size_t i = 0; i < n; i++)
            inside += values[i] >= got.edges[b] &&
                      (values[i] < got.edges[b + 1] || (is_last && values[i] == got.edges[b + 1]));
        assert_int_equal(got.bins[b], inside);
        binned += inside;
    }
    assert_int_equal(binned, n);
    distribution_clear(&got);
}

static void distributions_are_those_of_the_sorted_values(void **state) {
    (void)state;
    static const enum metric metrics[] = {METRIC_SHARPE, METRIC_TOTAL_TRADES, METRIC_PROFIT,
                                          METRIC_CAGR,   METRIC_VOLATILITY,   METRIC_SORTINO,
                                          METRIC_CALMAR, METRIC_OMEGA,        METRIC_BETA};
    for (size_t m = 0; m < sizeof metrics / sizeof *metrics; m++)
        for (size_t condition = 0; condition < CONDITIONS; condition++) {
            check_distribution(metrics[m], 50, condition);
            check_distribution(metrics[m], 1, condition);
            check_distribution(metrics[m], 7, condition);
        }
}

/* ---- importance ---- */

/* Groups by value; many numbers by their mean rank; the textbook's formulas, all runs against all. */
static void expected_importance(struct importance *out, size_t param, enum metric metric,
                                const uint64_t *rows, size_t n) {
    static double x_rank[ROWS], y_rank[ROWS], y[ROWS];
    bool numeric = true;
    out->distinct = 0;
    for (size_t i = 0; i < n; i++) {
        struct value a = axis_value(param, rows[i]);
        double below_x = 0, equal_x = 0, below_y = 0, equal_y = 0;
        numeric &= is_number(a) || a.kind == VALUE_BOOL;
        y[i] = odd_metric(sample_run_of_row(rows[i]), metric);
        bool is_new = true;
        for (size_t k = 0; k < n; k++) {
            int order = compare(axis_value(param, rows[k]), a);
            double other = odd_metric(sample_run_of_row(rows[k]), metric);
            below_x += order < 0;
            equal_x += order == 0;
            below_y += other < y[i];
            equal_y += other == y[i];
            is_new &= !(k < i && order == 0);
        }
        x_rank[i] = below_x + (equal_x + 1) / 2;
        y_rank[i] = below_y + (equal_y + 1) / 2;
        out->distinct += is_new;
    }
    long double mean = 0, all = 0, between = 0, middle = (n + 1) / 2.0L, xy = 0, xx = 0, yy = 0;
    for (size_t i = 0; i < n; i++)
        mean += y[i] / (long double)n;
    bool in_groups = numeric && out->distinct > 64;
    for (size_t i = 0; i < n; i++) {
        long double sum = 0, count = 0;
        for (size_t k = 0; k < n; k++) {
            bool together =
                in_groups ? floor((x_rank[k] - 1) * 64 / (double)n) == floor((x_rank[i] - 1) * 64 / (double)n)
                          : x_rank[k] == x_rank[i];
            if (!together) continue;
            sum += y[k];
            count++;
        }
        between += (sum / count - mean) * (sum / count - mean);
        all += (y[i] - mean) * (y[i] - mean);
        xy += (x_rank[i] - middle) * (y_rank[i] - middle);
        xx += (x_rank[i] - middle) * (x_rank[i] - middle);
        yy += (y_rank[i] - middle) * (y_rank[i] - middle);
    }
    out->share = yy > 0 ? (double)(between / all) : 0;
    out->rank_correlation = numeric && xx > 0 && yy > 0 ? (double)(xy / sqrtl(xx * yy)) : NAN;
}

static void check_importance(enum metric metric, size_t condition) {
    static uint64_t rows[ROWS];
    size_t without, n = choose(rows, &without, metric, condition), varying = 0, count;
    struct importance *list, expected;
    struct error err;
    must(result_importance(&list, &count, result, metric_info(metric)->name, conditions[condition], &err),
         &err);
    for (size_t i = 1; i < count; i++)
        assert_true(list[i - 1].share >= list[i].share);
    for (size_t p = 0; p < SWEEP_PARAMS; p++) {
        expected_importance(&expected, p, metric, rows, n);
        if (expected.distinct < 2) continue;
        varying++;
        size_t at = 0;
        while (at < count && strcmp(list[at].name, sample_param_names[p]) != 0)
            at++;
        assert_true(at < count);
        assert_int_equal(list[at].distinct, expected.distinct);
        assert_true(fabs(list[at].share - expected.share) <= 1e-9);
        assert_close(list[at].rank_correlation, expected.rank_correlation);
    }
    assert_int_equal(count, varying);
    free(list);
}

static void importance_is_the_correlation_ratio_and_spearmans_rho(void **state) {
    (void)state;
    check_importance(METRIC_SHARPE, 0);
    check_importance(METRIC_SORTINO, 1);
    check_importance(METRIC_TOTAL_TRADES, 2);
    check_importance(METRIC_ALPHA, 0);
    check_importance(METRIC_BETA, 1);
    check_importance(METRIC_PROFIT, 0);
    check_importance(METRIC_OMEGA, 0);
    check_importance(METRIC_CALMAR, 0);
}

/* By construction: alpha is made of "fast", beta rises with "threshold" alone. */
static void what_made_a_metric_is_its_most_important_parameter(void **state) {
    (void)state;
    struct importance *list;
    size_t count;
    struct error err;
    must(result_importance(&list, &count, result, "alpha", NULL, &err), &err);
    assert_string_equal(list[0].name, "fast");
    assert_true(list[0].share > 0.999999);
    free(list);
    must(result_importance(&list, &count, result, "beta", NULL, &err), &err);
    assert_string_equal(list[0].name, "threshold");
    assert_true(list[0].rank_correlation == 1.0);
    assert_true(list[0].share > 0.99 && list[0].share < 1.0);
    free(list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distributions_are_those_of_the_sorted_values),
        cmocka_unit_test(importance_is_the_correlation_ratio_and_spearmans_rho),
        cmocka_unit_test(what_made_a_metric_is_its_most_important_parameter),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
