/* The queue of posted sweeps; see sweep_jobs.h. A sweep runs as `kmill run` in its folder, always with
 * --resume (which begins where there is nothing to go on with) and never with --overwrite. */
#include "server/work/sweep_jobs.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "results/journal.h"
#include "server/http/server_log.h"
#include "server/plain_message.h"
#include "server/sweeps/sweep_registry.h"
#include "server/work/child.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOON_MS = 20, LOOK_MS = 250, ASK_MS = 2000, ID_LENGTH_MAX = 100, POLITENESS = 10 };
static const int64_t patience_ns = INT64_C(30) * 1000000000; /* between SIGTERM and SIGKILL */

/* All under sweep_lock; child belongs to the manager's thread. */
struct sweep_job {
    struct sweep_job *next;
    char id[SWEEP_ID_MAX], strategy[FOLDER_STRATEGY_MAX];
    enum sweep_state state;
    bool is_cancelled;
    uint64_t turn;
    int64_t posted_ms, kill_ns; /* kill_ns 0: it was not told to end */
    struct folder_state saved;  /* error, line, column of a refused one */
    struct child child;
};

bool sweep_id_is_good(const char *id) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length = strlen(id);
    return length && length <= ID_LENGTH_MAX && id[0] != '.' && strspn(id, allowed) == length;
}

static char *result_path(const struct job_manager *jobs, const char *id) {
    struct text path = {0};
    text_printf(&path, "%s/%s.h5", jobs->results, id);
    return path.data;
}

static bool exists(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0;
}

/* Its result is there and nothing is left of its journal. */
static bool is_complete(const struct job_manager *jobs, const char *id) {
    char *path = result_path(jobs, id);
    bool complete = exists(path) && journal_state_of(path) == JOURNAL_NONE;
    free(path);
    return complete;
}

static struct sweep_job *find(const struct job_manager *jobs, const char *id) {
    struct sweep_job *job = jobs->sweeps;
    while (job && strcmp(job->id, id))
        job = job->next;
    return job;
}

static struct sweep_job *add(struct job_manager *jobs, const char *id, const char *strategy,
                             int64_t posted_ms) {
    struct sweep_job *job = calloc(1, sizeof *job);
    if (!job) abort(); /* a posted sweep is on disk: it must not be forgotten */
    *job = (struct sweep_job){.state = SWEEP_QUEUED,
                              .turn = ++jobs->turns,
                              .posted_ms = posted_ms,
                              .child = {.output = -1, .errors = -1}};
    snprintf(job->id, sizeof job->id, "%s", id);
    snprintf(job->strategy, sizeof job->strategy, "%s", strategy);
    job->next = jobs->sweeps;
    jobs->sweeps = job;
    jobs->sweeps_changed = true;
    return job;
}

static void drop(struct job_manager *jobs, struct sweep_job *job) {
    for (struct sweep_job **link = &jobs->sweeps; *link; link = &(*link)->next)
        if (*link == job) {
            *link = job->next;
            break;
        }
    child_clear(&job->child);
    free(job);
    jobs->sweeps_changed = true;
}

static void note(const struct sweep_job *job, const char *what, const char *why) {
    server_log(LOG_INFO, "sweep %s %s%s%s", job->id, what, *why ? ": " : "", why);
}

/* What the disk must know before it happens. A full disk is said and does not stop the server. */
static void save(const struct job_manager *jobs, struct sweep_job *job, enum folder_step step) {
    struct error err = {0};
    job->saved.step = step;
    if (sweep_folder_set(jobs->results, job->id, &job->saved, &err) != OK)
        note(job, "cannot be noted", err.message);
}

/* ---- asked for (pool threads) ---- */

status sweep_jobs_add(struct job_manager *jobs, const char *id, const char *yaml, const char *strategy_name,
                      const char *strategy, struct error *err) {
    char *path = result_path(jobs, id);
    pthread_mutex_lock(&jobs->sweep_lock);
    status rc = directory_make(jobs->results, err);
    if (rc == OK) sweep_jobs_load(jobs);
    if (rc == OK && jobs->queue < 0)
        rc = error_set(err, ERR_LIMIT,
                       "another kmill serve has the queue of this results folder: post it there");
    if (rc == OK && (exists(path) || journal_state_of(path) != JOURNAL_NONE || find(jobs, id)))
        rc = error_set(err, ERR_EXISTS, "there is a sweep '%s' already; choose another name", id);
    if (rc == OK) rc = sweep_folder_create(jobs->results, id, yaml, strategy_name, strategy, err);
    if (rc == OK) add(jobs, id, strategy_name, clock_realtime_ms());
    pthread_mutex_unlock(&jobs->sweep_lock);
    free(path);
    if (rc == OK) jobs_ring(jobs);
    return rc;
}

static status not_ours(const char *id, struct error *err) {
    return error_set(err, ERR_NOT_FOUND, "'%s' is no unfinished sweep that was posted to this server", id);
}

status sweep_jobs_cancel(struct job_manager *jobs, const char *id, struct error *err) {
    pthread_mutex_lock(&jobs->sweep_lock);
    struct sweep_job *job = find(jobs, id);
    status rc = OK;
    if (!job) {
        rc = not_ours(id, err);
    } else if (job->state == SWEEP_QUEUED || job->state == SWEEP_RUNNING) {
        job->is_cancelled = true;
        save(jobs, job, FOLDER_CANCELLED);
        if (job->state == SWEEP_QUEUED) job->state = SWEEP_INTERRUPTED;
        jobs->sweeps_changed = true;
    } else {
        rc = sweep_folder_remove(jobs->results, id, err);
        if (rc == OK) drop(jobs, job);
    }
    pthread_mutex_unlock(&jobs->sweep_lock);
    jobs_ring(jobs);
    return rc;
}

status sweep_jobs_resume(struct job_manager *jobs, const char *id, struct error *err) {
    pthread_mutex_lock(&jobs->sweep_lock);
    struct sweep_job *job = find(jobs, id);
    status rc = OK;
    if (!job) {
        rc = not_ours(id, err);
    } else if (job->state == SWEEP_QUEUED || (job->state == SWEEP_RUNNING && !job->is_cancelled)) {
        rc = error_set(err, ERR_EXISTS, "'%s' %s already", id,
                       job->state == SWEEP_QUEUED ? "waits for its turn" : "runs");
    } else if (job->state == SWEEP_RUNNING) {
        rc = error_set(err, ERR_EXISTS, "'%s' is still finishing its last runs; try again in a moment", id);
    } else {
        job->is_cancelled = false;
        job->saved = (struct folder_state){0};
        save(jobs, job, FOLDER_STARTED);
        job->state = SWEEP_QUEUED;
        job->turn = ++jobs->turns;
        jobs->sweeps_changed = true;
    }
    pthread_mutex_unlock(&jobs->sweep_lock);
    jobs_ring(jobs);
    return rc;
}

void jobs_list(struct job_manager *jobs, struct job_view **views, size_t *count) {
    pthread_mutex_lock(&jobs->sweep_lock);
    size_t n = 0, i = 0;
    for (const struct sweep_job *job = jobs->sweeps; job; job = job->next)
        n++;
    *views = calloc(n + 1, sizeof **views);
    for (const struct sweep_job *job = jobs->sweeps; *views && job; job = job->next, i++) {
        struct job_view *view = &(*views)[i];
        *view = (struct job_view){.state = (int)job->state,
                                  .line = job->saved.line,
                                  .column = job->saved.column,
                                  .error = *job->saved.error ? strdup(job->saved.error) : NULL};
        snprintf(view->id, sizeof view->id, "%s", job->id);
        clock_format_iso(view->posted_at, job->posted_ms);
    }
    *count = *views ? n : 0;
    pthread_mutex_unlock(&jobs->sweep_lock);
}

void job_views_free(struct job_view *views, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(views[i].error);
    free(views);
}

bool jobs_owns(struct job_manager *jobs, const char *id) {
    pthread_mutex_lock(&jobs->sweep_lock);
    bool owns = find(jobs, id) != NULL;
    pthread_mutex_unlock(&jobs->sweep_lock);
    return owns;
}

/* ---- coming up ---- */

static void load_one(void *context, const char *id) {
    struct job_manager *jobs = context;
    struct folder_state state;
    char strategy[FOLDER_STRATEGY_MAX];
    int64_t posted_ms;
    struct error err = {0};
    if (!sweep_id_is_good(id) ||
        sweep_folder_get(jobs->results, id, &state, strategy, &posted_ms, &err) != OK)
        return;                                                  /* nothing of ours */
    if (state.step == FOLDER_STARTED && is_complete(jobs, id)) { /* killed between the last two steps */
        sweep_folder_remove(jobs->results, id, &err);
        return;
    }
    struct sweep_job *job = add(jobs, id, strategy, posted_ms);
    job->saved = state;
    job->is_cancelled = state.step == FOLDER_CANCELLED;
    if (state.step == FOLDER_CANCELLED) job->state = SWEEP_INTERRUPTED;
    if (state.step == FOLDER_FAILED) job->state = SWEEP_FAILED;
}

/* Two servers on one folder would both run what is in its queue. File systems without locks have one server,
 * as far as we know. */
static bool take_queue(struct job_manager *jobs) {
    if (jobs->queue >= 0) return false; /* had it already */
    int folder = open(jobs->results, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return false;
    if (flock(folder, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
        close(folder);
        return false;
    }
    jobs->queue = folder;
    return true;
}

void sweep_jobs_load(struct job_manager *jobs) {
    if (!take_queue(jobs)) return;
    sweep_folder_each(jobs->results, load_one, jobs);
    for (struct sweep_job *job = jobs->sweeps; job; job = job->next) /* as they were posted */
        job->turn = (uint64_t)job->posted_ms;
    jobs->turns = (uint64_t)clock_realtime_ms();
}

void sweep_jobs_clear(struct job_manager *jobs) {
    while (jobs->sweeps)
        drop(jobs, jobs->sweeps);
}

/* ---- going on (manager's thread, sweep_lock held) ---- */

static status start_child(struct job_manager *jobs, struct sweep_job *job, struct error *err) {
    char *output = result_path(jobs, job->id), *folder = sweep_folder_path(jobs->results, job->id);
    const char *arguments[] = {"run",       "sweep.yaml", "--strategy", job->strategy, "--store",
                               jobs->store, "--output",   output,       "--resume",    "--progress",
                               "none",      NULL,         NULL};
    if (jobs_settings(jobs)->trust_strategy)
        arguments[sizeof arguments / sizeof *arguments - 2] = "--trust-strategy";
    const struct child_options options = {.arguments = arguments, .folder = folder};
    status rc = child_start(&job->child, &options, err);
    free(output);
    free(folder);
    return rc;
}

static void refuse(struct job_manager *jobs, struct sweep_job *job, const struct error *err) {
    job->state = SWEEP_FAILED;
    job->saved.line = err->line;
    job->saved.column = err->column;
    snprintf(job->saved.error, sizeof job->saved.error, "%s",
             *err->message ? err->message : "kmill run ended without a word");
    plain_message_of(job->saved.error, jobs_settings(jobs));
    save(jobs, job, FOLDER_FAILED);
    note(job, "failed", job->saved.error);
    jobs->sweeps_changed = true;
}

static void start(struct job_manager *jobs, struct sweep_job *job) {
    struct error err = {0};
    char *path = result_path(jobs, job->id);
    enum journal_state journal = journal_state_of(path);
    bool is_taken = exists(path) && journal == JOURNAL_NONE;
    free(path);
    if (journal == JOURNAL_IN_USE) return; /* an earlier server's child is ending: next time */
    if (is_taken) {
        error_set(&err, ERR_EXISTS, "a result file of that name appeared meanwhile; it is left as it is");
        refuse(jobs, job, &err);
        return;
    }
    save(jobs, job, FOLDER_STARTED);
    if (start_child(jobs, job, &err) != OK) {
        refuse(jobs, job, &err);
        return;
    }
    /* hours of all cores: whoever waits for an answer of the server goes first */
    setpriority(PRIO_PROCESS, (id_t)job->child.pid, POLITENESS);
    job->state = SWEEP_RUNNING;
    job->kill_ns = 0;
    jobs->sweeps_changed = true;
    note(job, "started", "");
}

/* Its child has ended. True: it is complete and gone. */
static bool finish(struct job_manager *jobs, struct sweep_job *job, int wait_status) {
    struct error err = {0};
    int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
    child_read_errors(&job->child);
    jobs->sweeps_changed = true;
    if (code >= 0 && code <= 1 && is_complete(jobs, job->id)) {
        note(job, "complete", "");
        if (sweep_folder_remove(jobs->results, job->id, &err) != OK)
            note(job, "left its folder", err.message);
        drop(jobs, job);
        return true;
    }
    job->state = SWEEP_INTERRUPTED;
    if (!job->is_cancelled && !jobs->is_stopping) {
        child_complaint(&job->child, job->strategy, &err);
        if (code == 2 || code == 3) {
            refuse(jobs, job, &err);
        } else if (code != 130) {
            snprintf(job->saved.error, sizeof job->saved.error, "its process ended with %s %d",
                     code < 0 ? "signal" : "exit code", code < 0 ? WTERMSIG(wait_status) : code);
            note(job, "interrupted", job->saved.error);
        }
    }
    child_clear(&job->child);
    return false;
}

static void press_to_end(struct job_manager *jobs, struct sweep_job *job, int64_t now_ns) {
    if (!job->is_cancelled && !jobs->is_stopping) return;
    if (!job->kill_ns) {
        child_signal(&job->child, SIGTERM);
        job->kill_ns = now_ns + patience_ns;
    }
    bool is_late = now_ns > job->kill_ns || (jobs->is_stopping && now_ns > jobs->kill_ns);
    if (is_late) child_signal(&job->child, SIGKILL);
}

static struct sweep_job *next_in_turn(const struct job_manager *jobs) {
    struct sweep_job *next = NULL;
    for (struct sweep_job *job = jobs->sweeps; job; job = job->next)
        if (job->state == SWEEP_QUEUED && (!next || job->turn < next->turn)) next = job;
    return next;
}

int sweep_jobs_step(struct job_manager *jobs) {
    int64_t now_ns = clock_monotonic_ns();
    int running = 0, wait_status;
    bool is_ending = false;
    pthread_mutex_lock(&jobs->sweep_lock);
    if (jobs->queue < 0) sweep_jobs_load(jobs);
    for (struct sweep_job *job = jobs->sweeps, *next; job; job = next) {
        next = job->next;
        if (job->state != SWEEP_RUNNING) continue;
        press_to_end(jobs, job, now_ns);
        child_read_errors(&job->child);
        if (child_ended(&job->child, &wait_status)) {
            finish(jobs, job, wait_status);
            continue;
        }
        running++;
        is_ending |= job->child.errors < 0 || job->kill_ns;
    }
    while (!jobs->is_stopping && running < jobs_settings(jobs)->sweeps_max) {
        struct sweep_job *job = next_in_turn(jobs);
        if (job) start(jobs, job);
        if (!job || job->state == SWEEP_QUEUED) break;
        running += job->state == SWEEP_RUNNING;
    }
    bool waits = next_in_turn(jobs) != NULL, changed = jobs->sweeps_changed;
    jobs->sweeps_changed = false;
    pthread_mutex_unlock(&jobs->sweep_lock);
    if (changed && jobs->server->sweeps && !jobs->is_stopping) sweep_registry_wake(jobs->server->sweeps);
    if (is_ending) return SOON_MS;
    return running || waits ? LOOK_MS : jobs->queue < 0 ? ASK_MS : -1;
}

bool sweep_jobs_run(struct job_manager *jobs) {
    bool any = false;
    pthread_mutex_lock(&jobs->sweep_lock);
    for (const struct sweep_job *job = jobs->sweeps; job; job = job->next)
        any |= job->state == SWEEP_RUNNING;
    pthread_mutex_unlock(&jobs->sweep_lock);
    return any;
}

void sweep_jobs_poll(struct job_manager *jobs, struct poll_list *list) {
    pthread_mutex_lock(&jobs->sweep_lock);
    for (const struct sweep_job *job = jobs->sweeps; job; job = job->next)
        if (job->state == SWEEP_RUNNING) poll_list_add(list, job->child.errors);
    pthread_mutex_unlock(&jobs->sweep_lock);
}
