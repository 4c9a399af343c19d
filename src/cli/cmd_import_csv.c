/* kmill import csv: kline files into the store. */
#include "base/cancel.h"
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/cli_options.h"
#include "kline/import_csv.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: kmill import csv FILE... [--store DIR] [--symbol S] [--interval I] [--replace]\n\n"
    "Reads klines in the public archive's format: open_time,open,high,low,close,volume and up to six more "
    "columns\n"
    "(close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore), or in any order under a "
    "header\n"
    "row; plain, .gz or .zip; times in milliseconds or microseconds. Files of one symbol and interval become "
    "one\n"
    "series. Candles are merged with what the store has; nothing is written unless every file could be "
    "read.\n\n"
    "  --store DIR    the store's folder (default: $KMILL_STORE, else ./klines)\n"
    "  --symbol S     the symbol, where the file name (SYMBOL-INTERVAL[-YYYY-MM-DD].csv) does not tell\n"
    "  --interval I   " INTERVAL_NAMES ", where the file name does not tell\n"
    "  --replace      overwrite the whole stored series instead of merging\n";

/* The line on the terminal is drawn at most ten times a second. */
struct progress_line {
    int64_t drawn_ns;
};

static void draw_progress(void *context, const struct csv_progress *progress) {
    struct progress_line *line = context;
    char rows[32];
    int64_t now = clock_monotonic_ns();
    if (now - line->drawn_ns < 100000000) return;
    line->drawn_ns = now;
    const char *slash = strrchr(progress->file, '/');
    fprintf(stderr, "\r\033[K%s (%zu of %zu) %3.0f %%, %s rows", slash ? slash + 1 : progress->file,
            progress->file_number, progress->file_count, progress->done * 100,
            cli_count(rows, progress->rows));
}

static const char *plural(size_t count) {
    return count == 1 ? "" : "s";
}

static void print_findings(const struct series_info *info) {
    char missing[32], gaps[32], odd[32];
    printf("  gaps: %s (%s candle%s missing), impossible candles: %s\n", cli_count(gaps, info->gap_count),
           cli_count(missing, info->missing_candles), plural(info->missing_candles),
           cli_count(odd, info->odd_count));
    if (info->gap_count + info->odd_count > 0)
        printf("  `kmill klines %s %s --report` lists them\n", info->symbol, interval_name(info->interval));
}

static void print_result(const struct csv_result *result) {
    const struct series_info *info = &result->info;
    char first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX], a[32], b[32], c[32], d[32];
    clock_format_iso(first, info->first_open_time);
    clock_format_iso(last, info->last_open_time);
    printf("%s %s: %s candles, %s to %s\n", info->symbol, interval_name(info->interval),
           cli_count(a, info->count), first, last);
    printf("  read: %s rows of %zu file%s in %.2f s (%s rows/s), stored in %.2f s\n",
           cli_count(a, result->rows), result->files, plural(result->files), result->read_seconds,
           cli_count(b, (unsigned long long)((double)result->rows / (result->read_seconds + 1e-9))),
           result->write_seconds);
    printf("  new: %s, already stored: %s, duplicates dropped: %s\n", cli_count(b, result->added),
           cli_count(c, result->known), cli_count(d, result->duplicates));
    print_findings(info);
}

static int run(const char *store, char **files, int count, struct csv_options *options) {
    struct error err = {0};
    struct csv_result *results;
    size_t result_count;
    struct progress_line line = {0};
    if (isatty(STDERR_FILENO)) {
        options->progress = draw_progress;
        options->context = &line;
    }
    cancel_install();
    status rc =
        import_csv(&results, &result_count, store, (const char *const *)files, (size_t)count, options, &err);
    if (line.drawn_ns) fputs("\r\033[K", stderr);
    if (rc != OK) return cli_fail(&err);
    for (size_t i = 0; i < result_count; i++)
        print_result(&results[i]);
    free(results);
    return 0;
}

int cmd_import_csv(int argc, char **argv) {
    struct csv_options csv = {0};
    const char *store = NULL;
    const struct cli_option options[] = {CLI_TEXT("store", &store), CLI_TEXT("symbol", &csv.symbol),
                                         CLI_TEXT("interval", &csv.interval),
                                         CLI_FLAG("replace", &csv.replace), CLI_END};
    int code = cli_read_options(argc, argv, "import csv", help, options);
    if (code != CLI_GO_ON) return code;
    if (optind == argc) return cli_usage("import csv: name at least one file; see --help");
    return run(cli_store(store), argv + optind, argc - optind, &csv);
}
