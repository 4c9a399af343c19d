/* A growing text buffer, and numbers as text: the shortest form that reads back to the same double. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialise; text_clear frees. data is NUL-terminated once anything was added (NULL before).
 * Out of memory aborts the process: these buffers hold messages, rows and small documents. */
struct text {
    char *data;
    size_t length, capacity;
};

void text_add(struct text *text, const char *data, size_t length);
void text_add_string(struct text *text, const char *string);
void text_add_char(struct text *text, char c);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Shortest round-trip form, as Python's repr(float): 0.1, 1e-07, 12345.0, nan, inf. */
void text_add_double(struct text *text, double value);
/* A JSON string with quotes and escapes; invalid UTF-8 becomes U+FFFD. */
void text_add_json_string(struct text *text, const char *string, size_t length);
/* A JSON number as text_add_double writes it; NaN and infinities become null. */
void text_add_json_double(struct text *text, double value);
/* A CSV field, quoted where RFC 4180 asks for it. */
void text_add_csv_field(struct text *text, const char *string);
void text_clear(struct text *text);

enum { DOUBLE_TEXT_MAX = 32 };
/* repr(float) of value into out, NUL-terminated; returns its length. */
size_t double_to_text(char out[DOUBLE_TEXT_MAX], double value);
/* Whole-string parses: false on anything else than one number (no spaces, no trailing text). */
bool text_to_double(double *out, const char *string);
bool text_to_int64(int64_t *out, const char *string);
/* Correctly rounded double of the decimal in [begin, end): digits with at most one '.', optional sign,
 * optional exponent. Returns the first byte not read, NULL if there is no number. Fast where the digits fit
 * 2^53 (an exact quotient), else strtod. */
const char *parse_decimal(double *out, const char *begin, const char *end);

#endif
