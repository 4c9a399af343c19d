/* An open result file, shared by result.c (columns), result_run.c (one run) and result_query.c (sorting,
 * filtering). */
#ifndef RESULTS_RESULT_FILE_H
#define RESULTS_RESULT_FILE_H

#include "base/arena.h"
#include "kmill/result.h"
#include "results/param_column.h"
#include "results/provenance.h"
#include "results/result_writer.h"
#include "results/text_set.h"

struct stored_param {
    enum param_encoding encoding;
    size_t bytes; /* of an element */
    const unsigned char *data;
    const uint8_t *kinds; /* PARAM_NUMBER */
};
/* Row numbers of a table that not every run is in: ascending. */
struct row_list {
    uint64_t *rows;
    size_t count;
    bool is_loaded;
};
struct stored_series {
    struct series_columns candles;
    void *memory; /* of the candles */
    struct row_list equity;
    size_t equity_points;
};

/* A dataset that stays open: its chunk cache makes the next run's slice cheap. */
struct open_dataset {
    char name[48];
    hid_t dataset;
};
enum { OPEN_DATASETS = 48 };

/* One thread at a time. Pointers into `mapping` or `copies` hold until result_close. */
struct result {
    char *path;
    hid_t file;
    const unsigned char *mapping;
    size_t mapping_length;
    struct arena copies;
    struct arena decoded;  /* of one result_param */
    struct text_set texts; /* what result_param gave out that is not in the file as it is */
    struct open_dataset datasets[OPEN_DATASETS];
    size_t dataset_count;
    struct provenance provenance;
    uint64_t row_count;
    bool complete;

    const uint64_t *run, *trades_total, *trades_offset;
    const uint32_t *series_index;
    const uint8_t *state;
    const double *elapsed;
    const float *sparkline;
    const double *metrics[METRIC_COUNT]; /* NULL until asked for */
    struct stored_param *params;
    struct stored_series *series;

    struct run_record record; /* result_run's answer and its memory */
    struct arena record_texts;
    struct trade *trades;
    struct row_list errors, log, warnings;
};

status result_damaged(const struct result *result, const char *what, struct error *err);
/* count elements of a one-dimensional dataset from start on, converted to `type` (whose size is `width`);
 * false if it is not there or shorter. */
bool result_read_slice(struct result *result, const char *name, hid_t type, uint64_t start, uint64_t count,
                       void *out);
/* Its length; false if it is not there. */
bool result_length(struct result *result, const char *name, uint64_t *length);

#endif
