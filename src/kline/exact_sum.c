/* A double read from "57.90182000" is not that number, and a sum of such doubles drifts. Its shortest decimal
 * is that number (up to 15 digits there is only one candidate), so the decimals are summed as scaled 128-bit
 * integers and rounded once at the end. */
#include "kline/exact_sum.h"

#include "base/double_digits.h"

#include <math.h>
#include <stdint.h>

enum { SCALE = 8 };
#define UNITS 1e8

static bool multiply_by_ten(__int128 *value, int times) {
    for (; times > 0 && *value != 0; times--)
        if (__builtin_mul_overflow(*value, (__int128)10, value)) return false;
    return true;
}

/* Adds coefficient x 10^-scale; the coarser of the two is brought to the finer scale. */
static void add_scaled(struct exact_sum *sum, __int128 coefficient, int scale) {
    if (scale > sum->scale) {
        sum->overflow |= !multiply_by_ten(&sum->total, scale - sum->scale);
        sum->scale = scale;
    } else {
        sum->overflow |= !multiply_by_ten(&coefficient, sum->scale - scale);
    }
    sum->overflow |= __builtin_add_overflow(sum->total, coefficient, &sum->total);
}

static void add_digits(struct exact_sum *sum, double value) {
    struct double_digits shortest = double_digits_shortest(value);
    __int128 coefficient = shortest.negative ? -(__int128)shortest.digits : (__int128)shortest.digits;
    int scale = -shortest.exponent;
    if (scale < 0) {
        sum->overflow |= !multiply_by_ten(&coefficient, -scale);
        scale = 0;
    }
    add_scaled(sum, coefficient, scale);
}

void exact_sum_add(struct exact_sum *sum, double value) {
    if (isnan(value)) {
        sum->unknown = true;
        return;
    }
    if (isinf(value)) {
        sum->overflow = true;
        return;
    }
    /* n / 10^8 is correctly rounded, and with at most 15 digits n is the only decimal that gives this double.
     */
    double units = nearbyint(value * UNITS);
    if (fabs(units) < 1e15 && units / UNITS == value) {
        add_scaled(sum, (__int128)(int64_t)units, SCALE);
    } else {
        add_digits(sum, value);
    }
}

double exact_sum_value(const struct exact_sum *sum) {
    if (sum->unknown || sum->overflow) return NAN;
    bool negative = sum->total < 0;
    unsigned __int128 magnitude = negative ? -(unsigned __int128)sum->total : (unsigned __int128)sum->total;
    double value = double_digits_round(magnitude, -sum->scale);
    return negative ? -value : value;
}
