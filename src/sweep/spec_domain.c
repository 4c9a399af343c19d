/* One parameter's values: a constant, a list, or a map such as {range: [5, 50], step: 5}. */
#include "sweep/spec_read.h"

#include "sweep/domain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LIST_MAX = 100000 /* values are compared with each other */, WINDOW_MAX = 100000000 };

static const struct spec_key domain_keys[] = {
    {"range", NULL, false},   {"step", NULL, false},    {"log_range", NULL, false},
    {"count", NULL, false},   {"uniform", NULL, false}, {"log_uniform", NULL, false},
    {"integer", NULL, false}, {"choice", NULL, false},
};
const struct spec_group spec_domain_keys = {"a parameter", domain_keys,
                                            sizeof domain_keys / sizeof *domain_keys};

/* ---- values ---- */

static bool read_value(struct spec_reader *reader, const struct tree_node *node, const char *name,
                       struct value *out) {
    char quoted[SCALAR_QUOTE_MAX];
    if (node->kind != TREE_SCALAR) {
        spec_problem(reader, node, "a value of '%s' must be a number, a text, true, false or null, not %s",
                     name, yaml_scalar_quote(quoted, node));
        return false;
    }
    enum scalar_kind kind = yaml_scalar_kind(node, out);
    const char *advice = kind == SCALAR_TEXT ? yaml_scalar_advice(node) : NULL;
    if (kind == SCALAR_TOO_LARGE) advice = "it is too large for a whole number of 64 bits or a float";
    if (kind == SCALAR_NOT_FINITE) advice = "only finite numbers can be tried";
    if (kind == SCALAR_NULL && !*node->text) advice = "nothing is written there: write null if None is meant";
    if (advice) {
        spec_problem(reader, node, "%s as a value of '%s': %s", yaml_scalar_quote(quoted, node), name,
                     advice);
        return false;
    }
    if (kind == SCALAR_TEXT) out->text = spec_copy(reader, node->text);
    return true;
}

static bool read_values(struct spec_reader *reader, const struct tree_node *node, struct parameter *p) {
    char quoted[SCALAR_QUOTE_MAX];
    const struct tree_node *items;
    size_t count = spec_read_items(reader, node, p->name, &items);
    bool is_fine = count > 0;
    if (count > LIST_MAX) {
        spec_problem(reader, node, "'%s' lists more than %d values: use a range", p->name, LIST_MAX);
        return false;
    }
    p->values = arena_alloc(&reader->spec->arena, (count + 1) * sizeof *p->values);
    for (size_t i = 0; i < count; i++) {
        struct value value;
        if (!read_value(reader, &items[i], p->name, &value)) {
            is_fine = false;
            continue;
        }
        size_t twin = 0;
        while (twin < p->count && !value_equal(p->values[twin], value))
            twin++;
        if (twin == p->count) {
            p->values[p->count++] = value;
            continue;
        }
        spec_problem(reader, &items[i], "%s stands twice among the values of '%s': each would be run twice",
                     yaml_scalar_quote(quoted, &items[i]), p->name);
        is_fine = false;
    }
    return is_fine;
}

/* ---- [low, high] ---- */

static const struct tree_node *pair_of(struct spec_reader *reader, const struct tree_node *node,
                                       const char *what) {
    char quoted[SCALAR_QUOTE_MAX];
    if (node->kind == TREE_LIST && node->count == 2) return node->items;
    if (node->kind == TREE_LIST)
        spec_problem(reader, node, "%s must be [low, high], two values, not %zu", what, node->count);
    else
        spec_problem(reader, node, "%s must be [low, high], not %s", what, yaml_scalar_quote(quoted, node));
    return NULL;
}

static void reversed(struct spec_reader *reader, const struct tree_node *node, const char *what) {
    spec_problem(reader, node, "%s runs from low to high: swap its two values", what);
}

static bool read_real_pair(struct spec_reader *reader, const struct tree_node *node, const char *what,
                           bool is_logarithmic, struct parameter *p) {
    const struct tree_node *pair = pair_of(reader, node, what);
    if (!pair) return false;
    bool has_low = spec_read_number(reader, &pair[0], what, &p->low);
    bool has_high = spec_read_number(reader, &pair[1], what, &p->high);
    if (!has_low || !has_high) return false;
    const struct tree_node *wrong = p->low <= 0.0 ? &pair[0] : &pair[1];
    if (is_logarithmic && (p->low <= 0.0 || p->high <= 0.0))
        spec_problem(reader, wrong, "%s has a logarithm only above 0: give two positive numbers", what);
    else if (p->low > p->high)
        reversed(reader, node, what);
    else if (p->low == p->high)
        spec_problem(reader, node, "%s has one value only: write it as a constant", what);
    else if (!isfinite(p->high - p->low))
        spec_problem(reader, node, "%s is too wide for a float", what);
    else
        return true;
    return false;
}

/* ---- the kinds ---- */

static bool read_range(struct spec_reader *reader, const struct tree_node *map, const struct tree_node *node,
                       struct parameter *p) {
    const struct tree_node *pair = pair_of(reader, node, "range"), *step = yaml_tree_get(map, "step");
    bool first_is_int = false, last_is_int = false, step_is_int = true, is_fine = pair != NULL;
    p->kind = DOMAIN_RANGE;
    p->step = decimal_from_int64(1);
    if (pair) is_fine &= spec_read_decimal(reader, &pair[0], "range", &p->first, &first_is_int);
    if (pair) is_fine &= spec_read_decimal(reader, &pair[1], "range", &p->last, &last_is_int);
    if (step) is_fine &= spec_read_decimal(reader, step, "step", &p->step, &step_is_int);
    if (!is_fine) return false;
    p->integral = first_is_int && last_is_int && step_is_int;
    if (!step && !p->integral)
        spec_problem(reader, node, "a range of floats needs a step: {range: [0.1, 0.5], step: 0.1}");
    else if (!decimal_is_positive(p->step))
        spec_problem(reader, step, "step must be more than 0: a range runs from low to high");
    else if (decimal_compare(p->first, p->last) > 0)
        reversed(reader, node, "range");
    else if (!domain_prepare_range(p))
        spec_problem(reader, node,
                     "range has more values or more digits than can be counted: choose a larger step");
    else
        return true;
    return false;
}

static bool read_log_range(struct spec_reader *reader, const struct tree_node *map,
                           const struct tree_node *node, struct parameter *p) {
    const struct tree_node *count_node = yaml_tree_get(map, "count");
    int64_t count = 0;
    p->kind = DOMAIN_LOG_RANGE;
    bool is_fine = read_real_pair(reader, node, "log_range", true, p);
    if (!count_node) {
        spec_problem(reader, node, "log_range needs a count: {log_range: [0.001, 1], count: 7}");
        return false;
    }
    if (!spec_read_integer(reader, count_node, "count", 1, INT64_MAX, &count) || !is_fine) return false;
    p->count = (uint64_t)count;
    if (count == 1) {
        spec_problem(reader, count_node, "count must be at least 2: low and high are both among the points");
        return false;
    }
    /* neighbours must differ by more than the 12 digits points are rounded to */
    if ((log(p->high) - log(p->low)) / (double)(count - 1) > 1e-10) return true;
    spec_problem(reader, count_node, "count is too large: neighbouring points would be equal in 12 digits");
    return false;
}

static bool read_integer_domain(struct spec_reader *reader, const struct tree_node *node,
                                struct parameter *p) {
    p->kind = DOMAIN_INTEGER;
    const struct tree_node *pair = pair_of(reader, node, "integer");
    if (!pair) return false;
    bool is_fine = spec_read_integer(reader, &pair[0], "integer", INT64_MIN, INT64_MAX, &p->integer_low);
    is_fine &= spec_read_integer(reader, &pair[1], "integer", INT64_MIN, INT64_MAX, &p->integer_high);
    if (is_fine && p->integer_low > p->integer_high) {
        reversed(reader, node, "integer");
        return false;
    }
    return is_fine;
}

static bool read_choice(struct spec_reader *reader, const struct tree_node *node, struct parameter *p) {
    char quoted[SCALAR_QUOTE_MAX];
    p->kind = DOMAIN_CHOICE;
    if (node->kind == TREE_LIST) return read_values(reader, node, p);
    spec_problem(reader, node, "choice must be a list, not %s", yaml_scalar_quote(quoted, node));
    return false;
}

/* A companion key without the key it belongs to. */
static void stands_alone(struct spec_reader *reader, const struct tree_node *map, const char *companion,
                         const char *main_key) {
    const struct tree_node *node = yaml_tree_get(map, companion);
    if (node && !yaml_tree_get(map, main_key))
        spec_problem(reader, node, "%s belongs to %s, which is not there", companion, main_key);
}

/* The key that says the kind of domain, the first of several (the others are mistakes); NULL if there is
 * none. */
static const char *find_kind(struct spec_reader *reader, const struct tree_node *map) {
    static const char *const kinds[] = {"range", "log_range", "uniform", "log_uniform", "integer", "choice"};
    const char *kind = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct tree_node *node = yaml_tree_get(map, kinds[i]);
        if (node && kind) spec_problem(reader, node, "%s and %s in one parameter: keep one", kind, kinds[i]);
        if (node && !kind) kind = kinds[i];
    }
    return kind;
}

static bool read_map(struct spec_reader *reader, const struct tree_node *map, struct parameter *p) {
    char what[160];
    snprintf(what, sizeof what, "the parameter '%.100s'", p->name);
    size_t before = reader->problems->count;
    spec_check_map(reader, map, &spec_domain_keys, what);
    const char *kind = find_kind(reader, map);
    stands_alone(reader, map, "step", "range");
    stands_alone(reader, map, "count", "log_range");
    if (!kind && reader->problems->count == before)
        spec_problem(reader, map,
                     "%s has no values: write range, log_range, uniform, log_uniform, integer or choice",
                     what);
    if (!kind) return false;
    const struct tree_node *node = yaml_tree_get(map, kind);
    if (strcmp(kind, "range") == 0) return read_range(reader, map, node, p);
    if (strcmp(kind, "log_range") == 0) return read_log_range(reader, map, node, p);
    if (strcmp(kind, "integer") == 0) return read_integer_domain(reader, node, p);
    if (strcmp(kind, "choice") == 0) return read_choice(reader, node, p);
    bool is_logarithmic = strcmp(kind, "log_uniform") == 0;
    p->kind = is_logarithmic ? DOMAIN_LOG_UNIFORM : DOMAIN_UNIFORM;
    return read_real_pair(reader, node, kind, is_logarithmic, p);
}

/* ---- klineWndSize ---- */

static bool is_window(struct value value) {
    return value.kind == VALUE_INT && value.integer >= 1 && value.integer <= WINDOW_MAX;
}

/* All values are ints from 1 to WINDOW_MAX. */
static bool are_windows(const struct parameter *p) {
    switch (p->kind) {
    case DOMAIN_RANGE:
        return is_window(domain_value(p, 0)) && is_window(domain_value(p, p->count - 1));
    case DOMAIN_INTEGER:
        return p->integer_low >= 1 && p->integer_high <= WINDOW_MAX;
    case DOMAIN_LIST:
    case DOMAIN_CHOICE:
        for (uint64_t k = 0; k < p->count; k++)
            if (!is_window(p->values[k])) return false;
        return true;
    case DOMAIN_LOG_RANGE:
    case DOMAIN_UNIFORM:
    case DOMAIN_LOG_UNIFORM:
        break;
    }
    return false;
}

bool spec_read_domain(struct spec_reader *reader, const struct tree_node *node, struct parameter *parameter) {
    parameter->kind = DOMAIN_LIST;
    bool is_fine = node->kind == TREE_MAP    ? read_map(reader, node, parameter)
                   : node->kind == TREE_LIST ? read_values(reader, node, parameter)
                                             : false;
    if (node->kind == TREE_SCALAR) {
        parameter->values = arena_alloc(&reader->spec->arena, sizeof *parameter->values);
        is_fine = read_value(reader, node, parameter->name, parameter->values);
        parameter->count = 1;
    }
    if (is_fine && strcmp(parameter->name, WINDOW_PARAMETER) == 0 && !are_windows(parameter)) {
        spec_problem(reader, node,
                     WINDOW_PARAMETER " counts the bars a strategy sees: whole numbers from 1 to %d only",
                     WINDOW_MAX);
        return false;
    }
    return is_fine;
}
