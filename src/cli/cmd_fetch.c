/* kmill fetch: klines from the exchange's public archive into the store. */
#include "cli/cli.h"
#include "cli/cli_options.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/file.h"
#include "kline/fetch.h"

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

static int read_month(void *out, const char *option, char *text) {
    struct fetch_month *month = out;
    int used = 0;
    if (strlen(text) == 7 && sscanf(text, "%4d-%2d%n", &month->year, &month->month, &used) == 2 &&
        used == 7 && month->year >= 1970 && month->year <= 9999 && month->month >= 1 && month->month <= 12)
        return 0;
    return cli_usage("%s wants a month as YYYY-MM, not '%s'", option, text);
}

static int read_last_month(void *out, const char *option, char *text) {
    if (strcmp(text, "now") != 0) return read_month(out, option, text);
    struct fetch_month *month = out;
    int day;
    clock_civil_from_day(clock_utc_day(clock_realtime_ms()), &month->year, &month->month, &day);
    return 0;
}

static int read_market(void *out, const char *option, char *text) {
    static const char *const names[] = {
        [FETCH_SPOT] = "spot", [FETCH_USD_FUTURES] = "um", [FETCH_COIN_FUTURES] = "cm"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) != 0) continue;
        *(enum fetch_market *)out = (enum fetch_market)i;
        return 0;
    }
    return cli_usage("%s wants spot, um or cm, not '%s'", option, text);
}

/* CLI_GO_ON, or the exit code. */
static int read_arguments(struct fetch_options *fetch, char symbol[SYMBOL_MAX], int argc, char **argv) {
    const struct cli_option options[] = {
        CLI_OWN("from", &fetch->from, read_month), CLI_OWN("to", &fetch->to, read_last_month),
        CLI_TEXT("store", &fetch->store),          CLI_OWN("market", &fetch->market, read_market),
        CLI_FLAG("replace", &fetch->replace),      CLI_TEXT("cache", &fetch->cache),
        CLI_TEXT("base-url", &fetch->base_url),    CLI_END};
    int code = cli_read_options(argc, argv, "fetch", HELP, options);
    if (code != CLI_GO_ON) return code;
    if (argc - optind != 2)
        return cli_usage("fetch wants a symbol and an interval, e.g. kmill fetch BTCUSDT 1h --from "
                         "2024-01 --to now");
    if (!fetch->from.year || !fetch->to.year)
        return cli_usage("fetch wants --from YYYY-MM and --to YYYY-MM (or now)");
    code = cli_read_symbol(symbol, "fetch", argv[optind]);
    if (code == 0) code = cli_read_interval(&fetch->interval, "fetch", argv[optind + 1]);
    fetch->symbol = symbol;
    return code == 0 ? CLI_GO_ON : code;
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
    struct fetch_options options = {
        .on_file = show_file, .on_note = show_note, .on_import = show_import, .context = &display};
    struct fetch_options *fetch = &options;
    char symbol[SYMBOL_MAX];
    int code = read_arguments(fetch, symbol, argc, argv);
    if (code != CLI_GO_ON) return code;
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
