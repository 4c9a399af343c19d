/* GET /sweeps and /sweeps/{id}. */
#include "base/hash.h"
#include "results/provenance.h"
#include "server/http/route.h"
#include "server/sweeps/run_filter.h"
#include "server/sweeps/sweep_details.h"
#include "server/sweeps/sweep_handlers.h"
#include "server/sweeps/sweep_registry.h"
#include "server/work/sweep_folder.h"

#include <stdlib.h>
#include <string.h>

static const char *const no_parameters[] = {NULL};

static void list_sweeps(struct request *request) {
    struct sweep_registry *registry = request->server->sweeps;
    if (!request_query_known(request, no_parameters)) return;
    if (request_not_modified(request, "%016llx", (unsigned long long)sweep_registry_version(registry)))
        return;
    struct writer w = request_writer(request);
    writer_map(&w);
    writer_key(&w, "sweeps");
    sweep_registry_write(registry, &w);
    writer_end(&w);
}

static void write_text(struct writer *w, const char *key, const char *text) {
    writer_key_string(w, key, text ? text : "");
}

/* The summary is there, the runs are not: queued, failed at once, damaged. */
static void write_without_runs(struct writer *w, const struct request *request) {
    char *yaml = NULL, *strategy = NULL; /* of a sweep that has not begun, as it was posted */
    sweep_folder_read(&yaml, &strategy, request->settings->results, request->parameters[0]);
    write_text(w, "spec", yaml);
    write_text(w, "strategy_source", strategy);
    free(yaml);
    free(strategy);
    writer_key_null(w, "provenance");
    writer_key(w, "parameters");
    writer_array(w);
    writer_end(w);
    writer_key(w, "metrics");
    writer_array(w);
    writer_end(w);
    writer_key(w, "statuses");
    writer_map(w);
    writer_end(w);
}

static void write_with_runs(struct writer *w, struct held_sweep *held, const struct sweep_columns *columns) {
    const struct provenance *provenance = result_provenance(held_sweep_result(held));
    write_text(w, "spec", provenance->yaml);
    write_text(w, "strategy_source", provenance->strategy);
    sweep_details_provenance(w, provenance);
    sweep_columns_write(w, columns);
}

/* The answer changes with the summary (progress) as well as with the rows. */
static bool is_unchanged(struct request *request, const struct held_sweep *held) {
    struct text summary = {0};
    struct writer w = writer_start(&summary, FORMAT_JSON);
    writer_map(&w);
    sweep_registry_write_one(request->server->sweeps, &w, request->parameters[0], NULL);
    writer_end(&w);
    uint64_t hash = hash_fnv1a(FNV_START, summary.data, summary.length);
    text_clear(&summary);
    return request_not_modified(request, "%016llx-%016llx",
                                (unsigned long long)(held ? held_sweep_version(held) : 0),
                                (unsigned long long)hash);
}

static status answer_sweep(struct request *request, struct held_sweep *held, struct error *err) {
    const struct sweep_columns *columns = NULL;
    if (is_unchanged(request, held)) return OK;
    status rc = held ? held_sweep_columns(held, &columns, err) : OK;
    if (rc != OK) return rc;
    struct writer w = request_writer(request);
    writer_map(&w);
    rc = sweep_registry_write_one(request->server->sweeps, &w, request->parameters[0], err);
    if (held)
        write_with_runs(&w, held, columns);
    else
        write_without_runs(&w, request);
    writer_end(&w);
    return rc;
}

static void get_sweep(struct request *request) {
    const char *id = request->parameters[0];
    struct held_sweep *held = NULL;
    struct error err = {0};
    if (!request_query_known(request, no_parameters)) return;
    status rc = sweep_registry_find(request->server->sweeps, id, &err);
    if (rc == OK && sweep_hold(&held, request->server->sweeps, id, NULL) != OK) held = NULL;
    if (rc == OK) rc = answer_sweep(request, held, &err);
    if (held) request_release(request, held);
    if (rc != OK) request_fail_error(request, rc == ERR_NOT_FOUND ? "id" : NULL, &err);
}

const struct route sweep_routes[] = {
    {HTTP_GET, "/api/v1/sweeps", 0, NULL, list_sweeps},
    {HTTP_GET, "/api/v1/sweeps/{id}", 0, NULL, get_sweep},
    {HTTP_GET, "/api/v1/sweeps/{id}/heatmap", 0, NULL, get_heatmap},
    {HTTP_GET, "/api/v1/sweeps/{id}/distribution", 0, NULL, get_distribution},
    {HTTP_GET, "/api/v1/sweeps/{id}/importance", 0, NULL, get_importance},
    {HTTP_GET, "/api/v1/sweeps/{id}/export", 0, NULL, get_export},
};
const size_t sweep_route_count = sizeof sweep_routes / sizeof *sweep_routes;
