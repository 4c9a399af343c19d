/* A series: the candles of one symbol and interval as read-only columns, usually a page-aligned mapping of a
 * store file. */
#ifndef KMILL_SERIES_H
#define KMILL_SERIES_H

#include "kmill/error.h"
#include "kmill/interval.h"

enum { SYMBOL_MAX = 32 };

/* The columns in the order of the public kline format. */
enum kline_column {
    KLINE_OPEN_TIME, /* int64 ms UTC */
    KLINE_OPEN,
    KLINE_HIGH,
    KLINE_LOW,
    KLINE_CLOSE,        /* double, quote per base */
    KLINE_VOLUME,       /* double, base */
    KLINE_CLOSE_TIME,   /* int64 ms UTC */
    KLINE_QUOTE_VOLUME, /* double, quote; NaN where the source has none */
    KLINE_TRADES_COUNT, /* int64; -1 where the source has none */
    KLINE_TAKER_BUY_BASE,
    KLINE_TAKER_BUY_QUOTE, /* double; NaN where the source has none */
    KLINE_COLUMN_COUNT
};
/* "open_time", "open", ..., "taker_buy_base_volume", "taker_buy_quote_volume": names in store and results. */
const char *kline_column_name(enum kline_column column);

/* Immutable after open; any number of threads may read. Slices point into the same columns and own nothing.
 */
struct series {
    char symbol[SYMBOL_MAX];
    enum interval interval;
    size_t count;
    const int64_t *open_time, *close_time, *trades_count;
    const double *open, *high, *low, *close, *volume, *quote_volume, *taker_buy_base, *taker_buy_quote;
};

/* A double column by its number (NULL for the int64 ones). */
const double *series_column(const struct series *series, enum kline_column column);
/* Any column as its 8-byte elements (int64 or double), and setting one: what store and importers loop over.
 */
const void *series_raw_column(const struct series *series, enum kline_column column);
void series_set_column(struct series *series, enum kline_column column, const void *data);
/* True for the int64 columns. */
bool kline_column_is_integer(enum kline_column column);
/* First index with open_time >= ms (count if none). */
size_t series_lower_bound(const struct series *series, int64_t ms);
/* The candles [begin, end) as a view into the same columns. */
struct series series_slice(const struct series *series, size_t begin, size_t end);

#endif
