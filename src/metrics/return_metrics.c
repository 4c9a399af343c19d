/* Returns of the equity and of the benchmark: two passes in blocks of four bars, SIMD where the machine has
 * it.
 *
 * The second pass takes deviations from the mean, which keeps all digits where sums of squares would cancel.
 * Sums run in four lanes, bar i in lane i mod 4, added as (0 + 1) + (2 + 3): IEEE operations in a fixed
 * order, hence the same bits whatever the vector width. The end is filled up to a multiple of four with what
 * adds nothing. */
#include "metrics/metric_parts.h"

#include <math.h>
#include <stdlib.h>

enum { LANES = 4, TAIL_FROM = 20 /* bars; fewer have no 5 % */ };

typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef int64_t masks
    __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));

#define SUM_OF(v) (((v)[0] + (v)[1]) + ((v)[2] + (v)[3]))

void metrics_scratch_clear(struct metrics_scratch *scratch) {
    free(scratch->returns);
    *scratch = (struct metrics_scratch){0};
}

/* Room for returns and benchmark returns (each padded to whole lanes) and for the tail's work. */
static void reserve(struct metrics_scratch *scratch, size_t padded) {
    if (scratch->capacity >= padded) return;
    metrics_scratch_clear(scratch);
    scratch->returns = malloc(4 * padded * sizeof *scratch->returns);
    if (!scratch->returns) abort(); /* 32 bytes a bar, kept from run to run */
    scratch->capacity = padded;
}

/* The block of LANES bars from `begin` on one by one: the first, which starts from `before`, and the last,
 * which is filled with 0. */
static void fill_block(double *out, const double *value, double before, size_t begin, size_t n) {
    for (size_t i = begin; i < begin + LANES; i++)
        out[i] = i >= n ? 0.0 : value[i] / (i ? value[i - 1] : before) - 1.0;
}

struct first_pass {
    double sum, gains, losses, squared_losses, benchmark; /* losses <= 0 */
};

/* Fills r and b (padded) with the returns and sums them up. */
static struct first_pass take_returns(double *restrict r, double *restrict b,
                                      const struct metric_input *input, size_t padded) {
    const double *equity = input->equity, *close = input->series->close;
    const lanes zero = {0};
    lanes sum = zero, gains = zero, losses = zero, squares = zero, benchmark = zero;
    for (size_t i = 0; i < padded; i += LANES) {
        if (i > 0 && i + LANES <= input->n) {
            *(lanes *)&r[i] = *(const lanes *)&equity[i] / *(const lanes *)&equity[i - 1] - 1.0;
            *(lanes *)&b[i] = *(const lanes *)&close[i] / *(const lanes *)&close[i - 1] - 1.0;
        } else {
            fill_block(r, equity, input->initial, i, input->n);
            fill_block(b, close, input->series->open[0], i, input->n);
        }
        lanes x = *(const lanes *)&r[i];
        lanes gain = (lanes)((masks)x & (masks)(x > zero)), loss = (lanes)((masks)x & (masks)(x < zero));
        sum += x;
        gains += gain;
        losses += loss;
        squares += loss * loss;
        benchmark += *(const lanes *)&b[i];
    }
    return (struct first_pass){SUM_OF(sum), SUM_OF(gains), SUM_OF(losses), SUM_OF(squares),
                               SUM_OF(benchmark)};
}

/* After an equity of 0 there is nothing left to return anything: 0, not 0 / 0. Rare, hence apart: bar by bar,
 * the sums in the same four lanes. */
static void repair_after_zero(double *r, const double *equity, size_t n, size_t padded,
                              struct first_pass *first) {
    double sum[LANES] = {0}, gains[LANES] = {0}, losses[LANES] = {0}, squares[LANES] = {0};
    for (size_t i = 0; i < padded; i++) {
        if (i > 0 && i < n && equity[i - 1] == 0.0) r[i] = 0.0;
        double loss = r[i] < 0.0 ? r[i] : 0.0;
        sum[i % LANES] += r[i];
        gains[i % LANES] += r[i] > 0.0 ? r[i] : 0.0;
        losses[i % LANES] += loss;
        squares[i % LANES] += loss * loss;
    }
    *first =
        (struct first_pass){SUM_OF(sum), SUM_OF(gains), SUM_OF(losses), SUM_OF(squares), first->benchmark};
}

static void pad(double *values, size_t n, size_t padded, double filling) {
    for (size_t i = n; i < padded; i++)
        values[i] = filling;
}

/* Sums of powers of the deviations from the mean, and of their products with the benchmark's. */
struct second_pass {
    double m2, m3, m4, with_benchmark, benchmark;
};

static struct second_pass sum_deviations(const double *r, const double *b, size_t padded, double mean,
                                         double benchmark_mean) {
    const lanes zero = {0};
    lanes m2 = zero, m3 = zero, m4 = zero, product = zero, benchmark = zero;
    for (size_t i = 0; i < padded; i += LANES) {
        lanes x = *(const lanes *)&r[i] - mean, y = *(const lanes *)&b[i] - benchmark_mean;
        lanes square = x * x;
        m2 += square;
        m3 += square * x;
        m4 += square * square;
        product += x * y;
        benchmark += y * y;
    }
    return (struct second_pass){SUM_OF(m2), SUM_OF(m3), SUM_OF(m4), SUM_OF(product), SUM_OF(benchmark)};
}

static void fill_ratios(double *out, const struct metric_input *input, const struct first_pass *first,
                        const struct second_pass *second) {
    double n = (double)input->n, root = sqrt(input->bars_per_year), mean = first->sum / n;
    double deviation = input->n < 2 ? NAN : sqrt(second->m2 / (n - 1.0));
    bool has_losses = first->squared_losses > 0.0;
    out[METRIC_VOLATILITY] = deviation * root;
    out[METRIC_SHARPE] = is_no_deviation(deviation, mean) ? NAN : mean / deviation * root;
    out[METRIC_SORTINO] = has_losses ? mean / sqrt(first->squared_losses / n) * root : NAN;
    out[METRIC_OMEGA] = first->losses < 0.0 ? first->gains / -first->losses : NAN;
}

static void fill_moments(double *out, const struct metric_input *input, double mean,
                         const struct second_pass *second) {
    double n = (double)input->n, m2 = second->m2 / n, m3 = second->m3 / n, m4 = second->m4 / n;
    bool has_shape = !is_no_deviation(sqrt(m2), mean);
    out[METRIC_SKEW] = has_shape ? m3 / (m2 * sqrt(m2)) : NAN;
    out[METRIC_KURTOSIS] = has_shape ? m4 / (m2 * m2) - 3.0 : NAN;
}

static void fill_benchmark(double *out, const struct metric_input *input, double mean, double benchmark_mean,
                           const struct second_pass *second) {
    double n = (double)input->n;
    bool is_flat = input->n < 2 || is_no_deviation(sqrt(second->benchmark / n), benchmark_mean);
    double beta = is_flat ? NAN : second->with_benchmark / second->benchmark;
    out[METRIC_BETA] = beta;
    out[METRIC_ALPHA] = (mean - beta * benchmark_mean) * input->bars_per_year;
}

static void fill_tail(double *out, const double *returns, size_t n, double *work) {
    struct tail tail = {NAN, NAN};
    if (n >= TAIL_FROM) tail = tail_of(returns, n, work);
    out[METRIC_VAR_95] = -tail.quantile;
    out[METRIC_CVAR_95] = -tail.mean;
}

void return_metrics(double *out, const struct metric_input *input, struct metrics_scratch *scratch) {
    size_t n = input->n, padded = (n + LANES - 1) / LANES * LANES;
    reserve(scratch, padded);
    double *r = scratch->returns, *b = r + padded;
    struct first_pass first = take_returns(r, b, input, padded);
    if (!isfinite(first.sum)) repair_after_zero(r, input->equity, n, padded, &first);
    double mean = first.sum / (double)n, benchmark_mean = first.benchmark / (double)n;
    pad(r, n, padded, mean);
    pad(b, n, padded, benchmark_mean);
    struct second_pass second = sum_deviations(r, b, padded, mean, benchmark_mean);
    fill_ratios(out, input, &first, &second);
    fill_moments(out, input, mean, &second);
    fill_benchmark(out, input, mean, benchmark_mean, &second);
    fill_tail(out, r, n, b + padded);
}
