/* Lines are collected in memory and written by a thread of their own: an event loop must not wait for a
 * terminal or a pipe, and a system call a request would be a tenth of a small answer's time. What does not
 * fit because the reader of stderr is stuck is counted, and the count is logged. */
#include "server/http/server_log.h"
#include "base/clock.h"
#include "base/text.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PENDING_MAX = 8 << 20, FLUSH_MS = 200, CLOSE_MS = 1000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* pending, dropped, is_open */
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static struct text pending;
static unsigned long dropped;
static bool is_open;
static _Atomic int level_now = LOG_INFO;
static pthread_t writer;

static void write_all(const char *data, size_t length) {
    while (length) {
        ssize_t written = write(STDERR_FILENO, data, length);
        if (written <= 0) return;
        data += written;
        length -= (size_t)written;
    }
}

/* Writes what is pending, the lock being held before and after but not meanwhile. The two buffers change
 * places, so that none is made anew. */
static void flush_pending(struct text *other) {
    struct text full = pending;
    unsigned long lost = dropped;
    pending = *other;
    dropped = 0;
    pthread_mutex_unlock(&lock);
    write_all(full.data, full.length);
    if (lost) dprintf(STDERR_FILENO, "{\"level\":\"warning\",\"message\":\"%lu log lines lost\"}\n", lost);
    full.length = 0;
    *other = full;
    pthread_mutex_lock(&lock);
}

static void *write_log(void *context) {
    struct text other = {0};
    (void)context;
    pthread_mutex_lock(&lock);
    while (is_open) {
        struct timespec until = clock_in(CLOCK_REALTIME, FLUSH_MS);
        pthread_cond_timedwait(&wake, &lock, &until);
        if (pending.length) flush_pending(&other);
    }
    if (pending.length) flush_pending(&other); /* lines from here on are written at once */
    pthread_mutex_unlock(&lock);
    text_clear(&other);
    return NULL;
}

void server_log_open(enum log_level level) {
    atomic_store(&level_now, (int)level);
    pthread_mutex_lock(&lock); /* event loops log already */
    is_open = pthread_create(&writer, NULL, write_log, NULL) == 0;
    pthread_mutex_unlock(&lock);
}

void server_log_close(void) {
    pthread_mutex_lock(&lock);
    bool was_open = is_open;
    is_open = false;
    pthread_cond_signal(&wake);
    pthread_mutex_unlock(&lock);
    if (!was_open) return;
    struct timespec until = clock_in(CLOCK_REALTIME, CLOSE_MS);
    if (pthread_timedjoin_np(writer, NULL, &until)) return; /* nobody reads: the process ends all the same */
    text_clear(&pending);
}

void server_log_level(enum log_level level) {
    atomic_store(&level_now, (int)level);
}

static void add_line(const struct text *line) {
    pthread_mutex_lock(&lock);
    if (!is_open)
        write_all(line->data, line->length);
    else if (pending.length + line->length > PENDING_MAX)
        dropped++;
    else
        text_add(&pending, line->data, line->length);
    pthread_mutex_unlock(&lock);
}

/* {"time":"2024-01-01T00:00:00.123Z","level":"info" */
static void begin_line(struct text *line, enum log_level level) {
    static const char *const names[] = {"error", "warning", "info", "debug"};
    char time[CLOCK_TEXT_MAX];
    clock_format_iso(time, clock_realtime_ms());
    text_add_string(line, "{\"time\":\"");
    text_add_string(line, time);
    text_add_string(line, "\",\"level\":\"");
    text_add_string(line, names[level]);
    text_add_char(line, '"');
}

static void add_member(struct text *line, const char *key, const char *value) {
    text_add_string(line, key);
    text_add_json_string(line, value, strlen(value));
}

void server_log(enum log_level level, const char *format, ...) {
    if ((int)level > atomic_load_explicit(&level_now, memory_order_relaxed)) return;
    char message[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    struct text line = {0};
    begin_line(&line, level);
    add_member(&line, ",\"message\":", message);
    text_add_string(&line, "}\n");
    add_line(&line);
    text_clear(&line);
}

static void add_uint(struct text *line, uint64_t value, int digits_min) {
    char digits[20], *p = digits + sizeof digits;
    for (; value || digits_min > 0; value /= 10, digits_min--)
        *--p = (char)('0' + value % 10);
    text_add(line, p, (size_t)(digits + sizeof digits - p));
}

/* Numbers by hand: printf of a double takes longer than the rest of the line. */
static void add_numbers(struct text *line, const struct log_access *access) {
    uint64_t us = access->ms > 0 ? (uint64_t)(access->ms * 1000 + 0.5) : 0;
    text_add_string(line, ",\"status\":");
    add_uint(line, (uint64_t)access->http_status, 1);
    text_add_string(line, ",\"bytes\":");
    add_uint(line, access->bytes, 1);
    text_add_string(line, ",\"ms\":");
    add_uint(line, us / 1000, 1);
    text_add_char(line, '.');
    add_uint(line, us % 1000, 3);
    text_add_string(line, access->is_cut ? ",\"cut\":true}\n" : "}\n");
}

void server_log_access(const struct log_access *access) {
    if (atomic_load_explicit(&level_now, memory_order_relaxed) < LOG_INFO) return;
    struct text line = {0};
    begin_line(&line, LOG_INFO);
    add_member(&line, ",\"remote\":", access->remote);
    add_member(&line, ",\"method\":", access->method);
    add_member(&line, ",\"path\":", access->path);
    if (access->route) add_member(&line, ",\"route\":", access->route);
    add_numbers(&line, access);
    add_line(&line);
    text_clear(&line);
}
