/* GET equity and trades of one run. */
#include "base/clock.h"
#include "kmill/analysis.h"
#include "kmill/series.h"
#include "results/result_json.h"
#include "results/run_record.h"
#include "server/http/pool.h"
#include "server/sweeps/run_filter.h"
#include "server/sweeps/sweep_handlers.h"
#include "server/sweeps/sweep_registry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_DEFAULT = 2000, POINTS_MAX = 20000, TRADES_DEFAULT = 1000, TRADES_MAX = 10000 };

/* from= inclusive, to= exclusive, by open_time. */
struct time_range {
    int64_t from, to;
    bool has_from, has_to;
};

static bool read_range(struct request *request, struct time_range *range) {
    if (!request_query_time(request, &range->from, &range->has_from, "from") ||
        !request_query_time(request, &range->to, &range->has_to, "to"))
        return false;
    if (!range->has_from || !range->has_to || range->from <= range->to) return true;
    request_fail(request, 400, "invalid", "to", "to: lies before from");
    return false;
}

static bool is_in_range(const struct time_range *range, int64_t ms) {
    return (!range->has_from || ms >= range->from) && (!range->has_to || ms < range->to);
}

/* ---- equity ---- */

/* Points [begin, end) of the curve that lie in the range; those of a result without candles have no time and
 * all are taken. */
static void cut(const struct run_curve *curve, const struct time_range *range, size_t *begin, size_t *end) {
    *begin = 0;
    *end = curve->count;
    if (!curve->time) return;
    while (*begin < *end && !is_in_range(range, curve->time[*begin]))
        ++*begin;
    while (*end > *begin && !is_in_range(range, curve->time[*end - 1]))
        --*end;
}

/* Which points are shown: numbers from begin on. NULL: out of memory. */
static size_t *decimate(size_t *count, const struct run_curve *curve, size_t begin, size_t end, size_t wanted,
                        bool by_extremes) {
    size_t have = end - begin, room = have < wanted ? have : wanted;
    size_t *kept = malloc((room + 1) * sizeof *kept);
    double *x = by_extremes ? NULL : malloc((have + 1) * sizeof *x);
    *count = 0;
    if (kept && by_extremes) *count = decimate_min_max(kept, wanted, curve->equity + begin, have);
    if (kept && x) {
        for (size_t i = 0; i < have; i++)
            x[i] = (double)curve->bar[begin + i];
        *count = decimate_lttb(kept, wanted, x, curve->equity + begin, have);
    }
    bool done = kept && (by_extremes || x);
    free(x);
    if (done) return kept;
    free(kept);
    return NULL;
}

static void write_column(struct writer *w, const char *name, const double *column, const size_t *kept,
                         size_t count) {
    writer_key(w, name);
    writer_array(w);
    for (size_t i = 0; i < count; i++)
        writer_double(w, column ? column[kept[i]] : NAN);
    writer_end(w);
}

static void write_points(struct writer *w, const struct run_curve *curve, const size_t *kept, size_t count) {
    writer_map(w);
    writer_key(w, "time");
    writer_array(w);
    for (size_t i = 0; i < count; i++)
        if (curve->time)
            writer_int(w, curve->time[kept[i]]);
        else
            writer_null(w);
    writer_end(w);
    write_column(w, "equity", curve->equity, kept, count);
    write_column(w, "balance", curve->balance, kept, count);
    write_column(w, "position", curve->position, kept, count);
    write_column(w, "drawdown", curve->drawdown, kept, count);
    write_column(w, "buy_hold", curve->buy_hold, kept, count);
    writer_end(w);
}

struct curve_request {
    struct time_range range;
    int64_t points;
    bool by_extremes;
};

static bool read_curve_request(struct request *request, struct curve_request *out) {
    static const char *const names[] = {"points", "from", "to", "method", NULL};
    const char *method = request_query(request, "method");
    out->points = POINTS_DEFAULT;
    out->by_extremes = method && strcmp(method, "minmax") == 0;
    if (!request_query_known(request, names) ||
        !request_query_int(request, &out->points, "points", 10, POINTS_MAX) ||
        !read_range(request, &out->range))
        return false;
    if (!method || out->by_extremes || strcmp(method, "lttb") == 0) return true;
    request_fail(request, 400, "invalid", "method", "method: '%s' is none of lttb, minmax", method);
    return false;
}

static status write_curve(struct request *request, const struct run_curve *curve, uint64_t run,
                          const struct curve_request *wanted, struct error *err) {
    static const char *const sources[] = {"full", "trades", "points"};
    size_t begin, end, count;
    cut(curve, &wanted->range, &begin, &end);
    size_t *kept = decimate(&count, curve, begin, end, (size_t)wanted->points, wanted->by_extremes);
    if (!kept) return error_set(err, ERR_MEMORY, "out of memory for a curve");
    size_t bars = end > begin ? curve->bar[end - 1] - curve->bar[begin] + 1 : 0;
    for (size_t i = 0; i < count; i++)
        kept[i] += begin;
    struct writer w = request_writer(request);
    writer_map(&w);
    writer_key_uint(&w, "run", run);
    writer_key_string(&w, "source", sources[curve->source]);
    writer_key_uint(&w, "count", count);
    writer_key_uint(&w, "bars", bars);
    writer_key(&w, "points");
    write_points(&w, curve, kept, count);
    writer_end(&w);
    free(kept);
    return OK;
}

void get_run_equity(struct request *request) {
    struct curve_request wanted = {0};
    struct run_curve curve = {0};
    struct error err = {0};
    uint64_t row;
    if (!read_curve_request(request, &wanted)) return;
    struct held_sweep *held = request_hold(request);
    if (!held) return;
    struct result *result = held_sweep_result(held);
    if (request_row(request, &row, result) && !request_has_version(request, held)) {
        hdf5_lock();
        status rc = result_curve(&curve, result, row, &err);
        hdf5_unlock();
        if (rc == OK) rc = write_curve(request, &curve, result_run_of_row(result, row), &wanted, &err);
        run_curve_clear(&curve);
        if (rc != OK) request_fail_error(request, rc == ERR_NOT_FOUND ? "n" : NULL, &err);
    }
    request_release(request, held);
}

/* ---- trades ---- */

static void write_trade(struct writer *w, const struct run_record *record, const struct trade *trade,
                        const struct series *candles, size_t begin) {
    char iso[CLOCK_TEXT_MAX];
    size_t bar = (size_t)trade->bar - begin;
    writer_map(w);
    writer_key_string(w, "timestamp", result_json_timestamp(iso, trade, record, candles, begin));
    writer_key_string(w, "type", trade->side == TRADE_SELL ? "sell" : "buy");
    writer_key_double(w, "price", trade->price);
    writer_key_double(w, "amount", trade->amount);
    writer_key_double(w, "balance", trade->balance);
    writer_key_double(w, "fee", trade->fee);
    writer_key_double(w, "position", trade->position);
    writer_key_double(w, "totalValue", trade->total_value);
    if (trade->side == TRADE_SELL) writer_key_double(w, "profit", trade->profit);
    writer_key_int(w, "bar", (int64_t)bar);
    if (bar < candles->count)
        writer_key_time(w, "time", candles->open_time[bar]);
    else
        writer_key_null(w, "time");
    writer_end(w);
}

/* Trades are in the order of their bars: those of the range are neighbours. */
static void find_trades(const struct run_record *record, const struct series *candles, size_t begin,
                        const struct time_range *range, size_t *from, size_t *to) {
    *from = 0;
    *to = record->trades ? record->trade_count : 0;
    if (!candles->count) return;
    while (*from < *to) {
        size_t bar = (size_t)record->trades[*from].bar - begin;
        if (bar < candles->count && is_in_range(range, candles->open_time[bar])) break;
        ++*from;
    }
    while (*to > *from) {
        size_t bar = (size_t)record->trades[*to - 1].bar - begin;
        if (bar < candles->count && is_in_range(range, candles->open_time[bar])) break;
        --*to;
    }
}

static void write_trades(struct request *request, struct result *result, const struct run_record *record,
                         const struct time_range *range, size_t offset, size_t limit) {
    struct series candles;
    size_t begin, from, to;
    result_candle_view(result, &candles, &begin, record->series);
    find_trades(record, &candles, begin, range, &from, &to);
    size_t total = to - from, first = offset < total ? from + offset : to;
    size_t count = to - first < limit ? to - first : limit;
    struct writer w = request_writer(request);
    writer_map(&w);
    writer_key_uint(&w, "total", total);
    writer_key_uint(&w, "offset", offset);
    writer_key_uint(&w, "count", count);
    writer_key(&w, "trades");
    writer_array(&w);
    for (size_t i = first; i < first + count; i++)
        write_trade(&w, record, &record->trades[i], &candles, begin);
    writer_end(&w);
    writer_end(&w);
}

void get_run_trades(struct request *request) {
    static const char *const names[] = {"from", "to", "offset", "limit", NULL};
    struct time_range range = {0};
    struct error err = {0};
    int64_t offset = 0, limit = TRADES_DEFAULT;
    uint64_t row;
    if (!request_query_known(request, names) || !read_range(request, &range) ||
        !request_query_int(request, &offset, "offset", 0, INT64_MAX) ||
        !request_query_int(request, &limit, "limit", 1, TRADES_MAX))
        return;
    struct held_sweep *held = request_hold(request);
    if (!held) return;
    struct result *result = held_sweep_result(held);
    if (request_row(request, &row, result) && !request_has_version(request, held)) {
        const struct run_record *record;
        hdf5_lock();
        status rc = result_run(result, &record, row, &err);
        if (rc == OK) write_trades(request, result, record, &range, (size_t)offset, (size_t)limit);
        hdf5_unlock();
        if (rc != OK) request_fail_error(request, NULL, &err);
    }
    request_release(request, held);
}
