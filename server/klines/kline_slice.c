/* Candles from the store or the database.
 *
 * The store comes first: what it holds never touches the database. A series it seems to lack may have been
 * imported this second, so the folders are looked at once more before the database is asked. */
#include "server/klines/kline_slice.h"

#include "base/hash.h"
#include "server/klines/kline_known.h"

#include <stdio.h>
#include <string.h>

#define TOUCHED "it was written to while it was read"

static void cut(struct kline_slice *out, struct held_series *held, const struct kline_range *range) {
    const struct series *all = held_series_view(held);
    size_t begin = series_lower_bound(all, range->first);
    size_t end = range->last == INT64_MAX ? all->count : series_lower_bound(all, range->last + 1);
    if (end < begin) end = begin;
    if (end - begin > range->limit) {
        if (range->from_end)
            begin = end - range->limit;
        else
            end = begin + range->limit;
    }
    *out = (struct kline_slice){.view = series_slice(all, begin, end), .held = held};
    snprintf(out->version, sizeof out->version, "%08x-%zx-%zx-%zx", held_series_info(held)->checksum,
             all->count, begin, end);
}

/* The series as the store spells it; false if it holds none. */
static bool find_stored(struct series_info *info, struct kline_catalogue *catalogue, const char *symbol,
                        enum interval interval) {
    const struct kline_list *list = kline_catalogue_list(catalogue);
    const struct series_info *found = kline_list_find(list, symbol, interval);
    if (found) *info = *found;
    kline_list_release(list);
    return found != NULL;
}

bool kline_slice_try(struct kline_slice *out, struct kline_catalogue *catalogue, const char *symbol,
                     const char *interval, const struct kline_range *range) {
    enum interval parsed;
    struct series_info info;
    *out = (struct kline_slice){0};
    if (!interval_parse(&parsed, interval) || !find_stored(&info, catalogue, symbol, parsed)) return false;
    struct held_series *held = kline_catalogue_try(catalogue, info.symbol, parsed);
    if (!held) return false;
    cut(out, held, range);
    if (held_series_is_whole(held)) return true;
    kline_slice_close(out);
    return false;
}

/* ERR_NOT_FOUND: the store has none. A file that the list lacks although it is there cannot be read: that is
 * no empty series. */
static status open_stored(struct kline_slice *out, struct kline_catalogue *catalogue, const char *symbol,
                          enum interval interval, const struct kline_range *range, struct error *err) {
    struct series_info info;
    struct held_series *held;
    bool is_listed = find_stored(&info, catalogue, symbol, interval);
    if (!is_listed) {
        kline_catalogue_look(catalogue, NULL);
        is_listed = find_stored(&info, catalogue, symbol, interval);
    }
    if (!is_listed && !kline_catalogue_has_file(catalogue, symbol, interval)) return ERR_NOT_FOUND;
    status rc = kline_catalogue_hold(&held, catalogue, is_listed ? info.symbol : symbol, interval, err);
    if (rc != OK) return rc;
    cut(out, held, range);
    if (held_series_is_whole(held)) return OK;
    kline_slice_close(out);
    return error_set(err, ERR_CORRUPT, "%s", TOUCHED);
}

static void describe_read(struct kline_slice *out) {
    uint32_t crc = 0;
    out->view = out->read.view;
    for (int c = 0; c < KLINE_COLUMN_COUNT && out->view.count > 0; c++)
        crc = hash_crc32(crc, series_raw_column(&out->view, (enum kline_column)c),
                         out->view.count * sizeof(int64_t));
    snprintf(out->version, sizeof out->version, "db-%08x-%zx", crc, out->view.count);
}

static bool upstream_failed(struct request *request, const struct error *err) {
    request_fail(request, 502, "upstream", NULL, "%s", err->message);
    return false;
}

/* known->items[] has the series in the database, or only the symbol, or not even that. */
static bool open_known(struct kline_slice *out, struct request *request, const struct known_list *known,
                       const char *symbol, enum interval interval, const struct kline_range *range) {
    struct error err = {0};
    const char *name = known_symbol(known, symbol);
    if (!name) {
        struct text valid = {0};
        known_symbols_text(&valid, known);
        request_fail(request, 400, "invalid", "symbol", "unknown symbol '%.64s'; valid: %s", symbol,
                     valid.data);
        text_clear(&valid);
        return false;
    }
    bool is_table = false;
    for (size_t i = 0; i < known->count && !is_table; i++)
        is_table = !known->items[i].is_stored && known->items[i].interval == interval &&
                   strcmp(known->items[i].symbol, name) == 0;
    struct kline_postgres *postgres = kline_catalogue_postgres(request->server->klines);
    struct kline_range bounded = *range;
    if (bounded.limit > DATABASE_CANDLES_MAX + 1) bounded.limit = DATABASE_CANDLES_MAX + 1;
    status rc = is_table ? kline_postgres_read(&out->read, postgres, name, interval, &bounded, &err) : OK;
    if (rc != OK && rc != ERR_NOT_FOUND) return upstream_failed(request, &err);
    memcpy(out->read.view.symbol, name, strlen(name) + 1);
    out->read.view.interval = interval;
    describe_read(out);
    return true;
}

bool kline_slice_open(struct kline_slice *out, struct request *request, const char *symbol,
                      const char *interval, const struct kline_range *range) {
    struct kline_catalogue *catalogue = request->server->klines;
    struct error err = {0};
    enum interval parsed;
    *out = (struct kline_slice){0};
    if (!interval_parse(&parsed, interval)) {
        struct text valid = {0};
        known_intervals_text(&valid);
        request_fail(request, 400, "invalid", "interval", "unknown interval '%.64s'; valid: %s", interval,
                     valid.data);
        text_clear(&valid);
        return false;
    }
    status rc = open_stored(out, catalogue, symbol, parsed, range, &err);
    if (rc == OK) return true;
    if (rc != ERR_NOT_FOUND) {
        kline_unreadable(request, symbol, parsed, err.message);
        return false;
    }
    struct known_list known;
    rc = known_get(&known, catalogue, &err);
    bool done =
        rc == OK ? open_known(out, request, &known, symbol, parsed, range) : upstream_failed(request, &err);
    known_clear(&known);
    if (!done) kline_slice_close(out);
    return done;
}

void kline_unreadable(struct request *request, const char *symbol, enum interval interval, const char *why) {
    request_fail(request, 503, "busy", NULL,
                 "the klines of %.64s %s cannot be read now, their file is being changed or is damaged: %s",
                 symbol, interval_name(interval), why);
}

bool kline_slice_check(const struct kline_slice *slice, struct request *request) {
    if (!slice->held || held_series_is_untouched(slice->held)) return true;
    kline_unreadable(request, slice->view.symbol, slice->view.interval, TOUCHED);
    return false;
}

void kline_slice_close(struct kline_slice *slice) {
    held_series_release(slice->held);
    kline_columns_clear(&slice->read);
    *slice = (struct kline_slice){0};
}
