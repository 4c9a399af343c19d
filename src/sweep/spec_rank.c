/* rank_by and filters: metrics by name, as listed (camelCase) or in snake_case. */
#include "sweep/spec_read.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { METRIC_NAME_MAX = 48 };
#define TRADES_ALIAS "trades" /* of totalTrades */

/* maxDrawdown -> max_drawdown, var95 -> var95. */
static void to_snake_case(char out[METRIC_NAME_MAX], const char *name) {
    size_t n = 0;
    for (; *name && n + 2 < METRIC_NAME_MAX; name++) {
        if (isupper((unsigned char)*name)) out[n++] = '_';
        out[n++] = (char)tolower((unsigned char)*name);
    }
    out[n] = '\0';
}

static bool find_metric(enum metric *out, const char *name) {
    if (metric_find(out, name)) return true;
    for (int i = 0; i < METRIC_COUNT; i++) {
        char snake[METRIC_NAME_MAX];
        to_snake_case(snake, metric_info((enum metric)i)->name);
        if (strcmp(snake, name) == 0) {
            *out = (enum metric)i;
            return true;
        }
    }
    *out = METRIC_TOTAL_TRADES;
    return strcmp(name, TRADES_ALIAS) == 0;
}

/* The nearest name, in the spelling that was tried; out is room for one. NULL if nothing is near. */
static const char *nearest_metric(char out[METRIC_NAME_MAX], const char *name) {
    bool is_camel = strpbrk(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL;
    if (is_camel) return nearest_name(name, metric_names(), METRIC_COUNT);
    char snakes[METRIC_COUNT][METRIC_NAME_MAX];
    const char *list[METRIC_COUNT + 1];
    for (int i = 0; i < METRIC_COUNT; i++) {
        to_snake_case(snakes[i], metric_info((enum metric)i)->name);
        list[i] = snakes[i];
    }
    list[METRIC_COUNT] = TRADES_ALIAS;
    const char *nearest = nearest_name(name, list, METRIC_COUNT + 1);
    return nearest ? strcpy(out, nearest) : NULL;
}

static void unknown_metric(struct spec_reader *reader, const struct tree_node *node, const char *prefix,
                           const char *name) {
    char quoted[SCALAR_QUOTE_MAX], buffer[METRIC_NAME_MAX];
    const char *nearest = nearest_metric(buffer, name);
    yaml_scalar_quote(quoted, node);
    if (nearest)
        spec_problem(reader, node, "unknown metric in %s; did you mean '%s%s'?", quoted, prefix, nearest);
    else
        spec_problem(reader, node,
                     "unknown metric in %s: see the list of metrics (profitRate, sharpe, maxDrawdown, ...)",
                     quoted);
}

/* ---- rank_by ---- */

static const struct spec_key rank_keys[] = {{"metric", NULL, true}, {"direction", NULL, false}};
const struct spec_group spec_rank_keys = {"rank_by", rank_keys, sizeof rank_keys / sizeof *rank_keys};

static bool read_rank_metric(struct spec_reader *reader, const struct tree_node *node) {
    const char *name;
    if (!spec_read_text(reader, node, "rank_by", &name)) return false;
    if (find_metric(&reader->spec->rank_metric, name)) return true;
    unknown_metric(reader, node, "", name);
    return false;
}

void spec_read_rank_by(struct spec_reader *reader, const struct tree_node *node) {
    static const char *const directions[] = {"min", "max"};
    struct sweep_spec *spec = reader->spec;
    const struct tree_node *metric = node, *direction = NULL;
    if (node->kind == TREE_MAP) {
        spec_check_map(reader, node, &spec_rank_keys, "rank_by");
        metric = yaml_tree_get(node, "metric");
        direction = yaml_tree_get(node, "direction");
    }
    size_t is_max = 1;
    bool is_known = metric && read_rank_metric(reader, metric);
    if (direction) {
        spec_read_word(reader, direction, "rank_by.direction", directions, 2, &is_max);
    } else if (is_known) {
        const struct metric_info *info = metric_info(spec->rank_metric);
        is_max = info->better > 0;
        if (info->better == 0)
            spec_problem(reader, metric,
                         "neither more nor less of '%s' is better: say which, {metric: %s, direction: max}",
                         info->name, info->name);
    }
    spec->rank_descending = is_max;
}

/* ---- filters ---- */

static struct filter *filter_of(struct sweep_spec *spec, enum metric metric) {
    for (size_t i = 0; i < spec->filter_count; i++)
        if (spec->filters[i].metric == metric) return &spec->filters[i];
    struct filter *filter = &spec->filters[spec->filter_count++];
    *filter = (struct filter){metric, NAN, NAN};
    return filter;
}

static void read_filter(struct spec_reader *reader, const struct tree_node *key,
                        const struct tree_node *value) {
    char quoted[SCALAR_QUOTE_MAX];
    enum metric metric;
    bool is_min = strncmp(key->text, "min_", 4) == 0, is_max = strncmp(key->text, "max_", 4) == 0;
    if (!is_min && !is_max) {
        spec_problem(
            reader, key,
            "a filter is min_METRIC or max_METRIC, such as min_trades: 30 or max_drawdown: 0.2, not %s",
            yaml_scalar_quote(quoted, key));
        return;
    }
    /* a metric that is a maximum itself is bounded by its own name: max_drawdown, max_consecutive_losses */
    const char *name = key->text + 4;
    bool is_known = find_metric(&metric, name) || (is_max && find_metric(&metric, key->text));
    if (!is_known) {
        char buffer[METRIC_NAME_MAX];
        bool is_near_itself = is_max && !nearest_metric(buffer, name) && nearest_metric(buffer, key->text);
        const char *prefix = is_min ? "min_" : is_near_itself ? "" : "max_";
        unknown_metric(reader, key, prefix, is_near_itself ? key->text : name);
        return;
    }
    double bound;
    if (!spec_read_number(reader, value, key->text, &bound)) return;
    struct filter *filter = filter_of(reader->spec, metric);
    double *place = is_min ? &filter->minimum : &filter->maximum;
    if (!isnan(*place))
        spec_problem(reader, key, "%s bounds %s a second time: remove one", yaml_scalar_quote(quoted, key),
                     metric_info(metric)->name);
    *place = bound;
    if (filter->minimum > filter->maximum)
        spec_problem(reader, key, "no %s is both at least %g and at most %g", metric_info(metric)->name,
                     filter->minimum, filter->maximum);
}

void spec_read_filters(struct spec_reader *reader, const struct tree_node *node) {
    char quoted[SCALAR_QUOTE_MAX];
    if (node->kind != TREE_MAP) {
        spec_problem(reader, node,
                     "filters must be a map such as {min_trades: 30, max_drawdown: 0.2}, not %s",
                     yaml_scalar_quote(quoted, node));
        return;
    }
    struct sweep_spec *spec = reader->spec;
    spec->filters = arena_alloc(&spec->arena, (node->count + 1) * sizeof *spec->filters);
    for (size_t i = 0; i < node->count; i++)
        read_filter(reader, &node->keys[i], &node->items[i]);
}
