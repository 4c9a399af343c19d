/* A growing text buffer, and numbers as text. Digits come from base/double_digits.h; here they are only
 * arranged. */
#include "base/text.h"
#include "base/memory.h"
#include "base/double_digits.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(struct text *text, size_t more) {
    size_t needed = text->length + more + 1;
    if (needed <= text->capacity) return;
    size_t capacity = text->capacity ? text->capacity : 64;
    while (capacity < needed)
        capacity *= 2;
    text->data = memory_grow(text->data, capacity);
    text->capacity = capacity;
}

void text_add(struct text *text, const char *data, size_t length) {
    reserve(text, length);
    if (length) memcpy(text->data + text->length, data, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void text_add_string(struct text *text, const char *string) {
    text_add(text, string, strlen(string));
}

void text_add_char(struct text *text, char c) {
    text_add(text, &c, 1);
}

void text_printf(struct text *text, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    reserve(text, 64);
    size_t room = text->capacity - text->length;
    int length = vsnprintf(text->data + text->length, room, format, arguments);
    if (length >= 0 && (size_t)length >= room) {
        reserve(text, (size_t)length);
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
    }
    if (length > 0) text->length += (size_t)length;
    va_end(again);
    va_end(arguments);
}

void text_clear(struct text *text) {
    free(text->data);
    *text = (struct text){0};
}

void text_add_double(struct text *text, double value) {
    reserve(text, DOUBLE_TEXT_MAX);
    text->length += double_to_text(text->data + text->length, value);
}

void text_add_json_double(struct text *text, double value) {
    if (isfinite(value))
        text_add_double(text, value);
    else
        text_add_string(text, "null");
}

/* Bytes of the valid UTF-8 character at s (1 to 4), 0 if there is none. Overlong forms, surrogates and values
 * above U+10FFFF are not valid. */
static size_t utf8_length(const unsigned char *s, size_t left) {
    if (s[0] < 0x80) return 1;
    size_t length = s[0] >= 0xC2 && s[0] <= 0xDF   ? 2
                    : (s[0] & 0xF0) == 0xE0        ? 3
                    : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4
                                                   : 0;
    if (length == 0 || length > left) return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80) return 0;
    if (s[0] == 0xE0 && s[1] < 0xA0) return 0;
    if (s[0] == 0xED && s[1] > 0x9F) return 0;
    if (s[0] == 0xF0 && s[1] < 0x90) return 0;
    if (s[0] == 0xF4 && s[1] > 0x8F) return 0;
    return length;
}

static void add_json_escape(struct text *text, char c) {
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = strchr(plain, c);
    if (c && found) {
        text_add_char(text, '\\');
        text_add_char(text, letters[found - plain]);
    } else {
        text_printf(text, "\\u%04x", (unsigned char)c);
    }
}

void text_add_json_string(struct text *text, const char *string, size_t length) {
    text_add_char(text, '"');
    size_t done = 0; /* everything before is written; runs of plain characters are added at once */
    for (size_t i = 0; i < length;) {
        unsigned char c = (unsigned char)string[i];
        size_t bytes = utf8_length((const unsigned char *)string + i, length - i);
        if (bytes && c >= 0x20 && c != '"' && c != '\\' && c != 0x7F) {
            i += bytes;
            continue;
        }
        text_add(text, string + done, i - done);
        if (bytes)
            add_json_escape(text, string[i]);
        else
            text_add_string(text, "\xEF\xBF\xBD");
        done = ++i;
    }
    text_add(text, string + done, length - done);
    text_add_char(text, '"');
}

void text_add_csv_field(struct text *text, const char *string) {
    if (!strpbrk(string, ",\"\r\n")) {
        text_add_string(text, string);
        return;
    }
    text_add_char(text, '"');
    for (; *string; string++) {
        if (*string == '"') text_add_char(text, '"');
        text_add_char(text, *string);
    }
    text_add_char(text, '"');
}

static char *put_digits(char *out, uint64_t digits, int count) {
    for (int i = count; i-- > 0; digits /= 10)
        out[i] = (char)('0' + digits % 10);
    return out + count;
}

static char *put_zeros(char *out, int count) {
    memset(out, '0', (size_t)count);
    return out + count;
}

/* d.ddde-07 */
static char *put_scientific(char *out, struct double_digits value, int count) {
    int exponent = value.exponent + count - 1;
    char *end = put_digits(out + (count > 1), value.digits, count);
    if (count > 1) {
        out[0] = out[1];
        out[1] = '.';
    }
    *end++ = 'e';
    *end++ = exponent < 0 ? '-' : '+';
    exponent = abs(exponent);
    return put_digits(end, (uint64_t)exponent, exponent >= 100 ? 3 : 2);
}

/* 1200.0, 12.34, 0.0012 */
static char *put_fixed(char *out, struct double_digits value, int count) {
    int whole = count + value.exponent; /* digits before the point */
    if (value.exponent >= 0) {
        out = put_zeros(put_digits(out, value.digits, count), value.exponent);
        *out++ = '.';
        *out++ = '0';
        return out;
    }
    if (whole <= 0) {
        *out++ = '0';
        *out++ = '.';
        return put_digits(put_zeros(out, -whole), value.digits, count);
    }
    char *end = put_digits(out, value.digits, count);
    memmove(out + whole + 1, out + whole, (size_t)(count - whole));
    out[whole] = '.';
    return end + 1;
}

size_t double_to_text(char out[DOUBLE_TEXT_MAX], double value) {
    if (!isfinite(value)) {
        const char *name = isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
        size_t length = strlen(name);
        memcpy(out, name, length + 1);
        return length;
    }
    struct double_digits digits = double_digits_shortest(value);
    int count = double_digits_count(digits.digits);
    char *p = out;
    if (digits.negative) *p++ = '-';
    bool is_scientific = digits.digits && double_digits_is_scientific(count, digits.exponent);
    p = is_scientific ? put_scientific(p, digits, count) : put_fixed(p, digits, count);
    *p = '\0';
    return (size_t)(p - out);
}
