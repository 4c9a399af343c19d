/* Intervals: names, and the grid, with expected times from the calendar. */
#include "base/clock.h"
#include "kmill/interval.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static int64_t at(const char *text) {
    int64_t ms;
    assert_true(clock_parse(&ms, text));
    return ms;
}

static void every_name_parses_to_itself_and_the_month_has_two(void **state) {
    (void)state;
    enum interval out;
    for (int i = 0; i < INTERVAL_COUNT; i++) {
        assert_true(interval_parse(&out, interval_name((enum interval)i)));
        assert_int_equal(out, i);
    }
    assert_true(interval_parse(&out, "1M"));
    assert_int_equal(out, INTERVAL_1MO);
    assert_string_equal(interval_name(INTERVAL_1MO), "1mo");
    const char *wrong[] = {"", "1", "m", "1H", "10m", "60m", "1month", "1mO", " 1m"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(interval_parse(&out, wrong[i]));
}

static void floors_lie_on_the_calendar(void **state) {
    (void)state;
    const struct {
        enum interval interval;
        const char *time, *floor;
    } cases[] = {
        {INTERVAL_1M, "2024-02-29T12:34:56.789", "2024-02-29T12:34"},
        {INTERVAL_15M, "2024-02-29T12:34:56", "2024-02-29T12:30"},
        {INTERVAL_4H, "2024-02-29T15:59:59.999", "2024-02-29T12:00"},
        {INTERVAL_8H, "2024-02-29T16:00", "2024-02-29T16:00"},
        {INTERVAL_1D, "2024-02-29T23:59", "2024-02-29"},
        {INTERVAL_3D, "1970-01-06T23:59", "1970-01-04"},
        {INTERVAL_1W, "2024-03-03T23:59", "2024-02-26"}, /* a Sunday, of the week of Monday 26 February */
        {INTERVAL_1W, "2017-08-17T04:00", "2017-08-14"},
        {INTERVAL_1W, "2024-03-04", "2024-03-04"},
        {INTERVAL_1MO, "2024-02-29T23:59", "2024-02-01"},
        {INTERVAL_1MO, "1969-12-31T23:59", "1969-12-01"},
        {INTERVAL_1H, "1969-12-31T23:59", "1969-12-31T23:00"},
        {INTERVAL_1W, "1969-12-28T12:00", "1969-12-22"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(interval_floor(cases[i].interval, at(cases[i].time)), at(cases[i].floor));
}

static void the_next_month_has_the_length_of_the_calendar(void **state) {
    (void)state;
    assert_int_equal(interval_next(INTERVAL_1MO, at("2024-02-01")), at("2024-03-01"));
    assert_int_equal(interval_next(INTERVAL_1MO, at("2023-12-01")), at("2024-01-01"));
    assert_int_equal(interval_next(INTERVAL_1W, at("2024-02-26")), at("2024-03-04"));
    assert_int_equal(interval_next(INTERVAL_1M, 0), 60000);
}

static void steps_count_candles(void **state) {
    (void)state;
    assert_int_equal(interval_steps(INTERVAL_1MO, at("2023-11-15"), at("2024-02-29")), 3);
    assert_int_equal(interval_steps(INTERVAL_1H, at("2024-01-01T10:59"), at("2024-01-01T11:00")), 1);
    assert_int_equal(interval_steps(INTERVAL_1H, at("2024-01-01T11:00"), at("2024-01-01T10:59")), -1);
    assert_int_equal(interval_steps(INTERVAL_1D, at("2024-02-28"), at("2024-03-01")), 2);
}

static void a_year_has_365_days(void **state) {
    (void)state;
    assert_true(interval_per_year(INTERVAL_1H) == 8760.0);
    assert_true(interval_per_year(INTERVAL_1M) == 525600.0);
    assert_true(interval_per_year(INTERVAL_1MO) == 12.0);
    assert_int_equal(interval_ms(INTERVAL_1MO), 30 * MS_PER_DAY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_parses_to_itself_and_the_month_has_two),
        cmocka_unit_test(floors_lie_on_the_calendar),
        cmocka_unit_test(the_next_month_has_the_length_of_the_calendar),
        cmocka_unit_test(steps_count_candles),
        cmocka_unit_test(a_year_has_365_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
