/* NUMERIC decoding against the C library's strtod on the same decimal: the wire form is encoded here from the
 * text, as PostgreSQL's numeric_send lays it out. tests/postgres has a real server send it. */
#include "kline/numeric.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIRE_MAX = 1024 };

static void put_u16(unsigned char *p, unsigned value) {
    p[0] = (unsigned char)(value >> 8);
    p[1] = (unsigned char)value;
}

/* Groups of four digits around the decimal point, leading and trailing zero groups cut off as the server
 * does. */
static size_t encode(unsigned char wire[WIRE_MAX], const char *decimal) {
    bool negative = *decimal == '-';
    if (negative) decimal++;
    const char *point = strchr(decimal, '.');
    size_t whole = point ? (size_t)(point - decimal) : strlen(decimal);
    size_t fraction = point ? strlen(point + 1) : 0;
    char digits[WIRE_MAX];
    size_t lead = (4 - whole % 4) % 4, trail = (4 - fraction % 4) % 4, used = 0;
    memset(digits, '0', sizeof digits);
    memcpy(digits + lead, decimal, whole);
    memcpy(digits + lead + whole, point ? point + 1 : "", fraction);
    used = lead + whole + fraction + trail;
    int weight = (int)((lead + whole) / 4) - 1;
    size_t first = 0, last = used / 4;
    while (first < last && memcmp(digits + 4 * first, "0000", 4) == 0)
        first++, weight--;
    while (last > first && memcmp(digits + 4 * (last - 1), "0000", 4) == 0)
        last--;
    put_u16(wire, (unsigned)(last - first));
    put_u16(wire + 2, first == last ? 0 : (unsigned)weight & 0xffff);
    put_u16(wire + 4, negative && first < last ? 0x4000 : 0);
    put_u16(wire + 6, (unsigned)fraction);
    for (size_t i = first; i < last; i++) {
        char group[5] = {digits[4 * i], digits[4 * i + 1], digits[4 * i + 2], digits[4 * i + 3], 0};
        put_u16(wire + 8 + 2 * (i - first), (unsigned)strtoul(group, NULL, 10));
    }
    return 8 + 2 * (last - first);
}

static void check_decimal(const char *decimal) {
    unsigned char wire[WIRE_MAX];
    size_t length = encode(wire, decimal);
    double got = -1.0, wanted = strtod(decimal, NULL);
    enum numeric_result result = numeric_to_double(&got, wire, length);
    if (isinf(wanted)) {
        assert_int_equal(result, NUMERIC_INFINITE);
        return;
    }
    assert_int_equal(result, NUMERIC_OK);
    if (memcmp(&got, &wanted, sizeof got) != 0) fail_msg("%s: %a instead of %a", decimal, got, wanted);
}

static void decimals_become_the_double_that_strtod_gives(void **state) {
    (void)state;
    static const char *const decimals[] = {"0",
                                           "0.00000000",
                                           "1",
                                           "10000",
                                           "0.00002853",
                                           "0.0001",
                                           "4261.48000000",
                                           "90071992.54740991",
                                           "90071992.54740992",
                                           "90071992.54740993",
                                           "90071992.54740994",
                                           "180143985.09481985",
                                           "5086958.30617151",
                                           "999999999999.99999999",
                                           "123456789012.12345678",
                                           "0.00000001",
                                           "-0.00000001",
                                           "-17",
                                           "9007199254740993",
                                           "9007199254740992.5",
                                           "9007199254740993.00000000000000000000000000000001",
                                           "100000000000000000000000000000000000000000000",
                                           "0.1",
                                           "0.3",
                                           "2.675",
                                           "1.00000000000000011102230246251565404236316680908203125",
                                           "1.00000000000000011102230246251565404236316680908203124",
                                           "1.00000000000000011102230246251565404236316680908203126"};
    for (size_t i = 0; i < sizeof decimals / sizeof *decimals; i++)
        check_decimal(decimals[i]);
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void random_decimals_become_the_double_that_strtod_gives(void **state) {
    (void)state;
    uint64_t random = UINT64_C(0x9E3779B97F4A7C15);
    char decimal[400];
    for (int i = 0; i < 300000; i++) {
        int widest = i % 10 ? 14 : 60;
        int whole = 1 + (int)(next_random(&random) % (uint64_t)widest);
        int fraction = i % 3 ? 8 : (int)(next_random(&random) % (uint64_t)widest);
        char *p = decimal;
        if (next_random(&random) % 8 == 0) *p++ = '-';
        *p++ = (char)('1' + next_random(&random) % 9);
        for (int k = 1; k < whole; k++)
            *p++ = (char)('0' + next_random(&random) % 10);
        if (fraction) *p++ = '.';
        for (int k = 0; k < fraction; k++)
            *p++ = (char)('0' + next_random(&random) % 10);
        *p = 0;
        check_decimal(decimal);
    }
}

static void very_large_and_very_small_ones_round_like_strtod(void **state) {
    (void)state;
    char decimal[400];
    for (int zeros = 300; zeros < 330; zeros++) {
        memset(decimal, '0', sizeof decimal);
        memcpy(decimal, "17976931348623157", 17);
        decimal[zeros] = 0;
        check_decimal(decimal);
        memset(decimal, '0', sizeof decimal);
        decimal[1] = '.';
        memcpy(decimal + zeros, "49406564584124654", 17);
        decimal[zeros + 17] = 0;
        check_decimal(decimal);
    }
}

static void special_values_are_told_apart(void **state) {
    (void)state;
    unsigned char wire[] = {0, 0, 0, 0, 0xC0, 0, 0, 0};
    double value;
    int64_t integer;
    assert_int_equal(numeric_to_double(&value, wire, sizeof wire), NUMERIC_NAN);
    assert_int_equal(numeric_to_int64(&integer, wire, sizeof wire), NUMERIC_NAN);
    wire[4] = 0xD0;
    assert_int_equal(numeric_to_double(&value, wire, sizeof wire), NUMERIC_INFINITE);
    wire[4] = 0xF0;
    assert_int_equal(numeric_to_double(&value, wire, sizeof wire), NUMERIC_INFINITE);
}

static void what_no_server_sends_is_refused(void **state) {
    (void)state;
    unsigned char wire[WIRE_MAX];
    size_t length = encode(wire, "1234.5678");
    double value;
    int64_t integer;
    for (size_t shorter = 0; shorter < length; shorter++)
        assert_int_equal(numeric_to_double(&value, wire, shorter), NUMERIC_MALFORMED);
    assert_int_equal(numeric_to_double(&value, wire, length + 2), NUMERIC_MALFORMED);
    put_u16(wire + 8, 10000);
    assert_int_equal(numeric_to_double(&value, wire, length), NUMERIC_MALFORMED);
    assert_int_equal(numeric_to_int64(&integer, wire, length), NUMERIC_MALFORMED);
    encode(wire, "1234.5678");
    put_u16(wire + 4, 0x1234);
    assert_int_equal(numeric_to_double(&value, wire, length), NUMERIC_MALFORMED);
    length = encode(wire, "1111222233334444555566667777888899990000111122223333.5");
    put_u16(wire + 20, 54321);
    assert_int_equal(numeric_to_double(&value, wire, length), NUMERIC_MALFORMED);
}

static void whole_numbers_become_integers(void **state) {
    (void)state;
    static const struct {
        const char *decimal;
        enum numeric_result result;
        int64_t value;
    } cases[] = {{"0", NUMERIC_OK, 0},
                 {"1704067200000", NUMERIC_OK, INT64_C(1704067200000)},
                 {"1704067200000.000", NUMERIC_OK, INT64_C(1704067200000)},
                 {"-10000", NUMERIC_OK, -10000},
                 {"9223372036854775807", NUMERIC_OK, INT64_MAX},
                 {"9223372036854775808", NUMERIC_FRACTIONAL, 0},
                 {"100000000000000000000000000", NUMERIC_FRACTIONAL, 0},
                 {"0.5", NUMERIC_FRACTIONAL, 0},
                 {"12.0001", NUMERIC_FRACTIONAL, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char wire[WIRE_MAX];
        int64_t value = 0;
        assert_int_equal(numeric_to_int64(&value, wire, encode(wire, cases[i].decimal)), cases[i].result);
        assert_true(value == cases[i].value);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_become_the_double_that_strtod_gives),
        cmocka_unit_test(random_decimals_become_the_double_that_strtod_gives),
        cmocka_unit_test(very_large_and_very_small_ones_round_like_strtod),
        cmocka_unit_test(special_values_are_told_apart),
        cmocka_unit_test(what_no_server_sends_is_refused),
        cmocka_unit_test(whole_numbers_become_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
