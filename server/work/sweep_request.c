/* Reading and checking a posted sweep; see sweep_request.h. The sweep file's own reader finds its mistakes;
 * what only the server minds (files of this machine named in it) is looked for in the tree, to tell the line
 * and column. */
#include "server/work/sweep_request.h"
#include "base/installed.h"
#include "base/memory.h"
#include "base/problems.h"
#include "server/work/backtest_request.h"
#include "server/work/body_fields.h"
#include "server/work/example_strategies.h"
#include "server/work/sweep_jobs.h"
#include "sweep/spec.h"
#include "sweep/yaml_tree.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sweep_request_clear(struct sweep_request *self) {
    free(self->yaml);
    free(self->strategy);
    *self = (struct sweep_request){0};
}

/* Members of the body; *name NULL: as in the YAML. */
static bool read_body(struct sweep_request *out, struct request *request, char name[SWEEP_ID_MAX]) {
    static const char *const names[] = {"sweep", "strategy", "name", NULL};
    struct body_fields body;
    const char *yaml = NULL, *strategy = NULL, *wanted = NULL;
    if (!body_open(&body, request, names)) return false;
    bool good = body_text(request, &body, "sweep", true, &yaml) &&
                body_text(request, &body, "strategy", false, &strategy) &&
                body_text(request, &body, "name", false, &wanted);
    if (good && wanted && !sweep_id_is_good(wanted)) {
        request_fail(request, 400, "invalid", "name",
                     "name: has to be 1 to 100 letters, digits or . _ - and may not begin with '.'");
        good = false;
    }
    if (good) {
        out->yaml = memory_text(yaml);
        out->strategy = strategy ? memory_text(strategy) : NULL;
        snprintf(name, SWEEP_ID_MAX, "%s", wanted ? wanted : "");
    }
    body_close(&body);
    return good;
}

/* store and output are the server's; the strategy's source comes along or is an example. */
static void check_paths(struct problems *problems, struct sweep_request *out, struct request *request,
                        const struct tree_node *root) {
    static const char *const own[] = {"store", "output"};
    for (size_t i = 0; i < 2; i++) {
        const struct tree_node *node = yaml_tree_get(root, own[i]);
        if (node)
            problems_add(problems, node->line, node->column,
                         "%s: the server has its own; leave it out of a sweep that is posted", own[i]);
    }
    const struct tree_node *node = yaml_tree_get(root, "strategy");
    struct error err = {0};
    if (out->strategy || !node || node->kind != TREE_SCALAR) {
        snprintf(out->strategy_name, sizeof out->strategy_name, "strategy.py");
        return;
    }
    if (strlen(node->text) >= sizeof out->strategy_name)
        problems_add(problems, node->line, node->column, "strategy: no example has so long a name");
    else if (example_read(&out->strategy, request->settings->strategies, node->text, &err) != OK)
        problems_add(problems, node->line, node->column, "strategy: %s", err.message);
    else
        strcpy(out->strategy_name, node->text); /* its length was looked at */
}

static const struct tree_node *node_of_memory(const struct tree_node *root) {
    const struct tree_node *limits = yaml_tree_get(root, "limits");
    return limits ? yaml_tree_get(limits, "memory_mb") : NULL;
}

/* What a sweep may take of this machine: its cores, and for each run what a backtest may take. */
static void check_limits(struct problems *problems, const struct sweep_spec *spec,
                         const struct tree_node *root) {
    const struct tree_node *threads = yaml_tree_get(root, "threads"), *memory = node_of_memory(root);
    if (threads && spec->threads > core_count())
        problems_add(problems, threads->line, threads->column,
                     "threads: this server has %d, 0 takes them all", core_count());
    if (memory && (spec->limit_memory < (uint64_t)BACKTEST_MEMORY_MB_MIN << 20 ||
                   spec->limit_memory > (uint64_t)BACKTEST_MEMORY_MB_MAX << 20))
        problems_add(problems, memory->line, memory->column, "limits.memory_mb: this server allows %d to %d",
                     BACKTEST_MEMORY_MB_MIN, BACKTEST_MEMORY_MB_MAX);
}

static bool check_yaml(struct sweep_request *out, struct request *request, char name[SWEEP_ID_MAX]) {
    struct problems problems = {0};
    struct sweep_spec *spec = NULL;
    struct arena arena = {0};
    size_t length = strlen(out->yaml);
    bool parsed = spec_parse(&spec, out->yaml, length, "sweep.yaml", &problems) == OK;
    const struct tree_node *root = parsed ? yaml_tree_read(&arena, out->yaml, length, &problems)
                                          : NULL; /* read twice: the spec has no places */
    if (root) check_paths(&problems, out, request, root);
    if (root) check_limits(&problems, spec, root);
    if (parsed && !*name) snprintf(name, SWEEP_ID_MAX, "%s", spec->name);
    bool good = parsed && !problems.count;
    if (!good) request_fail_problems(request, "sweep", &problems);
    spec_close(spec);
    arena_clear(&arena);
    problems_clear(&problems);
    return good;
}

bool sweep_request_read(struct sweep_request *out, struct request *request) {
    enum body_type type;
    char name[SWEEP_ID_MAX] = "";
    *out = (struct sweep_request){0};
    bool good = body_type_of(request, true, &type);
    if (good && type == BODY_YAML && strlen(request->body) != request->body_length) {
        request_fail(request, 400, "invalid", NULL, "the body has a NUL byte: it has to be a sweep file");
        good = false;
    } else if (good && type == BODY_YAML) {
        out->yaml = memory_text(request->body);
    } else if (good) {
        good = read_body(out, request, name);
    }
    good = good && check_yaml(out, request, name);
    if (good) snprintf(out->id, sizeof out->id, "%s", name);
    if (!good) sweep_request_clear(out);
    return good;
}
