/* Exact prefix sums: the range of the column decides how long a window they may answer for. */
#include "indicator/window_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Powers of two beyond this would leave the doubles' normal range in one of the scalings. */
enum { EXPONENT_LIMIT = 900, LONGEST_WINDOW_BITS = 24 };

/* All |x| < 2^exponent and multiples of 2^-places. */
struct range {
    int exponent, places;
};

static bool find_range(struct range *out, const double *x, size_t count) {
    struct range range = {-EXPONENT_LIMIT, -EXPONENT_LIMIT};
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        int biased = (int)(bits >> 52 & 2047);
        uint64_t significand = bits & ((UINT64_C(1) << 52) - 1);
        if (biased == 0 && significand == 0) continue;
        if (biased == 0 || biased == 2047) return false; /* subnormal, NaN, infinite */
        significand |= UINT64_C(1) << 52;
        int exponent = biased - 1022, places = 1075 - biased - __builtin_ctzll(significand);
        if (exponent > range.exponent) range.exponent = exponent;
        if (places > range.places) range.places = places;
    }
    if (range.exponent == -EXPONENT_LIMIT) range = (struct range){0, 0}; /* nothing but zeros */
    *out = range;
    return range.exponent <= EXPONENT_LIMIT && range.places <= EXPONENT_LIMIT;
}

size_t window_sums_bytes(size_t count) {
    return (count + 1) * sizeof(struct window_sums_limbs);
}

static void fill_prefix(struct window_sums_limbs *prefix, const double *x, size_t count, int high_places,
                        int low_places) {
    double to_high = ldexp(1, high_places), from_high = ldexp(1, -high_places), to_low = ldexp(1, low_places);
    struct window_sums_limbs total = {0, 0};
    prefix[0] = total;
    for (size_t i = 0; i < count; i++) {
        double high = floor(x[i] * to_high);
        double low = (x[i] - high * from_high) * to_low;
        total.high += (uint64_t)(int64_t)high;
        total.low += (uint64_t)(int64_t)low;
        prefix[i + 1] = total;
    }
}

bool window_sums_make(struct window_sums *out, const double *x, size_t count) {
    *out = (struct window_sums){0};
    struct range range;
    if (!find_range(&range, x, count)) return true;
    int bits = (106 - range.exponent - range.places) / 2; /* of the longest window */
    if (bits < 1) return true;
    if (bits > LONGEST_WINDOW_BITS) bits = LONGEST_WINDOW_BITS;
    int high_places = 53 - range.exponent - bits, low_places = range.places;
    if (low_places < high_places) low_places = high_places; /* few places: the low limb stays 0 */
    if (high_places > EXPONENT_LIMIT || low_places > EXPONENT_LIMIT) return true;
    out->prefix = malloc(window_sums_bytes(count));
    if (!out->prefix) return false;
    fill_prefix(out->prefix, x, count, high_places, low_places);
    out->max_window = (size_t)1 << bits;
    out->high_unit = ldexp(1, -high_places);
    out->low_unit = ldexp(1, -low_places);
    return true;
}

void window_sums_clear(struct window_sums *sums) {
    free(sums->prefix);
    *sums = (struct window_sums){0};
}
