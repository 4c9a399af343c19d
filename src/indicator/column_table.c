/* The table: an open-addressing array of atomic pointers, inserted into under a lock and read without one. */
#include "indicator/column_table.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    SLOTS = 4096,           /* a power of two; at most 3/4 are used */
    CANDIDATES = 4096,      /* a power of two */
    ADMIT_AFTER = 64,       /* asks for a key */
    BUILD_CHUNK_AFTER = 128 /* asks within a chunk; making it costs about 500 direct computations */
};

struct chunk {
    _Atomic(double *) values;
    atomic_uint asks;
};

struct column {
    struct column_key key;
    size_t values_per_bar;
    struct chunk chunks[];
};

struct column_table {
    size_t bars, chunk_count;
    struct column_budget *budget;
    column_builder *builder;
    const void *context;
    pthread_mutex_t insert_lock;
    size_t columns; /* under insert_lock */
    _Atomic(struct column *) slots[SLOTS];
    /* Tag (48 bits) and asks (16) of keys not admitted yet. Lost updates only delay an admission. */
    _Atomic(uint64_t) candidates[CANDIDATES];
};

bool column_budget_reserve(struct column_budget *budget, size_t bytes) {
    size_t used = atomic_load_explicit(&budget->used, memory_order_relaxed);
    do {
        if (bytes > budget->limit || used > budget->limit - bytes) return false;
    } while (!atomic_compare_exchange_weak_explicit(&budget->used, &used, used + bytes, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

void column_budget_release(struct column_budget *budget, size_t bytes) {
    atomic_fetch_sub_explicit(&budget->used, bytes, memory_order_relaxed);
}

struct column_table *column_table_open(size_t bars, struct column_budget *budget, column_builder *builder,
                                       const void *context) {
    struct column_table *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->bars = bars;
    self->chunk_count = (bars + CHUNK_BARS - 1) / CHUNK_BARS;
    self->budget = budget;
    self->builder = builder;
    self->context = context;
    pthread_mutex_init(&self->insert_lock, NULL);
    return self;
}

static size_t column_bytes(const struct column_table *self) {
    return sizeof(struct column) + self->chunk_count * sizeof(struct chunk);
}

static size_t chunk_bytes(const struct column *column) {
    return column->values_per_bar * CHUNK_BARS * sizeof(double);
}

void column_table_close(struct column_table *self) {
    if (!self) return;
    for (size_t i = 0; i < SLOTS; i++) {
        struct column *column = self->slots[i];
        if (!column) continue;
        for (size_t c = 0; c < self->chunk_count; c++) {
            if (!column->chunks[c].values) continue;
            free(column->chunks[c].values);
            column_budget_release(self->budget, chunk_bytes(column));
        }
        free(column);
        column_budget_release(self->budget, column_bytes(self));
    }
    pthread_mutex_destroy(&self->insert_lock);
    free(self);
}

static inline uint64_t hash_key(const struct column_key *key) {
    uint64_t mixed = key->words[0] * UINT64_C(0x9e3779b97f4a7c15) ^
                     key->words[1] * UINT64_C(0xd6e8feb86659fd93) ^
                     key->words[2] * UINT64_C(0xa0761d6478bd642f);
    mixed = (mixed ^ mixed >> 32) * UINT64_C(0xe7037ed1a0b428db);
    return mixed ^ mixed >> 29;
}

static inline bool is_key(const struct column *column, const struct column_key *key) {
    return ((column->key.words[0] ^ key->words[0]) | (column->key.words[1] ^ key->words[1]) |
            (column->key.words[2] ^ key->words[2])) == 0;
}

/* The key's column, or the free slot where it belongs. */
static inline struct column *look_up(struct column_table *self, const struct column_key *key, uint64_t hash,
                                     size_t *slot) {
    for (size_t i = hash % SLOTS;; i = (i + 1) % SLOTS) {
        struct column *column = atomic_load_explicit(&self->slots[i], memory_order_acquire);
        if (!column || is_key(column, key)) {
            *slot = i;
            return column;
        }
    }
}

/* Counts an ask in one of two places. True once there were enough. */
static bool is_wanted(struct column_table *self, uint64_t hash) {
    enum { COUNT_MASK = 0xffff };
    uint64_t tag = hash & ~(uint64_t)COUNT_MASK;
    size_t first = hash >> 20 & (CANDIDATES - 1), second = hash >> 40 & (CANDIDATES - 1);
    uint64_t a = atomic_load_explicit(&self->candidates[first], memory_order_relaxed);
    uint64_t b = atomic_load_explicit(&self->candidates[second], memory_order_relaxed);
    bool in_first = (a & ~(uint64_t)COUNT_MASK) == tag, in_second = (b & ~(uint64_t)COUNT_MASK) == tag;
    bool use_first = in_first || (!in_second && (a & COUNT_MASK) <= (b & COUNT_MASK));
    uint64_t entry = in_first ? a : in_second ? b : tag;
    if ((entry & COUNT_MASK) < COUNT_MASK) entry++;
    atomic_store_explicit(&self->candidates[use_first ? first : second], entry, memory_order_relaxed);
    return (entry & COUNT_MASK) >= ADMIT_AFTER;
}

static void admit(struct column_table *self, const struct column_key *key, size_t values_per_bar,
                  uint64_t hash) {
    if (pthread_mutex_trylock(&self->insert_lock) != 0) return; /* the next ask tries again */
    size_t slot;
    if (!look_up(self, key, hash, &slot) && self->columns < SLOTS / 4 * 3 &&
        column_budget_reserve(self->budget, column_bytes(self))) {
        struct column *column = calloc(1, column_bytes(self));
        if (column) {
            column->key = *key;
            column->values_per_bar = values_per_bar;
            self->columns++;
            atomic_store_explicit(&self->slots[slot], column, memory_order_release);
        } else {
            column_budget_release(self->budget, column_bytes(self));
        }
    }
    pthread_mutex_unlock(&self->insert_lock);
}

/* By the one thread whose ask was the deciding one; the others go on without. */
static double *build_chunk(struct column_table *self, struct column *column, size_t index) {
    if (!column_budget_reserve(self->budget, chunk_bytes(column))) return NULL;
    size_t begin = index * CHUNK_BARS,
           bars = self->bars - begin < CHUNK_BARS ? self->bars - begin : CHUNK_BARS;
    double *values = malloc(chunk_bytes(column));
    if (!values || !self->builder(self->context, values, &column->key, begin, bars)) {
        free(values);
        column_budget_release(self->budget, chunk_bytes(column));
        return NULL;
    }
    atomic_store_explicit(&column->chunks[index].values, values, memory_order_release);
    return values;
}

/* The ask that found nothing: counts it, and makes what was asked for often enough. */
static __attribute__((noinline)) const double *count_ask(struct column_table *self, struct column *column,
                                                         const struct column_key *key, size_t values_per_bar,
                                                         size_t bar) {
    if (!column) {
        uint64_t hash = hash_key(key);
        if (is_wanted(self, hash)) admit(self, key, values_per_bar, hash);
        return NULL;
    }
    size_t index = bar / CHUNK_BARS;
    atomic_uint *asks = &column->chunks[index].asks;
    /* read first: where the budget is spent, threads would fight over the counter for nothing */
    if (atomic_load_explicit(asks, memory_order_relaxed) >= BUILD_CHUNK_AFTER) return NULL;
    if (atomic_fetch_add_explicit(asks, 1, memory_order_relaxed) + 1 != BUILD_CHUNK_AFTER) return NULL;
    const double *values = build_chunk(self, column, index);
    return values ? values + bar % CHUNK_BARS : NULL;
}

const double *column_table_find(struct column_table *self, const struct column_key *key,
                                size_t values_per_bar, size_t bar) {
    size_t slot;
    struct column *column = look_up(self, key, hash_key(key), &slot);
    if (__builtin_expect(column != NULL, 1)) {
        const double *values =
            atomic_load_explicit(&column->chunks[bar / CHUNK_BARS].values, memory_order_acquire);
        if (__builtin_expect(values != NULL, 1)) return values + bar % CHUNK_BARS;
    }
    return count_ask(self, column, key, values_per_bar, bar);
}
