/* A parameter as a column of the result file: one type for all runs, chosen from the values that occur, and
 * read back to the very value (kind included) that the strategy got.
 *
 *   all int     int64                 all bool   h5py's bool
 *   all float   float64               all text   fixed-length UTF-8
 *   int and float  float64, and /param_kinds/NAME (uint8, 2 int, 3 float) tells them apart
 *   anything else  JSON in fixed-length UTF-8
 * The attribute `encoding` of the dataset names which: int, float, bool, text, number, json. */
#ifndef RESULTS_PARAM_COLUMN_H
#define RESULTS_PARAM_COLUMN_H

#include "base/arena.h"
#include "base/value.h"
#include "results/h5_column.h"

enum param_encoding {
    PARAM_INT,
    PARAM_FLOAT,
    PARAM_BOOL,
    PARAM_TEXT,
    PARAM_NUMBER,
    PARAM_JSON,
    PARAM_ENCODINGS
};
extern const char *const param_encoding_names[PARAM_ENCODINGS];

/* What occurs in a column: zero-initialise, add every value, then ask. */
struct param_survey {
    unsigned kinds;                /* bit of each enum value_kind */
    bool has_large_int;            /* beyond 2^53: no double holds it */
    size_t text_bytes, json_bytes; /* the longest text, and a bound of the longest JSON */
};
void param_survey_add(struct param_survey *survey, struct value value);
enum param_encoding param_survey_encoding(const struct param_survey *survey);

struct param_column {
    enum param_encoding encoding;
    struct h5_column values, kinds; /* kinds only for PARAM_NUMBER */
    hid_t type;
    size_t bytes; /* of an element */
    char *padded; /* text being written */
};
bool param_column_open(struct param_column *column, hid_t params, hid_t kinds, const char *name,
                       const struct param_survey *survey, uint64_t rows);
bool param_column_add(struct param_column *column, struct value value);
bool param_column_close(struct param_column *column);

/* The value of an element of `bytes` bytes (kind: its entry in /param_kinds for PARAM_NUMBER, else ignored).
 * A text is borrowed from the element where a NUL ends it there, as the writer sees to, else copied into
 * texts. False if the element is none of that encoding. */
bool param_decode(struct value *out, enum param_encoding encoding, const void *element, size_t bytes,
                  uint8_t kind, struct arena *texts);
/* The dataset of parameter `index`: its name, unless a path cannot hold that. */
const char *param_dataset_name(char out[64], const char *name, size_t index);

#endif
