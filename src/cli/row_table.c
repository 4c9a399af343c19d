/* Runs as a table. */
#include "cli/row_table.h"
#include "cli/table.h"

#include <unistd.h>

status row_table_print(FILE *out, const struct row_columns *columns, struct result *result,
                       const uint64_t *rows, size_t count, struct error *err) {
    struct table *table = table_open();
    struct text cell = {0};
    status rc = OK;
    for (size_t c = 0; c < columns->count; c++)
        table_add_column(table, columns->items[c].name, row_column_is_number(&columns->items[c]));
    for (size_t i = 0; i < count * columns->count && rc == OK; i++) {
        cell.length = 0;
        text_add_string(&cell, "");
        rc = row_column_cell(&cell, &columns->items[i % columns->count], result, rows[i / columns->count],
                             ROW_TABLE, err);
        if (rc == OK) table_add_cell(table, cell.data);
    }
    if (rc == OK) table_print(table, out, isatty(fileno(out)) == 1);
    text_clear(&cell);
    table_close(table);
    return rc;
}
