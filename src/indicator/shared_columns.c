/* Shared indicator values: what each formula needs is looked up (exact window sums, lazily made columns), and
 * where it is not there yet or does not fit, the formula itself is computed. Both ways give the same bits, so
 * no result depends on who asked before. */
#include "indicator/shared_columns.h"
#include "indicator/column_table.h"
#include "indicator/lanes.h"
#include "indicator/window_sums.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* What can be summed: a kline column, the rises or falls between its neighbours, the true ranges. */
enum { SOURCE_PLAIN = 0, SOURCE_GAIN = 1, SOURCE_LOSS = 2, SOURCE_TRUE_RANGE = 3, SOURCE_KINDS = 4 };
enum { SOURCE_COUNT = SOURCE_KINDS * KLINE_COLUMN_COUNT };

static unsigned source_of(unsigned kind, enum kline_column column) {
    return kind * KLINE_COLUMN_COUNT + (unsigned)column;
}

enum { COLUMN_SUM, COLUMN_EMA, COLUMN_MACD, COLUMN_DEVIATION };

/* Asks after which prefix sums are made: they cost about as much as this many direct sums of 50 values. */
enum { SUMS_AFTER = 1024 };

struct shared_columns {
    const struct series *series;
    struct column_budget budget;
    struct column_table *table;
    _Atomic(struct window_sums *) sums[SOURCE_COUNT]; /* published once, never changed */
    atomic_uint sums_asks[SOURCE_COUNT];
};

/* Values [begin, end) of a source; there is no change and no true range at 0, nobody asks for it. */
static void source_fill(double *out, const struct series *series, unsigned source, size_t begin, size_t end) {
    unsigned kind = source / KLINE_COLUMN_COUNT;
    const double *x = series_column(series, (enum kline_column)(source % KLINE_COLUMN_COUNT));
    if (kind == SOURCE_PLAIN) {
        memcpy(out, x + begin, (end - begin) * sizeof *x);
        return;
    }
    for (size_t i = begin; i < end; i++) {
        double value = 0.0;
        if (i > 0 && kind == SOURCE_TRUE_RANGE)
            value = indicator_true_range(series->high[i], series->low[i], series->close[i - 1]);
        else if (i > 0 && kind == SOURCE_GAIN)
            value = x[i] - x[i - 1] > 0 ? x[i] - x[i - 1] : 0.0;
        else if (i > 0)
            value = x[i] - x[i - 1] < 0 ? -(x[i] - x[i - 1]) : 0.0;
        out[i - begin] = value;
    }
}

/* ---- window sums ---- */

static struct window_sums *sums_make(struct shared_columns *self, unsigned source) {
    size_t count = self->series->count, bytes = window_sums_bytes(count) + sizeof(struct window_sums);
    if (!column_budget_reserve(&self->budget, bytes)) return NULL;
    struct window_sums *sums = calloc(1, sizeof *sums);
    double *values = malloc((count + 1) * sizeof *values);
    if (sums && values) {
        source_fill(values, self->series, source, 0, count);
        if (!window_sums_make(sums, values, count)) sums->max_window = 0;
    }
    free(values);
    if (!sums || sums->max_window == 0) {
        free(sums);
        column_budget_release(&self->budget, bytes);
        return NULL;
    }
    atomic_store_explicit(&self->sums[source], sums, memory_order_release);
    return sums;
}

/* Sums that can answer for n values, or NULL. */
static const struct window_sums *sums_find(struct shared_columns *self, unsigned source, size_t n) {
    const struct window_sums *sums = atomic_load_explicit(&self->sums[source], memory_order_acquire);
    if (__builtin_expect(!sums, 0)) {
        if (atomic_load_explicit(&self->sums_asks[source], memory_order_relaxed) >= SUMS_AFTER) return NULL;
        if (atomic_fetch_add_explicit(&self->sums_asks[source], 1, memory_order_relaxed) + 1 != SUMS_AFTER)
            return NULL;
        sums = sums_make(self, source);
        if (!sums) return NULL;
    }
    return n <= sums->max_window ? sums : NULL;
}

/* sum() of the n values of a source that end before index end. False: not at hand. */
static inline bool sum_find(struct shared_columns *self, double *out, unsigned source, size_t end, size_t n) {
    const struct window_sums *sums = sums_find(self, source, n);
    if (__builtin_expect(sums != NULL, 1)) {
        *out = window_sums_get(sums, end, n);
        return true;
    }
    if (n == 0 || end == 0) return false;
    struct column_key key = column_key_make(COLUMN_SUM, source, n, n, 0, 0);
    const double *value = column_table_find(self->table, &key, 1, end - 1);
    if (value) *out = *value;
    return value != NULL;
}

/* ---- making a chunk of a column ---- */

/* The source values that the windows of some bars see, and what surrounds them in lanes. */
struct chunk_input {
    const struct shared_columns *columns;
    struct column_description column;
    const double *values; /* [0] is the first value of the first bar's window */
    size_t first;         /* that value's index in the series */
};

/* Averages of the first `period` values of each lane's window. */
static void fill_averages(double out[LANES], const struct chunk_input *in, size_t offset, size_t lanes,
                          size_t period) {
    const struct window_sums *sums =
        atomic_load_explicit(&in->columns->sums[in->column.source], memory_order_acquire);
    for (size_t j = 0; j < LANES; j++) {
        size_t begin = offset + j;
        if (j >= lanes)
            out[j] = 0.0;
        else if (sums && period <= sums->max_window)
            out[j] = window_sums_get(sums, in->first + begin + period, period) / (double)period;
        else
            out[j] = indicator_sum(in->values + begin, period) / (double)period;
    }
}

/* LANES bars whose windows begin at offset, offset + 1, ... in the input; `lanes` of them are wanted. */
static void compute_lanes(double *out, double *further, const struct chunk_input *in, size_t offset,
                          size_t lanes) {
    const struct column_description *column = &in->column;
    const double *x = in->values + offset;
    const size_t *periods = column->periods;
    double average[LANES], slow_average[LANES];
    switch (column->kind) {
    case COLUMN_SUM:
        for (size_t j = 0; j < lanes; j++)
            out[j] = indicator_sum(x + j, column->window);
        break;
    case COLUMN_EMA:
        fill_averages(average, in, offset, lanes, periods[0]);
        lanes_ema(out, x, average, periods[0], column->window);
        break;
    case COLUMN_MACD:
        fill_averages(average, in, offset, lanes, periods[0]);
        fill_averages(slow_average, in, offset, lanes, periods[1]);
        lanes_macd(out, further, x, average, slow_average, periods[0], periods[1], periods[2],
                   column->window);
        break;
    default:
        fill_averages(average, in, offset, lanes, periods[0]);
        lanes_deviation(out, x, average, periods[0]);
    }
}

/* The lanes' arithmetic is that of the formulas only without infinities and NaN. */
static bool are_tame(const double *x, size_t count) {
    bool tame = true;
    for (size_t i = 0; i < count; i++)
        tame &= fabs(x[i]) < 0x1p900;
    return tame;
}

static bool build_column(const void *context, double *out, const struct column_key *key, size_t begin,
                         size_t bars) {
    const struct shared_columns *self = context;
    struct column_description column = column_key_describe(*key);
    size_t window = column.window, end = begin + bars;
    size_t first_bar = begin + 1 < window ? window - 1 : begin; /* earlier ones have no full window */
    if (first_bar >= end) return false;
    size_t first = first_bar + 1 - window, count = end - first;
    double *values = calloc(count + LANES, sizeof *values); /* padded: the last lanes read on */
    if (!values) return false;
    source_fill(values, self->series, column.source, first, end);
    struct chunk_input input = {self, column, values, first};
    bool is_possible = are_tame(values, count);
    for (size_t bar = first_bar; is_possible && bar < end; bar += LANES) {
        double lanes[LANES] = {0}, further[LANES] = {0};
        size_t wanted = end - bar < LANES ? end - bar : LANES;
        compute_lanes(lanes, further, &input, bar - first_bar, wanted);
        memcpy(out + (bar - begin), lanes, wanted * sizeof *out);
        if (column.kind == COLUMN_MACD)
            memcpy(out + CHUNK_BARS + (bar - begin), further, wanted * sizeof *out);
    }
    free(values);
    return is_possible;
}

/* ---- the public functions ---- */

status shared_columns_open(struct shared_columns **out, const struct series *series, size_t budget_bytes,
                           struct error *err) {
    struct shared_columns *self = calloc(1, sizeof *self);
    if (self) {
        self->series = series;
        self->budget.limit = budget_bytes;
        self->table = column_table_open(series->count, &self->budget, build_column, self);
    }
    if (!self || !self->table) {
        free(self);
        return error_set(err, ERR_MEMORY, "%s: out of memory for indicator columns", series->symbol);
    }
    *out = self;
    return OK;
}

void shared_columns_close(struct shared_columns *self) {
    if (!self) return;
    column_table_close(self->table);
    for (int i = 0; i < SOURCE_COUNT; i++) {
        struct window_sums *sums = self->sums[i];
        if (!sums) continue;
        window_sums_clear(sums);
        free(sums);
    }
    free(self);
}

size_t shared_columns_bytes(const struct shared_columns *self) {
    return atomic_load_explicit(&self->budget.used, memory_order_relaxed);
}

/* The n values before index end; what the column functions work on. */
static const double *window_of(const struct shared_columns *self, enum kline_column column, size_t end,
                               size_t n) {
    const double *x = series_column(self->series, column);
    assert(x && end <= self->series->count && n <= end);
    return x + (end - n);
}

double shared_sum(struct shared_columns *self, enum kline_column column, size_t end, size_t n) {
    double sum;
    if (sum_find(self, &sum, source_of(SOURCE_PLAIN, column), end, n)) return sum;
    return indicator_sum(window_of(self, column, end, n), n);
}

bool shared_sma(struct shared_columns *self, double *out, enum kline_column column, size_t end, size_t n,
                size_t period) {
    if (n < period) return false;
    *out = shared_sum(self, column, end, period) / (double)period;
    return true;
}

bool shared_ema(struct shared_columns *self, double *out, enum kline_column column, size_t end, size_t n,
                size_t period) {
    if (n < period) return false;
    struct column_key key = column_key_make(COLUMN_EMA, source_of(SOURCE_PLAIN, column), n, period, 0, 0);
    const double *value = column_table_find(self->table, &key, 1, end - 1);
    if (!value) return indicator_ema(out, window_of(self, column, end, n), n, period);
    *out = *value;
    return true;
}

bool shared_rsi(struct shared_columns *self, double *out, enum kline_column column, size_t end, size_t n,
                size_t period) {
    if (n < period + 1) return false;
    double gain = 0.0, loss = 0.0;
    bool has_gain = sum_find(self, &gain, source_of(SOURCE_GAIN, column), end, period);
    bool has_loss = sum_find(self, &loss, source_of(SOURCE_LOSS, column), end, period);
    if (!has_gain || !has_loss) return indicator_rsi(out, window_of(self, column, end, n), n, period);
    *out = indicator_rsi_of(gain, loss, period);
    return true;
}

bool shared_macd(struct shared_columns *self, struct macd *out, enum kline_column column, size_t end,
                 size_t n, size_t fast, size_t slow, size_t signal) {
    if (n < slow + signal) return false;
    struct column_key key =
        column_key_make(COLUMN_MACD, source_of(SOURCE_PLAIN, column), n, fast, slow, signal);
    const double *value = column_table_find(self->table, &key, 2, end - 1);
    if (!value) return indicator_macd(out, window_of(self, column, end, n), n, fast, slow, signal);
    *out = (struct macd){value[0], value[CHUNK_BARS], value[0] - value[CHUNK_BARS]};
    return true;
}

bool shared_bollinger(struct shared_columns *self, struct bollinger *out, enum kline_column column,
                      size_t end, size_t n, size_t period, double k) {
    if (n < period) return false;
    const double *last = window_of(self, column, end, period);
    double middle = shared_sum(self, column, end, period) / (double)period;
    struct column_key key =
        column_key_make(COLUMN_DEVIATION, source_of(SOURCE_PLAIN, column), period, period, 0, 0);
    const double *value = column_table_find(self->table, &key, 1, end - 1);
    double deviation = value ? *value : indicator_deviation(last, period, middle);
    *out = (struct bollinger){middle + k * deviation, middle, middle - k * deviation};
    return true;
}

bool shared_atr(struct shared_columns *self, double *out, size_t end, size_t n, size_t period) {
    if (n < period + 1) return false;
    const struct series *series = self->series;
    double sum;
    if (!sum_find(self, &sum, source_of(SOURCE_TRUE_RANGE, KLINE_OPEN_TIME), end, period)) {
        size_t first = end - n;
        return indicator_atr(out, series->high + first, series->low + first, series->close + first, n,
                             period);
    }
    *out = sum / (double)period;
    return true;
}
