/* What the check finds in candles that are wrong in one way each. */
#include "kline/check.h"
#include "kline/columns.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define MINUTE INT64_C(60000)

static struct kline_row good_row(int64_t minute) {
    return (struct kline_row){.open_time = minute * MINUTE,
                              .close_time = minute * MINUTE + 59999,
                              .trades_count = 5,
                              .open = 10.0,
                              .high = 12.0,
                              .low = 9.0,
                              .close = 11.0,
                              .volume = 4.0,
                              .quote_volume = 40.0,
                              .taker_buy_base = 4.0,
                              .taker_buy_quote = 40.0};
}

static struct kline_check check_rows(const struct kline_row *rows, size_t count, const uint8_t *partial) {
    struct kline_columns columns = {.view.interval = INTERVAL_1M};
    struct kline_check check;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(kline_columns_add(&columns, &rows[i], NULL), OK);
    kline_check(&check, &columns.view, partial);
    kline_columns_clear(&columns);
    return check;
}

static void assert_fault(struct kline_row row, const char *reason) {
    struct kline_check check = check_rows(&row, 1, NULL);
    assert_int_equal(check.odd_count, reason ? 1 : 0);
    if (reason) assert_non_null(strstr(check.report.data, reason));
    kline_check_clear(&check);
}

#define WITH(field, value)                        \
    ({                                            \
        struct kline_row changed = good_row(100); \
        changed.field = (value);                  \
        changed;                                  \
    })

static void each_impossibility_is_found(void **state) {
    (void)state;
    assert_fault(good_row(100), NULL);
    assert_fault(WITH(high, 10.5), "high is below open or close");
    assert_fault(WITH(low, 10.5), "low is above open or close");
    assert_fault(WITH(low, 0.0), "low is not above zero");
    assert_fault(WITH(low, -1.0), "low is not above zero");
    assert_fault(WITH(close, NAN), "not a finite number");
    assert_fault(WITH(volume, INFINITY), "not a finite number");
    assert_fault(WITH(volume, -4.0), "a volume is negative");
    assert_fault(WITH(quote_volume, -1.0), "a volume is negative");
    assert_fault(WITH(taker_buy_base, -1.0), "a taker volume is negative");
    assert_fault(WITH(taker_buy_base, 4.5), "bought more than was traded");
    assert_fault(WITH(taker_buy_quote, 40.5), "paid more than was traded");
    assert_fault(WITH(trades_count, -2), "number of trades is negative");
    assert_fault(WITH(close_time, 100 * MINUTE), "close_time is not after open_time");
    assert_fault(WITH(close_time, 101 * MINUTE), "close_time is beyond the interval");
    assert_fault(WITH(open_time, 100 * MINUTE + 1), "off the interval's grid");
}

static void unknown_values_are_no_fault(void **state) {
    (void)state;
    assert_fault(WITH(quote_volume, NAN), NULL);
    assert_fault(WITH(taker_buy_base, NAN), NULL);
    assert_fault(WITH(taker_buy_quote, NAN), NULL);
    assert_fault(WITH(trades_count, -1), NULL);
}

static void gaps_are_counted_with_what_is_missing(void **state) {
    (void)state;
    struct kline_row rows[] = {good_row(1), good_row(2), good_row(4), good_row(5), good_row(105)};
    struct kline_check check = check_rows(rows, 5, NULL);
    assert_int_equal(check.gap_count, 2);
    assert_int_equal(check.missing_candles, 1 + 99);
    assert_string_equal(
        check.report.data,
        "gap: 1970-01-01T00:03:00+00:00: 1 candle missing, the next opens at 1970-01-01T00:04:00+00:00\n"
        "gap: 1970-01-01T00:06:00+00:00: 99 candles missing, the next opens at 1970-01-01T01:45:00+00:00\n");
    kline_check_clear(&check);
}

static void unusual_but_possible_candles_are_notes(void **state) {
    (void)state;
    struct kline_row rows[] = {good_row(1), good_row(2), good_row(3)};
    const uint8_t partial[] = {0, 0, 1};
    rows[0].volume = rows[0].quote_volume = rows[0].taker_buy_base = rows[0].taker_buy_quote = 0.0;
    rows[1].close_time -= 1000;
    struct kline_check check = check_rows(rows, 3, partial);
    assert_int_equal(check.odd_count, 0);
    assert_int_equal(check.zero_volume, 1);
    assert_int_equal(check.early_close, 1);
    assert_int_equal(check.partial, 1);
    assert_string_equal(check.report.data,
                        "note: 1970-01-01T00:03:00+00:00: partial, made from fewer candles than it spans\n"
                        "note: 1970-01-01T00:02:00+00:00: closes early, at 1970-01-01T00:02:58.999000+00:00\n"
                        "note: 1 candle without any trade (volume 0)\n");
    kline_check_clear(&check);
}

static void a_report_is_bounded_but_the_count_is_not(void **state) {
    (void)state;
    struct kline_row rows[1000];
    for (int i = 0; i < 1000; i++) {
        rows[i] = good_row(i * 2);
        rows[i].high = 1.0;
    }
    struct kline_check check = check_rows(rows, 1000, NULL);
    assert_int_equal(check.gap_count, 999);
    assert_int_equal(check.odd_count, 1000);
    assert_true(check.report.length < 30000);
    assert_non_null(strstr(check.report.data, "gap: ... and 899 more\n"));
    assert_non_null(strstr(check.report.data, "odd: ... and 900 more\n"));
    kline_check_clear(&check);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_impossibility_is_found),
        cmocka_unit_test(unknown_values_are_no_fault),
        cmocka_unit_test(gaps_are_counted_with_what_is_missing),
        cmocka_unit_test(unusual_but_possible_candles_are_notes),
        cmocka_unit_test(a_report_is_bounded_but_the_count_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
