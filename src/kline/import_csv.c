/* The import as a sequence of steps per series: read its files, sort, drop duplicates, look whether the
 * interval can be right, merge with the stored series, write beside. Only when all series stand there are
 * they renamed. One series is in memory at a time. */
#include "kline/import_csv.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "kline/csv_rows.h"
#include "kline/csv_source.h"
#include "kline/merge.h"
#include "kline/spacing.h"
#include "kline/store_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One series of the call: its files in the order given, then its written file. */
struct job {
    char symbol[SYMBOL_MAX];
    enum interval interval;
    const char **files;
    size_t file_count, first_number;
    struct file_replacement written;
};

struct import {
    const char *store;
    const struct csv_options *options;
    struct job *jobs;
    struct csv_result *results;
    size_t job_count, file_count, files_before;
    int lock; /* of the store, from the first series read to the last one renamed */
    struct error *err;
};

/* ---- which file belongs to which series
 * ----------------------------------------------------------------------- */

static status identify(const struct csv_options *options, const char *file, char symbol[SYMBOL_MAX],
                       enum interval *interval, struct error *err) {
    bool named = csv_name_parse(symbol, interval, file);
    if (!named && !(options->symbol && options->interval))
        return error_set(
            err, ERR_INPUT,
            "%s: the name does not tell symbol and interval (SYMBOL-INTERVAL[-YYYY-MM-DD].csv does); pass "
            "--symbol and --interval",
            file);
    if (options->symbol) {
        snprintf(symbol, SYMBOL_MAX, "%s", options->symbol);
        for (char *c = symbol; *c; c++)
            *c = (char)toupper((unsigned char)*c);
    }
    if (!store_symbol_valid(options->symbol ? options->symbol : symbol))
        return error_set(err, ERR_INPUT, "symbol \"%s\": use 1 to %d letters, digits, '_', '-' or '.'",
                         options->symbol ? options->symbol : symbol, SYMBOL_MAX - 1);
    if (options->interval && !interval_parse(interval, options->interval))
        return error_set(err, ERR_INPUT, "interval \"%s\": use one of " INTERVAL_NAMES, options->interval);
    return OK;
}

/* import->jobs and each job's files have room for every file. */
static status add_file(struct import *import, const char *file) {
    char symbol[SYMBOL_MAX];
    enum interval interval;
    status rc = identify(import->options, file, symbol, &interval, import->err);
    if (rc != OK) return rc;
    struct job *job = import->jobs;
    while (job < import->jobs + import->job_count &&
           (strcmp(job->symbol, symbol) != 0 || job->interval != interval))
        job++;
    if (job == import->jobs + import->job_count) {
        job->files = calloc(import->file_count, sizeof *job->files);
        if (!job->files) return error_set(import->err, ERR_MEMORY, "out of memory");
        memcpy(job->symbol, symbol, sizeof symbol);
        job->interval = interval;
        import->job_count++;
    }
    job->files[job->file_count++] = file;
    return OK;
}

/* ---- reading
 * -------------------------------------------------------------------------------------------------- */

static void tell_progress(struct import *import, const char *file, const struct csv_source *source,
                          size_t rows) {
    if (!import->options->progress) return;
    struct csv_progress progress = {.file = file,
                                    .file_number = import->files_before + 1,
                                    .file_count = import->file_count,
                                    .done = csv_source_progress(source),
                                    .rows = rows};
    import->options->progress(import->options->context, &progress);
}

static status read_text(struct import *import, struct csv_rows *rows, const char *file,
                        struct csv_source *source) {
    const char *begin;
    size_t length, before = rows->columns.view.count;
    status rc = csv_rows_begin_text(rows, csv_source_name(source), import->err);
    while (rc == OK) {
        if (cancel_requested())
            return error_set(import->err, ERR_CANCELLED, "interrupted; the store is unchanged");
        rc = csv_source_read(source, &begin, &length, import->err);
        if (rc != OK || length == 0) break;
        rc = csv_rows_add(rows, begin, length, import->err);
        tell_progress(import, file, source, rows->columns.view.count);
    }
    if (rc == OK && rows->columns.view.count == before)
        return error_set(import->err, ERR_INPUT, "%s: holds no candle", csv_source_name(source));
    return rc;
}

static status read_file(struct import *import, struct csv_rows *rows, const char *file) {
    struct csv_source *source;
    bool more;
    status rc = csv_source_open(&source, file, import->err);
    if (rc != OK) return rc;
    while ((rc = csv_source_next_text(source, &more, import->err)) == OK && more)
        if ((rc = read_text(import, rows, file, source)) != OK) break;
    csv_source_close(source);
    return rc;
}

static status refuse_conflict(const struct import *import, const struct csv_rows *rows,
                              const struct kline_conflict *conflict) {
    const struct series *view = &rows->columns.view;
    uint32_t line, other_line;
    char values[CONFLICT_TEXT_MAX], iso[CLOCK_TEXT_MAX];
    const char *name = csv_rows_place(rows, conflict->first, &line);
    const char *other = csv_rows_place(rows, conflict->second, &other_line);
    kline_conflict_text(values, view, view, conflict);
    clock_format_iso(iso, view->open_time[conflict->first]);
    return error_set(import->err, ERR_INPUT,
                     "%s:%u and %s:%u: two different candles open at %s (%s); remove one of them", name, line,
                     other, other_line, iso, values);
}

static status read_job(struct import *import, const struct job *job, struct csv_rows *rows,
                       struct csv_result *result) {
    struct kline_conflict conflict;
    status rc = OK;
    rows->columns.view.interval = job->interval;
    memcpy(rows->columns.view.symbol, job->symbol, sizeof job->symbol);
    for (size_t i = 0; rc == OK && i < job->file_count; i++) {
        rc = read_file(import, rows, job->files[i]);
        import->files_before++;
    }
    if (rc != OK) return rc;
    result->files = job->file_count;
    result->rows = rows->columns.view.count;
    if ((rc = kline_columns_sort(&rows->columns, rows->where, import->err)) != OK) return rc;
    if (!kline_drop_duplicates(&rows->columns, rows->where, &result->duplicates, &conflict))
        return refuse_conflict(import, rows, &conflict);
    return kline_spacing_check(&rows->columns.view, job->files[0], import->err);
}

/* ---- merging and writing
 * -------------------------------------------------------------------------------------- */

/* "csv: FILE" or "csv: N files", behind what the stored series says already, if it says something else. */
static void describe_source(char out[256], const struct import *import, const struct job *job,
                            const char *before) {
    char own[256];
    const char *slash = strrchr(job->files[0], '/');
    if (import->options->source) {
        snprintf(own, sizeof own, "%s", import->options->source);
    } else if (job->file_count == 1) {
        snprintf(own, sizeof own, "csv: %s", slash ? slash + 1 : job->files[0]);
    } else {
        snprintf(own, sizeof own, "csv: %zu files", job->file_count);
    }
    if (!before || strcmp(before, own) == 0 || strlen(before) + strlen(own) + 3 > 256) {
        snprintf(out, 256, "%s", own);
    } else {
        snprintf(out, 256, "%.*s; %.*s", 125, before, 125, own);
    }
}

static status refuse_stored_conflict(const struct import *import, const struct csv_rows *rows,
                                     const struct series *old, const struct kline_conflict *conflict) {
    uint32_t line;
    char values[CONFLICT_TEXT_MAX], iso[CLOCK_TEXT_MAX];
    const char *name = csv_rows_place(rows, conflict->second, &line);
    kline_conflict_text(values, old, &rows->columns.view, conflict);
    clock_format_iso(iso, old->open_time[conflict->first]);
    return error_set(
        import->err, ERR_INPUT,
        "%s:%u: differs from candle %zu of the stored %s %s, which opens at %s (%s); --replace overwrites "
        "the whole series",
        name, line, conflict->first, old->symbol, interval_name(old->interval), iso, values);
}

static status merge_job(struct import *import, struct job *job, const struct csv_rows *rows,
                        const struct mapped_series *old, struct csv_result *result) {
    struct kline_merge merge = {0};
    struct kline_conflict conflict;
    char source[256];
    const struct series *view = mapped_series_view(old);
    status rc = mapped_series_verify(old, import->err);
    if (rc != OK) return rc;
    rc = kline_merge(&merge, view, mapped_series_partial(old), &rows->columns.view, &conflict, import->err);
    if (rc == ERR_INPUT) rc = refuse_stored_conflict(import, rows, view, &conflict);
    if (rc == OK) {
        result->known = merge.repeated;
        result->added = merge.added;
        result->info = *mapped_series_info(old);
        describe_source(source, import, job, result->info.source);
        if (merge.changed)
            rc = store_prepare(&job->written, &result->info, import->store, &merge.columns.view,
                               merge.partial, source, import->err);
    }
    kline_merge_clear(&merge);
    return rc;
}

/* Reads one series and leaves it written beside its place; nothing is written if the store has all of it. */
static status prepare_job(struct import *import, struct job *job, struct csv_result *result) {
    struct csv_rows rows = {0};
    struct mapped_series *old = NULL;
    char source[256];
    int64_t start = clock_monotonic_ns();
    status rc = read_job(import, job, &rows, result);
    int64_t parsed = clock_monotonic_ns();
    result->read_seconds = (double)(parsed - start) * 1e-9;
    if (rc != OK) goto done;
    if (import->lock < 0 && (rc = store_lock(&import->lock, import->store, import->err)) != OK) goto done;
    if (!import->options->replace) {
        rc = mapped_series_open(&old, import->store, job->symbol, job->interval, import->err);
        if (rc != OK && rc != ERR_NOT_FOUND) goto done;
    }
    if (old) {
        rc = merge_job(import, job, &rows, old, result);
    } else {
        result->added = rows.columns.view.count;
        describe_source(source, import, job, NULL);
        rc = store_prepare(&job->written, &result->info, import->store, &rows.columns.view, NULL, source,
                           import->err);
    }
done:
    result->write_seconds = (double)(clock_monotonic_ns() - parsed) * 1e-9;
    mapped_series_close(old);
    csv_rows_clear(&rows);
    return rc;
}

static status run_import(struct import *import, const char *const *files) {
    status rc = OK;
    for (size_t i = 0; rc == OK && i < import->file_count; i++)
        rc = add_file(import, files[i]);
    for (size_t i = 0; rc == OK && i < import->job_count; i++)
        rc = prepare_job(import, &import->jobs[i], &import->results[i]);
    for (size_t i = 0; rc == OK && i < import->job_count; i++)
        if (import->jobs[i].written.path) rc = file_replace_commit(&import->jobs[i].written, import->err);
    for (size_t i = 0; i < import->job_count; i++) {
        file_replace_abort(&import->jobs[i].written);
        free(import->jobs[i].files);
    }
    store_unlock(import->lock);
    return rc;
}

status import_csv(struct csv_result **out, size_t *count, const char *store, const char *const *files,
                  size_t file_count, const struct csv_options *options, struct error *err) {
    struct import import = {
        .store = store, .options = options, .file_count = file_count, .lock = -1, .err = err};
    status rc;
    *out = NULL;
    *count = 0;
    import.jobs = calloc(file_count + 1, sizeof *import.jobs);
    import.results = calloc(file_count + 1, sizeof *import.results);
    if (import.jobs && import.results) {
        rc = run_import(&import, files);
    } else {
        rc = error_set(err, ERR_MEMORY, "out of memory");
    }
    if (rc == OK) {
        *out = import.results;
        *count = import.job_count;
        import.results = NULL;
    }
    free(import.results);
    free(import.jobs);
    return rc;
}
