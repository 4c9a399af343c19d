/* The results folder as a list.
 *
 * One thread looks four times a second: at the folder when it changed (or two seconds have passed, for clocks
 * that are too coarse to tell), at every journal, at the jobs. It alone changes entries; others read what is
 * shown under `lock`, which is never held while a file is read. inotify was rejected: it says nothing on
 * network file systems, where results folders of clusters are, and a look at 1000 names costs a millisecond.
 */
#include "server/sweeps/sweep_registry.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/problems.h"
#include "server/events/event_hub.h"
#include "server/http/percent.h"
#include "server/sweeps/registry_entry.h"
#include "server/work/jobs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIST_NS INT64_C(2000000000)
#define RATE_NS INT64_C(2000000000)
enum { LOOK_MS = 250, WAIT_MS = 10000 };

struct sweep_registry {
    struct server *server;
    char *folder;
    struct held_cache *held;
    pthread_t thread;
    bool thread_runs;

    pthread_mutex_t lock;
    pthread_cond_t wake, looked;
    bool closing, woken;
    uint64_t looks_wanted, looks; /* a look that began after it was wanted */
    uint64_t version;
    struct sweep_entry **entries; /* by id */
    size_t count, capacity;

    pthread_mutex_t jobs_lock; /* held while the jobs are asked */
    struct job_manager *jobs;

    /* the thread's own */
    int64_t folder_changed_ns, listed_ns;
    bool first_look_done;
};

/* ---- entries ---- */

/* Where id is or belongs; under the lock, or on the thread. */
static size_t place_of(const struct sweep_registry *self, const char *id, bool *found) {
    size_t low = 0, high = self->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(self->entries[middle]->id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = low < self->count && strcmp(self->entries[low]->id, id) == 0;
    return low;
}

static struct sweep_entry *find_known(const struct sweep_registry *self, const char *id) {
    bool found;
    size_t at = place_of(self, id, &found);
    return found && self->entries[at]->is_known ? self->entries[at] : NULL;
}

static struct sweep_entry *entry_make(const char *folder, const char *id) {
    struct sweep_entry *entry = calloc(1, sizeof *entry);
    struct text name = {0};
    if (!entry) return NULL;
    text_printf(&name, "%s.h5", id);
    entry->id = strdup(id);
    entry->path = path_join(folder, name.data);
    entry->journal_bytes = UINT64_MAX;
    text_clear(&name);
    if (entry->id && entry->path) return entry;
    sweep_entry_close(entry);
    return NULL;
}

/* The entry of id, made if need be; NULL: out of memory. */
static struct sweep_entry *entry_of(struct sweep_registry *self, const char *id) {
    bool found;
    size_t at = place_of(self, id, &found);
    if (found) return self->entries[at];
    struct sweep_entry *entry = entry_make(self->folder, id);
    if (!entry) return NULL;
    pthread_mutex_lock(&self->lock);
    if (self->count == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 64;
        struct sweep_entry **grown = realloc(self->entries, capacity * sizeof(struct sweep_entry *));
        if (grown) {
            self->entries = grown;
            self->capacity = capacity;
        }
    }
    if (self->count < self->capacity) {
        memmove(self->entries + at + 1, self->entries + at,
                (self->count - at) * sizeof(struct sweep_entry *));
        self->entries[at] = entry;
        self->count++;
    } else {
        sweep_entry_close(entry);
        entry = NULL;
    }
    pthread_mutex_unlock(&self->lock);
    return entry;
}

/* ---- the folder ---- */

/* ID of ID.h5 or ID.h5.journal, in place; NULL for other names, and for one that no address can hold. */
static char *id_of_name(char *name, bool *is_journal) {
    static const char result[] = ".h5", journal[] = ".h5.journal";
    size_t length = strlen(name);
    *is_journal = length > sizeof journal && strcmp(name + length - (sizeof journal - 1), journal) == 0;
    size_t suffix = *is_journal ? sizeof journal - 1 : sizeof result - 1;
    if (*name == '.' || length <= suffix || !percent_holds(name, length)) return NULL;
    if (!*is_journal && strcmp(name + length - suffix, result) != 0) return NULL;
    name[length - suffix] = '\0';
    return name;
}

static void list_folder(struct sweep_registry *self) {
    DIR *folder = opendir(self->folder);
    for (size_t i = 0; i < self->count; i++)
        self->entries[i]->is_listed = self->entries[i]->has_folder = false;
    for (struct dirent *file; folder && (file = readdir(folder));) {
        bool is_journal;
        const char *id = id_of_name(file->d_name, &is_journal);
        struct sweep_entry *entry = id ? entry_of(self, id) : NULL;
        if (!entry) continue;
        entry->has_folder |= is_journal;
        if (!entry->is_listed) sweep_entry_look(entry);
        entry->is_listed = true;
    }
    for (size_t i = 0; i < self->count; i++)
        if (!self->entries[i]->is_listed) sweep_entry_look(self->entries[i]);
    if (folder) closedir(folder);
}

/* A folder without news is not read again at once; a journal's files come and go without it. */
static void look_at_folder(struct sweep_registry *self, int64_t now_ns) {
    struct stat about;
    int64_t changed = 0;
    if (stat(self->folder, &about) == 0)
        changed = (int64_t)about.st_mtim.tv_sec * 1000000000 + about.st_mtim.tv_nsec;
    if (!self->first_look_done || changed != self->folder_changed_ns || now_ns - self->listed_ns >= LIST_NS ||
        self->woken) {
        self->folder_changed_ns = changed;
        self->listed_ns = now_ns;
        list_folder(self);
        return;
    }
    for (size_t i = 0; i < self->count; i++)
        if (self->entries[i]->has_folder) sweep_entry_look(self->entries[i]);
}

/* ---- jobs ---- */

static void look_at_jobs(struct sweep_registry *self) {
    struct job_view *views = NULL;
    size_t count = 0;
    pthread_mutex_lock(&self->jobs_lock);
    if (self->jobs) jobs_list(self->jobs, &views, &count);
    pthread_mutex_unlock(&self->jobs_lock);
    for (size_t i = 0; i < count; i++)
        entry_of(self, views[i].id);
    pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < self->count; i++) {
        const struct job_view *job = NULL;
        for (size_t k = 0; k < count && !job; k++)
            if (strcmp(views[k].id, self->entries[i]->id) == 0) job = &views[k];
        sweep_entry_set_job(self->entries[i], job);
    }
    pthread_mutex_unlock(&self->lock);
    if (views) job_views_free(views, count);
}

void sweep_registry_set_jobs(struct sweep_registry *registry, struct job_manager *jobs) {
    pthread_mutex_lock(&registry->jobs_lock);
    registry->jobs = jobs;
    pthread_mutex_unlock(&registry->jobs_lock);
    sweep_registry_wake(registry);
}

/* ---- telling ---- */

/* What is worth an event at once; rates alone are told less often. */
static uint64_t key_of(const struct sweep_entry *entry) {
    const struct sweep_facts *facts = &entry->facts;
    uint64_t key = facts->done * 31 + facts->failed;
    key = key * UINT64_C(1000003) + facts->total;
    key = key * UINT64_C(1000003) + facts->best_run + facts->has_best;
    return key * 64 + (uint64_t)facts->state * 4 + (facts->error != NULL) * 2 + facts->own;
}

static void tell(struct sweep_registry *self, struct sweep_entry *entry, int64_t now_ns) {
    uint64_t key = key_of(entry);
    if (entry->sent && key == entry->sent_key && now_ns - entry->sent_ns < RATE_NS) return;
    struct text summary = {0};
    struct writer w = writer_start(&summary, FORMAT_JSON);
    writer_map(&w);
    sweep_facts_write(&w, entry->id, &entry->facts);
    writer_end(&w);
    bool is_news = !entry->sent || strcmp(entry->sent, summary.data) != 0;
    if (is_news) {
        free(entry->sent);
        entry->sent = strdup(summary.data);
        pthread_mutex_lock(&self->lock);
        self->version++;
        pthread_mutex_unlock(&self->lock);
        if (self->first_look_done && self->server->events)
            event_publish(self->server->events, "sweep", entry->id, summary.data);
    }
    entry->sent_key = key;
    entry->sent_ns = now_ns;
    text_clear(&summary);
}

static void tell_removed(struct sweep_registry *self, const char *id) {
    struct text data = {0};
    text_add_string(&data, "{\"id\":");
    text_add_json_string(&data, id, strlen(id));
    text_add_char(&data, '}');
    if (self->server->events) event_publish(self->server->events, "sweep_removed", id, data.data);
    text_clear(&data);
}

static bool is_gone(const struct sweep_entry *entry) {
    return entry->file.inode == 0 && entry->journal.inode == 0 && !entry->has_job &&
           (entry->is_known || !entry->is_listed);
}

static void drop_gone(struct sweep_registry *self) {
    for (size_t i = self->count; i-- > 0;) {
        struct sweep_entry *entry = self->entries[i];
        if (!is_gone(entry)) continue;
        pthread_mutex_lock(&self->lock);
        memmove(self->entries + i, self->entries + i + 1,
                (self->count - i - 1) * sizeof(struct sweep_entry *));
        self->count--;
        self->version++;
        pthread_mutex_unlock(&self->lock);
        held_cache_forget(self->held, entry->id);
        if (entry->is_known) tell_removed(self, entry->id);
        sweep_entry_close(entry);
    }
}

/* ---- the thread ---- */

static void look(struct sweep_registry *self) {
    int64_t now = clock_monotonic_ns();
    look_at_folder(self, now);
    for (size_t i = 0; i < self->count; i++)
        sweep_entry_refresh(self->entries[i], now, &self->lock);
    look_at_jobs(self);
    for (size_t i = 0; i < self->count; i++)
        if (self->entries[i]->is_known) tell(self, self->entries[i], now);
    drop_gone(self);
    self->first_look_done = true;
}

static void *registry_main(void *argument) {
    struct sweep_registry *self = argument;
    pthread_mutex_lock(&self->lock);
    while (!self->closing) {
        uint64_t wanted = self->looks_wanted;
        struct timespec until = clock_in(CLOCK_MONOTONIC, LOOK_MS);
        pthread_mutex_unlock(&self->lock);
        look(self);
        pthread_mutex_lock(&self->lock);
        self->looks = wanted;
        self->woken = false;
        pthread_cond_broadcast(&self->looked);
        while (!self->closing && self->looks_wanted == wanted)
            if (pthread_cond_timedwait(&self->wake, &self->lock, &until) == ETIMEDOUT) break;
        self->woken = self->looks_wanted != wanted;
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

void sweep_registry_wake(struct sweep_registry *registry) {
    pthread_mutex_lock(&registry->lock);
    registry->looks_wanted++;
    pthread_cond_signal(&registry->wake);
    pthread_mutex_unlock(&registry->lock);
}

/* Waits, under the lock, for a look that begins from now on (or, first, for the first one). */
static void wait_for_look(struct sweep_registry *self, bool anew) {
    struct timespec until = clock_in(CLOCK_MONOTONIC, WAIT_MS);
    uint64_t wanted = anew ? ++self->looks_wanted : 1;
    pthread_cond_signal(&self->wake);
    while (!self->closing && self->looks < wanted)
        if (pthread_cond_timedwait(&self->looked, &self->lock, &until) == ETIMEDOUT) break;
}

void sweep_registry_look(struct sweep_registry *registry) {
    pthread_mutex_lock(&registry->lock);
    wait_for_look(registry, true);
    pthread_mutex_unlock(&registry->lock);
}

status sweep_registry_open(struct sweep_registry **out, struct server *server, struct error *err) {
    struct sweep_registry *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory for the list of sweeps");
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&self->lock, NULL);
    pthread_mutex_init(&self->jobs_lock, NULL);
    pthread_cond_init(&self->wake, &monotonic);
    pthread_cond_init(&self->looked, &monotonic);
    pthread_condattr_destroy(&monotonic);
    self->server = server;
    self->looks_wanted = 1;
    self->version = (uint64_t)clock_realtime_ms() << 20; /* no list of another time has the same */
    self->folder = strdup(settings_now(server->settings_source)->results);
    status rc =
        self->folder ? held_cache_open(&self->held, err) : error_set(err, ERR_MEMORY, "out of memory");
    int failed = rc == OK ? pthread_create(&self->thread, NULL, registry_main, self) : 0;
    if (failed) {
        errno = failed;
        rc = error_set_errno(err, ERR_SYSTEM, "the thread that looks at the results cannot be started");
    }
    self->thread_runs = rc == OK;
    if (rc == OK)
        *out = self;
    else
        sweep_registry_close(self);
    return rc;
}

void sweep_registry_close(struct sweep_registry *registry) {
    if (!registry) return;
    pthread_mutex_lock(&registry->lock);
    registry->closing = true;
    pthread_cond_broadcast(&registry->wake);
    pthread_cond_broadcast(&registry->looked);
    pthread_mutex_unlock(&registry->lock);
    if (registry->thread_runs) pthread_join(registry->thread, NULL);
    held_cache_close(registry->held);
    for (size_t i = 0; i < registry->count; i++)
        sweep_entry_close(registry->entries[i]);
    free(registry->entries);
    free(registry->folder);
    pthread_cond_destroy(&registry->wake);
    pthread_cond_destroy(&registry->looked);
    pthread_mutex_destroy(&registry->lock);
    pthread_mutex_destroy(&registry->jobs_lock);
    free(registry);
}

/* ---- asking ---- */

struct held_cache *sweep_registry_held(struct sweep_registry *registry) {
    return registry->held;
}

static status no_such_sweep(const struct sweep_registry *self, const char *id, struct error *err) {
    const char **names = calloc(self->count + 1, sizeof(const char *));
    size_t count = 0;
    for (size_t i = 0; names && i < self->count; i++)
        if (self->entries[i]->is_known) names[count++] = self->entries[i]->id;
    const char *near = nearest_name(id, names, count);
    status rc =
        near ? error_set(err, ERR_NOT_FOUND, "there is no sweep '%s'; did you mean '%s'?", id, near)
             : error_set(err, ERR_NOT_FOUND, "there is no sweep '%s'; GET /api/v1/sweeps lists them", id);
    free(names);
    return rc;
}

/* Under the lock. */
static struct sweep_entry *find_or_look(struct sweep_registry *self, const char *id, struct error *err) {
    struct sweep_entry *entry = find_known(self, id);
    if (!entry) {
        wait_for_look(self, true);
        entry = find_known(self, id);
    }
    if (!entry) no_such_sweep(self, id, err);
    return entry;
}

status sweep_registry_find(struct sweep_registry *registry, const char *id, struct error *err) {
    pthread_mutex_lock(&registry->lock);
    bool found = find_or_look(registry, id, err) != NULL;
    pthread_mutex_unlock(&registry->lock);
    return found ? OK : ERR_NOT_FOUND;
}

status sweep_registry_place(struct sweep_registry *registry, struct sweep_place *out, const char *id,
                            struct error *err) {
    *out = (struct sweep_place){0};
    pthread_mutex_lock(&registry->lock);
    const struct sweep_entry *entry = find_or_look(registry, id, err);
    if (entry) {
        out->path = strdup(entry->path);
        out->state = entry->facts.state;
        out->disk_state = entry->disk_state;
        out->from_journal = entry->from_journal;
        out->version = entry->version;
        out->journal_bytes = entry->rows_bytes;
        if (entry->facts.error) snprintf(out->error, sizeof out->error, "%s", entry->facts.error);
    }
    pthread_mutex_unlock(&registry->lock);
    if (!entry) return ERR_NOT_FOUND;
    return out->path ? OK : error_set(err, ERR_MEMORY, "out of memory");
}

size_t sweep_registry_count(struct sweep_registry *registry) {
    size_t count = 0;
    pthread_mutex_lock(&registry->lock);
    for (size_t i = 0; i < registry->count; i++)
        count += registry->entries[i]->is_known;
    pthread_mutex_unlock(&registry->lock);
    return count;
}

uint64_t sweep_registry_version(struct sweep_registry *registry) {
    pthread_mutex_lock(&registry->lock);
    wait_for_look(registry, false);
    uint64_t version = registry->version;
    pthread_mutex_unlock(&registry->lock);
    return version;
}

/* Newest first; those without a time last, by id. */
static int compare_entries(const void *a, const void *b) {
    const struct sweep_entry *x = *(struct sweep_entry *const *)a, *y = *(struct sweep_entry *const *)b;
    int order = strcmp(y->facts.started_at, x->facts.started_at);
    return order ? order : strcmp(x->id, y->id);
}

void sweep_registry_write(struct sweep_registry *registry, struct writer *w) {
    pthread_mutex_lock(&registry->lock);
    wait_for_look(registry, false);
    struct sweep_entry **sorted = memory_grow(NULL, registry->count * sizeof(struct sweep_entry *));
    size_t count = 0;
    for (size_t i = 0; i < registry->count; i++)
        if (registry->entries[i]->is_known) sorted[count++] = registry->entries[i];
    qsort(sorted, count, sizeof(struct sweep_entry *), compare_entries);
    writer_array(w);
    for (size_t i = 0; i < count; i++) {
        writer_map(w);
        sweep_facts_write(w, sorted[i]->id, &sorted[i]->facts);
        writer_end(w);
    }
    writer_end(w);
    free(sorted);
    pthread_mutex_unlock(&registry->lock);
}

status sweep_registry_write_one(struct sweep_registry *registry, struct writer *w, const char *id,
                                struct error *err) {
    pthread_mutex_lock(&registry->lock);
    const struct sweep_entry *entry = find_or_look(registry, id, err);
    if (entry) sweep_facts_write(w, id, &entry->facts);
    pthread_mutex_unlock(&registry->lock);
    return entry ? OK : ERR_NOT_FOUND;
}
