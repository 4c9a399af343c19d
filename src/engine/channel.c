/* Shared-memory work ring and framed pipe; see channel.h. */
#include "engine/channel.h"
#include "base/hash.h"
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static const uint32_t frame_magic = 0x464d4c4bu; /* "KLMF" */

static status map(struct channel_memory **out, int fd, struct error *err) {
    void *memory = mmap(NULL, sizeof(struct channel_memory), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) return error_set_errno(err, ERR_SYSTEM, "shared memory of the worker");
    *out = memory;
    return OK;
}

status channel_memory_create(struct channel_memory **out, int *fd, uint32_t thread_count, struct error *err) {
    int file = memfd_create("kmill-channel", MFD_CLOEXEC);
    if (file < 0) return error_set_errno(err, ERR_SYSTEM, "shared memory of the worker");
    if (ftruncate(file, sizeof(struct channel_memory))) {
        close(file);
        return error_set_errno(err, ERR_SYSTEM, "shared memory of the worker");
    }
    status rc = map(out, file, err);
    if (rc != OK) {
        close(file);
        return rc;
    }
    (*out)->thread_count = thread_count;
    for (uint32_t i = 0; i < CHANNEL_THREADS_MAX; i++)
        atomic_store(&(*out)->slots[i].sequence, CHANNEL_IDLE);
    *fd = file;
    return OK;
}

status channel_memory_open(struct channel_memory **out, int fd, struct error *err) {
    return map(out, fd, err);
}

void channel_memory_close(struct channel_memory *memory) {
    if (memory) munmap(memory, sizeof *memory);
}

/* Not FUTEX_PRIVATE: the word is shared between processes. */
static void ring_bell(struct channel_memory *memory) {
    atomic_fetch_add(&memory->bell, 1);
    syscall(SYS_futex, &memory->bell, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void channel_publish(struct channel_memory *memory, struct work_item item) {
    uint64_t tail = atomic_load_explicit(&memory->tail, memory_order_relaxed);
    atomic_store_explicit(&memory->ring[tail % CHANNEL_RING].run, item.run, memory_order_relaxed);
    atomic_store_explicit(&memory->ring[tail % CHANNEL_RING].flags, item.flags, memory_order_relaxed);
    atomic_store(&memory->tail, tail + 1);
    ring_bell(memory);
}

void channel_stop(struct channel_memory *memory) {
    atomic_store(&memory->stop, 1);
    ring_bell(memory);
}

bool channel_take(struct channel_memory *memory, uint32_t thread, struct work_item *item,
                  uint64_t *sequence) {
    for (;;) {
        uint32_t bell = atomic_load(&memory->bell);
        if (atomic_load(&memory->stop)) return false;
        uint64_t head = atomic_load(&memory->head);
        while (head < atomic_load(&memory->tail)) {
            /* Read before it is ours: once it is, the ring may go round. Whoever read too late does not get
             * it. */
            uint64_t run = atomic_load_explicit(&memory->ring[head % CHANNEL_RING].run, memory_order_relaxed);
            uint64_t flags =
                atomic_load_explicit(&memory->ring[head % CHANNEL_RING].flags, memory_order_relaxed);
            /* The slot is marked before the item is ours: a suspect too many is harmless, one too few is not.
             */
            atomic_store(&memory->slots[thread].sequence, head);
            if (atomic_compare_exchange_strong(&memory->head, &head, head + 1)) {
                *item = (struct work_item){run, flags};
                *sequence = head;
                return true;
            }
        }
        atomic_store(&memory->slots[thread].sequence, CHANNEL_IDLE);
        syscall(SYS_futex, &memory->bell, FUTEX_WAIT, bell, NULL, NULL, 0);
    }
}

void channel_done(struct channel_memory *memory, uint32_t thread) {
    atomic_store(&memory->slots[thread].sequence, CHANNEL_IDLE);
}

static bool write_all(int fd, const char *data, size_t length) {
    while (length) {
        ssize_t written = write(fd, data, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        data += written;
        length -= (size_t)written;
    }
    return true;
}

bool frame_write(int fd, pthread_mutex_t *lock, enum frame_kind kind, uint64_t sequence, const void *payload,
                 size_t length) {
    struct frame_header header = {frame_magic, kind, sequence, (uint32_t)length,
                                  hash_crc32(0, payload, length)};
    if (lock) pthread_mutex_lock(lock);
    bool ok = write_all(fd, (const char *)&header, sizeof header) && write_all(fd, payload, length);
    if (lock) pthread_mutex_unlock(lock);
    return ok;
}

enum { READ_BLOCK = 1 << 18 };

status frame_reader_fill(struct frame_reader *reader, int fd, bool *end, struct error *err) {
    static const char zeros[4096];
    struct text *b = &reader->buffer;
    if (reader->used) { /* keep only what is not consumed */
        memmove(b->data, b->data + reader->used, b->length - reader->used);
        b->length -= reader->used;
        reader->used = 0;
    }
    size_t at = b->length;
    while (b->capacity < at + READ_BLOCK + 1)
        text_add(b, zeros, sizeof zeros);
    b->length = at;
    ssize_t got = read(fd, b->data + at, b->capacity - at - 1);
    *end = got == 0;
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return OK;
    if (got < 0) return error_set_errno(err, ERR_IO, "answers of the worker");
    b->length = at + (size_t)got;
    return OK;
}

status frame_reader_next(struct frame_reader *reader, struct frame_header *header, const char **payload,
                         struct error *err) {
    size_t have = reader->buffer.length - reader->used;
    if (have < sizeof *header) return ERR_NOT_FOUND;
    const char *at = reader->buffer.data + reader->used;
    memcpy(header, at, sizeof *header);
    if (header->magic != frame_magic || header->length > FRAME_LENGTH_MAX)
        return error_set(err, ERR_CORRUPT, "the worker wrote something that is no frame");
    if (have - sizeof *header < header->length) return ERR_NOT_FOUND;
    *payload = at + sizeof *header;
    if (hash_crc32(0, *payload, header->length) != header->crc)
        return error_set(err, ERR_CORRUPT, "a frame of the worker has a wrong checksum");
    reader->used += sizeof *header + header->length;
    return OK;
}

void frame_reader_clear(struct frame_reader *reader) {
    text_clear(&reader->buffer);
    *reader = (struct frame_reader){0};
}
