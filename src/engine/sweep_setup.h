/* Everything that is found out before the first bar: the sweep file parsed, the strategy read, the series
 * mapped, verified and cut to the range, and the job for the worker made of it. */
#ifndef ENGINE_SWEEP_SETUP_H
#define ENGINE_SWEEP_SETUP_H

#include "engine/job.h"
#include "kmill/store.h"
#include "results/provenance.h"
#include "sweep/space.h"

struct setup_series {
    struct mapped_series *mapped;
    size_t first_bar, begin, end; /* warm-up from first_bar, runs on [begin, end) */
};

/* Immutable once made. setup_clear accepts a zeroed one. */
struct sweep_setup {
    struct sweep_spec *spec;
    char *strategy, *strategy_path; /* source text, and where it was read from */
    char *store;
    struct setup_series *series; /* spec->series_count */
    struct job job;              /* strings borrowed from here */
};

struct setup_options {
    const char *yaml_path, *yaml;         /* yaml NULL: read yaml_path */
    const char *strategy_path, *strategy; /* strategy NULL: read the path in the YAML */
    const char *store, *default_store;
    const struct series_provenance *ranges; /* of every series: the range as it was; NULL: as the YAML says */
    int threads;                            /* 0: the file's, else all cores */
    bool trust_strategy;
};
/* Mistakes in the YAML go into problems (*problem_file: malloc'd name of the file they are in). */
status setup_make(struct sweep_setup *out, const struct setup_options *options, struct problems *problems,
                  char **problem_file, struct error *err);
void setup_clear(struct sweep_setup *setup);

/* All that the result file says about where it came from; started_at is now. */
status setup_provenance(struct provenance *out, const struct sweep_setup *setup, const char *yaml_path,
                        const char *python_version, struct error *err);

/* The input of run `index` without its shared columns; params has spec->param_count entries. False: no run.
 */
struct run_input;
bool setup_run_input(struct run_input *out, const struct sweep_spec *spec, const struct job_series *ranges,
                     const struct series *const *series, uint64_t index, struct parameter_value *params,
                     size_t *series_index);

#endif
