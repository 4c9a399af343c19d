/* Reading a kline table by COPY (FORMAT binary), on several connections at once.
 *
 * The key range is cut into more pieces than there are connections and each connection takes the next piece,
 * so that none waits for the slowest. All connections read one snapshot, so the cuts neither lose nor double
 * a row. Without an index on open_time every piece would read the whole table: then there is one piece.
 *
 * Candles lie on a grid, so a piece holds at most as many as its range has room for: each is written where it
 * belongs in the whole series, and joining only closes the gaps. Rows beyond that (duplicates, times off the
 * grid) go into columns of their piece's own, and then everything is copied once.
 *
 * The server is not asked to sort: candles usually lie in order, and where they do not, sorting here is
 * cheaper than the server's sort of wide rows. NUMERIC is decoded here too (see numeric.c). */
#include "kline/import_postgres_copy.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/text.h"
#include "kline/import_postgres_connection.h"
#include "kline/import_postgres_row.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { PIECES_PER_CONNECTION = 4, POLL_MS = 500, PROGRESS_MS = 200, REPORT_ROWS = 1024 };
/* More room than this is not set aside beforehand: some time must be wrong. */
static const int64_t ROOM_MAX = 200000000;
/* Below this a second connection costs more than it brings. */
static const int64_t SMALL_TABLE = 50000;
/* A server that sends nothing for so long is taken for lost. */
static const int64_t SILENCE_NS = INT64_C(300000000000);
static const unsigned char SIGNATURE[] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xff, '\r', '\n', 0};

struct piece {
    int64_t first, last;        /* open_time as stored, both inclusive */
    size_t offset, room, count; /* its place in the series, and how much of it is filled */
    struct kline_columns more;  /* what did not fit */
};

/* Shared by the readers. next is under lock; a piece belongs to the reader that took it. */
struct work {
    const struct postgres_copy *copy;
    struct piece *pieces;
    size_t piece_count, next;
    struct kline_columns series; /* each reader writes into its piece's place only */
    pthread_mutex_t lock;
    pthread_cond_t done; /* signalled when a reader ends */
    int running;         /* under lock */
    atomic_size_t rows;  /* for progress: every REPORT_ROWS of a reader */
    atomic_bool stop;
};

struct reader {
    struct work *work;
    PGconn *connection;
    size_t rows;
    pthread_t thread;
    bool is_started;
    status rc;
    struct error err;
};

static status wait_for_data(struct reader *self, int64_t *silent_since) {
    const char *table = self->work->copy->table->name;
    struct pollfd socket = {.fd = PQsocket(self->connection), .events = POLLIN};
    if (poll(&socket, 1, POLL_MS) > 0) {
        *silent_since = 0;
        return OK;
    }
    int64_t now = clock_monotonic_ns();
    if (!*silent_since) *silent_since = now;
    if (now - *silent_since < SILENCE_NS) return OK;
    return error_set(&self->err, ERR_NETWORK, "table %s: the server has sent nothing for 5 minutes", table);
}

/* The next CopyData message; *length is -1 at the end. PQfreemem(*message). */
static status next_message(char **message, int *length, struct reader *self) {
    const char *table = self->work->copy->table->name;
    int64_t silent_since = 0;
    for (bool has_read = false;; has_read = !has_read) {
        if (atomic_load(&self->work->stop)) return error_set(&self->err, ERR_CANCELLED, "stopped");
        *length = PQgetCopyData(self->connection, message, 1);
        if (*length > 0 || *length == -1) return OK;
        if (*length == -2) return postgres_error(&self->err, self->connection, table);
        /* Waits only when there was nothing to read: under load that saves a system call in two. */
        status rc = has_read ? wait_for_data(self, &silent_since) : OK;
        if (rc != OK) return rc;
        if (!PQconsumeInput(self->connection)) return postgres_error(&self->err, self->connection, table);
    }
}

/* The stream opens with a signature, 32 bits of flags and an extension; the first row may follow in the same
 * message. Returns the bytes to skip, 0 if this is no such header. */
static size_t header_size(const unsigned char *data, size_t length) {
    size_t fixed = sizeof SIGNATURE + 8;
    if (length < fixed || memcmp(data, SIGNATURE, sizeof SIGNATURE) != 0) return 0;
    const unsigned char *p = data + sizeof SIGNATURE + 4;
    size_t extension = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    return fixed + extension <= length ? fixed + extension : 0;
}

static status add_message(struct reader *self, struct piece *piece, const unsigned char *data,
                          size_t length) {
    struct kline_row row;
    if (length == 2 && data[0] == 0xff && data[1] == 0xff) return OK; /* the trailer: a field count of -1 */
    status rc = postgres_row_decode(&row, self->work->copy->table, data, length, &self->err);
    if (rc != OK) return rc;
    if (++self->rows % REPORT_ROWS == 0) atomic_fetch_add(&self->work->rows, REPORT_ROWS);
    if (piece->count == piece->room) return kline_columns_add(&piece->more, &row, &self->err);
    kline_columns_set(&self->work->series, piece->offset + piece->count++, &row);
    return OK;
}

static status read_messages(struct reader *self, struct piece *piece) {
    bool is_first = true;
    for (;;) {
        char *message = NULL;
        int length = 0;
        status rc = next_message(&message, &length, self);
        if (rc != OK || length < 0) return rc;
        const unsigned char *data = (const unsigned char *)message;
        size_t skip = is_first ? header_size(data, (size_t)length) : 0;
        if (is_first && !skip)
            rc = error_set(&self->err, ERR_NETWORK, "table %s: the server's answer is no binary COPY",
                           self->work->copy->table->name);
        else if (skip < (size_t)length)
            rc = add_message(self, piece, data + skip, (size_t)length - skip);
        PQfreemem(message);
        if (rc != OK) return rc;
        is_first = false;
    }
}

static void copy_statement(struct text *sql, const struct work *work, const struct piece *piece) {
    const struct postgres_table *table = work->copy->table;
    text_add_string(sql, "COPY (SELECT ");
    for (int i = 0; i < table->field_count; i++)
        text_printf(sql, "%s%s", i ? ", " : "", postgres_column_name(table->fields[i].column));
    text_printf(sql, " FROM %s", table->name);
    if (work->copy->has_start || work->piece_count > 1)
        text_printf(sql, " WHERE open_time >= %lld AND open_time <= %lld", (long long)piece->first,
                    (long long)piece->last);
    text_add_string(sql, ") TO STDOUT (FORMAT binary)");
}

static status read_piece(struct reader *self, struct piece *piece) {
    struct text sql = {0};
    copy_statement(&sql, self->work, piece);
    PGresult *result = PQexec(self->connection, sql.data);
    bool is_copying = PQresultStatus(result) == PGRES_COPY_OUT;
    PQclear(result);
    text_clear(&sql);
    const char *table = self->work->copy->table->name;
    if (!is_copying) return postgres_error(&self->err, self->connection, table);
    status rc = read_messages(self, piece);
    if (rc != OK) return rc;
    /* The end of the data is not yet the success of the statement. */
    while ((result = PQgetResult(self->connection))) {
        if (PQresultStatus(result) != PGRES_COMMAND_OK && rc == OK)
            rc = postgres_error(&self->err, self->connection, table);
        PQclear(result);
    }
    return rc;
}

static void *reader_main(void *argument) {
    struct reader *self = argument;
    struct work *work = self->work;
    while (self->rc == OK && !atomic_load(&work->stop)) {
        pthread_mutex_lock(&work->lock);
        size_t index = work->next < work->piece_count ? work->next++ : work->piece_count;
        pthread_mutex_unlock(&work->lock);
        if (index == work->piece_count) break;
        self->rc = read_piece(self, &work->pieces[index]);
    }
    if (self->rc != OK) atomic_store(&work->stop, true);
    pthread_mutex_lock(&work->lock);
    work->running--;
    pthread_cond_signal(&work->done);
    pthread_mutex_unlock(&work->lock);
    return NULL;
}

/* Candles the range would hold without gaps: what progress counts towards. */
static int64_t expected_rows(const struct postgres_table *table, int64_t first, int64_t last) {
    int64_t steps = interval_steps(table->interval, postgres_time_ms(first), postgres_time_ms(last));
    return steps < 0 ? 0 : steps + 1;
}

/* Gives each piece its place in the series, or none where there is not that much memory. */
static void set_room_aside(struct work *work) {
    int64_t total = 0;
    for (size_t i = 0; i < work->piece_count && total <= ROOM_MAX; i++) {
        struct piece *piece = &work->pieces[i];
        int64_t room = expected_rows(work->copy->table, piece->first, piece->last);
        piece->offset = (size_t)total;
        piece->room = (size_t)room;
        total += room;
    }
    if (total <= ROOM_MAX && kline_columns_reserve(&work->series, (size_t)total, NULL) == OK) return;
    for (size_t i = 0; i < work->piece_count; i++)
        work->pieces[i].offset = work->pieces[i].room = 0;
}

/* The raw range and its cuts; with a start after the table's end there is no piece. */
static status cut_pieces(struct work *work, struct error *err) {
    const struct postgres_copy *copy = work->copy;
    const struct postgres_table *table = copy->table;
    int64_t first = table->first_raw, last = table->last_raw;
    int64_t start = table->unit == POSTGRES_US ? copy->start_ms * 1000 : copy->start_ms;
    if (copy->has_start && start > first) first = start;
    if (table->is_empty || first > last) return OK;
    bool is_cut = table->is_indexed && table->unit != POSTGRES_MIXED && copy->connection_count > 1 &&
                  expected_rows(table, first, last) >= SMALL_TABLE;
    size_t count = is_cut ? (size_t)copy->connection_count * PIECES_PER_CONNECTION : 1;
    work->pieces = calloc(count, sizeof *work->pieces);
    if (!work->pieces) return error_set(err, ERR_MEMORY, "out of memory");
    work->piece_count = count;
    __int128 span = (__int128)last - first + 1;
    for (size_t i = 0; i < count; i++) {
        work->pieces[i].first = (int64_t)(first + span * (__int128)i / (__int128)count);
        work->pieces[i].last = (int64_t)(first + span * (__int128)(i + 1) / (__int128)count - 1);
    }
    set_room_aside(work);
    return OK;
}

static void wait_for_readers(struct work *work, size_t expected) {
    const struct postgres_copy *copy = work->copy;
    pthread_mutex_lock(&work->lock);
    while (work->running > 0) {
        struct timespec until = clock_in(CLOCK_REALTIME, PROGRESS_MS);
        pthread_cond_timedwait(&work->done, &work->lock, &until);
        if (cancel_requested()) atomic_store(&work->stop, true);
        if (!copy->on_progress) continue;
        pthread_mutex_unlock(&work->lock);
        copy->on_progress(copy->context, copy->table->name, atomic_load(&work->rows), expected);
        pthread_mutex_lock(&work->lock);
    }
    pthread_mutex_unlock(&work->lock);
}

/* A reader that was only told to stop is not the cause. */
static status first_error(const struct reader *readers, int count, struct error *err) {
    const struct reader *worst = NULL;
    for (int i = 0; i < count; i++)
        if (readers[i].rc != OK && (!worst || (worst->rc == ERR_CANCELLED && readers[i].rc != ERR_CANCELLED)))
            worst = &readers[i];
    if (cancel_requested()) return error_set(err, ERR_CANCELLED, "interrupted; the store is as it was");
    return worst ? error_set(err, worst->rc, "%s", worst->err.message) : OK;
}

static status run_readers(struct work *work, int count, struct error *err) {
    struct reader *readers = calloc((size_t)count, sizeof *readers);
    if (!readers) return error_set(err, ERR_MEMORY, "out of memory");
    work->running = count;
    for (int i = 0; i < count; i++) {
        readers[i].work = work;
        readers[i].connection = work->copy->connections[i];
        readers[i].is_started = pthread_create(&readers[i].thread, NULL, reader_main, &readers[i]) == 0;
        if (readers[i].is_started) continue;
        readers[i].rc = error_set(&readers[i].err, ERR_SYSTEM, "no thread can be started");
        atomic_store(&work->stop, true);
        pthread_mutex_lock(&work->lock);
        work->running--;
        pthread_mutex_unlock(&work->lock);
    }
    const struct piece *pieces = work->pieces;
    wait_for_readers(
        work, (size_t)expected_rows(work->copy->table, pieces[0].first, pieces[work->piece_count - 1].last));
    for (int i = 0; i < count; i++)
        if (readers[i].is_started) pthread_join(readers[i].thread, NULL);
    status rc = first_error(readers, count, err);
    free(readers);
    return rc;
}

/* Adds all of rows, for which there is room, column by column. */
static void append_rows(struct kline_columns *out, const struct series *rows) {
    for (int c = 0; c < KLINE_COLUMN_COUNT && rows->count > 0; c++) {
        uint64_t *column = (uint64_t *)(uintptr_t)series_raw_column(&out->view, (enum kline_column)c);
        memcpy(column + out->view.count, series_raw_column(rows, (enum kline_column)c),
               rows->count * sizeof *column);
    }
    out->view.count += rows->count;
}

/* The pieces one after the other: moved together in place. */
static void close_gaps(struct work *work) {
    size_t end = 0;
    for (size_t i = 0; i < work->piece_count; i++) {
        const struct piece *piece = &work->pieces[i];
        for (int c = 0; c < KLINE_COLUMN_COUNT && piece->offset != end && piece->count > 0; c++) {
            uint64_t *column =
                (uint64_t *)(uintptr_t)series_raw_column(&work->series.view, (enum kline_column)c);
            memmove(column + end, column + piece->offset, piece->count * sizeof *column);
        }
        end += piece->count;
    }
    work->series.view.count = end;
}

/* The pieces one after the other, where some have more than their room: into columns that hold them all. */
static status copy_together(struct work *work, size_t total, struct error *err) {
    struct kline_columns all = {0};
    status rc = kline_columns_reserve(&all, total, err);
    work->series.view.count = work->series.capacity;
    for (size_t i = 0; i < work->piece_count && rc == OK; i++) {
        struct piece *piece = &work->pieces[i];
        struct series placed = series_slice(&work->series.view, piece->offset, piece->offset + piece->count);
        append_rows(&all, &placed);
        append_rows(&all, &piece->more.view);
    }
    kline_columns_clear(&work->series);
    work->series = all;
    return rc;
}

static status join_pieces(struct kline_columns *out, struct work *work, struct error *err) {
    size_t total = 0;
    bool fits = true;
    for (size_t i = 0; i < work->piece_count; i++) {
        total += work->pieces[i].count + work->pieces[i].more.view.count;
        fits &= work->pieces[i].more.view.count == 0;
    }
    status rc = OK;
    if (fits)
        close_gaps(work);
    else
        rc = copy_together(work, total, err);
    if (rc == OK) rc = kline_columns_sort(&work->series, NULL, err);
    if (rc != OK) return rc;
    kline_columns_clear(out);
    *out = work->series;
    work->series = (struct kline_columns){0};
    return OK;
}

status postgres_copy_run(struct kline_columns *out, int *used, const struct postgres_copy *copy,
                         struct error *err) {
    struct work work = {.copy = copy};
    *used = 1;
    status rc = cut_pieces(&work, err);
    if (rc == OK && work.piece_count > 0) {
        *used = work.piece_count > 1 ? copy->connection_count : 1;
        pthread_mutex_init(&work.lock, NULL);
        pthread_cond_init(&work.done, NULL);
        rc = run_readers(&work, *used, err);
        if (rc == OK) rc = join_pieces(out, &work, err);
        pthread_cond_destroy(&work.done);
        pthread_mutex_destroy(&work.lock);
    }
    for (size_t i = 0; i < work.piece_count; i++)
        kline_columns_clear(&work.pieces[i].more);
    kline_columns_clear(&work.series);
    free(work.pieces);
    return rc;
}
