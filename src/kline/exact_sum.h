/* Sums of decimals that were read as doubles, exact: volumes of a larger candle equal those the exchange
 * computes from its own decimals. */
#ifndef KLINE_EXACT_SUM_H
#define KLINE_EXACT_SUM_H

#include <stdbool.h>

/* total x 10^-scale. Zero-initialise for the sum of nothing. */
struct exact_sum {
    __int128 total;
    int scale;
    bool unknown;  /* a NaN was added: the sum is NaN */
    bool overflow; /* more than 38 digits would be needed: the sum is not known */
};

/* Adds the shortest decimal that reads back as value (repr). Infinities count as overflow. */
void exact_sum_add(struct exact_sum *sum, double value);
/* The double nearest to the exact sum; NaN if it is unknown. */
double exact_sum_value(const struct exact_sum *sum);

#endif
