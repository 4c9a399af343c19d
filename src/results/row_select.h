/* Which rows of a result a condition and a set of statuses choose: one bit a row, so that a million rows take
 * 125 kB whatever is chosen. Conditions are worked out over blocks of rows straight from the mapped columns
 * (results/block_condition.h); no column is copied. */
#ifndef RESULTS_ROW_SELECT_H
#define RESULTS_ROW_SELECT_H

#include "kmill/result.h"

/* Row r is chosen if bit r % 64 of bits[r / 64] is set; bits from row_count on are 0. */
struct row_set {
    uint64_t *bits; /* row_set_words(row_count) of them */
    uint64_t row_count;
    uint64_t count; /* chosen */
};

static inline uint64_t row_set_words(uint64_t row_count) {
    return row_count / 64 + (row_count % 64 != 0);
}

/* where: an expression as in struct query (NULL or "": all); statuses: bits of enum run_status, 0: all. Free
 * with row_set_clear, also after an error. ERR_INPUT for a condition that is none. */
status row_select(struct row_set *out, struct result *result, const char *where, unsigned statuses,
                  struct error *err);
/* An empty set of the same size. */
status row_set_make(struct row_set *out, uint64_t row_count, struct error *err);
void row_set_clear(struct row_set *set);

static inline bool row_set_has(const struct row_set *set, uint64_t row) {
    return set->bits[row / 64] >> row % 64 & 1;
}

/* The first chosen row >= from, row_count if there is none: for (row = row_set_next(s, 0); row <
 * s->row_count; row = row_set_next(s, row + 1)). */
static inline uint64_t row_set_next(const struct row_set *set, uint64_t from) {
    if (from >= set->row_count) return set->row_count;
    uint64_t word = from / 64, bits = set->bits[word] & ~UINT64_C(0) << from % 64, words;
    for (words = row_set_words(set->row_count); bits == 0 && ++word < words;)
        bits = set->bits[word];
    return bits ? word * 64 + (uint64_t)__builtin_ctzll(bits) : set->row_count;
}

/* The chosen rows of [begin, begin + ROW_BLOCK) as distances from begin (a multiple of ROW_BLOCK), ascending;
 * returns how many. With all of them chosen offsets[i] == i. The fast way through a dense set. */
enum { ROW_BLOCK = 1024 };
size_t row_set_block(const struct row_set *set, uint64_t begin, uint16_t offsets[ROW_BLOCK]);

#endif
