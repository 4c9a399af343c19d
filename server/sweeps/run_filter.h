/* Which runs of a sweep a request is about: where=, ranked=, min.COLUMN=, max.COLUMN=, fixed.PARAMETER=,
 * status=, sort=, as one condition and a query. Every function here answers false with a 400 set when the
 * request is wrong. */
#ifndef SERVER_SWEEPS_RUN_FILTER_H
#define SERVER_SWEEPS_RUN_FILTER_H

#include "kmill/result.h"
#include "server/http/request.h"

/* request_query_known for names (NULL-terminated) and, beside them, ranked, min.*, max.* and, if with_fixed,
 * fixed.* */
bool run_filter_known(struct request *request, const char *const *names, bool with_fixed);
/* *where: the whole condition in the request's arena, NULL: all runs. */
bool run_filter_where(struct request *request, const char **where, struct result *result);
/* status=done,failed as bits; absent: 0. */
bool run_filter_statuses(struct request *request, unsigned *statuses);
/* sort=-a,b into query; absent: `by_rank` the sweep's own ranking, or nothing. */
bool run_filter_sort(struct request *request, struct query *query, struct result *result, bool by_rank);
/* metric=, absent: what the sweep ranks by. */
bool run_filter_metric(struct request *request, const char **metric, struct result *result);

/* The sweep {id} of the path; NULL with the answer set. */
struct held_sweep;
struct held_sweep *request_hold(struct request *request);
/* The same, but a sweep that is known and has no runs yet (queued, failed at once) is no error: true, *out
 * NULL. */
bool request_hold_if_begun(struct request *request, struct held_sweep **out);
/* Ends it. An answer made of a file that became shorter meanwhile becomes 409. */
void request_release(struct request *request, struct held_sweep *held);
/* The ETag of what this request gives of the sweep (NULL: that it has no runs); true: the client has it. */
bool request_has_version(struct request *request, const struct held_sweep *held);

#endif
