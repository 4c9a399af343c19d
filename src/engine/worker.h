/* The worker process: maps the series, starts Python, locks itself in, and computes runs until told to stop.
 */
#ifndef ENGINE_WORKER_H
#define ENGINE_WORKER_H

/* Descriptors the worker inherits. */
enum worker_fd { WORKER_FD_JOB = 3, WORKER_FD_MEMORY = 4, WORKER_FD_ANSWERS = 5 };

/* `kmill --worker`: the whole life of a worker; the exit code. */
int worker_main(void);

#endif
