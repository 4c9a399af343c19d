/* One pass: candles are gathered until one opens in the next span. Spans are marked partial by counting, so
 * both a hole inside and an end in the middle of a span show. The exchange's own larger candle opens at its
 * first trade, ours at the first smaller candle, which may be an empty one that repeats the last close:
 * `open` can differ there, nothing else does. */
#include "kline/resample.h"

#include "base/clock.h"
#include "kline/exact_sum.h"

#include <stdlib.h>
#include <string.h>

enum { SUMS = 4 };

/* The span being gathered. */
struct span {
    struct kline_row row;
    struct exact_sum sums[SUMS]; /* volume, quote_volume, taker_buy_base, taker_buy_quote */
    int64_t end;                 /* open_time of the next span */
    size_t count;
    bool partial;
};

/* Weeks and months begin at midnight, so whatever divides a day fits into them. */
bool interval_resamples(enum interval from, enum interval to) {
    int64_t fine = interval_ms(from), coarse = interval_ms(to);
    if (fine >= coarse) return false;
    if (to == INTERVAL_1W || to == INTERVAL_1MO) return MS_PER_DAY % fine == 0;
    return coarse % fine == 0;
}

static void begin_span(struct span *span, const struct kline_row *row, enum interval to) {
    *span = (struct span){.row = *row};
    span->row.open_time = interval_floor(to, row->open_time);
    span->row.trades_count = 0;
    span->end = interval_next(to, span->row.open_time);
}

static void add_to_span(struct span *span, const struct kline_row *row, bool partial) {
    if (row->high > span->row.high) span->row.high = row->high;
    if (row->low < span->row.low) span->row.low = row->low;
    span->row.close = row->close;
    span->row.close_time = row->close_time;
    if (span->row.trades_count >= 0)
        span->row.trades_count = row->trades_count < 0 ? -1 : span->row.trades_count + row->trades_count;
    exact_sum_add(&span->sums[0], row->volume);
    exact_sum_add(&span->sums[1], row->quote_volume);
    exact_sum_add(&span->sums[2], row->taker_buy_base);
    exact_sum_add(&span->sums[3], row->taker_buy_quote);
    span->partial |= partial;
    span->count++;
}

static status end_span(struct resampled *out, struct span *span, enum interval from, struct error *err) {
    int64_t expected = (span->end - span->row.open_time) / interval_ms(from);
    double *values[SUMS] = {&span->row.volume, &span->row.quote_volume, &span->row.taker_buy_base,
                            &span->row.taker_buy_quote};
    for (int i = 0; i < SUMS; i++) {
        if (span->sums[i].overflow) {
            char iso[CLOCK_TEXT_MAX];
            clock_format_iso(iso, span->row.open_time);
            return error_set(err, ERR_INPUT, "the volumes of the candle at %s need more than 38 digits", iso);
        }
        *values[i] = exact_sum_value(&span->sums[i]);
    }
    bool partial = span->partial || (int64_t)span->count < expected;
    out->partial[out->columns.view.count] = partial;
    out->partial_count += partial;
    return kline_columns_add(&out->columns, &span->row, err);
}

static status check_intervals(const struct series *source, enum interval to, struct error *err) {
    enum interval from = source->interval;
    if (!interval_resamples(from, to))
        return error_set(err, ERR_INPUT,
                         "%s candles cannot be made of %s candles: they must be longer and a whole multiple",
                         interval_name(to), interval_name(from));
    for (size_t i = 0; i < source->count; i++) {
        if (interval_floor(from, source->open_time[i]) == source->open_time[i]) continue;
        char iso[CLOCK_TEXT_MAX];
        clock_format_iso(iso, source->open_time[i]);
        return error_set(err, ERR_INPUT,
                         "%s %s: the candle at %s does not open on the %s grid; cannot be resampled",
                         source->symbol, interval_name(from), iso, interval_name(from));
    }
    return OK;
}

static size_t count_spans(const struct series *source, enum interval to) {
    if (source->count == 0) return 0;
    int64_t spans = interval_steps(to, source->open_time[0], source->open_time[source->count - 1]) + 1;
    return spans < (int64_t)source->count ? (size_t)spans : source->count;
}

status resample_series(struct resampled *out, const struct series *source, const uint8_t *source_partial,
                       enum interval to, struct error *err) {
    struct span span = {0};
    *out = (struct resampled){.columns.view.interval = to};
    memcpy(out->columns.view.symbol, source->symbol, sizeof source->symbol);
    status rc = check_intervals(source, to, err);
    if (rc != OK) return rc;
    size_t capacity = count_spans(source, to);
    if (!(out->partial = calloc(1, capacity + 1))) return error_set(err, ERR_MEMORY, "out of memory");
    if ((rc = kline_columns_reserve(&out->columns, capacity, err)) != OK) return rc;
    for (size_t i = 0; rc == OK && i < source->count; i++) {
        struct kline_row row;
        kline_columns_get(&row, source, i);
        if (span.count > 0 && row.open_time >= span.end) {
            rc = end_span(out, &span, source->interval, err);
            span.count = 0;
        }
        if (span.count == 0) begin_span(&span, &row, to);
        add_to_span(&span, &row, source_partial && source_partial[i]);
    }
    if (rc == OK && span.count > 0) rc = end_span(out, &span, source->interval, err);
    return rc;
}

void resampled_clear(struct resampled *resampled) {
    kline_columns_clear(&resampled->columns);
    free(resampled->partial);
    resampled->partial = NULL;
}
