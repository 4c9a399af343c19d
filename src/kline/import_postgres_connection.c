/* Connections of import_postgres.
 *
 * libpq's own messages about a malformed address quote pieces of it, and a password with an unescaped '@' or
 * '/' makes its rest the host or the port, which then stands in the message of a failed connection. So the
 * address is checked first, and a message about it says only what is wrong with its form. */
#include "kline/import_postgres_connection.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const FORM_HINT = "expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE (special "
                                     "characters of a password as %40 and so on)";

static const char *option_value(const PQconninfoOption *options, const char *keyword) {
    for (; options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0 && options->val) return options->val;
    return "";
}

static bool is_plain_host(const char *host) {
    return *host == '/' || strpbrk(host, "@?#% ") == NULL;
}

static bool is_port_list(const char *port) {
    for (; *port; port++)
        if (!isdigit((unsigned char)*port) && *port != ',') return false;
    return true;
}

/* asyncpg's `ssl=` is libpq's `sslmode=`. */
static char *rename_ssl_parameter(char *address) {
    char *query = strchr(address, '?'), *place = query;
    while (place && strncmp(place + 1, "ssl=", 4) != 0)
        place = strchr(place + 1, '&');
    if (!place) return address;
    size_t before = (size_t)(place + 1 - address), length = strlen(address);
    char *renamed = malloc(length + sizeof "mode");
    if (renamed) {
        memcpy(renamed, address, before);
        memcpy(renamed + before, "sslmode", 7);
        memcpy(renamed + before + 7, place + 4, length - before - 3 + 1);
    }
    free(address);
    return renamed;
}

/* postgresql+asyncpg://REST -> postgresql://REST. */
static char *without_driver(const char *dsn) {
    const char *scheme_end = strstr(dsn, "://"), *plus = strchr(dsn, '+');
    if (!scheme_end || !plus || plus > scheme_end) return strdup(dsn);
    size_t scheme = (size_t)(plus - dsn), rest = strlen(scheme_end);
    char *address = malloc(scheme + rest + 1);
    if (!address) return NULL;
    memcpy(address, dsn, scheme);
    memcpy(address + scheme, scheme_end, rest + 1);
    return rename_ssl_parameter(address);
}

status postgres_address(char **out, const char *dsn, struct error *err) {
    *out = NULL;
    if (!strchr(dsn, '=') && strncmp(dsn, "postgres", 8) != 0)
        return error_set(err, ERR_INPUT, "the database address is no PostgreSQL address: %s", FORM_HINT);
    char *address = without_driver(dsn), *reason = NULL;
    if (!address) return error_set(err, ERR_MEMORY, "out of memory");
    PQconninfoOption *options = PQconninfoParse(address, &reason);
    PQfreemem(reason);
    status rc = OK;
    if (!options || !is_plain_host(option_value(options, "host")) ||
        !is_port_list(option_value(options, "port")))
        rc = error_set(err, ERR_INPUT, "the database address cannot be read: %s", FORM_HINT);
    PQconninfoFree(options);
    if (rc == OK)
        *out = address;
    else
        free(address);
    return rc;
}

status postgres_error(struct error *err, PGconn *connection, const char *what) {
    char line[ERROR_MESSAGE_MAX];
    size_t used = 0;
    for (const char *p = PQerrorMessage(connection); *p && used + 3 < sizeof line; p++) {
        if (*p != '\n' && *p != '\t') {
            line[used++] = *p;
        } else if (used && line[used - 1] != ' ') {
            if (line[used - 1] != ':' && p[1]) line[used++] = ';';
            line[used++] = ' ';
        }
    }
    while (used && (line[used - 1] == ' ' || line[used - 1] == ';'))
        used--;
    line[used] = 0;
    if (!used) strcpy(line, "the connection to the server was lost");
    status code = PQstatus(connection) == CONNECTION_OK ? ERR_INPUT : ERR_NETWORK;
    return error_set(err, code, "%s: %s", what, line);
}

status postgres_connect(PGconn **out, const char *address, struct error *err) {
    return postgres_connect_within(out, address, "10", err);
}

status postgres_connect_within(PGconn **out, const char *address, const char *seconds, struct error *err) {
    /* dbname comes last: what the address says itself wins over these defaults. */
    static const char *const keywords[] = {"connect_timeout",     "application_name", "keepalives_idle",
                                           "keepalives_interval", "keepalives_count", "tcp_user_timeout",
                                           "client_encoding",     "dbname",           NULL};
    const char *values[] = {seconds, "kmill", "10", "5", "6", "60000", "UTF8", address, NULL};
    *out = NULL;
    PGconn *connection = PQconnectdbParams(keywords, values, 1);
    if (!connection) return error_set(err, ERR_MEMORY, "out of memory");
    if (PQstatus(connection) == CONNECTION_OK) {
        *out = connection;
        return OK;
    }
    status rc = postgres_error(err, connection, "no connection to PostgreSQL");
    PQfinish(connection);
    return rc;
}

static status query(PGresult **out, PGconn *connection, const char *sql, int parameter_count,
                    const char *const *parameters, bool is_binary, struct error *err) {
    if (out) *out = NULL;
    PGresult *result =
        PQexecParams(connection, sql, parameter_count, NULL, parameters, NULL, NULL, is_binary);
    ExecStatusType outcome = PQresultStatus(result);
    if (outcome != PGRES_TUPLES_OK && outcome != PGRES_COMMAND_OK) {
        PQclear(result);
        return postgres_error(err, connection, "PostgreSQL");
    }
    if (out)
        *out = result;
    else
        PQclear(result);
    return OK;
}

status postgres_query(PGresult **out, PGconn *connection, const char *sql, int parameter_count,
                      const char *const *parameters, struct error *err) {
    return query(out, connection, sql, parameter_count, parameters, false, err);
}

status postgres_query_binary(PGresult **out, PGconn *connection, const char *sql, int parameter_count,
                             const char *const *parameters, struct error *err) {
    return query(out, connection, sql, parameter_count, parameters, true, err);
}

static status begin_own(PGconn *connection, struct error *err) {
    return postgres_query(NULL, connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", 0, NULL, err);
}

/* A server in recovery may refuse to export; then the snapshot is used by this connection alone. */
static status export_snapshot(char **exported, PGconn *connection, struct error *err) {
    PGresult *result;
    *exported = NULL;
    if (postgres_query(&result, connection, "SELECT pg_export_snapshot()", 0, NULL, NULL) == OK) {
        *exported = strdup(PQgetvalue(result, 0, 0));
        PQclear(result);
        return *exported ? OK : error_set(err, ERR_MEMORY, "out of memory");
    }
    status rc = postgres_query(NULL, connection, "ROLLBACK", 0, NULL, err);
    return rc == OK ? begin_own(connection, err) : rc;
}

status postgres_begin(PGconn *connection, const char *snapshot, char **exported, struct error *err) {
    status rc = begin_own(connection, err);
    if (rc == OK && snapshot) {
        char sql[256];
        char *literal = PQescapeLiteral(connection, snapshot, strlen(snapshot));
        if (!literal) return error_set(err, ERR_MEMORY, "out of memory");
        snprintf(sql, sizeof sql, "SET TRANSACTION SNAPSHOT %s", literal);
        PQfreemem(literal);
        rc = postgres_query(NULL, connection, sql, 0, NULL, err);
    }
    if (rc == OK && exported) rc = export_snapshot(exported, connection, err);
    /* One plan a range: several connections already share the work. A COPY may take as long as it needs. */
    static const char *const settings[] = {"SET LOCAL max_parallel_workers_per_gather = 0",
                                           "SET LOCAL statement_timeout = 0",
                                           "SET LOCAL idle_in_transaction_session_timeout = 0"};
    for (size_t i = 0; rc == OK && i < sizeof settings / sizeof *settings; i++)
        rc = postgres_query(NULL, connection, settings[i], 0, NULL, err);
    return rc;
}
