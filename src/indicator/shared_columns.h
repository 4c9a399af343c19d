/* Indicator values shared by all runs of a worker process: computed once per (series, column, indicator,
 * periods, window), in exactly the order of operations of indicator.h, and then a load.
 *
 * Sums (hence simple moving averages, RSI, ATR and the middle of Bollinger bands) come from exact binary
 * fixed-point prefix sums: O(1), one array whatever the period (window_sums.h). For EMA, MACD and deviations,
 * and for sums where the range of a column is too wide, a column of values per (periods, window) is made
 * lazily once a key was asked for often enough (column_table.h), within a memory budget; beyond it values are
 * computed directly. Thread-safe: readers take no lock on a hit. A value never depends on whether it came
 * from a column. */
#ifndef INDICATOR_SHARED_COLUMNS_H
#define INDICATOR_SHARED_COLUMNS_H

#include "kmill/series.h"
#include "indicator/indicator.h"

struct shared_columns;

/* For one series (borrowed, must outlive it). budget_bytes bounds all its columns together. */
status shared_columns_open(struct shared_columns **out, const struct series *series, size_t budget_bytes,
                           struct error *err);
void shared_columns_close(struct shared_columns *columns);
size_t shared_columns_bytes(const struct shared_columns *columns);

/* The window is candles [end - n, end) of `column` (a double one). Results as the function of the same name
 * in indicator.h. */
bool shared_sma(struct shared_columns *columns, double *out, enum kline_column column, size_t end, size_t n,
                size_t period);
bool shared_ema(struct shared_columns *columns, double *out, enum kline_column column, size_t end, size_t n,
                size_t period);
bool shared_rsi(struct shared_columns *columns, double *out, enum kline_column column, size_t end, size_t n,
                size_t period);
bool shared_macd(struct shared_columns *columns, struct macd *out, enum kline_column column, size_t end,
                 size_t n, size_t fast, size_t slow, size_t signal);
bool shared_bollinger(struct shared_columns *columns, struct bollinger *out, enum kline_column column,
                      size_t end, size_t n, size_t period, double k);
/* Of the series' own high, low and close. */
bool shared_atr(struct shared_columns *columns, double *out, size_t end, size_t n, size_t period);
/* sum() of the n values ending at end, as CPython gives it. */
double shared_sum(struct shared_columns *columns, enum kline_column column, size_t end, size_t n);

#endif
