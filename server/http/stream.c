/* Streams over libmicrohttpd's suspend and resume.
 *
 * The reader runs on the connection's event loop. Before it asks the source it forgets earlier wake-ups; if
 * the source has nothing and no wake-up came meanwhile, the connection is suspended under the stream's lock.
 * stream_wake takes the same lock: it finds the connection suspended and resumes it, or leaves a note that
 * makes the reader ask again. No wake-up is lost, and none is a busy loop. */
#include "server/http/stream.h"
#include "server/http/compress.h"
#include "server/http/counters.h"
#include "server/http/exchange.h"
#include "server/http/gzip_source.h"
#include "server/http/negotiate.h"
#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What MHD keeps for each open stream: an event is short, and hundreds may be open; files are long and few.
 */
enum { BLOCK_SIZE = 65536, EVENT_BLOCK_SIZE = 4096 };

struct stream {
    struct stream_source source;
    struct MHD_Connection *connection;
    struct client *client;
    struct server *server;
    struct http_daemon *daemon;
    bool is_counted;
    pthread_mutex_t lock; /* the two below */
    bool is_woken, is_asleep;
};

/* True: the connection sleeps now. False: something came meanwhile. */
static bool fall_asleep(struct stream *stream) {
    pthread_mutex_lock(&stream->lock);
    bool sleeps = !stream->is_woken;
    if (sleeps) {
        stream->is_asleep = true;
        MHD_suspend_connection(stream->connection);
    }
    pthread_mutex_unlock(&stream->lock);
    return sleeps;
}

static ssize_t read_stream(void *context, uint64_t position, char *buffer, size_t max) {
    struct stream *stream = context;
    (void)position;
    for (;;) {
        pthread_mutex_lock(&stream->lock);
        stream->is_woken = false; /* before anything is looked at */
        pthread_mutex_unlock(&stream->lock);
        if (atomic_load(&stream->client->is_gone)) return MHD_CONTENT_READER_END_WITH_ERROR;
        if (daemon_is_draining(stream->daemon)) /* events have no end: this is as good as any */
            return stream->is_counted ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
        long length = stream->source.read(stream->source.context, buffer, max);
        if (length == STREAM_BROKEN) return MHD_CONTENT_READER_END_WITH_ERROR;
        if (length < 0) return MHD_CONTENT_READER_END_OF_STREAM;
        if (length > 0) return length;
        if (fall_asleep(stream)) return 0;
    }
}

void stream_wake(struct stream *stream) {
    pthread_mutex_lock(&stream->lock);
    stream->is_woken = true;
    bool was_asleep = stream->is_asleep;
    stream->is_asleep = false;
    if (was_asleep) MHD_resume_connection(stream->connection);
    pthread_mutex_unlock(&stream->lock);
}

static void end_stream(void *context) {
    struct stream *stream = context;
    daemon_set_stream(stream->daemon, stream->client, NULL);
    if (stream->is_counted) counters_stream(stream->server->counters, -1);
    stream->source.end(stream->source.context);
    pthread_mutex_destroy(&stream->lock);
    free(stream);
}

/* A place among the streams_max; false: there is none. */
static bool take_place(struct request *request) {
    int open = counters_stream(request->server->counters, 1);
    if (open <= request->settings->streams_max) return true;
    counters_stream(request->server->counters, -1);
    return false;
}

/* Events come whole and at once, or late and in heaps: they are not compressed. */
static bool is_packed(const struct request *request, const char *content_type) {
    return strcmp(content_type, "text/event-stream") != 0 && compress_helps(content_type) &&
           negotiate_coding(request_header(request, "Accept-Encoding"), "gzip");
}

static struct MHD_Response *make_response(struct stream *self) {
    size_t block = self->is_counted ? EVENT_BLOCK_SIZE : BLOCK_SIZE;
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, block, read_stream, self, end_stream);
}

status request_stream(struct stream **out, struct request *request, const char *content_type,
                      const struct stream_source *source, struct error *err) {
    struct exchange *x = exchange_of(request);
    bool is_counted = x->route && x->route->flags & ROUTE_STREAM;
    if (is_counted && !take_place(request))
        return error_set(err, ERR_LIMIT, "%d streams are open, as many as may be; try again later",
                         request->settings->streams_max);
    struct stream_source packed = {0}, used = *source;
    if (is_packed(request, content_type) && gzip_source_open(&packed, source, NULL) == OK) used = packed;
    struct stream *self = calloc(1, sizeof *self);
    if (self) self->is_counted = is_counted;
    struct MHD_Response *raw = self ? make_response(self) : NULL;
    if (!raw) {
        if (is_counted) counters_stream(request->server->counters, -1);
        if (packed.context) gzip_source_abandon(&packed);
        free(self);
        return error_set(err, ERR_MEMORY, "out of memory for a stream");
    }
    *self = (struct stream){.source = used,
                            .connection = request->connection,
                            .client = x->client,
                            .server = request->server,
                            .daemon = x->daemon,
                            .is_counted = is_counted};
    pthread_mutex_init(&self->lock, NULL);
    if (!strcmp(content_type, "text/event-stream")) /* proxies collect answers otherwise */
        MHD_add_response_header(raw, "X-Accel-Buffering", "no");
    x->is_streamed = true;
    x->is_packed = packed.context != NULL;
    request->response.raw = raw;
    request->response.content_type = content_type;
    daemon_set_stream(x->daemon, x->client, self);
    *out = self;
    return OK;
}
