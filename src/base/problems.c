/* All mistakes of one input, and the "did you mean" behind their messages. */
#include "base/problems.h"
#include "base/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void problems_add(struct problems *list, int line, int column, const char *format, ...) {
    char message[ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 8;
        list->items = memory_grow(list->items, list->capacity * sizeof *list->items);
    }
    size_t size = strlen(message) + 1;
    char *copy = memory_grow(NULL, size);
    memcpy(copy, message, size);
    list->items[list->count++] = (struct problem){line, column, copy};
}

static bool is_after(const struct problem *a, const struct problem *b) {
    return a->line > b->line || (a->line == b->line && a->column > b->column);
}

/* Insertion sort: stable, and lists are short and nearly in order. */
void problems_sort(struct problems *list) {
    for (size_t i = 1; i < list->count; i++) {
        struct problem item = list->items[i];
        size_t place = i;
        for (; place > 0 && is_after(&list->items[place - 1], &item); place--)
            list->items[place] = list->items[place - 1];
        list->items[place] = item;
    }
}

void problems_clear(struct problems *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].message);
    free(list->items);
    *list = (struct problems){0};
}

enum { NAME_MAX_COMPARED = 64 };

static int smallest(int a, int b, int c) {
    int least = a < b ? a : b;
    return least < c ? least : c;
}

/* Insertions, deletions, substitutions and swaps of neighbours that turn a into b; letters' case is ignored.
 * Three rows of the usual table are kept; both lengths are <= NAME_MAX_COMPARED. */
static int edit_distance(const char *a, const char *b) {
    int rows[3][NAME_MAX_COMPARED + 1];
    int *before = rows[0], *above = rows[1], *row = rows[2];
    int width = (int)strlen(b);
    for (int j = 0; j <= width; j++)
        above[j] = j;
    for (int i = 1; a[i - 1]; i++) {
        row[0] = i;
        for (int j = 1; j <= width; j++) {
            int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
            row[j] = smallest(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y));
            bool is_swap = i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                           y == tolower((unsigned char)a[i - 2]);
            if (is_swap && before[j - 2] + 1 < row[j]) row[j] = before[j - 2] + 1;
        }
        int *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return above[width];
}

const char *nearest_name(const char *name, const char *const *valid, size_t count) {
    size_t length = strlen(name);
    if (length == 0 || length > NAME_MAX_COMPARED) return NULL;
    int limit = (int)length / 3;
    limit = limit < 1 ? 1 : limit > 3 ? 3 : limit;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        if (strlen(valid[i]) > NAME_MAX_COMPARED) continue;
        int distance = edit_distance(name, valid[i]);
        if (distance <= limit) {
            nearest = valid[i];
            limit = distance - 1;
        }
    }
    return nearest;
}
