/* Token buckets a client address: so many a second and so many a minute, in memory, or in Redis where several
 * servers share the limit. Redis being down means memory, a warning, and a new try after some seconds; never
 * a refusal. */
#ifndef SERVER_GATE_RATE_LIMIT_H
#define SERVER_GATE_RATE_LIMIT_H

#include "server/settings.h"

struct rate_limiter;
status rate_limiter_open(struct rate_limiter **out, const struct settings_source *settings,
                         struct error *err);
void rate_limiter_close(struct rate_limiter *limiter);
/* True if a check waits for Redis: it is then made on a pool thread. */
bool rate_limit_waits(const struct rate_limiter *limiter);
/* Takes a token of the client's buckets. False: none left, *retry_after seconds (>= 1) until there is one. */
bool rate_limit_take(struct rate_limiter *limiter, const char *address, bool is_loopback, int *retry_after);

#endif
