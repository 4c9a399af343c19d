/* One sweep of the results folder: a result file, or a journal that is being written or was left behind.
 *
 * A result file is read once for each state of it (inode, size, time of change), a journal as far as it has
 * grown. Where both are there, the journal counts while someone writes it (the file is about to be replaced),
 * else the file. */
#include "server/sweeps/registry_entry.h"
#include "results/journal.h"
#include "server/http/pool.h"
#include "server/plain_message.h"
#include "server/work/jobs.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_BUDGET_NS INT64_C(100000000)

struct file_mark file_mark_of(const struct stat *about) {
    return (struct file_mark){.device = about->st_dev,
                              .inode = about->st_ino,
                              .size = (uint64_t)about->st_size,
                              .modified_ns =
                                  (int64_t)about->st_mtim.tv_sec * 1000000000 + about->st_mtim.tv_nsec};
}

bool file_mark_equal(const struct file_mark *a, const struct file_mark *b) {
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->modified_ns == b->modified_ns;
}

static uint64_t mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

uint64_t file_mark_hash(const struct file_mark *mark) {
    return mix(mix(mix(mix(1, mark->device), mark->inode), mark->size), (uint64_t)mark->modified_ns);
}

void sweep_entry_close(struct sweep_entry *entry) {
    if (!entry) return;
    live_sweep_close(entry->live);
    sweep_facts_clear(&entry->facts);
    free(entry->disk_error);
    free(entry->sent);
    free(entry->path);
    free(entry->id);
    free(entry);
}

struct news {
    struct sweep_facts facts;
    uint64_t version, bytes; /* bytes: of the journal */
    bool from_journal;
};

static void damaged(struct news *news, const struct sweep_entry *entry, const struct error *err) {
    sweep_facts_clear(&news->facts);
    news->facts.state = SWEEP_DAMAGED;
    news->facts.seconds_left = news->facts.runs_per_second = NAN;
    char message[ERROR_MESSAGE_MAX], *folder = strdup(entry->path);
    snprintf(message, sizeof message, "%s", err->message);
    if (folder && strrchr(folder, '/')) *strrchr(folder, '/') = '\0';
    plain_message(message, folder);
    free(folder);
    news->facts.error = strdup(message);
}

/* ---- a result file ---- */

static void read_file(struct sweep_entry *entry, struct news *news) {
    struct result *result = NULL;
    struct error err = {0};
    hdf5_lock();
    status rc = result_open(&result, entry->path, &err);
    if (rc == OK) rc = sweep_facts_take_result(&news->facts, result, &err);
    if (rc == OK && !result_complete(result)) news->facts.state = SWEEP_INTERRUPTED;
    result_close(result);
    hdf5_unlock();
    if (rc != OK) damaged(news, entry, &err);
    news->version = file_mark_hash(&entry->file);
    news->from_journal = false;
}

/* ---- a journal ---- */

static uint64_t bytes_of_journal(const char *path) {
    struct text name = {0};
    uint64_t bytes = 0;
    text_printf(&name, "%s.journal", path);
    DIR *folder = opendir(name.data);
    for (struct dirent *file; folder && (file = readdir(folder));) {
        struct stat about;
        if (strstr(file->d_name, ".jnl") && fstatat(dirfd(folder), file->d_name, &about, 0) == 0)
            bytes += (uint64_t)about.st_size;
    }
    if (folder) closedir(folder);
    text_clear(&name);
    return bytes;
}

static status read_live(struct sweep_entry *entry, bool *at_end, struct error *err) {
    status rc = OK;
    if (entry->live && !file_mark_equal(&entry->live_of, &entry->journal)) {
        live_sweep_close(entry->live);
        entry->live = NULL;
    }
    if (!entry->live) {
        rc = live_sweep_open(&entry->live, entry->path, err);
        entry->live_of = entry->journal;
    }
    return rc == OK ? live_sweep_read(entry->live, READ_BUDGET_NS, at_end, err) : rc;
}

/* bytes: of the journal before it was read. */
static void read_journal(struct sweep_entry *entry, struct news *news, uint64_t bytes, int64_t now_ns) {
    struct error err = {0};
    bool at_end = true;
    status rc = read_live(entry, &at_end, &err);
    if (rc == OK) rc = live_sweep_facts(&news->facts, entry->live, now_ns, &err);
    news->facts.state = entry->journal_state == JOURNAL_IN_USE ? SWEEP_RUNNING : SWEEP_INTERRUPTED;
    news->version = mix(file_mark_hash(&entry->journal), bytes);
    news->from_journal = true;
    news->bytes = bytes;
    entry->journal_bytes = at_end ? bytes : UINT64_MAX;
    if (rc != OK) damaged(news, entry, &err);
    if (rc != OK || (at_end && entry->journal_state != JOURNAL_IN_USE)) {
        live_sweep_close(entry->live); /* nothing more is to come: its books are not kept */
        entry->live = NULL;
    }
}

/* ---- both ---- */

static bool is_there(const struct file_mark *mark) {
    return mark->inode != 0;
}

static bool journal_has_news(const struct sweep_entry *entry, int state_before, uint64_t bytes) {
    return entry->live || state_before != entry->journal_state || bytes != entry->journal_bytes ||
           !file_mark_equal(&entry->live_of, &entry->journal) || !entry->from_journal;
}

static struct file_mark mark_of_path(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode) ? file_mark_of(&about) : (struct file_mark){0};
}

void sweep_entry_look(struct sweep_entry *entry) {
    struct text head = {0};
    text_printf(&head, "%s.journal/sweep", entry->path);
    entry->journal = mark_of_path(head.data); /* before the file: a finished sweep has it when this is gone */
    entry->file = mark_of_path(entry->path);
    text_clear(&head);
}

static void put_news(struct sweep_entry *entry, const struct news *news) {
    bool own = entry->facts.own;
    sweep_facts_clear(&entry->facts);
    entry->facts = news->facts;
    entry->facts.own = own;
    free(entry->disk_error);
    entry->disk_error = news->facts.error ? strdup(news->facts.error) : NULL;
    entry->disk_state = news->facts.state;
    entry->version = news->version ? news->version : 1;
    entry->from_journal = news->from_journal;
    entry->rows_bytes = news->bytes;
    entry->is_known = true;
}

void sweep_entry_refresh(struct sweep_entry *entry, int64_t now_ns, pthread_mutex_t *lock) {
    struct news news = {0};
    int state_before = entry->journal_state;
    entry->journal_state = is_there(&entry->journal) ? journal_state_of(entry->path) : JOURNAL_NONE;
    bool has_journal = entry->journal_state == JOURNAL_IN_USE ||
                       (entry->journal_state == JOURNAL_UNFINISHED && !is_there(&entry->file));
    if (has_journal) {
        uint64_t bytes = bytes_of_journal(entry->path);
        if (!journal_has_news(entry, state_before, bytes)) return;
        read_journal(entry, &news, bytes, now_ns);
        entry->file_read = (struct file_mark){0};
    } else if (is_there(&entry->file)) {
        live_sweep_close(entry->live);
        entry->live = NULL;
        if (file_mark_equal(&entry->file, &entry->file_read)) return;
        read_file(entry, &news);
        entry->file_read = entry->file;
    } else {
        return;
    }
    pthread_mutex_lock(lock);
    put_news(entry, &news);
    pthread_mutex_unlock(lock);
}

/* The files say more than the job, but whether it waits or why it ended. */
void sweep_entry_set_job(struct sweep_entry *entry, const struct job_view *job) {
    struct sweep_facts *facts = &entry->facts;
    bool counts = job && entry->disk_state != SWEEP_COMPLETE && entry->disk_state != SWEEP_RUNNING;
    bool has_rows = entry->version != 0;
    entry->has_job = job != NULL;
    facts->own =
        job || (facts->own && entry->disk_state != SWEEP_INTERRUPTED); /* it left the queue for good */
    const char *error = counts && job->error ? job->error : entry->disk_error;
    if (facts->error != error && (!error || !facts->error || strcmp(error, facts->error) != 0)) {
        free(facts->error);
        facts->error = error ? strdup(error) : NULL;
    }
    facts->error_line = counts ? job->line : 0;
    facts->error_column = counts ? job->column : 0;
    facts->state = counts ? (enum sweep_state)job->state : entry->disk_state;
    if (has_rows || !job) return;
    facts->seconds_left = facts->runs_per_second = NAN;
    snprintf(facts->started_at, sizeof facts->started_at, "%s", job->posted_at);
    entry->is_known = true;
}
