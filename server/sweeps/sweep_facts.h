/* What the list of sweeps says of each: the summary of /api/v1/sweeps and of the event `sweep`. */
#ifndef SERVER_SWEEPS_SWEEP_FACTS_H
#define SERVER_SWEEPS_SWEEP_FACTS_H

#include "server/http/writer.h"
#include "server/sweeps/sweep_registry.h"

struct provenance;

struct facts_series {
    char symbol[32], interval[8];
};

/* Strings are owned (NULL: not known); sweep_facts_clear frees. Zero is a sweep of which nothing is known. */
struct sweep_facts {
    enum sweep_state state;
    char *name, *strategy;        /* of the sweep; file name */
    uint64_t total, done, failed; /* done: runs with a result, failed ones among them */
    bool total_exact;
    char started_at[40], finished_at[40]; /* ISO-8601, "" where not known */
    double seconds_left, runs_per_second; /* NaN: not known */
    char *rank_metric;
    bool rank_descending;
    bool has_best;
    uint64_t best_run;
    double best_value;
    char *best_params; /* JSON object */
    struct facts_series *series;
    size_t series_count;
    char *error; /* one line */
    int error_line, error_column;
    bool own; /* started by this server */
};

void sweep_facts_clear(struct sweep_facts *facts);
/* name, strategy, series, ranking, times: what is the same all along. */
status sweep_facts_take_provenance(struct sweep_facts *facts, const struct provenance *provenance,
                                   struct error *err);
/* All of a result file; under hdf5_lock. */
status sweep_facts_take_result(struct sweep_facts *facts, struct result *result, struct error *err);
/* {"name": value, ...}; malloc'd. */
struct parameter_value;
char *sweep_facts_params(const struct parameter_value *params, size_t count);
/* The members of the summary object, without its braces. */
void sweep_facts_write(struct writer *w, const char *id, const struct sweep_facts *facts);

#endif
