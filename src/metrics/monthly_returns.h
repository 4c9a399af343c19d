/* Returns by calendar month (UTC), from the trades and the closes: they need no kept equity curve. */
#ifndef METRICS_MONTHLY_RETURNS_H
#define METRICS_MONTHLY_RETURNS_H

#include "account/ledger.h"
#include "kmill/series.h"

struct monthly_return {
    int year, month; /* 1-12 */
    double value;    /* equity at the month's last bar / at the last bar of the month before (or the initial
                        balance) - 1;    NaN where that equity was 0 */
};

/* Months that have a bar, in order, of bars [0, range->count); at most `capacity` go to out. Returns how many
 * there are. first_bar: the number that trades count range's first bar by. All trades of the run, in order.
 */
size_t monthly_returns(struct monthly_return *out, size_t capacity, double initial_balance,
                       const struct trade *trades, size_t trade_count, const struct series *range,
                       size_t first_bar);

#endif
