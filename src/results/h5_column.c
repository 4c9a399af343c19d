/* Columns of a result file. Flat columns bypass HDF5's filter pipeline: libdeflate makes the chunk image in a
 * third of the time, and HDF5's chunk cache would hold every open column's chunk a second time. */
#include "results/h5_column.h"
#include "results/chunk.h"

#include <stdlib.h>
#include <string.h>

enum { DENSE_BLOCK = 1024, FLAT_BLOCK = 16384 };

static bool column_start(struct h5_column *column, hid_t type, size_t row_elements, size_t capacity) {
    *column = (struct h5_column){.dataset = H5I_INVALID_HID, .type = type, .row_elements = row_elements};
    column->width = H5Tget_size(type) * row_elements;
    column->capacity = capacity;
    column->block = malloc(column->width * capacity);
    return column->block != NULL;
}

bool h5_dense_open(struct h5_column *column, hid_t parent, const char *name, hid_t type, uint64_t rows,
                   size_t row_elements) {
    if (!column_start(column, type, row_elements, DENSE_BLOCK)) return false;
    hsize_t extent[2] = {rows, row_elements};
    hid_t space = H5Screate_simple(row_elements > 1 ? 2 : 1, extent, NULL);
    hid_t create = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_layout(create, H5D_CONTIGUOUS);
    H5Pset_alloc_time(create, H5D_ALLOC_TIME_EARLY); /* allocated late it would have no address to map */
    H5Pset_fill_time(create, H5D_FILL_TIME_NEVER);
    column->dataset = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, create, H5P_DEFAULT);
    H5Pclose(create);
    H5Sclose(space);
    return column->dataset >= 0;
}

bool h5_flat_open(struct h5_column *column, hid_t parent, const char *name, hid_t type) {
    if (!column_start(column, type, 1, FLAT_BLOCK)) return false;
    column->is_flat = true;
    hsize_t none = 0, unlimited = H5S_UNLIMITED, chunk = FLAT_BLOCK;
    hid_t space = H5Screate_simple(1, &none, &unlimited);
    hid_t create = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(create, 1, &chunk);
    H5Pset_shuffle(create);
    H5Pset_deflate(create, 1);
    H5Pset_fill_time(create, H5D_FILL_TIME_NEVER);
    column->dataset = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, create, H5P_DEFAULT);
    H5Pclose(create);
    H5Sclose(space);
    return column->dataset >= 0;
}

static bool flush_dense(struct h5_column *column) {
    hsize_t start[2] = {column->written, 0}, count[2] = {column->buffered, column->row_elements};
    int rank = column->row_elements > 1 ? 2 : 1;
    hid_t file_space = H5Dget_space(column->dataset), memory_space = H5Screate_simple(rank, count, NULL);
    bool done =
        H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
        H5Dwrite(column->dataset, column->type, memory_space, file_space, H5P_DEFAULT, column->block) >= 0;
    H5Sclose(file_space);
    H5Sclose(memory_space);
    return done;
}

static bool flush_flat(struct h5_column *column) {
    hsize_t start = column->written, extent = column->written + column->buffered;
    memset(column->block + column->buffered * column->width, 0,
           (column->capacity - column->buffered) * column->width);
    column->image.length = 0;
    return chunk_pack(&column->image, column->block, column->capacity, column->width, NULL) == OK &&
           H5Dset_extent(column->dataset, &extent) >= 0 &&
           H5Dwrite_chunk(column->dataset, H5P_DEFAULT, 0, &start, column->image.length,
                          column->image.data) >= 0;
}

static bool flush(struct h5_column *column) {
    if (column->buffered == 0) return true;
    bool done = column->is_flat ? flush_flat(column) : flush_dense(column);
    column->written += column->buffered;
    column->buffered = 0;
    return done;
}

bool h5_column_add(struct h5_column *column, const void *elements, size_t count) {
    const unsigned char *from = elements;
    while (count > 0) {
        size_t room = column->capacity - column->buffered, take = count < room ? count : room;
        memcpy(column->block + column->buffered * column->width, from, take * column->width);
        column->buffered += take;
        from += take * column->width;
        count -= take;
        if (column->buffered == column->capacity && !flush(column)) return false;
    }
    return true;
}

bool h5_column_close(struct h5_column *column) {
    if (!column->block) return true;
    bool done = column->dataset >= 0 && flush(column);
    if (column->dataset >= 0) done &= H5Dclose(column->dataset) >= 0;
    free(column->block);
    text_clear(&column->image);
    *column = (struct h5_column){0};
    return done;
}

bool h5_texts_open(struct h5_texts *texts, hid_t parent, const char *name) {
    *texts = (struct h5_texts){0};
    char offset_name[64];
    snprintf(offset_name, sizeof offset_name, "%s_offset", name);
    return h5_flat_open(&texts->bytes, parent, name, H5T_STD_U8LE) &&
           h5_flat_open(&texts->offsets, parent, offset_name, H5T_STD_U64LE) &&
           h5_column_add(&texts->offsets, &texts->end, 1);
}

bool h5_texts_add(struct h5_texts *texts, const char *text, size_t length) {
    texts->end += length;
    return h5_column_add(&texts->bytes, text, length) && h5_column_add(&texts->offsets, &texts->end, 1);
}

bool h5_texts_close(struct h5_texts *texts) {
    bool bytes_done = h5_column_close(&texts->bytes);
    return h5_column_close(&texts->offsets) && bytes_done;
}

hid_t h5_enum_type(const char *const *names, size_t count) {
    hid_t type = H5Tenum_create(H5T_STD_U8LE);
    for (size_t i = 0; i < count; i++)
        H5Tenum_insert(type, names[i], &(uint8_t){(uint8_t)i});
    return type;
}

hid_t h5_bool_type(void) {
    hid_t type = H5Tenum_create(H5T_STD_I8LE);
    H5Tenum_insert(type, "FALSE", &(int8_t){0});
    H5Tenum_insert(type, "TRUE", &(int8_t){1});
    return type;
}

hid_t h5_text_type(size_t length) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, length ? length : 1);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}
