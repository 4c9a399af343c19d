/* Monthly returns, worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/clock.h"
#include "metrics/monthly_returns.h"
#include <math.h>

enum { BARS = 6 };

/* Two bars in January, one in February, none in March, two in April, one a year later. */
static struct series six_days(void) {
    static const char *const days[BARS] = {"2024-01-10", "2024-01-31", "2024-02-29",
                                           "2024-04-01", "2024-04-30", "2025-04-30"};
    static const double close[BARS] = {100, 110, 121, 100, 50, 200};
    static int64_t open_time[BARS];
    for (int i = 0; i < BARS; i++)
        assert_true(clock_parse(&open_time[i], days[i]));
    return (struct series){.count = BARS, .open_time = open_time, .close = close};
}

static void assert_return(struct monthly_return got, int year, int month, double value) {
    assert_int_equal(got.year, year);
    assert_int_equal(got.month, month);
    assert_true(fabs(got.value - value) < 1e-15);
}

static void a_position_follows_the_closes_of_month_ends(void **state) {
    (void)state;
    struct series range = six_days();
    /* 1000 at first; 5 pieces bought at 100 on the first bar, sold at 50 on 30 April. Bars count from 7. */
    const struct trade trades[] = {{.bar = 7, .balance = 500, .position = 5},
                                   {.bar = 11, .balance = 750, .position = 0}};
    struct monthly_return out[8];
    assert_int_equal(monthly_returns(out, 8, 1000, trades, 2, &range, 7), 4);
    assert_return(out[0], 2024, 1, 1050.0 / 1000 - 1); /* 500 + 5 x 110 */
    assert_return(out[1], 2024, 2, 1105.0 / 1050 - 1); /* 500 + 5 x 121 */
    assert_return(out[2], 2024, 4, 750.0 / 1105 - 1);
    assert_return(out[3], 2025, 4, 0);
}

static void a_day_end_trade_belongs_to_the_next_month(void **state) {
    (void)state;
    struct series range = six_days();
    const struct trade trades[] = {{.bar = 1, .balance = 0, .position = 10, .after_close = 1}};
    struct monthly_return out[8];
    monthly_returns(out, 8, 1000, trades, 1, &range, 0);
    assert_return(out[0], 2024, 1, 0);
    assert_return(out[1], 2024, 2, 1210.0 / 1000 - 1);
}

static void nothing_left_gives_no_number(void **state) {
    (void)state;
    struct series range = six_days();
    const struct trade trades[] = {{.bar = 0, .balance = 0, .position = 0}};
    struct monthly_return out[2];
    assert_int_equal(monthly_returns(out, 2, 1000, trades, 1, &range, 0),
                     4); /* more than there is room for */
    assert_return(out[0], 2024, 1, -1);
    assert_true(isnan(out[1].value));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_position_follows_the_closes_of_month_ends),
                                       cmocka_unit_test(a_day_end_trade_belongs_to_the_next_month),
                                       cmocka_unit_test(nothing_left_gives_no_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
