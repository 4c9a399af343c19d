/* Columns of runs by name, for `kmill top`, `kmill export` and the server: run, status, symbol, interval,
 * elapsed, error, parameters, metrics. */
#ifndef RESULTS_ROW_COLUMNS_H
#define RESULTS_ROW_COLUMNS_H

#include "base/text.h"
#include "kmill/result.h"

#include <stdio.h>

enum row_column_kind {
    ROW_RUN,
    ROW_STATUS,
    ROW_SYMBOL,
    ROW_INTERVAL,
    ROW_ELAPSED,
    ROW_ERROR,
    ROW_METRIC,
    ROW_PARAM
};
struct row_column {
    enum row_column_kind kind;
    const char *name; /* borrowed from the result */
    enum metric metric;
    const double *values; /* ROW_METRIC */
    size_t param;
};
/* Zero-initialise; row_columns_clear frees. */
struct row_columns {
    struct row_column *items;
    size_t count;
};

/* One column by its name; ERR_INPUT with the nearest name. */
status row_columns_add(struct row_columns *columns, struct result *result, const char *name,
                       struct error *err);
/* Comma-separated names. */
status row_columns_add_list(struct row_columns *columns, struct result *result, const char *list,
                            struct error *err);
/* The parameters that differ between runs (all = every one); symbol and interval before them where the sweep
 * has several series. */
status row_columns_add_params(struct row_columns *columns, struct result *result, bool all,
                              struct error *err);
void row_columns_clear(struct row_columns *columns);
/* True for numbers, which stand to the right. */
bool row_column_is_number(const struct row_column *column);

enum row_style { ROW_TABLE, ROW_CSV, ROW_JSON };
/* The cell of a row: for people, as a CSV field, as a JSON value. Times of the range are ISO-8601 in CSV and
 * JSON. */
status row_column_cell(struct text *out, const struct row_column *column, struct result *result, uint64_t row,
                       enum row_style style, struct error *err);

/* Appends a row as a CSV record or a JSON object, without a line end; the names as a CSV line. */
status row_columns_add_line(struct text *line, const struct row_columns *columns, struct result *result,
                            uint64_t row, enum row_style style, struct error *err);
void row_columns_add_header(struct text *out, const struct row_columns *columns);

/* A whole output of rows as CSV or JSON, header included, written as it comes. */
status row_columns_print(FILE *out, const struct row_columns *columns, struct result *result,
                         const uint64_t *rows, size_t count, enum row_style style, struct error *err);
/* "table", "csv", "json"; false for anything else. */
bool row_style_parse(enum row_style *out, const char *name);

#endif
