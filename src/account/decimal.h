/* Exact decimals: 28 significant digits, ROUND_HALF_EVEN, on 128-bit integers; values equal those of Python's
 * decimal under its default context, digit for digit including the exponent (so that str() is the same too),
 * without any allocation.
 *
 * libmpdec was rejected: not in Debian 12, and the copy inside libpython allocates through Python. */
#ifndef ACCOUNT_DECIMAL_H
#define ACCOUNT_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned __int128 uint128;

/* (-1)^negative * coefficient * 10^exponent. Finite always. Results have a coefficient < 10^28; an operand
 * that came from outside may have up to 38 digits (it is not rounded before it is used, as in Python). */
struct decimal {
    uint128 coefficient;
    int32_t exponent;
    int32_t negative;
};

enum {
    DECIMAL_DIGITS = 28,
    DECIMAL_OPERAND_DIGITS = 38,
    DECIMAL_EXPONENT_MAX = 100000,
    DECIMAL_TEXT_MAX = 96
};

struct decimal decimal_from_int64(int64_t value);
/* Decimal(repr(value)); value must be finite. */
struct decimal decimal_from_double(double value);
/* As Python's Decimal(text) for finite numbers (sign, digits, '.', exponent; spaces around allowed). False:
 * not a number, more than DECIMAL_OPERAND_DIGITS significant digits, or an adjusted exponent beyond
 * +-DECIMAL_EXPONENT_MAX. */
bool decimal_from_text(struct decimal *out, const char *text, size_t length);
/* str(Decimal): scientific notation where Python uses it. Returns the length. */
size_t decimal_to_text(char out[DECIMAL_TEXT_MAX], struct decimal value);
/* float(Decimal): correctly rounded. */
double decimal_to_double(struct decimal value);

struct decimal decimal_add(struct decimal a, struct decimal b);
struct decimal decimal_subtract(struct decimal a, struct decimal b);
struct decimal decimal_multiply(struct decimal a, struct decimal b);
/* b must not be zero. */
struct decimal decimal_divide(struct decimal a, struct decimal b);
/* Exact comparison: -1, 0 or 1. */
int decimal_compare(struct decimal a, struct decimal b);
static inline bool decimal_is_zero(struct decimal a) {
    return a.coefficient == 0;
}
static inline bool decimal_is_positive(struct decimal a) {
    return a.coefficient != 0 && !a.negative;
}

#endif
