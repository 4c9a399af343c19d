/* Sums of any window of a column in O(1), exact: what CPython's compensated sum() gives, to the last bit.
 *
 * All values are multiples of 2^-q for some q, so that prefix sums in integers are exact and a window's sum
 * is a difference of two of them, rounded once. The compensated sum is the correctly rounded exact sum too,
 * as long as its low part stays exact: with |x| < 2^e and at most 2^l values a window, its terms are
 * multiples of 2^-q below 2^(e+l-54) each, so that e + q + 2l <= 107 suffices. The integers are kept in two
 * limbs, high = floor(x * 2^m) and low = the rest * 2^q; with m = 53 - e - l both differences fit a double
 * exactly if e + q + 2l <= 106, and one addition rounds their sum. That is the bound used: it gives the
 * longest window, max_window; longer ones are not answered here. */
#ifndef INDICATOR_WINDOW_SUMS_H
#define INDICATOR_WINDOW_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct window_sums_limbs {
    uint64_t high, low; /* modulo 2^64: only differences are used */
};

/* Immutable after window_sums_make. */
struct window_sums {
    size_t max_window; /* 0: the column cannot be summed this way */
    double high_unit, low_unit;
    struct window_sums_limbs *prefix; /* [i]: values 0 .. i-1 */
};

size_t window_sums_bytes(size_t count);
/* Of count doubles. False: out of memory. A column with NaN, infinities or too wide a range gets max_window
 * 0. */
bool window_sums_make(struct window_sums *out, const double *x, size_t count);
void window_sums_clear(struct window_sums *sums);

/* Sum of the n values ending before index end; n <= max_window, n <= end. */
static inline double window_sums_get(const struct window_sums *sums, size_t end, size_t n) {
    const struct window_sums_limbs *last = &sums->prefix[end], *first = &sums->prefix[end - n];
    double high = (double)(int64_t)(last->high - first->high),
           low = (double)(int64_t)(last->low - first->low);
    return high * sums->high_unit + low * sums->low_unit;
}

#endif
