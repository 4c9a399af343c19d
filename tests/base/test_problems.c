/* Errors, lists of mistakes, and "did you mean". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/problems.h"

#include <errno.h>
#include <string.h>

static void an_error_carries_code_place_and_reason(void **state) {
    (void)state;
    struct error err = {0};
    assert_int_equal(error_set(&err, ERR_INPUT, "%s: %d rows", "x.csv", 3), ERR_INPUT);
    assert_string_equal(err.message, "x.csv: 3 rows");
    assert_int_equal(error_set_at(&err, ERR_CORRUPT, 7, 2, "bad"), ERR_CORRUPT);
    assert_int_equal(err.line, 7);
    assert_int_equal(err.column, 2);
    errno = EACCES;
    assert_int_equal(error_set_errno(&err, ERR_IO, "x.csv"), ERR_IO);
    assert_string_equal(err.message, "x.csv: Permission denied");
    assert_int_equal(err.line, 0);
    assert_int_equal(error_set(NULL, ERR_LIMIT, "nobody listens"), ERR_LIMIT);
}

static void a_message_too_long_is_cut(void **state) {
    (void)state;
    struct error err;
    char longer[3000];
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = 0;
    error_set(&err, ERR_IO, "%s", longer);
    assert_int_equal(strlen(err.message), ERROR_MESSAGE_MAX - 1);
    errno = EIO;
    error_set_errno(&err, ERR_IO, "%s", longer);
    assert_int_equal(strlen(err.message), ERROR_MESSAGE_MAX - 1);
}

static void exit_codes_are_the_documented_ones(void **state) {
    (void)state;
    assert_int_equal(error_exit_code(OK), 0);
    assert_int_equal(error_exit_code(ERR_INPUT), 2);
    assert_int_equal(error_exit_code(ERR_NOT_FOUND), 2);
    assert_int_equal(error_exit_code(ERR_EXISTS), 2);
    assert_int_equal(error_exit_code(ERR_CANCELLED), 130);
    assert_int_equal(error_exit_code(ERR_IO), 3);
    assert_int_equal(error_exit_code(ERR_SYSTEM), 3);
}

static void problems_are_sorted_by_place_and_stay_stable(void **state) {
    (void)state;
    struct problems list = {0};
    static const int places[][2] = {{9, 1}, {2, 5}, {2, 3}, {9, 1}, {0, 0},
                                    {2, 5}, {1, 8}, {9, 1}, {3, 3}, {2, 5}};
    for (int i = 0; i < 10; i++)
        problems_add(&list, places[i][0], places[i][1], "number %d", i);
    problems_sort(&list);
    static const char *const expected[] = {"number 4", "number 6", "number 2", "number 1", "number 5",
                                           "number 9", "number 8", "number 0", "number 3", "number 7"};
    assert_int_equal(list.count, 10);
    for (int i = 0; i < 10; i++)
        assert_string_equal(list.items[i].message, expected[i]);
    problems_clear(&list);
    assert_int_equal(list.count, 0);
}

static void the_nearest_name_is_suggested_and_nothing_far(void **state) {
    (void)state;
    static const char *const names[] = {"strategy", "symbols", "interval",    "initial_balance",
                                        "fee_rate", "seed",    "klineWndSize"};
    size_t count = sizeof names / sizeof *names;
    assert_string_equal(nearest_name("stratgey", names, count), "strategy"); /* a swap is one edit */
    assert_string_equal(nearest_name("intervals", names, count), "interval");
    assert_string_equal(nearest_name("inital_balnce", names, count), "initial_balance");
    assert_string_equal(nearest_name("KlineWndsize", names, count), "klineWndSize");
    assert_string_equal(nearest_name("sed", names, count), "seed");
    assert_null(nearest_name("sxxd", names, count)); /* two edits, one allowed for four letters */
    assert_null(nearest_name("colour", names, count));
    assert_null(nearest_name("", names, count));
    char huge[300];
    memset(huge, 's', sizeof huge);
    huge[sizeof huge - 1] = 0;
    assert_null(nearest_name(huge, names, count));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_carries_code_place_and_reason),
        cmocka_unit_test(a_message_too_long_is_cut),
        cmocka_unit_test(exit_codes_are_the_documented_ones),
        cmocka_unit_test(problems_are_sorted_by_place_and_stay_stable),
        cmocka_unit_test(the_nearest_name_is_suggested_and_nothing_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
