/* One pass over each column of a result. */
#include "server/sweeps/sweep_details.h"
#include "results/param_column.h"
#include "results/param_levels.h"
#include "results/provenance.h"
#include "results/result_file.h"
#include "server/sweeps/run_cells.h"

#include <math.h>
#include <string.h>

enum { VALUES_MAX = 200 };

/* ---- provenance ---- */

static void text_or_null(struct writer *w, const char *key, const char *text) {
    writer_key_string(w, key, text && *text ? text : NULL);
}

static void write_series(struct writer *w, const struct series_provenance *series) {
    writer_map(w);
    writer_key_string(w, "symbol", series->symbol);
    writer_key_string(w, "interval", series->interval);
    writer_key_string(w, "store", series->store ? series->store : "");
    writer_key_string(w, "source", series->source ? series->source : "");
    writer_key_uint(w, "bars", series->bars);
    writer_key_time(w, "begin", series->begin_ms);
    writer_key_time(w, "end", series->end_ms);
    writer_key_uint(w, "checksum", series->checksum);
    writer_end(w);
}

static void write_origin(struct writer *w, const struct provenance *p) {
    const struct {
        const char *key, *text;
    } texts[] = {{"name", p->name},
                 {"yaml", p->yaml},
                 {"yaml_path", p->yaml_path},
                 {"strategy", p->strategy},
                 {"strategy_path", p->strategy_path},
                 {"strategy_sha256", p->strategy_sha256},
                 {"engine_version", p->engine_version},
                 {"python_version", p->python_version},
                 {"host", p->host},
                 {"cpu", p->cpu},
                 {"libc", p->libc}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        writer_key_string(w, texts[i].key, texts[i].text ? texts[i].text : "");
    text_or_null(w, "started_at", p->started_at);
    text_or_null(w, "finished_at", p->finished_at);
}

void sweep_details_provenance(struct writer *w, const struct provenance *p) {
    writer_key(w, "provenance");
    writer_map(w);
    write_origin(w, p);
    writer_key_uint(w, "seed", p->seed);
    writer_key_uint(w, "space_size", p->space_size);
    writer_key_uint(w, "allowed", p->allowed);
    writer_key(w, "param_names");
    writer_array(w);
    for (size_t i = 0; i < p->param_count; i++)
        writer_string(w, p->param_names[i]);
    writer_end(w);
    writer_key(w, "series");
    writer_array(w);
    for (size_t k = 0; k < p->series_count; k++)
        write_series(w, &p->series[k]);
    writer_end(w);
    writer_key_uint(w, "equity_points", p->equity_points);
    writer_key_string(w, "rank_metric", p->rank_metric ? p->rank_metric : "");
    writer_key_bool(w, "rank_descending", p->rank_descending != 0);
    text_or_null(w, "rank_where", p->rank_where);
    writer_end(w);
}

/* ---- parameters ---- */

static const char *type_of(const struct stored_param *param) {
    static const char *const types[] = {
        [PARAM_INT] = "int",   [PARAM_FLOAT] = "float",  [PARAM_BOOL] = "bool",
        [PARAM_TEXT] = "text", [PARAM_NUMBER] = "float", [PARAM_JSON] = "mixed"};
    return param->encoding < PARAM_ENCODINGS ? types[param->encoding] : "mixed";
}

/* Of the numbers among ascending values; NaN (the last of them) is left out. */
static void write_extremes(struct writer *w, const struct levels *levels) {
    double minimum = NAN, maximum = NAN, number;
    for (size_t i = 0; i < levels->count; i++) {
        struct value value = levels->values[i];
        if ((value.kind != VALUE_INT && value.kind != VALUE_FLOAT) || !value_as_double(&number, value) ||
            isnan(number))
            continue;
        if (isnan(minimum)) minimum = number;
        maximum = number;
    }
    writer_key_double(w, "minimum", minimum);
    writer_key_double(w, "maximum", maximum);
}

static status write_param(struct writer *w, struct result *result, size_t p, const struct row_set *all,
                          struct error *err) {
    struct levels levels = {0};
    bool fits;
    levels_of_param(&levels, result, p);
    status rc = levels_find(&levels, &fits, all, VALUES_MAX, err);
    bool is_listed = rc == OK && fits;
    if (rc == OK && !fits) {
        levels_clear(&levels);
        levels_of_param(&levels, result, p);
        rc = levels_find(&levels, &fits, all, (size_t)all->row_count, err);
    }
    if (rc == OK) {
        writer_map(w);
        writer_key_string(w, "name", result_param_name(result, p));
        writer_key_string(w, "type", type_of(&result->params[p]));
        writer_key_uint(w, "distinct", levels.count);
        write_extremes(w, &levels);
        writer_key_bool(w, "constant", levels.count <= 1);
        writer_key(w, "values");
        if (is_listed) {
            writer_array(w);
            for (size_t i = 0; i < levels.count; i++)
                write_value(w, levels.values[i]);
            writer_end(w);
        } else {
            writer_null(w);
        }
        writer_end(w);
    }
    levels_clear(&levels);
    return rc;
}

/* ---- metrics ---- */

static status write_metric_range(struct writer *w, struct result *result, enum metric metric,
                                 struct error *err) {
    const struct metric_info *info = metric_info(metric);
    const double *column;
    status rc = result_metric_column(result, &column, metric, err);
    if (rc != OK) return rc;
    double minimum = INFINITY, maximum = -INFINITY;
    uint64_t undefined = 0;
    for (uint64_t row = 0; row < result_run_count(result); row++) {
        if (result_status(result, row) != RUN_DONE) continue;
        double value = column[row];
        undefined += isnan(value);
        if (value < minimum) minimum = value;
        if (value > maximum) maximum = value;
    }
    writer_map(w);
    writer_key_string(w, "name", info->name);
    writer_key_string(w, "unit", info->unit);
    writer_key_int(w, "better", info->better);
    writer_key_string(w, "formula", info->formula);
    writer_key_double(w, "minimum", minimum);
    writer_key_double(w, "maximum", maximum);
    writer_key_uint(w, "undefined", undefined);
    writer_end(w);
    return OK;
}

static void take_statuses(struct text *out, const struct result *result) {
    uint64_t counts[RUN_STATUS_COUNT] = {0};
    for (uint64_t row = 0; row < result_run_count(result); row++)
        counts[result_status(result, row)]++;
    struct writer w = writer_start(out, FORMAT_JSON);
    writer_map(&w);
    for (enum run_status s = 0; s < RUN_STATUS_COUNT; s++)
        if (counts[s]) writer_key_uint(&w, run_status_name(s), counts[s]);
    writer_end(&w);
}

static status take_parameters(struct text *out, struct result *result, struct error *err) {
    struct writer w = writer_start(out, FORMAT_JSON);
    struct row_set all = {0};
    status rc = row_select(&all, result, NULL, 0, err);
    writer_array(&w);
    for (size_t p = 0; p < result_param_count(result) && rc == OK; p++)
        rc = write_param(&w, result, p, &all, err);
    writer_end(&w);
    row_set_clear(&all);
    return rc;
}

static status take_metrics(struct text *out, struct result *result, struct error *err) {
    struct writer w = writer_start(out, FORMAT_JSON);
    status rc = OK;
    writer_array(&w);
    for (enum metric m = 0; m < METRIC_COUNT && rc == OK; m++)
        rc = write_metric_range(&w, result, m, err);
    writer_end(&w);
    return rc;
}

status sweep_columns_take(struct sweep_columns *out, struct result *result, struct error *err) {
    status rc = take_parameters(&out->parameters, result, err);
    if (rc == OK) rc = take_metrics(&out->metrics, result, err);
    if (rc == OK) take_statuses(&out->statuses, result);
    return rc;
}

void sweep_columns_clear(struct sweep_columns *columns) {
    text_clear(&columns->parameters);
    text_clear(&columns->metrics);
    text_clear(&columns->statuses);
    *columns = (struct sweep_columns){0};
}

static void write_kept(struct writer *w, const char *key, const struct text *json) {
    writer_key(w, key);
    writer_json(w, json->data, json->length);
}

void sweep_columns_write(struct writer *w, const struct sweep_columns *columns) {
    write_kept(w, "parameters", &columns->parameters);
    write_kept(w, "metrics", &columns->metrics);
    write_kept(w, "statuses", &columns->statuses);
}
