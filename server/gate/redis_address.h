/* REDIS_URL taken apart: redis://[USER:PASSWORD@]HOST[:PORT][/DB] or unix://[USER:PASSWORD@]/PATH[?db=N]. */
#ifndef SERVER_GATE_REDIS_ADDRESS_H
#define SERVER_GATE_REDIS_ADDRESS_H

#include "kmill/error.h"

/* Texts are owned; NULL: not said. */
struct redis_address {
    char *host, *path; /* one of them */
    int port;          /* of host; default 6379 */
    char *user, *password;
    int database;
};
/* %XX in user, password and path is decoded. No message shows any of the address: a password with an
 * unescaped character ends up in any of its parts. redis_address_clear frees, also after an error. */
status redis_address_parse(struct redis_address *out, const char *url, struct error *err);
void redis_address_clear(struct redis_address *address);

#endif
