/* Opening a result file. Columns that are contiguous are mapped (the whole file once, columns by
 * H5Dget_offset); a column that is not, as in a file that another program repacked, is read into memory
 * instead. Nothing of the file is trusted: extents and types are checked against the number of rows before a
 * pointer is handed out. */
#include "base/file.h"
#include "base/problems.h"
#include "kline/h5_attribute.h"
#include "kline/store_file.h"
#include "results/result_attributes.h"
#include "results/result_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_CACHE = 512 << 10 }; /* four chunks of a flat column */

status result_damaged(const struct result *result, const char *what, struct error *err) {
    return error_set(err, ERR_CORRUPT, "%s: is damaged: %s", result->path, what);
}

/* ---- datasets ---- */

static bool one_dimensional(hid_t dataset, uint64_t *length, uint64_t *per_row) {
    hsize_t extent[2] = {0, 1};
    hid_t space = H5Dget_space(dataset);
    int rank = H5Sget_simple_extent_ndims(space);
    bool fits = rank >= 1 && rank <= 2 && H5Sget_simple_extent_dims(space, extent, NULL) >= 0;
    H5Sclose(space);
    *length = extent[0];
    *per_row = rank == 2 ? extent[1] : 1;
    return fits;
}

/* The dataset, kept open while there is room for it: *is_kept false means that the caller closes it. */
static hid_t dataset_named(struct result *self, const char *name, bool *is_kept) {
    *is_kept = true;
    for (size_t i = 0; i < self->dataset_count; i++)
        if (strcmp(self->datasets[i].name, name) == 0) return self->datasets[i].dataset;
    hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access, 61, CHUNK_CACHE, 1.0);
    hid_t dataset = H5Dopen2(self->file, name, access);
    H5Pclose(access);
    struct open_dataset *slot = &self->datasets[self->dataset_count];
    *is_kept = dataset >= 0 && self->dataset_count < OPEN_DATASETS && strlen(name) < sizeof slot->name;
    if (*is_kept) {
        strcpy(slot->name, name);
        slot->dataset = dataset;
        self->dataset_count++;
    }
    return dataset;
}

bool result_length(struct result *result, const char *name, uint64_t *length) {
    uint64_t per_row;
    bool is_kept;
    hid_t dataset = dataset_named(result, name, &is_kept);
    bool done = dataset >= 0 && one_dimensional(dataset, length, &per_row) && per_row == 1;
    if (dataset >= 0 && !is_kept) H5Dclose(dataset);
    return done;
}

static bool read_slice(hid_t dataset, hid_t type, uint64_t start, uint64_t count, void *out) {
    hsize_t from = start, extent = count;
    hid_t file_space = H5Dget_space(dataset), memory_space = H5Screate_simple(1, &extent, NULL);
    bool done = H5Sselect_hyperslab(file_space, H5S_SELECT_SET, &from, NULL, &extent, NULL) >= 0 &&
                H5Dread(dataset, type, memory_space, file_space, H5P_DEFAULT, out) >= 0;
    H5Sclose(file_space);
    H5Sclose(memory_space);
    return done;
}

bool result_read_slice(struct result *result, const char *name, hid_t type, uint64_t start, uint64_t count,
                       void *out) {
    uint64_t length, per_row;
    bool is_kept;
    hid_t dataset = dataset_named(result, name, &is_kept);
    if (dataset < 0) return false;
    bool done = one_dimensional(dataset, &length, &per_row) && per_row == 1 && start <= length &&
                count <= length - start && (count == 0 || read_slice(dataset, type, start, count, out));
    if (!is_kept) H5Dclose(dataset);
    return done;
}

/* Where the column's bytes lie in the mapping; NULL if it is not contiguous, misaligned or beyond the end. */
static const void *mapped_column(const struct result *result, hid_t dataset, uint64_t bytes) {
    haddr_t offset = H5Dget_offset(dataset);
    if (offset == HADDR_UNDEF || offset % 8 != 0 || offset > result->mapping_length ||
        bytes > result->mapping_length - offset)
        return NULL;
    return result->mapping + offset;
}

/* A column of `rows` rows of per_row elements of `type`, mapped or read. NULL if it is not that. */
static const void *open_column(struct result *result, const char *name, hid_t type, uint64_t rows,
                               uint64_t per_row) {
    uint64_t have_rows, have_per_row, bytes;
    hid_t dataset = H5Dopen2(result->file, name, H5P_DEFAULT);
    if (dataset < 0) return NULL;
    hid_t stored = H5Dget_type(dataset);
    const void *column = NULL;
    bool fits = one_dimensional(dataset, &have_rows, &have_per_row) && have_rows == rows &&
                have_per_row == per_row && H5Tget_size(stored) == H5Tget_size(type) &&
                !__builtin_mul_overflow(rows * per_row, H5Tget_size(type), &bytes);
    if (fits && rows == 0) column = "";
    if (fits && !column && H5Tequal(stored, type) > 0) column = mapped_column(result, dataset, bytes);
    if (fits && !column && H5Tget_class(stored) == H5Tget_class(type)) {
        void *copy = arena_alloc(&result->copies, bytes);
        if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, copy) >= 0) column = copy;
    }
    H5Tclose(stored);
    H5Dclose(dataset);
    return column;
}

/* As open_column, of whatever type the dataset has: its size in *bytes. */
static const void *open_any_column(struct result *result, const char *name, uint64_t rows, size_t *bytes) {
    hid_t dataset = H5Dopen2(result->file, name, H5P_DEFAULT);
    if (dataset < 0) return NULL;
    hid_t type = H5Dget_type(dataset);
    *bytes = H5Tget_size(type);
    const void *column = H5Tis_variable_str(type) > 0 ? NULL : open_column(result, name, type, rows, 1);
    H5Tclose(type);
    H5Dclose(dataset);
    return column;
}

/* ---- opening ---- */

static status open_dense(struct result *self, struct error *err) {
    uint64_t rows;
    if (!result_length(self, "run", &rows)) return result_damaged(self, "it has no runs", err);
    self->row_count = rows;
    hid_t state = H5I_INVALID_HID, dataset = H5Dopen2(self->file, "status", H5P_DEFAULT);
    if (dataset >= 0) state = H5Dget_type(dataset);
    self->run = open_column(self, "run", H5T_STD_U64LE, rows, 1);
    self->series_index = open_column(self, "series_index", H5T_STD_U32LE, rows, 1);
    self->state = state >= 0 && H5Tget_size(state) == 1 ? open_column(self, "status", state, rows, 1) : NULL;
    self->elapsed = open_column(self, "elapsed", H5T_IEEE_F64LE, rows, 1);
    self->sparkline = open_column(self, "sparkline", H5T_IEEE_F32LE, rows, SPARKLINE_POINTS);
    self->trades_total = open_column(self, "trades/total", H5T_STD_U64LE, rows, 1);
    self->trades_offset = open_column(self, "trades/offset", H5T_STD_U64LE, rows + 1, 1);
    if (state >= 0) H5Tclose(state);
    if (dataset >= 0) H5Dclose(dataset);
    if (self->run && self->series_index && self->state && self->elapsed && self->sparkline &&
        self->trades_total && self->trades_offset)
        return OK;
    return result_damaged(self, "a column is missing or has another length", err);
}

static bool open_param(struct result *self, struct stored_param *param, const char *name, size_t index) {
    char safe[64], path[512], encoding[16] = "";
    snprintf(path, sizeof path, "params/%s", param_dataset_name(safe, name, index));
    hid_t dataset = H5Dopen2(self->file, path, H5P_DEFAULT);
    if (dataset < 0) return false;
    bool done = h5_read_text(encoding, sizeof encoding, dataset, "encoding");
    H5Dclose(dataset);
    param->data = done ? open_any_column(self, path, self->row_count, &param->bytes) : NULL;
    param->encoding = PARAM_ENCODINGS;
    for (unsigned e = 0; e < PARAM_ENCODINGS; e++)
        if (strcmp(encoding, param_encoding_names[e]) == 0) param->encoding = (enum param_encoding)e;
    bool is_number =
        param->encoding == PARAM_INT || param->encoding == PARAM_FLOAT || param->encoding == PARAM_NUMBER;
    if ((is_number && param->bytes != 8) || (param->encoding == PARAM_BOOL && param->bytes != 1))
        return false;
    if (param->encoding == PARAM_NUMBER) {
        snprintf(path, sizeof path, "param_kinds/%s", param_dataset_name(safe, name, index));
        param->kinds = open_column(self, path, H5T_STD_U8LE, self->row_count, 1);
        if (!param->kinds) return false;
    }
    return param->data && param->encoding != PARAM_ENCODINGS;
}

static status open_params(struct result *self, struct error *err) {
    size_t count = self->provenance.param_count;
    self->params = calloc(count + 1, sizeof *self->params);
    self->series = calloc(self->provenance.series_count + 1, sizeof *self->series);
    if (!self->params || !self->series) return error_set(err, ERR_MEMORY, "%s: out of memory", self->path);
    for (size_t p = 0; p < count; p++)
        if (!open_param(self, &self->params[p], self->provenance.param_names[p], p))
            return result_damaged(self, "a parameter's column is missing", err);
    return OK;
}

/* Maps the very file that HDF5 has open, whatever its name points to by now. */
static status map_file(struct result *self, struct error *err) {
    void *handle = NULL;
    struct stat about;
    if (H5Fget_vfd_handle(self->file, H5P_DEFAULT, &handle) < 0 || !handle ||
        fstat(*(int *)handle, &about) < 0)
        return error_set_errno(err, ERR_IO, "%s: cannot be mapped", self->path);
    void *mapping = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, *(int *)handle, 0);
    if (mapping == MAP_FAILED) return error_set_errno(err, ERR_IO, "%s: cannot be mapped", self->path);
    self->mapping = mapping;
    self->mapping_length = (size_t)about.st_size;
    return OK;
}

static status open_file(struct result *self, struct error *err) {
    struct stat about;
    if (access(self->path, R_OK) != 0)
        return error_set_errno(err, errno == EACCES ? ERR_IO : ERR_NOT_FOUND, "%s: cannot be opened",
                               self->path);
    if (stat(self->path, &about) == 0 && S_ISDIR(about.st_mode))
        return error_set(err, ERR_INPUT, "%s: is a folder; a result file is needed", self->path);
    self->file = store_open_file(self->path);
    if (self->file < 0)
        return error_set(err, ERR_INPUT, "%s: is no result file of kmill, or one that was cut off",
                         self->path);
    status rc = provenance_read_attributes(&self->provenance, self->file, self->path, err);
    int64_t complete = 0;
    if (rc == OK && !h5_read_int64(&complete, self->file, "complete"))
        rc = result_damaged(self, "the mark of completeness is missing", err);
    self->complete = complete != 0;
    if (rc == OK) rc = map_file(self, err);
    if (rc == OK) rc = open_dense(self, err);
    return rc == OK ? open_params(self, err) : rc;
}

status result_open(struct result **out, const char *path, struct error *err) {
    struct result *self = calloc(1, sizeof *self);
    if (self) self->path = strdup(path);
    if (!self || !self->path) {
        free(self);
        return error_set(err, ERR_MEMORY, "%s: out of memory", path);
    }
    self->file = H5I_INVALID_HID;
    store_begin_hdf5();
    status rc = open_file(self, err);
    if (rc == OK)
        *out = self;
    else
        result_close(self);
    return rc;
}

status result_open_journal(struct result **out, const char *path, const struct result_options *options,
                           struct error *err) {
    const char *folder = getenv("TMPDIR");
    char *temporary = path_join(folder && *folder ? folder : "/tmp", "kmill-result-XXXXXX");
    int file = mkstemp(temporary);
    status rc = file < 0 ? error_set_errno(err, ERR_IO, "%s: cannot be made", temporary) : OK;
    if (rc == OK) {
        struct result_options partial = *options;
        partial.complete = false;
        close(file);
        rc = result_write_from(temporary, path, &partial, err);
        if (rc == OK) rc = result_open(out, temporary, err);
        unlink(temporary);
    }
    free(temporary);
    return rc;
}

void result_close(struct result *result) {
    if (!result) return;
    for (size_t k = 0; result->series && k < result->provenance.series_count; k++) {
        free(result->series[k].memory);
        free(result->series[k].equity.rows);
    }
    for (size_t i = 0; i < result->dataset_count; i++)
        H5Dclose(result->datasets[i].dataset);
    if (result->file >= 0) H5Fclose(result->file);
    if (result->mapping_length) munmap((void *)result->mapping, result->mapping_length);
    provenance_clear(&result->provenance);
    arena_clear(&result->copies);
    arena_clear(&result->decoded);
    text_set_clear(&result->texts);
    arena_clear(&result->record_texts);
    free(result->errors.rows);
    free(result->log.rows);
    free(result->warnings.rows);
    free(result->trades);
    free(result->params);
    free(result->series);
    free(result->path);
    free(result);
}

/* ---- rows and columns ---- */

const struct provenance *result_provenance(const struct result *result) {
    return &result->provenance;
}

uint64_t result_run_count(const struct result *result) {
    return result->row_count;
}

bool result_complete(const struct result *result) {
    return result->complete;
}

status result_row_of_run(const struct result *result, uint64_t *row, uint64_t run, struct error *err) {
    uint64_t low = 0, high = result->row_count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (result->run[middle] < run)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < result->row_count && result->run[low] == run) {
        *row = low;
        return OK;
    }
    char near[64] = "";
    if (low > 0 && low < result->row_count)
        snprintf(near, sizeof near, ", the nearest are %llu and %llu",
                 (unsigned long long)result->run[low - 1], (unsigned long long)result->run[low]);
    else if (result->row_count > 0)
        snprintf(near, sizeof near, ", the nearest is %llu",
                 (unsigned long long)result->run[low ? low - 1 : 0]);
    return error_set(err, ERR_NOT_FOUND, "%s: there is no run %llu%s", result->path, (unsigned long long)run,
                     near);
}

uint64_t result_run_of_row(const struct result *result, uint64_t row) {
    return result->run[row];
}

int result_status(const struct result *result, uint64_t row) {
    return result->state[row] < RUN_STATUS_COUNT ? result->state[row] : RUN_CRASHED;
}

uint64_t result_count_failed(const struct result *result) {
    uint64_t failed = 0;
    for (uint64_t row = 0; row < result_run_count(result); row++)
        failed += result_status(result, row) != RUN_DONE;
    return failed;
}

double result_elapsed(const struct result *result, uint64_t row) {
    return result->elapsed[row];
}

size_t result_series_of(const struct result *result, uint64_t row) {
    size_t series = result->series_index[row];
    return series < result->provenance.series_count ? series : 0;
}

status result_metric_column(struct result *result, const double **out, enum metric metric,
                            struct error *err) {
    if (!result->metrics[metric]) {
        char name[96];
        snprintf(name, sizeof name, "metrics/%s", metric_info(metric)->name);
        result->metrics[metric] = open_column(result, name, H5T_IEEE_F64LE, result->row_count, 1);
        if (!result->metrics[metric])
            return error_set(err, ERR_CORRUPT, "%s: has no column of the metric %s", result->path,
                             metric_info(metric)->name);
    }
    *out = result->metrics[metric];
    return OK;
}

size_t result_param_count(const struct result *result) {
    return result->provenance.param_count;
}

const char *result_param_name(const struct result *result, size_t param) {
    return result->provenance.param_names[param];
}

status result_param(struct result *result, struct value *out, size_t param, uint64_t row, struct error *err) {
    const struct stored_param *stored = &result->params[param];
    const unsigned char *element = stored->data + row * stored->bytes;
    uint8_t kind = stored->kinds ? stored->kinds[row] : 0;
    arena_reset(&result->decoded);
    if (!param_decode(out, stored->encoding, element, stored->bytes, kind, &result->decoded))
        return result_damaged(result, "a parameter's value is none", err);
    if (out->kind != VALUE_TEXT || out->text == (const char *)element) return OK;
    out->text = text_set_keep(&result->texts, out->text);
    return out->text ? OK : error_set(err, ERR_MEMORY, "%s: out of memory", result->path);
}
