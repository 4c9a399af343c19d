/* Reading msgpack of unknown origin in place: no allocation, no recursion, nothing is read beyond the end.
 *
 * msgpack-c's unpacker builds an object tree: it allocates what a header claims before it has seen the
 * elements, and costs more than the rest of a record's decoding. Records and journal headers have a fixed
 * shape, so a cursor that asks for one value after the other is enough. Writing is msgpack-c's. */
#ifndef RESULTS_MSGPACK_CURSOR_H
#define RESULTS_MSGPACK_CURSOR_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* bad stays set once a value was not of the kind asked for; values read after that are 0 or NULL. */
struct msgpack_cursor {
    const unsigned char *at, *end;
    bool bad;
};

struct msgpack_cursor msgpack_cursor_of(const void *data, size_t length);
/* Any integer that fits; floats are refused. */
uint64_t cursor_uint(struct msgpack_cursor *cursor);
int64_t cursor_int(struct msgpack_cursor *cursor);
/* float 64 only. */
double cursor_double(struct msgpack_cursor *cursor);
/* Borrowed body of a str, a bin. */
const char *cursor_string(struct msgpack_cursor *cursor, size_t *length);
const void *cursor_binary(struct msgpack_cursor *cursor, size_t *length);
/* Number of elements or pairs that follow: never more than bytes are left. */
size_t cursor_array(struct msgpack_cursor *cursor);
size_t cursor_map(struct msgpack_cursor *cursor);
/* Takes a nil if one is next. */
bool cursor_take_nil(struct msgpack_cursor *cursor);
/* True if all was good and nothing is left. */
bool cursor_ended(const struct msgpack_cursor *cursor);

/* The write callback of a msgpack_packer that appends to a struct text. */
int msgpack_write_text(void *text, const char *data, size_t length);

#endif
