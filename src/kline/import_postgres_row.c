/* One row of a table as a candle, from a binary COPY or a binary result. In a COPY: a 16-bit field count,
 * then for each field a 32-bit length (-1: NULL) and its bytes, all big-endian.
 *
 * Integers of price columns become doubles, whole doubles of integer columns become integers; a NaN of an
 * optional column counts as unknown, as a NULL does. Anything else a candle cannot hold is refused rather
 * than rounded or dropped. */
#include "kline/import_postgres_row.h"

#include "base/clock.h"
#include "kline/numeric.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum fault { FAULT_NONE, FAULT_NULL, FAULT_NAN, FAULT_INFINITE, FAULT_FRACTIONAL, FAULT_MALFORMED };

static const char *const fault_texts[] = {
    [FAULT_NULL] = "is NULL",
    [FAULT_NAN] = "is NaN",
    [FAULT_INFINITE] = "is infinite or beyond the largest double",
    [FAULT_FRACTIONAL] = "is no whole number of 64 bits",
    [FAULT_MALFORMED] = "is not in the binary form of its type",
};

static const size_t offsets[KLINE_COLUMN_COUNT] = {
    [KLINE_OPEN_TIME] = offsetof(struct kline_row, open_time),
    [KLINE_OPEN] = offsetof(struct kline_row, open),
    [KLINE_HIGH] = offsetof(struct kline_row, high),
    [KLINE_LOW] = offsetof(struct kline_row, low),
    [KLINE_CLOSE] = offsetof(struct kline_row, close),
    [KLINE_VOLUME] = offsetof(struct kline_row, volume),
    [KLINE_CLOSE_TIME] = offsetof(struct kline_row, close_time),
    [KLINE_QUOTE_VOLUME] = offsetof(struct kline_row, quote_volume),
    [KLINE_TRADES_COUNT] = offsetof(struct kline_row, trades_count),
    [KLINE_TAKER_BUY_BASE] = offsetof(struct kline_row, taker_buy_base),
    [KLINE_TAKER_BUY_QUOTE] = offsetof(struct kline_row, taker_buy_quote),
};

static uint32_t read_u32(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t read_u64(const unsigned char *p) {
    return (uint64_t)read_u32(p) << 32 | read_u32(p + 4);
}

static enum fault from_numeric(enum numeric_result result) {
    switch (result) {
    case NUMERIC_OK:
        return FAULT_NONE;
    case NUMERIC_NAN:
        return FAULT_NAN;
    case NUMERIC_INFINITE:
        return FAULT_INFINITE;
    case NUMERIC_FRACTIONAL:
        return FAULT_FRACTIONAL;
    default:
        return FAULT_MALFORMED;
    }
}

/* smallint, integer or bigint. */
static enum fault decode_whole(int64_t *out, const unsigned char *p, size_t length) {
    switch (length) {
    case 2:
        *out = (int16_t)((unsigned)p[0] << 8 | p[1]);
        return FAULT_NONE;
    case 4:
        *out = (int32_t)read_u32(p);
        return FAULT_NONE;
    case 8:
        *out = (int64_t)read_u64(p);
        return FAULT_NONE;
    default:
        return FAULT_MALFORMED;
    }
}

/* real or double precision. */
static enum fault decode_float(double *out, const unsigned char *p, size_t length) {
    if (length == 4) {
        uint32_t bits = read_u32(p);
        float narrow;
        memcpy(&narrow, &bits, sizeof narrow);
        *out = (double)narrow;
    } else if (length == 8) {
        uint64_t bits = read_u64(p);
        memcpy(out, &bits, sizeof *out);
    } else {
        return FAULT_MALFORMED;
    }
    return isnan(*out) ? FAULT_NAN : isinf(*out) ? FAULT_INFINITE : FAULT_NONE;
}

static enum fault decode_real(double *out, unsigned type, const unsigned char *p, size_t length) {
    if (type == POSTGRES_NUMERIC) return from_numeric(numeric_to_double(out, p, length));
    if (type == POSTGRES_FLOAT4 || type == POSTGRES_FLOAT8) return decode_float(out, p, length);
    int64_t whole = 0;
    enum fault fault = decode_whole(&whole, p, length);
    *out = (double)whole;
    return fault;
}

static enum fault decode_integer(int64_t *out, unsigned type, const unsigned char *p, size_t length) {
    if (type == POSTGRES_NUMERIC) return from_numeric(numeric_to_int64(out, p, length));
    if (type != POSTGRES_FLOAT4 && type != POSTGRES_FLOAT8) return decode_whole(out, p, length);
    double value = 0.0;
    enum fault fault = decode_float(&value, p, length);
    if (fault != FAULT_NONE) return fault;
    if (value != floor(value) || fabs(value) > 0x1p53) return FAULT_FRACTIONAL;
    *out = (int64_t)value;
    return FAULT_NONE;
}

static status refuse(const struct postgres_table *table, const struct kline_row *row,
                     enum kline_column column, enum fault fault, struct error *err) {
    char when[CLOCK_TEXT_MAX];
    if (column == KLINE_OPEN_TIME)
        return error_set(err, ERR_INPUT, "table %s: a row's open_time %s", table->name, fault_texts[fault]);
    clock_format_iso(when, row->open_time);
    return error_set(err, ERR_INPUT, "table %s, open_time %lld (%s), column %s: the value %s", table->name,
                     (long long)row->open_time, when, postgres_column_name(column), fault_texts[fault]);
}

static enum fault decode_field(struct kline_row *row, struct postgres_field field, const unsigned char *p,
                               size_t length) {
    char *place = (char *)row + offsets[field.column];
    if (!kline_column_is_integer(field.column))
        return decode_real((double *)(void *)place, field.type, p, length);
    int64_t value = 0;
    enum fault fault = decode_integer(&value, field.type, p, length);
    if (fault == FAULT_NONE && field.column != KLINE_TRADES_COUNT) value = postgres_time_ms(value);
    if (fault == FAULT_NONE) memcpy(place, &value, sizeof value);
    return fault;
}

/* A row whose columns are all unknown. */
static void begin_row(struct kline_row *row) {
    *row = (struct kline_row){.close_time = INT64_MIN,
                              .trades_count = -1,
                              .quote_volume = NAN,
                              .taker_buy_base = NAN,
                              .taker_buy_quote = NAN};
}

/* size < 0: NULL. */
static status add_value(struct kline_row *row, const struct postgres_table *table, int index,
                        const unsigned char *p, int32_t size, struct error *err) {
    struct postgres_field field = table->fields[index];
    bool is_optional = field.column > KLINE_VOLUME;
    enum fault fault = size < 0 ? FAULT_NULL : decode_field(row, field, p, (size_t)size);
    if (fault != FAULT_NONE && !(is_optional && (fault == FAULT_NULL || fault == FAULT_NAN)))
        return refuse(table, row, field.column, fault, err);
    return OK;
}

static void end_row(struct kline_row *row, const struct postgres_table *table) {
    if (row->close_time == INT64_MIN) row->close_time = interval_next(table->interval, row->open_time) - 1;
}

static status malformed(const struct postgres_table *table, struct error *err) {
    return error_set(err, ERR_NETWORK, "table %s: the server sent a malformed row", table->name);
}

status postgres_row_decode(struct kline_row *out, const struct postgres_table *table,
                           const unsigned char *data, size_t length, struct error *err) {
    const unsigned char *p = data + 2, *end = data + length;
    if (length < 2 || (data[0] << 8 | data[1]) != table->field_count) return malformed(table, err);
    begin_row(out);
    for (int i = 0; i < table->field_count; i++) {
        if (end - p < 4) return malformed(table, err);
        int32_t size = (int32_t)read_u32(p);
        p += 4;
        if (size > end - p) return malformed(table, err);
        status rc = add_value(out, table, i, p, size, err);
        if (rc != OK) return rc;
        if (size > 0) p += size;
    }
    end_row(out, table);
    return OK;
}

status postgres_result_decode(struct kline_row *out, const struct postgres_table *table,
                              const PGresult *result, int row, struct error *err) {
    if (PQnfields(result) != table->field_count) return malformed(table, err);
    begin_row(out);
    for (int i = 0; i < table->field_count; i++) {
        int32_t size = PQgetisnull(result, row, i) ? -1 : PQgetlength(result, row, i);
        const unsigned char *data = (const unsigned char *)PQgetvalue(result, row, i);
        status rc = add_value(out, table, i, data, size, err);
        if (rc != OK) return rc;
    }
    end_row(out, table);
    return OK;
}
