/* The best N of a stream of runs: a binary heap whose root is the worst of those kept, so that most runs cost
 * one comparison. */
#include "sweep/ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ranking {
    const struct sweep_spec *spec;
    struct ranked_run *heap; /* heap[0] is the worst; children of i are 2i + 1 and 2i + 2 */
    size_t count, limit, capacity;
    struct ranked_run best; /* valid if count > 0 */
};

/* Memory grows with what is there: a limit may be larger than the sweep. */
enum { CAPACITY_START = 128 };

status ranking_open(struct ranking **out, const struct sweep_spec *spec, size_t limit, struct error *err) {
    *out = calloc(1, sizeof **out);
    if (!*out) return error_set(err, ERR_MEMORY, "out of memory for the ranking");
    **out = (struct ranking){.spec = spec, .limit = limit};
    return OK;
}

void ranking_close(struct ranking *ranking) {
    if (!ranking) return;
    free(ranking->heap);
    free(ranking);
}

/* The total order: NaN after every number, equal values by run index. */
static bool is_better(const struct ranking *ranking, const struct ranked_run *a, const struct ranked_run *b) {
    bool a_is_nan = isnan(a->value), b_is_nan = isnan(b->value);
    if (a_is_nan != b_is_nan) return b_is_nan;
    if (!a_is_nan && a->value != b->value)
        return ranking->spec->rank_descending ? a->value > b->value : a->value < b->value;
    return a->run < b->run;
}

/* A bound on a metric that is not defined is not met. */
static bool passes_filters(const struct sweep_spec *spec, const double *metrics) {
    for (size_t i = 0; i < spec->filter_count; i++) {
        const struct filter *filter = &spec->filters[i];
        double value = metrics[filter->metric];
        if (!isnan(filter->minimum) && !(value >= filter->minimum)) return false;
        if (!isnan(filter->maximum) && !(value <= filter->maximum)) return false;
    }
    return true;
}

static void swap(struct ranked_run *a, struct ranked_run *b) {
    struct ranked_run kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(struct ranking *ranking, size_t i) {
    struct ranked_run *heap = ranking->heap;
    for (size_t parent; i > 0 && is_better(ranking, &heap[parent = (i - 1) / 2], &heap[i]); i = parent)
        swap(&heap[i], &heap[parent]);
}

static void sift_down(struct ranking *ranking, struct ranked_run *heap, size_t count) {
    for (size_t i = 0, child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && is_better(ranking, &heap[child], &heap[child + 1])) child++;
        if (!is_better(ranking, &heap[i], &heap[child])) return;
        swap(&heap[i], &heap[child]);
    }
}

static void grow(struct ranking *ranking) {
    size_t capacity = ranking->capacity ? 2 * ranking->capacity : CAPACITY_START;
    ranking->capacity = capacity < ranking->limit ? capacity : ranking->limit;
    ranking->heap = realloc(ranking->heap, ranking->capacity * sizeof *ranking->heap);
    if (!ranking->heap) abort(); /* 16 bytes an entry: as other small growing buffers */
}

void ranking_add(struct ranking *ranking, uint64_t run, const double *metrics) {
    if (ranking->limit == 0 || !passes_filters(ranking->spec, metrics)) return;
    struct ranked_run entry = {run, metrics[ranking->spec->rank_metric]};
    if (ranking->count == 0 || is_better(ranking, &entry, &ranking->best)) ranking->best = entry;
    if (ranking->count == ranking->limit) {
        if (!is_better(ranking, &entry, &ranking->heap[0])) return;
        ranking->heap[0] = entry;
        sift_down(ranking, ranking->heap, ranking->count);
        return;
    }
    if (ranking->count == ranking->capacity) grow(ranking);
    ranking->heap[ranking->count++] = entry;
    sift_up(ranking, ranking->count - 1);
}

bool ranking_best(const struct ranking *ranking, struct ranked_run *out) {
    if (ranking->count) *out = ranking->best;
    return ranking->count > 0;
}

/* Heap sort of a copy: the worst of those left goes to the end each time. */
size_t ranking_sorted(const struct ranking *ranking, struct ranked_run *out) {
    if (ranking->count) memcpy(out, ranking->heap, ranking->count * sizeof *out);
    struct ranking view = *ranking;
    for (size_t left = ranking->count; left > 1; left--) {
        swap(&out[0], &out[left - 1]);
        sift_down(&view, out, left - 1);
    }
    return ranking->count;
}
