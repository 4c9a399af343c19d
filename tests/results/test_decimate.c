/* Decimation: largest triangle three buckets as the paper states it, in exact integers; and what both ways
 * promise of any curve. */
#include "kmill/analysis.h"
#include "record_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { POINTS_MAX = 4000 };
static double x[POINTS_MAX], y[POINTS_MAX];
static size_t kept[POINTS_MAX + 1];

/* Integers, so that the second implementation can be exact; x like bar times. */
static void make_curve(size_t count, uint64_t seed) {
    int64_t level = 10000;
    for (size_t i = 0; i < count; i++) {
        level += (int64_t)(sample_mix(seed * 100003 + i) % 2001) - 1000;
        if (sample_mix(seed + i) % 97 == 0) level += 20000;
        x[i] = 1704067200000.0 + 60000.0 * (double)i;
        y[i] = (double)level;
    }
}

/* Steinarsson 2013, section 4.2: buckets of points 1..count - 2, the first and the last point alone. Areas
 * times the number of points of the next bucket are whole numbers. */
static size_t exact_lttb(size_t *out, size_t wanted, size_t count) {
    size_t buckets = wanted - 2, n = 0;
    out[n++] = 0;
    for (size_t b = 0; b < buckets; b++) {
        size_t begin = 1 + b * (count - 2) / buckets, end = 1 + (b + 1) * (count - 2) / buckets;
        size_t next_end = b + 1 < buckets ? 1 + (b + 2) * (count - 2) / buckets : count;
        __int128 size = (__int128)(next_end - end), sum_x = 0, sum_y = 0, largest = -1;
        __int128 ax = (__int128)x[out[n - 1]], ay = (__int128)y[out[n - 1]];
        for (size_t i = end; i < next_end; i++) {
            sum_x += (__int128)x[i];
            sum_y += (__int128)y[i];
        }
        size_t best = begin;
        for (size_t i = begin; i < end; i++) {
            __int128 area =
                (ax * size - sum_x) * ((__int128)y[i] - ay) - (ax - (__int128)x[i]) * (sum_y - ay * size);
            if (area < 0) area = -area;
            if (area > largest) {
                largest = area;
                best = i;
            }
        }
        out[n++] = best;
    }
    out[n++] = count - 1;
    return n;
}

static void lttb_keeps_the_points_of_the_exact_algorithm(void **state) {
    (void)state;
    static size_t expected[POINTS_MAX];
    /* buckets of 8 and 32 points: their means are doubles, ties included */
    static const struct {
        size_t count, wanted;
    } sizes[] = {{2 + 8 * 100, 102}, {2 + 32 * 50, 52}, {2 + 16, 4}, {2 + 4, 3},
                 {3002, 502},        {1000, 999},       {997, 131}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (uint64_t seed = 0; seed < 40; seed++) {
            make_curve(sizes[s].count, seed);
            size_t n = exact_lttb(expected, sizes[s].wanted, sizes[s].count);
            assert_int_equal(n, sizes[s].wanted);
            assert_int_equal(decimate_lttb(kept, sizes[s].wanted, x, y, sizes[s].count), n);
            assert_memory_equal(kept, expected, n * sizeof *kept);
        }
}

/* By hand: of the points between, (2, 9) makes the larger triangle with (0, 0) and the last point (4, 0). */
static void lttb_of_five_points_by_hand(void **state) {
    (void)state;
    static const double xs[] = {0, 1, 2, 3, 4}, ys[] = {0, 1, 9, -8, 0};
    assert_int_equal(decimate_lttb(kept, 3, xs, ys, 5), 3);
    assert_int_equal(kept[0], 0);
    assert_int_equal(kept[1], 2);
    assert_int_equal(kept[2], 4);
}

static void add_holes(size_t count, uint64_t seed) {
    for (size_t i = 0; i < count; i++)
        if (seed % 2 && sample_mix(seed * 31 + i) % 5 == 0) y[i] = NAN;
    if (seed % 4 == 3) y[0] = y[1] = y[count - 1] = NAN;
}

/* What both promise; points: those that are not NaN. */
static void check_kept(size_t n, size_t wanted, size_t count, size_t points) {
    size_t first = 0, last = count - 1;
    while (first < count && isnan(y[first]))
        first++;
    while (last > 0 && isnan(y[last]))
        last--;
    assert_true(n <= wanted);
    if (points <= wanted) assert_int_equal(n, points);
    for (size_t i = 0; i < n; i++) {
        assert_true(kept[i] < count && !isnan(y[kept[i]]));
        if (i) assert_true(kept[i] > kept[i - 1]);
    }
    if (n) assert_int_equal(kept[0], first);
    if (n > 1) assert_int_equal(kept[n - 1], last);
}

static double highest_of(const size_t *numbers, size_t count) {
    double highest = -INFINITY;
    for (size_t i = 0; i < count; i++)
        highest = fmax(highest, y[numbers ? numbers[i] : i]);
    return highest;
}

static double lowest_of(const size_t *numbers, size_t count) {
    double lowest = INFINITY;
    for (size_t i = 0; i < count; i++)
        lowest = fmin(lowest, y[numbers ? numbers[i] : i]);
    return lowest;
}

static void any_curve_keeps_its_ends_its_order_and_no_nan(void **state) {
    (void)state;
    static const size_t counts[] = {1, 2, 3, 5, 17, 100, 1001, POINTS_MAX};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (uint64_t seed = 0; seed < 24; seed++)
            for (size_t wanted = 0; wanted <= counts[c] + 1; wanted += wanted < 12 ? 1 : 61) {
                make_curve(counts[c], seed);
                if (counts[c] > 3) add_holes(counts[c], seed);
                size_t points = 0;
                for (size_t i = 0; i < counts[c]; i++)
                    points += !isnan(y[i]);
                kept[wanted] = 4711; /* no more than wanted may be written */
                size_t n = decimate_lttb(kept, wanted, x, y, counts[c]);
                check_kept(n, wanted, counts[c], points);
                if (points > wanted) assert_int_equal(n, wanted);
                n = decimate_min_max(kept, wanted, y, counts[c]);
                check_kept(n, wanted, counts[c], points);
                assert_int_equal(kept[wanted], 4711);
                if (wanted < 4) continue;
                assert_true(highest_of(kept, n) == highest_of(NULL, counts[c]));
                assert_true(lowest_of(kept, n) == lowest_of(NULL, counts[c]));
            }
}

/* Each bucket's own extremes, not only the curve's: peaks of one bar at places that no rule favours. */
static void min_max_loses_no_spike(void **state) {
    (void)state;
    for (size_t i = 0; i < 2000; i++)
        y[i] = 100.0;
    static const size_t spikes[] = {1, 250, 777, 1400, 1998};
    for (size_t s = 0; s < 5; s++)
        y[spikes[s]] = s % 2 ? 200.0 + (double)s : (double)s;
    size_t n = decimate_min_max(kept, 42, y, 2000); /* buckets of 99 or 100 bars */
    for (size_t s = 0; s < 5; s++) {
        bool found = false;
        for (size_t i = 0; i < n; i++)
            found |= kept[i] == spikes[s];
        assert_true(found);
    }
}

static void a_curve_of_nan_keeps_nothing(void **state) {
    (void)state;
    for (size_t i = 0; i < 100; i++)
        y[i] = NAN;
    assert_int_equal(decimate_lttb(kept, 10, x, y, 100), 0);
    assert_int_equal(decimate_min_max(kept, 10, y, 100), 0);
    assert_int_equal(decimate_lttb(kept, 10, x, y, 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lttb_keeps_the_points_of_the_exact_algorithm),
        cmocka_unit_test(lttb_of_five_points_by_hand),
        cmocka_unit_test(any_curve_keeps_its_ends_its_order_and_no_nan),
        cmocka_unit_test(min_max_loses_no_spike),
        cmocka_unit_test(a_curve_of_nan_keeps_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
