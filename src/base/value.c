/* Parameter values: comparison, and their forms in tables and JSON. */
#include "base/value.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

bool value_equal(struct value a, struct value b) {
    if (a.kind != b.kind) return false;
    switch (a.kind) {
    case VALUE_BOOL:
        return a.boolean == b.boolean;
    case VALUE_INT:
        return a.integer == b.integer;
    case VALUE_FLOAT:
        return a.real == b.real || (isnan(a.real) && isnan(b.real));
    case VALUE_TEXT:
        return strcmp(a.text, b.text) == 0;
    case VALUE_NONE:
        break;
    }
    return true;
}

bool value_as_double(double *out, struct value value) {
    switch (value.kind) {
    case VALUE_BOOL:
        *out = value.boolean ? 1.0 : 0.0;
        return true;
    case VALUE_INT:
        *out = (double)value.integer;
        return true;
    case VALUE_FLOAT:
        *out = value.real;
        return true;
    case VALUE_TEXT:
    case VALUE_NONE:
        break;
    }
    return false;
}

void text_add_value(struct text *text, struct value value) {
    switch (value.kind) {
    case VALUE_NONE:
        text_add_string(text, "None");
        break;
    case VALUE_BOOL:
        text_add_string(text, value.boolean ? "True" : "False");
        break;
    case VALUE_INT:
        text_printf(text, "%" PRId64, value.integer);
        break;
    case VALUE_FLOAT:
        text_add_double(text, value.real);
        break;
    case VALUE_TEXT:
        text_add_string(text, value.text);
        break;
    }
}

void text_add_json_value(struct text *text, struct value value) {
    switch (value.kind) {
    case VALUE_NONE:
        text_add_string(text, "null");
        break;
    case VALUE_BOOL:
        text_add_string(text, value.boolean ? "true" : "false");
        break;
    case VALUE_INT:
        text_printf(text, "%" PRId64, value.integer);
        break;
    case VALUE_FLOAT:
        text_add_json_double(text, value.real);
        break;
    case VALUE_TEXT:
        text_add_json_string(text, value.text, strlen(value.text));
        break;
    }
}
