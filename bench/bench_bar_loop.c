/* What one bar costs on one thread: the executor's bar loop over a made series, nothing else of a sweep.
 *
 * usage: bench_bar_loop [bars] [repetitions] [strategy]; prints the best and the median CPU time a bar for
 * each strategy and window. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "strategy/python_executor.h"
#include "strategy/python_process.h"

/* The document's moving-average cross, with the guard for its first full window. */
static const char sma_cross[] = "class Strategy(IStrategy):\n"
                                "    def run(self, context, kline, params):\n"
                                "        closes = self.kline_cache.get_closes()\n"
                                "        fast_period = params.get('fast_period', 10)\n"
                                "        slow_period = params.get('slow_period', 30)\n"
                                "        if len(closes) < slow_period + 1:\n"
                                "            return\n"
                                "        fast_ma = calculate_sma(closes, fast_period)\n"
                                "        slow_ma = calculate_sma(closes, slow_period)\n"
                                "        prev_fast = calculate_sma(closes[:-1], fast_period)\n"
                                "        prev_slow = calculate_sma(closes[:-1], slow_period)\n"
                                "        if fast_ma > slow_ma and prev_fast <= prev_slow:\n"
                                "            if context.position == 0:\n"
                                "                buy_amount = float(context.balance / kline.close) * 0.95\n"
                                "                context.buy(kline.close, buy_amount, kline.open_time)\n"
                                "        elif fast_ma < slow_ma and prev_fast >= prev_slow:\n"
                                "            if context.position > 0:\n"
                                "                context.sell_all(kline.close, kline.open_time)\n";

static const char rsi_macd[] =
    "class Strategy(IStrategy):\n"
    "    def __init__(self):\n"
    "        super().__init__()\n"
    "        self.prev_macd = None\n"
    "        self.prev_signal = None\n"
    "    def run(self, context, kline, params):\n"
    "        closes = self.kline_cache.get_closes()\n"
    "        if len(closes) < 35:\n"
    "            return\n"
    "        rsi = calculate_rsi(closes, 14)\n"
    "        macd_line, signal_line, histogram = calculate_macd(closes)\n"
    "        if rsi is None or macd_line is None:\n"
    "            return\n"
    "        if context.position == 0:\n"
    "            if rsi < 35 and histogram > 0:\n"
    "                if self.prev_macd is not None and self.prev_macd <= self.prev_signal:\n"
    "                    buy_amount = float(context.balance / kline.close) * 0.95\n"
    "                    context.buy(kline.close, buy_amount, kline.open_time)\n"
    "        elif context.position > 0:\n"
    "            if rsi > 65 and histogram < 0:\n"
    "                if self.prev_macd is not None and self.prev_macd >= self.prev_signal:\n"
    "                    context.sell_all(kline.close, kline.open_time)\n"
    "        self.prev_macd = macd_line\n"
    "        self.prev_signal = signal_line\n";

static const char breakout[] = "class Strategy(IStrategy):\n"
                               "    def run(self, context, kline, params):\n"
                               "        closes = self.kline_cache.get_closes()\n"
                               "        highs = self.kline_cache.get_highs()\n"
                               "        lows = self.kline_cache.get_lows()\n"
                               "        lookback = params.get('lookback', 20)\n"
                               "        if len(closes) < lookback + 1:\n"
                               "            return\n"
                               "        highest = max(highs[-lookback - 1:-1])\n"
                               "        lowest = min(lows[-lookback - 1:-1])\n"
                               "        if context.position == 0:\n"
                               "            if kline.close > highest:\n"
                               "                buy_amount = float(context.balance / kline.close) * 0.95\n"
                               "                context.buy(kline.close, buy_amount, kline.open_time)\n"
                               "        elif context.position > 0:\n"
                               "            avg_price = context.get_avg_position_price()\n"
                               "            if kline.close < avg_price * 0.97:\n"
                               "                context.sell_all(kline.close, kline.open_time)\n"
                               "            elif kline.close < lowest:\n"
                               "                context.sell_all(kline.close, kline.open_time)\n";

static const char empty[] = "class Strategy(IStrategy):\n"
                            "    def run(self, context, kline, params): pass\n";

static void die(const struct error *err) {
    fprintf(stderr, "%s\n", err->message);
    exit(1);
}

/* A random walk, always the same, 8 decimals. */
static struct series make_series(size_t bars) {
    struct series series = {.symbol = "BENCHUSDT", .interval = INTERVAL_1M, .count = bars};
    int64_t *times = malloc(3 * bars * sizeof *times);
    double *prices = malloc(5 * bars * sizeof *prices);
    double last = 100;
    uint64_t random = 88172645463325252u;
    if (!times || !prices) exit(1);
    for (size_t i = 0; i < bars; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        double step = (double)(random >> 11) / 9007199254740992.0 - 0.5;
        double close = round(last * (1 + step * 0.02) * 1e8) / 1e8;
        times[i] = INT64_C(1704067200000) + (int64_t)i * 60000;
        times[bars + i] = times[i] + 59999;
        times[2 * bars + i] = 1;
        prices[i] = last;
        prices[bars + i] = fmax(last, close);
        prices[2 * bars + i] = fmin(last, close);
        prices[3 * bars + i] = close;
        prices[4 * bars + i] = 1000;
        last = close;
    }
    series.open_time = times, series.close_time = times + bars, series.trades_count = times + 2 * bars;
    series.open = prices, series.high = prices + bars, series.low = prices + 2 * bars,
    series.close = prices + 3 * bars;
    series.volume = prices + 4 * bars;
    return series;
}

/* CPU ns a bar of one run. */
static double one_run(struct executor *executor, const struct run_input *input, struct ledger *ledger) {
    const struct account_rules rules = {.initial_balance = decimal_from_int64(10000),
                                        .fee_rate = decimal_from_double(0.001),
                                        .slippage_bp = decimal_from_int64(0),
                                        .price_check = PRICE_CHECK_COUNT};
    const struct series *series = input->series;
    struct run_report report = {0};
    int64_t begin = clock_thread_cpu_ns();
    ledger_reset(ledger, &rules);
    status rc = executor->ops->start(executor, input, ledger);
    for (size_t bar = 0; rc == OK && bar < input->end; bar++) {
        ledger->moment = (struct order_moment){(int64_t)bar, series->low[bar], series->high[bar], false};
        rc = executor->ops->on_bar(executor, bar);
        ledger_mark(ledger, series->close[bar]);
    }
    executor->ops->finish(executor, &report);
    int64_t end = clock_thread_cpu_ns();
    if (rc != OK)
        fprintf(stderr, "%s: %s\n%s", report.failure.type, report.failure.message, report.failure.traceback);
    run_report_clear(&report);
    return (double)(end - begin) / (double)input->end;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void bench(struct python_interpreter *interpreter, const char *name, const char *source,
                  struct run_input input, size_t window, size_t repetitions) {
    struct error err = {0};
    struct executor *executor;
    const struct python_strategy_source file = {name, source};
    const struct strategy_options options = {0};
    if (python_executor_create(&executor, interpreter, &file, &options, &err)) die(&err);
    struct ledger ledger = {0};
    double *ns = malloc(repetitions * sizeof *ns);
    if (!ns) exit(1);
    input.window = window;
    for (size_t i = 0; i < repetitions; i++)
        ns[i] = one_run(executor, &input, &ledger);
    qsort(ns, repetitions, sizeof *ns, compare_doubles);
    printf("%-10s window %3zu: best %7.1f  median %7.1f ns a bar, %zu trades\n", name, window, ns[0],
           ns[repetitions / 2], ledger.trade_count);
    free(ns);
    ledger_clear(&ledger);
    executor->ops->destroy(executor);
}

int main(int argc, char **argv) {
    size_t bars = argc > 1 ? (size_t)atol(argv[1]) : 17520,
           repetitions = argc > 2 ? (size_t)atol(argv[2]) : 30;
    struct series series = make_series(bars);
    struct shared_columns *columns;
    struct python_interpreter *interpreter;
    struct error err = {0};
    if (python_process_start(&err) || python_interpreter_create(&interpreter, &err) ||
        python_interpreter_watch(interpreter, &err) ||
        shared_columns_open(&columns, &series, 256u << 20, &err))
        die(&err);
    python_process_leave_main();
    if (python_interpreter_attach(interpreter, &err)) die(&err);
    const struct run_input input = {.series = &series, .columns = columns, .end = bars};
    const struct {
        const char *name, *source;
        size_t window;
    } cases[] = {
        {"empty", empty, 50},       {"sma_cross", sma_cross, 50}, {"sma_cross", sma_cross, 100},
        {"rsi_macd", rsi_macd, 50}, {"breakout", breakout, 50},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (argc <= 3 || strcmp(argv[3], cases[i].name) == 0)
            bench(interpreter, cases[i].name, cases[i].source, input, cases[i].window, repetitions);
    python_interpreter_detach(interpreter);
    shared_columns_close(columns);
    return 0;
}
