/* The journal: every finished run of a sweep, appended as length, CRC-32 and msgpack, synced in groups. It is
 * the truth until the result file is complete, and what --resume and live views read. RESULT.h5 has its
 * journal in the folder RESULT.h5.journal/: `sweep` (header: YAML, strategy source and all provenance,
 * written first and never changed) and segments 000000.jnl, 000001.jnl, ... A torn tail (crash) is cut off,
 * never an error; damage elsewhere stops that segment there and is reported. */
#ifndef RESULTS_JOURNAL_H
#define RESULTS_JOURNAL_H

#include "results/provenance.h"
#include "results/run_record.h"

struct journal;

/* What stands beside result file `path`: nothing to go on with, an unfinished sweep, or one that a process is
 * writing right now. */
enum journal_state { JOURNAL_NONE, JOURNAL_UNFINISHED, JOURNAL_IN_USE };
enum journal_state journal_state_of(const char *path);

/* Starts a new journal for result file `path` (ERR_EXISTS if a journal is there, or a result
 * unless it is to be replaced at the end), header synced. */
status journal_create(struct journal **out, const char *path, bool replace,
                      const struct provenance *provenance, struct error *err);
/* Opens an existing one for appending in a new segment (ERR_NOT_FOUND if there is none). Locked (flock): a
 * second writer gets ERR_EXISTS. */
status journal_resume(struct journal **out, const char *path, struct error *err);
/* Appends an encoded record; durable (acknowledged) once journal_sync returns or journal_durable() counts it.
 * Buffered; syncs by itself every sync_ms (a thread of its own: appending never waits for the disk unless 64
 * MiB are pending). */
status journal_append(struct journal *journal, uint64_t run, const void *record, size_t length,
                      struct error *err);
status journal_sync(struct journal *journal, struct error *err);
uint64_t journal_durable(const struct journal *journal); /* how many appended records are on disk */
/* Ends appending: everything is on disk and no file of it is open, but nobody else can write it before
 * journal_close: a sweep counts as being written until its result file is there. */
status journal_seal(struct journal *journal, struct error *err);
status journal_close(struct journal *journal, struct error *err);
/* Deletes the journal of a complete result file. */
status journal_remove(const char *path, struct error *err);

/* Reading, also while a writer appends: what is there now. */
struct journal_reader;
status journal_reader_open(struct journal_reader **out, const char *path, struct error *err);
const struct provenance *journal_reader_provenance(const struct journal_reader *reader);
/* Next record in file order: *data borrowed until the next call. ERR_NOT_FOUND at the current end (call again
 * later). */
status journal_reader_next(struct journal_reader *reader, uint64_t *run, const void **data, size_t *length,
                           struct error *err);
/* Position of the record last returned, and random access by it. */
struct journal_position {
    uint32_t segment;
    uint64_t offset;
};
/* Where a segment was damaged in its middle (an intact record lies behind): its rest is not read. offset 0
 * also stands for a segment that is missing. *damage is borrowed until the next call. */
struct journal_damage {
    uint32_t segment;
    uint64_t offset;
};
size_t journal_reader_damage(const struct journal_reader *reader, const struct journal_damage **damage);
struct journal_position journal_reader_position(const struct journal_reader *reader);
status journal_reader_at(struct journal_reader *reader, struct journal_position position, uint64_t *run,
                         const void **data, size_t *length, struct error *err);
/* Bytes of all segments together, as they are now. */
uint64_t journal_reader_bytes(const struct journal_reader *reader);
void journal_reader_close(struct journal_reader *reader);

#endif
