/* Values as JSON or msgpack, written as they come: no tree is built and no count is needed beforehand (a
 * msgpack header is 5 bytes and filled in at the end). Doubles are repr()'s shortest form in JSON, NaN and
 * infinities null in either. */
#ifndef SERVER_HTTP_WRITER_H
#define SERVER_HTTP_WRITER_H

#include "base/text.h"
#include <stdbool.h>
#include <stdint.h>

enum writer_format { FORMAT_JSON, FORMAT_MSGPACK };
enum { WRITER_DEPTH = 16 };

struct writer {
    struct text *out;
    enum writer_format format;
    int depth;
    struct {
        bool is_map;
        uint32_t count; /* members so far */
        size_t header;  /* msgpack: where its header is */
    } open[WRITER_DEPTH];
};

struct writer writer_start(struct text *out, enum writer_format format);
void writer_map(struct writer *w);
void writer_array(struct writer *w);
void writer_end(struct writer *w); /* of the map or array opened last */
void writer_key(struct writer *w, const char *key);
void writer_string(struct writer *w, const char *string);             /* NULL: null */
void writer_bytes(struct writer *w, const char *data, size_t length); /* text of that length */
void writer_double(struct writer *w, double value);
void writer_float(struct writer *w, float value); /* shortest form of the float */
void writer_int(struct writer *w, int64_t value);
void writer_uint(struct writer *w, uint64_t value);
void writer_bool(struct writer *w, bool value);
void writer_null(struct writer *w);
void writer_time(struct writer *w, int64_t ms); /* ISO-8601 text, as clock_format_iso */
/* A value that is JSON text already: JSON only where the format is JSON, else it is parsed and rewritten. */
void writer_json(struct writer *w, const char *json, size_t length);
/* Members of a JSON object without its braces, into the map that is open. */
void writer_members(struct writer *w, const char *json, size_t length);

/* key and value at once. */
void writer_key_string(struct writer *w, const char *key, const char *string);
void writer_key_double(struct writer *w, const char *key, double value);
void writer_key_int(struct writer *w, const char *key, int64_t value);
void writer_key_uint(struct writer *w, const char *key, uint64_t value);
void writer_key_bool(struct writer *w, const char *key, bool value);
void writer_key_time(struct writer *w, const char *key, int64_t ms);
void writer_key_null(struct writer *w, const char *key);

#endif
