/* Decimals against hand-worked cases and against Python's decimal: str() of every result must be the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/decimal.h"
#include "python_oracle.h"

#include <inttypes.h>

static struct decimal d(const char *text) {
    struct decimal value = {0};
    if (!decimal_from_text(&value, text, strlen(text))) fail_msg("not a decimal: %s", text);
    return value;
}

static void assert_text(struct decimal value, const char *expected) {
    char text[DECIMAL_TEXT_MAX];
    size_t length = decimal_to_text(text, value);
    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
}

static void exact_results_keep_their_ideal_exponent(void **state) {
    (void)state;
    assert_text(decimal_add(d("1.10"), d("2.900")), "4.000");
    assert_text(decimal_subtract(d("100"), d("100.00")), "0.00");
    assert_text(decimal_multiply(d("0.1"), d("10")), "1.0");
    assert_text(decimal_multiply(d("1.20"), d("3.00")), "3.6000");
    assert_text(decimal_divide(d("100"), d("5")), "20");
    assert_text(decimal_divide(d("1.000"), d("2")), "0.500");
    assert_text(decimal_divide(d("2.400"), d("2.0")), "1.20");
    assert_text(decimal_divide(d("1E+5"), d("1E+2")), "1E+3");
    assert_text(decimal_divide(d("1000"), d("1E+2")), "10.00");
}

static void inexact_results_have_28_digits_half_to_even(void **state) {
    (void)state;
    assert_text(decimal_divide(d("1"), d("3")), "0.3333333333333333333333333333");
    assert_text(decimal_divide(d("2"), d("3")), "0.6666666666666666666666666667");
    assert_text(decimal_add(d("1234567890123456789012345678"), d("0.5")), "1234567890123456789012345678");
    assert_text(decimal_add(d("1234567890123456789012345679"), d("0.5")), "1234567890123456789012345680");
    assert_text(decimal_add(d("1234567890123456789012345678"), d("0.5000001")),
                "1234567890123456789012345679");
    assert_text(decimal_add(d("9999999999999999999999999999"), d("0.5")),
                "1.000000000000000000000000000E+28");
    assert_text(decimal_add(d("1"), d("1E-400")), "1.000000000000000000000000000");
    assert_text(decimal_subtract(d("1"), d("1E-400")), "1.000000000000000000000000000");
    assert_text(decimal_subtract(d("1"), d("6E-29")), "0.9999999999999999999999999999");
    assert_text(decimal_multiply(d("1234567890123456789"), d("9876543210987654321")),
                "1.219326311370217952237463801E+37");
}

static void zeros_keep_exponent_and_sign(void **state) {
    (void)state;
    assert_text(decimal_add(d("0.00"), d("0.0")), "0.00");
    assert_text(decimal_add(d("-0"), d("-0.0")), "-0.0");
    assert_text(decimal_add(d("-0"), d("0")), "0");
    assert_text(decimal_subtract(d("-0"), d("0")), "-0");
    assert_text(decimal_subtract(d("5"), d("5")), "0");
    assert_text(decimal_multiply(d("-0.0"), d("3.00")), "-0.000");
    assert_text(decimal_divide(d("0.000"), d("-5")), "-0.000");
    assert_text(decimal_divide(d("0"), d("1E-9")), "0E+9");
    assert_text(decimal_add(d("5"), d("0.000")), "5.000");
    assert_text(decimal_add(d("0E+10"), d("5")), "5");
    assert_text(decimal_add(d("5"), d("0E-100")), "5.000000000000000000000000000");
    assert_true(decimal_is_zero(d("0.00")));
    assert_false(decimal_is_positive(d("-0")));
}

static void doubles_enter_as_their_repr(void **state) {
    (void)state;
    assert_text(decimal_from_double(100), "100.0");
    assert_text(decimal_from_double(0.1), "0.1");
    assert_text(decimal_from_double(0), "0.0");
    assert_text(decimal_from_double(-0.0), "-0.0");
    assert_text(decimal_from_double(1e15), "1000000000000000.0");
    assert_text(decimal_from_double(1e16), "1E+16");
    assert_text(decimal_from_double(1.5e20), "1.5E+20");
    assert_text(decimal_from_double(1e-7), "1E-7");
    assert_text(decimal_from_double(0.00002853), "0.00002853");
    assert_text(decimal_multiply(decimal_from_double(0.1), decimal_from_int64(10)), "1.0");
    assert_text(decimal_from_int64(INT64_MIN), "-9223372036854775808");
    assert_text(decimal_from_int64(0), "0");
}

static void text_is_read_as_python_reads_it(void **state) {
    (void)state;
    static const struct {
        const char *text, *value;
    } known[] = {{" 1.50 ", "1.50"},
                 {"+.5", "0.5"},
                 {"5.", "5"},
                 {"-0.000001", "-0.000001"},
                 {"1e3", "1E+3"},
                 {"0.0000001", "1E-7"},
                 {"00012", "12"},
                 {"0E-7", "0E-7"},
                 {"0.000000", "0.000000"},
                 {"12E-1", "1.2"},
                 {"123e+5", "1.23E+7"},
                 {"\t1\n", "1"},
                 {"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_text(d(known[i].text), known[i].value);
    static const char *const refused[] = {"",
                                          " ",
                                          ".",
                                          "-",
                                          "1.2.3",
                                          "1 2",
                                          "e5",
                                          "1e",
                                          "1e+",
                                          "nan",
                                          "Infinity",
                                          "1x",
                                          "0x1",
                                          "100000000000000000000000000000000000000" /* 39 digits */,
                                          "1e100001",
                                          "1e-100001",
                                          "1e99999999999999999999"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct decimal value;
        if (decimal_from_text(&value, refused[i], strlen(refused[i]))) fail_msg("read: %s", refused[i]);
    }
}

static void comparison_is_exact(void **state) {
    (void)state;
    assert_int_equal(decimal_compare(d("1.0"), d("1.00")), 0);
    assert_int_equal(decimal_compare(d("0"), d("-0.0")), 0);
    assert_int_equal(decimal_compare(d("-1"), d("0E+5")), -1);
    assert_int_equal(decimal_compare(d("1E+50"), d("1E-50")), 1);
    assert_int_equal(decimal_compare(d("1E+30"), d("1000000000000000000000000000000")), 0);
    assert_int_equal(decimal_compare(d("1E+37"), d("10000000000000000000000000000000000001")), -1);
    assert_int_equal(decimal_compare(d("-2"), d("-3")), 1);
}

static void the_largest_exponents_are_no_special_case(void **state) {
    (void)state;
    struct decimal huge = d("1E+100000"), tiny = d("1E-100000");
    assert_text(decimal_add(huge, tiny), "1.000000000000000000000000000E+100000");
    assert_text(decimal_subtract(tiny, huge), "-1.000000000000000000000000000E+100000");
    assert_text(decimal_multiply(huge, huge), "1E+200000");
    assert_text(decimal_divide(tiny, huge), "1E-200000");
    assert_int_equal(decimal_compare(huge, tiny), 1);
    assert_true(decimal_to_double(huge) > 1.7976931348623157e308);
    assert_true(decimal_to_double(tiny) == 0.0);
}

/* ---- the oracle ---- */

static struct decimal compute(char operation, struct decimal a, struct decimal b) {
    switch (operation) {
    case '+':
        return decimal_add(a, b);
    case '-':
        return decimal_subtract(a, b);
    case '*':
        return decimal_multiply(a, b);
    case '/':
        return decimal_divide(a, b);
    default:
        return decimal_from_int64(decimal_compare(a, b));
    }
}

static bool is_same(const char *operation, const char *a, const char *b, const char *expected, char *got) {
    if (*operation == 'f') {
        double value = decimal_to_double(d(a));
        sprintf(got, "%a", value);
        return value == strtod(expected, NULL);
    }
    struct decimal result =
        *operation == 'd' ? decimal_from_double(strtod(b, NULL)) : compute(*operation, d(a), d(b));
    decimal_to_text(got, result);
    return strcmp(got, expected) == 0;
}

static void random_operations_agree_with_python(void **state) {
    (void)state;
    const char *setting = getenv("KMILL_DECIMAL_OPS");
    long wanted = setting ? atol(setting) : 300000, done = 0;
    char arguments[32], operation[2], a[100], b[100], expected[100], got[DECIMAL_TEXT_MAX];
    snprintf(arguments, sizeof arguments, "%ld", wanted);
    FILE *oracle = oracle_open(__FILE__, "decimal_oracle.py", arguments);
    assert_non_null(oracle);
    for (; fscanf(oracle, "%1s %99s %99s %99s", operation, a, b, expected) == 4; done++)
        if (!is_same(operation, a, b, expected, got))
            fail_msg("%s %s %s: %s, Python gives %s", operation, a, b, got, expected);
    assert_int_equal(pclose(oracle), 0);
    assert_int_equal(done, wanted);
    print_message("%ld operations, 0 different\n", done);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_results_keep_their_ideal_exponent),
        cmocka_unit_test(inexact_results_have_28_digits_half_to_even),
        cmocka_unit_test(zeros_keep_exponent_and_sign),
        cmocka_unit_test(doubles_enter_as_their_repr),
        cmocka_unit_test(text_is_read_as_python_reads_it),
        cmocka_unit_test(comparison_is_exact),
        cmocka_unit_test(the_largest_exponents_are_no_special_case),
        cmocka_unit_test(random_operations_agree_with_python),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
