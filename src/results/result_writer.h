/* Makes the result file from a journal: rows ordered by run index, written in blocks (memory does not grow
 * with the number of runs beyond 24 bytes a run), beside its place and renamed. Readable by h5py without
 * kmill; layout in src/results/README.md. */
#ifndef RESULTS_RESULT_WRITER_H
#define RESULTS_RESULT_WRITER_H

#include "base/value.h"
#include "results/journal.h"

/* Parameters of run `run` (provenance.param_count values, its order); called once a row. */
typedef bool (*result_params)(void *context, uint64_t run, struct value *values);

/* The evaluated range [begin, end) of a series: what charts and timestamps need without the store. Borrowed.
 * first_bar is the number within the whole series of the first row here, so that trade.bar - first_bar is a
 * row. */
struct series_columns {
    const int64_t *open_time, *close_time; /* ms */
    const double *open, *high, *low, *close, *volume;
    uint64_t first_bar, count;
};

struct series;
/* `count` candles of a series from `begin` on, in place. */
struct series_columns series_columns_of(const struct series *view, size_t begin, size_t count);

struct result_options {
    result_params params;
    void *params_context;
    const struct series_columns *series; /* provenance.series_count of them; NULL: none is stored */
    uint64_t const *keep_trades; /* sorted run indices whose trades are kept; NULL: of all that have them */
    size_t keep_trades_count;
    bool complete;                                                  /* every allowed run has a record */
    const char *finished_at;                                        /* ISO-8601; NULL: now, if complete */
    void (*progress)(void *context, uint64_t done, uint64_t total); /* may be NULL */
    void *progress_context;
};

/* A run recorded twice (a resumed or re-run one): the later record counts, but one without equity never hides
 * one with it. */
status result_write(const char *path, const struct result_options *options, struct error *err);
/* The same from the journal of another path: how a sweep that is not finished is looked at. */
status result_write_from(const char *path, const char *journal_path, const struct result_options *options,
                         struct error *err);

#endif
