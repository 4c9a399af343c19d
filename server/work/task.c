/* The life of a task; see task.h. Waiting, running (its child lives), over (its answer is made; a stream may
 * still be read); freed when neither the manager nor a stream has it. */
#include "server/work/task.h"
#include "base/clock.h"
#include "server/events/event_hub.h"
#include "server/work/task_output.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RETRY_SECONDS = 2, SOON_MS = 10, LOOK_MS = 250 };

void task_options_clear(struct task_options *options) {
    text_clear(&options->input);
    for (size_t i = 0; i < TASK_ARGUMENTS; i++)
        free(options->arguments[i]);
    *options = (struct task_options){0};
}

void task_make_id(char out[TASK_ID_MAX]) {
    uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) != sizeof number) number = (uint64_t)clock_monotonic_ns();
    snprintf(out, TASK_ID_MAX, "%016llx", (unsigned long long)number);
}

/* Lock held, or nobody else knows it yet. */
static void unref(struct task *task) {
    if (--task->references) return;
    child_clear(&task->child);
    task_options_clear(&task->options);
    text_clear(&task->input);
    text_clear(&task->output);
    pthread_mutex_destroy(&task->wake_lock);
    free(task);
}

/* ---- the stream (event loop) ---- */

static long read_stream(void *context, char *buffer, size_t max) {
    struct task *task = context;
    struct job_manager *jobs = task->jobs;
    pthread_mutex_lock(&jobs->lock);
    size_t have = task->output.length - task->output_used, n = have < max ? have : max;
    bool was_full = have >= TASK_OUTPUT_FULL, is_end = task->is_complete, is_cut = task->is_cut;
    if (n) memcpy(buffer, task->output.data + task->output_used, n);
    task->output_used += n;
    if (task->output_used == task->output.length) task->output_used = task->output.length = 0;
    bool has_room = was_full && have - n < TASK_OUTPUT_FULL;
    pthread_mutex_unlock(&jobs->lock);
    if (has_room) jobs_ring(jobs);
    if (n || !is_end) return (long)n;
    return is_cut ? STREAM_BROKEN : -1;
}

static void end_stream(void *context) {
    struct task *task = context;
    struct job_manager *jobs = task->jobs;
    pthread_mutex_lock(&task->wake_lock); /* a wake under way is over then */
    pthread_mutex_lock(&jobs->lock);
    task->stream = NULL;
    task->is_abandoned = true;
    pthread_mutex_unlock(&task->wake_lock);
    unref(task);
    pthread_mutex_unlock(&jobs->lock);
    jobs_ring(jobs);
}

/* The answer becomes a stream of what is and will be in output. */
static status open_stream(struct task *task, struct request *request, const char *type, struct error *err) {
    const struct stream_source source = {task, read_stream, end_stream};
    struct job_manager *jobs = task->jobs;
    struct stream *stream = NULL;
    pthread_mutex_lock(&jobs->lock);
    task->references++;
    pthread_mutex_unlock(&jobs->lock);
    status rc = request_stream(&stream, request, type, &source, err);
    pthread_mutex_lock(&jobs->lock);
    if (rc == OK)
        task->stream = stream;
    else
        unref(task);
    pthread_mutex_unlock(&jobs->lock);
    return rc;
}

status task_answer_stream(struct task *task, struct error *err) {
    struct request *request = task->request;
    task->request = NULL;
    status rc = open_stream(task, request, "application/json", err);
    if (rc != OK) {
        request_fail_error(request, NULL, err);
        task->is_abandoned = true; /* nobody will read the result */
    }
    request_finish(request);
    return rc;
}

void task_wake(struct task *task) {
    pthread_mutex_lock(&task->wake_lock);
    pthread_mutex_lock(&task->jobs->lock);
    struct stream *stream = task->stream;
    pthread_mutex_unlock(&task->jobs->lock);
    if (stream) stream_wake(stream);
    pthread_mutex_unlock(&task->wake_lock);
}

/* ---- coming ---- */

static struct task *make_task(struct job_manager *jobs, const char *id, struct task_options *options) {
    struct task *task = calloc(1, sizeof *task);
    if (!task) return NULL;
    *task = (struct task){
        .jobs = jobs, .references = 1, .options = *options, .child = {.output = -1, .errors = -1}};
    snprintf(task->id, sizeof task->id, "%s", id);
    pthread_mutex_init(&task->wake_lock, NULL);
    *options = (struct task_options){0};
    return task;
}

/* Lock held. */
static bool is_room(const struct job_manager *jobs) {
    int count = 0;
    for (const struct task *t = jobs->tasks; t; t = t->next)
        count += t->state != TASK_OVER;
    return count < 2 * jobs_settings(jobs)->backtests_max;
}

static void append(struct job_manager *jobs, struct task *task) {
    struct task **last = &jobs->tasks;
    while (*last)
        last = &(*last)->next;
    *last = task;
}

void task_submit(struct job_manager *jobs, struct request *request, const char *id,
                 struct task_options *options) {
    struct task *task = make_task(jobs, id, options);
    struct error err = {0};
    task_options_clear(options);
    if (!task) {
        request_fail(request, 503, "busy", NULL, "out of memory");
        return;
    }
    pthread_mutex_lock(&jobs->lock);
    bool taken = !jobs->is_stopping && is_room(jobs);
    task->state = taken ? TASK_HELD : TASK_OVER;
    if (taken) append(jobs, task);
    pthread_mutex_unlock(&jobs->lock);
    if (!taken) {
        request_fail(request, 503, "busy", NULL, "as many backtests run and wait as may: try again soon");
        request->response.retry_after = RETRY_SECONDS;
        unref(task);
        return;
    }
    bool answered = false;
    if (task->options.events) {
        task_output_started(task);
        answered = open_stream(task, request, "text/event-stream", &err) != OK;
        if (answered) request_fail_error(request, NULL, &err);
    } else {
        request_defer(request);
    }
    pthread_mutex_lock(&jobs->lock); /* from here on the manager's thread has it */
    if (!task->options.events) task->request = request;
    if (answered) task->is_abandoned = true;
    task->state = TASK_WAITING;
    pthread_mutex_unlock(&jobs->lock);
    jobs_ring(jobs);
}

bool task_cancel(struct job_manager *jobs, const char *id) {
    bool found = false;
    pthread_mutex_lock(&jobs->lock);
    for (struct task *t = jobs->tasks; t; t = t->next)
        if (t->options.kind == TASK_BACKTEST && t->state != TASK_OVER && !strcmp(t->id, id))
            t->is_cancelled = found = true;
    pthread_mutex_unlock(&jobs->lock);
    if (found) jobs_ring(jobs);
    return found;
}

static bool is_listed(const struct task *t) {
    return t->options.kind == TASK_BACKTEST && t->state != TASK_OVER;
}

void tasks_write(struct job_manager *jobs, struct writer *w) {
    writer_map(w);
    writer_key(w, "backtests");
    writer_array(w);
    pthread_mutex_lock(&jobs->lock);
    for (const struct task *t = jobs->tasks; t; t = t->next) {
        if (!is_listed(t)) continue;
        writer_map(w);
        writer_key_string(w, "id", t->id);
        writer_key_string(w, "symbol", t->options.symbol);
        writer_key_string(w, "interval", t->options.interval);
        if (t->started_ms)
            writer_key_time(w, "started_at", t->started_ms);
        else
            writer_key_null(w, "started_at");
        writer_key_uint(w, "bars", t->bars);
        if (t->total)
            writer_key_uint(w, "total", t->total);
        else
            writer_key_null(w, "total");
        writer_end(w);
    }
    pthread_mutex_unlock(&jobs->lock);
    writer_end(w);
    writer_end(w);
}

int tasks_running_backtests(struct job_manager *jobs) {
    int count = 0;
    pthread_mutex_lock(&jobs->lock);
    for (const struct task *t = jobs->tasks; t; t = t->next)
        count += is_listed(t) && t->state == TASK_RUNNING;
    pthread_mutex_unlock(&jobs->lock);
    return count;
}

/* ---- going (manager's thread) ---- */

static void publish(const struct task *task, const char *state) {
    if (task->options.kind != TASK_BACKTEST) return;
    char data[64];
    snprintf(data, sizeof data, "{\"id\": \"%s\", \"state\": \"%s\"}", task->id, state);
    event_publish(task->jobs->server->events, "backtest", "", data);
}

static void start(struct task *task) {
    const struct child_options options = {.arguments = (const char *const *)task->options.arguments,
                                          .input = task->options.input.data,
                                          .input_length = task->options.input.length,
                                          .output = true};
    struct error err = {0};
    task->deadline_ns = clock_monotonic_ns() + (int64_t)(task->options.seconds * 1e9);
    if (child_start(&task->child, &options, &err) != OK) {
        task_output_fail(task, &err, NULL);
        task->state = TASK_OVER;
        return;
    }
    text_clear(&task->options.input);
    task->started_ms = clock_realtime_ms();
    task->state = TASK_RUNNING;
    publish(task, "running");
}

/* Why the child ended, where it did not say so itself. */
static void explain_end(struct task *task, int wait_status) {
    struct error err = {0};
    if (task->is_answered) return;
    if (task->is_cancelled)
        error_set(&err, ERR_CANCELLED, "the backtest was cancelled");
    else if (task->jobs->is_stopping)
        error_set(&err, ERR_LIMIT, "the server is stopping");
    else if (task->is_late)
        error_set(&err, ERR_LIMIT, "not done within %.0f s", task->options.seconds);
    else if (WIFEXITED(wait_status) && task->child.said.length)
        child_complaint(&task->child, NULL, &err);
    else
        error_set(&err, ERR_SYSTEM, "the child process ended with %s %d",
                  WIFSIGNALED(wait_status) ? "signal" : "exit code",
                  WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status));
    task_output_fail(task, &err, NULL);
}

/* True: nobody wants it any more, or it may not go on. */
static bool is_unwanted(struct task *task, int64_t now_ns) {
    if (task->state == TASK_RUNNING && now_ns > task->deadline_ns) task->is_late = true;
    if (task->request && request_is_gone(task->request)) task->is_abandoned = true;
    return task->is_abandoned || task->is_cancelled || task->is_late || task->is_broken ||
           task->jobs->is_stopping;
}

static void step_running(struct task *task, bool unwanted) {
    if (unwanted) child_signal(&task->child, SIGKILL);
    if (task->jobs->is_stopping) explain_end(task, 0); /* the connection goes before the child may be gone */
    child_read_errors(&task->child);
    task_output_take(task);
    int wait_status = 0;
    if (task->child.output >= 0 && !unwanted) return; /* its end is the end of its output */
    if (!child_ended(&task->child, &wait_status)) return;
    child_read_errors(&task->child);
    bool is_whole = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) <= 1 && task_output_end(task);
    if (task->is_result && !is_whole) task->is_torn = task->is_failed = true;
    explain_end(task, wait_status);
    task->state = TASK_OVER;
}

/* Over: the last of its output may still be read by the stream, which has a reference of its own. */
static void settle(struct task *task) {
    pthread_mutex_lock(&task->jobs->lock);
    task->is_complete = true;
    task->is_cut = task->is_torn;
    pthread_mutex_unlock(&task->jobs->lock);
    task_wake(task);
    publish(task, task->is_cancelled ? "cancelled" : task->is_failed ? "failed" : "done");
}

int tasks_step(struct job_manager *jobs) {
    int64_t now_ns = clock_monotonic_ns();
    int running = 0, most = jobs_settings(jobs)->backtests_max;
    bool soon = false, any = false;
    pthread_mutex_lock(&jobs->lock);
    for (struct task **link = &jobs->tasks; *link;) {
        struct task *task = *link; /* only this thread takes tasks out of the list */
        bool is_held = task->state == TASK_HELD;
        pthread_mutex_unlock(&jobs->lock);
        bool unwanted = !is_held && is_unwanted(task, now_ns);
        if (task->state == TASK_WAITING && unwanted) {
            explain_end(task, 0);
            task->state = TASK_OVER;
        } else if (task->state == TASK_WAITING && running < most) {
            start(task);
        }
        if (task->state == TASK_RUNNING) step_running(task, unwanted);
        running += task->state == TASK_RUNNING;
        bool is_over = task->state == TASK_OVER;
        any |= !is_over;
        soon |= task->state == TASK_RUNNING && (unwanted || task->child.output < 0);
        if (is_over) settle(task);
        pthread_mutex_lock(&jobs->lock);
        if (is_over) {
            *link = task->next;
            unref(task);
        } else {
            link = &task->next;
        }
    }
    pthread_mutex_unlock(&jobs->lock);
    return soon ? SOON_MS : any ? LOOK_MS : -1;
}

void tasks_poll(struct job_manager *jobs, struct poll_list *list) {
    pthread_mutex_lock(&jobs->lock);
    for (const struct task *t = jobs->tasks; t; t = t->next) {
        if (t->state != TASK_RUNNING) continue;
        bool is_full = t->output.length - t->output_used >= TASK_OUTPUT_FULL;
        if (!is_full) poll_list_add(list, t->child.output);
        poll_list_add(list, t->child.errors);
    }
    pthread_mutex_unlock(&jobs->lock);
}
