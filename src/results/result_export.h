/* Runs, trades or equity points of a result as CSV or JSON, a line each, made piece by piece: what `kmill
 * export` writes and the server sends. */
#ifndef RESULTS_RESULT_EXPORT_H
#define RESULTS_RESULT_EXPORT_H

#include "results/row_columns.h"

enum export_what { EXPORT_RUNS, EXPORT_TRADES, EXPORT_EQUITY };
/* "runs", "trades", "equity"; false for anything else. */
bool export_what_parse(enum export_what *out, const char *name);

struct result_export;
/* rows: row numbers in the order wanted, taken over (free) also when this fails. columns: comma-separated,
 * NULL for all of them, of EXPORT_RUNS only. style: ROW_CSV or ROW_JSON. result is borrowed, and nobody else
 * may use it between two calls of result_export_next. ERR_INPUT for a column that is none. */
status result_export_open(struct result_export **out, struct result *result, uint64_t *rows, size_t count,
                          enum export_what what, enum row_style style, const char *columns,
                          struct error *err);
/* Appends about `bytes` bytes to text (a line more, or less at the end); *more: there is more to come. */
status result_export_next(struct result_export *self, struct text *text, size_t bytes, bool *more,
                          struct error *err);
void result_export_close(struct result_export *self);

#endif
