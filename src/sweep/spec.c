/* A sweep file read into a spec: the table of its keys, defaults, and the checks that need the whole.
 *
 * libyaml makes a tree with positions (yaml_tree.c); each key has one reader (spec_fields.c, spec_rank.c,
 * spec_params.c, spec_domain.c) that reports what is wrong and goes on, so that one attempt shows every
 * mistake. */
#include "sweep/spec_read.h"

#include "sweep/space.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 1 << 20, WHERE_EFFORT_GRID = 20000, WHERE_EFFORT_RANDOM = 100 };

/* Read in this order: symbols before intervals, method before what depends on it, params before where. */
static const struct spec_key root_keys[] = {
    {"name", spec_read_name, true},
    {"strategy", spec_read_strategy, true},
    {"store", spec_read_store, false},
    {"symbols", spec_read_symbols, true},
    {"intervals", spec_read_intervals, true},
    {"from", spec_read_from, false},
    {"to", spec_read_to, false},
    {"warmup", spec_read_warmup, false},
    {"account", spec_read_account, false},
    {"method", spec_read_method, false},
    {"trials", spec_read_trials, false},
    {"seed", spec_read_seed, false},
    {"params", spec_read_params, false},
    {"where", spec_read_where, false},
    {"rank_by", spec_read_rank_by, false},
    {"filters", spec_read_filters, false},
    {"limits", spec_read_limits, false},
    {"keep", spec_read_keep, false},
    {"threads", spec_read_threads, false},
    {"output", spec_read_output, false},
};
const struct spec_group spec_root_keys = {"", root_keys, sizeof root_keys / sizeof *root_keys};

static struct decimal thousandth(void) {
    return (struct decimal){.coefficient = 1, .exponent = -3};
}

static struct sweep_spec *spec_with_defaults(void) {
    struct sweep_spec *spec = malloc(sizeof *spec);
    if (!spec) abort(); /* as arenas do */
    *spec = (struct sweep_spec){
        .account = {.initial_balance = decimal_from_int64(10000),
                    .fee_rate = thousandth(),
                    .price_check = PRICE_CHECK_COUNT},
        .method = METHOD_GRID,
        .rank_metric = METRIC_PROFIT_RATE,
        .rank_descending = true,
        .limit_seconds = 60.0,
        .limit_memory = UINT64_C(512) << 20,
        .keep_equity = KEEP_TOP,
        .keep_equity_top = KEEP_TOP_DEFAULT,
        .keep_trades = KEEP_ALL,
    };
    return spec;
}

/* Run indices are 64 bits; UINT64_MAX itself is what saturation looks like. */
static void check_size(struct spec_reader *reader) {
    const struct tree_node *params = yaml_tree_get(reader->root, "params");
    if (space_size(reader->spec) < UINT64_MAX) return;
    spec_problem(reader, params ? params : reader->root,
                 "more than 2^64 combinations: use fewer values, or  method: random  with trials");
}

/* A grid is looked at if it can be counted quickly; of random draws the first trials, each of which draws up
 * to SPACE_ATTEMPTS times, say enough. */
static void check_where(struct spec_reader *reader) {
    const struct tree_node *where = yaml_tree_get(reader->root, "where");
    const struct sweep_spec *spec = reader->spec;
    bool exact;
    uint64_t effort = spec->method == METHOD_GRID ? WHERE_EFFORT_GRID : WHERE_EFFORT_RANDOM;
    if (!where || space_count_allowed(spec, effort, &exact) > 0) return;
    if (spec->method == METHOD_RANDOM)
        spec_problem(reader, where,
                     "where refused every one of %d random combinations: draw from ranges that it allows",
                     WHERE_EFFORT_RANDOM * SPACE_ATTEMPTS);
    else if (exact)
        spec_problem(reader, where, "where refuses every combination of the parameters: no run is left");
}

status spec_parse(struct sweep_spec **out, const char *text, size_t length, const char *path,
                  struct problems *problems) {
    *out = NULL;
    size_t before = problems->count;
    if (length > FILE_BYTES_MAX) {
        problems_add(problems, 0, 0, "larger than 1 MiB: that is no sweep file");
        return ERR_INPUT;
    }
    struct sweep_spec *spec = spec_with_defaults();
    struct arena tree = {0};
    struct spec_reader reader = {.spec = spec, .problems = problems, .path = path};
    reader.root = yaml_tree_read(&tree, text, length, problems);
    if (reader.root) {
        spec_read_map(&reader, reader.root, &spec_root_keys);
        spec->text = arena_copy(&spec->arena, text, length);
    }
    if (problems->count == before) check_size(&reader);
    if (problems->count == before) check_where(&reader);
    arena_clear(&tree);
    if (problems->count > before) {
        problems_sort(problems);
        spec_close(spec);
        return ERR_INPUT;
    }
    *out = spec;
    return OK;
}

void spec_close(struct sweep_spec *spec) {
    if (!spec) return;
    for (size_t i = 0; i < spec->where_count; i++)
        expression_close(spec->where[i]);
    arena_clear(&spec->arena);
    free(spec);
}
