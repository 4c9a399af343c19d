/* Bins of equal width over [minimum, maximum]; a value is in bin i if edges[i] <= value < edges[i + 1], the
 * last bin closed. */
#ifndef RESULTS_EQUAL_BINS_H
#define RESULTS_EQUAL_BINS_H

#include "kmill/error.h"

#include <stdbool.h>
#include <stddef.h>

struct equal_bins {
    double *edges; /* count + 1 */
    size_t count;
    double half_minimum, half_width; /* halves: the width of the largest range is no double */
};
/* minimum <= maximum, both finite, count >= 1. Equal ones: one bin. Free with equal_bins_clear. */
status equal_bins_make(struct equal_bins *out, double minimum, double maximum, size_t count,
                       struct error *err);
/* The same, but for the edges, which are neat decimals, each the double nearest to it: multiples of 1, 2, 2.5
 * or 5 x a power of ten (whole: whole numbers), the narrowest such that `most` bins cover the range. Values
 * so large that neighbours differ by more than such a width: equal_bins_make. */
status neat_bins_make(struct equal_bins *out, double minimum, double maximum, size_t most, bool whole,
                      struct error *err);
void equal_bins_clear(struct equal_bins *bins);

/* The bin of a value; one beyond an end counts to the bin there. Not for NaN. */
static inline size_t equal_bins_of(const struct equal_bins *bins, double value) {
    if (value < bins->edges[0]) return 0;
    if (value >= bins->edges[bins->count]) return bins->count - 1;
    double guess = (0.5 * value - bins->half_minimum) / bins->half_width * (double)bins->count;
    size_t at = guess < (double)bins->count ? (size_t)guess : bins->count - 1;
    while (at > 0 && value < bins->edges[at])
        at--; /* the guess is rounded, the edges decide */
    while (at + 1 < bins->count && value >= bins->edges[at + 1])
        at++;
    return at;
}

#endif
