/* From a sweep file to a job; see sweep_setup.h. */
#include "engine/sweep_setup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/installed.h"
#include "base/memory.h"
#include "engine/host.h"
#include "strategy/executor.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Shared indicator values of all series together. Beyond it values are computed run by run, with the same
 * bits. */
static const uint64_t column_budget_bytes = UINT64_C(256) << 20;

static status load_spec(struct sweep_setup *self, const struct setup_options *o, struct problems *problems,
                        char **problem_file, struct error *err) {
    char *read = NULL;
    size_t length = o->yaml ? strlen(o->yaml) : 0;
    status rc = o->yaml ? OK : file_read(&read, &length, o->yaml_path, err);
    if (rc != OK) return rc;
    rc = spec_parse(&self->spec, o->yaml ? o->yaml : read, length, o->yaml_path, problems);
    free(read);
    if (rc == OK) return OK;
    *problem_file = memory_text(o->yaml_path);
    return error_set(err, rc, "%s: %zu mistake%s", o->yaml_path, problems->count,
                     problems->count == 1 ? "" : "s");
}

static status load_strategy(struct sweep_setup *self, const struct setup_options *o, struct error *err) {
    const char *path = o->strategy_path ? o->strategy_path : self->spec->strategy_path;
    self->strategy_path = memory_text(path);
    if (o->strategy) {
        self->strategy = memory_text(o->strategy);
        return OK;
    }
    size_t length;
    status rc = file_read(&self->strategy, &length, path, err);
    if (rc == OK && strlen(self->strategy) != length)
        rc = error_set(err, ERR_INPUT, "%s: has a NUL byte; a strategy is a UTF-8 text file", path);
    return rc;
}

/* then: the range of an earlier sweep, whatever was added to the series since; NULL: as the sweep file says.
 */
static status load_series(struct sweep_setup *self, struct setup_series *out, const struct series_name *name,
                          const struct series_provenance *then, struct error *err) {
    const struct sweep_spec *spec = self->spec;
    status rc = mapped_series_open(&out->mapped, self->store, name->symbol, name->interval, err);
    if (rc == OK) rc = mapped_series_verify(out->mapped, err);
    if (rc != OK) return rc;
    const struct series *s = mapped_series_view(out->mapped);
    out->begin = spec->has_from ? series_lower_bound(s, spec->from_ms) : 0;
    out->end = spec->has_to ? series_lower_bound(s, spec->to_ms) : s->count;
    if (then) {
        out->begin = series_lower_bound(s, then->begin_ms);
        out->end = series_lower_bound(s, then->end_ms + 1);
    }
    if (out->begin >= out->end) {
        char first[CLOCK_TEXT_MAX] = "none", last[CLOCK_TEXT_MAX] = "none";
        if (s->count) {
            clock_format_iso(first, s->open_time[0]);
            clock_format_iso(last, s->open_time[s->count - 1]);
        }
        return error_set(err, ERR_INPUT,
                         "%s %s has no kline in the range asked for; the store %s holds %s to %s",
                         name->symbol, interval_name(name->interval), self->store, first, last);
    }
    out->first_bar = out->begin > spec->warmup ? out->begin - spec->warmup : 0;
    return OK;
}

static status make_job(struct sweep_setup *self, const struct setup_options *o, struct error *err) {
    const struct sweep_spec *spec = self->spec;
    int threads = o->threads ? o->threads : spec->threads ? spec->threads : core_count();
    struct job *job = &self->job;
    *job = (struct job){.yaml = spec->text,
                        .yaml_path = (char *)(uintptr_t)o->yaml_path,
                        .strategy = self->strategy,
                        .strategy_path = self->strategy_path,
                        .store = self->store,
                        .threads = (uint64_t)threads,
                        .trust = o->trust_strategy,
                        .parent = (uint64_t)getpid(),
                        .column_budget = column_budget_bytes / spec->series_count,
                        .series_count = spec->series_count};
    job->series = calloc(spec->series_count, sizeof *job->series);
    if (!job->series) return error_set(err, ERR_MEMORY, "out of memory");
    for (size_t i = 0; i < spec->series_count; i++)
        job->series[i] =
            (struct job_series){self->series[i].first_bar, self->series[i].begin, self->series[i].end};
    return OK;
}

status setup_make(struct sweep_setup *out, const struct setup_options *options, struct problems *problems,
                  char **problem_file, struct error *err) {
    struct sweep_setup self = {0};
    status rc = load_spec(&self, options, problems, problem_file, err);
    if (rc == OK) rc = load_strategy(&self, options, err);
    if (rc == OK) {
        const char *store = options->store ? options->store : self.spec->store;
        self.store = strdup(store ? store : options->default_store ? options->default_store : "klines");
        self.series = calloc(self.spec->series_count, sizeof *self.series);
        if (!self.store || !self.series) rc = error_set(err, ERR_MEMORY, "out of memory");
    }
    for (size_t i = 0; rc == OK && i < self.spec->series_count; i++)
        rc = load_series(&self, &self.series[i], &self.spec->series[i],
                         options->ranges ? &options->ranges[i] : NULL, err);
    if (rc == OK) rc = make_job(&self, options, err);
    *out = self;
    if (rc != OK) setup_clear(out);
    return rc;
}

void setup_clear(struct sweep_setup *setup) {
    for (size_t i = 0; setup->series && i < setup->spec->series_count; i++)
        mapped_series_close(setup->series[i].mapped);
    spec_close(setup->spec);
    free(setup->series);
    free(setup->strategy);
    free(setup->strategy_path);
    free(setup->store);
    free(setup->job.series); /* its strings are ours */
    *setup = (struct sweep_setup){0};
}

static status series_provenance(struct series_provenance *out, const struct sweep_setup *setup,
                                const struct setup_series *s) {
    const struct series *view = mapped_series_view(s->mapped);
    const struct series_info *info = mapped_series_info(s->mapped);
    snprintf(out->symbol, sizeof out->symbol, "%s", view->symbol);
    snprintf(out->interval, sizeof out->interval, "%s", interval_name(view->interval));
    out->store = realpath(setup->store, NULL); /* to be found from any folder later */
    if (!out->store) out->store = strdup(setup->store);
    out->source = strdup(info->source);
    out->bars = s->end - s->begin;
    out->begin_ms = view->open_time[s->begin];
    out->end_ms = view->open_time[s->end - 1];
    out->checksum = info->checksum;
    return out->store && out->source ? OK : ERR_MEMORY;
}

/* The filters as one condition, "" without any. */
static char *filters_as_condition(const struct sweep_spec *spec) {
    struct text out = {0};
    text_add_string(&out, "");
    for (size_t i = 0; i < spec->filter_count; i++) {
        const struct filter *f = &spec->filters[i];
        const char *name = metric_info(f->metric)->name;
        const double bounds[] = {f->minimum, f->maximum};
        for (int side = 0; side < 2; side++) {
            if (isnan(bounds[side])) continue;
            text_printf(&out, "%s%s %s ", out.length ? " and " : "", name, side ? "<=" : ">=");
            if (bounds[side] == floor(bounds[side]) && fabs(bounds[side]) < 1e15)
                text_printf(&out, "%.0f", bounds[side]);
            else
                text_add_double(&out, bounds[side]);
        }
    }
    return out.data;
}

status setup_provenance(struct provenance *out, const struct sweep_setup *setup, const char *yaml_path,
                        const char *python_version, struct error *err) {
    const struct sweep_spec *spec = setup->spec;
    *out = (struct provenance){
        .name = strdup(spec->name),
        .yaml = strdup(spec->text),
        .yaml_path = strdup(yaml_path),
        .strategy = strdup(setup->strategy),
        .strategy_path = strdup(setup->strategy_path),
        .engine_version = strdup(KMILL_VERSION),
        .python_version = strdup(python_version),
        .host = host_name(),
        .cpu = host_cpu(),
        .libc = host_libc(),
        .seed = spec->seed,
        .space_size = space_size(spec),
        .param_names = calloc(spec->param_count + 1, sizeof(char *)),
        .series = calloc(spec->series_count, sizeof(struct series_provenance)),
        .equity_points = spec->equity_points,
        .rank_metric = strdup(metric_info(spec->rank_metric)->name),
        .rank_descending = spec->rank_descending,
        .rank_where = filters_as_condition(spec),
    };
    hash_sha256_hex(out->strategy_sha256, setup->strategy, strlen(setup->strategy));
    clock_format_iso(out->started_at, clock_realtime_ms());
    bool ok = out->name && out->yaml && out->yaml_path && out->strategy && out->strategy_path &&
              out->engine_version && out->python_version && out->host && out->cpu && out->libc &&
              out->param_names && out->series && out->rank_metric && out->rank_where;
    for (size_t i = 0; ok && i < spec->param_count; i++) {
        out->param_names[out->param_count++] = strdup(spec->params[i].name);
        ok = out->param_names[i] != NULL;
    }
    for (size_t i = 0; ok && i < spec->series_count; i++)
        ok = series_provenance(&out->series[out->series_count++], setup, &setup->series[i]) == OK;
    if (ok) return OK;
    provenance_clear(out);
    return error_set(err, ERR_MEMORY, "out of memory");
}

bool setup_run_input(struct run_input *out, const struct sweep_spec *spec, const struct job_series *ranges,
                     const struct series *const *series, uint64_t index, struct parameter_value *params,
                     size_t *series_index) {
    if (!space_run(spec, index, params, series_index)) return false;
    const struct job_series *range = &ranges[*series_index];
    *out = (struct run_input){.series = series[*series_index],
                              .params = params,
                              .param_count = spec->param_count,
                              .window = space_window(params, spec->param_count),
                              .first_bar = range->first_bar,
                              .begin = range->begin,
                              .end = range->end};
    return true;
}
