/* From a handler's struct response to what libmicrohttpd sends: 304, gzip, and the headers every answer
 * has. */
#include "server/http/finish.h"
#include "server/http/compress.h"
#include "server/http/negotiate.h"
#include "server/http/response_cache.h"
#include "server/http/response_keep.h"
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GZIP_MIN = 1024, GZIP_SLOW = 16384 };

const char *finish_origin(const struct request *request) {
    const struct text_list *origins = &request->settings->cors_origins;
    const char *origin = origins->count ? request_header(request, "Origin") : NULL;
    for (size_t i = 0; origin && i < origins->count; i++)
        if (!strcmp(origins->items[i], origin)) return origins->items[i];
    return NULL;
}

const char *finish_content_type(const struct request *request) {
    if (request->response.content_type) return request->response.content_type;
    return request->format == FORMAT_MSGPACK ? "application/msgpack" : "application/json";
}

static void add(struct MHD_Response *answer, const char *name, const char *value) {
    MHD_add_response_header(answer, name, value);
}

static void add_page_headers(struct MHD_Response *answer) {
    add(answer, "Content-Security-Policy",
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'");
    add(answer, "Referrer-Policy", "same-origin");
    add(answer, "X-Frame-Options", "DENY");
}

static void add_cors(const struct request *request, struct MHD_Response *answer) {
    const char *origin = finish_origin(request);
    if (!origin) return;
    add(answer, "Access-Control-Allow-Origin", origin);
    add(answer, "Access-Control-Expose-Headers", "ETag, Location, Retry-After, Content-Disposition");
}

/* What a page of a configured origin may send. */
static void add_preflight(const struct exchange *x, struct MHD_Response *answer) {
    if (!x->is_preflight || !finish_origin(&x->request)) return;
    add(answer, "Access-Control-Allow-Methods", x->allow);
    add(answer, "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Accept, If-None-Match, Last-Event-ID");
    add(answer, "Access-Control-Max-Age", "600");
}

void finish_headers(const struct exchange *x, struct MHD_Response *answer, bool packed) {
    const struct request *request = &x->request;
    const struct response *r = &request->response;
    char text[ETAG_MAX + 16];
    int http_status = r->status ? r->status : 200;
    if (http_status != 304 && http_status != 204) add(answer, "Content-Type", finish_content_type(request));
    if (packed) add(answer, "Content-Encoding", "gzip");
    if (r->etag[0]) {
        bool has_packed = packed; /* a 304 names the form that the client has */
        if (http_status == 304)
            negotiate_etag(request_header(request, "If-None-Match"), r->etag, &has_packed);
        snprintf(text, sizeof text, "\"%s%s\"", r->etag, has_packed ? "-gz" : "");
        add(answer, "ETag", text);
    }
    add(answer, "Vary",
        request->settings->cors_origins.count ? "Accept, Accept-Encoding, Origin"
                                              : "Accept, Accept-Encoding");
    add(answer, "Cache-Control", r->cache_control ? r->cache_control : r->etag[0] ? "no-cache" : "no-store");
    add(answer, "X-Content-Type-Options", "nosniff");
    if (r->location) add(answer, "Location", r->location);
    if (r->disposition) add(answer, "Content-Disposition", r->disposition);
    if (http_status == 401) add(answer, "WWW-Authenticate", "Bearer");
    if (r->retry_after) {
        snprintf(text, sizeof text, "%d", r->retry_after);
        add(answer, "Retry-After", text);
    }
    if (x->allow) add(answer, "Allow", x->allow);
    if (daemon_is_draining(x->daemon)) add(answer, "Connection", "close");
    add_cors(request, answer);
    add_preflight(x, answer);
    if (x->is_page) add_page_headers(answer);
}

static bool wants_gzip(const struct exchange *x) {
    const struct response *r = &x->request.response;
    return !r->raw && r->body.length >= GZIP_MIN && compress_helps(finish_content_type(&x->request)) &&
           negotiate_coding(request_header(&x->request, "Accept-Encoding"), "gzip");
}

bool exchange_finish_is_slow(const struct exchange *x) {
    if (x->kept) return cache_entry_is_unpacked(x);
    size_t slow = x->keep_key ? GZIP_MIN : GZIP_SLOW; /* what is kept is compressed better */
    return x->request.response.body.length >= slow && wants_gzip(x);
}

static void answer_from_body(struct exchange *x) {
    struct response *r = &x->request.response;
    char *data = r->body.data;
    size_t length = r->body.length;
    bool packed = wants_gzip(x) && compress_gzip(&data, &length, r->body.data, r->body.length, 1);
    if (packed) free(r->body.data);
    r->body = (struct text){0};
    x->answer = MHD_create_response_from_buffer(length, data, MHD_RESPMEM_MUST_FREE);
    if (!x->answer) {
        free(data);
        return;
    }
    x->answer_bytes = length;
    finish_headers(x, x->answer, packed);
}

void exchange_finish(struct exchange *x) {
    struct request *request = &x->request;
    struct response *r = &request->response;
    if (x->kept) { /* its headers are made */
        cache_entry_pack(x);
        return;
    }
    if (!r->status) r->status = 200;
    if (r->raw) {
        x->answer = r->raw;
        r->raw = NULL;
        /* libmicrohttpd ends the chunks of a stream also where HEAD has begun none, and the client takes that
         * for its next answer; without chunks nothing follows the headers, and the connection ends. */
        if (x->is_streamed && x->method_asked == HTTP_HEAD)
            MHD_set_response_options(x->answer, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
        finish_headers(x, x->answer, x->is_packed);
        return;
    }
    if (r->status == 200 && r->etag[0] && request->method == HTTP_GET &&
        negotiate_etag(request_header(request, "If-None-Match"), r->etag, NULL))
        r->status = 304;
    if (r->status == 304 || r->status == 204) text_clear(&r->body);
    if (x->keep_key && r->status == 200 && response_keep(x))
        cache_entry_pack(x);
    else
        answer_from_body(x);
}
