/* A condition over blocks of rows: the same answer as expression_holds row by row, many times faster. */
#ifndef RESULTS_BLOCK_CONDITION_H
#define RESULTS_BLOCK_CONDITION_H

#include "results/query_columns.h"
#include "results/row_select.h"

struct block_condition;

/* Borrows columns, and maps those the condition names. */
status block_condition_open(struct block_condition **out, struct query_columns *columns, const char *text,
                            struct error *err);
/* mask[i] = 1 where the condition holds for row begin + i, else 0, i < count <= ROW_BLOCK. */
void block_condition_mask(struct block_condition *self, uint8_t mask[ROW_BLOCK], uint64_t begin,
                          size_t count);
void block_condition_close(struct block_condition *self);

#endif
