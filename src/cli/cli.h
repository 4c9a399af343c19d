/* What the subcommands share. Each is `int cmd_NAME(int argc, char **argv)` in cmd_NAME.c: argv[0] is the
 * subcommand's name, the answer is the exit code: 0 done, 1 some runs failed, 2 bad input, 3 the system
 * failed, 130 interrupted. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/problems.h"
#include "kmill/error.h"
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>

/* The store folder: the option's value, else $KMILL_STORE, else "klines". */
const char *cli_store(const char *option);
/* path itself if it is there; else an example of that name that came with kmill (configs/sma_cross.yaml,
 * strategies/dca.py), found from where the executable stands; else path again, for the message of whoever
 * opens it. malloc'd. */
char *cli_find_example(const char *path);
/* Prints `kmill: MESSAGE` to stderr and returns the exit code for err->code. */
int cli_fail(const struct error *err);
/* Prints `kmill: ...` to stderr and returns 2. */
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What getopt_long (with opterr = 0, as main sets it) did not take, in one line with the nearest option:
 * returns 2. command: "run", "import csv". */
int cli_bad_option(const char *command, char **argv, const struct option *options);
/* cli_fail for a mistake in an option's value: the place is a column of that value. */
int cli_fail_in(const char *option, const struct error *err);
/* Prints each as `FILE:LINE:COLUMN: MESSAGE` to stderr and returns 2. */
int cli_problems(const char *file, const struct problems *problems);
/* "1.234.567" style grouping with thin commas: 1,234,567. Returns out. */
char *cli_count(char out[32], unsigned long long n);

struct result;
/* sweep_open_result (engine/open_result.h) with a note on stderr that says how far an unfinished sweep is. */
status cli_open_result(struct result **out, const char *path, const uint64_t *trade_runs, size_t trade_count,
                       struct error *err);

int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_backtest(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_import_csv(int argc, char **argv);
int cmd_import_postgres(int argc, char **argv);
int cmd_fetch(int argc, char **argv);
int cmd_synth(int argc, char **argv);
int cmd_resample(int argc, char **argv);
int cmd_klines(int argc, char **argv);
int cmd_serve(int argc, char **argv);

#endif
