/* A posted sweep on disk: RESULTS/.kmill-queue/ID/ with sweep.yaml, the strategy, and `state` once it is more
 * than waiting. It appears whole (made beside, synced, renamed) and is removed when its result file is
 * complete: a server that was killed at any moment finds what was posted. */
#ifndef SERVER_WORK_SWEEP_FOLDER_H
#define SERVER_WORK_SWEEP_FOLDER_H

#include "kmill/error.h"
#include <stdint.h>

enum { SWEEP_ID_MAX = 128, FOLDER_STRATEGY_MAX = 128 };

enum folder_step {
    FOLDER_QUEUED,    /* never started */
    FOLDER_STARTED,   /* there may be a journal to go on with */
    FOLDER_CANCELLED, /* goes on only when asked */
    FOLDER_FAILED     /* refused: error, line, column say why */
};
struct folder_state {
    enum folder_step step;
    int line, column;
    char error[ERROR_MESSAGE_MAX];
};

/* ERR_EXISTS if there is one of that id. strategy_name: a file name. */
status sweep_folder_create(const char *results, const char *id, const char *yaml, const char *strategy_name,
                           const char *strategy, struct error *err);
status sweep_folder_set(const char *results, const char *id, const struct folder_state *state,
                        struct error *err);
/* Also the strategy's file name and when it was posted. ERR_NOT_FOUND if it is no whole folder. */
status sweep_folder_get(const char *results, const char *id, struct folder_state *state,
                        char strategy_name[FOLDER_STRATEGY_MAX], int64_t *posted_ms, struct error *err);
/* What was posted; malloc'd, NULL: not there. */
void sweep_folder_read(char **yaml, char **strategy, const char *results, const char *id);
/* Calls each with every id, in no order. */
void sweep_folder_each(const char *results, void (*each)(void *context, const char *id), void *context);
status sweep_folder_remove(const char *results, const char *id, struct error *err);
/* malloc'd path of the folder. */
char *sweep_folder_path(const char *results, const char *id);

#endif
