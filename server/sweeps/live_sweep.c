/* The progress of a sweep as its journal tells it.
 *
 * A run may be recorded twice (a winner run again for its curve, a failed run tried again): a set of run
 * numbers counts each once. Rates are those of the last half minute, as `kmill run` shows them; what was
 * there when the journal was first read to its end does not count for them. */
#include "server/sweeps/live_sweep.h"
#include "base/clock.h"
#include "engine/run_params.h"
#include "results/journal.h"
#include "sweep/ranking.h"
#include "sweep/space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 32, COUNT_EFFORT = 100000, SET_START = 1024, LOOK_EVERY = 64 };
#define NS_PER_SECOND INT64_C(1000000000)
#define EMPTY UINT64_MAX
#define FAILED_BIT (UINT64_C(1) << 63)

/* Open addressing; an entry is a run number, with FAILED_BIT while only failures of it are known. */
struct run_set {
    uint64_t *slots;
    size_t capacity, count, failed;
};

struct sample {
    int64_t at_ns;
    uint64_t runs;
};

struct live_sweep {
    struct journal_reader *reader;
    struct run_record_decoder *decoder;
    struct sweep_spec *spec;
    struct ranking *ranking;
    struct parameter_value *params;
    struct run_set runs;
    uint64_t total;
    bool total_exact, caught_up;
    struct sample samples[SAMPLES]; /* a ring; the newest at sample_count - 1 */
    size_t sample_count;
};

/* ---- the set of runs ---- */

static size_t slot_of(const struct run_set *set, uint64_t run) {
    size_t at = (size_t)((run * UINT64_C(0x9E3779B97F4A7C15)) >> 20) & (set->capacity - 1);
    while (set->slots[at] != EMPTY && (set->slots[at] & ~FAILED_BIT) != run)
        at = (at + 1) & (set->capacity - 1);
    return at;
}

static bool grow(struct run_set *set) {
    struct run_set larger = {.capacity = set->capacity ? 2 * set->capacity : SET_START};
    larger.slots = malloc(larger.capacity * sizeof *larger.slots);
    if (!larger.slots) return false;
    for (size_t i = 0; i < larger.capacity; i++)
        larger.slots[i] = EMPTY;
    for (size_t i = 0; i < set->capacity; i++)
        if (set->slots[i] != EMPTY)
            larger.slots[slot_of(&larger, set->slots[i] & ~FAILED_BIT)] = set->slots[i];
    free(set->slots);
    set->slots = larger.slots;
    set->capacity = larger.capacity;
    return true;
}

/* *is_first: the run was not known as done before. */
static bool add_run(struct run_set *set, uint64_t run, bool failed, bool *is_first) {
    if (set->count * 2 >= set->capacity && !grow(set)) return false;
    size_t at = slot_of(set, run);
    uint64_t known = set->slots[at];
    *is_first = known == EMPTY || (known & FAILED_BIT);
    if (known == EMPTY) {
        set->count++;
        set->failed += failed;
        set->slots[at] = failed ? run | FAILED_BIT : run;
    } else if ((known & FAILED_BIT) && !failed) {
        set->failed--;
        set->slots[at] = run;
    }
    return true;
}

/* ---- opening ---- */

static status parse_spec(struct live_sweep *self, const struct provenance *provenance, struct error *err) {
    status rc = run_params_of_journal(&self->spec, &self->params, provenance, err);
    if (rc != OK) return rc;
    self->total = provenance->allowed;
    self->total_exact = self->total > 0;
    if (!self->total) self->total = space_count_allowed(self->spec, COUNT_EFFORT, &self->total_exact);
    return ranking_open(&self->ranking, self->spec, 1, err);
}

status live_sweep_open(struct live_sweep **out, const char *path, struct error *err) {
    struct live_sweep *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "%s: out of memory", path);
    status rc = journal_reader_open(&self->reader, path, err);
    if (rc == OK) rc = run_record_decoder_open(&self->decoder, err);
    if (rc == OK) rc = parse_spec(self, journal_reader_provenance(self->reader), err);
    if (rc == OK)
        *out = self;
    else
        live_sweep_close(self);
    return rc;
}

void live_sweep_close(struct live_sweep *live) {
    if (!live) return;
    journal_reader_close(live->reader);
    run_record_decoder_close(live->decoder);
    ranking_close(live->ranking);
    spec_close(live->spec);
    free(live->params);
    free(live->runs.slots);
    free(live);
}

/* ---- reading ---- */

static status take_record(struct live_sweep *self, uint64_t run, const void *data, size_t length,
                          struct error *err) {
    struct run_record record;
    bool is_first;
    if (run_record_decode(self->decoder, &record, data, length, false, NULL) != OK || record.run != run ||
        run & FAILED_BIT)
        return OK;
    if (!add_run(&self->runs, run, record.status != RUN_DONE, &is_first))
        return error_set(err, ERR_MEMORY, "out of memory for the runs of a live sweep");
    if (record.status == RUN_DONE && is_first) ranking_add(self->ranking, run, record.metrics);
    return OK;
}

status live_sweep_read(struct live_sweep *live, int64_t budget_ns, bool *at_end, struct error *err) {
    int64_t until = clock_monotonic_ns() + budget_ns;
    status rc = OK;
    *at_end = false;
    for (unsigned n = 1; rc == OK; n++) {
        uint64_t run;
        const void *data;
        size_t length;
        rc = journal_reader_next(live->reader, &run, &data, &length, err);
        if (rc == OK) rc = take_record(live, run, data, length, err);
        if (n % LOOK_EVERY == 0 && clock_monotonic_ns() > until) break;
    }
    if (rc != ERR_NOT_FOUND) return rc;
    *at_end = live->caught_up = true;
    return OK;
}

/* ---- what it comes to ---- */

static double rate_of(struct live_sweep *self, int64_t now_ns) {
    if (!self->caught_up) return NAN;
    const struct sample *newest = &self->samples[(self->sample_count + SAMPLES - 1) % SAMPLES];
    if (self->sample_count == 0 || now_ns - newest->at_ns >= NS_PER_SECOND)
        self->samples[self->sample_count++ % SAMPLES] = (struct sample){now_ns, self->runs.count};
    size_t oldest = self->sample_count > SAMPLES ? self->sample_count - SAMPLES : 0;
    const struct sample *from = &self->samples[oldest % SAMPLES];
    if (now_ns - from->at_ns < NS_PER_SECOND / 2) return NAN;
    return (double)(self->runs.count - from->runs) / ((double)(now_ns - from->at_ns) * 1e-9);
}

status live_sweep_facts(struct sweep_facts *facts, struct live_sweep *live, int64_t now_ns,
                        struct error *err) {
    status rc = sweep_facts_take_provenance(facts, journal_reader_provenance(live->reader), err);
    if (rc != OK) return rc;
    size_t series;
    struct ranked_run best;
    facts->done = live->runs.count;
    facts->failed = live->runs.failed;
    facts->total = live->total > facts->done ? live->total : facts->done;
    facts->total_exact = live->total_exact;
    facts->runs_per_second = rate_of(live, now_ns);
    if (facts->runs_per_second > 0)
        facts->seconds_left = (double)(facts->total - facts->done) / facts->runs_per_second;
    facts->has_best =
        ranking_best(live->ranking, &best) && space_run(live->spec, best.run, live->params, &series);
    if (facts->has_best) {
        facts->best_run = best.run;
        facts->best_value = best.value;
        facts->best_params = sweep_facts_params(live->params, live->spec->param_count);
    }
    return OK;
}
