/* The Host and Origin headers taken apart, strictly: what a browser would not send is malformed. */
#ifndef SERVER_GATE_ORIGIN_H
#define SERVER_GATE_ORIGIN_H

#include <stdbool.h>

enum { HOST_NAME_MAX_LENGTH = 253, ORIGIN_TEXT_MAX = HOST_NAME_MAX_LENGTH + 20 };

/* The name is lower case and without the dot at its end; an address is as inet_ntop writes it. */
struct host {
    char name[HOST_NAME_MAX_LENGTH + 1];
    bool is_address;
    bool is_ipv6;
    int port; /* -1: none said */
};
/* name[:port], 1.2.3.4[:port], [::1][:port], and nothing else: no user, no zone, no space. */
bool host_parse(struct host *out, const char *text);

struct origin {
    bool is_tls; /* https */
    struct host host;
};
/* scheme://host[:port] with http or https and nothing behind; "null" is none. port is always set. */
bool origin_parse(struct origin *out, const char *text);
/* As a browser writes it: lower case, no default port. Returns out. */
char *origin_text(char out[ORIGIN_TEXT_MAX], const struct origin *origin);
bool origin_equal(const struct origin *a, const struct origin *b);
/* The origin of a page that this host served. */
struct origin origin_of_host(const struct host *host, bool is_tls);

/* 127.0.0.0/8, ::1, and 127.0.0.0/8 written as IPv6; false for what is no address. */
bool address_is_loopback(const char *address);

#endif
