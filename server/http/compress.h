/* gzip of whole bodies. */
#ifndef SERVER_HTTP_COMPRESS_H
#define SERVER_HTTP_COMPRESS_H

#include "base/text.h"

/* level 1 (an answer made once) to 6 (one that is kept). *out: malloc'd; false where it would not be
 * smaller. Each thread keeps its compressor. */
bool compress_gzip(char **out, size_t *out_length, const char *data, size_t length, int level);
/* True for types that are text, and msgpack. */
bool compress_helps(const char *content_type);

#endif
