/* Host and Origin. These decide who is let in, so there is one grammar and no leniency: what does not match
 * is refused, and names are compared only in their normal form. */
#include "server/gate/origin.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LABEL_MAX = 63, PORT_MAX = 65535, PORT_HTTP = 80, PORT_HTTPS = 443 };

/* ":8000", ":" (RFC 9110 allows a port without digits: none said) or nothing. */
static bool parse_port(int *port, const char *text) {
    *port = -1;
    if (*text == '\0') return true;
    if (*text++ != ':') return false;
    size_t digits = strspn(text, "0123456789");
    if (text[digits] || digits > 5) return false;
    if (!digits) return true;
    *port = atoi(text);
    return *port >= 1 && *port <= PORT_MAX;
}

static bool parse_bracketed(struct host *out, const char *text) {
    const char *end = strchr(text, ']');
    char literal[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (!end || (size_t)(end - text) > sizeof literal) return false;
    snprintf(literal, sizeof literal, "%.*s", (int)(end - text - 1), text + 1);
    if (inet_pton(AF_INET6, literal, &address) != 1) return false;
    inet_ntop(AF_INET6, &address, out->name, sizeof out->name);
    out->is_address = out->is_ipv6 = true;
    return parse_port(&out->port, end + 1);
}

/* Labels of letters, digits, '-' and '_' (names of containers have it). */
static bool is_name(const char *name) {
    size_t label = 0;
    for (; *name; name++) {
        if (*name == '.') {
            if (label == 0) return false;
            label = 0;
        } else if (!isalnum((unsigned char)*name) && *name != '-' && *name != '_') {
            return false;
        } else if (++label > LABEL_MAX) {
            return false;
        }
    }
    return label > 0;
}

bool host_parse(struct host *out, const char *text) {
    *out = (struct host){.port = -1};
    if (*text == '[') return parse_bracketed(out, text);
    size_t length = strcspn(text, ":");
    const char *rest = text + length;
    if (length && text[length - 1] == '.') length--;
    if (!length || length > HOST_NAME_MAX_LENGTH) return false;
    for (size_t i = 0; i < length; i++)
        out->name[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]);
    struct in_addr address;
    out->is_address = inet_pton(AF_INET, out->name, &address) == 1;
    return is_name(out->name) && parse_port(&out->port, rest);
}

static int default_port(bool is_tls) {
    return is_tls ? PORT_HTTPS : PORT_HTTP;
}

struct origin origin_of_host(const struct host *host, bool is_tls) {
    struct origin origin = {.is_tls = is_tls, .host = *host};
    if (host->port < 0) origin.host.port = default_port(is_tls);
    return origin;
}

bool origin_parse(struct origin *out, const char *text) {
    bool is_tls = strncasecmp(text, "https://", 8) == 0;
    struct host host;
    if (!is_tls && strncasecmp(text, "http://", 7) != 0) return false;
    if (!host_parse(&host, text + (is_tls ? 8 : 7))) return false;
    *out = origin_of_host(&host, is_tls);
    return true;
}

char *origin_text(char out[ORIGIN_TEXT_MAX], const struct origin *origin) {
    const struct host *host = &origin->host;
    int length = snprintf(out, ORIGIN_TEXT_MAX, "http%s://%s%s%s", origin->is_tls ? "s" : "",
                          host->is_ipv6 ? "[" : "", host->name, host->is_ipv6 ? "]" : "");
    if (host->port != default_port(origin->is_tls))
        snprintf(out + length, ORIGIN_TEXT_MAX - (size_t)length, ":%d", host->port);
    return out;
}

bool origin_equal(const struct origin *a, const struct origin *b) {
    return a->is_tls == b->is_tls && a->host.port == b->host.port && strcmp(a->host.name, b->host.name) == 0;
}

bool address_is_loopback(const char *address) {
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, address, &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, address, &six) != 1) return false;
    return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
}
