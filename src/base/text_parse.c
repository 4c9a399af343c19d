/* Numbers read from text. Up to 38 significant digits are gathered in an integer and rounded by
 * base/double_digits.h; longer ones are rare and go through strtod as digits without a point, so that no
 * locale matters. */
#include "base/text.h"
#include "base/double_digits.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More digits than any double's tie has (767), so that what is beyond only needs to be known as "something".
 */
enum { INTEGER_DIGITS = 38, LONG_DIGITS = 800, EXPONENT_LIMIT = 100000 };

/* The number's parts; digits lie in [first, last) with at most one '.', leading zeros skipped. */
struct number_parts {
    const char *first, *last;
    int significant; /* digits from first on */
    int exponent;    /* of the last digit, the written exponent included */
    bool negative;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* e, sign, digits; p stays where there are no digits. */
static const char *scan_exponent(int *exponent, const char *p, const char *end) {
    if (p == end || (*p != 'e' && *p != 'E')) return p;
    const char *q = p + 1;
    bool negative = false;
    if (q < end && (*q == '+' || *q == '-')) negative = *q++ == '-';
    if (q == end || !is_digit(*q)) return p;
    int value = 0;
    for (; q < end && is_digit(*q); q++)
        if (value < EXPONENT_LIMIT) value = value * 10 + (*q - '0');
    *exponent += negative ? -value : value;
    return q;
}

static const char *scan_number(struct number_parts *out, const char *p, const char *end) {
    *out = (struct number_parts){0};
    if (p < end && (*p == '+' || *p == '-')) out->negative = *p++ == '-';
    bool has_point = false, has_digit = false;
    for (; p < end; p++) {
        if (*p == '.' && !has_point) {
            has_point = true;
            continue;
        }
        if (!is_digit(*p)) break;
        has_digit = true;
        if (!out->first && *p != '0') out->first = p;
        if (out->first) out->significant++;
        if (has_point) out->exponent--;
    }
    if (!has_digit) return NULL;
    out->last = p;
    return scan_exponent(&out->exponent, p, end);
}

static unsigned __int128 gather(const struct number_parts *parts) {
    unsigned __int128 wide = 0;
    uint64_t narrow = 0;
    int count = 0;
    for (const char *p = parts->first; p < parts->last; p++) {
        if (*p == '.') continue;
        if (count < 19)
            narrow = narrow * 10 + (uint64_t)(*p - '0');
        else
            wide = (count == 19 ? narrow : wide) * 10 + (uint64_t)(*p - '0');
        count++;
    }
    return count > 19 ? wide : narrow;
}

static double round_long(const struct number_parts *parts) {
    char text[LONG_DIGITS + 32];
    int count = 0;
    bool has_more = false;
    for (const char *p = parts->first; p < parts->last; p++) {
        if (*p == '.') continue;
        if (count < LONG_DIGITS)
            text[count++] = *p;
        else
            has_more |= *p != '0';
    }
    int exponent = parts->exponent + (parts->significant - count);
    if (has_more) {
        text[count++] = '1';
        exponent--;
    }
    snprintf(text + count, sizeof text - (size_t)count, "e%d", exponent);
    return strtod(text, NULL);
}

const char *parse_decimal(double *out, const char *begin, const char *end) {
    struct number_parts parts;
    const char *after = scan_number(&parts, begin, end);
    if (!after) return NULL;
    double value = 0.0;
    if (parts.first)
        value = parts.significant <= INTEGER_DIGITS ? double_digits_round(gather(&parts), parts.exponent)
                                                    : round_long(&parts);
    *out = parts.negative ? -value : value;
    return after;
}

bool text_to_double(double *out, const char *string) {
    const char *end = string + strlen(string);
    double value;
    if (parse_decimal(&value, string, end) != end || string == end || !isfinite(value)) return false;
    *out = value;
    return true;
}

bool text_to_int64(int64_t *out, const char *string) {
    bool negative = *string == '-';
    if (*string == '-' || *string == '+') string++;
    if (!*string) return false;
    int64_t value = 0; /* built downwards: the most negative number has no positive twin */
    for (; *string; string++) {
        if (!is_digit(*string)) return false;
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, *string - '0', &value))
            return false;
    }
    if (!negative && value == INT64_MIN) return false;
    *out = negative ? value : -value;
    return true;
}
