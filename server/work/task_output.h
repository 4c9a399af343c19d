/* A task from inside, and what becomes of what its child says: the answer. */
#ifndef SERVER_WORK_TASK_OUTPUT_H
#define SERVER_WORK_TASK_OUTPUT_H

#include "base/problems.h"
#include "server/work/task.h"
#include <stdatomic.h>

/* TASK_HELD: its handler is not done with it yet. */
enum task_state { TASK_HELD, TASK_WAITING, TASK_RUNNING, TASK_OVER };
enum { TASK_OUTPUT_FULL = 1 << 18 }; /* more than that unread: the child's pipe is not read on */

/* Under the manager's lock: output, output_used, is_complete, is_cut, stream, references, next. Everything
 * else belongs to the handler while it is held, then to the manager's thread. */
struct task {
    struct task *next;
    struct job_manager *jobs;
    struct task_options options;
    char id[TASK_ID_MAX];
    int references; /* the manager's list; the stream */
    int64_t deadline_ns;
    _Atomic int64_t started_ms; /* 0: it waits for its turn */
    _Atomic int state;          /* enum task_state */
    _Atomic uint64_t bars, total;
    _Atomic bool is_cancelled, is_abandoned; /* by DELETE; the client is gone */
    bool is_late, is_broken;                 /* overstayed; the child said what it never says */
    bool is_answered, is_failed;             /* a result has begun, or there is an error */
    bool is_torn;                            /* a result has begun and will not end */
    struct child child;
    struct text input;       /* of the child, not taken apart yet */
    bool is_result;          /* input is the inside of the result event */
    struct request *request; /* deferred; NULL: answered */
    struct stream *stream;
    pthread_mutex_t wake_lock; /* held while the stream is woken: it cannot end meanwhile */
    struct text output;        /* for the stream */
    size_t output_used;
    bool is_complete; /* nothing will be added to output */
    bool is_cut;      /* and what is there is not the whole */
};

/* The first event of a stream: started, with the id. */
void task_output_started(struct task *task);
/* Reads what the child says, as far as there is room, and turns it into the answer. Manager's thread, as are
 * all below. */
void task_output_take(struct task *task);
/* The child ended well: what is left is the end of the result. False: a result that began lacks its end. */
bool task_output_end(struct task *task);
/* Answers with an error, unless there is an answer. problems: NULL or empty where there are none. */
void task_output_fail(struct task *task, const struct error *err, const struct problems *problems);

/* task.c: the deferred request gets its answer, 200 with what output has and gets. */
status task_answer_stream(struct task *task, struct error *err);
/* task.c: output has more, or is complete. */
void task_wake(struct task *task);

#endif
