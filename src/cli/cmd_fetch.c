/* kmill fetch: klines from the exchange's public archive into the store. */
#include "cli/cli.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/file.h"
#include "kline/fetch.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char HELP[] =
    "usage: kmill fetch SYMBOL INTERVAL --from YYYY-MM --to YYYY-MM|now [--store DIR] [--market spot|um|cm]\n"
    "                   [--replace] [--cache DIR] [--base-url URL]\n\n"
    "Downloads the months (and, where a month is not complete, the days) of a symbol's klines from the "
    "public archive,\n"
    "verifies each against its checksum file and stores them. Run again, it loads only what is missing.\n\n"
    "  --from YYYY-MM  first month\n"
    "  --to YYYY-MM    last month, inclusive; now: to yesterday\n"
    "  --store DIR     the store's folder (default: $KMILL_STORE, else ./klines)\n"
    "  --market M      spot (default), um (USD-margined futures) or cm (coin-margined futures)\n"
    "  --replace       overwrite the whole stored series instead of merging\n"
    "  --cache DIR     where downloaded files stay (default: $XDG_CACHE_HOME/kmill/archive, else "
    "~/.cache/kmill/archive)\n"
    "  --base-url URL  another archive of the same layout (default: " FETCH_BASE_URL ")\n";

enum { OPT_FROM = 256, OPT_TO, OPT_STORE, OPT_MARKET, OPT_REPLACE, OPT_CACHE, OPT_BASE_URL, OPT_HELP };
static const struct option long_options[] = {
    {"from", required_argument, NULL, OPT_FROM},
    {"to", required_argument, NULL, OPT_TO},
    {"store", required_argument, NULL, OPT_STORE},
    {"market", required_argument, NULL, OPT_MARKET},
    {"replace", no_argument, NULL, OPT_REPLACE},
    {"cache", required_argument, NULL, OPT_CACHE},
    {"base-url", required_argument, NULL, OPT_BASE_URL},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

struct arguments {
    struct fetch_options fetch;
    const char *from, *to, *market, *interval;
};

struct display {
    bool is_terminal, is_shown;
};

static void clear_line(struct display *display) {
    if (display->is_shown) fputs("\r\033[K", stderr);
    display->is_shown = false;
}

static void show_file(void *context, const char *name, size_t number, size_t count) {
    struct display *display = context;
    if (!display->is_terminal) return;
    fprintf(stderr, "\r\033[K%s (%zu of %zu months)", name, number, count);
    display->is_shown = true;
}

static void show_note(void *context, const char *text) {
    clear_line(context);
    fprintf(stderr, "note: %s\n", text);
}

static void show_import(void *context, const struct csv_progress *progress) {
    struct display *display = context;
    char rows[32];
    if (!display->is_terminal) return;
    fprintf(stderr, "\r\033[Kreading file %zu of %zu, %s rows", progress->file_number, progress->file_count,
            cli_count(rows, progress->rows));
    display->is_shown = true;
}

static bool parse_month(struct fetch_month *out, const char *text) {
    int used = 0;
    if (strlen(text) != 7 || sscanf(text, "%4d-%2d%n", &out->year, &out->month, &used) != 2 || used != 7)
        return false;
    return out->year >= 1970 && out->year <= 9999 && out->month >= 1 && out->month <= 12;
}

static bool parse_market(enum fetch_market *out, const char *text) {
    static const char *const names[] = {
        [FETCH_SPOT] = "spot", [FETCH_USD_FUTURES] = "um", [FETCH_COIN_FUTURES] = "cm"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) != 0) continue;
        *out = (enum fetch_market)i;
        return true;
    }
    return false;
}

/* 0: go on; otherwise the exit code + 1. */
static int read_options(struct arguments *arguments, int argc, char **argv) {
    struct fetch_options *fetch = &arguments->fetch;
    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        switch (option) {
        case OPT_FROM:
            arguments->from = optarg;
            break;
        case OPT_TO:
            arguments->to = optarg;
            break;
        case OPT_STORE:
            fetch->store = optarg;
            break;
        case OPT_MARKET:
            arguments->market = optarg;
            break;
        case OPT_REPLACE:
            fetch->replace = true;
            break;
        case OPT_CACHE:
            fetch->cache = optarg;
            break;
        case OPT_BASE_URL:
            fetch->base_url = optarg;
            break;
        case OPT_HELP:
            fputs(HELP, stdout);
            return 1;
        default:
            return 1 + cli_bad_option("fetch", argv, long_options);
        }
    }
    if (argc - optind != 2)
        return 1 + cli_usage("fetch wants a symbol and an interval, e.g. kmill fetch BTCUSDT 1h --from "
                             "2024-01 --to now");
    for (char *p = argv[optind]; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    fetch->symbol = argv[optind];
    arguments->interval = argv[optind + 1];
    return 0;
}

static int check_values(struct arguments *arguments) {
    struct fetch_options *fetch = &arguments->fetch;
    if (!interval_parse(&fetch->interval, arguments->interval))
        return 1 + cli_usage("%s: expected an interval: 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1mo",
                             arguments->interval);
    if (arguments->market && !parse_market(&fetch->market, arguments->market))
        return 1 + cli_usage("--market %s: expected spot, um or cm", arguments->market);
    if (!arguments->from || !arguments->to)
        return 1 + cli_usage("fetch wants --from YYYY-MM and --to YYYY-MM (or now)");
    if (!parse_month(&fetch->from, arguments->from))
        return 1 + cli_usage("--from %s: expected a month as YYYY-MM", arguments->from);
    if (!strcmp(arguments->to, "now")) {
        int day;
        clock_civil_from_day(clock_utc_day(clock_realtime_ms()), &fetch->to.year, &fetch->to.month, &day);
    } else if (!parse_month(&fetch->to, arguments->to)) {
        return 1 + cli_usage("--to %s: expected a month as YYYY-MM, or now", arguments->to);
    }
    return 0;
}

static char *default_cache(void) {
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (base && *base) return path_join(base, "kmill/archive");
    return path_join(home && *home ? home : ".", ".cache/kmill/archive");
}

static void print_result(const struct fetch_result *result) {
    const struct series_info *info = &result->series.info;
    char first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX], a[32], b[32], c[32];
    clock_format_iso(first, info->first_open_time);
    clock_format_iso(last, info->last_open_time);
    printf("%s %s: %s candles, %s to %s\n", info->symbol, interval_name(info->interval),
           cli_count(a, info->count), first, last);
    printf("  files: %zu downloaded, %zu from the cache; candles: %s new, %s already stored\n",
           result->downloaded, result->kept, cli_count(a, result->series.added),
           cli_count(b, result->series.known));
    printf("  gaps: %s (%s missing), impossible candles: %s\n", cli_count(a, info->gap_count),
           cli_count(b, info->missing_candles), cli_count(c, info->odd_count));
}

int cmd_fetch(int argc, char **argv) {
    struct display display = {.is_terminal = isatty(STDERR_FILENO)};
    struct arguments arguments = {
        .fetch = {.on_file = show_file, .on_note = show_note, .on_import = show_import, .context = &display}};
    struct fetch_options *fetch = &arguments.fetch;
    int code = read_options(&arguments, argc, argv);
    if (!code) code = check_values(&arguments);
    if (code) return code - 1;
    char *cache = fetch->cache ? NULL : default_cache();
    if (!fetch->cache) fetch->cache = cache;
    if (!fetch->base_url) fetch->base_url = FETCH_BASE_URL;
    fetch->store = cli_store(fetch->store);
    cancel_install();
    struct error err = {0};
    struct fetch_result result;
    status rc = fetch_klines(&result, fetch, &err);
    clear_line(&display);
    if (rc == OK) print_result(&result);
    free(cache);
    return rc == OK ? 0 : cli_fail(&err);
}
