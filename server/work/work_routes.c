/* The routes that run something: backtests, posted sweeps, verification, the check of a strategy; and the
 * examples. */
#include "kmill/result.h"
#include "base/memory.h"
#include "results/provenance.h"
#include "server/http/pool.h"
#include "server/http/route.h"
#include "server/klines/kline_catalogue.h"
#include "server/sweeps/sweep_registry.h"
#include "server/work/backtest_request.h"
#include "server/work/example_strategies.h"
#include "server/work/sweep_jobs.h"
#include "server/work/sweep_request.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const no_parameters[] = {NULL};
enum { VERIFY_SECONDS = 3600 };

static bool has_word(const char *header, const char *word) {
    return header && strcasestr(header, word) != NULL;
}

/* ---- backtests ---- */

static void post_backtest(struct request *request) {
    struct job_manager *jobs = request->server->jobs;
    struct task_options options = {0};
    char id[TASK_ID_MAX];
    if (!request_query_known(request, no_parameters)) return;
    task_make_id(id);
    if (backtest_request_read(&options, request, id, jobs->store)) {
        options.events = has_word(request_header(request, "Accept"), "text/event-stream");
        task_submit(jobs, request, id, &options);
    }
    task_options_clear(&options);
}

static void list_backtests(struct request *request) {
    if (!request_query_known(request, no_parameters)) return;
    struct writer w = request_writer(request);
    tasks_write(request->server->jobs, &w);
}

static void delete_backtest(struct request *request) {
    const char *id = request->parameters[0];
    if (!request_query_known(request, no_parameters)) return;
    if (task_cancel(request->server->jobs, id))
        request->response.status = 204;
    else
        request_fail(request, 404, "not_found", "id", "no backtest '%s' is running", id);
}

/* ---- strategies ---- */

static void check_strategy(struct request *request) {
    struct task_options options = {0};
    char id[TASK_ID_MAX];
    if (!request_query_known(request, no_parameters)) return;
    task_make_id(id);
    if (check_request_read(&options, request)) task_submit(request->server->jobs, request, id, &options);
    task_options_clear(&options);
}

static void list_strategies(struct request *request) {
    const char *folder = request->settings->strategies;
    struct example_list list;
    if (!request_query_known(request, no_parameters)) return;
    examples_list(&list, folder);
    struct writer w = request_writer(request);
    writer_map(&w);
    writer_key(&w, "strategies");
    writer_array(&w);
    for (size_t i = 0; i < list.count; i++) {
        char *source = NULL;
        struct error err = {0};
        if (example_read(&source, folder, list.files[i], &err) != OK) continue; /* removed meanwhile */
        writer_map(&w);
        writer_key(&w, "name");
        writer_bytes(&w, list.files[i], strlen(list.files[i]) - strlen(".py"));
        writer_key_string(&w, "file", list.files[i]);
        writer_key_string(&w, "source", source);
        writer_end(&w);
        free(source);
    }
    writer_end(&w);
    writer_end(&w);
    examples_clear(&list);
}

/* ---- sweeps ---- */

/* The summary as the folder's list has it, into the answer; what was there before goes only if there is
 * one. */
static status write_summary(struct request *request, const char *id, struct error *err) {
    struct sweep_registry *registry = request->server->sweeps;
    struct text body = {0};
    status rc = sweep_registry_find(registry, id, err);
    struct writer w = writer_start(&body, request->format);
    writer_map(&w);
    if (rc == OK) rc = sweep_registry_write_one(registry, &w, id, err);
    writer_end(&w);
    if (rc != OK) {
        text_clear(&body);
        return rc;
    }
    text_clear(&request->response.body);
    request->response.body = body;
    return OK;
}

/* 202 with the summary: how it is now, or how it was when it left the queue. */
static void accept_sweep(struct request *request, const char *id) {
    struct error err = {0};
    sweep_registry_wake(request->server->sweeps);
    status rc = write_summary(request, id, &err);
    if (rc != OK && !request->response.body.length) {
        request_fail_error(request, "id", &err);
        return;
    }
    request->response.status = 202;
    request->response.location = request_printf(request, "/api/v1/sweeps/%s", id);
}

static void post_sweep(struct request *request) {
    struct sweep_request sweep;
    struct error err = {0};
    if (!request_query_known(request, no_parameters)) return;
    if (!sweep_request_read(&sweep, request)) return;
    status rc = sweep_jobs_add(request->server->jobs, sweep.id, sweep.yaml, sweep.strategy_name,
                               sweep.strategy, &err);
    if (rc == OK)
        accept_sweep(request, sweep.id);
    else
        request_fail_error(request, "name", &err);
    sweep_request_clear(&sweep);
}

/* Of a sweep that is not in the queue: 409 if there is one of that name, else 404. */
static void answer_not_ours(struct request *request, const char *id, const struct error *why) {
    struct error err = {0};
    if (sweep_registry_find(request->server->sweeps, id, &err) == OK)
        request_fail(request, 409, "conflict", "id", "%s", why->message);
    else
        request_fail_error(request, "id", &err);
}

static void change_sweep(struct request *request,
                         status (*change)(struct job_manager *, const char *, struct error *)) {
    const char *id = request->parameters[0];
    struct error err = {0};
    if (!request_query_known(request, no_parameters)) return;
    write_summary(request, id, &err);
    status rc = change(request->server->jobs, id, &err);
    if (rc == OK)
        accept_sweep(request, id);
    else if (rc == ERR_NOT_FOUND)
        answer_not_ours(request, id, &err);
    else
        request_fail_error(request, "id", &err);
}

static void delete_sweep(struct request *request) {
    change_sweep(request, sweep_jobs_cancel);
}

static void resume_sweep(struct request *request) {
    change_sweep(request, sweep_jobs_resume);
}

/* ---- verification ---- */

static bool parse_run(struct request *request, uint64_t *run) {
    const char *text = request->parameters[1];
    int64_t number;
    if (!text_to_int64(&number, text) || number < 0) {
        request_fail(request, 400, "invalid", "n", "n: '%s' is no run number", text);
        return false;
    }
    *run = (uint64_t)number;
    return true;
}

static bool store_has(struct request *request, const struct series_provenance *ran_on) {
    enum interval interval;
    struct held_series *held;
    if (!interval_parse(&interval, ran_on->interval)) return false;
    if (kline_catalogue_hold(&held, request->server->klines, ran_on->symbol, interval, NULL) != OK)
        return false;
    bool same = held_series_info(held)->checksum == ran_on->checksum;
    held_series_release(held);
    return same;
}

/* The server's own store serves where it has the very series of the sweep: the folder that was read from may
 * be gone, or be another machine's. */
static bool store_has_all(struct request *request, const struct provenance *provenance) {
    for (size_t i = 0; i < provenance->series_count; i++)
        if (!store_has(request, &provenance->series[i])) return false;
    return true;
}

static void verify_run(struct request *request) {
    struct held_sweep *held;
    struct error err = {0};
    struct task_options options = {.kind = TASK_VERIFY, .seconds = VERIFY_SECONDS};
    char id[TASK_ID_MAX], number[24];
    uint64_t run, row;
    if (!request_query_known(request, no_parameters) || !parse_run(request, &run)) return;
    const char *field = "id";
    status rc = sweep_hold(&held, request->server->sweeps, request->parameters[0], &err);
    if (rc == OK) {
        field = "n";
        hdf5_lock();
        rc = result_row_of_run(held_sweep_result(held), &row, run, &err);
        hdf5_unlock();
        const char *store = request->server->jobs->store;
        bool is_ours = store_has_all(request, result_provenance(held_sweep_result(held)));
        snprintf(number, sizeof number, "%llu", (unsigned long long)run);
        const char *arguments[] = {"verify",
                                   "--json",
                                   is_ours ? "--store" : "--",
                                   is_ours ? store : held_sweep_path(held),
                                   is_ours ? "--" : number,
                                   is_ours ? held_sweep_path(held) : NULL,
                                   is_ours ? number : NULL};
        for (size_t i = 0; i < sizeof arguments / sizeof *arguments && arguments[i]; i++)
            options.arguments[i] = memory_text(arguments[i]);
        sweep_release(held);
    }
    if (rc == OK) {
        task_make_id(id);
        task_submit(request->server->jobs, request, id, &options);
    } else {
        request_fail_error(request, field, &err);
    }
    task_options_clear(&options);
}

const struct route work_routes[] = {
    {HTTP_GET, "/api/v1/backtests", 0, NULL, list_backtests},
    {HTTP_POST, "/api/v1/backtests", ROUTE_CHANGES, NULL, post_backtest},
    {HTTP_DELETE, "/api/v1/backtests/{id}", ROUTE_CHANGES, NULL, delete_backtest},
    {HTTP_POST, "/api/v1/sweeps", ROUTE_CHANGES, NULL, post_sweep},
    {HTTP_DELETE, "/api/v1/sweeps/{id}", ROUTE_CHANGES, NULL, delete_sweep},
    {HTTP_POST, "/api/v1/sweeps/{id}/resume", ROUTE_CHANGES, NULL, resume_sweep},
    {HTTP_POST, "/api/v1/sweeps/{id}/runs/{n}/verify", ROUTE_CHANGES, NULL, verify_run},
    {HTTP_GET, "/api/v1/strategies", 0, NULL, list_strategies},
    {HTTP_POST, "/api/v1/strategies/check", ROUTE_CHANGES, NULL, check_strategy},
};
const size_t work_route_count = sizeof work_routes / sizeof *work_routes;
