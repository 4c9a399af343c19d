/* kmill show: everything about one run of a result file. */
#include "base/value.h"
#include "cli/cli.h"
#include "cli/cli_options.h"
#include "cli/run_view.h"
#include "kmill/result.h"
#include "results/provenance.h"
#include "results/result_json.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] = "usage: kmill show RESULT.h5 RUN [OPTION]...\n\n"
                           "Parameters, metrics, warnings, error, equity and trades of one run.\n\n"
                           "  --trades N|all   how many trades at either end (default 10)\n"
                           "  --json           the result object with trades and equityCurve, on stdout\n"
                           "Exit codes: 0 the run is done, 1 it failed, 2 bad input.\n";

struct request {
    const char *path;
    uint64_t run;
    size_t ends;
    bool json;
};

static int read_trades(void *out, const char *option, char *text) {
    size_t *ends = out;
    int64_t number = 0;
    if (strcmp(text, "all") != 0 && !(text_to_int64(&number, text) && number >= 0))
        return cli_usage("%s wants a number or all, not '%s'", option, text);
    *ends = strcmp(text, "all") == 0 ? SIZE_MAX : (size_t)number;
    return 0;
}

/* CLI_GO_ON, or the exit code. */
static int parse_options(struct request *o, int argc, char **argv) {
    int64_t number;
    const struct cli_option options[] = {CLI_OWN("trades", &o->ends, read_trades), CLI_FLAG("json", &o->json),
                                         CLI_END};
    int code = cli_read_options(argc, argv, "show", help, options);
    if (code != CLI_GO_ON) return code;
    if (optind + 2 != argc)
        return cli_usage("kmill show wants a result file and a run; kmill show --help tells more");
    o->path = argv[optind];
    if (!text_to_int64(&number, argv[optind + 1]) || number < 0)
        return cli_usage("'%s' is no run number; kmill top %s lists them", argv[optind + 1], o->path);
    o->run = (uint64_t)number;
    return CLI_GO_ON;
}

static status add_json_params(struct text *out, struct result *result, uint64_t row, struct error *err) {
    text_add_string(out, "\"params\": {");
    for (size_t p = 0; p < result_param_count(result); p++) {
        const char *name = result_param_name(result, p);
        struct value value;
        status rc = result_param(result, &value, p, row, err);
        if (rc != OK) return rc;
        if (p) text_add_char(out, ',');
        text_add_json_string(out, name, strlen(name));
        text_add_char(out, ':');
        text_add_json_value(out, value);
    }
    text_add_char(out, '}');
    return OK;
}

/* What the result object of a single backtest does not have. */
static status add_more(struct text *out, struct result *result, uint64_t row, const struct run_record *record,
                       struct error *err) {
    const struct series_provenance *series = &result_provenance(result)->series[record->series];
    text_printf(out, "\"run\": %llu,\n\"symbol\": \"%s\",\n\"interval\": \"%s\",\n",
                (unsigned long long)record->run, series->symbol, series->interval);
    return add_json_params(out, result, row, err);
}

static status print_params(struct result *result, uint64_t row, struct error *err) {
    for (size_t p = 0; p < result_param_count(result); p++) {
        struct value value;
        status rc = result_param(result, &value, p, row, err);
        if (rc != OK) return rc;
        struct text text = {0};
        text_add_value(&text, value);
        printf("  %-24s %16s\n", result_param_name(result, p), text.data ? text.data : "");
        text_clear(&text);
    }
    return OK;
}

static status print_for_people(struct result *result, uint64_t row, const struct run_record *record,
                               const struct series *candles, size_t begin, size_t ends, struct error *err) {
    const struct provenance *provenance = result_provenance(result);
    const struct series_provenance *series = &provenance->series[record->series];
    printf("Run %llu of %s: %s %s, %s, %.3f s\n", (unsigned long long)record->run, provenance->name,
           series->symbol, series->interval, run_status_name(record->status), record->elapsed_seconds);
    if (result_param_count(result) > 0) printf("\nParameters\n");
    status rc = print_params(result, row, err);
    if (rc == OK) run_view_print_range(stdout, record, candles, begin, ends);
    return rc;
}

static status show(const struct request *o, int *code, struct error *err) {
    struct result *result;
    status rc = cli_open_result(&result, o->path, &o->run, 1, err);
    if (rc != OK) return rc;
    const struct run_record *found;
    struct run_record record = {0};
    struct series candles;
    double *equity = NULL;
    size_t begin = 0;
    uint64_t row;
    rc = result_row_of_run(result, &row, o->run, err);
    if (rc == OK) rc = result_run(result, &found, row, err);
    if (rc == OK) {
        record = *found;
        rc = result_equity(result, &equity, &record.equity_count, row, err);
        record.equity = equity;
    }
    if (rc == OK) {
        struct text more = {0};
        bool has_candles = result_candle_view(result, &candles, &begin, record.series);
        const struct series *range = has_candles ? &candles : NULL;
        if (!o->json)
            rc = print_for_people(result, row, &record, range, begin, o->ends, err);
        else if ((rc = add_more(&more, result, row, &record, err)) == OK)
            result_json_print_more(stdout, &record, &candles, begin, more.data);
        text_clear(&more);
        *code = record.status == RUN_DONE ? 0 : 1;
    }
    free(equity);
    result_close(result);
    return rc;
}

int cmd_show(int argc, char **argv) {
    struct request o = {.ends = 10};
    struct error err = {0};
    int code = parse_options(&o, argc, argv);
    if (code != CLI_GO_ON) return code;
    status rc = show(&o, &code, &err);
    return rc == OK ? code : cli_fail(&err);
}
