/* Levels by open addressing: 64-bit keys, text by a hash that is compared by its bytes where it hits. */
#include "results/param_levels.h"
#include "base/problems.h"
#include "results/result_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BITS = 10 };

/* ---- sources ---- */

void levels_of_param(struct levels *out, struct result *result, size_t param) {
    const struct stored_param *stored = &result->params[param];
    *out = (struct levels){
        .result = result, .param = param, .data = stored->data, .bytes = stored->bytes, .kind = LEVELS_TEXT};
    if (stored->encoding == PARAM_INT) out->kind = LEVELS_INT;
    if (stored->encoding == PARAM_FLOAT || stored->encoding == PARAM_NUMBER) out->kind = LEVELS_FLOAT;
    if (stored->encoding == PARAM_BOOL) out->kind = LEVELS_BOOL;
}

static status unknown_source(struct result *result, const char *name, struct error *err) {
    size_t params = result_param_count(result);
    const char **names = calloc(params + 2, sizeof *names);
    if (!names) return error_set(err, ERR_MEMORY, "out of memory");
    for (size_t p = 0; p < params; p++)
        names[p] = result_param_name(result, p);
    names[params] = "symbol";
    names[params + 1] = "interval";
    const char *near = nearest_name(name, names, params + 2);
    status rc =
        near ? error_set(err, ERR_INPUT, "there is no parameter '%s'; did you mean '%s'?", name, near)
             : error_set(err, ERR_INPUT,
                         "there is no parameter '%s'; an axis is a parameter, symbol or interval", name);
    free(names);
    return rc;
}

status levels_source(struct levels *out, struct result *result, const char *name, struct error *err) {
    *out = (struct levels){.result = result, .kind = LEVELS_SERIES, .is_interval = *name == 'i'};
    if (strcmp(name, "symbol") == 0 || strcmp(name, "interval") == 0) return OK;
    for (size_t p = 0; p < result_param_count(result); p++)
        if (strcmp(name, result_param_name(result, p)) == 0) {
            levels_of_param(out, result, p);
            return OK;
        }
    return unknown_source(result, name, err);
}

bool levels_numbers(const struct levels *levels, struct number_column *out) {
    *out = (struct number_column){0};
    if (levels->kind == LEVELS_INT) out->integers = (const int64_t *)(const void *)levels->data;
    if (levels->kind == LEVELS_FLOAT) out->doubles = (const double *)(const void *)levels->data;
    return out->integers || out->doubles;
}

/* ---- keys ---- */

static uint64_t mix(uint64_t key) {
    key *= UINT64_C(0x9E3779B97F4A7C15);
    return key ^ key >> 32;
}

static uint64_t text_key(const unsigned char *element, size_t bytes) {
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < bytes && element[i]; i++)
        hash = (hash ^ element[i]) * UINT64_C(0x100000001B3);
    return hash;
}

static inline uint64_t row_key(const struct levels *self, enum level_kind kind, uint64_t row) {
    switch (kind) {
    case LEVELS_INT:
        return (uint64_t)((const int64_t *)(const void *)self->data)[row];
    case LEVELS_FLOAT: {
        double value = ((const double *)(const void *)self->data)[row];
        return value == value ? key_of_double(value) : UINT64_MAX;
    }
    case LEVELS_BOOL:
        return self->data[row] != 0;
    case LEVELS_TEXT:
        return text_key(self->data + row * self->bytes, self->bytes);
    case LEVELS_SERIES:
        break;
    }
    return result_series_of(self->result, row);
}

static bool same_text(const struct levels *self, uint64_t a, uint64_t b) {
    const char *data = (const char *)self->data;
    return strncmp(data + a * self->bytes, data + b * self->bytes, self->bytes) == 0;
}

static inline struct level_slot *slot_of(const struct levels *self, enum level_kind kind, uint64_t row) {
    uint64_t key = row_key(self, kind, row), mask = (UINT64_C(1) << self->bits) - 1;
    for (uint64_t at = mix(key) & mask;; at = (at + 1) & mask) {
        struct level_slot *slot = &self->slots[at];
        if (slot->level == LEVEL_FREE) {
            slot->key = key; /* for the one who takes it */
            return slot;
        }
        if (slot->key == key && (kind != LEVELS_TEXT || same_text(self, slot->first_row, row))) return slot;
    }
}

/* Half full at most. */
static status make_slots(struct levels *self, unsigned bits, struct error *err) {
    struct level_slot *old = self->slots;
    size_t old_slots = old ? (size_t)1 << self->bits : 0;
    self->slots = malloc(sizeof *self->slots << bits);
    if (!self->slots) {
        self->slots = old;
        return error_set(err, ERR_MEMORY, "out of memory for the values of a parameter");
    }
    self->bits = bits;
    for (size_t i = 0; i < (size_t)1 << bits; i++)
        self->slots[i] = (struct level_slot){.level = LEVEL_FREE};
    for (size_t i = 0; i < old_slots; i++)
        if (old[i].level != LEVEL_FREE) *slot_of(self, self->kind, old[i].first_row) = old[i];
    free(old);
    return OK;
}

/* ---- values ---- */

static status decode(struct levels *self, struct value *out, uint64_t row, struct error *err) {
    struct result *result = self->result;
    if (self->kind == LEVELS_SERIES) {
        const struct series_provenance *series = &result->provenance.series[result_series_of(result, row)];
        *out =
            (struct value){.kind = VALUE_TEXT, .text = self->is_interval ? series->interval : series->symbol};
        return OK;
    }
    const struct stored_param *stored = &result->params[self->param];
    if (param_decode(out, stored->encoding, stored->data + row * stored->bytes, stored->bytes,
                     stored->kinds ? stored->kinds[row] : 0, &self->texts))
        return OK;
    return result_damaged(result, "a parameter's value is none", err);
}

static int compare_numbers(struct value a, struct value b) {
    if (a.kind == VALUE_INT && b.kind == VALUE_INT) return (a.integer > b.integer) - (a.integer < b.integer);
    double x = 0, y = 0;
    value_as_double(&x, a);
    value_as_double(&y, b);
    if (isnan(x) || isnan(y)) return isnan(x) - isnan(y);
    int sign = (x > y) - (x < y);
    return sign ? sign : (int)a.kind - (int)b.kind;
}

static int class_of(enum value_kind kind) {
    return kind == VALUE_FLOAT ? (int)VALUE_INT : (int)kind;
}

static int compare_values(const void *a, const void *b) {
    struct value x = *(const struct value *)a, y = *(const struct value *)b;
    if (class_of(x.kind) != class_of(y.kind)) return class_of(x.kind) - class_of(y.kind);
    if (x.kind == VALUE_TEXT) return strcmp(x.text, y.text);
    if (x.kind == VALUE_BOOL) return (int)x.boolean - (int)y.boolean;
    return x.kind == VALUE_NONE ? 0 : compare_numbers(x, y);
}

/* A level while its place in the order is not known yet. */
struct found {
    struct value value;
    struct level_slot *slot;
};

static int compare_found(const void *a, const void *b) {
    return compare_values(&((const struct found *)a)->value, &((const struct found *)b)->value);
}

/* Two series of one symbol are one level: equal values share their number. */
static status order_levels(struct levels *self, size_t found_count, struct error *err) {
    struct found *found = malloc((found_count + 1) * sizeof *found);
    self->values = malloc((found_count + 1) * sizeof *self->values);
    size_t n = 0;
    status rc = found && self->values ? OK : error_set(err, ERR_MEMORY, "out of memory for an axis");
    for (size_t i = 0; rc == OK && i < (size_t)1 << self->bits; i++) {
        if (self->slots[i].level == LEVEL_FREE) continue;
        found[n].slot = &self->slots[i];
        rc = decode(self, &found[n++].value, self->slots[i].first_row, err);
    }
    if (rc == OK && n) qsort(found, n, sizeof *found, compare_found);
    for (size_t i = 0; rc == OK && i < n; i++) {
        if (i == 0 || compare_found(&found[i - 1], &found[i]) != 0)
            self->values[self->count++] = found[i].value;
        found[i].slot->level = (uint32_t)self->count - 1;
    }
    free(found);
    return rc;
}

status levels_find(struct levels *levels, bool *fits, const struct row_set *rows, size_t most,
                   struct error *err) {
    uint16_t offsets[ROW_BLOCK];
    size_t found = 0;
    *fits = true;
    status rc = make_slots(levels, FIRST_BITS, err);
    for (uint64_t begin = 0; rc == OK && begin < rows->row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(rows, begin, offsets);
        for (size_t i = 0; rc == OK && i < count; i++) {
            struct level_slot *slot = slot_of(levels, levels->kind, begin + offsets[i]);
            if (slot->level != LEVEL_FREE) continue;
            if (found == most) {
                *fits = false;
                return OK;
            }
            slot->first_row = begin + offsets[i];
            slot->level = 0;
            if (++found > (size_t)1 << (levels->bits - 1)) rc = make_slots(levels, levels->bits + 1, err);
        }
    }
    return rc == OK ? order_levels(levels, found, err) : rc;
}

#define EACH_ROW(kind)                 \
    for (size_t i = 0; i < count; i++) \
    out[i] = slot_of(levels, kind, begin + offsets[i])->level

void levels_of_rows(const struct levels *levels, uint32_t *out, uint64_t begin, const uint16_t *offsets,
                    size_t count) {
    switch (levels->kind) { /* one loop a kind: the compiler takes the switch of row_key out of it */
    case LEVELS_INT:
        EACH_ROW(LEVELS_INT);
        break;
    case LEVELS_FLOAT:
        EACH_ROW(LEVELS_FLOAT);
        break;
    default:
        EACH_ROW(levels->kind);
        break;
    }
}

void levels_clear(struct levels *levels) {
    free(levels->slots);
    free(levels->values);
    arena_clear(&levels->texts);
    *levels = (struct levels){0};
}
