/* The axes of a heatmap: the different values of a parameter, or neat ranges of its numbers. */
#ifndef RESULTS_HEATMAP_AXES_H
#define RESULTS_HEATMAP_AXES_H

#include "kmill/analysis.h"
#include "results/equal_bins.h"
#include "results/metric_rows.h"
#include "results/param_levels.h"

#define NO_PLACE UINT32_MAX

struct map_axis {
    struct heatmap_choice choice;
    struct levels levels;
    bool fits;                /* no more than HEATMAP_AXIS_MAX levels */
    struct equal_bins ranges; /* count 0: levels */
    struct number_column numbers;
    size_t count; /* of levels or ranges */
};

/* Both, their choices set, for the chosen runs (of `where`, which is NULL for all). Free with map_axis_clear,
 * also after an error. */
status map_axes_make(struct map_axis *x, struct map_axis *y, struct result *result,
                     const struct metric_rows *runs, const char *where, struct error *err);
/* Places on the axis of rows begin + offsets[i]; NO_PLACE for NaN among ranges. */
void map_axis_places(const struct map_axis *axis, uint32_t *out, uint64_t begin, const uint16_t *offsets,
                     size_t count);
/* Gives away what it holds; false: out of memory. */
bool map_axis_give(struct heatmap_axis *out, struct map_axis *axis);
void map_axis_clear(struct map_axis *axis);

#endif
