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

#endif
