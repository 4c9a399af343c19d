/* Order statistics and ranks by keys. */
#include "results/number_order.h"

#include <stdlib.h>

/* ---- bins of equal width over a range of keys ---- */

enum { BITS_MAX = 16, COLLECT_MAX = 8192 };

struct key_range {
    uint64_t low, high; /* both included */
};

/* Keys of the range fall into at most 2^bits bins of 2^shift keys. */
static unsigned shift_for(struct key_range range, unsigned bits) {
    uint64_t width = range.high - range.low;
    unsigned needed = width ? 64 - (unsigned)__builtin_clzll(width) : 0;
    return needed > bits ? needed - bits : 0;
}

static struct key_range bin_range(struct key_range range, unsigned shift, size_t bin) {
    uint64_t low = range.low + ((uint64_t)bin << shift), high = low + ((UINT64_C(1) << shift) - 1);
    return (struct key_range){low, high < low || high > range.high ? range.high : high};
}

/* ---- order statistics ---- */

struct selection {
    const double *values;
    const struct row_set *rows;
    const uint64_t *ranks;
    double *out;
    uint64_t *collected; /* COLLECT_MAX keys */
};

static struct key_range range_of_all(const struct selection *self) {
    struct key_range range = {UINT64_MAX, 0};
    const struct row_set *rows = self->rows;
    uint16_t offsets[ROW_BLOCK];
    for (uint64_t begin = 0; begin < rows->row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(rows, begin, offsets);
        for (size_t i = 0; i < count; i++) {
            uint64_t key = key_of_double(self->values[begin + offsets[i]]);
            range.low = key < range.low ? key : range.low;
            range.high = key > range.high ? key : range.high;
        }
    }
    return range;
}

static void count_keys(const struct selection *self, struct key_range range, unsigned shift,
                       uint32_t *counts) {
    const struct row_set *rows = self->rows;
    uint16_t offsets[ROW_BLOCK];
    uint64_t width = range.high - range.low;
    memset(counts, 0, sizeof *counts << BITS_MAX);
    for (uint64_t begin = 0; begin < rows->row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(rows, begin, offsets);
        for (size_t i = 0; i < count; i++) {
            uint64_t at = key_of_double(self->values[begin + offsets[i]]) - range.low;
            if (at <= width) counts[at >> shift]++;
        }
    }
}

static int compare_keys(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sorted keys of the range, at most COLLECT_MAX. */
static void collect_keys(const struct selection *self, struct key_range range) {
    const struct row_set *rows = self->rows;
    uint16_t offsets[ROW_BLOCK];
    size_t kept = 0;
    for (uint64_t begin = 0; begin < rows->row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(rows, begin, offsets);
        for (size_t i = 0; i < count; i++) {
            uint64_t key = key_of_double(self->values[begin + offsets[i]]);
            if (key - range.low <= range.high - range.low) self->collected[kept++] = key;
        }
    }
    qsort(self->collected, kept, sizeof *self->collected, compare_keys);
}

/* Ranks [from, to) lie in the range, which `before` values are below of. */
static status select_in(const struct selection *self, struct key_range range, uint64_t before, size_t from,
                        size_t to, struct error *err) {
    unsigned shift = shift_for(range, BITS_MAX);
    uint32_t *counts = malloc(sizeof *counts << BITS_MAX);
    if (!counts) return error_set(err, ERR_MEMORY, "out of memory for a distribution");
    count_keys(self, range, shift, counts);
    status rc = OK;
    for (size_t bin = 0; rc == OK && from < to; before += counts[bin++]) {
        size_t here = from;
        while (here < to && self->ranks[here] < before + counts[bin])
            here++;
        if (here == from) continue;
        struct key_range inner = bin_range(range, shift, bin);
        if (shift == 0) {
            for (; from < here; from++)
                self->out[from] = double_of_key(inner.low);
        } else if (counts[bin] <= COLLECT_MAX) {
            collect_keys(self, inner);
            for (; from < here; from++)
                self->out[from] = double_of_key(self->collected[self->ranks[from] - before]);
        } else {
            rc = select_in(self, inner, before, from, here, err); /* 16 bits narrower: four deep at most */
            from = here;
        }
    }
    free(counts);
    return rc;
}

status number_order_statistics(double *out, const uint64_t *ranks, size_t count, const double *values,
                               const struct row_set *rows, struct error *err) {
    struct selection self = {.values = values, .rows = rows, .ranks = ranks, .out = out};
    if (count == 0) return OK;
    self.collected = malloc(COLLECT_MAX * sizeof *self.collected);
    if (!self.collected) return error_set(err, ERR_MEMORY, "out of memory for a distribution");
    status rc = select_in(&self, range_of_all(&self), 0, 0, count, err);
    free(self.collected);
    return rc;
}

/* ---- ranks ---- */

enum { INSERT_MAX = 48, RANK_BITS_MAX = 11 };

/* A number with its key beside it: looked up by row, each pass over the bins would be a million cache misses.
 */
struct keyed {
    uint64_t key;
    uint32_t row;
};

struct ranking {
    uint32_t *ranks;
    uint64_t distinct;
};

/* Equal numbers at places [begin, end) of the order: first + last, counted from 1. */
static void give_rank(struct ranking *self, const struct keyed *items, size_t begin, size_t end) {
    for (size_t i = 0; i < end - begin; i++)
        self->ranks[items[i].row] = (uint32_t)(begin + 1 + end);
    self->distinct++;
}

/* Few numbers, whose places begin at `begin`: sorted, and their ranks given. */
static void rank_few(struct ranking *self, struct keyed *items, size_t begin, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct keyed item = items[i];
        size_t at = i;
        for (; at > 0 && items[at - 1].key > item.key; at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && items[end].key == items[i].key;)
            end++;
        give_rank(self, items + i, begin + i, begin + end);
    }
}

static struct key_range range_of_items(const struct keyed *items, size_t count) {
    struct key_range range = {UINT64_MAX, 0};
    for (size_t i = 0; i < count; i++) {
        range.low = items[i].key < range.low ? items[i].key : range.low;
        range.high = items[i].key > range.high ? items[i].key : range.high;
    }
    return range;
}

/* Ranks of `count` numbers whose places begin at `begin`: into bins by their keys (from items to scratch,
 * which change roles from depth to depth), then each bin. A bin spans at most half of its parent's keys, so
 * that it is 64 deep at most, in practice three. */
static status rank_items(struct ranking *self, struct keyed *items, struct keyed *scratch, size_t begin,
                         size_t count, struct error *err) {
    if (count <= INSERT_MAX) {
        rank_few(self, items, begin, count);
        return OK;
    }
    struct key_range range = range_of_items(items, count);
    if (range.low == range.high) {
        give_rank(self, items, begin, begin + count);
        return OK;
    }
    unsigned bits = 64 - (unsigned)__builtin_clzll(count / 4);
    unsigned shift = shift_for(range, bits < RANK_BITS_MAX ? bits : RANK_BITS_MAX);
    size_t bins = (size_t)((range.high - range.low) >> shift) + 1;
    uint32_t *ends = calloc(bins + 1, sizeof *ends);
    if (!ends) return error_set(err, ERR_MEMORY, "out of memory for ranks");
    for (size_t i = 0; i < count; i++)
        ends[((items[i].key - range.low) >> shift) + 1]++;
    for (size_t bin = 0; bin < bins; bin++)
        ends[bin + 1] += ends[bin];
    for (size_t i = 0; i < count; i++)
        scratch[ends[(items[i].key - range.low) >> shift]++] = items[i];
    status rc = OK; /* ends[bin] is the end of the bin now */
    for (size_t bin = 0, start = 0; rc == OK && bin < bins; start = ends[bin++])
        rc = rank_items(self, scratch + start, items + start, begin + start, ends[bin] - start, err);
    free(ends);
    return rc;
}

status number_ranks(uint32_t *ranks, uint64_t *distinct, struct number_column column,
                    const struct row_set *rows, struct error *err) {
    if (rows->row_count >= NUMBER_RANKS_MAX)
        return error_set(err, ERR_INPUT, "ranks of %llu runs are too many",
                         (unsigned long long)rows->row_count);
    struct ranking self = {.ranks = ranks};
    struct keyed *items = malloc((size_t)(rows->count + 1) * sizeof *items);
    struct keyed *scratch = malloc((size_t)(rows->count + 1) * sizeof *scratch);
    uint16_t offsets[ROW_BLOCK];
    size_t count = 0;
    status rc = items && scratch ? OK : error_set(err, ERR_MEMORY, "out of memory for ranks");
    for (uint64_t begin = 0; rc == OK && begin < rows->row_count; begin += ROW_BLOCK) {
        size_t here = row_set_block(rows, begin, offsets);
        for (size_t i = 0; i < here; i++) {
            uint32_t row = (uint32_t)(begin + offsets[i]);
            items[count++] = (struct keyed){key_of_number(column, row), row};
        }
    }
    if (rc == OK) rc = rank_items(&self, items, scratch, 0, count, err);
    *distinct = self.distinct;
    free(items);
    free(scratch);
    return rc;
}
