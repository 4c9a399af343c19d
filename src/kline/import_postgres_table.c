/* The kline tables of a database.
 *
 * Only open_time, the four prices and base_volume must be there; other known columns are taken where they
 * are, unknown ones (such as `reserved`) are never asked for. Types are checked here, before the first row,
 * so that the error names table and column. Domains count as the type they are made of. */
#include "kline/import_postgres_table.h"

#include "base/text.h"
#include "kline/import_postgres_connection.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char PREFIX[] = "t_kline_";
enum { PREFIX_LENGTH = sizeof PREFIX - 1 };
static const int64_t FIRST_MICROSECOND = INT64_C(100000000000000);

const char *postgres_column_name(enum kline_column column) {
    static const char *const names[KLINE_COLUMN_COUNT] = {
        [KLINE_OPEN_TIME] = "open_time",
        [KLINE_OPEN] = "open_price",
        [KLINE_HIGH] = "high_price",
        [KLINE_LOW] = "low_price",
        [KLINE_CLOSE] = "close_price",
        [KLINE_VOLUME] = "base_volume",
        [KLINE_CLOSE_TIME] = "close_time",
        [KLINE_QUOTE_VOLUME] = "quote_volume",
        [KLINE_TRADES_COUNT] = "trades_count",
        [KLINE_TAKER_BUY_BASE] = "taker_buy_base_volume",
        [KLINE_TAKER_BUY_QUOTE] = "taker_buy_quote_volume",
    };
    return names[column];
}

int64_t postgres_time_ms(int64_t raw) {
    return raw >= FIRST_MICROSECOND ? raw / 1000 : raw;
}

/* t_kline_btcusdt_1h -> BTCUSDT, 1h; false if the name is not of that form. */
static bool parse_name(struct postgres_table *table, const char *name) {
    const char *symbol = name + PREFIX_LENGTH, *end = strrchr(name, '_');
    if (strncasecmp(name, PREFIX, PREFIX_LENGTH) != 0 || end <= symbol) return false;
    size_t length = (size_t)(end - symbol);
    if (length >= SYMBOL_MAX || !interval_parse(&table->interval, end + 1)) return false;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)symbol[i]) && symbol[i] != '_' && symbol[i] != '-') return false;
        table->symbol[i] = (char)toupper((unsigned char)symbol[i]);
    }
    table->symbol[length] = 0;
    return true;
}

static status none_found(const char *symbol, int interval, size_t others, struct error *err) {
    if (!others)
        return error_set(err, ERR_NOT_FOUND,
                         "the database has no table t_kline_{symbol}_{interval} on its search path");
    return error_set(err, ERR_NOT_FOUND, "the database has no table t_kline_*_* for %s%s%s (but %zu others)",
                     symbol ? symbol : "any symbol", interval >= 0 ? " " : "",
                     interval >= 0 ? interval_name((enum interval)interval) : "", others);
}

static bool is_wanted(const struct postgres_table *table, const char *symbol, int interval) {
    return (!symbol || strcasecmp(symbol, table->symbol) == 0) &&
           (interval < 0 || (int)table->interval == interval);
}

static status refuse_twins(const struct postgres_table *tables, size_t count, struct error *err) {
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (tables[i].interval == tables[k].interval && strcmp(tables[i].symbol, tables[k].symbol) == 0)
                return error_set(
                    err, ERR_INPUT, "%s and %s are both %s %s: rename one or take one off the search path",
                    tables[k].name, tables[i].name, tables[i].symbol, interval_name(tables[i].interval));
    return OK;
}

status postgres_tables(struct postgres_table **out, size_t *count, PGconn *connection, const char *symbol,
                       int interval, struct error *err) {
    static const char sql[] =
        "SELECT c.relname, c.oid::regclass::text FROM pg_catalog.pg_class c "
        "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname ILIKE 't\\_kline\\_%\\_%' "
        "AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY c.relname";
    PGresult *result;
    *out = NULL;
    *count = 0;
    status rc = postgres_query(&result, connection, sql, 0, NULL, err);
    if (rc != OK) return rc;
    size_t rows = (size_t)PQntuples(result), others = 0;
    struct postgres_table *tables = calloc(rows + 1, sizeof *tables);
    for (size_t i = 0; tables && i < rows && rc == OK; i++) {
        struct postgres_table *table = &tables[*count];
        if (!parse_name(table, PQgetvalue(result, (int)i, 0))) continue;
        if (!is_wanted(table, symbol, interval)) {
            others++;
            continue;
        }
        table->name = strdup(PQgetvalue(result, (int)i, 1));
        if (!table->name) rc = error_set(err, ERR_MEMORY, "out of memory");
        ++*count;
    }
    PQclear(result);
    if (!tables) return error_set(err, ERR_MEMORY, "out of memory");
    if (rc == OK && *count == 0) rc = none_found(symbol, interval, others, err);
    if (rc == OK) rc = refuse_twins(tables, *count, err);
    if (rc == OK) {
        *out = tables;
        return OK;
    }
    postgres_tables_free(tables, *count);
    *count = 0;
    return rc;
}

void postgres_tables_free(struct postgres_table *tables, size_t count) {
    if (!tables) return;
    for (size_t i = 0; i < count; i++)
        free(tables[i].name);
    free(tables);
}

static bool type_serves(enum kline_column column, unsigned type) {
    switch (type) {
    case POSTGRES_INT8:
    case POSTGRES_INT4:
    case POSTGRES_FLOAT8:
    case POSTGRES_NUMERIC:
        return true;
    case POSTGRES_INT2:
    case POSTGRES_FLOAT4:
        return column != KLINE_OPEN_TIME && column != KLINE_CLOSE_TIME;
    default:
        return false;
    }
}

static bool is_required(enum kline_column column) {
    return column <= KLINE_VOLUME;
}

static status add_field(struct postgres_table *table, enum kline_column column, PGresult *columns,
                        struct error *err) {
    const char *name = postgres_column_name(column);
    for (int i = 0; i < PQntuples(columns); i++) {
        if (strcmp(PQgetvalue(columns, i, 0), name) != 0) continue;
        unsigned type = (unsigned)strtoul(PQgetvalue(columns, i, 1), NULL, 10);
        if (!type_serves(column, type))
            return error_set(err, ERR_INPUT,
                             "table %s, column %s: cannot read type %s (taken are bigint, integer, numeric, "
                             "double precision%s)",
                             table->name, name, PQgetvalue(columns, i, 2),
                             column == KLINE_OPEN_TIME || column == KLINE_CLOSE_TIME
                                 ? "; times as epoch milliseconds"
                                 : ", real, smallint");
        table->fields[table->field_count++] = (struct postgres_field){column, type};
        return OK;
    }
    if (!is_required(column)) return OK;
    return error_set(err, ERR_INPUT, "table %s: has no column %s, which every kline table needs", table->name,
                     name);
}

static status describe_columns(struct postgres_table *table, PGconn *connection, struct error *err) {
    static const char sql[] =
        "SELECT a.attname, CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, "
        "pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a "
        "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
        "WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped";
    PGresult *result;
    const char *parameters[] = {table->name};
    status rc = postgres_query(&result, connection, sql, 1, parameters, err);
    table->field_count = 0;
    for (int c = 0; c < KLINE_COLUMN_COUNT && rc == OK; c++)
        rc = add_field(table, (enum kline_column)c, result, err);
    PQclear(result);
    return rc;
}

static status describe_index(struct postgres_table *table, PGconn *connection, struct error *err) {
    static const char sql[] =
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a "
        "ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
        "WHERE i.indrelid = $1::regclass AND a.attname = 'open_time' AND i.indisvalid AND i.indpred IS NULL)";
    PGresult *result;
    const char *parameters[] = {table->name};
    status rc = postgres_query(&result, connection, sql, 1, parameters, err);
    if (rc == OK) table->is_indexed = PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
    return rc;
}

static status describe_range(struct postgres_table *table, PGconn *connection, struct error *err) {
    struct text sql = {0};
    text_printf(&sql, "SELECT min(open_time)::numeric(30,0), max(open_time)::numeric(30,0) FROM %s",
                table->name);
    PGresult *result;
    status rc = postgres_query(&result, connection, sql.data, 0, NULL, err);
    text_clear(&sql);
    if (rc != OK) return rc;
    table->is_empty = PQgetisnull(result, 0, 0);
    if (!table->is_empty && (!text_to_int64(&table->first_raw, PQgetvalue(result, 0, 0)) ||
                             !text_to_int64(&table->last_raw, PQgetvalue(result, 0, 1))))
        rc = error_set(err, ERR_INPUT,
                       "table %s: open_time reaches from %s to %s, which are no epoch milliseconds",
                       table->name, PQgetvalue(result, 0, 0), PQgetvalue(result, 0, 1));
    PQclear(result);
    table->unit = table->last_raw < FIRST_MICROSECOND    ? POSTGRES_MS
                  : table->first_raw < FIRST_MICROSECOND ? POSTGRES_MIXED
                                                         : POSTGRES_US;
    return rc;
}

status postgres_table_describe(struct postgres_table *table, PGconn *connection, struct error *err) {
    status rc = describe_columns(table, connection, err);
    if (rc == OK) rc = describe_index(table, connection, err);
    if (rc == OK) rc = describe_range(table, connection, err);
    return rc;
}
