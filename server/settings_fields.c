/* The table of settings. What --help, the YAML file, the environment and a reload know comes from here, so
 * that a new setting is one line. Defaults are in settings.c. */
#include "server/settings_fields.h"

#define AT(member) offsetof(struct settings, member)
#define MANY 1e6

#define BYTES_MOST 1099511627776.0 /* 1 TiB */
#define DAY_SECONDS 86400

const struct setting_field setting_fields[] = {
    {"address", SETTING_ADDRESS, SETTING_FIXED, AT(address), 0, 0, NULL, "IP",
     "IP address to listen on (default 127.0.0.1; 0.0.0.0 or :: is every one);\n"
     "beyond loopback, whatever changes or runs something needs the token"},
    {"port", SETTING_INT, SETTING_FIXED, AT(port), 0, 65535, NULL, "N",
     "TCP port (default 8000; 0: any free one, which is printed)"},
    {"store", SETTING_PATH, SETTING_FIXED, AT(store), 0, 0, "KMILL_STORE", "DIR",
     "klines (default ./klines)"},
    {"results", SETTING_PATH, SETTING_FIXED, AT(results), 0, 0, NULL, "DIR",
     "result files; new ones appear without a restart (default .)"},
    {"web", SETTING_PATH, SETTING_FIXED, AT(web), 0, 0, NULL, "DIR",
     "built web pages (default: those installed with kmill, if any)"},
    {"strategies", SETTING_PATH, SETTING_FIXED, AT(strategies), 0, 0, NULL, "DIR",
     "example strategies (default: those that came with kmill)"},
    {"database_url", SETTING_POSTGRES, SETTING_FIXED | SETTING_SECRET, AT(database_url), 0, 0, "DATABASE_URL",
     NULL, "klines that the store lacks are read from this PostgreSQL"},
    {"redis_url", SETTING_REDIS, SETTING_FIXED | SETTING_SECRET, AT(redis_url), 0, 0, "REDIS_URL", NULL,
     "the rate limit is shared through this Redis"},
    {"token", SETTING_TOKEN, SETTING_SECRET | SETTING_UNLISTED, AT(token), 0, 0, "KMILL_TOKEN", NULL,
     "bearer token, at least 16 characters"},
    {"token_file", SETTING_TOKEN_FILE, 0, AT(token), 0, 0, NULL, "FILE",
     "file with the bearer token that changing and running needs: at least\n16 characters"},
    {"tls_certificate", SETTING_PATH, SETTING_FIXED, AT(tls_certificate), 0, 0, NULL, "FILE",
     "PEM certificate chain; makes the server speak HTTPS"},
    {"tls_key", SETTING_PATH, SETTING_FIXED, AT(tls_key), 0, 0, NULL, "FILE", "PEM key of the certificate"},
    {"cors_origins", SETTING_ORIGINS, 0, AT(cors_origins), 0, 0, "CORS_ORIGINS", "LIST",
     "origins of other web pages that may use the API, with commas between\nor as a JSON list: "
     "https://a.example"},
    {"host_names", SETTING_NAMES, 0, AT(host_names), 0, 0, NULL, "LIST",
     "names that this server is called by, beside localhost and IP addresses"},
    {"rate_per_second", SETTING_NUMBER, 0, AT(rate_per_second), 0, MANY, "RATE_LIMIT_PER_SECOND", "N",
     "requests a second and client address (default 30; 0: no limit)"},
    {"rate_per_minute", SETTING_NUMBER, 0, AT(rate_per_minute), 0, MANY, "RATE_LIMIT_PER_MINUTE", "N",
     "requests a minute and client address (default 1000; 0: no limit)"},
    {"rate_limit_loopback", SETTING_BOOL, 0, AT(rate_limit_loopback), 0, 0, NULL, NULL,
     "limit clients of this machine as well"},
    {"log_level", SETTING_LEVEL, 0, AT(log_level), 0, 0, NULL, "LEVEL",
     "error, warn, info or debug (default info: one line a request)"},
    {"debug", SETTING_DEBUG, SETTING_UNLISTED, AT(log_level), 0, 0, "DEBUG", NULL, "true: log level debug"},
    {"io_threads", SETTING_INT, SETTING_FIXED, AT(io_threads), 1, 256, NULL, "N",
     "event loop threads (default: one a core)"},
    {"pool_threads", SETTING_INT, SETTING_FIXED, AT(pool_threads), 1, 256, NULL, "N",
     "threads for what waits or computes (default: one a core, at least 2)"},
    {"body_max", SETTING_BYTES, 0, AT(body_max), 1024, 1073741824.0, NULL, "BYTES",
     "largest request body, e.g. 65536 or 64KiB (default 1MiB)"},
    {"url_max", SETTING_BYTES, 0, AT(url_max), 256, 65536, NULL, "BYTES",
     "longest path with query (default 8KiB)"},
    {"connections_max", SETTING_INT, SETTING_FIXED, AT(connections_max), 1, MANY, NULL, "N",
     "open connections (default 4096)"},
    {"connections_per_address", SETTING_INT, SETTING_FIXED, AT(connections_per_address), 1, MANY, NULL, "N",
     "open connections of one client address (default 1024)"},
    {"streams_max", SETTING_INT, 0, AT(streams_max), 1, MANY, NULL, "N", "open event streams (default 1024)"},
    {"request_seconds", SETTING_NUMBER, SETTING_FIXED, AT(request_seconds), 1, 3600, NULL, "SECONDS",
     "a request has to be there whole after so long, and idle connections are\nclosed (default 30)"},
    {"backtests_max", SETTING_INT, 0, AT(backtests_max), 1, 1024, NULL, "N",
     "backtests at a time (default: one a core); as many again may wait"},
    {"backtest_seconds", SETTING_NUMBER, 0, AT(backtest_seconds), 0.001, DAY_SECONDS, NULL, "SECONDS",
     "longest time limit a backtest may ask for (default 60)"},
    {"sweeps_max", SETTING_INT, 0, AT(sweeps_max), 1, 64, NULL, "N",
     "posted sweeps at a time, others wait (default 1)"},
    {"cache_bytes", SETTING_BYTES, SETTING_FIXED, AT(cache_bytes), 0, BYTES_MOST, NULL, "BYTES",
     "finished answers kept in memory (default 64MiB)"},
    {"trust_strategy", SETTING_BOOL, 0, AT(trust_strategy), 0, 0, NULL, NULL,
     "run strategies also where the kernel has no seccomp filters to\nshut them in"},
};
const size_t setting_field_count = sizeof setting_fields / sizeof *setting_fields;
