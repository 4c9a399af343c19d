/* Pages of candles: each number is what text_add_double writes, each time what clock_format_iso writes, the
 * rest is compared with bytes written down here. */
#include "base/clock.h"
#include "kline/columns.h"
#include "server/klines/kline_page.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define START INT64_C(1704067200000) /* 2024-01-01 */
enum { BLOCK = 2000 };

/* xorshift64*: the same values in each run. */
static uint64_t draw(void) {
    static uint64_t state = 0x9e3779b97f4a7c15;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * UINT64_C(0x2545f4914f6cdd1d);
}

static double price(void) {
    static const double scales[] = {1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
    uint64_t n = draw() % (UINT64_C(1) << (1 + draw() % 50));
    return (double)n / scales[draw() % 9];
}

static double neighbour(void) {
    double value = price();
    return nextafter(value, draw() % 2 ? INFINITY : 0.0);
}

static double any_bits(void) {
    uint64_t bits = draw();
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Around the borders of the fast path: 10^-4, 10^7, and halves of the eighth decimal. */
static double border(void) {
    static const double centres[] = {1e-4, 1e7, 1e-8, 5e-9, 1e-5, 9999999.99999999,
                                     0.5,  1.0, 1e15, 1e16, 1e22};
    double value = centres[draw() % (sizeof centres / sizeof *centres)];
    for (uint64_t i = draw() % 4; i > 0; i--)
        value = nextafter(value, draw() % 2 ? INFINITY : -INFINITY);
    return value;
}

static void add_json_time(struct text *out, int64_t ms) {
    char iso[CLOCK_TEXT_MAX];
    clock_format_iso(iso, ms);
    text_printf(out, "\"%s\"", iso);
}

/* The page by the general functions. */
static void expected_page(struct text *out, const struct series *s) {
    text_printf(out, "{\"symbol\":\"%s\",\"interval\":\"%s\",\"count\":%zu,\"data\":[", s->symbol,
                interval_name(s->interval), s->count);
    for (size_t i = 0; i < s->count; i++) {
        const char *const names[] = {"open", "high", "low", "close", "volume"};
        const double *const columns[] = {s->open, s->high, s->low, s->close, s->volume};
        text_printf(out, "%s{\"open_time\":", i ? "," : "");
        add_json_time(out, s->open_time[i]);
        for (int c = 0; c < 5; c++) {
            text_printf(out, ",\"%s\":", names[c]);
            text_add_json_double(out, columns[c][i]);
        }
        text_add_string(out, ",\"close_time\":");
        add_json_time(out, s->close_time[i]);
        text_add_string(out, ",\"quote_asset_volume\":");
        text_add_json_double(out, s->quote_volume[i]);
        if (s->trades_count[i] == -1)
            text_add_string(out, ",\"number_of_trades\":null");
        else
            text_printf(out, ",\"number_of_trades\":%lld", (long long)s->trades_count[i]);
        text_add_string(out, ",\"taker_buy_base_asset_volume\":");
        text_add_json_double(out, s->taker_buy_base[i]);
        text_add_string(out, ",\"taker_buy_quote_asset_volume\":");
        text_add_json_double(out, s->taker_buy_quote[i]);
        text_add_char(out, '}');
    }
    text_add_string(out, "]}");
}

static void compare_block(double (*value)(void), int64_t (*time)(size_t)) {
    struct kline_columns columns = {.view = {.symbol = "BTCUSDT", .interval = INTERVAL_1M}};
    for (size_t i = 0; i < BLOCK; i++) {
        struct kline_row row = {.open_time = time(i),
                                .close_time = time(i) + 59999,
                                .trades_count = (int64_t)(draw() >> (1 + draw() % 63)) - 1,
                                .open = value(),
                                .high = value(),
                                .low = value(),
                                .close = value(),
                                .volume = value(),
                                .quote_volume = value(),
                                .taker_buy_base = value(),
                                .taker_buy_quote = value()};
        assert_int_equal(kline_columns_add(&columns, &row, NULL), OK);
    }
    struct text page = {0}, expected = {0};
    kline_page_json(&page, &columns.view);
    expected_page(&expected, &columns.view);
    assert_int_equal(page.length, strlen(page.data));
    if (strcmp(page.data, expected.data) != 0) {
        size_t at = 0;
        while (page.data[at] == expected.data[at])
            at++;
        fail_msg("...%.60s\ninstead of\n...%.60s", page.data + (at > 20 ? at - 20 : 0),
                 expected.data + (at > 20 ? at - 20 : 0));
    }
    text_clear(&page);
    text_clear(&expected);
    kline_columns_clear(&columns);
}

static int64_t each_minute(size_t i) {
    return START + (int64_t)i * 60000;
}

static int64_t any_time(size_t i) {
    (void)i;
    return (int64_t)(draw() % UINT64_C(8000000000000000)) - INT64_C(4000000000000000);
}

/* 8 values a candle: 100 blocks are 1.6 million. */
static void numbers_are_the_shortest_that_read_back(void **state) {
    (void)state;
    for (int i = 0; i < 100; i++) {
        compare_block(price, each_minute);
        compare_block(neighbour, each_minute);
    }
    for (int i = 0; i < 30; i++) {
        compare_block(any_bits, each_minute);
        compare_block(border, each_minute);
    }
}

static void times_of_any_year_are_iso(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++)
        compare_block(price, any_time);
}

static struct kline_columns two_candles(void) {
    struct kline_columns columns = {.view = {.symbol = "AB", .interval = INTERVAL_1MO}};
    struct kline_row full = {.open_time = START,
                             .close_time = START + 999,
                             .trades_count = 7,
                             .open = 42.0,
                             .high = 0.1,
                             .low = 1e-5,
                             .close = 12345678.5,
                             .volume = 0.0,
                             .quote_volume = 9007199254740993.0,
                             .taker_buy_base = 0.00012345,
                             .taker_buy_quote = 1e300};
    struct kline_row bare = {.open_time = START + 86399999,
                             .close_time = START + 86400000,
                             .trades_count = -1,
                             .open = 1.5,
                             .high = 2.0,
                             .low = 1.0,
                             .close = 1.25,
                             .volume = 100000000.0,
                             .quote_volume = NAN,
                             .taker_buy_base = NAN,
                             .taker_buy_quote = NAN};
    assert_int_equal(kline_columns_add(&columns, &full, NULL), OK);
    assert_int_equal(kline_columns_add(&columns, &bare, NULL), OK);
    return columns;
}

static void a_page_has_the_keys_of_the_document(void **state) {
    (void)state;
    static const char expected[] =
        "{\"symbol\":\"AB\",\"interval\":\"1mo\",\"count\":2,\"data\":["
        "{\"open_time\":\"2024-01-01T00:00:00+00:00\",\"open\":42.0,\"high\":0.1,\"low\":1e-05,\"close\":"
        "12345678.5,"
        "\"volume\":0.0,\"close_time\":\"2024-01-01T00:00:00.999000+00:00\",\"quote_asset_volume\":"
        "9007199254740992.0,"
        "\"number_of_trades\":7,\"taker_buy_base_asset_volume\":0.00012345,\"taker_buy_quote_asset_volume\":"
        "1e+300},"
        "{\"open_time\":\"2024-01-01T23:59:59.999000+00:00\",\"open\":1.5,\"high\":2.0,\"low\":1.0,\"close\":"
        "1.25,"
        "\"volume\":100000000.0,\"close_time\":\"2024-01-02T00:00:00+00:00\",\"quote_asset_volume\":null,"
        "\"number_of_trades\":null,\"taker_buy_base_asset_volume\":null,\"taker_buy_quote_asset_volume\":"
        "null}]}";
    struct kline_columns columns = two_candles();
    struct text page = {0};
    kline_page_json(&page, &columns.view);
    assert_string_equal(page.data, expected);
    text_clear(&page);
    kline_columns_clear(&columns);
}

static void a_page_without_candles_is_an_empty_list(void **state) {
    (void)state;
    struct series none = {.symbol = "\xc3\xa4\"", .interval = INTERVAL_1H};
    struct text page = {0};
    kline_page_json(&page, &none);
    assert_string_equal(page.data,
                        "{\"symbol\":\"\xc3\xa4\\\"\",\"interval\":\"1h\",\"count\":0,\"data\":[]}");
    text_clear(&page);
    kline_page_msgpack(&page, &none);
    static const char packed[] = "\x84\xa6symbol\xa3\xc3\xa4\"\xa8interval\xa2"
                                 "1h\xa5"
                                 "count\xce\0\0\0\0\xa4"
                                 "data\xdd\0\0\0\0";
    assert_int_equal(page.length, sizeof packed - 1);
    assert_memory_equal(page.data, packed, sizeof packed - 1);
    text_clear(&page);
}

/* The bytes by the msgpack specification: fixmap of 11, fixstr keys, times str, float 64, uint 32, nil. */
static void msgpack_has_the_same_values(void **state) {
    (void)state;
    static const char last[] =
        "\xa5"
        "close\xcb\x3f\xf4\0\0\0\0\0\0\xa6volume\xcb\x41\x97\xd7\x84\0\0\0\0\xaa"
        "close_time\xb9"
        "2024-01-02T00:00:00+00:00\xb2quote_asset_volume\xc0\xb0number_of_trades\xc0\xbb"
        "taker_buy_base_asset_volume\xc0\xbctaker_buy_quote_asset_volume\xc0";
    static const char first[] = "\x8b\xa9open_time\xb9"
                                "2024-01-01T00:00:00+00:00\xa4open\xcb\x40\x45\0\0\0\0\0\0\xa4high\xcb";
    struct kline_columns columns = two_candles();
    struct text page = {0};
    kline_page_msgpack(&page, &columns.view);
    assert_true(page.length > sizeof last);
    assert_memory_equal(page.data + page.length - (sizeof last - 1), last, sizeof last - 1);
    assert_non_null(memmem(page.data, page.length, first, sizeof first - 1));
    assert_non_null(memmem(page.data, page.length, "\xb0number_of_trades\xce\0\0\0\7", 22));
    assert_non_null(memmem(page.data, page.length,
                           "\xd9\x20"
                           "2024-01-01T00:00:00.999000+00:00",
                           34));
    text_clear(&page);
    kline_columns_clear(&columns);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_the_shortest_that_read_back),
        cmocka_unit_test(times_of_any_year_are_iso),
        cmocka_unit_test(a_page_has_the_keys_of_the_document),
        cmocka_unit_test(a_page_without_candles_is_an_empty_list),
        cmocka_unit_test(msgpack_has_the_same_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
