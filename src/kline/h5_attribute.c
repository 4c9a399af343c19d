/* Attributes as h5py and h5dump show them without help: numbers as I64LE, text as fixed-length UTF-8 (a
 * variable-length string would live in a global heap, which costs a read per attribute when a store is
 * listed). */
#include "kline/h5_attribute.h"

#include <stdlib.h>
#include <string.h>

static bool write_attribute(hid_t object, const char *name, hid_t file_type, hid_t memory_type,
                            const void *value) {
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool done = attribute >= 0 && H5Awrite(attribute, memory_type, value) >= 0;
    if (attribute >= 0) done &= H5Aclose(attribute) >= 0;
    if (space >= 0) H5Sclose(space);
    return done;
}

bool h5_write_int64(hid_t object, const char *name, int64_t value) {
    return write_attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

/* Terminated by NUL and sized to hold it; the empty text has one byte. */
bool h5_write_text(hid_t object, const char *name, const char *text) {
    hid_t type = H5Tcopy(H5T_C_S1);
    bool done = type >= 0 && H5Tset_size(type, strlen(text) + 1) >= 0 &&
                H5Tset_cset(type, H5T_CSET_UTF8) >= 0 && write_attribute(object, name, type, type, text);
    if (type >= 0) H5Tclose(type);
    return done;
}

static bool is_scalar(hid_t attribute) {
    hid_t space = H5Aget_space(attribute);
    bool scalar = space >= 0 && H5Sget_simple_extent_npoints(space) == 1;
    if (space >= 0) H5Sclose(space);
    return scalar;
}

static hid_t open_attribute(hid_t object, const char *name) {
    if (H5Aexists(object, name) <= 0) return H5I_INVALID_HID;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute >= 0 && !is_scalar(attribute)) {
        H5Aclose(attribute);
        return H5I_INVALID_HID;
    }
    return attribute;
}

bool h5_read_int64(int64_t *out, hid_t object, const char *name) {
    hid_t attribute = open_attribute(object, name);
    if (attribute < 0) return false;
    hid_t type = H5Aget_type(attribute);
    bool done =
        type >= 0 && H5Tget_class(type) == H5T_INTEGER && H5Aread(attribute, H5T_NATIVE_INT64, out) >= 0;
    if (type >= 0) H5Tclose(type);
    H5Aclose(attribute);
    return done;
}

char *h5_read_long_text(hid_t object, const char *name, size_t limit) {
    hid_t attribute = open_attribute(object, name);
    if (attribute < 0) return NULL;
    char *text = NULL;
    hid_t type = H5Aget_type(attribute);
    if (type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
        H5Tget_size(type) <= limit) {
        text = calloc(1, H5Tget_size(type) + 1);
        if (text && H5Aread(attribute, type, text) < 0) {
            free(text);
            text = NULL;
        }
    }
    if (type >= 0) H5Tclose(type);
    H5Aclose(attribute);
    return text;
}

bool h5_read_text(char *out, size_t capacity, hid_t object, const char *name) {
    char *text = h5_read_long_text(object, name, capacity);
    if (!text) return false;
    size_t length = strlen(text);
    bool fits = length < capacity;
    if (fits) memcpy(out, text, length + 1);
    free(text);
    return fits;
}
