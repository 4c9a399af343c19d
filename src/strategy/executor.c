/* What every executor's run leaves: the report and the failure in it. */
#include "strategy/executor.h"

#include <stdlib.h>

void run_failure_clear(struct run_failure *failure) {
    free(failure->type);
    free(failure->message);
    free(failure->traceback);
    *failure = (struct run_failure){.bar = -1};
}

void run_report_clear(struct run_report *report) {
    text_clear(&report->log);
    text_clear(&report->warnings);
    run_failure_clear(&report->failure);
}
