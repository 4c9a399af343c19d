/* The way of a request: headers, body, gate, route, answer.
 *
 * Queueing an answer in the first call would make libmicrohttpd close the connection, so only requests whose
 * body shall not be read are refused there. All others are looked at when they are whole. What waits goes to
 * the pool with the connection suspended; the pool thread makes the answer, the event loop queues it. */
#include "server/http/dispatch.h"
#include "base/clock.h"
#include "server/gate/gate.h"
#include "server/http/counters.h"
#include "server/http/negotiate.h"
#include "server/http/pool.h"
#include "server/http/response_keep.h"
#include "server/http/server_log.h"
#include "server/http/static_files.h"
#include <stdlib.h>
#include <string.h>

enum { BODY_KEPT_MAX = 65536, DRAIN_MAX = 8 << 20 };

static struct client *client_of(struct MHD_Connection *connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void set_deadline(struct exchange *x) {
    int64_t limit = (int64_t)(x->request.settings->request_seconds * 1e9);
    atomic_store_explicit(&x->client->deadline_ns, clock_monotonic_ns() + limit, memory_order_relaxed);
}

void exchange_reset(struct exchange *x) {
    struct response *r = &x->request.response;
    if (x->kept) cache_entry_release(x->kept);
    if (x->answer) MHD_destroy_response(x->answer);
    if (r->raw) MHD_destroy_response(r->raw);
    text_clear(&r->body);
    if (x->body.capacity > BODY_KEPT_MAX) text_clear(&x->body);
    struct exchange fresh = {.daemon = x->daemon, .client = x->client, .body = x->body};
    fresh.request.arena = x->request.arena;
    fresh.request.server = x->request.server;
    fresh.body.length = 0;
    arena_reset(&fresh.request.arena);
    *x = fresh;
    atomic_store(&x->client->stage, STAGE_IDLE);
}

void *dispatch_on_uri(void *daemon, const char *uri, struct MHD_Connection *connection) {
    struct client *client = client_of(connection);
    struct exchange *x = &client->exchange;
    (void)daemon;
    exchange_reset(x);
    struct request *request = &x->request;
    request->settings = settings_now(request->server->settings_source);
    request->connection = connection;
    request->is_loopback = client->is_loopback;
    memcpy(request->peer, client->peer, sizeof request->peer);
    x->begin_ns = clock_monotonic_ns();
    size_t length = strlen(uri), maximum = request->settings->url_max;
    x->is_too_long = length > maximum;
    x->raw_uri = arena_copy(&request->arena, uri, x->is_too_long ? maximum : length);
    x->raw_path = x->raw_uri;
    request->path = "/";
    set_deadline(x);
    return x;
}

static enum MHD_Result queue_answer(struct exchange *x) {
    struct MHD_Response *answer = x->kept ? cache_entry_answer(x, &x->answer_bytes) : x->answer;
    atomic_store(&x->client->stage, STAGE_QUEUED);
    if (!answer) return MHD_NO; /* out of memory */
    return MHD_queue_response(x->request.connection, (unsigned)x->request.response.status, answer);
}

/* ---- the answer ----------------------------------------------------------------------------------- */

static void answer_options(struct exchange *x, const char *allowed) {
    x->allow = allowed;
    x->is_preflight = request_header(&x->request, "Access-Control-Request-Method") != NULL;
    x->request.response.status = 204;
}

static bool is_api(const char *path) {
    return !strncmp(path, "/api/", 5) || !strcmp(path, "/api");
}

/* A path without a route, or a method its routes do not have. */
static void answer_without_route(struct exchange *x, const char *allowed) {
    struct request *request = &x->request;
    bool is_file = !is_api(request->path) && static_files_may_be(request->path);
    if (!allowed && is_file) allowed = "GET, HEAD, OPTIONS";
    if (!allowed && is_api(request->path)) {
        request_fail(request, 404, "not_found", NULL,
                     "there is nothing at %s; /api/v1/openapi.yaml lists what there is", request->path);
    } else if (!allowed) {
        request_fail(request, 404, "not_found", NULL, "there is no such page");
    } else if (request->method == HTTP_OPTIONS) {
        answer_options(x, allowed);
    } else if (!is_file || request->method != HTTP_GET) {
        request_fail(request, 405, "method_not_allowed", NULL, "%s has no such method; it has %s",
                     request->path, allowed);
        x->allow = allowed;
    } else {
        x->is_page = true;
        static_files_answer(request->server->web, request);
    }
}

/* Gate, then what can be answered at once. False: handle has to be called. */
static bool answer_quickly(struct exchange *x) {
    struct request *request = &x->request;
    const char *allowed = NULL;
    x->route = route_find(request->method, x->raw_path, request->parameters, &request->arena, &allowed);
    if (!gate_allows(request, x->route)) return true;
    if (!x->route) {
        answer_without_route(x, allowed);
        return true;
    }
    return x->route->quick && x->route->quick(request);
}

/* The exchange this thread's handler has deferred: it may be finished, and its connection gone, before the
 * handler returns, so the note is not in the exchange. */
static _Thread_local const struct exchange *deferred;

void request_defer(struct request *request) {
    deferred = exchange_of(request);
}

void request_finish(struct request *request) {
    struct exchange *x = exchange_of(request);
    exchange_finish(x);
    atomic_store(&x->client->stage, STAGE_READY);
    MHD_resume_connection(request->connection);
}

static void work(void *context) {
    struct exchange *x = context;
    bool is_answered = x->is_gated ? x->is_answered : answer_quickly(x);
    deferred = NULL;
    if (!is_answered && x->route->handle) x->route->handle(&x->request);
    if (deferred != x) request_finish(&x->request);
}

static enum MHD_Result go_to_pool(struct exchange *x) {
    atomic_store(&x->client->stage, STAGE_WORKING);
    MHD_suspend_connection(x->request.connection);
    if (pool_submit(x->request.server->pool, work, x)) return MHD_YES;
    if (!x->kept) /* which is there, only not compressed */
        request_fail(&x->request, 503, "busy", NULL, "too many requests wait already; try again later");
    request_finish(&x->request);
    return MHD_YES;
}

/* The request is whole. */
static enum MHD_Result dispatch(struct exchange *x) {
    struct request *request = &x->request;
    request->format = negotiate_format(request_header(request, "Accept"));
    request->body = x->body.length ? x->body.data : "";
    request->body_length = x->body.length;
    if (gate_waits(request)) return go_to_pool(x);
    x->is_gated = true;
    x->is_answered = answer_quickly(x);
    if (!x->is_answered || exchange_finish_is_slow(x)) return go_to_pool(x);
    exchange_finish(x);
    return queue_answer(x);
}

/* ---- the request ---------------------------------------------------------------------------------- */

static enum MHD_Result begin(struct exchange *x, const char *method, const char *version) {
    atomic_store(&x->client->stage, STAGE_BODY);
    if (!exchange_refused(x, method, version)) return MHD_YES;
    exchange_finish(x);
    return queue_answer(x);
}

static enum MHD_Result take_body(struct exchange *x, const char *data, size_t *length) {
    size_t maximum = x->request.settings->body_max;
    if (x->body_dropped || x->body.length + *length > maximum) {
        x->body_dropped += *length;
        if (x->body_dropped > DRAIN_MAX) return MHD_NO; /* hang up */
    } else {
        text_add(&x->body, data, *length);
    }
    *length = 0;
    return MHD_YES;
}

static enum MHD_Result end_body(struct exchange *x) {
    atomic_store_explicit(&x->client->deadline_ns, 0, memory_order_relaxed);
    if (!x->body_dropped) return dispatch(x);
    request_fail(&x->request, 413, "too_large", NULL, "the body has more than %zu bytes",
                 x->request.settings->body_max);
    exchange_finish(x);
    return queue_answer(x);
}

enum MHD_Result dispatch_on_request(void *daemon, struct MHD_Connection *connection, const char *url,
                                    const char *method, const char *version, const char *data,
                                    size_t *data_length, void **exchange) {
    struct exchange *x = *exchange;
    (void)daemon, (void)connection, (void)url;
    switch ((enum stage)atomic_load(&x->client->stage)) {
    case STAGE_IDLE:
        return begin(x, method, version);
    case STAGE_BODY:
        return *data_length ? take_body(x, data, data_length) : end_body(x);
    case STAGE_READY:
        return queue_answer(x);
    case STAGE_WORKING:
    case STAGE_QUEUED:
        break;
    }
    return MHD_YES;
}

void dispatch_on_completed(void *daemon, struct MHD_Connection *connection, void **exchange,
                           enum MHD_RequestTerminationCode reason) {
    struct exchange *x = *exchange;
    (void)daemon, (void)connection;
    if (!x) return;
    struct request *request = &x->request;
    bool is_answered = atomic_load(&x->client->stage) == STAGE_QUEUED;
    int64_t took = clock_monotonic_ns() - x->begin_ns;
    int http_status = is_answered ? request->response.status : 0;
    counters_request(request->server->counters, x->route, x->method_asked, http_status, took,
                     x->answer_bytes);
    server_log_access(&(struct log_access){.remote = request->peer,
                                           .method = method_name(x->method_asked),
                                           .path = x->raw_uri,
                                           .route = x->route ? x->route->pattern : NULL,
                                           .http_status = http_status,
                                           .bytes = x->answer_bytes,
                                           .ms = (double)took / 1e6,
                                           .is_cut = reason != MHD_REQUEST_TERMINATED_COMPLETED_OK});
    set_deadline(x);
    exchange_reset(x);
    *exchange = NULL;
}
