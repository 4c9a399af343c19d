/* Heatmaps: one pass over the chosen rows a block at a time, the numbers of a block's rows on both axes
 * first, then the cells. The median needs the values of a cell beside each other and takes a second pass. */
#include "kmill/analysis.h"
#include "results/heatmap_axes.h"
#include "results/metric_rows.h"

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

/* ---- cells ---- */

struct cell {
    double value; /* of the aggregate; of mean and std the mean so far */
    double squares;
    double best;
};

struct map {
    struct heatmap *out;
    struct result *result;
    struct map_axis x, y;
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
    map_axis_places(&map->x, cells, begin, offsets, count);
    map_axis_places(&map->y, y, begin, offsets, count);
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

status result_heatmap(struct heatmap *out, struct result *result, struct heatmap_choice x,
                      struct heatmap_choice y, const char *metric, enum aggregate aggregate,
                      const char *where, struct error *err) {
    struct map map = {.out = out, .result = result, .aggregate = aggregate};
    *out = (struct heatmap){0};
    if (strcmp(x.name, y.name) == 0)
        return error_set(err, ERR_INPUT, "both axes are '%s'; a heatmap wants two different ones", x.name);
    status rc = metric_rows_select(&map.runs, result, metric, where, err);
    map.x.choice = x;
    map.y.choice = y;
    if (rc == OK) rc = map_axes_make(&map.x, &map.y, result, &map.runs, where, err);
    if (rc == OK) rc = make_cells(&map, err);
    if (rc == OK) {
        fill_cells(&map);
        if (aggregate == AGGREGATE_MEDIAN) rc = fill_medians(&map, err);
        finish_cells(&map);
    }
    if (rc == OK && (!map_axis_give(&out->x, &map.x) || !map_axis_give(&out->y, &map.y)))
        rc = error_set(err, ERR_MEMORY, "out of memory for a heatmap");
    map_axis_clear(&map.x);
    map_axis_clear(&map.y);
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
