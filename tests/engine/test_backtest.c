/* The bar loop with an executor written in C: the order of the steps, the days, failures and sampling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "engine/backtest.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR INT64_C(3600000)

/* Writes one letter a call: w warm-up, b bar, e equity, d day end. Buys 1 on bar buy_at, fails on bar
 * fail_at. */
struct script {
    struct executor base;
    struct ledger *ledger;
    char log[512];
    size_t buy_at, fail_at, day_end_buys;
    bool wants_equity;
};

static void note(struct script *s, char c) {
    size_t n = strlen(s->log);
    s->log[n] = c;
    s->log[n + 1] = '\0';
}

static status start(struct executor *self, const struct run_input *input, struct ledger *ledger) {
    (void)input;
    ((struct script *)self)->ledger = ledger;
    return OK;
}

static status on_warmup(struct executor *self, size_t bar) {
    (void)bar;
    note((struct script *)self, 'w');
    return OK;
}

static void buy_one(struct script *s) {
    assert_true(ledger_buy(s->ledger, decimal_from_int64(100), decimal_from_int64(1),
                           (struct order_stamp){STAMP_OPEN_TIME, NULL, 0}));
}

static status on_bar(struct executor *self, size_t bar) {
    struct script *s = (struct script *)self;
    note(s, 'b');
    if (bar == s->buy_at) buy_one(s);
    return bar == s->fail_at ? ERR_STRATEGY : OK;
}

static void on_equity(struct executor *self, size_t bar, double equity) {
    (void)bar;
    (void)equity;
    note((struct script *)self, 'e');
}

static bool wants_equity(struct executor *self) {
    return ((struct script *)self)->wants_equity;
}

static status on_day_end(struct executor *self, size_t bar) {
    struct script *s = (struct script *)self;
    (void)bar;
    note(s, 'd');
    if (s->day_end_buys) {
        s->day_end_buys--;
        buy_one(s);
    }
    return OK;
}

static void finish(struct executor *self, struct run_report *report) {
    (void)report;
    note((struct script *)self, 'f');
}

static const struct executor_ops ops = {start,        on_warmup,  on_bar, on_equity,
                                        wants_equity, on_day_end, finish, NULL};

enum { BARS = 6 };
static const int64_t open_time[BARS] = {21 * HOUR, 22 * HOUR, 23 * HOUR, 24 * HOUR, 25 * HOUR, 72 * HOUR};
static const double price[BARS] = {100, 110, 120, 90, 130, 140};

static struct series six_bars(void) {
    static int64_t close_time[BARS];
    for (int i = 0; i < BARS; i++)
        close_time[i] = open_time[i] + HOUR - 1;
    return (struct series){.symbol = "TEST",
                           .interval = INTERVAL_1H,
                           .count = BARS,
                           .open_time = open_time,
                           .close_time = close_time,
                           .open = price,
                           .high = price,
                           .low = price,
                           .close = price,
                           .volume = price};
}

static struct account_rules free_of_fees(void) {
    return (struct account_rules){.initial_balance = decimal_from_int64(1000),
                                  .fee_rate = decimal_from_int64(0),
                                  .slippage_bp = decimal_from_int64(0),
                                  .price_check = PRICE_CHECK_OFF};
}

static void run(struct backtest *backtest, struct script *script, size_t first, size_t begin, size_t end) {
    struct series series = six_bars();
    struct account_rules rules = free_of_fees();
    struct error err;
    script->base.ops = &ops;
    struct run_input input = {
        .series = &series, .window = 50, .first_bar = first, .begin = begin, .end = end};
    assert_int_equal(backtest_run(backtest, &script->base, &input, &rules, &err), OK);
}

static void days_end_before_midnight_and_at_the_last_bar(void **state) {
    (void)state;
    struct backtest backtest = {0};
    struct script script = {.buy_at = 99, .fail_at = 99};
    run(&backtest, &script, 0, 0, BARS);
    assert_string_equal(script.log, "bbbdbbdbdf");
    assert_int_equal(backtest.status, RUN_DONE);
    backtest_clear(&backtest);
}

static void warm_up_bars_do_not_reach_the_strategy(void **state) {
    (void)state;
    struct backtest backtest = {0};
    struct script script = {.buy_at = 99, .fail_at = 99, .wants_equity = true};
    run(&backtest, &script, 0, 2, 4);
    assert_string_equal(script.log, "wwbedbedf");
    assert_int_equal(backtest.bars, 2);
    backtest_clear(&backtest);
}

static void equity_is_balance_plus_position_at_the_close(void **state) {
    (void)state;
    struct backtest backtest = {0};
    struct script script = {.buy_at = 1, .fail_at = 99};
    run(&backtest, &script, 0, 0, BARS);
    const double expected[BARS] = {1000, 1010, 1020,
                                   990,  1030, 1040}; /* 900 left, one piece held from bar 1 on */
    for (int i = 0; i < BARS; i++)
        assert_true(backtest.equity[i] == expected[i]);
    assert_true(backtest.metrics[METRIC_FINAL_BALANCE] == 1040);
    assert_true(backtest.metrics[METRIC_MAX_DRAWDOWN] == (1020.0 - 990.0) / 1020.0);
    backtest_clear(&backtest);
}

static void a_day_end_trade_counts_after_the_equity_point(void **state) {
    (void)state;
    struct backtest backtest = {0};
    struct script script = {.buy_at = 99, .fail_at = 99, .day_end_buys = 1};
    run(&backtest, &script, 0, 0, BARS);
    assert_true(backtest.equity[2] == 1000 && backtest.equity[3] == 990);
    assert_int_equal(backtest.ledger.trades[0].after_close, 1);
    assert_int_equal(backtest.ledger.trades[0].bar, 2);
    backtest_clear(&backtest);
}

static void a_failed_run_has_no_metrics_and_the_next_is_unharmed(void **state) {
    (void)state;
    struct backtest backtest = {0};
    struct script script = {.buy_at = 0, .fail_at = 2};
    run(&backtest, &script, 0, 0, BARS);
    assert_int_equal(backtest.status, RUN_FAILED);
    assert_string_equal(script.log, "bbbf");
    assert_true(isnan(backtest.metrics[METRIC_PROFIT]));
    struct script next = {.buy_at = 99, .fail_at = 99};
    run(&backtest, &next, 0, 0, BARS);
    assert_int_equal(backtest.status, RUN_DONE);
    assert_true(backtest.metrics[METRIC_PROFIT] == 0);
    assert_int_equal(backtest.ledger.trade_count, 0);
    backtest_clear(&backtest);
}

static void a_sample_has_the_first_and_the_last_point(void **state) {
    (void)state;
    double equity[100], out[100];
    for (int i = 0; i < 100; i++)
        equity[i] = i;
    assert_int_equal(backtest_sample(out, 4, equity, 100), 4);
    assert_true(out[0] == 0 && out[1] == 33 && out[2] == 66 && out[3] == 99);
    assert_int_equal(backtest_sample(out, 100, equity, 3), 3);
    assert_true(out[2] == 2);
    assert_int_equal(backtest_sample(out, 1, equity, 10), 1);
    assert_true(out[0] == 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(days_end_before_midnight_and_at_the_last_bar),
                                       cmocka_unit_test(warm_up_bars_do_not_reach_the_strategy),
                                       cmocka_unit_test(equity_is_balance_plus_position_at_the_close),
                                       cmocka_unit_test(a_day_end_trade_counts_after_the_equity_point),
                                       cmocka_unit_test(a_failed_run_has_no_metrics_and_the_next_is_unharmed),
                                       cmocka_unit_test(a_sample_has_the_first_and_the_last_point)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
