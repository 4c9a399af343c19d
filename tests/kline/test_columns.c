/* Columns, sorting, duplicates, merging and views: by hand-made rows. */
#include "kline/columns.h"
#include "kline/merge.h"
#include "kline/spacing.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define MINUTE INT64_C(60000)

static struct kline_row row_of(int64_t minute, double close) {
    return (struct kline_row){.open_time = minute * MINUTE,
                              .close_time = minute * MINUTE + 59999,
                              .trades_count = 5,
                              .open = 1.0,
                              .high = 9.0,
                              .low = 0.5,
                              .close = close,
                              .volume = 10.0,
                              .quote_volume = 20.0,
                              .taker_buy_base = 3.0,
                              .taker_buy_quote = 6.0};
}

static void add(struct kline_columns *columns, int64_t minute, double close) {
    struct kline_row row = row_of(minute, close);
    assert_int_equal(kline_columns_add(columns, &row, NULL), OK);
}

static void rows_come_back_as_they_were_added(void **state) {
    (void)state;
    struct kline_columns columns = {0};
    for (int i = 0; i < 5000; i++)
        add(&columns, i, i * 0.5);
    for (int i = 0; i < 5000; i++) {
        struct kline_row row, expected = row_of(i, i * 0.5);
        kline_columns_get(&row, &columns.view, (size_t)i);
        assert_memory_equal(&row, &expected, sizeof row);
    }
    kline_columns_clear(&columns);
    assert_int_equal(columns.view.count, 0);
    assert_null(columns.view.open);
}

static void sorting_is_stable_and_takes_the_lines_along(void **state) {
    (void)state;
    struct kline_columns columns = {0};
    uint32_t where[1000];
    for (uint32_t i = 0; i < 1000; i++) {
        add(&columns, (i * 7919) % 100, i); /* every minute ten times, the close tells the order of arrival */
        where[i] = i + 1;
    }
    assert_int_equal(kline_columns_sort(&columns, where, NULL), OK);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(columns.view.open_time[i], (i / 10) * MINUTE);
        assert_true(columns.view.close[i] == (double)(where[i] - 1));
        assert_int_equal(((where[i] - 1) * 7919) % 100, i / 10);
        if (i % 10) assert_true(where[i] > where[i - 1]);
        assert_int_equal(columns.view.close_time[i], (i / 10) * MINUTE + 59999);
    }
    kline_columns_clear(&columns);
}

static void identical_rows_become_one_and_unknown_values_are_filled(void **state) {
    (void)state;
    struct kline_columns columns = {0};
    uint32_t where[] = {1, 2, 3, 4, 5};
    size_t dropped;
    struct kline_conflict conflict;
    add(&columns, 1, 2.0);
    struct kline_row bare = row_of(2, 3.0);
    bare.trades_count = -1;
    bare.quote_volume = bare.taker_buy_base = bare.taker_buy_quote = NAN;
    kline_columns_add(&columns, &bare, NULL);
    add(&columns, 2, 3.0);
    kline_columns_add(&columns, &bare, NULL);
    add(&columns, 3, 4.0);
    assert_true(kline_drop_duplicates(&columns, where, &dropped, &conflict));
    assert_int_equal(dropped, 2);
    assert_int_equal(columns.view.count, 3);
    assert_int_equal(columns.view.trades_count[1], 5);
    assert_true(columns.view.quote_volume[1] == 20.0);
    assert_true(columns.view.close[2] == 4.0);
    assert_int_equal(where[1], 2);
    assert_int_equal(where[2], 5);
    kline_columns_clear(&columns);
}

static void different_rows_of_one_time_conflict_in_the_column_that_differs(void **state) {
    (void)state;
    for (int c = KLINE_OPEN; c < KLINE_COLUMN_COUNT; c++) {
        struct kline_columns columns = {0};
        struct kline_conflict conflict;
        size_t dropped;
        add(&columns, 1, 2.0);
        add(&columns, 2, 2.0);
        add(&columns, 2, 2.0);
        void *column = (void *)(uintptr_t)series_raw_column(&columns.view, (enum kline_column)c);
        if (kline_column_is_integer((enum kline_column)c)) {
            ((int64_t *)column)[2] += 1;
        } else {
            ((double *)column)[2] += 0.25;
        }
        assert_false(kline_drop_duplicates(&columns, NULL, &dropped, &conflict));
        assert_int_equal(conflict.first, 1);
        assert_int_equal(conflict.second, 2);
        assert_int_equal(conflict.column, c);
        kline_columns_clear(&columns);
    }
}

static void merging_interleaves_and_keeps_the_marks_of_the_old_candles(void **state) {
    (void)state;
    struct kline_columns old = {0}, fresh = {0};
    struct kline_merge merge;
    struct kline_conflict conflict;
    const uint8_t marks[] = {1, 0, 1};
    add(&old, 1, 1.0);
    add(&old, 3, 3.0);
    add(&old, 5, 5.0);
    add(&fresh, 0, 0.5);
    add(&fresh, 3, 3.0);
    add(&fresh, 4, 4.0);
    assert_int_equal(kline_merge(&merge, &old.view, marks, &fresh.view, &conflict, NULL), OK);
    const int64_t minutes[] = {0, 1, 3, 4, 5};
    const uint8_t expected[] = {0, 1, 0, 0, 1};
    assert_int_equal(merge.columns.view.count, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(merge.columns.view.open_time[i], minutes[i] * MINUTE);
        assert_int_equal(merge.partial[i], expected[i]);
    }
    assert_int_equal(merge.added, 2);
    assert_int_equal(merge.repeated, 1);
    assert_true(merge.changed);
    kline_merge_clear(&merge);
    assert_int_equal(kline_merge(&merge, &old.view, NULL, &old.view, &conflict, NULL), OK);
    assert_false(merge.changed);
    kline_merge_clear(&merge);
    ((double *)(uintptr_t)fresh.view.close)[1] = 3.5;
    assert_int_equal(kline_merge(&merge, &old.view, NULL, &fresh.view, &conflict, NULL), ERR_INPUT);
    assert_int_equal(conflict.first, 1);
    assert_int_equal(conflict.second, 1);
    char text[CONFLICT_TEXT_MAX];
    kline_conflict_text(text, &old.view, &fresh.view, &conflict);
    assert_string_equal(text, "close 3.0 against 3.5");
    kline_merge_clear(&merge);
    kline_columns_clear(&old);
    kline_columns_clear(&fresh);
}

static void slices_and_bounds_are_views(void **state) {
    (void)state;
    struct kline_columns columns = {0};
    for (int i = 0; i < 10; i++)
        add(&columns, i * 2, i);
    assert_int_equal(series_lower_bound(&columns.view, INT64_MIN), 0);
    assert_int_equal(series_lower_bound(&columns.view, 4 * MINUTE), 2);
    assert_int_equal(series_lower_bound(&columns.view, 4 * MINUTE + 1), 3);
    assert_int_equal(series_lower_bound(&columns.view, INT64_MAX), 10);
    struct series slice = series_slice(&columns.view, 3, 7);
    assert_int_equal(slice.count, 4);
    assert_ptr_equal(slice.close, columns.view.close + 3);
    assert_ptr_equal(slice.open_time, columns.view.open_time + 3);
    assert_ptr_equal(slice.taker_buy_quote, columns.view.taker_buy_quote + 3);
    assert_null(series_column(&slice, KLINE_CLOSE_TIME));
    assert_ptr_equal(series_column(&slice, KLINE_HIGH), slice.high);
    kline_columns_clear(&columns);
}

static status check_spacing(enum interval interval, int64_t step_minutes, int count) {
    struct kline_columns columns = {.view.interval = interval};
    struct error err;
    for (int i = 0; i < count; i++)
        add(&columns, i * step_minutes, 1.0);
    status rc = kline_spacing_check(&columns.view, "x.csv", &err);
    kline_columns_clear(&columns);
    return rc;
}

static void an_interval_that_cannot_be_right_is_refused(void **state) {
    (void)state;
    assert_int_equal(check_spacing(INTERVAL_1M, 1, 100), OK);
    assert_int_equal(check_spacing(INTERVAL_1H, 60, 2), OK);
    assert_int_equal(check_spacing(INTERVAL_1H, 1, 2), ERR_INPUT);
    assert_int_equal(check_spacing(INTERVAL_1H, 1, 100), ERR_INPUT);
    assert_int_equal(check_spacing(INTERVAL_1M, 60, 100), ERR_INPUT);
    assert_int_equal(check_spacing(INTERVAL_1M, 7, 100), OK); /* sparse, but on no larger grid */
    assert_int_equal(check_spacing(INTERVAL_1M, 60, 3), OK);
    assert_int_equal(check_spacing(INTERVAL_1D, 1440, 1), OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back_as_they_were_added),
        cmocka_unit_test(sorting_is_stable_and_takes_the_lines_along),
        cmocka_unit_test(identical_rows_become_one_and_unknown_values_are_filled),
        cmocka_unit_test(different_rows_of_one_time_conflict_in_the_column_that_differs),
        cmocka_unit_test(merging_interleaves_and_keeps_the_marks_of_the_old_candles),
        cmocka_unit_test(slices_and_bounds_are_views),
        cmocka_unit_test(an_interval_that_cannot_be_right_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
