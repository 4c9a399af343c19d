/* A result file whose metrics are hard to add up or to put in order, and the second implementation of "which
 * runs, which values" for the tests of analyses: values come one by one through result_param, conditions are
 * written out in C. */
#ifndef TESTS_ANALYSIS_SAMPLES_H
#define TESTS_ANALYSIS_SAMPLES_H

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

static inline void must(status rc, const struct error *err) {
    if (rc != OK) fail_msg("%d: %s", rc, err->message);
}

/* Metrics with values that are hard to add up or to put in order. */
static inline double odd_metric(uint64_t run, enum metric metric) {
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

static inline bool append_odd(struct journal *journal, uint64_t run) {
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

static inline int make_file(void **state) {
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

static inline int remove_file(void **state) {
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

static inline bool holds(size_t condition, uint64_t run) {
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
static inline size_t choose(uint64_t *rows, size_t *without, enum metric metric, size_t condition) {
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

static inline struct value axis_value(size_t axis, uint64_t row) {
    static const char *const symbols[] = {"BTCUSDT", "ETHUSDT"}, *const intervals[] = {"1h", "4h"};
    uint32_t series = sample_series_of(sample_run_of_row(row));
    struct value value;
    if (axis >= SWEEP_PARAMS)
        return (struct value){.kind = VALUE_TEXT,
                              .text = (axis == SWEEP_PARAMS ? symbols : intervals)[series]};
    must(result_param(result, &value, axis, row, NULL), &(struct error){0});
    return value;
}

static inline bool is_number(struct value value) {
    return value.kind == VALUE_INT || value.kind == VALUE_FLOAT;
}

/* none < bools < numbers < text. */
static inline int compare(struct value a, struct value b) {
    static const int class[] = {
        [VALUE_NONE] = 0, [VALUE_BOOL] = 1, [VALUE_INT] = 2, [VALUE_FLOAT] = 2, [VALUE_TEXT] = 3};
    double x = 0, y = 0;
    if (class[a.kind] != class[b.kind]) return class[a.kind] < class[b.kind] ? -1 : 1;
    if (a.kind == VALUE_TEXT) return strcmp(a.text, b.text);
    value_as_double(&x, a);
    value_as_double(&y, b);
    return (x > y) - (x < y);
}

static inline int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline void assert_close(double got, double expected) {
    if (isnan(expected) && isnan(got)) return;
    if (!(fabs(got - expected) <= 1e-11 * fabs(expected) + 1e-13))
        fail_msg("%.17g is not %.17g", got, expected);
}

#endif
