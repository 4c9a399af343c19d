/* What the server is told: defaults, then the YAML file, then the environment, then the command line; the
 * later wins. A reload (SIGHUP) reads file and environment anew; what cannot change while running (address,
 * port, TLS, folders, threads) keeps its first value and a note says so. */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include "base/problems.h"
#include "kmill/error.h"
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG }; /* access log lines are LOG_INFO */

struct text_list {
    char **items;
    size_t count;
};

/* Immutable once made; strings are owned. NULL text: not set. */
struct settings {
    char *address;    /* default 127.0.0.1; "::1", "0.0.0.0", ... */
    int port;         /* default 8000; 0: any free one (the port is printed) */
    char *store;      /* klines; $KMILL_STORE, else ./klines */
    char *results;    /* folder of result files; default "." */
    char *web;        /* built pages; default: where kmill installs them, NULL where there are none */
    char *strategies; /* folder of the examples that came with kmill; NULL where there are none */
    char *database_url, *redis_url; /* DATABASE_URL, REDIS_URL */
    char *token; /* KMILL_TOKEN or --token-file: bearer token for what changes or runs something */
    char *tls_certificate, *tls_key; /* PEM files */
    struct text_list cors_origins;   /* CORS_ORIGINS: JSON list or comma separated; "*" is refused */
    struct text_list host_names;     /* names beside localhost and IP addresses that Host may have */
    double rate_per_second,
        rate_per_minute;          /* RATE_LIMIT_PER_SECOND=30, RATE_LIMIT_PER_MINUTE=1000; 0: no limit */
    bool rate_limit_loopback;     /* default false: loopback is exempt */
    enum log_level log_level;     /* --log-level, DEBUG=true */
    int io_threads, pool_threads; /* default: cores; max(2, cores) */
    size_t body_max;              /* bytes, default 1 MiB */
    size_t url_max;               /* bytes of path and query, default 8192; longer: 414 */
    int connections_max, connections_per_address; /* default 4096, 1024 */
    int streams_max;                              /* open event streams, default 1024 */
    double
        request_seconds; /* a request has to be there whole after so long; idle connections too; default 30 */
    int backtests_max;   /* at a time, default cores; as many again may wait, then 503 */
    double backtest_seconds; /* longest time limit a request may ask for, default 60 */
    int sweeps_max;          /* at a time, default 1; others are queued */
    size_t cache_bytes;      /* finished answers kept, default 64 MiB */
    bool trust_strategy;     /* as `kmill run --trust-strategy` */
};

struct settings_source;
/* Reads everything; argv as main gets it behind `kmill serve`. ERR_INPUT with the mistakes of the YAML file
 * in problems (its name in *problem_file, borrowed), or in err for an option or a variable. *help: --help was
 * asked for and printed. */
status settings_open(struct settings_source **out, int argc, char **argv, bool *help,
                     struct problems *problems, const char **problem_file, struct error *err);
/* Borrowed; valid until settings_close (earlier ones too). Any thread. */
const struct settings *settings_now(const struct settings_source *source);
/* SIGHUP. A mistake keeps the present settings and is the error. */
status settings_reload(struct settings_source *source, struct error *err);
void settings_close(struct settings_source *source);

#endif
