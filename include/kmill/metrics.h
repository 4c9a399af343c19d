/* Every figure kept of a run: name, unit, formula, in one place.
 *
 * A metric is a double; NaN means "not defined for this run" (each says when; also where a double overflows)
 * and infinities never occur: rankings put NaN last in either direction. Notation: e_0 = initial balance, e_i
 * = equity point of bar i (1..n); r_i = e_i / e_(i-1) - 1, 0 where e_(i-1) is 0; P =
 * interval_per_year(interval), bars a year of 365 days; mean and sd over r_1..r_n, sd the sample deviation (n
 * - 1); an sd <= 1e-12 x |mean| is rounding and counts as 0. b_i = close_i / close_(i-1) - 1 is the
 * benchmark's return (b_1 from the first bar's open). A "round" is one sell together with the share of the
 * buys that it closes: its profit is net of both sides' fees, its return profit / (cost + buy fees) of that
 * share. A drawdown is a longest row of bars with e_i < peak_i; it lasts from the bar of its peak (the first
 * bar for e_0) to the bar that is back at the peak, or to the last bar. Durations in ms from open_time to
 * open_time. The order of all sums is fixed: the same bits on every machine.
 *
 * Returns by month are a table, not a figure: metrics/monthly_returns.h, shown by `kmill show`.
 */
#ifndef KMILL_METRICS_H
#define KMILL_METRICS_H

#include <stdbool.h>
#include <stddef.h>

/* X(ID, name, unit, better, formula): better is 1 where higher is better, -1 where lower is, 0 neither.
 * Units: quote, base, ratio (0.1 = 10 %), count, ms, bars, number. The first eleven are the document's result
 * fields. */
#define METRIC_LIST(X)                                                                                       \
    X(INITIAL_BALANCE, "initialBalance", "quote", 0, "initial capital")                                      \
    X(FINAL_BALANCE, "finalBalance", "quote", 1,                                                             \
      "balance + position x last close; exact ledger, rounded once")                                         \
    X(PROFIT, "profit", "quote", 1, "finalBalance - initialBalance; exact ledger, rounded once")             \
    X(PROFIT_RATE, "profitRate", "ratio", 1,                                                                 \
      "profit / initialBalance; exact ledger (28 digits), rounded once")                                     \
    X(MAX_DRAWDOWN, "maxDrawdown", "ratio", -1,                                                              \
      "max over i of (peak_i - e_i) / peak_i, peak_i = max(e_0..e_i)")                                       \
    X(TOTAL_TRADES, "totalTrades", "count", 0, "accepted orders, buys and sells")                            \
    X(WIN_RATE, "winRate", "ratio", 1, "sells with realized profit > 0 / sells; 0 without a sell")           \
    X(BASE_ASSET, "baseAsset", "base", 0, "position left at the end")                                        \
    X(QUOTE_ASSET, "quoteAsset", "quote", 0, "balance left at the end")                                      \
    X(BASE_FEE, "baseFee", "base", 0, "always 0: fees are charged in quote")                                 \
    X(QUOTE_FEE, "quoteFee", "quote", -1, "sum of all fees; exact ledger, rounded once")                     \
    X(START, "start", "ms", 0, "open_time of the first bar of the range")                                    \
    X(END, "end", "ms", 0, "close_time of the last bar of the range")                                        \
    X(DURATION, "duration", "ms", 0, "end - start")                                                          \
    X(BARS, "bars", "bars", 0, "n")                                                                          \
    X(EXPOSURE, "exposure", "ratio", 0, "bars whose equity point has position > 0 / n")                      \
    X(PEAK_EQUITY, "peakEquity", "quote", 1, "max(e_0..e_n)")                                                \
    X(BUY_HOLD_RETURN, "buyHoldReturn", "ratio", 0, "last close / first open - 1")                           \
    X(CAGR, "cagr", "ratio", 1, "(e_n / e_0)^(P / n) - 1; NaN when e_n <= 0 or the power overflows")         \
    X(VOLATILITY, "volatility", "ratio", -1, "sd x sqrt(P); NaN when n < 2")                                 \
    X(SHARPE, "sharpe", "number", 1, "mean / sd x sqrt(P), risk-free rate 0; NaN when n < 2 or sd = 0")      \
    X(SORTINO, "sortino", "number", 1, "mean / sqrt(sum(min(r_i, 0)^2) / n) x sqrt(P); NaN when no r_i < 0") \
    X(CALMAR, "calmar", "number", 1, "cagr / maxDrawdown; NaN when maxDrawdown = 0")                         \
    X(OMEGA, "omega", "number", 1, "sum(max(r_i, 0)) / sum(max(-r_i, 0)); NaN when no r_i < 0")              \
    X(AVERAGE_DRAWDOWN, "averageDrawdown", "ratio", -1,                                                      \
      "mean of the deepest point of each drawdown; 0 without one")                                           \
    X(MAX_DRAWDOWN_DURATION, "maxDrawdownDuration", "ms", -1,                                                \
      "longest time from a peak to its recovery or the end")                                                 \
    X(AVERAGE_DRAWDOWN_DURATION, "averageDrawdownDuration", "ms", -1,                                        \
      "mean of those times; 0 without a drawdown")                                                           \
    X(ULCER_INDEX, "ulcerIndex", "ratio", -1, "sqrt(mean over i of ((peak_i - e_i) / peak_i)^2)")            \
    X(RECOVERY_FACTOR, "recoveryFactor", "number", 1, "profitRate / maxDrawdown; NaN when maxDrawdown = 0")  \
    X(BUYS, "buys", "count", 0, "accepted buys")                                                             \
    X(SELLS, "sells", "count", 0, "accepted sells (= rounds)")                                               \
    X(BEST_TRADE, "bestTrade", "ratio", 1, "highest round return; NaN without a sell")                       \
    X(WORST_TRADE, "worstTrade", "ratio", 1, "lowest round return; NaN without a sell")                      \
    X(AVERAGE_TRADE, "averageTrade", "ratio", 1, "mean round return; NaN without a sell")                    \
    X(AVERAGE_WIN, "averageWin", "quote", 1, "mean profit of rounds with profit > 0; NaN without one")       \
    X(AVERAGE_LOSS, "averageLoss", "quote", 1,                                                               \
      "mean profit of rounds with profit <= 0 (negative); NaN without one")                                  \
    X(MAX_TRADE_DURATION, "maxTradeDuration", "ms", 0,                                                       \
      "longest round: sell - first buy since flat; NaN without a sell")                                      \
    X(AVERAGE_TRADE_DURATION, "averageTradeDuration", "ms", 0, "mean of those; NaN without a sell")          \
    X(PROFIT_FACTOR, "profitFactor", "number", 1,                                                            \
      "sum of winning profits / -sum of losing; NaN without a loss")                                         \
    X(EXPECTANCY, "expectancy", "quote", 1, "mean round profit; NaN without a sell")                         \
    X(SQN, "sqn", "number", 1,                                                                               \
      "sqrt(sells) x mean / sample sd of round profits; NaN when sells < 2 or sd = 0")                       \
    X(KELLY, "kelly", "ratio", 1,                                                                            \
      "w - (1 - w) / (averageWin / -averageLoss), w = winRate; NaN without win or loss")                     \
    X(MAX_CONSECUTIVE_WINS, "maxConsecutiveWins", "count", 1, "longest chain of rounds with profit > 0")     \
    X(MAX_CONSECUTIVE_LOSSES, "maxConsecutiveLosses", "count", -1,                                           \
      "longest chain of rounds with profit <= 0")                                                            \
    X(VAR_95, "var95", "ratio", -1, "-(5 % quantile of r, linear interpolation); NaN when n < 20")           \
    X(CVAR_95, "cvar95", "ratio", -1, "-(mean of the r at or below that quantile); NaN when n < 20")         \
    X(SKEW, "skew", "number", 0, "m3 / m2^1.5 of r (population moments); NaN when m2 = 0")                   \
    X(KURTOSIS, "kurtosis", "number", 0, "m4 / m2^2 - 3 of r; NaN when m2 = 0")                              \
    X(ALPHA, "alpha", "ratio", 1, "(mean r - beta x mean b) x P; NaN when beta is")                          \
    X(BETA, "beta", "number", 0, "cov(r, b) / var(b); NaN when n < 2 or var(b) = 0")                         \
    X(REFUSED_ORDERS, "refusedOrders", "count", -1, "orders that were not accepted")                         \
    X(PRICE_OUTSIDE, "priceOutside", "count", -1, "orders priced outside their bar's [low, high]")

enum metric {
#define X(id, name, unit, better, formula) METRIC_##id,
    METRIC_LIST(X)
#undef X
        METRIC_COUNT
};

struct metric_info {
    const char *name, *unit, *formula;
    int better;
};
const struct metric_info *metric_info(enum metric metric);
/* By name, exactly as listed; false if there is none. */
bool metric_find(enum metric *out, const char *name);
/* All METRIC_COUNT names, for "did you mean". */
const char *const *metric_names(void);

#endif
