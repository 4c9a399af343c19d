/* Names as columns. Values of JSON columns (a parameter of several kinds) are few, mostly, and lie in a
 * dictionary then. Where they are many, what was decoded is remembered by its bytes in a small table, the
 * newest entry of a slot stays. */
#include "results/query_columns.h"
#include "base/problems.h"

#include <stdlib.h>
#include <string.h>

enum { MEMO_SLOTS = 1024, VALUES_MAX = 1 << 20 };

struct json_memo {
    struct {
        const unsigned char *element; /* NULL: free */
        size_t column;
        struct value value;
    } slots[MEMO_SLOTS];
};

/* ---- names ---- */

enum { NAME_RUN, NAME_STATUS, NAME_SYMBOL, NAME_INTERVAL, NAME_ELAPSED, FIXED_NAMES };
static const char *const fixed_names[FIXED_NAMES] = {"run", "status", "symbol", "interval", "elapsed"};

static bool make_texts(struct query_columns *self) {
    const struct provenance *provenance = &self->result->provenance;
    size_t series = provenance->series_count;
    self->texts = calloc(RUN_STATUS_COUNT + 2 * series + 1, sizeof *self->texts);
    if (!self->texts) return false;
    for (enum run_status s = 0; s < RUN_STATUS_COUNT; s++)
        self->texts[s] = run_status_name(s);
    self->texts[RUN_STATUS_COUNT + 2 * series] = ""; /* what rows have that belong to no series */
    for (size_t k = 0; k < series; k++) {
        self->texts[RUN_STATUS_COUNT + k] = provenance->series[k].symbol;
        self->texts[RUN_STATUS_COUNT + series + k] = provenance->series[k].interval;
    }
    return true;
}

static struct query_column fixed_column(const struct query_columns *self, size_t name) {
    const struct result *result = self->result;
    size_t series = result->provenance.series_count;
    switch (name) {
    case NAME_RUN: /* indices are below 2^63 */
        return (struct query_column){.storage = STORED_INT, .data = result->run, .bytes = 8};
    case NAME_STATUS:
        return (struct query_column){.storage = STORED_STATUS,
                                     .data = result->state,
                                     .bytes = 1,
                                     .texts = self->texts,
                                     .text_count = RUN_STATUS_COUNT};
    case NAME_SYMBOL:
    case NAME_INTERVAL:
        return (struct query_column){.storage = STORED_SERIES,
                                     .data = result->series_index,
                                     .bytes = 4,
                                     .texts = self->texts + RUN_STATUS_COUNT +
                                              (name == NAME_INTERVAL ? series : 0),
                                     .text_count = series ? series : 1};
    default:
        return (struct query_column){.storage = STORED_REAL, .data = result->elapsed, .bytes = 8};
    }
}

static struct query_column param_column(const struct stored_param *param) {
    static const enum column_storage storages[PARAM_ENCODINGS] = {
        [PARAM_INT] = STORED_INT,   [PARAM_FLOAT] = STORED_REAL,    [PARAM_BOOL] = STORED_BOOL,
        [PARAM_TEXT] = STORED_TEXT, [PARAM_NUMBER] = STORED_NUMBER, [PARAM_JSON] = STORED_JSON,
    };
    return (struct query_column){.storage = storages[param->encoding],
                                 .data = param->data,
                                 .bytes = param->bytes,
                                 .kinds = param->kinds};
}

status query_columns_open(struct query_columns *out, struct result *result, struct error *err) {
    size_t params = result->provenance.param_count;
    *out = (struct query_columns){.result = result, .count = FIXED_NAMES + (size_t)METRIC_COUNT + params};
    out->names = calloc(out->count, sizeof *out->names);
    out->columns = calloc(out->count, sizeof *out->columns);
    if (!out->names || !out->columns || !make_texts(out))
        return error_set(err, ERR_MEMORY, "%s: out of memory", result->path);
    size_t n = 0;
    for (; n < FIXED_NAMES; n++) {
        out->names[n] = fixed_names[n];
        out->columns[n] = fixed_column(out, n);
    }
    for (enum metric m = 0; m < METRIC_COUNT; m++, n++) {
        out->names[n] = metric_info(m)->name;
        out->columns[n] = (struct query_column){.storage = STORED_REAL, .bytes = 8};
    }
    for (size_t p = 0; p < params; p++, n++) {
        out->names[n] = result->provenance.param_names[p];
        out->columns[n] = param_column(&result->params[p]);
    }
    return OK;
}

void query_columns_close(struct query_columns *self) {
    for (size_t i = 0; self->columns && i < self->count; i++)
        value_dictionary_clear(&self->columns[i].dictionary);
    free(self->names);
    free(self->columns);
    free(self->texts);
    free(self->memo);
    arena_clear(&self->values);
    *self = (struct query_columns){0};
}

status query_columns_find(const struct query_columns *self, size_t *column, const char *name,
                          struct error *err) {
    for (*column = 0; *column < self->count; ++*column)
        if (strcmp(self->names[*column], name) == 0) return OK;
    const char *near = nearest_name(name, self->names, self->count);
    return near ? error_set(err, ERR_INPUT, "there is no column '%s'; did you mean '%s'?", name, near)
                : error_set(err, ERR_INPUT, "there is no column '%s' to sort by", name);
}

status query_columns_use(struct query_columns *self, size_t column, struct error *err) {
    struct query_column *used = &self->columns[column];
    if (column >= FIXED_NAMES && column < FIXED_NAMES + (size_t)METRIC_COUNT && !used->data) {
        const double *doubles;
        status rc = result_metric_column(self->result, &doubles, (enum metric)(column - FIXED_NAMES), err);
        if (rc != OK) return rc;
        used->data = doubles;
    }
    if (used->storage != STORED_JSON || used->dictionary.codes) return OK;
    bool done = value_dictionary_make(&used->dictionary, used->data, used->bytes, self->result->row_count);
    if (done && !used->dictionary.codes && !self->memo)
        done = (self->memo = calloc(1, sizeof *self->memo)) != NULL;
    return done ? OK : error_set(err, ERR_MEMORY, "%s: out of memory", self->result->path);
}

/* ---- values ---- */

static size_t memo_slot(const unsigned char *element, size_t bytes, size_t column) {
    return value_element_hash(element, bytes, column * UINT64_C(0x9e3779b97f4a7c15)) % MEMO_SLOTS;
}

static struct value decoded(struct query_columns *self, size_t index, const void *element) {
    const struct query_column *column = &self->columns[index];
    const struct stored_param *param = &self->result->params[index - FIXED_NAMES - METRIC_COUNT];
    struct value value = {.kind = VALUE_NONE};
    if (!param_decode(&value, param->encoding, element, column->bytes, 0, &self->values))
        value = (struct value){.kind = VALUE_NONE};
    self->values_bytes += column->bytes;
    return value;
}

static struct value json_value(struct query_columns *self, size_t index, const unsigned char *element) {
    size_t bytes = self->columns[index].bytes, slot = memo_slot(element, bytes, index);
    if (self->memo->slots[slot].element && self->memo->slots[slot].column == index &&
        memcmp(self->memo->slots[slot].element, element, bytes) == 0)
        return self->memo->slots[slot].value;
    self->memo->slots[slot].element = element;
    self->memo->slots[slot].column = index;
    return self->memo->slots[slot].value = decoded(self, index, element);
}

struct value query_columns_value(struct query_columns *self, size_t index, uint64_t row) {
    const struct query_column *column = &self->columns[index];
    const unsigned char *element = (const unsigned char *)column->data + row * column->bytes;
    struct value value = {.kind = VALUE_FLOAT};
    switch (column->storage) {
    case STORED_REAL:
        value.real = ((const double *)column->data)[row];
        return value;
    case STORED_INT:
        return (struct value){.kind = VALUE_INT, .integer = ((const int64_t *)column->data)[row]};
    case STORED_BOOL:
        return (struct value){.kind = VALUE_BOOL, .boolean = *element != 0};
    case STORED_TEXT:
        if (element[column->bytes - 1] == '\0')
            return (struct value){.kind = VALUE_TEXT, .text = (const char *)element};
        return decoded(self, index, element);
    case STORED_NUMBER:
        value.real = ((const double *)column->data)[row];
        if (column->kinds[row] == VALUE_INT)
            value = (struct value){.kind = VALUE_INT, .integer = (int64_t)value.real};
        return value;
    case STORED_JSON:
        if (column->dictionary.codes) return column->dictionary.values[column->dictionary.codes[row]];
        return json_value(self, index, element);
    default:
        return (struct value){.kind = VALUE_TEXT, .text = column->texts[query_column_code(column, row)]};
    }
}

void query_columns_forget(struct query_columns *self) {
    if (self->values_bytes < VALUES_MAX) return;
    arena_reset(&self->values);
    self->values_bytes = 0;
    if (self->memo) memset(self->memo, 0, sizeof *self->memo);
}
