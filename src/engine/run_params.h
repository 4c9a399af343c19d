/* The parameters of a run, which journals do not hold: the sweep file says what a run number stands for. */
#ifndef ENGINE_RUN_PARAMS_H
#define ENGINE_RUN_PARAMS_H

#include "results/provenance.h"
#include "sweep/spec.h"

struct run_params {
    const struct sweep_spec *spec;
    struct parameter_value *values; /* scratch: spec->param_count of them */
};

/* A result_params (results/result_writer.h); context: struct run_params. */
bool run_params_get(void *context, uint64_t run, struct value *values);

/* The sweep file in a journal's header, and room for the parameters of one of its runs. spec_close and free
 * end them, after an error too. */
status run_params_of_journal(struct sweep_spec **spec, struct parameter_value **values,
                             const struct provenance *provenance, struct error *err);

#endif
