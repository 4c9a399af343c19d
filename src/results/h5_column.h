/* Columns of a result file being written, element after element.
 *
 * Dense: contiguous, allocated when made, one element (or a short row of them) a run: can be mapped. Flat:
 * chunked, compressed here and handed over as whole chunks; grows as long as it is added to. Both buffer one
 * block and nothing else. */
#ifndef RESULTS_H5_COLUMN_H
#define RESULTS_H5_COLUMN_H

#include "base/text.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

struct h5_column {
    hid_t dataset, type;
    size_t width;              /* bytes of an element (dense: of a row) */
    size_t row_elements;       /* dense: elements of a row */
    size_t capacity, buffered; /* elements (rows) of the block */
    uint64_t written;          /* elements (rows) in the file */
    unsigned char *block;
    struct text image;
    bool is_flat;
};

/* All false when HDF5 refuses (the disk is full, ...); a column that was opened is always closed, also after
 * a failure. */
bool h5_dense_open(struct h5_column *column, hid_t parent, const char *name, hid_t type, uint64_t rows,
                   size_t row_elements);
bool h5_flat_open(struct h5_column *column, hid_t parent, const char *name, hid_t type);
bool h5_column_add(struct h5_column *column, const void *elements, size_t count);
/* Writes what is buffered. Accepts a zeroed column. */
bool h5_column_close(struct h5_column *column);

/* Texts of any length: NAME (bytes) and NAME_offset (where text i begins; one more than there are texts). */
struct h5_texts {
    struct h5_column bytes, offsets;
    uint64_t end;
};
bool h5_texts_open(struct h5_texts *texts, hid_t parent, const char *name);
bool h5_texts_add(struct h5_texts *texts, const char *text, size_t length);
bool h5_texts_close(struct h5_texts *texts);

/* An enumeration of uint8 (int8 for the boolean, which is h5py's bool): names are borrowed. Close with
 * H5Tclose. */
hid_t h5_enum_type(const char *const *names, size_t count);
hid_t h5_bool_type(void);
/* Fixed-length UTF-8, padded with NUL; length 0 counts as 1. */
hid_t h5_text_type(size_t length);

#endif
