/* The parts of a running server. Each is opened once by server.c, in this order, and closed in reverse; all
 * are safe to use from any thread unless their header says otherwise. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "kmill/error.h"
#include "server/settings.h"

struct server {
    struct settings_source *settings_source; /* settings_now(): the settings as of now */
    struct counters *counters;               /* http/counters.h */
    struct event_hub *events;                /* events/event_hub.h */
    struct kline_catalogue *klines;          /* klines/kline_catalogue.h */
    struct sweep_registry *sweeps;           /* sweeps/sweep_registry.h */
    struct job_manager *jobs;                /* work/jobs.h */
    struct rate_limiter *limiter;            /* gate/rate_limit.h */
    struct response_cache *cache;            /* http/response_cache.h */
    struct static_files *web;                /* http/static_files.h; NULL without --web */
    struct pool *pool;                       /* http/pool.h */
    struct http_daemon *http;                /* http/daemon.h */
};

/* Runs until SIGTERM or SIGINT, then drains: no new connections, streams ended, answers under way finished,
 * children stopped, at most 5 s. SIGHUP reloads the settings. Main thread. The message of an error is for the
 * terminal. */
status server_main(struct settings_source *settings, struct error *err);

#endif
