/* Analyses over parameters with more values than are counted one by one: ints over their whole range,
 * doubles, NaN among them, many texts. */
#include "kmill/analysis.h"
#include "result_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
#include <cmocka.h>

enum { ROWS = 12000, PARAMS = 5, WIDE = 0, REAL, HOLED, LABEL, CONSTANT };
static char folder[] = "/tmp/kmill-many-XXXXXX";
static struct result *result;
static const char *const names[PARAMS] = {"wide", "real", "holed", "label", "constant"};

static void must(status rc, const struct error *err) {
    if (rc != OK) fail_msg("%d: %s", rc, err->message);
}

static int64_t wide_of(uint64_t run) {
    return (int64_t)(sample_mix(run) >> 1) * (run % 2 ? 1 : -1);
}
static double real_of(uint64_t run) {
    return floor(sample_fraction(run + 7) * 6000) / 8 - 300; /* about 5000 values, ties among them */
}
static double holed_of(uint64_t run) {
    return run % 10 == 3 ? copysign(NAN, run % 20 == 3 ? 1 : -1) : sample_fraction(run) - 0.5;
}
static double metric_of(uint64_t run) {
    return 3 * real_of(run) + 100 * sample_fraction(run * 3);
}

static bool params_of(void *context, uint64_t run, struct value *values) {
    static char label[32];
    (void)context;
    snprintf(label, sizeof label, "l%llu", (unsigned long long)(run % 300));
    values[WIDE] = (struct value){.kind = VALUE_INT, .integer = wide_of(run)};
    values[REAL] = (struct value){.kind = VALUE_FLOAT, .real = real_of(run)};
    values[HOLED] = (struct value){.kind = VALUE_FLOAT, .real = holed_of(run)};
    values[LABEL] = (struct value){.kind = VALUE_TEXT, .text = label};
    values[CONSTANT] = (struct value){.kind = VALUE_INT, .integer = 5};
    return true;
}

static int make_file(void **state) {
    (void)state;
    static struct sample sample;
    char path[64];
    struct error err;
    struct provenance provenance = sample_sweep();
    struct result_options options = {.params = params_of, .complete = true};
    struct journal *journal;
    struct text bytes = {0};
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/m.h5", folder);
    provenance.param_names = (char **)names;
    provenance.param_count = PARAMS;
    must(journal_create(&journal, path, false, &provenance, &err), &err);
    for (uint64_t run = 0; run < ROWS; run++) {
        sample_make(&sample, run - run % 11 + 1, 0, 0); /* of a run that is done */
        sample.record.run = run;
        sample.record.metrics[METRIC_SHARPE] = metric_of(run);
        bytes.length = 0;
        must(run_record_encode(&bytes, &sample.record, &err), &err);
        must(journal_append(journal, run, bytes.data, bytes.length, &err), &err);
    }
    text_clear(&bytes);
    must(journal_close(journal, &err), &err);
    must(result_write(path, &options, &err), &err);
    must(result_open(&result, path, &err), &err);
    return 0;
}

static int remove_file(void **state) {
    (void)state;
    char command[96];
    result_close(result);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* ---- importance ---- */

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Mean ranks by counting in a sorted copy; returns the number of different values. */
static size_t rank_all(double *ranks, const double *values) {
    static double sorted[ROWS];
    size_t different = 0;
    memcpy(sorted, values, sizeof sorted);
    qsort(sorted, ROWS, sizeof *sorted, compare_doubles);
    for (size_t first = 0, end; first < ROWS; first = end) {
        for (end = first; end < ROWS && sorted[end] == sorted[first];)
            end++;
        different++;
        for (size_t i = 0; i < ROWS; i++)
            if (values[i] == sorted[first]) ranks[i] = (double)(first + 1 + end) / 2;
    }
    return different;
}

static void check_importance(const struct importance *got, const double *values) {
    static double x[ROWS], y[ROWS], metric[ROWS];
    long double sums[64] = {0}, counts[64] = {0}, mean = 0, all = 0, between = 0, xy = 0, xx = 0, yy = 0;
    for (uint64_t run = 0; run < ROWS; run++)
        mean += (metric[run] = metric_of(run)) / (long double)ROWS;
    assert_int_equal(got->distinct, rank_all(x, values));
    rank_all(y, metric);
    for (size_t i = 0; i < ROWS; i++) {
        size_t group = (size_t)((x[i] - 1) * 64 / ROWS);
        long double dx = x[i] - (ROWS + 1) / 2.0L, dy = y[i] - (ROWS + 1) / 2.0L;
        sums[group] += metric[i] - mean;
        counts[group]++;
        all += (metric[i] - mean) * (metric[i] - mean);
        xy += dx * dy;
        xx += dx * dx;
        yy += dy * dy;
    }
    for (size_t g = 0; g < 64; g++)
        if (counts[g] > 0) between += sums[g] * sums[g] / counts[g]; /* equal values span whole groups */
    assert_true(fabsl(got->share - between / all) <= 1e-10L);
    assert_true(fabsl(got->rank_correlation - xy / sqrtl(xx * yy)) <= 1e-13L);
}

static const struct importance *importance_named(const struct importance *list, size_t count,
                                                 const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0) return &list[i];
    return NULL;
}

static void many_numbers_are_ranked_and_grouped(void **state) {
    (void)state;
    static double values[ROWS];
    struct importance *list;
    struct error err;
    size_t count;
    must(result_importance(&list, &count, result, "sharpe", NULL, &err), &err);
    assert_int_equal(count, 4);
    assert_null(importance_named(list, count, "constant"));
    assert_string_equal(list[0].name, "real");
    for (uint64_t run = 0; run < ROWS; run++)
        values[run] = (double)wide_of(run);
    check_importance(importance_named(list, count, "wide"), values);
    for (uint64_t run = 0; run < ROWS; run++)
        values[run] = real_of(run);
    check_importance(importance_named(list, count, "real"), values);
    /* NaN is one value, above all others */
    for (uint64_t run = 0; run < ROWS; run++)
        values[run] = isnan(holed_of(run)) ? 1.0 : holed_of(run);
    check_importance(importance_named(list, count, "holed"), values);
    const struct importance *label = importance_named(list, count, "label");
    assert_int_equal(label->distinct, 300);
    assert_true(isnan(label->rank_correlation));
    free(list);
}

/* ---- axes ---- */

enum { RANGES = 40 };

static void check_cells(const char *x_name, double (*x_of)(uint64_t), uint64_t below, const char *where,
                        int bins, size_t x_most, size_t y_most) {
    static uint64_t counts[HEATMAP_AXIS_MAX * HEATMAP_AXIS_MAX];
    struct heatmap map;
    struct error err;
    must(result_heatmap(&map, result, (struct heatmap_choice){x_name, bins},
                        (struct heatmap_choice){"real", HEATMAP_AUTO}, "sharpe", AGGREGATE_COUNT, where,
                        &err),
         &err);
    assert_null(map.x.values);
    assert_null(map.y.values);
    assert_in_range(map.x.count, x_most / 2, x_most);
    assert_in_range(map.y.count, y_most / 2, y_most);
    memset(counts, 0, sizeof counts);
    for (uint64_t run = 0; run < below; run++) {
        size_t x = 0, y = 0;
        if (isnan(x_of(run))) continue;
        while (x + 1 < map.x.count && x_of(run) >= map.x.edges[x + 1])
            x++;
        while (y + 1 < map.y.count && real_of(run) >= map.y.edges[y + 1])
            y++;
        assert_true(x_of(run) >= map.x.edges[x] && x_of(run) <= map.x.edges[x + 1]);
        assert_true(real_of(run) >= map.y.edges[y] && real_of(run) <= map.y.edges[y + 1]);
        counts[y * map.x.count + x]++;
    }
    assert_memory_equal(map.counts, counts, map.x.count * map.y.count * sizeof *counts);
    heatmap_clear(&map);
}

static double wide_as_double(uint64_t run) {
    return (double)wide_of(run);
}

static void numbers_are_cut_into_ranges_without_nan(void **state) {
    (void)state;
    check_cells("wide", wide_as_double, ROWS, NULL, HEATMAP_AUTO, RANGES, RANGES);
    check_cells("holed", holed_of, ROWS, NULL, HEATMAP_AUTO, RANGES, RANGES);
    check_cells("holed", holed_of, ROWS, NULL, 200, 200, RANGES);
    check_cells("wide", wide_as_double, ROWS, NULL, 3, 4, RANGES);
}

/* 150 runs have no more values than an axis holds, but of a sweep whose values hardly ever come twice. */
static void few_runs_of_a_random_sweep_are_in_ranges_too(void **state) {
    (void)state;
    check_cells("wide", wide_as_double, 150, "run < 150", HEATMAP_AUTO, 9, 9); /* the root of 150 / 2 */
    struct heatmap map;
    struct error err;
    must(result_heatmap(&map, result, (struct heatmap_choice){"wide", 0}, (struct heatmap_choice){"real", 0},
                        "sharpe", AGGREGATE_COUNT, "run < 150", &err),
         &err);
    assert_non_null(map.x.values);
    assert_int_equal(map.x.count, 150);
    heatmap_clear(&map);
    assert_int_equal(result_heatmap(&map, result, (struct heatmap_choice){"wide", 0},
                                    (struct heatmap_choice){"real", HEATMAP_AUTO}, "sharpe", AGGREGATE_COUNT,
                                    NULL, &err),
                     ERR_INPUT);
    assert_string_equal(err.message, "'wide' has more than 200 different values: choose ranges");
}

static void three_hundred_texts_are_no_axis(void **state) {
    (void)state;
    struct heatmap map;
    struct error err;
    assert_int_equal(result_heatmap(&map, result, (struct heatmap_choice){"label", HEATMAP_AUTO},
                                    (struct heatmap_choice){"wide", HEATMAP_AUTO}, "sharpe", AGGREGATE_MAX,
                                    NULL, &err),
                     ERR_INPUT);
    assert_string_equal(err.message,
                        "'label' has more than 200 different values that are not all numbers: no axis");
    must(result_heatmap(&map, result, (struct heatmap_choice){"label", HEATMAP_AUTO},
                        (struct heatmap_choice){"constant", HEATMAP_AUTO}, "sharpe", AGGREGATE_MAX,
                        "run < 200", &err),
         &err);
    assert_int_equal(map.x.count, 200);
    assert_string_equal(map.x.values[0].text, "l0");
    assert_string_equal(map.x.values[1].text, "l1");
    assert_string_equal(map.x.values[2].text, "l10"); /* by bytes */
    assert_int_equal(map.y.count, 1);
    heatmap_clear(&map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_numbers_are_ranked_and_grouped),
        cmocka_unit_test(numbers_are_cut_into_ranges_without_nan),
        cmocka_unit_test(few_runs_of_a_random_sweep_are_in_ranges_too),
        cmocka_unit_test(three_hundred_texts_are_no_axis),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
