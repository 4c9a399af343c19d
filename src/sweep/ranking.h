/* Keeps the best N of a stream of runs: what progress shows as best so far and whose equity curves are kept
 * at the end. Order: passing the filters, then metric (NaN last), then smaller run index: a total order, so
 * the same set whatever the arrival. */
#ifndef SWEEP_RANKING_H
#define SWEEP_RANKING_H

#include "sweep/spec.h"

struct ranked_run {
    uint64_t run;
    double value;
};
/* Bounded heap of `limit` entries; memory O(limit). */
struct ranking;
status ranking_open(struct ranking **out, const struct sweep_spec *spec, size_t limit, struct error *err);
/* metrics: METRIC_COUNT. Runs that fail a filter are not ranked. */
void ranking_add(struct ranking *ranking, uint64_t run, const double *metrics);
bool ranking_best(const struct ranking *ranking, struct ranked_run *out);
/* Best first; returns how many (<= limit). out has room for limit. */
size_t ranking_sorted(const struct ranking *ranking, struct ranked_run *out);
void ranking_close(struct ranking *ranking);

#endif
