/* HDF5 attributes of the store's files: scalar int64 and fixed-length UTF-8 text. */
#ifndef KLINE_H5_ATTRIBUTE_H
#define KLINE_H5_ATTRIBUTE_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All false on failure, with no handle left open; the caller says which file. */
bool h5_write_int64(hid_t object, const char *name, int64_t value);
bool h5_write_text(hid_t object, const char *name, const char *text);
bool h5_read_int64(int64_t *out, hid_t object, const char *name);
/* Into out[capacity], NUL-terminated; false if it is longer or no fixed-length text. */
bool h5_read_text(char *out, size_t capacity, hid_t object, const char *name);
/* malloc'd, at most `limit` bytes. */
char *h5_read_long_text(hid_t object, const char *name, size_t limit);

#endif
