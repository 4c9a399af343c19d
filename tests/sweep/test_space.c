/* The run space: by hand, and against a second implementation in Python (space_oracle.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/clock.h"
#include "python_oracle.h"
#include "sweep/domain.h"
#include "sweep/space.h"

#include <math.h>

enum { PARAMS_MAX = 16, LINE_MAX_BYTES = 4096 };
#define REQUIRED "name: n\nstrategy: s.py\nsymbols: [A, B]\nintervals: [1m, 1h]\n"

static struct sweep_spec *parsed(const char *text) {
    struct sweep_spec *spec;
    struct problems problems = {0};
    if (spec_parse(&spec, text, strlen(text), "x.yaml", &problems) != OK)
        fail_msg("%d:%d: %s\nin\n%s", problems.items[0].line, problems.items[0].column,
                 problems.items[0].message, text);
    return spec;
}

/* Known answers of the authors' library Random123 (tests/kat_vectors, philox 4x32 10). */
static void philox_gives_the_published_numbers(void **state) {
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], expected[4];
    } vectors[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint32_t out[4];
        draw_philox(out, vectors[i].counter, vectors[i].key);
        assert_memory_equal(out, vectors[i].expected, sizeof out);
    }
}

/* One line of the oracle against space_run. */
static void check_line(const struct sweep_spec *spec, char *line) {
    struct parameter_value params[PARAMS_MAX];
    struct text ours = {0};
    char *rest = line;
    const char *kind = strsep(&rest, "\t");
    uint64_t index = strtoull(strsep(&rest, "\t"), NULL, 10);
    size_t series;
    bool is_run = space_run(spec, index, params, &series);
    for (size_t i = 0; is_run && i < spec->param_count; i++) {
        if (i) text_add_char(&ours, '\t');
        text_add_value(&ours, params[i].value);
        assert_string_equal(params[i].name, spec->params[i].name);
    }
    if (is_run != (strcmp(kind, "run") == 0) || (is_run && strcmp(ours.data, rest) != 0))
        fail_msg("index %llu of\n%s\nis %s, Python says %s %s", (unsigned long long)index, spec->text,
                 is_run ? ours.data : "no run", kind, rest ? rest : "");
    assert_int_equal(series, index / (space_size(spec) / spec->series_count));
    text_clear(&ours);
}

static void runs_are_those_of_the_second_implementation(void **state) {
    (void)state;
    FILE *cases = oracle_open(__FILE__, "space_oracle.py", "5");
    char line[LINE_MAX_BYTES];
    struct sweep_spec *spec = NULL;
    int specs = 0, runs = 0;
    assert_non_null(cases);
    while (fgets(line, sizeof line, cases)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "spec\t", 5) == 0) {
            spec_close(spec);
            spec = parsed(line + 5);
            specs++;
        } else {
            check_line(spec, line);
            runs++;
        }
    }
    spec_close(spec);
    assert_int_equal(pclose(cases), 0);
    assert_int_equal(specs, 71);
    assert_true(runs > 20000);
}

/* a: 1 2 (slowest), b: x y z; 4 series: A 1m, A 1h, B 1m, B 1h; index = (series * 2 + a) * 3 + b. */
static void the_first_parameter_varies_slowest_and_the_series_slower_still(void **state) {
    (void)state;
    struct sweep_spec *spec =
        parsed(REQUIRED "params: {a: [1, 2], b: [x, y, z]}\nwhere: not (a == 1 and b == 'y')\n");
    static const char *const expected[] = {"1x", NULL, "1z", "2x", "2y", "2z"};
    assert_int_equal(space_size(spec), 24);
    for (uint64_t index = 0; index < 24; index++) {
        struct parameter_value params[2];
        size_t series;
        bool is_run = space_run(spec, index, params, &series);
        const char *wanted = expected[index % 6];
        assert_int_equal(is_run, wanted != NULL);
        assert_int_equal(series, index / 6);
        if (!is_run) continue;
        assert_int_equal(params[0].value.integer, wanted[0] - '0');
        assert_int_equal(params[1].value.text[0], wanted[1]);
    }
    bool exact;
    assert_int_equal(space_count_allowed(spec, 1000, &exact), 20);
    assert_true(exact);
    spec_close(spec);
}

static void a_sweep_without_parameters_is_one_run_a_series(void **state) {
    (void)state;
    struct sweep_spec *spec = parsed(REQUIRED);
    size_t series;
    assert_int_equal(space_size(spec), 4);
    assert_true(space_run(spec, 3, NULL, &series));
    assert_int_equal(series, 3);
    assert_int_equal(space_window(NULL, 0), 50);
    spec_close(spec);
}

static void the_window_is_a_parameter_like_any_other(void **state) {
    (void)state;
    struct sweep_spec *spec = parsed(REQUIRED "params: {a: 1, klineWndSize: {range: [20, 60], step: 20}}\n");
    struct parameter_value params[2];
    size_t series;
    for (uint64_t i = 0; i < 3; i++) {
        assert_true(space_run(spec, i, params, &series));
        assert_int_equal(space_window(params, 2), 20 + 20 * i);
    }
    assert_int_equal(space_window(params, 1), 50);
    spec_close(spec);
}

/* 10^6 x 10^6 x 10^3 combinations on 4 series: 4e15. fast < slow holds for 10^6 * (10^6 - 1) / 2 pairs. */
static void a_huge_grid_costs_nothing(void **state) {
    (void)state;
    int64_t start = clock_thread_cpu_ns();
    struct sweep_spec *spec =
        parsed(REQUIRED "params: {fast: {range: [1, 1000000]}, slow: {range: [1, 1000000]},\n"
                        "  x: {range: [0.001, 1], step: 0.001}}\nwhere: fast < slow\n");
    assert_int_equal(space_size(spec), UINT64_C(4000000000000000));
    struct parameter_value params[3];
    size_t series;
    /* the last of series 2: fast = slow = 10^6 is excluded; a row earlier fast = 999999, slow = 10^6, x = 1
     */
    assert_false(space_run(spec, UINT64_C(2999999999999999), params, &series));
    assert_true(space_run(spec, UINT64_C(2999999999999999) - UINT64_C(1000000000), params, &series));
    assert_int_equal(series, 2);
    assert_int_equal(params[0].value.integer, 999999);
    assert_int_equal(params[1].value.integer, 1000000);
    assert_true(params[2].value.real == 1.0);
    bool exact;
    uint64_t estimate = space_count_allowed(spec, 10000, &exact);
    assert_false(exact);
    /* half, and 5 standard deviations of the mean of 10^4 coin tosses: 0.025 */
    assert_true(fabs((double)estimate / 4e15 - 0.5) < 0.025);
    assert_int_equal(space_count_allowed(spec, 10000, &exact), estimate);
    spec_close(spec);
    assert_true(clock_thread_cpu_ns() - start < 1000000000);
}

static void only_parameters_of_conditions_count_as_effort(void **state) {
    (void)state;
    struct sweep_spec *spec =
        parsed(REQUIRED "params: {a: {range: [1, 100]}, x: {range: [1, 1000000]}, b: {range: [1, 100]}}\n"
                        "where: [a < b, a > 1]\n");
    bool exact;
    /* pairs 2 <= a < b <= 100: 99 * 98 / 2 = 4851; times x and 4 series */
    assert_int_equal(space_count_allowed(spec, 10000, &exact), UINT64_C(4851) * 1000000 * 4);
    assert_true(exact);
    spec_close(spec);
}

static void random_runs_are_counted_too(void **state) {
    (void)state;
    struct sweep_spec *spec =
        parsed(REQUIRED "params: {x: {uniform: [0, 1]}}\nwhere: x < 0.001\nmethod: random\ntrials: 400\n");
    bool exact;
    uint64_t count = 0, counted = space_count_allowed(spec, 400, &exact);
    struct parameter_value param;
    size_t series;
    assert_true(exact);
    for (uint64_t i = 0; i < 1600; i++)
        count += space_run(spec, i, &param, &series);
    assert_int_equal(counted, count);
    /* a trial survives with 1 - 0.999^1000 = 0.632; 400 trials: 253 +- 9.6, and 5 of those */
    assert_true(count % 4 == 0 && count / 4 > 205 && count / 4 < 301);
    space_count_allowed(spec, 100, &exact);
    assert_false(exact);
    spec_close(spec);
}

static void trials_are_the_same_for_every_series_and_whatever_stands_beside_them(void **state) {
    (void)state;
    struct sweep_spec *one =
        parsed(REQUIRED "params: {x: {uniform: [0, 1]}}\nmethod: random\ntrials: 50\nseed: 4\n");
    struct sweep_spec *two =
        parsed(REQUIRED
               "params: {y: {integer: [1, 9]}, x: {uniform: [0, 1]}}\nmethod: random\ntrials: 70\nseed: 4\n");
    struct parameter_value a[1], b[2];
    size_t series;
    for (uint64_t i = 0; i < 50; i++) {
        assert_true(space_run(one, i, a, &series));
        assert_true(space_run(two, 70 + i, b, &series));
        assert_int_equal(series, 1);
        assert_true(a[0].value.real == b[1].value.real);
    }
    spec_close(one);
    spec_close(two);
}

/* Pearson's chi-square over 100 cells and 10^6 draws; 99 degrees of freedom: below 168.1 with probability 1 -
 * 2e-5. */
static void draws_are_uniform(void **state) {
    (void)state;
    enum { CELLS = 100, DRAWS = 1000000 };
    static int unit[CELLS], below[CELLS], successive[CELLS];
    double before = 0.0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        struct draw draw = draw_begin(1, "x", i, 0);
        double u = draw_unit(&draw);
        assert_true(u >= 0.0 && u < 1.0);
        unit[(int)(u * CELLS)]++;
        successive[(int)(u * 10) * 10 + (int)(before * 10)]++;
        below[draw_below(&draw, CELLS)]++;
        before = u;
    }
    const int *tables[] = {unit, below, successive};
    for (int t = 0; t < 3; t++) {
        double chi = 0.0;
        for (int i = 0; i < CELLS; i++)
            chi += pow(tables[t][i] - (double)DRAWS / CELLS, 2) / ((double)DRAWS / CELLS);
        if (chi > 168.1 || chi < 50.0) fail_msg("table %d: chi-square %g", t, chi);
    }
}

/* 2^63 + 2^62 of 2^64: a plain modulo or multiplication would give some values twice as often. */
static void bounded_draws_are_unbiased_for_large_limits_too(void **state) {
    (void)state;
    enum { DRAWS = 100000 };
    const uint64_t third = UINT64_C(1) << 62, limit = 3 * third;
    int cells[3] = {0};
    struct draw draw = draw_begin(2, "x", 0, 0);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t value = draw_below(&draw, limit);
        assert_true(value < limit);
        cells[value / third]++;
    }
    for (int i = 0; i < 3; i++) /* binomial: sd 149 */
        assert_true(abs(cells[i] - DRAWS / 3) < 750);
}

static void sampled_floats_have_twelve_digits(void **state) {
    (void)state;
    static const struct {
        double value, expected;
    } cases[] = {{0.1234567890125, 0.123456789012}, /* a tie as written: to even */
                 {0.1234567890135, 0.123456789014},
                 {-123456789012.6, -123456789013.0},
                 {999999999999.9, 1e12},
                 {1e300, 1e300},
                 {5e-324, 5e-324},
                 {0.1, 0.1},
                 {0.0, 0.0},
                 {1234567890123456.0, 1234567890120000.0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(domain_round(cases[i].value) == cases[i].expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_numbers),
        cmocka_unit_test(runs_are_those_of_the_second_implementation),
        cmocka_unit_test(the_first_parameter_varies_slowest_and_the_series_slower_still),
        cmocka_unit_test(a_sweep_without_parameters_is_one_run_a_series),
        cmocka_unit_test(the_window_is_a_parameter_like_any_other),
        cmocka_unit_test(a_huge_grid_costs_nothing),
        cmocka_unit_test(only_parameters_of_conditions_count_as_effort),
        cmocka_unit_test(random_runs_are_counted_too),
        cmocka_unit_test(trials_are_the_same_for_every_series_and_whatever_stands_beside_them),
        cmocka_unit_test(draws_are_uniform),
        cmocka_unit_test(bounded_draws_are_unbiased_for_large_limits_too),
        cmocka_unit_test(sampled_floats_have_twelve_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
