/* What a client's headers allow: format, compression, and whether it has the answer already. Values are
 * header texts; NULL: absent. */
#ifndef SERVER_HTTP_NEGOTIATE_H
#define SERVER_HTTP_NEGOTIATE_H

#include "server/http/writer.h"

/* FORMAT_MSGPACK if Accept names application/msgpack (or x-msgpack, vnd.msgpack) at least as high as
 * application/json; wildcards do not count for it. */
enum writer_format negotiate_format(const char *accept);
/* True if Accept names text/html with a q above 0, as browsers do when they go to a page; wildcards, which
 * they send for scripts and images, do not count. */
bool negotiate_html(const char *accept);
/* True if Accept-Encoding allows `coding` with a q above 0, by name or else by "*". Absent: false. */
bool negotiate_coding(const char *accept_encoding, const char *coding);
/* True if If-None-Match holds etag (without quotes), weak or strong, or is "*". "-gz" behind a client's tag
 * is the same content compressed; *packed (may be NULL) tells that it was there. */
bool negotiate_etag(const char *if_none_match, const char *etag, bool *packed);

#endif
