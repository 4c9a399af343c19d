/* Which run indices an earlier process has done: a sorted array, walked alongside the ascending run cursor.
 */
#ifndef ENGINE_DONE_SET_H
#define ENGINE_DONE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialise; done_set_clear frees. */
struct done_set {
    uint64_t *runs;
    size_t count, capacity;
};
/* In any order, doubles allowed; false: out of memory. */
bool done_set_add(struct done_set *set, uint64_t run);
/* After the last add: sorts and drops doubles. */
void done_set_sort(struct done_set *set);
bool done_set_has(const struct done_set *set, uint64_t run);
/* Its place in the sorted set, SIZE_MAX if it is not in it. */
size_t done_set_find(const struct done_set *set, uint64_t run);
void done_set_clear(struct done_set *set);

#endif
