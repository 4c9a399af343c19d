/* A parameter's value as the sweep file gives it and the strategy gets it: int, float, bool, str or None. */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include "base/text.h"

enum value_kind { VALUE_NONE, VALUE_BOOL, VALUE_INT, VALUE_FLOAT, VALUE_TEXT };

struct value {
    enum value_kind kind;
    union {
        bool boolean;
        int64_t integer;
        double real;
        const char *text; /* borrowed, NUL-terminated */
    };
};

/* One parameter of one run; name borrowed from the spec. */
struct parameter_value {
    const char *name;
    struct value value;
};

/* Equal kind and value (1 and 1.0 differ, NaN equals NaN). */
bool value_equal(struct value a, struct value b);
/* int and float (bool counts as 0/1) as a double: false for text and none. */
bool value_as_double(double *out, struct value value);
/* As Python's repr for messages and tables, but text without quotes. */
void text_add_value(struct text *text, struct value value);
/* As JSON. */
void text_add_json_value(struct text *text, struct value value);

#endif
