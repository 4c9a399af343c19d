/* Bins of equal width. */
#include "results/equal_bins.h"

#include <math.h>
#include <stdlib.h>

status equal_bins_make(struct equal_bins *out, double minimum, double maximum, size_t count,
                       struct error *err) {
    double width = maximum - minimum;
    if (width == 0.0) count = 1;
    *out = (struct equal_bins){.count = count,
                               .edges = malloc((count + 1) * sizeof *out->edges),
                               .half_minimum = 0.5 * minimum,
                               .half_width = 0.5 * maximum - 0.5 * minimum};
    if (!out->edges) return error_set(err, ERR_MEMORY, "out of memory for %zu bins", count);
    for (size_t i = 0; i < count; i++) {
        double t = (double)i / (double)count;
        double edge = isfinite(width) ? minimum + (double)i * (width / (double)count)
                                      : minimum * (1.0 - t) + maximum * t;
        out->edges[i] = edge < maximum ? edge : maximum; /* rounded up, where width is a few subnormals */
    }
    out->edges[count] = maximum;
    return OK;
}

void equal_bins_clear(struct equal_bins *bins) {
    free(bins->edges);
    *bins = (struct equal_bins){0};
}
