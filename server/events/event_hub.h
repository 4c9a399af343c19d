/* The last events of the server, numbered, and whoever listens.
 *
 * Numbers go on over a restart (the first is the start time in ms x 1000), so that a Last-Event-ID of before
 * is known as old. Event names: "sweep" (data: the sweep's summary, as in /api/v1/sweeps), "sweep_removed"
 * ({"id"}), "series" (a stored series appeared or changed: {"symbol", "interval", "count"}), "backtest"
 * ({"id", "state"}), "reset" (events were missed: read the state anew; only to that client). */
#ifndef SERVER_EVENTS_EVENT_HUB_H
#define SERVER_EVENTS_EVENT_HUB_H

#include "kmill/error.h"
#include <stdint.h>

enum { EVENT_RING = 4096 };

struct event_hub;
status event_hub_open(struct event_hub **out, struct error *err);
/* Ends all streams; called before the daemon stops. */
void event_hub_drain(struct event_hub *hub);
void event_hub_close(struct event_hub *hub);
/* topic: the sweep's id the event is about ("" for others): what /sweeps/{id}/events selects. data: JSON. Any
 * thread; never waits for a client. */
void event_publish(struct event_hub *hub, const char *name, const char *topic, const char *data);
int event_stream_count(const struct event_hub *hub);

/* ---- reading: what event_routes.c gives its clients ---- */

/* One client's place in the ring. Any number of them; each is read by one thread at a time and costs nothing
 * to those who publish. topic NULL: all events. resume: go on behind event `after` (too old or never
 * published: the first thing read is a `reset`), else with what comes from now on. */
struct event_reader;
status event_reader_open(struct event_reader **out, struct event_hub *hub, const char *topic, bool resume,
                         uint64_t after, struct error *err);
/* wake(context) is called, from any thread, when there may be something to read. */
void event_reader_attach(struct event_reader *reader, void (*wake)(void *context), void *context);
/* At most max bytes of text/event-stream; 0: nothing now, -1: the end (event_hub_drain). */
long event_reader_read(struct event_reader *reader, char *buffer, size_t max);
void event_reader_close(struct event_reader *reader);

/* The events behind `after` (0: all there are), at once. *reset: some were missed, then there are none. */
struct event_view {
    uint64_t id;
    const char *name, *data; /* NUL-terminated; valid during the call */
};
/* Returns the number of the newest event there is. visit may be slow: publishing goes on meanwhile. */
uint64_t event_poll(struct event_hub *hub, const char *topic, uint64_t after, bool *reset,
                    void (*visit)(void *context, const struct event_view *event), void *context);

#endif
