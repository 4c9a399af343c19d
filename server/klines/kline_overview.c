/* /series/{symbol}/{interval}/overview: a whole series as some hundred candles, for a chart's first sight.
 *
 * Each point is a candle of bars_per_point candles beginning with the first of the range, the last point of
 * what is left: open of the first, highest high, lowest low, close of the last, sum of the volumes from left
 * to right. One pass over five columns: 525,600 candles take about two milliseconds. */
#include "server/klines/kline_routes.h"

#include "server/http/response_cache.h"
#include "server/klines/kline_slice.h"

#include <math.h>

enum { POINTS_MIN = 10, POINTS_MAX = 5000, POINTS_DEFAULT = 1000 };

struct overview {
    struct kline_range range; /* INT64_MIN, INT64_MAX: an end not asked for */
    int64_t points;
};

static bool read_overview(struct overview *out, struct request *request) {
    static const char *const names[] = {"from", "to", "points", NULL};
    int64_t from = 0, to = 0;
    bool has_from = false, has_to = false;
    out->points = POINTS_DEFAULT;
    if (!request_query_known(request, names) || !request_query_time(request, &from, &has_from, "from") ||
        !request_query_time(request, &to, &has_to, "to") ||
        !request_query_int(request, &out->points, "points", POINTS_MIN, POINTS_MAX))
        return false;
    out->range =
        (struct kline_range){has_from ? from : INT64_MIN, has_to ? to - 1 : INT64_MAX, SIZE_MAX, false};
    return true;
}

static void write_point(struct writer *w, const struct series *series, size_t begin, size_t end) {
    double high = series->high[begin], low = series->low[begin], volume = 0.0;
    for (size_t i = begin; i < end; i++) {
        high = series->high[i] > high ? series->high[i] : high;
        low = series->low[i] < low ? series->low[i] : low;
        volume += series->volume[i];
    }
    writer_array(w);
    writer_int(w, series->open_time[begin]);
    writer_double(w, series->open[begin]);
    writer_double(w, high);
    writer_double(w, low);
    writer_double(w, series->close[end - 1]);
    writer_double(w, volume);
    writer_end(w);
}

/* The ends as asked for, else those of the candles. */
static void write_ends(struct writer *w, const struct series *series, const struct kline_range *range) {
    bool has_from = range->first != INT64_MIN, has_to = range->last != INT64_MAX;
    size_t count = series->count;
    if (has_from || count)
        writer_key_time(w, "from", has_from ? range->first : series->open_time[0]);
    else
        writer_key_null(w, "from");
    if (has_to || count)
        writer_key_time(w, "to",
                        has_to ? range->last + 1
                               : interval_next(series->interval, series->open_time[count - 1]));
    else
        writer_key_null(w, "to");
}

static void write_overview(struct request *request, const struct series *series,
                           const struct overview *overview) {
    size_t points = (size_t)overview->points, bars = (series->count + points - 1) / points;
    if (bars == 0) bars = 1;
    struct writer w = request_writer(request);
    writer_map(&w);
    writer_key_string(&w, "symbol", series->symbol);
    writer_key_string(&w, "interval", interval_name(series->interval));
    write_ends(&w, series, &overview->range);
    writer_key_uint(&w, "points", (series->count + bars - 1) / bars);
    writer_key_uint(&w, "bars_per_point", bars);
    writer_key(&w, "data");
    writer_array(&w);
    for (size_t i = 0; i < series->count; i += bars)
        write_point(&w, series, i, i + bars < series->count ? i + bars : series->count);
    writer_end(&w);
    writer_end(&w);
}

/* Which candles, in how many points, between which ends as the answer names them. */
static const char *overview_version(struct request *request, const struct kline_slice *slice,
                                    const struct overview *overview) {
    return request_printf(request, "%s-%lld-%llx-%llx", slice->version, (long long)overview->points,
                          (unsigned long long)overview->range.first,
                          (unsigned long long)overview->range.last);
}

static const char *overview_key(struct request *request, const struct kline_slice *slice,
                                const struct overview *overview) {
    return request_printf(request, "overview %s %s %s", slice->view.symbol,
                          interval_name(slice->view.interval), overview_version(request, slice, overview));
}

/* Only what is kept finished. */
bool kline_overview_quick(struct request *request) {
    struct overview overview;
    struct kline_slice slice;
    if (!read_overview(&overview, request)) return true;
    if (!kline_slice_try(&slice, request->server->klines, request->parameters[0], request->parameters[1],
                         &overview.range))
        return false;
    bool done = response_cache_answer(request, overview_key(request, &slice, &overview));
    kline_slice_close(&slice);
    return done;
}

void kline_overview(struct request *request) {
    struct overview overview;
    struct kline_slice slice;
    if (!read_overview(&overview, request)) return;
    if (!kline_slice_open(&slice, request, request->parameters[0], request->parameters[1], &overview.range))
        return;
    if (!slice.held && slice.view.count > DATABASE_CANDLES_MAX)
        request_fail(request, 400, "invalid", "from",
                     "more than %d candles, which only the database has: ask for a smaller range, or import "
                     "them with `kmill import postgres`",
                     DATABASE_CANDLES_MAX);
    else if (!request_not_modified(request, "%s", overview_version(request, &slice, &overview))) {
        write_overview(request, &slice.view, &overview);
        if (kline_slice_check(&slice, request))
            response_cache_keep(request, overview_key(request, &slice, &overview));
    }
    kline_slice_close(&slice);
}
