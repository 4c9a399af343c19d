/* Larger candles from smaller ones. */
#ifndef KLINE_RESAMPLE_H
#define KLINE_RESAMPLE_H

#include "kline/columns.h"

/* columns and one mark a candle: 1 where the source lacks candles within it (a gap, or cut at an end), or one
 * of them is partial itself. */
struct resampled {
    struct kline_columns columns;
    uint8_t *partial;
    size_t partial_count;
};

/* True if every candle of `to` is made of whole candles of `from`, and more than one. */
bool interval_resamples(enum interval from, enum interval to);
/* First open, highest high, lowest low, last close and close_time; volumes are the correctly rounded exact
 * sums of the source's decimals (NaN if one is NaN), trades_count the sum (-1 if one is -1). Spans without
 * any candle stay gaps. source_partial: marks of the source, or NULL. ERR_INPUT if the intervals do not nest
 * or a source candle is off the grid. resampled_clear frees, also after an error. */
status resample_series(struct resampled *out, const struct series *source, const uint8_t *source_partial,
                       enum interval to, struct error *err);
void resampled_clear(struct resampled *resampled);

#endif
