/* Importance of parameters. Of a parameter with few values only sums by value are needed; one with many is
 * ranked as the metric is. All that concerns ranks is whole numbers (twice the mean rank), so that the rank
 * correlation is exact up to its last division. */
#include "kmill/analysis.h"
#include "results/metric_rows.h"
#include "results/param_levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS = 64, FEW_LEVELS = 4096 };

/* The metric, prepared once. */
struct response {
    struct metric_rows runs;
    double scale, mean, variance; /* of scaled values; variance: sum of squares */
    uint32_t *ranks;              /* twice the mean rank, by row */
    __int128 rank_variance;
};

/* What is summed over the runs of a level, then over a group of levels. */
struct group {
    uint64_t count;
    double deviations; /* of the scaled metric from its mean */
    int64_t ranks;     /* of the doubled ranks from theirs, n + 1 */
};

struct correlation {
    __int128 covariance, variance;
};

/* ---- the metric ---- */

static status prepare(struct response *self, struct error *err) {
    struct metric_rows *runs = &self->runs;
    uint16_t offsets[ROW_BLOCK];
    uint64_t distinct;
    int64_t middle = (int64_t)runs->rows.count + 1;
    self->ranks = malloc((size_t)(runs->rows.row_count + 1) * sizeof *self->ranks);
    if (!self->ranks) return error_set(err, ERR_MEMORY, "out of memory for ranks");
    status rc = number_ranks(self->ranks, &distinct, (struct number_column){.doubles = runs->values},
                             &runs->rows, err);
    if (rc != OK) return rc;
    self->scale = metric_rows_scale(runs);
    self->mean = metric_rows_mean(runs, self->scale);
    for (uint64_t begin = 0; begin < runs->rows.row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(&runs->rows, begin, offsets);
        for (size_t i = 0; i < count; i++) {
            uint64_t row = begin + offsets[i];
            double deviation = runs->values[row] * self->scale - self->mean;
            int64_t rank = (int64_t)self->ranks[row] - middle;
            self->variance += deviation * deviation;
            self->rank_variance += (__int128)(rank * rank);
        }
    }
    if (distinct < 2) self->variance = 0.0; /* what is left would be the mean's rounding */
    return OK;
}

static inline void group_add(struct group *group, const struct response *response, uint64_t row) {
    group->count++;
    group->deviations += response->runs.values[row] * response->scale - response->mean;
    group->ranks += (int64_t)response->ranks[row] - (int64_t)response->runs.rows.count - 1;
}

/* Sum over groups of n_g (mean_g - mean)^2 as a part of the whole sum of squares. */
static double share_of(const struct group *groups, size_t count, const struct response *response) {
    double between = 0.0;
    for (size_t g = 0; g < count; g++)
        if (groups[g].count) between += groups[g].deviations * groups[g].deviations / (double)groups[g].count;
    if (!(response->variance > 0.0)) return 0.0;
    double share = between / response->variance;
    return share < 1.0 ? share : 1.0; /* rounding */
}

static double rho_of(const struct correlation *sums, const struct response *response) {
    if (sums->variance == 0 || response->rank_variance == 0) return NAN;
    return (double)sums->covariance / (sqrt((double)sums->variance) * sqrt((double)response->rank_variance));
}

/* ---- parameters ---- */

static bool is_numeric(const struct levels *levels) {
    return levels->kind == LEVELS_INT || levels->kind == LEVELS_FLOAT || levels->kind == LEVELS_BOOL;
}

/* The group of equal count that doubled rank `rank` of n belongs to: equal values stay together. */
static size_t group_of_rank(uint64_t rank, uint64_t n) {
    return (size_t)((rank - 2) * GROUPS / (2 * n));
}

static status few_levels(struct importance *out, const struct levels *levels, const struct response *response,
                         struct error *err) {
    const struct row_set *rows = &response->runs.rows;
    struct group *sums = calloc(levels->count, sizeof *sums), groups[GROUPS] = {0};
    uint16_t offsets[ROW_BLOCK];
    uint32_t at[ROW_BLOCK];
    if (!sums) return error_set(err, ERR_MEMORY, "out of memory for the values of a parameter");
    for (uint64_t begin = 0; begin < rows->row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(rows, begin, offsets);
        levels_of_rows(levels, at, begin, offsets, count);
        for (size_t i = 0; i < count; i++)
            group_add(&sums[at[i]], response, begin + offsets[i]);
    }
    struct correlation correlation = {0};
    uint64_t before = 0, n = rows->count;
    for (size_t l = 0; l < levels->count; l++) {
        uint64_t rank = 2 * before + sums[l].count + 1; /* first + last */
        int64_t from_middle = (int64_t)rank - (int64_t)n - 1;
        correlation.covariance += (__int128)from_middle * sums[l].ranks;
        correlation.variance += (__int128)from_middle * from_middle * (int64_t)sums[l].count;
        struct group *group = &groups[group_of_rank(rank, n)];
        group->count += sums[l].count;
        group->deviations += sums[l].deviations;
        before += sums[l].count;
    }
    bool in_groups = is_numeric(levels) && levels->count > GROUPS;
    out->distinct = levels->count;
    out->share = in_groups ? share_of(groups, GROUPS, response) : share_of(sums, levels->count, response);
    out->rank_correlation = is_numeric(levels) ? rho_of(&correlation, response) : NAN;
    free(sums);
    return OK;
}

/* NaN has no rank; a parameter with it is taken by its levels. */
static bool has_nan(struct number_column numbers, const struct row_set *rows) {
    uint16_t offsets[ROW_BLOCK];
    size_t found = 0;
    for (uint64_t begin = 0; numbers.doubles && !found && begin < rows->row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(rows, begin, offsets);
        for (size_t i = 0; i < count; i++)
            found += isnan(numbers.doubles[begin + offsets[i]]);
    }
    return found;
}

static status many_numbers(struct importance *out, struct number_column numbers,
                           const struct response *response, struct error *err) {
    const struct row_set *rows = &response->runs.rows;
    struct group groups[GROUPS] = {0};
    struct correlation correlation = {0};
    uint16_t offsets[ROW_BLOCK];
    uint64_t distinct, n = rows->count;
    uint32_t *ranks = malloc((size_t)(rows->row_count + 1) * sizeof *ranks);
    status rc = ranks ? number_ranks(ranks, &distinct, numbers, rows, err)
                      : error_set(err, ERR_MEMORY, "out of memory for ranks");
    for (uint64_t begin = 0; rc == OK && begin < rows->row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(rows, begin, offsets);
        for (size_t i = 0; i < count; i++) {
            uint64_t row = begin + offsets[i];
            int64_t rank = (int64_t)ranks[row] - (int64_t)n - 1;
            group_add(&groups[group_of_rank(ranks[row], n)], response, row);
            correlation.covariance += (__int128)(rank * ((int64_t)response->ranks[row] - (int64_t)n - 1));
            correlation.variance += (__int128)(rank * rank);
        }
    }
    free(ranks);
    if (rc != OK) return rc;
    out->distinct = distinct;
    out->share = share_of(groups, GROUPS, response);
    out->rank_correlation = rho_of(&correlation, response);
    return OK;
}

static status importance_of(struct importance *out, struct result *result, size_t param,
                            const struct response *response, struct error *err) {
    const struct row_set *rows = &response->runs.rows;
    struct levels levels;
    struct number_column numbers;
    bool fits;
    levels_of_param(&levels, result, param);
    out->name = result_param_name(result, param);
    bool is_column = levels_numbers(&levels, &numbers) && !has_nan(numbers, rows);
    status rc = levels_find(&levels, &fits, rows, is_column ? FEW_LEVELS : SIZE_MAX, err);
    if (rc == OK)
        rc = fits ? few_levels(out, &levels, response, err) : many_numbers(out, numbers, response, err);
    levels_clear(&levels);
    return rc;
}

/* ---- the whole ---- */

/* Ties by name. */
static int compare_shares(const void *a, const void *b) {
    const struct importance *x = a, *y = b;
    if (x->share != y->share) return x->share < y->share ? 1 : -1;
    return strcmp(x->name, y->name);
}

status result_importance(struct importance **out, size_t *count, struct result *result, const char *metric,
                         const char *where, struct error *err) {
    struct response response = {0};
    size_t params = result_param_count(result);
    struct importance *list = calloc(params + 1, sizeof *list);
    *out = NULL;
    *count = 0;
    if (!list) return error_set(err, ERR_MEMORY, "out of memory");
    status rc = metric_rows_select(&response.runs, result, metric, where, err);
    if (rc == OK) rc = prepare(&response, err);
    for (size_t p = 0; rc == OK && p < params && response.runs.rows.count; p++) {
        rc = importance_of(&list[*count], result, p, &response, err);
        *count += list[*count].distinct > 1;
    }
    metric_rows_clear(&response.runs);
    free(response.ranks);
    if (rc != OK) {
        free(list);
        *count = 0;
        return rc;
    }
    qsort(list, *count, sizeof *list, compare_shares);
    *out = list;
    return OK;
}
