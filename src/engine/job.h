/* What the coordinator tells a worker at its start: one sealed memory file, read once. */
#ifndef ENGINE_JOB_H
#define ENGINE_JOB_H

#include "base/text.h"
#include "kmill/error.h"
#include <stdint.h>

struct job_series {
    uint64_t first_bar; /* warm-up begins here */
    uint64_t begin, end;
};

/* Strings owned by whoever made it (job_unpack: job_clear frees). */
struct job {
    char *yaml, *yaml_path;
    char *strategy, *strategy_path;
    char *store;
    uint64_t threads;
    uint64_t check_only;    /* guard the strategy, answer, exit: yaml and series are unused */
    uint64_t trust;         /* go on where the kernel offers no sandbox */
    uint64_t parent;        /* pid of the coordinator: the worker must not outlive it */
    uint64_t column_budget; /* bytes of shared indicator columns a series */
    struct job_series *series;
    uint64_t series_count;
};

void job_pack(struct text *out, const struct job *job);
status job_unpack(struct job *out, const char *data, size_t length, struct error *err);
void job_clear(struct job *job);

#endif
