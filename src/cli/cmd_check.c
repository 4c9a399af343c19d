/* kmill check: what the contract forbids in a strategy file, each with line, column and what to write
 * instead. */
#include "cli/cli.h"
#include "cli/cli_options.h"
#include "kmill/sweep.h"
#include <getopt.h>
#include <string.h>

static const char help[] =
    "usage: kmill check STRATEGY.py...\n\n"
    "Checks strategy files without running them: forbidden names, imports and attributes,\n"
    "missing Strategy class or run method, syntax. Exit code 2 if anything is found.\n";

static int check_one(const char *path) {
    struct problems problems = {0};
    struct error err = {0};
    status rc = strategy_check(path, false, &problems, &err);
    int code = 0;
    if (problems.count)
        code = cli_problems(path, &problems);
    else if (rc != OK)
        code = cli_fail(&err);
    else
        printf("%s: fine\n", path);
    problems_clear(&problems);
    return code;
}

int cmd_check(int argc, char **argv) {
    const struct cli_option options[] = {CLI_END};
    int worst = 0, read = cli_read_options(argc, argv, "check", help, options);
    if (read != CLI_GO_ON) return read;
    if (optind == argc) return cli_usage("kmill check wants a strategy file; kmill check --help tells more");
    for (int i = optind; i < argc; i++) {
        int code = check_one(argv[i]);
        if (code > worst) worst = code;
    }
    return worst;
}
