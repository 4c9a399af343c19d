/* Deterministic damage for tests that feed a parser with what nobody meant to write: a seed text, then bytes
 * changed, pieces cut, doubled or moved, and words of the parser's own language put in where they do not
 * belong. Every input is a copy on the heap of exactly its length, so that AddressSanitizer sees a read
 * behind its end. */
#ifndef TESTS_MUTATIONS_H
#define TESTS_MUTATIONS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct mutations {
    uint64_t state;           /* of the generator; any start */
    const char *const *words; /* of the language, may be NULL */
    size_t word_count;
};

/* Below limit (0 for 0): splitmix64. */
static inline size_t mutations_draw(struct mutations *self, size_t limit) {
    uint64_t z = self->state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return limit ? (size_t)((z ^ z >> 31) % limit) : 0;
}

enum { MUTATION_GROWTH = 4096 }; /* one change adds at most this much */

/* Replaces `removed` bytes at `at` by what is given; the buffer has the room. */
static inline void mutations_splice(char *data, size_t *length, size_t at, size_t removed, const char *added,
                                    size_t added_length) {
    memmove(data + at + added_length, data + at + removed, *length - at - removed);
    memcpy(data + at, added, added_length);
    *length += added_length - removed;
}

static inline void mutations_change(struct mutations *self, char *data, size_t *length) {
    size_t at = mutations_draw(self, *length + 1), left = *length - at;
    size_t piece = mutations_draw(self, left < 64 ? left + 1 : 64);
    char copy[64];
    switch (mutations_draw(self, self->word_count ? 7 : 5)) {
    case 0: /* one bit */
        if (left) data[at] = (char)(data[at] ^ 1 << mutations_draw(self, 8));
        break;
    case 1: /* any byte */
        if (left) data[at] = (char)mutations_draw(self, 256);
        break;
    case 2:
        mutations_splice(data, length, at, piece, "", 0);
        break;
    case 3: /* a piece once more, often many times: what nests, nests deeply */
        memcpy(copy, data + at, piece);
        for (size_t times = 1 + mutations_draw(self, 3) * mutations_draw(self, 20); times > 0; times--)
            mutations_splice(data, length, at, 0, copy, piece);
        break;
    case 4: /* a piece elsewhere */
        memcpy(copy, data + at, piece);
        mutations_splice(data, length, at, piece, "", 0);
        mutations_splice(data, length, mutations_draw(self, *length + 1), 0, copy, piece);
        break;
    default: {
        const char *word = self->words[mutations_draw(self, self->word_count)];
        mutations_splice(data, length, at, mutations_draw(self, 2) ? piece : 0, word, strlen(word));
    }
    }
}

/* A damaged copy of the seed, one to six changes; malloc'd, not NUL-terminated. */
static inline char *mutations_next(struct mutations *self, size_t *length, const char *seed,
                                   size_t seed_length) {
    enum { CHANGES_MAX = 6 };
    char *room = malloc(seed_length + CHANGES_MAX * MUTATION_GROWTH);
    if (!room) abort();
    memcpy(room, seed, seed_length);
    *length = seed_length;
    for (size_t changes = 1 + mutations_draw(self, CHANGES_MAX); changes > 0; changes--)
        mutations_change(self, room, length);
    char *exact = malloc(*length ? *length : 1);
    if (!exact) abort();
    memcpy(exact, room, *length);
    free(room);
    return exact;
}

#endif
