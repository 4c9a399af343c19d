/* PostgreSQL's binary NUMERIC: a 16-bit count of digit groups, weight of the first group, sign, display
 * scale, then the groups, each 0-9999, all big-endian: value = +-sum group[i] * 10000^(weight - i).
 *
 * The server would convert to float8 with `::float8`, by printing the decimal and reading it with strtod;
 * decoding here is twice as fast and spares the server that work. Prices have few digits: the groups make one
 * integer that a double holds exactly, and one division by a power of ten rounds once. Whatever does not fit
 * goes through the general rounding of base, and what has more than 36 digits through strtod. */
#include "kline/numeric.h"

#include "base/double_digits.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { HEADER_SIZE = 8, GROUP_DIGITS = 4, GROUP_BASE = 10000 };
enum {
    SIGN_POSITIVE = 0x0000,
    SIGN_NEGATIVE = 0x4000,
    SIGN_NAN = 0xC000,
    SIGN_PLUS_INF = 0xD000,
    SIGN_MINUS_INF = 0xF000
};
/* Groups that surely fit a uint64_t and an unsigned __int128. */
enum { NARROW_GROUPS = 4, WIDE_GROUPS = 9 };

struct numeric {
    int group_count, weight;
    unsigned sign;
    const unsigned char *groups;
};

static unsigned read_u16(const unsigned char *p) {
    return (unsigned)p[0] << 8 | p[1];
}

static unsigned group_at(const struct numeric *number, int index) {
    return read_u16(number->groups + 2 * index);
}

static enum numeric_result parse(struct numeric *out, const unsigned char *data, size_t length) {
    if (length < HEADER_SIZE) return NUMERIC_MALFORMED;
    out->group_count = (int)read_u16(data);
    out->weight = (int16_t)read_u16(data + 2);
    out->sign = read_u16(data + 4);
    out->groups = data + HEADER_SIZE;
    if (length != HEADER_SIZE + 2 * (size_t)out->group_count) return NUMERIC_MALFORMED;
    switch (out->sign) {
    case SIGN_POSITIVE:
    case SIGN_NEGATIVE:
        return NUMERIC_OK;
    case SIGN_NAN:
        return NUMERIC_NAN;
    case SIGN_PLUS_INF:
    case SIGN_MINUS_INF:
        return NUMERIC_INFINITE;
    default:
        return NUMERIC_MALFORMED;
    }
}

/* All groups as one integer; at most WIDE_GROUPS. False if a group is no group. */
static bool gather(unsigned __int128 *out, const struct numeric *number) {
    bool good = true;
    uint64_t narrow = 0;
    int i = 0;
    for (; i < number->group_count && i < NARROW_GROUPS; i++) {
        unsigned group = group_at(number, i);
        good &= group < GROUP_BASE;
        narrow = narrow * GROUP_BASE + group;
    }
    unsigned __int128 wide = narrow;
    for (; i < number->group_count; i++) {
        unsigned group = group_at(number, i);
        good &= group < GROUP_BASE;
        wide = wide * GROUP_BASE + group;
    }
    *out = wide;
    return good;
}

/* More than 36 digits: as text, which strtod rounds correctly however long it is. */
static enum numeric_result round_long(double *out, const struct numeric *number, int exponent) {
    size_t size = (size_t)number->group_count * GROUP_DIGITS + 32, used = 0;
    char *text = malloc(size);
    if (!text) return NUMERIC_MALFORMED;
    bool good = true;
    for (int i = 0; i < number->group_count; i++) {
        unsigned group = group_at(number, i);
        good &= group < GROUP_BASE;
        used += (size_t)snprintf(text + used, size - used, "%04u", group);
    }
    snprintf(text + used, size - used, "e%d", exponent);
    *out = strtod(text, NULL);
    free(text);
    return good ? NUMERIC_OK : NUMERIC_MALFORMED;
}

enum numeric_result numeric_to_double(double *out, const unsigned char *data, size_t length) {
    struct numeric number;
    enum numeric_result result = parse(&number, data, length);
    if (result != NUMERIC_OK) return result;
    int exponent = GROUP_DIGITS * (number.weight - number.group_count + 1);
    double magnitude;
    if (number.group_count <= WIDE_GROUPS) {
        unsigned __int128 coefficient;
        if (!gather(&coefficient, &number)) return NUMERIC_MALFORMED;
        magnitude = double_digits_round(coefficient, exponent);
    } else if ((result = round_long(&magnitude, &number, exponent)) != NUMERIC_OK) {
        return result;
    }
    if (isinf(magnitude)) return NUMERIC_INFINITE;
    *out = number.sign == SIGN_NEGATIVE ? -magnitude : magnitude;
    return NUMERIC_OK;
}

enum numeric_result numeric_to_int64(int64_t *out, const unsigned char *data, size_t length) {
    struct numeric number;
    enum numeric_result result = parse(&number, data, length);
    if (result != NUMERIC_OK) return result;
    __int128 value = 0;
    for (int i = 0; i < number.group_count; i++) {
        unsigned group = group_at(&number, i);
        if (group >= GROUP_BASE) return NUMERIC_MALFORMED;
        if (i > number.weight && group != 0) return NUMERIC_FRACTIONAL;
        if (i <= number.weight) value = value * GROUP_BASE + group;
        if (value > INT64_MAX) return NUMERIC_FRACTIONAL;
    }
    for (int i = number.group_count; i <= number.weight && value != 0; i++) {
        value *= GROUP_BASE;
        if (value > INT64_MAX) return NUMERIC_FRACTIONAL;
    }
    *out = (int64_t)(number.sign == SIGN_NEGATIVE ? -value : value);
    return NUMERIC_OK;
}
