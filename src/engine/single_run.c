/* One run at a time through the same worker, dispatcher and record as a sweep's: backtest, verify, and the
 * check of a strategy. */
#include "base/file.h"
#include "base/memory.h"
#include "engine/dispatcher.h"
#include "engine/sweep_setup.h"
#include "kmill/sweep.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct single_run {
    struct sweep_setup setup;
    struct dispatcher *dispatcher;
    struct run_record_decoder *decoder;
    struct run_record record;
    struct text data; /* the encoded record, which record borrows */
    double *equity;
    struct parameter_value *params;
    bool keep_equity, taken;
    void (*on_progress)(void *context, uint64_t bars, uint64_t total);
    void *progress_context;
    size_t running;     /* which series the run is on */
    uint64_t bars_told; /* what was said last: between the run's end and its record the worker counts none */
    struct work_item item;
};

static bool next_item(void *context, struct work_item *item) {
    struct single_run *self = context;
    if (self->taken) return false;
    self->taken = true;
    *item = self->item;
    return true;
}

static status take_record(void *context, struct work_item item, const char *data, size_t length,
                          struct error *err) {
    struct single_run *self = context;
    self->data.length = 0;
    text_add(&self->data, data, length);
    status rc =
        run_record_decode(self->decoder, &self->record, self->data.data, self->data.length, true, err);
    if (rc == OK && (self->record.run != item.run || self->record.series >= self->setup.spec->series_count))
        rc = error_set(err, ERR_CORRUPT, "the worker answered with another run");
    if (rc != OK || !self->record.equity_count) return rc;
    free(self->equity);
    self->equity = malloc(self->record.equity_count * sizeof *self->equity);
    if (!self->equity) return error_set(err, ERR_MEMORY, "out of memory");
    rc = run_record_equity(&self->record, self->equity, err);
    self->record.equity = self->equity;
    return rc;
}

static status take_lost(void *context, struct work_item item, enum run_status why, const char *message,
                        struct error *err) {
    struct single_run *self = context;
    size_t series = 0;
    space_run(self->setup.spec, item.run, self->params, &series);
    struct run_record lost = lost_run_record(item.run, series, why, message);
    struct text encoded = {0};
    status rc = run_record_encode(&encoded, &lost, err);
    if (rc == OK) rc = take_record(context, item, encoded.data, encoded.length, err);
    text_clear(&encoded);
    return rc;
}

static status tick(void *context, struct error *err) {
    struct single_run *self = context;
    (void)err;
    if (!self->on_progress) return OK;
    const struct setup_series *s = &self->setup.series[self->running];
    uint64_t total = s->end - s->begin, bars = dispatcher_bars(self->dispatcher);
    if (bars > total) bars = total;
    if (bars > self->bars_told) self->bars_told = bars;
    self->on_progress(self->progress_context, self->bars_told, total);
    return OK;
}

status single_run_again(struct single_run *self, uint64_t run, struct error *err) {
    size_t series;
    if (run >= space_size(self->setup.spec) || !space_run(self->setup.spec, run, self->params, &series))
        return error_set(err, ERR_NOT_FOUND, "the sweep has no run %llu", (unsigned long long)run);
    self->item = (struct work_item){run, WORK_KEEP_TRADES | (self->keep_equity ? WORK_KEEP_EQUITY : 0)};
    self->taken = false;
    self->bars_told = 0;
    self->running = series;
    const struct dispatch_client client = {self, next_item, take_record, take_lost, tick};
    return dispatcher_run(self->dispatcher, &client, err);
}

status single_run_start(struct single_run **out, const struct single_run_options *o,
                        struct problems *problems, char **problem_file, struct error *err) {
    struct single_run *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory");
    self->keep_equity = o->equity;
    self->on_progress = o->on_progress;
    self->progress_context = o->progress_context;
    const struct setup_options setup = {.yaml = o->yaml,
                                        .yaml_path = o->yaml_path,
                                        .strategy = o->strategy,
                                        .strategy_path = o->strategy_path,
                                        .store = o->store,
                                        .ranges = o->ranges,
                                        .threads = 1,
                                        .trust_strategy = o->trust_strategy};
    status rc = setup_make(&self->setup, &setup, problems, problem_file, err);
    if (rc == OK) rc = run_record_decoder_open(&self->decoder, err);
    if (rc == OK) {
        self->params = calloc(self->setup.spec->param_count + 1, sizeof *self->params);
        if (!self->params) rc = error_set(err, ERR_MEMORY, "out of memory");
    }
    if (rc == OK) {
        rc = dispatcher_open(&self->dispatcher, &self->setup.job, self->setup.spec->limit_seconds, problems,
                             err);
        if (rc == ERR_STRATEGY) *problem_file = memory_text(self->setup.strategy_path);
    }
    if (rc == OK) rc = single_run_again(self, o->run, err);
    if (rc == OK)
        *out = self;
    else
        single_run_close(self);
    return rc;
}

const struct run_record *single_run_record(const struct single_run *self) {
    return &self->record;
}

const struct series *single_run_series(const struct single_run *self, size_t *begin, size_t *end) {
    const struct setup_series *s = &self->setup.series[self->record.series];
    *begin = s->begin;
    *end = s->end;
    return mapped_series_view(s->mapped);
}

void single_run_close(struct single_run *self) {
    if (!self) return;
    dispatcher_close(self->dispatcher);
    run_record_decoder_close(self->decoder);
    text_clear(&self->data);
    free(self->equity);
    free(self->params);
    setup_clear(&self->setup);
    free(self);
}

status strategy_check_source(const char *source, const char *path, bool trust, struct problems *problems,
                             struct error *err) {
    char empty[] = "";
    struct job job = {.yaml = empty,
                      .yaml_path = empty,
                      .strategy = (char *)(uintptr_t)source,
                      .strategy_path = (char *)(uintptr_t)path,
                      .store = empty,
                      .threads = 1,
                      .check_only = 1,
                      .trust = trust,
                      .parent = (uint64_t)getpid()};
    struct worker_process worker = {.answers = -1};
    status rc = worker_process_start(&worker, &job, problems, err);
    worker_process_end(&worker);
    return rc;
}

status strategy_check(const char *path, bool trust, struct problems *problems, struct error *err) {
    char *source;
    size_t length;
    status rc = file_read(&source, &length, path, err);
    if (rc != OK) return rc;
    if (strlen(source) != length)
        rc = error_set(err, ERR_INPUT, "%s: has a NUL byte; a strategy is a UTF-8 text file", path);
    else
        rc = strategy_check_source(source, path, trust, problems, err);
    free(source);
    return rc;
}
