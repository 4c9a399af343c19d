/* Klines read through from PostgreSQL: series the store lacks, as `kmill import postgres` would import them.
 *
 * Whatever may wait stands on a pool thread. A database that is down costs a request at most some seconds,
 * and the requests of the next five seconds nothing: they get the same error at once. No message names the
 * database's address or user. */
#ifndef SERVER_KLINES_KLINE_POSTGRES_H
#define SERVER_KLINES_KLINE_POSTGRES_H

#include "kline/columns.h"

struct kline_postgres;
/* Checks the address, connects later. ERR_INPUT: no PostgreSQL address. */
status kline_postgres_open(struct kline_postgres **out, const char *address, struct error *err);
void kline_postgres_close(struct kline_postgres *postgres);
/* Cuts connections whose answer is overdue, so that no pool thread waits for a server that hangs. Any thread;
 * called each second. Accepts NULL. */
void kline_postgres_look(struct kline_postgres *postgres);

/* The kline tables of the database as of at most ten seconds ago; immutable, released by whoever got it. */
struct kline_table_name {
    char symbol[SYMBOL_MAX]; /* upper case */
    enum interval interval;
};
struct kline_tables {
    uint64_t generation; /* another one whenever the tables may be others */
    size_t count;
    struct kline_table_name *names; /* by symbol, then interval */
};
/* Pool thread. Where the database does not answer: the tables of before (none at first) and the error; *out
 * is never NULL. */
status kline_postgres_tables(const struct kline_tables **out, struct kline_postgres *postgres,
                             struct error *err);
/* Event loop: the tables if they need not be asked for again, else NULL. */
const struct kline_tables *kline_postgres_tables_try(struct kline_postgres *postgres);
void kline_tables_release(const struct kline_tables *tables);

/* The candles with first <= open_time <= last (ms), at most limit of them: the first ones, or with from_end
 * the last ones; ascending in either case. */
struct kline_range {
    int64_t first, last;
    size_t limit;
    bool from_end;
};
/* *rows: zero-initialised; the caller clears it. ERR_NOT_FOUND: no such table; ERR_NETWORK: the database does
 * not answer; ERR_INPUT: what it holds are no klines, or it gave up after 5 s. Pool thread. */
status kline_postgres_read(struct kline_columns *rows, struct kline_postgres *postgres, const char *symbol,
                           enum interval interval, const struct kline_range *range, struct error *err);

/* What is known of a table without reading it. */
struct kline_extent {
    bool is_empty;
    int64_t first_open_time, last_open_time; /* ms; 0 if it is empty */
    char source[256];                        /* as an import would say it */
};
status kline_postgres_extent(struct kline_extent *out, struct kline_postgres *postgres, const char *symbol,
                             enum interval interval, struct error *err);

#endif
