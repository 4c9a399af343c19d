/* The coordinator's handle on one worker process: started, spoken to, ended. Main thread only. */
#ifndef ENGINE_WORKER_PROCESS_H
#define ENGINE_WORKER_PROCESS_H

#include "base/problems.h"
#include "engine/channel.h"
#include "engine/job.h"
#include <sys/types.h>

struct worker_process {
    pid_t pid; /* 0: none */
    int answers;
    struct channel_memory *memory;
    struct frame_reader reader;
    char *python_version, *sandbox; /* as the worker said when it was ready */
};

/* Starts `kmill --worker` with the job and waits until it is ready to compute (a job with check_only: until
 * it has answered). ERR_STRATEGY with problems filled when the guard refuses the strategy; otherwise the
 * worker's own reason; ERR_IO when it ended without a word (killed, out of memory): trying again may help. */
status worker_process_start(struct worker_process *out, const struct job *job, struct problems *problems,
                            struct error *err);
/* Kills it if it still lives and waits for its end. Returns the wait status; accepts a zeroed struct. */
int worker_process_end(struct worker_process *self);
/* "signal 11 (Segmentation fault)" or "exit code 3" of a wait status, into out. */
void worker_process_describe_end(char out[64], int wait_status);

#endif
