/* Dispatching runs to a worker that may die or hang; see dispatcher.h. */
#include "engine/dispatcher.h"
#include "base/clock.h"
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Published but unanswered items at most: enough that the shortest runs never starve the threads between two
 * looks of ours, and less than the ring, so that publishing can never overwrite an item that was not taken.
 */
enum { OUT_MAX = CHANNEL_RING / 2, TICK_MS = 50, DEATHS_MAX = 5, STARTS_MAX = 3 };

struct out_item {
    uint64_t sequence;
    struct work_item item;
};

struct item_queue {
    struct work_item *items;
    size_t count, capacity;
};

struct dispatcher {
    const struct job *job;
    double limit_seconds;
    struct worker_process worker;
    struct out_item out[OUT_MAX]; /* unordered: out_count of them */
    size_t out_count;
    uint64_t tail; /* sequence number of the next item for this worker */
    struct item_queue again, suspects;
    bool one_by_one; /* suspects are being tried */
    int deaths;      /* in a row without an answer in between */
    struct {
        uint64_t sequence;
        int64_t since_ns;
    } seen[CHANNEL_THREADS_MAX];
};

struct run_record lost_run_record(uint64_t run, size_t series, enum run_status why, const char *message) {
    struct run_record record = {.run = run,
                                .series = (uint32_t)series,
                                .status = why,
                                .error_type = why == RUN_TIME_LIMIT ? "TimeLimit" : "Crash",
                                .error_message = message,
                                .error_bar = -1};
    for (int m = 0; m < METRIC_COUNT; m++)
        record.metrics[m] = NAN;
    return record;
}

static bool queue_push(struct item_queue *q, struct work_item item) {
    if (q->count == q->capacity) {
        size_t capacity = q->capacity ? 2 * q->capacity : 64;
        struct work_item *items = realloc(q->items, capacity * sizeof *items);
        if (!items) return false;
        q->items = items;
        q->capacity = capacity;
    }
    q->items[q->count++] = item;
    return true;
}

static bool queue_pop(struct item_queue *q, struct work_item *item) {
    if (!q->count) return false;
    *item = q->items[--q->count];
    return true;
}

/* One that is killed while it starts is nobody's fault: it is tried again. */
static status start_worker(struct dispatcher *self, struct problems *problems, struct error *err) {
    self->tail = 0;
    for (size_t i = 0; i < CHANNEL_THREADS_MAX; i++)
        self->seen[i].sequence = CHANNEL_IDLE;
    status rc = ERR_IO;
    for (int i = 0; rc == ERR_IO && i < STARTS_MAX; i++)
        rc = worker_process_start(&self->worker, self->job, problems, err);
    return rc;
}

status dispatcher_open(struct dispatcher **out, const struct job *job, double limit_seconds,
                       struct problems *problems, struct error *err) {
    struct dispatcher *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory");
    self->job = job;
    self->limit_seconds = limit_seconds;
    status rc = start_worker(self, problems, err);
    if (rc != OK) {
        free(self);
        return rc;
    }
    *out = self;
    return OK;
}

static void publish(struct dispatcher *self, struct work_item item) {
    self->out[self->out_count++] = (struct out_item){self->tail++, item};
    channel_publish(self->worker.memory, item);
}

/* Keeps the ring filled; while suspects are tried there is one item out at a time. */
static void fill(struct dispatcher *self, const struct dispatch_client *client) {
    struct work_item item;
    if (self->one_by_one) {
        if (self->out_count) return;
        if (queue_pop(&self->suspects, &item)) {
            publish(self, item);
            return;
        }
        self->one_by_one = false;
    }
    while (self->out_count < OUT_MAX &&
           (queue_pop(&self->again, &item) || client->next(client->context, &item)))
        publish(self, item);
}

static bool take_out(struct dispatcher *self, uint64_t sequence, struct work_item *item) {
    for (size_t i = 0; i < self->out_count; i++)
        if (self->out[i].sequence == sequence) {
            *item = self->out[i].item;
            self->out[i] = self->out[--self->out_count];
            return true;
        }
    return false;
}

/* All whole frames that have come in. *broken: the stream is no longer a frame stream. */
static status take_frames(struct dispatcher *self, const struct dispatch_client *client, bool *broken,
                          struct error *err) {
    for (;;) {
        struct frame_header header;
        const char *payload;
        status rc = frame_reader_next(&self->worker.reader, &header, &payload, err);
        if (rc == ERR_NOT_FOUND) return OK;
        struct work_item item;
        if (rc != OK || header.kind != FRAME_RESULT || !take_out(self, header.sequence, &item)) {
            *broken = true;
            return OK;
        }
        self->deaths = 0;
        rc = client->record(client->context, item, payload, header.length, err);
        if (rc != OK) return rc;
    }
}

/* The sequence number of a run that is far over its limit, by our own clock from when we first saw it;
 * CHANNEL_IDLE if there is none. */
static uint64_t find_hung(struct dispatcher *self, int64_t now_ns) {
    double allowed = self->limit_seconds * 1.05 + 1.0;
    for (uint64_t i = 0; i < self->job->threads; i++) {
        uint64_t sequence = atomic_load(&self->worker.memory->slots[i].sequence);
        if (sequence != self->seen[i].sequence) {
            self->seen[i].sequence = sequence;
            self->seen[i].since_ns = now_ns;
        } else if (sequence != CHANNEL_IDLE && (double)(now_ns - self->seen[i].since_ns) * 1e-9 > allowed) {
            for (size_t k = 0; k < self->out_count; k++)
                if (self->out[k].sequence == sequence) return sequence;
        }
    }
    return CHANNEL_IDLE;
}

/* After the worker's end: sorts what was out into lost, again and suspects, and starts the next worker. */
static status replace_worker(struct dispatcher *self, const struct dispatch_client *client, uint64_t hung,
                             struct error *err) {
    uint64_t begun = atomic_load(&self->worker.memory->head);
    char how[64], message[160];
    worker_process_describe_end(how, worker_process_end(&self->worker));
    status rc = OK;
    bool alone = self->one_by_one && self->out_count == 1;
    for (size_t i = 0; rc == OK && i < self->out_count; i++) {
        struct out_item *o = &self->out[i];
        if (o->sequence == hung) {
            snprintf(message, sizeof message,
                     "over its limit of %g s in code that cannot be interrupted: killed",
                     self->limit_seconds);
            rc = client->lost(client->context, o->item, RUN_TIME_LIMIT, message, err);
        } else if (hung == CHANNEL_IDLE && alone) {
            snprintf(message, sizeof message, "brought the worker process down twice, at last with %s", how);
            rc = client->lost(client->context, o->item, RUN_CRASHED, message, err);
        } else {
            bool suspect = hung == CHANNEL_IDLE && o->sequence < begun;
            if (!queue_push(suspect ? &self->suspects : &self->again, o->item))
                rc = error_set(err, ERR_MEMORY, "out of memory");
        }
    }
    if (alone || hung != CHANNEL_IDLE) self->deaths = 0;
    self->out_count = 0;
    if (self->suspects.count) self->one_by_one = true;
    if (rc == OK && ++self->deaths > DEATHS_MAX)
        rc = error_set(err, ERR_SYSTEM, "the worker process ended %d times in a row, at last with %s",
                       self->deaths, how);
    struct problems none = {0};
    if (rc == OK) rc = start_worker(self, &none, err);
    problems_clear(&none);
    return rc;
}

/* No new runs; those in flight come in (or are abandoned when the worker dies or hangs meanwhile: they are
 * runs not done). */
static status drain(struct dispatcher *self, const struct dispatch_client *client, struct error *err) {
    channel_stop(self->worker.memory);
    bool end = false, broken = false;
    status rc = OK;
    while (rc == OK && !end && !broken && find_hung(self, clock_monotonic_ns()) == CHANNEL_IDLE) {
        struct pollfd p = {self->worker.answers, POLLIN, 0};
        if (poll(&p, 1, TICK_MS) > 0)
            rc = frame_reader_fill(&self->worker.reader, self->worker.answers, &end, err);
        if (rc == OK) rc = take_frames(self, client, &broken, err);
    }
    return rc;
}

status dispatcher_run(struct dispatcher *self, const struct dispatch_client *client, struct error *err) {
    status rc = OK;
    self->out_count = self->again.count = self->suspects.count = 0;
    self->one_by_one = false;
    while (rc == OK) {
        fill(self, client);
        if (!self->out_count) break;
        struct pollfd p = {self->worker.answers, POLLIN, 0};
        int ready = poll(&p, 1, TICK_MS);
        bool end = false, broken = false;
        if (ready > 0) rc = frame_reader_fill(&self->worker.reader, self->worker.answers, &end, err);
        if (rc == OK) rc = take_frames(self, client, &broken, err);
        if (rc != OK) break;
        uint64_t hung = end || broken ? CHANNEL_IDLE : find_hung(self, clock_monotonic_ns());
        if (self->out_count && (end || broken || hung != CHANNEL_IDLE))
            rc = replace_worker(self, client, hung, err);
        if (rc == OK) rc = client->tick(client->context, err);
    }
    if (rc == ERR_CANCELLED) {
        struct error ignored = {0};
        if (drain(self, client, &ignored) != OK) *err = ignored;
    }
    return rc;
}

uint64_t dispatcher_bars(const struct dispatcher *self) {
    uint64_t bars = 0;
    for (uint64_t i = 0; self->worker.memory && i < self->job->threads; i++)
        if (atomic_load(&self->worker.memory->slots[i].sequence) != CHANNEL_IDLE)
            bars += atomic_load_explicit(&self->worker.memory->slots[i].bars, memory_order_relaxed);
    return bars;
}

const char *dispatcher_python_version(const struct dispatcher *self) {
    return self->worker.python_version;
}

const char *dispatcher_sandbox(const struct dispatcher *self) {
    return self->worker.sandbox;
}

void dispatcher_close(struct dispatcher *self) {
    if (!self) return;
    worker_process_end(&self->worker);
    free(self->again.items);
    free(self->suspects.items);
    free(self);
}
