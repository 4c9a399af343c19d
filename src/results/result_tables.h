/* The parts of a result file whose size is not known before the last run: trades, equity curves, errors,
 * printed text. */
#ifndef RESULTS_RESULT_TABLES_H
#define RESULTS_RESULT_TABLES_H

#include "results/h5_column.h"
#include "results/result_writer.h"

enum { TRADE_DOUBLES = 7 };
extern const char *const trade_double_names[TRADE_DOUBLES];
double *trade_double(struct trade *trade, size_t index);

struct text_table { /* /log and /warnings */
    struct h5_column row;
    struct h5_texts text;
};
struct equity_group {
    struct h5_column row;
    hid_t curve;
    uint64_t count;
    size_t points;
    bool is_open;
};
struct result_tables {
    hid_t file;
    const struct series_columns *series; /* may be NULL */
    size_t series_count;
    hid_t side_type, stamp_type, bool_type;
    struct h5_column bar, time, side, stamp, after_close, text_index, doubles[TRADE_DOUBLES];
    struct h5_texts trade_text;
    uint64_t trade_texts;
    struct h5_column error_row, error_line, error_column, error_bar;
    struct h5_texts error_type, error_message, traceback;
    struct text_table log, warnings;
    struct equity_group *equity; /* one a series, made when the first curve comes */
};

/* Close after every open, whatever it returned. series: the stored ranges, for the trades' times; NULL where
 * there are none. */
bool result_tables_open(struct result_tables *tables, hid_t file, const struct series_columns *series,
                        size_t series_count);
/* A run's record as row `row`; its trades only with with_trades. ERR_IO names nothing: the caller knows the
 * path. */
status result_tables_add(struct result_tables *tables, uint64_t row, const struct run_record *record,
                         bool with_trades, struct error *err);
bool result_tables_close(struct result_tables *tables);

/* /series/<k>: attributes and, where columns is not NULL, the candles of the range. */
bool result_series_write(hid_t file, const struct provenance *provenance,
                         const struct series_columns *columns);

#endif
