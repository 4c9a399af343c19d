/* What the readers of a sweep file's parts share: the tables of its keys and checked access to values. Inside
 * sweep only.
 *
 * Every reader reports into problems and goes on, so that one reading finds all mistakes; what it could not
 * read keeps its default. */
#ifndef SWEEP_SPEC_READ_H
#define SWEEP_SPEC_READ_H

#include "sweep/spec.h"
#include "sweep/yaml_scalar.h"
#include "sweep/yaml_tree.h"

struct spec_reader {
    struct sweep_spec *spec;
    struct problems *problems;
    const char *path;             /* of the YAML file */
    const struct tree_node *root; /* its map */
};

/* One key of a map. The tables are what the parser knows; configs/sweep.schema.json is tested against them.
 */
struct spec_key {
    const char *name;
    void (*read)(struct spec_reader *reader,
                 const struct tree_node *value); /* NULL: looked up by the group's own reader */
    bool is_required;
};
struct spec_group {
    const char *name; /* as messages call it: "", "account", "limits", ... */
    const struct spec_key *keys;
    size_t count;
};
extern const struct spec_group spec_root_keys, spec_account_keys, spec_rank_keys, spec_limit_keys,
    spec_keep_keys, spec_top_keys, spec_domain_keys;
/* All of them; *count of them. */
const struct spec_group *const *spec_groups(size_t *count);

void spec_problem(struct spec_reader *reader, const struct tree_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* That node is a map with known keys only and all required ones; what it is called in messages ("account").
 * False: it is no map. */
bool spec_check_map(struct spec_reader *reader, const struct tree_node *node, const struct spec_group *group,
                    const char *what);
/* spec_check_map, then each key's reader, in the table's order. */
void spec_read_map(struct spec_reader *reader, const struct tree_node *node, const struct spec_group *group);

/* Each: false, with a problem naming `what`, if the node is something else. */
bool spec_read_text(struct spec_reader *reader, const struct tree_node *node, const char *what,
                    const char **out);
bool spec_read_integer(struct spec_reader *reader, const struct tree_node *node, const char *what,
                       int64_t least, int64_t most, int64_t *out);
bool spec_read_number(struct spec_reader *reader, const struct tree_node *node, const char *what,
                      double *out);
/* The exact decimal of a plain number; *is_integer (may be NULL): written as a whole number. */
bool spec_read_decimal(struct spec_reader *reader, const struct tree_node *node, const char *what,
                       struct decimal *out, bool *is_integer);
/* One of the words; *out is its place. */
bool spec_read_word(struct spec_reader *reader, const struct tree_node *node, const char *what,
                    const char *const *words, size_t count, size_t *out);
/* A list of at least one item as the items; a single scalar counts as a list of one. Returns how many, 0 with
 * a problem. */
size_t spec_read_items(struct spec_reader *reader, const struct tree_node *node, const char *what,
                       const struct tree_node **items);
/* Copy that lives as long as the spec. */
char *spec_copy(struct spec_reader *reader, const char *text);

/* The parts (spec_fields.c, spec_rank.c, spec_params.c). */
void spec_read_name(struct spec_reader *reader, const struct tree_node *node);
void spec_read_strategy(struct spec_reader *reader, const struct tree_node *node);
void spec_read_store(struct spec_reader *reader, const struct tree_node *node);
void spec_read_output(struct spec_reader *reader, const struct tree_node *node);
void spec_read_symbols(struct spec_reader *reader, const struct tree_node *node);
void spec_read_intervals(struct spec_reader *reader, const struct tree_node *node);
void spec_read_from(struct spec_reader *reader, const struct tree_node *node);
void spec_read_to(struct spec_reader *reader, const struct tree_node *node);
void spec_read_warmup(struct spec_reader *reader, const struct tree_node *node);
void spec_read_account(struct spec_reader *reader, const struct tree_node *node);
void spec_read_limits(struct spec_reader *reader, const struct tree_node *node);
void spec_read_keep(struct spec_reader *reader, const struct tree_node *node);
void spec_read_threads(struct spec_reader *reader, const struct tree_node *node);
void spec_read_rank_by(struct spec_reader *reader, const struct tree_node *node);
void spec_read_filters(struct spec_reader *reader, const struct tree_node *node);
void spec_read_method(struct spec_reader *reader, const struct tree_node *node);
void spec_read_trials(struct spec_reader *reader, const struct tree_node *node);
void spec_read_seed(struct spec_reader *reader, const struct tree_node *node);
void spec_read_params(struct spec_reader *reader, const struct tree_node *node);
void spec_read_where(struct spec_reader *reader, const struct tree_node *node);
/* One parameter's domain; false if it has a mistake. */
bool spec_read_domain(struct spec_reader *reader, const struct tree_node *node, struct parameter *parameter);

#endif
