/* What the server counts about itself: /metrics. Everything is a relaxed atomic; any thread. */
#ifndef SERVER_HTTP_COUNTERS_H
#define SERVER_HTTP_COUNTERS_H

#include "base/text.h"
#include "kmill/error.h"
#include "server/http/route.h"

struct counters;
struct server;
status counters_open(struct counters **out, struct error *err);
void counters_close(struct counters *counters);
/* One finished request. route NULL: none. */
void counters_request(struct counters *counters, const struct route *route, enum http_method method,
                      int http_status, int64_t duration_ns, size_t bytes);
/* change: 1 or -1; returns how many there are now. */
int counters_stream(struct counters *counters, int change);
int counters_connection(struct counters *counters, int change);
/* Connections cut off because a request did not come in time. */
void counters_cut_off(struct counters *counters);
double counters_uptime(const struct counters *counters); /* seconds */
/* Prometheus text format 0.0.4 of these and of the server's parts. Pool thread. */
void counters_write(struct text *out, struct server *server);

#endif
