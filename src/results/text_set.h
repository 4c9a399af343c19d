/* Texts kept once each: asking again for an equal one takes no memory. */
#ifndef RESULTS_TEXT_SET_H
#define RESULTS_TEXT_SET_H

#include "base/arena.h"

/* Zero-initialise. */
struct text_set {
    const char **slots; /* a power of two, open addressing; NULL: free */
    size_t capacity, count;
    struct arena texts;
};

/* The kept text that equals `text`, valid until clear; NULL when out of memory. */
const char *text_set_keep(struct text_set *set, const char *text);
void text_set_clear(struct text_set *set);

#endif
