/* The request line's target, taken apart here and not by the library: it would decode twice what an attacker
 * encodes twice, and end a path at an encoded NUL. */
#include "server/http/exchange.h"
#include "server/http/percent.h"
#include <string.h>

enum { QUERY_MAX = 200 };

/* absolute-form ("GET http://host/path"): the path begins behind the authority. */
static const char *skip_authority(const char *uri) {
    const char *authority = strstr(uri, "://");
    if (uri[0] == '/' || !authority) return uri;
    const char *path = strpbrk(authority + 3, "/?");
    return path && *path == '/' ? path : "/";
}

static bool take_pair(struct exchange *x, const char *text, size_t length) {
    const char *equals = memchr(text, '=', length);
    size_t name_length = equals ? (size_t)(equals - text) : length;
    char *name = arena_alloc(&x->request.arena, length + 2), *value = name + name_length + 1;
    bool is_text = percent_decode(name, text, name_length, PERCENT_QUERY);
    value[0] = '\0';
    if (is_text && equals)
        is_text = percent_decode(value, equals + 1, length - name_length - 1, PERCENT_QUERY);
    if (is_text) x->query[x->query_count++] = (struct query_value){name, value};
    return is_text;
}

static bool take_query(struct exchange *x, const char *query) {
    size_t count = 1;
    for (const char *p = query; *p; p++)
        count += *p == '&';
    if (count > QUERY_MAX) {
        request_fail(&x->request, 400, "invalid", NULL, "more than %d query parameters", QUERY_MAX);
        return false;
    }
    x->query = arena_alloc(&x->request.arena, count * sizeof *x->query);
    for (const char *p = query; *p;) {
        size_t length = strcspn(p, "&");
        if (length && !take_pair(x, p, length)) {
            request_fail(&x->request, 400, "invalid", NULL,
                         "the query holds bytes that are not UTF-8 text, or a '%%' without two hex digits");
            return false;
        }
        p += length + (p[length] == '&');
    }
    return true;
}

bool exchange_take_uri(struct exchange *x) {
    struct arena *arena = &x->request.arena;
    const char *path = skip_authority(x->raw_uri);
    size_t length = strcspn(path, "?#");
    const char *query = path[length] == '?' ? path + length + 1 : "";
    x->raw_path = arena_copy(arena, path, length);
    char *decoded = arena_alloc(arena, length + 1);
    bool is_text = percent_decode(decoded, path, length, PERCENT_PATH) && decoded[0] == '/';
    x->request.path = is_text ? decoded : "/";
    if (!is_text) {
        request_fail(&x->request, 400, "invalid", NULL,
                     "the path is not UTF-8 text that begins with '/', or has a '%%' without two hex digits");
        return false;
    }
    return !*query || take_query(x, query);
}
