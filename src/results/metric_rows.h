/* The runs that an analysis looks at: done, chosen by a condition, and with a value of the metric. */
#ifndef RESULTS_METRIC_ROWS_H
#define RESULTS_METRIC_ROWS_H

#include "results/row_select.h"

struct metric_rows {
    struct row_set rows;  /* with a value */
    const double *values; /* the metric's column, mapped */
    enum metric metric;
    uint64_t undefined; /* done and chosen, but without a value */
};
/* ERR_INPUT for an unknown metric (with the nearest name) or a condition that is none. Free with
 * metric_rows_clear, also after an error. */
status metric_rows_select(struct metric_rows *out, struct result *result, const char *metric,
                          const char *where, struct error *err);
void metric_rows_clear(struct metric_rows *rows);

/* A power of two by which the values can be multiplied so that neither their sum nor that of their squares
 * leaves the doubles; 1 almost always, and exact: results are what they would be without. */
double metric_rows_scale(const struct metric_rows *rows);
/* Mean of value x scale, summed by row. */
double metric_rows_mean(const struct metric_rows *rows, double scale);

#endif
