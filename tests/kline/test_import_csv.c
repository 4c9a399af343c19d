/* The CSV importer: what it reads, what it refuses and with which words, and that an error leaves the store
 * as it was. */
#include "base/file.h"
#include "kline/import_csv.h"
#include "kline/test_folder.h"

#include <hdf5.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>
#include <cmocka.h>

/* Three minutes of 2024-01-01, as the public archive writes them. */
#define ROW1                                                                                               \
    "1704067200000,42283.58000000,42298.62000000,42261.02000000,42298.61000000,35.92724000,1704067259999," \
    "1519032.90290540,1327,23.18766000,980394.88146800,0\n"
#define ROW2                                                                                               \
    "1704067260000,42298.62000000,42320.00000000,42298.61000000,42320.00000000,21.16779000,1704067319999," \
    "895580.74138330,1348,13.47483000,570080.60995010,0\n"
#define ROW3                                                                                               \
    "1704067320000,42319.99000000,42331.54000000,42319.99000000,42325.50000000,21.60391000,1704067379999," \
    "914371.05467950,1019,8.21078000,347516.85784260,0\n"
#define HEADER                                                                                             \
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_" \
    "volume,ignore\n"
#define T0 INT64_C(1704067200000)

static char *write_file(const char *folder, const char *name, const char *data, size_t length) {
    char *path = path_join(folder, name);
    assert_int_equal(file_write_atomically(path, data, length, NULL), OK);
    return path;
}

static status import_paths(const char *store, const char *const *paths, size_t count, bool replace,
                           struct csv_result *result, struct error *err) {
    struct csv_options options = {.replace = replace};
    struct csv_result *results;
    size_t result_count;
    status rc = import_csv(&results, &result_count, store, paths, count, &options, err);
    if (rc == OK && result) *result = results[0];
    free(results);
    assert_int_equal(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
    return rc;
}

/* Imports text under a name into a store of its own folder; the store stays for mapped_series_open. */
static status import_text(const char *folder, const char *name, const char *text, bool replace,
                          struct csv_result *result, struct error *err) {
    char *path = write_file(folder, name, text, strlen(text));
    char *store = path_join(folder, "store");
    status rc = import_paths(store, (const char *const *)&path, 1, replace, result, err);
    free(path);
    free(store);
    return rc;
}

static struct mapped_series *open_series(const char *folder, const char *symbol, enum interval interval) {
    struct mapped_series *mapped = NULL;
    struct error err = {0};
    char *store = path_join(folder, "store");
    if (mapped_series_open(&mapped, store, symbol, interval, &err) != OK) fail_msg("%s", err.message);
    assert_int_equal(mapped_series_verify(mapped, &err), OK);
    free(store);
    return mapped;
}

static void assert_first_rows(const char *folder, const char *symbol, size_t count) {
    struct mapped_series *mapped = open_series(folder, symbol, INTERVAL_1M);
    const struct series *s = mapped_series_view(mapped);
    assert_int_equal(s->count, count);
    assert_int_equal(s->open_time[0], T0);
    assert_int_equal(s->close_time[0], T0 + 59999);
    assert_true(s->open[0] == 42283.58 && s->high[0] == 42298.62 && s->low[0] == 42261.02 &&
                s->close[0] == 42298.61);
    assert_true(s->volume[0] == 35.92724 && s->quote_volume[0] == 1519032.9029054);
    assert_true(s->taker_buy_base[0] == 23.18766 && s->taker_buy_quote[0] == 980394.881468);
    assert_int_equal(s->trades_count[0], 1327);
    if (count > 2) assert_true(s->open_time[2] == T0 + 120000 && s->close[2] == 42325.5);
    mapped_series_close(mapped);
}

static void the_same_candles_come_from_every_way_of_writing_them(void **state) {
    static const char *const texts[] = {
        ROW1 ROW2 ROW3,
        HEADER ROW1 ROW2 ROW3,
        ROW1 HEADER ROW2 HEADER ROW3, /* concatenated files */
        ROW3 ROW1 ROW2,               /* unsorted */
        ROW1 ROW1 ROW2 ROW3 ROW2,     /* repeated */
        "\xef\xbb\xbf" ROW1 "\n" ROW2 "   \n" ROW3 "\n\n\n",
        "1704067200000000,42283.58,42298.62,42261.02,42298.61,35.92724,1704067259999999,1519032.9029054,1327,"
        "23.18766,"
        "980394.881468,0\r\n" ROW2 ROW3, /* microseconds, CRLF */
        "\"2024-01-01T00:00:00Z\",\"42283.58\", 42298.62 ,42261.02,4.229861e4,35.92724,2024-01-01 "
        "00:00:59.999,"
        "1519032.9029054,1327.0,23.18766,980394.881468,\n" ROW2 ROW3,
        "close,open,low,high,open_time,volume,count,quote_volume,close_time,taker_buy_quote_volume,Taker Buy "
        "Base Volume\n"
        "42298.61,42283.58,42261.02,42298.62,1704067200000,35.92724,1327,1519032.9029054,1704067259999,"
        "980394.881468,"
        "23.18766\n" HEADER ROW2 ROW3,
    };
    struct error err = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct csv_result result;
        if (import_text(*state, "SAMEUSDT-1m-2024-01-01.csv", texts[i], true, &result, &err) != OK)
            fail_msg("text %zu: %s", i, err.message);
        assert_first_rows(*state, "SAMEUSDT", 3);
        assert_int_equal(result.rows, i == 4 ? 5 : 3);
        assert_int_equal(result.duplicates, i == 4 ? 2 : 0);
    }
}

static void columns_a_source_lacks_are_unknown(void **state) {
    struct error err = {0};
    for (int columns = 6; columns <= 12; columns++) {
        static const char *const fields[] = {"1704067200000", "10", "12", "9", "11", "5",
                                             "1704067230000", "50", "7",  "2", "20", "0"};
        char text[256] = "";
        for (int i = 0; i < columns; i++)
            strcat(strcat(text, i ? "," : ""), fields[i]);
        if (import_text(*state, "FEWUSDT-1m.csv", text, true, NULL, &err) != OK) fail_msg("%s", err.message);
        struct mapped_series *mapped = open_series(*state, "FEWUSDT", INTERVAL_1M);
        const struct series *s = mapped_series_view(mapped);
        assert_int_equal(s->close_time[0], columns > 6 ? T0 + 30000 : T0 + 59999);
        assert_true(columns > 7 ? s->quote_volume[0] == 50.0 : isnan(s->quote_volume[0]));
        assert_int_equal(s->trades_count[0], columns > 8 ? 7 : -1);
        assert_true(columns > 9 ? s->taker_buy_base[0] == 2.0 : isnan(s->taker_buy_base[0]));
        assert_true(columns > 10 ? s->taker_buy_quote[0] == 20.0 : isnan(s->taker_buy_quote[0]));
        mapped_series_close(mapped);
    }
}

static void what_cannot_be_read_is_refused_with_file_line_column_and_reason(void **state) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {ROW1 "1704067260000,abc,2,1,1,1,1704067319999,1,1,1,1,0\n",
         ":2: column 2 (open): \"abc\" is not a number"},
        {"1704067260000,1,2,1,1.2.3,1\n", ":1: column 5 (close): \"1.2.3\" is not a number"},
        {"1704067260000,1,2,1,,1\n", ":1: column 5 (close): \"\" is not a number"},
        {"1704067260000,nan,2,1,1,1\n", ":1: column 2 (open): \"nan\" is not a number"},
        {"1704067260000,1,inf,1,1,1\n", ":1: column 3 (high): \"inf\" is not a number"},
        {"1704067260000,1,1e999,1,1,1\n", ":1: column 3 (high): \"1e999\" is not a number"},
        {"1704067260000,0x10,1,1,1,1\n", ":1: column 2 (open): \"0x10\" is not a number"},
        {"12345,1,2,1,1,1\n", ":1: column 1 (open_time): \"12345\" is not a time"},
        {"2024-13-01,1,2,1,1,1\n", ":1: column 1 (open_time): \"2024-13-01\" is not a time"},
        {"-1704067260000,1,2,1,1,1\n", ":1: column 1 (open_time): \"-1704067260000\" is not a time"},
        {"17040672600000000000000,1,2,1,1,1\n", ":1: column 1 (open_time)"},
        {"1704067260000,1,2,1,1,1,x\n", ":1: column 7 (close_time): \"x\" is not a time"},
        {"1704067260000,1,2,1,1,1,1704067319999,1,1.5\n",
         ":1: column 9 (trades_count): \"1.5\" is not a whole number"},
        {ROW1 ROW2 "1704067320000,42319.99,42331.54\n",
         ":3: column 3: the row has 3 columns, the ones before it have 12"},
        {ROW1 "1,2,3,4,5,6,7,8,9,10,11,12,13\n", ":2: column 13: the row has 13 columns"},
        {"1,2,3\n", ":1: column 1: the row has 3 columns, klines have 6 to 12"},
        {"1704067260000;1;2;1;1;1\n", "separated by ',', not ';'"},
        {"1704067260000\t1\t2\t1\t1\t1\n", "separated by ',', not tabs"},
        {"1,2,3,4,5,6,7,8,9,10,11,12,13\n", "the row has 13 columns"},
        {"time,open,high,low,close,Volume BTC\n", ":1: column 6: unknown name \"Volume BTC\"; known names"},
        {"time,open,high,low,close\n", ":1: the header has no column volume"},
        {"time,open,high,low,close,volume,date\n", ":1: column 7: a second column for open_time"},
        {"[[1704067260000,\"1\",\"2\"]]", "JSON, not CSV"},
        {"\n {\"a\": 1}", "JSON, not CSV"},
        {"<html><body>404</body></html>", "an XML or HTML page"},
        {"\xff\xfe"
         "1",
         "UTF-16"},
        {"", "holds no candle"},
        {"\n\n", "holds no candle"},
        {HEADER, "holds no candle"},
        {ROW1 ROW2 "1704067200000,42283.58,42298.62,42261.02,42298.62,35.92724,1704067259999,1519032.9029054,"
                   "1327,23.18766,"
                   "980394.881468,0\n",
         "BADUSDT-1m.csv:3: two different candles open at 2024-01-01T00:00:00+00:00 (close 42298.61 against "
         "42298.62)"},
    };
    struct error err;
    char *store = path_join(*state, "store");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        status rc = import_text(*state, "BADUSDT-1m.csv", cases[i].text, false, NULL, &err);
        if (rc != ERR_INPUT || !strstr(err.message, cases[i].message) ||
            !strstr(err.message, "BADUSDT-1m.csv"))
            fail_msg("case %zu: status %d, %s", i, rc, err.message);
        if (strchr(err.message, '\n')) fail_msg("case %zu has more than one line: %s", i, err.message);
    }
    char *path = store_series_path(store, "BADUSDT", INTERVAL_1M);
    assert_int_not_equal(access(path, F_OK), 0);
    free(path);
    free(store);
}

static void new_candles_are_merged_with_the_stored_ones(void **state) {
    struct error err = {0};
    struct csv_result result;
    assert_int_equal(import_text(*state, "MERGEUSDT-1m-2024-01-01.csv", ROW1 ROW3, false, NULL, &err), OK);
    assert_int_equal(import_text(*state, "MERGEUSDT-1m-2024-01-02.csv", ROW1 ROW2, false, &result, &err), OK);
    assert_int_equal(result.added, 1);
    assert_int_equal(result.known, 1);
    assert_int_equal(result.info.count, 3);
    assert_int_equal(result.info.gap_count, 0);
    assert_string_equal(result.info.source,
                        "csv: MERGEUSDT-1m-2024-01-01.csv; csv: MERGEUSDT-1m-2024-01-02.csv");
    assert_first_rows(*state, "MERGEUSDT", 3);
    assert_int_equal(import_text(*state, "MERGEUSDT-1m-2024-01-03.csv", ROW2 ROW3, false, &result, &err), OK);
    assert_int_equal(result.added, 0);
    assert_string_equal(result.info.source,
                        "csv: MERGEUSDT-1m-2024-01-01.csv; csv: MERGEUSDT-1m-2024-01-02.csv");
    const char *other =
        "1704067260000,42298.62,42320.00,42298.61,42321.00,21.16779,1704067319999,895580.7413833,1348,"
        "13.47483,570080.6099501,0\n";
    assert_int_equal(import_text(*state, "MERGEUSDT-1m-2024-01-04.csv", other, false, &result, &err),
                     ERR_INPUT);
    assert_non_null(strstr(
        err.message, "MERGEUSDT-1m-2024-01-04.csv:1: differs from candle 1 of the stored MERGEUSDT 1m"));
    assert_non_null(strstr(err.message, "(close 42320.0 against 42321.0)"));
    assert_first_rows(*state, "MERGEUSDT", 3);
    assert_int_equal(import_text(*state, "MERGEUSDT-1m-2024-01-05.csv", ROW1, true, &result, &err), OK);
    assert_first_rows(*state, "MERGEUSDT", 1);
}

static void nothing_is_written_if_one_of_several_series_is_bad(void **state) {
    struct error err = {0};
    char *paths[3] = {write_file(*state, "GOODUSDT-1m.csv", ROW1, strlen(ROW1)),
                      write_file(*state, "ALSOUSDT-1m.csv", ROW1 ROW2, strlen(ROW1 ROW2)),
                      write_file(*state, "WORSEUSDT-1m.csv", ROW1 "x,", strlen(ROW1 "x,"))};
    char *store = path_join(*state, "several");
    struct series_info *infos;
    size_t count;
    assert_int_equal(import_paths(store, (const char *const *)paths, 3, false, NULL, &err), ERR_INPUT);
    assert_int_equal(store_list(&infos, &count, store, &err), OK);
    assert_int_equal(count, 0);
    free(infos);
    assert_int_equal(import_paths(store, (const char *const *)paths, 2, false, NULL, &err), OK);
    assert_int_equal(store_list(&infos, &count, store, &err), OK);
    assert_int_equal(count, 2);
    free(infos);
    for (int i = 0; i < 3; i++)
        free(paths[i]);
    free(store);
}

static void a_conflict_between_files_names_both(void **state) {
    struct error err = {0};
    const char *second =
        ROW3 "1704067260000,42298.62,42320.00,42298.61,42320.00,21.16779,1704067319999,895580.7413833,1349,"
             "13.47483,570080.6099501,0\n";
    char *paths[2] = {write_file(*state, "TWOUSDT-1m-2024-01.csv", ROW1 ROW2, strlen(ROW1 ROW2)),
                      write_file(*state, "TWOUSDT-1m-2024-02.csv", second, strlen(second))};
    char *store = path_join(*state, "store");
    assert_int_equal(import_paths(store, (const char *const *)paths, 2, false, NULL, &err), ERR_INPUT);
    assert_non_null(strstr(err.message, "TWOUSDT-1m-2024-01.csv:2 and "));
    assert_non_null(strstr(err.message, "TWOUSDT-1m-2024-02.csv:2: two different candles"));
    assert_non_null(strstr(err.message, "trades_count 1348 against 1349"));
    free(paths[0]);
    free(paths[1]);
    free(store);
}

static void names_tell_symbol_and_interval_only_in_the_known_form(void **state) {
    static const char *const good[] = {"BTCUSDT-1m.csv", "btcusdt-1m-2024.csv", "BTCUSDT-1m-2024-01.csv",
                                       "BTCUSDT-1m-2024-01-31.csv"};
    static const char *const bad[] = {"gap80min-BTCUSDT-1m-2023-03-24.csv",
                                      "BTCUSDT.csv",
                                      "BTCUSDT-1m-excerpt.csv",
                                      "BTCUSDT-10m.csv",
                                      "-1m.csv",
                                      "BTCUSDT-1m-20240131.csv"};
    struct error err = {0};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (import_text(*state, good[i], ROW1, true, NULL, &err) != OK)
            fail_msg("%s: %s", good[i], err.message);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(import_text(*state, bad[i], ROW1, true, NULL, &err), ERR_INPUT);
        assert_non_null(strstr(err.message, "pass --symbol and --interval"));
    }
}

static void write_gzip(const char *path, const char *text) {
    gzFile gz = gzopen(path, "ab"); /* appended: a second member, as `cat a.gz b.gz` makes */
    assert_non_null(gz);
    assert_int_equal(gzwrite(gz, text, (unsigned)strlen(text)), (int)strlen(text));
    assert_int_equal(gzclose(gz), Z_OK);
}

static void write_zip(const char *path, const char *const *names, const char *const *texts, int count) {
    int code;
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    assert_non_null(zip);
    for (int i = 0; i < count; i++)
        assert_true(zip_file_add(zip, names[i], zip_source_buffer(zip, texts[i], strlen(texts[i]), 0), 0) >=
                    0);
    assert_int_equal(zip_close(zip), 0);
}

static void packed_files_are_read_by_their_content(void **state) {
    struct error err = {0};
    char *store = path_join(*state, "store");
    char *gz = path_join(*state, "GZUSDT-1m.csv.gz"), *zip = path_join(*state, "ZIPUSDT-1m.zip");
    write_gzip(gz, ROW1 ROW2);
    write_gzip(gz, ROW3);
    if (import_paths(store, (const char *const *)&gz, 1, true, NULL, &err) != OK) fail_msg("%s", err.message);
    assert_first_rows(*state, "GZUSDT", 3);
    const char *names[] = {"a/b.csv", "README.txt", "c.csv"},
               *texts[] = {ROW1, "no klines", HEADER ROW2 ROW3};
    write_zip(zip, names, texts, 3);
    if (import_paths(store, (const char *const *)&zip, 1, true, NULL, &err) != OK)
        fail_msg("%s", err.message);
    assert_first_rows(*state, "ZIPUSDT", 3);
    write_zip(zip, names + 1, texts + 1, 1);
    assert_int_equal(import_paths(store, (const char *const *)&zip, 1, true, NULL, &err), ERR_INPUT);
    assert_non_null(strstr(err.message, "the zip holds no .csv file"));
    texts[2] = HEADER ROW2 "broken\n";
    write_zip(zip, names, texts, 3);
    assert_int_equal(import_paths(store, (const char *const *)&zip, 1, true, NULL, &err), ERR_INPUT);
    assert_non_null(strstr(err.message, "ZIPUSDT-1m.zip:c.csv:3: "));
    free(gz);
    free(zip);
    free(store);
}

/* Cut or changed packed files must be noticed: both formats carry checksums. */
static void damaged_packed_files_are_refused(void **state) {
    struct error err = {0};
    char *store = path_join(*state, "damaged");
    const char *names[] = {"a.csv"}, *texts[] = {ROW1 ROW2 ROW3};
    char *paths[2] = {path_join(*state, "CUTUSDT-1m.csv.gz"), path_join(*state, "CUTUSDT-1m.zip")};
    write_gzip(paths[0], ROW1 ROW2 ROW3);
    write_zip(paths[1], names, texts, 1);
    for (int i = 0; i < 2; i++) {
        char *data;
        size_t length;
        assert_int_equal(file_read(&data, &length, paths[i], &err), OK);
        for (size_t cut = 1; cut < length; cut += 17) {
            assert_int_equal(file_write_atomically(paths[i], data, length - cut, &err), OK);
            assert_int_equal(import_paths(store, (const char *const *)&paths[i], 1, false, NULL, &err),
                             ERR_INPUT);
            assert_non_null(strstr(err.message, "CUTUSDT-1m"));
        }
        data[length / 2] ^= 0x55;
        assert_int_equal(file_write_atomically(paths[i], data, length, &err), OK);
        assert_int_equal(import_paths(store, (const char *const *)&paths[i], 1, false, NULL, &err),
                         ERR_INPUT);
        free(data);
        free(paths[i]);
    }
    assert_int_not_equal(access(store, F_OK), 0);
    char *fake = write_file(*state, "FAKEUSDT-1m.zip", "<?xml version=\"1.0\"?><Error>", 28);
    assert_int_equal(import_paths(store, (const char *const *)&fake, 1, false, NULL, &err), ERR_INPUT);
    assert_non_null(strstr(err.message, "not a zip file: it starts with \"<?xml version="));
    free(fake);
    const char *missing = "/nonexistent/BTCUSDT-1m.csv";
    assert_int_equal(import_paths(store, &missing, 1, false, NULL, &err), ERR_NOT_FOUND);
    free(store);
}

/* More than one block of text, so that lines are cut at block borders. */
static void long_files_lose_no_line_at_block_borders(void **state) {
    enum { ROWS = 20000 };
    struct error err = {0};
    char *text = malloc(ROWS * 100 + 1), *p = text;
    for (int i = 0; i < ROWS; i++)
        p += sprintf(p, "%lld,%d.5,%d.75,%d.25,%d.5,%d.125\n", (long long)T0 + i * 60000LL, i + 1, i + 1,
                     i + 1, i + 1, i);
    struct csv_result result;
    if (import_text(*state, "LONGUSDT-1m.csv", text, true, &result, &err) != OK) fail_msg("%s", err.message);
    assert_int_equal(result.rows, ROWS);
    struct mapped_series *mapped = open_series(*state, "LONGUSDT", INTERVAL_1M);
    const struct series *s = mapped_series_view(mapped);
    for (int i = 0; i < ROWS; i++)
        assert_true(s->open_time[i] == T0 + i * 60000LL && s->open[i] == i + 1.5 &&
                    s->volume[i] == i + 0.125);
    mapped_series_close(mapped);
    memset(text, '7', ROWS * 100);
    text[ROWS * 100] = '\0';
    assert_int_equal(import_text(*state, "LONGUSDT-1m.csv", text, true, &result, &err), ERR_INPUT);
    assert_non_null(strstr(err.message, "a line of more than"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_candles_come_from_every_way_of_writing_them),
        cmocka_unit_test(columns_a_source_lacks_are_unknown),
        cmocka_unit_test(what_cannot_be_read_is_refused_with_file_line_column_and_reason),
        cmocka_unit_test(new_candles_are_merged_with_the_stored_ones),
        cmocka_unit_test(nothing_is_written_if_one_of_several_series_is_bad),
        cmocka_unit_test(a_conflict_between_files_names_both),
        cmocka_unit_test(names_tell_symbol_and_interval_only_in_the_known_form),
        cmocka_unit_test(packed_files_are_read_by_their_content),
        cmocka_unit_test(damaged_packed_files_are_refused),
        cmocka_unit_test(long_files_lose_no_line_at_block_borders),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
