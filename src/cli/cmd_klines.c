/* kmill klines: what a store holds, a series as CSV, and what was found about it. */
#include "base/clock.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/cli_options.h"
#include "kline/columns.h"
#include "kmill/store.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: kmill klines [--store DIR] [--json]\n"
    "       kmill klines [--store DIR] SYMBOL INTERVAL [--from T] [--to T] [--limit N] [--csv | --report | "
    "--verify]\n\n"
    "Without a symbol: a table of all series. With one: its candles as CSV, which `kmill import csv` reads "
    "again.\n\n"
    "  --store DIR    the store's folder (default: $KMILL_STORE, else ./klines)\n"
    "  --json         the table as JSON\n"
    "  --from T       first open_time, inclusive: 2024, 2024-01-31, 2024-01-31T12:00 (UTC) or epoch "
    "milliseconds\n"
    "  --to T         exclusive\n"
    "  --limit N      at most N candles\n"
    "  --csv          candles as CSV (the default)\n"
    "  --report       the gaps, impossible candles and notes found when the series was stored\n"
    "  --verify       read every candle and compare with the stored checksum\n";

struct request {
    const char *store, *symbol;
    enum interval interval;
    int64_t from, to;
    uint64_t limit;
    bool json, csv, report, verify;
};

/* ---- the table
 * ------------------------------------------------------------------------------------------------ */

static void print_table(const struct series_info *infos, size_t count) {
    size_t width = 6;
    for (size_t i = 0; i < count; i++)
        if (strlen(infos[i].symbol) > width) width = strlen(infos[i].symbol);
    printf("%-*s  %-8s  %-16s  %-16s  %12s  %6s  %8s  %6s  %s\n", (int)width, "symbol", "interval",
           "first (UTC)", "last (UTC)", "candles", "gaps", "missing", "odd", "source");
    for (size_t i = 0; i < count; i++) {
        const struct series_info *s = &infos[i];
        char first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX], candles[32], missing[32];
        clock_format_iso(first, s->first_open_time);
        clock_format_iso(last, s->last_open_time);
        first[10] = last[10] = ' ';
        printf("%-*s  %-8s  %.16s  %.16s  %12s  %6zu  %8s  %6zu  %s\n", (int)width, s->symbol,
               interval_name(s->interval), first, last, cli_count(candles, s->count), s->gap_count,
               cli_count(missing, s->missing_candles), s->odd_count, s->source);
    }
}

static void add_json_time(struct text *out, const char *name, int64_t ms) {
    char iso[CLOCK_TEXT_MAX];
    clock_format_iso(iso, ms);
    text_printf(out, ",\"%s\":\"%s\"", name, iso);
}

static void print_json(const struct series_info *infos, size_t count) {
    struct text out = {0};
    text_add_char(&out, '[');
    for (size_t i = 0; i < count; i++) {
        const struct series_info *s = &infos[i];
        text_add_string(&out, i ? ",\n {\"symbol\":" : "{\"symbol\":");
        text_add_json_string(&out, s->symbol, strlen(s->symbol));
        text_printf(&out, ",\"interval\":\"%s\",\"count\":%zu", interval_name(s->interval), s->count);
        add_json_time(&out, "firstOpenTime", s->first_open_time);
        add_json_time(&out, "lastOpenTime", s->last_open_time);
        text_printf(&out, ",\"gapCount\":%zu,\"missingCandles\":%zu,\"oddCount\":%zu,\"partialCount\":%zu",
                    s->gap_count, s->missing_candles, s->odd_count, s->partial_count);
        text_printf(&out, ",\"checksum\":\"%08x\",\"source\":", s->checksum);
        text_add_json_string(&out, s->source, strlen(s->source));
        text_add_string(&out, ",\"importedAt\":");
        text_add_json_string(&out, s->imported_at, strlen(s->imported_at));
        text_add_char(&out, '}');
    }
    text_add_string(&out, "]\n");
    fwrite(out.data, 1, out.length, stdout);
    text_clear(&out);
}

static int list_store(const struct request *request) {
    struct error err = {0};
    struct series_info *infos;
    size_t count;
    if (store_list(&infos, &count, request->store, &err) != OK) return cli_fail(&err);
    if (request->json) {
        print_json(infos, count);
    } else if (count == 0) {
        printf("the store %s holds no series; `kmill import csv`, `kmill fetch` or `kmill synth` make one\n",
               request->store);
    } else {
        print_table(infos, count);
    }
    free(infos);
    return 0;
}

/* ---- one series
 * ----------------------------------------------------------------------------------------------- */

/* Unknown values stay empty, as the importer reads them. */
static void add_value(struct text *out, const struct series *series, enum kline_column column, size_t index) {
    const void *data = series_raw_column(series, column);
    if (column > KLINE_OPEN_TIME) text_add_char(out, ',');
    if (kline_column_is_integer(column)) {
        int64_t value = ((const int64_t *)data)[index];
        if (column != KLINE_TRADES_COUNT || value != -1) text_printf(out, "%lld", (long long)value);
    } else if (!isnan(((const double *)data)[index])) {
        text_add_double(out, ((const double *)data)[index]);
    }
}

static int print_csv(const struct series *series) {
    struct text out = {0};
    for (int c = 0; c < KLINE_COLUMN_COUNT; c++)
        text_printf(&out, "%s%s", c ? "," : "", kline_column_name((enum kline_column)c));
    text_add_char(&out, '\n');
    for (size_t i = 0; i < series->count && !ferror(stdout); i++) {
        for (int c = 0; c < KLINE_COLUMN_COUNT; c++)
            add_value(&out, series, (enum kline_column)c, i);
        text_add_char(&out, '\n');
        if (out.length < 65536) continue;
        fwrite(out.data, 1, out.length, stdout);
        out.length = 0;
    }
    fwrite(out.data, 1, out.length, stdout);
    text_clear(&out);
    if (fflush(stdout) == 0) return 0;
    struct error err = {0};
    error_set_errno(&err, ERR_IO, "standard output");
    return cli_fail(&err);
}

static int show_series(const struct request *request) {
    struct error err = {0};
    struct mapped_series *mapped;
    int code = 0;
    if (mapped_series_open(&mapped, request->store, request->symbol, request->interval, &err) != OK)
        return cli_fail(&err);
    if (request->report) {
        fputs(mapped_series_report(mapped), stdout);
    } else if (request->verify) {
        if (mapped_series_verify(mapped, &err) == OK) {
            printf("%s %s: %zu candles, checksum %08x is right\n", request->symbol,
                   interval_name(request->interval), mapped_series_info(mapped)->count,
                   mapped_series_info(mapped)->checksum);
        } else {
            code = cli_fail(&err);
        }
    } else {
        const struct series *view = mapped_series_view(mapped);
        size_t begin = series_lower_bound(view, request->from), end = series_lower_bound(view, request->to);
        if (end < begin) end = begin;
        if (request->limit < end - begin) end = begin + request->limit;
        struct series slice = series_slice(view, begin, end);
        code = print_csv(&slice);
    }
    mapped_series_close(mapped);
    return code;
}

int cmd_klines(int argc, char **argv) {
    struct request request = {.from = INT64_MIN, .to = INT64_MAX, .limit = UINT64_MAX};
    char symbol[SYMBOL_MAX];
    const struct cli_option options[] = {CLI_TEXT("store", &request.store),
                                         CLI_FLAG("json", &request.json),
                                         CLI_TIME("from", &request.from),
                                         CLI_TIME("to", &request.to),
                                         CLI_WHOLE("limit", &request.limit, 0, 0),
                                         CLI_FLAG("csv", &request.csv),
                                         CLI_FLAG("report", &request.report),
                                         CLI_FLAG("verify", &request.verify),
                                         CLI_END};
    int code = cli_read_options(argc, argv, "klines", help, options);
    if (code != CLI_GO_ON) return code;
    request.store = cli_store(request.store);
    if (request.from >= request.to) return cli_usage("klines: --to must be later than --from");
    if (optind == argc) return list_store(&request);
    if (argc - optind != 2) return cli_usage("klines: give SYMBOL and INTERVAL, or neither; see --help");
    code = cli_read_symbol(symbol, "klines", argv[optind]);
    if (code == 0) code = cli_read_interval(&request.interval, "klines", argv[optind + 1]);
    if (code != 0) return code;
    request.symbol = symbol;
    return show_series(&request);
}
