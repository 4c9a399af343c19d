/* The socket a server listens on. */
#ifndef SERVER_HTTP_LISTEN_SOCKET_H
#define SERVER_HTTP_LISTEN_SOCKET_H

#include "kmill/error.h"
#include <sys/socket.h>

/* Binds and listens; port 0: any, *port_found tells which. ERR_INPUT says what to do. */
status listen_socket_open(int *out, int *family, int *port_found, const char *address, int port,
                          struct error *err);
/* Address as text, without port; an IPv4 address mapped into IPv6 as IPv4. */
void address_text(char out[64], bool *is_loopback, const struct sockaddr *address);

#endif
