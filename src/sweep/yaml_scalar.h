/* What a YAML scalar means: the core schema of YAML 1.2 (10.3.2), where yes, no, on, off and 1_000 are text.
 */
#ifndef SWEEP_YAML_SCALAR_H
#define SWEEP_YAML_SCALAR_H

#include "base/value.h"
#include "sweep/yaml_tree.h"

enum scalar_kind {
    SCALAR_NULL,
    SCALAR_BOOL,
    SCALAR_INT,   /* fits int64 */
    SCALAR_FLOAT, /* finite double */
    SCALAR_TEXT,
    SCALAR_TOO_LARGE, /* a number beyond int64 or double */
    SCALAR_NOT_FINITE /* .inf, .nan */
};
/* value (may be NULL) is set for the first five; text is borrowed from node, which must be a scalar. */
enum scalar_kind yaml_scalar_kind(const struct tree_node *node, struct value *value);
/* A plain text that another YAML or a hurried reader takes for a bool or a number (yes, no, on, off, 1_000,
 * 1,5): what to write instead, NULL if it is none of those. */
const char *yaml_scalar_advice(const struct tree_node *node);
enum { SCALAR_QUOTE_MAX = 64 };
/* The node as messages show it: 'text' cut to a readable length and on one line, "a list" or "a map". Returns
 * out. */
const char *yaml_scalar_quote(char out[SCALAR_QUOTE_MAX], const struct tree_node *node);

#endif
