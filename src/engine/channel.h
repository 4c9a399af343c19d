/* Between coordinator and worker: work through shared memory, answers as frames over a pipe.
 *
 * Work is a ring of (sequence number -> run index, flags), filled by the coordinator, taken by any worker
 * thread with one compare-and-swap; an empty ring is waited for with a futex, which the sandbox allows. Each
 * thread publishes the sequence number it is on in its slot, so that after a crash or a hang the coordinator
 * knows the suspects. The coordinator keeps its own books and takes nothing it reads from the shared memory
 * for granted: a hostile strategy can write there.
 *
 * A frame is a header and a payload; frames are longer than PIPE_BUF, so the worker's threads share one lock.
 */
#ifndef ENGINE_CHANNEL_H
#define ENGINE_CHANNEL_H

#include "base/text.h"
#include "kmill/error.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

enum { CHANNEL_RING = 4096, CHANNEL_THREADS_MAX = 1024 };
enum work_flags { WORK_KEEP_EQUITY = 1, WORK_KEEP_TRADES = 2 };
#define CHANNEL_IDLE UINT64_MAX

struct work_item {
    uint64_t run;
    uint64_t flags;
};

/* The shared memory. head and slots are written by the worker, everything else by the coordinator. */
struct channel_memory {
    _Alignas(64) _Atomic uint64_t tail; /* published items */
    _Alignas(64) _Atomic uint64_t head; /* taken items */
    _Alignas(64) _Atomic uint32_t bell; /* futex: changes whenever tail or stop does */
    _Atomic uint32_t stop;              /* take no more */
    uint32_t thread_count;
    struct { /* a struct work_item each; atomic: a thread may look at one that was taken and is filled anew */
        _Atomic uint64_t run, flags;
    } ring[CHANNEL_RING];
    struct {
        _Alignas(64) _Atomic uint64_t sequence; /* CHANNEL_IDLE: none */
        _Atomic uint64_t bars;                  /* how far its run has come */
    } slots[CHANNEL_THREADS_MAX];
};

/* A memory file of that size, mapped shared; the fd is inherited by the worker. */
status channel_memory_create(struct channel_memory **out, int *fd, uint32_t thread_count, struct error *err);
status channel_memory_open(struct channel_memory **out, int fd, struct error *err);
void channel_memory_close(struct channel_memory *memory);

/* Coordinator: publishes an item as sequence number tail, or stops everyone. The caller sees to it that at
 * most CHANNEL_RING are out. */
void channel_publish(struct channel_memory *memory, struct work_item item);
void channel_stop(struct channel_memory *memory);

/* Worker thread: the next item, waiting for one; false once stopped. Marks the thread's slot. */
bool channel_take(struct channel_memory *memory, uint32_t thread, struct work_item *item, uint64_t *sequence);
void channel_done(struct channel_memory *memory, uint32_t thread);

enum frame_kind {
    FRAME_READY = 1, /* payload: Python version, newline, sandbox note */
    FRAME_PROBLEMS =
        2, /* payload: line, column (int32 each), message with NUL, repeated: the guard's findings */
    FRAME_FATAL = 3, /* payload: int32 status code, message: the worker cannot start */
    FRAME_RESULT = 4 /* payload: a run record */
};
struct frame_header {
    uint32_t magic, kind;
    uint64_t sequence; /* FRAME_RESULT */
    uint32_t length, crc;
};
enum { FRAME_LENGTH_MAX = 1 << 30 };

/* Worker: one whole frame; false when the coordinator is gone. lock may be NULL. */
bool frame_write(int fd, pthread_mutex_t *lock, enum frame_kind kind, uint64_t sequence, const void *payload,
                 size_t length);

/* Coordinator: frames out of a byte stream. Zero-initialise; frame_reader_clear frees. */
struct frame_reader {
    struct text buffer;
    size_t used;
};
/* Reads what is there; *end on end of file. */
status frame_reader_fill(struct frame_reader *reader, int fd, bool *end, struct error *err);
/* Next whole frame (*payload borrowed until the next fill): OK, ERR_NOT_FOUND (none yet) or ERR_CORRUPT (a
 * broken or hostile writer). */
status frame_reader_next(struct frame_reader *reader, struct frame_header *header, const char **payload,
                         struct error *err);
void frame_reader_clear(struct frame_reader *reader);

#endif
