/* The one interface through which the bar loop reaches a strategy: start, on_bar, on_day_end, finish. CPython
 * is one executor (python_executor.h); strategies compiled to native code can become another without touching
 * sweep, ledger or results. */
#ifndef STRATEGY_EXECUTOR_H
#define STRATEGY_EXECUTOR_H

#include "account/ledger.h"
#include "base/text.h"
#include "indicator/shared_columns.h"
#include "kmill/error.h"
#include "kmill/series.h"
#include "base/value.h"

/* What one run gets; all borrowed until finish returns. */
struct run_input {
    const struct series *series;
    struct shared_columns *columns; /* of that series */
    const struct parameter_value *params;
    size_t param_count;
    size_t window;     /* klineWndSize, >= 1 */
    size_t first_bar;  /* klines from here on go into the cache (warm-up) ... */
    size_t begin, end; /* ... and the strategy runs on bars [begin, end) of the series; first_bar <= begin */
    bool keep_equity;  /* unused by executors; see engine/backtest.h */
};

/* Why a run failed; strings are malloc'd, run_failure_clear frees. */
struct run_failure {
    char *type;      /* exception type, "TimeLimit", "MemoryLimit", "Killed" */
    char *message;   /* one line */
    char *traceback; /* the strategy's own frames with its own line numbers, may be "" */
    int line;        /* of the strategy file, 0 if unknown */
    int column;      /* of the expression that failed, in characters from 1; 0 if unknown */
    int64_t bar;     /* -1: before the first bar */
};
void run_failure_clear(struct run_failure *failure);

/* What the executor knows at the end of a run. Zero-initialise; run_report_clear frees. */
struct run_report {
    struct text log;      /* what the strategy printed, bounded, with a note when cut */
    struct text warnings; /* e.g. "slow_period 60 never fits klineWndSize 50", one a line */
    struct run_failure failure;
};
void run_report_clear(struct run_report *report);

/* One per worker thread; used by that thread only. Every function but destroy returns OK, ERR_STRATEGY (the
 * strategy raised), ERR_LIMIT (time or memory limit) or ERR_CANCELLED; details then wait in the report that
 * finish fills. After a failure only finish may be called. */
struct executor {
    const struct executor_ops *ops;
};
struct executor_ops {
    /* Makes a fresh strategy; the account starts as the ledger stands. Trades go to ledger, which outlives
     * the run. */
    status (*start)(struct executor *self, const struct run_input *input, struct ledger *ledger);
    /* A warm-up candle: goes into the cache, the strategy is not called. */
    status (*on_warmup)(struct executor *self, size_t bar);
    /* The kline goes into the cache, then strategy.run. ledger->moment is set by the caller. */
    status (*on_bar)(struct executor *self, size_t bar);
    /* The equity point of a bar was taken (live equity_curve lists). */
    void (*on_equity)(struct executor *self, size_t bar, double equity);
    /* True if on_equity need be called at all. Asked once a bar after on_bar. */
    bool (*wants_equity)(struct executor *self);
    /* bar is the last of its UTC day. */
    status (*on_day_end)(struct executor *self, size_t bar);
    /* Ends the run whatever happened, fills report, leaves nothing of the run behind. */
    void (*finish)(struct executor *self, struct run_report *report);
    void (*destroy)(struct executor *self);
};

#endif
