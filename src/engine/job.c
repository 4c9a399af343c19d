/* The job as a sequence of length-prefixed fields in a fixed order. Both sides are the same executable: no
 * versioning. */
#include "engine/job.h"
#include <stdlib.h>
#include <string.h>

static void pack_number(struct text *out, uint64_t value) {
    text_add(out, (const char *)&value, sizeof value);
}

static void pack_string(struct text *out, const char *string) {
    size_t length = string ? strlen(string) : 0;
    pack_number(out, length);
    text_add(out, string ? string : "", length);
}

void job_pack(struct text *out, const struct job *job) {
    pack_string(out, job->yaml);
    pack_string(out, job->yaml_path);
    pack_string(out, job->strategy);
    pack_string(out, job->strategy_path);
    pack_string(out, job->store);
    pack_number(out, job->threads);
    pack_number(out, job->check_only);
    pack_number(out, job->trust);
    pack_number(out, job->parent);
    pack_number(out, job->column_budget);
    pack_number(out, job->series_count);
    for (uint64_t i = 0; i < job->series_count; i++) {
        pack_number(out, job->series[i].first_bar);
        pack_number(out, job->series[i].begin);
        pack_number(out, job->series[i].end);
    }
}

struct cursor {
    const char *at, *end;
    bool ok;
};

static uint64_t unpack_number(struct cursor *c) {
    uint64_t value = 0;
    if (!c->ok || (size_t)(c->end - c->at) < sizeof value) {
        c->ok = false;
        return 0;
    }
    memcpy(&value, c->at, sizeof value);
    c->at += sizeof value;
    return value;
}

static char *unpack_string(struct cursor *c) {
    uint64_t length = unpack_number(c);
    if (!c->ok || (uint64_t)(c->end - c->at) < length) {
        c->ok = false;
        return NULL;
    }
    char *copy = strndup(c->at, length);
    c->at += length;
    c->ok = copy != NULL;
    return copy;
}

status job_unpack(struct job *out, const char *data, size_t length, struct error *err) {
    struct cursor c = {data, data + length, true};
    *out = (struct job){0};
    out->yaml = unpack_string(&c);
    out->yaml_path = unpack_string(&c);
    out->strategy = unpack_string(&c);
    out->strategy_path = unpack_string(&c);
    out->store = unpack_string(&c);
    out->threads = unpack_number(&c);
    out->check_only = unpack_number(&c);
    out->trust = unpack_number(&c);
    out->parent = unpack_number(&c);
    out->column_budget = unpack_number(&c);
    out->series_count = unpack_number(&c);
    if (c.ok && out->series_count > (uint64_t)(c.end - c.at) / sizeof(struct job_series)) c.ok = false;
    if (c.ok) out->series = calloc(out->series_count + 1, sizeof *out->series);
    if (!out->series) c.ok = false;
    for (uint64_t i = 0; c.ok && i < out->series_count; i++) {
        out->series[i].first_bar = unpack_number(&c);
        out->series[i].begin = unpack_number(&c);
        out->series[i].end = unpack_number(&c);
    }
    if (c.ok) return OK;
    job_clear(out);
    return error_set(err, ERR_CORRUPT, "the job handed to the worker is cut short");
}

void job_clear(struct job *job) {
    free(job->yaml);
    free(job->yaml_path);
    free(job->strategy);
    free(job->strategy_path);
    free(job->store);
    free(job->series);
    *job = (struct job){0};
}
