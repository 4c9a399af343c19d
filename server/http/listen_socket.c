/* Made here and not by libmicrohttpd, whose only message would be that it did not start. */
#include "server/http/listen_socket.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static status bind_error(const char *address, int port, struct error *err) {
    switch (errno) {
    case EADDRINUSE:
        return error_set(err, ERR_INPUT,
                         "port %d of %s is in use by another program; end it or choose another --port", port,
                         address);
    case EACCES:
        return error_set(err, ERR_INPUT,
                         "port %d may not be used by this user; choose a --port of 1024 or above", port);
    case EADDRNOTAVAIL:
        return error_set(err, ERR_INPUT,
                         "%s is no address of this machine; --address wants one, or 127.0.0.1", address);
    default:
        return error_set_errno(err, ERR_SYSTEM, "%s port %d", address, port);
    }
}

static status listen_on(int fd, const struct addrinfo *where, const char *address, int port,
                        struct error *err) {
    int on = 1, off = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (where->ai_family == AF_INET6) /* "::" takes IPv4 too */
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, where->ai_addr, where->ai_addrlen) || listen(fd, 1024))
        return bind_error(address, port, err);
    return OK;
}

static int port_of(int fd) {
    struct sockaddr_storage bound = {0};
    socklen_t length = sizeof bound;
    getsockname(fd, (struct sockaddr *)&bound, &length);
    if (bound.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&bound)->sin6_port);
    return ntohs(((struct sockaddr_in *)&bound)->sin_port);
}

status listen_socket_open(int *out, int *family, int *port_found, const char *address, int port,
                          struct error *err) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found;
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    if (getaddrinfo(address, service, &hints, &found))
        return error_set(err, ERR_INPUT, "--address %s is neither an IP address nor a name of this machine",
                         address);
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    status rc = fd < 0 ? error_set_errno(err, ERR_SYSTEM, "a socket for %s", address)
                       : listen_on(fd, found, address, port, err);
    *family = found->ai_family;
    freeaddrinfo(found);
    if (rc != OK) {
        if (fd >= 0) close(fd);
        return rc;
    }
    *port_found = port_of(fd);
    *out = fd;
    return OK;
}

void address_text(char out[64], bool *is_loopback, const struct sockaddr *address) {
    struct in_addr v4 = {0};
    struct in6_addr v6 = in6addr_any;
    bool is_v6 = address->sa_family == AF_INET6;
    if (is_v6) {
        memcpy(&v6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, sizeof v6);
        if (IN6_IS_ADDR_V4MAPPED(&v6)) {
            memcpy(&v4, v6.s6_addr + 12, sizeof v4);
            is_v6 = false;
        }
    } else if (address->sa_family == AF_INET) {
        v4 = ((const struct sockaddr_in *)(const void *)address)->sin_addr;
    }
    inet_ntop(is_v6 ? AF_INET6 : AF_INET, is_v6 ? (const void *)&v6 : (const void *)&v4, out, 64);
    *is_loopback = is_v6 ? IN6_IS_ADDR_LOOPBACK(&v6) != 0 : (ntohl(v4.s_addr) >> 24) == 127;
}
