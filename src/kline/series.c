/* A series as columns: names, access by number, and views that copy nothing. */
#include "kmill/series.h"

#include <stddef.h>

static const struct {
    const char *name;
    size_t offset; /* of the pointer within struct series */
    bool integer;
} table[KLINE_COLUMN_COUNT] = {
    [KLINE_OPEN_TIME] = {"open_time", offsetof(struct series, open_time), true},
    [KLINE_OPEN] = {"open", offsetof(struct series, open), false},
    [KLINE_HIGH] = {"high", offsetof(struct series, high), false},
    [KLINE_LOW] = {"low", offsetof(struct series, low), false},
    [KLINE_CLOSE] = {"close", offsetof(struct series, close), false},
    [KLINE_VOLUME] = {"volume", offsetof(struct series, volume), false},
    [KLINE_CLOSE_TIME] = {"close_time", offsetof(struct series, close_time), true},
    [KLINE_QUOTE_VOLUME] = {"quote_volume", offsetof(struct series, quote_volume), false},
    [KLINE_TRADES_COUNT] = {"trades_count", offsetof(struct series, trades_count), true},
    [KLINE_TAKER_BUY_BASE] = {"taker_buy_base_volume", offsetof(struct series, taker_buy_base), false},
    [KLINE_TAKER_BUY_QUOTE] = {"taker_buy_quote_volume", offsetof(struct series, taker_buy_quote), false},
};

const char *kline_column_name(enum kline_column column) {
    return table[column].name;
}

bool kline_column_is_integer(enum kline_column column) {
    return table[column].integer;
}

const void *series_raw_column(const struct series *series, enum kline_column column) {
    return *(const void *const *)((const char *)series + table[column].offset);
}

void series_set_column(struct series *series, enum kline_column column, const void *data) {
    *(const void **)((char *)series + table[column].offset) = data;
}

const double *series_column(const struct series *series, enum kline_column column) {
    return table[column].integer ? NULL : series_raw_column(series, column);
}

size_t series_lower_bound(const struct series *series, int64_t ms) {
    size_t low = 0, high = series->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (series->open_time[middle] < ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct series series_slice(const struct series *series, size_t begin, size_t end) {
    struct series slice = *series;
    slice.count = end - begin;
    for (int c = 0; c < KLINE_COLUMN_COUNT; c++) {
        const char *column = series_raw_column(series, (enum kline_column)c);
        series_set_column(&slice, (enum kline_column)c, column ? column + begin * 8 : NULL);
    }
    return slice;
}
