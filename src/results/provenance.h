/* Where a result comes from: enough to run it again. Strings are owned; provenance_clear frees. */
#ifndef RESULTS_PROVENANCE_H
#define RESULTS_PROVENANCE_H

#include "kmill/error.h"
#include <stdint.h>

struct series_provenance {
    char symbol[32], interval[8];
    char *store;              /* folder it was read from */
    char *source;             /* the store's note */
    uint64_t bars;            /* evaluated bars [begin, end) */
    int64_t begin_ms, end_ms; /* open_time of the first and last evaluated bar */
    uint32_t checksum;        /* of the whole stored series */
};

struct provenance {
    char *name; /* the sweep's */
    char *yaml, *yaml_path;
    char *strategy, *strategy_path; /* source text */
    char strategy_sha256[65];
    char *engine_version, *python_version, *host, *cpu, *libc;
    char started_at[40], finished_at[40]; /* ISO-8601; finished_at "" while running */
    uint64_t seed;
    uint64_t space_size, allowed; /* indices, and how many are runs (0: not counted) */
    char **param_names;
    size_t param_count;
    struct series_provenance *series;
    size_t series_count;
    size_t equity_points; /* kept points a curve; 0: every bar of its series */
    char *rank_metric;    /* name */
    int rank_descending;
    char *rank_where; /* the sweep's filters as an expression (base/expression.h), NULL or "" when there are
                         none */
};
void provenance_clear(struct provenance *provenance);
status provenance_copy(struct provenance *out, const struct provenance *in, struct error *err);

/* msgpack, for the journal's header. Decoding takes input of any origin: ERR_CORRUPT (out is then empty). */
struct text;
void provenance_encode(struct text *out, const struct provenance *provenance);
status provenance_decode(struct provenance *out, const void *data, size_t length, struct error *err);

#endif
