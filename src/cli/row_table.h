/* Runs as a table for people. */
#ifndef CLI_ROW_TABLE_H
#define CLI_ROW_TABLE_H

#include "results/row_columns.h"

/* Bold titles where `out` is a terminal. */
status row_table_print(FILE *out, const struct row_columns *columns, struct result *result,
                       const uint64_t *rows, size_t count, struct error *err);

#endif
