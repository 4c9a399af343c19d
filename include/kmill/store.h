/* The kline store: a directory, SYMBOL/INTERVAL.h5, one contiguous page-aligned dataset a column. */
#ifndef KMILL_STORE_H
#define KMILL_STORE_H

#include "kmill/series.h"

/* What is known of a series besides its candles; attributes of the file. */
struct series_info {
    char symbol[SYMBOL_MAX];
    enum interval interval;
    size_t count;
    int64_t first_open_time, last_open_time; /* ms; 0 when count is 0 */
    size_t gap_count;                        /* places where open_time jumps by more than one interval */
    size_t missing_candles;                  /* how many candles are missing there together */
    size_t odd_count;     /* impossible candles (high < max(open, close), ...), see the report */
    size_t partial_count; /* candles made from fewer source candles than they span (resample) */
    uint32_t checksum;    /* CRC-32 of all columns one after the other, in the order of enum kline_column */
    char source[256];     /* e.g. "csv: 3 files", "synthetic: seed 42", "resampled from 1m", "postgres:
                             t_kline_btcusdt_1h" */
    char imported_at[40]; /* ISO-8601 */
};

/* A mapped series. Opening maps, it never copies: < 5 ms for 5M rows. The file may be replaced meanwhile:
 * this reader keeps the old one. Its size is checked against its header when opened (ERR_CORRUPT when it was
 * cut). */
struct mapped_series;
status mapped_series_open(struct mapped_series **out, const char *store, const char *symbol,
                          enum interval interval, struct error *err);
const struct series *mapped_series_view(const struct mapped_series *mapped);
const struct series_info *mapped_series_info(const struct mapped_series *mapped);
/* Reads all columns once and compares with the stored checksum: ERR_CORRUPT if they differ. */
status mapped_series_verify(const struct mapped_series *mapped, struct error *err);
/* The stored check report (one finding a line, bounded), "" if none; owned by mapped. */
const char *mapped_series_report(const struct mapped_series *mapped);
/* One byte a candle, 1 = partial; NULL if no candle is. Owned by mapped. */
const uint8_t *mapped_series_partial(const struct mapped_series *mapped);
void mapped_series_close(struct mapped_series *mapped);

/* Writes series beside its place and renames it there. info gives source; counts, checksum, gaps and odd
 * candles are computed here (kline/check.h). open_time must be strictly increasing: ERR_INPUT otherwise.
 * Replaces an existing series only with replace = true, else ERR_EXISTS. HDF5 is not thread-safe here: one
 * thread of a process at a time. */
status store_write(const char *store, const struct series *series, const char *source, bool replace,
                   struct error *err);

/* As store_write, with the partial marks of mapped_series_partial (series->count bytes, or NULL). */
status store_write_marked(const char *store, const struct series *series, const uint8_t *partial,
                          const char *source, bool replace, struct error *err);

/* All series, sorted by symbol, then interval; *out is malloc'd, free(). A missing directory is
 * ERR_NOT_FOUND; files that are no series are left out. */
status store_list(struct series_info **out, size_t *count, const char *store, struct error *err);
/* STORE/SYMBOL/INTERVAL.h5, malloc'd. */
char *store_series_path(const char *store, const char *symbol, enum interval interval);

#endif
