/* error_body.c: the format of errors, byte by byte, and what they do not say. */
#include "server/http/error_body.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static char results[] = "/var/kmill/results", store[] = "/var/kmill/klines";
static const struct settings settings = {.results = results, .store = store};

static void becomes(const char *field, const struct error *err, const struct problems *problems,
                    const char *wanted) {
    struct text out = {0};
    error_body_write(&out, "invalid", field, err, problems, &settings);
    assert_string_equal(out.data, wanted);
    text_clear(&out);
}

static void what_is_not_known_is_null(void **state) {
    (void)state;
    const struct error err = {.message = "limit: 'x' is not a \"number\""};
    becomes(
        NULL, &err, NULL,
        "{\"detail\":\"limit: 'x' is not a \\\"number\\\"\",\"error\":{\"code\":\"invalid\",\"field\":null,"
        "\"line\":null,\"column\":null}}");
}

static void field_and_place_are_told(void **state) {
    (void)state;
    const struct error err = {.message = "no", .line = 3, .column = 7};
    const struct problems none = {0};
    becomes(
        "where", &err, &none,
        "{\"detail\":\"no\",\"error\":{\"code\":\"invalid\",\"field\":\"where\",\"line\":3,\"column\":7}}");
}

static void the_first_problem_is_the_error(void **state) {
    (void)state;
    const struct error err = {.message = "not shown", .line = 9};
    struct problems problems = {0};
    problems_add(&problems, 2, 0, "one");
    problems_add(&problems, 0, 0, "two");
    becomes(
        "sweep", &err, &problems,
        "{\"detail\":\"one\",\"error\":{\"code\":\"invalid\",\"field\":\"sweep\",\"line\":2,\"column\":null},"
        "\"problems\":[{\"line\":2,\"column\":null,\"message\":\"one\"},"
        "{\"line\":null,\"column\":null,\"message\":\"two\"}]}");
    problems_clear(&problems);
}

static void no_message_names_the_folders(void **state) {
    (void)state;
    const struct error err = {.message = "/var/kmill/results/a.h5: is none"};
    struct problems problems = {0};
    problems_add(&problems, 0, 0, "/var/kmill/klines/X.h5: is none");
    becomes(NULL, &err, NULL,
            "{\"detail\":\"a.h5: is none\",\"error\":{\"code\":\"invalid\",\"field\":null,\"line\":null,"
            "\"column\":null}}");
    becomes(NULL, &err, &problems,
            "{\"detail\":\"X.h5: is none\",\"error\":{\"code\":\"invalid\",\"field\":null,\"line\":null,"
            "\"column\":null},\"problems\":[{\"line\":null,\"column\":null,\"message\":\"X.h5: is none\"}]}");
    problems_clear(&problems);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_known_is_null),
        cmocka_unit_test(field_and_place_are_told),
        cmocka_unit_test(the_first_problem_is_the_error),
        cmocka_unit_test(no_message_names_the_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
