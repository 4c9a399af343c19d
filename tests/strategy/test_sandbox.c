/* The sandbox against a strategy that has taken over its process. Both files of escapes/ run inside it,
 * without the guard: the kernel must refuse every call, nothing outside may change, and the neighbour must go
 * on undisturbed. */
#include "interpreter_fixture.h"

#include "strategy/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the child: a worker in small ------------------------------------------------------------------- */

/* What the kernel of the child offers, and who it is. */
struct child_setup {
    bool without_landlock, without_seccomp; /* as on older kernels */
    bool trusted;
    bool unprivileged; /* as nobody, where the test itself is root */
    void (*body)(struct python_interpreter *attacker);
};

static char folder[] = "/tmp/kmill-sandbox-XXXXXX";
static char canary[64];
static int listener, port;
static int answers; /* the child's end of the pipe */
static struct python_interpreter *attacker, *neighbour;
static pthread_t neighbour_thread;
static atomic_bool neighbour_ready, neighbour_stop;
static atomic_long neighbour_runs, neighbour_failures;

/* One line "tag<tab>name<tab>value" to the test. */
static void say(const char *tag, const char *name, const char *value) {
    char line[1024];
    int length = snprintf(line, sizeof line, "%s\t%.300s\t%.600s\n", tag, name, value);
    for (int done = 0; done < length;) {
        ssize_t written = write(answers, line + done, (size_t)(length - done));
        if (written <= 0) _exit(97);
        done += (int)written;
    }
}

static void stop_child(const char *why) {
    say("broken", "child", why);
    _exit(98);
}

/* Makes system calls fail as on a kernel that does not know them. */
static void hide_from_kernel(bool landlock, bool seccomp) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int rc = seccomp ? seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 1) : 0;
    if (landlock)
        rc |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0);
    if (seccomp) {
        rc |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
        rc |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                               SCMP_A0(SCMP_CMP_EQ, 22 /* PR_SET_SECCOMP */));
    }
    if (rc || seccomp_load(filter)) stop_child("a kernel without these calls cannot be imitated");
    seccomp_release(filter);
}

static const char good_strategy[] =
    "from collections import deque\n"
    "from datetime import datetime, timedelta\n"
    "from decimal import Decimal\n"
    "def run():\n"
    " window, total, day = deque(maxlen=20), Decimal(0), datetime(2024, 1, 1)\n"
    " for i in range(2000):\n"
    "  window.append(float(i))\n"
    "  total += Decimal(i) / 8\n"
    "  day += timedelta(hours=1)\n"
    "  parsed = datetime.strptime(day.isoformat()[:10], '%Y-%m-%d')\n"
    "  assert parsed.day == day.day\n"
    " buffer = bytearray(20 << 20)\n"
    " objects = [[i] for i in range(200000)]\n"
    " return total, sum(window), f'{day:%Y-%m-%d}', len(buffer) + len(objects)\n";
/* By hand: 1999000 / 8, with the three digits that eighths have; 20 numbers around 1989.5; 2000 hours are 83
 * days and 8 hours; 20971520 + 200000. */
static const char good_answer[] = "(Decimal('249875.000'), 39790.0, '2024-03-24', 21171520)";

static void *run_neighbour(void *unused) {
    (void)unused;
    struct error err = {0};
    if (python_interpreter_attach(neighbour, &err)) return NULL;
    python_interpreter_set_limits(neighbour, 120, (uint64_t)256 << 20);
    atomic_store(&neighbour_ready, true);
    while (!atomic_load(&neighbour_stop)) {
        struct call_outcome out = call_run(neighbour, good_strategy);
        if (out.verdict != RUN_WITHIN_LIMITS || strcmp(out.text, good_answer) != 0) {
            say("neighbour", "failed", out.text);
            atomic_fetch_add(&neighbour_failures, 1);
        }
        atomic_fetch_add(&neighbour_runs, 1);
    }
    return NULL;
}

/* After Python has read its standard library, which may lie in a folder that only root may enter. */
static void become_nobody(void) {
    if (geteuid() == 0 && (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)))
        stop_child("cannot become nobody");
}

static void start_python(const struct child_setup *setup) {
    struct error err = {0};
    struct sandbox_state sandbox = {.trusted = setup->trusted};
    const int kept[] = {answers};
    if (python_process_start(&err) || python_interpreter_create(&attacker, &err) ||
        python_interpreter_create(&neighbour, &err))
        stop_child(err.message);
    if (setup->unprivileged) become_nobody();
    if (sandbox_landlock(&sandbox, kept, 1, (uint64_t)4 << 30, &err) ||
        python_interpreter_watch(attacker, &err) || python_interpreter_watch(neighbour, &err))
        stop_child(err.message);
    python_process_leave_main();
    if (pthread_create(&neighbour_thread, NULL, run_neighbour, NULL) ||
        python_interpreter_attach(attacker, &err))
        stop_child("no threads");
    while (!atomic_load(&neighbour_ready))
        sched_yield();
    status rc = sandbox_seccomp(&sandbox, kept, 1, &err);
    if (rc) {
        say("refused", rc == ERR_SYSTEM ? "ERR_SYSTEM" : "another status", err.message);
        _exit(0);
    }
    char description[64];
    sandbox_describe(description, &sandbox);
    say("in force", "sandbox", description);
}

static void wait_for_neighbour(long runs) {
    struct timespec pause = {.tv_nsec = 1000000};
    for (int i = 0; atomic_load(&neighbour_runs) < runs && i < 60000; i++)
        nanosleep(&pause, NULL);
}

static void live_as_child(const struct child_setup *setup) {
    if (setup->without_landlock || setup->without_seccomp)
        hide_from_kernel(setup->without_landlock, setup->without_seccomp);
    start_python(setup);
    wait_for_neighbour(2);
    long runs_before = atomic_load(&neighbour_runs);
    setup->body(attacker);
    wait_for_neighbour(runs_before + 2);
    char count[32];
    snprintf(count, sizeof count, "%ld", atomic_load(&neighbour_runs) - runs_before);
    say("neighbour", "runs", count);
    say("end", "child", "");
    _exit(0);
}

/* ---- the test process: reads, and never starts Python or a thread ------------------------------------ */

struct child_result {
    int wait_status;
    char *text; /* all lines; free it */
};

static char *read_all(int fd) {
    size_t length = 0, capacity = 1 << 20;
    char *text = malloc(capacity + 1);
    assert_non_null(text);
    ssize_t got;
    while (length < capacity && (got = read(fd, text + length, capacity - length)) > 0)
        length += (size_t)got;
    text[length] = '\0';
    return text;
}

static struct child_result run_child(const struct child_setup *setup) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        answers = ends[1];
        live_as_child(setup);
    }
    close(ends[1]);
    struct child_result result = {.text = read_all(ends[0])};
    close(ends[0]);
    assert_int_equal(waitpid(child, &result.wait_status, 0), child);
    return result;
}

static bool says(const struct child_result *result, const char *line) {
    return strstr(result->text, line) != NULL;
}

static int count_lines(const struct child_result *result, const char *tag) {
    int count = 0;
    for (const char *line = result->text; *line; line = strchr(line, '\n') + 1)
        count += strncmp(line, tag, strlen(tag)) == 0;
    return count;
}

static void assert_ended_well(const struct child_result *result) {
    if (!says(result, "end\tchild") || result->wait_status) print_error("%s\n", result->text);
    assert_true(says(result, "end\tchild"));
    assert_int_equal(result->wait_status, 0);
    assert_false(says(result, "neighbour\tfailed"));
    assert_false(says(result, "neighbour\truns\t0\n"));
}

static void assert_nothing_outside_changed(void) {
    struct stat now;
    assert_int_equal(stat(canary, &now), 0);
    assert_int_equal(now.st_mode & 07777, 0644);
    assert_int_equal(now.st_size, 7);
    assert_int_equal(now.st_nlink, 1);
    char other[80];
    snprintf(other, sizeof other, "%s.new", canary);
    assert_int_equal(lstat(other, &now), -1);
    assert_int_equal(accept4(listener, NULL, NULL, SOCK_NONBLOCK), -1);
    assert_int_equal(errno, EAGAIN);
}

/* ---- bodies ----------------------------------------------------------------------------------------- */

static char kernel_escapes[64 << 10], interpreter_escapes[64 << 10];

static void read_escapes(const char *name, char *out, size_t size) {
    char path[4096];
    snprintf(path, sizeof path, "%.*s/escapes/%s", (int)(strrchr(__FILE__, '/') - __FILE__), __FILE__, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(out, 1, size - 1, file);
    assert_true(length > 1000 && length < size - 1);
    fclose(file);
}

/* syscall(name, *arguments) -> result or -errno; None where there is no such call. */
static PyObject *raw_syscall(PyObject *self, PyObject *arguments) {
    (void)self;
    unsigned long long values[6] = {0};
    int number = seccomp_syscall_resolve_name(PyUnicode_AsUTF8(PyTuple_GET_ITEM(arguments, 0)));
    if (number < 0) Py_RETURN_NONE;
    for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(arguments) && i <= 6; i++) {
        PyObject *argument = PyTuple_GET_ITEM(arguments, i);
        values[i - 1] = PyBytes_Check(argument) ? (unsigned long long)(uintptr_t)PyBytes_AS_STRING(argument)
                                                : PyLong_AsUnsignedLongLongMask(argument);
    }
    long result = syscall(number, values[0], values[1], values[2], values[3], values[4], values[5]);
    return PyLong_FromLong(result == -1 ? -errno : result);
}

static PyMethodDef raw_syscall_method = {"syscall", raw_syscall, METH_VARARGS, NULL};

static void give(PyObject *space, const char *name, PyObject *value) {
    if (!value || PyDict_SetItemString(space, name, value)) stop_child("no memory");
    Py_DECREF(value);
}

/* Executes the file and says each pair that its attempts() yields. */
static void run_attempts(const char *source) {
    PyObject *space = PyDict_New();
    PyDict_SetItemString(space, "__builtins__", PyEval_GetBuiltins());
    give(space, "syscall", PyCFunction_New(&raw_syscall_method, NULL));
    give(space, "canary", PyUnicode_FromString(canary));
    give(space, "parent", PyLong_FromLong(getppid()));
    give(space, "port", PyLong_FromLong(port));
    give(space, "answers", PyLong_FromLong(answers));
    PyObject *done = PyRun_String(source, Py_file_input, space, space);
    PyObject *all = done ? PyRun_String("attempts()", Py_eval_input, space, space) : NULL;
    PyObject *pair;
    while (all && (pair = PyIter_Next(all))) {
        PyObject *value = PyObject_Str(PyTuple_GET_ITEM(pair, 1));
        say("attempt", PyUnicode_AsUTF8(PyTuple_GET_ITEM(pair, 0)), PyUnicode_AsUTF8(value));
        Py_DECREF(value);
        Py_DECREF(pair);
    }
    if (PyErr_Occurred()) {
        struct call_outcome out;
        describe_outcome(&out, NULL);
        stop_child(out.text);
    }
}

static void attack_the_kernel(struct python_interpreter *unused) {
    (void)unused;
    run_attempts(kernel_escapes);
}

static void attack_from_python(struct python_interpreter *unused) {
    (void)unused;
    run_attempts(interpreter_escapes);
}

/* The same walk as in interpreter.py: what the walls are for. */
static void read_the_canary(struct python_interpreter *self) {
    char source[512];
    snprintf(source, sizeof source,
             "def run():\n"
             " walls = [c for c in ().__class__.__base__.__subclasses__() if c.__name__ == '_wrap_close']\n"
             " return walls[0].__init__.__globals__['__builtins__']['open']('%s').read()\n",
             canary);
    struct call_outcome out = call_run(self, source);
    say("canary", "read", out.text);
}

static void do_nothing(struct python_interpreter *unused) {
    (void)unused;
}

static void exceed_limits(struct python_interpreter *self) {
    char verdict[8];
    python_interpreter_set_limits(self, 0.1, 0);
    struct call_outcome out = call_run(self, "def run():\n"
                                             " while True:\n"
                                             "  try:\n"
                                             "   while True: pass\n"
                                             "  except BaseException: pass\n");
    snprintf(verdict, sizeof verdict, "%d", out.verdict);
    say("limit", "time", verdict);
    python_interpreter_set_limits(self, 60, 50 << 20);
    out = call_run(self, "def run():\n"
                         " kept = []\n"
                         " while True: kept.append(([1.5], bytearray(1 << 20)))\n");
    snprintf(verdict, sizeof verdict, "%d", out.verdict);
    say("limit", "memory", verdict);
    out = call_run(self, good_strategy);
    say("limit", "afterwards", out.text);
}

static void call_abort(struct python_interpreter *unused) {
    (void)unused;
    abort();
}

#if defined(__x86_64__)
static void call_by_x32_number(struct python_interpreter *unused) {
    (void)unused;
    syscall(0x40000000 | SYS_getppid);
}

static void call_by_i386_number(struct python_interpreter *unused) {
    (void)unused;
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L /* getpid of i386 */) : "memory");
    say("i386", "result", "returned");
}
#endif

/* ---- tests ------------------------------------------------------------------------------------------ */

static void assert_kernel_refuses_everything(struct child_setup setup) {
    setup.body = attack_the_kernel;
    struct child_result result = run_child(&setup);
    assert_ended_well(&result);
    int attempts = 0, refused = 0;
    for (char *line = strtok(result.text, "\n"); line; line = strtok(NULL, "\n")) {
        if (strncmp(line, "attempt\t", 8) != 0) continue;
#if defined(KMILL_SANITIZED) /* this one the sanitizer itself needs */
        if (strstr(line, "\tsigaltstack(")) continue;
#endif
        bool good = strcmp(strrchr(line, '\t'), "\t-1") == 0; /* -EPERM */
        if (!good) print_error("not refused: %s\n", line);
        attempts++;
        refused += good;
    }
    free(result.text);
    print_message("          %d of %d calls refused\n", refused, attempts);
    assert_true(attempts > 200); /* those that this machine has */
    assert_int_equal(refused, attempts);
    assert_nothing_outside_changed();
}

static void every_call_is_refused_by_both_walls(void **state) {
    (void)state;
    assert_kernel_refuses_everything((struct child_setup){0});
}

static void every_call_is_refused_without_landlock(void **state) {
    (void)state;
    assert_kernel_refuses_everything((struct child_setup){.without_landlock = true});
}

static void every_call_is_refused_to_an_unprivileged_user(void **state) {
    (void)state;
    assert_kernel_refuses_everything((struct child_setup){.unprivileged = true});
}

static void every_way_out_of_python_ends_in_an_exception(void **state) {
    (void)state;
    struct child_result result = run_child(&(struct child_setup){.body = attack_from_python});
    assert_ended_well(&result);
    assert_true(says(&result, "attempt\tthe walks work\tyes\n"));
    assert_true(count_lines(&result, "attempt\t") > 30);
    if (says(&result, "\tRETURNED")) print_error("%s\n", result.text);
    assert_false(says(&result, "\tRETURNED"));
    assert_true(says(&result, "attempt\topen to read\tPermissionError\n"));
    assert_true(says(&result, "attempt\tos.kill the parent\tPermissionError\n"));
    free(result.text);
    assert_nothing_outside_changed();
}

static void limits_hold_inside_the_sandbox(void **state) {
    (void)state;
    struct child_result result = run_child(&(struct child_setup){.body = exceed_limits});
    assert_ended_well(&result);
    assert_true(says(&result, "limit\ttime\t1\n"));
    assert_true(says(&result, "limit\tmemory\t2\n"));
    assert_true(says(&result, good_answer));
    free(result.text);
}

static void what_is_in_force_is_said(void **state) {
    (void)state;
    struct child_result both = run_child(&(struct child_setup){.body = do_nothing});
    struct child_result one = run_child(&(struct child_setup){.body = do_nothing, .without_landlock = true});
    assert_ended_well(&both);
    assert_ended_well(&one);
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0) assert_true(says(&both, "sandbox\tlandlock "));
    assert_true(says(&both, "seccomp\n"));
    assert_true(says(&one, "sandbox\tseccomp\n"));
    free(both.text);
    free(one.text);
}

static void without_seccomp_the_user_is_asked_for_trust(void **state) {
    (void)state;
    struct child_setup setup = {.body = do_nothing, .without_landlock = true, .without_seccomp = true};
    struct child_result result = run_child(&setup);
    assert_true(says(&result, "refused\tERR_SYSTEM\t"));
    assert_true(says(&result, "--trust-strategy"));
    assert_int_equal(result.wait_status, 0);
    free(result.text);
}

static void a_trusted_strategy_runs_without_any_wall_and_reads_what_others_may_not(void **state) {
    (void)state;
    struct child_setup setup = {
        .body = read_the_canary, .without_landlock = true, .without_seccomp = true, .trusted = true};
    struct child_result trusted = run_child(&setup);
    assert_ended_well(&trusted);
    assert_true(says(&trusted, "sandbox\tnone (trusted)\n"));
    assert_true(says(&trusted, "canary\tread\tintact\n"));
    struct child_result held = run_child(&(struct child_setup){.body = read_the_canary});
    assert_ended_well(&held);
    assert_true(says(&held, "canary\tread\tPermissionError: "));
    free(trusted.text);
    free(held.text);
}

static void an_abort_ends_the_worker_as_an_abort(void **state) {
    (void)state;
    struct child_result result = run_child(&(struct child_setup){.body = call_abort});
    assert_true(WIFSIGNALED(result.wait_status));
    assert_int_equal(WTERMSIG(result.wait_status), SIGABRT);
    free(result.text);
}

#if defined(__x86_64__)
static void calls_by_foreign_numbers_kill_the_worker(void **state) {
    (void)state;
    struct child_result x32 = run_child(&(struct child_setup){.body = call_by_x32_number});
    struct child_result i386 = run_child(&(struct child_setup){.body = call_by_i386_number});
    assert_true(WIFSIGNALED(x32.wait_status));
    assert_int_equal(WTERMSIG(x32.wait_status), SIGSYS);
    /* A kernel without 32-bit programs raises SIGSEGV instead. */
    assert_true(WIFSIGNALED(i386.wait_status));
    assert_false(says(&i386, "i386\tresult"));
    free(x32.text);
    free(i386.text);
}
#endif

/* ---- the world outside ------------------------------------------------------------------------------ */

static int make_world(void **state) {
    (void)state;
    if (!mkdtemp(folder) || chmod(folder, 0777)) return -1;
    snprintf(canary, sizeof canary, "%s/canary", folder);
    FILE *file = fopen(canary, "w");
    if (!file || fputs("intact\n", file) < 0 || fclose(file) || chmod(canary, 0644)) return -1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 8) ||
        getsockname(listener, (struct sockaddr *)&address, &length))
        return -1;
    port = ntohs(address.sin_port);
    read_escapes("kernel.py", kernel_escapes, sizeof kernel_escapes);
    read_escapes("interpreter.py", interpreter_escapes, sizeof interpreter_escapes);
    return 0;
}

static int remove_world(void **state) {
    (void)state;
    close(listener);
    return unlink(canary) || rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_is_refused_by_both_walls),
        cmocka_unit_test(every_call_is_refused_without_landlock),
        cmocka_unit_test(every_call_is_refused_to_an_unprivileged_user),
        cmocka_unit_test(every_way_out_of_python_ends_in_an_exception),
        cmocka_unit_test(limits_hold_inside_the_sandbox),
        cmocka_unit_test(what_is_in_force_is_said),
        cmocka_unit_test(without_seccomp_the_user_is_asked_for_trust),
        cmocka_unit_test(a_trusted_strategy_runs_without_any_wall_and_reads_what_others_may_not),
        cmocka_unit_test(an_abort_ends_the_worker_as_an_abort),
#if defined(__x86_64__)
        cmocka_unit_test(calls_by_foreign_numbers_kill_the_worker),
#endif
    };
    return cmocka_run_group_tests(tests, make_world, remove_world);
}
