/* Bins of equal width. */
#include "results/equal_bins.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

status equal_bins_make(struct equal_bins *out, double minimum, double maximum, size_t count,
                       struct error *err) {
    double width = maximum - minimum;
    if (width == 0.0) count = 1;
    *out = (struct equal_bins){.count = count,
                               .edges = malloc((count + 1) * sizeof *out->edges),
                               .half_minimum = 0.5 * minimum,
                               .half_width = 0.5 * maximum - 0.5 * minimum};
    if (!out->edges) return error_set(err, ERR_MEMORY, "out of memory for %zu bins", count);
    for (size_t i = 0; i < count; i++) {
        double t = (double)i / (double)count;
        double edge = isfinite(width) ? minimum + (double)i * (width / (double)count)
                                      : minimum * (1.0 - t) + maximum * t;
        out->edges[i] = edge < maximum ? edge : maximum; /* rounded up, where width is a few subnormals */
    }
    out->edges[count] = maximum;
    return OK;
}

/* ---- neat ---- */

/* Multiples of mantissa x 10^exponent; powers of ten that are doubles, numbers that have all their digits. */
struct step {
    int64_t mantissa;
    int exponent;
};
enum { POWER_MAX = 22, STEPS_MAX = 12 };
static const double LARGEST_WHOLE = 9007199254740992.0; /* 2^53 */

static double power_of_ten(int exponent) {
    double power = 1.0;
    while (exponent-- > 0)
        power *= 10.0; /* exact up to 10^22 */
    return power;
}

/* Rounded once: both operands are exact. */
static double edge_at(struct step step, int64_t number) {
    double whole = (double)(number * step.mantissa);
    return step.exponent < 0 ? whole / power_of_ten(-step.exponent) : whole * power_of_ten(step.exponent);
}

/* The last edge <= value. */
static int64_t edge_below(struct step step, double value) {
    double unit = power_of_ten(abs(step.exponent));
    double guess = (step.exponent < 0 ? value * unit : value / unit) / (double)step.mantissa;
    int64_t number = (int64_t)floor(guess); /* rounded: the edges decide */
    while (edge_at(step, number) > value)
        number--;
    while (edge_at(step, number + 1) <= value)
        number++;
    return number;
}

static bool is_exact(struct step step, double minimum, double maximum) {
    double unit = power_of_ten(abs(step.exponent)), size = fmax(fabs(minimum), fabs(maximum));
    if (abs(step.exponent) > POWER_MAX) return false;
    return (step.exponent < 0 ? size * unit : size / unit) < LARGEST_WHOLE / 8;
}

/* The narrowest step such that `most` bins cover the range, their first and last edge; false: there is none.
 */
static bool neat_step(struct step *out, int64_t *low, int64_t *high, double minimum, double maximum,
                      size_t most, bool whole) {
    static const struct step steps[] = {{1, 0}, {2, 0}, {25, -1}, {5, 0}};
    double ideal = (maximum - minimum) / (double)most * (1.0 - 1e-9);
    int first = (int)floor(log10(ideal));
    if (whole && first < 0) first = 0;
    for (int at = 0; at < STEPS_MAX; at++) {
        *out = (struct step){steps[at % 4].mantissa, first + at / 4 + steps[at % 4].exponent};
        if (edge_at(*out, 1) < ideal || (whole && out->exponent < 0)) continue;
        if (!is_exact(*out, minimum, maximum)) return false;
        *low = edge_below(*out, minimum);
        *high = edge_below(*out, maximum);
        bool is_each = whole && edge_at(*out, 1) == 1.0; /* a bin a number, also the last */
        if (edge_at(*out, *high) < maximum || is_each) ++*high;
        if (*high - *low <= (int64_t)most) return true;
    }
    return false;
}

status neat_bins_make(struct equal_bins *out, double minimum, double maximum, size_t most, bool whole,
                      struct error *err) {
    struct step step;
    int64_t low, high;
    double width = maximum - minimum;
    if (!(width > 0.0) || !isfinite(width) || !neat_step(&step, &low, &high, minimum, maximum, most, whole))
        return equal_bins_make(out, minimum, maximum, most, err);
    status rc = equal_bins_make(out, edge_at(step, low), edge_at(step, high), (size_t)(high - low), err);
    for (size_t i = 0; rc == OK && i < out->count; i++)
        out->edges[i] = edge_at(step, low + (int64_t)i);
    return rc;
}

void equal_bins_clear(struct equal_bins *bins) {
    free(bins->edges);
    *bins = (struct equal_bins){0};
}
