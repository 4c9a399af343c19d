/* The result file's place and making; see sweep_output.h. */
#include "engine/sweep_output.h"
#include "base/file.h"
#include "base/hash.h"
#include "engine/run_params.h"
#include "sweep/progress.h"
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0;
}

bool sweep_output_has_journal(const char *path) {
    return journal_state_of(path) != JOURNAL_NONE;
}

/* A place where a file can be made at the end of the sweep. */
static status check_place(const char *path, struct error *err) {
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return error_set(err, ERR_INPUT, "%s is no file; name a file for the result with --output", path);
    char *copy = strdup(path), *folder = copy ? dirname(copy) : NULL;
    status rc = OK;
    if (!folder)
        rc = error_set(err, ERR_MEMORY, "out of memory");
    else if (access(folder, W_OK | X_OK))
        rc = error_set_errno(err, ERR_INPUT, "%s: no file can be made in its folder", path);
    free(copy);
    return rc;
}

static status check_journal(const char *path, bool resume, struct error *err) {
    enum journal_state state = journal_state_of(path);
    if (state == JOURNAL_IN_USE)
        return error_set(
            err, ERR_EXISTS,
            "another kmill is running this sweep right now (%s.journal); choose another --output", path);
    if (state == JOURNAL_UNFINISHED && !resume)
        return error_set(
            err, ERR_EXISTS,
            "%s.journal holds the finished runs of an interrupted sweep; go on with --resume, or choose "
            "another --output (or remove that folder to lose them)",
            path);
    return OK;
}

static status check_result(const char *path, const struct sweep_options *options, struct error *err) {
    /* With its journal still there, the file was made from it, and killed before the journal went away. */
    if (!exists(path) || options->overwrite || sweep_output_has_journal(path)) return OK;
    if (options->resume)
        return error_set(
            err, ERR_EXISTS,
            "%s is complete: there is nothing to resume (its failed runs run again only in a new sweep)",
            path);
    return error_set(
        err, ERR_EXISTS,
        "%s exists; choose another --output, or --overwrite to replace it when the sweep is done", path);
}

status sweep_output_choose(char **path, const struct sweep_setup *setup, const struct sweep_options *options,
                           struct error *err) {
    struct text name = {0};
    if (options->output || setup->spec->output)
        text_add_string(&name, options->output ? options->output : setup->spec->output);
    else
        text_printf(&name, "%s.h5", setup->spec->name);
    *path = name.data;
    status rc = check_place(*path, err);
    if (rc == OK) rc = check_journal(*path, options->resume, err);
    if (rc == OK) rc = check_result(*path, options, err);
    return rc;
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
    /* In the journal and again in the result file; a curve of doubles compresses at least 2:1, seen 3.6 and
     * up. */
    double need = curves * 2.0 * (double)points * 8.0 / 2.0;
    double have = (double)disk_free_bytes(path);
    if (have <= 0 || need <= have) return OK;
    return error_set(
        err, ERR_INPUT,
        "about %.1f GB are needed for %.0f equity curves of %llu points and %s has %.1f GB free: keep fewer "
        "curves or points (keep: in the sweep file), or choose another --output",
        need / 1e9, curves, (unsigned long long)points, path, have / 1e9);
}

status sweep_output_write(const char *path, const struct sweep_setup *setup, struct progress *progress,
                          struct error *err) {
    const struct sweep_spec *spec = setup->spec;
    struct run_params row = {spec, calloc(spec->param_count + 1, sizeof *row.values)};
    struct series_columns *columns = calloc(spec->series_count, sizeof *columns);
    status rc = row.values && columns ? OK : error_set(err, ERR_MEMORY, "out of memory");
    if (rc == OK) {
        for (size_t i = 0; i < spec->series_count; i++) {
            const struct setup_series *s = &setup->series[i];
            columns[i] = series_columns_of(mapped_series_view(s->mapped), s->begin, s->end - s->begin);
        }
        progress_note(progress, "writing %s", path);
        const struct result_options options = {
            .params = run_params_get, .params_context = &row, .series = columns, .complete = true};
        rc = result_write(path, &options, err);
    }
    if (rc == OK) rc = journal_remove(path, err);
    free(row.values);
    free(columns);
    return rc;
}
