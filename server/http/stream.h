/* Answers whose length is not known: exports, server-sent events. */
#ifndef SERVER_HTTP_STREAM_H
#define SERVER_HTTP_STREAM_H

#include "server/http/request.h"

/* Makes the answer a stream; gzip for clients that understand it, unless it is of events. read (event loop
 * thread, one at a time) fills at most max bytes and returns how many; 0: nothing now, the connection sleeps
 * until stream_wake; -1: the end; STREAM_BROKEN: it cannot go on, and the connection is broken off so that
 * the client does not take the part for the whole. end: called once, frees context. The stream handle is
 * valid until end is called. */
enum { STREAM_BROKEN = -2 };
struct stream;
struct stream_source {
    void *context;
    long (*read)(void *context, char *buffer, size_t max);
    void (*end)(void *context);
};
status request_stream(struct stream **out, struct request *request, const char *content_type,
                      const struct stream_source *source, struct error *err);
/* There is something to read. Any thread; also before the stream sleeps (then it does not sleep). */
void stream_wake(struct stream *stream);

#endif
