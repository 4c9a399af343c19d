/* The address of a Redis server as its clients' users write it. */
#include "server/gate/redis_address.h"

#include "base/text.h"
#include "server/gate/origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PORT_REDIS = 6379, DATABASE_MOST = 1000000 };

static const char form[] = "expected redis://USER:PASSWORD@HOST:PORT/DB or unix:///PATH?db=N (special "
                           "characters of a password as %40 and so on)";

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* malloc'd; NULL for a bad escape or a NUL. */
static char *decoded(const char *text, size_t length) {
    char *out = malloc(length + 1);
    if (!out) abort(); /* as texts do */
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        int c = (unsigned char)text[i];
        if (c == '%') {
            int high = length - i > 2 ? hex_value(text[i + 1]) : -1;
            int low = high >= 0 ? hex_value(text[i + 2]) : -1;
            c = low >= 0 ? high * 16 + low : 0;
            i += 2;
        }
        if (c == 0) {
            free(out);
            return NULL;
        }
        out[used++] = (char)c;
    }
    out[used] = '\0';
    return out;
}

/* USER:PASSWORD@, :PASSWORD@ or PASSWORD-less USER@; *rest is what stands behind. The last '@' before the
 * path counts: an unescaped one in the password is then part of it. */
static bool parse_user(struct redis_address *out, const char **rest, const char *text) {
    size_t length = strcspn(text, "/?#");
    const char *at = memrchr(text, '@', length);
    *rest = at ? at + 1 : text;
    if (!at) return true;
    const char *colon = memchr(text, ':', (size_t)(at - text));
    const char *user_end = colon ? colon : at;
    if (user_end > text && !(out->user = decoded(text, (size_t)(user_end - text)))) return false;
    return !colon || (out->password = decoded(colon + 1, (size_t)(at - colon - 1))) != NULL;
}

static bool parse_database(int *out, const char *digits) {
    int64_t value;
    if (!*digits || digits[strspn(digits, "0123456789")] || !text_to_int64(&value, digits)) return false;
    *out = (int)(value <= DATABASE_MOST ? value : -1);
    return *out >= 0;
}

/* HOST[:PORT][/[DB]] */
static bool parse_tcp(struct redis_address *out, const char *text) {
    struct host host;
    size_t length = strcspn(text, "/?#");
    char *place = strndup(text, length);
    if (!place) abort();
    bool is_right = host_parse(&host, place);
    free(place);
    if (!is_right) return false;
    out->port = host.port < 0 ? PORT_REDIS : host.port;
    if (!(out->host = strdup(host.name))) abort();
    text += length;
    if (*text == '/') text++;
    return *text == '\0' || parse_database(&out->database, text);
}

/* /PATH[?db=N] */
static bool parse_socket(struct redis_address *out, const char *text) {
    size_t length = strcspn(text, "?#");
    if (*text != '/' || !(out->path = decoded(text, length))) return false;
    text += length;
    return *text == '\0' || (strncmp(text, "?db=", 4) == 0 && parse_database(&out->database, text + 4));
}

status redis_address_parse(struct redis_address *out, const char *url, struct error *err) {
    *out = (struct redis_address){0};
    const char *rest;
    if (strncasecmp(url, "rediss://", 9) == 0)
        return error_set(err, ERR_INPUT,
                         "rediss:// (TLS) is not supported: use redis:// within a private network, "
                         "a unix socket, or a local TLS proxy such as stunnel");
    bool is_socket = strncasecmp(url, "unix://", 7) == 0;
    if (!is_socket && strncasecmp(url, "redis://", 8) != 0)
        return error_set(err, ERR_INPUT, "the Redis address cannot be read: %s", form);
    bool is_right = parse_user(out, &rest, url + (is_socket ? 7 : 8)) &&
                    (is_socket ? parse_socket(out, rest) : parse_tcp(out, rest));
    return is_right ? OK : error_set(err, ERR_INPUT, "the Redis address cannot be read: %s", form);
}

void redis_address_clear(struct redis_address *address) {
    free(address->host);
    free(address->path);
    free(address->user);
    free(address->password);
    *address = (struct redis_address){0};
}
