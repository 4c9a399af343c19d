/* A worker's life, in the order that the kernel and CPython ask for (each step says why). See worker.h. */
#include "engine/worker.h"
#include "base/file.h"
#include "engine/backtest.h"
#include "engine/channel.h"
#include "engine/job.h"
#include "engine/sweep_setup.h"
#include "kmill/store.h"
#include "strategy/guard.h"
#include "strategy/python_executor.h"
#include "strategy/python_process.h"
#include "strategy/sandbox.h"
#include <math.h>
#include <omp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

struct worker_thread {
    struct python_interpreter *interpreter;
    struct executor *executor;
    struct backtest backtest;
    struct parameter_value *params;
    struct text encoded;
    double *points; /* sampled equity to keep, SPARKLINE_POINTS or spec->equity_points */
};

struct worker {
    struct job job;
    struct channel_memory *memory;
    struct sweep_spec *spec;
    struct mapped_series **mapped;
    const struct series **series;
    struct shared_columns **columns;
    struct worker_thread *threads;
    pthread_mutex_t write_lock;
};

/* ---- starting ------------------------------------------------------------------------------------ */

static status read_job(struct worker *self, struct error *err) {
    struct stat info;
    if (fstat(WORKER_FD_JOB, &info))
        return error_set_errno(err, ERR_SYSTEM, "the worker has no job; kmill starts it itself");
    char *data = malloc((size_t)info.st_size + 1);
    if (!data || pread(WORKER_FD_JOB, data, (size_t)info.st_size, 0) != info.st_size) {
        free(data);
        return error_set_errno(err, ERR_SYSTEM, "the worker's job");
    }
    status rc = job_unpack(&self->job, data, (size_t)info.st_size, err);
    free(data);
    if (rc == OK) rc = channel_memory_open(&self->memory, WORKER_FD_MEMORY, err);
    return rc;
}

static status map_series(struct worker *self, struct error *err) {
    struct problems problems = {0};
    status rc =
        spec_parse(&self->spec, self->job.yaml, strlen(self->job.yaml), self->job.yaml_path, &problems);
    problems_clear(&problems);
    if (rc != OK)
        return error_set(err, ERR_CORRUPT, "the worker reads the sweep file otherwise than the coordinator");
    size_t count = self->spec->series_count;
    self->mapped = calloc(count, sizeof(struct mapped_series *));
    self->series = calloc(count, sizeof(struct series *));
    self->columns = calloc(count, sizeof(struct shared_columns *));
    if (!self->mapped || !self->series || !self->columns) return error_set(err, ERR_MEMORY, "out of memory");
    for (size_t i = 0; rc == OK && i < count; i++) {
        const struct series_name *name = &self->spec->series[i];
        rc = mapped_series_open(&self->mapped[i], self->job.store, name->symbol, name->interval, err);
        if (rc != OK) break;
        self->series[i] = mapped_series_view(self->mapped[i]);
        if (self->job.series[i].end > self->series[i]->count)
            return error_set(err, ERR_CORRUPT, "%s %s was replaced while the sweep started; start it again",
                             name->symbol, interval_name(name->interval));
        rc = shared_columns_open(&self->columns[i], self->series[i], self->job.column_budget, err);
    }
    return rc;
}

/* Interpreters one after the other, on the main thread: importing and compiling in two at once is not safe in
 * CPython (gh-140260). */
static status make_thread(struct worker *self, struct worker_thread *t, struct error *err) {
    const struct python_strategy_source source = {self->job.strategy_path, self->job.strategy};
    const struct strategy_options options = {0};
    size_t points =
        self->spec->equity_points > SPARKLINE_POINTS ? self->spec->equity_points : SPARKLINE_POINTS;
    t->params = calloc(self->spec->param_count + 1, sizeof *t->params);
    t->points = malloc(points * sizeof *t->points);
    if (!t->params || !t->points) return error_set(err, ERR_MEMORY, "out of memory");
    status rc = python_interpreter_create(&t->interpreter, err);
    if (rc != OK) return rc;
    python_interpreter_set_limits(t->interpreter, self->spec->limit_seconds, self->spec->limit_memory);
    python_interpreter_enter(t->interpreter);
    rc = python_executor_create(&t->executor, t->interpreter, &source, &options, err);
    python_interpreter_leave(t->interpreter);
    return rc;
}

static status make_threads(struct worker *self, struct error *err) {
    self->threads = calloc(self->job.threads, sizeof *self->threads);
    if (!self->threads) return error_set(err, ERR_MEMORY, "out of memory");
    status rc = OK;
    for (uint64_t i = 0; rc == OK && i < self->job.threads; i++)
        rc = make_thread(self, &self->threads[i], err);
    return rc;
}

static bool send_problems(const struct problems *problems) {
    struct text payload = {0};
    for (size_t i = 0; i < problems->count; i++) {
        int32_t place[2] = {problems->items[i].line, problems->items[i].column};
        text_add(&payload, (const char *)place, sizeof place);
        text_add(&payload, problems->items[i].message, strlen(problems->items[i].message) + 1);
    }
    bool sent = frame_write(WORKER_FD_ANSWERS, NULL, FRAME_PROBLEMS, 0, payload.data, payload.length);
    text_clear(&payload);
    return sent;
}

static void send_fatal(const struct error *err) {
    struct text payload = {0};
    int32_t code = (int32_t)err->code;
    text_add(&payload, (const char *)&code, sizeof code);
    text_add_string(&payload, err->message);
    frame_write(WORKER_FD_ANSWERS, NULL, FRAME_FATAL, 0, payload.data, payload.length);
    text_clear(&payload);
}

static void send_ready(const struct sandbox_state *sandbox) {
    struct text payload = {0};
    char walls[64];
    sandbox_describe(walls, sandbox);
    text_printf(&payload, "%s\n%s", python_process_version(), walls);
    frame_write(WORKER_FD_ANSWERS, NULL, FRAME_READY, 0, payload.data, payload.length);
    text_clear(&payload);
}

/* The worker must not outlive its coordinator, and Ctrl-C is the coordinator's business. */
static void tie_to_coordinator(const struct job *job) {
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if ((uint64_t)getppid() != job->parent) _exit(0); /* it died before the line above */
}

/* ---- running ------------------------------------------------------------------------------------- */

static void set_failure(struct run_record *record, const struct run_failure *failure) {
    record->error_type = failure->type;
    record->error_message = failure->message;
    record->traceback = failure->traceback;
    record->error_line = failure->line;
    record->error_column = failure->column;
    record->error_bar = failure->bar;
}

static void set_curves(struct run_record *record, struct worker_thread *t, const struct sweep_spec *spec,
                       uint64_t flags) {
    const struct backtest *b = &t->backtest;
    size_t points = backtest_sample(t->points, SPARKLINE_POINTS, b->equity, b->bars);
    for (size_t i = 0; i < SPARKLINE_POINTS; i++) /* NaN: there are fewer bars than points */
        record->sparkline[i] = i < points ? (float)t->points[i] : NAN;
    if (flags & WORK_KEEP_TRADES) {
        record->trades = b->ledger.trades;
        record->trade_count = b->ledger.trade_count;
        record->trade_texts = (const char *const *)b->ledger.texts;
        record->trade_text_count = b->ledger.text_count;
    }
    if (flags & WORK_KEEP_EQUITY) {
        bool all = spec->equity_points == 0 || spec->equity_points >= b->bars;
        record->equity_count =
            all ? b->bars : backtest_sample(t->points, spec->equity_points, b->equity, b->bars);
        record->equity = all ? b->equity : t->points;
    }
}

static status evaluate(struct worker *self, struct worker_thread *t, struct work_item item,
                       struct error *err) {
    struct run_input input;
    size_t series;
    if (!setup_run_input(&input, self->spec, self->job.series, self->series, item.run, t->params, &series))
        return error_set(err, ERR_CORRUPT, "no run %llu", (unsigned long long)item.run);
    input.columns = self->columns[series];
    struct backtest *b = &t->backtest;
    status rc = backtest_run(b, t->executor, &input, &self->spec->account, err);
    if (rc != OK) return rc;
    struct run_record record = {.run = item.run,
                                .series = (uint32_t)series,
                                .status = b->status,
                                .elapsed_seconds = b->elapsed_seconds,
                                .error_bar = -1,
                                .log = b->report.log.data,
                                .log_length = b->report.log.length,
                                .warnings = b->report.warnings.data,
                                .warnings_length = b->report.warnings.length};
    memcpy(record.metrics, b->metrics, sizeof record.metrics);
    if (b->status == RUN_DONE) {
        record.trade_total = b->ledger.trade_count;
        set_curves(&record, t, self->spec, item.flags);
    } else {
        set_failure(&record, &b->report.failure);
    }
    t->encoded.length = 0;
    return run_record_encode(&t->encoded, &record, err);
}

/* A thread that cannot go on (out of memory in our own code) ends the process: the coordinator sees which run
 * it was on. */
static void work(struct worker *self, uint32_t number) {
    struct worker_thread *t = &self->threads[number];
    struct work_item item;
    uint64_t sequence;
    struct error err = {0};
    t->backtest.progress = &self->memory->slots[number].bars;
    while (channel_take(self->memory, number, &item, &sequence)) {
        if (evaluate(self, t, item, &err) != OK) _exit(1);
        /* Before writing: a coordinator slow to read must not look like a run that hangs. */
        channel_done(self->memory, number);
        if (!frame_write(WORKER_FD_ANSWERS, &self->write_lock, FRAME_RESULT, sequence, t->encoded.data,
                         t->encoded.length))
            _exit(0);
    }
}

static status run_threads(struct worker *self, struct sandbox_state *sandbox, struct error *err) {
    const int writable[] = {WORKER_FD_ANSWERS};
    int failed = 0;
    python_process_leave_main();
    omp_set_dynamic(0);
#pragma omp parallel num_threads((int)self->job.threads) default(none) \
    shared(self, sandbox, err, failed, writable)
    {
        uint32_t number = (uint32_t)omp_get_thread_num();
        struct python_interpreter *interpreter = self->threads[number].interpreter;
        struct error mine = {0};
        status rc = python_interpreter_watch(interpreter, &mine);
        if (rc == OK) rc = python_interpreter_attach(interpreter, &mine);
#pragma omp critical
        if (rc != OK || omp_get_num_threads() != (int)self->job.threads) {
            failed = 1;
            *err = mine;
            if (rc == OK)
                error_set(err, ERR_SYSTEM, "only %d of %d threads can be started", omp_get_num_threads(),
                          (int)self->job.threads);
        }
#pragma omp barrier
#pragma omp master
        if (!failed) { /* all threads exist: the last wall goes up around all of them at once */
            if (sandbox_seccomp(sandbox, writable, 1, err) != OK)
                failed = 1;
            else
                send_ready(sandbox);
        }
#pragma omp barrier
        if (!failed) work(self, number);
    }
    return failed ? err->code : OK;
}

static status check_strategy(struct worker *self, struct error *err) {
    struct problems problems = {0};
    status rc =
        guard_check(&problems, self->job.strategy, strlen(self->job.strategy), self->job.strategy_path, err);
    if (problems.count) send_problems(&problems);
    problems_clear(&problems);
    return rc;
}

/* RLIMIT_DATA: all runs at their limits, the shared columns, the threads' and watchdogs' stacks, and a GiB
 * for everything else. */
static uint64_t memory_backstop(const struct worker *self) {
    if (!self->spec->limit_memory) return 0;
    uint64_t each = self->spec->limit_memory + (UINT64_C(32) << 20);
    return (UINT64_C(1) << 30) + self->job.threads * each + self->job.series_count * self->job.column_budget;
}

/* A file to be checked may be hostile to the parser, too: behind the same walls. */
static status check_only(struct worker *self, struct sandbox_state *sandbox, struct error *err) {
    const int kept[] = {WORKER_FD_ANSWERS};
    status rc = python_process_start(err);
    if (rc == OK) rc = sandbox_landlock(sandbox, kept, 1, UINT64_C(1) << 30, err);
    if (rc == OK) rc = sandbox_seccomp(sandbox, kept, 1, err);
    if (rc == OK) rc = check_strategy(self, err);
    if (rc == OK) send_ready(sandbox);
    return rc;
}

static status compute(struct worker *self, struct sandbox_state *sandbox, struct error *err) {
    const int kept[] = {WORKER_FD_ANSWERS};
    status rc = map_series(self, err);
    if (rc == OK) rc = python_process_start(err);
    if (rc == OK) rc = check_strategy(self, err);
    if (rc == OK) rc = make_threads(self, err);
    if (rc == OK) rc = sandbox_landlock(sandbox, kept, 1, memory_backstop(self), err);
    if (rc == OK) rc = run_threads(self, sandbox, err);
    return rc;
}

int worker_main(void) {
    struct worker *self = calloc(1, sizeof *self); /* lives as long as the process */
    struct error err = {0};
    if (!self) return 1;
    pthread_mutex_init(&self->write_lock, NULL);
    if (read_job(self, &err) != OK) {
        fprintf(stderr, "kmill: %s\n", err.message);
        return 2;
    }
    tie_to_coordinator(&self->job);
    struct sandbox_state sandbox = {.trusted = self->job.trust};
    status rc = self->job.check_only ? check_only(self, &sandbox, &err) : compute(self, &sandbox, &err);
    if (rc == ERR_STRATEGY) _exit(0); /* the guard's problems were the answer */
    if (rc != OK) send_fatal(&err);
    _exit(rc == OK ? 0 : 1);
}
