/* Resampling by hand-made candles, exact sums against hand-computed decimals, and the synthetic market's
 * promises. */
#include "kline/check.h"
#include "kline/exact_sum.h"
#include "kline/resample.h"
#include "kline/synth.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define T0 INT64_C(1704067200000) /* Monday 2024-01-01 */

static double sum_of(const double *values, size_t count) {
    struct exact_sum sum = {0};
    for (size_t i = 0; i < count; i++)
        exact_sum_add(&sum, values[i]);
    return exact_sum_value(&sum);
}
#define SUM(...) sum_of((const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

static void sums_are_those_of_the_decimals(void **state) {
    (void)state;
    assert_true(sum_of(NULL, 0) == 0.0);
    assert_true(SUM(0.1, 0.2) == 0.3); /* 0.30000000000000004 in doubles */
    assert_true(SUM(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1) == 1.0);
    assert_true(SUM(0.00002853, 0.00002853) == 0.00005706);
    assert_true(SUM(128572.68197644, 453859.29928677) == 582431.98126321);
    assert_true(SUM(60071992.54740993, 0.00000001) == 60071992.54740994);
    assert_true(SUM(1e22, 1.0, -1e22) == 1.0);
    assert_true(SUM(1e-20, 1.0, -1.0) == 1e-20);
    assert_true(SUM(-0.1, -0.2) == -0.3);
    assert_true(SUM(123456789012345.67, 0.01) == 123456789012345.68);
    assert_true(isnan(SUM(1.0, NAN)));
    struct exact_sum sum = {0};
    exact_sum_add(&sum, 1e30);
    exact_sum_add(&sum, 1e-30);
    assert_true(sum.overflow);
    sum = (struct exact_sum){0};
    exact_sum_add(&sum, DBL_MIN);
    assert_false(sum.overflow);
    exact_sum_add(&sum, 1.0);
    assert_true(sum.overflow);
}

/* Decimals with up to 8 places as 128-bit integers, summed here, rounded by strtod. */
static void sums_of_random_decimals_are_correctly_rounded(void **state) {
    (void)state;
    srand(11);
    for (int round = 0; round < 2000; round++) {
        struct exact_sum sum = {0};
        int64_t units = 0;
        char text[64];
        for (int i = 0, n = 1 + rand() % 100; i < n; i++) {
            int64_t value = ((int64_t)rand() << 20 ^ rand()) % INT64_C(900000000000000);
            units += value;
            snprintf(text, sizeof text, "%lld.%08lld", (long long)(value / 100000000),
                     (long long)(value % 100000000));
            exact_sum_add(&sum, strtod(text, NULL));
        }
        snprintf(text, sizeof text, "%lld.%08lld", (long long)(units / 100000000),
                 (long long)(units % 100000000));
        assert_true(exact_sum_value(&sum) == strtod(text, NULL));
    }
}

static void add(struct kline_columns *columns, int64_t minute, double price, double volume) {
    struct kline_row row = {.open_time = T0 + minute * MINUTE,
                            .close_time = T0 + minute * MINUTE + 59999,
                            .trades_count = 2,
                            .open = price,
                            .high = price + 3.0,
                            .low = price - 2.0,
                            .close = price + 1.0,
                            .volume = volume,
                            .quote_volume = volume * 10,
                            .taker_buy_base = volume / 2,
                            .taker_buy_quote = volume * 5};
    assert_int_equal(kline_columns_add(columns, &row, NULL), OK);
}

static struct kline_columns minutes(int64_t first, int count) {
    struct kline_columns columns = {.view = {.interval = INTERVAL_1M, .symbol = "X"}};
    for (int i = 0; i < count; i++)
        add(&columns, first + i, 100.0 + i, 0.1);
    return columns;
}

static void a_larger_candle_has_first_open_extremes_last_close_and_sums(void **state) {
    (void)state;
    struct kline_columns source = minutes(0, 6);
    struct resampled made;
    assert_int_equal(resample_series(&made, &source.view, NULL, INTERVAL_3M, NULL), OK);
    const struct series *s = &made.columns.view;
    assert_int_equal(s->count, 2);
    assert_int_equal(s->interval, INTERVAL_3M);
    assert_string_equal(s->symbol, "X");
    assert_int_equal(s->open_time[1], T0 + 3 * MINUTE);
    assert_int_equal(s->close_time[1], T0 + 6 * MINUTE - 1);
    assert_true(s->open[1] == 103.0 && s->high[1] == 108.0 && s->low[1] == 101.0 && s->close[1] == 106.0);
    assert_true(s->volume[1] == 0.3 && s->quote_volume[1] == 3.0 && s->taker_buy_base[1] == 0.15);
    assert_true(s->taker_buy_quote[1] == 1.5);
    assert_int_equal(s->trades_count[1], 6);
    assert_int_equal(made.partial_count, 0);
    resampled_clear(&made);
    kline_columns_clear(&source);
}

static void unknown_values_stay_unknown(void **state) {
    (void)state;
    struct kline_columns source = minutes(0, 6);
    struct resampled made;
    ((double *)(uintptr_t)source.view.quote_volume)[1] = NAN;
    ((int64_t *)(uintptr_t)source.view.trades_count)[4] = -1;
    assert_int_equal(resample_series(&made, &source.view, NULL, INTERVAL_3M, NULL), OK);
    assert_true(isnan(made.columns.view.quote_volume[0]) && !isnan(made.columns.view.quote_volume[1]));
    assert_int_equal(made.columns.view.trades_count[0], 6);
    assert_int_equal(made.columns.view.trades_count[1], -1);
    resampled_clear(&made);
    kline_columns_clear(&source);
}

static void holes_and_cut_ends_are_marked_and_empty_spans_stay_gaps(void **state) {
    (void)state;
    struct kline_columns source = {.view = {.interval = INTERVAL_1M, .symbol = "X"}};
    const int64_t at[] = {2, 3, 4, 5, 6, 8, 15, 16, 17, 18};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        add(&source, at[i], 100.0, 1.0);
    struct resampled made;
    assert_int_equal(resample_series(&made, &source.view, NULL, INTERVAL_3M, NULL), OK);
    const int64_t opens[] = {0, 3, 6, 15, 18};
    const uint8_t marks[] = {1, 0, 1, 0, 1};
    assert_int_equal(made.columns.view.count, 5);
    assert_int_equal(made.partial_count, 3);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(made.columns.view.open_time[i], T0 + opens[i] * MINUTE);
        assert_int_equal(made.partial[i], marks[i]);
    }
    assert_int_equal(made.columns.view.close_time[4], T0 + 19 * MINUTE - 1);
    struct resampled again; /* a candle made of a partial one is partial */
    assert_int_equal(resample_series(&again, &made.columns.view, made.partial, INTERVAL_15M, NULL), OK);
    assert_int_equal(again.partial_count, 2);
    resampled_clear(&again);
    resampled_clear(&made);
    kline_columns_clear(&source);
}

static void months_and_weeks_follow_the_calendar(void **state) {
    (void)state;
    struct kline_columns days = {.view = {.interval = INTERVAL_1D, .symbol = "X"}};
    for (int i = 0; i < 60; i++) /* 2024-01-01 .. 2024-02-29 */
        add(&days, i * 1440, 100.0, 1.0);
    struct resampled made;
    assert_int_equal(resample_series(&made, &days.view, NULL, INTERVAL_1MO, NULL), OK);
    assert_int_equal(made.columns.view.count, 2);
    assert_int_equal(made.partial_count, 0);
    assert_true(made.columns.view.volume[0] == 31.0 && made.columns.view.volume[1] == 29.0);
    resampled_clear(&made);
    assert_int_equal(resample_series(&made, &days.view, NULL, INTERVAL_1W, NULL), OK);
    assert_int_equal(made.columns.view.count, 9);
    assert_int_equal(made.partial_count, 1);
    assert_int_equal(made.partial[8], 1);
    resampled_clear(&made);
    kline_columns_clear(&days);
}

static void only_whole_multiples_can_be_made(void **state) {
    (void)state;
    assert_true(interval_resamples(INTERVAL_1M, INTERVAL_1MO));
    assert_true(interval_resamples(INTERVAL_1D, INTERVAL_3D));
    assert_true(interval_resamples(INTERVAL_12H, INTERVAL_1W));
    assert_false(interval_resamples(INTERVAL_3M, INTERVAL_5M));
    assert_false(interval_resamples(INTERVAL_8H, INTERVAL_12H));
    assert_false(interval_resamples(INTERVAL_3D, INTERVAL_1W));
    assert_false(interval_resamples(INTERVAL_1W, INTERVAL_1MO));
    assert_false(interval_resamples(INTERVAL_3D, INTERVAL_1MO));
    assert_false(interval_resamples(INTERVAL_1H, INTERVAL_1H));
    assert_false(interval_resamples(INTERVAL_1H, INTERVAL_1M));
    struct kline_columns source = minutes(0, 3);
    struct resampled made;
    struct error err;
    ((int64_t *)(uintptr_t)source.view.open_time)[1] += 1;
    assert_int_equal(resample_series(&made, &source.view, NULL, INTERVAL_3M, &err), ERR_INPUT);
    assert_non_null(strstr(err.message, "does not open on the 1m grid"));
    resampled_clear(&made);
    kline_columns_clear(&source);
}

/* ---- the synthetic market
 * ------------------------------------------------------------------------------------- */

static struct kline_columns make_market(enum interval interval, size_t bars, uint64_t seed, double price) {
    struct kline_columns columns = {0};
    struct synth_options options = {.symbol = "S",
                                    .interval = interval,
                                    .bars = bars,
                                    .seed = seed,
                                    .start_ms = T0,
                                    .start_price = price};
    struct error err = {0};
    if (synth_series(&columns, &options, &err) != OK) fail_msg("%s", err.message);
    return columns;
}

static void synthetic_candles_are_possible_and_complete_for_every_interval(void **state) {
    (void)state;
    const double prices[] = {0.0001, 0.5, 30000.0, 1e9};
    for (int i = 0; i < INTERVAL_COUNT; i++) {
        for (int p = 0; p < 4; p++) {
            struct kline_columns columns = make_market((enum interval)i, 3000, (uint64_t)i, prices[p]);
            struct kline_check check;
            kline_check(&check, &columns.view, NULL);
            if (check.report.data && (check.odd_count || check.gap_count)) fail_msg("%s", check.report.data);
            assert_int_equal(check.odd_count + check.gap_count + check.early_close, 0);
            for (size_t b = 1; b < columns.view.count; b++)
                assert_true(columns.view.open[b] == columns.view.close[b - 1]);
            kline_check_clear(&check);
            kline_columns_clear(&columns);
        }
    }
}

static void equal_seeds_give_equal_markets_and_others_do_not(void **state) {
    (void)state;
    struct kline_columns a = make_market(INTERVAL_1H, 5000, 42, 0.0),
                         b = make_market(INTERVAL_1H, 5000, 42, 0.0),
                         c = make_market(INTERVAL_1H, 5000, 43, 0.0);
    size_t same = 0;
    for (int i = 0; i < KLINE_COLUMN_COUNT; i++)
        assert_memory_equal(series_raw_column(&a.view, (enum kline_column)i),
                            series_raw_column(&b.view, (enum kline_column)i), 5000 * 8);
    for (size_t i = 0; i < 5000; i++)
        same += a.view.close[i] == c.view.close[i];
    assert_true(same < 100);
    struct kline_columns shorter = make_market(INTERVAL_1H, 1000, 42, 0.0); /* a prefix of the longer one */
    assert_memory_equal(shorter.view.close, a.view.close, 1000 * 8);
    kline_columns_clear(&a);
    kline_columns_clear(&b);
    kline_columns_clear(&c);
    kline_columns_clear(&shorter);
}

static void options_out_of_range_are_refused(void **state) {
    (void)state;
    const struct synth_options bad[] = {{.symbol = "S", .bars = 0},
                                        {.symbol = "S", .bars = 1, .start_price = -1.0},
                                        {.symbol = "S", .bars = 1, .start_price = NAN},
                                        {.symbol = "S", .bars = 1, .daily_volatility = 3.0},
                                        {.symbol = "S", .bars = SIZE_MAX}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct kline_columns columns = {0};
        assert_int_equal(synth_series(&columns, &bad[i], NULL), ERR_INPUT);
        kline_columns_clear(&columns);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_of_the_decimals),
        cmocka_unit_test(sums_of_random_decimals_are_correctly_rounded),
        cmocka_unit_test(a_larger_candle_has_first_open_extremes_last_close_and_sums),
        cmocka_unit_test(unknown_values_stay_unknown),
        cmocka_unit_test(holes_and_cut_ends_are_marked_and_empty_spans_stay_gaps),
        cmocka_unit_test(months_and_weeks_follow_the_calendar),
        cmocka_unit_test(only_whole_multiples_can_be_made),
        cmocka_unit_test(synthetic_candles_are_possible_and_complete_for_every_interval),
        cmocka_unit_test(equal_seeds_give_equal_markets_and_others_do_not),
        cmocka_unit_test(options_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
