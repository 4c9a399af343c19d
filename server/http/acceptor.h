/* The thread that accepts connections and deals them out to the event loops. */
#ifndef SERVER_HTTP_ACCEPTOR_H
#define SERVER_HTTP_ACCEPTOR_H

#include "kmill/error.h"

struct acceptor;
struct MHD_Daemon;

/* Takes fd over. loops: as many as mhd has. While connections_max are open, others wait in the system's
 * queue. */
status acceptor_start(struct acceptor **out, struct MHD_Daemon *mhd, int fd, int loops, int connections_max,
                      struct error *err);
/* No new connections from here on; the socket is closed. NULL is nothing. Not in the event loops' threads. */
void acceptor_stop(struct acceptor *acceptor);

#endif
