/* Equity at the end of each month is balance + position x close with the account as the trades left it; a
 * trade of on_day_end comes after its bar's equity point and so belongs to the next month. */
#include "metrics/monthly_returns.h"
#include "base/clock.h"

#include <math.h>

struct account_walk {
    const struct trade *trades;
    size_t count, next, first_bar;
    double balance, position;
};

/* The account at the equity point of a row. */
static void walk_to(struct account_walk *walk, size_t row) {
    for (; walk->next < walk->count; walk->next++) {
        const struct trade *t = &walk->trades[walk->next];
        size_t at = (size_t)t->bar - walk->first_bar;
        if (at > row || (at == row && t->after_close)) return;
        walk->balance = t->balance;
        walk->position = t->position;
    }
}

static void month_of(int64_t ms, int *year, int *month) {
    int day;
    clock_civil_from_day(clock_utc_day(ms), year, month, &day);
}

size_t monthly_returns(struct monthly_return *out, size_t capacity, double initial_balance,
                       const struct trade *trades, size_t trade_count, const struct series *range,
                       size_t first_bar) {
    struct account_walk walk = {trades, trade_count, 0, first_bar, initial_balance, 0};
    double before = initial_balance;
    size_t months = 0;
    int year, month, next_year, next_month;
    for (size_t row = 0; row < range->count; row++) {
        month_of(range->open_time[row], &year, &month);
        bool last = row + 1 == range->count;
        if (!last) month_of(range->open_time[row + 1], &next_year, &next_month);
        if (!last && next_year == year && next_month == month) continue;
        walk_to(&walk, row);
        double equity = walk.balance + walk.position * range->close[row];
        if (months < capacity)
            out[months] = (struct monthly_return){year, month, before != 0 ? equity / before - 1 : NAN};
        months++;
        before = equity;
    }
    return months;
}
