/* Records: what goes in comes out, msgpack-c agrees on the bytes, and no bytes whatever make the decoder
 * crash, read beyond its input or hand out what breaks its promises. Run under AddressSanitizer too: every
 * hostile input lies in memory of its exact size. */
#include "record_samples.h"
#include "results/chunk.h"

#include <msgpack.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>
#include <cmocka.h>

static struct text encode(const struct run_record *record) {
    struct text out = {0};
    struct error err;
    assert_int_equal(run_record_encode(&out, record, &err), OK);
    return out;
}

static struct run_record_decoder *new_decoder(void) {
    struct run_record_decoder *decoder;
    assert_int_equal(run_record_decoder_open(&decoder, NULL), OK);
    return decoder;
}

static void assert_same_text(const char *a, const char *b) {
    if (!a || !b)
        assert_ptr_equal(a, b);
    else
        assert_string_equal(a, b);
}

static void assert_same_record(const struct run_record *want, const struct run_record *got) {
    assert_int_equal(got->run, want->run);
    assert_int_equal(got->series, want->series);
    assert_int_equal(got->status, want->status);
    assert_true(got->elapsed_seconds == want->elapsed_seconds);
    assert_int_equal(got->trade_total, want->trade_total);
    assert_int_equal(got->trade_count, want->trade_count);
    if (want->status == RUN_DONE) {
        assert_memory_equal(got->metrics, want->metrics, sizeof want->metrics);
        assert_memory_equal(got->sparkline, want->sparkline, sizeof want->sparkline);
    } else {
        assert_true(isnan(got->metrics[0]) && isnan(got->metrics[METRIC_COUNT - 1]));
    }
    assert_same_text(got->error_type, want->error_type);
    assert_same_text(got->error_message, want->error_message);
    assert_same_text(got->traceback, want->traceback);
    assert_int_equal(got->error_line, want->error_line);
    assert_int_equal(got->error_column, want->error_column);
    assert_int_equal(got->error_bar, want->error_bar);
    assert_same_text(got->log, want->log);
    assert_int_equal(got->log_length, want->log_length);
    assert_same_text(got->warnings, want->warnings);
    assert_int_equal(got->warnings_length, want->warnings_length);
}

static void every_field_comes_back(void **state) {
    (void)state;
    struct run_record_decoder *decoder = new_decoder();
    struct sample *sample = malloc(sizeof *sample);
    struct run_record got;
    double curve[SAMPLE_EQUITY_MAX];
    for (uint64_t run = 0; run < 300; run++) {
        sample_make(sample, run << (run % 50), (uint32_t)run, run % SAMPLE_EQUITY_MAX);
        struct text bytes = encode(&sample->record);
        assert_int_equal(run_record_decode(decoder, &got, bytes.data, bytes.length, true, NULL), OK);
        assert_same_record(&sample->record, &got);
        for (size_t t = 0; t < got.trade_count; t++)
            assert_memory_equal(&got.trades[t], &sample->trades[t], sizeof got.trades[t]);
        assert_int_equal(got.trade_text_count, sample->record.trade_text_count);
        for (size_t t = 0; t < got.trade_text_count; t++)
            assert_string_equal(got.trade_texts[t], sample->texts[t]);
        assert_int_equal(got.equity_count, sample->record.equity_count);
        assert_int_equal(run_record_equity(&got, curve, NULL), OK);
        assert_memory_equal(curve, sample->equity, got.equity_count * sizeof *curve);
        text_clear(&bytes);
    }
    free(sample);
    run_record_decoder_close(decoder);
}

/* Its array header says one field more, its last field is the column. */
static void a_record_of_before_columns_is_read(void **state) {
    (void)state;
    struct run_record_decoder *decoder = new_decoder();
    struct sample sample;
    struct run_record got;
    sample_make(&sample, 5, 2, 10); /* 5 % 11 == 5: it fails */
    assert_true(sample.record.error_line > 0);
    sample.record.error_column = 9;
    struct text bytes = encode(&sample.record);
    assert_memory_equal(bytes.data, "\xdc\x00\x15", 3);
    assert_int_equal(bytes.data[bytes.length - 1], 9);
    bytes.data[2] = 0x14;
    assert_int_equal(run_record_decode(decoder, &got, bytes.data, bytes.length, true, NULL), ERR_CORRUPT);
    assert_int_equal(run_record_decode(decoder, &got, bytes.data, bytes.length - 1, true, NULL), OK);
    sample.record.error_column = 0;
    assert_same_record(&sample.record, &got);
    text_clear(&bytes);
    run_record_decoder_close(decoder);
}

static void without_trades_only_their_number_is_told(void **state) {
    (void)state;
    struct run_record_decoder *decoder = new_decoder();
    struct sample sample;
    sample_make(&sample, 1, 0, 0);
    struct text bytes = encode(&sample.record);
    struct run_record got;
    assert_int_equal(run_record_decode(decoder, &got, bytes.data, bytes.length, false, NULL), OK);
    assert_null(got.trades);
    assert_int_equal(got.trade_count, sample_trade_count(1));
    text_clear(&bytes);
    run_record_decoder_close(decoder);
}

static void a_decoded_record_encodes_to_the_same_bytes(void **state) {
    (void)state;
    struct run_record_decoder *decoder = new_decoder();
    struct sample sample;
    for (uint64_t run = 1; run < 60; run++) {
        sample_make(&sample, run, 3, 200);
        struct text first = encode(&sample.record);
        struct run_record got;
        assert_int_equal(run_record_decode(decoder, &got, first.data, first.length, true, NULL), OK);
        struct text second = encode(&got);
        assert_int_equal(first.length, second.length);
        assert_memory_equal(first.data, second.data, first.length);
        text_clear(&first);
        text_clear(&second);
    }
    run_record_decoder_close(decoder);
}

static void the_record_is_msgpack_as_msgpack_c_reads_it(void **state) {
    (void)state;
    struct sample sample;
    sample_make(&sample, 5, 2, 10); /* 5 % 11 == 5: it fails */
    struct text bytes = encode(&sample.record);
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t end = 0;
    assert_int_equal(msgpack_unpack_next(&unpacked, bytes.data, bytes.length, &end), MSGPACK_UNPACK_SUCCESS);
    assert_int_equal(end, bytes.length);
    assert_int_equal(unpacked.data.type, MSGPACK_OBJECT_ARRAY);
    const msgpack_object *fields = unpacked.data.via.array.ptr;
    assert_int_equal(fields[1].via.u64, 5);
    assert_int_equal(fields[2].via.u64, 2);
    assert_int_equal(fields[3].via.u64, RUN_FAILED);
    assert_int_equal(fields[5].type, MSGPACK_OBJECT_NIL);
    assert_int_equal(fields[13].via.str.size, strlen("ValueError"));
    assert_memory_equal(fields[13].via.str.ptr, "ValueError", 10);
    assert_int_equal(fields[16].via.u64, 7);
    msgpack_unpacked_destroy(&unpacked);
    text_clear(&bytes);
}

/* Touches everything a decoded record promises. */
static void use_record(const struct run_record *record) {
    volatile double sum = record->elapsed_seconds + record->metrics[0] + (double)record->sparkline[0];
    size_t length = record->log_length + record->warnings_length;
    if (record->error_message) length += strlen(record->error_message);
    if (record->traceback) length += strlen(record->traceback);
    for (size_t t = 0; record->trades && t < record->trade_count; t++) {
        const struct trade *trade = &record->trades[t];
        assert_true(trade->side <= TRADE_SELL && trade->stamp <= STAMP_TEXT && trade->after_close <= 1);
        sum += trade->price;
        if (trade->stamp == STAMP_TEXT) length += strlen(record->trade_texts[trade->text]);
    }
    assert_true((unsigned)record->status < RUN_STATUS_COUNT);
    assert_true(record->equity_count / 130 <= record->equity_chunk_length);
    double *curve = malloc((record->equity_count + 1) * sizeof *curve);
    (void)run_record_equity(record, curve, NULL); /* damaged images are refused, not overrun */
    free(curve);
    assert_true(length < 1 << 20);
}

/* Decodes from memory that ends where the input does. */
static bool feed(struct run_record_decoder *decoder, const char *data, size_t length) {
    char *exact = malloc(length ? length : 1);
    memcpy(exact, data, length);
    struct run_record record;
    struct error err = {0};
    status rc = run_record_decode(decoder, &record, exact, length, true, &err);
    if (rc == OK)
        use_record(&record);
    else
        assert_int_equal(rc, ERR_CORRUPT);
    free(exact);
    return rc == OK;
}

static void a_cut_record_is_refused_at_every_length(void **state) {
    (void)state;
    struct run_record_decoder *decoder = new_decoder();
    struct sample sample;
    for (uint64_t run = 3; run < 12; run++) {
        sample_make(&sample, run, 1, 50);
        struct text bytes = encode(&sample.record);
        for (size_t length = 0; length < bytes.length; length++)
            assert_false(feed(decoder, bytes.data, length));
        assert_true(feed(decoder, bytes.data, bytes.length));
        text_add_char(&bytes, '\0');
        assert_false(feed(decoder, bytes.data, bytes.length)); /* nor may anything follow */
        text_clear(&bytes);
    }
    run_record_decoder_close(decoder);
}

static void damaged_records_are_refused_or_harmless(void **state) {
    (void)state;
    struct run_record_decoder *decoder = new_decoder();
    struct sample sample;
    static const unsigned char nasty[] = {0xc1, 0xdd, 0xdf, 0xc6, 0xdb, 0xcf, 0xd3,
                                          0xff, 0x7f, 0x80, 0x00, 0xc0, 0x9f, 0xcb};
    size_t refused = 0, rounds = 60000;
    for (size_t round = 0; round < rounds; round++) {
        sample_make(&sample, 3 + round % 9, 1, 50);
        struct text bytes = encode(&sample.record);
        size_t changes = 1 + sample_mix(round) % 4;
        for (size_t c = 0; c < changes; c++) {
            uint64_t dice = sample_mix(round * 8 + c + 1);
            /* half of the changes hit headers and small fields, not the bulk of the figures */
            size_t at =
                dice % 2 ? dice / 2 % bytes.length
                         : (dice / 2 % 2 ? bytes.length - 1 - dice / 4 % 200 % bytes.length : dice / 4 % 40);
            if (dice >> 60 < 8)
                bytes.data[at] = (char)(bytes.data[at] ^ 1 << (dice >> 32) % 8);
            else
                bytes.data[at] = (char)nasty[(dice >> 32) % sizeof nasty];
        }
        refused += !feed(decoder, bytes.data, bytes.length);
        text_clear(&bytes);
    }
    assert_true(refused > rounds / 10); /* the changes did reach what is checked */
    run_record_decoder_close(decoder);
}

static void claims_of_gigabytes_are_refused_without_taking_them(void **state) {
    (void)state;
    struct run_record_decoder *decoder = new_decoder();
    static const unsigned char claims[][5] = {{0xdd, 0xff, 0xff, 0xff, 0xff},
                                              {0xdf, 0xff, 0xff, 0xff, 0xff},
                                              {0xc6, 0xff, 0xff, 0xff, 0xff},
                                              {0xdb, 0xff, 0xff, 0xff, 0xff}};
    struct sample sample;
    sample_make(&sample, 3, 1, 50);
    struct text bytes = encode(&sample.record);
    for (size_t c = 0; c < 4; c++)
        for (size_t at = 0; at + 5 < bytes.length; at++) {
            struct text copy = {0};
            text_add(&copy, bytes.data, bytes.length);
            memcpy(copy.data + at, claims[c], 5);
            feed(decoder, copy.data, copy.length);
            text_clear(&copy);
        }
    text_clear(&bytes);
    run_record_decoder_close(decoder);
}

static void random_bytes_are_refused(void **state) {
    (void)state;
    struct run_record_decoder *decoder = new_decoder();
    char noise[512];
    for (uint64_t round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (char)(sample_mix(round * sizeof noise + i) >> 7);
        assert_false(feed(decoder, noise, sample_mix(round) % sizeof noise));
    }
    run_record_decoder_close(decoder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_comes_back),
        cmocka_unit_test(a_record_of_before_columns_is_read),
        cmocka_unit_test(without_trades_only_their_number_is_told),
        cmocka_unit_test(a_decoded_record_encodes_to_the_same_bytes),
        cmocka_unit_test(the_record_is_msgpack_as_msgpack_c_reads_it),
        cmocka_unit_test(a_cut_record_is_refused_at_every_length),
        cmocka_unit_test(damaged_records_are_refused_or_harmless),
        cmocka_unit_test(claims_of_gigabytes_are_refused_without_taking_them),
        cmocka_unit_test(random_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
