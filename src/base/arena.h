/* Bump allocation for one owner: many small objects of one lifetime, freed together. Not thread-safe. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;
/* Zero-initialise; arena_clear frees all. */
struct arena {
    struct arena_block *first;
};

/* 16-byte aligned, uninitialised; aborts on out of memory. */
void *arena_alloc(struct arena *arena, size_t size);
char *arena_copy(struct arena *arena, const char *data, size_t length); /* NUL-terminated copy */
void arena_reset(struct arena *arena);                                  /* empties it, keeps one block */
void arena_clear(struct arena *arena);

#endif
