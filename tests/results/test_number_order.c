/* Ranks, order statistics and equal bins: against sorting and counting, on columns that are hard for bins. */
#include "record_samples.h"
#include "results/equal_bins.h"
#include "results/number_order.h"

#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ROWS = 30011, SHAPES = 8 };

static double shaped(size_t shape, uint64_t i) {
    double fraction = sample_fraction(i);
    switch (shape) {
    case 0: /* even */
        return fraction;
    case 1: /* all equal */
        return 0.125;
    case 2: /* few values, zeros of both signs */
        return i % 4 == 0 ? -0.0 : (double)(sample_mix(i) % 5) - 2.0;
    case 3: /* over all magnitudes, both signs */
        return ldexp(fraction - 0.5, (int)(sample_mix(i + 1) % 2000) - 1000);
    case 4: /* one far away, the others close together */
        return i == 17 ? DBL_MAX : 1.0 + fraction * 1e-12;
    case 5: /* subnormal */
        return (double)(sample_mix(i) % 100000) * 5e-324 - 20000 * 5e-324;
    case 6: /* ascending already, in pairs */
        return (double)(i / 2);
    default: /* the ends of the doubles */
        return i % 3 == 0 ? DBL_MAX : i % 3 == 1 ? -DBL_MAX : fraction;
    }
}

static struct row_set choose(size_t pattern) {
    struct row_set set;
    assert_int_equal(row_set_make(&set, ROWS, NULL), OK);
    for (uint64_t row = 0; row < ROWS; row++)
        if (pattern == 0 || (pattern == 1 && sample_mix(row + 5) % 3 == 0) || (pattern == 2 && row == 17)) {
            set.bits[row / 64] |= UINT64_C(1) << row % 64;
            set.count++;
        }
    return set;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t sorted_copy(double *out, const double *values, const struct row_set *set) {
    size_t n = 0;
    for (uint64_t row = 0; row < ROWS; row++)
        if (row_set_has(set, row)) out[n++] = values[row];
    qsort(out, n, sizeof *out, compare_doubles);
    return n;
}

static double values[ROWS], sorted[ROWS];
static uint32_t ranks[ROWS];

static void order_statistics_are_those_of_the_sorted_column(void **state) {
    (void)state;
    for (size_t shape = 0; shape < SHAPES; shape++)
        for (size_t pattern = 0; pattern < 3; pattern++) {
            struct row_set set = choose(pattern);
            for (uint64_t row = 0; row < ROWS; row++)
                values[row] = shaped(shape, row);
            size_t n = sorted_copy(sorted, values, &set);
            uint64_t wanted[] = {0, 0, n / 100, n / 4, n / 2, n / 2 + (n > 2), n - 1, n - 1};
            double got[8];
            assert_int_equal(number_order_statistics(got, wanted, 8, values, &set, NULL), OK);
            for (size_t i = 0; i < 8; i++)
                assert_true(got[i] == sorted[wanted[i]]);
            row_set_clear(&set);
        }
}

/* First and last place of a value in the sorted column, by bisection. */
static uint32_t expected_rank(double value, size_t n) {
    size_t first = 0, last = n;
    for (size_t high = n; first < high;) {
        size_t middle = (first + high) / 2;
        if (sorted[middle] < value)
            first = middle + 1;
        else
            high = middle;
    }
    for (size_t low = first; low < last;) {
        size_t middle = (low + last) / 2;
        if (sorted[middle] <= value)
            low = middle + 1;
        else
            last = middle;
    }
    return (uint32_t)(first + 1 + last);
}

static void ranks_are_places_in_the_sorted_column_shared_by_equals(void **state) {
    (void)state;
    for (size_t shape = 0; shape < SHAPES; shape++)
        for (size_t pattern = 0; pattern < 3; pattern++) {
            struct row_set set = choose(pattern);
            for (uint64_t row = 0; row < ROWS; row++) {
                values[row] = shaped(shape, row);
                ranks[row] = UINT32_MAX;
            }
            size_t n = sorted_copy(sorted, values, &set), different = 0;
            for (size_t i = 0; i < n; i++)
                different += i == 0 || sorted[i] != sorted[i - 1];
            uint64_t distinct;
            assert_int_equal(
                number_ranks(ranks, &distinct, (struct number_column){.doubles = values}, &set, NULL), OK);
            assert_int_equal(distinct, different);
            for (uint64_t row = 0; row < ROWS; row++)
                assert_int_equal(ranks[row],
                                 row_set_has(&set, row) ? expected_rank(values[row], n) : UINT32_MAX);
            row_set_clear(&set);
        }
}

static void integers_are_ranked_over_their_whole_range(void **state) {
    (void)state;
    static int64_t integers[ROWS];
    struct row_set set = choose(0);
    for (uint64_t row = 0; row < ROWS; row++) /* a permutation, from the least to the largest */
        integers[row] = (int64_t)((row * 7919 % ROWS) * (UINT64_MAX / ROWS) ^ UINT64_C(1) << 63);
    uint64_t distinct;
    assert_int_equal(number_ranks(ranks, &distinct, (struct number_column){.integers = integers}, &set, NULL),
                     OK);
    assert_int_equal(distinct, ROWS);
    for (uint64_t row = 0; row < ROWS; row++)
        assert_int_equal(ranks[row], 2 * (row * 7919 % ROWS) + 2);
    row_set_clear(&set);
}

static void every_value_is_in_the_bin_whose_edges_hold_it(void **state) {
    (void)state;
    static const struct {
        double minimum, maximum;
    } ranges[] = {{0, 1}, {-DBL_MAX, DBL_MAX}, {1, 1 + 3 * DBL_EPSILON}, {0, 150 * 5e-324}, {-7.3, 1e9}};
    for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++) {
        double low = ranges[r].minimum, high = ranges[r].maximum;
        struct equal_bins bins;
        assert_int_equal(equal_bins_make(&bins, low, high, 200, NULL), OK);
        assert_int_equal(bins.count, 200);
        assert_true(bins.edges[0] == low && bins.edges[200] == high);
        for (size_t i = 0; i < 200; i++)
            assert_true(bins.edges[i] <= bins.edges[i + 1]);
        for (uint64_t i = 0; i < 20000; i++) {
            double t = sample_fraction(i), value = low * (1 - t) + high * t;
            if (i < 201) value = bins.edges[i];
            if (!(value >= low && value <= high)) continue;
            size_t at = equal_bins_of(&bins, value);
            assert_true(at < 200);
            assert_true(value >= bins.edges[at]);
            assert_true(value < bins.edges[at + 1] || (value == high && bins.edges[at + 1] == high));
        }
        equal_bins_clear(&bins);
    }
}

static void equal_bins_are_equal(void **state) {
    (void)state;
    struct equal_bins bins;
    assert_int_equal(equal_bins_make(&bins, 10, 20, 4, NULL), OK);
    static const double edges[] = {10, 12.5, 15, 17.5, 20};
    assert_memory_equal(bins.edges, edges, sizeof edges);
    static const struct {
        double value;
        size_t bin;
    } cases[] = {{10, 0},   {12.4, 0}, {12.5, 1},      {17.49, 2},
                 {17.5, 3}, {20, 3},   {-INFINITY, 0}, {INFINITY, 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(equal_bins_of(&bins, cases[i].value), cases[i].bin);
    equal_bins_clear(&bins);
    assert_int_equal(equal_bins_make(&bins, 3, 3, 50, NULL), OK);
    assert_int_equal(bins.count, 1);
    assert_int_equal(equal_bins_of(&bins, 3), 0);
    equal_bins_clear(&bins);
}

static void check_neat(double minimum, double maximum, size_t most, bool whole, double first, double step,
                       size_t count) {
    struct equal_bins bins;
    char text[32];
    assert_int_equal(neat_bins_make(&bins, minimum, maximum, most, whole, NULL), OK);
    assert_int_equal(bins.count, count);
    for (size_t i = 0; i <= count; i++) {
        snprintf(text, sizeof text, "%.12g", first + (double)i * step);
        assert_true(bins.edges[i] == strtod(text, NULL)); /* the double nearest to the decimal */
        size_t at = equal_bins_of(&bins, bins.edges[i]);
        assert_int_equal(at, i < count ? i : count - 1);
        if (i > 0) assert_int_equal(equal_bins_of(&bins, nextafter(bins.edges[i], -INFINITY)), i - 1);
    }
    assert_true(bins.edges[0] <= minimum && bins.edges[count] >= maximum);
    equal_bins_clear(&bins);
}

static void neat_bins_have_edges_that_people_write(void **state) {
    (void)state;
    check_neat(0.5013, 2.9987, 40, false, 0.5, 0.1, 25);
    check_neat(0.1, 0.7, 6, false, 0.1, 0.1, 6); /* 0.1 + 0.2 is 0.3 here */
    check_neat(-0.7, 0.7, 7, false, -0.75, 0.25, 6);
    check_neat(1e-7, 9.9e-7, 10, false, 1e-7, 1e-7, 9);
    check_neat(1000.25, 1010, 40, false, 1000.25, 0.25, 39);
    check_neat(2e18, 7e18, 10, false, 2e18, 5e17, 10);
    check_neat(5, 100, 20, true, 5, 5, 19);
    check_neat(5, 30, 40, true, 5, 1, 26); /* whole numbers one by one: the last one alone, too */
    check_neat(5, 30, 20, true, 4, 2, 13); /* 2.5 is not whole */
    check_neat(-7, 7, 5, true, -10, 5, 4);
    check_neat(1, 2, 1, false, 1, 1, 1);
    check_neat(3, 3, 9, true, 3, 0, 1);
}

static void neat_bins_of_numbers_without_such_decimals_are_equal_ones(void **state) {
    (void)state;
    static const struct {
        double minimum, maximum;
    } ranges[] = {
        {-DBL_MAX, DBL_MAX}, {1e9, 1e9 + 3e-6}, {0, 150 * 5e-324}, {1e-200, 2e-200}, {1e300, 2e300}};
    for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++) {
        struct equal_bins bins, equal;
        double low = ranges[r].minimum, high = ranges[r].maximum;
        assert_int_equal(neat_bins_make(&bins, low, high, 10, false, NULL), OK);
        assert_int_equal(equal_bins_make(&equal, low, high, 10, NULL), OK);
        assert_int_equal(bins.count, equal.count);
        assert_memory_equal(bins.edges, equal.edges, 11 * sizeof *bins.edges);
        equal_bins_clear(&bins);
        equal_bins_clear(&equal);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_statistics_are_those_of_the_sorted_column),
        cmocka_unit_test(ranks_are_places_in_the_sorted_column_shared_by_equals),
        cmocka_unit_test(integers_are_ranked_over_their_whole_range),
        cmocka_unit_test(every_value_is_in_the_bin_whose_edges_hold_it),
        cmocka_unit_test(equal_bins_are_equal),
        cmocka_unit_test(neat_bins_have_edges_that_people_write),
        cmocka_unit_test(neat_bins_of_numbers_without_such_decimals_are_equal_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
