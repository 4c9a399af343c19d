/* The small nouns of base: arena, hash, value, cancel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/hash.h"
#include "base/value.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void arena_memory_is_aligned_and_does_not_overlap(void **state) {
    (void)state;
    struct arena arena = {0};
    for (int round = 0; round < 3; round++) {
        unsigned char *pieces[500];
        for (int i = 0; i < 500; i++) {
            size_t size = (size_t)(i * 37 % 600);
            pieces[i] = arena_alloc(&arena, size);
            assert_int_equal((uintptr_t)pieces[i] % 16, 0);
            memset(pieces[i], i & 255, size);
        }
        unsigned char *large = arena_alloc(&arena, 1 << 20);
        memset(large, 1, 1 << 20);
        for (int i = 0; i < 500; i++)
            for (int k = 0; k < i * 37 % 600; k++)
                assert_int_equal(pieces[i][k], i & 255);
        arena_reset(&arena);
    }
    assert_string_equal(arena_copy(&arena, "text and more", 4), "text");
    assert_string_equal(arena_copy(&arena, NULL, 0), "");
    arena_clear(&arena);
    arena_reset(&arena);
    arena_clear(&arena);
}

/* Check values of the two standards: CRC-32 of "123456789", FIPS 180-4's "abc" and the empty message. */
static void hashes_are_the_published_ones(void **state) {
    (void)state;
    /* Vectors of the authors (draft-eastlake-fnv, 64 bits). */
    assert_true(hash_fnv1a(FNV_START, NULL, 0) == FNV_START);
    assert_true(hash_fnv1a(FNV_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(hash_fnv1a(hash_fnv1a(FNV_START, "foo", 3), "bar", 3) == UINT64_C(0x85944171f73967e8));
    assert_int_equal(hash_crc32(0, "123456789", 9), 0xCBF43926u);
    assert_int_equal(hash_crc32(hash_crc32(0, "1234", 4), "56789", 5), 0xCBF43926u);
    assert_int_equal(hash_crc32(0, NULL, 0), 0);
    assert_int_equal(hash_crc32(0x1234, NULL, 0), 0x1234);
    char hex[SHA256_HEX_MAX];
    hash_sha256_hex(hex, "abc", 3);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_sha256_hex(hex, "", 0);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static struct value integer(int64_t x) {
    return (struct value){.kind = VALUE_INT, .integer = x};
}

static struct value real(double x) {
    return (struct value){.kind = VALUE_FLOAT, .real = x};
}

static struct value string(const char *x) {
    return (struct value){.kind = VALUE_TEXT, .text = x};
}

static const struct value none = {.kind = VALUE_NONE}, yes = {.kind = VALUE_BOOL, .boolean = true};

static void values_are_equal_by_kind_and_value(void **state) {
    (void)state;
    assert_true(value_equal(integer(1), integer(1)));
    assert_false(value_equal(integer(1), real(1)));
    assert_false(value_equal(integer(1), yes));
    assert_true(value_equal(real(NAN), real(NAN)));
    assert_false(value_equal(real(1), real(2)));
    char copy[] = "abc";
    assert_true(value_equal(string("abc"), string(copy)));
    assert_false(value_equal(string("abc"), string("abd")));
    assert_true(value_equal(none, none));
    double x = 7;
    assert_true(value_as_double(&x, yes) && x == 1);
    assert_true(value_as_double(&x, integer(-3)) && x == -3);
    assert_true(value_as_double(&x, real(0.5)) && x == 0.5);
    assert_false(value_as_double(&x, none));
    assert_false(value_as_double(&x, string("1")));
}

static void values_are_written_as_python_and_as_json(void **state) {
    (void)state;
    const struct value values[] = {none, yes, integer(INT64_MIN), real(5), real(NAN), string("a\"b")};
    struct text python = {0}, json = {0};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        text_add_value(&python, values[i]);
        text_add_char(&python, ' ');
        text_add_json_value(&json, values[i]);
        text_add_char(&json, ' ');
    }
    assert_string_equal(python.data, "None True -9223372036854775808 5.0 nan a\"b ");
    assert_string_equal(json.data, "null true -9223372036854775808 5.0 null \"a\\\"b\" ");
    text_clear(&python);
    text_clear(&json);
}

static void the_first_signal_asks_and_the_second_ends(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        cancel_install();
        if (cancel_requested()) _exit(1);
        raise(SIGINT);
        if (!cancel_requested()) _exit(2);
        raise(SIGTERM);
        _exit(3);
    }
    int result;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result));
    assert_int_equal(WEXITSTATUS(result), 130);
    assert_false(cancel_requested());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_memory_is_aligned_and_does_not_overlap),
        cmocka_unit_test(hashes_are_the_published_ones),
        cmocka_unit_test(values_are_equal_by_kind_and_value),
        cmocka_unit_test(values_are_written_as_python_and_as_json),
        cmocka_unit_test(the_first_signal_asks_and_the_second_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
