/* Percent-decoding, once, with the check that what comes out is text: a NUL would end a name early in C, and
 * bytes that are not UTF-8 could not be said back in a JSON error. */
#include "server/http/percent.h"

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Bytes of the character at s, 0 if it is not UTF-8 (overlong forms, surrogates, beyond U+10FFFF). */
static size_t character_length(const unsigned char *s, size_t left) {
    if (s[0] < 0x80) return 1;
    size_t length = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4 || length > left) return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80) return 0;
    bool is_bad = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
                  (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F);
    return is_bad ? 0 : length;
}

static bool is_text(const unsigned char *s, size_t length) {
    for (size_t i = 0, bytes; i < length; i += bytes) {
        bytes = character_length(s + i, length - i);
        bool is_control = (s[i] < 0x20 && s[i] != '\t' && s[i] != '\n' && s[i] != '\r') || s[i] == 0x7F;
        if (bytes == 0 || is_control) return false;
    }
    return true;
}

bool percent_holds(const char *text, size_t length) {
    return is_text((const unsigned char *)text, length);
}

bool percent_decode(char *out, const char *text, size_t length, enum percent_rule rule) {
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            int high = length - i > 2 ? hex_digit(text[i + 1]) : -1;
            int low = length - i > 2 ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && rule == PERCENT_QUERY) {
            c = ' ';
        }
        out[n++] = c;
    }
    out[n] = '\0';
    return is_text((const unsigned char *)out, n);
}
