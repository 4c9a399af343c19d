/* /kline/symbols and /kline/intervals: what a client's pickers offer. */
#include "server/klines/kline_routes.h"

#include "base/hash.h"
#include "server/http/response_cache.h"
#include "server/klines/kline_known.h"

#include <string.h>

/* What narrows the list; NULL: nothing. */
struct narrowing {
    const char *symbol;
    bool has_interval;
    enum interval interval;
};

typedef void (*names_writer)(struct writer *w, const struct known_list *known, const struct narrowing *only);

static void write_symbols(struct writer *w, const struct known_list *known, const struct narrowing *only) {
    const char *last = "";
    writer_key(w, "symbols");
    writer_array(w);
    for (size_t i = 0; i < known->count; i++) {
        const struct known_series *series = &known->items[i];
        if (only->has_interval && series->interval != only->interval) continue;
        if (strcmp(series->symbol, last) == 0) continue;
        last = series->symbol;
        writer_string(w, last);
    }
    writer_end(w);
}

static void write_intervals(struct writer *w, const struct known_list *known, const struct narrowing *only) {
    bool is_there[INTERVAL_COUNT] = {false};
    for (size_t i = 0; i < known->count; i++)
        if (!only->symbol || strcmp(known->items[i].symbol, only->symbol) == 0)
            is_there[known->items[i].interval] = true;
    writer_key(w, "intervals");
    writer_array(w);
    for (int i = 0; i < INTERVAL_COUNT; i++)
        if (is_there[i]) writer_string(w, interval_name((enum interval)i));
    writer_end(w);
}

/* False: the answer is the 400. */
static bool read_interval(struct narrowing *only, struct request *request) {
    static const char *const names[] = {"interval", NULL};
    if (!request_query_known(request, names)) return false;
    const char *name = request_query(request, "interval");
    only->has_interval = name != NULL;
    if (!name || interval_parse(&only->interval, name)) return true;
    struct text valid = {0};
    known_intervals_text(&valid);
    request_fail(request, 400, "invalid", "interval", "unknown interval '%.64s'; valid: %s", name,
                 valid.data);
    text_clear(&valid);
    return false;
}

static bool read_symbol(struct narrowing *only, struct request *request, const struct known_list *known) {
    static const char *const names[] = {"symbol", NULL};
    if (!request_query_known(request, names)) return false;
    const char *name = request_query(request, "symbol");
    only->symbol = name ? known_symbol(known, name) : NULL;
    if (!name || only->symbol) return true;
    struct text valid = {0};
    known_symbols_text(&valid, known);
    request_fail(request, 400, "invalid", "symbol", "unknown symbol '%.64s'; valid: %s", name, valid.data);
    text_clear(&valid);
    return false;
}

static void answer(struct request *request, names_writer write, const struct known_list *known,
                   const struct narrowing *only) {
    struct writer w = request_writer(request);
    writer_map(&w);
    write(&w, known, only);
    writer_end(&w);
    const struct text *body = &request->response.body;
    uint32_t crc = hash_crc32(0, body->data, body->length);
    if (request_not_modified(request, "%08x-%zx", crc, body->length)) text_clear(&request->response.body);
}

/* The whole list is what everybody asks for; it is kept finished. */
static bool answer_kept(struct request *request, names_writer write, const struct known_list *known,
                        const struct narrowing *only, const char *name) {
    const char *key =
        request_printf(request, "%s %llu %llu", name, (unsigned long long)known->store_generation,
                       (unsigned long long)known->table_generation);
    if (response_cache_answer(request, key)) return true;
    answer(request, write, known, only);
    response_cache_keep(request, key);
    return true;
}

bool kline_symbols_quick(struct request *request) {
    struct narrowing only = {0};
    struct known_list known;
    if (!read_interval(&only, request)) return true;
    bool done = known_try(&known, request->server->klines);
    if (done && only.has_interval)
        answer(request, write_symbols, &known, &only);
    else if (done)
        answer_kept(request, write_symbols, &known, &only, "symbols");
    known_clear(&known);
    return done;
}

bool kline_intervals_quick(struct request *request) {
    struct narrowing only = {0};
    struct known_list known;
    bool done = known_try(&known, request->server->klines);
    if (done && read_symbol(&only, request, &known)) {
        if (only.symbol)
            answer(request, write_intervals, &known, &only);
        else
            answer_kept(request, write_intervals, &known, &only, "intervals");
    }
    known_clear(&known);
    return done;
}

/* A database that does not answer leaves out its own series, not the store's. */
void kline_symbols(struct request *request) {
    struct narrowing only = {0};
    struct known_list known;
    if (!read_interval(&only, request)) return;
    known_get(&known, request->server->klines, NULL);
    answer(request, write_symbols, &known, &only);
    known_clear(&known);
}

void kline_intervals(struct request *request) {
    struct narrowing only = {0};
    struct known_list known;
    known_get(&known, request->server->klines, NULL);
    if (read_symbol(&only, request, &known)) answer(request, write_intervals, &known, &only);
    known_clear(&known);
}
