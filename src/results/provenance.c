/* Where a result comes from: its members by table, copied and freed. */
#include "results/provenance_fields.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER(owner, member, kind) \
    { #member, kind, offsetof(struct owner, member), sizeof(((struct owner *)0)->member) }

const struct field provenance_fields[PROVENANCE_FIELDS] = {
    MEMBER(provenance, name, FIELD_TEXT),           MEMBER(provenance, yaml, FIELD_LONG_TEXT),
    MEMBER(provenance, yaml_path, FIELD_TEXT),      MEMBER(provenance, strategy, FIELD_LONG_TEXT),
    MEMBER(provenance, strategy_path, FIELD_TEXT),  MEMBER(provenance, strategy_sha256, FIELD_ARRAY),
    MEMBER(provenance, engine_version, FIELD_TEXT), MEMBER(provenance, python_version, FIELD_TEXT),
    MEMBER(provenance, host, FIELD_TEXT),           MEMBER(provenance, cpu, FIELD_TEXT),
    MEMBER(provenance, libc, FIELD_TEXT),           MEMBER(provenance, started_at, FIELD_ARRAY),
    MEMBER(provenance, finished_at, FIELD_ARRAY),   MEMBER(provenance, seed, FIELD_U64),
    MEMBER(provenance, space_size, FIELD_U64),      MEMBER(provenance, allowed, FIELD_U64),
    MEMBER(provenance, equity_points, FIELD_SIZE),  MEMBER(provenance, rank_metric, FIELD_TEXT),
    MEMBER(provenance, rank_descending, FIELD_INT), MEMBER(provenance, rank_where, FIELD_TEXT),
};

const struct field series_fields[SERIES_FIELDS] = {
    MEMBER(series_provenance, symbol, FIELD_ARRAY), MEMBER(series_provenance, interval, FIELD_ARRAY),
    MEMBER(series_provenance, store, FIELD_TEXT),   MEMBER(series_provenance, source, FIELD_TEXT),
    MEMBER(series_provenance, bars, FIELD_U64),     MEMBER(series_provenance, begin_ms, FIELD_I64),
    MEMBER(series_provenance, end_ms, FIELD_I64),   MEMBER(series_provenance, checksum, FIELD_U32),
};

bool field_is_text(const struct field *field) {
    return field->kind == FIELD_TEXT || field->kind == FIELD_LONG_TEXT || field->kind == FIELD_ARRAY;
}

int64_t field_get_integer(const struct field *field, const void *owner) {
    const void *member = (const char *)owner + field->offset;
    switch (field->kind) {
    case FIELD_U64:
    case FIELD_I64:
    case FIELD_SIZE:
        return *(const int64_t *)member;
    case FIELD_U32:
        return *(const uint32_t *)member;
    case FIELD_INT:
        return *(const int *)member;
    default:
        return 0;
    }
}

bool field_set_integer(const struct field *field, void *owner, int64_t value) {
    void *member = (char *)owner + field->offset;
    switch (field->kind) {
    case FIELD_U64:
    case FIELD_I64:
    case FIELD_SIZE:
        *(int64_t *)member = value;
        return true;
    case FIELD_U32:
        *(uint32_t *)member = (uint32_t)value;
        return value >= 0 && value <= UINT32_MAX;
    case FIELD_INT:
        *(int *)member = (int)value;
        return value >= INT_MIN && value <= INT_MAX;
    default:
        return false;
    }
}

const char *field_get_text(const struct field *field, const void *owner) {
    const char *member = (const char *)owner + field->offset;
    if (field->kind == FIELD_ARRAY) return member;
    const char *text = *(char *const *)(const void *)member;
    return text ? text : "";
}

bool field_set_text(const struct field *field, void *owner, const char *text, size_t length) {
    char *member = (char *)owner + field->offset;
    if (field->kind == FIELD_ARRAY) {
        if (length >= field->capacity) return false;
        memcpy(member, text, length);
        member[length] = '\0';
        return true;
    }
    char *copy = strndup(text, length), **owned = (char **)(void *)member;
    free(*owned);
    *owned = copy;
    return copy != NULL;
}

static void clear_fields(const struct field *fields, size_t count, void *owner) {
    for (size_t i = 0; i < count; i++)
        if (fields[i].kind == FIELD_TEXT || fields[i].kind == FIELD_LONG_TEXT)
            free(*(char **)(void *)((char *)owner + fields[i].offset));
}

static bool copy_fields(const struct field *fields, size_t count, void *out, const void *in) {
    for (size_t i = 0; i < count; i++) {
        const char *text = field_get_text(&fields[i], in);
        bool done = field_is_text(&fields[i])
                        ? field_set_text(&fields[i], out, text, strlen(text))
                        : field_set_integer(&fields[i], out, field_get_integer(&fields[i], in));
        if (!done) return false;
    }
    return true;
}

void provenance_clear(struct provenance *provenance) {
    clear_fields(provenance_fields, PROVENANCE_FIELDS, provenance);
    for (size_t i = 0; i < provenance->param_count; i++)
        free(provenance->param_names[i]);
    free(provenance->param_names);
    for (size_t i = 0; i < provenance->series_count; i++)
        clear_fields(series_fields, SERIES_FIELDS, &provenance->series[i]);
    free(provenance->series);
    *provenance = (struct provenance){0};
}

static bool copy_lists(struct provenance *out, const struct provenance *in) {
    out->param_names = calloc(in->param_count + 1, sizeof *out->param_names);
    out->series = calloc(in->series_count + 1, sizeof *out->series);
    if (!out->param_names || !out->series) return false;
    for (size_t i = 0; i < in->param_count; i++, out->param_count++)
        if (!(out->param_names[i] = strdup(in->param_names[i]))) return false;
    for (size_t i = 0; i < in->series_count; i++) {
        out->series_count = i + 1;
        if (!copy_fields(series_fields, SERIES_FIELDS, &out->series[i], &in->series[i])) return false;
    }
    return true;
}

status provenance_copy(struct provenance *out, const struct provenance *in, struct error *err) {
    *out = (struct provenance){0};
    if (copy_fields(provenance_fields, PROVENANCE_FIELDS, out, in) && copy_lists(out, in)) return OK;
    provenance_clear(out);
    return error_set(err, ERR_MEMORY, "out of memory for a sweep's provenance");
}
