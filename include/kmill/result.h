/* Reading a result file: runs as rows, parameters and metrics as columns, sorted, filtered and paged without
 * loading it whole. */
#ifndef KMILL_RESULT_H
#define KMILL_RESULT_H

#include "kmill/error.h"
#include "kmill/metrics.h"
#include <stdint.h>

struct result;
struct provenance;
struct run_record;
struct value;

/* Columns are mapped on first use. Any number of readers; one struct is for one thread at a time. */
status result_open(struct result **out, const char *path, struct error *err);
void result_close(struct result *result);
const struct provenance *result_provenance(const struct result *result);
uint64_t result_run_count(const struct result *result); /* rows */
bool result_complete(const struct result *result);

/* Row <-> run index (rows are sorted by it); ERR_NOT_FOUND names the nearest runs. */
status result_row_of_run(const struct result *result, uint64_t *row, uint64_t run, struct error *err);
uint64_t result_run_of_row(const struct result *result, uint64_t row);
int result_status(const struct result *result, uint64_t row);     /* enum run_status */
uint64_t result_count_failed(const struct result *result);        /* runs that are not done */
double result_elapsed(const struct result *result, uint64_t row); /* CPU seconds */
size_t result_series_of(const struct result *result, uint64_t row);
/* Column access; the metric column is row_count doubles, mapped, valid until close. */
status result_metric_column(struct result *result, const double **out, enum metric metric, struct error *err);
size_t result_param_count(const struct result *result);
const char *result_param_name(const struct result *result, size_t param);
/* Value of a parameter of a row; text is valid until close. */
status result_param(struct result *result, struct value *out, size_t param, uint64_t row, struct error *err);
/* Everything of one run: fills record (see results/run_record.h), memory owned by result until the next call.
 */
status result_run(struct result *result, const struct run_record **out, uint64_t row, struct error *err);
/* Full curve of a row: *count doubles, free(*out); *count 0 when none was kept. */
status result_equity(struct result *result, double **out, size_t *count, uint64_t row, struct error *err);

/* Points of the kept curve of a row, 0 when none was kept; the curve is not read. */
status result_equity_points(struct result *result, size_t *points, uint64_t row, struct error *err);

/* Which bar of the evaluated range (0 = the first) point `point` of a curve or sparkline of `points` stands
 * for: evenly spaced, first and last included; points >= bars: every bar. */
size_t result_point_bar(size_t point, size_t points, size_t bars);
/* The evaluated candles of a series (results/result_writer.h); loaded once, owned by result. ERR_NOT_FOUND
 * where the file has none. */
struct series_columns;
status result_candles(struct result *result, const struct series_columns **out, size_t series,
                      struct error *err);
/* The same as a view, for what takes candles where there are any: false and an empty view where the file has
 * none. *begin: number within the stored series of the first one. */
struct series;
bool result_candle_view(struct result *result, struct series *view, size_t *begin, size_t series);

/* A sweep that is not finished has no result file yet: this makes one of its journal as it is now, in a
 * temporary file that is gone once closed. options as for result_write (params, series, keep_trades are
 * used); result_complete is false. */
struct result_options;
status result_open_journal(struct result **out, const char *path, const struct result_options *options,
                           struct error *err);

/* Sorting and filtering. Names are metrics, parameters, "run", "status" (text: 'done', 'failed', ...),
 * "symbol", "interval", "elapsed" (seconds); where a parameter has the name of a metric, the metric is meant.
 */
enum { QUERY_SORT_KEYS = 3 };
struct query {
    const char *where; /* expression (base/expression.h), NULL: all */
    struct {
        const char *name;
        bool descending;
    } sort[QUERY_SORT_KEYS]; /* name NULL: end; NaN last either way; ties by run index */
    unsigned statuses;       /* bit of every enum run_status that is wanted; 0: all */
    uint64_t offset, limit;
};
/* *rows: malloc'd page of row numbers (free), *count of them, *total matches before paging. Unknown names:
 * ERR_INPUT with the nearest. */
status result_query(struct result *result, uint64_t **rows, size_t *count, uint64_t *total,
                    const struct query *query, struct error *err);

#endif
