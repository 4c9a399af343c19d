/* kmill: finds the subcommand. `kmill --worker` is the program's own other half (engine/worker.h); `--tied`
 * and `--backtest` are how the server starts its children (server/work). */
#include "base/text.h"
#include "cli/cli.h"
#include "engine/worker.h"
#include "server/work/backtest_child.h"
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

struct command {
    const char *name, *second; /* second: the word after, e.g. import csv */
    int (*run)(int argc, char **argv);
    const char *summary;
};

static const struct command commands[] = {
    {"run", NULL, cmd_run, "run a sweep file: every parameter combination, all cores"},
    {"top", NULL, cmd_top, "rank the runs of a result file"},
    {"show", NULL, cmd_show, "everything about one run"},
    {"verify", NULL, cmd_verify, "run it again alone and compare every bit"},
    {"export", NULL, cmd_export, "runs, trades or equity as CSV or JSON"},
    {"backtest", NULL, cmd_backtest, "one run of a strategy"},
    {"check", NULL, cmd_check, "what a strategy may not do, with line and column"},
    {"import", "csv", cmd_import_csv, "klines from CSV files (plain, gz, zip)"},
    {"import", "postgres", cmd_import_postgres, "klines from PostgreSQL tables"},
    {"fetch", NULL, cmd_fetch, "klines from the public archive"},
    {"synth", NULL, cmd_synth, "a made-up, deterministic market"},
    {"resample", NULL, cmd_resample, "larger candles from smaller ones"},
    {"klines", NULL, cmd_klines, "what the store holds"},
    {"serve", NULL, cmd_serve, "klines, results, backtests and the web pages over HTTP"},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static int usage(FILE *out) {
    fputs("kmill " KMILL_VERSION
          ": evaluates a Python trading strategy over very many parameter combinations\n\n"
          "usage: kmill COMMAND [OPTION]... (kmill COMMAND --help tells more)\n\n",
          out);
    for (int i = 0; i < COMMAND_COUNT; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s%s%s", commands[i].name, commands[i].second ? " " : "",
                 commands[i].second ? commands[i].second : "");
        fprintf(out, "  %-16s %s\n", name, commands[i].summary);
    }
    fputs("\nexit codes: 0 done, 1 some runs failed, 2 bad input, 3 the system failed, 130 interrupted\n",
          out);
    return out == stdout ? 0 : 2;
}

static int unknown(const char *name) {
    const char *names[COMMAND_COUNT];
    for (int i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i].name;
    const char *near = nearest_name(name, names, COMMAND_COUNT);
    if (near) return cli_usage("there is no command '%s'; did you mean '%s'?", name, near);
    return cli_usage("there is no command '%s'; kmill --help lists them", name);
}

static bool is_help(const char *word) {
    return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

/* `kmill import` of something, or of nothing yet. */
static int family(const char *name, const char *second) {
    const char *names[COMMAND_COUNT];
    size_t count = 0;
    struct text list = {0};
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (!strcmp(commands[i].name, name)) {
            text_printf(&list, "%s%s", count ? " or " : "", commands[i].second);
            names[count++] = commands[i].second;
        }
    int code = 0;
    const char *near = second ? nearest_name(second, names, count) : NULL;
    if (second && is_help(second))
        printf("usage: kmill %s %s (kmill %s %s --help tells more)\n", name, list.data, name, names[0]);
    else if (near)
        code = cli_usage("there is no command '%s %s'; did you mean '%s %s'?", name, second, name, near);
    else
        code = cli_usage("kmill %s wants %s next; kmill %s %s --help tells more", name, list.data, name,
                         names[0]);
    text_clear(&list);
    return code;
}

/* The subcommand and all behind it; argv[0] is its name. */
static int dispatch(int argc, char **argv) {
    bool has_family = false;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const struct command *c = &commands[i];
        if (strcmp(argv[0], c->name)) continue;
        int skip = c->second != NULL;
        has_family |= skip;
        if (skip && (argc < 2 || strcmp(argv[1], c->second))) continue;
        return c->run(argc - skip, argv + skip);
    }
    if (has_family) return family(argv[0], argc > 1 ? argv[1] : NULL);
    return unknown(argv[0]);
}

/* `kmill help COMMAND` is `kmill COMMAND --help`. */
static int help_of(int argc, char **argv) {
    static char help[] = "--help";
    char *words[4] = {argv[0], argc > 1 ? argv[1] : help, help, NULL};
    return dispatch(argc > 1 ? 3 : 2, words);
}

/* A full disk is noticed late: what was printed waits in a buffer. */
static int check_output(int code) {
    errno = 0;
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    if (!lost || code > 1) return code;
    struct error err = {0};
    if (errno)
        error_set_errno(&err, ERR_IO, "the output cannot be written");
    else /* an earlier write failed, its reason is gone */
        error_set(&err, ERR_IO, "the output cannot be written: is the disk full?");
    return cli_fail(&err);
}

/* `kmill --tied PID ...`: a child of the server ends with it, however that ends. */
static void tie_to_parent(const char *pid) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != atoi(pid)) _exit(3); /* it died before the line above */
}

int main(int argc, char **argv) {
    if (argc < 2) return usage(stderr);
    if (!strcmp(argv[1], "--worker")) return worker_main();
    if (!strcmp(argv[1], "--tied") && argc > 3) {
        tie_to_parent(argv[2]);
        argc -= 2;
        argv += 2;
    }
    if (!strcmp(argv[1], "--backtest")) return backtest_child_main();
    opterr = 0; /* cli_bad_option says more */
    if (is_help(argv[1])) return check_output(argc > 2 ? help_of(argc - 2, argv + 2) : usage(stdout));
    if (!strcmp(argv[1], "--version")) {
        puts("kmill " KMILL_VERSION);
        return 0;
    }
    return check_output(dispatch(argc - 1, argv + 1));
}
