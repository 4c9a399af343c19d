/* Klines read through from PostgreSQL.
 *
 * Tables and rows are found and decoded by the importer's own code (kline/import_postgres_*), so a candle is
 * the same whichever way it came. The list of tables is kept for ten seconds, with what was learnt of each
 * table. Connections are lent to one pool thread at a time and kept; one that turns out to be dead is
 * replaced once.
 *
 * Nothing may hold up the pool: connecting is given up after three seconds, statements after five (the
 * server's own clock) or eight (ours: kline_postgres_look shuts the socket down, through a copy of its
 * descriptor, as libpq may close its own at any time). After a failed connection nobody tries again for five
 * seconds. */
#include "server/klines/kline_postgres.h"

#include "base/clock.h"
#include "base/text.h"
#include "kline/import_postgres_connection.h"
#include "kline/import_postgres_row.h"
#include "kline/merge.h"
#include "server/http/server_log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const int64_t TABLES_NS = INT64_C(10000000000), DOWN_NS = INT64_C(5000000000),
                     OVERDUE_NS = INT64_C(8000000000);
static const int64_t FIRST_MICROSECOND = INT64_C(100000000000000); /* as postgres_time_ms */

/* One connection. Belongs to the thread it is lent to; in the list all the time. */
struct link {
    struct link *next;
    PGconn *connection;
    int socket;         /* a copy of the descriptor */
    int64_t busy_since; /* ns, 0: idle; under the lock */
};

/* The tables as readers see them, and what is known of each: `tables[i]` is the one of names[i]. */
struct counted_tables {
    struct kline_tables list;
    atomic_int references;
    struct postgres_table *tables;
    bool *is_described; /* under the lock, as is then tables[i] */
};

struct kline_postgres {
    char *address;
    pthread_mutex_t lock; /* all below; never held while waiting */
    struct link *links;
    struct counted_tables *current;   /* never NULL */
    int64_t tables_until, down_until; /* ns: ask for tables again; connect again */
    struct error tables_error;        /* of the last time tables were asked for; code OK: none */
    pthread_mutex_t asking;           /* held by the thread that asks for tables */
};

/* ---- connections ---- */

static void end_link(struct kline_postgres *self, struct link *link) {
    pthread_mutex_lock(&self->lock);
    struct link **place = &self->links;
    while (*place != link)
        place = &(*place)->next;
    *place = link->next;
    pthread_mutex_unlock(&self->lock);
    PQfinish(link->connection);
    if (link->socket >= 0) close(link->socket);
    free(link);
}

static struct link *take_idle(struct kline_postgres *self) {
    pthread_mutex_lock(&self->lock);
    struct link *link = self->links;
    while (link && link->busy_since)
        link = link->next;
    if (link) link->busy_since = clock_monotonic_ns();
    pthread_mutex_unlock(&self->lock);
    return link;
}

static status prepare(PGconn *connection, struct error *err) {
    status rc = postgres_query(NULL, connection, "SET statement_timeout = 5000", 0, NULL, err);
    if (rc == OK)
        rc = postgres_query(NULL, connection, "SET default_transaction_read_only = on", 0, NULL, err);
    return rc;
}

/* Says so in the log, with what the client is not told: address and reason. */
static status connection_failed(struct kline_postgres *self, const struct error *cause, struct error *err) {
    pthread_mutex_lock(&self->lock);
    self->down_until = clock_monotonic_ns() + DOWN_NS;
    pthread_mutex_unlock(&self->lock);
    server_log(LOG_WARN, "%s", cause->message);
    return error_set(err, ERR_NETWORK, "the database behind the kline store does not answer");
}

static status new_link(struct link **out, struct kline_postgres *self, struct error *err) {
    struct error cause = {0};
    pthread_mutex_lock(&self->lock);
    bool is_down = clock_monotonic_ns() < self->down_until;
    pthread_mutex_unlock(&self->lock);
    if (is_down) return error_set(err, ERR_NETWORK, "the database behind the kline store does not answer");
    struct link *link = calloc(1, sizeof *link);
    if (!link) return error_set(err, ERR_MEMORY, "out of memory");
    status rc = postgres_connect_within(&link->connection, self->address, "3", &cause);
    if (rc == OK && (rc = prepare(link->connection, &cause)) != OK) PQfinish(link->connection);
    if (rc != OK) {
        free(link);
        return connection_failed(self, &cause, err);
    }
    link->socket = dup(PQsocket(link->connection));
    link->busy_since = clock_monotonic_ns();
    pthread_mutex_lock(&self->lock);
    link->next = self->links;
    self->links = link;
    pthread_mutex_unlock(&self->lock);
    *out = link;
    return OK;
}

static void give_back(struct kline_postgres *self, struct link *link) {
    if (PQstatus(link->connection) != CONNECTION_OK ||
        PQtransactionStatus(link->connection) != PQTRANS_IDLE) {
        end_link(self, link);
        return;
    }
    pthread_mutex_lock(&self->lock);
    link->busy_since = 0;
    pthread_mutex_unlock(&self->lock);
}

typedef status (*database_task)(void *context, PGconn *connection, struct error *err);

/* Runs task on a connection. A kept one may have died unseen (the server was restarted): then once more on a
 * new one. */
static status with_connection(struct kline_postgres *self, database_task task, void *context,
                              struct error *err) {
    struct link *link;
    while ((link = take_idle(self))) {
        status rc = task(context, link->connection, err);
        bool is_dead = rc != OK && PQstatus(link->connection) != CONNECTION_OK;
        bool was_slow = clock_monotonic_ns() - link->busy_since > OVERDUE_NS / 2;
        give_back(self, link);
        if (!is_dead || was_slow) return rc;
    }
    status rc = new_link(&link, self, err);
    if (rc != OK) return rc;
    rc = task(context, link->connection, err);
    give_back(self, link);
    return rc;
}

void kline_postgres_look(struct kline_postgres *postgres) {
    if (!postgres) return;
    int64_t now = clock_monotonic_ns();
    pthread_mutex_lock(&postgres->lock);
    for (struct link *link = postgres->links; link; link = link->next)
        if (link->busy_since && now - link->busy_since > OVERDUE_NS) shutdown(link->socket, SHUT_RDWR);
    pthread_mutex_unlock(&postgres->lock);
}

/* ---- tables ---- */

static struct counted_tables *counted(const struct kline_tables *tables) {
    return (struct counted_tables *)(uintptr_t)tables; /* its first member */
}

void kline_tables_release(const struct kline_tables *tables) {
    struct counted_tables *self = counted(tables);
    if (!self || atomic_fetch_sub(&self->references, 1) != 1) return;
    postgres_tables_free(self->tables, self->list.count);
    free(self->list.names);
    free(self->is_described);
    free(self);
}

static int compare_tables(const void *a, const void *b) {
    const struct postgres_table *x = a, *y = b;
    int order = strcmp(x->symbol, y->symbol);
    return order ? order : (int)x->interval - (int)y->interval;
}

/* Takes tables over, also when it fails. */
static struct counted_tables *make_tables(struct postgres_table *tables, size_t count, uint64_t generation) {
    struct counted_tables *self = calloc(1, sizeof *self);
    struct kline_table_name *names = calloc(count + 1, sizeof *names);
    bool *is_described = calloc(count + 1, sizeof *is_described);
    if (!self || !names || !is_described) {
        postgres_tables_free(tables, count);
        free(self);
        free(names);
        free(is_described);
        return NULL;
    }
    if (count > 1) qsort(tables, count, sizeof *tables, compare_tables);
    for (size_t i = 0; i < count; i++) {
        memcpy(names[i].symbol, tables[i].symbol, sizeof names[i].symbol);
        names[i].interval = tables[i].interval;
    }
    self->list = (struct kline_tables){.generation = generation, .count = count, .names = names};
    self->tables = tables;
    self->is_described = is_described;
    atomic_init(&self->references, 1);
    return self;
}

struct table_list {
    struct postgres_table *tables;
    size_t count;
};

static status list_tables(void *context, PGconn *connection, struct error *err) {
    struct table_list *list = context;
    status rc = postgres_tables(&list->tables, &list->count, connection, NULL, -1, err);
    return rc == ERR_NOT_FOUND ? OK : rc; /* a database without kline tables */
}

static const struct kline_tables *hold_current(struct kline_postgres *self, bool only_fresh) {
    pthread_mutex_lock(&self->lock);
    struct counted_tables *tables = self->current;
    bool is_good = !only_fresh || clock_monotonic_ns() < self->tables_until;
    if (is_good) atomic_fetch_add(&tables->references, 1);
    pthread_mutex_unlock(&self->lock);
    return is_good ? &tables->list : NULL;
}

const struct kline_tables *kline_postgres_tables_try(struct kline_postgres *postgres) {
    return hold_current(postgres, true);
}

/* Under `asking`. */
static void ask_for_tables(struct kline_postgres *self) {
    struct table_list list = {0};
    struct error problem = {0};
    status rc = with_connection(self, list_tables, &list, &problem);
    struct counted_tables *made = NULL;
    if (rc == OK) {
        made = make_tables(list.tables, list.count, self->current->list.generation + 1);
        if (!made) rc = error_set(&problem, ERR_MEMORY, "out of memory");
    }
    pthread_mutex_lock(&self->lock);
    self->tables_until = clock_monotonic_ns() + (rc == OK ? TABLES_NS : DOWN_NS);
    self->tables_error = problem;
    self->tables_error.code = rc;
    struct counted_tables *spare = made ? self->current : NULL;
    if (made) self->current = made;
    pthread_mutex_unlock(&self->lock);
    if (spare) kline_tables_release(&spare->list);
}

status kline_postgres_tables(const struct kline_tables **out, struct kline_postgres *postgres,
                             struct error *err) {
    *out = hold_current(postgres, true);
    if (!*out) {
        pthread_mutex_lock(&postgres->asking);
        *out = hold_current(postgres, true); /* another thread may have asked meanwhile */
        if (!*out) ask_for_tables(postgres);
        pthread_mutex_unlock(&postgres->asking);
        if (!*out) *out = hold_current(postgres, false);
    }
    pthread_mutex_lock(&postgres->lock);
    status rc = postgres->tables_error.code;
    if (rc != OK) error_set(err, rc, "%s", postgres->tables_error.message);
    pthread_mutex_unlock(&postgres->lock);
    return rc;
}

static size_t find_table(const struct kline_tables *tables, const char *symbol, enum interval interval) {
    size_t i = 0;
    while (i < tables->count &&
           (tables->names[i].interval != interval || strcmp(tables->names[i].symbol, symbol) != 0))
        i++;
    return i;
}

static status describe_table(void *context, PGconn *connection, struct error *err) {
    return postgres_table_describe(context, connection, err);
}

/* A described copy of table i, whose name stays the list's. */
static status describe(struct postgres_table *out, struct kline_postgres *self, struct counted_tables *tables,
                       size_t i, struct error *err) {
    pthread_mutex_lock(&self->lock);
    *out = tables->tables[i];
    bool is_described = tables->is_described[i];
    pthread_mutex_unlock(&self->lock);
    if (is_described) return OK;
    status rc = with_connection(self, describe_table, out, err);
    if (rc != OK) return rc;
    pthread_mutex_lock(&self->lock);
    tables->tables[i] = *out;
    tables->is_described[i] = true;
    pthread_mutex_unlock(&self->lock);
    return OK;
}

/* The described table of a series; *tables is to be released after its use. */
static status open_table(struct postgres_table *out, const struct kline_tables **tables,
                         struct kline_postgres *self, const char *symbol, enum interval interval,
                         struct error *err) {
    status rc = kline_postgres_tables(tables, self, err);
    if (rc != OK) return rc;
    size_t i = find_table(*tables, symbol, interval);
    if (i == (*tables)->count)
        return error_set(err, ERR_NOT_FOUND, "the database has no table for %s %s", symbol,
                         interval_name(interval));
    return describe(out, self, counted(*tables), i, err);
}

/* ---- candles ---- */

struct reading {
    const struct postgres_table *table;
    struct kline_range range;
    struct kline_columns *rows;
    size_t read; /* rows of this query */
};

static int64_t clamp(int64_t ms) {
    return ms < -FIRST_MICROSECOND   ? -FIRST_MICROSECOND
           : ms >= FIRST_MICROSECOND ? FIRST_MICROSECOND - 1
                                     : ms;
}

static void select_statement(struct text *sql, const struct reading *reading) {
    const struct postgres_table *table = reading->table;
    int64_t first = clamp(reading->range.first), last = clamp(reading->range.last);
    if (table->unit == POSTGRES_US) {
        first *= 1000;
        last = last * 1000 + 999;
    }
    /* a table of both units has no order of its own */
    const char *key = table->unit != POSTGRES_MIXED
                          ? "open_time"
                          : "CASE WHEN open_time >= 100000000000000 THEN floor(open_time / 1000) "
                            "ELSE open_time END";
    text_add_string(sql, "SELECT ");
    for (int i = 0; i < table->field_count; i++)
        text_printf(sql, "%s%s", i ? ", " : "", postgres_column_name(table->fields[i].column));
    text_printf(sql, " FROM %s WHERE %s >= %lld AND %s <= %lld ORDER BY %s%s LIMIT %zu", table->name, key,
                (long long)first, key, (long long)last, key, reading->range.from_end ? " DESC" : "",
                reading->range.limit - reading->rows->view.count);
}

static status read_rows(void *context, PGconn *connection, struct error *err) {
    struct reading *reading = context;
    struct text sql = {0};
    PGresult *result;
    select_statement(&sql, reading);
    status rc = postgres_query_binary(&result, connection, sql.data, 0, NULL, err);
    text_clear(&sql);
    if (rc != OK) return rc;
    reading->read = (size_t)PQntuples(result);
    for (int i = 0; i < PQntuples(result) && rc == OK; i++) {
        struct kline_row row;
        rc = postgres_result_decode(&row, reading->table, result, i, err);
        if (rc == OK) rc = kline_columns_add(reading->rows, &row, err);
    }
    PQclear(result);
    return rc;
}

/* As an import does: repeated candles are one, contradicting ones an error. */
static status drop_repeated(struct reading *reading, struct error *err) {
    struct kline_conflict conflict;
    char values[CONFLICT_TEXT_MAX];
    size_t dropped;
    status rc = kline_columns_sort(reading->rows, NULL, err);
    if (rc != OK || kline_drop_duplicates(reading->rows, NULL, &dropped, &conflict)) return rc;
    const struct series *view = &reading->rows->view;
    kline_conflict_text(values, view, view, &conflict);
    return error_set(err, ERR_INPUT, "table %s: two rows with open_time %lld differ, %s",
                     reading->table->name, (long long)view->open_time[conflict.second], values);
}

/* A table without a key may repeat candles: then the limit is reached in more than one query. */
static status read_range(struct kline_postgres *self, struct reading *reading, struct error *err) {
    const struct series *view = &reading->rows->view;
    struct kline_range *range = &reading->range;
    for (;;) {
        size_t asked = range->limit - view->count;
        status rc = with_connection(self, read_rows, reading, err);
        if (rc == OK) rc = drop_repeated(reading, err);
        if (rc != OK || reading->read < asked || view->count == range->limit) return rc;
        if (range->from_end)
            range->last = view->open_time[0] - 1;
        else
            range->first = view->open_time[view->count - 1] + 1;
    }
}

status kline_postgres_read(struct kline_columns *rows, struct kline_postgres *postgres, const char *symbol,
                           enum interval interval, const struct kline_range *range, struct error *err) {
    struct postgres_table table;
    const struct kline_tables *tables = NULL;
    struct reading reading = {.table = &table, .range = *range, .rows = rows};
    status rc = open_table(&table, &tables, postgres, symbol, interval, err);
    if (rc == OK && range->limit > 0 && !table.is_empty) rc = read_range(postgres, &reading, err);
    memcpy(rows->view.symbol, symbol, strlen(symbol) + 1);
    rows->view.interval = interval;
    kline_tables_release(tables);
    return rc;
}

status kline_postgres_extent(struct kline_extent *out, struct kline_postgres *postgres, const char *symbol,
                             enum interval interval, struct error *err) {
    struct postgres_table table;
    const struct kline_tables *tables = NULL;
    *out = (struct kline_extent){0};
    status rc = open_table(&table, &tables, postgres, symbol, interval, err);
    if (rc == OK) {
        out->is_empty = table.is_empty;
        if (!table.is_empty) {
            out->first_open_time = postgres_time_ms(table.first_raw);
            out->last_open_time = postgres_time_ms(table.last_raw);
        }
        snprintf(out->source, sizeof out->source, "postgres: %s", table.name);
    }
    kline_tables_release(tables);
    return rc;
}

/* ---- opening ---- */

status kline_postgres_open(struct kline_postgres **out, const char *address, struct error *err) {
    *out = NULL;
    struct kline_postgres *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory");
    pthread_mutex_init(&self->lock, NULL);
    pthread_mutex_init(&self->asking, NULL);
    self->current = make_tables(NULL, 0, 1);
    status rc = self->current ? postgres_address(&self->address, address, err)
                              : error_set(err, ERR_MEMORY, "out of memory");
    if (rc == OK)
        *out = self;
    else
        kline_postgres_close(self);
    return rc;
}

void kline_postgres_close(struct kline_postgres *postgres) {
    if (!postgres) return;
    while (postgres->links)
        end_link(postgres, postgres->links);
    if (postgres->current) kline_tables_release(&postgres->current->list);
    pthread_mutex_destroy(&postgres->lock);
    pthread_mutex_destroy(&postgres->asking);
    free(postgres->address);
    free(postgres);
}
