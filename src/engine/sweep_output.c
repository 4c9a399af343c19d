/* The result file's place and making; see sweep_output.h. */
#include "engine/sweep_output.h"
#include "base/file.h"
#include "base/hash.h"
#include "sweep/progress.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0;
}

bool sweep_output_has_journal(const char *path) {
    struct text folder = {0};
    text_printf(&folder, "%s.journal", path);
    bool there = exists(folder.data);
    text_clear(&folder);
    return there;
}

status sweep_output_choose(char **path, const struct sweep_setup *setup, const struct sweep_options *options,
                           struct error *err) {
    struct text name = {0};
    if (options->output || setup->spec->output)
        text_add_string(&name, options->output ? options->output : setup->spec->output);
    else
        text_printf(&name, "%s.h5", setup->spec->name);
    *path = name.data;
    bool journal = sweep_output_has_journal(*path);
    if (journal && !options->resume)
        return error_set(
            err, ERR_EXISTS,
            "%s.journal holds the finished runs of an interrupted sweep; go on with --resume, or choose "
            "another --output (or remove that folder to lose them)",
            *path);
    /* With its journal still there, the file was made from it, and killed before the journal went away. */
    if (exists(*path) && !options->overwrite && !journal)
        return error_set(
            err, ERR_EXISTS,
            options->resume && !journal
                ? "%s is complete: there is nothing to resume"
                : "%s exists; choose another --output, or --overwrite to replace it when the sweep is done",
            *path);
    return OK;
}

static const char *what_changed(const struct provenance *before, const struct sweep_setup *setup) {
    char sha[SHA256_HEX_MAX];
    hash_sha256_hex(sha, setup->strategy, strlen(setup->strategy));
    if (strcmp(before->yaml, setup->spec->text)) return "the sweep file";
    if (strcmp(before->strategy_sha256, sha)) return "the strategy";
    if (before->series_count != setup->spec->series_count) return "the list of series";
    for (size_t i = 0; i < before->series_count; i++) {
        const struct setup_series *now = &setup->series[i];
        const struct series *view = mapped_series_view(now->mapped);
        const struct series_provenance *then = &before->series[i];
        if (then->checksum != mapped_series_info(now->mapped)->checksum ||
            then->bars != now->end - now->begin || then->begin_ms != view->open_time[now->begin])
            return view->symbol;
    }
    if (strcmp(before->engine_version, KMILL_VERSION)) return "kmill itself";
    return NULL;
}

status sweep_output_same(const struct provenance *before, const struct sweep_setup *setup,
                         struct error *err) {
    const char *changed = what_changed(before, setup);
    if (!changed) return OK;
    return error_set(
        err, ERR_INPUT,
        "%s changed since this sweep began (%s): restore it to resume, or start anew with another --output",
        changed, before->started_at);
}

status sweep_output_room(const char *path, const struct sweep_setup *setup, struct error *err) {
    const struct sweep_spec *spec = setup->spec;
    uint64_t longest = 0;
    for (size_t i = 0; i < spec->series_count; i++) {
        uint64_t bars = setup->series[i].end - setup->series[i].begin;
        if (bars > longest) longest = bars;
    }
    uint64_t points = spec->equity_points && spec->equity_points < longest ? spec->equity_points : longest;
    bool exact;
    double runs = (double)space_count_allowed(spec, 100000, &exact);
    double curves = spec->keep_equity == KEEP_ALL   ? runs
                    : spec->keep_equity == KEEP_TOP ? (double)spec->keep_equity_top
                                                    : 0;
    if (curves > runs) curves = runs;
    /* A row in the journal and again in the result file; a curve of doubles compresses at least 2:1, seen 3.6
     * and up. */
    double need =
        runs * 2.0 * (METRIC_COUNT * 8.0 + SPARKLINE_POINTS * 4.0 + (double)spec->param_count * 8.0 + 64.0) +
        curves * 2.0 * (double)points * 8.0 / 2.0;
    double have = (double)disk_free_bytes(path);
    if (have < 0 || need <= have) return OK;
    return error_set(
        err, ERR_INPUT,
        "about %.1f GB are needed for %.0f runs (%.0f curves of %llu points) and %s has %.1f GB free: keep "
        "fewer curves or points (keep: in the sweep file), or choose another --output",
        need / 1e9, runs, curves, (unsigned long long)points, path, have / 1e9);
}

struct row_context {
    const struct sweep_spec *spec;
    struct parameter_value *params;
};

static bool row_params(void *context, uint64_t run, struct value *values) {
    struct row_context *row = context;
    size_t series;
    if (!space_run(row->spec, run, row->params, &series)) return false;
    for (size_t i = 0; i < row->spec->param_count; i++)
        values[i] = row->params[i].value;
    return true;
}

/* What charts and timestamps need of the klines later, without the store. */
static void series_columns_of(struct series_columns *out, const struct setup_series *s) {
    const struct series *view = mapped_series_view(s->mapped);
    size_t at = s->begin;
    *out = (struct series_columns){.open_time = view->open_time + at,
                                   .close_time = view->close_time + at,
                                   .open = view->open + at,
                                   .high = view->high + at,
                                   .low = view->low + at,
                                   .close = view->close + at,
                                   .volume = view->volume + at,
                                   .first_bar = at,
                                   .count = s->end - at};
}

status sweep_output_write(const char *path, const struct sweep_setup *setup, struct progress *progress,
                          struct error *err) {
    const struct sweep_spec *spec = setup->spec;
    struct row_context row = {spec, calloc(spec->param_count + 1, sizeof *row.params)};
    struct series_columns *columns = calloc(spec->series_count, sizeof *columns);
    status rc = row.params && columns ? OK : error_set(err, ERR_MEMORY, "out of memory");
    if (rc == OK) {
        for (size_t i = 0; i < spec->series_count; i++)
            series_columns_of(&columns[i], &setup->series[i]);
        progress_note(progress, "writing %s", path);
        const struct result_options options = {
            .params = row_params, .params_context = &row, .series = columns, .complete = true};
        rc = result_write(path, &options, err);
    }
    if (rc == OK) rc = journal_remove(path, err);
    free(row.params);
    free(columns);
    return rc;
}
