/* The one error format of every answer. */
#include "base/problems.h"
#include "server/http/request.h"
#include "server/plain_message.h"
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void write_place(struct writer *w, const char *key, int place) {
    if (place > 0)
        writer_key_int(w, key, place);
    else
        writer_key_null(w, key);
}

/* Opens the object and writes all but what may follow "error". What was made so far is dropped. */
static struct writer begin_error(struct request *request, int http_status, const char *code,
                                 const char *field, int line, int column, const char *message) {
    struct response *answer = &request->response;
    if (answer->raw) MHD_destroy_response(answer->raw);
    text_clear(&answer->body);
    *answer = (struct response){.status = http_status,
                                .content_type = "application/json",
                                .cache_control = "no-store",
                                .retry_after = http_status == 503 ? 1 : 0};
    struct writer w = writer_start(&answer->body, FORMAT_JSON);
    writer_map(&w);
    writer_key_string(&w, "detail", message);
    writer_key(&w, "error");
    writer_map(&w);
    writer_key_string(&w, "code", code);
    writer_key_string(&w, "field", field);
    write_place(&w, "line", line);
    write_place(&w, "column", column);
    writer_end(&w);
    return w;
}

void request_fail(struct request *request, int http_status, const char *code, const char *field,
                  const char *format, ...) {
    char message[ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    plain_message_of(message, request->settings);
    struct writer w = begin_error(request, http_status, code, field, 0, 0, message);
    writer_end(&w);
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
    struct error plain = *err;
    plain_message_of(plain.message, request->settings);
    struct writer w = begin_error(request, http_status, name, field, plain.line, plain.column, plain.message);
    writer_end(&w);
}

void request_fail_problems(struct request *request, const char *field, const struct problems *problems) {
    static const struct problem none = {.message = (char *)"the input is not valid"};
    const struct problem *first = problems->count ? &problems->items[0] : &none;
    struct writer w = begin_error(request, 422, "invalid", field, first->line, first->column, first->message);
    writer_key(&w, "problems");
    writer_array(&w);
    for (size_t i = 0; i < problems->count; i++) {
        writer_map(&w);
        write_place(&w, "line", problems->items[i].line);
        write_place(&w, "column", problems->items[i].column);
        writer_key_string(&w, "message", problems->items[i].message);
        writer_end(&w);
    }
    writer_end(&w);
    writer_end(&w);
}
