/* Appending to the journal.
 *
 * Appending copies a record into the pending buffer and returns. A thread of the journal's own takes the
 * buffer every SYNC_MS, writes it, calls fdatasync and then counts its records as durable: one sync for all
 * records of that time, and the caller meets the disk only when PENDING_MAX bytes wait for it. A segment is
 * never reopened for writing: whoever resumes begins a new one, so that a torn tail stays where the crash
 * left it.
 *
 * Threads: everything under `lock`, except segment, segment_bytes, segment_number and the writing buffer,
 * which are the flusher's own once it runs. The folder's flock holds until close (or the process's end): one
 * writer. */
#include "base/clock.h"
#include "base/file.h"
#include "results/journal.h"
#include "results/journal_format.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SYNC_MS = 25, PENDING_MAX = 64 << 20, LOCK_TRIES = 10, LOCK_PAUSE_US = 20000 };

struct journal {
    char *folder;
    int folder_fd;
    pthread_t flusher;
    bool flusher_runs;

    pthread_mutex_t lock;
    pthread_cond_t wake;    /* to the flusher: something is pending, wanted at once, or the end */
    pthread_cond_t flushed; /* from the flusher: durable moved, or a failure */
    struct text pending;
    uint64_t appended, durable; /* records */
    bool closing, hurry;
    struct error failure; /* sticky: after a failed sync nobody knows what the disk has */

    struct text writing;
    int segment;
    uint64_t segment_bytes;
    uint32_t segment_number; /* of the next segment to be made */
};

/* ---- the flusher ---- */

static status write_all(int file, const char *data, size_t length, const char *folder, struct error *err) {
    while (length > 0) {
        ssize_t written = write(file, data, length);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return error_set_errno(err, ERR_IO, "%s: a segment cannot be written", folder);
        data += written;
        length -= (size_t)written;
    }
    return OK;
}

static status next_segment(struct journal *self, struct error *err) {
    char name[JOURNAL_NAME_MAX];
    if (self->segment >= 0) close(self->segment);
    journal_segment_name(name, self->segment_number++);
    self->segment = openat(self->folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    self->segment_bytes = 0;
    if (self->segment < 0 || fsync(self->folder_fd) < 0)
        return error_set_errno(err, ERR_IO, "%s/%s: this segment cannot be made", self->folder, name);
    return OK;
}

static status flush_writing(struct journal *self, struct error *err) {
    if (self->segment < 0 || self->segment_bytes >= JOURNAL_SEGMENT_BYTES) {
        status rc = next_segment(self, err);
        if (rc != OK) return rc;
    }
    status rc = write_all(self->segment, self->writing.data, self->writing.length, self->folder, err);
    if (rc == OK && fdatasync(self->segment) < 0)
        rc = error_set_errno(err, ERR_IO, "%s: a segment cannot be synced", self->folder);
    self->segment_bytes += self->writing.length;
    return rc;
}

/* Waits under the lock until there is something to flush and SYNC_MS have passed, or someone is in a hurry.
 */
static void wait_for_work(struct journal *self) {
    while (self->pending.length == 0 && !self->closing)
        pthread_cond_wait(&self->wake, &self->lock);
    struct timespec until = clock_in(CLOCK_MONOTONIC, SYNC_MS);
    while (!self->hurry && !self->closing)
        if (pthread_cond_timedwait(&self->wake, &self->lock, &until) == ETIMEDOUT) break;
    self->hurry = false;
}

static void *flusher_main(void *argument) {
    struct journal *self = argument;
    pthread_mutex_lock(&self->lock);
    for (;;) {
        wait_for_work(self);
        if (self->pending.length == 0 && self->closing) break;
        if (self->failure.code != OK) {
            if (self->closing) break;
            self->pending.length = 0;
            continue;
        }
        struct text taken = self->pending;
        self->pending = self->writing;
        self->pending.length = 0;
        self->writing = taken;
        uint64_t upto = self->appended;
        pthread_mutex_unlock(&self->lock);
        struct error failure = {0};
        status rc = flush_writing(self, &failure);
        pthread_mutex_lock(&self->lock);
        if (rc == OK)
            self->durable = upto;
        else
            self->failure = failure;
        pthread_cond_broadcast(&self->flushed);
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

/* ---- opening ---- */

static void journal_free(struct journal *self) {
    if (self->segment >= 0) close(self->segment);
    if (self->folder_fd >= 0) close(self->folder_fd);
    pthread_cond_destroy(&self->wake);
    pthread_cond_destroy(&self->flushed);
    pthread_mutex_destroy(&self->lock);
    text_clear(&self->pending);
    text_clear(&self->writing);
    free(self->folder);
    free(self);
}

static struct journal *journal_new(const char *path) {
    struct journal *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->folder_fd = self->segment = -1;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->wake, &monotonic);
    pthread_cond_init(&self->flushed, NULL);
    pthread_condattr_destroy(&monotonic);
    self->folder = journal_folder(path);
    if (self->folder) return self;
    journal_free(self);
    return NULL;
}

/* operation: LOCK_EX to write; LOCK_SH to ask for a moment whether someone does. Who asks must not turn away
 * who wants to write: that one tries again. */
static bool take_lock(int folder, int operation) {
    for (int tries = operation == LOCK_EX ? LOCK_TRIES : 1;; usleep(LOCK_PAUSE_US)) {
        if (flock(folder, operation | LOCK_NB) == 0) return true;
        if (errno != EWOULDBLOCK || --tries == 0) return false;
    }
}

static status lock_folder(struct journal *self, int operation, struct error *err) {
    self->folder_fd = open(self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->folder_fd < 0)
        return error_set_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: cannot be opened",
                               self->folder);
    if (take_lock(self->folder_fd, operation)) return OK;
    if (errno == EWOULDBLOCK)
        return error_set(err, ERR_EXISTS, "%s: another kmill is writing this sweep", self->folder);
    return error_set_errno(err, ERR_IO, "%s: cannot be locked", self->folder);
}

static bool exists_in_folder(const struct journal *self, const char *name) {
    return faccessat(self->folder_fd, name, F_OK, 0) == 0;
}

static status start_flusher(struct journal *self, struct error *err) {
    int failed = pthread_create(&self->flusher, NULL, flusher_main, self);
    if (failed) {
        errno = failed;
        return error_set_errno(err, ERR_SYSTEM, "the journal's thread cannot be started");
    }
    self->flusher_runs = true;
    return OK;
}

static status write_header(struct journal *self, const struct provenance *provenance, struct error *err) {
    struct text header = {0};
    struct journal_frame frame = {.magic = JOURNAL_MAGIC};
    text_add(&header, (const char *)&frame, sizeof frame);
    provenance_encode(&header, provenance);
    frame.length = (uint32_t)(header.length - sizeof frame);
    frame.crc = journal_frame_crc(&frame, header.data + sizeof frame);
    memcpy(header.data, &frame, sizeof frame);
    char *path = path_join(self->folder, JOURNAL_HEADER_NAME);
    status rc = file_write_atomically(path, header.data, header.length, err);
    free(path);
    text_clear(&header);
    return rc;
}

/* The folder's own entry must survive a power cut too. */
static void sync_parent(const char *folder) {
    char *copy = strdup(folder), *slash = copy ? strrchr(copy, '/') : NULL;
    if (slash) slash[slash == copy] = '\0';
    int parent = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent >= 0) {
        fsync(parent);
        close(parent);
    }
    free(copy);
}

static status make_folder(struct journal *self, const char *path, bool replace, struct error *err) {
    if (!replace && access(path, F_OK) == 0)
        return error_set(err, ERR_EXISTS, "%s: there is a result already, name another output", path);
    if (mkdir(self->folder, 0777) < 0 && errno != EEXIST)
        return error_set_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: cannot be made",
                               self->folder);
    status rc = lock_folder(self, LOCK_EX, err);
    if (rc == OK && exists_in_folder(self, JOURNAL_HEADER_NAME))
        rc = error_set(err, ERR_EXISTS, "%s: there is an unfinished sweep already: --resume continues it",
                       self->folder);
    return rc;
}

enum journal_state journal_state_of(const char *path) {
    enum journal_state state = JOURNAL_NONE;
    struct journal *self = journal_new(path);
    if (!self) return state;
    status rc = lock_folder(self, LOCK_SH, NULL);
    if (rc == ERR_EXISTS)
        state = JOURNAL_IN_USE;
    else if (rc == OK &&
             exists_in_folder(self, JOURNAL_HEADER_NAME)) /* without one it was killed while being made */
        state = JOURNAL_UNFINISHED;
    journal_free(self);
    return state;
}

status journal_create(struct journal **out, const char *path, bool replace,
                      const struct provenance *provenance, struct error *err) {
    struct journal *self = journal_new(path);
    if (!self) return error_set(err, ERR_MEMORY, "%s: out of memory", path);
    status rc = make_folder(self, path, replace, err);
    bool is_ours = rc == OK; /* the lock is held, and there was no sweep in the folder */
    if (rc == OK) rc = write_header(self, provenance, err);
    if (rc == OK) {
        sync_parent(self->folder);
        rc = start_flusher(self, err);
    }
    if (rc == OK) {
        *out = self;
        return OK;
    }
    if (is_ours) journal_remove(path, NULL); /* a full disk leaves nothing that looks like a sweep */
    journal_free(self);
    return rc;
}

/* One beyond the highest segment there is. */
static status find_next_segment(struct journal *self, struct error *err) {
    DIR *folder = opendir(self->folder);
    if (!folder) return error_set_errno(err, ERR_IO, "%s: cannot be read", self->folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        unsigned number;
        int end = 0;
        if (sscanf(entry->d_name, "%6u.jnl%n", &number, &end) == 1 && end == (int)strlen(entry->d_name) &&
            number >= self->segment_number)
            self->segment_number = number + 1;
    }
    closedir(folder);
    return OK;
}

status journal_resume(struct journal **out, const char *path, struct error *err) {
    struct journal *self = journal_new(path);
    if (!self) return error_set(err, ERR_MEMORY, "%s: out of memory", path);
    status rc = lock_folder(self, LOCK_EX, err);
    if (rc == OK && !exists_in_folder(self, JOURNAL_HEADER_NAME))
        rc = error_set(err, ERR_NOT_FOUND, "%s: no sweep was begun here", self->folder);
    if (rc == OK) rc = find_next_segment(self, err);
    if (rc == OK) rc = start_flusher(self, err);
    if (rc == OK)
        *out = self;
    else
        journal_free(self);
    return rc;
}

/* ---- use ---- */

static status pass_failure(const struct journal *self, struct error *err) {
    if (err && self->failure.code != OK) *err = self->failure;
    return self->failure.code;
}

status journal_append(struct journal *journal, uint64_t run, const void *record, size_t length,
                      struct error *err) {
    if (length > JOURNAL_RECORD_MAX)
        return error_set(err, ERR_INPUT, "run %llu has a record of %zu bytes, at most %d fit the journal",
                         (unsigned long long)run, length, JOURNAL_RECORD_MAX);
    struct journal_frame frame = {.magic = JOURNAL_MAGIC, .length = (uint32_t)length, .run = run};
    frame.crc = journal_frame_crc(&frame, record);
    pthread_mutex_lock(&journal->lock);
    while (journal->pending.length >= PENDING_MAX && journal->failure.code == OK) {
        journal->hurry = true;
        pthread_cond_signal(&journal->wake);
        pthread_cond_wait(&journal->flushed, &journal->lock);
    }
    status rc = pass_failure(journal, err);
    if (rc == OK) {
        bool was_empty = journal->pending.length == 0;
        text_add(&journal->pending, (const char *)&frame, sizeof frame);
        text_add(&journal->pending, record, length);
        journal->appended++;
        if (was_empty) pthread_cond_signal(&journal->wake);
    }
    pthread_mutex_unlock(&journal->lock);
    return rc;
}

status journal_sync(struct journal *journal, struct error *err) {
    pthread_mutex_lock(&journal->lock);
    uint64_t wanted = journal->appended;
    while (journal->durable < wanted && journal->failure.code == OK) {
        journal->hurry = true;
        pthread_cond_signal(&journal->wake);
        pthread_cond_wait(&journal->flushed, &journal->lock);
    }
    status rc = pass_failure(journal, err);
    pthread_mutex_unlock(&journal->lock);
    return rc;
}

uint64_t journal_durable(const struct journal *journal) {
    pthread_mutex_t *lock = (pthread_mutex_t *)&journal->lock;
    pthread_mutex_lock(lock);
    uint64_t durable = journal->durable;
    pthread_mutex_unlock(lock);
    return durable;
}

status journal_seal(struct journal *journal, struct error *err) {
    pthread_mutex_lock(&journal->lock);
    journal->closing = true;
    pthread_cond_signal(&journal->wake);
    pthread_mutex_unlock(&journal->lock);
    if (journal->flusher_runs) pthread_join(journal->flusher, NULL);
    journal->flusher_runs = false;
    if (journal->segment >= 0) close(journal->segment);
    journal->segment = -1;
    return pass_failure(journal, err);
}

status journal_close(struct journal *journal, struct error *err) {
    if (!journal) return OK;
    status rc = journal_seal(journal, err);
    journal_free(journal);
    return rc;
}

status journal_remove(const char *path, struct error *err) {
    char *name = journal_folder(path);
    DIR *folder = name ? opendir(name) : NULL;
    status rc = OK;
    if (!folder && errno != ENOENT) rc = error_set_errno(err, ERR_IO, "%s.journal: cannot be read", path);
    if (folder) {
        /* the header last: a crash in between leaves a journal that can still be recognised */
        for (struct dirent *entry; (entry = readdir(folder));)
            if (strstr(entry->d_name, ".jnl")) unlinkat(dirfd(folder), entry->d_name, 0);
        unlinkat(dirfd(folder), JOURNAL_HEADER_NAME, 0);
        closedir(folder);
        if (rmdir(name) < 0) rc = error_set_errno(err, ERR_IO, "%s: cannot be removed", name);
    }
    free(name);
    return rc;
}
