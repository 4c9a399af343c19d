/* Files: what a reader, a mapper and a crash see. Everything happens in one temporary folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **state) {
    (void)state;
    strcpy(folder, "/tmp/kmill-test-file-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

static int count_entries(void) {
    DIR *dir = opendir(folder);
    int count = 0;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count - 2;
}

static void what_was_written_is_read_and_mapped(void **state) {
    (void)state;
    struct error err = {0};
    char *path = path_join(folder, "data");
    static const char content[] = "one\0two\n";
    assert_int_equal(file_write_atomically(path, content, sizeof content, &err), OK);
    char *data;
    size_t length;
    assert_int_equal(file_read(&data, &length, path, &err), OK);
    assert_int_equal(length, sizeof content);
    assert_memory_equal(data, content, sizeof content);
    assert_int_equal(data[length], 0);
    free(data);
    struct file_map map;
    assert_int_equal(file_map_open(&map, path, &err), OK);
    assert_int_equal(map.length, sizeof content);
    assert_memory_equal(map.data, content, sizeof content);
    /* a mapping keeps the old content when the file is replaced */
    assert_int_equal(file_write_atomically(path, "new", 3, &err), OK);
    assert_memory_equal(map.data, content, sizeof content);
    file_map_close(&map);
    file_map_close(&map);
    assert_int_equal(file_read(&data, &length, path, &err), OK);
    assert_string_equal(data, "new");
    free(data);
    unlink(path);
    free(path);
}

static void empty_and_unsized_files_are_read(void **state) {
    (void)state;
    struct error err = {0};
    char *path = path_join(folder, "empty");
    assert_int_equal(file_write_atomically(path, "", 0, &err), OK);
    struct file_map map;
    assert_int_equal(file_map_open(&map, path, &err), OK);
    assert_int_equal(map.length, 0);
    assert_non_null(map.data);
    file_map_close(&map);
    unlink(path);
    free(path);
    char *data;
    size_t length;
    assert_int_equal(file_read(&data, &length, "/proc/self/status", &err), OK); /* size 0 by stat */
    assert_true(length > 100);
    assert_memory_equal(data, "Name:", 5);
    free(data);
}

static void missing_files_and_folders_are_told_apart(void **state) {
    (void)state;
    struct error err = {0};
    char *data = NULL, *path = path_join(folder, "missing");
    size_t length;
    assert_int_equal(file_read(&data, &length, path, &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, "No such file"));
    assert_int_equal(file_read(&data, &length, folder, &err), ERR_INPUT);
    assert_non_null(strstr(err.message, "is a folder"));
    struct file_map map;
    assert_int_equal(file_map_open(&map, path, &err), ERR_NOT_FOUND);
    assert_int_equal(file_write_atomically("/nonexistent-kmill/x", "", 0, &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "/nonexistent-kmill"));
    free(path);
}

static void an_aborted_replacement_leaves_the_old_file(void **state) {
    (void)state;
    struct error err = {0};
    char *path = path_join(folder, "kept");
    assert_int_equal(file_write_atomically(path, "old", 3, &err), OK);
    struct file_replacement replacement;
    assert_int_equal(file_replace_begin(&replacement, path, &err), OK);
    FILE *file = fopen(replacement.temporary, "w");
    fputs("half", file);
    fclose(file);
    assert_int_equal(count_entries(), 2);
    file_replace_abort(&replacement);
    file_replace_abort(&replacement);
    assert_int_equal(file_replace_commit(&replacement, &err), OK);
    assert_int_equal(count_entries(), 1);
    char *data;
    size_t length;
    assert_int_equal(file_read(&data, &length, path, &err), OK);
    assert_string_equal(data, "old");
    free(data);
    unlink(path);
    free(path);
}

static void a_replacement_that_was_never_written_is_an_error(void **state) {
    (void)state;
    struct error err = {0};
    char *path = path_join(folder, "never");
    struct file_replacement replacement;
    assert_int_equal(file_replace_begin(&replacement, path, &err), OK);
    assert_int_equal(file_replace_commit(&replacement, &err), ERR_NOT_FOUND);
    assert_null(replacement.path);
    assert_int_equal(count_entries(), 0);
    free(path);
}

static void folders_are_made_with_their_parents(void **state) {
    (void)state;
    struct error err = {0};
    char *deep = path_join(folder, "a/b//c/");
    assert_int_equal(directory_make(deep, &err), OK);
    assert_int_equal(directory_make(deep, &err), OK);
    struct stat about;
    assert_int_equal(stat(deep, &about), 0);
    char *file = path_join(deep, "file");
    assert_int_equal(file_write_atomically(file, "x", 1, &err), OK);
    char *below = path_join(file, "d");
    assert_int_equal(directory_make(below, &err), ERR_IO);
    assert_non_null(strstr(err.message, "cannot be made"));
    free(below);
    free(file);
    free(deep);
}

static void paths_and_disks_are_known(void **state) {
    (void)state;
    char *joined = path_join("a/", "b");
    assert_string_equal(joined, "a/b");
    free(joined);
    joined = path_join("", "b");
    assert_string_equal(joined, "b");
    free(joined);
    char *own = executable_folder();
    assert_non_null(own);
    assert_int_equal(own[0], '/');
    assert_int_equal(access(own, X_OK), 0);
    free(own);
    assert_true(disk_free_bytes(folder) > 0);
    assert_true(disk_free_bytes("/tmp/kmill-does-not-exist-yet") > 0);
    assert_true(disk_free_bytes("/nonexistent-kmill/x") == -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read_and_mapped),
        cmocka_unit_test(empty_and_unsized_files_are_read),
        cmocka_unit_test(missing_files_and_folders_are_told_apart),
        cmocka_unit_test(an_aborted_replacement_leaves_the_old_file),
        cmocka_unit_test(a_replacement_that_was_never_written_is_an_error),
        cmocka_unit_test(folders_are_made_with_their_parents),
        cmocka_unit_test(paths_and_disks_are_known),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
