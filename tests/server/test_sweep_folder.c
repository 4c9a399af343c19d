/* Posted sweeps on disk: whole or not there, and what a child's complaint says. */
#include "server/work/sweep_folder.h"
#include "base/file.h"
#include "server/work/child.h"
#include "server/work/sweep_jobs.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char results[64];

static int make_folder(void **state) {
    (void)state;
    strcpy(results, "/tmp/kmill-queue-XXXXXX");
    return mkdtemp(results) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", results);
    return system(command);
}

static void count(void *context, const char *id) {
    (void)id;
    ++*(int *)context;
}

static int how_many(void) {
    int n = 0;
    sweep_folder_each(results, count, &n);
    return n;
}

static void assert_holds(const char *id, const char *file, const char *text) {
    char *folder = sweep_folder_path(results, id), *path = path_join(folder, file), *data;
    size_t length;
    assert_int_equal(file_read(&data, &length, path, NULL), OK);
    assert_string_equal(data, text);
    free(data);
    free(path);
    free(folder);
}

static void a_posted_sweep_is_there_as_it_was_posted(void **state) {
    (void)state;
    struct error err;
    struct folder_state now;
    char strategy[FOLDER_STRATEGY_MAX];
    int64_t posted_ms = 0;
    assert_int_equal(how_many(), 0);
    assert_int_equal(sweep_folder_create(results, "a.b-1", "name: x\n", "mine.py", "pass\n", &err), OK);
    assert_int_equal(how_many(), 1);
    assert_int_equal(sweep_folder_get(results, "a.b-1", &now, strategy, &posted_ms, &err), OK);
    assert_int_equal(now.step, FOLDER_QUEUED);
    assert_string_equal(strategy, "mine.py");
    assert_true(posted_ms > INT64_C(1700000000000));
    assert_holds("a.b-1", "sweep.yaml", "name: x\n");
    assert_holds("a.b-1", "mine.py", "pass\n");
}

static void a_name_is_given_once(void **state) {
    (void)state;
    struct error err;
    assert_int_equal(sweep_folder_create(results, "a", "name: x\n", "s.py", "one\n", &err), OK);
    assert_int_equal(sweep_folder_create(results, "a", "name: y\n", "s.py", "two\n", &err), ERR_EXISTS);
    assert_non_null(strstr(err.message, "'a'"));
    assert_holds("a", "s.py", "one\n");
    assert_int_equal(how_many(), 1);
}

static void its_state_comes_back(void **state) {
    (void)state;
    struct error err;
    struct folder_state now, failed = {FOLDER_FAILED, 12, 7, "no module 'os' 3 4"};
    char strategy[FOLDER_STRATEGY_MAX];
    int64_t posted_ms, again_ms;
    assert_int_equal(sweep_folder_create(results, "a", "name: x\n", "s.py", "", &err), OK);
    assert_int_equal(sweep_folder_get(results, "a", &now, strategy, &posted_ms, &err), OK);
    for (int step = FOLDER_QUEUED; step <= FOLDER_CANCELLED; step++) {
        const struct folder_state want = {.step = (enum folder_step)step};
        assert_int_equal(sweep_folder_set(results, "a", &want, &err), OK);
        assert_int_equal(sweep_folder_get(results, "a", &now, strategy, &again_ms, &err), OK);
        assert_true(now.step == want.step && now.line == 0 && now.column == 0 && !*now.error);
    }
    assert_int_equal(sweep_folder_set(results, "a", &failed, &err), OK);
    assert_int_equal(sweep_folder_get(results, "a", &now, strategy, &again_ms, &err), OK);
    assert_true(now.step == FOLDER_FAILED && now.line == 12 && now.column == 7);
    assert_string_equal(now.error, failed.error);
    assert_int_equal(posted_ms, again_ms); /* whatever became of it */
}

static void what_was_never_whole_is_not_seen(void **state) {
    (void)state;
    struct error err;
    struct folder_state now;
    char strategy[FOLDER_STRATEGY_MAX], path[256];
    int64_t posted_ms;
    assert_int_equal(sweep_folder_create(results, "a", "name: x\n", "s.py", "", &err), OK);
    snprintf(path, sizeof path, "%s/.kmill-queue/.b.new-17", results); /* killed while it was made */
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/.kmill-queue/c", results); /* somebody else's */
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(how_many(), 2);
    assert_int_equal(sweep_folder_get(results, "c", &now, strategy, &posted_ms, &err), ERR_NOT_FOUND);
}

static void a_finished_one_leaves_nothing(void **state) {
    (void)state;
    struct error err;
    struct folder_state started = {.step = FOLDER_STARTED};
    char path[256];
    assert_int_equal(sweep_folder_create(results, "a", "name: x\n", "s.py", "", &err), OK);
    assert_int_equal(sweep_folder_set(results, "a", &started, &err), OK);
    assert_int_equal(sweep_folder_remove(results, "a", &err), OK);
    assert_int_equal(sweep_folder_remove(results, "a", &err), OK); /* again: it is gone already */
    snprintf(path, sizeof path, "%s/.kmill-queue", results);
    assert_int_equal(access(path, F_OK), -1);
}

static void names_lead_nowhere_else(void **state) {
    (void)state;
    static const char *const bad[] = {"", ".", "..", ".x", "a/b", "../a", "a b", "a\nb", "\xC3\xA9", "a:b"};
    char longest[102];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(sweep_id_is_good(bad[i]));
    memset(longest, 'x', sizeof longest);
    longest[101] = '\0';
    assert_false(sweep_id_is_good(longest));
    longest[100] = '\0';
    assert_true(sweep_id_is_good(longest));
    assert_true(sweep_id_is_good("Sma_cross-2024.v1"));
}

static void a_complaint_has_its_place(void **state) {
    (void)state;
    static const struct {
        const char *said, *message;
        int line, column;
    } cases[] = {
        {"s.py:3:14: no module os\ns.py:9:1: more\n", "no module os", 3, 14},
        {"kmill: line 2, column 5: from is later than to\n", "from is later than to", 2, 5},
        {"kmill: the disk is full\n", "the disk is full", 0, 0},
        {"other.py:3:14: x", "other.py:3:14: x", 0, 0},
        {"s.py:x: y\n", "s.py:x: y", 0, 0},
        {"", "", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct child child = {.output = -1, .errors = -1};
        struct error err;
        text_add_string(&child.said, cases[i].said);
        child_complaint(&child, "s.py", &err);
        assert_string_equal(err.message, cases[i].message);
        assert_true(err.line == cases[i].line && err.column == cases[i].column);
        child_clear(&child);
    }
}

int main(void) {
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(a_posted_sweep_is_there_as_it_was_posted),
        WITH_FOLDER(a_name_is_given_once),
        WITH_FOLDER(its_state_comes_back),
        WITH_FOLDER(what_was_never_whole_is_not_seen),
        WITH_FOLDER(a_finished_one_leaves_nothing),
        cmocka_unit_test(names_lead_nowhere_else),
        cmocka_unit_test(a_complaint_has_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
