/* kmill verify: runs of a result file again, each alone, compared with what the file holds to the last bit.
 */
#include "cli/cli.h"
#include "cli/cli_options.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/text.h"
#include "kmill/result.h"
#include "kmill/series.h"
#include "kmill/sweep.h"
#include "results/provenance.h"
#include "results/run_record.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: kmill verify RESULT.h5 [RUN...] [--store DIR] [--sample N] [--json]\n\n"
    "Runs the given runs again alone, in a fresh worker, and compares every bit: metrics, equity and\n"
    "trades. Without run numbers: N runs evenly spread over the file (default 20).\n"
    "  --store DIR         where the klines are now (default: where the sweep found them)\n"
    "  --json              a JSON object a run on stdout: run, equal, differences\n"
    "  --trust-strategy    as in kmill run\n"
    "Exit codes: 0 all the same, 1 some differ, 2 bad input.\n";

struct verify_options {
    const char *store;
    uint64_t sample;
    bool json, trust;
};

static bool same_bits(const void *a, const void *b, size_t size) {
    return size == 0 || memcmp(a, b, size) == 0;
}

struct differences {
    const char *names[METRIC_COUNT + 8];
    size_t count;
};

static void note(struct differences *all, const char *name, bool same) {
    if (!same) all->names[all->count++] = name;
}

/* Everything that differs. Trades and curves only where the file keeps them. */
static void compare(struct differences *all, const struct run_record *kept, const struct run_record *again) {
    note(all, "status", kept->status == again->status);
    for (int m = 0; m < METRIC_COUNT; m++)
        note(all, metric_info((enum metric)m)->name,
             same_bits(&kept->metrics[m], &again->metrics[m], sizeof(double)));
    note(all, "sparkline", same_bits(kept->sparkline, again->sparkline, sizeof kept->sparkline));
    note(all, "number of trades", kept->trade_total == again->trade_total);
    if (kept->trade_count)
        note(all, "trades",
             kept->trade_count == again->trade_count &&
                 same_bits(kept->trades, again->trades, kept->trade_count * sizeof *kept->trades));
}

static status equity_differs(struct result *result, uint64_t row, const struct run_record *again,
                             bool *differs, struct error *err) {
    double *kept;
    size_t count;
    status rc = result_equity(result, &kept, &count, row, err);
    if (rc != OK) return rc;
    *differs =
        count && (count != again->equity_count || !same_bits(kept, again->equity, count * sizeof *kept));
    free(kept);
    return OK;
}

static void print_differences(uint64_t run, const struct differences *all, bool json) {
    struct text line = {0};
    text_printf(&line, json ? "{\"run\": %llu, " : "run %llu: ", (unsigned long long)run);
    if (json)
        text_printf(&line, "\"equal\": %s, \"differences\": [", all->count ? "false" : "true");
    else
        text_add_string(&line, all->count ? "DIFFERENT: " : "same bits");
    for (size_t i = 0; i < all->count; i++) {
        text_add_string(&line, i ? ", " : "");
        if (json)
            text_add_json_string(&line, all->names[i], strlen(all->names[i]));
        else
            text_add_string(&line, all->names[i]);
    }
    printf("%s%s\n", line.data, json ? "]}" : "");
    text_clear(&line);
}

static status verify_row(struct result *result, struct single_run *runner, uint64_t row, bool json,
                         bool *same, struct error *err) {
    const struct run_record *kept, *again = single_run_record(runner);
    struct differences all = {0};
    bool curve = false;
    status rc = result_run(result, &kept, row, err);
    if (rc != OK) return rc;
    compare(&all, kept, again);
    rc = equity_differs(result, row, again, &curve, err);
    if (rc != OK) return rc;
    note(&all, "equity curve", !curve);
    *same = !all.count;
    print_differences(result_run_of_row(result, row), &all, json);
    return OK;
}

/* The first candle of the range that is not what the sweep saw, count if there is none. */
static size_t first_changed(const struct series *kept, const struct series *now) {
    static const enum kline_column columns[] = {KLINE_OPEN_TIME, KLINE_CLOSE_TIME, KLINE_OPEN,  KLINE_HIGH,
                                                KLINE_LOW,       KLINE_CLOSE,      KLINE_VOLUME};
    size_t first = kept->count < now->count ? kept->count : now->count;
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
        const uint64_t *a = series_raw_column(kept, columns[c]), *b = series_raw_column(now, columns[c]);
        for (size_t i = 0; i < first; i++)
            if (a[i] != b[i]) first = i;
    }
    return first;
}

/* Other klines give other results: that is no difference of the run. */
static status check_klines(struct result *result, struct single_run *runner, struct error *err) {
    size_t begin, end, kept_begin, k = single_run_record(runner)->series;
    const struct series *view = single_run_series(runner, &begin, &end);
    struct series now = series_slice(view, begin, end), kept;
    if (!result_candle_view(result, &kept, &kept_begin, k)) return OK;
    char when[CLOCK_TEXT_MAX];
    size_t at = first_changed(&kept, &now);
    if (at < kept.count || kept.count != now.count) {
        clock_format_iso(when, at < kept.count ? kept.open_time[at] : now.open_time[at]);
        return error_set(
            err, ERR_INPUT,
            "the klines of %s %s changed since the sweep, the first at %s: verify with the old ones "
            "(--store), or run the sweep anew",
            view->symbol, interval_name(view->interval), when);
    }
    if (begin == kept_begin) return OK;
    return error_set(
        err, ERR_INPUT,
        "%s %s has %zu klines in front of the sweep's range now, it had %zu: verify with the old ones "
        "(--store), or run the sweep anew",
        view->symbol, interval_name(view->interval), begin, kept_begin);
}

static int verify(struct result *result, const char *path, const uint64_t *runs, size_t count,
                  const struct verify_options *o) {
    struct single_run *runner = NULL;
    struct error err = {0};
    struct problems problems = {0};
    char *problem_file = NULL;
    size_t different = 0, checked = 0;
    status rc = OK;
    const struct provenance *p = result_provenance(result);
    for (size_t i = 0; rc == OK && i < count && !cancel_requested(); i++) {
        uint64_t row;
        bool same = false;
        rc = result_row_of_run(result, &row, runs[i], &err);
        if (rc == OK && !runner) {
            const struct single_run_options options = {.yaml = p->yaml,
                                                       .yaml_path = p->yaml_path,
                                                       .strategy = p->strategy,
                                                       .strategy_path = p->strategy_path,
                                                       .store = o->store ? o->store : p->series[0].store,
                                                       .ranges = p->series,
                                                       .run = runs[i],
                                                       .equity = true,
                                                       .trust_strategy = o->trust};
            rc = single_run_start(&runner, &options, &problems, &problem_file, &err);
        } else if (rc == OK) {
            rc = single_run_again(runner, runs[i], &err);
        }
        if (rc == OK) rc = check_klines(result, runner, &err);
        if (rc == OK) rc = verify_row(result, runner, row, o->json, &same, &err);
        checked += rc == OK;
        different += rc == OK && !same;
    }
    int code = different ? 1 : 0;
    if (problems.count)
        code = cli_problems(problem_file ? problem_file : path, &problems);
    else if (rc != OK)
        code = cli_fail(&err);
    else if (!o->json)
        printf("%zu of %zu runs give the same bits again\n", checked - different, checked);
    if (rc == OK && cancel_requested()) code = 130;
    single_run_close(runner);
    free(problem_file);
    problems_clear(&problems);
    return code;
}

/* Runs evenly spread over the rows of the file, the first and the last among them. */
static uint64_t *choose_sample(size_t *count, struct result *result, uint64_t sample) {
    uint64_t rows = result_run_count(result);
    if (sample > rows) sample = rows;
    uint64_t *runs = calloc(sample + 1, sizeof *runs);
    *count = runs ? (size_t)sample : 0;
    for (uint64_t i = 0; i < *count; i++)
        runs[i] = result_run_of_row(
            result, sample > 1 ? (uint64_t)((unsigned __int128)i * (rows - 1) / (sample - 1)) : 0);
    return runs;
}

/* The run numbers of the command line; NULL after a message. */
static uint64_t *parse_runs(char **words, size_t count) {
    uint64_t *runs = calloc(count + 1, sizeof *runs);
    for (size_t i = 0; runs && i < count; i++) {
        int64_t number;
        if (!text_to_int64(&number, words[i]) || number < 0) {
            cli_usage("'%s' is no run number", words[i]);
            free(runs);
            return NULL;
        }
        runs[i] = (uint64_t)number;
    }
    return runs;
}

int cmd_verify(int argc, char **argv) {
    struct verify_options o = {.sample = 20};
    const struct cli_option options[] = {CLI_TEXT("store", &o.store), CLI_WHOLE("sample", &o.sample, 1, 0),
                                         CLI_FLAG("json", &o.json), CLI_FLAG("trust-strategy", &o.trust),
                                         CLI_END};
    int code = cli_read_options(argc, argv, "verify", help, options);
    if (code != CLI_GO_ON) return code;
    if (optind == argc) return cli_usage("kmill verify wants a result file; kmill verify --help tells more");
    cancel_install();
    const char *path = argv[optind++];
    size_t count = (size_t)(argc - optind);
    uint64_t *runs = parse_runs(argv + optind, count);
    if (!runs) return 2;
    struct result *result = NULL;
    struct error err = {0};
    if (cli_open_result(&result, path, NULL, 0, &err) != OK) {
        code = cli_fail(&err);
    } else {
        if (!count) {
            free(runs);
            runs = choose_sample(&count, result, o.sample);
        }
        code = verify(result, path, runs, count, &o);
    }
    result_close(result);
    free(runs);
    return code;
}
