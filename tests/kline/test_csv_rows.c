/* The row parser fed with damaged text: whatever comes, it answers with candles or with one clear line. */
#include "kline/csv_rows.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char sample[] =
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_"
    "volume,ignore\r\n"
    "1704067200000,42283.58000000,42298.62000000,42261.02000000,42298.61000000,35.92724000,1704067259999,"
    "1519032.90290540,"
    "1327,23.18766000,980394.88146800,0\n"
    "1704067260000000,42298.62,42320,42298.61,\"42320.0\", "
    "21.16779,2024-01-01T00:01:59.999Z,895580.7413833,1348.0,,,\n"
    "1704067320,4.231999e4,42331.54,42319.99,42325.5,21.60391,,,,8.21078,347516.8578426,x\n";

/* A copy on the heap of exactly this length, so that AddressSanitizer sees a read behind its end. */
static status parse(struct csv_rows *rows, const char *text, size_t length, struct error *err) {
    char *exact = malloc(length ? length : 1);
    memcpy(exact, text, length);
    rows->columns.view.interval = INTERVAL_1M;
    status rc = csv_rows_begin_text(rows, "x.csv", err);
    if (rc == OK) rc = csv_rows_add(rows, exact, length, err);
    free(exact);
    return rc;
}

static void the_sample_itself_is_three_candles(void **state) {
    (void)state;
    struct csv_rows rows = {0};
    struct error err = {0};
    if (parse(&rows, sample, sizeof sample - 1, &err) != OK) fail_msg("%s", err.message);
    const struct series *s = &rows.columns.view;
    assert_int_equal(s->count, 3);
    for (int i = 0; i < 3; i++) {
        uint32_t line;
        assert_int_equal(s->open_time[i], INT64_C(1704067200000) + i * 60000);
        assert_int_equal(s->close_time[i], INT64_C(1704067259999) + i * 60000);
        assert_string_equal(csv_rows_place(&rows, (size_t)i, &line), "x.csv");
        assert_int_equal(line, i + 2);
    }
    assert_int_equal(s->trades_count[1], 1348);
    assert_int_equal(s->trades_count[2], -1);
    assert_true(isnan(s->taker_buy_base[1]) && isnan(s->quote_volume[2]) && s->taker_buy_base[2] == 8.21078);
    assert_true(s->open[2] == 42319.99);
    csv_rows_clear(&rows);
}

static void assert_answer(const char *text, size_t length) {
    struct csv_rows rows = {0};
    struct error err = {0};
    status rc = parse(&rows, text, length, &err);
    if (rc == OK) {
        assert_true(rows.columns.view.count <= rows.line);
        for (size_t i = 0; i < rows.columns.view.count; i++)
            assert_true(isfinite(rows.columns.view.open[i]) && isfinite(rows.columns.view.volume[i]));
    } else {
        assert_int_equal(rc, ERR_INPUT);
        assert_int_equal(strncmp(err.message, "x.csv:", 6), 0);
        for (const char *c = err.message; *c; c++)
            assert_true((unsigned char)*c >= ' ' && *c != 127);
    }
    csv_rows_clear(&rows);
}

static void every_cut_gives_candles_or_one_line(void **state) {
    (void)state;
    for (size_t begin = 0; begin < sizeof sample - 1; begin += 3)
        for (size_t end = begin; end < sizeof sample; end += 7)
            assert_answer(sample + begin, end - begin);
}

static void random_damage_gives_candles_or_one_line(void **state) {
    static const char alphabet[] = "0123456789.,eE+-\" \n\r\t:;TZ[{<\xef\xff\x01nax";
    (void)state;
    srand(3);
    for (int round = 0; round < 30000; round++) {
        char text[sizeof sample];
        memcpy(text, sample, sizeof sample);
        for (int changes = 1 + rand() % 4; changes > 0; changes--) /* the alphabet's final NUL included */
            text[(size_t)rand() % (sizeof sample - 1)] = alphabet[(size_t)rand() % sizeof alphabet];
        assert_answer(text, sizeof sample - 1);
    }
}

/* In a later block than the first, where NUL bytes are looked for at once. */
static void a_nul_byte_is_no_end_of_a_number(void **state) {
    (void)state;
    char row[] = "1704067380000,1,2,1,1 ,1,,,,,,\n";
    for (int with_nul = 0; with_nul < 2; with_nul++) {
        struct csv_rows rows = {0};
        struct error err = {0};
        if (with_nul) row[21] = '\0';
        assert_int_equal(parse(&rows, sample, sizeof sample - 1, &err), OK);
        assert_int_equal(csv_rows_add(&rows, row, sizeof row - 1, &err), with_nul ? ERR_INPUT : OK);
        if (with_nul)
            assert_non_null(strstr(err.message, "x.csv:5: column 5 (close): \"1?\" is not a number"));
        csv_rows_clear(&rows);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_itself_is_three_candles),
        cmocka_unit_test(every_cut_gives_candles_or_one_line),
        cmocka_unit_test(random_damage_gives_candles_or_one_line),
        cmocka_unit_test(a_nul_byte_is_no_end_of_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
