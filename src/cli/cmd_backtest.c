/* kmill backtest: one run of a strategy, through the code path of a sweep of one run. */
#include "cli/cli.h"
#include "base/text.h"
#include "cli/run_view.h"
#include "kmill/series.h"
#include "kmill/sweep.h"
#include "results/result_json.h"
#include "results/run_record.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: kmill backtest STRATEGY.py --symbol S --interval I [OPTION]...\n\n"
    "  --store DIR           klines (default: $KMILL_STORE, else ./klines)\n"
    "  --from T, --to T      range: start inclusive, end exclusive (2024, 2024-03, 2024-03-01T12:00, ...)\n"
    "  --warmup N            klines before the range that only fill the cache\n"
    "  --param NAME=VALUE    a strategy parameter, as often as needed (klineWndSize=100 too)\n"
    "  --initial-balance X   default 10000\n"
    "  --fee-rate X          default 0.001\n"
    "  --slippage X          basis points, default 0\n"
    "  --price-check MODE    off, count (default) or refuse orders priced outside their bar\n"
    "  --seconds X           time limit, default 60\n"
    "  --memory-mb N         memory limit, default 512\n"
    "  --json                the result object on stdout, nothing else\n"
    "  --trust-strategy      as in kmill run\n"
    "Exit codes: 0 done, 1 the run failed, 2 bad input.\n";

enum {
    OPT_STORE = 256,
    OPT_SYMBOL,
    OPT_INTERVAL,
    OPT_FROM,
    OPT_TO,
    OPT_WARMUP,
    OPT_PARAM,
    OPT_BALANCE,
    OPT_FEE,
    OPT_SLIPPAGE,
    OPT_PRICE_CHECK,
    OPT_SECONDS,
    OPT_MEMORY,
    OPT_JSON,
    OPT_TRUST
};

static const struct option long_options[] = {{"store", required_argument, NULL, OPT_STORE},
                                             {"symbol", required_argument, NULL, OPT_SYMBOL},
                                             {"interval", required_argument, NULL, OPT_INTERVAL},
                                             {"from", required_argument, NULL, OPT_FROM},
                                             {"to", required_argument, NULL, OPT_TO},
                                             {"warmup", required_argument, NULL, OPT_WARMUP},
                                             {"param", required_argument, NULL, OPT_PARAM},
                                             {"initial-balance", required_argument, NULL, OPT_BALANCE},
                                             {"fee-rate", required_argument, NULL, OPT_FEE},
                                             {"slippage", required_argument, NULL, OPT_SLIPPAGE},
                                             {"price-check", required_argument, NULL, OPT_PRICE_CHECK},
                                             {"seconds", required_argument, NULL, OPT_SECONDS},
                                             {"memory-mb", required_argument, NULL, OPT_MEMORY},
                                             {"json", no_argument, NULL, OPT_JSON},
                                             {"trust-strategy", no_argument, NULL, OPT_TRUST},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

struct backtest_options {
    const char *strategy, *store, *symbol, *interval;
    struct text top, account, params, limits; /* lines of the sweep file */
    bool json, trust;
};

/* YAML's plain scalars keep their type; anything else becomes a text. */
static void add_scalar(struct text *out, const char *value) {
    double number;
    bool plain = text_to_double(&number, value) || !strcmp(value, "true") || !strcmp(value, "false") ||
                 !strcmp(value, "null");
    if (plain)
        text_add_string(out, value);
    else
        text_add_json_string(out, value, strlen(value));
}

static void add_line(struct text *out, const char *indent, const char *key, const char *value) {
    text_add_string(out, indent);
    text_add_string(out, key);
    text_add_string(out, ": ");
    add_scalar(out, value);
    text_add_char(out, '\n');
}

static int add_param(struct text *out, const char *option) {
    const char *equals = strchr(option, '=');
    if (!equals || equals == option) return cli_usage("--param wants NAME=VALUE, not '%s'", option);
    text_add_string(out, "  ");
    text_add_json_string(out, option, (size_t)(equals - option));
    text_add_string(out, ": ");
    add_scalar(out, equals + 1);
    text_add_char(out, '\n');
    return -1;
}

/* -1: go on; else the exit code. */
static int parse_options(struct backtest_options *o, int argc, char **argv) {
    int c, code;
    while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        switch (c) {
        case OPT_STORE:
            o->store = optarg;
            break;
        case OPT_SYMBOL:
            o->symbol = optarg;
            break;
        case OPT_INTERVAL:
            o->interval = optarg;
            break;
        case OPT_FROM:
            add_line(&o->top, "", "from", optarg);
            break;
        case OPT_TO:
            add_line(&o->top, "", "to", optarg);
            break;
        case OPT_WARMUP:
            add_line(&o->top, "", "warmup", optarg);
            break;
        case OPT_PARAM:
            if ((code = add_param(&o->params, optarg)) >= 0) return code;
            break;
        case OPT_BALANCE:
            add_line(&o->account, "  ", "initial_balance", optarg);
            break;
        case OPT_FEE:
            add_line(&o->account, "  ", "fee_rate", optarg);
            break;
        case OPT_SLIPPAGE:
            add_line(&o->account, "  ", "slippage_bp", optarg);
            break;
        case OPT_PRICE_CHECK:
            add_line(&o->account, "  ", "price_check", optarg);
            break;
        case OPT_SECONDS:
            add_line(&o->limits, "  ", "seconds", optarg);
            break;
        case OPT_MEMORY:
            add_line(&o->limits, "  ", "memory_mb", optarg);
            break;
        case OPT_JSON:
            o->json = true;
            break;
        case OPT_TRUST:
            o->trust = true;
            break;
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            return cli_bad_option("backtest", argv, long_options);
        }
    if (optind + 1 != argc)
        return cli_usage("kmill backtest wants one strategy file; kmill backtest --help tells more");
    if (!o->symbol || !o->interval) return cli_usage("kmill backtest wants --symbol and --interval");
    o->strategy = argv[optind];
    return -1;
}

static void add_section(struct text *yaml, const char *key, const struct text *lines) {
    if (!lines->length) return;
    text_printf(yaml, "%s:\n", key);
    text_add(yaml, lines->data, lines->length);
}

static void make_yaml(struct text *yaml, const struct backtest_options *o) {
    text_add_string(yaml, "name: backtest\n");
    add_line(yaml, "", "strategy", o->strategy);
    text_add_string(yaml, "symbols: [");
    text_add_json_string(yaml, o->symbol, strlen(o->symbol));
    text_add_string(yaml, "]\nintervals: [");
    text_add_json_string(yaml, o->interval, strlen(o->interval));
    text_add_string(yaml, "]\n");
    if (o->top.length) text_add(yaml, o->top.data, o->top.length);
    add_section(yaml, "account", &o->account);
    add_section(yaml, "params", &o->params);
    add_section(yaml, "limits", &o->limits);
}

/* The line of the sweep file that the options became. */
static const char *line_of(const struct text *yaml, int number, int *length) {
    const char *at = yaml->data;
    while (--number > 0 && (at = strchr(at, '\n')))
        at++;
    if (!at) return NULL;
    *length = (int)strcspn(at, "\n");
    return at;
}

/* A mistake in that file is one in an option: the user never saw the file. */
static int fail_in_options(const struct text *yaml, const struct problems *problems) {
    static const struct {
        const char *key, *option;
    } options[] = {{"symbols", "symbol"},
                   {"intervals", "interval"},
                   {"from", "from"},
                   {"to", "to"},
                   {"warmup", "warmup"},
                   {"  initial_balance", "initial-balance"},
                   {"  fee_rate", "fee-rate"},
                   {"  slippage_bp", "slippage"},
                   {"  price_check", "price-check"},
                   {"  seconds", "seconds"},
                   {"  memory_mb", "memory-mb"},
                   {"  \"", "param"}};
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *p = &problems->items[i];
        int length = 0;
        const char *line = line_of(yaml, p->line, &length), *option = NULL;
        for (size_t k = 0; line && !option && k < sizeof options / sizeof *options; k++)
            if (!strncmp(line, options[k].key, strlen(options[k].key))) option = options[k].option;
        if (option)
            cli_usage("--%s: %s", option, p->message);
        else
            cli_usage("%s", p->message);
    }
    return 2;
}

static int print_run(const struct single_run *run, const struct backtest_options *o) {
    size_t begin, end;
    const struct run_record *record = single_run_record(run);
    const struct series *series = single_run_series(run, &begin, &end);
    if (o->json) {
        struct series range = series_slice(series, begin, end);
        result_json_print(stdout, record, &range, begin);
    } else {
        printf("%s on %s %s: %s, %.3f s\n", o->strategy, series->symbol, interval_name(series->interval),
               run_status_name(record->status), record->elapsed_seconds);
        run_view_print(stdout, record, series);
    }
    return record->status == RUN_DONE ? 0 : 1;
}

int cmd_backtest(int argc, char **argv) {
    static const char yaml_name[] = "backtest options";
    struct backtest_options o = {0};
    struct text yaml = {0};
    struct problems problems = {0};
    struct error err = {0};
    struct single_run *run = NULL;
    char *problem_file = NULL, *strategy = NULL;
    int code = parse_options(&o, argc, argv);
    if (code < 0) {
        o.strategy = strategy = cli_find_example(o.strategy);
        make_yaml(&yaml, &o);
        const struct single_run_options options = {.yaml = yaml.data,
                                                   .yaml_path = yaml_name,
                                                   .strategy_path = o.strategy,
                                                   .store = cli_store(o.store),
                                                   .equity = true,
                                                   .trust_strategy = o.trust};
        status rc = single_run_start(&run, &options, &problems, &problem_file, &err);
        if (problems.count && problem_file && !strcmp(problem_file, yaml_name))
            code = fail_in_options(&yaml, &problems);
        else if (problems.count)
            code = cli_problems(problem_file ? problem_file : o.strategy, &problems);
        else if (rc != OK)
            code = cli_fail(&err);
        else
            code = print_run(run, &o);
    }
    single_run_close(run);
    free(problem_file);
    free(strategy);
    problems_clear(&problems);
    text_clear(&yaml);
    text_clear(&o.top);
    text_clear(&o.account);
    text_clear(&o.params);
    text_clear(&o.limits);
    return code;
}
