/* Klines from PostgreSQL tables t_kline_{symbol}_{interval} into the store. */
#ifndef KLINE_IMPORT_POSTGRES_H
#define KLINE_IMPORT_POSTGRES_H

#include "kmill/series.h"

#include <stddef.h>

/* What became of one table. */
struct import_postgres_table {
    char symbol[SYMBOL_MAX];
    enum interval interval;
    const char *name;  /* as SQL names it; valid during the call */
    size_t rows_read;  /* rows the server sent */
    size_t duplicates; /* identical ones dropped (tables without a key) */
    size_t added;      /* candles the store did not have */
    size_t total;      /* candles the store has now */
    bool is_update;    /* added to an existing series; false: the whole table */
    bool last_changed; /* the last stored candle was unfinished when it was stored, and is replaced */
    int connections;
    double seconds;
};

struct import_postgres_options {
    const char *dsn;    /* libpq's URI or key=value form; SQLAlchemy's postgresql+DRIVER:// too */
    const char *store;  /* folder */
    const char *symbol; /* NULL: all */
    bool has_interval;  /* false: all */
    enum interval interval;
    int connections; /* 0: one a core, at most 4 */
    bool replace;    /* whole tables; otherwise an existing series gets only what is newer */
    /* Both may be NULL; called on the calling thread. rows: so far of the table at work. */
    void (*on_progress)(void *context, const char *table, size_t rows, size_t expected);
    void (*on_table)(void *context, const struct import_postgres_table *table);
    void *context;
};

/* Imports every table that fits, in one snapshot of the database; a series is written once its table was read
 * whole, so an error leaves the store's old series as it was (series of earlier tables are done by then).
 * *tables: how many were found. ERR_INPUT: the address, a column's type or a value; ERR_NOT_FOUND: no such
 * table; ERR_NETWORK: no connection, or lost. */
status import_postgres(size_t *tables, const struct import_postgres_options *options, struct error *err);

#endif
