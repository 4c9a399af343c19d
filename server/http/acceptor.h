/* The thread that accepts connections and deals them out to the event loops. */
#ifndef SERVER_HTTP_ACCEPTOR_H
#define SERVER_HTTP_ACCEPTOR_H

#include "kmill/error.h"
#include <stdatomic.h>

struct acceptor;
struct MHD_Daemon;

/* Takes fd over. loops: as many as mhd has. While *open is connections_max, others wait in the system's
 * queue. *open is counted up here, and down by whoever hears that a connection has ended. */
status acceptor_start(struct acceptor **out, struct MHD_Daemon *mhd, int fd, int loops, int connections_max,
                      atomic_int *open, struct error *err);
/* No new connections from here on; the socket is closed. NULL is nothing. Not in the event loops' threads. */
void acceptor_stop(struct acceptor *acceptor);

#endif
