/* The index of a journal: one pass, then an in-place sort. Heapsort, because quicksort's worst case and
 * mergesort's second copy are both unwelcome where a sweep has 10^8 runs; nearly sorted input, the usual, is
 * found by one look. */
#include "results/run_index.h"

#include <stdlib.h>

enum { OFFSET_BITS = 40, SEGMENT_BITS = 23 };
#define HAS_EQUITY (UINT64_C(1) << 63)

struct journal_position run_index_position(const struct run_entry *entry) {
    uint64_t place = entry->place & ~HAS_EQUITY;
    return (struct journal_position){(uint32_t)(place >> OFFSET_BITS),
                                     place & ((UINT64_C(1) << OFFSET_BITS) - 1)};
}

static bool add_entry(struct run_index *index, struct run_entry entry) {
    if (index->count == index->capacity) {
        size_t capacity = index->capacity ? index->capacity + index->capacity / 2 : 1024;
        struct run_entry *grown = realloc(index->entries, capacity * sizeof *grown);
        if (!grown) return false;
        index->entries = grown;
        index->capacity = capacity;
    }
    index->entries[index->count++] = entry;
    return true;
}

static bool entry_before(const struct run_entry *a, const struct run_entry *b) {
    return a->run != b->run ? a->run < b->run : a->place < b->place;
}

static void sift_down(struct run_entry *heap, size_t root, size_t count) {
    struct run_entry moved = heap[root];
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && entry_before(&heap[child], &heap[child + 1])) child++;
        if (!entry_before(&moved, &heap[child])) break;
        heap[root] = heap[child];
    }
    heap[root] = moved;
}

static void sort_entries(struct run_entry *entries, size_t count) {
    size_t sorted = 1;
    while (sorted < count && !entry_before(&entries[sorted], &entries[sorted - 1]))
        sorted++;
    if (sorted >= count) return;
    for (size_t root = count / 2; root-- > 0;)
        sift_down(entries, root, count);
    for (size_t end = count; end-- > 1;) {
        struct run_entry largest = entries[0];
        entries[0] = entries[end];
        entries[end] = largest;
        sift_down(entries, 0, end);
    }
}

/* Among entries of one run the greatest place counts: the equity bit first, then the later record. */
static void keep_last_of_each(struct run_index *index) {
    size_t kept = 0;
    for (size_t i = 0; i < index->count; i++)
        if (i + 1 == index->count || index->entries[i + 1].run != index->entries[i].run)
            index->entries[kept++] = index->entries[i];
    index->count = kept;
}

static status index_record(struct run_index *index, struct journal_reader *reader,
                           struct run_record_decoder *decoder, uint64_t run, const void *data, size_t length,
                           struct error *err) {
    struct journal_position position = journal_reader_position(reader);
    struct run_record record;
    status rc = run_record_decode(decoder, &record, data, length, false, err);
    if (rc != OK) return rc;
    if (record.run != run)
        return error_set(err, ERR_CORRUPT, "the journal holds run %llu under the number of run %llu",
                         (unsigned long long)record.run, (unsigned long long)run);
    if (position.segment >> SEGMENT_BITS || position.offset >> OFFSET_BITS)
        return error_set(err, ERR_LIMIT, "the journal is too large to be made into one result file");
    uint64_t place = (uint64_t)position.segment << OFFSET_BITS | position.offset;
    if (record.equity_count > 0) place |= HAS_EQUITY;
    if (add_entry(index, (struct run_entry){run, place})) return OK;
    return error_set(err, ERR_MEMORY, "out of memory for the index of %zu runs", index->count);
}

status run_index_build(struct run_index *out, struct journal_reader *reader,
                       struct run_record_decoder *decoder, struct error *err) {
    *out = (struct run_index){0};
    uint64_t run;
    const void *data;
    size_t length;
    struct error end;
    status rc;
    while ((rc = journal_reader_next(reader, &run, &data, &length, &end)) == OK) {
        rc = index_record(out, reader, decoder, run, data, length, &end);
        if (rc != OK) break;
    }
    if (rc != ERR_NOT_FOUND) {
        if (err) *err = end;
        run_index_clear(out);
        return rc;
    }
    sort_entries(out->entries, out->count);
    keep_last_of_each(out);
    return OK;
}

void run_index_clear(struct run_index *index) {
    free(index->entries);
    *index = (struct run_index){0};
}
