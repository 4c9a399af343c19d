/* What /sweeps/{id} says beyond the summary: parameters and metrics with their ranges, statuses. */
#ifndef SERVER_SWEEPS_SWEEP_DETAILS_H
#define SERVER_SWEEPS_SWEEP_DETAILS_H

#include "kmill/result.h"
#include "server/http/writer.h"

struct provenance;

/* "provenance": {...} as a member. */
void sweep_details_provenance(struct writer *w, const struct provenance *provenance);
/* "parameters", "metrics", "statuses" as JSON values: looks at every run, so they are kept with the result.
 * Zero-initialise; sweep_columns_clear frees. */
struct sweep_columns {
    struct text parameters, metrics, statuses;
};
status sweep_columns_take(struct sweep_columns *out, struct result *result, struct error *err);
void sweep_columns_clear(struct sweep_columns *columns);
/* The three members. */
void sweep_columns_write(struct writer *w, const struct sweep_columns *columns);

#endif
