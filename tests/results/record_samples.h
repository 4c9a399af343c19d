/* Runs made from their number, for the tests of records, journal and result files: what is expected of run i
 * is computed, not stored. */
#ifndef TESTS_RECORD_SAMPLES_H
#define TESTS_RECORD_SAMPLES_H

#include "results/run_record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_TRADES_MAX = 64, SAMPLE_EQUITY_MAX = 512, SAMPLE_TEXT_MAX = 256 };

/* A record and the memory it borrows. */
struct sample {
    struct run_record record;
    struct trade trades[SAMPLE_TRADES_MAX];
    const char *texts[2];
    double equity[SAMPLE_EQUITY_MAX];
    char message[SAMPLE_TEXT_MAX], log[SAMPLE_TEXT_MAX];
};

/* A well-mixed number of a key. */
static inline uint64_t sample_mix(uint64_t key) {
    key += 0x9e3779b97f4a7c15;
    key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9;
    key = (key ^ key >> 27) * 0x94d049bb133111eb;
    return key ^ key >> 31;
}

/* In [0, 1). */
static inline double sample_fraction(uint64_t key) {
    return (double)(sample_mix(key) >> 11) * 0x1p-53;
}

static inline double sample_metric(uint64_t run, size_t metric) {
    if (metric == METRIC_TOTAL_TRADES) return (double)(sample_mix(run) % 100);
    if (metric == METRIC_SHARPE && run % 17 == 0) return NAN;
    return sample_fraction(run * 64 + metric) * 2 - 0.5;
}

static inline struct trade sample_trade(uint64_t run, size_t index) {
    uint64_t key = run * 1000 + index;
    return (struct trade){.bar = (int64_t)(100 + 7 * index + run % 5),
                          .price = 100 + sample_fraction(key),
                          .amount = sample_fraction(key + 1),
                          .fee = sample_fraction(key + 2),
                          .balance = 1e4 * sample_fraction(key + 3),
                          .position = index % 2 ? 0 : sample_fraction(key + 1),
                          .total_value = 1e4 * sample_fraction(key + 4),
                          .profit = index % 2 ? sample_fraction(key + 5) - 0.5 : 0,
                          .text = index == 3 ? 1 : 0,
                          .side = (uint8_t)(index % 2),
                          .stamp = (uint8_t)(index == 3       ? STAMP_TEXT
                                             : index % 3 == 1 ? STAMP_CLOSE_TIME
                                                              : STAMP_OPEN_TIME),
                          .after_close = (uint8_t)(index % 5 == 4)};
}

static inline size_t sample_trade_count(uint64_t run) {
    return run % 4 == 0 ? 0 : 4 + run % 23;
}

static inline double sample_equity(uint64_t run, size_t point) {
    return 1e4 + floor(sample_fraction(run * 7919 + point / 3) * 1e6) / 100;
}

static inline bool sample_fails(uint64_t run) {
    return run % 11 == 5;
}

static inline void sample_fill_failure(struct sample *sample, uint64_t run) {
    struct run_record *record = &sample->record;
    snprintf(sample->message, SAMPLE_TEXT_MAX,
             "run %llu: d\xC3\xA9"
             "bordement",
             (unsigned long long)run);
    record->status = RUN_FAILED;
    record->error_type = "ValueError";
    record->error_message = sample->message;
    record->traceback = "  line 7, in run\n    raise ValueError\n";
    record->error_line = 7;
    record->error_column = (int)(run % 80);
    record->error_bar = (int64_t)(run % 1000);
}

/* equity_points 0: no curve is kept. */
static inline void sample_make(struct sample *sample, uint64_t run, uint32_t series, size_t equity_points) {
    memset(sample, 0, sizeof *sample);
    struct run_record *record = &sample->record;
    record->run = run;
    record->series = series;
    record->elapsed_seconds = 1e-3 * (double)(run % 7);
    record->error_bar = -1;
    if (run % 6 == 0) {
        snprintf(sample->log, SAMPLE_TEXT_MAX, "printed by %llu\n", (unsigned long long)run);
        record->log = sample->log;
        record->log_length = strlen(sample->log);
    }
    if (sample_fails(run)) {
        sample_fill_failure(sample, run);
        return;
    }
    for (size_t m = 0; m < METRIC_COUNT; m++)
        record->metrics[m] = sample_metric(run, m);
    for (size_t p = 0; p < SPARKLINE_POINTS; p++)
        record->sparkline[p] = (float)sample_equity(run, p);
    record->trade_count = sample_trade_count(run);
    record->trade_total = record->trade_count;
    for (size_t t = 0; t < record->trade_count; t++)
        sample->trades[t] = sample_trade(run, t);
    sample->texts[0] = "never";
    sample->texts[1] = "2024-02-30T12:00";
    record->trades = record->trade_count ? sample->trades : NULL;
    record->trade_texts = record->trade_count ? sample->texts : NULL;
    record->trade_text_count = record->trade_count ? 2 : 0;
    for (size_t p = 0; p < equity_points; p++)
        sample->equity[p] = sample_equity(run, p);
    record->equity = equity_points ? sample->equity : NULL;
    record->equity_count = equity_points;
    if (run % 3 == 0) {
        record->warnings = "slow_period 60 never fits klineWndSize 50";
        record->warnings_length = strlen(record->warnings);
    }
}

#endif
