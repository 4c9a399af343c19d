/* Publishing without waiting for anyone: events lie in a ring, each made into the text of the stream once and
 * shared by all who read it. A client is a place in the ring: it takes the event behind its place when its
 * connection can be written to, and one that is too slow finds its event gone and is told so by a `reset`.
 * A queue a client was rejected: 300 slow clients would hold 300 copies of what they will never read.
 *
 * Threads: ring and list of readers under `lock`, held for a few pointers; what a reader is writing belongs
 * to the thread that reads. Order of locks: `lock`, then what a reader's wake takes. */
#include "server/events/event_hub.h"
#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OWN_MAX = 128, NAME_MAX_BYTES = 32, RETRY_MS = 2000 };
#define HEARTBEAT_NS INT64_C(15000000000)

/* Immutable once published; freed with the last reference. */
struct event {
    atomic_int references;
    uint64_t id;
    char name[NAME_MAX_BYTES];
    char *topic, *data;
    struct text wire; /* "id: ...\nevent: ...\ndata: ...\n\n" */
};

struct event_hub {
    pthread_mutex_t lock;
    pthread_cond_t ending;
    pthread_t heart;
    bool heart_runs, draining;
    uint64_t first, next; /* numbers: the first this hub may give, the one it gives next */
    struct event *ring[EVENT_RING];
    struct event_reader *readers;
    int reader_count;
};

struct event_reader {
    struct event_hub *hub;
    char *topic;
    struct event_reader *next_reader, **link; /* list of the hub, under its lock */
    void (*wake)(void *context);              /* under the hub's lock */
    void *context;
    uint64_t place;           /* the event looked at next; under the hub's lock, as are the next three */
    bool reset_due, beat_due; /* what is to be said before further events */
    int64_t spoke_ns;

    struct event *event; /* being written, with `sent` bytes of it gone; the reading thread's */
    size_t sent;
    char own[OWN_MAX]; /* likewise: greeting, heartbeat, reset */
    size_t own_length, own_sent;
};

/* ---- events ---- */

static void event_release(struct event *event) {
    if (!event || atomic_fetch_sub(&event->references, 1) != 1) return;
    text_clear(&event->wire);
    free(event->topic);
    free(event->data);
    free(event);
}

static struct event *event_make(uint64_t id, const char *name, const char *topic, const char *data) {
    struct event *event = calloc(1, sizeof *event);
    if (!event) return NULL;
    atomic_init(&event->references, 1);
    event->id = id;
    snprintf(event->name, sizeof event->name, "%s", name);
    event->topic = strdup(topic);
    event->data = strdup(data);
    if (!event->topic || !event->data) {
        event_release(event);
        return NULL;
    }
    for (char *c = event->data; *c; c++) /* a line end would end the event's data */
        if (*c == '\n' || *c == '\r') *c = ' ';
    text_printf(&event->wire, "id: %llu\nevent: %s\ndata: ", (unsigned long long)id, event->name);
    text_add_string(&event->wire, event->data);
    text_add_string(&event->wire, "\n\n");
    return event;
}

static bool is_about(const struct event *event, const char *topic) {
    return !topic || strcmp(event->topic, topic) == 0;
}

/* The oldest number still in the ring. */
static uint64_t oldest(const struct event_hub *hub) {
    uint64_t published = hub->next - hub->first;
    return published > EVENT_RING ? hub->next - EVENT_RING : hub->first;
}

void event_publish(struct event_hub *hub, const char *name, const char *topic, const char *data) {
    pthread_mutex_lock(&hub->lock);
    struct event *event = hub->draining ? NULL : event_make(hub->next, name, topic, data);
    struct event *old = NULL;
    if (event) {
        struct event **slot = &hub->ring[hub->next++ % EVENT_RING];
        old = *slot;
        *slot = event;
        for (struct event_reader *reader = hub->readers; reader; reader = reader->next_reader)
            if (reader->wake && is_about(event, reader->topic)) reader->wake(reader->context);
    }
    pthread_mutex_unlock(&hub->lock);
    event_release(old);
}

/* ---- readers ---- */

status event_reader_open(struct event_reader **out, struct event_hub *hub, const char *topic, bool resume,
                         uint64_t after, struct error *err) {
    struct event_reader *self = calloc(1, sizeof *self);
    if (self && topic) self->topic = strdup(topic);
    if (!self || (topic && !self->topic)) {
        free(self);
        return error_set(err, ERR_MEMORY, "out of memory for a stream of events");
    }
    self->hub = hub;
    self->spoke_ns = clock_monotonic_ns();
    pthread_mutex_lock(&hub->lock);
    bool is_known = after + 1 >= oldest(hub) && after < hub->next;
    self->place = resume && is_known ? after + 1 : hub->next;
    self->reset_due = resume && !is_known;
    /* The number in the greeting is what a client that gets no event resumes with. */
    self->own_length = (size_t)snprintf(self->own, sizeof self->own, "retry: %d\nid: %llu\n\n", RETRY_MS,
                                        (unsigned long long)(self->place - 1));
    self->link = &hub->readers;
    self->next_reader = hub->readers;
    if (self->next_reader) self->next_reader->link = &self->next_reader;
    hub->readers = self;
    hub->reader_count++;
    pthread_mutex_unlock(&hub->lock);
    *out = self;
    return OK;
}

void event_reader_attach(struct event_reader *reader, void (*wake)(void *context), void *context) {
    pthread_mutex_lock(&reader->hub->lock);
    reader->wake = wake;
    reader->context = context;
    pthread_mutex_unlock(&reader->hub->lock);
}

void event_reader_close(struct event_reader *reader) {
    if (!reader) return;
    pthread_mutex_lock(&reader->hub->lock);
    *reader->link = reader->next_reader;
    if (reader->next_reader) reader->next_reader->link = reader->link;
    reader->hub->reader_count--;
    pthread_mutex_unlock(&reader->hub->lock);
    event_release(reader->event);
    free(reader->topic);
    free(reader);
}

static void say(struct event_reader *self, int length) {
    self->own_length = (size_t)length;
    self->own_sent = 0;
}

/* The next thing to write; false: there is none now. */
static bool find_next(struct event_reader *self) {
    struct event_hub *hub = self->hub;
    bool found = true;
    pthread_mutex_lock(&hub->lock);
    if (self->place < oldest(hub)) self->reset_due = true;
    if (self->reset_due) {
        self->place = hub->next;
        self->reset_due = false;
        say(self, snprintf(self->own, sizeof self->own, "id: %llu\nevent: reset\ndata: {}\n\n",
                           (unsigned long long)(hub->next - 1)));
    } else {
        while (self->place < hub->next && !is_about(hub->ring[self->place % EVENT_RING], self->topic))
            self->place++;
        if (self->place < hub->next) {
            self->event = hub->ring[self->place++ % EVENT_RING];
            self->sent = 0;
            atomic_fetch_add(&self->event->references, 1);
        } else if (self->beat_due) { /* with the place, which events of other topics have moved */
            say(self, snprintf(self->own, sizeof self->own, ": heartbeat\nid: %llu\n\n",
                               (unsigned long long)(self->place - 1)));
        } else {
            found = false;
        }
    }
    if (found) {
        self->beat_due = false;
        self->spoke_ns = clock_monotonic_ns();
    }
    pthread_mutex_unlock(&hub->lock);
    return found;
}

static size_t copy_part(char *out, size_t room, const char *data, size_t length, size_t *sent) {
    size_t part = length - *sent < room ? length - *sent : room;
    memcpy(out, data + *sent, part);
    *sent += part;
    return part;
}

static bool is_draining(struct event_hub *hub) {
    pthread_mutex_lock(&hub->lock);
    bool draining = hub->draining;
    pthread_mutex_unlock(&hub->lock);
    return draining;
}

long event_reader_read(struct event_reader *self, char *buffer, size_t max) {
    size_t done = 0;
    while (done < max) {
        if (self->own_sent < self->own_length) {
            done += copy_part(buffer + done, max - done, self->own, self->own_length, &self->own_sent);
        } else if (self->event) {
            struct text *wire = &self->event->wire;
            done += copy_part(buffer + done, max - done, wire->data, wire->length, &self->sent);
            if (self->sent < wire->length) continue;
            event_release(self->event);
            self->event = NULL;
        } else if (!find_next(self)) {
            break;
        }
    }
    return done == 0 && is_draining(self->hub) ? -1 : (long)done;
}

/* ---- polling ---- */

uint64_t event_poll(struct event_hub *hub, const char *topic, uint64_t after, bool *reset,
                    void (*visit)(void *context, const struct event_view *event), void *context) {
    struct event **taken = malloc(EVENT_RING * sizeof(struct event *));
    size_t count = 0;
    pthread_mutex_lock(&hub->lock);
    uint64_t last = hub->next - 1, from = after == 0 ? oldest(hub) : after + 1;
    *reset = !taken || from < oldest(hub) || from > hub->next;
    for (uint64_t id = from; !*reset && id < hub->next; id++) {
        struct event *event = hub->ring[id % EVENT_RING];
        if (!is_about(event, topic)) continue;
        atomic_fetch_add(&event->references, 1);
        taken[count++] = event;
    }
    pthread_mutex_unlock(&hub->lock);
    for (size_t i = 0; i < count; i++) {
        visit(context, &(struct event_view){taken[i]->id, taken[i]->name, taken[i]->data});
        event_release(taken[i]);
    }
    free(taken);
    return last;
}

/* ---- the hub ---- */

/* Once a second: who has not been written to for long gets a sign of life. */
static void *heart_main(void *argument) {
    struct event_hub *hub = argument;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    pthread_mutex_lock(&hub->lock);
    while (!hub->draining) {
        until.tv_sec++;
        while (!hub->draining && pthread_cond_timedwait(&hub->ending, &hub->lock, &until) != ETIMEDOUT)
            ;
        int64_t now = clock_monotonic_ns();
        for (struct event_reader *reader = hub->readers; reader && !hub->draining;
             reader = reader->next_reader) {
            if (now - reader->spoke_ns < HEARTBEAT_NS) continue;
            reader->spoke_ns = now;
            reader->beat_due = true;
            if (reader->wake) reader->wake(reader->context);
        }
    }
    pthread_mutex_unlock(&hub->lock);
    return NULL;
}

status event_hub_open(struct event_hub **out, struct error *err) {
    struct event_hub *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory for the events");
    self->first = self->next = (uint64_t)clock_realtime_ms() * 1000 + 1;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->ending, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int failed = pthread_create(&self->heart, NULL, heart_main, self);
    if (failed) {
        event_hub_close(self);
        errno = failed;
        return error_set_errno(err, ERR_SYSTEM, "the thread of the events cannot be started");
    }
    self->heart_runs = true;
    *out = self;
    return OK;
}

void event_hub_drain(struct event_hub *hub) {
    if (!hub) return;
    pthread_mutex_lock(&hub->lock);
    hub->draining = true;
    pthread_cond_broadcast(&hub->ending);
    for (struct event_reader *reader = hub->readers; reader; reader = reader->next_reader)
        if (reader->wake) reader->wake(reader->context);
    pthread_mutex_unlock(&hub->lock);
}

void event_hub_close(struct event_hub *hub) {
    if (!hub) return;
    event_hub_drain(hub);
    if (hub->heart_runs) pthread_join(hub->heart, NULL);
    for (size_t i = 0; i < EVENT_RING; i++)
        event_release(hub->ring[i]);
    pthread_cond_destroy(&hub->ending);
    pthread_mutex_destroy(&hub->lock);
    free(hub);
}

int event_stream_count(const struct event_hub *hub) {
    pthread_mutex_t *lock = (pthread_mutex_t *)&hub->lock;
    pthread_mutex_lock(lock);
    int count = hub->reader_count;
    pthread_mutex_unlock(lock);
    return count;
}
