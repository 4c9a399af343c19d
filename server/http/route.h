/* Routes: each folder exports a table; routes.c knows the tables and finds the route of a path. */
#ifndef SERVER_HTTP_ROUTE_H
#define SERVER_HTTP_ROUTE_H

#include "server/http/request.h"

enum route_flags {
    ROUTE_CHANGES = 1, /* changes or runs something: token beyond loopback, Origin checked */
    ROUTE_STREAM = 2   /* an open stream: no deadline, counted as a stream */
};

struct route {
    enum http_method method; /* HTTP_GET also serves HEAD */
    const char *pattern;     /* "/api/v1/kline/{symbol}/{interval}"; literal segments win over {…} */
    unsigned flags;
    /* On the event loop: must neither wait nor compute for long (< 1 ms). false: not answered, call handle.
     * NULL: none. */
    bool (*quick)(struct request *request);
    /* On a pool thread. NULL: quick answers always. */
    void (*handle)(struct request *request);
};

extern const struct route kline_routes[], sweep_routes[], run_routes[], work_routes[], event_routes[],
    service_routes[];
extern const size_t kline_route_count, sweep_route_count, run_route_count, work_route_count,
    event_route_count, service_route_count;

/* The route of a path as it came (not decoded: "%2F" is part of its segment); fills parameters (decoded, in
 * arena). NULL with *allowed (a comma separated list of methods, for 405, static storage) when only the
 * method is wrong, NULL with *allowed NULL: 404. */
const struct route *route_find(enum http_method method, const char *path, const char **parameters,
                               struct arena *arena, const char **allowed);
/* All routes, numbered from 0; the number of none is route_count(). */
size_t route_count(void);
const struct route *route_at(size_t index);
size_t route_index(const struct route *route);
const char *method_name(enum http_method method);
/* Every route as `METHOD PATTERN` lines on stdout: `kmill serve --list-routes`, what tests compare
 * openapi.yaml with. */
void routes_print(void);

#endif
