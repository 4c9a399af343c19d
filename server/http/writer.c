/* JSON and msgpack from one set of calls.
 *
 * A msgpack map or array begins with the number of its members, which is known at its end only: five bytes
 * are left for the 32-bit form and filled in then. Both formats go into one growing buffer. */
#include "server/http/writer.h"
#include "base/clock.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <yyjson.h>

static void put(struct writer *w, const void *bytes, size_t length) {
    text_add(w->out, bytes, length);
}

/* A msgpack tag and `size` bytes of value, most significant first. */
static void put_tagged(struct writer *w, unsigned char tag, uint64_t value, int size) {
    unsigned char bytes[9] = {tag};
    for (int i = 0; i < size; i++)
        bytes[1 + i] = (unsigned char)(value >> (8 * (size - 1 - i)));
    put(w, bytes, (size_t)size + 1);
}

struct writer writer_start(struct text *out, enum writer_format format) {
    return (struct writer){.out = out, .format = format};
}

/* Before every value: counts it, and writes the comma between elements (a key does that in maps). */
static void begin_value(struct writer *w) {
    if (w->depth == 0 || w->open[w->depth - 1].is_map) return;
    if (w->open[w->depth - 1].count++ && w->format == FORMAT_JSON) text_add_char(w->out, ',');
}

static void begin_group(struct writer *w, bool is_map) {
    assert(w->depth < WRITER_DEPTH);
    begin_value(w);
    w->open[w->depth].is_map = is_map;
    w->open[w->depth].count = 0;
    w->open[w->depth].header = w->out->length;
    w->depth++;
    if (w->format == FORMAT_JSON)
        text_add_char(w->out, is_map ? '{' : '[');
    else
        put_tagged(w, is_map ? 0xDF : 0xDD, 0, 4);
}

void writer_map(struct writer *w) {
    begin_group(w, true);
}

void writer_array(struct writer *w) {
    begin_group(w, false);
}

void writer_end(struct writer *w) {
    assert(w->depth > 0);
    w->depth--;
    if (w->format == FORMAT_JSON) {
        text_add_char(w->out, w->open[w->depth].is_map ? '}' : ']');
        return;
    }
    char *count = w->out->data + w->open[w->depth].header + 1;
    for (int i = 0; i < 4; i++)
        count[i] = (char)(w->open[w->depth].count >> (24 - 8 * i));
}

/* Bytes of text without escaping; length < 2^32. */
static void put_msgpack_string(struct writer *w, const char *data, size_t length) {
    if (length < 32)
        put_tagged(w, (unsigned char)(0xA0 | length), 0, 0);
    else if (length < 256)
        put_tagged(w, 0xD9, length, 1);
    else if (length < 65536)
        put_tagged(w, 0xDA, length, 2);
    else
        put_tagged(w, 0xDB, length, 4);
    put(w, data, length);
}

void writer_key(struct writer *w, const char *key) {
    assert(w->depth > 0 && w->open[w->depth - 1].is_map);
    size_t length = strlen(key);
    bool is_first = w->open[w->depth - 1].count++ == 0;
    if (w->format == FORMAT_MSGPACK) {
        put_msgpack_string(w, key, length);
        return;
    }
    if (!is_first) text_add_char(w->out, ',');
    text_add_json_string(w->out, key, length);
    text_add_char(w->out, ':');
}

void writer_bytes(struct writer *w, const char *data, size_t length) {
    begin_value(w);
    if (w->format == FORMAT_JSON)
        text_add_json_string(w->out, data, length);
    else
        put_msgpack_string(w, data, length);
}

void writer_string(struct writer *w, const char *string) {
    if (string)
        writer_bytes(w, string, strlen(string));
    else
        writer_null(w);
}

void writer_null(struct writer *w) {
    begin_value(w);
    if (w->format == FORMAT_JSON)
        text_add(w->out, "null", 4);
    else
        put_tagged(w, 0xC0, 0, 0);
}

void writer_double(struct writer *w, double value) {
    if (!isfinite(value)) {
        writer_null(w);
        return;
    }
    begin_value(w);
    if (w->format == FORMAT_JSON) {
        text_add_double(w->out, value);
        return;
    }
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_tagged(w, 0xCB, bits, 8);
}

/* A float's shortest digits: the double nearest to the decimal of 6 to 9 digits that reads back to it. */
static double widen_float(float value) {
    for (int digits = 6; digits < 9; digits++) {
        char text[32];
        double wide = 0;
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (text_to_double(&wide, text) && (float)wide == value) return wide;
    }
    return (double)value;
}

void writer_float(struct writer *w, float value) {
    if (!isfinite(value)) {
        writer_null(w);
        return;
    }
    if (w->format == FORMAT_JSON) {
        float whole = truncf(value);
        writer_double(w, whole == value && fabsf(value) < 1e6F ? (double)value : widen_float(value));
        return;
    }
    begin_value(w);
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_tagged(w, 0xCA, bits, 4);
}

static char *put_decimal(char *end, uint64_t value) {
    do
        *--end = (char)('0' + value % 10);
    while (value /= 10);
    return end;
}

static void put_msgpack_uint(struct writer *w, uint64_t value) {
    if (value < 128)
        put_tagged(w, (unsigned char)value, 0, 0);
    else if (value < 256)
        put_tagged(w, 0xCC, value, 1);
    else if (value < 65536)
        put_tagged(w, 0xCD, value, 2);
    else if (value <= UINT32_MAX)
        put_tagged(w, 0xCE, value, 4);
    else
        put_tagged(w, 0xCF, value, 8);
}

void writer_uint(struct writer *w, uint64_t value) {
    begin_value(w);
    if (w->format == FORMAT_MSGPACK) {
        put_msgpack_uint(w, value);
        return;
    }
    char digits[24], *end = digits + sizeof digits, *begin = put_decimal(end, value);
    text_add(w->out, begin, (size_t)(end - begin));
}

void writer_int(struct writer *w, int64_t value) {
    if (value >= 0) {
        writer_uint(w, (uint64_t)value);
        return;
    }
    begin_value(w);
    if (w->format == FORMAT_JSON) {
        char digits[24], *end = digits + sizeof digits, *begin = put_decimal(end, -(uint64_t)value);
        *--begin = '-';
        text_add(w->out, begin, (size_t)(end - begin));
    } else if (value >= -32) {
        put_tagged(w, (unsigned char)value, 0, 0);
    } else if (value >= INT32_MIN) {
        put_tagged(w, 0xD2, (uint64_t)value, 4);
    } else {
        put_tagged(w, 0xD3, (uint64_t)value, 8);
    }
}

void writer_bool(struct writer *w, bool value) {
    begin_value(w);
    if (w->format == FORMAT_JSON)
        text_add_string(w->out, value ? "true" : "false");
    else
        put_tagged(w, value ? 0xC3 : 0xC2, 0, 0);
}

void writer_time(struct writer *w, int64_t ms) {
    char text[CLOCK_TEXT_MAX];
    size_t length = clock_format_iso(text, ms);
    begin_value(w);
    if (w->format == FORMAT_JSON) { /* nothing in it needs escaping */
        text_add_char(w->out, '"');
        text_add(w->out, text, length);
        text_add_char(w->out, '"');
    } else {
        put_msgpack_string(w, text, length);
    }
}

static void rewrite(struct writer *w, yyjson_val *value);

static void rewrite_members(struct writer *w, yyjson_val *object) {
    yyjson_val *item, *key;
    size_t i, count;
    yyjson_obj_foreach(object, i, count, key, item) {
        writer_key(w, yyjson_get_str(key));
        rewrite(w, item);
    }
}

/* A parsed value again, as this writer's format. Depth is bounded by WRITER_DEPTH: deeper ones become null.
 */
static void rewrite(struct writer *w, yyjson_val *value) {
    yyjson_val *item;
    size_t i, count;
    if (yyjson_is_ctn(value) && w->depth == WRITER_DEPTH) {
        writer_null(w);
    } else if (yyjson_is_obj(value)) {
        writer_map(w);
        rewrite_members(w, value);
        writer_end(w);
    } else if (yyjson_is_arr(value)) {
        writer_array(w);
        yyjson_arr_foreach(value, i, count, item) rewrite(w, item);
        writer_end(w);
    } else if (yyjson_is_str(value)) {
        writer_bytes(w, yyjson_get_str(value), yyjson_get_len(value));
    } else if (yyjson_is_sint(value)) {
        writer_int(w, yyjson_get_sint(value));
    } else if (yyjson_is_uint(value)) {
        writer_uint(w, yyjson_get_uint(value));
    } else if (yyjson_is_real(value)) {
        writer_double(w, yyjson_get_real(value));
    } else if (yyjson_is_bool(value)) {
        writer_bool(w, yyjson_get_bool(value));
    } else {
        writer_null(w);
    }
}

void writer_json(struct writer *w, const char *json, size_t length) {
    if (w->format == FORMAT_JSON) {
        begin_value(w);
        text_add(w->out, json, length);
        return;
    }
    yyjson_doc *document = yyjson_read(json, length, 0);
    rewrite(w, document ? yyjson_doc_get_root(document) : NULL);
    yyjson_doc_free(document);
}

void writer_members(struct writer *w, const char *json, size_t length) {
    assert(w->depth > 0 && w->open[w->depth - 1].is_map);
    if (!length) return;
    if (w->format == FORMAT_JSON) {
        if (w->open[w->depth - 1].count++) text_add_char(w->out, ',');
        text_add(w->out, json, length);
        return;
    }
    struct text object = {0};
    text_add_char(&object, '{');
    text_add(&object, json, length);
    text_add_char(&object, '}');
    yyjson_doc *document = yyjson_read(object.data, object.length, 0);
    rewrite_members(w, document ? yyjson_doc_get_root(document) : NULL);
    yyjson_doc_free(document);
    text_clear(&object);
}

void writer_key_string(struct writer *w, const char *key, const char *string) {
    writer_key(w, key);
    writer_string(w, string);
}

void writer_key_double(struct writer *w, const char *key, double value) {
    writer_key(w, key);
    writer_double(w, value);
}

void writer_key_int(struct writer *w, const char *key, int64_t value) {
    writer_key(w, key);
    writer_int(w, value);
}

void writer_key_uint(struct writer *w, const char *key, uint64_t value) {
    writer_key(w, key);
    writer_uint(w, value);
}

void writer_key_bool(struct writer *w, const char *key, bool value) {
    writer_key(w, key);
    writer_bool(w, value);
}

void writer_key_time(struct writer *w, const char *key, int64_t ms) {
    writer_key(w, key);
    writer_time(w, ms);
}

void writer_key_null(struct writer *w, const char *key) {
    writer_key(w, key);
    writer_null(w);
}
