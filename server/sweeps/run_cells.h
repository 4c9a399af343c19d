/* Values of runs as JSON or msgpack. */
#ifndef SERVER_SWEEPS_RUN_CELLS_H
#define SERVER_SWEEPS_RUN_CELLS_H

#include "base/value.h"
#include "results/row_columns.h"
#include "server/http/writer.h"

/* NULL for NaN; counts are whole numbers, start and end ISO-8601 text, all others numbers. */
void write_metric(struct writer *w, enum metric metric, double value);
void write_value(struct writer *w, struct value value);
/* A cell of a row. Only the column `error` reads the file: that one under hdf5_lock. */
status write_cell(struct writer *w, const struct row_column *column, struct result *result, uint64_t row,
                  struct error *err);
/* The points there are of a sparkline, as an array. */
void write_sparkline(struct writer *w, const float *points);

#endif
