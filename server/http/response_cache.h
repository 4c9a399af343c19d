/* Finished answers of hot pages: bytes, headers and the gzip form are made once. Least recently used go
 * first; bounded in bytes. A key says everything the body depends on but the format, the encoding and the
 * origin, which are added here. */
#ifndef SERVER_HTTP_RESPONSE_CACHE_H
#define SERVER_HTTP_RESPONSE_CACHE_H

#include "server/http/request.h"

struct response_cache;
status response_cache_open(struct response_cache **out, size_t bytes, struct error *err);
void response_cache_close(struct response_cache *cache);
/* Answers request from the cache (200, or 304 by its If-None-Match): false if it is not there. Event loop; ~1
 * us. */
bool response_cache_answer(struct request *request, const char *key);
/* Asks the daemon to keep this answer (200 only) once it is finished. */
void response_cache_keep(struct request *request, const char *key);

#endif
