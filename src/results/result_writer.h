/* Makes the result file from a journal: rows ordered by run index, written in blocks (memory does not grow
 * with the number of runs beyond 24 bytes a run), beside its place and renamed. Readable by h5py without
 * kmill; layout in src/results/README.md. */
#ifndef RESULTS_RESULT_WRITER_H
#define RESULTS_RESULT_WRITER_H

#include "base/value.h"
#include "results/journal.h"

/* Parameters of run `run` (provenance.param_count values, its order); called once a row. */
typedef bool (*result_params)(void *context, uint64_t run, struct value *values);

/* Equity curves that were made by running winners again, looked up by run index: sorted ascending. Their
 * records' equity is used. */
struct result_options {
    result_params params;
    void *params_context;
    uint64_t const *keep_trades; /* sorted run indices whose trades are kept; NULL: of all that have them */
    size_t keep_trades_count;
    bool complete;                                                  /* every allowed run has a record */
    void (*progress)(void *context, uint64_t done, uint64_t total); /* may be NULL */
    void *progress_context;
};
/* A run recorded twice (a resumed or re-run one): the later record counts, but one without equity never hides
 * one with it. */
status result_write(const char *path, const struct result_options *options, struct error *err);

#endif
