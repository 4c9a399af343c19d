/* A posted sweep: JSON {sweep, strategy, name} or the YAML alone, checked as far as can be without the
 * klines. */
#ifndef SERVER_WORK_SWEEP_REQUEST_H
#define SERVER_WORK_SWEEP_REQUEST_H

#include "server/http/request.h"
#include "server/work/sweep_folder.h"

struct sweep_request {
    char id[SWEEP_ID_MAX], strategy_name[FOLDER_STRATEGY_MAX];
    char *yaml, *strategy; /* malloc'd */
};
/* False: the answer is set. Pool thread. */
bool sweep_request_read(struct sweep_request *out, struct request *request);
void sweep_request_clear(struct sweep_request *self);

#endif
