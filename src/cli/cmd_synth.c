/* kmill synth: a made-up market, so that everything can be tried offline. */
#include "base/clock.h"
#include "base/text.h"
#include "cli/cli.h"
#include "kline/synth.h"
#include "kmill/store.h"

#include <ctype.h>
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
    "  --interval I     1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1mo; default 1h\n"
    "  --bars N         how many candles\n"
    "  --seed N         another seed is another market; default 1\n"
    "  --start T        open_time of the first candle; default 2020-01-01\n"
    "  --price X        the first price; default 30000\n"
    "  --volatility X   typical deviation of a day's return as a fraction; default 0.03\n"
    "  --store DIR      the store's folder (default: $KMILL_STORE, else ./klines)\n"
    "  --replace        overwrite a stored series of that name\n";

enum {
    OPT_STORE = 256,
    OPT_SYMBOL,
    OPT_INTERVAL,
    OPT_BARS,
    OPT_SEED,
    OPT_START,
    OPT_PRICE,
    OPT_VOLATILITY,
    OPT_REPLACE,
    OPT_HELP
};
static const struct option long_options[] = {
    {"store", required_argument, NULL, OPT_STORE},
    {"symbol", required_argument, NULL, OPT_SYMBOL},
    {"interval", required_argument, NULL, OPT_INTERVAL},
    {"bars", required_argument, NULL, OPT_BARS},
    {"seed", required_argument, NULL, OPT_SEED},
    {"start", required_argument, NULL, OPT_START},
    {"price", required_argument, NULL, OPT_PRICE},
    {"volatility", required_argument, NULL, OPT_VOLATILITY},
    {"replace", no_argument, NULL, OPT_REPLACE},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

struct request {
    struct synth_options synth;
    const char *store;
    bool replace;
};

static int read_symbol(struct synth_options *synth, const char *text) {
    size_t length = strlen(text);
    if (length >= SYMBOL_MAX) return cli_usage("synth: the symbol has more than %d letters", SYMBOL_MAX - 1);
    for (size_t i = 0; i <= length; i++)
        synth->symbol[i] = (char)toupper((unsigned char)text[i]);
    return 0;
}

static int read_number(double *out, const char *name, const char *text) {
    if (text_to_double(out, text) && *out > 0.0) return 0;
    return cli_usage("synth: --%s wants a number above 0, not \"%s\"", name, text);
}

static int read_whole(int64_t *out, const char *name, const char *text) {
    if (text_to_int64(out, text) && *out >= 0) return 0;
    return cli_usage("synth: --%s wants a whole number, not \"%s\"", name, text);
}

static int read_option(struct request *request, int option, char **argv) {
    struct synth_options *synth = &request->synth;
    int64_t whole = 0;
    int code = 0;
    switch (option) {
    case OPT_STORE:
        request->store = optarg;
        return 0;
    case OPT_REPLACE:
        request->replace = true;
        return 0;
    case OPT_SYMBOL:
        return read_symbol(synth, optarg);
    case OPT_INTERVAL:
        if (interval_parse(&synth->interval, optarg)) return 0;
        return cli_usage(
            "synth: interval \"%s\": use one of 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1mo", optarg);
    case OPT_BARS:
        code = read_whole(&whole, "bars", optarg);
        synth->bars = (size_t)whole;
        return code;
    case OPT_SEED:
        code = read_whole(&whole, "seed", optarg);
        synth->seed = (uint64_t)whole;
        return code;
    case OPT_START:
        if (clock_parse(&synth->start_ms, optarg)) return 0;
        return cli_usage("synth: \"%s\" is no time; write it like 2024-01-31 or 2024-01-31T12:00", optarg);
    case OPT_PRICE:
        return read_number(&synth->start_price, "price", optarg);
    case OPT_VOLATILITY:
        return read_number(&synth->daily_volatility, "volatility", optarg);
    default:
        return cli_bad_option("synth", argv, long_options);
    }
}

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
    clock_parse(&request.synth.start_ms, "2020-01-01");
    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        if (option == OPT_HELP) {
            fputs(help, stdout);
            return 0;
        }
        int code = read_option(&request, option, argv);
        if (code != 0) return code;
    }
    if (optind < argc) return cli_usage("synth: \"%s\" is too much; see --help", argv[optind]);
    if (request.synth.bars == 0) return cli_usage("synth: --bars N says how many candles to make");
    request.store = cli_store(request.store);
    return make(&request);
}
