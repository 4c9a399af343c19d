/* A sorted set of run indices; see done_set.h. */
#include "engine/done_set.h"
#include <stdlib.h>

bool done_set_add(struct done_set *set, uint64_t run) {
    if (set->count == set->capacity) {
        size_t capacity = set->capacity ? 2 * set->capacity : 1024;
        uint64_t *runs = realloc(set->runs, capacity * sizeof *runs);
        if (!runs) return false;
        set->runs = runs;
        set->capacity = capacity;
    }
    set->runs[set->count++] = run;
    return true;
}

static int by_run(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

void done_set_sort(struct done_set *set) {
    if (!set->count) return;
    qsort(set->runs, set->count, sizeof *set->runs, by_run);
    size_t kept = 1;
    for (size_t i = 1; i < set->count; i++)
        if (set->runs[i] != set->runs[kept - 1]) set->runs[kept++] = set->runs[i];
    set->count = kept;
}

size_t done_set_find(const struct done_set *set, uint64_t run) {
    const uint64_t *found = NULL;
    if (set->count) found = bsearch(&run, set->runs, set->count, sizeof *set->runs, by_run);
    return found ? (size_t)(found - set->runs) : SIZE_MAX;
}

bool done_set_has(const struct done_set *set, uint64_t run) {
    return done_set_find(set, run) != SIZE_MAX;
}

void done_set_clear(struct done_set *set) {
    free(set->runs);
    *set = (struct done_set){0};
}
