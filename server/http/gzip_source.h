/* gzip of bodies whose length is not known. */
#ifndef SERVER_HTTP_GZIP_SOURCE_H
#define SERVER_HTTP_GZIP_SOURCE_H

#include "server/http/stream.h"

/* A source that gives gzip of what *plain gives, in bounded memory. Its end ends plain too. */
status gzip_source_open(struct stream_source *out, const struct stream_source *plain, struct error *err);
/* Frees it without ending plain. */
void gzip_source_abandon(const struct stream_source *source);

#endif
