/* The store's folder: where a series lies, what is there, and writing a series file.
 *
 * A file is written whole beside its place and renamed, because a plain HDF5 file that dies half written
 * cannot be opened again. Columns are contiguous, allocated early and aligned to pages: only then do they
 * have an offset that a reader can map. The alignment threshold is lowered for short series and the
 * small-data block is off, or columns of less than a page would be packed behind each other at any offset. */
#include "kline/store_file.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/hash.h"
#include "kline/check.h"
#include "kline/h5_attribute.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { PAGE = 4096, ELEMENT_SIZE = 8 };
/* Far beyond any market, and safe for all calendar arithmetic. */
#define TIME_LIMIT_MS INT64_C(100000000000000)

bool store_symbol_valid(const char *symbol) {
    size_t length = strlen(symbol);
    if (length == 0 || length >= SYMBOL_MAX || symbol[0] == '.') return false;
    for (const unsigned char *c = (const unsigned char *)symbol; *c; c++) {
        bool letter = (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || *c >= 0x80;
        if (!letter && !(*c >= '0' && *c <= '9') && !strchr("_-.", *c)) return false;
    }
    return true;
}

/* The folder itself is locked: no lock file is left lying about. */
status store_lock(int *lock, const char *store, struct error *err) {
    *lock = -1;
    status rc = directory_make(store, err);
    if (rc != OK) return rc;
    int folder = open(store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return error_set_errno(err, ERR_IO, "%s: cannot be opened", store);
    int taken;
    do {
        taken = flock(folder, LOCK_EX);
    } while (taken < 0 && errno == EINTR && !cancel_requested());
    if (taken < 0 && errno == EINTR) {
        close(folder);
        return error_set(err, ERR_CANCELLED, "interrupted while another import writes to %s", store);
    }
    *lock = folder;
    return OK;
}

void store_unlock(int lock) {
    if (lock >= 0) close(lock);
}

char *store_series_path(const char *store, const char *symbol, enum interval interval) {
    char *folder = path_join(store, symbol);
    char file[16];
    snprintf(file, sizeof file, "%s.h5", interval_name(interval));
    char *path = path_join(folder, file);
    free(folder);
    return path;
}

static status validate(const struct series *series, struct error *err) {
    if (!store_symbol_valid(series->symbol))
        return error_set(err, ERR_INPUT, "symbol \"%s\": use 1 to %d letters, digits, '_', '-' or '.'",
                         series->symbol, SYMBOL_MAX - 1);
    for (size_t i = 0; i < series->count; i++) {
        int64_t t = series->open_time[i];
        if (t < -TIME_LIMIT_MS || t > TIME_LIMIT_MS)
            return error_set(err, ERR_INPUT, "%s %s: open_time %lld of candle %zu is no time in milliseconds",
                             series->symbol, interval_name(series->interval), (long long)t, i);
        if (i > 0 && t <= series->open_time[i - 1])
            return error_set(err, ERR_INPUT,
                             "%s %s: open_time of candle %zu is not after that of the candle before it",
                             series->symbol, interval_name(series->interval), i);
    }
    return OK;
}

static uint32_t checksum(const struct series *series) {
    uint32_t crc = 0;
    for (int c = 0; c < KLINE_COLUMN_COUNT && series->count > 0; c++)
        crc = hash_crc32(crc, series_raw_column(series, (enum kline_column)c), series->count * ELEMENT_SIZE);
    return crc;
}

static void fill_info(struct series_info *info, const struct series *series, const struct kline_check *check,
                      const char *source) {
    *info = (struct series_info){
        .interval = series->interval,
        .count = series->count,
        .first_open_time = series->count ? series->open_time[0] : 0,
        .last_open_time = series->count ? series->open_time[series->count - 1] : 0,
        .gap_count = check->gap_count,
        .missing_candles = check->missing_candles,
        .odd_count = check->odd_count,
        .partial_count = check->partial,
        .checksum = checksum(series),
    };
    snprintf(info->symbol, sizeof info->symbol, "%s", series->symbol);
    snprintf(info->source, sizeof info->source, "%s", source);
    clock_format_iso(info->imported_at, clock_realtime_ms());
}

static bool write_attributes(hid_t file, const struct series_info *info, const char *report) {
    return h5_write_text(file, "format", STORE_FORMAT) &&
           h5_write_int64(file, "format_version", STORE_FORMAT_VERSION) &&
           h5_write_text(file, "symbol", info->symbol) &&
           h5_write_text(file, "interval", interval_name(info->interval)) &&
           h5_write_int64(file, "count", (int64_t)info->count) &&
           h5_write_int64(file, "first_open_time", info->first_open_time) &&
           h5_write_int64(file, "last_open_time", info->last_open_time) &&
           h5_write_int64(file, "gap_count", (int64_t)info->gap_count) &&
           h5_write_int64(file, "missing_candles", (int64_t)info->missing_candles) &&
           h5_write_int64(file, "odd_count", (int64_t)info->odd_count) &&
           h5_write_int64(file, "partial_count", (int64_t)info->partial_count) &&
           h5_write_int64(file, "checksum", info->checksum) && h5_write_text(file, "source", info->source) &&
           h5_write_text(file, "imported_at", info->imported_at) && h5_write_text(file, "report", report);
}

static bool write_dataset(hid_t file, const char *name, hid_t file_type, hid_t memory_type, size_t count,
                          const void *data) {
    hsize_t dimensions = count;
    hid_t space = H5Screate_simple(1, &dimensions, NULL);
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
    hid_t dataset = H5I_INVALID_HID;
    bool done = space >= 0 && plist >= 0 && H5Pset_layout(plist, H5D_CONTIGUOUS) >= 0 &&
                H5Pset_alloc_time(plist, H5D_ALLOC_TIME_EARLY) >= 0 &&
                H5Pset_fill_time(plist, H5D_FILL_TIME_NEVER) >= 0;
    if (done) dataset = H5Dcreate2(file, name, file_type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    done = dataset >= 0 &&
           (count == 0 || H5Dwrite(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    if (dataset >= 0) done &= H5Dclose(dataset) >= 0;
    if (plist >= 0) H5Pclose(plist);
    if (space >= 0) H5Sclose(space);
    return done;
}

static bool write_columns(hid_t file, const struct series *series, const uint8_t *partial) {
    for (int i = 0; i < KLINE_COLUMN_COUNT; i++) {
        enum kline_column c = (enum kline_column)i;
        bool integer = kline_column_is_integer(c);
        if (!write_dataset(file, kline_column_name(c), integer ? H5T_STD_I64LE : H5T_IEEE_F64LE,
                           integer ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE, series->count,
                           series_raw_column(series, c)))
            return false;
    }
    return !partial ||
           write_dataset(file, STORE_PARTIAL, H5T_STD_U8LE, H5T_NATIVE_UINT8, series->count, partial);
}

static hid_t create_file(const char *path, size_t count) {
    hsize_t threshold = count * ELEMENT_SIZE < PAGE ? count * ELEMENT_SIZE : PAGE;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t file = H5I_INVALID_HID;
    if (access >= 0 && H5Pset_alignment(access, threshold ? threshold : 1, PAGE) >= 0 &&
        H5Pset_small_data_block_size(access, 0) >= 0 && H5Pset_file_locking(access, 0, 1) >= 0 &&
        H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0)
        file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    if (access >= 0) H5Pclose(access);
    return file;
}

/* Asks the file system for the whole space first: a disk that is too small is then an error of ours, with no
 * HDF5 file that cannot be closed any more. */
static status reserve_space(const char *path, size_t count, struct error *err) {
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) return error_set_errno(err, ERR_IO, "%s: cannot be written", path);
    size_t columns = KLINE_COLUMN_COUNT * (count * ELEMENT_SIZE + PAGE) + count;
    int code = posix_fallocate(file, 0, (off_t)(columns + STORE_REPORT_MAX + 16 * PAGE));
    close(file);
    errno = code;
    return code == 0 ? OK : error_set_errno(err, ERR_IO, "%s: cannot be written", path);
}

/* errno as HDF5's driver left it: what the user needs to hear is "No space left on device". */
static status write_file(const char *path, const struct series_info *info, const struct series *series,
                         const uint8_t *partial, const char *report, struct error *err) {
    store_begin_hdf5();
    errno = 0;
    hid_t file = create_file(path, series->count);
    bool done = file >= 0 && write_columns(file, series, partial) && write_attributes(file, info, report);
    if (file >= 0) done &= H5Fclose(file) >= 0;
    if (done) return OK;
    if (errno != 0) return error_set_errno(err, ERR_IO, "%s: cannot be written", path);
    return error_set(err, ERR_IO, "%s: cannot be written (HDF5 refused); check space and rights", path);
}

static status make_folder(const char *path, struct error *err) {
    char *folder = strdup(path);
    if (!folder) return error_set(err, ERR_MEMORY, "out of memory");
    *strrchr(folder, '/') = '\0';
    status rc = directory_make(folder, err);
    free(folder);
    return rc;
}

status store_prepare(struct file_replacement *out, struct series_info *info, const char *store,
                     const struct series *series, const uint8_t *partial, const char *source,
                     struct error *err) {
    struct kline_check check = {0};
    struct series_info own;
    char *path = store_series_path(store, series->symbol, series->interval);
    *out = (struct file_replacement){0};
    status rc = validate(series, err);
    if (rc != OK) goto done;
    kline_check(&check, series, partial);
    if (check.report.length > STORE_REPORT_MAX) check.report.data[STORE_REPORT_MAX] = '\0';
    fill_info(&own, series, &check, source);
    if (info) *info = own;
    if ((rc = make_folder(path, err)) != OK) goto done;
    if ((rc = file_replace_begin(out, path, err)) != OK) goto done;
    rc = reserve_space(out->temporary, series->count, err);
    if (rc == OK)
        rc = write_file(out->temporary, &own, series, check.partial ? partial : NULL,
                        check.report.data ? check.report.data : "", err);
    if (rc != OK) file_replace_abort(out);
done:
    kline_check_clear(&check);
    free(path);
    return rc;
}

status store_write_marked(const char *store, const struct series *series, const uint8_t *partial,
                          const char *source, bool replace, struct error *err) {
    char *path = store_series_path(store, series->symbol, series->interval);
    struct file_replacement file = {0};
    status rc;
    if (!replace && access(path, F_OK) == 0) {
        rc = error_set(err, ERR_EXISTS, "%s: exists already; pass --replace to overwrite the series", path);
    } else {
        rc = store_prepare(&file, NULL, store, series, partial, source, err);
        if (rc == OK) rc = file_replace_commit(&file, err);
    }
    free(path);
    return rc;
}

status store_write(const char *store, const struct series *series, const char *source, bool replace,
                   struct error *err) {
    return store_write_marked(store, series, NULL, source, replace, err);
}
