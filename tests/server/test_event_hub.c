/* The event ring: order, resuming, missed events, topics, slow and many readers, the end. */
#include "server/events/event_hub.h"
#include "base/text.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct event_hub *open_hub(void) {
    struct event_hub *hub;
    struct error err;
    if (event_hub_open(&hub, &err) != OK) fail_msg("%s", err.message);
    return hub;
}

static struct event_reader *open_reader(struct event_hub *hub, const char *topic, bool resume,
                                        uint64_t after) {
    struct event_reader *reader;
    assert_int_equal(event_reader_open(&reader, hub, topic, resume, after, NULL), OK);
    return reader;
}

/* All there is now, `piece` bytes at a time; free with text_clear. */
static struct text read_all(struct event_reader *reader, size_t piece) {
    struct text out = {0};
    char buffer[4096];
    text_add_string(&out, "");
    for (long got; (got = event_reader_read(reader, buffer, piece)) > 0;)
        text_add(&out, buffer, (size_t)got);
    return out;
}

static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at++)
        count++;
    return count;
}

/* The number of the last event of a stream's text. */
static uint64_t last_id(const char *text) {
    const char *last = NULL;
    for (const char *at = text; (at = strstr(at, "id: ")); at++)
        last = at;
    return last ? strtoull(last + 4, NULL, 10) : 0;
}

static void publish_many(struct event_hub *hub, size_t count, const char *topic) {
    for (size_t i = 0; i < count; i++)
        event_publish(hub, "sweep", topic, "{\"n\":1}");
}

static void a_stream_is_a_greeting_and_then_each_event_whole(void **state) {
    (void)state;
    struct event_hub *hub = open_hub();
    event_publish(hub, "sweep", "old", "{}");
    struct event_reader *reader = open_reader(hub, NULL, false, 0);
    struct text hello = read_all(reader, 4096);
    uint64_t before = last_id(hello.data);
    char want[256];
    snprintf(want, sizeof want, "retry: 2000\nid: %llu\n\n", (unsigned long long)before);
    assert_string_equal(hello.data, want);
    event_publish(hub, "sweep", "a", "{\"id\":\"a\"}");
    event_publish(hub, "series", "", "{\"x\":\n2}"); /* a line end would break the stream */
    struct text events = read_all(reader, 4096);
    snprintf(want, sizeof want,
             "id: %llu\nevent: sweep\ndata: {\"id\":\"a\"}\n\nid: %llu\nevent: series\ndata: {\"x\": 2}\n\n",
             (unsigned long long)before + 1, (unsigned long long)before + 2);
    assert_string_equal(events.data, want);
    text_clear(&hello);
    text_clear(&events);
    event_reader_close(reader);
    event_hub_close(hub);
}

static void any_piece_size_gives_the_same_bytes(void **state) {
    (void)state;
    struct event_hub *hub = open_hub();
    struct event_reader *readers[4];
    static const size_t pieces[4] = {1, 7, 100, 4096};
    for (size_t i = 0; i < 4; i++)
        readers[i] = open_reader(hub, NULL, false, 0);
    publish_many(hub, 50, "t");
    struct text first = read_all(readers[0], pieces[0]);
    assert_int_equal(count_of(first.data, "event: sweep\n"), 50);
    for (size_t i = 1; i < 4; i++) {
        struct text other = read_all(readers[i], pieces[i]);
        assert_string_equal(other.data, first.data);
        text_clear(&other);
    }
    for (size_t i = 0; i < 4; i++)
        event_reader_close(readers[i]);
    text_clear(&first);
    event_hub_close(hub);
}

static void a_reader_resumes_behind_what_it_saw(void **state) {
    (void)state;
    struct event_hub *hub = open_hub();
    struct event_reader *reader = open_reader(hub, NULL, false, 0);
    publish_many(hub, 10, "t");
    struct text seen = read_all(reader, 4096);
    uint64_t last = last_id(seen.data);
    event_reader_close(reader);
    publish_many(hub, 3, "t");
    for (uint64_t back = 0; back <= 10; back++) {
        reader = open_reader(hub, NULL, true, last - back);
        struct text rest = read_all(reader, 4096);
        assert_int_equal(count_of(rest.data, "event: sweep\n"), 3 + back);
        assert_int_equal(count_of(rest.data, "event: reset\n"), 0);
        assert_int_equal(last_id(rest.data), last + 3);
        text_clear(&rest);
        event_reader_close(reader);
    }
    text_clear(&seen);
    event_hub_close(hub);
}

static void what_is_too_old_or_was_never_published_is_a_reset(void **state) {
    (void)state;
    struct event_hub *hub = open_hub();
    struct event_reader *reader = open_reader(hub, NULL, false, 0);
    publish_many(hub, EVENT_RING + 5, "t");
    struct text overrun = read_all(reader, 4096);
    uint64_t last = last_id(overrun.data);
    assert_int_equal(count_of(overrun.data, "event: reset\ndata: {}\n"), 1);
    assert_int_equal(count_of(overrun.data, "event: sweep\n"), 0);
    event_reader_close(reader);
    const struct {
        uint64_t after;
        size_t resets, events;
    } cases[] = {{last - EVENT_RING, 0, EVENT_RING}, /* the oldest place there is */
                 {last - EVENT_RING - 1, 1, 0},
                 {last, 0, 0},
                 {last + 1, 1, 0},
                 {0, 1, 0},
                 {UINT64_MAX, 1, 0},
                 {UINT64_MAX - 1, 1, 0},
                 {last - 1000000000, 1, 0}}; /* of before a restart */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reader = open_reader(hub, NULL, true, cases[i].after);
        struct text text = read_all(reader, 4096);
        assert_int_equal(count_of(text.data, "event: reset\n"), cases[i].resets);
        assert_int_equal(count_of(text.data, "event: sweep\n"), cases[i].events);
        text_clear(&text);
        event_reader_close(reader);
    }
    text_clear(&overrun);
    event_hub_close(hub);
}

static void after_a_reset_comes_what_is_published_then(void **state) {
    (void)state;
    struct event_hub *hub = open_hub();
    struct event_reader *reader = open_reader(hub, NULL, true, 12345);
    struct text first = read_all(reader, 4096);
    assert_int_equal(count_of(first.data, "event: reset\n"), 1);
    event_publish(hub, "sweep", "t", "{}");
    struct text second = read_all(reader, 4096);
    assert_int_equal(count_of(second.data, "event: sweep\n"), 1);
    assert_int_equal(count_of(second.data, "event: reset\n"), 0);
    text_clear(&first);
    text_clear(&second);
    event_reader_close(reader);
    event_hub_close(hub);
}

static void a_topic_selects(void **state) {
    (void)state;
    struct event_hub *hub = open_hub();
    struct event_reader *all = open_reader(hub, NULL, false, 0), *one = open_reader(hub, "a", false, 0);
    event_publish(hub, "sweep", "a", "{}");
    event_publish(hub, "sweep", "ab", "{}");
    event_publish(hub, "series", "", "{}");
    event_publish(hub, "sweep_removed", "a", "{}");
    struct text every = read_all(all, 4096), some = read_all(one, 4096);
    assert_int_equal(count_of(every.data, "event: "), 4);
    assert_int_equal(count_of(some.data, "event: "), 2);
    assert_int_equal(count_of(some.data, "event: sweep_removed\n"), 1);
    text_clear(&every);
    text_clear(&some);
    event_reader_close(all);
    event_reader_close(one);
    event_hub_close(hub);
}

/* ---- polling ---- */

struct seen {
    size_t count;
    uint64_t last;
    bool in_order;
};

static void note(void *context, const struct event_view *event) {
    struct seen *seen = context;
    seen->in_order = (seen->count == 0 || event->id > seen->last) && strcmp(event->name, "sweep") == 0;
    seen->count++;
    seen->last = event->id;
}

static void a_poll_says_what_the_stream_says(void **state) {
    (void)state;
    struct event_hub *hub = open_hub();
    bool reset;
    struct seen seen = {0};
    uint64_t start = event_poll(hub, NULL, 0, &reset, note, &seen);
    assert_true(!reset && seen.count == 0);
    publish_many(hub, 7, "a");
    publish_many(hub, 5, "b");
    assert_int_equal(event_poll(hub, NULL, 0, &reset, note, &seen), start + 12);
    assert_true(!reset && seen.count == 12 && seen.last == start + 12 && seen.in_order);
    seen = (struct seen){0};
    assert_int_equal(event_poll(hub, "a", start + 2, &reset, note, &seen), start + 12);
    assert_true(!reset && seen.count == 5 && seen.last == start + 7);
    const uint64_t unknown[] = {start - 1, start + 13, 1, UINT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        seen = (struct seen){0};
        assert_int_equal(event_poll(hub, NULL, unknown[i], &reset, note, &seen), start + 12);
        assert_true(reset && seen.count == 0);
    }
    publish_many(hub, EVENT_RING, "c");
    event_poll(hub, NULL, 0, &reset, note, &seen);
    assert_true(!reset && seen.count == EVENT_RING);
    event_hub_close(hub);
}

/* ---- many at once ---- */

static void count_wake(void *context) {
    atomic_fetch_add((atomic_int *)context, 1);
}

static void only_those_it_is_about_are_woken(void **state) {
    (void)state;
    struct event_hub *hub = open_hub();
    atomic_int all_woken = 0, one_woken = 0;
    struct event_reader *all = open_reader(hub, NULL, false, 0), *one = open_reader(hub, "a", false, 0);
    event_reader_attach(all, count_wake, &all_woken);
    event_reader_attach(one, count_wake, &one_woken);
    publish_many(hub, 3, "b");
    publish_many(hub, 2, "a");
    assert_int_equal(all_woken, 5);
    assert_int_equal(one_woken, 2);
    assert_int_equal(event_stream_count(hub), 2);
    event_reader_close(one);
    publish_many(hub, 1, "a");
    assert_int_equal(one_woken, 2);
    event_reader_close(all);
    assert_int_equal(event_stream_count(hub), 0);
    event_hub_close(hub);
}

struct crowd {
    struct event_hub *hub;
    atomic_bool stop;
    atomic_ulong bad; /* threads never assert */
};

/* Reads as streams do, from several threads, closing and resuming all the time: every number once, or a
 * reset. */
static void *read_and_resume(void *argument) {
    struct crowd *crowd = argument;
    uint64_t last = 0;
    while (!atomic_load(&crowd->stop)) {
        struct event_reader *reader = NULL;
        if (event_reader_open(&reader, crowd->hub, NULL, last != 0, last, NULL) != OK) break;
        for (int i = 0; i < 20; i++) {
            struct text text = read_all(reader, 333);
            for (const char *at = text.data; (at = strstr(at, "id: ")); at++) {
                uint64_t id = strtoull(at + 4, NULL, 10);
                bool is_event = strncmp(strchr(at, '\n'), "\nevent: sweep", 13) == 0;
                if (is_event && last && id != last + 1) atomic_fetch_add(&crowd->bad, 1);
                last = id;
            }
            text_clear(&text);
        }
        event_reader_close(reader);
    }
    return NULL;
}

static void many_threads_see_every_event_in_order(void **state) {
    (void)state;
    struct crowd crowd = {.hub = open_hub()};
    pthread_t threads[6];
    for (size_t i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, read_and_resume, &crowd);
    for (int i = 0; i < 200; i++) {
        publish_many(crowd.hub, 50, "t");
        usleep(500);
    }
    atomic_store(&crowd.stop, true);
    for (size_t i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(crowd.bad, 0);
    assert_int_equal(event_stream_count(crowd.hub), 0);
    event_hub_close(crowd.hub);
}

static void draining_ends_every_stream(void **state) {
    (void)state;
    struct event_hub *hub = open_hub();
    atomic_int woken = 0;
    char buffer[256];
    struct event_reader *reader = open_reader(hub, NULL, false, 0);
    event_reader_attach(reader, count_wake, &woken);
    assert_true(event_reader_read(reader, buffer, sizeof buffer) > 0);
    assert_int_equal(event_reader_read(reader, buffer, sizeof buffer), 0);
    event_hub_drain(hub);
    assert_int_equal(woken, 1);
    assert_int_equal(event_reader_read(reader, buffer, sizeof buffer), -1);
    event_publish(hub, "sweep", "t", "{}"); /* too late: nothing happens */
    assert_int_equal(event_reader_read(reader, buffer, sizeof buffer), -1);
    event_reader_close(reader);
    event_hub_close(hub);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_a_greeting_and_then_each_event_whole),
        cmocka_unit_test(any_piece_size_gives_the_same_bytes),
        cmocka_unit_test(a_reader_resumes_behind_what_it_saw),
        cmocka_unit_test(what_is_too_old_or_was_never_published_is_a_reset),
        cmocka_unit_test(after_a_reset_comes_what_is_published_then),
        cmocka_unit_test(a_topic_selects),
        cmocka_unit_test(a_poll_says_what_the_stream_says),
        cmocka_unit_test(only_those_it_is_about_are_woken),
        cmocka_unit_test(many_threads_see_every_event_in_order),
        cmocka_unit_test(draining_ends_every_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
