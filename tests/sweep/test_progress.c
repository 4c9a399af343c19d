/* Progress: every line is a function of counts and time, so every line is read here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "sweep/progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

/* 40 runs a series, b fastest. */
static struct sweep_spec *spec;

static int open_spec(void **state) {
    (void)state;
    static const char text[] = "name: demo\nstrategy: s.py\nsymbols: [BTCUSDT, ETHUSDT]\nintervals: 1h\n"
                               "params: {a: {range: [1, 10]}, b: [0.5, x, 'h\xc3\xb6he', true]}\n";
    struct problems problems = {0};
    return spec_parse(&spec, text, strlen(text), "x.yaml", &problems) == OK ? 0 : -1;
}

static int close_spec(void **state) {
    (void)state;
    spec_close(spec);
    return 0;
}

static struct progress_view some_view(const struct ranked_run *best) {
    return (struct progress_view){.spec = spec,
                                  .counts = {.done = 1234, .failed = 5, .resumed = 0, .bars = 123400000},
                                  .total = 4321,
                                  .exact = true,
                                  .elapsed_seconds = 10,
                                  .runs_per_second = 123.4,
                                  .bars_per_second = 12340000,
                                  .best = best};
}

static void assert_made(void (*make)(struct text *, const struct progress_view *),
                        const struct progress_view *view, const char *expected) {
    struct text line = {0};
    make(&line, view);
    assert_string_equal(line.data, expected);
    text_clear(&line);
}

/* Run 58 = series 1 (40 runs each), then 18 = 4 * 4 + 2: a = 5, b = the third. 3087 runs left at
 * 123.4/s: 25.02 s. */
static const struct ranked_run best = {58, 0.1234567890};

static void the_plain_line_says_everything(void **state) {
    (void)state;
    struct progress_view view = some_view(&best);
    assert_made(
        progress_plain_line, &view,
        "1,234/4,321 runs (28 %), 5 failed, 123 runs/s, 12.3 M bars/s, 25 s left, best profitRate 0.123457 "
        "(run 58: a=5 b=h\xc3\xb6he on ETHUSDT 1h)");
    view = some_view(NULL);
    view.exact = false;
    view.counts.failed = 0;
    view.runs_per_second = 0;
    assert_made(progress_plain_line, &view, "1,234/~4,321 runs (28 %)");
}

/* Widths at which each part just fits, counted by hand; the umlaut is one column. */
static void the_terminal_line_never_is_wider_than_the_terminal(void **state) {
    (void)state;
    struct progress_view view = some_view(&best);
    static const char *const parts[] = {"[######..................]  28 %",
                                        "  1,234/4,321",
                                        "  5 failed",
                                        "  25 s left",
                                        "  123 runs/s",
                                        "  12.3 M bars/s",
                                        "  best profitRate 0.123457",
                                        "  a=5 b=h\xc3\xb6he on ETHUSDT 1h"};
    enum { PARTS = sizeof parts / sizeof *parts };
    char expected[400] = "";
    size_t width = 0;
    for (int i = 0; i < PARTS; i++) {
        strcat(expected, parts[i]);
        width += strlen(parts[i]) - (i == PARTS - 1);
        for (size_t extra = 0; extra < 2; extra++) { /* one column more makes no room for the next part */
            struct text line = {0};
            progress_terminal_line(&line, &view, width + extra);
            assert_string_equal(line.data, expected);
            text_clear(&line);
        }
    }
    struct text line = {0};
    progress_terminal_line(&line, &view, 0);
    assert_string_equal(line.data, expected);
    text_clear(&line);
    progress_terminal_line(&line, &view, 10);
    assert_string_equal(line.data, "");
    text_clear(&line);
}

static void the_json_line_is_one_object(void **state) {
    (void)state;
    struct progress_view view = some_view(&best);
    struct text line = {0};
    progress_json_line(&line, "progress", &view);
    assert_string_equal(
        line.data,
        "{\"event\":\"progress\",\"done\":1234,\"failed\":5,\"resumed\":0,\"total\":4321,\"exact\":true,"
        "\"bars\":123400000,\"elapsed_seconds\":10.0,\"runs_per_second\":123.4,\"bars_per_second\":"
        "12340000.0,\"seconds_left\":25.016207455429495,\"best\":{\"run\":58,\"metric\":\"profitRate\","
        "\"value\":0.123456789,\"symbol\":\"ETHUSDT\",\"interval\":\"1h\",\"params\":{\"a\":5,"
        "\"b\":\"h\xc3\xb6he\"}}}");
    text_clear(&line);
    struct ranked_run undefined = {0, NAN};
    view.best = &undefined;
    view.runs_per_second = 0;
    progress_json_line(&line, "best", &view);
    assert_non_null(strstr(
        line.data, "\"seconds_left\":null,\"best\":{\"run\":0,\"metric\":\"profitRate\",\"value\":null"));
    text_clear(&line);
    view.best = NULL;
    progress_json_line(&line, "done", &view);
    assert_non_null(strstr(line.data, "\"best\":null}"));
    text_clear(&line);
}

static void durations_and_rates_are_short(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *duration, *rate;
    } cases[] = {{0, "0 s", "0.00"},
                 {0.423, "0 s", "0.42"},
                 {59.4, "59 s", "59.4"},
                 {59.6, "1 min 00 s", "59.6"},
                 {200, "3 min 20 s", "200"},
                 {7500, "2 h 05 min", "7.50 k"},
                 {999.4, "16 min 39 s", "999"},
                 {999.6, "16 min 40 s", "1.00 k"},
                 {273600, "3 d 04 h", "274 k"},
                 {9.996, "10 s", "10.0"},
                 {1e15, "11574 d 01 h", "1000 T"},
                 {-5, "0 s", "-5.00"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = {0};
        progress_add_duration(&text, cases[i].value);
        assert_string_equal(text.data, cases[i].duration);
        text_clear(&text);
        progress_add_rate(&text, cases[i].value);
        assert_string_equal(text.data, cases[i].rate);
        text_clear(&text);
    }
}

static void an_estimate_that_was_too_low_breaks_nothing(void **state) {
    (void)state;
    struct progress_view view = some_view(NULL);
    view.total = 1000;
    view.exact = false;
    assert_true(progress_seconds_left(&view) == 0.0);
    view.total = 0;
    assert_true(progress_seconds_left(&view) == 0.0);
    view.counts = (struct progress_counts){0};
    assert_made(progress_plain_line, &view, "0/~0 runs (100 %), 123 runs/s, 12.3 M bars/s");
}

/* ---- what is written when ---- */

struct sink {
    char *data;
    size_t size;
    FILE *stream;
    struct progress *progress;
};

static void sink_open(struct sink *sink, enum progress_mode mode) {
    sink->stream = open_memstream(&sink->data, &sink->size);
    assert_non_null(sink->stream);
    assert_int_equal(progress_open(&sink->progress, sink->stream, mode, spec, 80, true, 100 * SECOND, NULL),
                     OK);
}

static void sink_close(struct sink *sink) {
    progress_close(sink->progress);
    fclose(sink->stream);
    free(sink->data);
}

/* 2 runs and 2000 bars every 100 ms, one failure at 1 s. */
static void run_for(struct progress *progress, int tenths, const struct ranked_run *found) {
    for (int i = 1; i <= tenths; i++) {
        struct progress_counts counts = {.done = (uint64_t)(2 * i), .bars = (uint64_t)(2000 * i)};
        progress_update(progress, &counts, found, 100 * SECOND + i * SECOND / 10);
    }
}

static void plain_lines_come_every_five_seconds(void **state) {
    (void)state;
    struct sink sink;
    sink_open(&sink, PROGRESS_AUTO); /* a memory stream is no terminal */
    assert_int_equal(progress_mode_of(sink.progress), PROGRESS_PLAIN);
    run_for(sink.progress, 120, NULL);
    struct progress_counts counts = {.done = 80, .bars = 240000};
    progress_finish(sink.progress, PROGRESS_INTERRUPTED, &counts, &best, "go on with: kmill run --resume x",
                    112 * SECOND);
    assert_string_equal(sink.data,
                        "demo: 80 runs on 2 series\n"
                        "100/80 runs (100 %), 20.0 runs/s, 20.0 k bars/s\n"
                        "200/80 runs (100 %), 20.0 runs/s, 20.0 k bars/s\n"
                        "interrupted after 12 s: 80/80 runs (100 %), 6.67 runs/s, 20.0 k bars/s, best "
                        "profitRate 0.123457 (run 58: a=5 b=h\xc3\xb6he on ETHUSDT 1h)\n"
                        "go on with: kmill run --resume x\n");
    sink_close(&sink);
}

static void json_says_a_new_best_at_once_and_progress_twice_a_second(void **state) {
    (void)state;
    struct sink sink;
    sink_open(&sink, PROGRESS_JSON);
    run_for(sink.progress, 10, &best);
    progress_failed(sink.progress, 7, "time limit", "60 s are \"over\"\nsecond line", 101 * SECOND);
    progress_note(sink.progress, "%d workers", 2);
    struct progress_counts counts = {.done = 20, .failed = 1, .bars = 20000};
    progress_finish(sink.progress, PROGRESS_DONE, &counts, &best, "a hint", 101 * SECOND);
    static const char *const events[] = {"{\"event\":\"start\",\"name\":\"demo\",\"method\":\"grid\","
                                         "\"series\":2,\"total\":80,\"exact\":true}",
                                         "{\"event\":\"best\",\"done\":2,",
                                         "{\"event\":\"progress\",\"done\":10,",
                                         "{\"event\":\"progress\",\"done\":20,",
                                         "{\"event\":\"failed\",\"run\":7,\"reason\":\"time "
                                         "limit\",\"message\":\"60 s are \\\"over\\\"\\nsecond line\","
                                         "\"elapsed_seconds\":1.0}",
                                         "{\"event\":\"note\",\"message\":\"2 workers\"}",
                                         "{\"event\":\"done\",\"done\":20,\"failed\":1,"};
    char *rest = sink.data;
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        char *line = strsep(&rest, "\n");
        assert_non_null(line);
        if (strncmp(line, events[i], strlen(events[i])) != 0) fail_msg("%s\ninstead of\n%s", line, events[i]);
        assert_int_equal(line[strlen(line) - 1], '}');
        if (i == 6) assert_non_null(strstr(line, "}},\"hint\":\"a hint\"}"));
    }
    assert_string_equal(rest, "");
    sink_close(&sink);
}

static void the_terminal_redraws_one_line_and_prints_notes_above_it(void **state) {
    (void)state;
    struct sink sink;
    sink_open(&sink, PROGRESS_TERMINAL);
    run_for(sink.progress, 2, NULL);
    progress_note(sink.progress, "a note");
    progress_failed(sink.progress, 3, "failed", "\x1b]0;title\x07 bad\r\nx\xc2\x9b", 0);
    run_for(sink.progress, 3, NULL);
    static const char start[] = "demo: 80 runs on 2 series\n\r[........................]   2 %  2/80";
    assert_memory_equal(sink.data, start, sizeof start - 1);
    assert_non_null(strstr(sink.data, "\x1b[K\r\x1b[Ka note\nrun 3 failed:  ]0;title  bad  x \n\r["));
    assert_null(strstr(strstr(sink.data, "a note"), "\x1b]"));
    progress_close(sink.progress);
    fflush(sink.stream);
    assert_int_equal(sink.data[sink.size - 1], '\n');
    sink.progress = NULL;
    sink_close(&sink);
}

static void only_the_first_failures_are_told_one_by_one(void **state) {
    (void)state;
    struct sink sink;
    sink_open(&sink, PROGRESS_PLAIN);
    for (uint64_t i = 0; i < 100; i++)
        progress_failed(sink.progress, i, "failed", "ZeroDivisionError", 0);
    size_t lines = 0;
    for (const char *p = sink.data; (p = strchr(p, '\n')); p++)
        lines++;
    assert_int_equal(lines, 1 + PROGRESS_FAILURES_SHOWN);
    assert_non_null(
        strstr(sink.data, "run 4 failed: ZeroDivisionError (further failures are only counted here"));
    sink_close(&sink);
}

static void no_progress_writes_nothing(void **state) {
    (void)state;
    struct sink sink;
    sink_open(&sink, PROGRESS_NONE);
    run_for(sink.progress, 100, &best);
    struct progress_counts counts = {0};
    progress_failed(sink.progress, 1, "failed", "x", 0);
    progress_note(sink.progress, "x");
    progress_finish(sink.progress, PROGRESS_DONE, &counts, NULL, "x", 101 * SECOND);
    fflush(sink.stream);
    assert_int_equal(sink.size, 0);
    sink_close(&sink);
}

/* 10 runs/s for a minute, then 100 runs/s: after half a minute the old rate is forgotten. 4000 of 8000
 * resumed. */
static void rates_are_of_the_last_half_minute_and_without_resumed_runs(void **state) {
    (void)state;
    struct sink sink;
    sink_open(&sink, PROGRESS_JSON);
    struct progress_counts counts = {.done = 4000, .resumed = 4000};
    for (int s = 1; s <= 100; s++) {
        counts.done += s <= 60 ? 10 : 100;
        progress_update(sink.progress, &counts, NULL, (100 + s) * SECOND);
        if (s == 59) assert_non_null(strstr(sink.data, "\"runs_per_second\":10.0,"));
    }
    char *last = sink.data;
    for (char *p = sink.data; (p = strchr(p, '\n')) && p[1]; p++)
        last = p + 1;
    assert_non_null(strstr(last, "\"runs_per_second\":100.0,"));
    sink_close(&sink);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plain_line_says_everything),
        cmocka_unit_test(the_terminal_line_never_is_wider_than_the_terminal),
        cmocka_unit_test(the_json_line_is_one_object),
        cmocka_unit_test(durations_and_rates_are_short),
        cmocka_unit_test(an_estimate_that_was_too_low_breaks_nothing),
        cmocka_unit_test(plain_lines_come_every_five_seconds),
        cmocka_unit_test(json_says_a_new_best_at_once_and_progress_twice_a_second),
        cmocka_unit_test(the_terminal_redraws_one_line_and_prints_notes_above_it),
        cmocka_unit_test(only_the_first_failures_are_told_one_by_one),
        cmocka_unit_test(no_progress_writes_nothing),
        cmocka_unit_test(rates_are_of_the_last_half_minute_and_without_resumed_runs),
    };
    return cmocka_run_group_tests(tests, open_spec, close_spec);
}
