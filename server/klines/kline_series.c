/* /series: what is known of each series besides its candles. Of one that only the database has, that is its
 * ends; what would need reading the whole table is null. */
#include "server/klines/kline_routes.h"

#include "base/hash.h"
#include "server/klines/kline_known.h"
#include "server/klines/kline_slice.h"

#include <string.h>

enum { GAPS_MAX = 1000 };

static void write_known(struct writer *w, const struct series_info *info, const char *origin) {
    writer_key_string(w, "symbol", info->symbol);
    writer_key_string(w, "interval", interval_name(info->interval));
    writer_key_uint(w, "count", info->count);
    if (info->count) {
        writer_key_time(w, "first_open_time", info->first_open_time);
        writer_key_time(w, "last_open_time", info->last_open_time);
    } else {
        writer_key_null(w, "first_open_time");
        writer_key_null(w, "last_open_time");
    }
    writer_key_uint(w, "gap_count", info->gap_count);
    writer_key_uint(w, "missing_candles", info->missing_candles);
    writer_key_uint(w, "odd_count", info->odd_count);
    writer_key_uint(w, "partial_count", info->partial_count);
    writer_key_string(w, "source", info->source);
    writer_key_string(w, "imported_at", info->imported_at);
    writer_key_string(w, "origin", origin);
}

/* extent == NULL: the database did not say. */
static void write_table(struct writer *w, const struct known_series *series,
                        const struct kline_extent *extent) {
    bool has_ends = extent && !extent->is_empty;
    writer_key_string(w, "symbol", series->symbol);
    writer_key_string(w, "interval", interval_name(series->interval));
    if (extent && extent->is_empty)
        writer_key_uint(w, "count", 0);
    else
        writer_key_null(w, "count");
    if (has_ends) {
        writer_key_time(w, "first_open_time", extent->first_open_time);
        writer_key_time(w, "last_open_time", extent->last_open_time);
    } else {
        writer_key_null(w, "first_open_time");
        writer_key_null(w, "last_open_time");
    }
    writer_key_null(w, "gap_count");
    writer_key_null(w, "missing_candles");
    writer_key_null(w, "odd_count");
    writer_key_null(w, "partial_count");
    writer_key_string(w, "source", extent ? extent->source : "postgres");
    writer_key_null(w, "imported_at");
    writer_key_string(w, "origin", "postgres");
}

static void write_series(struct writer *w, struct request *request, const struct known_series *series,
                         const struct kline_list *stored) {
    struct kline_catalogue *catalogue = request->server->klines;
    const struct series_info *info =
        series->is_stored ? kline_list_find(stored, series->symbol, series->interval) : NULL;
    struct kline_extent extent;
    if (!info && series->is_stored) return; /* removed this moment */
    writer_map(w);
    if (info)
        write_known(w, info, "store");
    else if (kline_postgres_extent(&extent, kline_catalogue_postgres(catalogue), series->symbol,
                                   series->interval, NULL) == OK)
        write_table(w, series, &extent);
    else
        write_table(w, series, NULL);
    writer_end(w);
}

/* The tag of an answer that is quicker made than compared. */
static void tag_body(struct request *request) {
    struct text *body = &request->response.body;
    if (request_not_modified(request, "%08x-%zx", hash_crc32(0, body->data, body->length), body->length))
        text_clear(body);
}

void kline_series_list(struct request *request) {
    static const char *const names[] = {NULL};
    struct known_list known;
    if (!request_query_known(request, names)) return;
    known_get(&known, request->server->klines, NULL);
    const struct kline_list *stored = kline_catalogue_list(request->server->klines);
    struct writer w = request_writer(request);
    writer_map(&w);
    writer_key(&w, "series");
    writer_array(&w);
    for (size_t i = 0; i < known.count; i++)
        write_series(&w, request, &known.items[i], stored);
    writer_end(&w);
    writer_end(&w);
    tag_body(request);
    kline_list_release(stored);
    known_clear(&known);
}

/* ---- one series ---- */

static void write_gaps(struct writer *w, const struct series *series) {
    size_t written = 0;
    writer_key(w, "gaps");
    writer_array(w);
    for (size_t i = 1; i < series->count && written < GAPS_MAX; i++) {
        int64_t before = series->open_time[i - 1], after = series->open_time[i];
        if (after == interval_next(series->interval, before)) continue;
        int64_t missing = interval_steps(series->interval, before, after) - 1;
        if (missing <= 0) continue;
        writer_map(w);
        writer_key_time(w, "after", before);
        writer_key_time(w, "before", after);
        writer_key_int(w, "missing", missing);
        writer_end(w);
        written++;
    }
    writer_end(w);
}

static void answer_stored(struct request *request, const struct held_series *held) {
    const struct series_info *info = held_series_info(held);
    if (request_not_modified(request, "%08x-%zx-%s", info->checksum, info->count, info->imported_at)) return;
    struct writer w = request_writer(request);
    writer_map(&w);
    write_known(&w, info, "store");
    writer_key_string(&w, "report", held_series_report(held));
    write_gaps(&w, held_series_view(held));
    writer_end(&w);
    if (!held_series_is_untouched(held))
        kline_unreadable(request, info->symbol, info->interval, "it was written to while it was read");
}

static void answer_table(struct request *request, const struct known_series *series) {
    struct error err = {0};
    struct kline_extent extent;
    struct kline_postgres *postgres = kline_catalogue_postgres(request->server->klines);
    status rc = kline_postgres_extent(&extent, postgres, series->symbol, series->interval, &err);
    if (rc != OK) {
        request_fail(request, 502, "upstream", NULL, "%s", err.message);
        return;
    }
    struct writer w = request_writer(request);
    writer_map(&w);
    write_table(&w, series, &extent);
    writer_key_string(&w, "report", "");
    writer_key(&w, "gaps");
    writer_array(&w);
    writer_end(&w);
    writer_end(&w);
    tag_body(request);
}

static void no_such_series(struct request *request, const struct known_list *known, const char *symbol,
                           const char *interval) {
    struct text of = {0};
    const char *name = known_symbol(known, symbol);
    for (size_t i = 0; name && i < known->count; i++)
        if (strcmp(known->items[i].symbol, name) == 0)
            text_printf(&of, "%s%s", of.length ? ", " : "", interval_name(known->items[i].interval));
    if (name)
        request_fail(request, 404, "not_found", "interval", "no series %s '%.64s'; there is %s of it", name,
                     interval, of.data);
    else
        known_symbols_text(&of, known);
    if (!name)
        request_fail(request, 404, "not_found", "symbol", "no series of symbol '%.64s'; valid: %s", symbol,
                     of.data);
    text_clear(&of);
}

/* Looks the series up under any spelling. */
static const struct known_series *find_known(const struct known_list *known, const char *symbol,
                                             const char *interval) {
    enum interval parsed;
    const char *name = known_symbol(known, symbol);
    if (!name || !interval_parse(&parsed, interval)) return NULL;
    for (size_t i = 0; i < known->count; i++)
        if (known->items[i].interval == parsed && strcmp(known->items[i].symbol, name) == 0)
            return &known->items[i];
    return NULL;
}

/* A file that is there but could not be read for the list. */
static bool find_unlisted(struct known_series *out, const struct kline_catalogue *catalogue,
                          const char *symbol, const char *interval) {
    *out = (struct known_series){.is_stored = true};
    if (!interval_parse(&out->interval, interval) ||
        !kline_catalogue_has_file(catalogue, symbol, out->interval))
        return false;
    memcpy(out->symbol, symbol, strlen(symbol) + 1);
    return true;
}

void kline_series_one(struct request *request) {
    static const char *const names[] = {NULL};
    struct kline_catalogue *catalogue = request->server->klines;
    const char *symbol = request->parameters[0], *interval = request->parameters[1];
    struct known_list known;
    struct error err = {0};
    if (!request_query_known(request, names)) return;
    kline_catalogue_look(catalogue, NULL);
    status rc = known_get(&known, catalogue, &err);
    const struct known_series *series = find_known(&known, symbol, interval);
    struct held_series *held = NULL;
    struct known_series unlisted;
    if (!series && find_unlisted(&unlisted, catalogue, symbol, interval)) series = &unlisted;
    if (series && series->is_stored)
        rc = kline_catalogue_hold(&held, catalogue, series->symbol, series->interval, &err);
    if (held)
        answer_stored(request, held);
    else if (series && !series->is_stored)
        answer_table(request, series);
    else if (series)
        kline_unreadable(request, series->symbol, series->interval, err.message);
    else if (rc != OK)
        request_fail(request, 502, "upstream", NULL, "%s", err.message);
    else
        no_such_series(request, &known, symbol, interval);
    held_series_release(held);
    known_clear(&known);
}
