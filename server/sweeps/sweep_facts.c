/* Summaries of sweeps: made of a result file here, of a journal in live_sweep.c. */
#include "server/sweeps/sweep_facts.h"
#include "base/value.h"
#include "results/provenance.h"
#include "results/run_record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *sweep_state_name(enum sweep_state state) {
    static const char *const names[] = {"queued", "running", "interrupted", "complete", "failed", "damaged"};
    return names[state];
}

void sweep_facts_clear(struct sweep_facts *facts) {
    free(facts->name);
    free(facts->strategy);
    free(facts->rank_metric);
    free(facts->best_params);
    free(facts->series);
    free(facts->error);
    *facts = (struct sweep_facts){0};
}

static char *copy_of(const char *text) {
    return strdup(text ? text : "");
}

status sweep_facts_take_provenance(struct sweep_facts *facts, const struct provenance *provenance,
                                   struct error *err) {
    const char *path = provenance->strategy_path ? provenance->strategy_path : "";
    const char *slash = strrchr(path, '/');
    facts->name = copy_of(provenance->name);
    facts->strategy = copy_of(slash ? slash + 1 : path);
    facts->rank_metric = copy_of(provenance->rank_metric);
    facts->rank_descending = provenance->rank_descending != 0;
    facts->series = calloc(provenance->series_count + 1, sizeof *facts->series);
    facts->seconds_left = facts->runs_per_second = NAN;
    if (!facts->name || !facts->strategy || !facts->rank_metric || !facts->series)
        return error_set(err, ERR_MEMORY, "out of memory for the summary of a sweep");
    memcpy(facts->started_at, provenance->started_at, sizeof facts->started_at);
    memcpy(facts->finished_at, provenance->finished_at, sizeof facts->finished_at);
    facts->series_count = provenance->series_count;
    for (size_t k = 0; k < provenance->series_count; k++) {
        memcpy(facts->series[k].symbol, provenance->series[k].symbol, sizeof facts->series[k].symbol);
        memcpy(facts->series[k].interval, provenance->series[k].interval, sizeof facts->series[k].interval);
    }
    return OK;
}

char *sweep_facts_params(const struct parameter_value *params, size_t count) {
    struct text out = {0};
    text_add_char(&out, '{');
    for (size_t i = 0; i < count; i++) {
        if (i) text_add_char(&out, ',');
        text_add_json_string(&out, params[i].name, strlen(params[i].name));
        text_add_char(&out, ':');
        text_add_json_value(&out, params[i].value);
    }
    text_add_char(&out, '}');
    return out.data;
}

/* ---- of a result ---- */

static status best_params(struct sweep_facts *facts, struct result *result, uint64_t row, struct error *err) {
    size_t count = result_param_count(result);
    struct parameter_value *params = calloc(count + 1, sizeof *params);
    if (!params) return error_set(err, ERR_MEMORY, "out of memory for the summary of a sweep");
    status rc = OK;
    for (size_t p = 0; p < count && rc == OK; p++) {
        params[p].name = result_param_name(result, p);
        rc = result_param(result, &params[p].value, p, row, err);
    }
    if (rc == OK) facts->best_params = sweep_facts_params(params, count);
    free(params);
    return rc;
}

static status find_best(struct sweep_facts *facts, struct result *result, struct error *err) {
    enum metric metric;
    const char *where = result_provenance(result)->rank_where;
    struct query query = {.where = where && *where ? where : NULL, .statuses = 1u << RUN_DONE, .limit = 1};
    if (!facts->rank_metric || !metric_find(&metric, facts->rank_metric)) return OK;
    query.sort[0].name = facts->rank_metric;
    query.sort[0].descending = facts->rank_descending;
    uint64_t *rows = NULL, total;
    size_t count;
    const double *column;
    status rc = result_query(result, &rows, &count, &total, &query, err);
    if (rc == OK && count) rc = result_metric_column(result, &column, metric, err);
    if (rc == OK && count) {
        facts->has_best = true;
        facts->best_run = result_run_of_row(result, rows[0]);
        facts->best_value = column[rows[0]];
        rc = best_params(facts, result, rows[0], err);
    }
    free(rows);
    return rc;
}

status sweep_facts_take_result(struct sweep_facts *facts, struct result *result, struct error *err) {
    status rc = sweep_facts_take_provenance(facts, result_provenance(result), err);
    if (rc != OK) return rc;
    facts->state = SWEEP_COMPLETE;
    facts->total = facts->done = result_run_count(result);
    facts->total_exact = true;
    for (uint64_t row = 0; row < facts->done; row++)
        facts->failed += result_status(result, row) != RUN_DONE;
    return find_best(facts, result, err);
}

/* ---- as JSON or msgpack ---- */

static void write_text_or_null(struct writer *w, const char *key, const char *text) {
    writer_key_string(w, key, text && *text ? text : NULL);
}

static void write_best(struct writer *w, const struct sweep_facts *facts) {
    writer_key(w, "best");
    if (!facts->has_best || isnan(facts->best_value)) {
        writer_null(w);
        return;
    }
    const char *params = facts->best_params ? facts->best_params : "{}";
    writer_map(w);
    writer_key_uint(w, "run", facts->best_run);
    writer_key_double(w, "value", facts->best_value);
    writer_key(w, "params");
    writer_json(w, params, strlen(params));
    writer_end(w);
}

static void write_error(struct writer *w, const struct sweep_facts *facts) {
    writer_key(w, "error");
    if (!facts->error) {
        writer_null(w);
        return;
    }
    writer_map(w);
    writer_key_string(w, "message", facts->error);
    if (facts->error_line > 0)
        writer_key_int(w, "line", facts->error_line);
    else
        writer_key_null(w, "line");
    if (facts->error_column > 0)
        writer_key_int(w, "column", facts->error_column);
    else
        writer_key_null(w, "column");
    writer_end(w);
}

static void write_lists(struct writer *w, const struct sweep_facts *facts) {
    writer_key(w, "rank");
    if (facts->rank_metric && *facts->rank_metric) {
        writer_map(w);
        writer_key_string(w, "metric", facts->rank_metric);
        writer_key_string(w, "direction", facts->rank_descending ? "max" : "min");
        writer_end(w);
    } else {
        writer_null(w);
    }
    write_best(w, facts);
    writer_key(w, "series");
    writer_array(w);
    for (size_t k = 0; k < facts->series_count; k++) {
        writer_map(w);
        writer_key_string(w, "symbol", facts->series[k].symbol);
        writer_key_string(w, "interval", facts->series[k].interval);
        writer_end(w);
    }
    writer_end(w);
}

void sweep_facts_write(struct writer *w, const char *id, const struct sweep_facts *facts) {
    bool is_running = facts->state == SWEEP_RUNNING;
    writer_key_string(w, "id", id);
    writer_key_string(w, "name", facts->name && *facts->name ? facts->name : id);
    writer_key_string(w, "state", sweep_state_name(facts->state));
    writer_key(w, "path");
    struct text path = {0};
    text_printf(&path, "%s.h5", id);
    writer_bytes(w, path.data, path.length);
    text_clear(&path);
    if (facts->rank_metric)
        writer_key_uint(w, "total", facts->total);
    else
        writer_key_null(w, "total"); /* nothing of it could be read yet */
    writer_key_bool(w, "total_exact", facts->total_exact);
    writer_key_uint(w, "done", facts->done);
    writer_key_uint(w, "failed", facts->failed);
    write_text_or_null(w, "started_at", facts->started_at);
    write_text_or_null(w, "finished_at", facts->finished_at);
    writer_key_double(w, "seconds_left", is_running ? facts->seconds_left : NAN);
    writer_key_double(w, "runs_per_second", is_running ? facts->runs_per_second : NAN);
    write_lists(w, facts);
    write_error(w, facts);
    write_text_or_null(w, "strategy", facts->strategy);
    writer_key_bool(w, "own", facts->own);
}
