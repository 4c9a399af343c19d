/* Growing kline columns: eleven arrays of 8-byte elements that grow together.
 *
 * Importers add rows, the store writes columns, so rows are spread as they come; a row-wise buffer would need
 * the whole series twice. */
#include "kline/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ELEMENT_SIZE = 8, FIRST_CAPACITY = 1024 };

/* The arrays are this object's own: the view's const only binds its readers. */
static void *owned_column(const struct kline_columns *columns, enum kline_column column) {
    return (void *)(uintptr_t)series_raw_column(&columns->view, column);
}

status kline_columns_reserve(struct kline_columns *columns, size_t capacity, struct error *err) {
    if (capacity <= columns->capacity) return OK;
    for (int c = 0; c < KLINE_COLUMN_COUNT; c++) {
        void *grown = capacity > SIZE_MAX / ELEMENT_SIZE
                          ? NULL
                          : realloc(owned_column(columns, (enum kline_column)c), capacity * ELEMENT_SIZE);
        if (!grown) return error_set(err, ERR_MEMORY, "out of memory for a series of %zu candles", capacity);
        series_set_column(&columns->view, (enum kline_column)c, grown);
    }
    columns->capacity = capacity;
    return OK;
}

void kline_columns_set(struct kline_columns *columns, size_t index, const struct kline_row *row) {
    struct series *view = &columns->view;
    ((int64_t *)(uintptr_t)view->open_time)[index] = row->open_time;
    ((int64_t *)(uintptr_t)view->close_time)[index] = row->close_time;
    ((int64_t *)(uintptr_t)view->trades_count)[index] = row->trades_count;
    ((double *)(uintptr_t)view->open)[index] = row->open;
    ((double *)(uintptr_t)view->high)[index] = row->high;
    ((double *)(uintptr_t)view->low)[index] = row->low;
    ((double *)(uintptr_t)view->close)[index] = row->close;
    ((double *)(uintptr_t)view->volume)[index] = row->volume;
    ((double *)(uintptr_t)view->quote_volume)[index] = row->quote_volume;
    ((double *)(uintptr_t)view->taker_buy_base)[index] = row->taker_buy_base;
    ((double *)(uintptr_t)view->taker_buy_quote)[index] = row->taker_buy_quote;
}

status kline_columns_add(struct kline_columns *columns, const struct kline_row *row, struct error *err) {
    if (columns->view.count == columns->capacity) {
        size_t capacity = columns->capacity ? columns->capacity * 2 : FIRST_CAPACITY;
        status rc = kline_columns_reserve(columns, capacity, err);
        if (rc != OK) return rc;
    }
    kline_columns_set(columns, columns->view.count++, row);
    return OK;
}

void kline_columns_get(struct kline_row *row, const struct series *series, size_t index) {
    *row = (struct kline_row){
        .open_time = series->open_time[index],
        .close_time = series->close_time[index],
        .trades_count = series->trades_count[index],
        .open = series->open[index],
        .high = series->high[index],
        .low = series->low[index],
        .close = series->close[index],
        .volume = series->volume[index],
        .quote_volume = series->quote_volume[index],
        .taker_buy_base = series->taker_buy_base[index],
        .taker_buy_quote = series->taker_buy_quote[index],
    };
}

static bool doubles_agree(double a, double b) {
    return a == b || isnan(a) || isnan(b);
}

bool kline_rows_agree(const struct kline_row *a, const struct kline_row *b, enum kline_column *differs) {
    bool trades_agree = a->trades_count == b->trades_count || a->trades_count == -1 || b->trades_count == -1;
    const struct {
        enum kline_column column;
        bool agree;
    } checks[] = {
        {KLINE_OPEN, doubles_agree(a->open, b->open)},
        {KLINE_HIGH, doubles_agree(a->high, b->high)},
        {KLINE_LOW, doubles_agree(a->low, b->low)},
        {KLINE_CLOSE, doubles_agree(a->close, b->close)},
        {KLINE_VOLUME, doubles_agree(a->volume, b->volume)},
        {KLINE_CLOSE_TIME, a->close_time == b->close_time},
        {KLINE_QUOTE_VOLUME, doubles_agree(a->quote_volume, b->quote_volume)},
        {KLINE_TRADES_COUNT, trades_agree},
        {KLINE_TAKER_BUY_BASE, doubles_agree(a->taker_buy_base, b->taker_buy_base)},
        {KLINE_TAKER_BUY_QUOTE, doubles_agree(a->taker_buy_quote, b->taker_buy_quote)},
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (checks[i].agree) continue;
        *differs = checks[i].column;
        return false;
    }
    return true;
}

void kline_row_fill(struct kline_row *row, const struct kline_row *from) {
    if (isnan(row->quote_volume)) row->quote_volume = from->quote_volume;
    if (row->trades_count == -1) row->trades_count = from->trades_count;
    if (isnan(row->taker_buy_base)) row->taker_buy_base = from->taker_buy_base;
    if (isnan(row->taker_buy_quote)) row->taker_buy_quote = from->taker_buy_quote;
}

struct sort_key {
    int64_t open_time;
    size_t index;
};

/* By open_time; the index decides between equals, which makes any qsort stable. */
static int compare_keys(const void *a, const void *b) {
    const struct sort_key *x = a, *y = b;
    if (x->open_time != y->open_time) return x->open_time < y->open_time ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static bool is_sorted(const struct series *view) {
    for (size_t i = 1; i < view->count; i++) {
        if (view->open_time[i] < view->open_time[i - 1]) return false;
    }
    return true;
}

static void permute_columns(struct kline_columns *columns, const struct sort_key *order, uint64_t *scratch) {
    size_t count = columns->view.count;
    for (int c = 0; c < KLINE_COLUMN_COUNT; c++) {
        uint64_t *data = owned_column(columns, (enum kline_column)c);
        memcpy(scratch, data, count * ELEMENT_SIZE);
        for (size_t i = 0; i < count; i++)
            data[i] = scratch[order[i].index];
    }
}

static void permute_where(uint32_t *where, const struct sort_key *order, uint32_t *scratch, size_t count) {
    memcpy(scratch, where, count * sizeof *where);
    for (size_t i = 0; i < count; i++)
        where[i] = scratch[order[i].index];
}

status kline_columns_sort(struct kline_columns *columns, uint32_t *where, struct error *err) {
    size_t count = columns->view.count;
    if (is_sorted(&columns->view)) return OK;
    struct sort_key *order = malloc(count * sizeof *order);
    uint64_t *scratch = malloc(count * ELEMENT_SIZE);
    status rc = OK;
    if (!order || !scratch) {
        rc = error_set(err, ERR_MEMORY, "out of memory for sorting %zu candles", count);
        goto done;
    }
    for (size_t i = 0; i < count; i++)
        order[i] = (struct sort_key){columns->view.open_time[i], i};
    qsort(order, count, sizeof *order, compare_keys);
    permute_columns(columns, order, scratch);
    if (where) permute_where(where, order, (uint32_t *)scratch, count);
done:
    free(order);
    free(scratch);
    return rc;
}

void kline_columns_clear(struct kline_columns *columns) {
    for (int c = 0; c < KLINE_COLUMN_COUNT; c++) {
        free(owned_column(columns, (enum kline_column)c));
        series_set_column(&columns->view, (enum kline_column)c, NULL);
    }
    columns->view.count = columns->capacity = 0;
}
