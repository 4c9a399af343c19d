/* Heatmaps against implementations that compare every run with every cell. */
#include "analysis_samples.h"

static struct heatmap_choice by_itself(const char *name) {
    return (struct heatmap_choice){name, HEATMAP_AUTO};
}

/* Whether the axis has the row at place `at`. */
static bool stands_at(const struct heatmap_axis *axis, size_t at, size_t name, uint64_t row) {
    struct value value = axis_value(name, row);
    double real;
    if (axis->values) return compare(axis->values[at], value) == 0;
    assert_true(value_as_double(&real, value));
    return real >= axis->edges[at] &&
           (real < axis->edges[at + 1] || (at + 1 == axis->count && real == axis->edges[at + 1]));
}

static void check_axis(const struct heatmap_axis *axis, size_t name, const uint64_t *rows, size_t count) {
    assert_string_equal(axis->name, axis_names[name]);
    for (size_t i = 1; axis->values && i < axis->count; i++)
        assert_true(compare(axis->values[i - 1], axis->values[i]) < 0);
    double width = axis->edges ? (axis->edges[axis->count] - axis->edges[0]) / (double)axis->count : 0;
    for (size_t i = 0; axis->edges && i < axis->count; i++)
        assert_close(axis->edges[i + 1] - axis->edges[i], width);
    size_t different = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_new = true;
        size_t places = 0;
        for (size_t k = 0; k < i && is_new; k++)
            is_new = compare(axis_value(name, rows[k]), axis_value(name, rows[i])) != 0;
        different += is_new;
        for (size_t at = 0; at < axis->count; at++)
            places += stands_at(axis, at, name, rows[i]);
        assert_int_equal(places, 1);
    }
    if (axis->values)
        assert_int_equal(axis->count, different);
    else
        assert_in_range(axis->count, 1, 40);
    assert_true(axis->values || different > HEATMAP_AXIS_MAX); /* this sweep's maps are not thin */
}

static double aggregated(const double *values, size_t count, enum aggregate aggregate) {
    static double sorted[ROWS];
    long double sum = 0, squares = 0;
    memcpy(sorted, values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_doubles);
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    long double mean = sum / (long double)count;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    switch (aggregate) {
    case AGGREGATE_MAX:
        return sorted[count - 1];
    case AGGREGATE_MIN:
        return sorted[0];
    case AGGREGATE_MEAN:
        return (double)mean;
    case AGGREGATE_MEDIAN:
        return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
    case AGGREGATE_COUNT:
        return (double)count;
    case AGGREGATE_STD:
        break;
    }
    return count > 1 ? (double)sqrtl(squares / (long double)(count - 1)) : NAN;
}

/* Every cell from all its rows, gathered by comparing each run with it. */
static void check_cells(const struct heatmap *map, size_t x, size_t y, enum metric metric,
                        enum aggregate aggregate, const uint64_t *rows, size_t count) {
    static double values[ROWS];
    static size_t place_x[ROWS], place_y[ROWS];
    int better = metric_info(metric)->better;
    double lowest = NAN, highest = NAN;
    for (size_t i = 0; i < count; i++) {
        while (place_x[i] = place_x[i] % map->x.count, !stands_at(&map->x, place_x[i], x, rows[i]))
            place_x[i]++;
        while (place_y[i] = place_y[i] % map->y.count, !stands_at(&map->y, place_y[i], y, rows[i]))
            place_y[i]++;
    }
    for (size_t cell = 0; cell < map->x.count * map->y.count; cell++) {
        size_t n = 0;
        uint64_t best = UINT64_MAX;
        for (size_t i = 0; i < count; i++) {
            if (place_y[i] * map->x.count + place_x[i] != cell) continue;
            uint64_t run = sample_run_of_row(rows[i]);
            values[n++] = odd_metric(run, metric);
            double so_far = best == UINT64_MAX ? 0 : odd_metric(best, metric);
            if (best == UINT64_MAX || (better < 0 ? values[n - 1] < so_far : values[n - 1] > so_far))
                best = run;
        }
        assert_int_equal(map->counts[cell], n);
        assert_int_equal(map->best_run[cell], best);
        assert_close(map->cells[cell], n ? aggregated(values, n, aggregate) : NAN);
        lowest = fmin(lowest, map->cells[cell]);
        highest = fmax(highest, map->cells[cell]);
    }
    assert_true(isnan(lowest) ? isnan(map->minimum) && isnan(map->maximum)
                              : map->minimum == lowest && map->maximum == highest);
}

static void check_heatmap(size_t x, size_t y, enum metric metric, enum aggregate aggregate,
                          size_t condition) {
    static uint64_t rows[ROWS];
    size_t without, count = choose(rows, &without, metric, condition);
    struct heatmap map;
    struct error err;
    must(result_heatmap(&map, result, by_itself(axis_names[x]), by_itself(axis_names[y]),
                        metric_info(metric)->name, aggregate, conditions[condition], &err),
         &err);
    check_axis(&map.x, x, rows, count);
    check_axis(&map.y, y, rows, count);
    check_cells(&map, x, y, metric, aggregate, rows, count);
    heatmap_clear(&map);
}

static void every_pair_of_axes_makes_the_heatmap_of_its_runs(void **state) {
    (void)state;
    for (size_t x = 0; x < AXES; x++)
        for (size_t y = 0; y < AXES; y++)
            if (x != y) check_heatmap(x, y, METRIC_SHARPE, AGGREGATE_MEDIAN, (x + y) % CONDITIONS);
}

static void every_aggregate_is_that_of_the_cell(void **state) {
    (void)state;
    for (enum aggregate a = AGGREGATE_MAX; a <= AGGREGATE_STD; a++) {
        check_heatmap(0, 2, METRIC_SHARPE, a, 0);
        check_heatmap(0, 4, METRIC_MAX_DRAWDOWN, a, 1); /* lower is better */
        check_heatmap(2, 3, METRIC_SORTINO, a, 2);      /* ties: the lowest run is the best */
        check_heatmap(5, 3, METRIC_OMEGA, a, 0);        /* one run */
        check_heatmap(5, 3, METRIC_CALMAR, a, 0);       /* none at all */
        check_heatmap(4, 3, METRIC_VOLATILITY, a, 0);
    }
}

/* "fast" is run % 40 - 5. */
static void an_axis_is_in_ranges_if_it_is_said_so(void **state) {
    (void)state;
    struct heatmap map;
    struct error err;
    must(result_heatmap(&map, result, (struct heatmap_choice){"fast", 10}, by_itself("flag"), "sharpe",
                        AGGREGATE_COUNT, NULL, &err),
         &err);
    assert_null(map.x.values);
    assert_int_equal(map.x.count, 8); /* -5 .. 34 in fives: -5, 0, 5 .. 30, 35 */
    uint64_t expected[8][2] = {0};
    static uint64_t rows[ROWS];
    size_t without, count = choose(rows, &without, METRIC_SHARPE, 0);
    for (size_t i = 0; i < count; i++)
        expected[sample_run_of_row(rows[i]) % 40 / 5][axis_value(3, rows[i]).boolean]++;
    for (size_t x = 0; x < 8; x++) {
        assert_true(map.x.edges[x] == (double)x * 5 - 5);
        for (size_t y = 0; y < 2; y++)
            assert_int_equal(map.counts[y * 8 + x], expected[x][y]);
    }
    heatmap_clear(&map);
    assert_int_equal(result_heatmap(&map, result, by_itself("fast"), (struct heatmap_choice){"mode", 5},
                                    "sharpe", AGGREGATE_MAX, NULL, &err),
                     ERR_INPUT);
    assert_string_equal(err.message, "'mode' is not of numbers only: it has no ranges");
    must(result_heatmap(&map, result, (struct heatmap_choice){"fast", 10}, by_itself("flag"), "sharpe",
                        AGGREGATE_COUNT, "fast > 1000", &err),
         &err); /* no run, no range */
    assert_int_equal(map.x.count, 0);
    heatmap_clear(&map);
}

/* 300 runs leave most of a map empty, but the whole sweep does not: the values of "fast" stay. "threshold"
 * has so many that the sweep's map has ranges of it, and so have its parts. */
static void a_condition_makes_no_ranges_of_few_values(void **state) {
    (void)state;
    struct heatmap map;
    struct error err;
    must(result_heatmap(&map, result, by_itself("fast"), by_itself("threshold"), "sharpe", AGGREGATE_COUNT,
                        "run < 300", &err),
         &err);
    assert_non_null(map.x.values);
    assert_true(map.x.count > 20);
    assert_non_null(map.y.edges);
    heatmap_clear(&map);
}

static void a_deviation_beyond_the_doubles_is_no_cell_value(void **state) {
    (void)state;
    struct heatmap map;
    struct error err;
    must(
        result_heatmap(&map, result, by_itself("mode"), by_itself("flag"), "cagr", AGGREGATE_STD, NULL, &err),
        &err);
    for (size_t cell = 0; cell < map.x.count * map.y.count; cell++) {
        assert_true(map.counts[cell] > 1);
        assert_true(isnan(map.cells[cell]));
    }
    assert_true(isnan(map.minimum) && isnan(map.maximum));
    heatmap_clear(&map);
}

static void wrong_axes_metrics_and_conditions_are_told_with_the_nearest_name(void **state) {
    (void)state;
    static const struct {
        const char *x, *y, *metric, *where, *message;
    } cases[] = {
        {"fast", "fast", "sharpe", NULL, "both axes are 'fast'; a heatmap wants two different ones"},
        {"fas", "mode", "sharpe", NULL, "there is no parameter 'fas'; did you mean 'fast'?"},
        {"fast", "intervall", "sharpe", NULL, "there is no parameter 'intervall'; did you mean 'interval'?"},
        {"fast", "mode", "sharp", NULL, "there is no metric 'sharp'; did you mean 'sharpe'?"},
        {"fast", "zzzzzz", "sharpe", NULL,
         "there is no parameter 'zzzzzz'; an axis is a parameter, symbol or interval"}};
    struct heatmap map;
    struct error err;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(result_heatmap(&map, result, by_itself(cases[i].x), by_itself(cases[i].y),
                                        cases[i].metric, AGGREGATE_MAX, cases[i].where, &err),
                         ERR_INPUT);
        assert_string_equal(err.message, cases[i].message);
    }
    assert_int_equal(result_heatmap(&map, result, by_itself("fast"), by_itself("mode"), "sharpe",
                                    AGGREGATE_MAX, "fast >", &err),
                     ERR_INPUT);
    assert_true(err.column > 0);
    struct distribution distribution;
    assert_int_equal(result_distribution(&distribution, result, "sharpe", 0, NULL, &err), ERR_INPUT);
    assert_int_equal(result_distribution(&distribution, result, "nothing", 5, NULL, &err), ERR_INPUT);
    struct importance *list;
    size_t count;
    assert_int_equal(result_importance(&list, &count, result, "nothing", NULL, &err), ERR_INPUT);
    enum aggregate aggregate;
    assert_true(aggregate_parse(&aggregate, "std") && aggregate == AGGREGATE_STD);
    assert_false(aggregate_parse(&aggregate, "sum"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_axes_makes_the_heatmap_of_its_runs),
        cmocka_unit_test(every_aggregate_is_that_of_the_cell),
        cmocka_unit_test(an_axis_is_in_ranges_if_it_is_said_so),
        cmocka_unit_test(a_condition_makes_no_ranges_of_few_values),
        cmocka_unit_test(a_deviation_beyond_the_doubles_is_no_cell_value),
        cmocka_unit_test(wrong_axes_metrics_and_conditions_are_told_with_the_nearest_name),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
