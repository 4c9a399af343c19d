/* The work ring between threads, and frames that come in pieces, broken or hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "engine/channel.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TAKERS = 4, ITEMS = 20000 };

struct taker {
    struct channel_memory *memory;
    uint32_t number;
    uint64_t taken, sum;
};

static void *take_all(void *context) {
    struct taker *t = context;
    struct work_item item;
    uint64_t sequence;
    while (channel_take(t->memory, t->number, &item, &sequence)) {
        t->taken++;
        t->sum += item.run;
        if (item.run != sequence * 3) t->sum = UINT64_MAX / 2;
        channel_done(t->memory, t->number);
    }
    return NULL;
}

static void every_item_is_taken_exactly_once(void **state) {
    (void)state;
    struct channel_memory *memory;
    struct error err;
    int fd;
    assert_int_equal(channel_memory_create(&memory, &fd, TAKERS, &err), OK);
    pthread_t threads[TAKERS];
    struct taker takers[TAKERS] = {0};
    for (uint32_t i = 0; i < TAKERS; i++) {
        takers[i] = (struct taker){memory, i, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, take_all, &takers[i]), 0);
    }
    for (uint64_t i = 0; i < ITEMS; i++) {
        while (atomic_load(&memory->tail) - atomic_load(&memory->head) >= CHANNEL_RING)
            usleep(100);
        channel_publish(memory, (struct work_item){i * 3, 0});
    }
    while (atomic_load(&memory->head) < ITEMS)
        usleep(100);
    channel_stop(memory);
    uint64_t taken = 0, sum = 0;
    for (int i = 0; i < TAKERS; i++) {
        pthread_join(threads[i], NULL);
        taken += takers[i].taken;
        sum += takers[i].sum;
    }
    assert_int_equal(taken, ITEMS);
    assert_int_equal(sum, (uint64_t)ITEMS * (ITEMS - 1) / 2 * 3);
    for (int i = 0; i < TAKERS; i++)
        assert_true(atomic_load(&memory->slots[i].sequence) == CHANNEL_IDLE);
    channel_memory_close(memory);
    close(fd);
}

static void frames_survive_being_cut_into_pieces(void **state) {
    (void)state;
    int whole[2], pieces[2];
    assert_int_equal(pipe(whole), 0);
    assert_int_equal(pipe(pieces), 0);
    assert_true(frame_write(whole[1], NULL, FRAME_RESULT, 7, "first", 5));
    assert_true(frame_write(whole[1], NULL, FRAME_RESULT, 8, "", 0));
    assert_true(frame_write(whole[1], NULL, FRAME_RESULT, 9, "third", 5));
    char bytes[512];
    ssize_t length = read(whole[0], bytes, sizeof bytes);
    struct frame_reader reader = {0};
    struct error err;
    uint64_t expected = 7;
    for (ssize_t i = 0; i < length; i++) {
        bool end;
        assert_int_equal(write(pieces[1], bytes + i, 1), 1);
        assert_int_equal(frame_reader_fill(&reader, pieces[0], &end, &err), OK);
        assert_false(end);
        struct frame_header header;
        const char *payload;
        status rc = frame_reader_next(&reader, &header, &payload, &err);
        if (rc == ERR_NOT_FOUND) continue;
        assert_int_equal(rc, OK);
        assert_int_equal(header.sequence, expected);
        if (expected != 8) assert_memory_equal(payload, expected == 7 ? "first" : "third", 5);
        expected++;
    }
    assert_int_equal(expected, 10);
    frame_reader_clear(&reader);
    for (int i = 0; i < 2; i++) {
        close(whole[i]);
        close(pieces[i]);
    }
}

static status status_of_damaged_frame(size_t byte, unsigned char flip) {
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_true(frame_write(fds[1], NULL, FRAME_RESULT, 1, "payload!", 8));
    unsigned char bytes[64];
    ssize_t length = read(fds[0], bytes, sizeof bytes);
    bytes[byte] ^= flip;
    assert_int_equal(write(fds[1], bytes, (size_t)length), length);
    struct frame_reader reader = {0};
    struct error err;
    bool end;
    assert_int_equal(frame_reader_fill(&reader, fds[0], &end, &err), OK);
    struct frame_header header;
    const char *payload;
    status rc = frame_reader_next(&reader, &header, &payload, &err);
    frame_reader_clear(&reader);
    close(fds[0]);
    close(fds[1]);
    return rc;
}

static void a_damaged_frame_is_refused(void **state) {
    (void)state;
    size_t payload = sizeof(struct frame_header);
    assert_int_equal(status_of_damaged_frame(0, 1), ERR_CORRUPT);              /* magic */
    assert_int_equal(status_of_damaged_frame(payload + 3, 0x20), ERR_CORRUPT); /* content */
    assert_int_equal(status_of_damaged_frame(offsetof(struct frame_header, length) + 3, 0x80),
                     ERR_CORRUPT); /* 2 GB */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_item_is_taken_exactly_once),
                                       cmocka_unit_test(frames_survive_being_cut_into_pieces),
                                       cmocka_unit_test(a_damaged_frame_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
