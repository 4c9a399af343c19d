/* All metrics: against a second implementation in Python, and small cases worked by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "metrics/run_metrics.h"
#include "python_oracle.h"

#include <inttypes.h>
#include <math.h>

enum { BARS_MAX = 10000 };

/* A series and an account under test; prices are open = high = low = close unless set. */
struct bench {
    struct series series;
    int64_t open_time[BARS_MAX], close_time[BARS_MAX];
    double open[BARS_MAX], close[BARS_MAX], equity[BARS_MAX];
    struct ledger ledger;
    struct metrics_scratch scratch;
    double metrics[METRIC_COUNT];
};
static struct bench bench; /* too large for the stack */

static void begin_account(const char *initial, const char *fee_rate, enum interval interval) {
    struct account_rules rules = {.price_check = PRICE_CHECK_OFF};
    assert_true(decimal_from_text(&rules.initial_balance, initial, strlen(initial)));
    assert_true(decimal_from_text(&rules.fee_rate, fee_rate, strlen(fee_rate)));
    ledger_reset(&bench.ledger, &rules);
    bench.series = (struct series){.interval = interval,
                                   .open_time = bench.open_time,
                                   .close_time = bench.close_time,
                                   .open = bench.open,
                                   .close = bench.close};
}

static void add_bar(double open, double close) {
    size_t i = bench.series.count++;
    assert_true(i < BARS_MAX);
    bench.open_time[i] = (int64_t)i * interval_ms(bench.series.interval);
    bench.close_time[i] = bench.open_time[i] + interval_ms(bench.series.interval) - 1;
    bench.open[i] = open;
    bench.close[i] = close;
}

static void trade(size_t bar, bool after_close, bool is_buy, double price, double amount) {
    bench.ledger.moment =
        (struct order_moment){.bar = (int64_t)bar, .low = price, .high = price, .after_close = after_close};
    struct order_stamp stamp = {.kind = STAMP_OPEN_TIME};
    struct decimal p = decimal_from_double(price), a = decimal_from_double(amount);
    assert_true(is_buy ? ledger_buy(&bench.ledger, p, a, stamp) : ledger_sell(&bench.ledger, p, a, stamp));
}

static void mark(size_t begin, size_t bar) {
    bench.equity[bar - begin] = ledger_mark(&bench.ledger, bench.close[bar]);
}

static void measure(size_t begin) {
    for (int i = 0; i < METRIC_COUNT; i++)
        bench.metrics[i] = 12345.678;
    run_metrics(bench.metrics, &bench.ledger, &bench.series, begin, bench.series.count, bench.equity,
                &bench.scratch);
    for (int i = 0; i < METRIC_COUNT; i++)
        assert_true(bench.metrics[i] != 12345.678 && !isinf(bench.metrics[i]));
    assert_true(bench.metrics[METRIC_MAX_DRAWDOWN] == bench.ledger.max_drawdown);
    assert_true(bench.metrics[METRIC_PEAK_EQUITY] == bench.ledger.peak_equity);
}

static void clear_bench(void) {
    ledger_clear(&bench.ledger);
    metrics_scratch_clear(&bench.scratch);
}

static void assert_near(enum metric metric, double expected) {
    double ours = bench.metrics[metric], difference = fabs(ours - expected);
    if (isnan(expected) ? isnan(ours) : difference <= 1e-12 * fabs(expected)) return;
    fail_msg("%s is %.17g, expected %.17g", metric_info(metric)->name, ours, expected);
}

/* ---- the second implementation ---- */

struct trade_line {
    size_t bar;
    bool after_close, is_buy;
    double price, amount;
};

static void replay(const struct trade_line *trades, size_t count, size_t begin) {
    size_t next = 0;
    for (size_t bar = begin; bar < bench.series.count; bar++) {
        for (; next < count && trades[next].bar == bar && !trades[next].after_close; next++)
            trade(bar, false, trades[next].is_buy, trades[next].price, trades[next].amount);
        mark(begin, bar);
        for (; next < count && trades[next].bar == bar; next++)
            trade(bar, true, trades[next].is_buy, trades[next].price, trades[next].amount);
    }
    assert_int_equal(next, count);
}

/* One case's lines up to "end". False at the end of the file. */
static bool check_case(FILE *cases, int *checked) {
    static struct trade_line trades[4 * BARS_MAX];
    char line[256], initial[32], name[64], side[8];
    size_t begin = 0, n = 0, count = 0;
    bool is_measured = false;
    enum interval interval;
    if (!fgets(line, sizeof line, cases)) return false;
    assert_int_equal(sscanf(line, "case %31s %63s %zu %zu", initial, name, &begin, &n), 4);
    assert_true(interval_parse(&interval, name));
    begin_account(initial, "0.001", interval);
    while (fgets(line, sizeof line, cases) && strcmp(line, "end\n") != 0) {
        double a, b;
        int after;
        struct trade_line *t = &trades[count];
        if (sscanf(line, "bar %lf %lf", &a, &b) == 2) {
            add_bar(a, b);
        } else if (sscanf(line, "trade %zu %d %7s %lf %lf", &t->bar, &after, side, &t->price, &t->amount) ==
                   5) {
            t->after_close = after;
            t->is_buy = strcmp(side, "buy") == 0;
            count++;
        } else {
            enum metric metric;
            assert_int_equal(sscanf(line, "metric %63s %lf", name, &a), 2);
            assert_true(metric_find(&metric, name));
            if (!is_measured) {
                assert_int_equal(bench.series.count, begin + n);
                replay(trades, count, begin);
                measure(begin);
                is_measured = true;
            }
            assert_near(metric, a);
            ++*checked;
        }
    }
    return true;
}

static void every_metric_is_that_of_the_second_implementation(void **state) {
    (void)state;
    FILE *cases = oracle_open(__FILE__, "metrics_oracle.py", "250 3");
    assert_non_null(cases);
    int count = 0, checked = 0;
    while (check_case(cases, &checked))
        count++;
    assert_int_equal(pclose(cases), 0);
    assert_int_equal(count, 250);
    assert_int_equal(checked, 250 * METRIC_COUNT);
    clear_bench();
}

/* ---- by hand ---- */

/* 1h bars, closes 100 110 99 120, no fee, 1000 quote: buy 5 at 100 in bar 0, sell 5 at 99 in bar 2.
 * Equity 1000, 500 + 550 = 1050, 500 + 495 = 995, 995. */
static void a_losing_round_worked_by_hand(void **state) {
    (void)state;
    begin_account("1000", "0", INTERVAL_1H);
    static const double closes[] = {100, 110, 99, 120};
    for (int i = 0; i < 4; i++)
        add_bar(i ? closes[i - 1] : 80, closes[i]);
    trade(0, false, true, 100, 5);
    mark(0, 0);
    mark(0, 1);
    trade(2, false, false, 99, 5);
    mark(0, 2);
    mark(0, 3);
    measure(0);
    assert_near(METRIC_FINAL_BALANCE, 995);
    assert_near(METRIC_PROFIT, -5);
    assert_near(METRIC_PROFIT_RATE, -0.005);
    assert_near(METRIC_PEAK_EQUITY, 1050);
    assert_near(METRIC_MAX_DRAWDOWN, 55.0 / 1050);
    assert_near(METRIC_AVERAGE_DRAWDOWN, 55.0 / 1050);
    assert_near(METRIC_MAX_DRAWDOWN_DURATION, 2 * 3600000.0); /* from bar 1 to the last */
    assert_near(METRIC_ULCER_INDEX, 55.0 / 1050 / sqrt(2));   /* in 2 of 4 bars */
    assert_near(METRIC_BUY_HOLD_RETURN, 0.5);
    assert_near(METRIC_EXPOSURE, 0.5);
    assert_near(METRIC_BUYS, 1);
    assert_near(METRIC_SELLS, 1);
    assert_near(METRIC_WIN_RATE, 0);
    assert_near(METRIC_BEST_TRADE, -0.01);
    assert_near(METRIC_WORST_TRADE, -0.01);
    assert_near(METRIC_AVERAGE_LOSS, -5);
    assert_near(METRIC_AVERAGE_WIN, NAN);
    assert_near(METRIC_PROFIT_FACTOR, 0);
    assert_near(METRIC_KELLY, NAN);
    assert_near(METRIC_SQN, NAN);
    assert_near(METRIC_MAX_TRADE_DURATION, 2 * 3600000.0);
    assert_near(METRIC_MAX_CONSECUTIVE_LOSSES, 1);
    assert_near(METRIC_VAR_95, NAN); /* fewer than 20 bars */
    assert_near(METRIC_DURATION, 4 * 3600000.0 - 1);
    /* returns 0, 0.05, -55/1050, 0: omega = 0.05 / (55/1050) */
    assert_near(METRIC_OMEGA, 0.05 / (55.0 / 1050));
    clear_bench();
}

static void without_a_trade_nothing_is_infinite(void **state) {
    (void)state;
    begin_account("1000", "0.001", INTERVAL_1D);
    for (int i = 0; i < 30; i++)
        add_bar(100 + i, 101 + i);
    for (size_t i = 0; i < 30; i++)
        mark(0, i);
    measure(0);
    static const enum metric undefined[] = {METRIC_SHARPE,
                                            METRIC_SORTINO,
                                            METRIC_CALMAR,
                                            METRIC_OMEGA,
                                            METRIC_RECOVERY_FACTOR,
                                            METRIC_BEST_TRADE,
                                            METRIC_WORST_TRADE,
                                            METRIC_AVERAGE_TRADE,
                                            METRIC_AVERAGE_WIN,
                                            METRIC_AVERAGE_LOSS,
                                            METRIC_MAX_TRADE_DURATION,
                                            METRIC_AVERAGE_TRADE_DURATION,
                                            METRIC_PROFIT_FACTOR,
                                            METRIC_EXPECTANCY,
                                            METRIC_SQN,
                                            METRIC_KELLY,
                                            METRIC_SKEW,
                                            METRIC_KURTOSIS};
    bool is_undefined[METRIC_COUNT] = {false};
    for (size_t i = 0; i < sizeof undefined / sizeof *undefined; i++)
        is_undefined[undefined[i]] = true;
    for (int i = 0; i < METRIC_COUNT; i++)
        if (isnan(bench.metrics[i]) != is_undefined[i])
            fail_msg("%s is %g", metric_info((enum metric)i)->name, bench.metrics[i]);
    static const enum metric zeros[] = {METRIC_PROFIT,  METRIC_WIN_RATE,    METRIC_VOLATILITY, METRIC_BETA,
                                        METRIC_ALPHA,   METRIC_CAGR,        METRIC_EXPOSURE,   METRIC_VAR_95,
                                        METRIC_CVAR_95, METRIC_MAX_DRAWDOWN};
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
        assert_near(zeros[i], 0);
    clear_bench();
}

/* All the money in something whose price becomes nothing: equity 1000, then 0 for ever. */
static void a_total_loss_is_told_in_numbers(void **state) {
    (void)state;
    begin_account("1000", "0", INTERVAL_1D);
    add_bar(10, 10);
    for (int i = 0; i < 39; i++)
        add_bar(10, 0);
    trade(0, false, true, 10, 100);
    for (size_t i = 0; i < 40; i++)
        mark(0, i);
    measure(0);
    assert_near(METRIC_PROFIT_RATE, -1);
    assert_near(METRIC_MAX_DRAWDOWN, 1);
    assert_near(METRIC_CAGR, NAN);
    assert_near(METRIC_CALMAR, NAN);
    assert_near(METRIC_RECOVERY_FACTOR, -1);
    assert_near(METRIC_MAX_DRAWDOWN_DURATION, 39.0 * MS_PER_DAY);
    assert_near(METRIC_ULCER_INDEX, sqrt(39.0 / 40));
    assert_near(METRIC_OMEGA, 0);
    /* returns 0, -1, 0 ... 0: mean -1/40, downside sqrt(1/40) */
    assert_near(METRIC_SORTINO, -1.0 / 40 / sqrt(1.0 / 40) * sqrt(365));
    assert_near(METRIC_VAR_95, 0); /* h = 1.95: between the second and third smallest, both 0 */
    assert_near(METRIC_CVAR_95, 1.0 / 40);
    clear_bench();
}

/* Bar 0: e = 1000 before and after; one bar has no deviation. */
static void one_bar_is_enough_for_what_one_bar_can_tell(void **state) {
    (void)state;
    begin_account("1000", "0", INTERVAL_1H);
    add_bar(50, 55);
    trade(0, false, true, 50, 10);
    mark(0, 0);
    measure(0);
    assert_near(METRIC_PROFIT_RATE, 0.05);
    assert_near(METRIC_BUY_HOLD_RETURN, 0.1);
    assert_near(METRIC_EXPOSURE, 1);
    assert_near(METRIC_BARS, 1);
    static const enum metric undefined[] = {METRIC_VOLATILITY, METRIC_SHARPE,   METRIC_BETA,  METRIC_ALPHA,
                                            METRIC_SKEW,       METRIC_KURTOSIS, METRIC_VAR_95};
    for (size_t i = 0; i < sizeof undefined / sizeof *undefined; i++)
        assert_near(undefined[i], NAN);
    /* 1.05 ^ 8760 */
    assert_near(METRIC_CAGR, pow(1.05, 8760) - 1);
    clear_bench();
}

/* Bought in on_day_end of bar 0 and sold in that of bar 2: held at the equity points of bars 1 and 2. */
static void trades_after_the_close_count_from_the_next_bar(void **state) {
    (void)state;
    begin_account("1000", "0", INTERVAL_1D);
    for (int i = 0; i < 4; i++)
        add_bar(10, 10);
    mark(0, 0);
    trade(0, true, true, 10, 10);
    mark(0, 1);
    mark(0, 2);
    trade(2, true, false, 10, 10);
    mark(0, 3);
    measure(0);
    assert_near(METRIC_EXPOSURE, 0.5);
    assert_near(METRIC_MAX_TRADE_DURATION, 2.0 * MS_PER_DAY);
    assert_near(METRIC_EXPECTANCY, 0);
    assert_near(METRIC_PROFIT_FACTOR, NAN); /* the only loss is 0 */
    clear_bench();
}

/* Profits 0.1 three times: their mean is not quite 0.1 in doubles, and the deviation is rounding. */
static void equal_profits_have_no_deviation(void **state) {
    (void)state;
    begin_account("1000", "0", INTERVAL_1D);
    for (size_t i = 0; i < 6; i++)
        add_bar(10, 10);
    for (size_t i = 0; i < 6; i++) {
        trade(i, false, i % 2 == 0, i % 2 ? 10.1 : 10, 1);
        mark(0, i);
    }
    measure(0);
    assert_near(METRIC_EXPECTANCY, 0.1);
    assert_near(METRIC_SQN, NAN);
    assert_near(METRIC_MAX_CONSECUTIVE_WINS, 3);
    clear_bench();
}

/* The quantile of a long, many-valued series against sorting: the sampled path. Ties, ascending, descending
 * and sawtooth orders. */
static int by_value(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void the_quantile_is_that_of_the_sorted_values(void **state) {
    (void)state;
    static double returns[BARS_MAX];
    for (int kind = 0; kind < 6; kind++) {
        begin_account("1000", "0", INTERVAL_1M);
        size_t n = BARS_MAX - (size_t)kind;
        double before = 1000;
        for (size_t i = 0; i < n; i++) {
            double k = kind == 0   ? (double)(i % 7)
                       : kind == 1 ? (double)i
                       : kind == 2 ? (double)(n - i)
                       : kind == 3 ? (double)(i * 7919 % 10007)
                       : kind == 4 ? (double)(i % 10 == 0) /* what a stride may sample alone */
                                   : (double)(i % 9 != 0);
            add_bar(1, 1);
            bench.equity[i] = before * (1.0 + (k - 300.0) * 1e-6);
            returns[i] = bench.equity[i] / before - 1.0;
            before = bench.equity[i];
        }
        run_metrics(bench.metrics, &bench.ledger, &bench.series, 0, n, bench.equity, &bench.scratch);
        double h = 0.05 * (double)(n - 1), sum = 0;
        size_t k = (size_t)h, below = 0;
        qsort(returns, n, sizeof *returns, by_value);
        double quantile = returns[k] + (h - (double)k) * (returns[k + 1] - returns[k]);
        while (below < n && returns[below] <= quantile)
            sum += returns[below++];
        assert_true(bench.metrics[METRIC_VAR_95] == -quantile);
        assert_near(METRIC_CVAR_95, -sum / (double)below);
        clear_bench();
    }
}

static void the_same_run_gives_the_same_bits_whatever_was_measured_before(void **state) {
    (void)state;
    double first[METRIC_COUNT];
    for (int round = 0; round < 3; round++) {
        size_t n = round == 1 ? 3 : 203;
        begin_account("1000", "0.001", INTERVAL_1H);
        for (size_t i = 0; i < n; i++)
            add_bar(100, 100 + (double)(i * 37 % 11));
        trade(0, false, true, 100, 5);
        for (size_t i = 0; i < n; i++)
            mark(0, i);
        measure(0);
        if (round == 0) memcpy(first, bench.metrics, sizeof first);
    }
    assert_memory_equal(first, bench.metrics, sizeof first);
    clear_bench();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_metric_is_that_of_the_second_implementation),
        cmocka_unit_test(a_losing_round_worked_by_hand),
        cmocka_unit_test(without_a_trade_nothing_is_infinite),
        cmocka_unit_test(a_total_loss_is_told_in_numbers),
        cmocka_unit_test(one_bar_is_enough_for_what_one_bar_can_tell),
        cmocka_unit_test(trades_after_the_close_count_from_the_next_bar),
        cmocka_unit_test(equal_profits_have_no_deviation),
        cmocka_unit_test(the_quantile_is_that_of_the_sorted_values),
        cmocka_unit_test(the_same_run_gives_the_same_bits_whatever_was_measured_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
