/* plain_message.c: what clients read of messages that name files. */
#include "server/plain_message.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

static void becomes(const char *message, const char *folder, const char *wanted) {
    char text[200];
    snprintf(text, sizeof text, "%s", message);
    plain_message(text, folder);
    assert_string_equal(text, wanted);
}

static void files_lose_their_folder(void **state) {
    (void)state;
    becomes("/var/r/a.h5: is none", "/var/r", "a.h5: is none");
    becomes("/var/r/a.h5: is none", "/var/r/", "a.h5: is none");
    becomes("no '/var/r/a' and no '/var/r/b'", "/var/r", "no 'a' and no 'b'");
}

static void a_folder_alone_keeps_its_name(void **state) {
    (void)state;
    becomes("the store /var/r", "/var/r", "the store r");
    becomes("`kmill klines --store /var/r` in /var/r.", "/var/r", "`kmill klines --store r` in r.");
}

static void other_folders_stay(void **state) {
    (void)state;
    becomes("/var/rest/a, /var/r.old/a, /var/r-2", "/var/r", "/var/rest/a, /var/r.old/a, /var/r-2");
    becomes("./a.h5", ".", "./a.h5");
    becomes("/a/b", "/", "/a/b");
    becomes("/a/b", NULL, "/a/b");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_lose_their_folder),
        cmocka_unit_test(a_folder_alone_keeps_its_name),
        cmocka_unit_test(other_folders_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
