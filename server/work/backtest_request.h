/* A posted backtest as what its child reads: checked, with a sweep file of one run made of it. */
#ifndef SERVER_WORK_BACKTEST_REQUEST_H
#define SERVER_WORK_BACKTEST_REQUEST_H

#include "server/work/task.h"

enum { BACKTEST_MEMORY_MB_MIN = 16, BACKTEST_MEMORY_MB_MAX = 4096, BACKTEST_START_SECONDS = 150 };

/* false: the answer is set. Otherwise options has everything but `events`. Pool thread. */
bool backtest_request_read(struct task_options *options, struct request *request, const char *id,
                           const char *store);
/* The same of a strategy to be checked. */
bool check_request_read(struct task_options *options, struct request *request);

#endif
