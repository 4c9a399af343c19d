/* The two operations of Python floats that are not one machine instruction: sum() and x ** 2. */
#ifndef INDICATOR_PYTHON_FLOAT_H
#define INDICATOR_PYTHON_FLOAT_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* sum() of floats since CPython 3.12: Neumaier's compensated summation (bltinmodule.c). Zero-initialise: it
 * starts from the int 0, which turns a first -0.0 into 0.0. */
struct python_sum {
    double high, low;
};

static inline void python_sum_add(struct python_sum *sum, double x) {
    double total = sum->high + x;
    sum->low += fabs(sum->high) >= fabs(x) ? (sum->high - total) + x : (x - total) + sum->high;
    sum->high = total;
}

/* A low part that is not finite belongs to a sum that overflowed: it is left out. */
static inline double python_sum_value(struct python_sum sum) {
    return sum.low != 0.0 && isfinite(sum.low) ? sum.high + sum.low : sum.high;
}

/* The C library's pow errs by less than 0.511 + 4.6e-5 * |log(result)| units in the last place (glibc,
 * sysdeps/ieee754/dbl-64/e_pow.c), that is 0.518 for results between the bounds below. So where the product x
 * * x is rounded by less than 0.48 units, pow(x, 2) can only give the same; next to a tie it often does not
 * (8 of 10,000 values). */
#define PYTHON_SQUARE_SURE 0.48
#define PYTHON_SQUARE_MIN 0x1p-200
#define PYTHON_SQUARE_MAX 0x1p200
/* Veltkamp's constant: splits 53 bits into 26 and 27. */
#define PYTHON_SPLIT 134217729.0

/* The library's pow. The exponent is hidden from the compiler, which turns pow(x, 2.0) into x * x. */
static inline double python_power(double x, double exponent) {
    volatile double hidden = exponent;
    return pow(x, hidden);
}

/* x ** 2, which is pow(x, 2.0). */
static inline double python_square(double x) {
    double product = x * x, scaled = x * PYTHON_SPLIT;
    double high = scaled - (scaled - x), low = x - high;
    double error = ((high * high - product) + 2.0 * high * low) + low * low; /* Dekker: exact */
    uint64_t bits, exponent_bits;
    memcpy(&bits, &product, sizeof bits);
    exponent_bits = bits & UINT64_C(0x7ff0000000000000);
    double power;
    memcpy(&power, &exponent_bits, sizeof power);
    /* at a power of two the units below are half as wide: left to pow */
    if (fabs(error) < power * (PYTHON_SQUARE_SURE * 0x1p-52) && power > PYTHON_SQUARE_MIN &&
        power < PYTHON_SQUARE_MAX && bits != exponent_bits)
        return product;
    return python_power(x, 2.0);
}

#endif
