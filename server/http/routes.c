/* Which handler serves a path.
 *
 * All tables are taken apart into segments once. A path is cut at '/' before its segments are decoded, so a
 * "%2F" stays inside its segment. Of several patterns that fit, the one whose first differing segment is
 * literal wins. */
#include "server/http/route.h"
#include "server/http/percent.h"
#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENTS_MAX = 10, ROUTES_MAX = 128 };

struct segment {
    const char *text;
    size_t length;
};

struct path {
    struct segment segments[SEGMENTS_MAX];
    int count;
};

struct compiled {
    const struct route *route;
    struct path pattern;
    unsigned literal; /* a bit a literal segment, the first one highest */
};

static struct compiled compiled[ROUTES_MAX];
static size_t compiled_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* False: more segments than any pattern has. */
static bool split(struct path *out, const char *path) {
    out->count = 0;
    while (*path == '/') {
        size_t length = strcspn(++path, "/");
        if (out->count == SEGMENTS_MAX) return false;
        out->segments[out->count++] = (struct segment){path, length};
        path += length;
    }
    return *path == '\0';
}

static bool is_parameter(struct segment segment) {
    return segment.length > 2 && segment.text[0] == '{';
}

static void compile(const struct route *routes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        assert(compiled_count < ROUTES_MAX);
        struct compiled *c = &compiled[compiled_count++];
        c->route = &routes[i];
        bool fits = split(&c->pattern, routes[i].pattern);
        assert(fits);
        (void)fits;
        for (int s = 0; s < c->pattern.count; s++)
            if (!is_parameter(c->pattern.segments[s])) c->literal |= 1U << (SEGMENTS_MAX - 1 - s);
    }
}

static void compile_all(void) {
    const struct {
        const struct route *routes;
        size_t count;
    } tables[] = {
        {service_routes, service_route_count}, {kline_routes, kline_route_count},
        {sweep_routes, sweep_route_count},     {run_routes, run_route_count},
        {work_routes, work_route_count},       {event_routes, event_route_count},
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        compile(tables[i].routes, tables[i].count);
}

static bool matches(const struct compiled *c, const struct path *path) {
    if (c->pattern.count != path->count) return false;
    for (int s = 0; s < path->count; s++) {
        struct segment have = path->segments[s], want = c->pattern.segments[s];
        if (is_parameter(want) ? have.length == 0
                               : have.length != want.length || memcmp(have.text, want.text, want.length) != 0)
            return false;
    }
    return true;
}

static bool fill_parameters(const struct compiled *c, const struct path *path, const char **parameters,
                            struct arena *arena) {
    int n = 0;
    for (int s = 0; s < path->count; s++) {
        if (!is_parameter(c->pattern.segments[s])) continue;
        struct segment segment = path->segments[s];
        char *decoded = arena_alloc(arena, segment.length + 1);
        if (!percent_decode(decoded, segment.text, segment.length, PERCENT_PATH)) return false;
        assert(n < ROUTE_PARAMETERS);
        parameters[n++] = decoded;
    }
    return true;
}

/* The methods of a path, each combination as a constant text. */
static const char *allowed_methods(bool get, bool post, bool delete) {
    static const char *const lists[] = {NULL,
                                        "GET, HEAD, OPTIONS",
                                        "POST, OPTIONS",
                                        "GET, HEAD, POST, OPTIONS",
                                        "DELETE, OPTIONS",
                                        "GET, HEAD, DELETE, OPTIONS",
                                        "POST, DELETE, OPTIONS",
                                        "GET, HEAD, POST, DELETE, OPTIONS"};
    return lists[(get ? 1 : 0) + (post ? 2 : 0) + (delete ? 4 : 0)];
}

const struct route *route_find(enum http_method method, const char *path, const char **parameters,
                               struct arena *arena, const char **allowed) {
    pthread_once(&once, compile_all);
    struct path taken;
    const struct compiled *best = NULL;
    unsigned most = 0;
    bool has[3] = {false};
    *allowed = NULL;
    if (!split(&taken, path)) return NULL;
    for (size_t i = 0; i < compiled_count; i++) {
        const struct compiled *c = &compiled[i];
        if (!matches(c, &taken)) continue;
        if (c->literal > most) most = c->literal;
        enum http_method own = c->route->method;
        if (own == method && (!best || c->literal > best->literal)) best = c;
    }
    if (best && best->literal == most)
        return fill_parameters(best, &taken, parameters, arena) ? best->route : NULL;
    for (size_t i = 0; i < compiled_count; i++) /* a more literal pattern has other methods only */
        if (compiled[i].literal == most && compiled[i].route->method <= HTTP_DELETE &&
            matches(&compiled[i], &taken))
            has[compiled[i].route->method] = true;
    *allowed = allowed_methods(has[HTTP_GET], has[HTTP_POST], has[HTTP_DELETE]);
    return NULL;
}

size_t route_count(void) {
    pthread_once(&once, compile_all);
    return compiled_count;
}

const struct route *route_at(size_t index) {
    return compiled[index].route;
}

size_t route_index(const struct route *route) {
    size_t i = 0;
    while (i < compiled_count && compiled[i].route != route)
        i++;
    return i;
}

const char *method_name(enum http_method method) {
    static const char *const names[] = {"GET", "POST", "DELETE", "OPTIONS", "HEAD", "OTHER"};
    return names[method];
}

void routes_print(void) {
    for (size_t i = 0; i < route_count(); i++)
        printf("%s %s\n", method_name(compiled[i].route->method), compiled[i].route->pattern);
}
