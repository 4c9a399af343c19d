/* A value of an expression for each row of a block, and what can be done with such lanes: the meaning of
 * base/expression_eval.c, one operation over all rows at a time.
 *
 * NaN stands for none among numbers: nothing tells the two apart (both are false, compare false, and make
 * arithmetic none). An operation answers false where a row would need what lanes cannot hold (a sum of ints
 * that overflows and goes on as a float, say): the caller then asks the interpreter for that block. */
#ifndef RESULTS_BLOCK_LANES_H
#define RESULTS_BLOCK_LANES_H

#include "base/expression_program.h"
#include "results/row_select.h"

enum lane_kind { LANE_TRUTH, LANE_INT, LANE_REAL, LANE_TEXT };

/* Memory of one place of the stack; data points into it or into a column. */
struct lane_memory {
    union {
        double reals[ROW_BLOCK];
        int64_t ints[ROW_BLOCK];
        const char *texts[ROW_BLOCK];
        uint32_t codes[ROW_BLOCK];
    };
    uint8_t truths[ROW_BLOCK];
};

struct lanes {
    enum lane_kind kind;
    bool may_be_int; /* LANE_REAL: some are ints in fact, at most 2^53 */
    bool is_words;   /* LANE_TEXT: at most 8 bytes each, as ints that sort as the texts do */
    union {
        const uint8_t *truths; /* 0 or 1 */
        const int64_t *ints;   /* LANE_INT, or words */
        const double *reals;
        const char *const *texts; /* LANE_TEXT of neither column nor dictionary */
        const uint32_t *codes;    /* LANE_TEXT of a dictionary of more than one */
    };
    const char *column; /* LANE_TEXT where they lie, stride bytes apart; NULL */
    size_t stride;
    const char *const *dictionary; /* a constant's has one text; NULL */
    size_t dictionary_count;
    struct lane_memory *memory;
};

/* A text's key (results/text_key.h) as an int that sorts in the same way. */
static inline int64_t text_word(uint64_t key) {
    return (int64_t)(key ^ UINT64_C(1) << 63);
}

/* Each works on `count` rows; results go into the memory of the left (or only) operand. */
void lanes_constant(struct lanes *out, const struct value *constant, size_t count);
const uint8_t *lanes_truths(struct lanes *lanes, size_t count); /* turns them into truths */
/* out: truths, in memory of its own or that of left when left is not needed any more. */
void lanes_compare(uint8_t *out, enum comparison comparison, struct lanes *left, struct lanes *right,
                   size_t count);
bool lanes_arithmetic(struct lanes *left, enum operation operation, struct lanes *right, size_t count);
bool lanes_negate(struct lanes *lanes, size_t count);
/* Copies what lies in memory that others will use. */
void lanes_move(struct lanes *to, const struct lanes *from, size_t count);

#endif
