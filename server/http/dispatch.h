/* libmicrohttpd's callbacks for one request, in the order they come. */
#ifndef SERVER_HTTP_DISPATCH_H
#define SERVER_HTTP_DISPATCH_H

#include "server/http/exchange.h"
#include <microhttpd.h>

/* The request line is there: the exchange of the connection begins. */
void *dispatch_on_uri(void *daemon, const char *uri, struct MHD_Connection *connection);
/* Once with the headers, once a part of the body, once at its end, and once more when a suspended one goes
 * on. */
enum MHD_Result dispatch_on_request(void *daemon, struct MHD_Connection *connection, const char *url,
                                    const char *method, const char *version, const char *data,
                                    size_t *data_length, void **exchange);
/* The answer is sent, or the connection is lost. */
void dispatch_on_completed(void *daemon, struct MHD_Connection *connection, void **exchange,
                           enum MHD_RequestTerminationCode reason);

#endif
