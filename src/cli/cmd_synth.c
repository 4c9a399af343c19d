/* kmill synth: a made-up market, so that everything can be tried offline. */
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/cli_options.h"
#include "kline/synth.h"
#include "kmill/store.h"

#include <getopt.h>
#include <string.h>

static const char help[] =
    "usage: kmill synth [--symbol S] [--interval I] --bars N [--seed N] [--start T] [--price X] "
    "[--volatility X]\n"
    "                   [--store DIR] [--replace]\n\n"
    "Makes a synthetic market: the same options give the same candles, to the bit, on every machine. The "
    "prices are\n"
    "invented; use them to try strategies out, never to judge them.\n\n"
    "  --symbol S       default SYNTHUSDT\n"
    "  --interval I     " INTERVAL_NAMES "; default 1h\n"
    "  --bars N         how many candles\n"
    "  --seed N         another seed is another market; default 1\n"
    "  --start T        open_time of the first candle; default 2020-01-01\n"
    "  --price X        the first price; default 30000\n"
    "  --volatility X   typical deviation of a day's return as a fraction; default 0.03\n"
    "  --store DIR      the store's folder (default: $KMILL_STORE, else ./klines)\n"
    "  --replace        overwrite a stored series of that name\n";

struct request {
    struct synth_options synth;
    const char *store;
    bool replace;
};

static int make(const struct request *request) {
    struct error err = {0};
    struct kline_columns columns = {0};
    char source[64], bars[32], first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX];
    snprintf(source, sizeof source, "synthetic: seed %llu", (unsigned long long)request->synth.seed);
    status rc = synth_series(&columns, &request->synth, &err);
    if (rc == OK) rc = store_write(request->store, &columns.view, source, request->replace, &err);
    if (rc == OK) {
        const struct series *view = &columns.view;
        clock_format_iso(first, view->open_time[0]);
        clock_format_iso(last, view->open_time[view->count - 1]);
        printf("%s %s: %s synthetic candles, %s to %s, seed %llu\n", view->symbol,
               interval_name(view->interval), cli_count(bars, view->count), first, last,
               (unsigned long long)request->synth.seed);
    }
    kline_columns_clear(&columns);
    return rc == OK ? 0 : cli_fail(&err);
}

int cmd_synth(int argc, char **argv) {
    struct request request = {.synth = {.symbol = "SYNTHUSDT", .interval = INTERVAL_1H, .seed = 1}};
    struct synth_options *synth = &request.synth;
    uint64_t bars = 0;
    clock_parse(&synth->start_ms, "2020-01-01");
    const struct cli_option options[] = {
        CLI_TEXT("store", &request.store),          CLI_SYMBOL("symbol", synth->symbol),
        CLI_INTERVAL("interval", &synth->interval), CLI_WHOLE("bars", &bars, 0, 0),
        CLI_WHOLE("seed", &synth->seed, 0, 0),      CLI_TIME("start", &synth->start_ms),
        CLI_POSITIVE("price", &synth->start_price), CLI_POSITIVE("volatility", &synth->daily_volatility),
        CLI_FLAG("replace", &request.replace),      CLI_END};
    int code = cli_read_options(argc, argv, "synth", help, options);
    if (code != CLI_GO_ON) return code;
    if (optind < argc) return cli_usage("synth: \"%s\" is too much; see --help", argv[optind]);
    if (bars == 0) return cli_usage("synth: --bars N says how many candles to make");
    synth->bars = bars;
    request.store = cli_store(request.store);
    return make(&request);
}
