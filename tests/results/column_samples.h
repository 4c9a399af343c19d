/* A result that was never a file: columns of every storage in memory, filled from known values with all that
 * is awkward (NaN, none, infinities, -0.0, ints beyond 2^53, many ties, texts that share their beginnings).
 */
#ifndef TESTS_COLUMN_SAMPLES_H
#define TESTS_COLUMN_SAMPLES_H

#include "results/result_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_COLUMNS = 14, SAMPLE_PARAMS = 10, SAMPLE_SERIES = 3 };

/* Names as queries know them; the values of column c of row r are columns->values[c * rows + r]. */
enum {
    SAMPLE_RUN,
    SAMPLE_STATUS,
    SAMPLE_SYMBOL,
    SAMPLE_SHARPE,
    SAMPLE_SMALL, /* the parameters from here on */
    SAMPLE_LARGE,
    SAMPLE_REAL,
    SAMPLE_FLAG,
    SAMPLE_WORD,
    SAMPLE_TEXT,
    SAMPLE_NUMBER,
    SAMPLE_MIXED,
    SAMPLE_SAME,
    SAMPLE_MANY
};
static const char *const sample_column_names[SAMPLE_COLUMNS] = {
    "run",  "status", "symbol", "sharpe", "small", "large", "real",
    "flag", "word",   "text",   "number", "mixed", "same",  "many"};

struct column_samples {
    struct result result;
    size_t rows;
    struct value *values;
    struct stored_param params[SAMPLE_PARAMS];
    struct series_provenance series[SAMPLE_SERIES];
    char *names[SAMPLE_PARAMS];
    void *memory[32];
    size_t memory_count;
    uint64_t random;
};

static inline uint64_t sample_next(struct column_samples *self) {
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return self->random * UINT64_C(0x9e3779b97f4a7c15) >> 11;
}
static inline size_t sample_below(struct column_samples *self, size_t limit) {
    return (size_t)(sample_next(self) % limit);
}

static inline void *sample_memory(struct column_samples *self, size_t bytes) {
    void *memory = calloc(1, bytes + 1);
    if (!memory) abort();
    return self->memory[self->memory_count++] = memory;
}

static inline struct value sample_int(int64_t integer) {
    return (struct value){.kind = VALUE_INT, .integer = integer};
}
static inline struct value sample_real(double real) {
    return (struct value){.kind = VALUE_FLOAT, .real = real};
}
static inline struct value sample_text(const char *text) {
    return (struct value){.kind = VALUE_TEXT, .text = text};
}

static const double sample_reals[] = {
    0.0, -0.0, NAN, INFINITY, -INFINITY, 9007199254740992.0, 9223372036854775808.0, 1e-300, 5, -3, 2.5};
static const int64_t sample_ints[] = {
    INT64_MIN, INT64_MAX, INT64_MAX - 1, 9007199254740992, 9007199254740993, -9007199254740993, 0, 5, -3};
static const char *const sample_words[] = {"", "a", "ab", "b", "\xC3\xBC", "zz"};
static const char *const sample_texts[] = {"",
                                           "moving average",
                                           "moving average of closes",
                                           "moving",
                                           "moving a",
                                           "moving average of opens",
                                           "\xC3\xBC"
                                           "ber",
                                           "12345678",
                                           "123456789"};
static const char *const sample_symbols[SAMPLE_SERIES] = {"ETHUSDT", "BTCUSDT",
                                                          "ETHUSDT"}; /* two of one symbol */
#define SAMPLE_PICK(self, list) (list)[sample_below(self, sizeof(list) / sizeof *(list))]

static inline struct value sample_column_value(struct column_samples *self, size_t column, size_t row) {
    size_t dice = sample_below(self, 10);
    double fraction = (double)sample_next(self) * 0x1p-53;
    switch (column) {
    case SAMPLE_RUN:
        return sample_int((int64_t)row * 3 + (int64_t)(row / 100));
    case SAMPLE_STATUS:
        return sample_text(run_status_name((enum run_status)sample_below(self, RUN_STATUS_COUNT)));
    case SAMPLE_SYMBOL:
        return sample_text(sample_symbols[sample_below(self, SAMPLE_SERIES)]);
    case SAMPLE_SHARPE:
        return sample_real(dice == 0 ? NAN : fraction * 8 - 4);
    case SAMPLE_SMALL:
        return sample_int((int64_t)sample_below(self, 9) - 4);
    case SAMPLE_LARGE:
        return sample_int(dice < 5 ? SAMPLE_PICK(self, sample_ints) : (int64_t)(sample_next(self) << 11));
    case SAMPLE_REAL:
        return sample_real(dice < 5 ? SAMPLE_PICK(self, sample_reals)
                                    : ldexp(fraction - 0.5, (int)sample_below(self, 90)));
    case SAMPLE_FLAG:
        return (struct value){.kind = VALUE_BOOL, .boolean = dice < 5};
    case SAMPLE_WORD:
        if (dice == 0 && row / 1024 % 2)
            return sample_text("12345678"); /* fills its element: no NUL behind it */
        return sample_text(SAMPLE_PICK(self, sample_words));
    case SAMPLE_TEXT:
        return sample_text(SAMPLE_PICK(self, sample_texts));
    case SAMPLE_NUMBER:
        if (dice < 5) return sample_int((int64_t)(fraction * 40) - 20);
        return dice == 5
                   ? sample_int(INT64_C(9007199254740992) - (int64_t)sample_below(self, 3))
                   : sample_real(dice == 6 ? SAMPLE_PICK(self, sample_reals) : floor(fraction * 80) / 4 - 10);
    case SAMPLE_MIXED:
        if (dice == 0) return (struct value){.kind = VALUE_NONE};
        if (dice == 1) return (struct value){.kind = VALUE_BOOL, .boolean = true};
        if (dice < 5) return sample_text(SAMPLE_PICK(self, sample_texts));
        return dice < 8 ? sample_int(SAMPLE_PICK(self, sample_ints))
                        : sample_real(SAMPLE_PICK(self, sample_reals));
    case SAMPLE_MANY: /* more values than a dictionary takes, given enough rows */
        if (dice == 0) return sample_column_value(self, SAMPLE_MIXED, row);
        return dice < 5 ? sample_int((int64_t)(sample_next(self) << 11)) : sample_real(fraction * 100 - 50);
    default:
        return sample_int(7);
    }
}

/* The value as it lies in the column. */
static inline void sample_store(struct stored_param *param, size_t row, struct value value) {
    unsigned char *element = (unsigned char *)param->data + row * param->bytes;
    struct text json = {0};
    double real = value.kind == VALUE_INT ? (double)value.integer : value.real;
    switch (param->encoding) {
    case PARAM_INT:
        memcpy(element, &value.integer, 8);
        break;
    case PARAM_BOOL:
        *element = value.boolean;
        break;
    case PARAM_TEXT:
        memcpy(element, value.text, strlen(value.text));
        break;
    case PARAM_NUMBER:
        ((uint8_t *)param->kinds)[row] = (uint8_t)value.kind;
        memcpy(element, &real, 8);
        break;
    case PARAM_JSON:
        if (value.kind == VALUE_FLOAT && !isfinite(value.real))
            text_add_string(&json, isnan(value.real) ? "NaN" : value.real > 0 ? "Infinity" : "-Infinity");
        else
            text_add_json_value(&json, value);
        memcpy(element, json.data, json.length);
        text_clear(&json);
        break;
    default:
        memcpy(element, &real, 8);
    }
}

static inline void sample_fixed_columns(struct column_samples *self) {
    size_t rows = self->rows;
    uint64_t *run = sample_memory(self, rows * 8);
    uint8_t *state = sample_memory(self, rows);
    uint32_t *series = sample_memory(self, rows * 4);
    double *sharpe = sample_memory(self, rows * 8), *elapsed = sample_memory(self, rows * 8);
    for (size_t r = 0; r < rows; r++) {
        run[r] = (uint64_t)self->values[SAMPLE_RUN * rows + r].integer;
        while (strcmp(run_status_name(state[r]), self->values[SAMPLE_STATUS * rows + r].text) != 0)
            state[r]++;
        const char *symbol = self->values[SAMPLE_SYMBOL * rows + r].text;
        series[r] = strcmp(symbol, "BTCUSDT") == 0 ? 1 : r % 2 ? 0 : 2;
        sharpe[r] = self->values[SAMPLE_SHARPE * rows + r].real;
    }
    self->result.run = run;
    self->result.state = state;
    self->result.series_index = series;
    self->result.elapsed = elapsed;
    self->result.metrics[METRIC_SHARPE] = sharpe;
}

static inline void sample_param_columns(struct column_samples *self) {
    static const struct {
        enum param_encoding encoding;
        size_t bytes;
    } stored[SAMPLE_PARAMS] = {{PARAM_INT, 8},  {PARAM_INT, 8},   {PARAM_FLOAT, 8},  {PARAM_BOOL, 1},
                               {PARAM_TEXT, 8}, {PARAM_TEXT, 25}, {PARAM_NUMBER, 8}, {PARAM_JSON, 40},
                               {PARAM_INT, 8},  {PARAM_JSON, 40}};
    for (size_t p = 0; p < SAMPLE_PARAMS; p++) {
        self->names[p] = (char *)sample_column_names[SAMPLE_SMALL + p];
        self->params[p] = (struct stored_param){.encoding = stored[p].encoding, .bytes = stored[p].bytes};
        self->params[p].data = sample_memory(self, self->rows * stored[p].bytes);
        if (stored[p].encoding == PARAM_NUMBER) self->params[p].kinds = sample_memory(self, self->rows);
        for (size_t r = 0; r < self->rows; r++)
            sample_store(&self->params[p], r, self->values[(SAMPLE_SMALL + p) * self->rows + r]);
    }
}

static inline void column_samples_make(struct column_samples *self, size_t rows, uint64_t seed) {
    *self = (struct column_samples){.rows = rows, .random = seed * 2654435761u + 88172645463325252u};
    self->values = sample_memory(self, rows * SAMPLE_COLUMNS * sizeof *self->values);
    for (size_t c = 0; c < SAMPLE_COLUMNS; c++)
        for (size_t r = 0; r < rows; r++)
            self->values[c * rows + r] = sample_column_value(self, c, r);
    self->result.row_count = rows;
    self->result.path = (char *)"samples";
    self->result.provenance.param_names = self->names;
    self->result.provenance.param_count = SAMPLE_PARAMS;
    self->result.provenance.series = self->series;
    self->result.provenance.series_count = SAMPLE_SERIES;
    self->result.params = self->params;
    for (size_t k = 0; k < SAMPLE_SERIES; k++) {
        strcpy(self->series[k].symbol, sample_symbols[k]);
        strcpy(self->series[k].interval, k == 2 ? "4h" : "1h");
    }
    sample_fixed_columns(self);
    sample_param_columns(self);
}

static inline void column_samples_clear(struct column_samples *self) {
    for (size_t i = 0; i < self->memory_count; i++)
        free(self->memory[i]);
    text_set_clear(&self->result.texts);
}

#endif
