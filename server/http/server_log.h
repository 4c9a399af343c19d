/* The server's log: one JSON object a line on stderr, buffered. */
#ifndef SERVER_HTTP_SERVER_LOG_H
#define SERVER_HTTP_SERVER_LOG_H

#include "server/settings.h"
#include <stddef.h>

struct log_access {
    const char *remote, *method, *path, *route; /* route NULL: none */
    int http_status;
    size_t bytes;
    double ms;
    bool is_cut; /* the connection ended before the answer did */
};

/* Starts the thread that writes what was collected, five times a second. Before: lines are written at once.
 */
void server_log_open(enum log_level level);
/* Writes what is left; gives up after a second if the reader of stderr is stuck. Last of all threads. */
void server_log_close(void);
void server_log_level(enum log_level level);
/* {"time", "level", "message"}. Any thread; never waits for the terminal. */
void server_log(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void server_log_access(const struct log_access *access);

#endif
