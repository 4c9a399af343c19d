/* The account of one run, as strategies/kmill_account.py states it: the order of the operations below is the
 * contract, because each one rounds to 28 digits. Only what is recorded becomes a double. */
#include "account/ledger.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_texts(struct ledger *ledger) {
    for (size_t i = 0; i < ledger->text_count; i++)
        free(ledger->texts[i]);
    ledger->text_count = 0;
}

/* Without slippage the factors are a bare 1, so that a price keeps its digits (12.50 stays 12.50). */
static void set_factors(struct ledger *ledger) {
    struct decimal one = decimal_from_int64(1), slippage = ledger->rules.slippage_bp;
    ledger->buy_factor = ledger->sell_factor = one;
    if (decimal_is_zero(slippage)) return;
    struct decimal fraction = decimal_divide(slippage, decimal_from_int64(10000));
    ledger->buy_factor = decimal_add(one, fraction);
    ledger->sell_factor = decimal_subtract(one, fraction);
}

static void update_floats(struct ledger *ledger) {
    ledger->balance_float = decimal_to_double(ledger->balance);
    ledger->position_float = decimal_to_double(ledger->position);
    ledger->quote_fee_float = decimal_to_double(ledger->quote_fee);
}

void ledger_reset(struct ledger *ledger, const struct account_rules *rules) {
    free_texts(ledger);
    struct ledger fresh = {
        .rules = *rules,
        .balance = rules->initial_balance,
        .trades = ledger->trades,
        .trade_capacity = ledger->trade_capacity,
        .texts = ledger->texts,
        .text_capacity = ledger->text_capacity,
    };
    *ledger = fresh;
    set_factors(ledger);
    update_floats(ledger);
    ledger->peak_equity = ledger->low_equity = ledger->balance_float;
}

void ledger_clear(struct ledger *ledger) {
    free_texts(ledger);
    free(ledger->texts);
    free(ledger->trades);
    *ledger = (struct ledger){0};
}

void ledger_refuse(struct ledger *ledger) {
    ledger->refused_orders++;
}

static bool refuse(struct ledger *ledger) {
    ledger->refused_orders++;
    return false;
}

/* Exactly, against the decimals the bar's doubles stand for. Rounding to double is monotone, so that only a
 * price whose double equals a bound needs the exact comparison. */
static bool is_outside(const struct order_moment *moment, struct decimal price) {
    double rounded = decimal_to_double(price);
    if (rounded > moment->low && rounded < moment->high) return false;
    if (rounded < moment->low || rounded > moment->high) return true;
    return decimal_compare(price, decimal_from_double(moment->low)) < 0 ||
           decimal_compare(price, decimal_from_double(moment->high)) > 0;
}

/* The price after slippage, checked. False: there can be no such order. */
static bool effective_price(struct ledger *ledger, struct decimal *price, struct decimal amount,
                            struct decimal factor) {
    if (!decimal_is_positive(*price) || !decimal_is_positive(amount)) return false;
    *price = decimal_multiply(*price, factor);
    if (ledger->rules.price_check == PRICE_CHECK_OFF || !is_outside(&ledger->moment, *price)) return true;
    ledger->price_outside++;
    return ledger->rules.price_check != PRICE_CHECK_REFUSE;
}

static uint32_t keep_text(struct ledger *ledger, struct order_stamp stamp) {
    if (ledger->text_count == ledger->text_capacity) {
        ledger->text_capacity = ledger->text_capacity ? 2 * ledger->text_capacity : 16;
        ledger->texts = memory_grow(ledger->texts, ledger->text_capacity * sizeof *ledger->texts);
    }
    char *copy = memory_grow(NULL, stamp.text_length + 1);
    memcpy(copy, stamp.text, stamp.text_length);
    copy[stamp.text_length] = '\0';
    ledger->texts[ledger->text_count] = copy;
    return (uint32_t)ledger->text_count++;
}

/* An accepted order, seen from the account. */
struct execution {
    enum trade_side side;
    struct decimal price, amount, fee, profit;
};

static void record(struct ledger *ledger, const struct execution *done, struct order_stamp stamp) {
    if (ledger->trade_count == ledger->trade_capacity) {
        ledger->trade_capacity = ledger->trade_capacity ? 2 * ledger->trade_capacity : 64;
        ledger->trades = memory_grow(ledger->trades, ledger->trade_capacity * sizeof *ledger->trades);
    }
    update_floats(ledger);
    ledger->version++;
    ledger->trades[ledger->trade_count++] = (struct trade){
        .bar = ledger->moment.bar,
        .price = decimal_to_double(done->price),
        .amount = decimal_to_double(done->amount),
        .fee = decimal_to_double(done->fee),
        .balance = ledger->balance_float,
        .position = ledger->position_float,
        .total_value = decimal_to_double(ledger_equity(ledger, done->price)),
        .profit = decimal_to_double(done->profit),
        .text = stamp.kind == STAMP_TEXT ? keep_text(ledger, stamp) : 0,
        .side = (uint8_t)done->side,
        .stamp = (uint8_t)stamp.kind,
        .after_close = ledger->moment.after_close,
    };
}

bool ledger_buy(struct ledger *ledger, struct decimal price, struct decimal amount,
                struct order_stamp stamp) {
    if (!effective_price(ledger, &price, amount, ledger->buy_factor)) return refuse(ledger);
    struct decimal cost = decimal_multiply(price, amount);
    struct decimal fee = decimal_multiply(cost, ledger->rules.fee_rate);
    struct decimal total = decimal_add(cost, fee);
    if (decimal_compare(ledger->balance, total) < 0) return refuse(ledger);
    ledger->balance = decimal_subtract(ledger->balance, total);
    ledger->position = decimal_add(ledger->position, amount);
    ledger->cost = decimal_add(ledger->cost, cost);
    ledger->cost_fee = decimal_add(ledger->cost_fee, fee);
    ledger->quote_fee = decimal_add(ledger->quote_fee, fee);
    struct execution done = {TRADE_BUY, price, amount, fee, decimal_from_int64(0)};
    record(ledger, &done, stamp);
    return true;
}

/* total x amount / position: what leaves with a partial sell. */
static struct decimal share_of(struct decimal total, struct decimal amount, struct decimal position) {
    return decimal_divide(decimal_multiply(total, amount), position);
}

bool ledger_sell(struct ledger *ledger, struct decimal price, struct decimal amount,
                 struct order_stamp stamp) {
    if (!effective_price(ledger, &price, amount, ledger->sell_factor)) return refuse(ledger);
    int held = decimal_compare(ledger->position, amount);
    if (held < 0) return refuse(ledger);
    struct decimal revenue = decimal_multiply(price, amount);
    struct decimal fee = decimal_multiply(revenue, ledger->rules.fee_rate);
    struct decimal net = decimal_subtract(revenue, fee);
    struct decimal cost = ledger->cost, cost_fee = ledger->cost_fee;
    if (held > 0) {
        cost = share_of(cost, amount, ledger->position);
        cost_fee = share_of(cost_fee, amount, ledger->position);
    }
    struct decimal profit = decimal_subtract(decimal_subtract(net, cost), cost_fee);
    ledger->balance = decimal_add(ledger->balance, net);
    ledger->position = decimal_subtract(ledger->position, amount);
    ledger->cost = decimal_subtract(ledger->cost, cost);
    ledger->cost_fee = decimal_subtract(ledger->cost_fee, cost_fee);
    ledger->quote_fee = decimal_add(ledger->quote_fee, fee);
    ledger->sells++;
    ledger->winning_sells += decimal_is_positive(profit);
    struct execution done = {TRADE_SELL, price, amount, fee, profit};
    record(ledger, &done, stamp);
    return true;
}

bool ledger_sell_all(struct ledger *ledger, struct decimal price, struct order_stamp stamp) {
    return ledger_sell(ledger, price, ledger->position, stamp);
}

struct decimal ledger_position_value(const struct ledger *ledger, struct decimal price) {
    return decimal_multiply(ledger->position, price);
}

struct decimal ledger_equity(const struct ledger *ledger, struct decimal price) {
    return decimal_add(ledger->balance, ledger_position_value(ledger, price));
}

double ledger_average_price(const struct ledger *ledger) {
    if (decimal_is_zero(ledger->position)) return 0.0;
    return decimal_to_double(decimal_divide(ledger->cost, ledger->position));
}

struct decimal ledger_drawdown(const struct ledger *ledger, struct decimal price) {
    struct decimal equity = ledger_equity(ledger, price), peak = decimal_from_double(ledger->peak_equity);
    if (decimal_compare(equity, peak) > 0) peak = equity;
    return decimal_divide(decimal_subtract(peak, equity), peak);
}
