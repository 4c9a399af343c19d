/* Doubles and integers as 64-bit keys that sort as the numbers do, and order statistics and ranks by such
 * keys.
 *
 * Why keys: a histogram over a range of keys tells where a rank lies whatever the numbers are like (spread
 * over a thousand octaves, all equal, negative), so that neither a copy of the column nor a comparison sort
 * of a million numbers is needed. */
#ifndef RESULTS_NUMBER_ORDER_H
#define RESULTS_NUMBER_ORDER_H

#include "results/row_select.h"

#include <string.h>

/* A column of numbers: doubles or integers, one is NULL. */
struct number_column {
    const double *doubles;
    const int64_t *integers;
};

/* Ascending in the number; -0.0 and 0.0 are one. Not for NaN. */
static inline uint64_t key_of_double(double value) {
    int64_t bits;
    value += 0.0; /* -0.0 becomes 0.0 */
    memcpy(&bits, &value, sizeof bits);
    uint64_t sign = (uint64_t)(bits >> 63);
    return (uint64_t)bits ^ (sign | UINT64_C(1) << 63);
}
static inline double double_of_key(uint64_t key) {
    uint64_t bits = key >> 63 ? key ^ UINT64_C(1) << 63 : ~key;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
static inline uint64_t key_of_number(struct number_column column, uint64_t row) {
    return column.doubles ? key_of_double(column.doubles[row])
                          : (uint64_t)column.integers[row] ^ UINT64_C(1) << 63;
}

/* The values of the given ranks (ascending, 0 = the lowest, each < rows->count) among the chosen rows. values
 * of the chosen rows are not NaN. Memory: half a megabyte. */
status number_order_statistics(double *out, const uint64_t *ranks, size_t count, const double *values,
                               const struct row_set *rows, struct error *err);

/* ranks[row] of each chosen row: twice its mean rank (1 = the lowest; equal numbers share theirs), a whole
 * number. *distinct: different numbers. The others' ranks are not written. Chosen numbers are not NaN, rows
 * fewer than NUMBER_RANKS_MAX. Memory: 32 bytes a chosen row while it runs. */
#define NUMBER_RANKS_MAX (UINT64_C(1) << 31)
status number_ranks(uint32_t *ranks, uint64_t *distinct, struct number_column column,
                    const struct row_set *rows, struct error *err);

#endif
