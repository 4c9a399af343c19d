/* Runaway strategies: whatever a run does with the exception that stops it, it stops soon after its deadline,
 * and its interpreter serves the next run as if nothing had been. */
#include "interpreter_fixture.h"

static struct python_interpreter *interpreter;

static int start_interpreter(void **state) {
    (void)state;
    struct error err = {0};
    if (python_process_start(&err) || python_interpreter_create(&interpreter, &err) ||
        python_interpreter_watch(interpreter, &err)) {
        print_error("%s\n", err.message);
        return -1;
    }
    python_process_leave_main();
    return python_interpreter_attach(interpreter, &err);
}

static int stop_interpreter(void **state) {
    (void)state;
    python_interpreter_detach(interpreter);
    return 0;
}

static double thread_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static const double limit = 0.15;
/* The watchdog itself takes up to 25 ms; the rest is for a machine with more work than cores. */
static const double slack = 2.0;

static void assert_interpreter_is_as_good_as_new(void) {
    python_interpreter_set_limits(interpreter, 30, 0);
    struct call_outcome next =
        call_run(interpreter, "def run():\n s = 0\n for i in range(100000): s += i\n return s\n");
    assert_int_equal(next.verdict, RUN_WITHIN_LIMITS);
    assert_string_equal(next.text, "4999950000");
}

static void assert_is_stopped(const char *source) {
    python_interpreter_set_limits(interpreter, limit, 0);
    struct call_outcome out = call_run(interpreter, source);
    assert_int_equal(out.verdict, RUN_OVER_TIME);
    assert_true(out.seconds >= limit);
    assert_true(out.seconds < limit + slack);
    print_message("          %.0f ms after the deadline\n", 1e3 * (out.seconds - limit));
    assert_interpreter_is_as_good_as_new();
}

static void an_empty_loop_is_stopped(void **state) {
    (void)state;
    assert_is_stopped("def run():\n while True: pass\n");
}

static void a_loop_that_swallows_every_exception_is_stopped(void **state) {
    (void)state;
    assert_is_stopped("def run():\n"
                      " while True:\n"
                      "  try:\n"
                      "   while True: pass\n"
                      "  except BaseException: pass\n");
}

static void a_loop_that_swallows_on_one_line_is_stopped(void **state) {
    (void)state;
    assert_is_stopped("def run():\n"
                      " exec('while 1:\\n try:\\n  while 1: pass\\n except: continue')\n");
}

static void loops_in_finally_and_except_are_stopped(void **state) {
    (void)state;
    assert_is_stopped("def run():\n"
                      " while True:\n"
                      "  try:\n"
                      "   try:\n"
                      "    try:\n"
                      "     while True: pass\n"
                      "    finally:\n"
                      "     while True: pass\n"
                      "   except BaseException as e:\n"
                      "    while True:\n"
                      "     try:\n"
                      "      x = 1\n"
                      "      while True: x += 1\n"
                      "     except: continue\n"
                      "  except BaseException: pass\n");
}

static void a_generator_that_is_drained_in_c_is_stopped(void **state) {
    (void)state;
    assert_is_stopped("def run():\n"
                      " while 1:\n"
                      "  try: sum(1 for _ in iter(int, 1))\n"
                      "  except BaseException: pass\n");
}

static void a_generator_that_yields_from_its_handler_is_stopped(void **state) {
    (void)state;
    assert_is_stopped("def g():\n"
                      " while True:\n"
                      "  try:\n"
                      "   yield 1\n"
                      "  except BaseException: pass\n"
                      "  finally:\n"
                      "   yield 2\n"
                      "def run():\n"
                      " it = g()\n"
                      " while True:\n"
                      "  try:\n"
                      "   for _ in it: pass\n"
                      "  except BaseException: it = g()\n");
}

static void a_recursion_that_catches_its_own_error_is_stopped(void **state) {
    (void)state;
    assert_is_stopped("def f():\n"
                      " try: f()\n"
                      " except: f()\n"
                      " finally: f()\n"
                      "def run():\n"
                      " while 1:\n"
                      "  try: f()\n"
                      "  except: pass\n");
}

static void a_finalizer_that_never_ends_is_stopped(void **state) {
    (void)state;
    assert_is_stopped("class D:\n"
                      " def __del__(self):\n"
                      "  while True:\n"
                      "   try:\n"
                      "    while 1: pass\n"
                      "   except: pass\n"
                      "def run():\n"
                      " while True:\n"
                      "  d = D(); del d\n");
}

static void a_finalizer_that_runs_after_the_last_bar_is_stopped(void **state) {
    (void)state;
    assert_is_stopped("class D:\n"
                      " def __del__(self):\n"
                      "  while True: pass\n"
                      "kept = D()\n"
                      "kept.cycle = kept\n"
                      "def run(): return 1\n");
}

static void a_comparison_called_from_sort_is_stopped(void **state) {
    (void)state;
    assert_is_stopped("class K:\n"
                      " def __init__(self, i): self.i = i\n"
                      " def __lt__(self, other):\n"
                      "  try: return self.i < other.i\n"
                      "  except BaseException: return True\n"
                      "def run():\n"
                      " while True:\n"
                      "  try: sorted([K(-i) for i in range(1000)])\n"
                      "  except BaseException: pass\n");
}

static void a_loop_in_the_class_body_is_stopped(void **state) {
    (void)state;
    assert_is_stopped("class Strategy:\n"
                      " while True: pass\n"
                      "def run(): return 1\n");
}

static void two_hundred_stopped_runs_leave_the_interpreter_usable(void **state) {
    (void)state;
    python_interpreter_set_limits(interpreter, 0.005, 0);
    for (int i = 0; i < 200; i++) {
        struct call_outcome out = call_run(interpreter, "def run():\n"
                                                        " while True:\n"
                                                        "  try:\n"
                                                        "   while True: pass\n"
                                                        "  except BaseException: pass\n");
        assert_int_equal(out.verdict, RUN_OVER_TIME);
        assert_true(out.seconds < slack);
    }
    assert_interpreter_is_as_good_as_new();
}

/* Best of five, in CPU time: what else the machine does must not count. */
static double cost_of_a_loop(void) {
    double best = 1e9;
    python_interpreter_set_limits(interpreter, 60, 0);
    for (int i = 0; i < 5; i++) {
        double begin = thread_seconds();
        call_run(interpreter, "def run():\n s = 0\n for i in range(3000000): s += i & 3\n return s\n");
        double cost = thread_seconds() - begin;
        if (cost < best) best = cost;
    }
    return best;
}

static void a_stopped_run_leaves_no_tracing_cost_behind(void **state) {
    (void)state;
    double before = cost_of_a_loop();
    python_interpreter_set_limits(interpreter, 0.02, 0);
    assert_int_equal(call_run(interpreter, "def run():\n while True: pass\n").verdict, RUN_OVER_TIME);
    double after = cost_of_a_loop();
    print_message("          before %.1f ms, after %.1f ms\n", 1e3 * before, 1e3 * after);
    assert_true(after < 3 * before); /* a trace function that stayed costs 10 times as much */
}

static void a_run_within_its_limit_is_left_alone(void **state) {
    (void)state;
    python_interpreter_set_limits(interpreter, 30, 0);
    for (int i = 0; i < 2000; i++) {
        struct call_outcome out = call_run(interpreter, "def run(): return 7\n");
        assert_int_equal(out.verdict, RUN_WITHIN_LIMITS);
        assert_string_equal(out.text, "7");
    }
}

static void a_run_without_a_limit_may_take_longer_than_others_may(void **state) {
    (void)state;
    python_interpreter_set_limits(interpreter, 0, 0);
    struct call_outcome out = call_run(interpreter, "import time\n"
                                                    "def run():\n"
                                                    " end = time.monotonic() + 0.4\n"
                                                    " while time.monotonic() < end: pass\n"
                                                    " return 'done'\n");
    assert_int_equal(out.verdict, RUN_WITHIN_LIMITS);
    assert_string_equal(out.text, "done");
}

static void time_between_runs_does_not_count(void **state) {
    (void)state;
    python_interpreter_set_limits(interpreter, 0.2, 0);
    struct timespec pause = {.tv_nsec = 300 * 1000 * 1000};
    for (int i = 0; i < 3; i++) {
        python_interpreter_pause(interpreter);
        nanosleep(&pause, NULL);
        python_interpreter_resume(interpreter);
        assert_int_equal(call_run(interpreter, "def run(): return 7\n").verdict, RUN_WITHIN_LIMITS);
    }
}

static void *cancel_soon(void *unused) {
    (void)unused;
    struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    nanosleep(&pause, NULL);
    python_interpreter_cancel(interpreter);
    return NULL;
}

/* The last one: a cancelled interpreter stays cancelled. */
static void a_cancelled_run_ends_though_it_has_no_time_limit(void **state) {
    (void)state;
    python_interpreter_set_limits(interpreter, 0, 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, NULL), 0);
    struct call_outcome out = call_run(interpreter, "def run():\n while True: pass\n");
    pthread_join(thread, NULL);
    assert_int_equal(out.verdict, RUN_CANCELLED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_loop_is_stopped),
        cmocka_unit_test(a_loop_that_swallows_every_exception_is_stopped),
        cmocka_unit_test(a_loop_that_swallows_on_one_line_is_stopped),
        cmocka_unit_test(loops_in_finally_and_except_are_stopped),
        cmocka_unit_test(a_generator_that_is_drained_in_c_is_stopped),
        cmocka_unit_test(a_generator_that_yields_from_its_handler_is_stopped),
        cmocka_unit_test(a_recursion_that_catches_its_own_error_is_stopped),
        cmocka_unit_test(a_finalizer_that_never_ends_is_stopped),
        cmocka_unit_test(a_finalizer_that_runs_after_the_last_bar_is_stopped),
        cmocka_unit_test(a_comparison_called_from_sort_is_stopped),
        cmocka_unit_test(a_loop_in_the_class_body_is_stopped),
        cmocka_unit_test(two_hundred_stopped_runs_leave_the_interpreter_usable),
        cmocka_unit_test(a_stopped_run_leaves_no_tracing_cost_behind),
        cmocka_unit_test(a_run_within_its_limit_is_left_alone),
        cmocka_unit_test(a_run_without_a_limit_may_take_longer_than_others_may),
        cmocka_unit_test(time_between_runs_does_not_count),
        cmocka_unit_test(a_cancelled_run_ends_though_it_has_no_time_limit),
    };
    return cmocka_run_group_tests(tests, start_interpreter, stop_interpreter);
}
