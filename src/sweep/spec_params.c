/* A sweep file's run space: parameters, the conditions between them, and how they are tried. */
#include "sweep/spec_read.h"

#include "sweep/domain.h"

#include <string.h>

enum { PARAMETER_NAME_MAX = 64 };

/* ---- params ---- */

/* A name that conditions, tables and `--param name=value` can write. */
static void check_name(struct spec_reader *reader, const struct tree_node *key) {
    static const char *const reserved[] = {"and",  "or",   "not",   "in",   "true", "false",
                                           "none", "True", "False", "None", "null"};
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char parts[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    static const char *const window[] = {WINDOW_PARAMETER};
    char quoted[SCALAR_QUOTE_MAX];
    const char *name = key->text;
    yaml_scalar_quote(quoted, key);
    if (!*name || !strchr(letters, *name) || name[strspn(name, parts)] || strlen(name) > PARAMETER_NAME_MAX)
        spec_problem(reader, key,
                     "a parameter's name is 1 to %d letters, digits or _ (no digit first), not %s",
                     PARAMETER_NAME_MAX, quoted);
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(name, reserved[i]) == 0)
            spec_problem(reader, key, "%s is a word of the conditions: give the parameter another name",
                         quoted);
    if (strcmp(name, WINDOW_PARAMETER) != 0 && nearest_name(name, window, 1))
        spec_problem(reader, key, "the window's parameter is spelled " WINDOW_PARAMETER ", not %s", quoted);
}

static bool is_random(const struct spec_reader *reader) {
    return reader->spec->method == METHOD_RANDOM;
}

void spec_read_params(struct spec_reader *reader, const struct tree_node *node) {
    char quoted[SCALAR_QUOTE_MAX];
    struct sweep_spec *spec = reader->spec;
    if (node->kind != TREE_MAP) {
        spec_problem(reader, node, "params must be a map of the strategy's parameters, not %s",
                     yaml_scalar_quote(quoted, node));
        return;
    }
    spec->params = arena_alloc(&spec->arena, (node->count + 1) * sizeof *spec->params);
    for (size_t i = 0; i < node->count; i++) {
        const struct tree_node *key = &node->keys[i];
        struct parameter *p = &spec->params[spec->param_count++];
        *p = (struct parameter){
            .name = spec_copy(reader, key->text), .line = key->line, .column = key->column};
        check_name(reader, key);
        if (!spec_read_domain(reader, &node->items[i], p)) {
            p->kind = DOMAIN_LIST; /* reported; the rest of the file may still refer to its name */
            p->count = 1;
        } else if (domain_is_random_only(p->kind) && !is_random(reader)) {
            spec_problem(
                reader, &node->items[i],
                "'%s' is drawn at random, which a grid cannot do: add  method: random  and trials, or give "
                "a list or a range",
                p->name);
        }
    }
}

/* ---- where ---- */

static void read_condition(struct spec_reader *reader, const struct tree_node *node,
                           const char *const *names) {
    struct sweep_spec *spec = reader->spec;
    const char *text;
    struct error err = {0};
    if (!spec_read_text(reader, node, "where", &text)) return;
    struct expression *condition;
    if (expression_parse(&condition, text, names, spec->param_count, &err) == OK) {
        spec->where[spec->where_count++] = condition;
        return;
    }
    if (node->text_column)
        problems_add(reader->problems, node->line, node->text_column + err.column - 1, "%s", err.message);
    else
        spec_problem(reader, node, "at character %d of this condition: %s", err.column, err.message);
}

void spec_read_where(struct spec_reader *reader, const struct tree_node *node) {
    const struct tree_node *items;
    struct sweep_spec *spec = reader->spec;
    size_t count = spec_read_items(reader, node, "where", &items);
    const char **names = arena_alloc(&spec->arena, (spec->param_count + 1) * sizeof *names);
    for (size_t i = 0; i < spec->param_count; i++)
        names[i] = spec->params[i].name;
    spec->where = arena_alloc(&spec->arena, (count + 1) * sizeof *spec->where);
    for (size_t i = 0; i < count; i++)
        read_condition(reader, &items[i], names);
}

/* ---- method ---- */

/* Read before trials, seed and params, which depend on it. */
void spec_read_method(struct spec_reader *reader, const struct tree_node *node) {
    static const char *const words[] = {"grid", "random"}; /* the order of enum sweep_method */
    size_t word = METHOD_GRID;
    bool is_known = spec_read_word(reader, node, "method", words, 2, &word);
    /* what was meant decides what else is said */
    if (!is_known && yaml_tree_get(reader->root, "trials")) word = METHOD_RANDOM;
    reader->spec->method = (enum sweep_method)word;
    if (is_random(reader) && !yaml_tree_get(reader->root, "trials"))
        spec_problem(reader, node, "method: random needs trials, the number of random combinations to try");
}

void spec_read_trials(struct spec_reader *reader, const struct tree_node *node) {
    int64_t trials;
    if (!is_random(reader))
        spec_problem(reader, node,
                     "trials has a meaning only with  method: random : a grid tries every combination");
    if (spec_read_integer(reader, node, "trials", 1, INT64_MAX, &trials))
        reader->spec->trials = (uint64_t)trials;
}

void spec_read_seed(struct spec_reader *reader, const struct tree_node *node) {
    int64_t seed;
    if (spec_read_integer(reader, node, "seed", 0, INT64_MAX, &seed)) reader->spec->seed = (uint64_t)seed;
}
