/* Filtering, sorting and paging of runs.
 *
 * Sort keys are compared where they lie in the mapped columns. A page near the top, the usual, is taken by a
 * bounded heap in one pass; a page far down sorts all matches. Conditions that are nothing but numeric
 * comparisons of columns with constants joined by `and`, the usual again, run without the expression's
 * interpreter (see compile_ranges). */
#include "base/expression_program.h"
#include "base/problems.h"
#include "results/result_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEAP_MAX = 8192 };

/* What a name of a query stands for. */
enum column_kind {
    COLUMN_RUN,
    COLUMN_STATUS,
    COLUMN_SYMBOL,
    COLUMN_INTERVAL,
    COLUMN_ELAPSED,
    COLUMN_METRIC,
    COLUMN_PARAM
};
enum { FIXED_COLUMNS = COLUMN_METRIC };
static const char *const fixed_names[FIXED_COLUMNS] = {"run", "status", "symbol", "interval", "elapsed"};

struct column {
    enum column_kind kind;
    size_t param;
    const double *doubles; /* metrics, elapsed, float parameters; NULL otherwise */
};

/* One conjunct: a double column compared with a number. */
struct range {
    const double *column;
    double bound;
    enum comparison comparison;
};

struct selection {
    struct result *result;
    struct column *columns; /* of all names */
    const char **names;
    size_t name_count;
    struct expression *where; /* NULL: all */
    struct range *ranges;     /* what where comes to, if that is all of it */
    size_t range_count;
    bool only_ranges;
    unsigned statuses;
    uint64_t row; /* being looked at */
    struct {
        size_t column;
        bool descending;
    } keys[QUERY_SORT_KEYS];
    size_t key_count;
};

/* ---- names ---- */

static struct column column_of(const struct result *result, size_t name) {
    struct column column = {.kind = (enum column_kind)name};
    if (name == COLUMN_ELAPSED) column.doubles = result->elapsed;
    if (name < FIXED_COLUMNS) return column;
    column.kind = COLUMN_METRIC; /* mapped when it is used */
    if (name < FIXED_COLUMNS + (size_t)METRIC_COUNT) return column;
    column.kind = COLUMN_PARAM;
    column.param = name - FIXED_COLUMNS - METRIC_COUNT;
    const struct stored_param *param = &result->params[column.param];
    if (param->encoding == PARAM_FLOAT) column.doubles = (const double *)(const void *)param->data;
    return column;
}

static status name_columns(struct selection *self, struct error *err) {
    const struct result *result = self->result;
    self->name_count = FIXED_COLUMNS + (size_t)METRIC_COUNT + result->provenance.param_count;
    self->names = calloc(self->name_count, sizeof *self->names);
    self->columns = calloc(self->name_count, sizeof *self->columns);
    if (!self->names || !self->columns) return error_set(err, ERR_MEMORY, "%s: out of memory", result->path);
    size_t n = 0;
    for (; n < FIXED_COLUMNS; n++)
        self->names[n] = fixed_names[n];
    for (enum metric m = 0; m < METRIC_COUNT; m++)
        self->names[n++] = metric_info(m)->name;
    for (size_t p = 0; p < result->provenance.param_count; p++)
        self->names[n++] = result->provenance.param_names[p];
    for (size_t i = 0; i < n; i++)
        self->columns[i] = column_of(result, i);
    return OK;
}

static status use_column(struct selection *self, size_t name, struct error *err) {
    struct column *column = &self->columns[name];
    if (column->kind != COLUMN_METRIC) return OK;
    return result_metric_column(self->result, &column->doubles, (enum metric)(name - FIXED_COLUMNS), err);
}

static status find_keys(struct selection *self, const struct query *query, struct error *err) {
    for (size_t k = 0; k < QUERY_SORT_KEYS && query->sort[k].name; k++) {
        const char *wanted = query->sort[k].name;
        size_t name = 0;
        while (name < self->name_count && strcmp(self->names[name], wanted) != 0)
            name++;
        if (name == self->name_count) {
            const char *near = nearest_name(wanted, self->names, self->name_count);
            return near ? error_set(err, ERR_INPUT, "there is no column '%s'; did you mean '%s'?", wanted,
                                    near)
                        : error_set(err, ERR_INPUT, "there is no column '%s' to sort by", wanted);
        }
        status rc = use_column(self, name, err);
        if (rc != OK) return rc;
        self->keys[k].column = name;
        self->keys[k].descending = query->sort[k].descending;
        self->key_count = k + 1;
    }
    return OK;
}

/* ---- values ---- */

static struct value column_value(struct selection *self, const struct column *column, uint64_t row) {
    struct result *result = self->result;
    const struct series_provenance *series = &result->provenance.series[result_series_of(result, row)];
    struct value value = {.kind = VALUE_FLOAT};
    switch (column->kind) {
    case COLUMN_RUN:
        return (struct value){.kind = VALUE_INT, .integer = (int64_t)result->run[row]};
    case COLUMN_STATUS:
        return (struct value){.kind = VALUE_TEXT,
                              .text = run_status_name((enum run_status)result_status(result, row))};
    case COLUMN_SYMBOL:
        return (struct value){.kind = VALUE_TEXT, .text = series->symbol};
    case COLUMN_INTERVAL:
        return (struct value){.kind = VALUE_TEXT, .text = series->interval};
    case COLUMN_PARAM:
        if (result_param(result, &value, column->param, row, NULL) != OK) value.kind = VALUE_NONE;
        return value;
    default:
        value.real = column->doubles[row];
        return value;
    }
}

static struct value look_up(void *context, size_t name) {
    struct selection *self = context;
    const struct column *column = &self->columns[name];
    if (column->doubles) return (struct value){.kind = VALUE_FLOAT, .real = column->doubles[self->row]};
    return column_value(self, column, self->row);
}

/* ---- conditions ---- */

/* NAME, CONSTANT, COMPARE, DROP with a double column and a number: a range. */
static bool take_range(const struct selection *self, const struct instruction *code, size_t left,
                       struct range *out) {
    double bound;
    if (left < 4 || code[0].operation != OP_NAME || code[1].operation != OP_CONSTANT ||
        code[2].operation != OP_COMPARE || code[3].operation != OP_DROP)
        return false;
    const struct column *column = &self->columns[code[0].name];
    bool is_exact =
        code[1].constant.kind == VALUE_FLOAT ||
        (code[1].constant.kind == VALUE_INT && llabs(code[1].constant.integer) < INT64_C(1) << 53);
    if (!column->doubles || !is_exact || !value_as_double(&bound, code[1].constant) || isnan(bound))
        return false;
    *out = (struct range){column->doubles, bound, code[2].comparison};
    return true;
}

/* The program `R1 R2 and R3 and ...` as a list of ranges; anything else leaves only_ranges false. */
static status compile_ranges(struct selection *self, struct error *err) {
    const struct expression *where = self->where;
    self->ranges = calloc(where->count + 1, sizeof *self->ranges);
    if (!self->ranges) return error_set(err, ERR_MEMORY, "out of memory for a condition");
    for (size_t i = 0; i < where->count;) {
        if (self->range_count > 0 && where->code[i].operation == OP_AND) {
            i++; /* `and` of truths is the same in whatever order they were joined */
            continue;
        }
        if (!take_range(self, where->code + i, where->count - i, &self->ranges[self->range_count])) return OK;
        self->range_count++;
        i += 4;
    }
    self->only_ranges = true;
    return OK;
}

static status parse_where(struct selection *self, const char *text, struct error *err) {
    if (!text || !*text) return OK;
    status rc = expression_parse(&self->where, text, self->names, self->name_count, err);
    for (size_t name = 0; rc == OK && name < self->name_count; name++)
        if (expression_uses(self->where, name)) rc = use_column(self, name, err);
    return rc == OK ? compile_ranges(self, err) : rc;
}

static bool in_range(const struct range *range, uint64_t row) {
    double value = range->column[row];
    switch (range->comparison) {
    case CMP_LESS:
        return value < range->bound;
    case CMP_LESS_EQUAL:
        return value <= range->bound;
    case CMP_GREATER:
        return value > range->bound;
    case CMP_GREATER_EQUAL:
        return value >= range->bound;
    case CMP_EQUAL:
        return value == range->bound;
    case CMP_NOT_EQUAL:
        break;
    }
    return value != range->bound; /* NaN too, as expressions have it */
}

static bool matches(struct selection *self, uint64_t row) {
    if (self->statuses && !(self->statuses >> result_status(self->result, row) & 1)) return false;
    if (!self->where) return true;
    if (!self->only_ranges) {
        self->row = row;
        return expression_holds(self->where, look_up, self);
    }
    for (size_t i = 0; i < self->range_count; i++)
        if (!in_range(&self->ranges[i], row)) return false;
    return true;
}

/* ---- order ---- */

/* Values without an order (NaN, none) come last either way. */
static int compare_values(struct value a, struct value b, bool descending) {
    bool a_missing = a.kind == VALUE_NONE || (a.kind == VALUE_FLOAT && isnan(a.real));
    bool b_missing = b.kind == VALUE_NONE || (b.kind == VALUE_FLOAT && isnan(b.real));
    if (a_missing || b_missing) return a_missing - b_missing;
    int sign;
    double x, y;
    if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT)
        sign = strcmp(a.text, b.text);
    else if (a.kind == VALUE_INT && b.kind == VALUE_INT)
        sign = (a.integer > b.integer) - (a.integer < b.integer);
    else if (value_as_double(&x, a) && value_as_double(&y, b))
        sign = (x > y) - (x < y);
    else
        sign = (a.kind == VALUE_TEXT) - (b.kind == VALUE_TEXT); /* a mixed column: numbers before text */
    return descending ? -sign : sign;
}

static int compare_doubles(double a, double b, bool descending) {
    if (isnan(a) || isnan(b)) return isnan(a) - isnan(b);
    int sign = (a > b) - (a < b);
    return descending ? -sign : sign;
}

/* < 0 if row a comes before row b; never 0 for different rows. */
static int compare_rows(struct selection *self, uint64_t a, uint64_t b) {
    for (size_t k = 0; k < self->key_count; k++) {
        const struct column *column = &self->columns[self->keys[k].column];
        bool descending = self->keys[k].descending;
        int sign = column->doubles ? compare_doubles(column->doubles[a], column->doubles[b], descending)
                                   : compare_values(column_value(self, column, a),
                                                    column_value(self, column, b), descending);
        if (sign != 0) return sign;
    }
    return (a > b) - (a < b);
}

static int compare_for_sort(const void *a, const void *b, void *selection) {
    return compare_rows(selection, *(const uint64_t *)a, *(const uint64_t *)b);
}

/* The heap's root is the worst of the best. */
static void sift_down(struct selection *self, uint64_t *heap, size_t count) {
    uint64_t moved = heap[0];
    size_t root = 0;
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && compare_rows(self, heap[child + 1], heap[child]) > 0) child++;
        if (compare_rows(self, heap[child], moved) <= 0) break;
        heap[root] = heap[child];
    }
    heap[root] = moved;
}

static void sift_up(struct selection *self, uint64_t *heap, size_t at) {
    uint64_t moved = heap[at];
    while (at > 0 && compare_rows(self, moved, heap[(at - 1) / 2]) > 0) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = moved;
}

/* The best `room` matches into rows, unsorted; returns how many there are. */
static size_t collect_best(struct selection *self, uint64_t *rows, size_t room, uint64_t *total) {
    size_t kept = 0;
    for (uint64_t row = 0; row < self->result->row_count; row++) {
        if (!matches(self, row)) continue;
        ++*total;
        if (kept < room) {
            rows[kept] = row;
            sift_up(self, rows, kept++);
        } else if (room > 0 && compare_rows(self, row, rows[0]) < 0) {
            rows[0] = row;
            sift_down(self, rows, kept);
        }
    }
    return kept;
}

static size_t collect_all(struct selection *self, uint64_t *rows, uint64_t *total) {
    for (uint64_t row = 0; row < self->result->row_count; row++)
        if (matches(self, row)) rows[(*total)++] = row;
    return (size_t)*total;
}

static status select_page(struct selection *self, uint64_t **out, size_t *count, uint64_t *total,
                          const struct query *query, struct error *err) {
    uint64_t all = self->result->row_count, wanted;
    if (__builtin_add_overflow(query->offset, query->limit, &wanted) || wanted > all) wanted = all;
    bool use_heap = wanted <= HEAP_MAX;
    uint64_t *rows = malloc((size_t)((use_heap ? wanted : all) + 1) * sizeof *rows);
    if (!rows) return error_set(err, ERR_MEMORY, "out of memory for %llu rows", (unsigned long long)all);
    size_t kept = use_heap ? collect_best(self, rows, (size_t)wanted, total) : collect_all(self, rows, total);
    qsort_r(rows, kept, sizeof *rows, compare_for_sort, self);
    size_t begin = query->offset < kept ? (size_t)query->offset : kept;
    *count = kept - begin < query->limit ? kept - begin : (size_t)query->limit;
    memmove(rows, rows + begin, *count * sizeof *rows);
    *out = rows;
    return OK;
}

status result_query(struct result *result, uint64_t **rows, size_t *count, uint64_t *total,
                    const struct query *query, struct error *err) {
    struct selection self = {.result = result, .statuses = query->statuses};
    *total = 0;
    status rc = name_columns(&self, err);
    if (rc == OK) rc = find_keys(&self, query, err);
    if (rc == OK) rc = parse_where(&self, query->where, err);
    if (rc == OK) rc = select_page(&self, rows, count, total, query, err);
    expression_close(self.where);
    free(self.ranges);
    free(self.names);
    free(self.columns);
    return rc;
}
