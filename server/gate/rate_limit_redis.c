/* Token buckets in Redis.
 *
 * One script does both buckets in one round trip, by the clock of Redis, so that servers need not agree on
 * the time. A few connections are kept and lent to one thread each. The first command that fails begins an
 * outage: every connection is dropped, one warning is written, and callers are told so at once; a thread of
 * its own tries again every 5 s, so that no request waits for a server that is away. Messages name neither
 * the address nor the password. */
#include "server/gate/rate_limit_redis.h"

#include "base/clock.h"
#include "server/gate/redis_address.h"
#include "server/http/server_log.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECT_MS = 200,
    COMMAND_MS = 100,
    RETRY_SECONDS = 5,
    KEY_SIZE = 64,
    NUMBER_SIZE = 24,
    SHA_SIZE = 48,
    CAUSE_SIZE = 160
};

/* ARGV: step and capacity of the second, of the minute, in microseconds; a step of 0 is no limit. The numbers
 * stay under 2^53. Answers how long to wait, 0: granted. */
static const char script[] =
    "local t = redis.call('TIME')\n"
    "local now = t[1] * 1000000 + t[2]\n"
    "local old = redis.call('HMGET', KEYS[1], 's', 'm')\n"
    "local full, wait = {}, 0\n"
    "for i = 1, 2 do\n"
    "  local step, capacity = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])\n"
    "  full[i] = math.min(math.max(tonumber(old[i]) or 0, now), now + capacity) + step\n"
    "  if step > 0 then wait = math.max(wait, full[i] - now - capacity) end\n"
    "end\n"
    "if wait > 0 then return wait end\n"
    "redis.call('HSET', KEYS[1], 's', string.format('%.0f', full[1]), 'm', string.format('%.0f', full[2]))\n"
    "redis.call('PEXPIRE', KEYS[1], math.ceil((math.max(full[1], full[2]) - now) / 1000) + 1)\n"
    "return 0\n";

struct redis_limiter {
    struct redis_address address; /* immutable, as is kept_most */
    int kept_most;
    atomic_bool is_up;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wake;  /* an outage began, or the end */
    redisContext **kept;  /* idle connections */
    int kept_count;
    char sha[SHA_SIZE];
    bool is_closing, has_thread;
    pthread_t thread;
};

static struct timeval milliseconds(int ms) {
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

/* ---- one connection ---- */

/* Sends a command of length-counted arguments; NULL with the cause if there is no answer or an error. */
static redisReply *command(redisContext *c, char cause[CAUSE_SIZE], int count, const char **arguments) {
    redisReply *reply = redisCommandArgv(c, count, arguments, NULL);
    if (reply && reply->type != REDIS_REPLY_ERROR) return reply;
    snprintf(cause, CAUSE_SIZE, "%s", reply ? reply->str : c->errstr);
    if (reply) freeReplyObject(reply);
    return NULL;
}

static bool log_in(redisContext *c, const struct redis_address *address, char cause[CAUSE_SIZE]) {
    const char *user[] = {"AUTH", address->user ? address->user : address->password, address->password};
    char number[16];
    snprintf(number, sizeof number, "%d", address->database);
    const char *database[] = {"SELECT", number};
    redisReply *reply = NULL;
    if (address->password) {
        reply = command(c, cause, address->user ? 3 : 2, user);
        if (!reply) return false;
        freeReplyObject(reply);
    }
    if (address->database == 0) return true;
    reply = command(c, cause, 2, database);
    if (!reply) return false;
    freeReplyObject(reply);
    return true;
}

/* Learns the script's name, which is the same everywhere. */
static bool load_script(redisContext *c, char sha[SHA_SIZE], char cause[CAUSE_SIZE]) {
    const char *load[] = {"SCRIPT", "LOAD", script};
    redisReply *reply = command(c, cause, 3, load);
    bool is_loaded = reply && reply->type == REDIS_REPLY_STRING && reply->len < SHA_SIZE;
    if (is_loaded) memcpy(sha, reply->str, (size_t)reply->len + 1);
    if (reply && !is_loaded) snprintf(cause, CAUSE_SIZE, "SCRIPT LOAD has an unknown answer");
    if (reply) freeReplyObject(reply);
    return is_loaded;
}

static redisContext *connect_to(const struct redis_address *address, char sha[SHA_SIZE],
                                char cause[CAUSE_SIZE]) {
    redisContext *c = address->path
                          ? redisConnectUnixWithTimeout(address->path, milliseconds(CONNECT_MS))
                          : redisConnectWithTimeout(address->host, address->port, milliseconds(CONNECT_MS));
    strcpy(cause, "its settings are refused");
    if (!c || c->err)
        snprintf(cause, CAUSE_SIZE, "%s", c ? c->errstr : "out of memory");
    else if (redisSetTimeout(c, milliseconds(COMMAND_MS)) == REDIS_OK && log_in(c, address, cause) &&
             load_script(c, sha, cause))
        return c;
    if (c) redisFree(c);
    return NULL;
}

/* ---- outage ---- */

static void drop_kept(struct redis_limiter *self) {
    while (self->kept_count)
        redisFree(self->kept[--self->kept_count]);
}

/* Locked. The first of those that notice writes the warning. */
static void begin_outage(struct redis_limiter *self, const char *cause) {
    drop_kept(self);
    if (!atomic_exchange(&self->is_up, false)) return;
    server_log(LOG_WARN,
               "Redis does not answer (%s): the rate limit is kept in memory; trying again every %d s", cause,
               RETRY_SECONDS);
    pthread_cond_signal(&self->wake);
}

/* Locked; unlocks while it waits. */
static void wait_before_retry(struct redis_limiter *self) {
    struct timespec until = clock_in(CLOCK_MONOTONIC, RETRY_SECONDS * 1000);
    while (!self->is_closing && pthread_cond_timedwait(&self->wake, &self->lock, &until) == 0)
        continue;
}

/* The thread: sleeps until an outage, then tries until it is over. */
static void *watch(void *context) {
    struct redis_limiter *self = context;
    char sha[SHA_SIZE] = "", cause[CAUSE_SIZE];
    pthread_mutex_lock(&self->lock);
    while (!self->is_closing) {
        if (atomic_load(&self->is_up)) {
            pthread_cond_wait(&self->wake, &self->lock);
            continue;
        }
        wait_before_retry(self);
        if (self->is_closing) break;
        pthread_mutex_unlock(&self->lock);
        redisContext *c = connect_to(&self->address, sha, cause);
        pthread_mutex_lock(&self->lock);
        if (!c) continue;
        memcpy(self->sha, sha, sizeof sha);
        self->kept[self->kept_count++] = c;
        atomic_store(&self->is_up, true);
        server_log(LOG_WARN, "Redis answers again: the rate limit is shared");
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

/* ---- the public part ---- */

static bool start_watch(struct redis_limiter *self) {
    pthread_condattr_t monotonic;
    pthread_mutex_init(&self->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    self->has_thread = pthread_create(&self->thread, NULL, watch, self) == 0;
    return self->has_thread;
}

status redis_limiter_open(struct redis_limiter **out, const char *url, int connections, struct error *err) {
    char cause[CAUSE_SIZE];
    *out = NULL;
    struct redis_limiter *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory");
    atomic_init(&self->is_up, true);
    self->kept_most = connections > 0 ? connections : 1;
    self->kept = calloc((size_t)self->kept_most, sizeof *self->kept);
    status rc = redis_address_parse(&self->address, url, err);
    if (rc == OK && !self->kept) rc = error_set(err, ERR_MEMORY, "out of memory");
    redisContext *c = rc == OK ? connect_to(&self->address, self->sha, cause) : NULL;
    if (c) self->kept[self->kept_count++] = c;
    if (!start_watch(self) && rc == OK) rc = error_set(err, ERR_SYSTEM, "no thread can be started");
    if (rc != OK) {
        redis_limiter_close(self);
        return rc;
    }
    pthread_mutex_lock(&self->lock);
    if (!c) begin_outage(self, cause);
    pthread_mutex_unlock(&self->lock);
    *out = self;
    return OK;
}

void redis_limiter_close(struct redis_limiter *self) {
    if (!self) return;
    pthread_mutex_lock(&self->lock);
    self->is_closing = true;
    pthread_cond_broadcast(&self->wake);
    pthread_mutex_unlock(&self->lock);
    if (self->has_thread) pthread_join(self->thread, NULL);
    drop_kept(self);
    pthread_cond_destroy(&self->wake);
    pthread_mutex_destroy(&self->lock);
    redis_address_clear(&self->address);
    free(self->kept);
    free(self);
}

bool redis_limiter_is_up(const struct redis_limiter *self) {
    return atomic_load(&((struct redis_limiter *)self)->is_up);
}

static void lose(struct redis_limiter *self, redisContext *c, const char *cause) {
    if (c) redisFree(c);
    pthread_mutex_lock(&self->lock);
    begin_outage(self, cause);
    pthread_mutex_unlock(&self->lock);
}

/* A kept connection or a new one; NULL: an outage. */
static redisContext *borrow(struct redis_limiter *self, char sha[SHA_SIZE], bool *is_new) {
    char cause[CAUSE_SIZE];
    redisContext *c = NULL;
    pthread_mutex_lock(&self->lock);
    if (self->kept_count) c = self->kept[--self->kept_count];
    memcpy(sha, self->sha, SHA_SIZE);
    pthread_mutex_unlock(&self->lock);
    *is_new = !c;
    if (c || !atomic_load(&self->is_up)) return c;
    c = connect_to(&self->address, sha, cause);
    if (!c) lose(self, NULL, cause);
    return c;
}

static void give_back(struct redis_limiter *self, redisContext *c) {
    pthread_mutex_lock(&self->lock);
    bool is_kept = atomic_load(&self->is_up) && self->kept_count < self->kept_most;
    if (is_kept) self->kept[self->kept_count++] = c;
    pthread_mutex_unlock(&self->lock);
    if (!is_kept) redisFree(c);
}

/* EVALSHA; a Redis that was restarted or flushed does not know the script: then EVAL, which it remembers. */
static redisReply *run_script(redisContext *c, char cause[CAUSE_SIZE], const char *sha, const char *key,
                              const char *const numbers[4]) {
    const char *by_sha[] = {"EVALSHA", sha, "1", key, numbers[0], numbers[1], numbers[2], numbers[3]};
    const char *by_text[] = {"EVAL", script, "1", key, numbers[0], numbers[1], numbers[2], numbers[3]};
    redisReply *reply = command(c, cause, 8, by_sha);
    bool is_unknown = !reply && !c->err && strncmp(cause, "NOSCRIPT", 8) == 0;
    return is_unknown ? command(c, cause, 8, by_text) : reply;
}

static void write_key(char out[KEY_SIZE], const struct rate_key *key) {
    int length = snprintf(out, KEY_SIZE, "kmill:rate:");
    for (size_t i = 0; i < sizeof key->bytes; i++)
        length += snprintf(out + length, KEY_SIZE - (size_t)length, "%02x", key->bytes[i]);
}

/* Step and capacity in microseconds, rounded so that never more pass. */
static void write_limit(char step[NUMBER_SIZE], char capacity[NUMBER_SIZE], const struct rate_limit *limit) {
    int64_t step_us = (limit->step_ns + 999) / 1000;
    int64_t burst = limit->step_ns ? limit->capacity_ns / limit->step_ns : 0;
    snprintf(step, NUMBER_SIZE, "%" PRId64, step_us);
    snprintf(capacity, NUMBER_SIZE, "%" PRId64, step_us * burst);
}

/* A connection that Redis closed while it was idle (a restart, its `timeout`) is no outage. */
static bool was_closed(const redisContext *c) {
    return c->err == REDIS_ERR_EOF || (c->err == REDIS_ERR_IO && (errno == ECONNRESET || errno == EPIPE));
}

bool redis_limiter_take(bool *granted, struct redis_limiter *self, const struct rate_key *key,
                        const struct rate_limits *limits, int64_t *wait_ns) {
    char sha[SHA_SIZE], name[KEY_SIZE], cause[CAUSE_SIZE], texts[4][NUMBER_SIZE];
    const char *const numbers[4] = {texts[0], texts[1], texts[2], texts[3]};
    write_key(name, key);
    write_limit(texts[0], texts[1], &limits->second);
    write_limit(texts[2], texts[3], &limits->minute);
    bool is_new = false;
    redisContext *c;
    while ((c = borrow(self, sha, &is_new))) {
        redisReply *reply = run_script(c, cause, sha, name, numbers);
        if (reply && reply->type == REDIS_REPLY_INTEGER) {
            *granted = reply->integer == 0;
            *wait_ns = reply->integer * 1000;
            freeReplyObject(reply);
            give_back(self, c);
            return true;
        }
        if (!reply && !is_new && was_closed(c)) {
            redisFree(c);
            continue; /* each turn ends one kept connection */
        }
        lose(self, c, reply ? "an answer of an unknown kind" : cause);
        if (reply) freeReplyObject(reply);
        return false;
    }
    return false;
}
