/* Trades by column. Most of a trade follows from the one before it: the balance is the last one less cost and
 * fee, what is sold is what was held. So each double is kept as the XOR with a prediction (predict() below):
 * equal bits become zeros, nearly equal ones leave their low bytes only. Together with shuffled bytes and bar
 * steps that deflates to a quarter and in half the time of the plain columns. Predictions are plain IEEE
 * operations, the same on both sides.
 *
 * The unpacking side trusts nothing: enumerations and indices are checked, because what comes out is used as
 * such. */
#include "results/trade_pack.h"
#include "results/chunk.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    DOUBLES = 7,
    BYTE_COLUMNS = 3, /* side, stamp, after_close */
    TRADE_BYTES = 8 + DOUBLES * 8 + 4 + BYTE_COLUMNS,
    DEFLATE_RATIO_MAX = 1040 /* deflate's limit is 1032 : 1 */
};

/* In the order in which they can be predicted: each from the ones above it and from the trade before. */
static const size_t double_offsets[DOUBLES] = {
    offsetof(struct trade, price),    offsetof(struct trade, amount),  offsetof(struct trade, fee),
    offsetof(struct trade, position), offsetof(struct trade, balance), offsetof(struct trade, total_value),
    offsetof(struct trade, profit),
};
static const size_t byte_offsets[BYTE_COLUMNS] = {
    offsetof(struct trade, side),
    offsetof(struct trade, stamp),
    offsetof(struct trade, after_close),
};

/* What double `column` of `now` should be, from `before` and from the columns of now that come before it. */
static double predict(size_t column, const struct trade *before, const struct trade *now) {
    bool sells = now->side == TRADE_SELL;
    double cost_before = before->price * before->amount;
    switch (double_offsets[column]) {
    case offsetof(struct trade, price):
        return before->price;
    case offsetof(struct trade, amount):
        return sells ? before->position : before->amount;
    case offsetof(struct trade, fee):
        return cost_before > 0 ? now->price * now->amount * (before->fee / cost_before) : 0.0;
    case offsetof(struct trade, position):
        return sells ? before->position - now->amount : before->position + now->amount;
    case offsetof(struct trade, balance):
        return sells ? before->balance + (now->price * now->amount - now->fee)
                     : before->balance - (now->price * now->amount + now->fee);
    case offsetof(struct trade, total_value):
        return now->balance + now->position * now->price;
    default: /* profit of a round of one buy and one sell */
        return sells ? now->total_value - before->total_value - before->fee : 0.0;
    }
}

static uint64_t bits_at(const struct trade *trade, size_t offset) {
    uint64_t bits;
    memcpy(&bits, (const char *)trade + offset, sizeof bits);
    return bits;
}

static uint64_t predicted_bits(size_t column, const struct trade *before, const struct trade *now) {
    double value = predict(column, before, now);
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Byte b of element i at out[b * count + i]. */
static void put_wide(unsigned char *out, size_t count, size_t i, uint64_t bits) {
    for (size_t byte = 0; byte < 8; byte++)
        out[byte * count + i] = (unsigned char)(bits >> (8 * byte));
}

static uint64_t get_wide(const unsigned char *in, size_t count, size_t i) {
    uint64_t bits = 0;
    for (size_t byte = 0; byte < 8; byte++)
        bits |= (uint64_t)in[byte * count + i] << (8 * byte);
    return bits;
}

static const struct trade no_trade;

static void pack_columns(unsigned char *columns, const struct trade *trades, size_t count) {
    const size_t wide = 8 * count;
    for (size_t i = 0; i < count; i++) {
        const struct trade *before = i ? &trades[i - 1] : &no_trade;
        unsigned char *column = columns;
        for (size_t c = 0; c < BYTE_COLUMNS; c++, column += count)
            column[i] = ((const unsigned char *)&trades[i])[byte_offsets[c]];
        for (size_t byte = 0; byte < 4; byte++, column += count)
            column[i] = (unsigned char)(trades[i].text >> (8 * byte));
        put_wide(column, count, i, (uint64_t)trades[i].bar - (uint64_t)before->bar);
        for (size_t c = 0; c < DOUBLES; c++)
            put_wide(column += wide, count, i,
                     bits_at(&trades[i], double_offsets[c]) ^ predicted_bits(c, before, &trades[i]));
    }
}

static void unpack_columns(struct trade *trades, const unsigned char *columns, size_t count) {
    const size_t wide = 8 * count;
    memset(trades, 0, count * sizeof *trades);
    for (size_t i = 0; i < count; i++) {
        const struct trade *before = i ? &trades[i - 1] : &no_trade;
        const unsigned char *column = columns;
        for (size_t c = 0; c < BYTE_COLUMNS; c++, column += count)
            ((unsigned char *)&trades[i])[byte_offsets[c]] = column[i];
        for (size_t byte = 0; byte < 4; byte++, column += count)
            trades[i].text |= (uint32_t)column[i] << (8 * byte);
        trades[i].bar = (int64_t)(get_wide(column, count, i) + (uint64_t)before->bar);
        for (size_t c = 0; c < DOUBLES; c++) {
            uint64_t bits = get_wide(column += wide, count, i) ^ predicted_bits(c, before, &trades[i]);
            memcpy((char *)&trades[i] + double_offsets[c], &bits, sizeof bits);
        }
    }
}

status trades_pack(struct text *out, const struct trade *trades, size_t count, struct error *err) {
    unsigned char *columns = malloc(count * TRADE_BYTES);
    if (!columns) return error_set(err, ERR_MEMORY, "out of memory for %zu trades", count);
    pack_columns(columns, trades, count);
    chunk_deflate(out, columns, count * TRADE_BYTES);
    free(columns);
    return OK;
}

bool trades_plausible(size_t count, size_t length) {
    return count <= length * (DEFLATE_RATIO_MAX / TRADE_BYTES + 1);
}

static bool trade_is_valid(const struct trade *trade, size_t text_count) {
    return trade->bar >= 0 && trade->side <= TRADE_SELL && trade->stamp <= STAMP_TEXT &&
           trade->after_close <= 1 && (trade->stamp != STAMP_TEXT || trade->text < text_count);
}

bool trades_unpack(struct trade *trades, size_t count, size_t text_count, const void *block, size_t length) {
    unsigned char *columns = malloc(count * TRADE_BYTES);
    bool valid = columns && chunk_inflate(columns, count * TRADE_BYTES, block, length);
    if (valid) {
        unpack_columns(trades, columns, count);
        for (size_t i = 0; i < count && valid; i++)
            valid = trade_is_valid(&trades[i], text_count);
    }
    free(columns);
    return valid;
}
