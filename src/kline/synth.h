/* A made-up market: deterministic, plausible candles for demonstrations and tests. */
#ifndef KLINE_SYNTH_H
#define KLINE_SYNTH_H

#include "kline/columns.h"

struct synth_options {
    char symbol[SYMBOL_MAX];
    enum interval interval;
    size_t bars;
    uint64_t seed;
    int64_t start_ms;        /* moved down to the interval's grid */
    double start_price;      /* 0: 30000; prices have 2 decimals from 1 on, 8 below */
    double daily_volatility; /* typical deviation of a day's return as a fraction; 0: 0.03 */
};

/* Fills *out (zeroed before) with options->bars candles without gaps. Equal options give equal bits on every
 * machine. Never an impossible candle. ERR_INPUT for options out of range; kline_columns_clear frees. */
status synth_series(struct kline_columns *out, const struct synth_options *options, struct error *err);

#endif
