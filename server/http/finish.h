/* Headers every answer has. */
#ifndef SERVER_HTTP_FINISH_H
#define SERVER_HTTP_FINISH_H

#include "server/http/exchange.h"

/* The value for Access-Control-Allow-Origin: the request's Origin if it is configured, else NULL. */
const char *finish_origin(const struct request *request);
/* Content-Type of an answer that has none set. */
const char *finish_content_type(const struct request *request);
/* ETag, Vary, Cache-Control, CORS and security headers, and those of struct response. packed: the body is
 * gzip. */
void finish_headers(const struct exchange *x, struct MHD_Response *answer, bool packed);

#endif
