/* Reading the journal, also while a writer appends to it.
 *
 * A frame is taken only if its magic, length and CRC hold. What does not hold at the end of a segment is a
 * torn tail (or a write that is under way): it is left alone, and reading goes on there when more has come,
 * or with the next segment once there is one. If an intact frame lies further on, it was no tail but damage:
 * the segment stops there and the place is noted. pread into a window, not mmap: a file that is cut or an
 * unreadable block is an error and no SIGBUS. */
#include "base/file.h"
#include "results/journal.h"
#include "results/journal_format.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW_BYTES = 512 << 10, WINDOW_BACK = 64 << 10, WINDOW_JUMP = 8 << 10 };

struct journal_reader {
    char *folder;
    struct provenance provenance;
    struct journal_position next, last; /* what is read next, what was returned last */
    bool stopped;                       /* the segment of `next` is damaged there: wait for another one */

    int file; /* of window_segment; -1: none is open */
    uint32_t window_segment;
    unsigned char *window;
    size_t window_length, window_capacity;
    uint64_t window_base; /* file offset of window[0] */

    struct journal_damage *damage;
    size_t damage_count;
};

enum frame_state { FRAME_VALID, FRAME_TORN, FRAME_UNREADABLE };

static status open_segment(struct journal_reader *self, uint32_t segment, struct error *err) {
    if (self->file >= 0 && self->window_segment == segment) return OK;
    char name[JOURNAL_NAME_MAX];
    journal_segment_name(name, segment);
    char *path = path_join(self->folder, name);
    if (self->file >= 0) close(self->file);
    self->file = open(path, O_RDONLY | O_CLOEXEC);
    self->window_segment = segment;
    self->window_length = 0;
    status rc = OK;
    if (self->file < 0)
        rc = error_set_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: cannot be opened", path);
    free(path);
    return rc;
}

/* True if offset is where reading in order, or in nearly the order of appending, would go on. */
static bool is_near_window(const struct journal_reader *self, uint64_t offset) {
    return self->window_length > 0 && offset + WINDOW_BYTES > self->window_base &&
           offset < self->window_base + self->window_length + WINDOW_BYTES;
}

/* Fills the window around offset with at least `wanted` bytes behind it where the file has them: much where
 * reading goes on, little where it jumps. */
static status fill_window(struct journal_reader *self, uint64_t offset, size_t wanted, struct error *err) {
    bool is_near = is_near_window(self, offset);
    uint64_t base = !is_near ? offset : offset > WINDOW_BACK ? offset - WINDOW_BACK : 0;
    size_t size = (size_t)(offset - base) + wanted, least = is_near ? WINDOW_BYTES : WINDOW_JUMP;
    if (size < least) size = least;
    if (size > self->window_capacity) {
        free(self->window);
        self->window = malloc(size);
        self->window_capacity = self->window ? size : 0;
        self->window_length = 0;
        if (!self->window) return error_set(err, ERR_MEMORY, "out of memory for the journal's window");
    }
    self->window_base = base;
    self->window_length = 0;
    while (self->window_length < size) {
        ssize_t got = pread(self->file, self->window + self->window_length, size - self->window_length,
                            (off_t)(base + self->window_length));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return error_set_errno(err, ERR_IO, "%s: segment %u cannot be read", self->folder,
                                   self->window_segment);
        if (got == 0) break;
        self->window_length += (size_t)got;
    }
    return OK;
}

/* Bytes of the window at and behind offset. */
static size_t window_have(const struct journal_reader *self, uint64_t offset) {
    uint64_t end = self->window_base + self->window_length;
    return offset >= self->window_base && offset < end ? (size_t)(end - offset) : 0;
}

/* *data: `wanted` bytes at offset, NULL if the segment ends before. */
static status look(struct journal_reader *self, const unsigned char **data, uint64_t offset, size_t wanted,
                   struct error *err) {
    *data = NULL;
    if (window_have(self, offset) < wanted) {
        struct stat about; /* a damaged length must not become a large allocation */
        if (fstat(self->file, &about) < 0 || (uint64_t)about.st_size < offset + wanted) return OK;
        status rc = fill_window(self, offset, wanted, err);
        if (rc != OK) return rc;
    }
    if (window_have(self, offset) >= wanted) *data = self->window + (offset - self->window_base);
    return OK;
}

/* The frame at offset of the open segment; the record lies right behind *frame in the window. */
static enum frame_state check_frame(struct journal_reader *self, uint64_t offset, struct journal_frame *frame,
                                    const unsigned char **record, struct error *err) {
    const unsigned char *data;
    if (look(self, &data, offset, sizeof *frame, err) != OK) return FRAME_UNREADABLE;
    if (!data) return FRAME_TORN;
    memcpy(frame, data, sizeof *frame);
    if (frame->magic != JOURNAL_MAGIC || frame->length > JOURNAL_RECORD_MAX) return FRAME_TORN;
    if (look(self, &data, offset, sizeof *frame + frame->length, err) != OK) return FRAME_UNREADABLE;
    if (!data) return FRAME_TORN;
    *record = data + sizeof *frame;
    return journal_frame_crc(frame, *record) == frame->crc ? FRAME_VALID : FRAME_TORN;
}

/* True if an intact frame lies anywhere behind offset in the open segment. */
static bool has_frame_behind(struct journal_reader *self, uint64_t offset) {
    uint32_t magic = JOURNAL_MAGIC;
    struct journal_frame frame;
    const unsigned char *data, *record;
    for (uint64_t at = offset + 1;;) {
        if (look(self, &data, at, sizeof magic, NULL) != OK || !data) return false;
        size_t have = window_have(self, at);
        const unsigned char *hit = memmem(data, have, &magic, sizeof magic);
        if (!hit) {
            at += have - sizeof magic + 1;
            continue;
        }
        at += (uint64_t)(hit - data);
        if (check_frame(self, at, &frame, &record, NULL) == FRAME_VALID) return true;
        at++;
    }
}

/* True if what was no frame a moment ago is one: the writer was in the middle of it. */
static bool is_whole_now(struct journal_reader *self) {
    struct journal_frame frame;
    const unsigned char *record;
    self->window_length = 0;
    return check_frame(self, self->next.offset, &frame, &record, NULL) == FRAME_VALID;
}

static void note_damage(struct journal_reader *self, uint32_t segment, uint64_t offset) {
    struct journal_damage *grown = realloc(self->damage, (self->damage_count + 1) * sizeof *self->damage);
    if (!grown) return;
    self->damage = grown;
    self->damage[self->damage_count++] = (struct journal_damage){segment, offset};
}

/* The lowest segment there is with a number >= from; false if there is none. */
static bool find_segment(const struct journal_reader *self, uint32_t from, uint32_t *found) {
    DIR *folder = opendir(self->folder);
    if (!folder) return false;
    bool any = false;
    for (struct dirent *entry; (entry = readdir(folder));) {
        unsigned number;
        int end = 0;
        if (sscanf(entry->d_name, "%6u.jnl%n", &number, &end) != 1 || end != (int)strlen(entry->d_name) ||
            number < from || (any && number >= *found))
            continue;
        *found = number;
        any = true;
    }
    closedir(folder);
    return any;
}

/* At the end of what a segment has. True if reading goes on with a later one. */
static bool advance_segment(struct journal_reader *self, bool *is_sealed) {
    uint32_t later = 0;
    bool is_open = self->file >= 0 && self->window_segment == self->next.segment;
    if (!find_segment(self, self->next.segment + is_open, &later)) {
        if (is_open && !self->stopped && has_frame_behind(self, self->next.offset)) {
            if (is_whole_now(self)) return true;
            note_damage(self, self->next.segment, self->next.offset);
            self->stopped = true;
        }
        return false;
    }
    if (is_open && !*is_sealed) { /* whoever made the later one was done here: one more look */
        self->window_length = 0;
        return *is_sealed = true;
    }
    if (is_open && !self->stopped && has_frame_behind(self, self->next.offset))
        note_damage(self, self->next.segment, self->next.offset);
    for (uint32_t lost = self->next.segment + is_open; lost < later; lost++)
        note_damage(self, lost, 0);
    self->next = (struct journal_position){later, 0};
    self->stopped = *is_sealed = false;
    return true;
}

status journal_reader_next(struct journal_reader *reader, uint64_t *run, const void **data, size_t *length,
                           struct error *err) {
    for (bool is_sealed = false;;) {
        struct journal_frame frame;
        const unsigned char *record;
        status rc = open_segment(reader, reader->next.segment, err);
        if (rc != OK && rc != ERR_NOT_FOUND) return rc;
        if (rc == OK && !reader->stopped) {
            enum frame_state state = check_frame(reader, reader->next.offset, &frame, &record, err);
            if (state == FRAME_UNREADABLE) return ERR_IO;
            if (state == FRAME_VALID) {
                reader->last = reader->next;
                reader->next.offset += sizeof frame + frame.length;
                *run = frame.run;
                *data = record;
                *length = frame.length;
                return OK;
            }
        }
        if (!advance_segment(reader, &is_sealed))
            return error_set(err, ERR_NOT_FOUND, "%s: no more records for now", reader->folder);
    }
}

struct journal_position journal_reader_position(const struct journal_reader *reader) {
    return reader->last;
}

status journal_reader_at(struct journal_reader *reader, struct journal_position position, uint64_t *run,
                         const void **data, size_t *length, struct error *err) {
    struct journal_frame frame;
    const unsigned char *record;
    status rc = open_segment(reader, position.segment, err);
    if (rc != OK) return rc;
    switch (check_frame(reader, position.offset, &frame, &record, err)) {
    case FRAME_UNREADABLE:
        return ERR_IO;
    case FRAME_TORN:
        return error_set(err, ERR_CORRUPT, "%s: segment %u has no intact record at byte %llu", reader->folder,
                         position.segment, (unsigned long long)position.offset);
    case FRAME_VALID:
        break;
    }
    *run = frame.run;
    *data = record;
    *length = frame.length;
    return OK;
}

static status read_header(struct journal_reader *self, struct error *err) {
    char *path = path_join(self->folder, JOURNAL_HEADER_NAME), *data = NULL;
    size_t length = 0;
    status rc = file_read(&data, &length, path, err);
    struct journal_frame frame;
    if (rc == OK) {
        if (length >= sizeof frame) memcpy(&frame, data, sizeof frame);
        if (length < sizeof frame || frame.magic != JOURNAL_MAGIC || frame.length != length - sizeof frame ||
            journal_frame_crc(&frame, data + sizeof frame) != frame.crc)
            rc = error_set(err, ERR_CORRUPT, "%s: is damaged, this sweep must be begun again", path);
        else
            rc = provenance_decode(&self->provenance, data + sizeof frame, frame.length, err);
    }
    free(data);
    free(path);
    return rc;
}

status journal_reader_open(struct journal_reader **out, const char *path, struct error *err) {
    struct journal_reader *self = calloc(1, sizeof *self);
    if (self) self->folder = journal_folder(path);
    if (!self || !self->folder) {
        free(self);
        return error_set(err, ERR_MEMORY, "%s: out of memory", path);
    }
    self->file = -1;
    status rc = read_header(self, err);
    if (rc == OK)
        *out = self;
    else
        journal_reader_close(self);
    return rc;
}

const struct provenance *journal_reader_provenance(const struct journal_reader *reader) {
    return &reader->provenance;
}

size_t journal_reader_damage(const struct journal_reader *reader, const struct journal_damage **damage) {
    *damage = reader->damage;
    return reader->damage_count;
}

uint64_t journal_reader_bytes(const struct journal_reader *reader) {
    DIR *folder = opendir(reader->folder);
    uint64_t bytes = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct stat about;
        if (strstr(entry->d_name, ".jnl") && fstatat(dirfd(folder), entry->d_name, &about, 0) == 0)
            bytes += (uint64_t)about.st_size;
    }
    if (folder) closedir(folder);
    return bytes;
}

void journal_reader_close(struct journal_reader *reader) {
    if (!reader) return;
    if (reader->file >= 0) close(reader->file);
    provenance_clear(&reader->provenance);
    free(reader->window);
    free(reader->damage);
    free(reader->folder);
    free(reader);
}
