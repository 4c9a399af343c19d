/* Checked access to a sweep file's values, and what is said where they are something else. */
#include "sweep/spec_read.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { KEYS_MAX = 32 };

const struct spec_group *const *spec_groups(size_t *count) {
    static const struct spec_group *const groups[] = {&spec_root_keys,  &spec_account_keys, &spec_rank_keys,
                                                      &spec_limit_keys, &spec_keep_keys,    &spec_top_keys,
                                                      &spec_domain_keys};
    *count = sizeof groups / sizeof *groups;
    return groups;
}

void spec_problem(struct spec_reader *reader, const struct tree_node *node, const char *format, ...) {
    char message[ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    problems_add(reader->problems, node->line, node->column, "%s", message);
}

char *spec_copy(struct spec_reader *reader, const char *text) {
    return arena_copy(&reader->spec->arena, text, strlen(text));
}

/* ---- maps ---- */

static size_t key_names(const char *names[KEYS_MAX], const struct spec_group *group) {
    for (size_t i = 0; i < group->count; i++)
        names[i] = group->keys[i].name;
    return group->count;
}

static bool knows_key(const struct spec_group *group, const char *name) {
    for (size_t i = 0; i < group->count; i++)
        if (strcmp(group->keys[i].name, name) == 0) return true;
    return false;
}

/* An unknown key: the nearest of this map, else the other map it belongs to, else all of this map. */
static void report_unknown_key(struct spec_reader *reader, const struct tree_node *key,
                               const struct spec_group *group, const char *what) {
    const char *names[KEYS_MAX];
    char quoted[SCALAR_QUOTE_MAX];
    size_t count = key_names(names, group), group_count;
    const char *place = *what ? " in " : "";
    yaml_scalar_quote(quoted, key);
    const char *nearest = nearest_name(key->text, names, count);
    if (nearest) {
        spec_problem(reader, key, "unknown key %s%s%s; did you mean '%s'?", quoted, place, what, nearest);
        return;
    }
    const struct spec_group *const *groups = spec_groups(&group_count);
    for (size_t i = 0; i < group_count; i++) {
        if (groups[i] == group || groups[i] == &spec_domain_keys || !knows_key(groups[i], key->text))
            continue;
        const char *home = *groups[i]->name ? groups[i]->name : "the file's top level";
        spec_problem(reader, key, "unknown key %s%s%s; it belongs to %s", quoted, place, what, home);
        return;
    }
    struct text known = {0};
    for (size_t i = 0; i < count; i++)
        text_printf(&known, "%s%s", i ? ", " : "", names[i]);
    spec_problem(reader, key, "unknown key %s%s%s; known: %s", quoted, place, what, known.data);
    text_clear(&known);
}

/* A key of the map that is unknown and most likely this one misspelt: the mistake is reported there. */
static bool is_misspelt(const struct tree_node *map, const struct spec_group *group, const char *name) {
    const char *names[KEYS_MAX];
    size_t count = key_names(names, group);
    for (size_t i = 0; i < map->count; i++) {
        const char *written = map->keys[i].text;
        const char *nearest = knows_key(group, written) ? NULL : nearest_name(written, names, count);
        if (nearest && strcmp(nearest, name) == 0) return true;
    }
    return false;
}

bool spec_check_map(struct spec_reader *reader, const struct tree_node *node, const struct spec_group *group,
                    const char *what) {
    char quoted[SCALAR_QUOTE_MAX];
    if (node->kind != TREE_MAP) {
        spec_problem(reader, node, "%s must be a map of keys such as %s, not %s",
                     *what ? what : "the sweep file", group->keys[0].name, yaml_scalar_quote(quoted, node));
        return false;
    }
    for (size_t i = 0; i < node->count; i++)
        if (!knows_key(group, node->keys[i].text)) report_unknown_key(reader, &node->keys[i], group, what);
    for (size_t i = 0; i < group->count; i++) {
        const struct spec_key *key = &group->keys[i];
        if (key->is_required && !yaml_tree_get(node, key->name) && !is_misspelt(node, group, key->name))
            spec_problem(reader, node, "the key '%s' is missing%s%s", key->name, *what ? " in " : "", what);
    }
    return true;
}

void spec_read_map(struct spec_reader *reader, const struct tree_node *node, const struct spec_group *group) {
    if (!spec_check_map(reader, node, group, group->name)) return;
    for (size_t i = 0; i < group->count; i++) {
        const struct tree_node *value = yaml_tree_get(node, group->keys[i].name);
        if (value && group->keys[i].read) group->keys[i].read(reader, value);
    }
}

/* ---- scalars ---- */

/* The one message for a value of the wrong kind. */
static bool is_not(struct spec_reader *reader, const struct tree_node *node, const char *what,
                   const char *wanted) {
    char quoted[SCALAR_QUOTE_MAX];
    const char *advice = yaml_scalar_advice(node);
    double number;
    bool is_number_in_quotes = node->kind == TREE_SCALAR && node->is_quoted && strstr(wanted, "number") &&
                               text_to_double(&number, node->text);
    if (!advice && is_number_in_quotes) advice = "write it without quotes";
    spec_problem(reader, node, "%s must be %s, not %s%s%s", what, wanted, yaml_scalar_quote(quoted, node),
                 advice ? ": " : "", advice ? advice : "");
    return false;
}

bool spec_read_text(struct spec_reader *reader, const struct tree_node *node, const char *what,
                    const char **out) {
    if (node->kind != TREE_SCALAR || !*node->text || yaml_scalar_kind(node, NULL) == SCALAR_NULL)
        return is_not(reader, node, what, "a text");
    *out = node->text;
    return true;
}

bool spec_read_integer(struct spec_reader *reader, const struct tree_node *node, const char *what,
                       int64_t least, int64_t most, int64_t *out) {
    struct value value;
    char wanted[96], quoted[SCALAR_QUOTE_MAX];
    if (node->kind != TREE_SCALAR || yaml_scalar_kind(node, &value) != SCALAR_INT)
        return is_not(reader, node, what, "a whole number");
    if (value.integer < least || value.integer > most) {
        if (most == INT64_MAX)
            snprintf(wanted, sizeof wanted, "at least %" PRId64, least);
        else
            snprintf(wanted, sizeof wanted, "%" PRId64 " to %" PRId64, least, most);
        spec_problem(reader, node, "%s must be %s, not %s", what, wanted, yaml_scalar_quote(quoted, node));
        return false;
    }
    *out = value.integer;
    return true;
}

bool spec_read_number(struct spec_reader *reader, const struct tree_node *node, const char *what,
                      double *out) {
    struct value value;
    if (node->kind != TREE_SCALAR) return is_not(reader, node, what, "a number");
    enum scalar_kind kind = yaml_scalar_kind(node, &value);
    if (kind != SCALAR_INT && kind != SCALAR_FLOAT)
        return is_not(reader, node, what, kind >= SCALAR_TOO_LARGE ? "a finite number" : "a number");
    return value_as_double(out, value);
}

bool spec_read_decimal(struct spec_reader *reader, const struct tree_node *node, const char *what,
                       struct decimal *out, bool *is_integer) {
    struct value value;
    if (node->kind != TREE_SCALAR) return is_not(reader, node, what, "a number");
    enum scalar_kind kind = yaml_scalar_kind(node, &value);
    if (is_integer) *is_integer = kind == SCALAR_INT;
    if (kind != SCALAR_INT && kind != SCALAR_FLOAT)
        return is_not(reader, node, what, kind >= SCALAR_TOO_LARGE ? "a finite number" : "a number");
    if (kind == SCALAR_INT) {
        *out = decimal_from_int64(value.integer); /* also 0x10 */
        return true;
    }
    if (decimal_from_text(out, node->text, strlen(node->text)) && out->exponent > -400) return true;
    spec_problem(reader, node, "%s has too many digits: at most %d can be exact", what,
                 DECIMAL_OPERAND_DIGITS);
    return false;
}

bool spec_read_word(struct spec_reader *reader, const struct tree_node *node, const char *what,
                    const char *const *words, size_t count, size_t *out) {
    char quoted[SCALAR_QUOTE_MAX];
    for (size_t i = 0; node->kind == TREE_SCALAR && i < count; i++) {
        if (strcmp(node->text, words[i]) == 0) {
            *out = i;
            return true;
        }
    }
    const char *nearest = node->kind == TREE_SCALAR ? nearest_name(node->text, words, count) : NULL;
    struct text known = {0};
    for (size_t i = 0; i < count; i++)
        text_printf(&known, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " or ", words[i]);
    spec_problem(reader, node, "%s must be %s, not %s%s%s%s", what, known.data,
                 yaml_scalar_quote(quoted, node), nearest ? "; did you mean '" : "", nearest ? nearest : "",
                 nearest ? "'?" : "");
    text_clear(&known);
    return false;
}

size_t spec_read_items(struct spec_reader *reader, const struct tree_node *node, const char *what,
                       const struct tree_node **items) {
    char quoted[SCALAR_QUOTE_MAX];
    *items = node->kind == TREE_LIST ? node->items : node;
    if (node->kind == TREE_LIST && node->count == 0)
        spec_problem(reader, node, "%s is an empty list: name at least one", what);
    else if (node->kind == TREE_MAP ||
             (node->kind == TREE_SCALAR && yaml_scalar_kind(node, NULL) == SCALAR_NULL))
        spec_problem(reader, node, "%s must be a list, not %s", what, yaml_scalar_quote(quoted, node));
    else
        return node->kind == TREE_LIST ? node->count : 1;
    return 0;
}
