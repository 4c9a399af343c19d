/* One HTTP request and the answer to it, as handlers see them.
 *
 * A handler reads with request_*(), writes the body with a writer (writer.h) or sets one, and returns; HEAD,
 * ETag and 304, gzip, CORS, Cache-Control, access log and counters are not its business (finish.c,
 * dispatch.c). The request belongs to one thread at a time: the event loop's, or the pool thread its handler
 * runs on. */
#ifndef SERVER_HTTP_REQUEST_H
#define SERVER_HTTP_REQUEST_H

#include "base/arena.h"
#include "base/text.h"
#include "kmill/error.h"
#include "server/http/writer.h"
#include "server/server.h"

enum http_method { HTTP_GET, HTTP_POST, HTTP_DELETE, HTTP_OPTIONS, HTTP_HEAD, HTTP_OTHER };
enum { ROUTE_PARAMETERS = 4, ETAG_MAX = 80 };

struct MHD_Response;

/* The answer; zero is an empty 200 of JSON. */
struct response {
    int status;               /* 0: 200 */
    const char *content_type; /* NULL: of writer_format (JSON or msgpack) */
    struct text body;         /* taken over by the daemon */
    char etag[ETAG_MAX]; /* strong, without quotes, of the plain body of either format; "": none. May be set
                            before the body is made: request_not_modified() */
    const char *cache_control; /* NULL: "no-cache" with an ETag, else "no-store"; static storage */
    const char *location;      /* of a 201 or 202; in the request's arena */
    const char *disposition;   /* Content-Disposition; in the request's arena */
    int retry_after;           /* seconds, 0: none */
    struct MHD_Response *raw;  /* a finished answer (stream, file, cache); its reference is taken over */
};

struct request {
    struct server *server;
    const struct settings *settings;          /* as of the beginning of the request */
    enum http_method method;                  /* HEAD arrives at handlers as HTTP_GET */
    const char *path;                         /* decoded once, begins with '/', no query, no NUL */
    const char *parameters[ROUTE_PARAMETERS]; /* what stood for each {name} of the pattern, in order */
    const char *body;                         /* NUL-terminated */
    size_t body_length;
    char peer[64];             /* address text, no port */
    bool is_loopback;          /* of the peer */
    enum writer_format format; /* by Accept: JSON unless application/msgpack is asked for */
    struct arena arena;        /* ends with the request */
    struct response response;
    struct MHD_Connection *connection;
};

/* Decoded value of a query parameter (the first of its name: request_query_known), NULL if absent. Event loop
 * or pool thread. */
const char *request_query(const struct request *request, const char *name);
/* Every query parameter in order; false from the callback ends it. */
void request_each_query(const struct request *request,
                        bool (*each)(void *context, const char *name, const char *value), void *context);
const char *request_header(const struct request *request, const char *name);

/* Query parameters with a meaning. Absent: *out stays and the answer is true. Wrong: 400 with the field is
 * set as the answer and false is returned, so that a handler can just return. */
bool request_query_int(struct request *request, int64_t *out, const char *name, int64_t minimum,
                       int64_t maximum);
/* ISO-8601 with or without offset (UTC then), or epoch milliseconds. *has tells whether it was there. A '+'
 * that became a space in the offset is understood. */
bool request_query_time(struct request *request, int64_t *ms, bool *has, const char *name);
bool request_query_double(struct request *request, double *out, const char *name);
bool request_query_bool(struct request *request, bool *out, const char *name);
/* 400 with the nearest valid name if a query parameter is none of `names` (NULL-terminated), or is given
 * twice: typos are not ignored. */
bool request_query_known(struct request *request, const char *const *names);

/* Errors: {"detail": message, "error": {"code", "field", "line", "column"}}; field, line and column are null
 * where there is none. Sets status and body, and drops what was written before. */
void request_fail(struct request *request, int http_status, const char *code, const char *field,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));
/* ERR_INPUT 400 invalid, ERR_NOT_FOUND 404 not_found, ERR_EXISTS 409 conflict, ERR_STRATEGY 422 strategy,
 * ERR_NETWORK 502 upstream, ERR_LIMIT and ERR_MEMORY 503 busy, ERR_CANCELLED 409 cancelled, others 500
 * internal. */
void request_fail_error(struct request *request, const char *field, const struct error *err);
struct problems;
/* 422 invalid, with the first problem in `error` and all of them in "problems": [{"line", "column",
 * "message"}]. */
void request_fail_problems(struct request *request, const char *field, const struct problems *problems);

/* Answer later: after this the handler returns without an answer; the connection stays suspended, without a
 * deadline, and the request (arena and response too) stays alive and belongs to whoever will call
 * request_finish, once, from any thread, with the answer set as a handler sets it (request_stream may be
 * called before that too). Everything deferred has to be finished before the daemon stops. Pool thread. */
void request_defer(struct request *request);
void request_finish(struct request *request);

/* A writer on response.body in the request's format. */
struct writer request_writer(struct request *request);
/* Sets response.etag (printf) and answers whether the client has it: then the answer is 304 and the handler
 * returns. */
bool request_not_modified(struct request *request, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The peer hung up while its request was worked on (looked at four times a second): nobody waits for the
 * answer. Any thread. */
bool request_is_gone(const struct request *request);
/* printf into the request's arena. */
const char *request_printf(struct request *request, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
