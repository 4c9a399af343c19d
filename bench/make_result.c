/* Makes a result file of very many runs in seconds, for looking at such files without having computed them:
 *
 *   make_result OUT.h5 [RUNS [REAL]]        (1,000,000 runs, of which the first 100 are real)
 *
 * A moving-average cross over one made-up year of hourly candles. The first REAL runs are traded bar by bar
 * in a real ledger: their trades, curves and metrics belong together. Those of all others are drawn: smooth
 * hills over the parameters with noise, so that heatmaps and sorted tables look like those of a sweep. Four
 * in a thousand have failed, some have no trade and so no Sharpe ratio. Everything goes through the journal
 * and the writer that sweeps use. The same arguments make the same content, times excepted. */
#include "account/ledger.h"
#include "metrics/run_metrics.h"
#include "results/journal.h"
#include "results/result_writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BARS = 8760, PARAMS = 6, AVERAGES = 4, FASTS = 50, SLOWS = 100, HOUR_MS = 3600000, SLOW_MAX = 258 };
static const int64_t begin_ms = INT64_C(1704067200000); /* 2024-01-01 */
static const double initial_balance = 10000;

static const char strategy[] =
    "class Strategy(IStrategy):\n"
    "    def run(self, context, kline, params):\n"
    "        closes = self.kline_cache.get_closes()\n"
    "        if len(closes) < params['slow_period']:\n"
    "            return\n"
    "        fast = calculate_sma(closes, params['fast_period'])\n"
    "        slow = calculate_sma(closes, params['slow_period'])\n"
    "        if context.position == 0 and fast > slow * (1 + params['threshold']):\n"
    "            context.buy(kline.close, float(context.balance / kline.close) * 0.95, kline.open_time)\n"
    "        elif context.position > 0 and fast < slow:\n"
    "            context.sell_all(kline.close, kline.open_time)\n";

static const char *const param_names[PARAMS] = {"average",   "fast_period", "slow_period",
                                                "threshold", "stop_loss",   "klineWndSize"};
static const char *const averages[AVERAGES] = {"sma", "ema", "wma", "vwma"};

static void die(const struct error *err) {
    fprintf(stderr, "make_result: %s\n", err->message);
    exit(1);
}

static void *allocate(size_t bytes) {
    void *memory = calloc(1, bytes);
    if (!memory) exit(1);
    return memory;
}

/* ---- numbers of a run ---- */

/* A well-mixed number of a key, in [0, 1). */
static double fraction(uint64_t key) {
    key += 0x9e3779b97f4a7c15;
    key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9;
    key = (key ^ key >> 27) * 0x94d049bb133111eb;
    return (double)((key ^ key >> 31) >> 11) * 0x1p-53;
}

/* About normal: three uniform ones. */
static double noise(uint64_t key) {
    return 2 * (fraction(3 * key) + fraction(3 * key + 1) + fraction(3 * key + 2) - 1.5);
}

struct choice {
    size_t average;
    int64_t fast, slow;
    double threshold;
};

/* Runs in the order of the grid; the threshold, of as many steps as the runs need, varies slowest. */
static struct choice choice_of(uint64_t run) {
    struct choice choice = {.average = run / (FASTS * SLOWS) % AVERAGES};
    choice.fast = 5 + (int64_t)(run / SLOWS % FASTS);
    choice.slow = 60 + 2 * (int64_t)(run % SLOWS);
    choice.threshold = (double)(run / (FASTS * SLOWS * AVERAGES)) / 1000;
    return choice;
}

static bool params_of(void *context, uint64_t run, struct value *values) {
    (void)context;
    struct choice choice = choice_of(run);
    values[0] = (struct value){.kind = VALUE_TEXT, .text = averages[choice.average]};
    values[1] = (struct value){.kind = VALUE_INT, .integer = choice.fast};
    values[2] = (struct value){.kind = VALUE_INT, .integer = choice.slow};
    values[3] = (struct value){.kind = VALUE_FLOAT, .real = choice.threshold};
    values[4] = (struct value){.kind = VALUE_FLOAT, .real = 0.05};
    values[5] = (struct value){.kind = VALUE_INT, .integer = SLOW_MAX};
    return true;
}

/* ---- candles ---- */

static struct series make_candles(void) {
    struct series series = {.symbol = "SYNTHUSDT", .interval = INTERVAL_1H, .count = BARS};
    int64_t *times = allocate(2 * BARS * sizeof *times);
    double *prices = allocate(5 * BARS * sizeof *prices), last = 40000;
    for (size_t i = 0; i < BARS; i++) {
        double close = round(last * (1 + 0.008 * noise(i)) * 100) / 100;
        double above = 1 + 0.004 * fraction(7 * i), below = 1 - 0.004 * fraction(11 * i);
        times[i] = begin_ms + (int64_t)i * HOUR_MS;
        times[BARS + i] = times[i] + HOUR_MS - 1;
        prices[i] = last;
        prices[BARS + i] = round(fmax(last, close) * above * 100) / 100;
        prices[2 * BARS + i] = round(fmin(last, close) * below * 100) / 100;
        prices[3 * BARS + i] = close;
        prices[4 * BARS + i] = round(1e5 * fraction(13 * i)) / 1e3;
        last = close;
    }
    series.open_time = times, series.close_time = times + BARS;
    series.open = prices, series.high = prices + BARS, series.low = prices + 2 * BARS;
    series.close = prices + 3 * BARS, series.volume = prices + 4 * BARS;
    return series;
}

/* ---- runs ---- */

/* Mean of the `count` closes up to bar; sums[i]: of the closes before i. */
static double mean(const double *sums, size_t bar, int64_t count) {
    return (sums[bar + 1] - sums[bar + 1 - (size_t)count]) / (double)count;
}

static void trade_run(struct run_record *record, struct ledger *ledger, double *equity,
                      const struct series *series, const double *sums) {
    static struct metrics_scratch scratch;
    const struct account_rules rules = {.initial_balance = decimal_from_double(initial_balance),
                                        .fee_rate = decimal_from_double(0.001),
                                        .slippage_bp = decimal_from_int64(0),
                                        .price_check = PRICE_CHECK_COUNT};
    struct choice choice = choice_of(record->run);
    ledger_reset(ledger, &rules);
    for (size_t bar = 0; bar < BARS; bar++) {
        struct decimal close = decimal_from_double(series->close[bar]);
        ledger->moment = (struct order_moment){(int64_t)bar, series->low[bar], series->high[bar], false};
        if (bar + 1 >= (size_t)choice.slow) {
            double fast = mean(sums, bar, choice.fast), slow = mean(sums, bar, choice.slow);
            if (ledger->position_float == 0 && fast > slow * (1 + choice.threshold))
                ledger_buy(ledger, close,
                           decimal_from_double(ledger->balance_float / series->close[bar] * 0.95),
                           (struct order_stamp){.kind = STAMP_OPEN_TIME});
            else if (ledger->position_float > 0 && fast < slow)
                ledger_sell_all(ledger, close, (struct order_stamp){.kind = STAMP_OPEN_TIME});
        }
        equity[bar] = ledger_mark(ledger, series->close[bar]);
    }
    run_metrics(record->metrics, ledger, series, 0, BARS, equity, &scratch);
    record->trades = ledger->trade_count ? ledger->trades : NULL;
    record->trade_count = ledger->trade_count;
    record->trade_total = ledger->trade_count;
    record->equity = equity;
    record->equity_count = BARS;
    for (size_t p = 0; p < SPARKLINE_POINTS; p++)
        record->sparkline[p] = (float)equity[p * (BARS - 1) / (SPARKLINE_POINTS - 1)];
}

/* Hills over the parameters, about -1 .. 1. */
static double quality(struct choice choice) {
    double fast = ((double)choice.fast - 18) / 14, slow = ((double)choice.slow - 130) / 70;
    return 1.6 * exp(-fast * fast - slow * slow) - 0.6 + 0.2 * cos(90 * choice.threshold) +
           0.1 * (double)choice.average;
}

static void draw_metrics(double *metrics, uint64_t run) {
    struct choice choice = choice_of(run);
    double good = quality(choice) + 0.3 * noise(run * 64);
    double trades = floor(4000 / (double)choice.slow * exp(-40 * choice.threshold) * (0.5 + fraction(run)));
    for (size_t m = 0; m < METRIC_COUNT; m++)
        metrics[m] = good * 0.2 + 0.5 * noise(run * 64 + m);
    metrics[METRIC_INITIAL_BALANCE] = initial_balance;
    metrics[METRIC_PROFIT_RATE] = trades > 0 ? fmax(-0.98, 0.5 * good) : 0;
    metrics[METRIC_PROFIT] = initial_balance * metrics[METRIC_PROFIT_RATE];
    metrics[METRIC_FINAL_BALANCE] = initial_balance + metrics[METRIC_PROFIT];
    metrics[METRIC_QUOTE_ASSET] = metrics[METRIC_FINAL_BALANCE];
    metrics[METRIC_BASE_ASSET] = 0;
    metrics[METRIC_MAX_DRAWDOWN] =
        0.02 + 0.5 * fabs(noise(run * 64 + METRIC_MAX_DRAWDOWN)) / (1.5 + good * good);
    metrics[METRIC_TOTAL_TRADES] = 2 * trades;
    metrics[METRIC_BUYS] = metrics[METRIC_SELLS] = trades;
    metrics[METRIC_WIN_RATE] = trades > 0 ? round(trades * (0.3 + 0.4 * fraction(run * 64 + 2))) / trades : 0;
    metrics[METRIC_BASE_FEE] = metrics[METRIC_REFUSED_ORDERS] = metrics[METRIC_PRICE_OUTSIDE] = 0;
    metrics[METRIC_QUOTE_FEE] = 20 * trades;
    metrics[METRIC_START] = (double)begin_ms;
    metrics[METRIC_END] = (double)(begin_ms + INT64_C(1) * BARS * HOUR_MS - 1);
    metrics[METRIC_DURATION] = metrics[METRIC_END] - metrics[METRIC_START];
    metrics[METRIC_BARS] = BARS;
    metrics[METRIC_EXPOSURE] = trades > 0 ? 0.3 + 0.4 * fraction(run * 64 + 3) : 0;
    metrics[METRIC_SHARPE] = trades > 0 ? 1.8 * good + 0.2 * noise(run * 64 + 4) : NAN;
    metrics[METRIC_SORTINO] = 1.4 * metrics[METRIC_SHARPE];
    metrics[METRIC_CALMAR] = metrics[METRIC_PROFIT_RATE] / metrics[METRIC_MAX_DRAWDOWN];
    metrics[METRIC_RECOVERY_FACTOR] = metrics[METRIC_CALMAR];
    metrics[METRIC_PEAK_EQUITY] = fmax(initial_balance, metrics[METRIC_FINAL_BALANCE]) * 1.02;
}

static void draw_run(struct run_record *record) {
    uint64_t run = record->run;
    if (run % 250 == 249) {
        record->status = run % 1000 == 999 ? RUN_TIME_LIMIT : RUN_FAILED;
        record->error_type = record->status == RUN_FAILED ? "ZeroDivisionError" : "TimeLimit";
        record->error_message = record->status == RUN_FAILED ? "float division by zero" : "more than 10 s";
        record->error_line = record->status == RUN_FAILED ? 8 : 0;
        record->error_bar = (int64_t)(run % BARS);
        return;
    }
    draw_metrics(record->metrics, run);
    record->trade_total = (uint64_t)record->metrics[METRIC_TOTAL_TRADES];
    double step = record->metrics[METRIC_PROFIT] / (SPARKLINE_POINTS - 1);
    for (size_t p = 0; p < SPARKLINE_POINTS; p++) {
        double wobble = p == 0 || p == SPARKLINE_POINTS - 1 ? 0 : 300 * (fraction(run * 64 + p) - 0.5);
        record->sparkline[p] = (float)(initial_balance + step * (double)p + wobble);
    }
}

static void append_runs(struct journal *journal, uint64_t runs, uint64_t real, const struct series *series) {
    double *sums = allocate((BARS + 1) * sizeof *sums), *equity = allocate(BARS * sizeof *equity);
    for (size_t i = 0; i < BARS; i++)
        sums[i + 1] = sums[i] + series->close[i];
    struct ledger ledger = {0};
    struct text bytes = {0};
    struct error err;
    for (uint64_t run = 0; run < runs; run++) {
        struct run_record record = {.run = run, .error_bar = -1};
        record.elapsed_seconds = 0.004 + 0.002 * fraction(run * 5);
        if (run < real)
            trade_run(&record, &ledger, equity, series, sums);
        else
            draw_run(&record);
        bytes.length = 0;
        if (run_record_encode(&bytes, &record, &err) != OK ||
            journal_append(journal, run, bytes.data, bytes.length, &err) != OK)
            die(&err);
    }
    text_clear(&bytes);
    ledger_clear(&ledger);
    free(sums);
    free(equity);
}

/* ---- the sweep ---- */

static void set_provenance(struct provenance *out, uint64_t runs, struct text *yaml,
                           struct series_provenance *series) {
    uint64_t steps = (runs + FASTS * SLOWS * AVERAGES - 1) / (FASTS * SLOWS * AVERAGES);
    text_printf(
        yaml,
        "name: generated\nstrategy: strategy.py\nstore: klines\nsymbols: [SYNTHUSDT]\nintervals: [1h]\n"
        "params:\n  threshold: {range: [0, %.3f], step: 0.001}\n  average: [sma, ema, wma, vwma]\n"
        "  fast_period: {range: [5, 54]}\n  slow_period: {range: [60, 258], step: 2}\n"
        "  stop_loss: 0.05\n  klineWndSize: 258\nrank_by: {metric: sharpe, direction: max}\n",
        (double)(steps ? steps - 1 : 0) / 1000);
    *series = (struct series_provenance){.symbol = "SYNTHUSDT",
                                         .interval = "1h",
                                         .store = "klines",
                                         .source = "generated",
                                         .bars = BARS,
                                         .begin_ms = begin_ms,
                                         .end_ms = begin_ms + (INT64_C(1) * BARS - 1) * HOUR_MS};
    *out = (struct provenance){.name = "generated",
                               .yaml = yaml->data,
                               .yaml_path = "generated.yaml",
                               .strategy = (char *)strategy,
                               .strategy_path = "strategy.py",
                               .engine_version = KMILL_VERSION,
                               .python_version = "none",
                               .host = "none",
                               .cpu = "none",
                               .libc = "none",
                               .started_at = "2024-12-31T00:00:00+00:00",
                               .space_size = runs,
                               .allowed = runs,
                               .param_names = (char **)param_names,
                               .param_count = PARAMS,
                               .series = series,
                               .series_count = 1,
                               .rank_metric = "sharpe",
                               .rank_descending = 1};
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 4) {
        fprintf(stderr, "usage: make_result OUT.h5 [RUNS [REAL]]\n");
        return 2;
    }
    uint64_t runs = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
    uint64_t real = argc > 3 ? strtoull(argv[3], NULL, 10) : 100;
    struct series series = make_candles();
    const struct series_columns candles = {
        series.open_time, series.close_time, series.open, series.high, series.low,
        series.close,     series.volume,     0,           BARS};
    const struct result_options options = {.params = params_of,
                                           .series = &candles,
                                           .complete = true,
                                           .finished_at = "2024-12-31T01:00:00+00:00"};
    struct provenance provenance;
    struct series_provenance about;
    struct text yaml = {0};
    struct journal *journal;
    struct error err;
    set_provenance(&provenance, runs, &yaml, &about);
    if (journal_create(&journal, argv[1], true, &provenance, &err) != OK) die(&err);
    append_runs(journal, runs, real, &series);
    if (journal_close(journal, &err) != OK || result_write(argv[1], &options, &err) != OK ||
        journal_remove(argv[1], &err) != OK)
        die(&err);
    text_clear(&yaml);
    return 0;
}
