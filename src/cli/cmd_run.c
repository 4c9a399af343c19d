/* kmill run: a whole sweep from its YAML file. */
#include "cli/cli.h"
#include "cli/cli_options.h"
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
    "  --trust-strategy    go on where the kernel has no seccomp filters to shut the strategy in\n\n"
    "Ctrl-C finishes the runs in flight and keeps everything.\n"
    "Exit codes: 0 done, 1 some runs failed, 2 bad input, 3 the system failed, 130 interrupted.\n";

static int read_progress(void *out, const char *option, char *text) {
    static const char *const names[] = {[REPORT_AUTO] = "auto",
                                        [REPORT_NONE] = "none",
                                        [REPORT_PLAIN] = "plain",
                                        [REPORT_TERMINAL] = "terminal"};
    for (int i = 0; i <= REPORT_TERMINAL; i++)
        if (!strcmp(text, names[i])) {
            *(enum report_style *)out = (enum report_style)i;
            return 0;
        }
    return cli_usage("%s wants auto, terminal, plain or none, not '%s'", option, text);
}

/* CLI_GO_ON, or the exit code. */
static int parse_options(struct sweep_options *o, int argc, char **argv) {
    uint64_t threads = 0;
    bool json = false;
    const struct cli_option options[] = {CLI_TEXT("store", &o->store),
                                         CLI_TEXT("strategy", &o->strategy),
                                         CLI_TEXT("output", &o->output),
                                         CLI_WHOLE("threads", &threads, 1, 1024),
                                         CLI_FLAG("resume", &o->resume),
                                         CLI_FLAG("retry-failed", &o->retry_failed),
                                         CLI_FLAG("overwrite", &o->overwrite),
                                         CLI_OWN("progress", &o->report, read_progress),
                                         CLI_FLAG("json", &json),
                                         CLI_FLAG("trust-strategy", &o->trust_strategy),
                                         CLI_END};
    int code = cli_read_options(argc, argv, "run", help, options);
    if (code != CLI_GO_ON) return code;
    o->threads = (int)threads;
    if (json) {
        o->report = REPORT_JSON;
        o->report_file = stdout;
    }
    if (optind + 1 != argc) return cli_usage("kmill run wants one sweep file; kmill run --help tells more");
    if (o->retry_failed && !o->resume) return cli_usage("--retry-failed goes with --resume");
    if (o->output && !*o->output) return cli_usage("--output wants the name of a file");
    if (o->strategy && !*o->strategy) return cli_usage("--strategy wants the name of a file");
    if (o->store && !*o->store) return cli_usage("--store wants the name of a folder");
    o->path = argv[optind];
    return CLI_GO_ON;
}

int cmd_run(int argc, char **argv) {
    struct sweep_options options = {.default_store = cli_store(NULL), .report_file = stderr};
    int code = parse_options(&options, argc, argv);
    if (code != CLI_GO_ON) return code;
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
