/* Which record of a journal counts for each run, in the order of runs: 16 bytes a record. */
#ifndef RESULTS_RUN_INDEX_H
#define RESULTS_RUN_INDEX_H

#include "results/journal.h"

/* place: where the record lies, see run_index_position; its top bit is set if it has an equity curve. */
struct run_entry {
    uint64_t run, place;
};
struct run_index {
    struct run_entry *entries; /* ascending by run, each run once */
    size_t count, capacity;
};

/* Reads the journal to its present end. Of a run recorded more than once the last record counts, but one with
 * an equity curve before all without. run_index_clear frees. */
status run_index_build(struct run_index *out, struct journal_reader *reader,
                       struct run_record_decoder *decoder, struct error *err);
struct journal_position run_index_position(const struct run_entry *entry);
void run_index_clear(struct run_index *index);

#endif
