/* Bump allocation: a list of blocks, newest first, each at least twice the one before. */
#include "base/arena.h"
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *next; /* older and smaller */
    size_t size, used;
    _Alignas(16) char data[];
};

enum { FIRST_BLOCK = 4096, ALIGNMENT = 16 };

static struct arena_block *block_new(struct arena_block *next, size_t at_least) {
    size_t size = next ? 2 * next->size : FIRST_BLOCK;
    if (size < at_least) size = at_least;
    struct arena_block *block = memory_grow(NULL, sizeof *block + size);
    block->next = next;
    block->size = size;
    block->used = 0;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size) {
    size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (rounded < size) rounded = SIZE_MAX / 2; /* overflow: let malloc refuse it */
    struct arena_block *block = arena->first;
    if (!block || block->size - block->used < rounded) block = arena->first = block_new(block, rounded);
    void *memory = block->data + block->used;
    block->used += rounded;
    return memory;
}

char *arena_copy(struct arena *arena, const char *data, size_t length) {
    char *copy = arena_alloc(arena, length + 1);
    if (length) memcpy(copy, data, length);
    copy[length] = '\0';
    return copy;
}

static void free_from(struct arena_block *block) {
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

/* Keeps the newest block, the largest. */
void arena_reset(struct arena *arena) {
    if (!arena->first) return;
    free_from(arena->first->next);
    arena->first->next = NULL;
    arena->first->used = 0;
}

void arena_clear(struct arena *arena) {
    free_from(arena->first);
    arena->first = NULL;
}
