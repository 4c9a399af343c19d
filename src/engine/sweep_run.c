/* A whole sweep: everything checked, then every run dispatched and journalled, the winners run again for
 * their curves, the result file written. This process is the only writer; see dispatcher.h for what a worker
 * may do to itself. */
#include "kmill/sweep.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "engine/done_set.h"
#include "engine/dispatcher.h"
#include "engine/sweep_output.h"
#include "engine/sweep_setup.h"
#include "sweep/progress.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT_EFFORT = 5000000, CANCEL_LOOK = 65536 };

struct sweep {
    const struct sweep_options *options;
    struct sweep_setup setup;
    char *output;
    struct dispatcher *dispatcher;
    struct journal *journal;
    struct run_record_decoder *decoder;
    struct progress *progress;
    struct ranking *ranking; /* best so far, and whose curves and trades are kept in the end */
    size_t ranking_limit;
    struct progress_counts counts;
    struct done_set done; /* runs an earlier process did */
    uint64_t size, cursor;
    struct parameter_value *params;
    struct text encoded;
    /* the second pass */
    struct ranked_run *winners;
    size_t winner_count, winner_next;
    int64_t start_ns;
    int damage_said;
};

/* ---- first pass: every run --------------------------------------------------------------------- */

static uint64_t first_pass_flags(const struct sweep_spec *spec) {
    return (spec->keep_equity == KEEP_ALL ? WORK_KEEP_EQUITY : 0) |
           (spec->keep_trades == KEEP_ALL ? WORK_KEEP_TRADES : 0);
}

static bool next_run(void *context, struct work_item *item) {
    struct sweep *self = context;
    size_t series;
    while (self->cursor < self->size) {
        uint64_t run = self->cursor++;
        if (run % CANCEL_LOOK == 0 && cancel_requested()) return false;
        if (done_set_has(&self->done, run) || !space_run(self->setup.spec, run, self->params, &series))
            continue;
        *item = (struct work_item){run, first_pass_flags(self->setup.spec)};
        return true;
    }
    return false;
}

static void note_best_and_count(struct sweep *self, const struct run_record *record) {
    self->counts.done++;
    if (record->status == RUN_DONE) {
        const struct setup_series *s = &self->setup.series[record->series];
        self->counts.bars += s->end - s->begin;
        ranking_add(self->ranking, record->run, record->metrics);
        return;
    }
    self->counts.failed++;
    struct text what = {0};
    if (record->status == RUN_FAILED && record->error_type) text_printf(&what, "%s: ", record->error_type);
    text_add_string(&what, record->error_message ? record->error_message : "");
    progress_failed(self->progress, record->run, run_status_name(record->status), what.data,
                    clock_monotonic_ns());
    text_clear(&what);
}

static status check_record(const struct sweep *self, const struct run_record *record, struct work_item item,
                           struct error *err) {
    if (record->run == item.run && record->series < self->setup.spec->series_count) return OK;
    return error_set(err, ERR_CORRUPT, "the worker answered run %llu with something else",
                     (unsigned long long)item.run);
}

static status take_record(void *context, struct work_item item, const char *data, size_t length,
                          struct error *err) {
    struct sweep *self = context;
    struct run_record record;
    status rc = run_record_decode(self->decoder, &record, data, length, false, err);
    if (rc == OK) rc = check_record(self, &record, item, err);
    if (rc == OK) rc = journal_append(self->journal, item.run, data, length, err);
    if (rc == OK) note_best_and_count(self, &record);
    return rc;
}

static status take_lost(void *context, struct work_item item, enum run_status why, const char *message,
                        struct error *err) {
    struct sweep *self = context;
    size_t series = 0;
    space_run(self->setup.spec, item.run, self->params, &series);
    struct run_record record = lost_run_record(item.run, series, why, message);
    self->encoded.length = 0;
    status rc = run_record_encode(&self->encoded, &record, err);
    if (rc == OK) rc = journal_append(self->journal, item.run, self->encoded.data, self->encoded.length, err);
    if (rc == OK) note_best_and_count(self, &record);
    return rc;
}

static status tick(void *context, struct error *err) {
    struct sweep *self = context;
    struct ranked_run best;
    bool any = ranking_best(self->ranking, &best);
    progress_update(self->progress, &self->counts, any ? &best : NULL, clock_monotonic_ns());
    return cancel_requested() ? error_set(err, ERR_CANCELLED, "interrupted") : OK;
}

static status first_pass(struct sweep *self, struct error *err) {
    const struct dispatch_client client = {self, next_run, take_record, take_lost, tick};
    status rc = dispatcher_run(self->dispatcher, &client, err);
    if (rc == OK && cancel_requested()) rc = error_set(err, ERR_CANCELLED, "interrupted");
    return rc;
}

/* ---- second pass: the winners again, with their curves and trades -------------------------------- */

static bool next_winner(void *context, struct work_item *item) {
    struct sweep *self = context;
    const struct sweep_spec *spec = self->setup.spec;
    if (self->winner_next == self->winner_count) return false;
    uint64_t flags = first_pass_flags(spec);
    if (spec->keep_equity == KEEP_TOP && self->winner_next < spec->keep_equity_top) flags |= WORK_KEEP_EQUITY;
    if (spec->keep_trades == KEEP_TOP && self->winner_next < spec->keep_trades_top) flags |= WORK_KEEP_TRADES;
    *item = (struct work_item){self->winners[self->winner_next++].run, flags};
    return true;
}

static status take_winner(void *context, struct work_item item, const char *data, size_t length,
                          struct error *err) {
    struct sweep *self = context;
    struct run_record record;
    status rc = run_record_decode(self->decoder, &record, data, length, false, err);
    if (rc == OK) rc = check_record(self, &record, item, err);
    if (rc != OK) return rc;
    for (size_t i = 0; i < self->winner_count; i++) {
        double first = self->winners[i].value, again = record.metrics[self->setup.spec->rank_metric];
        if (self->winners[i].run == item.run && memcmp(&first, &again, sizeof first))
            return error_set(
                err, ERR_CORRUPT,
                "run %llu gave %s %.17g first and %.17g when run again: its result cannot be trusted",
                (unsigned long long)item.run, metric_info(self->setup.spec->rank_metric)->name, first, again);
    }
    return journal_append(self->journal, item.run, data, length, err);
}

static status lose_winner(void *context, struct work_item item, enum run_status why, const char *message,
                          struct error *err) {
    struct sweep *self = context;
    (void)why;
    (void)err;
    progress_note(self->progress, "run %llu has no curve: run again it %s", (unsigned long long)item.run,
                  message);
    return OK;
}

static status second_pass(struct sweep *self, struct error *err) {
    const struct sweep_spec *spec = self->setup.spec;
    if (spec->keep_equity != KEEP_TOP && spec->keep_trades != KEEP_TOP) return OK;
    self->winners = calloc(self->ranking_limit, sizeof *self->winners);
    if (!self->winners) return error_set(err, ERR_MEMORY, "out of memory");
    self->winner_count = ranking_sorted(self->ranking, self->winners);
    const struct dispatch_client client = {self, next_winner, take_winner, lose_winner, tick};
    return dispatcher_run(self->dispatcher, &client, err);
}

/* ---- before and after ---------------------------------------------------------------------------- */

static size_t kept_top(enum keep_kind kind, uint64_t top) {
    return kind == KEEP_TOP ? (size_t)top : 0;
}

static status open_books(struct sweep *self, struct error *err) {
    const struct sweep_spec *spec = self->setup.spec;
    size_t equity = kept_top(spec->keep_equity, spec->keep_equity_top);
    size_t trades = kept_top(spec->keep_trades, spec->keep_trades_top);
    self->ranking_limit = equity > trades ? equity : trades;
    if (!self->ranking_limit) self->ranking_limit = 1;
    self->size = space_size(spec);
    self->params = calloc(spec->param_count + 1, sizeof *self->params);
    if (!self->params) return error_set(err, ERR_MEMORY, "out of memory");
    status rc = run_record_decoder_open(&self->decoder, err);
    if (rc == OK) rc = ranking_open(&self->ranking, spec, self->ranking_limit, err);
    return rc;
}

typedef status (*record_visitor)(struct sweep *self, const struct run_record *record, void *context,
                                 struct error *err);

static status visit_journal(struct sweep *self, record_visitor visit, void *context, struct error *err) {
    struct journal_reader *reader;
    uint64_t run;
    const void *data;
    size_t length;
    status rc = journal_reader_open(&reader, self->output, err);
    if (rc != OK) return rc;
    while ((rc = journal_reader_next(reader, &run, &data, &length, err)) == OK) {
        struct run_record record;
        rc = run_record_decode(self->decoder, &record, data, length, false, err);
        if (rc == OK) rc = visit(self, &record, context, err);
        if (rc != OK) break;
    }
    const struct journal_damage *damage;
    size_t damaged = journal_reader_damage(reader, &damage);
    if (damaged && self->damage_said++ == 0)
        fprintf(self->options->report_file,
                "kmill: %s.journal is damaged in %zu place%s: the runs behind run again\n", self->output,
                damaged, damaged == 1 ? "" : "s");
    journal_reader_close(reader);
    return rc == ERR_NOT_FOUND ? OK : rc;
}

static status collect_run(struct sweep *self, const struct run_record *record, void *failed,
                          struct error *err) {
    bool added = done_set_add(record->status == RUN_DONE ? &self->done : failed, record->run);
    return added ? OK : error_set(err, ERR_MEMORY, "out of memory");
}

/* The journal may hold a run twice (a winner run again): it is ranked once. */
static status rank_once(struct sweep *self, const struct run_record *record, void *ranked,
                        struct error *err) {
    (void)err;
    unsigned char *bits = ranked;
    size_t place = done_set_find(&self->done, record->run);
    if (record->status != RUN_DONE || place == SIZE_MAX || (bits[place / 8] >> place % 8 & 1)) return OK;
    bits[place / 8] |= (unsigned char)(1 << place % 8);
    ranking_add(self->ranking, record->run, record->metrics);
    return OK;
}

static status rank_journal(struct sweep *self, struct error *err) {
    unsigned char *ranked = calloc(self->done.count / 8 + 1, 1);
    if (!ranked) return error_set(err, ERR_MEMORY, "out of memory");
    status rc = visit_journal(self, rank_once, ranked, err);
    free(ranked);
    return rc;
}

static status check_same_sweep(struct sweep *self, struct error *err) {
    struct journal_reader *reader;
    status rc = journal_reader_open(&reader, self->output, err);
    if (rc != OK) return rc;
    rc = sweep_output_same(journal_reader_provenance(reader), &self->setup, err);
    journal_reader_close(reader);
    return rc;
}

/* What an interrupted sweep already has. A run that failed and then, retried, did not, counts as done. */
static status take_over(struct sweep *self, struct error *err) {
    struct done_set failed = {0};
    status rc = check_same_sweep(self, err);
    if (rc == OK) rc = visit_journal(self, collect_run, &failed, err);
    done_set_sort(&self->done);
    done_set_sort(&failed);
    if (rc == OK) rc = rank_journal(self, err);
    size_t done = self->done.count;
    for (size_t i = 0; rc == OK && !self->options->retry_failed && i < failed.count; i++) {
        struct done_set sure = {self->done.runs, done, done}; /* the sorted part */
        if (done_set_has(&sure, failed.runs[i])) continue;
        self->counts.failed++;
        if (!done_set_add(&self->done, failed.runs[i])) rc = error_set(err, ERR_MEMORY, "out of memory");
    }
    done_set_sort(&self->done);
    done_set_clear(&failed);
    self->counts.done = self->counts.resumed = self->done.count;
    return rc;
}

static status open_journal(struct sweep *self, bool resume, struct error *err) {
    if (resume) return journal_resume(&self->journal, self->output, err);
    bool exact;
    struct provenance provenance;
    status rc = setup_provenance(&provenance, &self->setup, self->options->path,
                                 dispatcher_python_version(self->dispatcher), err);
    if (rc != OK) return rc;
    uint64_t allowed = space_count_allowed(self->setup.spec, COUNT_EFFORT, &exact);
    provenance.allowed = exact ? allowed : 0;
    rc = journal_create(&self->journal, self->output, self->options->overwrite, &provenance, err);
    provenance_clear(&provenance);
    return rc;
}

static status start_progress(struct sweep *self, struct error *err) {
    static const enum progress_mode modes[] = {[REPORT_AUTO] = PROGRESS_AUTO,
                                               [REPORT_NONE] = PROGRESS_NONE,
                                               [REPORT_PLAIN] = PROGRESS_PLAIN,
                                               [REPORT_TERMINAL] = PROGRESS_TERMINAL,
                                               [REPORT_JSON] = PROGRESS_JSON};
    bool exact;
    uint64_t total = space_count_allowed(self->setup.spec, COUNT_EFFORT, &exact);
    return progress_open(&self->progress, self->options->report_file, modes[self->options->report],
                         self->setup.spec, total, exact, clock_monotonic_ns(), err);
}

static status prepare(struct sweep *self, struct problems *problems, char **problem_file, struct error *err) {
    const struct sweep_options *o = self->options;
    const struct setup_options setup = {.yaml_path = o->path,
                                        .strategy_path = o->strategy,
                                        .store = o->store,
                                        .default_store = o->default_store,
                                        .threads = o->threads,
                                        .trust_strategy = o->trust_strategy};
    status rc = setup_make(&self->setup, &setup, problems, problem_file, err);
    if (rc == OK) rc = sweep_output_choose(&self->output, &self->setup, o, err);
    if (rc == OK) rc = open_books(self, err);
    bool resume = rc == OK && o->resume && sweep_output_has_journal(self->output);
    if (rc == OK && resume) rc = take_over(self, err);
    if (rc == OK) rc = sweep_output_room(self->output, &self->setup, err);
    if (rc == OK) {
        rc = dispatcher_open(&self->dispatcher, &self->setup.job, self->setup.spec->limit_seconds, problems,
                             err);
        if (rc == ERR_STRATEGY) *problem_file = memory_text(self->setup.strategy_path);
    }
    if (rc == OK) rc = open_journal(self, resume, err);
    if (rc == OK) rc = start_progress(self, err);
    return rc;
}

/* An argument as a shell takes it. */
static void add_argument(struct text *out, const char *option, const char *value) {
    if (!value) return;
    text_printf(out, "%s%s", *option ? " " : "", option);
    bool plain = *value && !value[strcspn(value, " \t'\"\\$`!&;|<>()*?[]{}~#")];
    text_add_string(out, plain ? " " : " '");
    for (const char *c = value; *c; c++) {
        if (*c == '\'')
            text_add_string(out, "'\\''");
        else
            text_add_char(out, *c);
    }
    if (!plain) text_add_char(out, '\'');
}

static void add_resume_command(struct text *out, const struct sweep_options *o) {
    text_add_string(out, "kmill run --resume");
    add_argument(out, "", o->path);
    add_argument(out, "--strategy", o->strategy);
    add_argument(out, "--store", o->store);
    add_argument(out, "--output", o->output);
    if (o->threads) text_printf(out, " --threads %d", o->threads);
    if (o->overwrite) text_add_string(out, " --overwrite");
    if (o->trust_strategy) text_add_string(out, " --trust-strategy");
}

static void finish_progress(struct sweep *self, status rc) {
    if (!self->progress) return;
    struct ranked_run best;
    bool any = ranking_best(self->ranking, &best);
    struct text hint = {0};
    enum progress_outcome outcome = PROGRESS_STOPPED;
    if (rc == OK) {
        outcome = PROGRESS_DONE;
        text_add_string(&hint, "next: kmill top");
        add_argument(&hint, "", self->output);
    } else {
        if (rc == ERR_CANCELLED) outcome = PROGRESS_INTERRUPTED;
        text_add_string(&hint, "every finished run is kept; go on with: ");
        add_resume_command(&hint, self->options);
    }
    progress_finish(self->progress, outcome, &self->counts, any ? &best : NULL, hint.data,
                    clock_monotonic_ns());
    text_clear(&hint);
}

static void sweep_clear(struct sweep *self) {
    dispatcher_close(self->dispatcher);
    run_record_decoder_close(self->decoder);
    ranking_close(self->ranking);
    progress_close(self->progress);
    done_set_clear(&self->done);
    text_clear(&self->encoded);
    free(self->params);
    free(self->winners);
    free(self->output);
    setup_clear(&self->setup);
}

status sweep_run(struct sweep_summary *summary, const struct sweep_options *options,
                 struct problems *problems, char **problem_file, struct error *err) {
    struct sweep self = {.options = options, .start_ns = clock_monotonic_ns()};
    status rc = prepare(&self, problems, problem_file, err);
    if (rc == OK) rc = first_pass(&self, err);
    if (rc == OK) rc = second_pass(&self, err);
    if (self.journal) { /* also after an error: what came in is kept */
        struct error sealing = {0};
        status sealed = journal_seal(self.journal, &sealing);
        if (rc == OK && sealed != OK) {
            rc = sealed;
            *err = sealing;
        }
    }
    if (rc == OK) rc = sweep_output_write(self.output, &self.setup, self.progress, err);
    journal_close(self.journal, NULL);
    finish_progress(&self, rc);
    *summary = (struct sweep_summary){.done = self.counts.done,
                                      .failed = self.counts.failed,
                                      .interrupted = rc == ERR_CANCELLED,
                                      .seconds = (double)(clock_monotonic_ns() - self.start_ns) * 1e-9,
                                      .output = self.output ? memory_text(self.output) : NULL};
    sweep_clear(&self);
    return rc == ERR_CANCELLED ? OK : rc;
}
