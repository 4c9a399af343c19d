/* A sweep made from numbers: journal and result file of sample runs (record_samples.h) over two series, with
 * parameters of every kind. */
#ifndef TESTS_RESULT_SAMPLES_H
#define TESTS_RESULT_SAMPLES_H

#include "record_samples.h"
#include "results/journal.h"
#include "results/result_writer.h"

enum { SWEEP_PARAMS = 6, SWEEP_BARS = 400, SWEEP_FIRST_BAR = 50 };

static const char *const sample_param_names[SWEEP_PARAMS] = {"fast", "threshold", "mode",
                                                             "flag", "ratio",     "odd/name"};
static const char *const sample_modes[] = {"a", "long name",
                                           "\xC3\xBC"
                                           "ber"};

static inline bool sample_params(void *context, uint64_t run, struct value *values) {
    (void)context;
    values[0] = (struct value){.kind = VALUE_INT, .integer = (int64_t)(run % 40) - 5};
    values[1] = (struct value){.kind = VALUE_FLOAT, .real = (double)run / 3};
    values[2] = (struct value){.kind = VALUE_TEXT, .text = sample_modes[run % 3]};
    values[3] = (struct value){.kind = VALUE_BOOL, .boolean = run % 2};
    values[4] = run % 2 ? (struct value){.kind = VALUE_INT, .integer = (int64_t)run % 7}
                        : (struct value){.kind = VALUE_FLOAT, .real = (double)(run % 7)};
    switch (run % 5) {
    case 0:
        values[5] = (struct value){.kind = VALUE_NONE};
        break;
    case 1:
        values[5] = (struct value){.kind = VALUE_TEXT, .text = "say \"hi\"\n\\"};
        break;
    case 2:
        values[5] = (struct value){.kind = VALUE_INT, .integer = INT64_MAX};
        break;
    case 3:
        values[5] = (struct value){.kind = VALUE_FLOAT, .real = 1e300 * 10};
        break;
    default:
        values[5] = (struct value){.kind = VALUE_BOOL, .boolean = true};
        break;
    }
    return true;
}

static inline struct provenance sample_sweep(void) {
    static struct series_provenance series[] = {{.symbol = "BTCUSDT",
                                                 .interval = "1h",
                                                 .store = "klines",
                                                 .source = "csv",
                                                 .bars = SWEEP_BARS,
                                                 .begin_ms = 1000,
                                                 .end_ms = 2000,
                                                 .checksum = 4000000000},
                                                {.symbol = "ETHUSDT",
                                                 .interval = "4h",
                                                 .store = "klines",
                                                 .source = "csv",
                                                 .bars = SWEEP_BARS,
                                                 .begin_ms = 1000,
                                                 .end_ms = 2000,
                                                 .checksum = 2}};
    return (struct provenance){.name = "sample",
                               .yaml = "name: sample\n",
                               .yaml_path = "sample.yaml",
                               .strategy = "class Strategy(IStrategy): pass\n",
                               .strategy_path = "s.py",
                               .strategy_sha256 = "00ff",
                               .engine_version = "0.1.0",
                               .python_version = "3.13",
                               .host = "h",
                               .cpu = "c",
                               .libc = "g",
                               .started_at = "2024-01-01T00:00:00+00:00",
                               .seed = UINT64_MAX - 1,
                               .space_size = 100000,
                               .allowed = 5000,
                               .param_names = (char **)sample_param_names,
                               .param_count = SWEEP_PARAMS,
                               .series = series,
                               .series_count = 2,
                               .rank_metric = "sharpe",
                               .rank_descending = 1};
}

/* Candles of both series: times and prices follow from series and bar. */
static inline const struct series_columns *sample_candles(void) {
    static int64_t open_time[2][SWEEP_BARS], close_time[2][SWEEP_BARS];
    static double prices[2][5][SWEEP_BARS];
    static struct series_columns columns[2];
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < SWEEP_BARS; i++) {
            open_time[k][i] = (int64_t)(1704067200000 + (i + SWEEP_FIRST_BAR) * (k ? 14400000 : 3600000));
            close_time[k][i] = open_time[k][i] + (k ? 14400000 : 3600000) - 1;
            for (size_t c = 0; c < 5; c++)
                prices[k][c][i] = 100 + sample_fraction(k * 10000 + c * 1000 + i);
        }
        columns[k] =
            (struct series_columns){open_time[k], close_time[k], prices[k][0],    prices[k][1], prices[k][2],
                                    prices[k][3], prices[k][4],  SWEEP_FIRST_BAR, SWEEP_BARS};
    }
    return columns;
}

static inline uint64_t sample_run_of_row(uint64_t row) {
    return row * 3 + row / 100; /* not every index is a run */
}
static inline uint32_t sample_series_of(uint64_t run) {
    return (uint32_t)(sample_mix(run + 77) % 2);
}
static inline size_t sample_curve_points(uint64_t run) {
    return run % 10 == 0 && !sample_fails(run) ? SWEEP_BARS : 0;
}

static inline bool sample_append(struct journal *journal, uint64_t run, size_t equity_points) {
    struct sample sample;
    struct text bytes = {0};
    sample_make(&sample, run, sample_series_of(run), equity_points);
    bool done = run_record_encode(&bytes, &sample.record, NULL) == OK &&
                journal_append(journal, run, bytes.data, bytes.length, NULL) == OK;
    text_clear(&bytes);
    return done;
}

static inline struct result_options sample_options(void) {
    return (struct result_options){.params = sample_params,
                                   .series = sample_candles(),
                                   .complete = true,
                                   .finished_at = "2024-01-02T00:00:00+00:00"};
}

#endif
