/* Axes of values are right for grids. A sweep that draws its parameters at random has nearly as many values
 * as runs; its map would be a dot here and there. So where nobody chose, an axis of numbers is cut into
 * ranges if most cells would stay empty, that is if the map would have more than THIN cells a run, or if
 * hardly two runs share one of its values. A grid whose map is thin only because a condition leaves few of
 * its runs keeps its values: the whole sweep decides as well. */
#include "results/heatmap_axes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    THIN = 3,
    FEW_VALUES = 20,  /* are shown one by one, however thin the map */
    RANGES_LEAST = 5, /* where nobody chose */
    RANGES_MOST = 40, /* labels and cells of this size can be read */
    RUNS_A_CELL = 2   /* so many at least on average, before ranges become neat */
};

/* ---- which ---- */

static bool is_cut(const struct map_axis *axis) {
    return axis->choice.bins > 0 || (axis->choice.bins == HEATMAP_AUTO && !axis->fits);
}

/* Columns of an axis of so many levels (SIZE_MAX: more than it holds). */
static uint64_t columns_with(const struct map_axis *axis, size_t levels) {
    if (axis->choice.bins > 0) return (uint64_t)axis->choice.bins;
    return levels == SIZE_MAX ? RANGES_MOST : levels;
}

static uint64_t columns_of(const struct map_axis *axis) {
    return columns_with(axis, axis->fits ? axis->levels.count : SIZE_MAX);
}

static bool is_thin(uint64_t x, uint64_t y, uint64_t runs) {
    return x * y > THIN * runs;
}

static status open_axis(struct map_axis *axis, struct result *result, const struct row_set *rows,
                        struct error *err) {
    status rc = levels_source(&axis->levels, result, axis->choice.name, err);
    if (rc != OK) return rc;
    bool is_number = levels_numbers(&axis->levels, &axis->numbers);
    if (axis->choice.bins > 0 && !is_number)
        return error_set(err, ERR_INPUT, "'%s' is not of numbers only: it has no ranges", axis->choice.name);
    rc = levels_find(&axis->levels, &axis->fits, rows, HEATMAP_AXIS_MAX, err);
    if (rc != OK || axis->fits || axis->choice.bins > 0) return rc;
    if (axis->choice.bins == 0)
        return error_set(err, ERR_INPUT, "'%s' has more than %d different values: choose ranges",
                         axis->choice.name, HEATMAP_AXIS_MAX);
    if (is_number) return OK;
    return error_set(err, ERR_INPUT,
                     "'%s' has more than %d different values that are not all numbers: no axis",
                     axis->choice.name, HEATMAP_AXIS_MAX);
}

struct spread {
    size_t values; /* SIZE_MAX: more than an axis holds */
    bool is_even;  /* all numbers, each as far from the next */
};

static struct spread spread_of(const struct levels *levels, bool fits) {
    struct spread out = {.values = fits ? levels->count : SIZE_MAX, .is_even = fits};
    double first = 0, last = 0, at = 0;
    for (size_t i = 0; fits && i < levels->count; i++) {
        out.is_even = out.is_even && value_as_double(&at, levels->values[i]);
        if (i == 0) first = at;
        last = at;
    }
    double step = levels->count > 1 ? (last - first) / (double)(levels->count - 1) : 0;
    for (size_t i = 0; out.is_even && i < levels->count; i++) {
        value_as_double(&at, levels->values[i]);
        out.is_even = fabs(at - first - (double)i * step) <= 1e-6 * step;
    }
    return out;
}

static status spread_in(struct spread *out, struct result *result, const struct map_axis *axis,
                        const struct row_set *rows, struct error *err) {
    struct levels levels;
    bool fits = false;
    status rc = levels_source(&levels, result, axis->choice.name, err);
    if (rc == OK) rc = levels_find(&levels, &fits, rows, HEATMAP_AXIS_MAX, err);
    *out = spread_of(&levels, rc == OK && fits);
    levels_clear(&levels);
    return rc;
}

/* Values that hardly any two runs share, and that are no steps: also beside an axis of two columns, whose map
 * would be half full, stripes of single runs say little. */
static bool is_drawn(struct spread axis, uint64_t runs) {
    return axis.values == SIZE_MAX ||
           (axis.values > FEW_VALUES && !axis.is_even && axis.values * THIN > runs);
}

static bool may_be_cut(const struct map_axis *axis) {
    return axis->choice.bins == HEATMAP_AUTO && (axis->numbers.doubles || axis->numbers.integers);
}

/* What both have in the whole sweep: without a condition that is what was found already. */
static status spread_in_sweep(struct spread *in_x, struct spread *in_y, uint64_t *runs,
                              const struct map_axis *x, const struct map_axis *y, struct result *result,
                              const char *metric, struct error *err) {
    struct metric_rows all;
    status rc = metric_rows_select(&all, result, metric, NULL, err);
    if (rc == OK) rc = spread_in(in_x, result, x, &all.rows, err);
    if (rc == OK) rc = spread_in(in_y, result, y, &all.rows, err);
    *runs = all.rows.count;
    metric_rows_clear(&all);
    return rc;
}

/* Cuts those axes of a thin map that nobody chose. */
static status decide(bool *cut_x, bool *cut_y, const struct map_axis *x, const struct map_axis *y,
                     struct result *result, const struct metric_rows *rows, const char *where,
                     struct error *err) {
    struct spread in_x = spread_of(&x->levels, x->fits), in_y = spread_of(&y->levels, y->fits);
    uint64_t runs = rows->rows.count;
    status rc = OK;
    *cut_x = is_cut(x);
    *cut_y = is_cut(y);
    if (!is_thin(columns_of(x), columns_of(y), runs) && !is_drawn(in_x, runs) && !is_drawn(in_y, runs))
        return OK;
    if (where && *where)
        rc = spread_in_sweep(&in_x, &in_y, &runs, x, y, result, metric_info(rows->metric)->name, err);
    if (rc != OK) return rc;
    bool thin = is_thin(columns_with(x, in_x.values), columns_with(y, in_y.values), runs);
    size_t few = thin ? FEW_VALUES : HEATMAP_AXIS_MAX;
    *cut_x = *cut_x || (may_be_cut(x) && (in_x.values > few || is_drawn(in_x, runs)));
    *cut_y = *cut_y || (may_be_cut(y) && (in_y.values > few || is_drawn(in_y, runs)));
    return OK;
}

/* ---- ranges ---- */

static double number_of(const struct map_axis *axis, uint64_t row) {
    return axis->numbers.doubles ? axis->numbers.doubles[row] : (double)axis->numbers.integers[row];
}

/* Runs with nothing but NaN and infinities have no range: their values stay. */
static status cut(struct map_axis *axis, const struct row_set *rows, size_t most, struct error *err) {
    uint16_t offsets[ROW_BLOCK];
    double minimum = INFINITY, maximum = -INFINITY;
    for (uint64_t begin = 0; begin < rows->row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(rows, begin, offsets);
        for (size_t i = 0; i < count; i++) {
            double value = number_of(axis, begin + offsets[i]);
            if (value < minimum && value > -INFINITY) minimum = value;
            if (value > maximum && value < INFINITY) maximum = value;
        }
    }
    if (!(minimum <= maximum)) return OK;
    return neat_bins_make(&axis->ranges, minimum, maximum, most, axis->numbers.integers, err);
}

static size_t within(double count) {
    if (count < RANGES_LEAST) return RANGES_LEAST;
    return count > RANGES_MOST ? RANGES_MOST : (size_t)count;
}

/* How many ranges an axis nobody chose them for gets beside one of so many columns. */
static size_t ranges_beside(uint64_t columns, uint64_t runs) {
    return within((double)runs / RUNS_A_CELL / (double)(columns ? columns : 1));
}

static status cut_axes(struct map_axis *x, struct map_axis *y, bool cut_x, bool cut_y,
                       const struct row_set *rows, struct error *err) {
    bool free_x = cut_x && x->choice.bins == HEATMAP_AUTO, free_y = cut_y && y->choice.bins == HEATMAP_AUTO;
    size_t both = within(sqrt((double)rows->count / RUNS_A_CELL));
    size_t most_x = !free_x  ? (size_t)x->choice.bins
                    : free_y ? both
                             : ranges_beside(columns_of(y), rows->count);
    size_t most_y = !free_y  ? (size_t)y->choice.bins
                    : free_x ? both
                             : ranges_beside(columns_of(x), rows->count);
    status rc = cut_x ? cut(x, rows, most_x, err) : OK;
    return rc == OK && cut_y ? cut(y, rows, most_y, err) : rc;
}

status map_axes_make(struct map_axis *x, struct map_axis *y, struct result *result,
                     const struct metric_rows *runs, const char *where, struct error *err) {
    bool cut_x, cut_y;
    status rc = open_axis(x, result, &runs->rows, err);
    if (rc == OK) rc = open_axis(y, result, &runs->rows, err);
    if (rc == OK) rc = decide(&cut_x, &cut_y, x, y, result, runs, where, err);
    if (rc == OK) rc = cut_axes(x, y, cut_x, cut_y, &runs->rows, err);
    x->count = x->ranges.count ? x->ranges.count : x->levels.count;
    y->count = y->ranges.count ? y->ranges.count : y->levels.count;
    return rc;
}

/* ---- use ---- */

void map_axis_places(const struct map_axis *axis, uint32_t *out, uint64_t begin, const uint16_t *offsets,
                     size_t count) {
    if (!axis->ranges.count) {
        levels_of_rows(&axis->levels, out, begin, offsets, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        double value = number_of(axis, begin + offsets[i]);
        out[i] = isnan(value) ? NO_PLACE : (uint32_t)equal_bins_of(&axis->ranges, value);
    }
}

void map_axis_clear(struct map_axis *axis) {
    levels_clear(&axis->levels);
    equal_bins_clear(&axis->ranges);
}

/* The texts of the values move into one piece of memory of the axis's own. */
static bool give_values(struct heatmap_axis *out, const struct map_axis *axis) {
    size_t bytes = 1;
    for (size_t i = 0; i < axis->count; i++)
        if (axis->levels.values[i].kind == VALUE_TEXT) bytes += strlen(axis->levels.values[i].text) + 1;
    out->values = malloc((axis->count + 1) * sizeof *out->values);
    char *at = out->texts = malloc(bytes);
    if (!out->values || !at) return false;
    for (size_t i = 0; i < axis->count; i++) {
        out->values[i] = axis->levels.values[i];
        if (out->values[i].kind != VALUE_TEXT) continue;
        size_t length = strlen(axis->levels.values[i].text) + 1;
        out->values[i].text = memcpy(at, axis->levels.values[i].text, length);
        at += length;
    }
    return true;
}

bool map_axis_give(struct heatmap_axis *out, struct map_axis *axis) {
    out->name = strdup(axis->choice.name);
    out->count = axis->count;
    if (!axis->ranges.count) return give_values(out, axis) && out->name;
    out->edges = axis->ranges.edges;
    axis->ranges = (struct equal_bins){0};
    return out->name;
}
