/* What is there for whoever runs the server: health, metrics, the contract. */
#include "server/events/event_hub.h"
#include "server/http/counters.h"
#include "server/http/response_cache.h"
#include "server/http/route.h"
#include "server/klines/kline_catalogue.h"
#include "server/sweeps/sweep_registry.h"
#include <stdio.h>

extern const char openapi_source[]; /* server/openapi.yaml, built in */
extern const size_t openapi_source_size;

static size_t series_count(struct server *server) {
    const struct kline_list *list = kline_catalogue_list(server->klines);
    size_t count = list->count;
    kline_list_release(list);
    return count;
}

static void write_count(struct writer *w, const char *group, const char *name, size_t count) {
    writer_key(w, group);
    writer_map(w);
    writer_key_uint(w, name, count);
    writer_end(w);
}

static bool health(struct request *request) {
    struct writer w = request_writer(request);
    writer_map(&w);
    writer_key_string(&w, "status", "ok");
    writer_key_string(&w, "version", KMILL_VERSION);
    writer_key_double(&w, "uptime_seconds", counters_uptime(request->server->counters));
    write_count(&w, "store", "series", series_count(request->server));
    write_count(&w, "results", "sweeps", sweep_registry_count(request->server->sweeps));
    writer_end(&w);
    return true;
}

static void metrics(struct request *request) {
    request->response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    counters_write(&request->response.body, request->server);
}

static bool openapi(struct request *request) {
    static const char key[] = "openapi " KMILL_VERSION;
    if (response_cache_answer(request, key)) return true;
    struct response *r = &request->response;
    r->content_type = "application/yaml";
    text_add(&r->body, openapi_source, openapi_source_size);
    snprintf(r->etag, sizeof r->etag, "openapi-%s-%zu", KMILL_VERSION, openapi_source_size);
    response_cache_keep(request, key);
    return true;
}

const struct route service_routes[] = {
    {HTTP_GET, "/health", 0, health, NULL},
    {HTTP_GET, "/metrics", 0, NULL, metrics},
    {HTTP_GET, "/api/v1/openapi.yaml", 0, openapi, NULL},
};
const size_t service_route_count = sizeof service_routes / sizeof *service_routes;
