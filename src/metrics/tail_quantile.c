/* The lower tail of many values without sorting them.
 *
 * A sample gives a bound a little above the 5 % quantile; one pass without branches copies what lies below
 * it, in order; only that is selected from (R. Floyd, R. Rivest, "Expected time bounds for selection", CACM
 * 18(3), 1975). If the sample misled, everything is. No step depends on chance: the sample is every so
 * many-th value. */
#include "metrics/metric_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SAMPLE = 2048,
    SAMPLE_PLACE = 137 /* 5 % of it and 3.5 standard deviations */,
    SAMPLED_FROM = 4 * SAMPLE,
    ROUNDS_MAX = 64
};

static int by_value(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void swap(double *a, double *b) {
    double kept = *a;
    *a = *b;
    *b = kept;
}

/* The median of first, middle and last goes to the middle. */
static double pivot_of(double *v, int64_t low, int64_t high) {
    int64_t middle = low + (high - low) / 2;
    if (v[middle] < v[low]) swap(&v[middle], &v[low]);
    if (v[high] < v[low]) swap(&v[high], &v[low]);
    if (v[high] < v[middle]) swap(&v[high], &v[middle]);
    return v[middle];
}

/* Puts the k-th smallest at v[k], smaller ones before, larger ones behind. Hoare's FIND stops at equal values
 * too, so that many of them do no harm; what still does not get smaller fast enough is sorted. */
static void select_place(double *v, size_t n, size_t place) {
    int64_t low = 0, high = (int64_t)n - 1, k = (int64_t)place;
    for (int rounds = 0; low < high; rounds++) {
        if (rounds == ROUNDS_MAX) {
            qsort(v + low, (size_t)(high - low + 1), sizeof *v, by_value);
            return;
        }
        double pivot = pivot_of(v, low, high);
        int64_t i = low, j = high;
        while (i <= j) {
            while (v[i] < pivot)
                i++;
            while (pivot < v[j])
                j--;
            if (i <= j) swap(&v[i++], &v[j--]);
        }
        if (k > j) low = i; /* j < k < i: v[k] is the pivot */
        if (k < i) high = j;
    }
}

static double bound_from_sample(const double *values, size_t n, double *work) {
    size_t step = n / SAMPLE;
    for (size_t i = 0; i < SAMPLE; i++)
        work[i] = values[i * step];
    select_place(work, SAMPLE, SAMPLE_PLACE);
    return work[SAMPLE_PLACE];
}

/* Values below a bound, in order, and how many are equal to it (a strategy without a position returns 0 bar
 * after bar). */
struct below {
    double *values;
    size_t count, equal;
    double bound;
};

static struct below take_below(const double *values, size_t n, double bound, double *room) {
    struct below out = {.values = room, .bound = bound};
    for (size_t i = 0; i < n; i++) {
        room[out.count] = values[i];
        out.count += values[i] < bound;
        out.equal += values[i] == bound;
    }
    return out;
}

/* The k-th and the next smallest of all, k + 1 < below->count + below->equal. */
static void select_two(double out[2], const struct below *below, size_t k, double *room) {
    out[0] = out[1] = below->bound;
    if (k >= below->count) return;
    memcpy(room, below->values, below->count * sizeof *room);
    select_place(room, below->count, k);
    out[0] = room[k];
    if (k + 1 == below->count) return;
    out[1] = room[k + 1];
    for (size_t i = k + 2; i < below->count; i++)
        out[1] = room[i] < out[1] ? room[i] : out[1];
}

static double mean_up_to(const struct below *below, double quantile) {
    double sum = 0.0;
    size_t count = 0;
    for (size_t i = 0; i < below->count; i++) {
        bool is_in = below->values[i] <= quantile;
        sum += is_in ? below->values[i] : 0.0;
        count += is_in;
    }
    if (below->equal && below->bound <= quantile) {
        sum += (double)below->equal * below->bound;
        count += below->equal;
    }
    return sum / (double)count;
}

struct tail tail_of(const double *values, size_t n, double *work) {
    double h = 0.05 * (double)(n - 1), smallest[2];
    size_t k = (size_t)h;
    struct below below = {.bound = INFINITY};
    if (n >= SAMPLED_FROM) below = take_below(values, n, bound_from_sample(values, n, work), work);
    if (below.count + below.equal < k + 2)
        below = take_below(values, n, INFINITY, work); /* few, or the sample misled */
    select_two(smallest, &below, k, work + n);
    struct tail tail = {.quantile = smallest[0] + (h - (double)k) * (smallest[1] - smallest[0])};
    tail.mean = mean_up_to(&below, tail.quantile);
    return tail;
}
