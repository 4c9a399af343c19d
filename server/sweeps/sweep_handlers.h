/* The handlers of the folder's routes; each on a pool thread. */
#ifndef SERVER_SWEEPS_SWEEP_HANDLERS_H
#define SERVER_SWEEPS_SWEEP_HANDLERS_H

#include "server/http/request.h"

/* analysis_routes.c */
void get_heatmap(struct request *request);
void get_distribution(struct request *request);
void get_importance(struct request *request);
/* export_route.c */
void get_export(struct request *request);
/* run_curve_route.c */
void get_run_equity(struct request *request);
void get_run_trades(struct request *request);

/* The row of {n} in the path; false with the 404 or 400 set. */
struct result;
bool request_row(struct request *request, uint64_t *row, struct result *result);

#endif
