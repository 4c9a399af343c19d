/* Import of kline CSV files into the store. */
#ifndef KLINE_IMPORT_CSV_H
#define KLINE_IMPORT_CSV_H

#include "kmill/store.h"

struct csv_progress {
    const char *file;
    size_t file_number, file_count; /* 1-based */
    double done;                    /* of this file, 0 to 1 */
    size_t rows;                    /* of this series so far */
};

/* Zeroed: everything from the file names, new candles are merged with what the store has. */
struct csv_options {
    const char *symbol, *interval; /* NULL: from each file's name */
    const char *source; /* what the series' source attribute says; NULL: "csv: FILE" or "csv: N files" */
    bool replace;       /* the whole series, instead of merging */
    void (*progress)(void *context,
                     const struct csv_progress *progress); /* called every few thousand rows; NULL: never */
    void *context;
};

/* What became of one series. */
struct csv_result {
    struct series_info info; /* as now stored */
    size_t files, rows;      /* read */
    size_t duplicates;       /* rows that repeat another row read */
    size_t known;            /* candles the store had already, with the same values */
    size_t added;            /* candles the store had not */
    double read_seconds;     /* reading, parsing, sorting */
    double write_seconds;    /* merging, checking and writing beside its place */
};

/* Reads files (plain, .gz, .zip; see csv_source.h), joins those of one symbol and interval, and writes each
 * series. Every series is read, checked and written beside its place before the first takes it: after an
 * error the store is as it was. *out: one entry a series, malloc'd. ERR_INPUT and ERR_NOT_FOUND name the
 * file, line, column and reason; ERR_CANCELLED after a signal (base/cancel.h). */
status import_csv(struct csv_result **out, size_t *count, const char *store, const char *const *files,
                  size_t file_count, const struct csv_options *options, struct error *err);

#endif
