/* Heatmaps: one pass over the chosen rows a block at a time, the numbers of a block's rows on both axes
 * first, then the cells. The median needs the values of a cell beside each other and takes a second pass. */
#include "kmill/analysis.h"
#include "results/equal_bins.h"
#include "results/metric_rows.h"
#include "results/param_levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const aggregate_names[] = {"max", "min", "mean", "median", "count", "std"};

bool aggregate_parse(enum aggregate *out, const char *name) {
    for (enum aggregate a = AGGREGATE_MAX; a <= AGGREGATE_STD; a++)
        if (strcmp(name, aggregate_names[a]) == 0) {
            *out = a;
            return true;
        }
    return false;
}

/* ---- axes ---- */

#define NO_PLACE UINT32_MAX

/* Levels, or where there are too many the ranges of a column of numbers. */
struct axis {
    const char *name;
    struct levels levels;
    struct equal_bins ranges; /* count 0: levels */
    struct number_column numbers;
    size_t count;
};

static double number_of(const struct axis *axis, uint64_t row) {
    return axis->numbers.doubles ? axis->numbers.doubles[row] : (double)axis->numbers.integers[row];
}

static status cut_into_ranges(struct axis *axis, const struct row_set *rows, struct error *err) {
    if (!levels_numbers(&axis->levels, &axis->numbers))
        return error_set(err, ERR_INPUT,
                         "'%s' has more than %d different values that are not all numbers: no axis",
                         axis->name, HEATMAP_AXIS_MAX);
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
    return equal_bins_make(&axis->ranges, minimum, maximum, HEATMAP_AXIS_MAX, err);
}

static status axis_make(struct axis *axis, struct result *result, const char *name,
                        const struct row_set *rows, struct error *err) {
    bool fits;
    axis->name = name;
    status rc = levels_source(&axis->levels, result, name, err);
    if (rc == OK) rc = levels_find(&axis->levels, &fits, rows, HEATMAP_AXIS_MAX, err);
    if (rc == OK && !fits) rc = cut_into_ranges(axis, rows, err);
    axis->count = axis->ranges.count ? axis->ranges.count : axis->levels.count;
    return rc;
}

/* Places on the axis of rows begin + offsets[i]; NO_PLACE for NaN among ranges. */
static void axis_places(const struct axis *axis, uint32_t *out, uint64_t begin, const uint16_t *offsets,
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

static void axis_clear(struct axis *axis) {
    levels_clear(&axis->levels);
    equal_bins_clear(&axis->ranges);
}

/* The texts of the values move into one piece of memory of the axis's own. */
static bool give_values(struct heatmap_axis *out, const struct axis *axis) {
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

static bool give_axis(struct heatmap_axis *out, struct axis *axis) {
    out->name = strdup(axis->name);
    out->count = axis->count;
    if (!axis->ranges.count) return give_values(out, axis) && out->name;
    out->edges = axis->ranges.edges;
    axis->ranges = (struct equal_bins){0};
    return out->name;
}

/* ---- cells ---- */

struct cell {
    double value; /* of the aggregate; of mean and std the mean so far */
    double squares;
    double best;
};

struct map {
    struct heatmap *out;
    struct result *result;
    struct axis x, y;
    struct metric_rows runs;
    enum aggregate aggregate;
    struct cell *cells;
    size_t cell_count;
};

/* Cells of the chosen rows of a block: numbers of their rows into offsets, those without a place left out. */
static size_t block_cells(const struct map *map, uint64_t begin, uint16_t offsets[ROW_BLOCK],
                          uint32_t cells[ROW_BLOCK]) {
    uint32_t y[ROW_BLOCK];
    size_t count = row_set_block(&map->runs.rows, begin, offsets), placed = 0;
    axis_places(&map->x, cells, begin, offsets, count);
    axis_places(&map->y, y, begin, offsets, count);
    for (size_t i = 0; i < count; i++) {
        if (cells[i] == NO_PLACE || y[i] == NO_PLACE) continue;
        offsets[placed] = offsets[i];
        cells[placed++] = y[i] * (uint32_t)map->x.count + cells[i];
    }
    return placed;
}

static inline void cell_add(struct cell *cell, enum aggregate aggregate, double value, uint64_t count) {
    double distance;
    switch (aggregate) {
    case AGGREGATE_MAX:
        if (count == 1 || value > cell->value) cell->value = value;
        break;
    case AGGREGATE_MIN:
        if (count == 1 || value < cell->value) cell->value = value;
        break;
    case AGGREGATE_MEAN:
    case AGGREGATE_STD: /* Welford 1962 */
        distance = value - cell->value;
        cell->value += distance / (double)count;
        cell->squares += distance * (value - cell->value);
        break;
    case AGGREGATE_MEDIAN:
    case AGGREGATE_COUNT:
        break;
    }
}

static void fill_cells(struct map *map) {
    uint16_t offsets[ROW_BLOCK];
    uint32_t cells[ROW_BLOCK];
    bool low_is_best = metric_info(map->runs.metric)->better < 0;
    for (uint64_t begin = 0; begin < map->runs.rows.row_count; begin += ROW_BLOCK) {
        size_t count = block_cells(map, begin, offsets, cells);
        for (size_t i = 0; i < count; i++) {
            uint64_t row = begin + offsets[i], runs = ++map->out->counts[cells[i]];
            struct cell *cell = &map->cells[cells[i]];
            double value = map->runs.values[row];
            cell_add(cell, map->aggregate, value, runs);
            if (runs == 1 || (low_is_best ? value < cell->best : value > cell->best)) {
                cell->best = value; /* rows ascend, so that of equal ones the lowest run stays */
                map->out->best_run[cells[i]] = row;
            }
        }
    }
}

static double cell_result(const struct cell *cell, enum aggregate aggregate, uint64_t count) {
    double value = cell->value;
    if (aggregate == AGGREGATE_COUNT) return (double)count;
    if (aggregate == AGGREGATE_STD) value = count > 1 ? sqrt(cell->squares / (double)(count - 1)) : NAN;
    return isfinite(value) ? value : NAN; /* an overflow, as metrics have it */
}

/* ---- medians ---- */

/* Quickselect (Hoare 1961): values[at] becomes what it were sorted, nothing right of it is smaller. */
static void select_value(double *values, size_t count, size_t at) {
    size_t low = 0, high = count - 1;
    while (low < high) {
        double pivot = values[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;; i++, j--) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i >= j) break;
            double moved = values[i];
            values[i] = values[j];
            values[j] = moved;
        }
        if (at <= j)
            high = j;
        else
            low = j + 1;
    }
}

static double median_of(double *values, size_t count) {
    select_value(values, count, count / 2);
    if (count % 2) return values[count / 2];
    double below = values[0];
    for (size_t i = 1; i < count / 2; i++)
        below = values[i] > below ? values[i] : below;
    return 0.5 * below + 0.5 * values[count / 2];
}

/* The values sorted by cell (by counting), then each cell's. */
static status fill_medians(struct map *map, struct error *err) {
    uint16_t offsets[ROW_BLOCK];
    uint32_t cells[ROW_BLOCK];
    uint64_t *ends = malloc((map->cell_count + 1) * sizeof *ends), total = 0;
    double *values = malloc((size_t)(map->runs.rows.count + 1) * sizeof *values);
    if (!ends || !values) {
        free(ends);
        free(values);
        return error_set(err, ERR_MEMORY, "out of memory for the medians of a heatmap");
    }
    for (size_t c = 0; c < map->cell_count; c++) {
        ends[c] = total;
        total += map->out->counts[c];
    }
    for (uint64_t begin = 0; begin < map->runs.rows.row_count; begin += ROW_BLOCK) {
        size_t count = block_cells(map, begin, offsets, cells);
        for (size_t i = 0; i < count; i++)
            values[ends[cells[i]]++] = map->runs.values[begin + offsets[i]];
    }
    for (size_t c = 0; c < map->cell_count; c++) {
        uint64_t count = map->out->counts[c];
        if (count) map->cells[c].value = median_of(values + ends[c] - count, (size_t)count);
    }
    free(ends);
    free(values);
    return OK;
}

/* ---- the whole ---- */

static status make_cells(struct map *map, struct error *err) {
    struct heatmap *out = map->out;
    map->cell_count = map->x.count * map->y.count;
    map->cells = calloc(map->cell_count + 1, sizeof *map->cells);
    out->cells = malloc((map->cell_count + 1) * sizeof *out->cells);
    out->counts = calloc(map->cell_count + 1, sizeof *out->counts);
    out->best_run = malloc((map->cell_count + 1) * sizeof *out->best_run);
    return map->cells && out->cells && out->counts && out->best_run
               ? OK
               : error_set(err, ERR_MEMORY, "out of memory for a heatmap");
}

static void finish_cells(struct map *map) {
    struct heatmap *out = map->out;
    out->minimum = out->maximum = NAN;
    for (size_t c = 0; c < map->cell_count; c++) {
        uint64_t count = out->counts[c];
        out->best_run[c] = count ? result_run_of_row(map->result, out->best_run[c]) : UINT64_MAX;
        double value = out->cells[c] = count ? cell_result(&map->cells[c], map->aggregate, count) : NAN;
        if (!(value >= out->minimum)) out->minimum = isnan(value) ? out->minimum : value;
        if (!(value <= out->maximum)) out->maximum = isnan(value) ? out->maximum : value;
    }
}

status result_heatmap(struct heatmap *out, struct result *result, const char *x, const char *y,
                      const char *metric, enum aggregate aggregate, const char *where, struct error *err) {
    struct map map = {.out = out, .result = result, .aggregate = aggregate};
    *out = (struct heatmap){0};
    if (strcmp(x, y) == 0)
        return error_set(err, ERR_INPUT, "both axes are '%s'; a heatmap wants two different ones", x);
    status rc = metric_rows_select(&map.runs, result, metric, where, err);
    if (rc == OK) rc = axis_make(&map.x, result, x, &map.runs.rows, err);
    if (rc == OK) rc = axis_make(&map.y, result, y, &map.runs.rows, err);
    if (rc == OK) rc = make_cells(&map, err);
    if (rc == OK) {
        fill_cells(&map);
        if (aggregate == AGGREGATE_MEDIAN) rc = fill_medians(&map, err);
        finish_cells(&map);
    }
    if (rc == OK && (!give_axis(&out->x, &map.x) || !give_axis(&out->y, &map.y)))
        rc = error_set(err, ERR_MEMORY, "out of memory for a heatmap");
    axis_clear(&map.x);
    axis_clear(&map.y);
    metric_rows_clear(&map.runs);
    free(map.cells);
    if (rc != OK) heatmap_clear(out);
    return rc;
}

static void axis_free(struct heatmap_axis *axis) {
    free(axis->name);
    free(axis->values);
    free(axis->edges);
    free(axis->texts);
}

void heatmap_clear(struct heatmap *heatmap) {
    axis_free(&heatmap->x);
    axis_free(&heatmap->y);
    free(heatmap->cells);
    free(heatmap->counts);
    free(heatmap->best_run);
    *heatmap = (struct heatmap){0};
}
