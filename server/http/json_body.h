/* Posted JSON. */
#ifndef SERVER_HTTP_JSON_BODY_H
#define SERVER_HTTP_JSON_BODY_H

#include "server/http/request.h"
#include <yyjson.h>

enum { JSON_DEPTH_MAX = 32 };

/* The request's body as a document (its owner frees it with yyjson_doc_free; flags are yyjson's). NULL: it is
 * empty, no JSON, or nested deeper than JSON_DEPTH_MAX; then 400 with line and column of the mistake is the
 * answer. */
yyjson_doc *json_body_read(struct request *request, yyjson_read_flag flags);
/* Level of nesting (1: an object of plain values) at which text goes deeper than most, with *at the place of
 * the bracket; 0: it does not. Text that is no JSON may give any answer. */
int json_too_deep(const char *text, size_t length, int most, size_t *at);

#endif
