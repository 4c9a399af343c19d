/* Growing, owned kline columns: where importers, synth and resample build a series before store_write. */
#ifndef KLINE_COLUMNS_H
#define KLINE_COLUMNS_H

#include "kmill/series.h"

/* One candle in the order of enum kline_column. */
struct kline_row {
    int64_t open_time, close_time, trades_count;
    double open, high, low, close, volume, quote_volume, taker_buy_base, taker_buy_quote;
};

/* Zero-initialise; kline_columns_clear frees. view is valid until the next change. */
struct kline_columns {
    struct series view;
    size_t capacity;
};
status kline_columns_add(struct kline_columns *columns, const struct kline_row *row, struct error *err);
status kline_columns_reserve(struct kline_columns *columns, size_t capacity, struct error *err);
void kline_columns_get(struct kline_row *row, const struct series *series, size_t index);
/* Two rows of one open_time agree if every value known to both is equal (NaN and -1 are unknown). If not,
 * *differs is the first column that does not. kline_row_fill takes over what only `from` knows. */
bool kline_rows_agree(const struct kline_row *a, const struct kline_row *b, enum kline_column *differs);
void kline_row_fill(struct kline_row *row, const struct kline_row *from);
/* Overwrites candle `index`. */
void kline_columns_set(struct kline_columns *columns, size_t index, const struct kline_row *row);
/* Stable sort by open_time; where[] (may be NULL, count entries) is permuted alongside (line numbers of the
 * source). */
status kline_columns_sort(struct kline_columns *columns, uint32_t *where, struct error *err);
void kline_columns_clear(struct kline_columns *columns);

#endif
