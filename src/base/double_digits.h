/* Doubles as decimal digits and back: the shortest digits that read back to the same double, and the
 * correctly rounded double of digits. What text and money both stand on. */
#ifndef BASE_DOUBLE_DIGITS_H
#define BASE_DOUBLE_DIGITS_H

#include <stdbool.h>
#include <stdint.h>

/* (-1)^negative * digits * 10^exponent. */
struct double_digits {
    uint64_t digits; /* at most 17 of them, the last one not 0; 0 (with exponent 0) for zero */
    int exponent;
    bool negative;
};

/* Of a finite double. Of all shortest digits the ones nearest to the value, as Python's repr(float). */
struct double_digits double_digits_shortest(double value);
/* True where repr(float) writes digits * 10^exponent in scientific notation: value < 1e-4 or >= 1e16. digits
 * are not 0. */
bool double_digits_is_scientific(int digit_count, int exponent);
/* Correctly rounded (half to even) double of coefficient * 10^exponent; overflow gives infinity. */
double double_digits_round(unsigned __int128 coefficient, int exponent);
/* Decimal digits of an integer; 0 has 1. */
int double_digits_count(uint64_t digits);

#endif
