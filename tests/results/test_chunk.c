/* Chunk images are what HDF5's own shuffle and deflate filters undo. */
#include "record_samples.h"
#include "results/chunk.h"

#include <hdf5.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
#include <cmocka.h>

static void the_hdf5_library_reads_a_packed_curve(void **state) {
    (void)state;
    static const size_t sizes[] = {
        1, 2, 63, 1000, CURVE_CHUNK_MAX, CURVE_CHUNK_MAX + 1, 3 * CURVE_CHUNK_MAX + 7};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t points = sizes[s];
        double *curve = malloc(points * sizeof *curve), *back = malloc(points * sizeof *back);
        for (size_t i = 0; i < points; i++)
            curve[i] = sample_equity(s, i);
        struct text packed = {0};
        assert_int_equal(curve_pack(&packed, curve, points, NULL), OK);
        hid_t access = H5Pcreate(H5P_FILE_ACCESS), create = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_fapl_core(access, 1 << 20, 0);
        hsize_t extent = points, chunk = curve_chunk_points(points);
        H5Pset_chunk(create, 1, &chunk);
        H5Pset_shuffle(create);
        H5Pset_deflate(create, 1);
        hid_t file = H5Fcreate("chunk-test", H5F_ACC_TRUNC, H5P_DEFAULT, access);
        hid_t space = H5Screate_simple(1, &extent, NULL);
        hid_t dataset = H5Dcreate2(file, "curve", H5T_IEEE_F64LE, space, H5P_DEFAULT, create, H5P_DEFAULT);
        const unsigned char *left = (const unsigned char *)packed.data, *image;
        size_t length = packed.length, image_length, images = 0;
        for (hsize_t offset = 0; curve_next_image(&left, &length, &image, &image_length);
             offset += chunk, images++)
            assert_true(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, &offset, image_length, image) >= 0);
        assert_int_equal(images, curve_chunks(points));
        assert_true(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, back) >= 0);
        assert_memory_equal(curve, back, points * sizeof *curve);
        H5Dclose(dataset);
        H5Sclose(space);
        H5Fclose(file);
        H5Pclose(access);
        H5Pclose(create);
        memset(back, 0, points * sizeof *back);
        assert_true(curve_unpack(back, points, (const unsigned char *)packed.data, packed.length));
        assert_memory_equal(curve, back, points * sizeof *curve);
        assert_false(curve_unpack(back, points, (const unsigned char *)packed.data, packed.length - 1));
        text_clear(&packed);
        free(curve);
        free(back);
    }
    assert_int_equal(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
}

static void chunks_are_even_and_waste_less_than_a_point_each(void **state) {
    (void)state;
    assert_int_equal(curve_chunks(0), 0);
    for (size_t points = 1; points < 3000000; points += 9973) {
        size_t chunks = curve_chunks(points), size = curve_chunk_points(points);
        assert_true(size <= CURVE_CHUNK_MAX && chunks * size >= points && chunks * size - points < chunks);
    }
}

static void an_image_of_another_size_is_refused(void **state) {
    (void)state;
    double values[100] = {0}, back[100];
    struct text image = {0};
    assert_int_equal(chunk_pack(&image, values, 99, sizeof *values, NULL), OK);
    assert_false(chunk_unpack(back, 100, sizeof *back, image.data, image.length));
    assert_false(chunk_unpack(back, 98, sizeof *back, image.data, image.length));
    assert_true(chunk_unpack(back, 99, sizeof *back, image.data, image.length));
    text_clear(&image);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hdf5_library_reads_a_packed_curve),
        cmocka_unit_test(chunks_are_even_and_waste_less_than_a_point_each),
        cmocka_unit_test(an_image_of_another_size_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
