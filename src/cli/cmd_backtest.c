/* kmill backtest: one run of a strategy, through the code path of a sweep of one run. */
#include "cli/cli.h"
#include "cli/cli_options.h"
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

enum section { SECTION_TOP, SECTION_ACCOUNT, SECTION_LIMITS, SECTION_COUNT };

/* Options that are keys of a sweep file. */
static const struct {
    const char *option, *key;
    enum section section;
} keys[] = {{"from", "from", SECTION_TOP},
            {"to", "to", SECTION_TOP},
            {"warmup", "warmup", SECTION_TOP},
            {"initial-balance", "initial_balance", SECTION_ACCOUNT},
            {"fee-rate", "fee_rate", SECTION_ACCOUNT},
            {"slippage", "slippage_bp", SECTION_ACCOUNT},
            {"price-check", "price_check", SECTION_ACCOUNT},
            {"seconds", "seconds", SECTION_LIMITS},
            {"memory-mb", "memory_mb", SECTION_LIMITS}};
enum { KEY_COUNT = sizeof keys / sizeof *keys };

struct backtest_options {
    const char *strategy, *store, *symbol, *interval;
    struct text sections[SECTION_COUNT], params; /* lines of the sweep file */
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

static int read_param(void *context, const char *option, char *value) {
    struct text *out = context;
    const char *equals = strchr(value, '=');
    if (!equals || equals == value) return cli_usage("%s wants NAME=VALUE, not '%s'", option, value);
    text_add_string(out, "  ");
    text_add_json_string(out, value, (size_t)(equals - value));
    text_add_string(out, ": ");
    add_scalar(out, equals + 1);
    text_add_char(out, '\n');
    return 0;
}

/* An option that is a key becomes its line. */
static int read_key(void *context, const char *option, char *value) {
    struct text *sections = context;
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (!strcmp(keys[i].option, option + 2))
            add_line(&sections[keys[i].section], keys[i].section == SECTION_TOP ? "" : "  ", keys[i].key,
                     value);
    return 0;
}

/* CLI_GO_ON, or the exit code. */
static int parse_options(struct backtest_options *o, int argc, char **argv) {
    struct cli_option options[KEY_COUNT + 7];
    for (size_t i = 0; i < KEY_COUNT; i++)
        options[i] = (struct cli_option)CLI_OWN(keys[i].option, o->sections, read_key);
    const struct cli_option others[] = {CLI_TEXT("store", &o->store),
                                        CLI_TEXT("symbol", &o->symbol),
                                        CLI_TEXT("interval", &o->interval),
                                        CLI_OWN("param", &o->params, read_param),
                                        CLI_FLAG("json", &o->json),
                                        CLI_FLAG("trust-strategy", &o->trust),
                                        CLI_END};
    memcpy(options + KEY_COUNT, others, sizeof others);
    int code = cli_read_options(argc, argv, "backtest", help, options);
    if (code != CLI_GO_ON) return code;
    if (optind + 1 != argc)
        return cli_usage("kmill backtest wants one strategy file; kmill backtest --help tells more");
    if (!o->symbol || !o->interval) return cli_usage("kmill backtest wants --symbol and --interval");
    o->strategy = argv[optind];
    return CLI_GO_ON;
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
    const struct text *top = &o->sections[SECTION_TOP];
    if (top->length) text_add(yaml, top->data, top->length);
    add_section(yaml, "account", &o->sections[SECTION_ACCOUNT]);
    add_section(yaml, "params", &o->params);
    add_section(yaml, "limits", &o->sections[SECTION_LIMITS]);
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

static const char *option_of_line(const char *line, int length) {
    if (!strncmp(line, "symbols:", 8)) return "symbol";
    if (!strncmp(line, "intervals:", 10)) return "interval";
    if (!strncmp(line, "  \"", 3)) return "param";
    int indent = (int)strspn(line, " "), key = (int)strcspn(line + indent, ":");
    for (size_t i = 0; i < KEY_COUNT && indent + key < length; i++)
        if ((int)strlen(keys[i].key) == key && !strncmp(line + indent, keys[i].key, (size_t)key))
            return keys[i].option;
    return NULL;
}

/* A mistake in that file is one in an option: the user never saw the file. */
static int fail_in_options(const struct text *yaml, const struct problems *problems) {
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *p = &problems->items[i];
        int length = 0;
        const char *line = line_of(yaml, p->line, &length);
        const char *option = line ? option_of_line(line, length) : NULL;
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
    if (code == CLI_GO_ON) {
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
    text_clear(&o.params);
    for (int i = 0; i < SECTION_COUNT; i++)
        text_clear(&o.sections[i]);
    return code;
}
