/* Opening a series: HDF5 says where the columns lie, mmap brings them, nothing is copied.
 *
 * The mapping is made through HDF5's own file descriptor, so offsets and bytes are of one file even if it is
 * replaced at that moment. Every offset is checked against the file's size, as a page behind its end would be
 * a SIGBUS in the middle of a sweep. */
#include "base/hash.h"
#include "base/problems.h"
#include "base/text.h"
#include "kline/h5_attribute.h"
#include "kline/store_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ELEMENT_SIZE = 8 };

/* Immutable after open. */
struct mapped_series {
    struct series view;
    struct series_info info;
    const uint8_t *partial;
    char *report;
    char *path;
    void *map;
    size_t length;
};

static status corrupt(const struct mapped_series *self, const char *what, struct error *err) {
    return error_set(err, ERR_CORRUPT, "%s: %s; import the series again with --replace", self->path, what);
}

static bool has_type(hid_t dataset, hid_t wanted) {
    hid_t type = H5Dget_type(dataset);
    bool equal = type >= 0 && H5Tequal(type, wanted) > 0;
    if (type >= 0) H5Tclose(type);
    return equal;
}

static bool has_length(hid_t dataset, size_t count) {
    hid_t space = H5Dget_space(dataset);
    hsize_t length = 0;
    bool equal = space >= 0 && H5Sget_simple_extent_ndims(space) == 1 &&
                 H5Sget_simple_extent_dims(space, &length, NULL) == 1 && length == count;
    if (space >= 0) H5Sclose(space);
    return equal;
}

static bool is_contiguous(hid_t dataset) {
    hid_t plist = H5Dget_create_plist(dataset);
    bool contiguous =
        plist >= 0 && H5Pget_layout(plist) == H5D_CONTIGUOUS && H5Pget_external_count(plist) == 0;
    if (plist >= 0) H5Pclose(plist);
    return contiguous;
}

/* Where the dataset's bytes lie in the file, NULL if it is not as store.c writes it or reaches beyond the
 * file's end. */
static const void *locate(const struct mapped_series *self, hid_t file, const char *name, hid_t type,
                          size_t element) {
    if (H5Lexists(file, name, H5P_DEFAULT) <= 0) return NULL;
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    if (dataset < 0) return NULL;
    const void *found = NULL;
    if (has_type(dataset, type) && has_length(dataset, self->info.count) && is_contiguous(dataset)) {
        haddr_t offset = H5Dget_offset(dataset);
        size_t bytes = self->info.count * element;
        if (offset != HADDR_UNDEF && offset % element == 0 && offset <= self->length &&
            bytes <= self->length - offset)
            found = (const char *)self->map + offset;
    }
    H5Dclose(dataset);
    return found;
}

static status map_file(struct mapped_series *self, hid_t file, struct error *err) {
    void *handle = NULL;
    struct stat st;
    if (H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) < 0 || fstat(*(int *)handle, &st) < 0)
        return error_set_errno(err, ERR_IO, "%s: cannot be read", self->path);
    self->length = (size_t)st.st_size;
    self->map = mmap(NULL, self->length, PROT_READ, MAP_SHARED, *(int *)handle, 0);
    if (self->map == MAP_FAILED) {
        self->map = NULL;
        return error_set_errno(err, ERR_IO, "%s: cannot be mapped", self->path);
    }
    return OK;
}

static status find_columns(struct mapped_series *self, hid_t file, struct error *err) {
    for (int i = 0; i < KLINE_COLUMN_COUNT; i++) {
        enum kline_column c = (enum kline_column)i;
        hid_t type = kline_column_is_integer(c) ? H5T_STD_I64LE : H5T_IEEE_F64LE;
        const void *column = locate(self, file, kline_column_name(c), type, ELEMENT_SIZE);
        if (!column) {
            char what[96];
            snprintf(what, sizeof what, "column %s is missing, cut or of another kind", kline_column_name(c));
            return corrupt(self, what, err);
        }
        series_set_column(&self->view, c, column);
    }
    if (self->info.partial_count == 0) return OK;
    self->partial = locate(self, file, STORE_PARTIAL, H5T_STD_U8LE, 1);
    return self->partial ? OK : corrupt(self, "the marks of partial candles are missing", err);
}

static status read_header(struct mapped_series *self, hid_t file, const char *symbol, enum interval interval,
                          struct error *err) {
    if (!store_read_info(&self->info, file))
        return corrupt(self, "not a kline file of this version of kmill", err);
    if (strcmp(self->info.symbol, symbol) != 0 || self->info.interval != interval)
        return corrupt(self, "holds another symbol or interval than its name says", err);
    self->report = h5_read_long_text(file, "report", STORE_REPORT_MAX + 1);
    if (!self->report) return corrupt(self, "has no check report", err);
    self->view = (struct series){.interval = interval, .count = self->info.count};
    memcpy(self->view.symbol, self->info.symbol, sizeof self->view.symbol);
    return OK;
}

/* The length check comes first, so that the size of an absurd count cannot overflow in locate. */
static status read_columns(struct mapped_series *self, hid_t file, struct error *err) {
    status rc;
    if (self->info.count == 0) return OK;
    if ((rc = map_file(self, file, err)) != OK) return rc;
    if (self->info.count > self->length / ELEMENT_SIZE / KLINE_COLUMN_COUNT)
        return corrupt(self, "the file is cut", err);
    if ((rc = find_columns(self, file, err)) != OK) return rc;
    if (self->view.open_time[0] != self->info.first_open_time ||
        self->view.open_time[self->info.count - 1] != self->info.last_open_time)
        return corrupt(self, "its first or last candle is not the one its header names", err);
    return OK;
}

/* What was meant: another interval of the symbol, the symbol in other letters, one spelled alike. */
static status no_such_series(const char *store, const char *symbol, enum interval interval,
                             struct error *err) {
    struct series_info *infos = NULL;
    size_t count = 0;
    struct text known = {0};
    if (store_list(&infos, &count, store, NULL) != OK) count = 0;
    const char **names = calloc(count + 1, sizeof *names), *near = NULL;
    for (size_t i = 0; i < count && names; i++) {
        names[i] = infos[i].symbol;
        if (strcmp(symbol, infos[i].symbol) == 0)
            text_printf(&known, " %s", interval_name(infos[i].interval));
        else if (strcasecmp(symbol, infos[i].symbol) == 0)
            near = infos[i].symbol;
    }
    if (!near && names) near = nearest_name(symbol, names, count);
    const char *name = interval_name(interval);
    status rc;
    if (known.length)
        rc = error_set(
            err, ERR_NOT_FOUND,
            "no series %s %s in the store %s, which has%s of it (`kmill resample` makes larger candles)",
            symbol, name, store, known.data);
    else if (near)
        rc = error_set(err, ERR_NOT_FOUND, "no series %s %s in the store %s; did you mean %s?", symbol, name,
                       store, near);
    else
        rc = error_set(err, ERR_NOT_FOUND,
                       "no series %s %s in the store %s; `kmill klines --store %s` shows what is there",
                       symbol, name, store, store);
    text_clear(&known);
    free(names);
    free(infos);
    return rc;
}

static status open_failure(const char *path, const char *store, const char *symbol, enum interval interval,
                           struct error *err) {
    struct stat st;
    if (stat(path, &st) == 0) {
        if (access(path, R_OK) != 0) return error_set_errno(err, ERR_IO, "%s: cannot be read", path);
        return error_set(err, ERR_CORRUPT,
                         "%s: not an HDF5 file, or cut; import the series again with --replace", path);
    }
    if (errno != ENOENT && errno != ENOTDIR) return error_set_errno(err, ERR_IO, "%s: cannot be read", path);
    if (stat(store, &st) != 0)
        return error_set(
            err, ERR_NOT_FOUND,
            "there is no kline store %s to take %s %s from: name another with --store, or fill it "
            "with `kmill import csv`, `kmill fetch` or `kmill synth`",
            store, symbol, interval_name(interval));
    return no_such_series(store, symbol, interval, err);
}

status mapped_series_open(struct mapped_series **out, const char *store, const char *symbol,
                          enum interval interval, struct error *err) {
    hid_t file = H5I_INVALID_HID;
    status rc;
    *out = NULL;
    if (!store_symbol_valid(symbol)) return error_set(err, ERR_INPUT, "\"%s\" cannot be a symbol", symbol);
    struct mapped_series *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory");
    self->path = store_series_path(store, symbol, interval);
    file = store_open_file(self->path);
    if (file < 0) {
        rc = open_failure(self->path, store, symbol, interval, err);
        goto done;
    }
    if ((rc = read_header(self, file, symbol, interval, err)) != OK) goto done;
    if ((rc = read_columns(self, file, err)) != OK) goto done;
    *out = self;
    self = NULL;
done:
    if (file >= 0) H5Fclose(file);
    mapped_series_close(self);
    return rc;
}

const struct series *mapped_series_view(const struct mapped_series *mapped) {
    return &mapped->view;
}

const struct series_info *mapped_series_info(const struct mapped_series *mapped) {
    return &mapped->info;
}

const char *mapped_series_report(const struct mapped_series *mapped) {
    return mapped->report;
}

const uint8_t *mapped_series_partial(const struct mapped_series *mapped) {
    return mapped->partial;
}

status mapped_series_verify(const struct mapped_series *mapped, struct error *err) {
    uint32_t crc = 0;
    for (int c = 0; c < KLINE_COLUMN_COUNT && mapped->info.count > 0; c++)
        crc = hash_crc32(crc, series_raw_column(&mapped->view, (enum kline_column)c),
                         mapped->info.count * ELEMENT_SIZE);
    if (crc == mapped->info.checksum) return OK;
    return corrupt(mapped, "its candles do not have the checksum they were written with", err);
}

void mapped_series_close(struct mapped_series *mapped) {
    if (!mapped) return;
    if (mapped->map) munmap(mapped->map, mapped->length);
    free(mapped->report);
    free(mapped->path);
    free(mapped);
}
