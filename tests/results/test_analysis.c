/* Heatmaps, distributions and importance against implementations that compare every value with every other:
 * the values come one by one through result_param, conditions are written out in C. */
#include "base/value.h"
#include "kmill/analysis.h"
#include "result_samples.h"

#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
#include <cmocka.h>

enum { ROWS = 2500 };
static char folder[] = "/tmp/kmill-analysis-XXXXXX";
static struct result *result;

static void must(status rc, const struct error *err) {
    if (rc != OK) fail_msg("%d: %s", rc, err->message);
}

/* Metrics with values that are hard to add up or to put in order. */
static double odd_metric(uint64_t run, enum metric metric) {
    double fraction = sample_fraction(run * 977 + 5);
    switch (metric) {
    case METRIC_PROFIT: /* constant */
        return 0.1;
    case METRIC_CAGR: /* sums overflow */
        return run % 2 ? DBL_MAX * fraction : -DBL_MAX * fraction;
    case METRIC_VOLATILITY: /* squares underflow */
        return 1e-300 * (1 + fraction);
    case METRIC_SORTINO: /* many ties, zeros of both signs */
        return run % 7 == 0 ? -0.0 : (double)(run % 5);
    case METRIC_CALMAR:
        return NAN;
    case METRIC_OMEGA: /* one alone */
        return run == 60 ? 3.5 : NAN;
    case METRIC_ALPHA: /* explained by "fast", which is run % 40 - 5 */
        return (double)((run % 40) * (run % 40)) + 1e-3 * fraction;
    case METRIC_BETA: /* rises with "threshold", which is run / 3 */
        return (double)run * (double)run;
    default:
        return sample_metric(run, metric);
    }
}

static bool append_odd(struct journal *journal, uint64_t run) {
    static struct sample sample;
    struct text bytes = {0};
    sample_make(&sample, run, sample_series_of(run), 0);
    for (enum metric m = 0; sample.record.status == RUN_DONE && m < METRIC_COUNT; m++)
        sample.record.metrics[m] = odd_metric(run, m);
    bool done = run_record_encode(&bytes, &sample.record, NULL) == OK &&
                journal_append(journal, run, bytes.data, bytes.length, NULL) == OK;
    text_clear(&bytes);
    return done;
}

static int make_file(void **state) {
    (void)state;
    char path[64];
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/a.h5", folder);
    struct error err;
    struct provenance provenance = sample_sweep();
    struct result_options options = sample_options();
    struct journal *journal;
    must(journal_create(&journal, path, false, &provenance, &err), &err);
    for (uint64_t row = 0; row < ROWS; row++)
        assert_true(append_odd(journal, sample_run_of_row(row)));
    must(journal_close(journal, &err), &err);
    must(result_write(path, &options, &err), &err);
    must(result_open(&result, path, &err), &err);
    return 0;
}

static int remove_file(void **state) {
    (void)state;
    char command[96];
    result_close(result);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* ---- the second implementation: which runs, which values ---- */

static const char *const conditions[] = {NULL, "totalTrades >= 40 and fast > 3", "mode == 'a' or flag",
                                         "fast > 1000"};
enum { CONDITIONS = sizeof conditions / sizeof *conditions };

static bool holds(size_t condition, uint64_t run) {
    bool trades = odd_metric(run, METRIC_TOTAL_TRADES) >= 40;
    switch (condition) {
    case 0:
        return true;
    case 1:
        return trades && (int)(run % 40) - 5 > 3;
    case 2:
        return run % 3 == 0 || run % 2;
    default:
        return false;
    }
}

/* Rows that are done, chosen and have a value of the metric; *without: those that lack one. */
static size_t choose(uint64_t *rows, size_t *without, enum metric metric, size_t condition) {
    size_t count = 0;
    *without = 0;
    for (uint64_t row = 0; row < ROWS; row++) {
        uint64_t run = sample_run_of_row(row);
        if (sample_fails(run) || !holds(condition, run)) continue;
        if (isnan(odd_metric(run, metric)))
            ++*without;
        else
            rows[count++] = row;
    }
    return count;
}

static const char *const axis_names[] = {"fast",  "threshold", "mode",   "flag",
                                         "ratio", "odd/name",  "symbol", "interval"};
enum { AXES = sizeof axis_names / sizeof *axis_names };

static struct value axis_value(size_t axis, uint64_t row) {
    static const char *const symbols[] = {"BTCUSDT", "ETHUSDT"}, *const intervals[] = {"1h", "4h"};
    uint32_t series = sample_series_of(sample_run_of_row(row));
    struct value value;
    if (axis >= SWEEP_PARAMS)
        return (struct value){.kind = VALUE_TEXT,
                              .text = (axis == SWEEP_PARAMS ? symbols : intervals)[series]};
    must(result_param(result, &value, axis, row, NULL), &(struct error){0});
    return value;
}

static bool is_number(struct value value) {
    return value.kind == VALUE_INT || value.kind == VALUE_FLOAT;
}

/* none < bools < numbers < text. */
static int compare(struct value a, struct value b) {
    static const int class[] = {
        [VALUE_NONE] = 0, [VALUE_BOOL] = 1, [VALUE_INT] = 2, [VALUE_FLOAT] = 2, [VALUE_TEXT] = 3};
    double x = 0, y = 0;
    if (class[a.kind] != class[b.kind]) return class[a.kind] < class[b.kind] ? -1 : 1;
    if (a.kind == VALUE_TEXT) return strcmp(a.text, b.text);
    value_as_double(&x, a);
    value_as_double(&y, b);
    return (x > y) - (x < y);
}

/* ---- heatmaps ---- */

/* Whether the axis has the row at place `at`. */
static bool stands_at(const struct heatmap_axis *axis, size_t at, size_t name, uint64_t row) {
    struct value value = axis_value(name, row);
    double real;
    if (axis->values) return compare(axis->values[at], value) == 0;
    assert_true(value_as_double(&real, value));
    return real >= axis->edges[at] &&
           (real < axis->edges[at + 1] || (at + 1 == axis->count && real == axis->edges[at + 1]));
}

static void check_axis(const struct heatmap_axis *axis, size_t name, const uint64_t *rows, size_t count) {
    assert_string_equal(axis->name, axis_names[name]);
    for (size_t i = 1; axis->values && i < axis->count; i++)
        assert_true(compare(axis->values[i - 1], axis->values[i]) < 0);
    for (size_t i = 0; axis->edges && i < axis->count; i++)
        assert_true(axis->edges[i] < axis->edges[i + 1]);
    size_t different = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_new = true;
        size_t places = 0;
        for (size_t k = 0; k < i && is_new; k++)
            is_new = compare(axis_value(name, rows[k]), axis_value(name, rows[i])) != 0;
        different += is_new;
        for (size_t at = 0; at < axis->count; at++)
            places += stands_at(axis, at, name, rows[i]);
        assert_int_equal(places, 1);
    }
    assert_int_equal(axis->count, axis->values ? different : HEATMAP_AXIS_MAX);
    if (axis->edges) assert_true(different > HEATMAP_AXIS_MAX);
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double aggregated(const double *values, size_t count, enum aggregate aggregate) {
    static double sorted[ROWS];
    long double sum = 0, squares = 0;
    memcpy(sorted, values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_doubles);
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    long double mean = sum / (long double)count;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    switch (aggregate) {
    case AGGREGATE_MAX:
        return sorted[count - 1];
    case AGGREGATE_MIN:
        return sorted[0];
    case AGGREGATE_MEAN:
        return (double)mean;
    case AGGREGATE_MEDIAN:
        return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
    case AGGREGATE_COUNT:
        return (double)count;
    case AGGREGATE_STD:
        break;
    }
    return count > 1 ? (double)sqrtl(squares / (long double)(count - 1)) : NAN;
}

static void assert_close(double got, double expected) {
    if (isnan(expected) && isnan(got)) return;
    if (!(fabs(got - expected) <= 1e-11 * fabs(expected) + 1e-13))
        fail_msg("%.17g is not %.17g", got, expected);
}

/* Every cell from all its rows, gathered by comparing each run with it. */
static void check_cells(const struct heatmap *map, size_t x, size_t y, enum metric metric,
                        enum aggregate aggregate, const uint64_t *rows, size_t count) {
    static double values[ROWS];
    static size_t place_x[ROWS], place_y[ROWS];
    int better = metric_info(metric)->better;
    double lowest = NAN, highest = NAN;
    for (size_t i = 0; i < count; i++) {
        while (place_x[i] = place_x[i] % map->x.count, !stands_at(&map->x, place_x[i], x, rows[i]))
            place_x[i]++;
        while (place_y[i] = place_y[i] % map->y.count, !stands_at(&map->y, place_y[i], y, rows[i]))
            place_y[i]++;
    }
    for (size_t cell = 0; cell < map->x.count * map->y.count; cell++) {
        size_t n = 0;
        uint64_t best = UINT64_MAX;
        for (size_t i = 0; i < count; i++) {
            if (place_y[i] * map->x.count + place_x[i] != cell) continue;
            uint64_t run = sample_run_of_row(rows[i]);
            values[n++] = odd_metric(run, metric);
            double so_far = best == UINT64_MAX ? 0 : odd_metric(best, metric);
            if (best == UINT64_MAX || (better < 0 ? values[n - 1] < so_far : values[n - 1] > so_far))
                best = run;
        }
        assert_int_equal(map->counts[cell], n);
        assert_int_equal(map->best_run[cell], best);
        assert_close(map->cells[cell], n ? aggregated(values, n, aggregate) : NAN);
        lowest = fmin(lowest, map->cells[cell]);
        highest = fmax(highest, map->cells[cell]);
    }
    assert_true(isnan(lowest) ? isnan(map->minimum) && isnan(map->maximum)
                              : map->minimum == lowest && map->maximum == highest);
}

static void check_heatmap(size_t x, size_t y, enum metric metric, enum aggregate aggregate,
                          size_t condition) {
    static uint64_t rows[ROWS];
    size_t without, count = choose(rows, &without, metric, condition);
    struct heatmap map;
    struct error err;
    must(result_heatmap(&map, result, axis_names[x], axis_names[y], metric_info(metric)->name, aggregate,
                        conditions[condition], &err),
         &err);
    check_axis(&map.x, x, rows, count);
    check_axis(&map.y, y, rows, count);
    check_cells(&map, x, y, metric, aggregate, rows, count);
    heatmap_clear(&map);
}

static void every_pair_of_axes_makes_the_heatmap_of_its_runs(void **state) {
    (void)state;
    for (size_t x = 0; x < AXES; x++)
        for (size_t y = 0; y < AXES; y++)
            if (x != y) check_heatmap(x, y, METRIC_SHARPE, AGGREGATE_MEDIAN, (x + y) % CONDITIONS);
}

static void every_aggregate_is_that_of_the_cell(void **state) {
    (void)state;
    for (enum aggregate a = AGGREGATE_MAX; a <= AGGREGATE_STD; a++) {
        check_heatmap(0, 2, METRIC_SHARPE, a, 0);
        check_heatmap(0, 4, METRIC_MAX_DRAWDOWN, a, 1); /* lower is better */
        check_heatmap(2, 3, METRIC_SORTINO, a, 2);      /* ties: the lowest run is the best */
        check_heatmap(5, 3, METRIC_OMEGA, a, 0);        /* one run */
        check_heatmap(5, 3, METRIC_CALMAR, a, 0);       /* none at all */
        check_heatmap(4, 3, METRIC_VOLATILITY, a, 0);
    }
}

static void a_deviation_beyond_the_doubles_is_no_cell_value(void **state) {
    (void)state;
    struct heatmap map;
    struct error err;
    must(result_heatmap(&map, result, "mode", "flag", "cagr", AGGREGATE_STD, NULL, &err), &err);
    for (size_t cell = 0; cell < map.x.count * map.y.count; cell++) {
        assert_true(map.counts[cell] > 1);
        assert_true(isnan(map.cells[cell]));
    }
    assert_true(isnan(map.minimum) && isnan(map.maximum));
    heatmap_clear(&map);
}

static void wrong_axes_metrics_and_conditions_are_told_with_the_nearest_name(void **state) {
    (void)state;
    static const struct {
        const char *x, *y, *metric, *where, *message;
    } cases[] = {
        {"fast", "fast", "sharpe", NULL, "both axes are 'fast'; a heatmap wants two different ones"},
        {"fas", "mode", "sharpe", NULL, "there is no parameter 'fas'; did you mean 'fast'?"},
        {"fast", "intervall", "sharpe", NULL, "there is no parameter 'intervall'; did you mean 'interval'?"},
        {"fast", "mode", "sharp", NULL, "there is no metric 'sharp'; did you mean 'sharpe'?"},
        {"fast", "zzzzzz", "sharpe", NULL,
         "there is no parameter 'zzzzzz'; an axis is a parameter, symbol or interval"}};
    struct heatmap map;
    struct error err;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(result_heatmap(&map, result, cases[i].x, cases[i].y, cases[i].metric, AGGREGATE_MAX,
                                        cases[i].where, &err),
                         ERR_INPUT);
        assert_string_equal(err.message, cases[i].message);
    }
    assert_int_equal(result_heatmap(&map, result, "fast", "mode", "sharpe", AGGREGATE_MAX, "fast >", &err),
                     ERR_INPUT);
    assert_true(err.column > 0);
    struct distribution distribution;
    assert_int_equal(result_distribution(&distribution, result, "sharpe", 0, NULL, &err), ERR_INPUT);
    assert_int_equal(result_distribution(&distribution, result, "nothing", 5, NULL, &err), ERR_INPUT);
    struct importance *list;
    size_t count;
    assert_int_equal(result_importance(&list, &count, result, "nothing", NULL, &err), ERR_INPUT);
    enum aggregate aggregate;
    assert_true(aggregate_parse(&aggregate, "std") && aggregate == AGGREGATE_STD);
    assert_false(aggregate_parse(&aggregate, "sum"));
}

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
        cmocka_unit_test(every_pair_of_axes_makes_the_heatmap_of_its_runs),
        cmocka_unit_test(every_aggregate_is_that_of_the_cell),
        cmocka_unit_test(a_deviation_beyond_the_doubles_is_no_cell_value),
        cmocka_unit_test(wrong_axes_metrics_and_conditions_are_told_with_the_nearest_name),
        cmocka_unit_test(distributions_are_those_of_the_sorted_values),
        cmocka_unit_test(importance_is_the_correlation_ratio_and_spearmans_rho),
        cmocka_unit_test(what_made_a_metric_is_its_most_important_parameter),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
