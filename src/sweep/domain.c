/* The values of one parameter.
 *
 * A range steps in integers of its common decimal exponent, so that 0.1..0.5 by 0.1 is 0.1 0.2 0.3 0.4 0.5,
 * each the double nearest to that decimal: no error builds up and the end is never missed. */
#include "sweep/domain.h"

#include "base/double_digits.h"

#include <math.h>

enum { SAMPLE_DIGITS = 12, RANGE_DIGITS = 36 };

bool domain_is_random_only(enum domain_kind kind) {
    return kind == DOMAIN_UNIFORM || kind == DOMAIN_LOG_UNIFORM || kind == DOMAIN_INTEGER ||
           kind == DOMAIN_CHOICE;
}

double domain_round(double value) {
    struct double_digits parts = double_digits_shortest(value);
    uint64_t scale = 1;
    for (int extra = double_digits_count(parts.digits) - SAMPLE_DIGITS; extra > 0; extra--) {
        scale *= 10;
        parts.exponent++;
    }
    uint64_t kept = parts.digits / scale, rest = parts.digits % scale;
    if (2 * rest > scale || (2 * rest == scale && kept % 2 == 1)) kept++;
    double rounded = double_digits_round(kept, parts.exponent);
    return parts.negative ? -rounded : rounded;
}

static struct value real(double number) {
    return (struct value){.kind = VALUE_FLOAT, .real = number};
}

static struct value integer(int64_t number) {
    return (struct value){.kind = VALUE_INT, .integer = number};
}

/* ---- range ---- */

static __int128 signed_coefficient(struct decimal d) {
    return d.negative ? -(__int128)d.coefficient : (__int128)d.coefficient;
}

/* d with a smaller exponent; false where that takes more than RANGE_DIGITS digits. */
static bool lower_exponent(struct decimal *d, int32_t exponent) {
    static const int digits_limit = RANGE_DIGITS;
    uint128 limit = 1;
    for (int i = 0; i < digits_limit; i++)
        limit *= 10;
    for (; d->exponent > exponent && d->coefficient; d->exponent--) {
        if (d->coefficient >= limit / 10) return false;
        d->coefficient *= 10;
    }
    d->exponent = exponent;
    return d->coefficient < limit;
}

bool domain_prepare_range(struct parameter *p) {
    int32_t exponent = p->first.exponent;
    if (p->step.exponent < exponent) exponent = p->step.exponent;
    if (p->last.exponent < exponent) exponent = p->last.exponent;
    if (!lower_exponent(&p->first, exponent) || !lower_exponent(&p->step, exponent) ||
        !lower_exponent(&p->last, exponent))
        return false;
    __int128 steps =
        (signed_coefficient(p->last) - signed_coefficient(p->first)) / (__int128)p->step.coefficient;
    if (steps >= INT64_MAX) return false;
    p->count = (uint64_t)steps + 1;
    return true;
}

static struct value range_value(const struct parameter *p, uint64_t k) {
    __int128 value = signed_coefficient(p->first) + (__int128)p->step.coefficient * (__int128)k;
    if (p->integral) return integer((int64_t)value); /* of exponent 0 */
    struct decimal exact = {.coefficient = (uint128)(value < 0 ? -value : value),
                            .exponent = p->first.exponent,
                            .negative = value < 0};
    return real(decimal_to_double(exact));
}

/* ---- the others ---- */

static double clamp(double value, double low, double high) {
    return value < low ? low : value > high ? high : value;
}

static struct value log_range_value(const struct parameter *p, uint64_t k) {
    if (k == 0) return real(p->low);
    if (k + 1 == p->count) return real(p->high);
    double fraction = (double)k / (double)(p->count - 1);
    double exact = exp(log(p->low) + fraction * (log(p->high) - log(p->low)));
    return real(clamp(domain_round(exact), p->low, p->high));
}

struct value domain_value(const struct parameter *p, uint64_t k) {
    if (p->kind == DOMAIN_RANGE) return range_value(p, k);
    if (p->kind == DOMAIN_LOG_RANGE) return log_range_value(p, k);
    return p->values[k];
}

struct value domain_draw(const struct parameter *p, struct draw *draw) {
    switch (p->kind) {
    case DOMAIN_UNIFORM:
        return real(clamp(domain_round(p->low + draw_unit(draw) * (p->high - p->low)), p->low, p->high));
    case DOMAIN_LOG_UNIFORM: {
        double low = log(p->low), high = log(p->high);
        return real(clamp(domain_round(exp(low + draw_unit(draw) * (high - low))), p->low, p->high));
    }
    case DOMAIN_INTEGER: {
        uint64_t span = (uint64_t)p->integer_high - (uint64_t)p->integer_low + 1; /* 0: all of 2^64 */
        uint64_t offset = span ? draw_below(draw, span) : draw_bits(draw);
        return integer((int64_t)((uint64_t)p->integer_low + offset));
    }
    case DOMAIN_CHOICE:
    case DOMAIN_LIST:
    case DOMAIN_RANGE:
    case DOMAIN_LOG_RANGE:
        break;
    }
    return domain_value(p, p->count == 1 ? 0 : draw_below(draw, p->count));
}
