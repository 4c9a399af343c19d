/* An equity curve with the account that belongs to each point, reconstructed from the trades: a trade counts
 * from its bar's point on, one made after the close (on_day_end) from the next. */
#ifndef RESULTS_EQUITY_WALK_H
#define RESULTS_EQUITY_WALK_H

#include "results/run_record.h"

/* Moves an account (at the start: initial balance, no position, *next_trade 0) on to the equity point of bar
 * `now`, counted as trades count theirs. */
void account_move_on(const struct run_record *record, size_t *next_trade, int64_t now, double *balance,
                     double *position);

/* begin where it is not known (a result without candles): the account of a run with trades is not either. */
#define EQUITY_WALK_NOWHERE SIZE_MAX

struct equity_walk {
    const struct run_record *record; /* equity: the kept points */
    size_t begin, bars; /* the evaluated range: number of its first bar within the series, its length */
    size_t next_point, next_trade;
    double balance, position;
};
struct equity_walk equity_walk_start(const struct run_record *record, size_t begin, size_t bars);
/* Next point: its bar within the range. False at the end. has_account is false where not all trades were
 * kept, or what bars they belong to is not known. */
bool equity_walk_next(struct equity_walk *walk, size_t *bar, double *equity, bool *has_account);

#endif
