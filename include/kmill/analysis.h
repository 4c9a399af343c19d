/* Looking at many runs at once: heatmaps, distributions, which parameter matters; and at one long curve with
 * few points.
 *
 * All work on the mapped columns of a result, runs that are not done or whose metric is NaN left out, and
 * `where` (an expression as in struct query, NULL: all) selects. One struct result is for one thread at a
 * time. */
#ifndef KMILL_ANALYSIS_H
#define KMILL_ANALYSIS_H

#include "kmill/result.h"

enum aggregate {
    AGGREGATE_MAX,
    AGGREGATE_MIN,
    AGGREGATE_MEAN,
    AGGREGATE_MEDIAN,
    AGGREGATE_COUNT,
    AGGREGATE_STD
};
bool aggregate_parse(enum aggregate *out, const char *name); /* "max" "min" "mean" "median" "count" "std" */

/* An axis: the different values of a parameter (or symbol, interval) among the selected runs, ascending;
 * numbers by value (an int and a float of equal value are one), text by bytes; where kinds are mixed none,
 * bools, numbers, text. Or ranges of numbers, all equally wide, their edges multiples of 1, 2, 2.5 or 5 x a
 * power of ten (whole ones for ints): as narrow as `bins` ranges allow, so there may be fewer; NaN is in
 * none. HEATMAP_AUTO: ranges (40 at most, the more runs the more) for numbers of more than HEATMAP_AXIS_MAX
 * values, and for those of more than 20 that were drawn at random: where in the whole sweep the values of
 * both axes make more than 3 cells a run, or the axis has a value for less than 3 runs, not evenly spaced;
 * else values. 0: values. ERR_INPUT: ranges of what is not all numbers; more than HEATMAP_AXIS_MAX values. */
enum { HEATMAP_AXIS_MAX = 200, HEATMAP_AUTO = -1 };
struct heatmap_choice {
    const char *name;
    int bins; /* HEATMAP_AUTO, or 0..HEATMAP_AXIS_MAX */
};
struct heatmap_axis {
    char *name;
    struct value *values; /* count, or NULL when cut into ranges */
    double *edges;        /* count + 1: range i is [edges[i], edges[i + 1]), the last one closed */
    size_t count;
    char *texts; /* memory of the values' texts */
};
/* All cells NaN where no run is; std is the sample deviation, NaN with one run. best_run: the run of the best
 * value of the cell (by the metric's own direction, the highest where it has none; ties: the lowest run),
 * UINT64_MAX where none. Row-major: cell [y * x.count + x]. */
struct heatmap {
    struct heatmap_axis x, y;
    double *cells;
    uint64_t *counts, *best_run;
    double minimum, maximum; /* of the cells; NaN if there is none */
};
/* x == y names the same parameter: ERR_INPUT. <= 100 ms for 1,000,000 runs (2 cores). heatmap_clear frees. */
status result_heatmap(struct heatmap *out, struct result *result, struct heatmap_choice x,
                      struct heatmap_choice y, const char *metric, enum aggregate aggregate,
                      const char *where, struct error *err);
void heatmap_clear(struct heatmap *heatmap);

/* Histogram of equal bins over [minimum, maximum], the last one closed. Quantiles: linear interpolation
 * between order statistics (Hyndman and Fan 1996, type 7). */
struct distribution {
    uint64_t count, undefined;                /* runs with a value; selected runs without */
    double minimum, maximum, mean, deviation; /* sample deviation; NaN with fewer than 2 */
    double quantiles[7];                      /* 1, 5, 25, 50, 75, 95, 99 % */
    size_t bin_count;
    uint64_t *bins;
    double *edges; /* bin_count + 1 */
};
status result_distribution(struct distribution *out, struct result *result, const char *metric, size_t bins,
                           const char *where, struct error *err);
void distribution_clear(struct distribution *distribution);

/* How much a parameter alone explains of a metric: the correlation ratio (Pearson 1905), which is the
 * first-order Sobol index: variance of the means of the groups of equal value / variance of all; numeric
 * parameters with more than 64 values in 64 groups of equal count. rank_correlation: Spearman's rho, ties by
 * mean rank; NaN for text. Constant parameters are left out. */
struct importance {
    const char *name; /* borrowed from result */
    size_t distinct;  /* values */
    double share;     /* 0..1 */
    double rank_correlation;
};
/* *out: malloc'd, largest share first; free(). */
status result_importance(struct importance **out, size_t *count, struct result *result, const char *metric,
                         const char *where, struct error *err);

/* Picks `wanted` of count points (x increasing) so that the curve looks the same: numbers of the kept points,
 * ascending, first and last included, into kept (wanted of room); returns how many (all when count <=
 * wanted). NaN points are never kept. */
/* Largest triangle three buckets: Steinarsson, Downsampling Time Series for Visual Representation, 2013,
 * section 4.2. */
size_t decimate_lttb(size_t *kept, size_t wanted, const double *x, const double *y, size_t count);
/* The first, the last, and the lowest and the highest point of each of (wanted - 2) / 2 buckets between: no
 * extreme is lost from wanted = 4 on. */
size_t decimate_min_max(size_t *kept, size_t wanted, const double *y, size_t count);

/* Equity, balance, position and drawdown of one run at every bar of its evaluated range (drawdown against the
 * peak since the range's start, the initial balance being the first; of kept points, against the highest of
 * those). Made of the kept full curve, else of its trades and candles (exact as the engine's: balance +
 * position x close), else of the kept points. ERR_NOT_FOUND: nothing but the sparkline was kept, or the run
 * is not done. */
enum curve_source { CURVE_FULL, CURVE_TRADES, CURVE_POINTS };
struct run_curve {
    enum curve_source source;
    size_t count;
    size_t *bar;   /* number within the evaluated range */
    int64_t *time; /* open_time, ms; NULL where the result has no candles */
    double *equity, *balance, *position,
        *drawdown;    /* balance and position NaN where not all trades were kept,
                         or the result has no candles, which say what bar a trade is of */
    double *buy_hold; /* quote: initial balance x close / first open, no fees; NULL without candles */
};
/* Where result_curve would take it from, without making it. */
status result_curve_source(enum curve_source *out, struct result *result, uint64_t row, struct error *err);
status result_curve(struct run_curve *out, struct result *result, uint64_t row, struct error *err);
void run_curve_clear(struct run_curve *curve);

#endif
