/* The daemon's side of the response cache. */
#ifndef SERVER_HTTP_RESPONSE_KEEP_H
#define SERVER_HTTP_RESPONSE_KEEP_H

#include "server/http/exchange.h"

/* Makes the plain and the gzip answer of the exchange's body, keeps both, and takes the one this request
 * gets as its answer. False: it does not fit; the body is untouched. */
bool response_keep(struct exchange *x);
/* What to queue of a kept answer, and its length. */
struct MHD_Response *cache_entry_answer(const struct exchange *x, size_t *length);
/* The exchange is done with it. */
void cache_entry_release(struct cache_entry *entry);

struct cache_figures {
    size_t bytes, entries;
    unsigned long hits, misses;
};
struct response_cache;
struct cache_figures response_cache_figures(struct response_cache *cache);

#endif
