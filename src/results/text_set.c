/* A hash table of pointers into an arena. Columns hold few different texts, so most calls find theirs. */
#include "results/text_set.h"

#include "base/hash.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

/* The slot that holds text, or the free one it belongs into. */
static const char **find_slot(const char **slots, size_t capacity, const char *text) {
    size_t at = (size_t)hash_crc32(0, text, strlen(text)) & (capacity - 1);
    while (slots[at] && strcmp(slots[at], text) != 0)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

/* At most half of the slots are taken. */
static bool make_room(struct text_set *set) {
    if (2 * (set->count + 1) <= set->capacity) return true;
    size_t capacity = set->capacity ? 2 * set->capacity : FIRST_CAPACITY;
    const char **slots = calloc(capacity, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < set->capacity; i++)
        if (set->slots[i]) *find_slot(slots, capacity, set->slots[i]) = set->slots[i];
    free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
    return true;
}

const char *text_set_keep(struct text_set *set, const char *text) {
    if (!make_room(set)) return NULL;
    const char **slot = find_slot(set->slots, set->capacity, text);
    if (!*slot) {
        *slot = arena_copy(&set->texts, text, strlen(text));
        set->count++;
    }
    return *slot;
}

void text_set_clear(struct text_set *set) {
    free(set->slots);
    arena_clear(&set->texts);
    *set = (struct text_set){0};
}
