/* GET heatmap, distribution and importance of a sweep. */
#include "base/problems.h"
#include "kmill/analysis.h"
#include "server/sweeps/run_cells.h"
#include "server/sweeps/run_filter.h"
#include "server/sweeps/sweep_handlers.h"
#include "server/sweeps/sweep_registry.h"

#include <stdlib.h>
#include <string.h>

/* What the three have in common: the sweep, the metric, the condition. */
struct analysis {
    struct held_sweep *held;
    struct result *result;
    const char *metric, *where;
};

/* False: answered (an error, or not modified). The sweep is held if true. */
static bool begin_analysis(struct analysis *out, struct request *request) {
    out->held = request_hold(request);
    if (!out->held) return false;
    out->result = held_sweep_result(out->held);
    if (run_filter_metric(request, &out->metric, out->result) &&
        run_filter_where(request, &out->where, out->result) && !request_has_version(request, out->held))
        return true;
    request_release(request, out->held);
    return false;
}

static void end_analysis(struct analysis *self, struct request *request, status rc, const struct error *err,
                         const char *field) {
    if (rc != OK) request_fail_error(request, field, err);
    request_release(request, self->held);
}

static void write_doubles(struct writer *w, const char *key, const double *values, size_t count) {
    writer_key(w, key);
    writer_array(w);
    for (size_t i = 0; i < count; i++)
        writer_double(w, values[i]);
    writer_end(w);
}

static void write_counts(struct writer *w, const uint64_t *values, size_t count) {
    writer_array(w);
    for (size_t i = 0; i < count; i++)
        writer_uint(w, values[i]);
    writer_end(w);
}

/* ---- heatmap ---- */

static const char *const aggregate_names[] = {"max", "min", "mean", "median", "count", "std"};

static void write_axis(struct writer *w, const char *key, const struct heatmap_axis *axis) {
    writer_key(w, key);
    writer_map(w);
    writer_key_string(w, "name", axis->name);
    if (axis->values) {
        writer_key(w, "values");
        writer_array(w);
        for (size_t i = 0; i < axis->count; i++)
            write_value(w, axis->values[i]);
        writer_end(w);
    } else {
        write_doubles(w, "edges", axis->edges, axis->count + 1);
    }
    writer_end(w);
}

static void write_cell_rows(struct writer *w, const struct heatmap *map) {
    size_t width = map->x.count, height = map->y.count;
    writer_key(w, "cells");
    writer_array(w);
    for (size_t y = 0; y < height; y++) {
        writer_array(w);
        for (size_t x = 0; x < width; x++)
            writer_double(w, map->cells[y * width + x]);
        writer_end(w);
    }
    writer_end(w);
    writer_key(w, "counts");
    writer_array(w);
    for (size_t y = 0; y < height; y++)
        write_counts(w, map->counts + y * width, width);
    writer_end(w);
    writer_key(w, "best_run");
    writer_array(w);
    for (size_t y = 0; y < height; y++) {
        writer_array(w);
        for (size_t x = 0; x < width; x++)
            if (map->best_run[y * width + x] == UINT64_MAX)
                writer_null(w);
            else
                writer_uint(w, map->best_run[y * width + x]);
        writer_end(w);
    }
    writer_end(w);
}

static void write_heatmap(struct request *request, const struct heatmap *map, const char *metric,
                          enum aggregate aggregate) {
    struct writer w = request_writer(request);
    writer_map(&w);
    write_axis(&w, "x", &map->x);
    write_axis(&w, "y", &map->y);
    writer_key_string(&w, "metric", metric);
    writer_key_string(&w, "agg", aggregate_names[aggregate]);
    write_cell_rows(&w, map);
    writer_key_double(&w, "minimum", map->minimum);
    writer_key_double(&w, "maximum", map->maximum);
    writer_end(&w);
}

static bool read_aggregate(struct request *request, enum aggregate *out) {
    const char *name = request_query(request, "agg");
    *out = AGGREGATE_MAX;
    if (!name || aggregate_parse(out, name)) return true;
    request_fail(request, 400, "invalid", "agg", "agg: '%s' is none of max, min, mean, median, count, std",
                 name);
    return false;
}

/* The name of an axis: a parameter, symbol or interval. */
static bool read_axis(struct request *request, const char **out, const char *field, struct result *result) {
    *out = request_query(request, field);
    if (!*out) {
        request_fail(request, 400, "invalid", field, "%s: the name of a parameter is needed", field);
        return false;
    }
    size_t count = result_param_count(result);
    const char **names = arena_alloc(&request->arena, (count + 2) * sizeof *names);
    for (size_t p = 0; p < count; p++)
        names[p] = result_param_name(result, p);
    names[count] = "symbol";
    names[count + 1] = "interval";
    for (size_t i = 0; i < count + 2; i++)
        if (strcmp(names[i], *out) == 0) return true;
    const char *near = nearest_name(*out, names, count + 2);
    if (near)
        request_fail(request, 400, "invalid", field, "%s: there is no parameter '%s'; did you mean '%s'?",
                     field, *out, near);
    else
        request_fail(request, 400, "invalid", field, "%s: there is no parameter '%s'", field, *out);
    return false;
}

static bool are_different(struct request *request, const char *x, const char *y) {
    if (strcmp(x, y) != 0) return true;
    request_fail(request, 400, "invalid", "y", "y: is '%s' as x is; a heatmap wants two different ones", y);
    return false;
}

/* x_bins=, y_bins=; absent: as the analysis thinks best. */
static bool read_bins(struct request *request, struct heatmap_choice *out, const char *field) {
    int64_t bins = HEATMAP_AUTO;
    if (!request_query_int(request, &bins, field, 0, HEATMAP_AXIS_MAX)) return false;
    out->bins = (int)bins;
    return true;
}

/* What an axis cannot be is a matter of its bins, or of the axis where nobody chose any. */
static const char *axis_field(const struct error *err, const struct heatmap_choice *x,
                              const struct heatmap_choice *y) {
    const struct heatmap_choice *axes[] = {x, y};
    static const char *const fields[][2] = {{"x", "x_bins"}, {"y", "y_bins"}};
    for (size_t i = 0; i < 2; i++) {
        size_t length = axes[i]->name ? strlen(axes[i]->name) : 0;
        if (length && strncmp(err->message + 1, axes[i]->name, length) == 0 &&
            err->message[length + 1] == '\'')
            return fields[i][axes[i]->bins != HEATMAP_AUTO];
    }
    return NULL;
}

void get_heatmap(struct request *request) {
    static const char *const names[] = {"x", "y", "x_bins", "y_bins", "metric", "agg", "where", NULL};
    enum aggregate aggregate;
    struct analysis self;
    struct heatmap map = {0};
    struct heatmap_choice x = {0}, y = {0};
    struct error err = {0};
    if (!run_filter_known(request, names, true) || !read_aggregate(request, &aggregate) ||
        !read_bins(request, &x, "x_bins") || !read_bins(request, &y, "y_bins") ||
        !begin_analysis(&self, request))
        return;
    status rc = OK;
    if (read_axis(request, &x.name, "x", self.result) && read_axis(request, &y.name, "y", self.result) &&
        are_different(request, x.name, y.name)) {
        rc = result_heatmap(&map, self.result, x, y, self.metric, aggregate, self.where, &err);
        if (rc == OK) write_heatmap(request, &map, self.metric, aggregate);
        heatmap_clear(&map);
    }
    end_analysis(&self, request, rc, &err, axis_field(&err, &x, &y));
}

/* ---- distribution ---- */

static void write_distribution(struct request *request, const struct distribution *d, const char *metric) {
    static const char *const levels[] = {"0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"};
    struct writer w = request_writer(request);
    writer_map(&w);
    writer_key_string(&w, "metric", metric);
    writer_key_uint(&w, "count", d->count);
    writer_key_uint(&w, "undefined", d->undefined);
    writer_key_double(&w, "minimum", d->minimum);
    writer_key_double(&w, "maximum", d->maximum);
    writer_key_double(&w, "mean", d->mean);
    writer_key_double(&w, "deviation", d->deviation);
    writer_key(&w, "quantiles");
    writer_map(&w);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        writer_key_double(&w, levels[i], d->quantiles[i]);
    writer_end(&w);
    writer_key(&w, "bins");
    write_counts(&w, d->bins, d->bin_count);
    write_doubles(&w, "edges", d->edges, d->bin_count ? d->bin_count + 1 : 0);
    writer_end(&w);
}

void get_distribution(struct request *request) {
    static const char *const names[] = {"metric", "bins", "where", NULL};
    int64_t bins = 50;
    struct analysis self;
    struct distribution distribution = {0};
    struct error err = {0};
    if (!run_filter_known(request, names, true) || !request_query_int(request, &bins, "bins", 1, 1000) ||
        !begin_analysis(&self, request))
        return;
    status rc = result_distribution(&distribution, self.result, self.metric, (size_t)bins, self.where, &err);
    if (rc == OK) write_distribution(request, &distribution, self.metric);
    distribution_clear(&distribution);
    end_analysis(&self, request, rc, &err, NULL);
}

/* ---- importance ---- */

void get_importance(struct request *request) {
    static const char *const names[] = {"metric", "where", NULL};
    struct analysis self;
    struct importance *list = NULL;
    size_t count = 0;
    struct error err = {0};
    if (!run_filter_known(request, names, true) || !begin_analysis(&self, request)) return;
    status rc = result_importance(&list, &count, self.result, self.metric, self.where, &err);
    if (rc == OK) {
        struct writer w = request_writer(request);
        writer_map(&w);
        writer_key_string(&w, "metric", self.metric);
        writer_key(&w, "parameters");
        writer_array(&w);
        for (size_t i = 0; i < count; i++) {
            writer_map(&w);
            writer_key_string(&w, "name", list[i].name);
            writer_key_uint(&w, "distinct", list[i].distinct);
            writer_key_double(&w, "share", list[i].share);
            writer_key_double(&w, "rank_correlation", list[i].rank_correlation);
            writer_end(&w);
        }
        writer_end(&w);
        writer_end(&w);
    }
    free(list);
    end_analysis(&self, request, rc, &err, NULL);
}
