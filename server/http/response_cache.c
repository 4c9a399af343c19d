/* Least recently used answers in a hash table, cut into parts with a lock each, so that event loops seldom
 * meet.
 *
 * An entry holds libmicrohttpd's finished responses: sending one again costs no formatting, no compression
 * and no copy. The gzip form is made when the first client asks for it, on a pool thread; who else asks
 * meanwhile gets the plain one. It is counted by reference: an entry that is thrown out while being sent
 * lives until then. */
#include "server/http/response_cache.h"
#include "base/hash.h"
#include "server/http/compress.h"
#include "server/http/finish.h"
#include "server/http/negotiate.h"
#include "server/http/response_keep.h"
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 16, BUCKETS = 1024, KEY_MAX = 1024, GZIP_MIN = 1024, GZIP_LEVEL = 6, ENTRY_OVERHEAD = 2048 };

struct cache_entry {
    struct cache_entry *next;          /* of the bucket; part's lock */
    struct cache_entry *newer, *older; /* part's lock */
    _Atomic int references;            /* the cache has one */
    uint64_t hash;
    struct MHD_Response *plain;
    _Atomic(struct MHD_Response *) packed; /* NULL until it is made; stays then, as does packed_length */
    _Atomic bool is_claimed;               /* somebody makes or made packed, or gzip does not help */
    bool is_kept;                          /* in the cache; part's lock */
    const char *data;                      /* plain's */
    size_t plain_length, packed_length;
    size_t bytes; /* part's lock */
    char etag[ETAG_MAX];
    const char *cache_control, *content_type;
    size_t key_length;
    char key[];
};

struct part {
    _Alignas(64) pthread_mutex_t lock; /* everything below */
    struct cache_entry *buckets[BUCKETS];
    struct cache_entry *newest, *oldest;
    size_t bytes, entries;
    unsigned long hits, misses;
};

struct response_cache {
    size_t bytes_max; /* of one part */
    struct part parts[PARTS];
};

status response_cache_open(struct response_cache **out, size_t bytes, struct error *err) {
    struct response_cache *self = aligned_alloc(64, (sizeof *self + 63) / 64 * 64);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory for the cache of answers");
    memset(self, 0, sizeof *self);
    self->bytes_max = bytes / PARTS;
    for (int i = 0; i < PARTS; i++)
        pthread_mutex_init(&self->parts[i].lock, NULL);
    *out = self;
    return OK;
}

void cache_entry_release(struct cache_entry *entry) {
    if (atomic_fetch_sub(&entry->references, 1) != 1) return;
    if (entry->plain) MHD_destroy_response(entry->plain);
    if (entry->packed) MHD_destroy_response(entry->packed);
    free(entry);
}

/* Takes the entry out of its part; the part's lock is held. The caller releases the cache's reference. */
static void unlink_entry(struct part *part, struct cache_entry *entry) {
    struct cache_entry **link = &part->buckets[entry->hash / PARTS % BUCKETS];
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    *(entry->newer ? &entry->newer->older : &part->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &part->oldest) = entry->newer;
    part->bytes -= entry->bytes;
    part->entries--;
    entry->is_kept = false;
}

static void link_newest(struct part *part, struct cache_entry *entry) {
    entry->newer = NULL;
    entry->older = part->newest;
    *(part->newest ? &part->newest->newer : &part->oldest) = entry;
    part->newest = entry;
}

void response_cache_close(struct response_cache *cache) {
    if (!cache) return;
    for (int i = 0; i < PARTS; i++) {
        struct part *part = &cache->parts[i];
        while (part->newest) {
            struct cache_entry *entry = part->newest;
            unlink_entry(part, entry);
            cache_entry_release(entry);
        }
        pthread_mutex_destroy(&part->lock);
    }
    free(cache);
}

/* The upper half folded in: parts and buckets are chosen by the lowest bits. */
static uint64_t hash_key(const char *key, size_t length) {
    uint64_t hash = hash_fnv1a(FNV_START, key, length);
    return hash ^ hash >> 32;
}

/* The handler's key with what the headers depend on; 0: too long. */
static size_t whole_key(char out[KEY_MAX], const struct request *request, const char *key) {
    const char *origin = finish_origin(request);
    int length = snprintf(out, KEY_MAX, "%d %s %s", (int)request->format, origin ? origin : "-", key);
    return length < 0 || length >= KEY_MAX ? 0 : (size_t)length;
}

static struct cache_entry *find(struct part *part, uint64_t hash, const char *key, size_t length) {
    struct cache_entry *entry = part->buckets[hash / PARTS % BUCKETS];
    while (entry &&
           (entry->hash != hash || entry->key_length != length || memcmp(entry->key, key, length) != 0))
        entry = entry->next;
    return entry;
}

/* The entry with a reference for the caller, now the newest; NULL: none. */
static struct cache_entry *take(struct response_cache *cache, const char *key, size_t length) {
    uint64_t hash = hash_key(key, length);
    struct part *part = &cache->parts[hash % PARTS];
    pthread_mutex_lock(&part->lock);
    struct cache_entry *entry = find(part, hash, key, length);
    if (entry) {
        atomic_fetch_add(&entry->references, 1);
        part->hits++;
        if (part->newest != entry) {
            *(entry->newer ? &entry->newer->older : &part->newest) = entry->older;
            *(entry->older ? &entry->older->newer : &part->oldest) = entry->newer;
            link_newest(part, entry);
        }
    } else {
        part->misses++;
    }
    pthread_mutex_unlock(&part->lock);
    return entry;
}

bool response_cache_answer(struct request *request, const char *key) {
    char whole[KEY_MAX];
    size_t length = whole_key(whole, request, key);
    struct cache_entry *entry = length ? take(request->server->cache, whole, length) : NULL;
    if (!entry) return false;
    struct response *r = &request->response;
    const char *known = entry->etag[0] ? request_header(request, "If-None-Match") : NULL;
    if (known && negotiate_etag(known, entry->etag, NULL)) {
        memcpy(r->etag, entry->etag, sizeof r->etag);
        r->cache_control = entry->cache_control;
        r->status = 304;
        cache_entry_release(entry);
        return true;
    }
    exchange_of(request)->kept = entry;
    r->status = 200;
    return true;
}

void response_cache_keep(struct request *request, const char *key) {
    exchange_of(request)->keep_key = arena_copy(&request->arena, key, strlen(key));
}

static bool asks_gzip(const struct exchange *x) {
    return negotiate_coding(request_header(&x->request, "Accept-Encoding"), "gzip");
}

struct MHD_Response *cache_entry_answer(const struct exchange *x, size_t *length) {
    struct cache_entry *entry = x->kept;
    struct MHD_Response *packed = atomic_load(&entry->packed);
    if (packed && !asks_gzip(x)) packed = NULL;
    *length = packed ? entry->packed_length : entry->plain_length;
    return packed ? packed : entry->plain;
}

/* Throws out the oldest until all fit; the part's lock is held. The caller releases what is returned. */
static struct cache_entry *make_room(struct part *part, size_t bytes_max, struct cache_entry *gone) {
    while (part->oldest && part->bytes > bytes_max) {
        struct cache_entry *victim = part->oldest;
        unlink_entry(part, victim);
        victim->next = gone;
        gone = victim;
    }
    return gone;
}

static void release_all(struct cache_entry *gone) {
    while (gone) {
        struct cache_entry *next = gone->next;
        cache_entry_release(gone);
        gone = next;
    }
}

/* Puts a new entry in place of an older one of its key. */
static void insert(struct response_cache *cache, struct cache_entry *entry) {
    struct part *part = &cache->parts[entry->hash % PARTS];
    pthread_mutex_lock(&part->lock);
    struct cache_entry *same = find(part, entry->hash, entry->key, entry->key_length);
    if (same) {
        unlink_entry(part, same);
        same->next = NULL;
    }
    struct cache_entry **bucket = &part->buckets[entry->hash / PARTS % BUCKETS];
    entry->next = *bucket;
    *bucket = entry;
    link_newest(part, entry);
    part->bytes += entry->bytes;
    part->entries++;
    entry->is_kept = true;
    struct cache_entry *gone = make_room(part, cache->bytes_max, same);
    pthread_mutex_unlock(&part->lock);
    release_all(gone);
}

/* ---- the gzip form -------------------------------------------------------------------------------- */

bool cache_entry_is_unpacked(const struct exchange *x) {
    return !atomic_load(&x->kept->is_claimed) && asks_gzip(x);
}

static struct MHD_Response *compressed(struct exchange *x, size_t *length) {
    const struct cache_entry *entry = x->kept;
    struct response *r = &x->request.response;
    char *data;
    if (!compress_gzip(&data, length, entry->data, entry->plain_length, GZIP_LEVEL)) return NULL;
    struct MHD_Response *packed = MHD_create_response_from_buffer(*length, data, MHD_RESPMEM_MUST_FREE);
    if (!packed) {
        free(data);
        return NULL;
    }
    memcpy(r->etag, entry->etag, sizeof r->etag); /* of the answer that was kept */
    r->cache_control = entry->cache_control;
    r->content_type = entry->content_type;
    finish_headers(x, packed, true);
    return packed;
}

void cache_entry_pack(struct exchange *x) {
    struct cache_entry *entry = x->kept;
    struct response_cache *cache = x->request.server->cache;
    struct part *part = &cache->parts[entry->hash % PARTS];
    if (!cache_entry_is_unpacked(x) || atomic_exchange(&entry->is_claimed, true)) return;
    size_t length;
    struct MHD_Response *packed = compressed(x, &length);
    if (!packed) return;
    struct cache_entry *gone = NULL;
    pthread_mutex_lock(&part->lock);
    entry->packed_length = length;
    atomic_store(&entry->packed, packed);
    entry->bytes += length;
    if (entry->is_kept) {
        part->bytes += length;
        gone = make_room(part, cache->bytes_max, NULL);
    }
    pthread_mutex_unlock(&part->lock);
    release_all(gone);
}

/* ---- keeping -------------------------------------------------------------------------------------- */

/* The plain answer, which takes the body over. */
static bool make_plain(struct exchange *x, struct cache_entry *entry) {
    struct text *body = &x->request.response.body;
    char *fitted = realloc(body->data, body->length + 1);
    if (fitted) body->data = fitted;
    entry->plain = MHD_create_response_from_buffer(body->length, body->data, MHD_RESPMEM_MUST_FREE);
    if (!entry->plain) return false;
    entry->data = body->data;
    entry->plain_length = body->length;
    *body = (struct text){0};
    finish_headers(x, entry->plain, false);
    return true;
}

bool response_keep(struct exchange *x) {
    char whole[KEY_MAX];
    struct response *r = &x->request.response;
    struct response_cache *cache = x->request.server->cache;
    size_t key_length = whole_key(whole, &x->request, x->keep_key);
    if (!key_length || r->body.length > cache->bytes_max / 2) return false;
    struct cache_entry *entry = calloc(1, sizeof *entry + key_length + 1);
    if (!entry) return false;
    atomic_init(&entry->references, 2); /* the cache and this exchange */
    memcpy(entry->key, whole, key_length + 1);
    entry->key_length = key_length;
    entry->hash = hash_key(whole, key_length);
    memcpy(entry->etag, r->etag, sizeof entry->etag);
    entry->cache_control = r->cache_control;
    entry->content_type = r->content_type;
    bool helps = r->body.length >= GZIP_MIN && compress_helps(finish_content_type(&x->request));
    atomic_init(&entry->is_claimed, !helps);
    if (!make_plain(x, entry)) {
        atomic_store(&entry->references, 1);
        cache_entry_release(entry);
        return false;
    }
    entry->bytes = entry->plain_length + key_length + ENTRY_OVERHEAD;
    insert(cache, entry);
    x->kept = entry;
    return true;
}

struct cache_figures response_cache_figures(struct response_cache *cache) {
    struct cache_figures figures = {0};
    for (int i = 0; i < PARTS; i++) {
        struct part *part = &cache->parts[i];
        pthread_mutex_lock(&part->lock);
        figures.bytes += part->bytes;
        figures.entries += part->entries;
        figures.hits += part->hits;
        figures.misses += part->misses;
        pthread_mutex_unlock(&part->lock);
    }
    return figures;
}
