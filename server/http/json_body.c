/* Depth is looked at before anything is parsed: who walks the tree may then recurse. */
#include "server/http/json_body.h"

int json_too_deep(const char *text, size_t length, int most, size_t *at) {
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\') i++;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            *at = i;
            if (++depth > most) return depth;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return 0;
}

/* 400 with the place of byte `at`. */
static void refuse_at(struct request *request, size_t at, const char *message) {
    struct error err = {0};
    int line = 1, column = 1;
    for (size_t i = 0; i < at && i < request->body_length; i++) {
        bool is_end = request->body[i] == '\n';
        bool is_inside = ((unsigned char)request->body[i] & 0xC0) == 0x80; /* of a UTF-8 character */
        line += is_end;
        column = is_end ? 1 : column + !is_inside;
    }
    error_set_at(&err, ERR_INPUT, line, column, "the body is no JSON that is understood: %s", message);
    request_fail_error(request, NULL, &err);
}

yyjson_doc *json_body_read(struct request *request, yyjson_read_flag flags) {
    size_t at = 0;
    yyjson_read_err mistake;
    if (!request->body_length) {
        request_fail(request, 400, "invalid", NULL, "the body is empty: it has to be JSON");
        return NULL;
    }
    if (json_too_deep(request->body, request->body_length, JSON_DEPTH_MAX, &at)) {
        refuse_at(request, at, "it is nested deeper than 32 levels");
        return NULL;
    }
    /* Not in place: the body is not written to. */
    yyjson_doc *document = yyjson_read_opts((char *)(uintptr_t)request->body, request->body_length,
                                            flags & ~YYJSON_READ_INSITU, NULL, &mistake);
    if (!document) refuse_at(request, mistake.pos, mistake.msg);
    return document;
}
