/* What a name of a query or condition stands for: metrics, parameters, "run", "status", "symbol", "interval"
 * and "elapsed", as columns over the rows of a result, where they lie in the mapping. */
#ifndef RESULTS_QUERY_COLUMNS_H
#define RESULTS_QUERY_COLUMNS_H

#include "results/result_file.h"
#include "results/value_dictionary.h"

enum column_storage {
    STORED_REAL,   /* double */
    STORED_INT,    /* int64 */
    STORED_BOOL,   /* one byte, not 0: true */
    STORED_NUMBER, /* double; where kinds[row] is VALUE_INT an int (at most 2^53) */
    STORED_TEXT,   /* bytes each, padded with NUL */
    STORED_JSON,   /* the same, JSON of any kind */
    STORED_STATUS, /* uint8 codes of texts */
    STORED_SERIES  /* uint32 codes of texts */
};

struct query_column {
    enum column_storage storage;
    const void *data; /* NULL: a metric not yet used */
    size_t bytes;     /* of an element */
    const uint8_t *kinds;
    const char *const *texts; /* of codes: text_count of them */
    size_t text_count;
    struct value_dictionary dictionary; /* STORED_JSON, once used and where it has few values */
};

struct json_memo;
struct query_columns {
    struct result *result;
    const char **names; /* count; where a parameter has the name of a metric, the metric comes first */
    struct query_column *columns;
    size_t count;
    const char **texts; /* of status, symbol, interval */
    struct json_memo *memo;
    struct arena values; /* texts decoded from JSON */
    size_t values_bytes;
};

status query_columns_open(struct query_columns *out, struct result *result, struct error *err);
void query_columns_close(struct query_columns *self); /* also after an error, or zeroed */

/* ERR_INPUT with the nearest name. */
status query_columns_find(const struct query_columns *self, size_t *column, const char *name,
                          struct error *err);
/* Maps the column; before it is looked at. */
status query_columns_use(struct query_columns *self, size_t column, struct error *err);

/* Which text a row of STORED_STATUS or STORED_SERIES has; never beyond the texts. */
static inline size_t query_column_code(const struct query_column *column, uint64_t row) {
    size_t code = column->storage == STORED_STATUS ? ((const uint8_t *)column->data)[row]
                                                   : ((const uint32_t *)column->data)[row];
    if (code < column->text_count) return code;
    return column->storage == STORED_STATUS ? RUN_CRASHED : 0; /* as result_status, result_series_of */
}

/* The value of a row; a text holds until query_columns_forget. */
struct value query_columns_value(struct query_columns *self, size_t column, uint64_t row);
/* Lets go of decoded texts when they have become many: call where none is in use. */
void query_columns_forget(struct query_columns *self);

#endif
