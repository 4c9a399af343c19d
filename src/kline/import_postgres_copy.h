/* Reading a kline table by COPY, on several connections at once. */
#ifndef KLINE_IMPORT_POSTGRES_COPY_H
#define KLINE_IMPORT_POSTGRES_COPY_H

#include "kline/columns.h"
#include "kline/import_postgres_table.h"

struct postgres_copy {
    const struct postgres_table *table;
    PGconn *const *connections; /* each in the same snapshot */
    int connection_count;
    bool has_start; /* only rows with open_time >= start_ms */
    int64_t start_ms;
    /* Called on the calling thread a few times a second; may be NULL. */
    void (*on_progress)(void *context, const char *table, size_t rows, size_t expected);
    void *context;
};

/* Replaces *out by the rows in the order of open_time; those of one open_time stay beside each other. *used:
 * connections that took part. On an error *out holds what it held. ERR_INPUT: a value that is no kline's,
 * with table, open_time and column; ERR_NETWORK: the connection was lost; ERR_CANCELLED. The connections are
 * of no use after an error. */
status postgres_copy_run(struct kline_columns *out, int *used, const struct postgres_copy *copy,
                         struct error *err);

#endif
