/* The parts of run_metrics, one file each. Each fills its own metrics of out; inside metrics only. */
#ifndef METRICS_METRIC_PARTS_H
#define METRICS_METRIC_PARTS_H

#include "metrics/run_metrics.h"

/* What all parts look at: n bars of the range, e_0 and the equity points. */
struct metric_input {
    const struct ledger *ledger;
    const struct series *series; /* of the range only: bar 0 is its first */
    size_t n;
    int64_t first_bar;    /* of the range, in the numbers trades use */
    double initial;       /* e_0 */
    const double *equity; /* e_1..e_n */
    double bars_per_year; /* P */
};

/* peakEquity, maxDrawdown, averageDrawdown, their durations, ulcerIndex. */
void drawdown_metrics(double *out, const struct metric_input *input);
/* volatility .. omega, skew, kurtosis, var95, cvar95, alpha, beta. */
void return_metrics(double *out, const struct metric_input *input, struct metrics_scratch *scratch);
/* buys .. maxConsecutiveLosses, exposure. */
void round_metrics(double *out, const struct metric_input *input);

/* A deviation that is rounding and nothing else: returns or profits that are all the same. */
static inline bool is_no_deviation(double deviation, double mean) {
    double size = mean < 0.0 ? -mean : mean;
    return !(deviation > 1e-12 * size);
}

/* The 5 % quantile (linear interpolation between order statistics, h = 0.05 (n - 1)) and the mean of the
 * values at or below it. work: room for 2 n doubles. n >= 2; values are not NaN. */
struct tail {
    double quantile, mean;
};
struct tail tail_of(const double *values, size_t n, double *work);

#endif
