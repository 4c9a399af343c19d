/* What is questionable about a series: gaps, impossible candles, and notes on candles that are merely
 * unusual. Nothing is repaired: exchanges have real outages, and a strategy should meet the market as it was.
 */
#ifndef KLINE_CHECK_H
#define KLINE_CHECK_H

#include "base/text.h"
#include "kmill/series.h"

/* kline_check_clear frees. */
struct kline_check {
    size_t gap_count, missing_candles;
    size_t odd_count; /* candles that cannot be: prices out of order, not finite, <= 0, negative volumes, bad
                         times */
    size_t zero_volume; /* notes: candles without a trade, */
    size_t early_close; /* candles that close before their interval ends (an exchange stopped), */
    size_t partial;     /* and those marked partial */
    struct text report; /* one finding a line, at most REPORT_LINES_MAX of each kind and "... and N more";
                           NULL data if none */
};
enum { REPORT_LINES_MAX = 100 };

/* series must be strictly increasing in open_time; partial as in mapped_series_partial, or NULL. */
void kline_check(struct kline_check *out, const struct series *series, const uint8_t *partial);
void kline_check_clear(struct kline_check *check);
/* What is impossible about a candle, NULL if nothing. */
const char *kline_row_fault(const struct series *series, size_t index);

#endif
