/* From a posted JSON object to the YAML of one run. The YAML is made line by line, and each line remembers
 * which member it came from: a mistake that the sweep file's own reader finds in it is answered as one in
 * that member. */
#include "server/work/backtest_request.h"
#include "base/memory.h"
#include "base/problems.h"
#include "server/work/body_fields.h"
#include "sweep/spec.h"
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 512 };

struct run_file {
    struct text yaml;
    const char *fields[LINES_MAX]; /* of each line; literals, or in the request's arena */
    size_t lines;
};

static void end_line(struct run_file *file, const char *field) {
    text_add_char(&file->yaml, '\n');
    if (file->lines < LINES_MAX) file->fields[file->lines++] = field;
}

static void add_plain(struct run_file *file, const char *key, const char *value, const char *field) {
    if (!value) return;
    text_printf(&file->yaml, "%s: %s", key, value);
    end_line(file, field);
}

/* Quoted as JSON quotes, which YAML reads the same way: whatever is in it stays in it. */
static void add_quoted(struct run_file *file, const char *key, const char *value, const char *field) {
    if (!value) return;
    text_printf(&file->yaml, "%s: ", key);
    text_add_json_string(&file->yaml, value, strlen(value));
    end_line(file, field);
}

static void add_section(struct run_file *file, const char *name, bool any) {
    if (any) add_plain(file, name, "", NULL);
}

/* ---- parameters ---- */

static bool add_param(struct request *request, struct run_file *file, yyjson_val *key, yyjson_val *value) {
    const char *name = yyjson_get_str(key), *text = yyjson_get_str(value);
    const char *field = request_printf(request, "strategyParams.%s", name);
    struct text *yaml = &file->yaml;
    text_add_string(yaml, "  ");
    text_add_json_string(yaml, name, yyjson_get_len(key));
    text_add_string(yaml, ": ");
    if (yyjson_is_raw(value))
        text_add(yaml, yyjson_get_raw(value), yyjson_get_len(value));
    else if (yyjson_is_bool(value))
        text_add_string(yaml, yyjson_get_bool(value) ? "true" : "false");
    else if (text && strlen(text) == yyjson_get_len(value))
        text_add_json_string(yaml, text, strlen(text));
    else {
        request_fail(request, 400, "invalid", field, "%s: has to be a number, a text, true or false", field);
        return false;
    }
    end_line(file, field);
    return true;
}

static bool add_params(struct request *request, struct run_file *file, yyjson_val *params) {
    size_t i, count;
    yyjson_val *key, *value;
    add_section(file, "params", yyjson_obj_size(params) > 0);
    yyjson_obj_foreach(params, i, count, key, value) {
        if (!add_param(request, file, key, value)) return false;
    }
    return true;
}

/* ---- the file ---- */

struct backtest_fields {
    const char *strategy, *symbol, *interval, *start_time, *end_time, *warmup, *initial_balance, *fee_rate,
        *slippage_bp, *price_check, *points, *seconds, *memory_mb;
    yyjson_val *params;
};

static bool read_fields(struct request *r, const struct body_fields *b, struct backtest_fields *f) {
    return body_text(r, b, "strategy", true, &f->strategy) && body_text(r, b, "symbol", true, &f->symbol) &&
           body_text(r, b, "interval", true, &f->interval) && body_time(r, b, "start_time", &f->start_time) &&
           body_time(r, b, "end_time", &f->end_time) && body_number(r, b, "warmup", &f->warmup) &&
           body_number(r, b, "initialBalance", &f->initial_balance) &&
           body_number(r, b, "feeRate", &f->fee_rate) && body_number(r, b, "slippage_bp", &f->slippage_bp) &&
           body_text(r, b, "price_check", false, &f->price_check) &&
           body_object(r, b, "strategyParams", &f->params) && body_number(r, b, "points", &f->points) &&
           body_number(r, b, "seconds", &f->seconds) && body_number(r, b, "memory_mb", &f->memory_mb);
}

static bool make_file(struct request *request, struct run_file *file, const struct backtest_fields *f) {
    char seconds[DOUBLE_TEXT_MAX];
    double most = request->settings->backtest_seconds;
    double_to_text(seconds, most < 60 ? most : 60);
    add_plain(file, "name", "backtest", NULL);
    add_plain(file, "strategy", "strategy.py", NULL);
    add_quoted(file, "symbols", f->symbol, "symbol");
    add_quoted(file, "intervals", f->interval, "interval");
    add_quoted(file, "from", f->start_time, "start_time");
    add_quoted(file, "to", f->end_time, "end_time");
    add_plain(file, "warmup", f->warmup, "warmup");
    add_section(file, "account", f->initial_balance || f->fee_rate || f->slippage_bp || f->price_check);
    add_plain(file, "  initial_balance", f->initial_balance, "initialBalance");
    add_plain(file, "  fee_rate", f->fee_rate, "feeRate");
    add_plain(file, "  slippage_bp", f->slippage_bp, "slippage_bp");
    add_quoted(file, "  price_check", f->price_check, "price_check");
    add_section(file, "limits", true);
    add_plain(file, "  seconds", f->seconds ? f->seconds : seconds, "seconds");
    add_plain(file, "  memory_mb", f->memory_mb, "memory_mb");
    add_section(file, "keep", f->points != NULL);
    add_plain(file, "  points", f->points, "points");
    return add_params(request, file, f->params);
}

/* The sweep file's reader has the last word on every value. */
static bool check_file(struct request *request, const struct run_file *file, double *seconds) {
    struct problems problems = {0};
    struct sweep_spec *spec = NULL;
    bool good = spec_parse(&spec, file->yaml.data, file->yaml.length, "backtest", &problems) == OK;
    double most = request->settings->backtest_seconds;
    if (!good && problems.count) {
        const struct problem *p = problems.items;
        size_t line = p->line > 0 ? (size_t)p->line - 1 : file->lines;
        const char *field = line < file->lines ? file->fields[line] : NULL;
        request_fail(request, 400, "invalid", field, "%s", p->message);
    } else if (spec->limit_seconds > most) {
        request_fail(request, 400, "invalid", "seconds", "seconds: this server allows %g at most", most);
        good = false;
    } else if (spec->limit_memory < (uint64_t)BACKTEST_MEMORY_MB_MIN << 20 ||
               spec->limit_memory > (uint64_t)BACKTEST_MEMORY_MB_MAX << 20) {
        request_fail(request, 400, "invalid", "memory_mb", "memory_mb: has to be from %d to %d",
                     BACKTEST_MEMORY_MB_MIN, BACKTEST_MEMORY_MB_MAX);
        good = false;
    }
    if (good) *seconds = spec->limit_seconds;
    spec_close(spec);
    problems_clear(&problems);
    return good;
}

static void add_member(struct text *out, const char *name, const char *value) {
    text_printf(out, "%s\"%s\":", out->length ? "," : "{", name);
    text_add_json_string(out, value, strlen(value));
}

static void set_child(struct task_options *options, struct request *request) {
    text_printf(&options->input, ",\"trust\":%s}", request->settings->trust_strategy ? "true" : "false");
    options->arguments[0] = memory_text("--backtest");
}

bool backtest_request_read(struct task_options *options, struct request *request, const char *id,
                           const char *store) {
    static const char *const names[] = {
        "strategy",       "symbol",         "interval", "start_time",  "end_time",
        "warmup",         "initialBalance", "feeRate",  "slippage_bp", "price_check",
        "strategyParams", "points",         "seconds",  "memory_mb",   NULL};
    struct body_fields body;
    struct backtest_fields fields = {0};
    struct run_file file = {0};
    double seconds = 0;
    if (!body_open(&body, request, names)) return false;
    bool good = read_fields(request, &body, &fields) && make_file(request, &file, &fields) &&
                check_file(request, &file, &seconds);
    if (good) {
        options->kind = TASK_BACKTEST;
        options->seconds = seconds * 1.1 + BACKTEST_START_SECONDS;
        snprintf(options->symbol, sizeof options->symbol, "%s", fields.symbol);
        snprintf(options->interval, sizeof options->interval, "%s", fields.interval);
        add_member(&options->input, "task", "backtest");
        add_member(&options->input, "id", id);
        add_member(&options->input, "yaml", file.yaml.data);
        add_member(&options->input, "strategy", fields.strategy);
        add_member(&options->input, "store", store);
        set_child(options, request);
    }
    text_clear(&file.yaml);
    body_close(&body);
    return good;
}

bool check_request_read(struct task_options *options, struct request *request) {
    static const char *const names[] = {"strategy", NULL};
    struct body_fields body;
    const char *strategy;
    if (!body_open(&body, request, names)) return false;
    bool good = body_text(request, &body, "strategy", true, &strategy);
    if (good) {
        options->kind = TASK_CHECK;
        options->seconds = BACKTEST_START_SECONDS;
        add_member(&options->input, "task", "check");
        add_member(&options->input, "strategy", strategy);
        set_child(options, request);
    }
    body_close(&body);
    return good;
}
