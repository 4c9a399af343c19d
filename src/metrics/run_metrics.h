/* All metrics of one run from its account and its equity points. Formulas: kmill/metrics.h. */
#ifndef METRICS_RUN_METRICS_H
#define METRICS_RUN_METRICS_H

#include "account/ledger.h"
#include "kmill/metrics.h"
#include "kmill/series.h"

/* Scratch memory reused from run to run by one thread. Zero-initialise; metrics_scratch_clear frees. */
struct metrics_scratch {
    double *returns; /* 4 x capacity doubles: returns, the benchmark's, work of the quantile */
    size_t capacity;
};
void metrics_scratch_clear(struct metrics_scratch *scratch);

/* out: METRIC_COUNT doubles. equity: end - begin points of bars [begin, end) of series (end > begin). The
 * ledger must be at its end state; its trades' bars lie within [begin, end). Deterministic: same bits on
 * every thread and machine. Costs about as little as a pass or two over the equity. */
void run_metrics(double out[METRIC_COUNT], const struct ledger *ledger, const struct series *series,
                 size_t begin, size_t end, const double *equity, struct metrics_scratch *scratch);

#endif
