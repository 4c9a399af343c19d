/* kmill resample: larger candles from a stored series. */
#include "cli/cli.h"
#include "cli/cli_options.h"
#include "kline/resample.h"
#include "kmill/store.h"

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

struct request {
    const char *store;
    char symbol[SYMBOL_MAX];
    enum interval from, to[INTERVAL_COUNT]; /* from INTERVAL_COUNT: not given */
    int to_count;
    bool replace;
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

static int read_targets(void *context, const char *option, char *list) {
    struct request *request = context;
    for (char *rest = NULL, *one = strtok_r(list, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
        if (request->to_count == INTERVAL_COUNT) return cli_usage("%s: too many intervals", option);
        int code = cli_read_interval(&request->to[request->to_count++], option, one);
        if (code != 0) return code;
    }
    return 0;
}

int cmd_resample(int argc, char **argv) {
    struct request request = {.from = INTERVAL_COUNT};
    const struct cli_option options[] = {
        CLI_TEXT("store", &request.store),     CLI_SYMBOL("symbol", request.symbol),
        CLI_INTERVAL("from", &request.from),   CLI_OWN("to", &request, read_targets),
        CLI_FLAG("replace", &request.replace), CLI_END};
    int code = cli_read_options(argc, argv, "resample", help, options);
    if (code != CLI_GO_ON) return code;
    if (optind < argc) return cli_usage("resample: \"%s\" is too much; see --help", argv[optind]);
    if (!request.symbol[0] || request.from == INTERVAL_COUNT || request.to_count == 0)
        return cli_usage("resample: --symbol, --from and --to are needed; see --help");
    request.store = cli_store(request.store);
    return make_all(&request);
}
