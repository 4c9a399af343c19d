/* Decimals as text: Python's Decimal(text) and str(Decimal). */
#include "account/decimal.h"

#include <stdio.h>
#include <string.h>

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Digits with at most one point; counts the places after it down from *exponent. NULL: none, or too many. */
static const char *read_coefficient(uint128 *out, int *exponent, const char *p, const char *end) {
    uint128 coefficient = 0;
    int significant = 0;
    bool has_point = false, has_digit = false;
    for (; p < end; p++) {
        if (*p == '.' && !has_point) {
            has_point = true;
            continue;
        }
        if (!is_digit(*p)) break;
        has_digit = true;
        if (coefficient || *p != '0') significant++;
        if (significant > DECIMAL_OPERAND_DIGITS || *exponent <= -2 * DECIMAL_EXPONENT_MAX) return NULL;
        coefficient = coefficient * 10 + (uint128)(*p - '0');
        *exponent -= has_point;
    }
    *out = coefficient;
    return has_digit ? p : NULL;
}

/* e, sign, digits: all or nothing. NULL: an e without a number behind it. */
static const char *read_exponent(int *exponent, const char *p, const char *end) {
    if (p == end || (*p != 'e' && *p != 'E')) return p;
    p++;
    bool negative = false;
    if (p < end && (*p == '+' || *p == '-')) negative = *p++ == '-';
    if (p == end) return NULL;
    int value = 0;
    for (; p < end && is_digit(*p); p++)
        if (value <= 10 * DECIMAL_EXPONENT_MAX) value = value * 10 + (*p - '0');
    *exponent += negative ? -value : value;
    return p;
}

static int coefficient_digits(char out[DECIMAL_OPERAND_DIGITS + 2], uint128 coefficient) {
    char reversed[DECIMAL_OPERAND_DIGITS + 2];
    int count = 0;
    do {
        reversed[count++] = (char)('0' + (int)(coefficient % 10));
        coefficient /= 10;
    } while (coefficient && count <= DECIMAL_OPERAND_DIGITS);
    for (int i = 0; i < count; i++)
        out[i] = reversed[count - 1 - i];
    out[count] = '\0';
    return count;
}

bool decimal_from_text(struct decimal *out, const char *text, size_t length) {
    const char *p = text, *end = text + length;
    while (p < end && is_space(*p))
        p++;
    while (end > p && is_space(end[-1]))
        end--;
    struct decimal value = {0};
    if (p < end && (*p == '+' || *p == '-')) value.negative = *p++ == '-';
    int exponent = 0;
    p = read_coefficient(&value.coefficient, &exponent, p, end);
    if (p) p = read_exponent(&exponent, p, end);
    if (p != end || !p) return false;
    char digits[DECIMAL_OPERAND_DIGITS + 2];
    int adjusted = exponent + coefficient_digits(digits, value.coefficient) - 1;
    if (adjusted < -DECIMAL_EXPONENT_MAX || adjusted > DECIMAL_EXPONENT_MAX) return false;
    value.exponent = exponent;
    *out = value;
    return true;
}

/* "to-scientific-string" of the General Decimal Arithmetic specification. */
size_t decimal_to_text(char out[DECIMAL_TEXT_MAX], struct decimal value) {
    char digits[DECIMAL_OPERAND_DIGITS + 2];
    int count = coefficient_digits(digits, value.coefficient);
    int before_point = count + value.exponent; /* of the plain notation */
    const char *sign = value.negative ? "-" : "";
    int length;
    if (value.exponent > 0 || before_point <= -6) {
        const char *point = count > 1 ? "." : "";
        length = snprintf(out, DECIMAL_TEXT_MAX, "%s%c%s%sE%+d", sign, digits[0], point, digits + 1,
                          before_point - 1);
    } else if (before_point <= 0) {
        length = snprintf(out, DECIMAL_TEXT_MAX, "%s0.%.*s%s", sign, -before_point, "00000", digits);
    } else {
        const char *point = value.exponent < 0 ? "." : "";
        length = snprintf(out, DECIMAL_TEXT_MAX, "%s%.*s%s%s", sign, before_point, digits, point,
                          digits + before_point);
    }
    return (size_t)length;
}
