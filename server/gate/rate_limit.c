/* The rate limit as the gate asks for it: which limits, which clients, and Redis or memory. */
#include "server/gate/rate_limit.h"

#include "base/clock.h"
#include "server/gate/rate_buckets.h"
#include "server/gate/rate_limit_redis.h"

#include <stdlib.h>

enum { SET_BITS = 13 /* 65,536 clients, 2 MiB */ };

struct rate_limiter {
    const struct settings_source *settings;
    struct rate_buckets *buckets;
    struct redis_limiter *redis; /* NULL without REDIS_URL */
};

status rate_limiter_open(struct rate_limiter **out, const struct settings_source *settings,
                         struct error *err) {
    const struct settings *now = settings_now(settings);
    status rc = OK;
    *out = NULL;
    struct rate_limiter *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory");
    self->settings = settings;
    self->buckets = rate_buckets_open(SET_BITS);
    if (!self->buckets) rc = error_set(err, ERR_MEMORY, "out of memory");
    if (rc == OK && now->redis_url)
        rc = redis_limiter_open(&self->redis, now->redis_url, now->pool_threads, err);
    if (rc == OK)
        *out = self;
    else
        rate_limiter_close(self);
    return rc;
}

void rate_limiter_close(struct rate_limiter *self) {
    if (!self) return;
    redis_limiter_close(self->redis);
    rate_buckets_close(self->buckets);
    free(self);
}

bool rate_limit_waits(const struct rate_limiter *self) {
    return self->redis && redis_limiter_is_up(self->redis);
}

bool rate_limit_take(struct rate_limiter *self, const char *address, bool is_loopback, int *retry_after) {
    const struct settings *settings = settings_now(self->settings);
    struct rate_limits limits = {.second = rate_limit_of(settings->rate_per_second, 1),
                                 .minute = rate_limit_of(settings->rate_per_minute, 60)};
    bool is_limited = limits.second.step_ns || limits.minute.step_ns, granted;
    if (!is_limited || (is_loopback && !settings->rate_limit_loopback)) return true;
    struct rate_key key = rate_key_of(address);
    int64_t wait_ns = 0;
    bool is_asked = self->redis && redis_limiter_is_up(self->redis) &&
                    redis_limiter_take(&granted, self->redis, &key, &limits, &wait_ns);
    if (!is_asked) granted = rate_buckets_take(self->buckets, &key, &limits, clock_monotonic_ns(), &wait_ns);
    *retry_after = (int)((wait_ns + 999999999) / 1000000000);
    return granted;
}
