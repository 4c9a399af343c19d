/* gzip of a source: the bytes come back whole however they come and whatever the room; pauses, an end that is
 * broken off, and what is freed. */
#include "server/http/gzip_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <cmocka.h>

struct feed {
    const char *data;
    size_t length, used, piece; /* piece: bytes a read at most */
    int pause_every, reads, ended;
    bool is_broken; /* at its end */
};

static long read_feed(void *context, char *buffer, size_t max) {
    struct feed *feed = context;
    if (feed->pause_every && ++feed->reads % feed->pause_every == 0) return 0;
    size_t n = feed->length - feed->used;
    if (n == 0) return feed->is_broken ? STREAM_BROKEN : -1;
    if (n > feed->piece) n = feed->piece;
    if (n > max) n = max;
    memcpy(buffer, feed->data + feed->used, n);
    feed->used += n;
    return (long)n;
}

static void end_feed(void *context) {
    ((struct feed *)context)->ended++;
}

static struct stream_source packed_of(struct feed *feed) {
    const struct stream_source plain = {feed, read_feed, end_feed};
    struct stream_source packed;
    struct error err = {0};
    assert_int_equal(gzip_source_open(&packed, &plain, &err), OK);
    return packed;
}

struct bytes {
    char *data;
    size_t length, most_taken; /* most_taken: what one call took of the source */
};

/* Reads to the end, which is returned. */
static long read_all(struct bytes *out, const struct stream_source *source, struct feed *feed, size_t room) {
    char *buffer = malloc(room);
    for (;;) {
        size_t before = feed->used;
        long n = source->read(source->context, buffer, room);
        if (feed->used - before > out->most_taken) out->most_taken = feed->used - before;
        if (n < 0) {
            free(buffer);
            return n;
        }
        assert_true((size_t)n <= room);
        out->data = realloc(out->data, out->length + (size_t)n + 1);
        memcpy(out->data + out->length, buffer, (size_t)n);
        out->length += (size_t)n;
    }
}

static void assert_unpacks_to(const struct bytes *packed, const char *data, size_t length) {
    char *plain = malloc(length + 1);
    z_stream z = {.next_in = (Bytef *)packed->data,
                  .avail_in = (uInt)packed->length,
                  .next_out = (Bytef *)plain,
                  .avail_out = (uInt)length + 1};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.avail_in, 0);
    assert_int_equal(z.total_out, length);
    assert_memory_equal(plain, data, length);
    inflateEnd(&z);
    free(plain);
}

static char *noise(size_t length) {
    char *data = malloc(length + 1);
    unsigned dice = 1;
    for (size_t i = 0; i < length; i++) {
        dice = dice * 1103515245U + 12345U;
        data[i] = (char)(dice >> 16);
    }
    return data;
}

static void passes(const char *data, size_t length) {
    static const size_t pieces[] = {1, 700, 1 << 20}, rooms[] = {1, 100, 65536};
    for (size_t p = 0; p < 3; p++)
        for (size_t r = 0; r < 3; r++)
            for (int pause = 0; pause <= 3; pause += 3) {
                struct feed feed = {.data = data, .length = length, .piece = pieces[p], .pause_every = pause};
                struct stream_source source = packed_of(&feed);
                struct bytes packed = {0};
                assert_int_equal(read_all(&packed, &source, &feed, rooms[r]), -1);
                assert_int_equal(source.read(source.context, packed.data, 1), -1); /* and stays so */
                source.end(source.context);
                assert_int_equal(feed.ended, 1);
                assert_unpacks_to(&packed, data, length);
                free(packed.data);
            }
}

static void what_comes_out_is_what_went_in(void **state) {
    (void)state;
    char *data = noise(100000);
    passes(data, 0);
    passes(data, 1);
    passes(data, 100000);
    memset(data, '7', 100000);
    passes(data, 100000);
    free(data);
}

static void a_call_takes_little_however_well_it_packs(void **state) {
    (void)state;
    enum { LENGTH = 20 << 20 };
    char *data = calloc(1, LENGTH);
    struct feed feed = {.data = data, .length = LENGTH, .piece = LENGTH};
    struct stream_source source = packed_of(&feed);
    struct bytes packed = {0};
    assert_int_equal(read_all(&packed, &source, &feed, 65536), -1);
    assert_true(packed.most_taken <= 128 << 10);
    assert_true(packed.length < LENGTH / 100);
    source.end(source.context);
    assert_unpacks_to(&packed, data, LENGTH);
    free(packed.data);
    free(data);
}

static void a_break_is_passed_on_and_no_whole_gzip(void **state) {
    (void)state;
    char *data = noise(50000);
    struct feed feed = {.data = data, .length = 50000, .piece = 5000, .is_broken = true};
    struct stream_source source = packed_of(&feed);
    struct bytes packed = {0};
    assert_int_equal(read_all(&packed, &source, &feed, 65536), STREAM_BROKEN);
    source.end(source.context);
    char *plain = malloc(60000);
    z_stream z = {.next_in = (Bytef *)packed.data,
                  .avail_in = (uInt)packed.length,
                  .next_out = (Bytef *)plain,
                  .avail_out = 60000};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_not_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    inflateEnd(&z);
    free(plain);
    free(packed.data);
    free(data);
}

static void abandoned_it_leaves_the_source_alone(void **state) {
    (void)state;
    struct feed feed = {.data = "abc", .length = 3, .piece = 3};
    struct stream_source source = packed_of(&feed);
    gzip_source_abandon(&source);
    assert_int_equal(feed.ended, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_out_is_what_went_in),
        cmocka_unit_test(a_call_takes_little_however_well_it_packs),
        cmocka_unit_test(a_break_is_passed_on_and_no_whole_gzip),
        cmocka_unit_test(abandoned_it_leaves_the_source_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
