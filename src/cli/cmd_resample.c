/* kmill resample: larger candles from a stored series. */
#include "base/clock.h"
#include "cli/cli.h"
#include "kline/resample.h"
#include "kmill/store.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: kmill resample --symbol S --from I --to I[,I...] [--store DIR] [--replace]\n\n"
    "Makes larger candles of a stored series: first open, highest high, lowest low, last close, exact sums "
    "of volumes\n"
    "and trades. Candles whose span is not complete in the source are kept and marked partial (see --report "
    "of\n"
    "`kmill klines`, and the dataset `partial` of the file).\n\n"
    "  --symbol S     the symbol\n"
    "  --from I       interval of the stored series, e.g. 1m\n"
    "  --to I,...     intervals to make, e.g. 5m,1h,1d; whole multiples of --from; weeks and months from at "
    "most 1d\n"
    "  --store DIR    the store's folder (default: $KMILL_STORE, else ./klines)\n"
    "  --replace      overwrite stored series of these intervals\n";

enum { OPT_STORE = 256, OPT_SYMBOL, OPT_FROM, OPT_TO, OPT_REPLACE, OPT_HELP };
static const struct option long_options[] = {
    {"store", required_argument, NULL, OPT_STORE},
    {"symbol", required_argument, NULL, OPT_SYMBOL},
    {"from", required_argument, NULL, OPT_FROM},
    {"to", required_argument, NULL, OPT_TO},
    {"replace", no_argument, NULL, OPT_REPLACE},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

struct request {
    const char *store;
    char symbol[SYMBOL_MAX];
    enum interval from, to[INTERVAL_COUNT];
    int to_count;
    bool has_from, replace;
};

static status make(const struct request *request, const struct mapped_series *source, enum interval to,
                   struct error *err) {
    struct resampled made;
    char text[256], from_count[32], to_count[32];
    const struct series *view = mapped_series_view(source);
    snprintf(text, sizeof text, "resampled from %s (%.200s)", interval_name(view->interval),
             mapped_series_info(source)->source);
    status rc = resample_series(&made, view, mapped_series_partial(source), to, err);
    if (rc == OK)
        rc =
            store_write_marked(request->store, &made.columns.view, made.partial, text, request->replace, err);
    if (rc == OK)
        printf("%s %s: %s candles from %s of %s, %zu partial\n", view->symbol, interval_name(to),
               cli_count(to_count, made.columns.view.count), cli_count(from_count, view->count),
               interval_name(view->interval), made.partial_count);
    resampled_clear(&made);
    return rc;
}

static int make_all(const struct request *request) {
    struct error err = {0};
    struct mapped_series *source;
    status rc = mapped_series_open(&source, request->store, request->symbol, request->from, &err);
    if (rc == OK) rc = mapped_series_verify(source, &err);
    for (int i = 0; rc == OK && i < request->to_count; i++)
        rc = make(request, source, request->to[i], &err);
    mapped_series_close(source);
    return rc == OK ? 0 : cli_fail(&err);
}

static int read_interval(enum interval *out, const char *text) {
    if (interval_parse(out, text)) return 0;
    return cli_usage("resample: interval \"%s\": use one of 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1mo",
                     text);
}

static int read_targets(struct request *request, char *list) {
    for (char *rest = NULL, *one = strtok_r(list, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
        if (request->to_count == INTERVAL_COUNT) return cli_usage("resample: too many intervals after --to");
        int code = read_interval(&request->to[request->to_count++], one);
        if (code != 0) return code;
    }
    return 0;
}

static int read_option(struct request *request, int option, char **argv) {
    switch (option) {
    case OPT_STORE:
        request->store = optarg;
        return 0;
    case OPT_REPLACE:
        request->replace = true;
        return 0;
    case OPT_FROM:
        request->has_from = true;
        return read_interval(&request->from, optarg);
    case OPT_TO:
        return read_targets(request, optarg);
    case OPT_SYMBOL:
        if (strlen(optarg) >= SYMBOL_MAX)
            return cli_usage("resample: the symbol has more than %d letters", SYMBOL_MAX - 1);
        for (size_t i = 0; i <= strlen(optarg); i++)
            request->symbol[i] = (char)toupper((unsigned char)optarg[i]);
        return 0;
    default:
        return cli_bad_option("resample", argv, long_options);
    }
}

int cmd_resample(int argc, char **argv) {
    struct request request = {0};
    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        if (option == OPT_HELP) {
            fputs(help, stdout);
            return 0;
        }
        int code = read_option(&request, option, argv);
        if (code != 0) return code;
    }
    if (optind < argc) return cli_usage("resample: \"%s\" is too much; see --help", argv[optind]);
    if (!request.symbol[0] || !request.has_from || request.to_count == 0)
        return cli_usage("resample: --symbol, --from and --to are needed; see --help");
    request.store = cli_store(request.store);
    return make_all(&request);
}
