/* The life of the server: its parts in order, signals, and the way back. */
#include "server/server.h"
#include "base/clock.h"
#include "server/events/event_hub.h"
#include "server/gate/rate_limit.h"
#include "server/http/counters.h"
#include "server/http/daemon.h"
#include "server/http/pool.h"
#include "server/http/response_cache.h"
#include "server/http/server_log.h"
#include "server/http/static_files.h"
#include "server/klines/kline_catalogue.h"
#include "server/mapped_files.h"
#include "server/sweeps/sweep_registry.h"
#include "server/work/jobs.h"
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DRAIN_SECONDS = 1, STOP_SECONDS = 5, LOOK_MS = 1000, LARGE_BLOCK = 1 << 20 };

/* Looks at the kline store each second, so that new series are found and told of. */
struct store_watch {
    struct server *server;
    pthread_mutex_t lock; /* is_ending */
    pthread_cond_t wake;
    bool is_ending, has_thread;
    pthread_t thread;
};

static void *watch_store(void *context) {
    struct store_watch *watch = context;
    pthread_mutex_lock(&watch->lock);
    while (!watch->is_ending) {
        pthread_mutex_unlock(&watch->lock);
        kline_catalogue_look(watch->server->klines, watch->server->events);
        pthread_mutex_lock(&watch->lock);
        struct timespec until = clock_in(CLOCK_REALTIME, LOOK_MS);
        if (!watch->is_ending) pthread_cond_timedwait(&watch->wake, &watch->lock, &until);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

static status watch_begin(struct store_watch *watch, struct server *server, struct error *err) {
    *watch = (struct store_watch){
        .server = server, .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};
    if (pthread_create(&watch->thread, NULL, watch_store, watch))
        return error_set(err, ERR_SYSTEM, "the thread that looks at the klines cannot be started");
    watch->has_thread = true;
    return OK;
}

static void watch_end(struct store_watch *watch) {
    if (!watch->has_thread) return;
    pthread_mutex_lock(&watch->lock);
    watch->is_ending = true;
    pthread_cond_signal(&watch->wake);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
}

static status open_parts(struct server *self, struct error *err) {
    const struct settings *settings = settings_now(self->settings_source);
    status rc = counters_open(&self->counters, err);
    if (rc == OK) rc = event_hub_open(&self->events, err);
    if (rc == OK) rc = kline_catalogue_open(&self->klines, settings, err);
    if (rc == OK) rc = sweep_registry_open(&self->sweeps, self, err);
    if (rc == OK) rc = jobs_open(&self->jobs, self, err);
    if (rc == OK) sweep_registry_set_jobs(self->sweeps, self->jobs);
    if (rc == OK) rc = rate_limiter_open(&self->limiter, self->settings_source, err);
    if (rc == OK) rc = response_cache_open(&self->cache, settings->cache_bytes, err);
    if (rc == OK) rc = static_files_open(&self->web, settings->web, err);
    if (rc == OK) rc = pool_open(&self->pool, settings->pool_threads, err);
    if (rc == OK) rc = daemon_open(&self->http, self, err);
    return rc;
}

/* Every close accepts NULL: this also ends a server that opened in part. */
static void close_parts(struct server *self) {
    if (self->pool) pool_stop(self->pool); /* before the daemon: its requests need their connections */
    if (self->http) daemon_drain(self->http, DRAIN_SECONDS); /* what the jobs answer after that */
    daemon_close(self->http); /* streams that end here may still ask the pool */
    pool_close(self->pool);
    static_files_close(self->web);
    response_cache_close(self->cache);
    rate_limiter_close(self->limiter);
    if (self->sweeps) sweep_registry_set_jobs(self->sweeps, NULL);
    jobs_close(self->jobs);
    sweep_registry_close(self->sweeps);
    kline_catalogue_close(self->klines);
    event_hub_close(self->events);
    counters_close(self->counters);
}

static void reload(struct server *self) {
    struct error err = {0};
    if (settings_reload(self->settings_source, &err) != OK) {
        server_log(LOG_ERROR, "the settings stay as they were: %s", err.message);
        return;
    }
    server_log_level(settings_now(self->settings_source)->log_level);
    server_log(LOG_INFO, "settings read anew");
}

/* The last resort: whatever hangs, the process ends in time. */
static void *end_process(void *context) {
    (void)context;
    sleep(STOP_SECONDS);
    _exit(0);
}

static void drain(struct server *self) {
    pthread_t timer;
    if (pthread_create(&timer, NULL, end_process, NULL) == 0) pthread_detach(timer);
    server_log(LOG_INFO, "stopping");
    daemon_quiesce(self->http);
    event_hub_drain(self->events);
    jobs_drain(self->jobs);
    daemon_drain(self->http, DRAIN_SECONDS);
}

static void wait_for_end(struct server *self, const sigset_t *signals) {
    for (int received = 0;;) {
        if (sigwait(signals, &received)) continue;
        if (received != SIGHUP) return;
        reload(self);
    }
}

/* A column of a query is megabytes that are needed for milliseconds. malloc would raise its own thresholds at
 * the first such block, keep the next ones for ever, once a thread; fixed thresholds return each at once. */
static void return_large_blocks(void) {
    mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    mallopt(M_TRIM_THRESHOLD, LARGE_BLOCK);
}

status server_main(struct settings_source *source, struct error *err) {
    struct server self = {.settings_source = source};
    const struct settings *settings = settings_now(source);
    sigset_t signals, before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, &before); /* every thread inherits it */
    signal(SIGPIPE, SIG_IGN);
    mapped_files_guard();
    return_large_blocks();
    struct store_watch watch = {0};
    status rc = open_parts(&self, err);
    if (rc == OK) rc = watch_begin(&watch, &self, err);
    if (rc == OK) {
        fprintf(stderr, "kmill serve: %s (klines %s, results %s)\n", daemon_url(self.http), settings->store,
                settings->results);
        server_log_open(settings->log_level);
        wait_for_end(&self, &signals);
        drain(&self);
    }
    watch_end(&watch);
    close_parts(&self);
    if (rc == OK) server_log_close();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}
