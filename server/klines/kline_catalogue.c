/* The stored series: mapped on first use, held by reference count, found again by what stat says of the file.
 *
 * A series file is never changed, only replaced by a rename: inode, time and size tell whether the mapping is
 * still the file. A replaced one is dropped from the catalogue and unmapped with its last holder. The event
 * loop only looks up and stats; opening (HDF5) is done on pool threads.
 *
 * The list of the store is made anew only if the time of a folder changed, which every rename into it does. A
 * folder changed within the last two seconds counts as changed, as file systems stamp in ticks and one more
 * file might have come within the same. */
#include "server/klines/kline_catalogue.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "kline/store_file.h"
#include "server/events/event_hub.h"
#include "server/http/pool.h"
#include "server/klines/kline_postgres.h"
#include "server/mapped_files.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { OPEN_TRIES = 3 };
static const int64_t FRESH_NS = INT64_C(2000000000);

struct file_identity {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

/* Immutable but for its count; the catalogue has one reference while it is the current one. */
struct held_series {
    atomic_int references;
    struct mapped_series *mapped;
    char *path;
    struct file_identity identity;
    unsigned long faults; /* mapped_files_faults() before it was mapped */
};

struct entry {
    char symbol[SYMBOL_MAX];
    enum interval interval;
    struct held_series *current;
};

/* A list as its readers see it, with its count of references. */
struct counted_list {
    struct kline_list list;
    atomic_int references;
};

struct kline_catalogue {
    char *store;
    struct kline_postgres *postgres;
    pthread_mutex_t lock;  /* entries and current list; held for lookups only */
    struct entry *entries; /* sorted */
    size_t count, capacity;
    struct counted_list *list;
    pthread_mutex_t looking; /* what follows: one look at a time */
    uint64_t signature;      /* of the folders, 0: look in any case */
    struct counted_list *published;
    atomic_llong looked_at; /* monotonic ns */
};

/* ---- identity ---- */

static bool identify(struct file_identity *out, const char *path) {
    struct stat st;
    if (stat(path, &st) != 0) return false;
    *out = (struct file_identity){st.st_dev, st.st_ino, st.st_size, st.st_mtim};
    return true;
}

static bool same_identity(const struct file_identity *a, const struct file_identity *b) {
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* ---- held series ---- */

void held_series_release(struct held_series *held) {
    if (!held || atomic_fetch_sub(&held->references, 1) != 1) return;
    mapped_series_close(held->mapped); /* unmaps: no HDF5 */
    free(held->path);
    free(held);
}

bool held_series_is_whole(const struct held_series *held) {
    return held->faults == mapped_files_faults();
}

bool held_series_is_untouched(const struct held_series *held) {
    struct file_identity now;
    if (!held_series_is_whole(held)) return false;
    bool is_there = identify(&now, held->path) && now.device == held->identity.device &&
                    now.inode == held->identity.inode;
    return !is_there || same_identity(&now, &held->identity); /* a replaced file is still mapped */
}

const struct series *held_series_view(const struct held_series *held) {
    return mapped_series_view(held->mapped);
}

const struct series_info *held_series_info(const struct held_series *held) {
    return mapped_series_info(held->mapped);
}

const char *held_series_report(const struct held_series *held) {
    return mapped_series_report(held->mapped);
}

/* ---- entries, under the lock ---- */

static int compare_key(const struct entry *entry, const char *symbol, enum interval interval) {
    int order = strcmp(entry->symbol, symbol);
    return order ? order : (int)entry->interval - (int)interval;
}

/* Where it is or would be. */
static size_t find_place(const struct kline_catalogue *self, const char *symbol, enum interval interval) {
    size_t low = 0, high = self->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare_key(&self->entries[middle], symbol, interval) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct entry *find_entry(const struct kline_catalogue *self, const char *symbol,
                                enum interval interval) {
    size_t place = find_place(self, symbol, interval);
    bool found = place < self->count && compare_key(&self->entries[place], symbol, interval) == 0;
    return found ? &self->entries[place] : NULL;
}

static struct entry *add_entry(struct kline_catalogue *self, const char *symbol, enum interval interval) {
    if (self->count == self->capacity) {
        size_t capacity = self->capacity ? self->capacity * 2 : 16;
        struct entry *grown = realloc(self->entries, capacity * sizeof *grown);
        if (!grown) return NULL;
        self->entries = grown;
        self->capacity = capacity;
    }
    struct entry *entry = &self->entries[find_place(self, symbol, interval)];
    memmove(entry + 1, entry, (size_t)(self->entries + self->count - entry) * sizeof *entry);
    *entry = (struct entry){.interval = interval};
    memcpy(entry->symbol, symbol, strlen(symbol) + 1);
    self->count++;
    return entry;
}

/* Makes held (NULL: nothing) the current one of the series. A catalogue that cannot grow maps again next
 * time. */
static void set_current(struct kline_catalogue *self, const char *symbol, enum interval interval,
                        struct held_series *held) {
    pthread_mutex_lock(&self->lock);
    struct entry *entry = find_entry(self, symbol, interval);
    if (!entry && held) entry = add_entry(self, symbol, interval);
    struct held_series *before = NULL;
    if (entry) {
        before = entry->current;
        entry->current = held;
        if (held) atomic_fetch_add(&held->references, 1);
    }
    pthread_mutex_unlock(&self->lock);
    held_series_release(before);
}

struct held_series *kline_catalogue_try(struct kline_catalogue *catalogue, const char *symbol,
                                        enum interval interval) {
    struct file_identity now;
    pthread_mutex_lock(&catalogue->lock);
    struct entry *entry = find_entry(catalogue, symbol, interval);
    struct held_series *held = entry ? entry->current : NULL;
    if (held) atomic_fetch_add(&held->references, 1);
    pthread_mutex_unlock(&catalogue->lock);
    if (!held ||
        (held_series_is_whole(held) && identify(&now, held->path) && same_identity(&now, &held->identity)))
        return held;
    held_series_release(held);
    return NULL;
}

/* Maps the file, and knows which one it was: the same before and after. Under the HDF5 lock. */
static status map_series(struct held_series **out, const struct kline_catalogue *self, const char *symbol,
                         enum interval interval, struct error *err) {
    struct held_series *held = calloc(1, sizeof *held);
    char *path = held ? store_series_path(self->store, symbol, interval) : NULL;
    status rc = path ? OK : error_set(err, ERR_MEMORY, "out of memory");
    bool is_known = false;
    for (int i = 0; i < OPEN_TRIES && rc == OK && !is_known; i++) {
        struct file_identity after;
        held->faults = mapped_files_faults();
        bool is_there = identify(&held->identity, path);
        mapped_series_close(held->mapped);
        held->mapped = NULL;
        rc = mapped_series_open(&held->mapped, self->store, symbol, interval, err);
        is_known = is_there && identify(&after, path) && same_identity(&held->identity, &after);
    }
    if (rc != OK) {
        free(path);
        free(held);
        return rc;
    }
    held->path = path;
    if (!is_known)
        held->identity = (struct file_identity){0}; /* replaced all the time: mapped anew next time */
    atomic_init(&held->references, 1);
    *out = held;
    return OK;
}

status kline_catalogue_hold(struct held_series **out, struct kline_catalogue *catalogue, const char *symbol,
                            enum interval interval, struct error *err) {
    status rc = OK;
    if ((*out = kline_catalogue_try(catalogue, symbol, interval))) return OK;
    hdf5_lock();
    /* another thread may have mapped it meanwhile */
    if (!(*out = kline_catalogue_try(catalogue, symbol, interval))) {
        rc = map_series(out, catalogue, symbol, interval, err);
        set_current(catalogue, symbol, interval, *out);
    }
    hdf5_unlock();
    return rc;
}

bool kline_catalogue_has_file(const struct kline_catalogue *catalogue, const char *symbol,
                              enum interval interval) {
    struct file_identity found;
    char *path = store_symbol_valid(symbol) ? store_series_path(catalogue->store, symbol, interval) : NULL;
    bool is_there = path && identify(&found, path);
    free(path);
    return is_there;
}

/* ---- the list ---- */

static struct counted_list *counted(const struct kline_list *list) {
    return (struct counted_list *)(uintptr_t)list; /* its first member */
}

const struct kline_list *kline_catalogue_list(struct kline_catalogue *catalogue) {
    pthread_mutex_lock(&catalogue->lock);
    struct counted_list *list = catalogue->list;
    atomic_fetch_add(&list->references, 1);
    pthread_mutex_unlock(&catalogue->lock);
    return &list->list;
}

void kline_list_release(const struct kline_list *list) {
    struct counted_list *self = counted(list);
    if (!self || atomic_fetch_sub(&self->references, 1) != 1) return;
    free(self->list.items);
    free(self);
}

const struct series_info *kline_list_find(const struct kline_list *list, const char *symbol,
                                          enum interval interval) {
    const struct series_info *near = NULL;
    bool is_ambiguous = false;
    for (size_t i = 0; i < list->count; i++) {
        const struct series_info *item = &list->items[i];
        if (item->interval != interval || strcasecmp(item->symbol, symbol) != 0) continue;
        if (strcmp(item->symbol, symbol) == 0) return item;
        is_ambiguous = near != NULL;
        near = item;
    }
    return is_ambiguous ? NULL : near;
}

static struct counted_list *make_list(struct series_info *items, size_t count, uint64_t generation) {
    struct counted_list *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->list = (struct kline_list){.generation = generation, .count = count, .items = items};
    atomic_init(&self->references, 1);
    return self;
}

/* Adds a folder's name, inode and time; true if it changed so lately that it may change unseen. */
static bool mix_folder(uint64_t *hash, const char *name, const char *path) {
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) return false;
    *hash = hash_fnv1a(*hash, name, strlen(name) + 1);
    *hash = hash_fnv1a(*hash, &st.st_ino, sizeof st.st_ino);
    *hash = hash_fnv1a(*hash, &st.st_mtim.tv_sec, sizeof st.st_mtim.tv_sec);
    *hash = hash_fnv1a(*hash, &st.st_mtim.tv_nsec, sizeof st.st_mtim.tv_nsec);
    return st.st_mtim.tv_sec * 1000 + 2000 > clock_realtime_ms();
}

/* 0: unknown, or too fresh to be relied on. */
static uint64_t folder_signature(const char *store) {
    uint64_t hash = FNV_START;
    bool is_late = mix_folder(&hash, "", store);
    DIR *dir = opendir(store);
    if (!dir) return 1; /* nothing there */
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.') continue;
        char *path = path_join(store, entry->d_name);
        if (path && mix_folder(&hash, entry->d_name, path)) is_late = true;
        free(path);
    }
    closedir(dir);
    return is_late ? 0 : hash | 2;
}

static bool same_series(const struct series_info *a, const struct series_info *b) {
    return strcmp(a->symbol, b->symbol) == 0 && a->interval == b->interval;
}

static bool same_content(const struct series_info *a, const struct series_info *b) {
    return a->count == b->count && a->checksum == b->checksum && a->first_open_time == b->first_open_time &&
           a->last_open_time == b->last_open_time && strcmp(a->imported_at, b->imported_at) == 0 &&
           strcmp(a->source, b->source) == 0;
}

static bool same_list(const struct kline_list *a, const struct kline_list *b) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (!same_series(&a->items[i], &b->items[i]) || !same_content(&a->items[i], &b->items[i]))
            return false;
    return true;
}

static void publish_one(struct event_hub *events, const struct series_info *info, size_t count) {
    struct text data = {0};
    text_add_string(&data, "{\"symbol\":");
    text_add_json_string(&data, info->symbol, strlen(info->symbol));
    text_printf(&data, ",\"interval\":\"%s\",\"count\":%zu}", interval_name(info->interval), count);
    event_publish(events, "series", "", data.data);
    text_clear(&data);
}

/* Both lists are sorted alike. A series that is gone is published with count 0. */
static void publish_changes(struct event_hub *events, const struct kline_list *before,
                            const struct kline_list *after) {
    size_t i = 0, k = 0;
    while (i < before->count || k < after->count) {
        const struct series_info *old = i < before->count ? &before->items[i] : NULL;
        const struct series_info *new = k < after->count ? &after->items[k] : NULL;
        int order = !old ? 1 : !new ? -1 : strcmp(old->symbol, new->symbol);
        if (order == 0) order = (int)old->interval - (int)new->interval;
        if (order < 0)
            publish_one(events, old, 0);
        else if (order > 0 || !same_content(old, new))
            publish_one(events, new, new->count);
        i += order <= 0;
        k += order >= 0;
    }
}

/* Reads the store and makes what it holds the current list, if it is another. */
static void renew_list(struct kline_catalogue *self) {
    struct series_info *items = NULL;
    size_t count = 0;
    hdf5_lock();
    status rc = store_list(&items, &count, self->store, NULL);
    hdf5_unlock();
    if (rc != OK && rc != ERR_NOT_FOUND) return; /* out of memory or files: the old list is the better one */
    struct counted_list *made = make_list(items, count, self->list->list.generation + 1);
    if (!made) {
        free(items);
        return;
    }
    pthread_mutex_lock(&self->lock);
    struct counted_list *spare = made;
    if (!same_list(&self->list->list, &made->list)) {
        spare = self->list;
        self->list = made;
    }
    pthread_mutex_unlock(&self->lock);
    kline_list_release(&spare->list);
}

void kline_catalogue_look(struct kline_catalogue *catalogue, struct event_hub *events) {
    kline_postgres_look(catalogue->postgres);
    pthread_mutex_lock(&catalogue->looking);
    uint64_t signature = folder_signature(catalogue->store);
    if (!signature || signature != catalogue->signature) renew_list(catalogue);
    catalogue->signature = signature;
    atomic_store(&catalogue->looked_at, clock_monotonic_ns());
    if (events && catalogue->published->list.generation != catalogue->list->list.generation) {
        const struct kline_list *now = kline_catalogue_list(catalogue);
        publish_changes(events, &catalogue->published->list, now);
        kline_list_release(&catalogue->published->list);
        catalogue->published = counted(now);
    }
    pthread_mutex_unlock(&catalogue->looking);
}

bool kline_catalogue_is_fresh(const struct kline_catalogue *catalogue) {
    return clock_monotonic_ns() - atomic_load(&catalogue->looked_at) < FRESH_NS;
}

/* ---- opening ---- */

struct kline_postgres *kline_catalogue_postgres(const struct kline_catalogue *catalogue) {
    return catalogue->postgres;
}

status kline_catalogue_open(struct kline_catalogue **out, const struct settings *settings,
                            struct error *err) {
    *out = NULL;
    struct kline_catalogue *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory");
    pthread_mutex_init(&self->lock, NULL);
    pthread_mutex_init(&self->looking, NULL);
    self->store = strdup(settings->store);
    self->list = make_list(NULL, 0, 1);
    status rc = self->store && self->list ? OK : error_set(err, ERR_MEMORY, "out of memory");
    if (rc == OK && settings->database_url)
        rc = kline_postgres_open(&self->postgres, settings->database_url, err);
    if (rc == OK) {
        kline_catalogue_look(self, NULL);
        self->published = counted(kline_catalogue_list(self)); /* what is there at the start is no news */
        *out = self;
        return OK;
    }
    kline_catalogue_close(self);
    return rc;
}

void kline_catalogue_close(struct kline_catalogue *catalogue) {
    if (!catalogue) return;
    for (size_t i = 0; i < catalogue->count; i++)
        held_series_release(catalogue->entries[i].current);
    free(catalogue->entries);
    if (catalogue->list) kline_list_release(&catalogue->list->list);
    if (catalogue->published) kline_list_release(&catalogue->published->list);
    kline_postgres_close(catalogue->postgres);
    pthread_mutex_destroy(&catalogue->lock);
    pthread_mutex_destroy(&catalogue->looking);
    free(catalogue->store);
    free(catalogue);
}
