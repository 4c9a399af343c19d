/* Lazily made columns of values, one a key, shared by all threads: which keys deserve one, and the memory
 * they may take.
 *
 * Growing windows at the start of a run ask for hundreds of keys once each; a key is therefore admitted only
 * after some asks, counted in a small lossy table. An admitted column is made in chunks, each once it was
 * asked for often enough itself, so that runs over a part of the series pay for that part only. Readers take
 * no lock: columns and chunks are published with release stores and live until the table is closed. Nothing
 * is evicted: what does not fit the budget is computed by the caller, again and again. */
#ifndef INDICATOR_COLUMN_TABLE_H
#define INDICATOR_COLUMN_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHUNK_BARS = 2048 };

/* What a column holds, packed into words so that comparing and hashing stay in registers. Unused fields are
 * 0. */
struct column_key {
    uint64_t words[3];
};

static inline struct column_key column_key_make(unsigned kind, unsigned source, size_t window, size_t period0,
                                                size_t period1, size_t period2) {
    return (struct column_key){{(uint64_t)kind << 32 | source, (uint64_t)window << 32 | (uint32_t)period0,
                                (uint64_t)period1 << 32 | (uint32_t)period2}};
}

/* The same as fields. */
struct column_description {
    unsigned kind, source;
    size_t window, periods[3];
};

static inline struct column_description column_key_describe(struct column_key key) {
    return (struct column_description){
        (unsigned)(key.words[0] >> 32),
        (unsigned)key.words[0],
        (size_t)(key.words[1] >> 32),
        {(uint32_t)key.words[1], (size_t)(key.words[2] >> 32), (uint32_t)key.words[2]}};
}

/* Fills out[0 .. bars) for bars [begin, begin + bars), and for a further value of each bar out[CHUNK_BARS
 * ..), and so on; bars without a full window may be left. Any thread. False: not possible for this key. */
typedef bool column_builder(const void *context, double *out, const struct column_key *key, size_t begin,
                            size_t bars);

struct column_budget {
    size_t limit;
    atomic_size_t used;
};
/* False, and nothing reserved, if it does not fit. */
bool column_budget_reserve(struct column_budget *budget, size_t bytes);
void column_budget_release(struct column_budget *budget, size_t bytes);

struct column_table;

/* NULL: out of memory. builder, context and budget outlive the table. */
struct column_table *column_table_open(size_t bars, struct column_budget *budget, column_builder *builder,
                                       const void *context);
void column_table_close(struct column_table *table);
/* The value of a bar (a further one lies CHUNK_BARS behind it), or NULL: the caller computes it, and was
 * counted. */
const double *column_table_find(struct column_table *table, const struct column_key *key,
                                size_t values_per_bar, size_t bar);

#endif
