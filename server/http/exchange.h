/* A request on its way through the server, and the connection it came by: what the files of this folder know
 * and handlers do not. */
#ifndef SERVER_HTTP_EXCHANGE_H
#define SERVER_HTTP_EXCHANGE_H

#include "server/http/daemon.h"
#include "server/http/request.h"
#include "server/http/route.h"
#include <stdatomic.h>

enum stage {
    STAGE_IDLE,    /* no request, or its first line only */
    STAGE_BODY,    /* headers read, body coming */
    STAGE_WORKING, /* on a pool thread; the connection is suspended */
    STAGE_READY,   /* finished: to be queued by the event loop */
    STAGE_QUEUED
};

struct query_value {
    const char *name, *value;
};

struct cache_entry;
struct stream;

struct exchange {
    struct request request; /* first: handlers get its address */
    struct http_daemon *daemon;
    struct client *client;
    const struct route *route; /* NULL: none */
    int64_t begin_ns;
    enum http_method method_asked; /* with HTTP_HEAD */
    const char *raw_uri;           /* as it came, cut at url_max */
    const char *raw_path;          /* without query */
    bool is_too_long, is_gated, is_answered, is_page;
    struct query_value *query;
    size_t query_count;
    struct text body;
    size_t body_dropped; /* bytes past the limit, read and forgotten */
    const char *allow;   /* Allow of a 405 or of OPTIONS; static storage */
    bool is_preflight;
    bool is_streamed, is_packed; /* response.raw is of request_stream; it is gzip */
    const char *keep_key;        /* response_cache_keep */
    struct cache_entry *kept;    /* response_cache_answer: answer belongs to it */
    struct MHD_Response *answer;
    size_t answer_bytes; /* of the body before transfer coding; 0 where it is not known */
};

/* One TCP connection. In the daemon's list from accept to close. */
struct client {
    struct client *next, **link; /* daemon's lock */
    int fd;
    _Atomic int64_t deadline_ns; /* clock_monotonic_ns; 0: none (an answer is being made or sent) */
    _Atomic int stage;           /* enum stage, of its exchange; here because the keeper reads it */
    _Atomic bool is_gone;        /* the peer has hung up */
    struct stream *stream;       /* daemon's lock: the open stream, NULL: none */
    char peer[64];
    bool is_loopback;
    struct exchange exchange;
};

static inline struct exchange *exchange_of(const struct request *request) {
    return (struct exchange *)(void *)(uintptr_t)request;
}

/* Splits the raw URI; false with the refusal set where it is no text. exchange_uri.c */
bool exchange_take_uri(struct exchange *x);
/* 400, 405, 413, 414, 415, 431 ... of the headers: true and the answer is set. protocol.c */
bool exchange_refused(struct exchange *x, const char *method, const char *version);
/* From request.response to a queueable answer. Either thread. finish.c */
void exchange_finish(struct exchange *x);
/* True if exchange_finish would compress for long: then it is called on a pool thread. */
bool exchange_finish_is_slow(const struct exchange *x);
/* Empties it for the connection's next request. */
void exchange_reset(struct exchange *x);

#endif
