/* What a store holds: every SYMBOL/INTERVAL.h5 whose attributes read as a series. Anything else that lies
 * there is the user's own business and is left out. */
#include "kline/h5_attribute.h"
#include "kline/store_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool read_size(size_t *out, hid_t file, const char *name) {
    int64_t value;
    if (!h5_read_int64(&value, file, name) || value < 0) return false;
    *out = (size_t)value;
    return true;
}

bool store_read_info(struct series_info *info, hid_t file) {
    char format[32], interval[16];
    int64_t version, checksum;
    *info = (struct series_info){0};
    if (!h5_read_text(format, sizeof format, file, "format") || strcmp(format, STORE_FORMAT) != 0 ||
        !h5_read_int64(&version, file, "format_version") || version != STORE_FORMAT_VERSION ||
        !h5_read_text(info->symbol, sizeof info->symbol, file, "symbol") ||
        !h5_read_text(interval, sizeof interval, file, "interval") ||
        !interval_parse(&info->interval, interval) || !read_size(&info->count, file, "count") ||
        !h5_read_int64(&info->first_open_time, file, "first_open_time") ||
        !h5_read_int64(&info->last_open_time, file, "last_open_time") ||
        !read_size(&info->gap_count, file, "gap_count") ||
        !read_size(&info->missing_candles, file, "missing_candles") ||
        !read_size(&info->odd_count, file, "odd_count") ||
        !read_size(&info->partial_count, file, "partial_count") ||
        !h5_read_int64(&checksum, file, "checksum") || checksum < 0 || checksum > UINT32_MAX ||
        !h5_read_text(info->source, sizeof info->source, file, "source") ||
        !h5_read_text(info->imported_at, sizeof info->imported_at, file, "imported_at"))
        return false;
    info->checksum = (uint32_t)checksum;
    return true;
}

void store_begin_hdf5(void) {
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

hid_t store_open_file(const char *path) {
    store_begin_hdf5();
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t file = H5I_INVALID_HID;
    if (access >= 0 && H5Pset_file_locking(access, 0, 1) >= 0) file = H5Fopen(path, H5F_ACC_RDONLY, access);
    if (access >= 0) H5Pclose(access);
    return file;
}

struct listing {
    struct series_info *items;
    size_t count, capacity;
};

static status add_info(struct listing *list, const struct series_info *info, struct error *err) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 16;
        struct series_info *grown = realloc(list->items, capacity * sizeof *grown);
        if (!grown) return error_set(err, ERR_MEMORY, "out of memory");
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->count++] = *info;
    return OK;
}

/* A file counts only under its own name: BTCUSDT/1h.h5 that says ETHUSDT was put there by hand. */
static status list_series(struct listing *list, const char *store, const char *symbol, enum interval interval,
                          struct error *err) {
    char *path = store_series_path(store, symbol, interval);
    hid_t file = store_open_file(path);
    free(path);
    if (file < 0) return OK;
    struct series_info info;
    bool ours = store_read_info(&info, file) && strcmp(info.symbol, symbol) == 0 && info.interval == interval;
    H5Fclose(file);
    return ours ? add_info(list, &info, err) : OK;
}

static status list_symbol(struct listing *list, const char *store, const char *symbol, struct error *err) {
    char *folder = path_join(store, symbol);
    DIR *dir = opendir(folder);
    status rc = OK;
    free(folder);
    if (!dir) return OK;
    for (struct dirent *entry; rc == OK && (entry = readdir(dir));) {
        char name[8];
        enum interval interval;
        char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".h5") != 0 || (size_t)(dot - entry->d_name) >= sizeof name) continue;
        memcpy(name, entry->d_name, (size_t)(dot - entry->d_name));
        name[dot - entry->d_name] = '\0';
        if (interval_parse(&interval, name)) rc = list_series(list, store, symbol, interval, err);
    }
    closedir(dir);
    return rc;
}

static int compare_infos(const void *a, const void *b) {
    const struct series_info *x = a, *y = b;
    int order = strcmp(x->symbol, y->symbol);
    return order ? order : (int)x->interval - (int)y->interval;
}

status store_list(struct series_info **out, size_t *count, const char *store, struct error *err) {
    struct listing list = {0};
    status rc = OK;
    *out = NULL;
    *count = 0;
    DIR *dir = opendir(store);
    if (!dir && errno == ENOENT)
        return error_set(
            err, ERR_NOT_FOUND,
            "there is no kline store %s: name another with --store, or make it with `kmill import "
            "csv`, `kmill fetch` or `kmill synth`",
            store);
    if (!dir) return error_set_errno(err, ERR_NOT_FOUND, "%s: not a kline store", store);
    for (struct dirent *entry; rc == OK && (entry = readdir(dir));)
        if (store_symbol_valid(entry->d_name)) rc = list_symbol(&list, store, entry->d_name, err);
    closedir(dir);
    if (rc != OK) {
        free(list.items);
        return rc;
    }
    if (list.count > 1) qsort(list.items, list.count, sizeof *list.items, compare_infos);
    *out = list.items;
    *count = list.count;
    return OK;
}
