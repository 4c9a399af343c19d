/* Memory bombs: each ends as MemoryError in its own run, its interpreter serves the next run, and a neighbour
 * that allocates all the while never notices. */
#include "interpreter_fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static struct python_interpreter *bomber, *neighbour;
static const uint64_t mib = 1 << 20;

/* ---- the neighbour: allocates and frees small and large things, counts its failures ---------------- */

static pthread_t neighbour_thread;
static atomic_bool neighbour_stop;
static atomic_long neighbour_runs, neighbour_failures;
static char neighbour_said[512];

static const char neighbour_source[] = "def run():\n"
                                       " total = 0\n"
                                       " for i in range(20):\n"
                                       "  a = [float(k) for k in range(5000)]\n"
                                       "  b = {str(k): [k] for k in range(2000)}\n"
                                       "  c = bytearray(3 << 20)\n"
                                       "  d = 'x' * 1000000\n"
                                       "  total += len(a) + len(b) + len(c) + len(d)\n"
                                       " return total\n";

static void *run_neighbour(void *unused) {
    (void)unused;
    struct error err = {0};
    if (python_interpreter_watch(neighbour, &err) || python_interpreter_attach(neighbour, &err)) return NULL;
    python_interpreter_set_limits(neighbour, 60, 64 * mib);
    while (!atomic_load(&neighbour_stop)) {
        struct call_outcome out = call_run(neighbour, neighbour_source);
        if (out.verdict != RUN_WITHIN_LIMITS || strcmp(out.text, "83054560") != 0) {
            snprintf(neighbour_said, sizeof neighbour_said, "%.500s", out.text);
            atomic_fetch_add(&neighbour_failures, 1);
        }
        atomic_fetch_add(&neighbour_runs, 1);
    }
    python_interpreter_detach(neighbour);
    return NULL;
}

static int start_both(void **state) {
    (void)state;
    struct error err = {0};
    if (python_process_start(&err) || python_interpreter_create(&bomber, &err) ||
        python_interpreter_create(&neighbour, &err) || python_interpreter_watch(bomber, &err)) {
        print_error("%s\n", err.message);
        return -1;
    }
    python_process_leave_main();
    return pthread_create(&neighbour_thread, NULL, run_neighbour, NULL) ||
           python_interpreter_attach(bomber, &err);
}

static int stop_both(void **state) {
    (void)state;
    python_interpreter_detach(bomber);
    atomic_store(&neighbour_stop, true);
    return pthread_join(neighbour_thread, NULL);
}

/* ---- the bombs ------------------------------------------------------------------------------------- */

static size_t resident_bytes(void) {
    unsigned long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &size, &resident), 2);
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static void assert_bomber_is_as_good_as_new(void) {
    struct call_outcome next =
        call_run(bomber, "def run(): return len(bytearray(50 << 20)) + len([0] * 1000000)\n");
    assert_string_equal(next.text, "53428800");
    assert_int_equal(next.verdict, RUN_WITHIN_LIMITS);
}

/* 100 MiB may be used; the bomb must end before it took 30 s, and never take much more than that. */
static void assert_bomb_is_contained(const char *source) {
    long runs_before = atomic_load(&neighbour_runs);
    python_interpreter_set_limits(bomber, 30, 100 * mib);
    struct call_outcome out = call_run(bomber, source);
    print_message("          %.3f s: %.60s\n", out.seconds, out.text);
    assert_int_equal(out.verdict, RUN_OVER_MEMORY);
    assert_bomber_is_as_good_as_new();
    while (atomic_load(&neighbour_runs) < runs_before + 2)
        usleep(1000);
    assert_int_equal(atomic_load(&neighbour_failures), 0);
}

static void many_bytearrays_end_as_memory_error(void **state) {
    (void)state;
    assert_bomb_is_contained("def run():\n"
                             " kept = []\n"
                             " while True: kept.append(bytearray(1 << 20))\n");
}

static void one_huge_string_ends_as_memory_error(void **state) {
    (void)state;
    assert_bomb_is_contained("def run(): return len('a' * 10 ** 10)\n");
}

static void many_small_lists_end_as_memory_error(void **state) {
    (void)state;
    assert_bomb_is_contained("def run():\n"
                             " kept = []\n"
                             " while True: kept.append([1.5])\n");
}

static void a_growing_dict_ends_as_memory_error(void **state) {
    (void)state;
    assert_bomb_is_contained("def run():\n"
                             " kept, i = {}, 0\n"
                             " while True:\n"
                             "  kept[i] = i\n"
                             "  i += 1\n");
}

static void a_doubling_integer_ends_as_memory_error(void **state) {
    (void)state;
    assert_bomb_is_contained("def run():\n"
                             " x = 1 << 1000\n"
                             " while True: x <<= x.bit_length()\n");
}

static void a_doubling_list_of_lists_ends_as_memory_error(void **state) {
    (void)state;
    assert_bomb_is_contained("def run():\n"
                             " x = [[0] * 1000]\n"
                             " while True: x = x + [list(y) for y in x]\n");
}

static void a_bomb_that_catches_memory_error_and_goes_on_is_stopped(void **state) {
    (void)state;
    python_interpreter_set_limits(bomber, 30, 100 * mib);
    struct call_outcome out = call_run(bomber, "def run():\n"
                                               " kept = []\n"
                                               " while True:\n"
                                               "  try:\n"
                                               "   while True: kept.append(bytearray(1 << 16))\n"
                                               "  except MemoryError: pass\n");
    assert_int_equal(out.verdict, RUN_OVER_MEMORY);
    assert_true(out.seconds < 10); /* long before its time limit */
    assert_bomber_is_as_good_as_new();
    assert_int_equal(atomic_load(&neighbour_failures), 0);
}

static void a_bomb_in_a_finalizer_is_contained(void **state) {
    (void)state;
    assert_bomb_is_contained("class D:\n"
                             " def __del__(self):\n"
                             "  kept = []\n"
                             "  while True: kept.append(bytearray(1 << 20))\n"
                             "def run():\n"
                             " D()\n"
                             " return 1\n");
}

static void a_run_gets_what_its_limit_allows(void **state) {
    (void)state;
    python_interpreter_set_limits(bomber, 30, 100 * mib);
    struct call_outcome out = call_run(bomber, "def run():\n"
                                               " kept = [bytearray(1 << 20) for i in range(95)]\n"
                                               " return len(kept)\n");
    assert_string_equal(out.text, "95");
    assert_int_equal(out.verdict, RUN_WITHIN_LIMITS);
}

static void memory_that_is_given_back_does_not_count(void **state) {
    (void)state;
    python_interpreter_set_limits(bomber, 200, 20 * mib);
    struct call_outcome out =
        call_run(bomber, "def run():\n"
                         " n = 0\n"
                         " for i in range(200):\n"
                         "  n += len(bytearray(10 << 20)) + len([[k] for k in range(20000)])\n"
                         "  s = 'a' * (5 << 20); s += 'b'\n"
                         " return n\n");
    assert_string_equal(out.text, "2101152000");
    assert_int_equal(out.verdict, RUN_WITHIN_LIMITS);
}

static void a_run_without_a_limit_may_have_more(void **state) {
    (void)state;
    python_interpreter_set_limits(bomber, 30, 0);
    struct call_outcome out = call_run(bomber, "def run(): return len(bytearray(200 << 20))\n");
    assert_string_equal(out.text, "209715200");
    assert_int_equal(out.verdict, RUN_WITHIN_LIMITS);
}

static void a_hundred_bombs_leave_no_memory_behind(void **state) {
    (void)state;
    python_interpreter_set_limits(bomber, 30, 20 * mib);
    const char *bomb = "def run():\n"
                       " kept = []\n"
                       " while True: kept.append(([1.5], bytearray(100000)))\n";
    for (int i = 0; i < 10; i++)
        assert_int_equal(call_run(bomber, bomb).verdict, RUN_OVER_MEMORY);
    size_t before = resident_bytes();
    for (int i = 0; i < 100; i++)
        assert_int_equal(call_run(bomber, bomb).verdict, RUN_OVER_MEMORY);
    size_t after = resident_bytes();
    print_message("          %zu MiB before, %zu MiB after\n", before >> 20, after >> 20);
    assert_true(after < before + 40 * mib); /* the neighbour's own ups and downs are within that */
}

static void the_neighbour_saw_nothing_of_it(void **state) {
    (void)state;
    print_message("          %ld runs of the neighbour %s\n", atomic_load(&neighbour_runs), neighbour_said);
    assert_true(atomic_load(&neighbour_runs) > 0);
    assert_int_equal(atomic_load(&neighbour_failures), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_bytearrays_end_as_memory_error),
        cmocka_unit_test(one_huge_string_ends_as_memory_error),
        cmocka_unit_test(many_small_lists_end_as_memory_error),
        cmocka_unit_test(a_growing_dict_ends_as_memory_error),
        cmocka_unit_test(a_doubling_integer_ends_as_memory_error),
        cmocka_unit_test(a_doubling_list_of_lists_ends_as_memory_error),
        cmocka_unit_test(a_bomb_that_catches_memory_error_and_goes_on_is_stopped),
        cmocka_unit_test(a_bomb_in_a_finalizer_is_contained),
        cmocka_unit_test(a_run_gets_what_its_limit_allows),
        cmocka_unit_test(memory_that_is_given_back_does_not_count),
        cmocka_unit_test(a_run_without_a_limit_may_have_more),
        cmocka_unit_test(a_hundred_bombs_leave_no_memory_behind),
        cmocka_unit_test(the_neighbour_saw_nothing_of_it),
    };
    return cmocka_run_group_tests(tests, start_both, stop_both);
}
