/* writer.c against msgpack-c's unpacker, yyjson and texts written by hand. */
#include "server/http/writer.h"
#include <float.h>
#include <math.h>
#include <msgpack.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

/* Every kind of value, nested. */
static void write_everything(struct writer *w) {
    writer_map(w);
    writer_key_string(w, "text", "a\"b\\\n\x01\xC3\xA4");
    writer_key_string(w, "none", NULL);
    writer_key_bool(w, "yes", true);
    writer_key_bool(w, "no", false);
    writer_key_double(w, "tenth", 0.1);
    writer_key_double(w, "nan", NAN);
    writer_key_double(w, "infinity", -INFINITY);
    writer_key_int(w, "least", INT64_MIN);
    writer_key_uint(w, "most", UINT64_MAX);
    writer_key_time(w, "time", INT64_C(1704067200000));
    writer_key(w, "empty");
    writer_map(w);
    writer_end(w);
    writer_key(w, "list");
    writer_array(w);
    writer_int(w, 1);
    writer_array(w);
    writer_end(w);
    writer_map(w);
    writer_key_null(w, "x");
    writer_end(w);
    writer_float(w, 0.1F);
    writer_bytes(w, "a\0b", 3);
    writer_end(w);
    writer_end(w);
}

static void json_is_what_the_hand_writes(void **state) {
    (void)state;
    struct text out = {0};
    struct writer w = writer_start(&out, FORMAT_JSON);
    write_everything(&w);
    assert_string_equal(out.data,
                        "{\"text\":\"a\\\"b\\\\\\n\\u0001\xC3\xA4\",\"none\":null,\"yes\":true,\"no\":false,"
                        "\"tenth\":0.1,\"nan\":null,\"infinity\":null,\"least\":-9223372036854775808,"
                        "\"most\":18446744073709551615,\"time\":\"2024-01-01T00:00:00+00:00\",\"empty\":{},"
                        "\"list\":[1,[],{\"x\":null},0.1,\"a\\u0000b\"]}");
    yyjson_doc *document = yyjson_read(out.data, out.length, 0);
    assert_non_null(document);
    yyjson_doc_free(document);
    text_clear(&out);
}

/* The value of a key in an unpacked map. */
static const msgpack_object *member(const msgpack_object *map, const char *name) {
    assert_int_equal(map->type, MSGPACK_OBJECT_MAP);
    for (uint32_t i = 0; i < map->via.map.size; i++) {
        const msgpack_object_str *key = &map->via.map.ptr[i].key.via.str;
        if (key->size == strlen(name) && !memcmp(key->ptr, name, key->size)) return &map->via.map.ptr[i].val;
    }
    fail_msg("no member %s", name);
    return NULL;
}

static msgpack_unpacked unpack(const struct text *out) {
    msgpack_unpacked unpacked;
    size_t at = 0;
    msgpack_unpacked_init(&unpacked);
    assert_int_equal(msgpack_unpack_next(&unpacked, out->data, out->length, &at), MSGPACK_UNPACK_SUCCESS);
    assert_int_equal(at, out->length); /* nothing behind it */
    return unpacked;
}

static void assert_text(const msgpack_object *object, const char *data, size_t length) {
    assert_int_equal(object->type, MSGPACK_OBJECT_STR);
    assert_int_equal(object->via.str.size, length);
    assert_memory_equal(object->via.str.ptr, data, length);
}

static void msgpack_unpacks_to_the_same_values(void **state) {
    (void)state;
    struct text out = {0};
    struct writer w = writer_start(&out, FORMAT_MSGPACK);
    write_everything(&w);
    msgpack_unpacked unpacked = unpack(&out);
    const msgpack_object *map = &unpacked.data, *list = member(map, "list");
    assert_int_equal(map->via.map.size, 12);
    assert_text(member(map, "text"), "a\"b\\\n\x01\xC3\xA4", 8);
    assert_int_equal(member(map, "none")->type, MSGPACK_OBJECT_NIL);
    assert_true(member(map, "yes")->via.boolean);
    assert_false(member(map, "no")->via.boolean);
    assert_true(member(map, "tenth")->via.f64 == 0.1);
    assert_int_equal(member(map, "nan")->type, MSGPACK_OBJECT_NIL);
    assert_int_equal(member(map, "infinity")->type, MSGPACK_OBJECT_NIL);
    assert_true(member(map, "least")->via.i64 == INT64_MIN);
    assert_true(member(map, "most")->via.u64 == UINT64_MAX);
    assert_text(member(map, "time"), "2024-01-01T00:00:00+00:00", 25);
    assert_int_equal(member(map, "empty")->via.map.size, 0);
    assert_int_equal(list->via.array.size, 5);
    assert_int_equal(list->via.array.ptr[1].via.array.size, 0);
    assert_int_equal(list->via.array.ptr[2].via.map.size, 1);
    assert_int_equal(list->via.array.ptr[3].type, MSGPACK_OBJECT_FLOAT32);
    assert_true((float)list->via.array.ptr[3].via.f64 == 0.1F);
    assert_text(&list->via.array.ptr[4], "a\0b", 3);
    msgpack_unpacked_destroy(&unpacked);
    text_clear(&out);
}

static void every_size_of_integer_comes_back(void **state) {
    (void)state;
    for (int bit = 0; bit < 64; bit++)
        for (int off = -1; off <= 1; off++) {
            uint64_t u = (UINT64_C(1) << bit) + (uint64_t)off;
            int64_t values[] = {(int64_t)u, -(int64_t)(u & INT64_MAX)};
            for (int i = 0; i < 2; i++) {
                struct text out = {0}, json = {0};
                char expected[32];
                struct writer w = writer_start(&out, FORMAT_MSGPACK), j = writer_start(&json, FORMAT_JSON);
                writer_int(&w, values[i]);
                writer_int(&j, values[i]);
                msgpack_unpacked unpacked = unpack(&out);
                assert_true(unpacked.data.type == (values[i] < 0 ? MSGPACK_OBJECT_NEGATIVE_INTEGER
                                                                 : MSGPACK_OBJECT_POSITIVE_INTEGER));
                assert_true(unpacked.data.via.i64 == values[i]);
                snprintf(expected, sizeof expected, "%lld", (long long)values[i]);
                assert_string_equal(json.data, expected);
                msgpack_unpacked_destroy(&unpacked);
                text_clear(&out);
                text_clear(&json);
            }
        }
}

static void every_length_of_text_comes_back(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 31, 32, 255, 256, 65535, 65536, 100000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct text out = {0};
        struct writer w = writer_start(&out, FORMAT_MSGPACK);
        char *letters = malloc(lengths[i] + 1);
        memset(letters, 'x', lengths[i]);
        writer_bytes(&w, letters, lengths[i]);
        msgpack_unpacked unpacked = unpack(&out);
        assert_text(&unpacked.data, letters, lengths[i]);
        msgpack_unpacked_destroy(&unpacked);
        text_clear(&out);
        free(letters);
    }
}

static void arrays_of_any_length_count_right(void **state) {
    (void)state;
    struct text out = {0};
    struct writer w = writer_start(&out, FORMAT_MSGPACK);
    writer_array(&w);
    for (int i = 0; i < 70000; i++)
        writer_int(&w, i);
    writer_end(&w);
    msgpack_unpacked unpacked = unpack(&out);
    assert_int_equal(unpacked.data.via.array.size, 70000);
    assert_true(unpacked.data.via.array.ptr[69999].via.u64 == 69999);
    msgpack_unpacked_destroy(&unpacked);
    text_clear(&out);
}

/* The text of a float reads back to it, and no shorter one does. */
static void floats_have_their_shortest_digits(void **state) {
    (void)state;
    static const struct {
        float value;
        const char *text;
    } cases[] = {{0.1F, "0.1"},
                 {1.1F, "1.1"},
                 {16777216.0F, "16777216.0"},
                 {1.0F / 3, "0.33333334"},
                 {FLT_MAX, "3.4028235e+38"},
                 {-2.5F, "-2.5"},
                 {0.0F, "0.0"},
                 {100000.0F, "100000.0"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text out = {0};
        struct writer w = writer_start(&out, FORMAT_JSON);
        writer_float(&w, cases[i].value);
        assert_string_equal(out.data, cases[i].text);
        assert_true(strtof(out.data, NULL) == cases[i].value);
        text_clear(&out);
    }
}

static void json_that_exists_is_passed_on_in_either_format(void **state) {
    (void)state;
    static const char json[] = "{\"a\":[1,-2,0.5,\"x\",null,true,18446744073709551615]}",
                      members[] = "\"b\":{\"c\":[]},\"d\":7";
    struct text out = {0}, packed = {0};
    struct writer w = writer_start(&out, FORMAT_JSON), p = writer_start(&packed, FORMAT_MSGPACK);
    for (int i = 0; i < 2; i++) {
        struct writer *each = i ? &p : &w;
        writer_map(each);
        writer_key(each, "first");
        writer_json(each, json, strlen(json));
        writer_members(each, members, strlen(members));
        writer_members(each, "", 0);
        writer_key_int(each, "last", 9);
        writer_end(each);
    }
    assert_string_equal(out.data, "{\"first\":{\"a\":[1,-2,0.5,\"x\",null,true,18446744073709551615]},"
                                  "\"b\":{\"c\":[]},\"d\":7,\"last\":9}");
    msgpack_unpacked unpacked = unpack(&packed);
    assert_int_equal(unpacked.data.via.map.size, 4);
    const msgpack_object *list = member(member(&unpacked.data, "first"), "a");
    assert_int_equal(list->via.array.size, 7);
    assert_true(list->via.array.ptr[1].via.i64 == -2);
    assert_true(list->via.array.ptr[2].via.f64 == 0.5);
    assert_true(list->via.array.ptr[6].via.u64 == UINT64_MAX);
    assert_true(member(&unpacked.data, "d")->via.u64 == 7);
    msgpack_unpacked_destroy(&unpacked);
    text_clear(&out);
    text_clear(&packed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_what_the_hand_writes),
        cmocka_unit_test(msgpack_unpacks_to_the_same_values),
        cmocka_unit_test(every_size_of_integer_comes_back),
        cmocka_unit_test(every_length_of_text_comes_back),
        cmocka_unit_test(arrays_of_any_length_count_right),
        cmocka_unit_test(floats_have_their_shortest_digits),
        cmocka_unit_test(json_that_exists_is_passed_on_in_either_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
