/* Filters of a request as one condition of base/expression.h. A name goes into it only if it is one, a value
 * only as a number or in quotes that it does not contain: nothing a client sends becomes syntax. */
#include "server/sweeps/run_filter.h"
#include "base/clock.h"
#include "base/expression.h"
#include "base/hash.h"
#include "base/problems.h"
#include "results/metric_text.h"
#include "results/provenance.h"
#include "results/query_columns.h"
#include "server/sweeps/sweep_registry.h"

#include <math.h>
#include <string.h>

static bool begins_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* ---- known names ---- */

struct known {
    const char **names;
    size_t count;
    bool with_fixed;
};

static bool note_dotted(void *context, const char *name, const char *value) {
    struct known *known = context;
    (void)value;
    bool is_dotted = begins_with(name, "min.") || begins_with(name, "max.") ||
                     (known->with_fixed && begins_with(name, "fixed."));
    if (!is_dotted) return true;
    if (known->names) known->names[known->count] = name;
    known->count++;
    return true;
}

bool run_filter_known(struct request *request, const char *const *names, bool with_fixed) {
    struct known known = {.with_fixed = with_fixed};
    size_t fixed = 0;
    while (names[fixed])
        fixed++;
    request_each_query(request, note_dotted, &known);
    const char **all = arena_alloc(&request->arena, (fixed + known.count + 2) * sizeof *all);
    memcpy(all, names, fixed * sizeof *all);
    all[fixed++] = "ranked";
    known = (struct known){.names = all, .count = fixed, .with_fixed = with_fixed};
    request_each_query(request, note_dotted, &known);
    all[known.count] = NULL;
    return request_query_known(request, all);
}

/* ---- one bound ---- */

struct conditions {
    struct request *request;
    struct query_columns columns;
    struct text text;
    bool failed;
};

static bool refuse(struct conditions *self, const char *field, const char *format, const char *a,
                   const char *b) {
    char message[ERROR_MESSAGE_MAX];
    snprintf(message, sizeof message, "%s: ", field);
    size_t length = strlen(message);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(message + length, sizeof message - length, format, a, b);
#pragma GCC diagnostic pop
    request_fail(self->request, 400, "invalid", field, "%s", message);
    return !(self->failed = true);
}

/* A name that a condition can hold. Sweep files allow no other ones; result files of elsewhere may. */
static bool is_plain_name(const char *name) {
    static const char *const words[] = {"and", "or", "not", "in", "true", "false", "none"};
    static const char parts[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i]) == 0) return false;
    return *name && (*name < '0' || *name > '9') && !name[strspn(name, parts)];
}

static bool find_column(struct conditions *self, size_t *column, const char *field, const char *name) {
    struct error err = {0};
    if (query_columns_find(&self->columns, column, name, &err) != OK) {
        request_fail_error(self->request, field, &err);
        return !(self->failed = true);
    }
    if (is_plain_name(name)) return true;
    return refuse(self, field, "a condition cannot hold the name '%s'%s", name, "");
}

static void begin_condition(struct conditions *self) {
    if (self->text.length) text_add_string(&self->text, " and ");
}

/* A number as it is written in a condition; ints keep all their digits. */
static bool add_number(struct text *out, const char *value) {
    int64_t integer;
    double real;
    char digits[DOUBLE_TEXT_MAX];
    if (text_to_int64(&integer, value))
        text_printf(out, "%lld", (long long)integer);
    else if (text_to_double(&real, value) && isfinite(real)) {
        double_to_text(digits, real);
        text_add_string(out, digits);
    } else
        return false;
    return true;
}

static bool is_text_column(const struct query_column *column) {
    return column->storage == STORED_TEXT || column->storage == STORED_STATUS ||
           column->storage == STORED_SERIES;
}

/* min.NAME=VALUE, max.NAME=VALUE */
static bool add_bound(struct conditions *self, const char *field, const char *value) {
    const char *name = field + strlen("min.");
    size_t column;
    enum metric metric;
    int64_t ms;
    char text[32];
    if (!find_column(self, &column, field, name)) return false;
    if (is_text_column(&self->columns.columns[column]))
        return refuse(self, field, "'%s' is text and has no bounds%s", name, "; use where=");
    if (metric_find(&metric, name) && metric_is_time(metric) && strchr(value, '-') &&
        clock_parse(&ms, value)) {
        snprintf(text, sizeof text, "%lld", (long long)ms);
        value = text;
    }
    begin_condition(self);
    text_printf(&self->text, "%s %s ", name, begins_with(field, "min.") ? ">=" : "<=");
    if (add_number(&self->text, value)) return true;
    return refuse(self, field, "'%s' is not a number%s", value, "");
}

/* ---- one value ---- */

static bool add_quoted(struct conditions *self, const char *field, const char *value) {
    char quote = strchr(value, '"') ? '\'' : '"';
    if (strchr(value, quote))
        return refuse(self, field, "a text with both kinds of quotes cannot be asked for%s%s", "", "");
    text_add_char(&self->text, quote);
    text_add_string(&self->text, value);
    text_add_char(&self->text, quote);
    return true;
}

static bool is_truth(const char *value) {
    return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
}

/* A column of any kind of values: the number, truth value or none that the text means, or the text itself. */
static bool add_mixed(struct conditions *self, const char *field, const char *name, const char *value) {
    struct text number = {0};
    bool is_number = add_number(&number, value), is_word = is_truth(value) || strcmp(value, "none") == 0;
    text_printf(&self->text, "(%s == ", name);
    if (is_number || is_word) text_printf(&self->text, "%s or %s == ", is_number ? number.data : value, name);
    text_clear(&number);
    if (!add_quoted(self, field, value)) return false;
    text_add_char(&self->text, ')');
    return true;
}

static bool add_fixed(struct conditions *self, const char *field, const char *value) {
    const char *name = field + strlen("fixed.");
    size_t at;
    enum metric metric;
    if (!find_column(self, &at, field, name)) return false;
    if (metric_find(&metric, name))
        return refuse(self, field, "'%s' is a metric: min.%s and max. bound it", name, name);
    const struct query_column *column = &self->columns.columns[at];
    begin_condition(self);
    if (column->storage == STORED_JSON) return add_mixed(self, field, name, value);
    text_printf(&self->text, "%s == ", name);
    if (is_text_column(column)) return add_quoted(self, field, value);
    if (column->storage == STORED_BOOL) {
        text_add_string(&self->text, value);
        return is_truth(value) || refuse(self, field, "'%s' is neither true nor false%s", value, "");
    }
    return add_number(&self->text, value) || refuse(self, field, "'%s' is not a number%s", value, "");
}

static bool add_condition(void *context, const char *name, const char *value) {
    struct conditions *self = context;
    if (begins_with(name, "min.") || begins_with(name, "max.")) return add_bound(self, name, value);
    if (begins_with(name, "fixed.")) return add_fixed(self, name, value);
    return true;
}

/* where= is checked alone: its mistakes have their own column, and its parentheses stay its own. */
static bool add_where(struct conditions *self, const char *where) {
    struct expression *parsed = NULL;
    struct error err = {0};
    if (!where || !where[strspn(where, " \t\r\n")]) return true;
    if (expression_parse(&parsed, where, self->columns.names, self->columns.count, &err) != OK) {
        request_fail_error(self->request, "where", &err);
        return false;
    }
    expression_close(parsed);
    text_printf(&self->text, "(%s)", where);
    return true;
}

/* ranked=true: what the sweep's own filters leave, as in `kmill top`. Runs that are not done were not ranked
 * and stay: who looks for errors finds them. */
static bool add_ranked(struct conditions *self, const struct result *result) {
    const char *where = result_provenance(result)->rank_where;
    bool ranked = false;
    if (!request_query_bool(self->request, &ranked, "ranked")) return false;
    if (!ranked || !where || !*where) return true;
    begin_condition(self);
    text_printf(&self->text, "(status != \"%s\" or (%s))", run_status_name(RUN_DONE), where);
    return true;
}

bool run_filter_where(struct request *request, const char **where, struct result *result) {
    struct conditions self = {.request = request};
    struct error err = {0};
    *where = NULL;
    if (query_columns_open(&self.columns, result, &err) != OK) {
        request_fail_error(request, NULL, &err);
        self.failed = true;
    }
    if (!self.failed) self.failed = !add_where(&self, request_query(request, "where"));
    if (!self.failed) self.failed = !add_ranked(&self, result);
    if (!self.failed) request_each_query(request, add_condition, &self);
    if (!self.failed && self.text.length)
        *where = arena_copy(&request->arena, self.text.data, self.text.length);
    query_columns_close(&self.columns);
    text_clear(&self.text);
    return !self.failed;
}

/* ---- lists ---- */

/* The next item of a comma separated list, without spaces around it; NULL at the end. */
static char *next_item(char **rest) {
    char *item = strsep(rest, ",");
    if (!item) return NULL;
    item += strspn(item, " ");
    for (size_t length = strlen(item); length > 0 && item[length - 1] == ' ';)
        item[--length] = '\0';
    return item;
}

bool run_filter_statuses(struct request *request, unsigned *statuses) {
    const char *names[RUN_STATUS_COUNT], *list = request_query(request, "status");
    *statuses = 0;
    for (enum run_status s = 0; s < RUN_STATUS_COUNT; s++)
        names[s] = run_status_name(s);
    char *rest = list && *list ? arena_copy(&request->arena, list, strlen(list)) : NULL;
    for (char *item; (item = next_item(&rest));) {
        size_t s = 0;
        while (s < RUN_STATUS_COUNT && strcmp(item, names[s]) != 0)
            s++;
        if (s == RUN_STATUS_COUNT) {
            request_fail(request, 400, "invalid", "status",
                         "status: '%s' is none; there are done, failed, time limit, memory limit, crashed",
                         item);
            return false;
        }
        *statuses |= 1u << s;
    }
    return true;
}

static void sort_by_rank(struct query *query, const struct result *result) {
    const struct provenance *provenance = result_provenance(result);
    enum metric metric;
    if (!provenance->rank_metric || !metric_find(&metric, provenance->rank_metric)) return;
    query->sort[0].name = provenance->rank_metric;
    query->sort[0].descending = provenance->rank_descending != 0;
}

static bool has_column(struct request *request, struct result *result, const char *name) {
    struct query_columns columns = {0};
    struct error err = {0};
    size_t column;
    status rc = query_columns_open(&columns, result, &err);
    if (rc == OK) rc = query_columns_find(&columns, &column, name, &err);
    query_columns_close(&columns);
    if (rc != OK) request_fail_error(request, "sort", &err);
    return rc == OK;
}

bool run_filter_sort(struct request *request, struct query *query, struct result *result, bool by_rank) {
    const char *list = request_query(request, "sort");
    char *rest = list && *list ? arena_copy(&request->arena, list, strlen(list)) : NULL;
    size_t count = 0;
    if (!rest && by_rank) sort_by_rank(query, result);
    for (char *item; (item = next_item(&rest)); count++) {
        if (count == QUERY_SORT_KEYS) {
            request_fail(request, 400, "invalid", "sort", "sort: at most %d columns", QUERY_SORT_KEYS);
            return false;
        }
        query->sort[count].descending = *item == '-';
        query->sort[count].name = item + (*item == '-' || *item == '+');
        if (!has_column(request, result, query->sort[count].name)) return false;
    }
    return true;
}

bool run_filter_metric(struct request *request, const char **metric, struct result *result) {
    const char *name = request_query(request, "metric");
    enum metric found;
    *metric = name ? name : result_provenance(result)->rank_metric;
    if (*metric && metric_find(&found, *metric)) return true;
    const char *near = name ? nearest_name(name, metric_names(), METRIC_COUNT) : NULL;
    if (near)
        request_fail(request, 400, "invalid", "metric", "there is no metric '%s'; did you mean '%s'?", name,
                     near);
    else
        request_fail(request, 400, "invalid", "metric",
                     "metric: the name of one is needed, such as profitRate");
    return false;
}

/* ---- the sweep ---- */

static void fail_hold(struct request *request, status rc, const struct error *err) {
    if (rc == ERR_CORRUPT)
        request_fail(request, 409, "conflict", "id", "%s", err->message);
    else
        request_fail_error(request, rc == ERR_NOT_FOUND ? "id" : NULL, err);
}

struct held_sweep *request_hold(struct request *request) {
    struct held_sweep *held = NULL;
    struct error err = {0};
    status rc = sweep_hold(&held, request->server->sweeps, request->parameters[0], &err);
    if (rc == OK) return held;
    fail_hold(request, rc, &err);
    return NULL;
}

bool request_hold_if_begun(struct request *request, struct held_sweep **out) {
    struct error err = {0};
    *out = NULL;
    status rc = sweep_hold(out, request->server->sweeps, request->parameters[0], &err);
    if (rc == ERR_NOT_FOUND &&
        sweep_registry_find(request->server->sweeps, request->parameters[0], NULL) == OK)
        return true;
    if (rc != OK) fail_hold(request, rc, &err);
    return rc == OK;
}

void request_release(struct request *request, struct held_sweep *held) {
    if (!held_sweep_is_whole(held))
        request_fail(request, 409, "conflict", "id",
                     "the result file of sweep '%s' was changed while it was read; try again",
                     request->parameters[0]);
    sweep_release(held);
}

/* With its NUL, which no text of a request holds: "a=bc" and "ab=c" differ. */
static bool hash_parameter(void *context, const char *name, const char *value) {
    uint64_t *hash = context;
    *hash = hash_fnv1a(*hash, name, strlen(name) + 1);
    *hash = hash_fnv1a(*hash, value, strlen(value) + 1);
    return true;
}

bool request_has_version(struct request *request, const struct held_sweep *held) {
    uint64_t hash = hash_fnv1a(FNV_START, request->path, strlen(request->path) + 1);
    request_each_query(request, hash_parameter, &hash);
    return request_not_modified(request, "%016llx-%016llx",
                                (unsigned long long)(held ? held_sweep_version(held) : 0),
                                (unsigned long long)hash);
}
