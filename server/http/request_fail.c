/* Errors as answers. */
#include "base/problems.h"
#include "server/http/error_body.h"
#include "server/http/request.h"
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>

/* What was made so far is dropped. */
static void fail(struct request *request, int http_status, const char *code, const char *field,
                 const struct error *err, const struct problems *problems) {
    struct response *answer = &request->response;
    if (answer->raw) MHD_destroy_response(answer->raw);
    text_clear(&answer->body);
    *answer = (struct response){.status = http_status,
                                .content_type = "application/json",
                                .cache_control = "no-store",
                                .retry_after = http_status == 503 ? 1 : 0};
    error_body_write(&answer->body, code, field, err, problems, request->settings);
}

void request_fail(struct request *request, int http_status, const char *code, const char *field,
                  const char *format, ...) {
    struct error err = {0};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err.message, sizeof err.message, format, arguments);
    va_end(arguments);
    fail(request, http_status, code, field, &err, NULL);
}

static const struct {
    status code;
    int http_status;
    const char *name;
} meanings[] = {
    {ERR_INPUT, 400, "invalid"},     {ERR_NOT_FOUND, 404, "not_found"}, {ERR_EXISTS, 409, "conflict"},
    {ERR_STRATEGY, 422, "strategy"}, {ERR_NETWORK, 502, "upstream"},    {ERR_LIMIT, 503, "busy"},
    {ERR_MEMORY, 503, "busy"},       {ERR_CANCELLED, 409, "cancelled"},
};

void request_fail_error(struct request *request, const char *field, const struct error *err) {
    int http_status = 500;
    const char *name = "internal";
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == err->code) {
            http_status = meanings[i].http_status;
            name = meanings[i].name;
        }
    fail(request, http_status, name, field, err, NULL);
}

void request_fail_problems(struct request *request, const char *field, const struct problems *problems) {
    const struct error none = {.message = "the input is not valid"};
    fail(request, 422, "invalid", field, &none, problems);
}
