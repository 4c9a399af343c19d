/* One row of a binary COPY as a candle. */
#ifndef KLINE_IMPORT_POSTGRES_ROW_H
#define KLINE_IMPORT_POSTGRES_ROW_H

#include "kline/columns.h"
#include "kline/import_postgres_table.h"

/* data[0 .. length): the fields of table->fields, from the field count on. ERR_INPUT names table, open_time
 * and column. */
status postgres_row_decode(struct kline_row *out, const struct postgres_table *table,
                           const unsigned char *data, size_t length, struct error *err);

#endif
