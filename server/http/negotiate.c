/* Lists of header values with q weights (RFC 9110, 12.4 and 13.1.2). */
#include "server/http/negotiate.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *skip_spaces(const char *p, const char *end) {
    while (p < end && (*p == ' ' || *p == '\t' || *p == ','))
        p++;
    return p;
}

/* q in thousandths of the parameters in [p, end): 1000 without one, 0 if it cannot be read. */
static int weight(const char *p, const char *end) {
    while (p && p < end) {
        p = skip_spaces(p + 1, end); /* behind the ';' */
        if (end - p >= 2 && (p[0] == 'q' || p[0] == 'Q') && p[1] == '=') {
            int thousandths = p + 2 < end && p[2] == '1' ? 1000 : 0, place = 100;
            if (p + 2 >= end || (p[2] != '0' && p[2] != '1')) return 0;
            for (p += 4; thousandths < 1000 && p < end && *p >= '0' && *p <= '9'; p++, place /= 10)
                thousandths += (*p - '0') * place;
            return thousandths;
        }
        p = memchr(p, ';', (size_t)(end - p));
    }
    return 1000;
}

/* The next element of a comma separated list: its name in [*name, *name + *length), its weight in *q. */
static const char *next_element(const char *list, const char **name, size_t *length, int *q) {
    list = skip_spaces(list, list + strlen(list));
    if (!*list) return NULL;
    const char *end = list + strcspn(list, ",");
    size_t all = (size_t)(end - list), n = strcspn(list, ";,");
    *q = weight(memchr(list, ';', all), end);
    while (n && (list[n - 1] == ' ' || list[n - 1] == '\t'))
        n--;
    *name = list;
    *length = n;
    return end;
}

static bool is_name(const char *name, size_t length, const char *wanted) {
    return strlen(wanted) == length && strncasecmp(name, wanted, length) == 0;
}

enum writer_format negotiate_format(const char *accept) {
    int msgpack = 0, json = 0, q;
    const char *name;
    size_t length;
    if (!accept || !strcasestr(accept, "msgpack")) return FORMAT_JSON;
    for (const char *p = accept; (p = next_element(p, &name, &length, &q));) {
        bool is_msgpack = is_name(name, length, "application/msgpack") ||
                          is_name(name, length, "application/x-msgpack") ||
                          is_name(name, length, "application/vnd.msgpack");
        if (is_msgpack && q > msgpack) msgpack = q;
        if (is_name(name, length, "application/json") && q > json) json = q;
    }
    return msgpack > 0 && msgpack >= json ? FORMAT_MSGPACK : FORMAT_JSON;
}

bool negotiate_html(const char *accept) {
    const char *name;
    size_t length;
    int q;
    for (const char *p = accept; p && (p = next_element(p, &name, &length, &q));)
        if (q > 0 && is_name(name, length, "text/html")) return true;
    return false;
}

bool negotiate_coding(const char *accept_encoding, const char *coding) {
    int named = -1, any = -1, q;
    const char *name;
    size_t length;
    if (!accept_encoding) return false;
    for (const char *p = accept_encoding; (p = next_element(p, &name, &length, &q));) {
        if (is_name(name, length, coding)) named = q;
        if (is_name(name, length, "*")) any = q;
    }
    return named >= 0 ? named > 0 : any > 0;
}

bool negotiate_etag(const char *if_none_match, const char *etag, bool *packed) {
    size_t length = strlen(etag);
    const char *p = if_none_match;
    if (!p || !length) return false;
    while (*(p = skip_spaces(p, p + strlen(p)))) {
        if (packed) *packed = false;
        if (*p == '*') return true;
        if (p[0] == 'W' && p[1] == '/') p += 2;
        if (*p != '"') return false;
        const char *begin = ++p, *end = strchr(p, '"');
        if (!end) return false;
        size_t n = (size_t)(end - begin);
        bool has_mark = n == length + 3 && !memcmp(end - 3, "-gz", 3);
        if (has_mark) n = length;
        if (packed) *packed = has_mark;
        if (n == length && !memcmp(begin, etag, n)) return true;
        p = end + 1;
    }
    return false;
}
