/* All mistakes of one input, not the first only: what a YAML file or a strategy check reports. */
#ifndef BASE_PROBLEMS_H
#define BASE_PROBLEMS_H

#include "kmill/error.h"

struct problem {
    int line, column; /* 1-based; 0 where the mistake has no place */
    char *message;    /* one line: what is wrong and what to do */
};

/* Zero-initialise; problems_clear frees. */
struct problems {
    struct problem *items;
    size_t count, capacity;
};

void problems_add(struct problems *list, int line, int column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* By line, then column; stable. */
void problems_sort(struct problems *list);
void problems_clear(struct problems *list);

/* The valid name nearest to `name` by edit distance (<= a third of its length, at least 1... 3 edits), or
 * NULL. For "did you mean". */
const char *nearest_name(const char *name, const char *const *valid, size_t count);

#endif
