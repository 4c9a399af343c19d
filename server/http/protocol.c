/* What is refused before any route is looked for: requests that two programs could read differently (request
 * smuggling), and ones larger than they may be. */
#include "server/http/exchange.h"
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADER_BYTES_MAX = 16384 };

struct header_counts {
    int host, content_length, transfer_encoding, authorization;
    size_t bytes;
    bool has_odd_name, has_odd_value;
    const char *length_text, *coding, *host_text;
};

/* A name is a token (RFC 9110, 5.1). libmicrohttpd 0.9 takes anything up to the colon for a name:
 * "Content-Length : 3" would be no length, and its body the next request. */
static bool is_token(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_letter = (c | 32) >= 'a' && (c | 32) <= 'z', is_digit = c >= '0' && c <= '9';
        if (!is_letter && !is_digit && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c))) return false;
    }
    return length > 0;
}

static bool has_control(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) return true;
    }
    return false;
}

static enum MHD_Result count_header(void *context, enum MHD_ValueKind kind, const char *name,
                                    size_t name_length, const char *value, size_t value_length) {
    struct header_counts *counts = context;
    (void)kind;
    counts->bytes += name_length + value_length + 4;
    counts->has_odd_name |= !is_token(name, name_length);
    counts->has_odd_value |= has_control(value, value_length);
    if (!strcasecmp(name, "Host")) {
        counts->host++;
        counts->host_text = value;
    } else if (!strcasecmp(name, "Content-Length")) {
        counts->content_length++;
        counts->length_text = value;
    } else if (!strcasecmp(name, "Transfer-Encoding")) {
        counts->transfer_encoding++;
        counts->coding = value;
    } else if (!strcasecmp(name, "Authorization")) {
        counts->authorization++;
    }
    return MHD_YES;
}

static bool is_digits(const char *text) {
    return text && *text && text[strspn(text, "0123456789")] == '\0';
}

/* The reason why the framing is not understood in one way only; NULL: it is. */
static const char *framing_mistake(const struct header_counts *counts, const char *version) {
    bool is_1_1 = !strcmp(version, "HTTP/1.1");
    if (!is_1_1 && strcmp(version, "HTTP/1.0") != 0) return "the protocol has to be HTTP/1.1 or HTTP/1.0";
    if (counts->has_odd_name) return "a header's name has spaces or other characters that none has";
    if (counts->has_odd_value) return "a header holds control characters";
    if (counts->host > 1) return "more than one Host header";
    if (counts->host == 0 && is_1_1) return "no Host header";
    if (counts->content_length > 1) return "more than one Content-Length header";
    if (counts->content_length && counts->transfer_encoding)
        return "Content-Length and Transfer-Encoding together";
    if (counts->content_length && !is_digits(counts->length_text)) return "Content-Length is no number";
    if (counts->transfer_encoding > 1) return "more than one Transfer-Encoding header";
    if (counts->transfer_encoding && !is_1_1) return "Transfer-Encoding in HTTP/1.0";
    if (counts->transfer_encoding && (!counts->coding || strcasecmp(counts->coding, "chunked") != 0))
        return "a Transfer-Encoding other than chunked";
    if (counts->authorization > 1) return "more than one Authorization header";
    return NULL;
}

static bool is_body_too_long(const struct header_counts *counts, size_t maximum) {
    if (!counts->content_length) return false;
    return strlen(counts->length_text) > 18 || strtoull(counts->length_text, NULL, 10) > maximum;
}

static enum http_method method_of(const char *name) {
    for (int method = HTTP_GET; method < HTTP_OTHER; method++)
        if (!strcmp(name, method_name((enum http_method)method))) return (enum http_method)method;
    return HTTP_OTHER;
}

bool exchange_refused(struct exchange *x, const char *method, const char *version) {
    struct request *request = &x->request;
    struct header_counts counts = {0};
    MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, count_header, &counts);
    x->method_asked = method_of(method);
    request->method = x->method_asked == HTTP_HEAD ? HTTP_GET : x->method_asked;
    const char *mistake = framing_mistake(&counts, version);
    if (mistake) {
        request_fail(request, 400, "invalid", NULL, "the request is refused: %s", mistake);
        return true;
    }
    if (x->is_too_long) {
        request_fail(request, 414, "too_long", NULL, "the address has more than %zu bytes",
                     request->settings->url_max);
        return true;
    }
    if (counts.bytes > HEADER_BYTES_MAX) {
        request_fail(request, 431, "too_long", NULL, "the headers have more than %d bytes", HEADER_BYTES_MAX);
        return true;
    }
    if (is_body_too_long(&counts, request->settings->body_max)) {
        request_fail(request, 413, "too_large", NULL, "the body has more than %zu bytes",
                     request->settings->body_max);
        return true;
    }
    return !exchange_take_uri(x);
}
