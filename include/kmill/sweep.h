/* Running sweeps and single runs: everything behind `kmill run`, `backtest`, `verify` and `check`.
 *
 * Strategies never run in the calling process: a worker process (the same executable, started anew as `kmill
 * --worker`, sandboxed) runs them and this process is the only writer. Call these from the main thread: the
 * worker is tied to its life. */
#ifndef KMILL_SWEEP_H
#define KMILL_SWEEP_H

#include "kmill/error.h"
#include <stdint.h>
#include <stdio.h>

struct problems;
struct run_record;
struct series;
struct series_provenance;

enum report_style { REPORT_AUTO, REPORT_NONE, REPORT_PLAIN, REPORT_TERMINAL, REPORT_JSON };

/* What the command line says beyond the sweep file; zero-initialise. Strings are borrowed. */
struct sweep_options {
    const char *path;     /* the sweep file */
    const char *strategy; /* overrides the file's; NULL: as the file says */
    const char *store;    /* overrides the file's; NULL: as the file says, else default_store */
    const char *default_store;
    const char *output;       /* overrides the file's */
    int threads;              /* overrides the file's; 0: as the file says, else all cores */
    bool resume;              /* go on with an interrupted sweep */
    bool retry_failed;        /* with resume: run failed, timed-out and crashed runs again */
    bool overwrite;           /* replace an existing result file */
    bool trust_strategy;      /* run without a sandbox where the kernel offers none */
    enum report_style report; /* progress: one redrawn line, plain lines, or JSON events */
    FILE *report_file;        /* stderr for people, stdout for events */
};

struct sweep_summary {
    uint64_t done, failed, total; /* runs with a result, of them not "done", and how many there are */
    bool interrupted;
    double seconds;
    char *output; /* path of the result file (or of its journal when interrupted); malloc'd */
};

/* Runs (or resumes) a whole sweep. Mistakes in the sweep file or the strategy: ERR_INPUT with all of them in
 * problems, whose file name is then in *problem_file (malloc'd); nothing is written then. Interrupted: OK
 * with summary->interrupted. */
status sweep_run(struct sweep_summary *summary, const struct sweep_options *options,
                 struct problems *problems, char **problem_file, struct error *err);

/* Checks a strategy file: all problems of the guard, ERR_STRATEGY if there are any. */
status strategy_check(const char *path, bool trust, struct problems *problems, struct error *err);
/* The same of a source text; path: what messages call it. */
status strategy_check_source(const char *source, const char *path, bool trust, struct problems *problems,
                             struct error *err);

/* One run, through the same code path, nothing written. yaml is a sweep file's text of exactly one run
 * (method grid, constants), or any with `run` choosing the index. */
struct single_run_options {
    const char *yaml, *yaml_path;           /* text, and the name for messages and relative paths */
    const char *strategy, *strategy_path;   /* source text; NULL: read from the path in the YAML */
    const char *store;                      /* overrides */
    const struct series_provenance *ranges; /* of every series: the range as it was; NULL: as the YAML says */
    uint64_t run;
    bool equity; /* full curve in the record, at the YAML's points */
    /* Called up to 20 times a second while the run runs: bars done (at most total) of total. NULL: not. */
    void (*on_progress)(void *context, uint64_t bars, uint64_t total);
    void *progress_context;
    bool trust_strategy;
};
struct single_run; /* owns the record's memory */
status single_run_start(struct single_run **out, const struct single_run_options *options,
                        struct problems *problems, char **problem_file, struct error *err);
/* Another run of the same sweep in the same worker. */
status single_run_again(struct single_run *self, uint64_t run, struct error *err);
const struct run_record *single_run_record(const struct single_run *self); /* with trades and equity */
/* The series the run ran on (mapped) and the evaluated range [*begin, *end). */
const struct series *single_run_series(const struct single_run *self, size_t *begin, size_t *end);
void single_run_close(struct single_run *self);

#endif
