/* Provenance as attributes, by the table of its members. Texts over 64 KiB do not fit an attribute of every
 * HDF5 version: YAML and strategy are scalar datasets. */
#include "results/result_attributes.h"
#include "kline/h5_attribute.h"
#include "results/h5_column.h"
#include "results/provenance_fields.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 64 << 20, NAMES_MAX = 100000 };

static bool write_unsigned(hid_t object, const char *name, uint64_t value) {
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, H5T_STD_U64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    bool done = attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_UINT64, &value) >= 0;
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    return done;
}

static bool read_unsigned(uint64_t *out, hid_t object, const char *name) {
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0) return false;
    hid_t space = H5Aget_space(attribute), type = H5Aget_type(attribute);
    bool done = H5Sget_simple_extent_npoints(space) == 1 && H5Tget_class(type) == H5T_INTEGER &&
                H5Aread(attribute, H5T_NATIVE_UINT64, out) >= 0;
    H5Tclose(type);
    H5Sclose(space);
    H5Aclose(attribute);
    return done;
}

static bool write_long_text(hid_t group, const char *name, const char *text) {
    hid_t type = h5_text_type(strlen(text)), space = H5Screate(H5S_SCALAR);
    hid_t dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    bool done = dataset >= 0 && H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0;
    if (dataset >= 0) H5Dclose(dataset);
    H5Sclose(space);
    H5Tclose(type);
    return done;
}

/* malloc'd; NULL if there is none. */
static char *read_long_text(hid_t group, const char *name) {
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0) return NULL;
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    char *text = NULL;
    if (H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 && H5Tget_size(type) <= TEXT_MAX &&
        H5Sget_simple_extent_npoints(space) == 1) {
        text = calloc(1, H5Tget_size(type) + 1);
        if (text && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) < 0) {
            free(text);
            text = NULL;
        }
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(dataset);
    return text;
}

static bool write_field(hid_t object, hid_t texts, const struct field *field, const void *owner) {
    if (field->kind == FIELD_LONG_TEXT)
        return write_long_text(texts, field->name, field_get_text(field, owner));
    if (field_is_text(field)) return h5_write_text(object, field->name, field_get_text(field, owner));
    int64_t value = field_get_integer(field, owner);
    if (field->kind == FIELD_U64) return write_unsigned(object, field->name, (uint64_t)value);
    return h5_write_int64(object, field->name, value);
}

static bool read_field(hid_t object, hid_t texts, const struct field *field, void *owner) {
    if (field_is_text(field)) {
        char *text = field->kind == FIELD_LONG_TEXT ? read_long_text(texts, field->name)
                                                    : h5_read_long_text(object, field->name, TEXT_MAX);
        bool done = text && field_set_text(field, owner, text, strlen(text));
        free(text);
        return done;
    }
    uint64_t bits = 0;
    int64_t value = 0;
    if (field->kind == FIELD_U64)
        return read_unsigned(&bits, object, field->name) && field_set_integer(field, owner, (int64_t)bits);
    return h5_read_int64(&value, object, field->name) && field_set_integer(field, owner, value);
}

/* The names in their order, as an array of fixed-length texts. */
static bool write_param_names(hid_t file, const struct provenance *provenance) {
    size_t width = 1;
    for (size_t i = 0; i < provenance->param_count; i++)
        if (strlen(provenance->param_names[i]) > width) width = strlen(provenance->param_names[i]);
    char *names = calloc(provenance->param_count + 1, width);
    if (!names) return false;
    for (size_t i = 0; i < provenance->param_count; i++)
        memcpy(names + i * width, provenance->param_names[i], strlen(provenance->param_names[i]));
    hsize_t count = provenance->param_count;
    hid_t type = h5_text_type(width), space = H5Screate_simple(1, &count, NULL);
    hid_t attribute = H5Acreate2(file, "param_names", type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool done = attribute >= 0 && (count == 0 || H5Awrite(attribute, type, names) >= 0);
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
    free(names);
    return done;
}

static bool take_param_names(struct provenance *out, const char *names, size_t count, size_t width) {
    out->param_names = calloc(count + 1, sizeof *out->param_names);
    if (!out->param_names) return false;
    for (size_t i = 0; i < count; i++, out->param_count++)
        if (!(out->param_names[i] = strndup(names + i * width, width))) return false;
    return true;
}

static bool read_param_names(struct provenance *out, hid_t file) {
    hid_t attribute = H5Aopen(file, "param_names", H5P_DEFAULT);
    if (attribute < 0) return false;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    size_t width = H5Tget_size(type);
    bool done = false;
    if (H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 && count >= 0 &&
        count <= NAMES_MAX) {
        char *names = calloc((size_t)count + 1, width);
        done = names && (count == 0 || H5Aread(attribute, type, names) >= 0) &&
               take_param_names(out, names, (size_t)count, width);
        free(names);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return done;
}

bool provenance_write_attributes(hid_t file, const struct provenance *provenance) {
    hid_t texts = H5Gcreate2(file, "provenance", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    bool done = texts >= 0 && h5_write_text(file, "format", RESULT_FORMAT) &&
                h5_write_int64(file, "format_version", RESULT_FORMAT_VERSION) &&
                write_param_names(file, provenance);
    for (size_t i = 0; done && i < PROVENANCE_FIELDS; i++)
        done = write_field(file, texts, &provenance_fields[i], provenance);
    if (texts >= 0) H5Gclose(texts);
    return done;
}

bool series_write_attributes(hid_t group, const struct series_provenance *series) {
    bool done = true;
    for (size_t i = 0; done && i < SERIES_FIELDS; i++)
        done = write_field(group, H5I_INVALID_HID, &series_fields[i], series);
    return done;
}

static bool read_series(struct provenance *out, hid_t file) {
    H5G_info_t about;
    hid_t parent = H5Gopen2(file, "series", H5P_DEFAULT);
    bool done = parent >= 0 && H5Gget_info(parent, &about) >= 0;
    if (done) done = (out->series = calloc((size_t)about.nlinks + 1, sizeof *out->series)) != NULL;
    for (size_t k = 0; done && k < about.nlinks; k++) {
        char name[24];
        snprintf(name, sizeof name, "%zu", k);
        hid_t group = H5Gopen2(parent, name, H5P_DEFAULT);
        done = group >= 0;
        out->series_count = k + 1;
        for (size_t i = 0; done && i < SERIES_FIELDS; i++)
            done = read_field(group, H5I_INVALID_HID, &series_fields[i], &out->series[k]);
        if (group >= 0) H5Gclose(group);
    }
    if (parent >= 0) H5Gclose(parent);
    return done;
}

status provenance_read_attributes(struct provenance *out, hid_t file, const char *path, struct error *err) {
    *out = (struct provenance){0};
    char *format = h5_read_long_text(file, "format", 64);
    bool is_result = format && strcmp(format, RESULT_FORMAT) == 0;
    free(format);
    int64_t version;
    if (!is_result || !h5_read_int64(&version, file, "format_version"))
        return error_set(err, ERR_INPUT, "%s: is an HDF5 file but no result of kmill", path);
    if (version != RESULT_FORMAT_VERSION)
        return error_set(err, ERR_INPUT, "%s: format %lld is not known to kmill %s", path, (long long)version,
                         KMILL_VERSION);
    hid_t texts = H5Gopen2(file, "provenance", H5P_DEFAULT);
    bool done = texts >= 0 && read_param_names(out, file) && read_series(out, file);
    for (size_t i = 0; done && i < PROVENANCE_FIELDS; i++)
        done = read_field(file, texts, &provenance_fields[i], out);
    if (texts >= 0) H5Gclose(texts);
    if (done) return OK;
    provenance_clear(out);
    return error_set(err, ERR_CORRUPT, "%s: what it says about its sweep cannot be read", path);
}

/* ---- units ---- */

struct unit_of {
    const char *dataset, *unit;
};

static bool write_units(hid_t parent, const struct unit_of *units, size_t count) {
    bool done = true;
    for (size_t i = 0; done && i < count; i++) {
        if (H5Lexists(parent, units[i].dataset, H5P_DEFAULT) <= 0) continue; /* not every file has candles */
        hid_t dataset = H5Dopen2(parent, units[i].dataset, H5P_DEFAULT);
        done = dataset >= 0 && h5_write_text(dataset, "unit", units[i].unit);
        if (dataset >= 0) H5Dclose(dataset);
    }
    return done;
}

static bool write_group_units(hid_t file, const char *name, const struct unit_of *units, size_t count) {
    if (H5Lexists(file, name, H5P_DEFAULT) <= 0) return true;
    hid_t group = H5Gopen2(file, name, H5P_DEFAULT);
    bool done = group >= 0 && write_units(group, units, count);
    if (group >= 0) H5Gclose(group);
    return done;
}

bool result_units_write(hid_t file, size_t series_count) {
    static const struct unit_of runs[] = {{"elapsed", "CPU seconds"}, {"sparkline", "quote"}};
    static const struct unit_of trades[] = {{"time", "ms since 1970-01-01 UTC"},
                                            {"price", "quote per base"},
                                            {"amount", "base"},
                                            {"fee", "quote"},
                                            {"balance", "quote"},
                                            {"position", "base"},
                                            {"total_value", "quote"},
                                            {"profit", "quote"}};
    static const struct unit_of candles[] = {{"open_time", "ms since 1970-01-01 UTC"},
                                             {"close_time", "ms since 1970-01-01 UTC"},
                                             {"open", "quote per base"},
                                             {"high", "quote per base"},
                                             {"low", "quote per base"},
                                             {"close", "quote per base"},
                                             {"volume", "base"}};
    static const struct unit_of equity[] = {{"curve", "quote"}};
    bool done = write_units(file, runs, sizeof runs / sizeof *runs) &&
                write_group_units(file, "trades", trades, sizeof trades / sizeof *trades);
    for (size_t k = 0; done && k < series_count; k++) {
        char name[40];
        snprintf(name, sizeof name, "series/%zu", k);
        done = write_group_units(file, name, candles, sizeof candles / sizeof *candles);
        snprintf(name, sizeof name, "equity/%zu", k);
        done = done && write_group_units(file, name, equity, sizeof equity / sizeof *equity);
    }
    return done;
}
