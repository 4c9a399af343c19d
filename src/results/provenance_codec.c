/* Provenance as msgpack: a map of the table's members, with "param_names" (array of str) and "series" (array
 * of maps). A member that is missing stays empty: a journal of an older kmill can be read. */
#include "results/msgpack_cursor.h"
#include "results/provenance_fields.h"

#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

static void pack_text(msgpack_packer *packer, const char *text) {
    size_t length = strlen(text);
    msgpack_pack_str(packer, length);
    msgpack_pack_str_body(packer, text, length);
}

static void pack_fields(msgpack_packer *packer, const struct field *fields, size_t count, const void *owner) {
    for (size_t i = 0; i < count; i++) {
        pack_text(packer, fields[i].name);
        if (field_is_text(&fields[i]))
            pack_text(packer, field_get_text(&fields[i], owner));
        else
            msgpack_pack_int64(packer, field_get_integer(&fields[i], owner));
    }
}

void provenance_encode(struct text *out, const struct provenance *provenance) {
    msgpack_packer packer;
    msgpack_packer_init(&packer, out, msgpack_write_text);
    msgpack_pack_map(&packer, PROVENANCE_FIELDS + 2);
    pack_fields(&packer, provenance_fields, PROVENANCE_FIELDS, provenance);
    pack_text(&packer, "param_names");
    msgpack_pack_array(&packer, provenance->param_count);
    for (size_t i = 0; i < provenance->param_count; i++)
        pack_text(&packer, provenance->param_names[i]);
    pack_text(&packer, "series");
    msgpack_pack_array(&packer, provenance->series_count);
    for (size_t i = 0; i < provenance->series_count; i++) {
        msgpack_pack_map(&packer, SERIES_FIELDS);
        pack_fields(&packer, series_fields, SERIES_FIELDS, &provenance->series[i]);
    }
}

static const struct field *find_field(const struct field *fields, size_t count, const char *name,
                                      size_t length) {
    for (size_t i = 0; i < count; i++)
        if (strlen(fields[i].name) == length && memcmp(fields[i].name, name, length) == 0) return &fields[i];
    return NULL;
}

/* One member whose key was read; false for an unknown key or a value that does not fit. */
static bool read_field(struct msgpack_cursor *cursor, const struct field *field, void *owner) {
    if (!field) return false;
    if (!field_is_text(field)) return field_set_integer(field, owner, cursor_int(cursor)) && !cursor->bad;
    size_t length;
    const char *text = cursor_string(cursor, &length);
    return text && field_set_text(field, owner, text, length);
}

static bool read_param_names(struct msgpack_cursor *cursor, struct provenance *out) {
    size_t count = cursor_array(cursor), length;
    if (cursor->bad || out->param_names) return false;
    out->param_names = calloc(count + 1, sizeof *out->param_names);
    if (!out->param_names) return false;
    for (size_t i = 0; i < count; i++) {
        const char *name = cursor_string(cursor, &length);
        if (!name || !(out->param_names[i] = strndup(name, length))) return false;
        out->param_count = i + 1;
    }
    return true;
}

static bool read_series(struct msgpack_cursor *cursor, struct provenance *out) {
    size_t count = cursor_array(cursor), length;
    if (cursor->bad || out->series) return false;
    out->series = calloc(count + 1, sizeof *out->series);
    if (!out->series) return false;
    for (size_t i = 0; i < count; i++) {
        out->series_count = i + 1;
        for (size_t pairs = cursor_map(cursor); pairs > 0; pairs--) {
            const char *key = cursor_string(cursor, &length);
            const struct field *field = key ? find_field(series_fields, SERIES_FIELDS, key, length) : NULL;
            if (!read_field(cursor, field, &out->series[i])) return false;
        }
    }
    return !cursor->bad;
}

static bool read_member(struct msgpack_cursor *cursor, struct provenance *out) {
    size_t length;
    const char *key = cursor_string(cursor, &length);
    if (!key) return false;
    if (length == 11 && memcmp(key, "param_names", 11) == 0) return read_param_names(cursor, out);
    if (length == 6 && memcmp(key, "series", 6) == 0) return read_series(cursor, out);
    return read_field(cursor, find_field(provenance_fields, PROVENANCE_FIELDS, key, length), out);
}

status provenance_decode(struct provenance *out, const void *data, size_t length, struct error *err) {
    struct msgpack_cursor cursor = msgpack_cursor_of(data, length);
    *out = (struct provenance){0};
    bool valid = true;
    for (size_t pairs = cursor_map(&cursor); valid && pairs > 0; pairs--)
        valid = read_member(&cursor, out);
    if (valid && cursor_ended(&cursor)) return OK;
    provenance_clear(out);
    return error_set(err, ERR_CORRUPT, "a sweep's provenance of %zu bytes is damaged", length);
}
