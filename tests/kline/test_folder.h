/* A temporary folder as a cmocka group's state, removed with everything in it. */
#ifndef TESTS_TEST_FOLDER_H
#define TESTS_TEST_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int test_folder_make(void **state) {
    const char *base = getenv("TMPDIR");
    char template[512];
    snprintf(template, sizeof template, "%s/kmill-test-XXXXXX", base ? base : "/tmp");
    *state = mkdtemp(template) ? strdup(template) : NULL;
    return *state ? 0 : -1;
}

static int test_folder_remove_entry(const char *path, const struct stat *st, int kind, struct FTW *walk) {
    (void)st, (void)kind, (void)walk;
    return remove(path);
}

static int test_folder_remove(void **state) {
    int rc = nftw(*state, test_folder_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return rc;
}

#endif
