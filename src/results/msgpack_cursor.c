/* A strict forward reader of the msgpack format (https://github.com/msgpack/msgpack/blob/master/spec.md). */
#include "results/msgpack_cursor.h"

#include <string.h>

struct msgpack_cursor msgpack_cursor_of(const void *data, size_t length) {
    return (struct msgpack_cursor){data, (const unsigned char *)data + length, false};
}

static size_t bytes_left(const struct msgpack_cursor *cursor) {
    return (size_t)(cursor->end - cursor->at);
}

static const unsigned char *take(struct msgpack_cursor *cursor, size_t count) {
    if (cursor->bad || count > bytes_left(cursor)) {
        cursor->bad = true;
        return NULL;
    }
    const unsigned char *taken = cursor->at;
    cursor->at += count;
    return taken;
}

/* The next type byte; 0xc1, which the format never uses, after an error. */
static unsigned take_type(struct msgpack_cursor *cursor) {
    const unsigned char *type = take(cursor, 1);
    return type ? *type : 0xc1;
}

static uint64_t take_big_endian(struct msgpack_cursor *cursor, size_t width) {
    const unsigned char *bytes = take(cursor, width);
    uint64_t value = 0;
    for (size_t i = 0; bytes && i < width; i++)
        value = value << 8 | bytes[i];
    return value;
}

static uint64_t refuse(struct msgpack_cursor *cursor) {
    cursor->bad = true;
    return 0;
}

/* Any integer: the value as two's complement, *negative where it is below zero. */
static uint64_t take_integer(struct msgpack_cursor *cursor, bool *negative) {
    unsigned type = take_type(cursor);
    *negative = false;
    if (type <= 0x7f) return type;
    if (type >= 0xe0) {
        *negative = true;
        return (uint64_t)(int64_t)(int8_t)type;
    }
    if (type >= 0xcc && type <= 0xcf) return take_big_endian(cursor, (size_t)1 << (type - 0xcc));
    if (type < 0xd0 || type > 0xd3) return refuse(cursor);
    size_t width = (size_t)1 << (type - 0xd0);
    unsigned unused = (unsigned)(64 - 8 * width);
    int64_t value = (int64_t)(take_big_endian(cursor, width) << unused) >> unused;
    *negative = value < 0;
    return (uint64_t)value;
}

uint64_t cursor_uint(struct msgpack_cursor *cursor) {
    bool negative;
    uint64_t value = take_integer(cursor, &negative);
    return negative || cursor->bad ? refuse(cursor) : value;
}

int64_t cursor_int(struct msgpack_cursor *cursor) {
    bool negative;
    uint64_t value = take_integer(cursor, &negative);
    if (cursor->bad || (!negative && value > INT64_MAX)) return (int64_t)refuse(cursor);
    return (int64_t)value;
}

double cursor_double(struct msgpack_cursor *cursor) {
    uint64_t bits = take_type(cursor) == 0xcb ? take_big_endian(cursor, 8) : refuse(cursor);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static const void *take_body(struct msgpack_cursor *cursor, size_t *length, size_t size) {
    const void *body = take(cursor, size);
    *length = body ? size : 0;
    return body;
}

const char *cursor_string(struct msgpack_cursor *cursor, size_t *length) {
    unsigned type = take_type(cursor);
    size_t size = 0;
    if (type >= 0xa0 && type <= 0xbf)
        size = type & 31;
    else if (type >= 0xd9 && type <= 0xdb)
        size = take_big_endian(cursor, (size_t)1 << (type - 0xd9));
    else
        refuse(cursor);
    return take_body(cursor, length, size);
}

const void *cursor_binary(struct msgpack_cursor *cursor, size_t *length) {
    unsigned type = take_type(cursor);
    size_t size = 0;
    if (type >= 0xc4 && type <= 0xc6)
        size = take_big_endian(cursor, (size_t)1 << (type - 0xc4));
    else
        refuse(cursor);
    return take_body(cursor, length, size);
}

/* Every element takes a byte at least: a larger count is a lie, and would be a large allocation. */
static size_t checked_count(struct msgpack_cursor *cursor, size_t count) {
    return cursor->bad || count > bytes_left(cursor) ? (size_t)refuse(cursor) : count;
}

size_t cursor_array(struct msgpack_cursor *cursor) {
    unsigned type = take_type(cursor);
    size_t count = 0;
    if (type >= 0x90 && type <= 0x9f)
        count = type & 15;
    else if (type == 0xdc || type == 0xdd)
        count = take_big_endian(cursor, type == 0xdc ? 2 : 4);
    else
        refuse(cursor);
    return checked_count(cursor, count);
}

size_t cursor_map(struct msgpack_cursor *cursor) {
    unsigned type = take_type(cursor);
    size_t count = 0;
    if (type >= 0x80 && type <= 0x8f)
        count = type & 15;
    else if (type == 0xde || type == 0xdf)
        count = take_big_endian(cursor, type == 0xde ? 2 : 4);
    else
        refuse(cursor);
    return checked_count(cursor, count);
}

bool cursor_take_nil(struct msgpack_cursor *cursor) {
    if (cursor->bad || bytes_left(cursor) == 0 || *cursor->at != 0xc0) return false;
    cursor->at++;
    return true;
}

bool cursor_ended(const struct msgpack_cursor *cursor) {
    return !cursor->bad && cursor->at == cursor->end;
}

int msgpack_write_text(void *text, const char *data, size_t length) {
    text_add(text, data, length);
    return 0;
}
