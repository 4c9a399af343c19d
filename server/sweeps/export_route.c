/* GET export: a download as `kmill export` writes it.
 *
 * Lines are made in pieces on pool threads, one piece ahead of what the connection takes; the event loop only
 * copies. Each export opens the result for itself: pages of the same sweep go on meanwhile, and a download of
 * minutes gives one state of it from beginning to end. */
#include "results/result_export.h"
#include "server/http/pool.h"
#include "server/http/server_log.h"
#include "server/http/stream.h"
#include "server/mapped_files.h"
#include "server/sweeps/run_filter.h"
#include "server/sweeps/sweep_handlers.h"
#include "server/sweeps/sweep_registry.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 256 << 10 };

struct download {
    struct pool *pool;
    struct result *result; /* the maker's, as is lines */
    struct result_export *lines;

    pthread_mutex_t lock; /* all below */
    struct stream *stream;
    struct text ready; /* made, not yet taken */
    bool has_more, is_making, is_ended, is_broken;

    struct text taken; /* the event loop's */
    size_t sent;
};

/* ---- making ---- */

static void download_free(void *context) {
    struct download *self = context;
    hdf5_lock();
    result_export_close(self->lines);
    result_close(self->result);
    hdf5_unlock();
    text_clear(&self->ready);
    text_clear(&self->taken);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

static status make_piece(struct download *self, struct text *piece, bool *more, struct error *err) {
    unsigned long faults = mapped_files_faults();
    hdf5_lock();
    status rc = result_export_next(self->lines, piece, PIECE_BYTES, more, err);
    hdf5_unlock();
    if (rc != OK || faults == mapped_files_faults()) return rc;
    return error_set(err, ERR_CORRUPT, "the result file was changed while it was read");
}

/* On a pool thread. A result that cannot be read on breaks the download off: its length was never promised,
 * and an orderly end would make the part look like the whole. */
static void make_ready(void *context) {
    struct download *self = context;
    struct text piece = {0};
    bool more = false;
    struct error err = {0};
    bool is_broken = make_piece(self, &piece, &more, &err) != OK;
    if (is_broken) server_log(LOG_WARN, "an export was broken off: %s", err.message);
    pthread_mutex_lock(&self->lock);
    self->is_broken = is_broken;
    text_clear(&self->ready);
    self->ready = piece;
    self->has_more = more && !is_broken;
    self->is_making = false;
    bool is_ended = self->is_ended;
    if (!is_ended) stream_wake(self->stream);
    pthread_mutex_unlock(&self->lock);
    if (is_ended) download_free(self);
}

/* Under the lock. A pool that is full (thousands wait) or closing breaks the download off too: there is
 * nobody who could say when to ask again. */
static void make_more(struct download *self) {
    if (!self->has_more || self->is_making || self->ready.length) return;
    self->is_making = pool_submit(self->pool, make_ready, self);
    if (!self->is_making) self->is_broken = true;
}

/* ---- sending ---- */

static long read_download(void *context, char *buffer, size_t max) {
    struct download *self = context;
    if (self->sent == self->taken.length) {
        pthread_mutex_lock(&self->lock);
        struct text empty = self->taken;
        self->taken = self->ready;
        self->sent = 0;
        self->ready = empty;
        self->ready.length = 0;
        make_more(self);
        bool is_broken = self->is_broken, is_over = !self->is_making && !self->has_more;
        pthread_mutex_unlock(&self->lock);
        if (is_broken) return STREAM_BROKEN;
        if (self->taken.length == 0) return is_over ? -1 : 0;
    }
    size_t part = self->taken.length - self->sent < max ? self->taken.length - self->sent : max;
    memcpy(buffer, self->taken.data + self->sent, part);
    self->sent += part;
    return (long)part;
}

static void end_download(void *context) {
    struct download *self = context;
    pthread_mutex_lock(&self->lock);
    bool is_making = self->is_making;
    self->is_ended = true;
    pthread_mutex_unlock(&self->lock);
    if (is_making) return; /* who makes the piece frees */
    if (!pool_submit(self->pool, download_free, self)) download_free(self);
}

/* ---- asking ---- */

struct wish {
    enum export_what what;
    enum row_style style;
    const char *columns;
};

static bool read_wish(struct wish *wish, struct request *request) {
    const char *what = request_query(request, "what"), *format = request_query(request, "format");
    *wish = (struct wish){.style = ROW_CSV, .columns = request_query(request, "columns")};
    if (what && !export_what_parse(&wish->what, what)) {
        request_fail(request, 400, "invalid", "what", "what: '%s' is none of runs, trades, equity", what);
        return false;
    }
    if (format && (!row_style_parse(&wish->style, format) || wish->style == ROW_TABLE)) {
        request_fail(request, 400, "invalid", "format", "format: '%s' is none of csv, json", format);
        return false;
    }
    if (wish->columns && !*wish->columns) wish->columns = NULL;
    if (!wish->columns || wish->what == EXPORT_RUNS) return true;
    request_fail(request, 400, "invalid", "columns", "columns: only runs have columns to choose");
    return false;
}

static bool rows_of_runs(struct request *request, const char *list, uint64_t **rows, size_t *count,
                         struct result *result) {
    char *rest = arena_copy(&request->arena, list, strlen(list));
    struct error err = {0};
    size_t room = 1;
    for (const char *c = list; *c; c++)
        room += *c == ',';
    *rows = calloc(room, sizeof **rows);
    if (!*rows) error_set(&err, ERR_MEMORY, "out of memory");
    for (char *name; err.code == OK && (name = strsep(&rest, ","));) {
        int64_t run;
        if (!text_to_int64(&run, name) || run < 0)
            error_set(&err, ERR_INPUT, "run: '%s' is no run number", name);
        else
            result_row_of_run(result, &(*rows)[*count], (uint64_t)run, &err);
        ++*count;
    }
    if (err.code == OK) return true;
    request_fail_error(request, "run", &err);
    return false;
}

static bool choose_rows(struct request *request, uint64_t **rows, size_t *count, struct result *result) {
    struct query query = {.limit = UINT64_MAX};
    struct error err = {0};
    uint64_t total;
    const char *runs = request_query(request, "run");
    if (!run_filter_where(request, &query.where, result) || !run_filter_statuses(request, &query.statuses) ||
        !run_filter_sort(request, &query, result, false))
        return false;
    if (runs) return rows_of_runs(request, runs, rows, count, result);
    if (result_query(result, rows, count, &total, &query, &err) == OK) return true;
    request_fail_error(request, NULL, &err);
    return false;
}

static void set_name(struct request *request, const struct wish *wish) {
    static const char *const whats[] = {"runs", "trades", "equity"};
    char *id = arena_copy(&request->arena, request->parameters[0], strlen(request->parameters[0]));
    for (char *c = id; *c; c++)
        if (*c < ' ' || *c > '~' || strchr("\"\\/;", *c)) *c = '_';
    request->response.disposition =
        request_printf(request, "attachment; filename=\"%s-%s.%s\"", id, whats[wish->what],
                       wish->style == ROW_CSV ? "csv" : "json");
}

/* Takes over result and rows. The first piece is made here: what is wrong is then still an answer. */
static void send(struct request *request, const struct wish *wish, struct result *result, uint64_t *rows,
                 size_t count) {
    struct error err = {0};
    struct download *self = calloc(1, sizeof *self);
    if (!self) {
        free(rows);
        hdf5_lock();
        result_close(result);
        hdf5_unlock();
        request_fail(request, 503, "busy", NULL, "out of memory for an export");
        return;
    }
    pthread_mutex_init(&self->lock, NULL);
    self->pool = request->server->pool;
    self->result = result;
    hdf5_lock();
    status rc =
        result_export_open(&self->lines, result, rows, count, wish->what, wish->style, wish->columns, &err);
    hdf5_unlock();
    if (rc == ERR_INPUT) {
        request_fail_error(request, "columns", &err);
        download_free(self);
        return;
    }
    if (rc == OK) rc = make_piece(self, &self->ready, &self->has_more, &err);
    const struct stream_source source = {self, read_download, end_download};
    set_name(request, wish);
    if (rc == OK)
        rc = request_stream(&self->stream, request,
                            wish->style == ROW_CSV ? "text/csv; charset=utf-8" : "application/json", &source,
                            &err);
    if (rc == OK) return;
    download_free(self);
    request_fail_error(request, NULL, &err);
}

void get_export(struct request *request) {
    static const char *const names[] = {"what", "format", "run", "where", "columns", "status", "sort", NULL};
    struct wish wish;
    struct error err = {0};
    struct result *own = NULL;
    uint64_t *rows = NULL;
    size_t count = 0;
    if (!run_filter_known(request, names, true) || !read_wish(&wish, request)) return;
    struct held_sweep *held = request_hold(request);
    if (!held) return;
    bool is_known = request_has_version(request, held);
    status rc = is_known ? OK : held_sweep_open_own(&own, held, &err);
    sweep_release(held);
    if (rc != OK) request_fail_error(request, NULL, &err);
    if (is_known || rc != OK) return;
    if (choose_rows(request, &rows, &count, own)) {
        send(request, &wish, own, rows, count);
        return;
    }
    free(rows);
    hdf5_lock();
    result_close(own);
    hdf5_unlock();
}
