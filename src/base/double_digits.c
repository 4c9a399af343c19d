/* Doubles as decimal digits and back.
 *
 * Shortest digits: Raffaello Giulietti's Schubfach ("The Schubfach way to render doubles", 2021). The double
 * and the two ends of its rounding interval are scaled by one 128-bit power of ten; the multiple of 10^(k+1)
 * or 10^k that lies inside is the answer. Four times the values are used, so that the ends are integers too.
 * A loop over printf("%.17g") and strtod gives the same at 50 times the cost. Rounding digits: one 128 x 128
 * bit product with an error of less than two units in its last place; only where that leaves the rounding
 * open, or where the result is subnormal, strtod decides. */
#include "base/double_digits.h"
#include "base/powers_of_ten.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 uint128;

enum { FRACTION_BITS = 52, EXPONENT_BIAS = 1075 };

/* floor(log2(10^k)), floor(log10(2^q)) and floor(log10(3/4 * 2^q)) for |k| <= 400, |q| <= 1100 (checked over
 * the range). */
static int log2_of_power_of_ten(int k) {
    return (k * 1741647) >> 19;
}

static int log10_of_power_of_two(int q, bool three_quarters) {
    return (q * 1262611 - (three_quarters ? 524031 : 0)) >> 22;
}

/* floor(g * x / 2^127)-like product of a 128-bit power and a scaled value, with the bits cut off folded into
 * bit 0, so that comparisons with even numbers stay right ("round to odd"). */
static uint64_t scale_to_odd(const uint64_t power[2], uint64_t x) {
    uint128 low = (uint128)power[1] * x, high = (uint128)power[0] * x;
    uint128 middle = (uint128)(uint64_t)high + (uint64_t)(low >> 64);
    uint64_t top = (uint64_t)(high >> 64) + (uint64_t)(middle >> 64);
    return top | ((uint64_t)middle > 1);
}

/* c * 2^q with c != 0; is_power: the double below is half as far away as the one above. */
static struct double_digits schubfach(uint64_t c, int q, bool is_power) {
    int k = log10_of_power_of_two(q, is_power);
    int shift = q + log2_of_power_of_ten(-k) + 1;
    const uint64_t *power = powers_of_ten[-k - POWER_OF_TEN_FIRST];
    uint64_t middle = scale_to_odd(power, (4 * c) << shift);
    uint64_t lower = scale_to_odd(power, (4 * c - 2 + is_power) << shift);
    uint64_t upper = scale_to_odd(power, (4 * c + 2) << shift);
    lower += c & 1; /* the ends themselves read back to an even c only */
    upper -= c & 1;

    uint64_t floored = middle / 4;
    uint64_t tens = floored / 10 * 10;
    bool below_fits = lower <= 4 * tens, above_fits = 4 * tens + 40 <= upper;
    if (floored >= 10 && below_fits != above_fits)
        return (struct double_digits){.digits = tens + (above_fits ? 10 : 0), .exponent = k};
    below_fits = lower <= 4 * floored;
    above_fits = 4 * floored + 4 <= upper;
    bool up = above_fits;
    if (below_fits == above_fits) {
        uint64_t half = 4 * floored + 2;
        up = middle > half || (middle == half && (floored & 1));
    }
    return (struct double_digits){.digits = floored + up, .exponent = k};
}

struct double_digits double_digits_shortest(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t fraction = bits & ((UINT64_C(1) << FRACTION_BITS) - 1);
    int biased = (int)(bits >> FRACTION_BITS & 2047);
    uint64_t c = biased ? fraction | UINT64_C(1) << FRACTION_BITS : fraction;
    int q = biased ? biased - EXPONENT_BIAS : 1 - EXPONENT_BIAS;
    struct double_digits result = {0};
    if (c) {
        bool is_small_integer = q <= 0 && q > -FRACTION_BITS - 1 && !(c & ((UINT64_C(1) << -q) - 1));
        if (is_small_integer)
            result.digits = c >> -q;
        else
            result = schubfach(c, q, fraction == 0 && biased > 1);
        while (result.digits % 10 == 0) {
            result.digits /= 10;
            result.exponent++;
        }
    }
    result.negative = bits >> 63;
    return result;
}

bool double_digits_is_scientific(int digit_count, int exponent) {
    int leading = digit_count + exponent - 1;
    return leading < -4 || leading >= 16;
}

int double_digits_count(uint64_t digits) {
    int count = 1;
    for (; digits >= 10000; digits /= 10000)
        count += 4;
    return count + (digits >= 10) + (digits >= 100) + (digits >= 1000);
}

static double round_by_strtod(uint128 coefficient, int exponent) {
    char text[64];
    char *begin = text + 40;
    snprintf(begin, 24, "e%d", exponent); /* no '.', so that no locale matters */
    do {
        *--begin = (char)('0' + (int)(coefficient % 10));
        coefficient /= 10;
    } while (coefficient);
    return strtod(begin, NULL);
}

static int leading_zeros(uint128 x) {
    uint64_t high = (uint64_t)(x >> 64);
    return high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)x);
}

/* High 128 bits of a 256-bit product, rounded down. */
static uint128 multiply_high(uint128 a, const uint64_t b[2]) {
    uint64_t a0 = (uint64_t)a, a1 = (uint64_t)(a >> 64);
    uint128 low = (uint128)a0 * b[1], cross = (uint128)a1 * b[1], other = (uint128)a0 * b[0];
    uint128 middle = (low >> 64) + (uint64_t)cross + (uint64_t)other;
    return (uint128)a1 * b[0] + (cross >> 64) + (other >> 64) + (middle >> 64);
}

static double round_by_product(uint128 coefficient, int exponent) {
    int zeros = leading_zeros(coefficient);
    uint128 product = multiply_high(coefficient << zeros, powers_of_ten[exponent - POWER_OF_TEN_FIRST]);
    int binary = log2_of_power_of_ten(exponent) + 1 - zeros; /* value = product * 2^binary, up to the error */
    int more = leading_zeros(product);                       /* 0 or 1 */
    product <<= more;
    binary -= more;
    enum { CUT = 128 - 53 };
    uint128 rest = product & (((uint128)1 << CUT) - 1), half = (uint128)1 << (CUT - 1);
    uint128 distance = rest > half ? rest - half : half - rest;
    int biased = binary + CUT + EXPONENT_BIAS;
    if (distance < 8 || biased < 1) return round_by_strtod(coefficient, exponent);
    if (biased >= 2047) return INFINITY;
    /* the significand's top bit adds 1 to the exponent's field, and so does a significand rounded up to 2^53
     */
    uint64_t bits = ((uint64_t)(biased - 1) << FRACTION_BITS) + (uint64_t)(product >> CUT) + (rest > half);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double double_digits_round(uint128 coefficient, int exponent) {
    static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (coefficient == 0) return 0.0;
    /* both operands exact: one correctly rounded operation */
    if (coefficient <= UINT64_C(1) << 53 && exponent >= -22 && exponent <= 22) {
        double whole = (double)(uint64_t)coefficient;
        return exponent < 0 ? whole / exact[-exponent] : whole * exact[exponent];
    }
    if (exponent < POWER_OF_TEN_FIRST || exponent > 308) return round_by_strtod(coefficient, exponent);
    return round_by_product(coefficient, exponent);
}
