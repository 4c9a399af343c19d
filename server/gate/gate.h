/* Who gets in: asked once for every request, before its route is called.
 *
 * In this order, each refusal through request_fail:
 *  1. Host: absent or malformed 400; a name that is neither localhost nor in `host_names` 421. An IP address
 *     is always taken: a web page elsewhere can point a name of its own at this machine (DNS rebinding), but
 *     not an address.
 *  2. Rate limit: 429 with Retry-After. Before the token, so that guessing one is limited too.
 * and for what changes or runs something (ROUTE_CHANGES):
 *  3. Origin: a browser's request has to come from a page of this server (same scheme, host and port as the
 *     Host header) or of a configured origin, else 403. "null" is refused. Without an Origin, Sec-Fetch-Site
 *     has to be same-origin or none; programs send neither and pass.
 *  4. Token: needed if the server's address is not loopback, from loopback peers too, and wherever a token is
 *     set (behind a proxy of this machine every peer is loopback). 401 (the daemon gives every 401 its
 *     `WWW-Authenticate: Bearer`); 403 where one is needed and none is configured. */
#ifndef SERVER_GATE_GATE_H
#define SERVER_GATE_GATE_H

#include "server/http/route.h"

/* False: refused, the answer is set. route NULL: no route's (404, 405, a file, a preflight), 1 and 2 only.
 * Event loop, or a pool thread where gate_waits. */
bool gate_allows(struct request *request, const struct route *route);
/* The check asks Redis: gate_allows has to be called on a pool thread then. */
bool gate_waits(const struct request *request);

#endif
