/* One pass with a hash table of element bytes; equal neighbours, which are many in a grid, need no look. */
#include "results/value_dictionary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4 * DICTIONARY_MAX };

struct builder {
    struct value_dictionary *out;
    const unsigned char *elements;
    size_t bytes;
    uint64_t *first_row; /* of each code */
    uint16_t *slots;     /* code + 1; 0: free */
};

uint64_t value_element_hash(const unsigned char *element, size_t bytes, uint64_t seed) {
    uint64_t hash = seed, word;
    for (size_t i = 0; i < bytes; i += sizeof word) {
        word = 0;
        memcpy(&word, element + i, bytes - i < sizeof word ? bytes - i : sizeof word);
        if (i > 0 && word == 0) break; /* padding */
        hash = (hash ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
        hash ^= hash >> 29;
    }
    return hash;
}

/* Its code, a new one if it is new; DICTIONARY_MAX when there are too many. */
static size_t code_of(struct builder *self, uint64_t row) {
    const unsigned char *element = self->elements + row * self->bytes;
    size_t slot = value_element_hash(element, self->bytes, 0) % SLOTS;
    for (; self->slots[slot]; slot = (slot + 1) % SLOTS) {
        size_t code = self->slots[slot] - 1u;
        if (memcmp(self->elements + self->first_row[code] * self->bytes, element, self->bytes) == 0)
            return code;
    }
    if (self->out->count == DICTIONARY_MAX) return DICTIONARY_MAX;
    self->first_row[self->out->count] = row;
    self->slots[slot] = (uint16_t)(self->out->count + 1);
    return self->out->count++;
}

static bool assign_codes(struct builder *self, uint64_t rows) {
    const unsigned char *element = self->elements;
    size_t code = 0;
    for (uint64_t row = 0; row < rows; row++, element += self->bytes) {
        if (row == 0 || memcmp(element, element - self->bytes, self->bytes) != 0) code = code_of(self, row);
        if (code == DICTIONARY_MAX) return false;
        self->out->codes[row] = (uint16_t)code;
    }
    return true;
}

/* ---- order ---- */

static bool is_missing(struct value value) {
    return value.kind == VALUE_NONE || (value.kind == VALUE_FLOAT && isnan(value.real));
}

static long double number_of(struct value value) { /* holds every int64 and every double */
    return value.kind == VALUE_INT    ? (long double)value.integer
           : value.kind == VALUE_BOOL ? (long double)value.boolean
                                      : (long double)value.real;
}

/* Of two that are not missing. */
static int compare_values(struct value a, struct value b) {
    if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT) return strcmp(a.text, b.text);
    if (a.kind == VALUE_TEXT || b.kind == VALUE_TEXT) return (a.kind == VALUE_TEXT) - (b.kind == VALUE_TEXT);
    long double x = number_of(a), y = number_of(b);
    return (x > y) - (x < y);
}

static int compare_codes(const void *left, const void *right, void *values) {
    const struct value *of = values;
    return compare_values(of[*(const uint16_t *)left], of[*(const uint16_t *)right]);
}

static bool rank_values(struct value_dictionary *self) {
    uint16_t *order = malloc((self->count + 1) * sizeof *order);
    if (!order) return false;
    size_t count = 0;
    for (size_t code = 0; code < self->count; code++) {
        self->ranks[code] = UINT64_MAX;
        if (!is_missing(self->values[code])) order[count++] = (uint16_t)code;
    }
    qsort_r(order, count, sizeof *order, compare_codes, self->values);
    for (size_t i = 0; i < count; i++) {
        bool is_equal = i > 0 && compare_values(self->values[order[i - 1]], self->values[order[i]]) == 0;
        self->ranks[order[i]] = is_equal ? self->ranks[order[i - 1]] : i + 1;
    }
    free(order);
    return true;
}

static bool decode_values(const struct builder *self) {
    struct value_dictionary *out = self->out;
    out->values = calloc(out->count + 1, sizeof *out->values);
    out->ranks = calloc(out->count + 1, sizeof *out->ranks);
    if (!out->values || !out->ranks) return false;
    for (size_t code = 0; code < out->count; code++) {
        const unsigned char *element = self->elements + self->first_row[code] * self->bytes;
        if (!param_decode(&out->values[code], PARAM_JSON, element, self->bytes, 0, &out->texts))
            out->values[code] = (struct value){.kind = VALUE_NONE};
    }
    return rank_values(out);
}

bool value_dictionary_make(struct value_dictionary *out, const unsigned char *elements, size_t bytes,
                           uint64_t rows) {
    *out = (struct value_dictionary){0};
    struct builder self = {.out = out, .elements = elements, .bytes = bytes};
    self.first_row = malloc(DICTIONARY_MAX * sizeof *self.first_row);
    self.slots = calloc(SLOTS, sizeof *self.slots);
    out->codes = malloc((size_t)(rows + 1) * sizeof *out->codes);
    bool done = self.first_row && self.slots && out->codes;
    if (done && assign_codes(&self, rows))
        done = decode_values(&self);
    else
        value_dictionary_clear(out);
    free(self.first_row);
    free(self.slots);
    return done;
}

void value_dictionary_clear(struct value_dictionary *dictionary) {
    free(dictionary->codes);
    free(dictionary->values);
    free(dictionary->ranks);
    arena_clear(&dictionary->texts);
    *dictionary = (struct value_dictionary){0};
}
