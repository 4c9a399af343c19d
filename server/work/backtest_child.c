/* One backtest or one check for the server; see backtest_child.h. The server has checked the request and made
 * the YAML of it: what is read here comes from this program, and is looked at again all the same. */
#include "server/work/backtest_child.h"
#include "base/clock.h"
#include "base/problems.h"
#include "base/text.h"
#include "kmill/sweep.h"
#include "results/result_json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

enum { PROGRESS_EVERY_MS = 200, REQUEST_MAX = 64 << 20 };

struct child_task {
    const char *task, *id, *yaml, *strategy, *store;
    bool trust;
    int64_t said_ns; /* when progress was told last */
};

/* ---- saying ---- */

static void say(const struct text *line) {
    fwrite(line->data, 1, line->length, stdout);
    fflush(stdout); /* a server that is gone ends us by SIGPIPE or PDEATHSIG */
}

static void say_progress(void *context, uint64_t bars, uint64_t total) {
    struct child_task *self = context;
    int64_t now = clock_monotonic_ns();
    if (now - self->said_ns < PROGRESS_EVERY_MS * INT64_C(1000000)) return;
    self->said_ns = now;
    struct text line = {0};
    text_printf(&line, "{\"event\":\"progress\",\"bars\":%llu,\"total\":%llu}\n", (unsigned long long)bars,
                (unsigned long long)total);
    say(&line);
    text_clear(&line);
}

static void add_problems(struct text *out, const struct problems *problems) {
    text_add_char(out, '[');
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *p = &problems->items[i];
        text_printf(out, "%s{\"line\":%d,\"column\":%d,\"message\":", i ? "," : "", p->line, p->column);
        text_add_json_string(out, p->message, strlen(p->message));
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
}

static int say_error(const struct error *err, const struct problems *problems) {
    struct text line = {0};
    text_printf(&line, "{\"event\":\"error\",\"code\":%d,\"message\":", (int)err->code);
    text_add_json_string(&line, err->message, strlen(err->message));
    text_printf(&line, ",\"line\":%d,\"column\":%d,\"problems\":", err->line, err->column);
    add_problems(&line, problems);
    text_add_string(&line, "}\n");
    say(&line);
    text_clear(&line);
    return error_exit_code(err->code);
}

/* Line ends between the members become spaces: an event is one line (those within texts are escaped). */
static ssize_t write_unbroken(void *context, const char *data, size_t length) {
    (void)context;
    const char *at = data, *end = data + length;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t piece = (size_t)((stop ? stop : end) - at);
        if (fwrite(at, 1, piece, stdout) != piece) return 0;
        if (stop && putchar(' ') == EOF) return 0;
        at += piece + (stop ? 1 : 0);
    }
    return (ssize_t)length;
}

static status say_result(const struct child_task *self, const struct single_run *run, struct error *err) {
    FILE *out = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_unbroken});
    if (!out) return error_set(err, ERR_MEMORY, "out of memory");
    size_t begin, end;
    const struct series *series = single_run_series(run, &begin, &end);
    struct series range = series_slice(series, begin, end);
    struct text id = {0};
    text_add_string(&id, "\"id\": ");
    text_add_json_string(&id, self->id, strlen(self->id));
    fputs(RESULT_EVENT, stdout);
    result_json_print_more(out, single_run_record(run), &range, begin, id.data);
    text_clear(&id);
    bool written = fclose(out) == 0;
    fputs(RESULT_EVENT_END, stdout);
    written = fflush(stdout) == 0 && !ferror(stdout) && written;
    return written ? OK : error_set(err, ERR_IO, "the result cannot be written");
}

/* ---- doing ---- */

static int backtest(struct child_task *self) {
    struct problems problems = {0};
    struct error err = {0};
    struct single_run *run = NULL;
    char *problem_file = NULL;
    const struct single_run_options options = {.yaml = self->yaml,
                                               .yaml_path = "backtest",
                                               .strategy = self->strategy,
                                               .strategy_path = "strategy.py",
                                               .store = self->store,
                                               .equity = true,
                                               .on_progress = say_progress,
                                               .progress_context = self,
                                               .trust_strategy = self->trust};
    status rc = single_run_start(&run, &options, &problems, &problem_file, &err);
    int code = 0;
    if (rc == OK) rc = say_result(self, run, &err);
    if (rc != OK) code = say_error(&err, &problems);
    single_run_close(run);
    free(problem_file);
    problems_clear(&problems);
    return code;
}

static int check(const struct child_task *self) {
    struct problems problems = {0};
    struct error err = {0};
    status rc = strategy_check_source(self->strategy, "strategy.py", self->trust, &problems, &err);
    int code = 0;
    if (rc != OK && !problems.count) {
        code = say_error(&err, &problems);
    } else {
        struct text line = {0};
        text_add_string(&line, RESULT_EVENT "{\"problems\":");
        add_problems(&line, &problems);
        text_add_string(&line, "}" RESULT_EVENT_END);
        say(&line);
        text_clear(&line);
    }
    problems_clear(&problems);
    return code;
}

static bool read_request(struct text *out) {
    char block[1 << 16];
    size_t n;
    while ((n = fread(block, 1, sizeof block, stdin)) > 0 && out->length < REQUEST_MAX)
        text_add(out, block, n);
    return !ferror(stdin) && out->length > 0;
}

/* NULL where it is no text, or one with a NUL in it. */
static const char *text_of(yyjson_val *root, const char *name) {
    yyjson_val *value = yyjson_obj_get(root, name);
    const char *text = yyjson_get_str(value);
    return text && strlen(text) == yyjson_get_len(value) ? text : NULL;
}

int backtest_child_main(void) {
    struct text request = {0};
    yyjson_doc *doc = read_request(&request) ? yyjson_read(request.data, request.length, 0) : NULL;
    yyjson_val *root = yyjson_doc_get_root(doc);
    struct child_task self = {.task = text_of(root, "task"),
                              .id = text_of(root, "id"),
                              .yaml = text_of(root, "yaml"),
                              .strategy = text_of(root, "strategy"),
                              .store = text_of(root, "store"),
                              .trust = yyjson_get_bool(yyjson_obj_get(root, "trust"))};
    bool is_check = self.task && !strcmp(self.task, "check");
    bool is_backtest = self.task && !strcmp(self.task, "backtest") && self.id && self.yaml && self.store;
    int code = 2;
    if (self.strategy && is_check)
        code = check(&self);
    else if (self.strategy && is_backtest)
        code = backtest(&self);
    else
        fputs("kmill: --backtest is how the server starts its own child; use kmill backtest\n", stderr);
    yyjson_doc_free(doc);
    text_clear(&request);
    return code;
}
