/* The members of struct provenance and struct series_provenance as a table: copying, freeing, the journal's
 * header and the result file's attributes all go over it, so that a new member is named once. */
#ifndef RESULTS_PROVENANCE_FIELDS_H
#define RESULTS_PROVENANCE_FIELDS_H

#include "results/provenance.h"

enum field_kind {
    FIELD_TEXT,      /* char *, owned, may be NULL */
    FIELD_LONG_TEXT, /* char *, owned; a dataset in the result file, because HDF5's attributes end at 64 KiB
                      */
    FIELD_ARRAY,     /* char[capacity], NUL-terminated */
    FIELD_U64,
    FIELD_I64,
    FIELD_U32,
    FIELD_INT,
    FIELD_SIZE
};
struct field {
    const char *name; /* the same in journal and result file */
    enum field_kind kind;
    size_t offset, capacity;
};

enum { PROVENANCE_FIELDS = 20, SERIES_FIELDS = 8 };
extern const struct field provenance_fields[PROVENANCE_FIELDS];
extern const struct field series_fields[SERIES_FIELDS];

/* The member as an integer, whatever its width; and setting it (false if it does not fit). */
int64_t field_get_integer(const struct field *field, const void *owner);
bool field_set_integer(const struct field *field, void *owner, int64_t value);
/* The member as text, "" where there is none; and setting it to a copy (false if it does not fit or memory is
 * out). */
const char *field_get_text(const struct field *field, const void *owner);
bool field_set_text(const struct field *field, void *owner, const char *text, size_t length);
bool field_is_text(const struct field *field);

#endif
