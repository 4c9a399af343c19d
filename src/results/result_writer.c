/* From a journal to a result file.
 *
 * Three looks at the journal's runs: an index (which record counts for each run, sorted by run), the
 * parameters (which column types they need), then the records in order of runs, each added to columns that
 * hold one block in memory. Large objects, which are the dense columns of all but small sweeps, begin at
 * pages; small chunks do not, they would cost half a page each. The file appears under its name only when it
 * is whole and synced. */
#include "results/result_writer.h"
#include "base/clock.h"
#include "base/file.h"
#include "kline/h5_attribute.h"
#include "kline/store_file.h"
#include "kmill/series.h"
#include "results/param_column.h"
#include "results/result_attributes.h"
#include "results/result_tables.h"
#include "results/run_index.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, ALIGNED_FROM = 64 << 10, PROGRESS_EVERY = 4096 };

struct series_columns series_columns_of(const struct series *view, size_t begin, size_t count) {
    return (struct series_columns){.open_time = view->open_time + begin,
                                   .close_time = view->close_time + begin,
                                   .open = view->open + begin,
                                   .high = view->high + begin,
                                   .low = view->low + begin,
                                   .close = view->close + begin,
                                   .volume = view->volume + begin,
                                   .first_bar = begin,
                                   .count = count};
}

struct writer {
    const char *path;
    const struct result_options *options;
    struct journal_reader *reader;
    struct run_record_decoder *decoder;
    struct provenance provenance; /* the journal's, with the end of the sweep */
    struct run_index index;
    struct file_replacement replacement;
    hid_t file;

    struct h5_column run, series, state, elapsed, sparkline, trades_total, trades_offset;
    struct h5_column metrics[METRIC_COUNT];
    hid_t state_type;
    struct param_survey *surveys;
    struct param_column *params;
    struct value *values;
    struct result_tables tables;
    uint64_t trades; /* kept so far */
};

static status refused(const struct writer *self, struct error *err) {
    return error_set(err, ERR_IO, "%s: HDF5 could not write it (is the disk full?)", self->path);
}

/* ---- what there is ---- */

static status read_params(struct writer *self, uint64_t run, struct error *err) {
    if (self->provenance.param_count == 0) return OK;
    if (self->options->params(self->options->params_context, run, self->values)) return OK;
    return error_set(err, ERR_CORRUPT, "%s: the journal has run %llu, which the sweep file does not have",
                     self->path, (unsigned long long)run);
}

static status survey_params(struct writer *self, struct error *err) {
    size_t count = self->provenance.param_count;
    self->surveys = calloc(count + 1, sizeof *self->surveys);
    self->params = calloc(count + 1, sizeof *self->params);
    self->values = calloc(count + 1, sizeof *self->values);
    if (!self->surveys || !self->params || !self->values)
        return error_set(err, ERR_MEMORY, "%s: out of memory", self->path);
    for (size_t i = 0; i < self->index.count; i++) {
        status rc = read_params(self, self->index.entries[i].run, err);
        if (rc != OK) return rc;
        for (size_t p = 0; p < count; p++)
            param_survey_add(&self->surveys[p], self->values[p]);
    }
    return OK;
}

static status set_finished(struct writer *self, struct error *err) {
    char now[CLOCK_TEXT_MAX] = "";
    const char *finished = self->options->finished_at;
    if (!finished && self->options->complete) clock_format_iso(now, clock_realtime_ms());
    if (!finished) finished = now;
    if (strlen(finished) >= sizeof self->provenance.finished_at)
        return error_set(err, ERR_INPUT, "%s: \"%s\" is no time", self->path, finished);
    strcpy(self->provenance.finished_at, finished);
    return OK;
}

static status take_stock(struct writer *self, const char *journal_path, struct error *err) {
    status rc = journal_reader_open(&self->reader, journal_path, err);
    if (rc == OK) rc = run_record_decoder_open(&self->decoder, err);
    if (rc == OK) rc = provenance_copy(&self->provenance, journal_reader_provenance(self->reader), err);
    if (rc == OK) rc = set_finished(self, err);
    if (rc == OK) rc = run_index_build(&self->index, self->reader, self->decoder, err);
    if (rc == OK) rc = survey_params(self, err);
    return rc;
}

/* HDF5 cannot close a file whose last blocks found no room: what is needed is asked for before. Trades and
 * texts are packed about as tightly in the journal as in the file. */
static status check_disk(struct writer *self, struct error *err) {
    uint64_t row = 8 * (METRIC_COUNT + 6) + 4 * SPARKLINE_POINTS, candles = 0;
    for (size_t p = 0; p < self->provenance.param_count; p++)
        row += 9 + self->surveys[p].text_bytes;
    for (size_t k = 0; self->options->series && k < self->provenance.series_count; k++)
        candles += 7 * 8 * self->options->series[k].count;
    uint64_t needed =
        self->index.count * row + candles + 3 * journal_reader_bytes(self->reader) / 2 + (4 << 20);
    int64_t available = disk_free_bytes(self->path);
    if (available < 0 || (uint64_t)available >= needed) return OK;
    return error_set(err, ERR_IO,
                     "%s: needs about %llu MB of disk, %lld MB are free: the runs are safe in %s.journal",
                     self->path, (unsigned long long)(needed >> 20), (long long)available >> 20, self->path);
}

/* ---- the file and its columns ---- */

static bool make_file(struct writer *self) {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_alignment(access, ALIGNED_FROM, PAGE);
    H5Pset_sieve_buf_size(access, PAGE); /* 64 KiB for every column otherwise: blocks are written whole */
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
    self->file = H5Fcreate(self->replacement.temporary, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    return self->file >= 0;
}

/* A group whose members stay in the order in which they were made. */
static hid_t make_ordered_group(hid_t file, const char *name) {
    hid_t create = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_link_creation_order(create, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    hid_t group = H5Gcreate2(file, name, H5P_DEFAULT, create, H5P_DEFAULT);
    H5Pclose(create);
    return group;
}

static bool open_metrics(struct writer *self) {
    hid_t group = make_ordered_group(self->file, "metrics");
    bool done = group >= 0;
    for (enum metric m = 0; done && m < METRIC_COUNT; m++) {
        const struct metric_info *info = metric_info(m);
        done = h5_dense_open(&self->metrics[m], group, info->name, H5T_IEEE_F64LE, self->index.count, 1) &&
               h5_write_text(self->metrics[m].dataset, "unit", info->unit) &&
               h5_write_text(self->metrics[m].dataset, "formula", info->formula) &&
               h5_write_int64(self->metrics[m].dataset, "better", info->better);
    }
    if (group >= 0) H5Gclose(group);
    return done;
}

static bool open_params(struct writer *self) {
    hid_t group = make_ordered_group(self->file, "params");
    hid_t kinds = make_ordered_group(self->file, "param_kinds");
    bool done = group >= 0 && kinds >= 0;
    for (size_t p = 0; done && p < self->provenance.param_count; p++) {
        char name[64];
        done = param_column_open(&self->params[p], group, kinds,
                                 param_dataset_name(name, self->provenance.param_names[p], p),
                                 &self->surveys[p], self->index.count);
    }
    if (group >= 0) H5Gclose(group);
    if (kinds >= 0) H5Gclose(kinds);
    return done;
}

static bool open_dense(struct writer *self) {
    uint64_t rows = self->index.count;
    const char *names[RUN_STATUS_COUNT];
    for (enum run_status s = 0; s < RUN_STATUS_COUNT; s++)
        names[s] = run_status_name(s);
    self->state_type = h5_enum_type(names, RUN_STATUS_COUNT);
    hid_t trades = H5Gcreate2(self->file, "trades", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    bool done =
        trades >= 0 && h5_dense_open(&self->run, self->file, "run", H5T_STD_U64LE, rows, 1) &&
        h5_dense_open(&self->series, self->file, "series_index", H5T_STD_U32LE, rows, 1) &&
        h5_dense_open(&self->state, self->file, "status", self->state_type, rows, 1) &&
        h5_dense_open(&self->elapsed, self->file, "elapsed", H5T_IEEE_F64LE, rows, 1) &&
        h5_dense_open(&self->sparkline, self->file, "sparkline", H5T_IEEE_F32LE, rows, SPARKLINE_POINTS) &&
        h5_dense_open(&self->trades_total, trades, "total", H5T_STD_U64LE, rows, 1) &&
        h5_dense_open(&self->trades_offset, trades, "offset", H5T_STD_U64LE, rows + 1, 1) &&
        h5_column_add(&self->trades_offset, &self->trades, 1);
    if (trades >= 0) H5Gclose(trades);
    return done && open_metrics(self) && open_params(self);
}

static bool close_dense(struct writer *self) {
    struct h5_column *const columns[] = {&self->run,          &self->series,    &self->state,
                                         &self->elapsed,      &self->sparkline, &self->trades_total,
                                         &self->trades_offset};
    bool done = true;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        done &= h5_column_close(columns[i]);
    for (size_t m = 0; m < METRIC_COUNT; m++)
        done &= h5_column_close(&self->metrics[m]);
    for (size_t p = 0; self->params && p < self->provenance.param_count; p++)
        done &= param_column_close(&self->params[p]);
    if (self->state_type > 0) H5Tclose(self->state_type);
    return done;
}

/* ---- rows ---- */

static bool keeps_trades(const struct result_options *options, uint64_t run) {
    if (!options->keep_trades) return true;
    size_t low = 0, high = options->keep_trades_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (options->keep_trades[middle] < run)
            low = middle + 1;
        else
            high = middle;
    }
    return low < options->keep_trades_count && options->keep_trades[low] == run;
}

static bool add_dense(struct writer *self, const struct run_record *record, bool with_trades) {
    uint8_t state = (uint8_t)record->status;
    if (with_trades) self->trades += record->trade_count;
    bool done = h5_column_add(&self->run, &record->run, 1) &&
                h5_column_add(&self->series, &record->series, 1) && h5_column_add(&self->state, &state, 1) &&
                h5_column_add(&self->elapsed, &record->elapsed_seconds, 1) &&
                h5_column_add(&self->sparkline, record->sparkline, 1) &&
                h5_column_add(&self->trades_total, &record->trade_total, 1) &&
                h5_column_add(&self->trades_offset, &self->trades, 1);
    for (size_t m = 0; done && m < METRIC_COUNT; m++)
        done = h5_column_add(&self->metrics[m], &record->metrics[m], 1);
    for (size_t p = 0; done && p < self->provenance.param_count; p++)
        done = param_column_add(&self->params[p], self->values[p]);
    return done;
}

static status add_row(struct writer *self, uint64_t row, struct error *err) {
    const struct run_entry *entry = &self->index.entries[row];
    uint64_t run;
    const void *data;
    size_t length;
    struct run_record record;
    bool with_trades = keeps_trades(self->options, entry->run);
    status rc = read_params(self, entry->run, err);
    if (rc == OK) rc = journal_reader_at(self->reader, run_index_position(entry), &run, &data, &length, err);
    if (rc == OK) rc = run_record_decode(self->decoder, &record, data, length, with_trades, err);
    if (rc == OK && record.series >= self->provenance.series_count)
        rc = error_set(err, ERR_CORRUPT, "%s: run %llu belongs to series %u of %zu", self->path,
                       (unsigned long long)record.run, record.series, self->provenance.series_count);
    if (rc != OK) return rc;
    if (!add_dense(self, &record, with_trades)) return refused(self, err);
    struct error inner = {0};
    rc = result_tables_add(&self->tables, row, &record, with_trades, &inner);
    if (rc == ERR_IO && inner.code == OK) return refused(self, err);
    if (rc != OK && err) *err = inner;
    return rc;
}

static status add_rows(struct writer *self, struct error *err) {
    const struct result_options *options = self->options;
    for (uint64_t row = 0; row < self->index.count; row++) {
        status rc = add_row(self, row, err);
        if (rc != OK) return rc;
        if (options->progress && (row + 1) % PROGRESS_EVERY == 0)
            options->progress(options->progress_context, row + 1, self->index.count);
    }
    if (options->progress) options->progress(options->progress_context, self->index.count, self->index.count);
    return OK;
}

static status fill_file(struct writer *self, struct error *err) {
    if (!make_file(self) || !provenance_write_attributes(self->file, &self->provenance) ||
        !h5_write_int64(self->file, "complete", self->options->complete) ||
        !result_series_write(self->file, &self->provenance, self->options->series) || !open_dense(self) ||
        !result_tables_open(&self->tables, self->file, self->options->series, self->provenance.series_count))
        return refused(self, err);
    return add_rows(self, err);
}

static status close_file(struct writer *self, status rc, struct error *err) {
    bool done = close_dense(self);
    done &= result_tables_close(&self->tables);
    if (rc == OK) done &= result_units_write(self->file, self->provenance.series_count);
    if (self->file >= 0) done &= H5Fclose(self->file) >= 0;
    return rc == OK && !done ? refused(self, err) : rc;
}

static void writer_clear(struct writer *self) {
    journal_reader_close(self->reader);
    run_record_decoder_close(self->decoder);
    provenance_clear(&self->provenance);
    run_index_clear(&self->index);
    free(self->surveys);
    free(self->params);
    free(self->values);
}

status result_write_from(const char *path, const char *journal_path, const struct result_options *options,
                         struct error *err) {
    struct writer *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "%s: out of memory", path);
    store_begin_hdf5();
    self->path = path;
    self->options = options;
    self->file = H5I_INVALID_HID;
    status rc = take_stock(self, journal_path, err);
    if (rc == OK) rc = check_disk(self, err);
    if (rc == OK) rc = file_replace_begin(&self->replacement, path, err);
    if (rc == OK) rc = close_file(self, fill_file(self, err), err);
    if (rc == OK)
        rc = file_replace_commit(&self->replacement, err);
    else
        file_replace_abort(&self->replacement);
    writer_clear(self);
    free(self);
    return rc;
}

status result_write(const char *path, const struct result_options *options, struct error *err) {
    return result_write_from(path, path, options, err);
}
