/* The members of a JSON object that was posted: each of its type, none unknown, none twice. What is wrong is
 * answered with 400 and the member's name as `field`, and false is returned, so that a handler can just
 * return.
 *
 * Numbers stay the text they are: a balance is an exact decimal. */
#ifndef SERVER_WORK_BODY_FIELDS_H
#define SERVER_WORK_BODY_FIELDS_H

#include "server/http/request.h"
#include <yyjson.h>

struct body_fields {
    yyjson_doc *doc;
    yyjson_val *root;
};

/* Media type of the body without its parameters: JSON where none is said. 415 otherwise. */
enum body_type { BODY_JSON, BODY_YAML };
bool body_type_of(struct request *request, bool yaml_too, enum body_type *out);
/* names: every member there may be, NULL-terminated. Also 415. */
bool body_open(struct body_fields *body, struct request *request, const char *const *names);
void body_close(struct body_fields *body);

/* Absent or null: *out is NULL, unless it is required. A text has no NUL in it; *out lives as long as the
 * body. */
bool body_text(struct request *request, const struct body_fields *body, const char *name, bool required,
               const char **out);
/* The number as it is written. */
bool body_number(struct request *request, const struct body_fields *body, const char *name, const char **out);
/* ISO-8601 text or epoch milliseconds, as text. */
bool body_time(struct request *request, const struct body_fields *body, const char *name, const char **out);
bool body_object(struct request *request, const struct body_fields *body, const char *name, yyjson_val **out);

#endif
