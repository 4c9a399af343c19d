/* Least recently used answers in a hash table, cut into parts with a lock each, so that event loops seldom
 * meet.
 *
 * An entry holds libmicrohttpd's finished responses: sending one again costs no formatting, no compression
 * and no copy. It is counted by reference: an entry that is thrown out while being sent lives until then. */
#include "server/http/response_cache.h"
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
    struct MHD_Response *plain, *packed; /* packed: NULL where gzip does not help */
    size_t plain_length, packed_length, bytes;
    char etag[ETAG_MAX];
    const char *cache_control;
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

/* FNV-1a over eight bytes at a time would do no better for keys this short. */
static uint64_t hash_key(const char *key, size_t length) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)key[i]) * UINT64_C(1099511628211);
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

struct MHD_Response *cache_entry_answer(const struct exchange *x, size_t *length) {
    const struct cache_entry *entry = x->kept;
    bool packed = entry->packed && negotiate_coding(request_header(&x->request, "Accept-Encoding"), "gzip");
    *length = packed ? entry->packed_length : entry->plain_length;
    return packed ? entry->packed : entry->plain;
}

/* Puts a new entry in place of an older one of its key and throws out the oldest until it fits. */
static void insert(struct response_cache *cache, struct cache_entry *entry) {
    struct part *part = &cache->parts[entry->hash % PARTS];
    struct cache_entry *gone = NULL;
    pthread_mutex_lock(&part->lock);
    struct cache_entry *same = find(part, entry->hash, entry->key, entry->key_length);
    while (same || (part->oldest && part->bytes + entry->bytes > cache->bytes_max)) {
        struct cache_entry *victim = same ? same : part->oldest;
        unlink_entry(part, victim);
        victim->next = gone;
        gone = victim;
        same = NULL;
    }
    struct cache_entry **bucket = &part->buckets[entry->hash / PARTS % BUCKETS];
    entry->next = *bucket;
    *bucket = entry;
    link_newest(part, entry);
    part->bytes += entry->bytes;
    part->entries++;
    pthread_mutex_unlock(&part->lock);
    while (gone) {
        struct cache_entry *next = gone->next;
        cache_entry_release(gone);
        gone = next;
    }
}

/* The two responses of a body, which the plain one takes over. */
static bool make_answers(struct exchange *x, struct cache_entry *entry) {
    struct text *body = &x->request.response.body;
    char *packed = NULL;
    bool helps = body->length >= GZIP_MIN && compress_helps(finish_content_type(&x->request)) &&
                 compress_gzip(&packed, &entry->packed_length, body->data, body->length, GZIP_LEVEL);
    if (helps)
        entry->packed = MHD_create_response_from_buffer(entry->packed_length, packed, MHD_RESPMEM_MUST_FREE);
    if (!entry->packed) free(packed);
    char *fitted = realloc(body->data, body->length + 1);
    if (fitted) body->data = fitted;
    entry->plain = MHD_create_response_from_buffer(body->length, body->data, MHD_RESPMEM_MUST_FREE);
    if (!entry->plain) return false;
    entry->plain_length = body->length;
    *body = (struct text){0};
    finish_headers(x, entry->plain, false);
    if (entry->packed) finish_headers(x, entry->packed, true);
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
    if (!make_answers(x, entry)) {
        atomic_store(&entry->references, 1);
        cache_entry_release(entry);
        return false;
    }
    entry->bytes = entry->plain_length + entry->packed_length + key_length + ENTRY_OVERHEAD;
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
