/* GET /events and /sweeps/{id}/events: a stream of server-sent events, or with ?since= what it would have
 * said, at once. A client that comes again says with Last-Event-ID (or last_event_id, where headers cannot be
 * set) where it was. */
#include "server/events/event_hub.h"
#include "server/http/route.h"
#include "server/http/stream.h"
#include "server/sweeps/sweep_registry.h"

#include <string.h>

static long read_events(void *context, char *buffer, size_t max) {
    return event_reader_read(context, buffer, max);
}

static void end_events(void *context) {
    event_reader_close(context);
}

static void wake_stream(void *context) {
    stream_wake(context);
}

/* What the client saw last. A header that is no number was never one of ours: as an
 * unknown one. False: answered. */
static bool read_last_event(struct request *request, bool *resume, uint64_t *id) {
    int64_t number = -1;
    const char *text = request_header(request, "Last-Event-ID");
    if (!request_query_int(request, &number, "last_event_id", 0, INT64_MAX)) return false;
    *resume = number >= 0 || (text && *text);
    if (number < 0 && *resume && (!text_to_int64(&number, text) || number < 0)) number = INT64_MAX;
    *id = number < 0 ? 0 : (uint64_t)number;
    return true;
}

static void answer_stream(struct request *request, const char *topic) {
    struct event_reader *reader = NULL;
    struct stream *stream = NULL;
    struct error err = {0};
    uint64_t after;
    bool resume;
    if (!read_last_event(request, &resume, &after)) return;
    status rc = event_reader_open(&reader, request->server->events, topic, resume, after, &err);
    if (rc == OK) {
        const struct stream_source source = {reader, read_events, end_events};
        rc = request_stream(&stream, request, "text/event-stream", &source, &err);
        if (rc != OK) event_reader_close(reader);
    }
    if (rc == OK)
        event_reader_attach(reader, wake_stream, stream);
    else
        request_fail_error(request, NULL, &err);
}

static void write_event(void *context, const struct event_view *event) {
    struct writer *w = context;
    writer_map(w);
    writer_key_uint(w, "id", event->id);
    writer_key_string(w, "event", event->name);
    writer_key(w, "data");
    writer_json(w, event->data, strlen(event->data));
    writer_end(w);
}

static void answer_poll(struct request *request, const char *topic, uint64_t since) {
    struct writer w = request_writer(request);
    bool reset;
    writer_map(&w);
    writer_key(&w, "events");
    writer_array(&w);
    uint64_t last = event_poll(request->server->events, topic, since, &reset, write_event, &w);
    writer_end(&w);
    writer_key_uint(&w, "last_id", last);
    writer_key_bool(&w, "reset", reset);
    writer_end(&w);
}

static void answer(struct request *request, const char *topic) {
    int64_t since = -1;
    if (!request_query_known(request, (const char *const[]){"since", "last_event_id", NULL}) ||
        !request_query_int(request, &since, "since", 0, INT64_MAX - 1))
        return;
    if (since >= 0)
        answer_poll(request, topic, (uint64_t)since);
    else
        answer_stream(request, topic);
}

static void get_events(struct request *request) {
    answer(request, NULL);
}

static void get_sweep_events(struct request *request) {
    struct error err = {0};
    if (sweep_registry_find(request->server->sweeps, request->parameters[0], &err) == OK)
        answer(request, request->parameters[0]);
    else
        request_fail_error(request, "id", &err);
}

const struct route event_routes[] = {
    {HTTP_GET, "/api/v1/events", ROUTE_STREAM, NULL, get_events},
    {HTTP_GET, "/api/v1/sweeps/{id}/events", ROUTE_STREAM, NULL, get_sweep_events},
};
const size_t event_route_count = sizeof event_routes / sizeof *event_routes;
