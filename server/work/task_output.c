/* From the child's lines to the answer; see task_output.h. The child is this program, but beside it runs a
 * stranger's strategy: a line that is not as it should be ends the task, nothing more. */
#include "server/work/task_output.h"
#include "server/http/error_body.h"
#include "server/work/backtest_child.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

enum { LINE_MAX_BYTES = 4 << 20, READ_BYTES = 1 << 16 };

/* ---- output ---- */

static void add_output(struct task *task, const char *data, size_t length) {
    pthread_mutex_lock(&task->jobs->lock);
    if (task->output_used > TASK_OUTPUT_FULL) { /* what was read goes, before it is copied about for long */
        task->output.length -= task->output_used;
        memmove(task->output.data, task->output.data + task->output_used, task->output.length);
        task->output_used = 0;
    }
    text_add(&task->output, data, length);
    pthread_mutex_unlock(&task->jobs->lock);
}

static void add_output_string(struct task *task, const char *string) {
    add_output(task, string, strlen(string));
}

static bool is_full(struct task *task) {
    pthread_mutex_lock(&task->jobs->lock);
    bool full = task->output.length - task->output_used >= TASK_OUTPUT_FULL;
    pthread_mutex_unlock(&task->jobs->lock);
    return full;
}

static void add_event(struct task *task, const char *name, const struct text *data) {
    struct text event = {0};
    text_printf(&event, "event: %s\ndata: ", name);
    text_add(&event, data->data, data->length);
    text_add_string(&event, "\n\n");
    add_output(task, event.data, event.length);
    text_clear(&event);
}

void task_output_started(struct task *task) {
    struct text data = {0};
    text_printf(&data, "{\"id\": \"%s\"}", task->id);
    add_event(task, "started", &data);
    text_clear(&data);
}

static void progressed(struct task *task, yyjson_val *event) {
    task->bars = yyjson_get_uint(yyjson_obj_get(event, "bars"));
    task->total = yyjson_get_uint(yyjson_obj_get(event, "total"));
    if (!task->options.events) return;
    struct text data = {0};
    text_printf(&data, "{\"bars\": %llu, \"total\": %llu}", (unsigned long long)task->bars,
                (unsigned long long)task->total);
    add_event(task, "progress", &data);
    text_clear(&data);
    task_wake(task);
}

/* ---- errors ---- */

/* What a code of the child means for whoever asked; *field: what in the request it is about. */
static int refusal(status code, const char **name, const char **field) {
    static const struct {
        status code;
        int http;
        const char *name, *field;
    } refusals[] = {{ERR_STRATEGY, 422, "strategy", "strategy"},
                    {ERR_NOT_FOUND, 400, "invalid", "symbol"},
                    {ERR_INPUT, 400, "invalid", NULL},
                    {ERR_CANCELLED, 409, "cancelled", NULL},
                    {ERR_LIMIT, 503, "busy", NULL},
                    {ERR_MEMORY, 503, "busy", NULL}};
    *name = "internal";
    *field = NULL;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (refusals[i].code == code) {
            *name = refusals[i].name;
            *field = refusals[i].field;
            return refusals[i].http;
        }
    return 500;
}

void task_output_fail(struct task *task, const struct error *err, const struct problems *problems) {
    if (task->is_answered) return;
    task->is_answered = task->is_failed = true;
    struct request *request = task->request;
    struct text body = {0};
    const char *name, *field;
    int http_status = refusal(err->code, &name, &field);
    error_body_write(&body, name, field, err, problems, jobs_settings(task->jobs));
    task->request = NULL;
    if (!request) {
        add_event(task, "error", &body);
        text_clear(&body);
        return;
    }
    struct response *answer = &request->response;
    answer->status = http_status;
    answer->content_type = "application/json";
    answer->retry_after = http_status == 503 ? 2 : 0;
    answer->body = body;
    request_finish(request);
}

static const char *string_of(yyjson_val *event, const char *name) {
    const char *text = yyjson_get_str(yyjson_obj_get(event, name));
    return text ? text : "";
}

static void failed(struct task *task, yyjson_val *event) {
    struct problems problems = {0};
    struct error err = {0};
    yyjson_val *list = yyjson_obj_get(event, "problems"), *item;
    size_t i, count;
    yyjson_arr_foreach(list, i, count, item) {
        problems_add(&problems, yyjson_get_int(yyjson_obj_get(item, "line")),
                     yyjson_get_int(yyjson_obj_get(item, "column")), "%s", string_of(item, "message"));
    }
    error_set_at(&err, (status)yyjson_get_int(yyjson_obj_get(event, "code")),
                 yyjson_get_int(yyjson_obj_get(event, "line")),
                 yyjson_get_int(yyjson_obj_get(event, "column")), "%s", string_of(event, "message"));
    task_output_fail(task, &err, &problems);
    problems_clear(&problems);
}

/* ---- lines ---- */

static void drop_input(struct task *task, size_t length) {
    task->input.length -= length;
    memmove(task->input.data, task->input.data + length, task->input.length);
}

static void begin_result(struct task *task) {
    struct error err = {0};
    task->is_result = task->is_answered = true;
    if (task->options.events)
        add_output_string(task, "event: result\ndata: ");
    else
        task_answer_stream(task, &err);
}

/* All of the result but what may be the end of its event. */
static void pass_result(struct task *task) {
    const size_t kept = sizeof RESULT_EVENT_END - 1;
    if (task->input.length <= kept) return;
    add_output(task, task->input.data, task->input.length - kept);
    drop_input(task, task->input.length - kept);
    task_wake(task);
}

static void take_line(struct task *task, size_t length) {
    yyjson_doc *doc = yyjson_read(task->input.data, length, 0);
    yyjson_val *event = yyjson_doc_get_root(doc);
    const char *name = string_of(event, "event");
    if (!strcmp(name, "progress"))
        progressed(task, event);
    else if (!strcmp(name, "error"))
        failed(task, event);
    else
        task->is_broken = true;
    yyjson_doc_free(doc);
    drop_input(task, length + 1);
}

static void take_lines(struct task *task) {
    const size_t begin = sizeof RESULT_EVENT - 1;
    while (!task->is_broken && !task->is_result && task->input.length) {
        struct text *input = &task->input;
        const char *newline = memchr(input->data, '\n', input->length);
        if (input->length >= begin && !memcmp(input->data, RESULT_EVENT, begin)) {
            drop_input(task, begin);
            if (task->is_answered)
                task->is_broken = true;
            else
                begin_result(task);
        } else if (newline) {
            take_line(task, (size_t)(newline - input->data));
        } else {
            task->is_broken = input->length > LINE_MAX_BYTES;
            break;
        }
    }
    if (task->is_result) pass_result(task);
}

void task_output_take(struct task *task) {
    char block[READ_BYTES];
    bool is_plain = task->options.kind == TASK_VERIFY; /* its output is the answer, and short */
    while (task->child.output >= 0 && !task->is_broken && !is_full(task)) {
        ssize_t n = read(task->child.output, block, sizeof block);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) break;
        if (n <= 0) {
            close(task->child.output);
            task->child.output = -1;
            break;
        }
        text_add(&task->input, block, (size_t)n);
        if (!is_plain)
            take_lines(task);
        else if (task->input.length > LINE_MAX_BYTES)
            task->is_broken = true;
    }
}

bool task_output_end(struct task *task) {
    size_t kept = sizeof RESULT_EVENT_END - 1;
    bool is_whole =
        task->is_result && task->input.length == kept && !memcmp(task->input.data, RESULT_EVENT_END, kept);
    if (is_whole && task->options.events) add_output_string(task, "\n\n");
    if (task->options.kind == TASK_VERIFY && task->input.length && task->request) {
        struct error err = {0};
        task->is_answered = true;
        add_output(task, task->input.data, task->input.length);
        task_answer_stream(task, &err);
    }
    return is_whole || !task->is_result;
}
