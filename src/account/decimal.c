/* Exact decimals in Python's default context. An operation makes the exact result at the exponent Python
 * would give it, or one with a digit too many and the knowledge that more follow ("sticky"), and rounds once.
 * Coefficients of 38 digits keep every intermediate below 10^77 < 2^256. The method is that of the General
 * Decimal Arithmetic specification, which is also where the exponents of exact results come from. */
#include "account/decimal.h"
#include "account/uint256.h"
#include "base/double_digits.h"

#define E19 ((uint128)UINT64_C(10000000000000000000))
static const uint128 power_of_ten[DECIMAL_OPERAND_DIGITS + 1] = {1,
                                                                 10,
                                                                 100,
                                                                 1000,
                                                                 10000,
                                                                 100000,
                                                                 1000000,
                                                                 10000000,
                                                                 100000000,
                                                                 1000000000,
                                                                 E19 / 1000000000,
                                                                 E19 / 100000000,
                                                                 E19 / 10000000,
                                                                 E19 / 1000000,
                                                                 E19 / 100000,
                                                                 E19 / 10000,
                                                                 E19 / 1000,
                                                                 E19 / 100,
                                                                 E19 / 10,
                                                                 E19,
                                                                 E19 * 10,
                                                                 E19 * 100,
                                                                 E19 * 1000,
                                                                 E19 * 10000,
                                                                 E19 * 100000,
                                                                 E19 * 1000000,
                                                                 E19 * 10000000,
                                                                 E19 * 100000000,
                                                                 E19 * 1000000000,
                                                                 E19 *(E19 / 1000000000),
                                                                 E19 *(E19 / 100000000),
                                                                 E19 *(E19 / 10000000),
                                                                 E19 *(E19 / 1000000),
                                                                 E19 *(E19 / 100000),
                                                                 E19 *(E19 / 10000),
                                                                 E19 *(E19 / 1000),
                                                                 E19 *(E19 / 100),
                                                                 E19 *(E19 / 10),
                                                                 E19 *E19};

/* floor(bits * log10(2)) for bits <= 256 is the number of digits or one less. */
static int digits_at_least(int bits) {
    return bits * 1233 >> 12;
}

/* Digits of a coefficient < 10^39; 0 has none. */
static int digit_count(uint128 x) {
    int digits = digits_at_least(uint128_bits(x));
    return digits + (digits <= DECIMAL_OPERAND_DIGITS && x >= power_of_ten[digits] && x != 0);
}

/* 28 digits, half to even; sticky: the exact value has something more below the last digit of x. */
static struct decimal round_128(uint128 x, int exponent, int negative, bool sticky) {
    int cut = digit_count(x) - DECIMAL_DIGITS;
    if (cut <= 0) return (struct decimal){x, exponent, negative};
    uint64_t divisor = (uint64_t)power_of_ten[cut];
    uint64_t rest = uint128_divide_small(&x, divisor), half = divisor / 2;
    if (rest > half || (rest == half && (sticky || x & 1))) x++;
    if (x == power_of_ten[DECIMAL_DIGITS]) {
        x = power_of_ten[DECIMAL_DIGITS - 1];
        exponent++;
    }
    return (struct decimal){x, exponent + cut, negative};
}

static struct decimal round_256(struct uint256 x, int exponent, int negative) {
    bool sticky = false;
    while (!uint256_fits_128(x)) {
        /* one digit more than the result has stays, for round_128 to decide by */
        int cut = digits_at_least(uint256_bits(x) - 1) + 1 - (DECIMAL_DIGITS + 1);
        if (cut > 19) cut = 19;
        sticky |= uint256_divide_small(&x, (uint64_t)power_of_ten[cut]) != 0;
        exponent += cut;
    }
    return round_128(uint256_low(x), exponent, negative, sticky);
}

struct decimal decimal_from_int64(int64_t value) {
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    return (struct decimal){magnitude, 0, value < 0};
}

/* repr(float) writes 100.0 and 1e+16: the exponent is that of its last digit. */
struct decimal decimal_from_double(double value) {
    struct double_digits shortest = double_digits_shortest(value);
    struct decimal result = {shortest.digits, shortest.exponent, shortest.negative};
    if (shortest.exponent >= 0 &&
        (shortest.digits == 0 ||
         !double_digits_is_scientific(double_digits_count(shortest.digits), shortest.exponent))) {
        result.coefficient *= power_of_ten[shortest.exponent + 1];
        result.exponent = -1;
    }
    return result;
}

double decimal_to_double(struct decimal value) {
    double magnitude = double_digits_round(value.coefficient, value.exponent);
    return value.negative ? -magnitude : magnitude;
}

struct decimal decimal_multiply(struct decimal a, struct decimal b) {
    int exponent = a.exponent + b.exponent, negative = a.negative ^ b.negative;
    if (uint128_bits(a.coefficient) + uint128_bits(b.coefficient) <= 126)
        return round_128(a.coefficient * b.coefficient, exponent, negative, false);
    return round_256(uint256_multiply(a.coefficient, b.coefficient), exponent, negative);
}

/* coefficient * 10^shift, which must be < 10^77. */
static struct uint256 shift_left(uint128 coefficient, int shift) {
    if (shift <= DECIMAL_OPERAND_DIGITS) return uint256_multiply(coefficient, power_of_ten[shift]);
    return uint256_multiply(coefficient * power_of_ten[shift - DECIMAL_OPERAND_DIGITS],
                            power_of_ten[DECIMAL_OPERAND_DIGITS]);
}

/* Exponent of the highest digit. */
static int adjusted_exponent(struct decimal a) {
    return a.exponent + (a.coefficient ? digit_count(a.coefficient) : 1) - 1;
}

/* Sum of two magnitudes with signs at their common exponent. An exact zero is positive unless both were
 * negative. */
static struct decimal add_aligned(struct uint256 a, int a_negative, struct uint256 b, int b_negative,
                                  int exponent) {
    if (a_negative == b_negative) return round_256(uint256_add(a, b), exponent, a_negative);
    int order = uint256_compare(a, b);
    if (order == 0) return (struct decimal){0, exponent, 0};
    if (order > 0) return round_256(uint256_subtract(a, b), exponent, a_negative);
    return round_256(uint256_subtract(b, a), exponent, b_negative);
}

static struct decimal add_aligned_narrow(uint128 a, int a_negative, uint128 b, int b_negative, int exponent) {
    if (a_negative == b_negative) return round_128(a + b, exponent, a_negative, false);
    if (a == b) return (struct decimal){0, exponent, 0};
    if (a > b) return round_128(a - b, exponent, a_negative, false);
    return round_128(b - a, exponent, b_negative, false);
}

struct decimal decimal_add(struct decimal a, struct decimal b) {
    struct decimal high = a.exponent >= b.exponent ? a : b, low = a.exponent >= b.exponent ? b : a;
    if (high.coefficient == 0)
        return add_aligned_narrow(0, high.negative, low.coefficient, low.negative, low.exponent);
    int digits = digit_count(high.coefficient);
    if (high.exponent - low.exponent + digits <= DECIMAL_OPERAND_DIGITS) {
        uint128 shifted = high.coefficient * power_of_ten[high.exponent - low.exponent];
        return add_aligned_narrow(shifted, high.negative, low.coefficient, low.negative, low.exponent);
    }
    /* A low one that lies wholly beyond the rounding digit acts like a 1 just below it (or, if zero, only by
     * its exponent). */
    int beyond = high.exponent - 1 - (digits > DECIMAL_DIGITS ? 0 : DECIMAL_DIGITS + 1 - digits);
    if (adjusted_exponent(low) < beyond) low = (struct decimal){low.coefficient != 0, beyond, low.negative};
    struct uint256 shifted = shift_left(high.coefficient, high.exponent - low.exponent);
    return add_aligned(shifted, high.negative, uint256_from(low.coefficient), low.negative, low.exponent);
}

struct decimal decimal_subtract(struct decimal a, struct decimal b) {
    b.negative = !b.negative;
    return decimal_add(a, b);
}

/* Drops trailing zeros, at most `most` of them. */
static struct decimal strip_zeros(struct decimal a, int most) {
    /* 10^n divides only what 2^n divides */
    uint64_t low = (uint64_t)a.coefficient;
    int twos = low ? __builtin_ctzll(low) : 64;
    if (twos < most) most = twos;
    for (int step = 16; step > 0; step /= 2) {
        while (step <= most) {
            uint128 quotient = a.coefficient;
            if (uint128_divide_small(&quotient, (uint64_t)power_of_ten[step]) != 0) break;
            a.coefficient = quotient;
            a.exponent += step;
            most -= step;
        }
    }
    return a;
}

struct decimal decimal_divide(struct decimal a, struct decimal b) {
    int ideal = a.exponent - b.exponent, negative = a.negative ^ b.negative;
    if (a.coefficient == 0) return (struct decimal){0, ideal, negative};
    /* a quotient of at least 29 digits, so that an inexact one can be rounded */
    int shift = digit_count(b.coefficient) - digit_count(a.coefficient) + DECIMAL_DIGITS + 1;
    if (shift < 0) shift = 0;
    uint128 remainder;
    uint128 quotient = uint256_divide(shift_left(a.coefficient, shift), b.coefficient, &remainder);
    struct decimal result = {quotient, ideal - shift, negative};
    if (remainder == 0) result = strip_zeros(result, shift);
    return round_128(result.coefficient, result.exponent, negative, remainder != 0);
}

/* Of two positive numbers. */
static int compare_magnitudes(struct decimal a, struct decimal b) {
    int adjusted_a = adjusted_exponent(a), adjusted_b = adjusted_exponent(b);
    if (adjusted_a != adjusted_b) return adjusted_a < adjusted_b ? -1 : 1;
    /* as many digits before the last of each: exponents differ by less than 38 */
    int shift = a.exponent - b.exponent;
    return uint256_compare(shift_left(a.coefficient, shift > 0 ? shift : 0),
                           shift_left(b.coefficient, shift < 0 ? -shift : 0));
}

int decimal_compare(struct decimal a, struct decimal b) {
    int sign_a = a.coefficient == 0 ? 0 : a.negative ? -1 : 1;
    int sign_b = b.coefficient == 0 ? 0 : b.negative ? -1 : 1;
    if (sign_a != sign_b) return sign_a < sign_b ? -1 : 1;
    return sign_a == 0 ? 0 : sign_a * compare_magnitudes(a, b);
}
