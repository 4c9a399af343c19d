/* Duplicates and merging on sorted columns, in one pass each. */
#include "kline/merge.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool kline_drop_duplicates(struct kline_columns *columns, uint32_t *where, size_t *dropped,
                           struct kline_conflict *conflict) {
    const struct series *view = &columns->view;
    size_t kept = 0;
    *dropped = 0;
    for (size_t i = 0; i < view->count; i++) {
        struct kline_row row, last;
        if (kept > 0 && view->open_time[i] == view->open_time[kept - 1]) {
            kline_columns_get(&row, view, i);
            kline_columns_get(&last, view, kept - 1);
            if (!kline_rows_agree(&last, &row, &conflict->column)) {
                conflict->first = kept - 1;
                conflict->second = i;
                return false;
            }
            kline_row_fill(&last, &row);
            kline_columns_set(columns, kept - 1, &last);
            continue;
        }
        if (kept < i) {
            kline_columns_get(&row, view, i);
            kline_columns_set(columns, kept, &row);
            if (where) where[kept] = where[i];
        }
        kept++;
    }
    *dropped = view->count - kept;
    columns->view.count = kept;
    return true;
}

/* One candle of both: what is known of either. */
static status merge_equal(struct kline_merge *out, const struct series *old, size_t i,
                          const struct series *fresh, size_t j, struct kline_conflict *conflict,
                          struct error *err) {
    struct kline_row row, other, before;
    kline_columns_get(&row, old, i);
    kline_columns_get(&other, fresh, j);
    if (!kline_rows_agree(&row, &other, &conflict->column)) {
        conflict->first = i;
        conflict->second = j;
        return ERR_INPUT;
    }
    before = row;
    kline_row_fill(&row, &other);
    out->changed |= memcmp(&before, &row, sizeof row) != 0;
    out->repeated++;
    return kline_columns_add(&out->columns, &row, err);
}

static status merge_rows(struct kline_merge *out, const struct series *old, const uint8_t *old_partial,
                         const struct series *fresh, struct kline_conflict *conflict, struct error *err) {
    struct kline_row row;
    status rc = OK;
    for (size_t i = 0, j = 0; rc == OK && (i < old->count || j < fresh->count);) {
        size_t at = out->columns.view.count;
        bool from_old = j == fresh->count || (i < old->count && old->open_time[i] <= fresh->open_time[j]);
        if (from_old && old_partial) out->partial[at] = old_partial[i];
        if (from_old && j < fresh->count && old->open_time[i] == fresh->open_time[j]) {
            rc = merge_equal(out, old, i++, fresh, j++, conflict, err);
            continue;
        }
        if (from_old) {
            kline_columns_get(&row, old, i++);
        } else {
            kline_columns_get(&row, fresh, j++);
            out->added++;
        }
        rc = kline_columns_add(&out->columns, &row, err);
    }
    return rc;
}

status kline_merge(struct kline_merge *out, const struct series *old, const uint8_t *old_partial,
                   const struct series *fresh, struct kline_conflict *conflict, struct error *err) {
    *out = (struct kline_merge){.columns.view.interval = fresh->interval};
    memcpy(out->columns.view.symbol, fresh->symbol, sizeof fresh->symbol);
    status rc = kline_columns_reserve(&out->columns, old->count + fresh->count, err);
    if (rc != OK) return rc;
    if (old_partial && !(out->partial = calloc(1, old->count + fresh->count + 1)))
        return error_set(err, ERR_MEMORY, "out of memory");
    rc = merge_rows(out, old, old_partial, fresh, conflict, err);
    out->changed |= out->added > 0;
    return rc;
}

void kline_merge_clear(struct kline_merge *merge) {
    kline_columns_clear(&merge->columns);
    free(merge->partial);
    merge->partial = NULL;
}

static void value_text(char out[DOUBLE_TEXT_MAX], const struct series *series, enum kline_column column,
                       size_t index) {
    const void *data = series_raw_column(series, column);
    if (kline_column_is_integer(column)) {
        snprintf(out, DOUBLE_TEXT_MAX, "%lld", (long long)((const int64_t *)data)[index]);
    } else {
        double_to_text(out, ((const double *)data)[index]);
    }
}

void kline_conflict_text(char out[CONFLICT_TEXT_MAX], const struct series *a, const struct series *b,
                         const struct kline_conflict *conflict) {
    char first[DOUBLE_TEXT_MAX], second[DOUBLE_TEXT_MAX];
    value_text(first, a, conflict->column, conflict->first);
    value_text(second, b, conflict->column, conflict->second);
    snprintf(out, CONFLICT_TEXT_MAX, "%s %s against %s", kline_column_name(conflict->column), first, second);
}
