/* The kline routes of the document's API, and the table of all routes of this folder.
 *
 * A page is a range of open times, a limit, and which end of the range counts; the four routes differ in
 * nothing else. Pages of mapped series are answered on the event loop: finding the range is a binary search,
 * writing 1000 candles takes 0.1 ms, less than handing the request to another thread and back. */
#include "server/klines/kline_routes.h"

#include "base/hash.h"
#include "server/http/response_cache.h"
#include "server/http/route.h"
#include "server/klines/kline_page.h"
#include "server/klines/kline_slice.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_MAX = 1000, PAGE_DEFAULT = 100, BATCH_MAX = 10000, SEEN_SLOTS = 1024 };

typedef bool (*range_reader)(struct kline_range *out, struct request *request);

/* ---- ranges ---- */

static bool read_page(struct kline_range *out, struct request *request) {
    static const char *const names[] = {"start_time", "end_time", "limit", NULL};
    int64_t start = 0, end = 0, limit = PAGE_DEFAULT;
    bool has_start = false, has_end = false;
    if (!request_query_known(request, names) ||
        !request_query_time(request, &start, &has_start, "start_time") ||
        !request_query_time(request, &end, &has_end, "end_time") ||
        !request_query_int(request, &limit, "limit", 1, PAGE_MAX))
        return false;
    *out = (struct kline_range){has_start ? start + 1 : INT64_MIN, has_end ? end : INT64_MAX, (size_t)limit,
                                false};
    return true;
}

static bool read_current(int64_t *out, struct request *request) {
    static const char *const names[] = {"current_time", NULL};
    bool has = false;
    if (!request_query_known(request, names) || !request_query_time(request, out, &has, "current_time"))
        return false;
    if (!has) request_fail(request, 400, "invalid", "current_time", "current_time is missing");
    return has;
}

static bool read_previous(struct kline_range *out, struct request *request) {
    int64_t now;
    if (!read_current(&now, request)) return false;
    *out = (struct kline_range){INT64_MIN, now - 1, 1, true};
    return true;
}

static bool read_next(struct kline_range *out, struct request *request) {
    int64_t now;
    if (!read_current(&now, request)) return false;
    *out = (struct kline_range){now + 1, INT64_MAX, 1, false};
    return true;
}

static bool read_batch(struct kline_range *out, struct request *request) {
    static const char *const names[] = {"start_time", "end_time", NULL};
    int64_t start = 0, end = 0;
    bool has_start = false, has_end = false;
    if (!request_query_known(request, names) ||
        !request_query_time(request, &start, &has_start, "start_time") ||
        !request_query_time(request, &end, &has_end, "end_time"))
        return false;
    if (!has_start || !has_end) {
        const char *missing = has_start ? "end_time" : "start_time";
        request_fail(request, 400, "invalid", missing, "%s is missing: a batch needs start_time and end_time",
                     missing);
        return false;
    }
    *out = (struct kline_range){start + 1, end, BATCH_MAX + 1, false};
    return true;
}

/* ---- answers ---- */

/* True from the second time on (forgotten after about a thousand others): a page nobody asks for again is not
 * worth its place among the kept answers. Only a hint, so that a lost update does not matter. */
static bool was_seen(const char *key) {
    static _Atomic uint64_t seen[SEEN_SLOTS];
    uint64_t hash = hash_fnv1a(FNV_START, key, strlen(key));
    _Atomic uint64_t *slot = &seen[(hash >> 32) % SEEN_SLOTS];
    return atomic_exchange_explicit(slot, hash, memory_order_relaxed) == hash;
}

static void answer_page(struct request *request, const struct kline_slice *slice, const char *key) {
    if (slice->view.count > BATCH_MAX) {
        request_fail(
            request, 400, "invalid", "end_time",
            "more than %d candles between start_time and end_time: ask for a smaller range, or page with "
            "limit=%d",
            BATCH_MAX, PAGE_MAX);
        return;
    }
    if (request_not_modified(request, "%s", slice->version)) return;
    if (request->format == FORMAT_MSGPACK)
        kline_page_msgpack(&request->response.body, &slice->view);
    else
        kline_page_json(&request->response.body, &slice->view);
    if (kline_slice_check(slice, request) && was_seen(key)) response_cache_keep(request, key);
}

static const char *page_key(struct request *request, const struct kline_slice *slice) {
    return request_printf(request, "klines %s %s %s", slice->view.symbol, interval_name(slice->view.interval),
                          slice->version);
}

static bool quick(struct request *request, range_reader read) {
    struct kline_range range;
    struct kline_slice slice;
    if (!read(&range, request)) return true;
    if (!kline_slice_try(&slice, request->server->klines, request->parameters[0], request->parameters[1],
                         &range))
        return false;
    bool is_small = slice.view.count <= PAGE_MAX;
    if (is_small) {
        const char *key = page_key(request, &slice);
        if (!response_cache_answer(request, key)) answer_page(request, &slice, key);
    }
    kline_slice_close(&slice);
    return is_small;
}

static void handle(struct request *request, range_reader read) {
    struct kline_range range;
    struct kline_slice slice;
    if (!read(&range, request)) return;
    if (!kline_slice_open(&slice, request, request->parameters[0], request->parameters[1], &range)) return;
    answer_page(request, &slice, page_key(request, &slice));
    kline_slice_close(&slice);
}

static bool page_quick(struct request *request) {
    return quick(request, read_page);
}
static void page_handle(struct request *request) {
    handle(request, read_page);
}
static bool previous_quick(struct request *request) {
    return quick(request, read_previous);
}
static void previous_handle(struct request *request) {
    handle(request, read_previous);
}
static bool next_quick(struct request *request) {
    return quick(request, read_next);
}
static void next_handle(struct request *request) {
    handle(request, read_next);
}
static bool batch_quick(struct request *request) {
    return quick(request, read_batch);
}
static void batch_handle(struct request *request) {
    handle(request, read_batch);
}

const struct route kline_routes[] = {
    {HTTP_GET, "/api/v1/kline/symbols", 0, kline_symbols_quick, kline_symbols},
    {HTTP_GET, "/api/v1/kline/intervals", 0, kline_intervals_quick, kline_intervals},
    {HTTP_GET, "/api/v1/kline/{symbol}/{interval}", 0, page_quick, page_handle},
    {HTTP_GET, "/api/v1/kline/{symbol}/{interval}/previous", 0, previous_quick, previous_handle},
    {HTTP_GET, "/api/v1/kline/{symbol}/{interval}/next", 0, next_quick, next_handle},
    {HTTP_GET, "/api/v1/kline/{symbol}/{interval}/batch", 0, batch_quick, batch_handle},
    {HTTP_GET, "/api/v1/series", 0, NULL, kline_series_list},
    {HTTP_GET, "/api/v1/series/{symbol}/{interval}", 0, NULL, kline_series_one},
    {HTTP_GET, "/api/v1/series/{symbol}/{interval}/overview", 0, kline_overview_quick, kline_overview},
};
const size_t kline_route_count = sizeof kline_routes / sizeof *kline_routes;
