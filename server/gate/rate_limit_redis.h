/* Token buckets in Redis, where several servers share them. */
#ifndef SERVER_GATE_RATE_LIMIT_REDIS_H
#define SERVER_GATE_RATE_LIMIT_REDIS_H

#include "kmill/error.h"
#include "server/gate/rate_buckets.h"

struct redis_limiter;
/* Redis that does not answer is a warning in the log, not an error. connections: kept at most. */
status redis_limiter_open(struct redis_limiter **out, const char *url, int connections, struct error *err);
void redis_limiter_close(struct redis_limiter *limiter);
/* False during an outage: a thread of the limiter tries again every 5 s. Any thread. */
bool redis_limiter_is_up(const struct redis_limiter *limiter);
/* As rate_buckets_take, by the clock of Redis. False: Redis does not answer, *granted is not set. Waits at
 * most ~300 ms. Any thread. */
bool redis_limiter_take(bool *granted, struct redis_limiter *limiter, const struct rate_key *key,
                        const struct rate_limits *limits, int64_t *wait_ns);

#endif
