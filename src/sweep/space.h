/* The run space: run index -> series and parameters, never materialised.
 *
 * Grid: index = ((series * n_0 + k_0) * n_1 + k_1) ...: the first parameter of the file varies slowest, the
 * last fastest, series outermost. `where` never renumbers it: an index it excludes is simply no run. Random:
 * index = series * trials + i, and draw i depends on (seed, i, attempt) only, the same for every series; a
 * draw that `where` refuses is drawn again (attempt + 1), at most SPACE_ATTEMPTS times, then i is no run. */
#ifndef SWEEP_SPACE_H
#define SWEEP_SPACE_H

#include "sweep/spec.h"

enum { SPACE_ATTEMPTS = 1000 };

/* Number of indices (allowed or not); saturates at UINT64_MAX (spec_parse refuses larger ones). */
uint64_t space_size(const struct sweep_spec *spec);
/* Indices that `where` allows: exact if there are at most `effort` to try, else estimated from a fixed sample
 * (*exact = false). */
uint64_t space_count_allowed(const struct sweep_spec *spec, uint64_t effort, bool *exact);
/* The parameters of run `index` into params (spec->param_count entries, the spec's order; text borrowed from
 * spec) and its series. False: no run (excluded by where). Pure, thread-safe, no allocation. */
bool space_run(const struct sweep_spec *spec, uint64_t index, struct parameter_value *params, size_t *series);
/* klineWndSize of these params, WINDOW_DEFAULT if not among them. */
size_t space_window(const struct parameter_value *params, size_t count);

#endif
