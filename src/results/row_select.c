/* Choosing rows, block by block: which statuses are wanted, then the condition, then the answers as bits. */
#include "results/row_select.h"
#include "results/block_condition.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_WORDS = ROW_BLOCK / 64 };

/* bytes (0 or 1 each) of `count` rows as bits; what is left of the last word is 0. */
static void pack_bits(uint64_t *words, uint8_t bytes[ROW_BLOCK], size_t count) {
    memset(bytes + count, 0, ROW_BLOCK - count);
    for (size_t w = 0; w * 64 < count; w++) {
        uint64_t bits = 0, eight;
        for (size_t b = 0; b < 8; b++) {
            memcpy(&eight, bytes + w * 64 + b * 8, sizeof eight);
            bits |= (eight * UINT64_C(0x0102040810204080) >> 56) << b * 8; /* byte i to bit i */
        }
        words[w] = bits;
    }
}

static void keep_statuses(uint8_t mask[ROW_BLOCK], const uint8_t *state, unsigned statuses, size_t count) {
    uint8_t wanted[256];
    for (unsigned s = 0; s < sizeof wanted; s++)
        wanted[s] = statuses >> (s < RUN_STATUS_COUNT ? s : (unsigned)RUN_CRASHED) & 1;
    for (size_t i = 0; i < count; i++)
        mask[i] &= wanted[state[i]];
}

static void select_blocks(struct row_set *set, const struct result *result, struct block_condition *condition,
                          unsigned statuses) {
    uint8_t mask[ROW_BLOCK];
    for (uint64_t begin = 0; begin < set->row_count; begin += ROW_BLOCK) {
        size_t count =
            set->row_count - begin < ROW_BLOCK ? (size_t)(set->row_count - begin) : (size_t)ROW_BLOCK;
        if (condition)
            block_condition_mask(condition, mask, begin, count);
        else
            memset(mask, 1, count);
        if (statuses) keep_statuses(mask, result->state + begin, statuses, count);
        pack_bits(set->bits + begin / 64, mask, count);
    }
    for (size_t w = 0; w < row_set_words(set->row_count); w++)
        set->count += (uint64_t)__builtin_popcountll(set->bits[w]);
}

status row_set_make(struct row_set *out, uint64_t row_count, struct error *err) {
    *out = (struct row_set){.row_count = row_count};
    out->bits = calloc(row_set_words(row_count) + BLOCK_WORDS, sizeof *out->bits);
    return out->bits ? OK : error_set(err, ERR_MEMORY, "out of memory for a choice of runs");
}

status row_select(struct row_set *out, struct result *result, const char *where, unsigned statuses,
                  struct error *err) {
    struct query_columns columns = {0};
    struct block_condition *condition = NULL;
    status rc = row_set_make(out, result->row_count, err);
    if (rc == OK && where && *where) {
        rc = query_columns_open(&columns, result, err);
        if (rc == OK) rc = block_condition_open(&condition, &columns, where, err);
    }
    if (rc == OK) select_blocks(out, result, condition, statuses);
    block_condition_close(condition);
    query_columns_close(&columns);
    return rc;
}

void row_set_clear(struct row_set *set) {
    free(set->bits);
    *set = (struct row_set){0};
}

size_t row_set_block(const struct row_set *set, uint64_t begin, uint16_t offsets[ROW_BLOCK]) {
    size_t count = 0;
    const uint64_t *words = set->bits + begin / 64; /* made with room for a whole block */
    uint64_t common = ~UINT64_C(0);
    for (size_t w = 0; w < BLOCK_WORDS; w++)
        common &= words[w];
    if (common == ~UINT64_C(0)) {
        for (size_t i = 0; i < ROW_BLOCK; i++)
            offsets[i] = (uint16_t)i;
        return ROW_BLOCK;
    }
    for (size_t w = 0; w < BLOCK_WORDS; w++)
        for (uint64_t bits = words[w]; bits; bits &= bits - 1)
            offsets[count++] = (uint16_t)(w * 64 + (size_t)__builtin_ctzll(bits));
    return count;
}
