/* Counts by route, method and status, and durations by route, as Prometheus reads them. Labels are patterns,
 * never paths: their number is bounded. */
#include "server/http/counters.h"
#include "base/clock.h"
#include "server/http/pool.h"
#include "server/http/response_keep.h"
#include "server/server.h"
#include "server/work/jobs.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUTES_MAX = 128, METHODS = HTTP_OTHER + 1 };

static const int statuses[] = {200, 201, 202, 204, 206, 301, 304, 307, 400, 401, 403, 404, 405, 406,
                               408, 409, 413, 414, 415, 421, 422, 429, 431, 500, 502, 503, 0 /* others */};
enum { STATUSES = sizeof statuses / sizeof *statuses };

/* Upper bounds in seconds; the last bucket is unbounded. */
static const double bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                0.25,   0.5,   1,      2.5,   5,    10,    60};
enum { BUCKETS = sizeof bounds / sizeof *bounds + 1 };

struct route_counts {
    _Atomic uint64_t by_status[METHODS][STATUSES];
    _Atomic uint64_t by_duration[BUCKETS];
    _Atomic uint64_t nanoseconds, bytes;
};

struct counters {
    int64_t begin_ns;
    _Atomic int streams, connections;
    _Atomic uint64_t accepted, cut_off;
    struct route_counts routes[ROUTES_MAX + 1];
};

status counters_open(struct counters **out, struct error *err) {
    *out = calloc(1, sizeof **out);
    if (!*out) return error_set(err, ERR_MEMORY, "out of memory for the server's counters");
    (*out)->begin_ns = clock_monotonic_ns();
    return OK;
}

void counters_close(struct counters *counters) {
    free(counters);
}

static void count(_Atomic uint64_t *counter, uint64_t more) {
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static uint64_t value_of(const _Atomic uint64_t *counter) {
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void counters_request(struct counters *counters, const struct route *route, enum http_method method,
                      int http_status, int64_t duration_ns, size_t bytes) {
    struct route_counts *counts = &counters->routes[route ? route_index(route) : route_count()];
    int s = 0, bucket = 0;
    while (statuses[s] && statuses[s] != http_status)
        s++;
    while (bucket < BUCKETS - 1 && (double)duration_ns > bounds[bucket] * 1e9)
        bucket++;
    count(&counts->by_status[method][s], 1);
    count(&counts->by_duration[bucket], 1);
    count(&counts->nanoseconds, (uint64_t)duration_ns);
    count(&counts->bytes, bytes);
}

int counters_stream(struct counters *counters, int change) {
    return atomic_fetch_add(&counters->streams, change) + change;
}

int counters_connection(struct counters *counters, int change) {
    if (change > 0) count(&counters->accepted, 1);
    return atomic_fetch_add(&counters->connections, change) + change;
}

void counters_cut_off(struct counters *counters) {
    count(&counters->cut_off, 1);
}

double counters_uptime(const struct counters *counters) {
    return (double)(clock_monotonic_ns() - counters->begin_ns) / 1e9;
}

static const char *label_of(size_t index) {
    return index < route_count() ? route_at(index)->pattern : "other";
}

static void write_requests(struct text *out, const struct counters *counters) {
    text_add_string(out, "# HELP kmill_http_requests_total Answered requests.\n"
                         "# TYPE kmill_http_requests_total counter\n");
    for (size_t r = 0; r <= route_count(); r++)
        for (int m = 0; m < METHODS; m++)
            for (int s = 0; s < STATUSES; s++) {
                uint64_t n = value_of(&counters->routes[r].by_status[m][s]);
                if (n)
                    text_printf(
                        out, "kmill_http_requests_total{route=\"%s\",method=\"%s\",status=\"%d\"} %llu\n",
                        label_of(r), method_name((enum http_method)m), statuses[s], (unsigned long long)n);
            }
}

static void write_histogram(struct text *out, const struct route_counts *counts, const char *label) {
    uint64_t sum = 0;
    for (int b = 0; b < BUCKETS; b++) {
        char bound[32] = "+Inf";
        if (b < BUCKETS - 1) snprintf(bound, sizeof bound, "%g", bounds[b]);
        sum += value_of(&counts->by_duration[b]);
        text_printf(out, "kmill_http_request_seconds_bucket{route=\"%s\",le=\"%s\"} %llu\n", label, bound,
                    (unsigned long long)sum);
    }
    text_printf(out, "kmill_http_request_seconds_sum{route=\"%s\"} %.9g\n", label,
                (double)value_of(&counts->nanoseconds) / 1e9);
    text_printf(out, "kmill_http_request_seconds_count{route=\"%s\"} %llu\n", label, (unsigned long long)sum);
}

static void write_durations(struct text *out, const struct counters *counters) {
    text_add_string(out,
                    "# HELP kmill_http_request_seconds From a request's first line to its answer's end.\n"
                    "# TYPE kmill_http_request_seconds histogram\n");
    for (size_t r = 0; r <= route_count(); r++) {
        uint64_t all = 0;
        for (int b = 0; b < BUCKETS; b++)
            all += value_of(&counters->routes[r].by_duration[b]);
        if (all) write_histogram(out, &counters->routes[r], label_of(r));
    }
    text_add_string(out, "# HELP kmill_http_response_bytes_total Bytes of bodies whose length was known.\n"
                         "# TYPE kmill_http_response_bytes_total counter\n");
    for (size_t r = 0; r <= route_count(); r++) {
        uint64_t bytes = value_of(&counters->routes[r].bytes);
        if (bytes)
            text_printf(out, "kmill_http_response_bytes_total{route=\"%s\"} %llu\n", label_of(r),
                        (unsigned long long)bytes);
    }
}

static void write_one(struct text *out, const char *name, const char *type, const char *help, double value) {
    text_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", name, help, name, type, name, value);
}

/* Bytes of memory that are in RAM; 0: unknown. */
static double resident_bytes(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return 0;
    if (fscanf(file, "%*s %ld", &pages) != 1) pages = 0;
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

void counters_write(struct text *out, struct server *server) {
    const struct counters *c = server->counters;
    struct cache_figures cache = response_cache_figures(server->cache);
    write_requests(out, c);
    write_durations(out, c);
    write_one(out, "kmill_connections", "gauge", "Open connections.", atomic_load(&c->connections));
    write_one(out, "kmill_connections_accepted_total", "counter", "Connections taken.",
              (double)value_of(&c->accepted));
    write_one(out, "kmill_connections_cut_off_total", "counter",
              "Connections ended because no whole request came in time.", (double)value_of(&c->cut_off));
    write_one(out, "kmill_streams", "gauge", "Open event streams.", atomic_load(&c->streams));
    write_one(out, "kmill_pool_waiting", "gauge", "Requests that wait for a thread.",
              pool_waiting(server->pool));
    write_one(out, "kmill_backtests_running", "gauge", "Backtests under way.",
              jobs_running_backtests(server->jobs));
    write_one(out, "kmill_cache_bytes", "gauge", "Bytes of kept answers.", (double)cache.bytes);
    write_one(out, "kmill_cache_entries", "gauge", "Kept answers.", (double)cache.entries);
    write_one(out, "kmill_cache_hits_total", "counter", "Answers from the cache.", (double)cache.hits);
    write_one(out, "kmill_cache_misses_total", "counter", "Answers the cache did not have.",
              (double)cache.misses);
    write_one(out, "process_resident_memory_bytes", "gauge", "Memory in RAM.", resident_bytes());
    write_one(out, "kmill_uptime_seconds", "gauge", "Since the server began.", counters_uptime(c));
    text_printf(out,
                "# HELP kmill_build_info The version.\n# TYPE kmill_build_info gauge\n"
                "kmill_build_info{version=\"%s\"} 1\n",
                KMILL_VERSION);
}
