/* The run space: index -> series and parameters, by division (grid) or by counter-based draws (random). */
#include "sweep/space.h"

#include "sweep/domain.h"

#include <stdlib.h>
#include <string.h>

/* ---- sizes ---- */

/* Combinations of one series: the product of the grid's values, or the trials. Saturates. */
static uint64_t combinations(const struct sweep_spec *spec) {
    if (spec->method == METHOD_RANDOM) return spec->trials;
    uint64_t product = 1;
    for (size_t i = 0; i < spec->param_count; i++)
        if (__builtin_mul_overflow(product, spec->params[i].count, &product)) return UINT64_MAX;
    return product;
}

uint64_t space_size(const struct sweep_spec *spec) {
    uint64_t size;
    return __builtin_mul_overflow(combinations(spec), spec->series_count, &size) ? UINT64_MAX : size;
}

size_t space_window(const struct parameter_value *params, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(params[i].name, WINDOW_PARAMETER) == 0) return (size_t)params[i].value.integer;
    return WINDOW_DEFAULT;
}

/* ---- one run ---- */

static struct value param_value(void *context, size_t name) {
    return ((const struct parameter_value *)context)[name].value;
}

static bool is_allowed(const struct sweep_spec *spec, struct parameter_value *params) {
    for (size_t i = 0; i < spec->where_count; i++)
        if (!expression_holds(spec->where[i], param_value, params)) return false;
    return true;
}

static void fill_grid(const struct sweep_spec *spec, uint64_t combination, struct parameter_value *params) {
    for (size_t i = spec->param_count; i-- > 0;) { /* the last one varies fastest */
        const struct parameter *p = &spec->params[i];
        params[i] = (struct parameter_value){p->name, domain_value(p, combination % p->count)};
        combination /= p->count;
    }
}

static void fill_random(const struct sweep_spec *spec, uint64_t trial, uint32_t attempt,
                        struct parameter_value *params) {
    for (size_t i = 0; i < spec->param_count; i++) {
        const struct parameter *p = &spec->params[i];
        struct draw draw = draw_begin(spec->seed, p->name, trial, attempt);
        params[i] = (struct parameter_value){p->name, domain_draw(p, &draw)};
    }
}

static bool combination_run(const struct sweep_spec *spec, uint64_t combination,
                            struct parameter_value *params) {
    if (spec->method == METHOD_GRID) {
        fill_grid(spec, combination, params);
        return is_allowed(spec, params);
    }
    for (uint32_t attempt = 0; attempt < SPACE_ATTEMPTS; attempt++) {
        fill_random(spec, combination, attempt, params);
        if (is_allowed(spec, params)) return true;
    }
    return false;
}

bool space_run(const struct sweep_spec *spec, uint64_t index, struct parameter_value *params,
               size_t *series) {
    uint64_t each = combinations(spec);
    *series = (size_t)(index / each);
    return combination_run(spec, index % each, params);
}

/* ---- how many there are ---- */

static bool is_used(const struct sweep_spec *spec, size_t param) {
    for (size_t i = 0; i < spec->where_count; i++)
        if (expression_uses(spec->where[i], param)) return true;
    return false;
}

/* The grid of the parameters that conditions refer to; the others keep their first value. Only these decide
 * what is allowed, so that a condition between two parameters of a huge grid is still counted exactly. */
struct used_grid {
    const struct sweep_spec *spec;
    bool *used;
    struct parameter_value *params;
    uint64_t size, others; /* combinations of the used parameters, and of the others */
};

static bool used_grid_allows(const struct used_grid *grid, uint64_t index) {
    const struct sweep_spec *spec = grid->spec;
    for (size_t i = spec->param_count; i-- > 0;) {
        if (!grid->used[i]) continue;
        grid->params[i].value = domain_value(&spec->params[i], index % spec->params[i].count);
        index /= spec->params[i].count;
    }
    return is_allowed(spec, grid->params);
}

static void used_grid_open(struct used_grid *grid, const struct sweep_spec *spec) {
    *grid = (struct used_grid){.spec = spec, .size = 1, .others = 1};
    grid->used = calloc(spec->param_count + 1, sizeof *grid->used);
    grid->params = calloc(spec->param_count + 1, sizeof *grid->params);
    if (!grid->used || !grid->params) abort(); /* a few bytes a parameter */
    for (size_t i = 0; i < spec->param_count; i++) {
        const struct parameter *p = &spec->params[i];
        grid->used[i] = is_used(spec, i);
        grid->params[i] = (struct parameter_value){p->name, domain_value(p, 0)};
        uint64_t *product = grid->used[i] ? &grid->size : &grid->others;
        *product *= p->count; /* a factor of space_size, which spec_parse checked */
    }
}

static void used_grid_close(struct used_grid *grid) {
    free(grid->used);
    free(grid->params);
}

static uint64_t scaled(uint64_t part, uint64_t of, uint64_t total) {
    long double estimate = (long double)part / (long double)of * (long double)total;
    return (uint64_t)(estimate + 0.5L);
}

static uint64_t count_grid(const struct sweep_spec *spec, uint64_t effort, bool *exact) {
    struct used_grid grid;
    uint64_t allowed = 0;
    used_grid_open(&grid, spec);
    *exact = grid.size <= effort;
    uint64_t tries = *exact ? grid.size : effort;
    struct draw draw = draw_begin(0, "count", 0, 0); /* fixed: the same estimate every time */
    for (uint64_t i = 0; i < tries; i++)
        allowed += used_grid_allows(&grid, *exact ? i : draw_below(&draw, grid.size));
    used_grid_close(&grid);
    return *exact ? allowed * grid.others * spec->series_count : scaled(allowed, tries, space_size(spec));
}

static uint64_t count_random(const struct sweep_spec *spec, uint64_t effort, bool *exact) {
    struct parameter_value *params = calloc(spec->param_count + 1, sizeof *params);
    if (!params) abort();
    *exact = spec->trials <= effort;
    uint64_t tries = *exact ? spec->trials : effort, allowed = 0;
    for (uint64_t i = 0; i < tries; i++) /* any trials do: they are independent draws */
        allowed += combination_run(spec, i, params);
    free(params);
    return scaled(allowed, tries, spec->trials) * spec->series_count;
}

uint64_t space_count_allowed(const struct sweep_spec *spec, uint64_t effort, bool *exact) {
    *exact = true;
    if (spec->where_count == 0) return space_size(spec);
    if (effort == 0) effort = 1;
    return spec->method == METHOD_GRID ? count_grid(spec, effort, exact) : count_random(spec, effort, exact);
}
