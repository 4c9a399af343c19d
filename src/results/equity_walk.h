/* An equity curve with the account that belongs to each point, reconstructed from the trades: a trade counts
 * from its bar's point on, one made after the close (on_day_end) from the next. */
#ifndef RESULTS_EQUITY_WALK_H
#define RESULTS_EQUITY_WALK_H

#include "results/run_record.h"

struct equity_walk {
    const struct run_record *record; /* equity: the kept points */
    size_t begin, bars; /* the evaluated range: number of its first bar within the series, its length */
    size_t next_point, next_trade;
    double balance, position;
};
struct equity_walk equity_walk_start(const struct run_record *record, size_t begin, size_t bars);
/* Next point: its bar within the range. False at the end. has_account is false where not all trades were
 * kept. */
bool equity_walk_next(struct equity_walk *walk, size_t *bar, double *equity, bool *has_account);

#endif
