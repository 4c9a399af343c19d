/* The bar loop: one run of one strategy over one series. Knows the executor interface and the ledger, not
 * Python. */
#ifndef ENGINE_BACKTEST_H
#define ENGINE_BACKTEST_H

#include "metrics/run_metrics.h"
#include "results/run_record.h"
#include "strategy/executor.h"
#include <stdatomic.h>

enum { PROGRESS_BARS = 512 };

/* One thread's reusable memory and the outcome of its last run. Zero-initialise; backtest_clear frees. */
struct backtest {
    struct ledger ledger;
    struct metrics_scratch scratch;
    double *equity; /* of bars [begin, end) of the last run, as far as it came */
    size_t equity_capacity;
    size_t bars;                  /* how many equity points there are */
    double metrics[METRIC_COUNT]; /* all NaN unless the run is done */
    enum run_status status;
    struct run_report report;
    double elapsed_seconds;     /* CPU time of the calling thread */
    _Atomic uint64_t *progress; /* gets the number of bars done, every PROGRESS_BARS; NULL: nobody asks */
};

/* Runs it. The order of steps of each bar is the strategy contract's. ERR_MEMORY only; a strategy that fails
 * is a status. */
status backtest_run(struct backtest *self, struct executor *executor, const struct run_input *input,
                    const struct account_rules *rules, struct error *err);

/* `count` points of the curve, evenly spaced, the first and the last included (count > bars: every bar).
 * Returns how many. */
size_t backtest_sample(double *out, size_t count, const double *equity, size_t bars);

void backtest_clear(struct backtest *self);

#endif
