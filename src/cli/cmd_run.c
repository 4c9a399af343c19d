/* kmill run: a whole sweep from its YAML file. */
#include "cli/cli.h"
#include "base/cancel.h"
#include "kmill/sweep.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: kmill run SWEEP.yaml [OPTION]...\n\n"
    "Runs every parameter combination of the sweep file on all cores and keeps every run's result.\n\n"
    "  --strategy FILE     strategy (default: the file's)\n"
    "  --store DIR         klines (default: the file's store, else $KMILL_STORE, else ./klines)\n"
    "  --output FILE       result file (default: the file's output, else NAME.h5)\n"
    "  --threads N         worker threads (default: the file's, else all cores)\n"
    "  --resume            go on with an interrupted sweep\n"
    "  --retry-failed      with --resume: run failed, timed-out and crashed runs again\n"
    "  --overwrite         replace an existing result file when the sweep is done\n"
    "  --progress STYLE    auto, terminal, plain, none\n"
    "  --json              progress as JSON events on stdout, one a line\n"
    "  --trust-strategy    go on where the kernel can shut the strategy in neither by Landlock nor by "
    "seccomp\n\n"
    "Ctrl-C finishes the runs in flight and keeps everything.\n"
    "Exit codes: 0 done, 1 some runs failed, 2 bad input, 3 the system failed, 130 interrupted.\n";

enum {
    OPT_STORE = 256,
    OPT_STRATEGY,
    OPT_OUTPUT,
    OPT_THREADS,
    OPT_RESUME,
    OPT_RETRY,
    OPT_OVERWRITE,
    OPT_PROGRESS,
    OPT_JSON,
    OPT_TRUST,
    OPT_HELP
};

static const struct option long_options[] = {
    {"store", required_argument, NULL, OPT_STORE},   {"strategy", required_argument, NULL, OPT_STRATEGY},
    {"output", required_argument, NULL, OPT_OUTPUT}, {"threads", required_argument, NULL, OPT_THREADS},
    {"resume", no_argument, NULL, OPT_RESUME},       {"retry-failed", no_argument, NULL, OPT_RETRY},
    {"overwrite", no_argument, NULL, OPT_OVERWRITE}, {"progress", required_argument, NULL, OPT_PROGRESS},
    {"json", no_argument, NULL, OPT_JSON},           {"trust-strategy", no_argument, NULL, OPT_TRUST},
    {"help", no_argument, NULL, OPT_HELP},           {NULL, 0, NULL, 0}};

static bool parse_report(enum report_style *out, const char *name) {
    static const char *const names[] = {[REPORT_AUTO] = "auto",
                                        [REPORT_NONE] = "none",
                                        [REPORT_PLAIN] = "plain",
                                        [REPORT_TERMINAL] = "terminal"};
    for (int i = 0; i <= REPORT_TERMINAL; i++)
        if (!strcmp(name, names[i])) {
            *out = (enum report_style)i;
            return true;
        }
    return false;
}

/* -1: go on; else the exit code. */
static int parse_options(struct sweep_options *o, int argc, char **argv) {
    int c;
    long threads;
    char *end;
    while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        switch (c) {
        case OPT_STORE:
            o->store = optarg;
            break;
        case OPT_STRATEGY:
            o->strategy = optarg;
            break;
        case OPT_OUTPUT:
            o->output = optarg;
            break;
        case OPT_THREADS:
            threads = strtol(optarg, &end, 10);
            if (*end || threads < 1 || threads > 1024)
                return cli_usage("--threads wants a number from 1 to 1024, not '%s'", optarg);
            o->threads = (int)threads;
            break;
        case OPT_RESUME:
            o->resume = true;
            break;
        case OPT_RETRY:
            o->retry_failed = true;
            break;
        case OPT_OVERWRITE:
            o->overwrite = true;
            break;
        case OPT_PROGRESS:
            if (!parse_report(&o->report, optarg))
                return cli_usage("--progress wants auto, terminal, plain or none, not '%s'", optarg);
            break;
        case OPT_JSON:
            o->report = REPORT_JSON;
            o->report_file = stdout;
            break;
        case OPT_TRUST:
            o->trust_strategy = true;
            break;
        case 'h':
        case OPT_HELP:
            fputs(help, stdout);
            return 0;
        default:
            return cli_bad_option("run", argv, long_options);
        }
    if (optind + 1 != argc) return cli_usage("kmill run wants one sweep file; kmill run --help tells more");
    if (o->retry_failed && !o->resume) return cli_usage("--retry-failed goes with --resume");
    if (o->output && !*o->output) return cli_usage("--output wants the name of a file");
    if (o->strategy && !*o->strategy) return cli_usage("--strategy wants the name of a file");
    if (o->store && !*o->store) return cli_usage("--store wants the name of a folder");
    o->path = argv[optind];
    return -1;
}

int cmd_run(int argc, char **argv) {
    struct sweep_options options = {.default_store = cli_store(NULL), .report_file = stderr};
    int code = parse_options(&options, argc, argv);
    if (code >= 0) return code;
    cancel_install();
    char *path = cli_find_example(options.path);
    options.path = path;
    struct problems problems = {0};
    char *problem_file = NULL;
    struct error err = {0};
    struct sweep_summary summary = {0};
    status rc = sweep_run(&summary, &options, &problems, &problem_file, &err);
    if (problems.count)
        code = cli_problems(problem_file ? problem_file : options.path, &problems);
    else if (rc != OK)
        code = cli_fail(&err);
    else
        code = summary.interrupted ? 130 : summary.failed ? 1 : 0;
    free(summary.output);
    free(path);
    free(problem_file);
    problems_clear(&problems);
    return code;
}
