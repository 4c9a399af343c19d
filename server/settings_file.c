/* The YAML file of the server: one map of the settings' names. Values are checked as everywhere; what is
 * added here is the place of a mistake, and that text in quotes is no number. */
#include "server/settings_fields.h"

#include "base/arena.h"
#include "base/problems.h"
#include "sweep/yaml_scalar.h"
#include "sweep/yaml_tree.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 64 };

struct settings_file {
    struct settings *settings;
    struct problems *problems;
    char *folder; /* of the file, NULL: here */
};

static bool is_key(const struct setting_field *field) {
    return !(field->flags & SETTING_UNLISTED);
}

static const struct setting_field *field_called(const char *name) {
    for (size_t i = 0; i < setting_field_count; i++)
        if (is_key(&setting_fields[i]) && strcmp(setting_fields[i].name, name) == 0)
            return &setting_fields[i];
    return NULL;
}

static void report_unknown(struct settings_file *file, const struct tree_node *key) {
    const char *names[FIELDS_MAX];
    char quoted[SCALAR_QUOTE_MAX];
    size_t count = 0;
    for (size_t i = 0; i < setting_field_count && count < FIELDS_MAX; i++)
        if (is_key(&setting_fields[i])) names[count++] = setting_fields[i].name;
    yaml_scalar_quote(quoted, key);
    const char *nearest = nearest_name(key->text, names, count);
    if (nearest)
        problems_add(file->problems, key->line, key->column, "unknown key %s; did you mean '%s'?", quoted,
                     nearest);
    else if (strcmp(key->text, "token") == 0)
        problems_add(
            file->problems, key->line, key->column,
            "unknown key 'token'; put the token into a file of its own and name it as token_file, or "
            "set KMILL_TOKEN");
    else
        problems_add(file->problems, key->line, key->column,
                     "unknown key %s; kmill serve --help lists them (with '_' for '-')", quoted);
}

/* What kind of scalar a setting takes: a quoted 8000 or a bare `true` where text belongs is most likely a
 * mistake. NULL: fine. */
static const char *wrong_kind(const struct setting_field *field, const struct tree_node *node) {
    enum scalar_kind kind = yaml_scalar_kind(node, NULL);
    switch (field->kind) {
    case SETTING_BOOL:
        return kind == SCALAR_BOOL ? NULL : "true or false";
    case SETTING_INT:
        return kind == SCALAR_INT || kind == SCALAR_TOO_LARGE ? NULL : "a whole number";
    case SETTING_NUMBER:
        return kind == SCALAR_INT || kind == SCALAR_FLOAT || kind == SCALAR_TOO_LARGE ? NULL : "a number";
    default:
        return kind == SCALAR_NULL ? "a text" : NULL;
    }
}

static void read_scalar(struct settings_file *file, const struct setting_field *field,
                        const struct tree_node *node, bool is_item, bool is_first) {
    char quoted[SCALAR_QUOTE_MAX];
    const char *advice = node->kind == TREE_SCALAR ? yaml_scalar_advice(node) : NULL;
    if (node->kind == TREE_SCALAR && node->is_quoted) advice = "write it without quotes";
    const char *wanted = node->kind == TREE_SCALAR ? wrong_kind(field, node)
                         : setting_is_list(field)  ? "a list of texts"
                                                   : "one value";
    if (wanted) {
        const char *shown = field->flags & SETTING_SECRET ? "this" : yaml_scalar_quote(quoted, node);
        problems_add(file->problems, node->line, node->column, "%s must be %s, not %s%s%s", field->name,
                     wanted, shown, advice ? ": " : "", advice ? advice : "");
        return;
    }
    struct text why = {0};
    bool is_set = is_item ? setting_add(file->settings, field, node->text, is_first, &why)
                          : setting_set(file->settings, field, node->text, file->folder, &why);
    if (!is_set) problems_add(file->problems, node->line, node->column, "%s %s", field->name, why.data);
    text_clear(&why);
}

static void read_value(struct settings_file *file, const struct setting_field *field,
                       const struct tree_node *node) {
    if (!setting_is_list(field) || node->kind != TREE_LIST) {
        read_scalar(file, field, node, false, false);
        return;
    }
    for (size_t i = 0; i < node->count; i++)
        read_scalar(file, field, &node->items[i], true, i == 0);
}

static bool is_empty(const struct tree_node *root) {
    return root->kind == TREE_SCALAR && yaml_scalar_kind(root, NULL) == SCALAR_NULL;
}

void settings_read_file(struct settings *settings, const char *path, const char *text, size_t length,
                        struct problems *problems) {
    struct settings_file file = {.settings = settings, .problems = problems};
    struct arena tree = {0};
    const char *slash = strrchr(path, '/');
    if (slash && !(file.folder = strndup(path, slash == path ? 1 : (size_t)(slash - path)))) abort();
    const struct tree_node *root = yaml_tree_read(&tree, text, length, problems);
    if (root && root->kind != TREE_MAP && !is_empty(root))
        problems_add(problems, root->line, root->column, "the file must be a map of keys such as port: 8000");
    for (size_t i = 0; root && root->kind == TREE_MAP && i < root->count; i++) {
        const struct setting_field *field = field_called(root->keys[i].text);
        if (field)
            read_value(&file, field, &root->items[i]);
        else
            report_unknown(&file, &root->keys[i]);
    }
    problems_sort(problems);
    arena_clear(&tree);
    free(file.folder);
}
