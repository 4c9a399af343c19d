/* Balance and position along an equity curve. */
#include "results/equity_walk.h"
#include "kmill/result.h"

void account_move_on(const struct run_record *record, size_t *next_trade, int64_t now, double *balance,
                     double *position) {
    for (; *next_trade < record->trade_count; ++*next_trade) {
        const struct trade *trade = &record->trades[*next_trade];
        if (trade->bar + trade->after_close > now) break;
        *balance = trade->balance;
        *position = trade->position;
    }
}

struct equity_walk equity_walk_start(const struct run_record *record, size_t begin, size_t bars) {
    return (struct equity_walk){
        .record = record, .begin = begin, .bars = bars, .balance = record->metrics[METRIC_INITIAL_BALANCE]};
}

bool equity_walk_next(struct equity_walk *walk, size_t *bar, double *equity, bool *has_account) {
    const struct run_record *record = walk->record;
    if (!record->equity || walk->next_point == record->equity_count) return false;
    *bar = result_point_bar(walk->next_point, record->equity_count, walk->bars);
    *equity = record->equity[walk->next_point++];
    *has_account = record->trade_total == 0 ||
                   (record->trade_count == record->trade_total && walk->begin != EQUITY_WALK_NOWHERE);
    if (*has_account)
        account_move_on(record, &walk->next_trade, (int64_t)(walk->begin + *bar), &walk->balance,
                        &walk->position);
    return true;
}
