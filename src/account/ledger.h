/* The account of one run: what an order costs, what is held, what was traded. Knows nothing of Python or
 * files.
 *
 * Everything that is money is a struct decimal; per bar only doubles are needed (balance_float,
 * position_float, kept up to date by the ledger at each trade), so that marking a bar costs one multiply-add.
 * Rules: strategy contract, "Money is exact". */
#ifndef ACCOUNT_LEDGER_H
#define ACCOUNT_LEDGER_H

#include "account/decimal.h"

enum trade_side { TRADE_BUY = 0, TRADE_SELL = 1 };
enum price_check { PRICE_CHECK_OFF, PRICE_CHECK_COUNT, PRICE_CHECK_REFUSE };

/* What an order's timestamp was: the bar's own open_time or close_time, or a text of the strategy's (index
 * into the ledger's texts). */
enum stamp_kind { STAMP_OPEN_TIME = 0, STAMP_CLOSE_TIME = 1, STAMP_TEXT = 2 };

/* One accepted order. Doubles are the correctly rounded values of the exact ledger. */
struct trade {
    int64_t bar;         /* index into the series */
    double price;        /* effective: after slippage */
    double amount;       /* base asset */
    double fee;          /* quote asset */
    double balance;      /* after the trade, quote */
    double position;     /* after the trade, base */
    double total_value;  /* balance + position x price, after the trade */
    double profit;       /* sells: realized, both sides' fees included; buys: 0 */
    uint32_t text;       /* STAMP_TEXT: index into ledger.texts, else 0 */
    uint8_t side;        /* enum trade_side */
    uint8_t stamp;       /* enum stamp_kind */
    uint8_t after_close; /* 1: made in on_day_end, after the bar's equity point */
    uint8_t reserved;
};

struct account_rules {
    struct decimal initial_balance; /* > 0, quote */
    struct decimal fee_rate;        /* >= 0, fraction of cost or revenue */
    struct decimal slippage_bp;     /* >= 0 basis points against the trader */
    enum price_check price_check;
};

/* Where and when an order is made: set by the bar loop before each callback. */
struct order_moment {
    int64_t bar;
    double low, high; /* of the bar, for the price check */
    bool after_close;
};

/* Immutable during a callback for everyone but ledger_*; belongs to one run on one thread. Reused between
 * runs: ledger_reset keeps the trades' memory. */
struct ledger {
    struct account_rules rules;
    struct decimal buy_factor, sell_factor; /* 1 +- slippage_bp / 10^4 */
    struct decimal balance, position, quote_fee;
    struct decimal cost, cost_fee; /* of the position held now: cost without fees, and the buy fees on it */
    double balance_float, position_float, quote_fee_float;
    uint64_t version; /* +1 at each accepted order: caches over the account are keyed by it */

    double peak_equity;  /* highest equity point so far, the initial balance being the first */
    double low_equity;   /* lowest since then */
    double max_drawdown; /* over the equity points so far, 0-1 */

    struct order_moment moment;
    struct trade *trades;
    size_t trade_count, trade_capacity;
    char **texts; /* timestamps that are no bar's own */
    size_t text_count, text_capacity;

    uint64_t refused_orders; /* any refused order */
    uint64_t price_outside;  /* orders priced outside the bar's [low, high] */
    uint64_t sells, winning_sells;
};

/* Call once on a zeroed struct or again for the next run. */
void ledger_reset(struct ledger *ledger, const struct account_rules *rules);
void ledger_clear(struct ledger *ledger);

/* The timestamp of an order; text is copied when kind is STAMP_TEXT. */
struct order_stamp {
    enum stamp_kind kind;
    const char *text;
    size_t text_length;
};

/* True and a new entry at trades[trade_count - 1], or false and nothing changed but refused_orders /
 * price_outside. */
bool ledger_buy(struct ledger *ledger, struct decimal price, struct decimal amount, struct order_stamp stamp);
bool ledger_sell(struct ledger *ledger, struct decimal price, struct decimal amount,
                 struct order_stamp stamp);
/* Sells exactly the position, no float round trip; refused when flat. */
bool ledger_sell_all(struct ledger *ledger, struct decimal price, struct order_stamp stamp);
/* Counts a refusal that never reached the ledger (a NaN or infinite price or amount). */
void ledger_refuse(struct ledger *ledger);

struct decimal ledger_position_value(const struct ledger *ledger, struct decimal price);
struct decimal ledger_equity(const struct ledger *ledger, struct decimal price);
/* cost / position as double; 0.0 when flat. */
double ledger_average_price(const struct ledger *ledger);
/* (peak - equity) / peak with peak = max(peak_equity as Decimal(repr), equity). */
struct decimal ledger_drawdown(const struct ledger *ledger, struct decimal price);

/* The equity point of a bar: balance + position x close in doubles; keeps peak_equity and max_drawdown. Below
 * one peak the drawdown falls with equity, also rounded, so that it need be computed at a new low only: a
 * division less on most bars. */
static inline double ledger_mark(struct ledger *ledger, double close) {
    double equity = ledger->balance_float + ledger->position_float * close;
    if (equity > ledger->peak_equity) {
        ledger->peak_equity = ledger->low_equity = equity;
    } else if (equity < ledger->low_equity) {
        ledger->low_equity = equity;
        double drawdown = (ledger->peak_equity - equity) / ledger->peak_equity;
        if (drawdown > ledger->max_drawdown) ledger->max_drawdown = drawdown;
    }
    return equity;
}

#endif
