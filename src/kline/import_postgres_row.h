/* One row of a table as a candle, from a binary COPY or a binary result. */
#ifndef KLINE_IMPORT_POSTGRES_ROW_H
#define KLINE_IMPORT_POSTGRES_ROW_H

#include "kline/columns.h"
#include "kline/import_postgres_table.h"

/* data[0 .. length): the fields of table->fields, from the field count on. ERR_INPUT names table, open_time
 * and column. */
status postgres_row_decode(struct kline_row *out, const struct postgres_table *table,
                           const unsigned char *data, size_t length, struct error *err);
/* The same of one row of a binary result that has the fields of table->fields. */
status postgres_result_decode(struct kline_row *out, const struct postgres_table *table,
                              const PGresult *result, int row, struct error *err);

#endif
