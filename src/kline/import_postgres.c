/* Klines from PostgreSQL.
 *
 * Per table: describe it, read it (whole, or from the store's last candle on), drop identical duplicates,
 * join it to what the store has, write. The store is written only when the table was read to its end, by a
 * rename, so a lost connection leaves the old series. All tables are read in one snapshot of the database.
 *
 * An update asks for the last stored candle once more: it may have been unfinished when it was stored, and if
 * the table says something else about it altogether, the table is another market than the stored one and
 * nothing is joined. */
#include "kline/import_postgres.h"

#include "base/clock.h"
#include "kline/columns.h"
#include "kline/import_postgres_connection.h"
#include "kline/import_postgres_copy.h"
#include "kline/merge.h"
#include "kmill/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64, CONNECTIONS_DEFAULT_MAX = 4 };

struct session {
    const struct import_postgres_options *options;
    PGconn *connections[CONNECTIONS_MAX];
    int connection_count;
    struct postgres_table *tables;
    size_t table_count;
};

static status open_session(struct session *self, struct error *err) {
    char *address = NULL, *snapshot = NULL;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int wanted = self->options->connections;
    if (wanted <= 0)
        wanted = cores < 1 ? 1 : cores > CONNECTIONS_DEFAULT_MAX ? CONNECTIONS_DEFAULT_MAX : (int)cores;
    if (wanted > CONNECTIONS_MAX) wanted = CONNECTIONS_MAX;
    status rc = postgres_address(&address, self->options->dsn, err);
    for (int i = 0; i < wanted && rc == OK; i++) {
        /* Fewer connections than wished for (the server's limit, say) are slower, not wrong. */
        rc = postgres_connect(&self->connections[i], address, i ? NULL : err);
        if (rc != OK) {
            if (i) rc = OK;
            break;
        }
        self->connection_count++;
        bool exports = i == 0 && wanted > 1;
        rc = postgres_begin(self->connections[i], snapshot, exports ? &snapshot : NULL, err);
        if (exports && !snapshot) break;
    }
    free(address);
    free(snapshot);
    return rc;
}

static void close_session(struct session *self) {
    for (int i = 0; i < self->connection_count; i++)
        PQfinish(self->connections[i]);
    postgres_tables_free(self->tables, self->table_count);
}

/* Rows that repeat another are dropped; two that differ are refused. */
static status drop_duplicates(struct kline_columns *rows, size_t *dropped, const char *table,
                              struct error *err) {
    struct kline_conflict conflict;
    char values[CONFLICT_TEXT_MAX];
    if (kline_drop_duplicates(rows, NULL, dropped, &conflict)) return OK;
    kline_conflict_text(values, &rows->view, &rows->view, &conflict);
    return error_set(
        err, ERR_INPUT,
        "table %s: two rows with open_time %lld differ, %s: remove one (and make open_time the key)", table,
        (long long)rows->view.open_time[conflict.second], values);
}

/* True if `now` can be the later state of the unfinished candle `then`. */
static bool is_later_state(const struct kline_row *now, const struct kline_row *then) {
    return now->open == then->open && now->high >= then->high && now->low <= then->low &&
           now->volume >= then->volume;
}

/* Compares the store's last candle with the table's candle of that time, which is the first of rows. */
static status check_last(bool *changed, const struct series *stored, const struct kline_columns *rows,
                         const char *table, struct error *err) {
    struct kline_row then, now;
    enum kline_column differs;
    char when[CLOCK_TEXT_MAX];
    kline_columns_get(&then, stored, stored->count - 1);
    clock_format_iso(when, then.open_time);
    if (rows->view.count == 0 || rows->view.open_time[0] != then.open_time)
        return error_set(
            err, ERR_INPUT,
            "table %s: has no candle at %s, the store's last one: use --replace to take the whole table",
            table, when);
    kline_columns_get(&now, &rows->view, 0);
    *changed = !kline_rows_agree(&now, &then, &differs);
    if (*changed && !is_later_state(&now, &then))
        return error_set(err, ERR_INPUT,
                         "table %s: its candle at %s differs from the stored one in %s: use --replace to "
                         "take the whole table",
                         table, when, postgres_column_name(differs));
    return OK;
}

static status write_series(const struct session *self, const struct postgres_table *table,
                           struct series series, const uint8_t *partial, struct error *err) {
    char source[256];
    snprintf(source, sizeof source, "postgres: %s", table->name);
    memcpy(series.symbol, table->symbol, sizeof series.symbol);
    series.interval = table->interval;
    return store_write_marked(self->options->store, &series, partial, source, true, err);
}

static status update_stored(const struct session *self, const struct postgres_table *table,
                            const struct mapped_series *mapped, const struct kline_columns *rows,
                            struct import_postgres_table *report, struct error *err) {
    const struct series *stored = mapped_series_view(mapped);
    status rc = check_last(&report->last_changed, stored, rows, table->name, err);
    if (rc != OK) return rc;
    report->added = rows->view.count - 1;
    report->total = stored->count + report->added;
    if (report->added == 0 && !report->last_changed) return OK;
    struct kline_merge merge = {0};
    struct kline_conflict
        conflict; /* rows begin at the last stored candle, which is left out: there is none */
    struct series old = series_slice(stored, 0, stored->count - 1);
    rc = kline_merge(&merge, &old, mapped_series_partial(mapped), &rows->view, &conflict, err);
    if (rc == OK) rc = write_series(self, table, merge.columns.view, merge.partial, err);
    kline_merge_clear(&merge);
    return rc;
}

/* Rows before start are there only where a table mixes ms and µs. */
static void drop_before(struct kline_columns *rows, int64_t start_ms) {
    size_t first = series_lower_bound(&rows->view, start_ms);
    struct kline_row row;
    for (size_t i = first; i < rows->view.count && first > 0; i++) {
        kline_columns_get(&row, &rows->view, i);
        kline_columns_set(rows, i - first, &row);
    }
    rows->view.count -= first;
}

static status read_table(struct kline_columns *rows, const struct session *self,
                         const struct postgres_table *table, const struct series *stored,
                         struct import_postgres_table *report, struct error *err) {
    struct postgres_copy copy = {.table = table,
                                 .connections = self->connections,
                                 .connection_count = self->connection_count,
                                 .on_progress = self->options->on_progress,
                                 .context = self->options->context};
    if (stored) {
        copy.has_start = true;
        copy.start_ms = stored->open_time[stored->count - 1];
    }
    int64_t start = clock_monotonic_ns();
    status rc = postgres_copy_run(rows, &report->connections, &copy, err);
    report->rows_read = rows->view.count;
    report->seconds = (double)(clock_monotonic_ns() - start) / 1e9;
    if (rc == OK && stored) drop_before(rows, copy.start_ms);
    return rc == OK ? drop_duplicates(rows, &report->duplicates, table->name, err) : rc;
}

/* True if the table ends before the store does: there is nothing newer, nor anything to compare. */
static bool ends_before(const struct postgres_table *table, const struct series *stored) {
    return table->is_empty || postgres_time_ms(table->last_raw) < stored->open_time[stored->count - 1];
}

static status import_table(const struct session *self, struct postgres_table *table, struct error *err) {
    struct import_postgres_table report = {
        .interval = table->interval, .name = table->name, .connections = 1};
    memcpy(report.symbol, table->symbol, sizeof report.symbol);
    struct mapped_series *mapped = NULL;
    struct kline_columns rows = {0};
    status rc = postgres_table_describe(table, self->connections[0], err);
    if (rc == OK && !self->options->replace) {
        rc = mapped_series_open(&mapped, self->options->store, table->symbol, table->interval, err);
        if (rc == ERR_NOT_FOUND) rc = OK;
    }
    if (rc != OK) goto done;
    const struct series *stored =
        mapped && mapped_series_view(mapped)->count > 0 ? mapped_series_view(mapped) : NULL;
    report.is_update = stored != NULL;
    report.total = stored ? stored->count : 0;
    if (!stored || !ends_before(table, stored)) rc = read_table(&rows, self, table, stored, &report, err);
    if (rc == OK && rows.view.count > 0) {
        if (stored) {
            rc = update_stored(self, table, mapped, &rows, &report, err);
        } else {
            report.added = report.total = rows.view.count;
            rc = write_series(self, table, rows.view, NULL, err);
        }
    }
    if (rc == OK && self->options->on_table) self->options->on_table(self->options->context, &report);
done:
    kline_columns_clear(&rows);
    mapped_series_close(mapped);
    return rc;
}

status import_postgres(size_t *tables, const struct import_postgres_options *options, struct error *err) {
    struct session session = {.options = options};
    *tables = 0;
    status rc = open_session(&session, err);
    if (rc == OK)
        rc = postgres_tables(&session.tables, &session.table_count, session.connections[0], options->symbol,
                             options->has_interval ? (int)options->interval : -1, err);
    for (size_t i = 0; i < session.table_count && rc == OK; i++) {
        rc = import_table(&session, &session.tables[i], err);
        ++*tables;
    }
    close_session(&session);
    return rc;
}
