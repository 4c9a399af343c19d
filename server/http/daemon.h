/* The listening socket, its event loops, and every open connection. */
#ifndef SERVER_HTTP_DAEMON_H
#define SERVER_HTTP_DAEMON_H

#include "server/server.h"

struct http_daemon;
struct client;
struct stream;

/* Listens from here on. All other parts of the server are open. ERR_INPUT: address, port or certificate. */
status daemon_open(struct http_daemon **out, struct server *server, struct error *err);
/* http://127.0.0.1:8000, with the port that was found for 0. */
const char *daemon_url(const struct http_daemon *daemon);
/* No new connections, streams end, answers say "Connection: close". */
void daemon_quiesce(struct http_daemon *daemon);
/* Waits until no answer is under way, or until seconds are over. */
void daemon_drain(struct http_daemon *daemon, double seconds);
/* Ends the event loops. No request may be on a pool thread any more. */
void daemon_close(struct http_daemon *daemon);
bool daemon_is_draining(const struct http_daemon *daemon);

/* For stream.c: which stream is open on a connection (NULL: none any more), and how many there are. */
void daemon_set_stream(struct http_daemon *daemon, struct client *client, struct stream *stream);

#endif
