/* The daemon's side of the response cache. */
#ifndef SERVER_HTTP_RESPONSE_KEEP_H
#define SERVER_HTTP_RESPONSE_KEEP_H

#include "server/http/exchange.h"

/* Keeps the exchange's body as an answer, which becomes this request's (exchange.kept). content_type has to
 * be NULL or static. False: it does not fit; the body is untouched. */
bool response_keep(struct exchange *x);
/* True if this request asks for the gzip form of its kept answer and nobody has made it: cache_entry_pack
 * then does, which takes milliseconds, and else nothing. */
bool cache_entry_is_unpacked(const struct exchange *x);
void cache_entry_pack(struct exchange *x);
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
