/* A journal that cannot be begun leaves nothing behind; one that is there stays as it is. The disk is full
 * for this process: a limit of the size of files. */
#include "base/file.h"
#include "kline/test_folder.h"
#include "results/journal.h"
#include "results/journal_format.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static void limit_files(rlim_t bytes) {
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static status create(struct journal **journal, const char *path, struct error *err) {
    static char *params[] = {"fast"};
    struct provenance provenance = {.name = "full",
                                    .yaml = "name: full\n",
                                    .strategy = "class Strategy(IStrategy):\n    pass\n",
                                    .strategy_sha256 = "abc",
                                    .engine_version = "0.1",
                                    .started_at = "2024-01-01T00:00:00+00:00",
                                    .param_names = params,
                                    .param_count = 1,
                                    .rank_metric = "sharpe",
                                    .rank_where = ""};
    return journal_create(journal, path, false, &provenance, err);
}

static bool is_there(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0;
}

struct place {
    char result[600], folder[700], header[800];
};

static struct place place_of(void **state, const char *name) {
    struct place place;
    snprintf(place.result, sizeof place.result, "%s/%s.h5", (char *)*state, name);
    snprintf(place.folder, sizeof place.folder, "%s.journal", place.result);
    snprintf(place.header, sizeof place.header, "%s/%s", place.folder, JOURNAL_HEADER_NAME);
    return place;
}

static void fails_when_full(const char *result) {
    struct journal *journal;
    struct error err = {0};
    for (rlim_t bytes = 0; bytes <= 100; bytes += 50) {
        limit_files(bytes);
        status rc = create(&journal, result, &err);
        limit_files(RLIM_INFINITY);
        assert_int_equal(rc, ERR_IO);
        assert_non_null(strstr(err.message, ".journal"));
    }
}

static void a_full_disk_leaves_no_journal(void **state) {
    struct place place = place_of(state, "full");
    struct journal *journal;
    struct error err = {0};
    fails_when_full(place.result);
    assert_false(is_there(place.folder));
    assert_int_equal(journal_state_of(place.result), JOURNAL_NONE);
    assert_int_equal(create(&journal, place.result, &err), OK); /* there is room again */
    assert_int_equal(journal_close(journal, &err), OK);
    assert_int_equal(journal_state_of(place.result), JOURNAL_UNFINISHED);
}

static void a_folder_without_a_header_is_nobodys(void **state) {
    struct place place = place_of(state, "begun");
    assert_int_equal(mkdir(place.folder, 0777), 0); /* killed while it was made */
    fails_when_full(place.result);
    assert_false(is_there(place.folder));
}

static void what_else_is_in_the_folder_stays(void **state) {
    struct place place = place_of(state, "other");
    char note[800];
    snprintf(note, sizeof note, "%s/note.txt", place.folder);
    assert_int_equal(mkdir(place.folder, 0777), 0);
    assert_int_equal(file_write_atomically(note, "mine", 4, NULL), OK);
    fails_when_full(place.result);
    assert_true(is_there(note));
    assert_false(is_there(place.header));
}

static void a_journal_that_is_there_is_not_touched(void **state) {
    struct place place = place_of(state, "there");
    struct journal *first, *second;
    struct error err = {0};
    assert_int_equal(create(&first, place.result, &err), OK);
    assert_int_equal(create(&second, place.result, &err), ERR_EXISTS); /* it is being written */
    assert_true(is_there(place.header));
    assert_int_equal(journal_append(first, 0, "record", 6, &err), OK);
    assert_int_equal(journal_close(first, &err), OK);
    limit_files(0);
    status rc = create(&second, place.result, &err); /* it is unfinished */
    limit_files(RLIM_INFINITY);
    assert_int_equal(rc, ERR_EXISTS);
    assert_true(is_there(place.header));
    assert_int_equal(journal_state_of(place.result), JOURNAL_UNFINISHED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_leaves_no_journal),
        cmocka_unit_test(a_folder_without_a_header_is_nobodys),
        cmocka_unit_test(what_else_is_in_the_folder_stays),
        cmocka_unit_test(a_journal_that_is_there_is_not_touched),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
