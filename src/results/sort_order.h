/* The order a query asks for, as 64-bit keys: smaller keys come first, whatever type and direction.
 *
 * A column is one level of keys, or several where 64 bits do not hold its values: a text has a level for
 * every 8 bytes, a column of several kinds and very many values one for "number, text or nothing", two for
 * the number and then those of the text. Rows with equal keys at every level are in the order of their runs.
 */
#ifndef RESULTS_SORT_ORDER_H
#define RESULTS_SORT_ORDER_H

#include "results/query_columns.h"
#include "results/row_select.h"

#define KEY_MISSING UINT64_MAX /* NaN and none come last, ascending and descending */

struct sort_level {
    size_t column;
    size_t part;           /* of the column's levels */
    uint64_t flip;         /* ~0: descending */
    const uint64_t *ranks; /* of a dictionary's texts */
};
struct sort_order {
    struct query_columns *columns;
    struct sort_level *levels;
    size_t count;
    uint64_t *ranks;
};

/* Maps the columns. Close also after an error, or zeroed. */
status sort_order_open(struct sort_order *out, struct query_columns *columns, const struct query *query,
                       struct error *err);
void sort_order_close(struct sort_order *order);

/* Keys of `count` rows of a block, as row_set_block gives them. */
void sort_order_keys(uint64_t *keys, const struct sort_order *order, size_t level, uint64_t begin,
                     const uint16_t *offsets, size_t count);
uint64_t sort_order_key(const struct sort_order *order, size_t level, uint64_t row);

#endif
