/* Runs as rows of text. */
#include "results/row_columns.h"
#include "base/clock.h"
#include "base/problems.h"
#include "base/value.h"
#include "results/metric_text.h"
#include "results/provenance.h"
#include "results/result_file.h"
#include "results/run_record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const fixed_names[ROW_METRIC] = {"run",      "status",  "symbol",
                                                    "interval", "elapsed", "error"};

static status append(struct row_columns *columns, struct row_column column, struct error *err) {
    struct row_column *grown = realloc(columns->items, (columns->count + 1) * sizeof *grown);
    if (!grown) return error_set(err, ERR_MEMORY, "out of memory");
    columns->items = grown;
    grown[columns->count++] = column;
    return OK;
}

static status unknown_column(struct result *result, const char *name, struct error *err) {
    size_t params = result_param_count(result), count = 0;
    const char **names = calloc(ROW_METRIC + (size_t)METRIC_COUNT + params, sizeof *names);
    if (!names) return error_set(err, ERR_MEMORY, "out of memory");
    for (size_t i = 0; i < ROW_METRIC; i++)
        names[count++] = fixed_names[i];
    for (size_t i = 0; i < METRIC_COUNT; i++)
        names[count++] = metric_names()[i];
    for (size_t i = 0; i < params; i++)
        names[count++] = result_param_name(result, i);
    const char *near = nearest_name(name, names, count);
    status rc = near ? error_set(err, ERR_INPUT, "there is no column '%s'; did you mean '%s'?", name, near)
                     : error_set(err, ERR_INPUT,
                                 "there is no column '%s' (run, status, a metric or a parameter)", name);
    free(names);
    return rc;
}

status row_columns_add(struct row_columns *columns, struct result *result, const char *name,
                       struct error *err) {
    struct row_column column = {.name = name};
    for (column.kind = ROW_RUN; column.kind < ROW_METRIC; column.kind++)
        if (strcmp(name, fixed_names[column.kind]) == 0) {
            column.name = fixed_names[column.kind];
            return append(columns, column, err);
        }
    if (metric_find(&column.metric, name)) {
        column.name = metric_info(column.metric)->name;
        status rc = result_metric_column(result, &column.values, column.metric, err);
        return rc == OK ? append(columns, column, err) : rc;
    }
    column.kind = ROW_PARAM;
    for (column.param = 0; column.param < result_param_count(result); column.param++)
        if (strcmp(name, result_param_name(result, column.param)) == 0) {
            column.name = result_param_name(result, column.param);
            return append(columns, column, err);
        }
    return unknown_column(result, name, err);
}

status row_columns_add_list(struct row_columns *columns, struct result *result, const char *list,
                            struct error *err) {
    char *copy = strdup(list), *rest = copy, *name;
    if (!copy) return error_set(err, ERR_MEMORY, "out of memory");
    status rc = OK;
    while (rc == OK && (name = strsep(&rest, ","))) {
        while (*name == ' ')
            name++;
        for (size_t length = strlen(name); length > 0 && name[length - 1] == ' ';)
            name[--length] = '\0';
        if (*name) rc = row_columns_add(columns, result, name, err);
    }
    free(copy);
    return rc;
}

/* Whether every element has the bytes of the one before it: what a constant parameter is mostly found by. */
static bool is_repeated(const unsigned char *data, size_t bytes, uint64_t count) {
    return count == 0 || memcmp(data, data + bytes, (size_t)(count - 1) * bytes) == 0;
}

static bool param_varies(struct result *result, size_t param) {
    struct value first, value;
    const struct stored_param *stored = &result->params[param];
    if (is_repeated(stored->data, stored->bytes, result->row_count) &&
        (!stored->kinds || is_repeated(stored->kinds, 1, result->row_count)))
        return false;
    if (result_run_count(result) == 0 || result_param(result, &first, param, 0, NULL) != OK) return false;
    for (uint64_t row = 1; row < result_run_count(result); row++)
        if (result_param(result, &value, param, row, NULL) != OK || !value_equal(first, value)) return true;
    return false;
}

status row_columns_add_params(struct row_columns *columns, struct result *result, bool all,
                              struct error *err) {
    status rc = OK;
    if (all || result_provenance(result)->series_count > 1)
        rc = row_columns_add_list(columns, result, "symbol,interval", err);
    for (size_t p = 0; rc == OK && p < result_param_count(result); p++) {
        struct row_column column = {.kind = ROW_PARAM, .name = result_param_name(result, p), .param = p};
        if (all || param_varies(result, p)) rc = append(columns, column, err);
    }
    return rc;
}

void row_columns_clear(struct row_columns *columns) {
    free(columns->items);
    *columns = (struct row_columns){0};
}

bool row_column_is_number(const struct row_column *column) {
    return column->kind == ROW_RUN || column->kind == ROW_ELAPSED || column->kind == ROW_METRIC ||
           column->kind == ROW_PARAM;
}

/* ---- cells ---- */

static void add_string(struct text *out, const char *string, enum row_style style) {
    if (style == ROW_JSON)
        text_add_json_string(out, string, strlen(string));
    else if (style == ROW_CSV)
        text_add_csv_field(out, string);
    else
        text_add_string(out, string);
}

static void add_metric(struct text *out, enum metric metric, double value, enum row_style style) {
    char iso[CLOCK_TEXT_MAX];
    if (style == ROW_TABLE) {
        metric_text_add(out, metric, value);
    } else if (isnan(value)) {
        if (style == ROW_JSON) text_add_string(out, "null"); /* an empty field in CSV */
    } else if (metric_is_time(metric) && style == ROW_CSV) {
        clock_format_iso(iso, (int64_t)value);
        text_add_string(out, iso);
    } else {
        metric_text_add_json(out, metric, value);
    }
}

static status add_param(struct text *out, struct result *result, size_t param, uint64_t row,
                        enum row_style style, struct error *err) {
    struct value value;
    status rc = result_param(result, &value, param, row, err);
    if (rc != OK) return rc;
    if (style == ROW_JSON) {
        text_add_json_value(out, value);
    } else {
        struct text text = {0};
        text_add_value(&text, value);
        add_string(out, text.data ? text.data : "", style);
        text_clear(&text);
    }
    return OK;
}

static status add_error(struct text *out, struct result *result, uint64_t row, enum row_style style,
                        struct error *err) {
    struct text text = {0};
    const struct run_record *record;
    status rc = OK;
    if (result_status(result, row) != RUN_DONE) {
        rc = result_run(result, &record, row, err);
        if (rc == OK && record->error_type)
            text_printf(&text, "%s: %s", record->error_type, record->error_message);
    }
    if (rc == OK) add_string(out, text.data ? text.data : "", style);
    text_clear(&text);
    return rc;
}

status row_column_cell(struct text *out, const struct row_column *column, struct result *result, uint64_t row,
                       enum row_style style, struct error *err) {
    const struct series_provenance *series =
        &result_provenance(result)->series[result_series_of(result, row)];
    switch (column->kind) {
    case ROW_RUN:
        text_printf(out, "%llu", (unsigned long long)result_run_of_row(result, row));
        break;
    case ROW_STATUS:
        add_string(out, run_status_name((enum run_status)result_status(result, row)), style);
        break;
    case ROW_SYMBOL:
        add_string(out, series->symbol, style);
        break;
    case ROW_INTERVAL:
        add_string(out, series->interval, style);
        break;
    case ROW_ELAPSED:
        if (style == ROW_TABLE)
            text_printf(out, "%.3f s", result_elapsed(result, row));
        else
            text_add_json_double(out, result_elapsed(result, row));
        break;
    case ROW_ERROR:
        return add_error(out, result, row, style, err);
    case ROW_METRIC:
        add_metric(out, column->metric, column->values[row], style);
        break;
    case ROW_PARAM:
        return add_param(out, result, column->param, row, style, err);
    }
    return OK;
}

/* ---- whole outputs ---- */

status row_columns_add_line(struct text *line, const struct row_columns *columns, struct result *result,
                            uint64_t row, enum row_style style, struct error *err) {
    status rc = OK;
    if (style == ROW_JSON) text_add_char(line, '{');
    for (size_t c = 0; c < columns->count && rc == OK; c++) {
        if (c) text_add_char(line, ',');
        if (style == ROW_JSON) {
            text_add_json_string(line, columns->items[c].name, strlen(columns->items[c].name));
            text_add_char(line, ':');
        }
        rc = row_column_cell(line, &columns->items[c], result, row, style, err);
    }
    if (style == ROW_JSON) text_add_char(line, '}');
    return rc;
}

void row_columns_add_header(struct text *out, const struct row_columns *columns) {
    for (size_t c = 0; c < columns->count; c++) {
        if (c) text_add_char(out, ',');
        text_add_csv_field(out, columns->items[c].name);
    }
    text_add_char(out, '\n');
}

status row_columns_print(FILE *out, const struct row_columns *columns, struct result *result,
                         const uint64_t *rows, size_t count, enum row_style style, struct error *err) {
    struct text line = {0};
    status rc = OK;
    if (style == ROW_CSV) {
        row_columns_add_header(&line, columns);
        fputs(line.data, out);
    }
    for (size_t i = 0; i < count && rc == OK && !ferror(out); i++) {
        line.length = 0;
        rc = row_columns_add_line(&line, columns, result, rows[i], style, err);
        if (rc == OK)
            fprintf(out, "%s%s%s", style == ROW_JSON ? (i ? ",\n" : "[") : "", line.data,
                    style == ROW_CSV ? "\n" : "");
    }
    if (rc == OK && style == ROW_JSON) fputs(count ? "]\n" : "[]\n", out);
    text_clear(&line);
    if (rc == OK && (fflush(out) != 0 || ferror(out)))
        rc = error_set_errno(err, ERR_IO, "the output cannot be written");
    return rc;
}

bool row_style_parse(enum row_style *out, const char *name) {
    static const char *const names[] = {"table", "csv", "json"};
    for (enum row_style s = ROW_TABLE; s <= ROW_JSON; s++)
        if (strcmp(name, names[s]) == 0) {
            *out = s;
            return true;
        }
    return false;
}
