/* The one format of errors: the body of an answer, and the `error` event of a stream. */
#ifndef SERVER_HTTP_ERROR_BODY_H
#define SERVER_HTTP_ERROR_BODY_H

#include "base/problems.h"
#include "base/text.h"
#include "server/settings.h"

/* Adds {"detail", "error": {"code", "field", "line", "column"}, "problems": [{"line", "column", "message"}]}
 * in JSON; NULL and 0 become null. problems NULL or empty: none are written; else the first one is what
 * detail, line and column say instead of err. The folders of settings are taken out of every message. Any
 * thread. */
void error_body_write(struct text *out, const char *code, const char *field, const struct error *err,
                      const struct problems *problems, const struct settings *settings);

#endif
