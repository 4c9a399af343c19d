/* The checks of gate.h, in its order. */
#include "server/gate/gate.h"

#include "base/hash.h"
#include "server/gate/origin.h"
#include "server/gate/rate_limit.h"

#include <string.h>
#include <strings.h>

/* ---- Host ---- */

static bool is_known_name(const struct settings *settings, const struct host *host) {
    if (host->is_address || strcmp(host->name, "localhost") == 0) return true;
    for (size_t i = 0; i < settings->host_names.count; i++)
        if (strcmp(settings->host_names.items[i], host->name) == 0) return true;
    return false;
}

static bool host_allowed(struct request *request, struct host *host) {
    const char *text = request_header(request, "Host");
    if (!text) {
        request_fail(request, 400, "invalid", "Host", "the request has no Host header");
        return false;
    }
    if (!host_parse(host, text)) {
        request_fail(request, 400, "invalid", "Host",
                     "the Host header is no host name with an optional port");
        return false;
    }
    if (is_known_name(request->settings, host)) return true;
    request_fail(request, 421, "misdirected", "Host",
                 "this server is not known as '%s': add it to host_names (--host-names) if it should be",
                 host->name);
    return false;
}

/* ---- rate ---- */

static bool rate_allowed(struct request *request) {
    int retry_after;
    if (rate_limit_take(request->server->limiter, request->peer, request->is_loopback, &retry_after))
        return true;
    request_fail(request, 429, "rate_limited", NULL, "too many requests: try again in %d second%s",
                 retry_after, retry_after == 1 ? "" : "s");
    request->response.retry_after = retry_after;
    return false;
}

/* ---- Origin ---- */

static bool is_configured_origin(const struct settings *settings, const struct origin *origin) {
    char text[ORIGIN_TEXT_MAX];
    origin_text(text, origin);
    for (size_t i = 0; i < settings->cors_origins.count; i++)
        if (strcmp(settings->cors_origins.items[i], text) == 0) return true;
    return false;
}

/* No Origin: a program, or a browser that tells by Sec-Fetch-Site whose page it was. */
static bool site_allowed(struct request *request) {
    const char *site = request_header(request, "Sec-Fetch-Site");
    if (!site || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0) return true;
    request_fail(request, 403, "forbidden", "Sec-Fetch-Site",
                 "a page of another site may not change or run anything here");
    return false;
}

static bool origin_allowed(struct request *request, const struct host *host) {
    const struct settings *settings = request->settings;
    const char *text = request_header(request, "Origin");
    struct origin origin, own = origin_of_host(host, settings->tls_certificate != NULL);
    if (!text) return site_allowed(request);
    bool is_origin = origin_parse(&origin, text);
    if (is_origin && (origin_equal(&origin, &own) || is_configured_origin(settings, &origin))) return true;
    char shown[ORIGIN_TEXT_MAX];
    request_fail(request, 403, "forbidden", "Origin",
                 "pages of %s may not change or run anything here: add it to cors_origins (CORS_ORIGINS) if "
                 "they should",
                 is_origin ? origin_text(shown, &origin) : "an unknown origin");
    return false;
}

/* ---- token ---- */

static bool token_needed(const struct settings *settings) {
    return settings->token || !address_is_loopback(settings->address);
}

/* The credentials of `Bearer CREDENTIALS`, NULL if the header says something else. */
static const char *bearer(const char *header) {
    if (!header || strncasecmp(header, "Bearer", 6) != 0 || header[6] != ' ') return NULL;
    header += 6;
    return header + strspn(header, " ");
}

/* Compares digests, all of them: the time depends neither on the place of a difference nor on the length of
 * the token. */
static bool tokens_equal(const char *given, const char *token) {
    char a[SHA256_HEX_MAX], b[SHA256_HEX_MAX];
    hash_sha256_hex(a, given, strlen(given));
    hash_sha256_hex(b, token, strlen(token));
    volatile unsigned differences = 0;
    for (int i = 0; i < SHA256_HEX_MAX - 1; i++)
        differences = differences | (unsigned)(a[i] ^ b[i]);
    return differences == 0;
}

static bool token_allowed(struct request *request) {
    const struct settings *settings = request->settings;
    if (!token_needed(settings)) return true;
    if (!settings->token) {
        request_fail(
            request, 403, "forbidden", NULL,
            "this server listens beyond loopback and has no token, so that nothing can be changed or "
            "run: set KMILL_TOKEN or --token-file");
        return false;
    }
    const char *given = bearer(request_header(request, "Authorization"));
    if (given && tokens_equal(given, settings->token)) return true;
    request_fail(request, 401, "unauthorized", "Authorization",
                 given ? "the token is wrong" : "this needs the header 'Authorization: Bearer TOKEN'");
    return false;
}

bool gate_allows(struct request *request, const struct route *route) {
    struct host host;
    if (!host_allowed(request, &host) || !rate_allowed(request)) return false;
    if (!route || !(route->flags & ROUTE_CHANGES)) return true;
    return origin_allowed(request, &host) && token_allowed(request);
}

bool gate_waits(const struct request *request) {
    bool is_exempt = request->is_loopback && !request->settings->rate_limit_loopback;
    return !is_exempt && rate_limit_waits(request->server->limiter);
}
