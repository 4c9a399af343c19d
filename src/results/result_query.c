/* Filtering, sorting and paging of runs.
 *
 * A page is found without sorting what is not on it: a histogram of the sort keys (sort_order.h) of all
 * chosen runs tells which bins the page lies in, and those are looked at alone, with finer bins, until so few
 * runs are left that they are collected and sorted. Where many share one key, their order by the next level
 * is looked for in the same way. First pages and the last ones cost the same, and memory is some hundred kB,
 * whatever the number of runs; only a page that is itself large needs more (16 bytes a run of it). */
#include "results/row_select.h"
#include "results/sort_order.h"

#include <stdlib.h>
#include <string.h>

enum { COLLECT_MAX = 32768, BIN_BITS = 13, BINS = 1 << BIN_BITS, FEW = 16 };

struct entry {
    uint64_t key; /* at the level being sorted by */
    uint64_t row;
};

struct pager {
    struct sort_order order;
    uint64_t *rows; /* the page, in order, as far as it is known */
    size_t count;
};

/* ---- sorting few ---- */

struct sorting {
    const struct sort_order *order;
    size_t next_level;
};

/* A total order: rows differ. */
static bool comes_before(const struct sorting *self, struct entry a, struct entry b) {
    if (a.key != b.key) return a.key < b.key;
    for (size_t level = self->next_level; level < self->order->count; level++) {
        uint64_t x = sort_order_key(self->order, level, a.row), y = sort_order_key(self->order, level, b.row);
        if (x != y) return x < y;
    }
    return a.row < b.row;
}

static void insertion_sort(const struct sorting *self, struct entry *entries, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct entry entry = entries[i];
        size_t at = i;
        for (; at > 0 && comes_before(self, entry, entries[at - 1]); at--)
            entries[at] = entries[at - 1];
        entries[at] = entry;
    }
}

static struct entry middle_of(const struct sorting *self, struct entry a, struct entry b, struct entry c) {
    if (comes_before(self, b, a)) {
        struct entry swapped = a;
        a = b;
        b = swapped;
    }
    if (comes_before(self, b, c)) return b;
    return comes_before(self, a, c) ? c : a;
}

/* Hoare's partition: entries[0, answer) come before the others; 0 < answer < count. */
static size_t partition(const struct sorting *self, struct entry *entries, size_t count) {
    uint64_t spread = count * UINT64_C(0x9e3779b97f4a7c15); /* places that no usual pattern of data meets */
    struct entry pivot = middle_of(self, entries[spread % count], entries[(spread >> 17) % count],
                                   entries[(spread >> 34) % count]);
    size_t low = 0, high = count - 1;
    for (;;) {
        while (comes_before(self, entries[low], pivot))
            low++;
        while (comes_before(self, pivot, entries[high]))
            high--;
        if (low >= high) return low ? low : 1;
        struct entry swapped = entries[low];
        entries[low++] = entries[high];
        entries[high--] = swapped;
    }
}

/* Sorts so that entries[begin, end) are those of the sorted whole: quicksort that leaves out what lies
 * beside. */
static void sort_part(const struct sorting *self, struct entry *entries, size_t count, size_t begin,
                      size_t end) {
    while (count > FEW) {
        size_t split = partition(self, entries, count);
        if (begin < split && end > split) { /* both sides: the smaller one first, then on with the larger */
            if (split < count - split) {
                sort_part(self, entries, split, begin, split);
                begin = split;
            } else {
                sort_part(self, entries + split, count - split, 0, end - split);
                end = split;
            }
        }
        if (begin >= split) {
            entries += split;
            count -= split;
            begin -= split;
            end -= split;
        } else {
            count = split;
        }
    }
    insertion_sort(self, entries, count);
}

/* ---- bins ---- */

/* Keys of a level from `low` on by their upper bits; missing ones lie in a bin of their own at the end. */
struct bins {
    uint64_t low;
    unsigned shift;
    size_t first, last; /* those the page touches */
    uint64_t before;    /* runs in bins before `first` */
    uint64_t inside;    /* runs in first .. last */
    uint64_t in_first, in_last;
    uint64_t counts[BINS + 1];
};

static inline size_t bin_of(const struct bins *bins, uint64_t key) {
    return key == KEY_MISSING ? BINS : (size_t)((key - bins->low) >> bins->shift);
}

/* False if all keys are the same. */
static bool measure(struct bins *bins, const struct pager *self, const struct row_set *set, size_t level) {
    uint16_t offsets[ROW_BLOCK];
    uint64_t keys[ROW_BLOCK], low = UINT64_MAX, high = 0, missing = 0;
    for (uint64_t begin = 0; begin < set->row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(set, begin, offsets);
        sort_order_keys(keys, &self->order, level, begin, offsets, count);
        for (size_t i = 0; i < count; i++) {
            missing += keys[i] == KEY_MISSING;
            low = keys[i] < low ? keys[i] : low;
            uint64_t upper = keys[i] == KEY_MISSING ? 0 : keys[i];
            high = upper > high ? upper : high;
        }
    }
    if (missing == set->count || (missing == 0 && low == high)) return false;
    unsigned bits = high > low ? 64 - (unsigned)__builtin_clzll(high - low) : 0;
    bins->low = low;
    bins->shift = bits > BIN_BITS ? bits - BIN_BITS : 0;
    return true;
}

static void count_keys(struct bins *bins, const struct pager *self, const struct row_set *set, size_t level) {
    uint16_t offsets[ROW_BLOCK];
    uint64_t keys[ROW_BLOCK];
    memset(bins->counts, 0, sizeof bins->counts);
    for (uint64_t begin = 0; begin < set->row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(set, begin, offsets);
        sort_order_keys(keys, &self->order, level, begin, offsets, count);
        for (size_t i = 0; i < count; i++)
            bins->counts[bin_of(bins, keys[i])]++;
    }
}

/* Where [begin, end) lies; it is not empty and not beyond the runs. */
static void find_bins(struct bins *bins, uint64_t begin, uint64_t end) {
    size_t bin = 0;
    for (bins->before = 0; bins->before + bins->counts[bin] <= begin; bin++)
        bins->before += bins->counts[bin];
    bins->first = bin;
    bins->in_first = bins->counts[bin];
    for (bins->inside = bins->in_first; bins->before + bins->inside < end;)
        bins->inside += bins->counts[++bin];
    bins->last = bin;
    bins->in_last = bins->counts[bin];
}

/* ---- parts of a set ---- */

/* The runs in bins first .. last, as a set (collected NULL) or as entries. */
static void take_bins(struct row_set *out, struct entry *collected, const struct pager *self,
                      const struct row_set *set, size_t level, const struct bins *bins, size_t first,
                      size_t last) {
    uint16_t offsets[ROW_BLOCK];
    uint64_t keys[ROW_BLOCK];
    size_t taken = 0;
    for (uint64_t begin = 0; begin < set->row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(set, begin, offsets);
        sort_order_keys(keys, &self->order, level, begin, offsets, count);
        for (size_t i = 0; i < count; i++) {
            size_t bin = bins ? bin_of(bins, keys[i]) : first;
            if (bin < first || bin > last) continue;
            uint64_t row = begin + offsets[i];
            if (collected)
                collected[taken++] = (struct entry){keys[i], row};
            else
                out->bits[row / 64] |= UINT64_C(1) << row % 64;
        }
    }
}

/* Rows begin .. end of the set in the order of runs. */
static void take_in_order(struct pager *self, const struct row_set *set, uint64_t begin, uint64_t end) {
    uint64_t before = 0;
    for (size_t w = 0; w < row_set_words(set->row_count) && before < end; w++) {
        uint64_t here = (uint64_t)__builtin_popcountll(set->bits[w]);
        if (before + here <= begin) {
            before += here;
            continue;
        }
        for (uint64_t bits = set->bits[w]; bits && before < end; bits &= bits - 1, before++)
            if (before >= begin) self->rows[self->count++] = w * 64 + (uint64_t)__builtin_ctzll(bits);
    }
}

/* Collects the runs of the bins the page touches (bins NULL: all), sorts them as far as needed, takes
 * [begin, end) of them. */
static status sort_and_take(struct pager *self, const struct row_set *set, size_t level,
                            const struct bins *bins, uint64_t begin, uint64_t end, struct error *err) {
    size_t count = (size_t)(bins ? bins->inside : set->count);
    struct entry *entries = malloc((count + 1) * sizeof *entries);
    if (!entries) return error_set(err, ERR_MEMORY, "out of memory to sort %zu runs", count);
    take_bins(NULL, entries, self, set, level, bins, bins ? bins->first : 0, bins ? bins->last : 0);
    const struct sorting sorting = {&self->order, level + 1};
    sort_part(&sorting, entries, count, (size_t)begin, (size_t)end);
    for (size_t i = (size_t)begin; i < end; i++)
        self->rows[self->count++] = entries[i].row;
    free(entries);
    return OK;
}

/* ---- pages ---- */

static bool is_worth_sorting(uint64_t count, uint64_t wanted) {
    return count <= COLLECT_MAX || count / 2 <= wanted;
}

static status take_page(struct pager *self, const struct row_set *set, size_t level, uint64_t begin,
                        uint64_t end, struct error *err);

/* [begin, end) of the runs in bins first .. last. */
static status take_part(struct pager *self, const struct row_set *set, size_t level, const struct bins *bins,
                        size_t first, size_t last, uint64_t count, uint64_t begin, uint64_t end,
                        struct error *err) {
    if (begin >= end) return OK;
    struct row_set part;
    status rc = row_set_make(&part, set->row_count, err);
    if (rc == OK) {
        part.count = count;
        take_bins(&part, NULL, self, set, level, bins, first, last);
        bool is_one_key = first == last && (bins->shift == 0 || first == BINS);
        rc = take_page(self, &part, level + is_one_key, begin, end, err);
    }
    row_set_clear(&part);
    return rc;
}

/* Too many to sort: the bins of the page. At most the first and the last one hold more than the page itself.
 */
static status narrow(struct pager *self, const struct row_set *set, size_t level, uint64_t begin,
                     uint64_t end, struct error *err) {
    struct bins *bins = malloc(sizeof *bins);
    if (!bins) return error_set(err, ERR_MEMORY, "out of memory to sort runs");
    status rc;
    if (!measure(bins, self, set, level)) {
        rc = take_page(self, set, level + 1, begin, end, err);
        goto done;
    }
    count_keys(bins, self, set, level);
    find_bins(bins, begin, end);
    begin -= bins->before;
    end -= bins->before;
    if (is_worth_sorting(bins->inside, end - begin)) {
        rc = sort_and_take(self, set, level, bins, begin, end, err);
    } else if (bins->first == bins->last) {
        rc = take_part(self, set, level, bins, bins->first, bins->last, bins->inside, begin, end, err);
    } else {
        uint64_t middle = bins->inside - bins->in_first - bins->in_last;
        rc = take_part(self, set, level, bins, bins->first, bins->first, bins->in_first, begin,
                       bins->in_first, err);
        if (rc == OK)
            rc = take_part(self, set, level, bins, bins->first + 1, bins->last - 1, middle, 0, middle, err);
        if (rc == OK)
            rc = take_part(self, set, level, bins, bins->last, bins->last, bins->in_last, 0,
                           end - bins->in_first - middle, err);
    }
done:
    free(bins);
    return rc;
}

/* Appends runs [begin, end) of the set, sorted by the levels from `level` on. */
static status take_page(struct pager *self, const struct row_set *set, size_t level, uint64_t begin,
                        uint64_t end, struct error *err) {
    if (level == self->order.count) {
        take_in_order(self, set, begin, end);
        return OK;
    }
    if (is_worth_sorting(set->count, end - begin))
        return sort_and_take(self, set, level, NULL, begin, end, err);
    return narrow(self, set, level, begin, end, err);
}

static status make_page(struct pager *self, const struct row_set *set, const struct query *query,
                        struct error *err) {
    uint64_t begin = query->offset < set->count ? query->offset : set->count;
    uint64_t wanted = set->count - begin < query->limit ? set->count - begin : query->limit;
    self->rows = malloc((size_t)(wanted + 1) * sizeof *self->rows);
    if (!self->rows)
        return error_set(err, ERR_MEMORY, "out of memory for %llu runs", (unsigned long long)wanted);
    return wanted ? take_page(self, set, 0, begin, begin + wanted, err) : OK;
}

status result_query(struct result *result, uint64_t **rows, size_t *count, uint64_t *total,
                    const struct query *query, struct error *err) {
    struct query_columns columns = {0};
    struct row_set set = {0};
    struct pager self = {0};
    *total = 0;
    status rc = query_columns_open(&columns, result, err);
    if (rc == OK) rc = sort_order_open(&self.order, &columns, query, err);
    if (rc == OK) rc = row_select(&set, result, query->where, query->statuses, err);
    if (rc == OK) rc = make_page(&self, &set, query, err);
    if (rc == OK) {
        *total = set.count;
        *count = self.count;
        *rows = self.rows;
        self.rows = NULL;
    }
    free(self.rows);
    row_set_clear(&set);
    sort_order_close(&self.order);
    query_columns_close(&columns);
    return rc;
}
