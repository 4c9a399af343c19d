/* Opened results, kept mapped: the 16 used last. Each has one lock, because a struct result is for one thread
 * at a time.
 *
 * The result of a sweep without a result file is made of its journal (a temporary file); that takes time
 * which grows with the sweep, so it is made anew only when the journal has grown and five times as long as it
 * took has passed, at least two seconds. All metric columns are found when a result is opened, so that
 * sorting and analysing touch no HDF5 and need no lock but the result's own; finding maps nothing into
 * memory. Order of locks: a result's, then HDF5's; the cache's for a moment only. */
#include "base/clock.h"
#include "engine/open_result.h"
#include "server/http/pool.h"
#include "server/mapped_files.h"
#include "server/sweeps/registry_entry.h"
#include "server/sweeps/sweep_details.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HELD_MAX = 16, COST_FACTOR = 5, TRADES_BYTES_MAX = 256 << 20 };
#define FRESH_NS INT64_C(2000000000)

struct held_sweep {
    struct held_cache *cache;
    struct held_sweep *next; /* under the cache's lock, as are the next two */
    int holders;
    uint64_t used;
    bool is_forgotten;
    char *id; /* immutable */

    pthread_mutex_t lock; /* all below */
    struct result *result;
    char *path;
    uint64_t version;
    bool from_journal;
    uint64_t journal_bytes;
    int64_t opened_ns, cost_ns;
    unsigned long faults; /* of mapped files, before it was opened */
    struct sweep_columns columns;
    bool has_columns;
};

struct held_cache {
    pthread_mutex_t lock;
    struct held_sweep *first;
    size_t count;
    uint64_t clock;
};

/* ---- the cache ---- */

status held_cache_open(struct held_cache **out, struct error *err) {
    *out = calloc(1, sizeof **out);
    if (!*out) return error_set(err, ERR_MEMORY, "out of memory for opened results");
    pthread_mutex_init(&(*out)->lock, NULL);
    return OK;
}

static void close_result(struct held_sweep *held) {
    if (!held->result) return;
    hdf5_lock();
    result_close(held->result);
    hdf5_unlock();
    held->result = NULL;
    sweep_columns_clear(&held->columns);
    held->has_columns = false;
}

static void held_free(struct held_sweep *held) {
    close_result(held);
    pthread_mutex_destroy(&held->lock);
    free(held->path);
    free(held->id);
    free(held);
}

void held_cache_close(struct held_cache *cache) {
    if (!cache) return;
    while (cache->first) {
        struct held_sweep *held = cache->first;
        cache->first = held->next;
        held_free(held);
    }
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

/* Takes out what nobody holds and is forgotten or one too many; NULL if there is none. Under the lock. */
static struct held_sweep *take_spare(struct held_cache *cache) {
    struct held_sweep **oldest = NULL;
    for (struct held_sweep **link = &cache->first; *link; link = &(*link)->next) {
        const struct held_sweep *held = *link;
        if (held->holders || (!held->is_forgotten && cache->count <= HELD_MAX)) continue;
        if (!oldest || held->is_forgotten || (!(*oldest)->is_forgotten && held->used < (*oldest)->used))
            oldest = link;
    }
    if (!oldest) return NULL;
    struct held_sweep *spare = *oldest;
    *oldest = spare->next;
    cache->count--;
    return spare;
}

static void trim(struct held_cache *cache) {
    for (;;) {
        pthread_mutex_lock(&cache->lock);
        struct held_sweep *spare = take_spare(cache);
        pthread_mutex_unlock(&cache->lock);
        if (!spare) return;
        held_free(spare);
    }
}

void held_cache_forget(struct held_cache *cache, const char *id) {
    pthread_mutex_lock(&cache->lock);
    for (struct held_sweep *held = cache->first; held; held = held->next)
        if (strcmp(held->id, id) == 0) held->is_forgotten = true;
    pthread_mutex_unlock(&cache->lock);
    trim(cache);
}

static struct held_sweep *held_make(struct held_cache *cache, const char *id) {
    struct held_sweep *held = calloc(1, sizeof *held);
    if (!held || !(held->id = strdup(id))) {
        free(held);
        return NULL;
    }
    pthread_mutex_init(&held->lock, NULL);
    held->cache = cache;
    held->next = cache->first;
    cache->first = held;
    cache->count++;
    return held;
}

/* The place of id in the cache, held; its lock is not taken yet. */
static struct held_sweep *take_held(struct held_cache *cache, const char *id) {
    pthread_mutex_lock(&cache->lock);
    struct held_sweep *held = cache->first;
    while (held && (held->is_forgotten || strcmp(held->id, id) != 0))
        held = held->next;
    if (!held) held = held_make(cache, id);
    if (held) {
        held->holders++;
        held->used = ++cache->clock;
    }
    pthread_mutex_unlock(&cache->lock);
    return held;
}

static void leave(struct held_sweep *held) {
    struct held_cache *cache = held->cache;
    pthread_mutex_lock(&cache->lock);
    held->holders--;
    pthread_mutex_unlock(&cache->lock);
    trim(cache);
}

/* ---- opening ---- */

static bool is_usable(const struct held_sweep *held, const struct sweep_place *place) {
    if (held->faults != mapped_files_faults()) return false; /* pages of it may be gone */
    if (!held->result || held->from_journal != place->from_journal) return false;
    if (held->version == place->version) return true;
    int64_t wait = COST_FACTOR * held->cost_ns > FRESH_NS ? COST_FACTOR * held->cost_ns : FRESH_NS;
    return held->from_journal && clock_monotonic_ns() - held->opened_ns < wait;
}

static status open_columns(struct result *result, struct error *err) {
    const double *column;
    status rc = OK;
    for (enum metric m = 0; m < METRIC_COUNT && rc == OK; m++)
        rc = result_metric_column(result, &column, m, err);
    return rc;
}

/* The trades of a long journal would take longer to copy than anyone waits: then the runs only. */
static status open_journal(struct result **out, const char *path, uint64_t bytes, struct error *err) {
    static const uint64_t no_run = UINT64_MAX;
    bool with_trades = bytes <= TRADES_BYTES_MAX;
    return sweep_open_journal(out, path, with_trades ? NULL : &no_run, with_trades ? 0 : 1, err);
}

static status open_path(struct result **out, const char *path, bool from_journal, uint64_t bytes,
                        struct error *err) {
    struct result *result = NULL;
    hdf5_lock();
    status rc = from_journal ? open_journal(&result, path, bytes, err) : result_open(&result, path, err);
    if (rc == OK) rc = open_columns(result, err);
    if (rc != OK) result_close(result);
    hdf5_unlock();
    if (rc == OK) *out = result;
    return rc;
}

/* To a client a file that is none is damage of the sweep, not a mistake in its request. */
static status unreadable(const char *id, const char *why, struct error *err) {
    return error_set(err, ERR_CORRUPT, "the result of sweep '%s' cannot be read: %s", id, why);
}

static status open_result(struct held_sweep *held, const struct sweep_place *place, struct error *err) {
    int64_t start = clock_monotonic_ns();
    struct result *result = NULL;
    struct error why = {0};
    close_result(held);
    held->faults = mapped_files_faults();
    status rc = open_path(&result, place->path, place->from_journal, place->journal_bytes, &why);
    if (rc == ERR_INPUT || rc == ERR_CORRUPT) return unreadable(held->id, why.message, err);
    if (rc != OK) return error_set(err, rc, "%s", why.message);
    free(held->path);
    held->path = strdup(place->path);
    held->result = result;
    held->version = place->version;
    held->from_journal = place->from_journal;
    held->journal_bytes = place->journal_bytes;
    held->opened_ns = clock_monotonic_ns();
    held->cost_ns = held->opened_ns - start;
    return held->path ? OK : error_set(err, ERR_MEMORY, "out of memory");
}

static status check_place(const struct sweep_place *place, const char *id, struct error *err) {
    if (place->disk_state == SWEEP_DAMAGED && place->version != 0) return unreadable(id, place->error, err);
    if (place->version == 0)
        return error_set(err, ERR_NOT_FOUND, "sweep '%s' has no runs yet: it is %s", id,
                         sweep_state_name(place->state));
    return OK;
}

/* The file is another one than when the registry looked: replaced, copied over, gone. */
static bool is_outdated(const struct sweep_place *place) {
    struct stat about;
    if (place->from_journal || place->version == 0) return false;
    if (stat(place->path, &about) != 0) return true;
    struct file_mark mark = file_mark_of(&about);
    return file_mark_hash(&mark) != place->version;
}

static status hold_at(struct held_sweep **out, struct sweep_registry *registry,
                      const struct sweep_place *place, const char *id, struct error *err) {
    status rc = check_place(place, id, err);
    struct held_sweep *held = rc == OK ? take_held(sweep_registry_held(registry), id) : NULL;
    if (rc == OK && !held) rc = error_set(err, ERR_MEMORY, "out of memory");
    if (!held) return rc;
    pthread_mutex_lock(&held->lock);
    if (!is_usable(held, place)) rc = open_result(held, place, err);
    if (rc == OK) {
        *out = held;
        return OK;
    }
    pthread_mutex_unlock(&held->lock);
    leave(held);
    return rc;
}

static status look_again(struct sweep_registry *registry, struct sweep_place *place, const char *id,
                         struct error *err) {
    free(place->path);
    place->path = NULL;
    sweep_registry_look(registry);
    return sweep_registry_place(registry, place, id, err);
}

status sweep_hold(struct held_sweep **out, struct sweep_registry *registry, const char *id,
                  struct error *err) {
    struct sweep_place place;
    status rc = sweep_registry_place(registry, &place, id, err);
    if (rc == OK && is_outdated(&place)) rc = look_again(registry, &place, id, err);
    if (rc == OK) rc = hold_at(out, registry, &place, id, err);
    if (rc != OK && place.path && place.from_journal) { /* which became a result file just now */
        rc = look_again(registry, &place, id, err);
        if (rc == OK) rc = hold_at(out, registry, &place, id, err);
    }
    free(place.path);
    return rc;
}

status held_sweep_open_own(struct result **out, const struct held_sweep *held, struct error *err) {
    return open_path(out, held->path, held->from_journal, held->journal_bytes, err);
}

struct result *held_sweep_result(struct held_sweep *held) {
    return held->result;
}

uint64_t held_sweep_version(const struct held_sweep *held) {
    return held->version;
}

const char *held_sweep_path(const struct held_sweep *held) {
    return held->path;
}

status held_sweep_columns(struct held_sweep *held, const struct sweep_columns **out, struct error *err) {
    status rc = OK;
    if (!held->has_columns) {
        sweep_columns_clear(&held->columns);
        rc = sweep_columns_take(&held->columns, held->result, err);
        held->has_columns = rc == OK;
    }
    *out = &held->columns;
    return rc;
}

bool held_sweep_is_whole(const struct held_sweep *held) {
    return held->faults == mapped_files_faults();
}

void sweep_release(struct held_sweep *held) {
    pthread_mutex_unlock(&held->lock);
    leave(held);
}
