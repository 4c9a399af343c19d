/* Connections of import_postgres: the address as users write it, one-line errors without secrets, queries. */
#ifndef KLINE_IMPORT_POSTGRES_CONNECTION_H
#define KLINE_IMPORT_POSTGRES_CONNECTION_H

#include "kmill/error.h"

#include <libpq-fe.h>

/* Checks dsn and makes it one that libpq takes (malloc'd): SQLAlchemy's `+driver` goes. No message shows any
 * of it, for a password with unescaped characters ends up in any of its parts. */
status postgres_address(char **out, const char *dsn, struct error *err);
/* PQfinish(*out). */
status postgres_connect(PGconn **out, const char *address, struct error *err);
/* Gives up after so many whole seconds (2 at least) an address of the host, not 10. */
status postgres_connect_within(PGconn **out, const char *address, const char *seconds, struct error *err);
/* One statement with text parameters and text results; PQclear(*out). out may be NULL. */
status postgres_query(PGresult **out, PGconn *connection, const char *sql, int parameter_count,
                      const char *const *parameters, struct error *err);
/* The same with results in the binary form of their types. */
status postgres_query_binary(PGresult **out, PGconn *connection, const char *sql, int parameter_count,
                             const char *const *parameters, struct error *err);
/* ERR_NETWORK where the connection is gone, else ERR_INPUT: `what: the server's message`, on one line. */
status postgres_error(struct error *err, PGconn *connection, const char *what);

/* Begins a read-only snapshot; with snapshot == NULL its own, exported as *exported (malloc'd) if exported is
 * not NULL (NULL where the server cannot), else the one named. */
status postgres_begin(PGconn *connection, const char *snapshot, char **exported, struct error *err);

#endif
