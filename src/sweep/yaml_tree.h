/* A YAML document as a tree that remembers where everything stands, for messages with line and column.
 *
 * The part of YAML 1.2 that configuration needs: one document of scalars, lists and maps. Anchors, aliases
 * and tags are refused by name: a sweep file is read by people, and aliases make a small file large. */
#ifndef SWEEP_YAML_TREE_H
#define SWEEP_YAML_TREE_H

#include "base/arena.h"
#include "base/problems.h"

enum tree_kind { TREE_SCALAR, TREE_LIST, TREE_MAP };

/* Owned by the arena it was read into. */
struct tree_node {
    enum tree_kind kind;
    int line, column; /* 1-based, in characters */
    const char *text; /* SCALAR: NUL-terminated */
    bool is_quoted;   /* SCALAR: not plain, so text whatever it looks like */
    int text_column;  /* SCALAR: column of its first character if text stands in the file as it is, else 0 */
    size_t count;     /* LIST, MAP */
    const struct tree_node *items; /* LIST: the items; MAP: the values */
    const struct tree_node *keys;  /* MAP: scalars; no two are equal */
};

/* NULL (with a problem) if the text is no such document. A key that stands twice is a problem, and the first
 * one counts. */
const struct tree_node *yaml_tree_read(struct arena *arena, const char *text, size_t length,
                                       struct problems *problems);
/* The value of a key; NULL if map is no map or has no such key. */
const struct tree_node *yaml_tree_get(const struct tree_node *map, const char *key);

#endif
