/* Numbers as text against Python's repr(float), and the buffer's JSON and CSV forms against hand-written
 * ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "python_oracle.h"

#include <inttypes.h>
#include <math.h>

static double double_of_bits(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t bits_of_double(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void every_double_is_written_as_python_writes_it_and_reads_back(void **state) {
    (void)state;
    const char *count = getenv("KMILL_DOUBLES");
    FILE *oracle = oracle_open(__FILE__, "double_oracle.py", count ? count : "200000");
    assert_non_null(oracle);
    uint64_t bits;
    char expected[64], written[DOUBLE_TEXT_MAX];
    size_t compared = 0;
    while (fscanf(oracle, "%" SCNx64 " %63s", &bits, expected) == 2) {
        double value = double_of_bits(bits), parsed = 1;
        size_t length = double_to_text(written, value);
        assert_string_equal(written, expected);
        assert_int_equal(length, strlen(expected));
        assert_true(text_to_double(&parsed, expected));
        assert_int_equal(bits_of_double(parsed), bits);
        compared++;
    }
    assert_int_equal(pclose(oracle), 0);
    assert_true(compared > 150000);
}

static void hand_written_doubles_have_their_known_form(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } known[] = {
        {0.1, "0.1"},
        {1e-7, "1e-07"},
        {12345, "12345.0"},
        {1e16, "1e+16"},
        {1e15, "1000000000000000.0"},
        {9007199254740993.0, "9007199254740992.0"},
        {0.0001, "0.0001"},
        {0.00001, "1e-05"},
        {0.00002853, "2.853e-05"},
        {123456789.125, "123456789.125"},
        {1.5e300, "1.5e+300"},
        {-0.0, "-0.0"},
        {5e-324, "5e-324"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {NAN, "nan"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char written[DOUBLE_TEXT_MAX];
        double_to_text(written, known[i].value);
        assert_string_equal(written, known[i].text);
    }
}

/* strtod of the C library is correctly rounded: the second implementation. */
static void assert_parses_as_strtod(const char *text) {
    double value = -1;
    const char *end = text + strlen(text);
    if (parse_decimal(&value, text, end) != end) fail_msg("not read whole: %s", text);
    double expected = strtod(text, NULL);
    if (bits_of_double(value) != bits_of_double(expected))
        fail_msg("%s: %.17g, not %.17g", text, value, expected);
}

static uint64_t next_random(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void decimals_of_any_length_and_exponent_are_rounded_as_by_strtod(void **state) {
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 300000; i++) {
        char text[256];
        int length = 0, digits = 1 + (int)(next_random(&seed) % (i % 10 ? 22 : 60));
        int point = (int)(next_random(&seed) % (unsigned)(digits + 2));
        if (i % 3 == 0) text[length++] = '-';
        for (int k = 0; k < digits; k++) {
            if (k == point) text[length++] = '.';
            text[length++] = (char)('0' + next_random(&seed) % 10);
        }
        text[length] = '\0';
        if (i % 2) sprintf(text + length, "e%d", (int)(next_random(&seed) % 700) - 350);
        assert_parses_as_strtod(text);
    }
}

/* The decimal expansion half way between two doubles is the case a rounding may not guess at. */
static void ties_and_their_neighbours_are_rounded_to_even(void **state) {
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 20000; i++) {
        double value = double_of_bits(next_random(&seed) >> 2); /* positive, up to about 1.5 */
        long double half = ((long double)value + (long double)nextafter(value, INFINITY)) / 2;
        char text[1400];
        snprintf(text, sizeof text, "%.*Le", 60 + i % 700, half);
        assert_parses_as_strtod(text);
        double tie = 4503599627370496.0 + (double)(next_random(&seed) >> 12); /* 2^52..2^53: ties end in .5 */
        snprintf(text, sizeof text, "%.0f.5", tie);
        assert_parses_as_strtod(text);
        snprintf(text, sizeof text, "%.0f.50000000000000000000000000000000000001", tie);
        assert_parses_as_strtod(text);
        snprintf(text, sizeof text, "%.0f.49999999999999999999999999999999999999", tie);
        assert_parses_as_strtod(text);
    }
    char text[1200] = "9007199254740993.";
    size_t length = strlen(text);
    memset(text + length, '0', 1000);
    assert_parses_as_strtod(text);
    text[length + 1000] = '1'; /* decides, a thousand digits later */
    assert_parses_as_strtod(text);
}

static void extreme_decimals_become_zero_or_infinity(void **state) {
    (void)state;
    static const char *const texts[] = {"1e400",
                                        "-1e400",
                                        "1e-400",
                                        "-0",
                                        "0e999999999999",
                                        "1e999999999999",
                                        "1e-999999999999",
                                        "2.4703282292062327e-324",
                                        "2.4703282292062328e-324",
                                        "1.7976931348623159e308",
                                        "4.9406564584124654e-324",
                                        "2.2250738585072011e-308",
                                        "00000.000001",
                                        "000123e2"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_parses_as_strtod(texts[i]);
}

static void a_number_ends_where_it_ends(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int read; /* bytes, -1: no number */
        double value;
    } known[] = {{"12.5,7", 4, 12.5}, {"1e", 1, 1}, {"1e+x", 1, 1}, {".5", 2, 0.5}, {"5.", 2, 5},
                 {"1.2.3", 3, 1.2},   {"", -1, 0},  {".", -1, 0},   {"-", -1, 0},   {"x1", -1, 0},
                 {" 1", -1, 0},       {"+3", 2, 3}, {"0x10", 1, 0}, {"nan", -1, 0}, {"e5", -1, 0}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double value = 0;
        const char *begin = known[i].text, *after = parse_decimal(&value, begin, begin + strlen(begin));
        assert_int_equal(after ? after - begin : -1, known[i].read);
        assert_true(value == known[i].value);
    }
    double value = 0;
    const char *digits = "1234567";
    assert_ptr_equal(parse_decimal(&value, digits, digits + 3), digits + 3); /* never reads past end */
    assert_true(value == 123);
}

static void whole_string_parses_refuse_everything_else(void **state) {
    (void)state;
    double real = 42;
    static const char *const not_doubles[] = {"",    " 1",    "1 ",  "1x",  "nan",
                                              "inf", "1e999", "1,5", "--1", "0x1p3"};
    for (size_t i = 0; i < sizeof not_doubles / sizeof *not_doubles; i++)
        assert_false(text_to_double(&real, not_doubles[i]));
    assert_true(real == 42);
    int64_t integer = 42;
    static const char *const not_integers[] = {
        "", "-", "1.0", " 1", "1 ", "9223372036854775808", "-9223372036854775809", "1e3", "+-1"};
    for (size_t i = 0; i < sizeof not_integers / sizeof *not_integers; i++)
        assert_false(text_to_int64(&integer, not_integers[i]));
    assert_int_equal(integer, 42);
    assert_true(text_to_int64(&integer, "-9223372036854775808"));
    assert_true(integer == INT64_MIN);
    assert_true(text_to_int64(&integer, "+9223372036854775807"));
    assert_true(integer == INT64_MAX);
    assert_true(text_to_int64(&integer, "-0"));
    assert_int_equal(integer, 0);
}

static void assert_json(const char *bytes, size_t length, const char *expected) {
    struct text text = {0};
    text_add_json_string(&text, bytes, length);
    assert_string_equal(text.data, expected);
    text_clear(&text);
}

static void json_strings_are_escaped_and_always_valid_utf8(void **state) {
    (void)state;
    assert_json("", 0, "\"\"");
    assert_json("a\"b\\c\n\t\x01\x7f", 9, "\"a\\\"b\\\\c\\n\\t\\u0001\\u007f\"");
    assert_json("\0x", 2, "\"\\u0000x\"");
    assert_json("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
    assert_json("\xff", 1, "\"\xef\xbf\xbd\"");
    assert_json("a\xc3", 2, "\"a\xef\xbf\xbd\"");                               /* cut off */
    assert_json("\xc0\x80", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");                 /* overlong */
    assert_json("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""); /* surrogate */
}

static void json_has_no_nan(void **state) {
    (void)state;
    struct text text = {0};
    text_add_json_double(&text, NAN);
    text_add_char(&text, ' ');
    text_add_json_double(&text, -INFINITY);
    text_add_char(&text, ' ');
    text_add_json_double(&text, 0.5);
    assert_string_equal(text.data, "null null 0.5");
    text_clear(&text);
    assert_null(text.data);
}

static void csv_fields_are_quoted_only_where_needed(void **state) {
    (void)state;
    struct text text = {0};
    text_add_csv_field(&text, "plain text");
    text_add_char(&text, ',');
    text_add_csv_field(&text, "a,b");
    text_add_char(&text, ',');
    text_add_csv_field(&text, "say \"hi\"\n");
    assert_string_equal(text.data, "plain text,\"a,b\",\"say \"\"hi\"\"\n\"");
    text_clear(&text);
}

static void a_long_printf_grows_the_buffer(void **state) {
    (void)state;
    struct text text = {0};
    for (int i = 0; i < 100; i++)
        text_printf(&text, "%0*d;", 5 * i + 1, i);
    size_t expected = 0;
    for (int i = 0; i < 100; i++)
        expected += 5 * (size_t)i + 2;
    assert_int_equal(strlen(text.data), text.length);
    /* widths 1, 6, 11, ... hold every number: only the first is as wide as its number */
    assert_int_equal(text.length, expected);
    assert_memory_equal(text.data + text.length - 3, "99;", 3);
    text_clear(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_double_is_written_as_python_writes_it_and_reads_back),
        cmocka_unit_test(hand_written_doubles_have_their_known_form),
        cmocka_unit_test(decimals_of_any_length_and_exponent_are_rounded_as_by_strtod),
        cmocka_unit_test(ties_and_their_neighbours_are_rounded_to_even),
        cmocka_unit_test(extreme_decimals_become_zero_or_infinity),
        cmocka_unit_test(a_number_ends_where_it_ends),
        cmocka_unit_test(whole_string_parses_refuse_everything_else),
        cmocka_unit_test(json_strings_are_escaped_and_always_valid_utf8),
        cmocka_unit_test(json_has_no_nan),
        cmocka_unit_test(csv_fields_are_quoted_only_where_needed),
        cmocka_unit_test(a_long_printf_grows_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
