/* PostgreSQL's binary NUMERIC as a double or an integer. */
#ifndef KLINE_NUMERIC_H
#define KLINE_NUMERIC_H

#include <stddef.h>
#include <stdint.h>

enum numeric_result {
    NUMERIC_OK,
    NUMERIC_NAN,
    NUMERIC_INFINITE,   /* an infinity, or beyond the largest double */
    NUMERIC_FRACTIONAL, /* not a whole number, or beyond int64 */
    NUMERIC_MALFORMED   /* not what the server sends */
};

/* The correctly rounded (half to even) double of data[0 .. length). Only NUMERIC_OK sets *out. */
enum numeric_result numeric_to_double(double *out, const unsigned char *data, size_t length);
/* The exact integer; NUMERIC_FRACTIONAL if it is none. */
enum numeric_result numeric_to_int64(int64_t *out, const unsigned char *data, size_t length);

#endif
