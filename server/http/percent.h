/* Percent-encoding of paths and queries. */
#ifndef SERVER_HTTP_PERCENT_H
#define SERVER_HTTP_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

enum percent_rule {
    PERCENT_PATH, /* '+' is a plus sign */
    PERCENT_QUERY /* '+' is a space */
};

/* Decodes length bytes into out (room for length + 1) and ends them with NUL. False: a '%' without two hex
 * digits behind it, a NUL, another control character, or bytes that are not UTF-8. */
bool percent_decode(char *out, const char *text, size_t length, enum percent_rule rule);
/* Whether percent_decode could give this text: some address leads to a thing of that name. */
bool percent_holds(const char *text, size_t length);

#endif
