/* The store: what is written is what is mapped, to the bit; what is cut, foreign or rotten is refused;
 * nothing stays open. */
#include "base/clock.h"
#include "base/file.h"
#include "kline/columns.h"
#include "kline/store_file.h"
#include "kline/test_folder.h"
#include "kmill/store.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define START INT64_C(1704067200000) /* 2024-01-01 */

static struct kline_row row_at(size_t i) {
    double base = 40000.0 + (double)(i % 1000) * 0.01;
    return (struct kline_row){.open_time = START + (int64_t)i * 60000,
                              .close_time = START + (int64_t)i * 60000 + 59999,
                              .trades_count = (int64_t)i % 5000,
                              .open = base,
                              .high = base + 2.5,
                              .low = base - 2.5,
                              .close = base + 1.25,
                              .volume = 1.5 + (double)(i % 7),
                              .quote_volume = 60000.125 + (double)(i % 13),
                              .taker_buy_base = 0.75,
                              .taker_buy_quote = 30000.0};
}

static struct kline_columns make_series(const char *symbol, size_t count) {
    struct kline_columns columns = {.view.interval = INTERVAL_1M};
    snprintf(columns.view.symbol, sizeof columns.view.symbol, "%s", symbol);
    for (size_t i = 0; i < count; i++) {
        struct kline_row row = row_at(i);
        assert_int_equal(kline_columns_add(&columns, &row, NULL), OK);
    }
    return columns;
}

static void write_series(const char *store, const char *symbol, size_t count) {
    struct error err = {0};
    struct kline_columns columns = make_series(symbol, count);
    if (store_write(store, &columns.view, "test", true, &err) != OK) fail_msg("%s", err.message);
    kline_columns_clear(&columns);
}

static void assert_nothing_open(void) {
    assert_int_equal(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
}

static void assert_same_columns(const struct series *a, const struct series *b) {
    assert_int_equal(a->count, b->count);
    for (int c = 0; c < KLINE_COLUMN_COUNT; c++)
        assert_memory_equal(series_raw_column(a, (enum kline_column)c),
                            series_raw_column(b, (enum kline_column)c), a->count * 8);
}

static void round_trip(const char *store, size_t count) {
    struct error err = {0};
    struct mapped_series *mapped = NULL;
    struct kline_columns columns = make_series("BTCUSDT", count);
    assert_int_equal(store_write(store, &columns.view, "test", true, &err), OK);
    if (mapped_series_open(&mapped, store, "BTCUSDT", INTERVAL_1M, &err) != OK) fail_msg("%s", err.message);
    assert_same_columns(mapped_series_view(mapped), &columns.view);
    assert_string_equal(mapped_series_view(mapped)->symbol, "BTCUSDT");
    assert_int_equal(mapped_series_verify(mapped, &err), OK);
    assert_string_equal(mapped_series_report(mapped), "");
    assert_null(mapped_series_partial(mapped));
    for (int c = 0; c < KLINE_COLUMN_COUNT; c++)
        assert_int_equal(
            (uintptr_t)series_raw_column(mapped_series_view(mapped), (enum kline_column)c) % 4096, 0);
    mapped_series_close(mapped);
    kline_columns_clear(&columns);
}

static void what_is_written_is_mapped_to_the_bit_and_page_aligned(void **state) {
    const size_t counts[] = {1, 2, 511, 512, 513, 10000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        round_trip(*state, counts[i]);
    assert_nothing_open();
}

static void an_empty_series_has_no_candles_but_opens(void **state) {
    struct mapped_series *mapped = NULL;
    struct error err = {0};
    write_series(*state, "EMPTY", 0);
    if (mapped_series_open(&mapped, *state, "EMPTY", INTERVAL_1M, &err) != OK) fail_msg("%s", err.message);
    assert_int_equal(mapped_series_view(mapped)->count, 0);
    assert_int_equal(mapped_series_verify(mapped, &err), OK);
    mapped_series_close(mapped);
    assert_nothing_open();
}

static void the_header_tells_range_gaps_and_source(void **state) {
    struct error err = {0};
    struct mapped_series *mapped = NULL;
    struct kline_columns columns = make_series("GAPUSDT", 10);
    ((int64_t *)(uintptr_t)columns.view.open_time)[9] += 5 * 60000;
    ((int64_t *)(uintptr_t)columns.view.close_time)[9] += 5 * 60000;
    ((double *)(uintptr_t)columns.view.high)[3] = 1.0;
    assert_int_equal(store_write(*state, &columns.view, "made by hand", false, &err), OK);
    assert_int_equal(mapped_series_open(&mapped, *state, "GAPUSDT", INTERVAL_1M, &err), OK);
    const struct series_info *info = mapped_series_info(mapped);
    assert_int_equal(info->count, 10);
    assert_int_equal(info->first_open_time, START);
    assert_int_equal(info->last_open_time, START + 14 * 60000);
    assert_int_equal(info->gap_count, 1);
    assert_int_equal(info->missing_candles, 5);
    assert_int_equal(info->odd_count, 1);
    assert_string_equal(info->source, "made by hand");
    assert_non_null(
        strstr(mapped_series_report(mapped), "gap: 2024-01-01T00:09:00+00:00: 5 candles missing"));
    assert_non_null(strstr(mapped_series_report(mapped), "odd: 2024-01-01T00:03:00+00:00: high is below"));
    mapped_series_close(mapped);
    kline_columns_clear(&columns);
    assert_nothing_open();
}

static void partial_marks_come_back(void **state) {
    struct error err = {0};
    struct mapped_series *mapped = NULL;
    struct kline_columns columns = make_series("PARTUSDT", 5);
    const uint8_t marks[5] = {1, 0, 0, 0, 1};
    assert_int_equal(store_write_marked(*state, &columns.view, marks, "test", false, &err), OK);
    assert_int_equal(mapped_series_open(&mapped, *state, "PARTUSDT", INTERVAL_1M, &err), OK);
    assert_int_equal(mapped_series_info(mapped)->partial_count, 2);
    assert_memory_equal(mapped_series_partial(mapped), marks, 5);
    mapped_series_close(mapped);
    kline_columns_clear(&columns);
    assert_nothing_open();
}

static void an_existing_series_is_replaced_only_when_asked_and_its_reader_keeps_the_old_one(void **state) {
    struct error err = {0};
    struct mapped_series *old = NULL, *new = NULL;
    write_series(*state, "OLDUSDT", 100);
    assert_int_equal(mapped_series_open(&old, *state, "OLDUSDT", INTERVAL_1M, &err), OK);
    struct kline_columns columns = make_series("OLDUSDT", 50);
    assert_int_equal(store_write(*state, &columns.view, "new", false, &err), ERR_EXISTS);
    assert_int_equal(store_write(*state, &columns.view, "new", true, &err), OK);
    assert_int_equal(mapped_series_open(&new, *state, "OLDUSDT", INTERVAL_1M, &err), OK);
    assert_int_equal(mapped_series_view(new)->count, 50);
    assert_int_equal(mapped_series_view(old)->count, 100);
    assert_int_equal(mapped_series_verify(old, &err), OK);
    mapped_series_close(old);
    mapped_series_close(new);
    kline_columns_clear(&columns);
    assert_nothing_open();
}

static void times_that_do_not_increase_are_refused_and_leave_no_file(void **state) {
    struct error err = {0};
    struct kline_columns columns = make_series("BADUSDT", 3);
    ((int64_t *)(uintptr_t)columns.view.open_time)[2] = columns.view.open_time[1];
    assert_int_equal(store_write(*state, &columns.view, "test", false, &err), ERR_INPUT);
    char *path = store_series_path(*state, "BADUSDT", INTERVAL_1M);
    assert_int_not_equal(access(path, F_OK), 0);
    free(path);
    snprintf(columns.view.symbol, sizeof columns.view.symbol, "../EVIL");
    assert_int_equal(store_write(*state, &columns.view, "test", false, &err), ERR_INPUT);
    kline_columns_clear(&columns);
    assert_nothing_open();
}

static status open_bytes(const char *store, const char *data, size_t length, struct error *err) {
    struct mapped_series *mapped = NULL;
    char *path = store_series_path(store, "ROTUSDT", INTERVAL_1M);
    assert_int_equal(file_write_atomically(path, data, length, err), OK);
    status rc = mapped_series_open(&mapped, store, "ROTUSDT", INTERVAL_1M, err);
    if (rc == OK) rc = mapped_series_verify(mapped, err);
    mapped_series_close(mapped);
    if (rc != OK) assert_non_null(strstr(err->message, path));
    free(path);
    return rc;
}

static void a_file_cut_anywhere_is_corrupt(void **state) {
    struct error err = {0};
    char *data;
    size_t length;
    write_series(*state, "ROTUSDT", 600);
    char *path = store_series_path(*state, "ROTUSDT", INTERVAL_1M);
    assert_int_equal(file_read(&data, &length, path, &err), OK);
    free(path);
    assert_int_equal(open_bytes(*state, data, length, &err), OK);
    for (size_t cut = 1; cut <= length; cut += 997)
        assert_int_equal(open_bytes(*state, data, length - cut, &err), ERR_CORRUPT);
    assert_int_equal(open_bytes(*state, data, 0, &err), ERR_CORRUPT);
    free(data);
    assert_nothing_open();
}

/* One byte after the other is changed: in the header, the datasets' headers (all with checksums of HDF5's
 * own) or the columns (ours). Bytes between the columns belong to nobody and may change. */
static void a_changed_byte_of_a_column_is_found_by_verify(void **state) {
    struct error err = {0};
    char *data;
    size_t length, found = 0, tried = 0;
    write_series(*state, "ROTUSDT", 600);
    char *path = store_series_path(*state, "ROTUSDT", INTERVAL_1M);
    assert_int_equal(file_read(&data, &length, path, &err), OK);
    free(path);
    struct kline_columns columns = make_series("ROTUSDT", 600);
    for (int c = 0; c < KLINE_COLUMN_COUNT; c++) {
        const char *raw = series_raw_column(&columns.view, (enum kline_column)c);
        char *place = memmem(data, length, raw, 600 * 8);
        assert_non_null(place);
        for (size_t at = 0; at < 600 * 8; at += 1201, tried++) {
            place[at] ^= 0x10;
            found += open_bytes(*state, data, length, &err) == ERR_CORRUPT;
            place[at] ^= 0x10;
        }
    }
    assert_true(tried >= 40);
    assert_int_equal(found, tried);
    kline_columns_clear(&columns);
    free(data);
    assert_nothing_open();
}

static void random_damage_never_gives_other_candles(void **state) {
    struct error err = {0};
    char *data;
    size_t length;
    write_series(*state, "ROTUSDT", 600);
    char *path = store_series_path(*state, "ROTUSDT", INTERVAL_1M);
    assert_int_equal(file_read(&data, &length, path, &err), OK);
    struct kline_columns columns = make_series("ROTUSDT", 600);
    srand(7);
    for (int i = 0; i < 300; i++) {
        size_t at = (size_t)rand() % (i % 2 ? length : 8192);
        char before = data[at];
        data[at] ^= (char)(1 + rand() % 255);
        assert_int_equal(file_write_atomically(path, data, length, &err), OK);
        struct mapped_series *mapped = NULL;
        if (mapped_series_open(&mapped, *state, "ROTUSDT", INTERVAL_1M, &err) == OK &&
            mapped_series_verify(mapped, &err) == OK)
            assert_same_columns(mapped_series_view(mapped), &columns.view);
        mapped_series_close(mapped);
        data[at] = before;
    }
    free(path);
    free(data);
    kline_columns_clear(&columns);
    assert_nothing_open();
}

static void foreign_files_are_corrupt_and_missing_ones_not_found(void **state) {
    struct error err = {0};
    struct mapped_series *mapped = NULL;
    assert_int_equal(mapped_series_open(&mapped, *state, "NOUSDT", INTERVAL_1M, &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "NOUSDT 1m"));
    assert_int_equal(mapped_series_open(&mapped, "/nonexistent/store", "NOUSDT", INTERVAL_1M, &err),
                     ERR_NOT_FOUND);
    assert_int_equal(mapped_series_open(&mapped, *state, "../x", INTERVAL_1M, &err), ERR_INPUT);
    write_series(*state, "ROTUSDT", 3);
    assert_int_equal(open_bytes(*state, "no HDF5 at all", 14, &err), ERR_CORRUPT);
    char *path = store_series_path(*state, "ROTUSDT", INTERVAL_1M);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    assert_int_equal(mapped_series_open(&mapped, *state, "ROTUSDT", INTERVAL_1M, &err), ERR_CORRUPT);
    free(path);
    assert_nothing_open();
}

static void a_list_is_sorted_and_leaves_out_what_is_no_series(void **state) {
    struct error err = {0};
    struct series_info *infos = NULL;
    size_t count = 0;
    char *store = path_join(*state, "listed");
    write_series(store, "ZZZ", 3);
    write_series(store, "AAA", 4);
    char *path = store_series_path(store, "AAA", INTERVAL_1H);
    assert_int_equal(file_write_atomically(path, "junk", 4, &err), OK);
    if (store_list(&infos, &count, store, &err) != OK) fail_msg("%s", err.message);
    assert_int_equal(count, 2);
    assert_string_equal(infos[0].symbol, "AAA");
    assert_int_equal(infos[0].count, 4);
    assert_string_equal(infos[1].symbol, "ZZZ");
    free(infos);
    free(path);
    free(store);
    assert_int_equal(store_list(&infos, &count, "/nonexistent/store", &err), ERR_NOT_FOUND);
    assert_nothing_open();
}

static void opening_five_million_candles_takes_less_than_5_ms(void **state) {
    struct error err = {0};
    struct mapped_series *mapped = NULL;
    int64_t best = INT64_MAX;
    write_series(*state, "BIGUSDT", 5000000);
    for (int i = 0; i < 5; i++) {
        int64_t start = clock_monotonic_ns();
        assert_int_equal(mapped_series_open(&mapped, *state, "BIGUSDT", INTERVAL_1M, &err), OK);
        int64_t elapsed = clock_monotonic_ns() - start;
        if (elapsed < best) best = elapsed;
        mapped_series_close(mapped);
    }
    print_message("open of 5M candles: %.3f ms\n", (double)best / 1e6);
    assert_true(best < 5000000);
    assert_nothing_open();
}

/* HDF5 1.10 forgets some of its own memory when it refuses a damaged file; AddressSanitizer shall look at
 * ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5";
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_mapped_to_the_bit_and_page_aligned),
        cmocka_unit_test(an_empty_series_has_no_candles_but_opens),
        cmocka_unit_test(the_header_tells_range_gaps_and_source),
        cmocka_unit_test(partial_marks_come_back),
        cmocka_unit_test(an_existing_series_is_replaced_only_when_asked_and_its_reader_keeps_the_old_one),
        cmocka_unit_test(times_that_do_not_increase_are_refused_and_leave_no_file),
        cmocka_unit_test(a_file_cut_anywhere_is_corrupt),
        cmocka_unit_test(a_changed_byte_of_a_column_is_found_by_verify),
        cmocka_unit_test(random_damage_never_gives_other_candles),
        cmocka_unit_test(foreign_files_are_corrupt_and_missing_ones_not_found),
        cmocka_unit_test(a_list_is_sorted_and_leaves_out_what_is_no_series),
        cmocka_unit_test(opening_five_million_candles_takes_less_than_5_ms),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
