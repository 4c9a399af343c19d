/* Keys of rows. Where a loop is the same for a whole block and for some rows of it, the whole block has one
 * of its own: the compiler makes vectors of that. */
#include "results/sort_order.h"
#include "results/number_order.h"
#include "results/text_key.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIGN_BIT (UINT64_C(1) << 63)

/* ---- levels ---- */

enum { JSON_CLASS, JSON_NUMBER, JSON_REST, JSON_TEXT }; /* from JSON_TEXT on: the text's bytes */

static size_t levels_of(const struct query_column *column) {
    size_t text = (column->bytes + 7) / 8;
    if (column->dictionary.codes) return 1;
    return column->storage == STORED_TEXT ? text : column->storage == STORED_JSON ? JSON_TEXT + text : 1;
}

/* ranks[i]: how many of the texts are less than text i. */
static void rank_texts(uint64_t *ranks, const struct query_column *column) {
    for (size_t i = 0; i < column->text_count; i++) {
        ranks[i] = 0;
        for (size_t k = 0; k < column->text_count; k++)
            ranks[i] += strcmp(column->texts[k], column->texts[i]) < 0;
    }
}

static status find_columns(size_t found[QUERY_SORT_KEYS], size_t *count, struct query_columns *columns,
                           const struct query *query, struct error *err) {
    status rc = OK;
    for (*count = 0; rc == OK && *count < QUERY_SORT_KEYS && query->sort[*count].name; ++*count) {
        rc = query_columns_find(columns, &found[*count], query->sort[*count].name, err);
        if (rc == OK) rc = query_columns_use(columns, found[*count], err);
    }
    return rc;
}

status sort_order_open(struct sort_order *out, struct query_columns *columns, const struct query *query,
                       struct error *err) {
    size_t found[QUERY_SORT_KEYS], keys, levels = 0, texts = 0;
    *out = (struct sort_order){.columns = columns};
    status rc = find_columns(found, &keys, columns, query, err);
    if (rc != OK) return rc;
    for (size_t k = 0; k < keys; k++) {
        levels += levels_of(&columns->columns[found[k]]);
        texts += columns->columns[found[k]].text_count;
    }
    out->levels = calloc(levels + 1, sizeof *out->levels);
    out->ranks = calloc(texts + 1, sizeof *out->ranks);
    if (!out->levels || !out->ranks) return error_set(err, ERR_MEMORY, "out of memory for an order");
    uint64_t *ranks = out->ranks;
    for (size_t k = 0; k < keys; k++) {
        const struct query_column *column = &columns->columns[found[k]];
        rank_texts(ranks, column);
        for (size_t part = 0; part < levels_of(column); part++)
            out->levels[out->count++] =
                (struct sort_level){found[k], part, query->sort[k].descending ? ~UINT64_C(0) : 0, ranks};
        ranks += column->text_count;
    }
    return OK;
}

void sort_order_close(struct sort_order *order) {
    free(order->levels);
    free(order->ranks);
    *order = (struct sort_order){0};
}

/* ---- keys ---- */

static inline uint64_t real_key(double value, uint64_t flip) {
    return isnan(value) ? KEY_MISSING : key_of_double(value) ^ flip;
}

/* First by the number as a double; then, of an int beyond 2^53, by how much it is more than that double. */
static uint64_t json_number_key(struct value value, size_t part) {
    double real = 0;
    value_as_double(&real, value);
    if (part == JSON_NUMBER) return key_of_double(real);
    __int128 more = value.kind == VALUE_INT ? (__int128)value.integer - (__int128)real : 0;
    return (uint64_t)more ^ SIGN_BIT;
}

static uint64_t json_key(const struct sort_order *order, const struct sort_level *level, uint64_t row) {
    query_columns_forget(order->columns); /* keys hold no texts */
    struct value value = query_columns_value(order->columns, level->column, row);
    if (value.kind == VALUE_NONE || (value.kind == VALUE_FLOAT && isnan(value.real))) return KEY_MISSING;
    bool is_text = value.kind == VALUE_TEXT;
    uint64_t key = 0;
    if (level->part == JSON_CLASS)
        key = 1u + is_text; /* numbers before texts; not 0, whose reverse is KEY_MISSING */
    else if (level->part < JSON_TEXT)
        key = is_text ? 0 : json_number_key(value, level->part);
    else if (is_text)
        key = text_key(value.text, strlen(value.text), level->part - JSON_TEXT);
    return key ^ level->flip;
}

static inline uint64_t dictionary_key(const struct value_dictionary *dictionary, uint64_t row,
                                      uint64_t flip) {
    uint64_t rank = dictionary->ranks[dictionary->codes[row]];
    return rank == KEY_MISSING ? rank : rank ^ flip;
}

uint64_t sort_order_key(const struct sort_order *order, size_t level, uint64_t row) {
    const struct sort_level *by = &order->levels[level];
    const struct query_column *column = &order->columns->columns[by->column];
    const char *element = (const char *)column->data + row * column->bytes;
    switch (column->storage) {
    case STORED_REAL:
    case STORED_NUMBER: /* its ints are doubles too */
        return real_key(((const double *)column->data)[row], by->flip);
    case STORED_INT:
        return (uint64_t)((const int64_t *)column->data)[row] ^ SIGN_BIT ^ by->flip;
    case STORED_BOOL:
        return (*element != 0) ^ by->flip;
    case STORED_TEXT:
        return text_key(element, column->bytes, by->part) ^ by->flip;
    case STORED_JSON:
        return column->dictionary.codes ? dictionary_key(&column->dictionary, row, by->flip)
                                        : json_key(order, by, row);
    default:
        return by->ranks[query_column_code(column, row)] ^ by->flip;
    }
}

/* KEY: of the element at `at`. */
#define KEYS_OF_BLOCK(KEY)                            \
    do {                                              \
        if (count == ROW_BLOCK)                       \
            for (size_t at = 0; at < ROW_BLOCK; at++) \
                keys[at] = KEY;                       \
        else                                          \
            for (size_t i = 0, at; i < count; i++) {  \
                at = offsets[i];                      \
                keys[i] = KEY;                        \
            }                                         \
    } while (0)

void sort_order_keys(uint64_t *restrict keys, const struct sort_order *order, size_t level, uint64_t begin,
                     const uint16_t *offsets, size_t count) {
    const struct sort_level *by = &order->levels[level];
    const struct query_column *column = &order->columns->columns[by->column];
    uint64_t flip = by->flip;
    if (column->storage == STORED_REAL || column->storage == STORED_NUMBER) {
        const double *reals = (const double *)column->data + begin;
        KEYS_OF_BLOCK(real_key(reals[at], flip));
    } else if (column->storage == STORED_INT) {
        const uint64_t *ints = (const uint64_t *)column->data + begin;
        KEYS_OF_BLOCK(ints[at] ^ SIGN_BIT ^ flip);
    } else if (column->storage == STORED_TEXT) {
        size_t bytes = column->bytes;
        const char *texts = (const char *)column->data + begin * bytes;
        if (by->part == 0 && text_keys_are_fast(begin, order->columns->result->row_count)) {
            uint64_t keep = text_bytes_kept(bytes);
            KEYS_OF_BLOCK(fast_text_key(texts + at * bytes, keep) ^ flip);
        } else {
            KEYS_OF_BLOCK(text_key(texts + at * bytes, bytes, by->part) ^ flip);
        }
    } else if (column->dictionary.codes) {
        KEYS_OF_BLOCK(dictionary_key(&column->dictionary, begin + at, flip));
    } else if (column->texts) {
        KEYS_OF_BLOCK(by->ranks[query_column_code(column, begin + at)] ^ flip);
    } else {
        KEYS_OF_BLOCK(sort_order_key(order, level, begin + at));
    }
}
