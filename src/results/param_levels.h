/* The different values ("levels") of a parameter, or of the symbol or interval, among chosen runs, ascending,
 * and which of them a row has: a hash of the column's own elements, so that only the first run of each level
 * is ever decoded. */
#ifndef RESULTS_PARAM_LEVELS_H
#define RESULTS_PARAM_LEVELS_H

#include "base/arena.h"
#include "base/value.h"
#include "results/number_order.h"
#include "results/row_select.h"

enum level_kind { LEVELS_INT, LEVELS_FLOAT, LEVELS_BOOL, LEVELS_TEXT, LEVELS_SERIES };

struct level_slot {
    uint64_t key, first_row;
    uint32_t level; /* LEVEL_FREE: no entry */
};
#define LEVEL_FREE UINT32_MAX

/* Of a result, which must stay open. levels_clear frees. */
struct levels {
    struct result *result;
    enum level_kind kind;
    size_t param;              /* not for LEVELS_SERIES */
    bool is_interval;          /* LEVELS_SERIES */
    const unsigned char *data; /* the column, elements of `bytes` bytes */
    size_t bytes;
    struct level_slot *slots;
    unsigned bits;        /* 2^bits slots */
    struct value *values; /* count, ascending: none, bools, numbers by value, text by bytes */
    size_t count;
    struct arena texts;
};

/* Names the source: "symbol", "interval" or a parameter; ERR_INPUT with the nearest name. */
status levels_source(struct levels *out, struct result *result, const char *name, struct error *err);
/* The same of parameter `param`. */
void levels_of_param(struct levels *out, struct result *result, size_t param);
/* Finds the levels among the chosen rows. With more than `most` it stops: *fits is false then, count 0. An
 * int and a float of equal value are one level, so are all NaN (the last one of the numbers). */
status levels_find(struct levels *levels, bool *fits, const struct row_set *rows, size_t most,
                   struct error *err);
/* The levels of the rows begin + offsets[i], which were among those chosen. */
void levels_of_rows(const struct levels *levels, uint32_t *out, uint64_t begin, const uint16_t *offsets,
                    size_t count);
/* True for a column of ints or floats: its numbers. */
bool levels_numbers(const struct levels *levels, struct number_column *out);
void levels_clear(struct levels *levels);

#endif
