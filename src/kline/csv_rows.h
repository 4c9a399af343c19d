/* Rows of kline CSV into columns, with the line each came from. */
#ifndef KLINE_CSV_ROWS_H
#define KLINE_CSV_ROWS_H

#include "kline/columns.h"
#include "kline/csv_layout.h"

/* The rows of all texts of one series. where[i] counts lines through all texts, so that four bytes a row tell
 * file and line. Zero-initialise with columns.view.interval set; csv_rows_clear frees. */
struct csv_rows {
    struct kline_columns columns;
    uint32_t *where;
    size_t where_capacity;
    struct csv_text {
        char *name;
        uint32_t lines_before; /* in the texts before this one */
    } * texts;
    size_t text_count;
    uint32_t line;            /* lines read so far, all texts */
    struct csv_layout layout; /* of the current text; count 0 before its first row */
    bool at_start;            /* nothing of the current text was read yet */
};

/* The lines that follow come from the text called name. */
status csv_rows_begin_text(struct csv_rows *rows, const char *name, struct error *err);
/* Adds the candles of [begin, begin + length): whole lines; see csv_source_read. ERR_INPUT names file, line,
 * column and reason. */
status csv_rows_add(struct csv_rows *rows, const char *begin, size_t length, struct error *err);
/* Text and line (1-based) of candle index. */
const char *csv_rows_place(const struct csv_rows *rows, size_t index, uint32_t *line);
void csv_rows_clear(struct csv_rows *rows);

#endif
