/* The set of finished runs, and the job handed to a worker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "engine/done_set.h"
#include "engine/job.h"
#include <string.h>

static void doubles_count_once_and_order_does_not_matter(void **state) {
    (void)state;
    struct done_set set = {0};
    const uint64_t runs[] = {7, 3, 7, UINT64_MAX, 0, 3};
    for (size_t i = 0; i < 6; i++)
        assert_true(done_set_add(&set, runs[i]));
    done_set_sort(&set);
    assert_int_equal(set.count, 4);
    assert_true(done_set_has(&set, 0) && done_set_has(&set, 3) && done_set_has(&set, UINT64_MAX));
    assert_false(done_set_has(&set, 1) || done_set_has(&set, 8));
    done_set_clear(&set);
    assert_false(done_set_has(&set, 0));
}

static void a_job_comes_out_as_it_went_in_and_never_cut(void **state) {
    (void)state;
    char yaml[] = "name: x\n", yaml_path[] = "a.yaml", source[] = "class Strategy: pass\n", path[] = "s.py",
         store[] = "k";
    struct job_series ranges[2] = {{0, 5, 9}, {1, 2, 3}};
    struct job job = {.yaml = yaml,
                      .yaml_path = yaml_path,
                      .strategy = source,
                      .strategy_path = path,
                      .store = store,
                      .threads = 3,
                      .trust = 1,
                      .parent = 42,
                      .column_budget = 77,
                      .series = ranges,
                      .series_count = 2};
    struct text packed = {0};
    job_pack(&packed, &job);
    struct job out;
    struct error err;
    assert_int_equal(job_unpack(&out, packed.data, packed.length, &err), OK);
    assert_string_equal(out.strategy, source);
    assert_string_equal(out.store, store);
    assert_int_equal(out.threads, 3);
    assert_int_equal(out.parent, 42);
    assert_memory_equal(out.series, ranges, sizeof ranges);
    job_clear(&out);
    for (size_t length = 0; length < packed.length; length++)
        assert_int_equal(job_unpack(&out, packed.data, length, &err), ERR_CORRUPT);
    text_clear(&packed);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(doubles_count_once_and_order_does_not_matter),
                                       cmocka_unit_test(a_job_comes_out_as_it_went_in_and_never_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
