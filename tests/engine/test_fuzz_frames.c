/* A hostile worker writes what it likes into the pipe: the coordinator's frame reader takes whole sound
 * frames out of it or says that it is broken, and never hands out a byte that was not written. The job, which
 * goes the other way, is read with the same care. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/hash.h"
#include "engine/channel.h"
#include "engine/job.h"
#include "mutations.h"
#include <unistd.h>

enum { ROUNDS = 4000, JOB_ROUNDS = 100000 };

static size_t good_stream(char *out, size_t room) {
    int ends[2];
    char big[900];
    memset(big, 'b', sizeof big);
    assert_int_equal(pipe(ends), 0);
    assert_true(frame_write(ends[1], NULL, FRAME_READY, 0, "3.13.5\nseccomp", 14));
    assert_true(frame_write(ends[1], NULL, FRAME_RESULT, 1, "", 0));
    assert_true(frame_write(ends[1], NULL, FRAME_RESULT, 2, big, sizeof big));
    assert_true(frame_write(ends[1], NULL, FRAME_RESULT, UINT64_MAX, "end", 3));
    ssize_t length = read(ends[0], out, room);
    close(ends[0]);
    close(ends[1]);
    return (size_t)length;
}

/* Reads the stream in pieces as they fall. Returns how many frames came whole. */
static size_t feed(struct mutations *dice, const char *data, size_t length, bool *broken) {
    int ends[2];
    struct frame_reader reader = {0};
    struct error err;
    size_t sent = 0, frames = 0, taken = 0;
    bool end = false;
    *broken = false;
    assert_int_equal(pipe(ends), 0);
    while (!end && !*broken) {
        size_t piece = mutations_draw(dice, length - sent) + (sent < length);
        if (piece) assert_int_equal(write(ends[1], data + sent, piece), piece);
        sent += piece;
        if (sent == length && !piece && ends[1] >= 0) {
            close(ends[1]);
            ends[1] = -1;
        }
        assert_int_equal(frame_reader_fill(&reader, ends[0], &end, &err), OK);
        struct frame_header header;
        const char *payload;
        status rc;
        while ((rc = frame_reader_next(&reader, &header, &payload, &err)) == OK) {
            taken += sizeof header + header.length;
            assert_true(taken <= sent);
            assert_int_equal(hash_crc32(0, payload, header.length), header.crc);
            assert_memory_equal(payload, data + taken - header.length, header.length);
            frames++;
        }
        *broken = rc == ERR_CORRUPT;
        assert_true(*broken || rc == ERR_NOT_FOUND);
    }
    assert_true(reader.buffer.capacity < 4 << 20); /* a claim of a length takes no memory */
    if (ends[1] >= 0) close(ends[1]);
    close(ends[0]);
    frame_reader_clear(&reader);
    return frames;
}

static void a_damaged_stream_gives_sound_frames_or_is_broken(void **state) {
    (void)state;
    struct mutations mutations = {3, NULL, 0};
    char seed[2048];
    size_t seed_length = good_stream(seed, sizeof seed), broken_streams = 0, frames = 0;
    bool broken;
    assert_int_equal(feed(&mutations, seed, seed_length, &broken), 4);
    assert_false(broken);
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t length;
        char *data = mutations_next(&mutations, &length, seed, seed_length);
        frames += feed(&mutations, data, length, &broken);
        broken_streams += broken;
        free(data);
    }
    assert_true(broken_streams > ROUNDS / 4);
    assert_in_range(frames, ROUNDS / 4, 4 * ROUNDS);
}

static void a_damaged_job_is_a_job_or_refused(void **state) {
    (void)state;
    char text[] = "name: x", path[] = "x.yaml", empty[] = "";
    struct job_series ranges[3] = {{0, 5, 10}, {1, 2, 3}, {0, 0, UINT64_MAX}};
    const struct job good = {.yaml = text,
                             .yaml_path = path,
                             .strategy = text,
                             .strategy_path = empty,
                             .store = path,
                             .threads = 2,
                             .column_budget = 1 << 20,
                             .series = ranges,
                             .series_count = 3};
    struct mutations mutations = {4, NULL, 0};
    struct text seed = {0};
    size_t refused = 0;
    job_pack(&seed, &good);
    for (size_t round = 0; round < JOB_ROUNDS; round++) {
        size_t length;
        char *data = mutations_next(&mutations, &length, seed.data, seed.length);
        struct job job;
        struct error err;
        if (job_unpack(&job, data, length, &err) == OK) {
            assert_true(strlen(job.yaml) + strlen(job.store) <= length);
            assert_true(job.series_count * sizeof *job.series <= length);
            job_clear(&job);
        } else {
            refused++;
        }
        free(data);
    }
    assert_in_range(refused, JOB_ROUNDS / 10, JOB_ROUNDS - 1);
    text_clear(&seed);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_damaged_stream_gives_sound_frames_or_is_broken),
                                       cmocka_unit_test(a_damaged_job_is_a_job_or_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
