/* Token buckets in a table that never grows.
 *
 * A client's state is two times (when its buckets are full again). One whose both times are past equals a
 * client never seen, so its entry can go without loss. The table has sets of eight entries, chosen by a keyed
 * hash. Where all eight of a set still owe something, the newcomer takes the place of the one that owes least
 * and inherits its debt (the "space saving" of heavy hitter counts): what a returning client finds is never
 * less than what it owed in the slower bucket, so that no number of addresses washes a debt away, and those
 * that ask most stay. Rejected: a growing table with a cleaner (an attacker with a /32 fills it faster), and
 * plain replacement (which forgets debts). */
#include "server/gate/rate_buckets.h"

#include <arpa/inet.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { WAYS = 8, SHARDS = 64 };
static const double ns_a_second = 1e9, step_most = 1e15; /* 11 days */

struct entry {
    struct rate_key key;
    int64_t second_full, minute_full; /* 0: free, for it is long past */
};

struct rate_buckets {
    uint64_t seed[2];
    size_t set_mask;
    struct entry (*sets)[WAYS]; /* set i: lock i % SHARDS */
    pthread_mutex_t locks[SHARDS];
};

struct rate_limit rate_limit_of(double amount, double period_seconds) {
    if (!(amount > 0)) return (struct rate_limit){0};
    int64_t step = (int64_t)fmin(ceil(period_seconds * ns_a_second / amount), step_most);
    int64_t burst = amount < 1 ? 1 : (int64_t)amount;
    return (struct rate_limit){.step_ns = step, .capacity_ns = step * burst};
}

struct rate_key rate_key_of(const char *address) {
    struct rate_key key = {.bytes = {[10] = 0xFF, [11] = 0xFF}}; /* ::ffff:a.b.c.d */
    struct in6_addr six;
    if (inet_pton(AF_INET, address, key.bytes + 12) == 1) return key;
    if (inet_pton(AF_INET6, address, &six) != 1) return (struct rate_key){0};
    bool is_ipv4 = IN6_IS_ADDR_V4MAPPED(&six);
    memset(&key, 0, sizeof key);
    memcpy(key.bytes, six.s6_addr, is_ipv4 ? sizeof key.bytes : 8);
    return key;
}

struct rate_buckets *rate_buckets_open(int set_bits) {
    struct rate_buckets *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->set_mask = ((size_t)1 << set_bits) - 1;
    self->sets = calloc(self->set_mask + 1, sizeof *self->sets);
    if (!self->sets || getrandom(self->seed, sizeof self->seed, 0) != sizeof self->seed) {
        free(self->sets);
        free(self);
        return NULL;
    }
    for (int i = 0; i < SHARDS; i++)
        pthread_mutex_init(&self->locks[i], NULL);
    return self;
}

void rate_buckets_close(struct rate_buckets *self) {
    if (!self) return;
    for (int i = 0; i < SHARDS; i++)
        pthread_mutex_destroy(&self->locks[i]);
    free(self->sets);
    free(self);
}

/* Seeded, so that nobody can choose addresses that share a set. */
static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

static size_t set_of(const struct rate_buckets *self, const struct rate_key *key) {
    uint64_t words[2];
    memcpy(words, key->bytes, sizeof words);
    return mix(mix(words[0] ^ self->seed[0]) ^ words[1] ^ self->seed[1]) & self->set_mask;
}

/* The key's entry, else the one it takes over: that which owes least in the slower bucket. */
static struct entry *find_entry(struct entry set[WAYS], const struct rate_key *key, bool by_minute) {
    struct entry *least = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (memcmp(&set[i].key, key, sizeof *key) == 0) return &set[i];
        bool owes_less =
            by_minute ? set[i].minute_full < least->minute_full : set[i].second_full < least->second_full;
        if (owes_less) least = &set[i];
    }
    least->key = *key;
    return least;
}

/* When the bucket would be full with one token less; *wait_ns grows to what that is over its capacity. A
 * bucket cannot be emptier than empty, whatever limit it was filled under. */
static int64_t full_after(int64_t full, const struct rate_limit *limit, int64_t now, int64_t *wait_ns) {
    int64_t emptiest = now + limit->capacity_ns;
    full = (full < now ? now : full > emptiest ? emptiest : full) + limit->step_ns;
    if (limit->step_ns && full - emptiest > *wait_ns) *wait_ns = full - emptiest;
    return full;
}

bool rate_buckets_take(struct rate_buckets *self, const struct rate_key *key,
                       const struct rate_limits *limits, int64_t now_ns, int64_t *wait_ns) {
    size_t set = set_of(self, key);
    pthread_mutex_t *lock = &self->locks[set % SHARDS];
    *wait_ns = 0;
    pthread_mutex_lock(lock);
    struct entry *entry = find_entry(self->sets[set], key, limits->minute.step_ns >= limits->second.step_ns);
    int64_t second = full_after(entry->second_full, &limits->second, now_ns, wait_ns);
    int64_t minute = full_after(entry->minute_full, &limits->minute, now_ns, wait_ns);
    if (*wait_ns == 0) {
        entry->second_full = second;
        entry->minute_full = minute;
    }
    pthread_mutex_unlock(lock);
    return *wait_ns == 0;
}
