/* Rows with a value of a metric. */
#include "results/metric_rows.h"
#include "base/problems.h"
#include "results/run_record.h"

#include <math.h>

static status find_metric(enum metric *out, const char *name, struct error *err) {
    if (metric_find(out, name)) return OK;
    const char *near = nearest_name(name, metric_names(), METRIC_COUNT);
    return near ? error_set(err, ERR_INPUT, "there is no metric '%s'; did you mean '%s'?", name, near)
                : error_set(err, ERR_INPUT, "there is no metric '%s'", name);
}

status metric_rows_select(struct metric_rows *out, struct result *result, const char *metric,
                          const char *where, struct error *err) {
    *out = (struct metric_rows){0};
    status rc = find_metric(&out->metric, metric, err);
    if (rc == OK) rc = result_metric_column(result, &out->values, out->metric, err);
    if (rc == OK) rc = row_select(&out->rows, result, where, 1u << RUN_DONE, err);
    if (rc != OK) return rc;
    struct row_set *rows = &out->rows;
    for (uint64_t word = 0; word < row_set_words(rows->row_count); word++) {
        uint64_t without = 0;
        for (uint64_t left = rows->bits[word]; left; left &= left - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(left);
            without |= (uint64_t)isnan(out->values[word * 64 + bit]) << bit;
        }
        rows->bits[word] ^= without;
        out->undefined += (uint64_t)__builtin_popcountll(without);
    }
    rows->count -= out->undefined;
    return OK;
}

void metric_rows_clear(struct metric_rows *rows) {
    row_set_clear(&rows->rows);
    *rows = (struct metric_rows){0};
}

double metric_rows_scale(const struct metric_rows *rows) {
    uint16_t offsets[ROW_BLOCK];
    double largest = 0.0;
    for (uint64_t begin = 0; begin < rows->rows.row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(&rows->rows, begin, offsets);
        for (size_t i = 0; i < count; i++) {
            double size = fabs(rows->values[begin + offsets[i]]);
            largest = size > largest ? size : largest;
        }
    }
    int exponent = largest > 0.0 ? ilogb(largest) : 0;
    if (exponent > -400 && exponent < 400) return 1.0;
    return ldexp(1.0, exponent > -1000 ? -exponent : 1000);
}

double metric_rows_mean(const struct metric_rows *rows, double scale) {
    uint16_t offsets[ROW_BLOCK];
    double sum = 0.0;
    for (uint64_t begin = 0; begin < rows->rows.row_count; begin += ROW_BLOCK) {
        size_t count = row_set_block(&rows->rows, begin, offsets);
        for (size_t i = 0; i < count; i++) /* this order is the result's */
            sum += rows->values[begin + offsets[i]] * scale;
    }
    return sum / (double)rows->rows.count;
}
