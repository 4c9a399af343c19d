/* The kline tables of a database, and how each column of one is to be read. */
#ifndef KLINE_IMPORT_POSTGRES_TABLE_H
#define KLINE_IMPORT_POSTGRES_TABLE_H

#include "kmill/series.h"

#include <libpq-fe.h>

/* Object identifiers of the types klines may be stored in; fixed by PostgreSQL. */
enum postgres_type {
    POSTGRES_INT8 = 20,
    POSTGRES_INT2 = 21,
    POSTGRES_INT4 = 23,
    POSTGRES_FLOAT4 = 700,
    POSTGRES_FLOAT8 = 701,
    POSTGRES_NUMERIC = 1700
};

struct postgres_field {
    enum kline_column column;
    unsigned type; /* enum postgres_type */
};

enum postgres_time_unit { POSTGRES_MS, POSTGRES_US, POSTGRES_MIXED };

struct postgres_table {
    char symbol[SYMBOL_MAX]; /* upper case */
    enum interval interval;
    char *name;      /* as SQL needs it: qualified and quoted where necessary */
    bool is_indexed; /* an index begins with open_time: ranges of it are cheap */
    struct postgres_field
        fields[KLINE_COLUMN_COUNT]; /* in the order they are asked for; open_time is the first */
    int field_count;
    bool is_empty;
    int64_t first_raw, last_raw; /* open_time as stored */
    enum postgres_time_unit unit;
};

/* Column names in the tables: "open_time", "open_price", ... */
const char *postgres_column_name(enum kline_column column);

/* The tables t_kline_{symbol}_{interval} on the search path, by symbol (NULL: all) and interval (< 0: all),
 * sorted by name. Fields and range are not filled. *out is malloc'd: postgres_tables_free. ERR_NOT_FOUND if
 * there is none. */
status postgres_tables(struct postgres_table **out, size_t *count, PGconn *connection, const char *symbol,
                       int interval, struct error *err);
/* Fills fields (ERR_INPUT: a required column is missing, a type cannot be read), index and range. */
status postgres_table_describe(struct postgres_table *table, PGconn *connection, struct error *err);
void postgres_tables_free(struct postgres_table *tables, size_t count);

/* A stored time as ms: from 10^14 on (the year 5138 in ms, 1973 in µs) it is µs. */
int64_t postgres_time_ms(int64_t raw);

#endif
