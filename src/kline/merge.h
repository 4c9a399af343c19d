/* Joining candles of one series: identical ones are one, different ones of the same open_time are a conflict
 * that nobody but the user can settle. */
#ifndef KLINE_MERGE_H
#define KLINE_MERGE_H

#include "kline/columns.h"

/* Two candles of one open_time that differ in column; indices into the series compared. */
struct kline_conflict {
    size_t first, second;
    enum kline_column column;
};

/* Drops identical duplicates of sorted columns, where[] (may be NULL) alongside; what only one of two knows
 * is kept. False: a conflict, columns unchanged up to conflict->first (indices of the sorted columns before
 * dropping). */
bool kline_drop_duplicates(struct kline_columns *columns, uint32_t *where, size_t *dropped,
                           struct kline_conflict *conflict);

struct kline_merge {
    struct kline_columns columns;
    uint8_t *partial;       /* one byte a candle, NULL if old_partial was NULL */
    size_t added, repeated; /* candles only fresh has; candles both have */
    bool changed;           /* anything but old */
};
/* old and fresh, each strictly increasing. ERR_INPUT with *conflict filled (first in old, second in fresh)
 * and no message: the caller knows the places. kline_merge_clear frees, also after an error. */
status kline_merge(struct kline_merge *out, const struct series *old, const uint8_t *old_partial,
                   const struct series *fresh, struct kline_conflict *conflict, struct error *err);
void kline_merge_clear(struct kline_merge *merge);

/* "close 1.5 against 1.25": the two values of a conflict, as text_add_double writes them. */
enum { CONFLICT_TEXT_MAX = 128 };
void kline_conflict_text(char out[CONFLICT_TEXT_MAX], const struct series *a, const struct series *b,
                         const struct kline_conflict *conflict);

#endif
