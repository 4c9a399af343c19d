/* Parameters as columns. */
#include "results/param_column.h"
#include "kline/h5_attribute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const param_encoding_names[PARAM_ENCODINGS] = {"int", "float", "bool", "text", "number", "json"};

#define BIT(kind) (1u << (kind))
#define LARGEST_EXACT INT64_C(9007199254740992) /* 2^53 */

/* JSON that tells 1 from 1.0 and holds what JSON has no number for. */
static void add_json(struct text *out, struct value value) {
    if (value.kind == VALUE_FLOAT && !isfinite(value.real))
        text_add_string(out, isnan(value.real) ? "NaN" : value.real > 0 ? "Infinity" : "-Infinity");
    else
        text_add_json_value(out, value);
}

void param_survey_add(struct param_survey *survey, struct value value) {
    survey->kinds |= BIT(value.kind);
    if (value.kind == VALUE_INT && (value.integer > LARGEST_EXACT || value.integer < -LARGEST_EXACT))
        survey->has_large_int = true;
    if (value.kind == VALUE_TEXT && strlen(value.text) > survey->text_bytes)
        survey->text_bytes = strlen(value.text);
    size_t json_bytes = value.kind == VALUE_TEXT ? 6 * strlen(value.text) + 2 : DOUBLE_TEXT_MAX;
    if (json_bytes > survey->json_bytes) survey->json_bytes = json_bytes;
}

enum param_encoding param_survey_encoding(const struct param_survey *survey) {
    switch (survey->kinds) {
    case 0:
    case BIT(VALUE_INT):
        return PARAM_INT;
    case BIT(VALUE_FLOAT):
        return PARAM_FLOAT;
    case BIT(VALUE_BOOL):
        return PARAM_BOOL;
    case BIT(VALUE_TEXT):
        return PARAM_TEXT;
    case BIT(VALUE_INT) | BIT(VALUE_FLOAT):
        return survey->has_large_int ? PARAM_JSON : PARAM_NUMBER;
    default:
        return PARAM_JSON;
    }
}

static hid_t encoding_type(enum param_encoding encoding, const struct param_survey *survey) {
    switch (encoding) {
    case PARAM_INT:
        return H5Tcopy(H5T_STD_I64LE);
    case PARAM_BOOL:
        return h5_bool_type();
    case PARAM_TEXT:
        return h5_text_type(survey->text_bytes + 1); /* each ends with a NUL: readers may borrow it */
    case PARAM_JSON:
        return h5_text_type(survey->json_bytes + 1);
    default:
        return H5Tcopy(H5T_IEEE_F64LE);
    }
}

bool param_column_open(struct param_column *column, hid_t params, hid_t kinds, const char *name,
                       const struct param_survey *survey, uint64_t rows) {
    *column = (struct param_column){.encoding = param_survey_encoding(survey)};
    column->type = encoding_type(column->encoding, survey);
    column->bytes = H5Tget_size(column->type);
    column->padded = malloc(column->bytes);
    bool done = column->padded && h5_dense_open(&column->values, params, name, column->type, rows, 1) &&
                h5_write_text(column->values.dataset, "encoding", param_encoding_names[column->encoding]);
    if (done && column->encoding == PARAM_NUMBER)
        done = h5_dense_open(&column->kinds, kinds, name, H5T_STD_U8LE, rows, 1);
    return done;
}

static bool add_padded(struct param_column *column, const char *text, size_t length) {
    if (length > column->bytes) return false;
    memset(column->padded, 0, column->bytes);
    memcpy(column->padded, text, length);
    return h5_column_add(&column->values, column->padded, 1);
}

bool param_column_add(struct param_column *column, struct value value) {
    uint8_t kind = (uint8_t)value.kind;
    double real;
    switch (column->encoding) {
    case PARAM_INT:
        return h5_column_add(&column->values, &value.integer, 1);
    case PARAM_BOOL:
        return h5_column_add(&column->values, &(int8_t){value.boolean}, 1);
    case PARAM_TEXT:
        return add_padded(column, value.text, strlen(value.text));
    case PARAM_NUMBER:
        real = value.kind == VALUE_INT ? (double)value.integer : value.real;
        return h5_column_add(&column->values, &real, 1) && h5_column_add(&column->kinds, &kind, 1);
    case PARAM_JSON: {
        struct text json = {0};
        add_json(&json, value);
        bool done = add_padded(column, json.data, json.length);
        text_clear(&json);
        return done;
    }
    default:
        return h5_column_add(&column->values, &value.real, 1);
    }
}

bool param_column_close(struct param_column *column) {
    bool values_done = h5_column_close(&column->values), kinds_done = h5_column_close(&column->kinds);
    if (column->type > 0) H5Tclose(column->type);
    free(column->padded);
    *column = (struct param_column){0};
    return values_done && kinds_done;
}

/* The inverse of text_add_json_string for what it writes: \" \\ and the letters, \u00XX. */
static bool decode_json_string(struct value *out, const char *text, size_t length, struct arena *texts) {
    static const char letters[] = "\"\\bfnrt", plain[] = "\"\\\b\f\n\r\t";
    if (length < 2 || text[length - 1] != '"') return false;
    char *copy = arena_alloc(texts, length), *end = copy;
    for (size_t i = 1; i + 1 < length; i++) {
        if (text[i] != '\\') {
            *end++ = text[i];
            continue;
        }
        const char *letter = text[++i] ? strchr(letters, text[i]) : NULL;
        unsigned code;
        if (letter)
            *end++ = plain[letter - letters];
        else if (i + 5 < length && sscanf(text + i, "u%4x", &code) == 1 && code < 0x80) {
            *end++ = (char)code;
            i += 4;
        } else
            return false;
    }
    *end = '\0';
    *out = (struct value){.kind = VALUE_TEXT, .text = copy};
    return true;
}

static bool decode_json(struct value *out, const char *text, size_t length, struct arena *texts) {
    if (length && text[0] == '"') return decode_json_string(out, text, length, texts);
    char *copy = arena_copy(texts, text, length);
    if (strcmp(copy, "null") == 0)
        *out = (struct value){.kind = VALUE_NONE};
    else if (strcmp(copy, "true") == 0 || strcmp(copy, "false") == 0)
        *out = (struct value){.kind = VALUE_BOOL, .boolean = copy[0] == 't'};
    else if (strcmp(copy, "NaN") == 0)
        *out = (struct value){.kind = VALUE_FLOAT, .real = NAN};
    else if (strcmp(copy, "Infinity") == 0 || strcmp(copy, "-Infinity") == 0)
        *out = (struct value){.kind = VALUE_FLOAT, .real = copy[0] == '-' ? -INFINITY : INFINITY};
    else if (text_to_int64(&out->integer, copy))
        out->kind = VALUE_INT;
    else if (text_to_double(&out->real, copy))
        out->kind = VALUE_FLOAT;
    else
        return false;
    return true;
}

bool param_decode(struct value *out, enum param_encoding encoding, const void *element, size_t bytes,
                  uint8_t kind, struct arena *texts) {
    double real;
    size_t length = encoding == PARAM_TEXT || encoding == PARAM_JSON ? strnlen(element, bytes) : 0;
    switch (encoding) {
    case PARAM_INT:
        out->kind = VALUE_INT;
        memcpy(&out->integer, element, sizeof out->integer);
        return true;
    case PARAM_BOOL:
        *out = (struct value){.kind = VALUE_BOOL, .boolean = *(const int8_t *)element != 0};
        return true;
    case PARAM_TEXT:
        *out = (struct value){.kind = VALUE_TEXT};
        out->text = length < bytes ? element : arena_copy(texts, element, length);
        return true;
    case PARAM_JSON:
        return decode_json(out, element, length, texts);
    default:
        memcpy(&real, element, sizeof real);
        if (encoding == PARAM_NUMBER && kind == VALUE_INT)
            *out = (struct value){.kind = VALUE_INT, .integer = (int64_t)real};
        else
            *out = (struct value){.kind = VALUE_FLOAT, .real = real};
        return true;
    }
}

const char *param_dataset_name(char out[64], const char *name, size_t index) {
    if (*name && !strchr(name, '/') && strcmp(name, ".") != 0) return name;
    snprintf(out, 64, "parameter %zu", index);
    return out;
}
