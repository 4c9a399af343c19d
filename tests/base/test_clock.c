/* Times against Python's datetime, and the forms of time a user may write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "python_oracle.h"

#include <inttypes.h>

static void times_are_written_and_read_as_by_python(void **state) {
    (void)state;
    FILE *oracle = oracle_open(__FILE__, "clock_oracle.py", "");
    assert_non_null(oracle);
    int64_t ms, day;
    char iso[64], date[64], local[64], written[CLOCK_TEXT_MAX];
    size_t compared = 0;
    while (fscanf(oracle, "%" SCNd64 "|%63[^|]|%63[^|]|%" SCNd64 "|%63[^\n]\n", &ms, iso, date, &day,
                  local) == 5) {
        assert_int_equal(clock_format_iso(written, ms), strlen(iso));
        assert_string_equal(written, iso);
        assert_int_equal(clock_format_date(written, ms), strlen(date));
        assert_string_equal(written, date);
        assert_true(clock_utc_day(ms) == day);
        int year, month, day_of_month;
        clock_civil_from_day(day, &year, &month, &day_of_month);
        assert_true(clock_day_from_civil(year, month, day_of_month) == day);
        int64_t parsed = 0;
        assert_true(clock_parse(&parsed, iso));
        assert_true(parsed == ms);
        if (!clock_parse(&parsed, local)) fail_msg("not read: %s", local);
        assert_true(parsed == ms);
        compared++;
    }
    assert_int_equal(pclose(oracle), 0);
    assert_int_equal(compared, 50000);
}

static void every_documented_form_is_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } known[] = {
        {"1970", 0},
        {"1970-02", INT64_C(31) * 86400000},
        {"2024-01-01", INT64_C(1704067200000)},
        {"2024-02-29T12:30", INT64_C(1709209800000)},
        {"2024-02-29 12:30:45", INT64_C(1709209845000)},
        {"2024-02-29T12:30:45.5Z", INT64_C(1709209845500)},
        {"2024-02-29T12:30:45.123999+00:00", INT64_C(1709209845123)},
        {"2024-02-29T12:30:45+05:30", INT64_C(1709209845000) - 19800000},
        {"2024-02-29T12:30:45-00:30", INT64_C(1709209845000) + 1800000},
        {"1704067200000", INT64_C(1704067200000)},
        {"-100000", -100000},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int64_t ms = 0;
        if (!clock_parse(&ms, known[i].text)) fail_msg("not read: %s", known[i].text);
        assert_true(ms == known[i].ms);
    }
}

static void everything_else_is_refused(void **state) {
    (void)state;
    static const char *const refused[] = {"",
                                          "24",
                                          "202",
                                          "20240",
                                          "2024-",
                                          "2024-1-01",
                                          "2024-13",
                                          "2024-00",
                                          "2023-02-29",
                                          "2024-02-30",
                                          "2024-04-31",
                                          "2024-01-01T",
                                          "2024-01-01T24:00",
                                          "2024-01-01T12",
                                          "2024-01-01T12:60",
                                          "2024-01-01T12:00:60",
                                          "2024-01-01T12:00:00.",
                                          "2024-01-01T12:00+1",
                                          "2024-01-01T12:00+24:00",
                                          "2024-01-01T12:00:00Zx",
                                          "2024-01-01Z",
                                          " 2024-01-01",
                                          "2024/01/01",
                                          "tomorrow",
                                          "1704067200000.5",
                                          "1704067200000000000"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        int64_t ms = 0;
        if (clock_parse(&ms, refused[i])) fail_msg("read: %s", refused[i]);
    }
}

static void the_clocks_go_forward(void **state) {
    (void)state;
    int64_t wall = clock_monotonic_ns(), cpu = clock_thread_cpu_ns();
    assert_true(clock_realtime_ms() > INT64_C(1700000000000));
    while (clock_thread_cpu_ns() - cpu < 1000000)
        ;
    assert_true(clock_monotonic_ns() - wall >= 900000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_and_read_as_by_python),
        cmocka_unit_test(every_documented_form_is_read),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(the_clocks_go_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
