/* YAML scalars as values. Resolved by hand and not by strtod: neither hexadecimal floats nor a locale may
 * slip in. */
#include "sweep/yaml_scalar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_one_of(const char *text, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0) return true;
    return false;
}

#define IS_ONE_OF(text, ...)                            \
    is_one_of(text, (const char *const[]){__VA_ARGS__}, \
              sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static const char digits[] = "0123456789";

/* 0o17 and 0xFF. */
static bool read_radix(int64_t *out, const char *text, bool *is_too_large) {
    int shift = text[0] == '0' && text[1] == 'o' ? 3 : text[0] == '0' && text[1] == 'x' ? 4 : 0;
    const char *p = text + 2;
    if (!shift || !*p || p[strspn(p, shift == 3 ? "01234567" : "0123456789abcdefABCDEF")]) return false;
    uint64_t value = 0;
    *is_too_large = false;
    for (; *p; p++) {
        uint64_t digit = *p <= '9' ? (uint64_t)(*p - '0') : (uint64_t)((*p | 0x20) - 'a' + 10);
        *is_too_large |= value >> (63 - shift) != 0;
        value = value << shift | digit;
    }
    *out = (int64_t)value;
    return true;
}

/* [-+]? ( '.' digits | digits ( '.' digits? )? ) ( [eE] [-+]? digits )? */
static bool is_number(const char *p, bool *is_integer) {
    p += *p == '-' || *p == '+';
    size_t before = strspn(p, digits), after = 0;
    p += before;
    *is_integer = *p == '\0';
    if (*p == '.') {
        after = strspn(++p, digits);
        p += after;
    }
    if (before + after == 0) return false;
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '-' || *p == '+';
        size_t exponent = strspn(p, digits);
        if (!exponent) return false;
        p += exponent;
    }
    return *p == '\0';
}

static enum scalar_kind number_kind(const char *text, bool is_integer, struct value *value) {
    if (is_integer) {
        value->kind = VALUE_INT;
        return text_to_int64(&value->integer, text) ? SCALAR_INT : SCALAR_TOO_LARGE;
    }
    value->kind = VALUE_FLOAT;
    return text_to_double(&value->real, text) ? SCALAR_FLOAT : SCALAR_TOO_LARGE;
}

static enum scalar_kind plain_kind(const char *text, struct value *value) {
    bool flag;
    if (!*text || IS_ONE_OF(text, "~", "null", "Null", "NULL")) return SCALAR_NULL;
    value->kind = VALUE_BOOL;
    value->boolean = IS_ONE_OF(text, "true", "True", "TRUE");
    if (value->boolean || IS_ONE_OF(text, "false", "False", "FALSE")) return SCALAR_BOOL;
    if (is_number(text, &flag)) return number_kind(text, flag, value);
    if (read_radix(&value->integer, text, &flag)) {
        value->kind = VALUE_INT;
        return flag ? SCALAR_TOO_LARGE : SCALAR_INT;
    }
    const char *unsigned_text = text + (*text == '-' || *text == '+');
    if (IS_ONE_OF(unsigned_text, ".inf", ".Inf", ".INF") || IS_ONE_OF(text, ".nan", ".NaN", ".NAN"))
        return SCALAR_NOT_FINITE;
    *value = (struct value){.kind = VALUE_TEXT, .text = text};
    return SCALAR_TEXT;
}

enum scalar_kind yaml_scalar_kind(const struct tree_node *node, struct value *value) {
    struct value result = {.kind = VALUE_NONE};
    enum scalar_kind kind = SCALAR_TEXT;
    if (node->is_quoted)
        result = (struct value){.kind = VALUE_TEXT, .text = node->text};
    else
        kind = plain_kind(node->text, &result);
    if (kind == SCALAR_NULL) result = (struct value){.kind = VALUE_NONE};
    if (value) *value = result;
    return kind;
}

const char *yaml_scalar_advice(const struct tree_node *node) {
    const char *text = node->text;
    if (node->kind != TREE_SCALAR || node->is_quoted) return NULL;
    static const char *const words[] = {"yes", "no", "on", "off"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0)
            return "write true or false, or put it in quotes if it is meant as text";
    size_t length = strlen(text), numeric = strspn(text, "0123456789_,.+-");
    if (length > 1 && numeric == length && strpbrk(text, digits) && strpbrk(text, "_,"))
        return "write numbers as 1000 or 1.5, or put it in quotes if it is meant as text";
    return NULL;
}

const char *yaml_scalar_quote(char out[SCALAR_QUOTE_MAX], const struct tree_node *node) {
    if (node->kind != TREE_SCALAR) return node->kind == TREE_LIST ? "a list" : "a map";
    if (yaml_scalar_kind(node, NULL) == SCALAR_NULL) return "nothing";
    size_t length = strlen(node->text), limit = SCALAR_QUOTE_MAX - 8;
    bool is_cut = length > limit;
    if (is_cut) {
        length = limit;
        while (length && ((unsigned char)node->text[length] & 0xC0) == 0x80)
            length--;
    }
    snprintf(out, SCALAR_QUOTE_MAX, "'%.*s%s'", (int)length, node->text, is_cut ? "..." : "");
    for (char *p = out; *p; p++)
        if ((unsigned char)*p < 0x20) *p = ' ';
    return out;
}
