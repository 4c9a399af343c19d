/* CPython as the worker starts it: found beside the executable, deaf to the environment, the same in every
 * interpreter. */
#include "interpreter_fixture.h"

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INTERPRETERS = 4 };
static struct python_interpreter *interpreters[INTERPRETERS];

/* ---- a second life of this program: starts Python, prints where it found its library ---------------- */

static int report_library(void) {
    struct error err = {0};
    if (python_process_start(&err)) {
        printf("%s\n", err.message);
        return 1;
    }
    return PyRun_SimpleString("import os, sys\n"
                              "print(os.path.dirname(os.__file__), flush=True)\n"
                              "assert sys.path[0] == os.path.dirname(os.__file__), sys.path\n"
                              "assert all(p.startswith(sys.path[0]) for p in sys.path), sys.path\n");
}

static void run_reporter(const char *program, char *out, size_t size, int *exit_code) {
    char command[5000];
    snprintf(command, sizeof command, "PYTHONPATH=/nonexistent PYTHONHOME=/nonexistent '%s' --report",
             program);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t length = fread(out, 1, size - 1, pipe);
    out[length] = '\0';
    *exit_code = pclose(pipe);
    out[strcspn(out, "\n")] = '\0';
}

static void own_path(char out[4096]) {
    ssize_t length = readlink("/proc/self/exe", out, 4095);
    assert_true(length > 0);
    out[length] = '\0';
}

static void copy_file(const char *from, const char *to) {
    char command[9000];
    snprintf(command, sizeof command, "cp '%s' '%s'", from, to);
    assert_int_equal(system(command), 0);
}

/* A folder at `to` whose entries are links to those of `from`. */
static void link_entries(const char *from, const char *to) {
    DIR *folder = opendir(from);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.') continue;
        char source[5000], target[5000];
        snprintf(source, sizeof source, "%s/%s", from, entry->d_name);
        snprintf(target, sizeof target, "%s/%s", to, entry->d_name);
        assert_int_equal(symlink(source, target), 0);
    }
    closedir(folder);
}

static void the_library_beside_a_moved_executable_is_preferred(void **state) {
    (void)state;
    static const char *const places[] = {"lib", "lib64", "lib/some-linux-gnu"};
    char self[4096], original[4096], found[4096];
    int exit_code;
    own_path(self);
    run_reporter(self, original, sizeof original, &exit_code);
    if (exit_code) print_error("%s\n", original);
    assert_int_equal(exit_code, 0);
    const char *version = strrchr(original, '/') + 1; /* python3.13 */
    for (size_t i = 0; i < 3; i++) {
        char root[] = "/tmp/kmill [*] prefix XXXXXX", program[128], library[256], command[512];
        assert_non_null(mkdtemp(root));
        snprintf(program, sizeof program, "%s/bin/tool", root);
        snprintf(library, sizeof library, "%s/%s/kmill/%s", root, places[i], version);
        snprintf(command, sizeof command, "mkdir -p '%s/bin' '%s'", root, library);
        assert_int_equal(system(command), 0);
        copy_file(self, program);
        link_entries(original, library);
        run_reporter(program, found, sizeof found, &exit_code);
        assert_string_equal(found, library);
        assert_int_equal(exit_code, 0);
        snprintf(command, sizeof command, "rm -r '%s'", root);
        assert_int_equal(system(command), 0);
    }
}

/* ---- this life -------------------------------------------------------------------------------------- */

static int start_interpreters(void **state) {
    (void)state;
    struct error err = {0};
    setenv("PYTHONHASHSEED", "5", 1);
    setenv("TZ", "Asia/Tokyo", 1);
    status rc = python_process_start(&err);
    for (int i = 0; rc == OK && i < INTERPRETERS; i++)
        rc = python_interpreter_create(&interpreters[i], &err);
    for (int i = 0; rc == OK && i < INTERPRETERS; i++)
        rc = python_interpreter_watch(interpreters[i], &err);
    if (rc) print_error("%s\n", err.message);
    return rc;
}

/* Calls source's run() in an interpreter on the main thread. */
static struct call_outcome call_in(int index, const char *source) {
    python_process_leave_main();
    struct error err = {0};
    struct call_outcome out = {.raised = true};
    python_interpreter_set_limits(interpreters[index], 60, 0);
    if (python_interpreter_attach(interpreters[index], &err) == OK) {
        out = call_run(interpreters[index], source);
        python_interpreter_detach(interpreters[index]);
        python_interpreter_watch(interpreters[index], &err);
    }
    python_process_enter_main();
    return out;
}

static void the_version_is_that_of_the_interpreter(void **state) {
    (void)state;
    PyObject *value = PySys_GetObject("version_info");
    char expected[32];
    snprintf(expected, sizeof expected, "%ld.%ld.%ld", PyLong_AsLong(PyStructSequence_GetItem(value, 0)),
             PyLong_AsLong(PyStructSequence_GetItem(value, 1)),
             PyLong_AsLong(PyStructSequence_GetItem(value, 2)));
    assert_string_equal(python_process_version(), expected);
}

static void the_environment_changes_nothing(void **state) {
    (void)state;
    for (int i = 0; i < INTERPRETERS; i++) {
        struct call_outcome out =
            call_in(i, "import sys, time\n"
                       "def run():\n"
                       " return sys.flags.hash_randomization, time.tzname[0], time.timezone,"
                       " sys.flags.isolated, sys.flags.utf8_mode, sys.flags.no_site\n");
        assert_string_equal(out.text, "(0, 'UTC', 0, 1, 1, 1)");
    }
}

static void strings_hash_alike_in_every_interpreter(void **state) {
    (void)state;
    char first[4096];
    for (int i = 0; i < INTERPRETERS; i++) {
        struct call_outcome out = call_in(i, "def run(): return hash('kline'), hash(1.5), hash((1, 'a'))\n");
        if (i == 0) strcpy(first, out.text);
        assert_false(out.raised);
        assert_string_equal(out.text, first);
    }
}

static void interpreters_share_no_module(void **state) {
    (void)state;
    call_in(0, "import collections\ndef run(): collections.left_behind = 1\n");
    struct call_outcome own =
        call_in(0, "import collections\ndef run(): return hasattr(collections, 'left_behind')\n");
    struct call_outcome other =
        call_in(1, "import collections\ndef run(): return hasattr(collections, 'left_behind')\n");
    assert_string_equal(own.text, "True");
    assert_string_equal(other.text, "False");
}

static void what_strategies_use_needs_no_further_import(void **state) {
    (void)state;
    struct call_outcome out = call_in(
        2, "import sys\n"
           "before = set(sys.modules)\n"
           "from collections import Counter, deque, namedtuple, OrderedDict, ChainMap, UserDict\n"
           "from datetime import datetime, timedelta, timezone, date\n"
           "from decimal import Decimal, getcontext, localcontext\n"
           "import math\n"
           "def run():\n"
           " datetime.strptime('2024-01-05 10:11', '%Y-%m-%d %H:%M')\n"
           " f'{datetime(2024, 1, 1, tzinfo=timezone.utc):%A %c %x}'\n"
           " datetime(2024, 1, 1).astimezone(); datetime.fromtimestamp(0); date(2024, 1, 1).isocalendar()\n"
           " Counter('abca').most_common(1); Counter('a') + Counter('b'); namedtuple('P', 'x y')(1, 2)\n"
           " f'{Decimal(\"1234.5\"):,.2f} {Decimal(1):n} {1.5:n}'; Decimal(1) / 3; hash(Decimal(1))\n"
           " with localcontext() as c: c.prec = 5\n"
           " sorted([3, 1]); 'é'.encode('latin-1'); 'e'.encode('ascii'); 'e'.encode('utf-8'); 'é'.upper()\n"
           " repr(OrderedDict(a=1)); ChainMap({}).maps; UserDict(a=1); deque([1], maxlen=1) * 2\n"
           " math.prod([1, 2]); round(2.5); pow(2, 10, 7); int('12'); float('1e3'); 'a'.join(['b'])\n"
           " try: 1 / 0\n"
           " except ZeroDivisionError as e: str(e)\n"
           " return sorted(set(sys.modules) - before)\n");
    assert_string_equal(out.text, "[]");
}

static void strategies_have_no_streams(void **state) {
    (void)state;
    struct call_outcome out = call_in(3, "import sys\n"
                                         "class D:\n"
                                         " def __del__(self): raise ValueError('nobody hears this')\n"
                                         "def run():\n"
                                         " D()\n"
                                         " return sys.stdin, sys.stdout, sys.stderr, sys.__stderr__\n");
    assert_string_equal(out.text, "(None, None, None, None)");
}

static void an_interpreter_may_be_left_and_attached_again(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++)
        assert_string_equal(call_in(i % INTERPRETERS, "def run(): return 6 * 7\n").text, "42");
}

struct worker {
    int index;
    struct call_outcome out;
};

static void *compute(void *context) {
    struct worker *self = context;
    struct error err = {0};
    if (python_interpreter_attach(interpreters[self->index], &err)) return NULL;
    for (int i = 0; i < 20; i++) {
        self->out =
            call_run(interpreters[self->index], "def run():\n"
                                                " d = {}\n"
                                                " for i in range(30000): d[str(i % 500)] = [i, float(i)]\n"
                                                " return len(d), d['499']\n");
        python_interpreter_pause(interpreters[self->index]);
        python_interpreter_resume(interpreters[self->index]);
    }
    python_interpreter_detach(interpreters[self->index]);
    return NULL;
}

/* The last test: the watchdogs are gone afterwards. */
static void interpreters_compute_side_by_side(void **state) {
    (void)state;
    pthread_t threads[INTERPRETERS];
    struct worker workers[INTERPRETERS];
    python_process_leave_main();
    for (int i = 0; i < INTERPRETERS; i++) {
        workers[i] = (struct worker){.index = i};
        assert_int_equal(pthread_create(&threads[i], NULL, compute, &workers[i]), 0);
    }
    for (int i = 0; i < INTERPRETERS; i++) {
        pthread_join(threads[i], NULL);
        assert_string_equal(workers[i].out.text, "(500, [29999, 29999.0])");
        assert_int_equal(workers[i].out.verdict, RUN_WITHIN_LIMITS);
    }
    python_process_enter_main();
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--report") == 0) return report_library();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_beside_a_moved_executable_is_preferred),
        cmocka_unit_test(the_version_is_that_of_the_interpreter),
        cmocka_unit_test(the_environment_changes_nothing),
        cmocka_unit_test(strings_hash_alike_in_every_interpreter),
        cmocka_unit_test(interpreters_share_no_module),
        cmocka_unit_test(what_strategies_use_needs_no_further_import),
        cmocka_unit_test(strategies_have_no_streams),
        cmocka_unit_test(an_interpreter_may_be_left_and_attached_again),
        cmocka_unit_test(interpreters_compute_side_by_side),
    };
    return cmocka_run_group_tests(tests, start_interpreters, NULL);
}
