/* Drawdowns: one pass over the equity, cut where a drawdown begins and ends.
 *
 * Between the two the peak does not change, so that one division at the end serves all its bars: the deepest
 * point is that of the lowest equity (rounding is monotone, hence the same double as the maximum over all
 * bars), and the squares share the divisor peak^2. */
#include "metrics/metric_parts.h"

#include <math.h>

struct drawdowns {
    double peak;
    double deepest, sum_of_deepest, sum_of_squares;
    int64_t longest_ms, sum_ms;
    size_t count;
};

/* The drawdown that begins at point i, after a peak at point i - 1 (e_0 for i = 0). Returns the first point
 * back at the peak, n if it never comes back. */
static size_t one_drawdown(struct drawdowns *all, const double *equity, size_t i, size_t n) {
    double peak = all->peak, lowest = equity[i], squares = 0.0;
    for (; i < n && equity[i] < peak; i++) {
        double below = peak - equity[i];
        squares += below * below;
        lowest = equity[i] < lowest ? equity[i] : lowest;
    }
    double depth = (peak - lowest) / peak;
    if (depth > all->deepest) all->deepest = depth;
    all->sum_of_deepest += depth;
    all->sum_of_squares += squares / (peak * peak);
    all->count++;
    return i;
}

static void add_duration(struct drawdowns *all, const int64_t *open_time, size_t peak, size_t end) {
    int64_t ms = open_time[end] - open_time[peak];
    if (ms > all->longest_ms) all->longest_ms = ms;
    all->sum_ms += ms;
}

static struct drawdowns find_drawdowns(const struct metric_input *input) {
    const double *equity = input->equity;
    size_t n = input->n;
    struct drawdowns all = {.peak = input->initial};
    for (size_t i = 0; i < n;) {
        while (i < n && !(equity[i] < all.peak))
            all.peak = equity[i++];
        if (i == n) break;
        size_t peak = i ? i - 1 : 0; /* e_0 has the time of the first bar */
        i = one_drawdown(&all, equity, i, n);
        add_duration(&all, input->series->open_time, peak, i < n ? i : n - 1);
    }
    return all;
}

void drawdown_metrics(double *out, const struct metric_input *input) {
    struct drawdowns all = find_drawdowns(input);
    double count = all.count ? (double)all.count : 1.0;
    out[METRIC_PEAK_EQUITY] = all.peak;
    out[METRIC_MAX_DRAWDOWN] = all.deepest;
    out[METRIC_AVERAGE_DRAWDOWN] = all.sum_of_deepest / count;
    out[METRIC_MAX_DRAWDOWN_DURATION] = (double)all.longest_ms;
    out[METRIC_AVERAGE_DRAWDOWN_DURATION] = (double)all.sum_ms / count;
    out[METRIC_ULCER_INDEX] = sqrt(all.sum_of_squares / (double)input->n);
}
