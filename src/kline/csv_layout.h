/* Which column of a CSV is what: Binance's order, or what a header row says. */
#ifndef KLINE_CSV_LAYOUT_H
#define KLINE_CSV_LAYOUT_H

#include "kmill/series.h"

enum { CSV_COLUMNS_MIN = 6, CSV_COLUMNS_MAX = 12, CSV_IGNORED = KLINE_COLUMN_COUNT };

/* fields[i]: the enum kline_column of the i-th column of a row, or CSV_IGNORED. count 0: not known yet. */
struct csv_layout {
    int count;
    unsigned char fields[CSV_COLUMNS_MAX];
};

/* The first `count` (6 to 12) columns of the public format. */
void csv_layout_default(struct csv_layout *out, int count);
/* True if the line [begin, end) is no candle but names. */
bool csv_is_header(const char *begin, const char *end);
/* For messages: length bytes into out[length + 1], control characters as '?'. */
void csv_copy_printable(char *out, const char *begin, size_t length);
/* By name, in any order. ERR_INPUT names the column that is unknown, double or missing. */
status csv_layout_from_header(struct csv_layout *out, const char *begin, const char *end, const char *name,
                              uint32_t line, struct error *err);

/* Symbol (upper case) and interval of SYMBOL-INTERVAL[-YYYY[-MM[-DD]]].csv[.gz] or .zip; false if the name is
 * not of this form. */
bool csv_name_parse(char symbol[SYMBOL_MAX], enum interval *interval, const char *path);

#endif
