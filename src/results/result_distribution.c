/* Histogram, moments and quantiles of a metric: some passes over its mapped column, no copy of it. */
#include "kmill/analysis.h"
#include "results/equal_bins.h"
#include "results/metric_rows.h"
#include "results/number_order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS_MAX = 100000, QUANTILES = 7 };
static const double levels[QUANTILES] = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

static void find_range(struct distribution *out, const struct metric_rows *runs) {
    uint16_t offsets[ROW_BLOCK];
    out->minimum = INFINITY;
    out->maximum = -INFINITY;
    for (uint64_t begin = 0; begin < runs->rows.row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(&runs->rows, begin, offsets);
        for (size_t i = 0; i < count; i++) {
            double value = runs->values[begin + offsets[i]];
            out->minimum = value < out->minimum ? value : out->minimum;
            out->maximum = value > out->maximum ? value : out->maximum;
        }
    }
}

static void find_moments(struct distribution *out, const struct metric_rows *runs) {
    uint16_t offsets[ROW_BLOCK];
    double scale = metric_rows_scale(runs), mean = metric_rows_mean(runs, scale), squares = 0.0;
    for (uint64_t begin = 0; begin < runs->rows.row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(&runs->rows, begin, offsets);
        for (size_t i = 0; i < count; i++) {
            double distance = runs->values[begin + offsets[i]] * scale - mean;
            squares += distance * distance;
        }
    }
    out->mean = mean / scale;
    out->deviation = out->count > 1 ? sqrt(squares / (double)(out->count - 1)) / scale : NAN;
}

/* Sorted; a rank may come twice where there are few values. */
static void add_rank(uint64_t *ranks, size_t *count, uint64_t rank) {
    size_t at = (*count)++;
    for (; at > 0 && ranks[at - 1] > rank; at--)
        ranks[at] = ranks[at - 1];
    ranks[at] = rank;
}

static double value_of_rank(const uint64_t *ranks, const double *values, uint64_t rank) {
    while (*ranks != rank) {
        ranks++;
        values++;
    }
    return *values;
}

/* Of type 7: with h = (n - 1) p, between order statistics floor(h) and floor(h) + 1. */
static status find_quantiles(struct distribution *out, const struct metric_rows *runs, struct error *err) {
    uint64_t ranks[2 * QUANTILES], last = out->count - 1;
    double values[2 * QUANTILES];
    size_t count = 0;
    for (size_t q = 0; q < QUANTILES; q++) {
        uint64_t rank = (uint64_t)((double)last * levels[q]);
        add_rank(ranks, &count, rank);
        add_rank(ranks, &count, rank < last ? rank + 1 : last);
    }
    status rc = number_order_statistics(values, ranks, count, runs->values, &runs->rows, err);
    for (size_t q = 0; rc == OK && q < QUANTILES; q++) {
        double h = (double)last * levels[q], part = h - floor(h);
        uint64_t rank = (uint64_t)h;
        double low = value_of_rank(ranks, values, rank);
        double high = value_of_rank(ranks, values, rank < last ? rank + 1 : last), width = high - low;
        out->quantiles[q] = isfinite(width) ? low + part * width : low * (1.0 - part) + high * part;
    }
    return rc;
}

static status fill_bins(struct distribution *out, const struct metric_rows *runs, size_t bins,
                        struct error *err) {
    uint16_t offsets[ROW_BLOCK];
    struct equal_bins edges;
    status rc = equal_bins_make(&edges, out->minimum, out->maximum, bins, err);
    if (rc != OK) return rc;
    out->edges = edges.edges;
    out->bin_count = edges.count;
    out->bins = calloc(edges.count, sizeof *out->bins);
    if (!out->bins) return error_set(err, ERR_MEMORY, "out of memory for %zu bins", bins);
    for (uint64_t begin = 0; begin < runs->rows.row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(&runs->rows, begin, offsets);
        for (size_t i = 0; i < count; i++)
            out->bins[equal_bins_of(&edges, runs->values[begin + offsets[i]])]++;
    }
    return OK;
}

static void nothing(struct distribution *out) {
    out->minimum = out->maximum = out->mean = out->deviation = NAN;
    for (size_t q = 0; q < QUANTILES; q++)
        out->quantiles[q] = NAN;
}

status result_distribution(struct distribution *out, struct result *result, const char *metric, size_t bins,
                           const char *where, struct error *err) {
    struct metric_rows runs;
    *out = (struct distribution){0};
    if (bins < 1 || bins > BINS_MAX)
        return error_set(err, ERR_INPUT, "a distribution has 1 to %d bins, not %zu", BINS_MAX, bins);
    status rc = metric_rows_select(&runs, result, metric, where, err);
    out->count = runs.rows.count;
    out->undefined = runs.undefined;
    if (rc == OK && out->count == 0) {
        nothing(out);
    } else if (rc == OK) {
        find_range(out, &runs);
        find_moments(out, &runs);
        rc = find_quantiles(out, &runs, err);
        if (rc == OK) rc = fill_bins(out, &runs, bins, err);
    }
    metric_rows_clear(&runs);
    if (rc != OK) distribution_clear(out);
    return rc;
}

void distribution_clear(struct distribution *distribution) {
    free(distribution->bins);
    free(distribution->edges);
    *distribution = (struct distribution){0};
}
