/* A run's record: a msgpack array of fixed shape, FIELD_COUNT values in the order of enum below.
 *
 * Metrics and sparkline are little-endian arrays in a bin: 115 tagged numbers would cost more to read and
 * write than all the rest together. Everything is checked before it is used: a worker runs strangers'
 * strategies, and the coordinator that decodes its records has all the rights that the worker lacks. */
#include "results/run_record.h"
#include "base/arena.h"
#include "results/chunk.h"
#include "results/msgpack_cursor.h"
#include "results/trade_pack.h"

#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records and chunk images are little-endian");

enum { RECORD_VERSION = 1 };
enum {
    FIELD_VERSION,
    FIELD_RUN,
    FIELD_SERIES,
    FIELD_STATUS,
    FIELD_ELAPSED,
    FIELD_METRICS,   /* bin of METRIC_COUNT doubles, nil unless done */
    FIELD_SPARKLINE, /* bin of SPARKLINE_POINTS floats, nil unless done */
    FIELD_TRADE_TOTAL,
    FIELD_TRADE_COUNT,
    FIELD_TRADES, /* bin (trade_pack.h), nil when there are none */
    FIELD_TRADE_TEXTS,
    FIELD_EQUITY_COUNT,
    FIELD_EQUITY, /* bin (curve_pack), nil when not kept */
    FIELD_ERROR_TYPE,
    FIELD_ERROR_MESSAGE,
    FIELD_TRACEBACK,
    FIELD_ERROR_LINE,
    FIELD_ERROR_BAR,
    FIELD_LOG,
    FIELD_WARNINGS,
    FIELD_ERROR_COLUMN, /* journals of before it are read, too */
    FIELD_COUNT
};

struct run_record_decoder {
    struct arena strings;
    struct trade *trades;
    size_t trade_capacity;
};

const char *run_status_name(enum run_status state) {
    static const char *const names[RUN_STATUS_COUNT] = {"done", "failed", "time limit", "memory limit",
                                                        "crashed"};
    return (unsigned)state < RUN_STATUS_COUNT ? names[state] : "unknown";
}

/* ---- encode ---- */

static void pack_string(msgpack_packer *packer, const char *string, size_t length) {
    if (!string) {
        msgpack_pack_nil(packer);
        return;
    }
    msgpack_pack_str(packer, length);
    msgpack_pack_str_body(packer, string, length);
}

static void pack_c_string(msgpack_packer *packer, const char *string) {
    pack_string(packer, string, string ? strlen(string) : 0);
}

static void pack_binary(msgpack_packer *packer, const void *data, size_t length) {
    msgpack_pack_bin(packer, length);
    msgpack_pack_bin_body(packer, data, length);
}

static void pack_figures(msgpack_packer *packer, const struct run_record *record) {
    if (record->status == RUN_DONE) {
        pack_binary(packer, record->metrics, sizeof record->metrics);
        pack_binary(packer, record->sparkline, sizeof record->sparkline);
    } else {
        msgpack_pack_nil(packer);
        msgpack_pack_nil(packer);
    }
}

static status pack_trades(msgpack_packer *packer, const struct run_record *record, struct error *err) {
    bool kept = record->trades && record->trade_count > 0;
    msgpack_pack_uint64(packer, record->trade_total);
    msgpack_pack_uint64(packer, kept ? record->trade_count : 0);
    if (!kept) {
        msgpack_pack_nil(packer);
        msgpack_pack_array(packer, 0);
        return OK;
    }
    struct text block = {0};
    status rc = trades_pack(&block, record->trades, record->trade_count, err);
    pack_binary(packer, block.data, block.length);
    text_clear(&block);
    msgpack_pack_array(packer, record->trade_text_count);
    for (size_t i = 0; i < record->trade_text_count; i++)
        pack_c_string(packer, record->trade_texts[i]);
    return rc;
}

static status pack_equity(msgpack_packer *packer, const struct run_record *record, struct error *err) {
    bool kept = record->equity_count > 0 && (record->equity || record->equity_chunk);
    msgpack_pack_uint64(packer, kept ? record->equity_count : 0);
    if (!kept) {
        msgpack_pack_nil(packer);
        return OK;
    }
    if (!record->equity) {
        pack_binary(packer, record->equity_chunk, record->equity_chunk_length);
        return OK;
    }
    struct text packed = {0};
    status rc = curve_pack(&packed, record->equity, record->equity_count, err);
    pack_binary(packer, packed.data, packed.length);
    text_clear(&packed);
    return rc;
}

status run_record_encode(struct text *out, const struct run_record *record, struct error *err) {
    size_t start = out->length;
    msgpack_packer packer;
    msgpack_packer_init(&packer, out, msgpack_write_text);
    msgpack_pack_array(&packer, FIELD_COUNT);
    msgpack_pack_int(&packer, RECORD_VERSION);
    msgpack_pack_uint64(&packer, record->run);
    msgpack_pack_uint32(&packer, record->series);
    msgpack_pack_int(&packer, record->status);
    msgpack_pack_double(&packer, record->elapsed_seconds);
    pack_figures(&packer, record);
    status rc = pack_trades(&packer, record, err);
    if (rc == OK) rc = pack_equity(&packer, record, err);
    pack_c_string(&packer, record->error_type);
    pack_c_string(&packer, record->error_message);
    pack_c_string(&packer, record->traceback);
    msgpack_pack_int(&packer, record->error_line);
    msgpack_pack_int64(&packer, record->error_bar);
    pack_string(&packer, record->log_length ? record->log : NULL, record->log_length);
    pack_string(&packer, record->warnings_length ? record->warnings : NULL, record->warnings_length);
    msgpack_pack_int(&packer, record->error_column);
    if (rc != OK) out->length = start;
    return rc;
}

/* ---- decode ---- */

status run_record_decoder_open(struct run_record_decoder **out, struct error *err) {
    *out = calloc(1, sizeof **out);
    return *out ? OK : error_set(err, ERR_MEMORY, "out of memory for a record decoder");
}

void run_record_decoder_close(struct run_record_decoder *decoder) {
    if (!decoder) return;
    arena_clear(&decoder->strings);
    free(decoder->trades);
    free(decoder);
}

/* A bin of exactly size bytes into out; nil (or a bad record) leaves false. */
static bool read_block(struct msgpack_cursor *cursor, void *out, size_t size) {
    if (cursor_take_nil(cursor)) return false;
    size_t length;
    const void *data = cursor_binary(cursor, &length);
    if (length != size) cursor->bad = true;
    if (cursor->bad) return false;
    memcpy(out, data, size);
    return true;
}

static void read_figures(struct msgpack_cursor *cursor, struct run_record *record) {
    bool done = record->status == RUN_DONE;
    bool has_metrics = read_block(cursor, record->metrics, sizeof record->metrics);
    bool has_sparkline = read_block(cursor, record->sparkline, sizeof record->sparkline);
    if (has_metrics != done || has_sparkline != done) cursor->bad = true;
    if (done) return;
    for (size_t i = 0; i < METRIC_COUNT; i++)
        record->metrics[i] = __builtin_nan("");
    for (size_t i = 0; i < SPARKLINE_POINTS; i++)
        record->sparkline[i] = __builtin_nanf("");
}

/* NUL-terminated copy, NULL for nil. */
static const char *read_string(struct run_record_decoder *self, struct msgpack_cursor *cursor,
                               size_t *length) {
    *length = 0;
    if (cursor_take_nil(cursor)) return NULL;
    const char *string = cursor_string(cursor, length);
    return string ? arena_copy(&self->strings, string, *length) : NULL;
}

static void read_trade_texts(struct run_record_decoder *self, struct msgpack_cursor *cursor,
                             struct run_record *record, bool wanted) {
    size_t count = cursor_array(cursor), length;
    record->trade_text_count = count;
    if (!wanted) {
        for (size_t i = 0; i < count && !cursor->bad; i++)
            cursor_string(cursor, &length);
        return;
    }
    const char **texts = count ? arena_alloc(&self->strings, count * sizeof *texts) : NULL;
    for (size_t i = 0; i < count && !cursor->bad; i++) {
        texts[i] = read_string(self, cursor, &length);
        if (!texts[i]) cursor->bad = true;
    }
    record->trade_texts = texts;
}

/* Room for count trades; false when out of memory. */
static bool reserve_trades(struct run_record_decoder *self, size_t count) {
    if (count <= self->trade_capacity) return true;
    free(self->trades);
    self->trades = malloc(count * sizeof *self->trades);
    self->trade_capacity = self->trades ? count : 0;
    return self->trades != NULL;
}

static status read_trades(struct run_record_decoder *self, struct msgpack_cursor *cursor,
                          struct run_record *record, bool wanted, struct error *err) {
    record->trade_total = cursor_uint(cursor);
    record->trade_count = (size_t)cursor_uint(cursor);
    size_t length = 0;
    const void *block = cursor_take_nil(cursor) ? NULL : cursor_binary(cursor, &length);
    read_trade_texts(self, cursor, record, wanted);
    if ((record->trade_count > 0) != (block != NULL) || !trades_plausible(record->trade_count, length))
        cursor->bad = true;
    if (cursor->bad || !wanted || !block) return OK;
    if (!reserve_trades(self, record->trade_count))
        return error_set(err, ERR_MEMORY, "out of memory for %zu trades", record->trade_count);
    if (trades_unpack(self->trades, record->trade_count, record->trade_text_count, block, length))
        record->trades = self->trades;
    else
        cursor->bad = true;
    return OK;
}

static void read_equity(struct msgpack_cursor *cursor, struct run_record *record) {
    record->equity_count = (size_t)cursor_uint(cursor);
    if (!cursor_take_nil(cursor)) record->equity_chunk = cursor_binary(cursor, &record->equity_chunk_length);
    const unsigned char *packed = record->equity_chunk, *image;
    size_t left = record->equity_chunk_length, images = 0, image_length;
    while (curve_next_image(&packed, &left, &image, &image_length))
        images++;
    /* deflate's limit is 1032 : 1: a larger count would be a large allocation for whoever unpacks */
    if (left != 0 || images != curve_chunks(record->equity_count) ||
        record->equity_count / 130 > record->equity_chunk_length)
        cursor->bad = true;
}

/* How many fields there are. */
static size_t read_head(struct msgpack_cursor *cursor, struct run_record *record) {
    size_t fields = cursor_array(cursor);
    if (fields < FIELD_ERROR_COLUMN || fields > FIELD_COUNT || cursor_uint(cursor) != RECORD_VERSION)
        cursor->bad = true;
    record->run = cursor_uint(cursor);
    uint64_t series = cursor_uint(cursor), state = cursor_uint(cursor);
    record->elapsed_seconds = cursor_double(cursor);
    if (series > UINT32_MAX || state >= RUN_STATUS_COUNT) cursor->bad = true;
    record->series = (uint32_t)series;
    record->status = cursor->bad ? RUN_CRASHED : (enum run_status)state;
    return fields;
}

static int read_place(struct msgpack_cursor *cursor) {
    int64_t number = cursor_int(cursor);
    if (number < 0 || number > INT32_MAX) cursor->bad = true;
    return (int)number;
}

static void read_tail(struct run_record_decoder *self, struct msgpack_cursor *cursor,
                      struct run_record *record, size_t fields) {
    size_t length;
    record->error_type = read_string(self, cursor, &length);
    record->error_message = read_string(self, cursor, &length);
    record->traceback = read_string(self, cursor, &length);
    record->error_line = read_place(cursor);
    record->error_bar = cursor_int(cursor);
    record->log = read_string(self, cursor, &record->log_length);
    record->warnings = read_string(self, cursor, &record->warnings_length);
    record->error_column = fields > FIELD_ERROR_COLUMN ? read_place(cursor) : 0;
}

status run_record_decode(struct run_record_decoder *decoder, struct run_record *record, const void *data,
                         size_t length, bool with_trades, struct error *err) {
    struct msgpack_cursor cursor = msgpack_cursor_of(data, length);
    arena_reset(&decoder->strings);
    record->trades = NULL;
    record->trade_texts = NULL;
    record->equity = NULL;
    record->equity_chunk = NULL;
    record->equity_chunk_length = 0;
    size_t fields = read_head(&cursor, record);
    read_figures(&cursor, record);
    status rc = read_trades(decoder, &cursor, record, with_trades, err);
    if (rc != OK) return rc;
    read_equity(&cursor, record);
    read_tail(decoder, &cursor, record, fields);
    if (cursor_ended(&cursor)) return OK;
    return error_set(err, ERR_CORRUPT, "a run's record of %zu bytes is damaged near byte %zu", length,
                     (size_t)(cursor.at - (const unsigned char *)data));
}

status run_record_equity(const struct run_record *record, double *out, struct error *err) {
    if (curve_unpack(out, record->equity_count, record->equity_chunk, record->equity_chunk_length)) return OK;
    return error_set(err, ERR_CORRUPT, "the equity curve of run %llu is damaged",
                     (unsigned long long)record->run);
}
