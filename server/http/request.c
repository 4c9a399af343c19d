/* What handlers ask of a request: query parameters and headers, with their meaning and their mistakes. */
#include "server/http/request.h"
#include "base/clock.h"
#include "base/problems.h"
#include "server/http/exchange.h"
#include "server/http/negotiate.h"
#include <math.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *request_query(const struct request *request, const char *name) {
    const struct exchange *x = exchange_of(request);
    for (size_t i = 0; i < x->query_count; i++)
        if (!strcmp(x->query[i].name, name)) return x->query[i].value;
    return NULL;
}

void request_each_query(const struct request *request,
                        bool (*each)(void *context, const char *name, const char *value), void *context) {
    const struct exchange *x = exchange_of(request);
    for (size_t i = 0; i < x->query_count; i++)
        if (!each(context, x->query[i].name, x->query[i].value)) return;
}

const char *request_header(const struct request *request, const char *name) {
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

bool request_query_int(struct request *request, int64_t *out, const char *name, int64_t minimum,
                       int64_t maximum) {
    const char *text = request_query(request, name);
    int64_t value;
    if (!text) return true;
    if (!text_to_int64(&value, text)) {
        request_fail(request, 400, "invalid", name, "%s: '%s' is not a whole number", name, text);
        return false;
    }
    if (value < minimum || value > maximum) {
        request_fail(request, 400, "invalid", name, "%s: %lld is not between %lld and %lld", name,
                     (long long)value, (long long)minimum, (long long)maximum);
        return false;
    }
    *out = value;
    return true;
}

/* The '+' of an offset that a form decoder made a space: 2024-01-01T00:00:00 00:00. */
static void restore_plus(char *text) {
    size_t length = strlen(text);
    for (size_t digits = 4; digits <= 5; digits++) /* 0000 or 00:00 */
        if (length > digits + 10 && text[length - digits - 1] == ' ' && strchr(text, 'T'))
            text[length - digits - 1] = '+';
}

bool request_query_time(struct request *request, int64_t *ms, bool *has, const char *name) {
    const char *text = request_query(request, name);
    *has = text != NULL;
    if (!text) return true;
    char *copy = arena_copy(&request->arena, text, strlen(text));
    restore_plus(copy);
    if (clock_parse(ms, copy)) return true;
    request_fail(request, 400, "invalid", name,
                 "%s: '%s' is not a time; ISO-8601 like 2024-01-31T12:00:00Z, or epoch milliseconds", name,
                 text);
    return false;
}

bool request_query_double(struct request *request, double *out, const char *name) {
    const char *text = request_query(request, name);
    double value;
    if (!text) return true;
    if (!text_to_double(&value, text) || !isfinite(value)) {
        request_fail(request, 400, "invalid", name, "%s: '%s' is not a number", name, text);
        return false;
    }
    *out = value;
    return true;
}

bool request_query_bool(struct request *request, bool *out, const char *name) {
    const char *text = request_query(request, name);
    if (!text) return true;
    bool is_true = !strcmp(text, "true") || !strcmp(text, "1");
    if (!is_true && strcmp(text, "false") != 0 && strcmp(text, "0") != 0) {
        request_fail(request, 400, "invalid", name, "%s: '%s' is neither true nor false", name, text);
        return false;
    }
    *out = is_true;
    return true;
}

static bool is_one_of(const char *name, const char *const *names) {
    for (; *names; names++)
        if (!strcmp(name, *names)) return true;
    return false;
}

/* Which of two values is meant nobody knows: proxies and programs between take the first, or the last. */
static bool has_no_twice(struct request *request) {
    const struct exchange *x = exchange_of(request);
    for (size_t i = 1; i < x->query_count; i++)
        for (size_t j = 0; j < i; j++) {
            const char *name = x->query[i].name;
            if (strcmp(name, x->query[j].name) != 0) continue;
            request_fail(request, 400, "invalid", name, "%s: is given twice", name);
            return false;
        }
    return true;
}

bool request_query_known(struct request *request, const char *const *names) {
    const struct exchange *x = exchange_of(request);
    size_t count = 0;
    while (names[count])
        count++;
    for (size_t i = 0; i < x->query_count; i++) {
        const char *name = x->query[i].name;
        if (is_one_of(name, names)) continue;
        const char *near = nearest_name(name, names, count);
        if (near)
            request_fail(request, 400, "invalid", name, "there is no parameter '%s' here; did you mean '%s'?",
                         name, near);
        else
            request_fail(request, 400, "invalid", name, "there is no parameter '%s' here", name);
        return false;
    }
    return has_no_twice(request);
}

struct writer request_writer(struct request *request) {
    return writer_start(&request->response.body, request->format);
}

/* The tag of this request's format: msgpack's bytes are others than JSON's. */
static void mark_format(struct request *request) {
    char *etag = request->response.etag;
    size_t length = strlen(etag);
    if (request->format == FORMAT_MSGPACK && length + 3 < ETAG_MAX) memcpy(etag + length, "-mp", 4);
}

bool request_not_modified(struct request *request, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(request->response.etag, ETAG_MAX - 4, format, arguments);
    va_end(arguments);
    mark_format(request);
    if (!negotiate_etag(request_header(request, "If-None-Match"), request->response.etag, NULL)) return false;
    request->response.status = 304;
    return true;
}

const char *request_printf(struct request *request, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *out = arena_alloc(&request->arena, length < 0 ? 1 : (size_t)length + 1);
    out[0] = '\0';
    if (length > 0) vsnprintf(out, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    return out;
}

bool request_is_gone(const struct request *request) {
    return atomic_load_explicit(&exchange_of(request)->client->is_gone, memory_order_relaxed);
}
