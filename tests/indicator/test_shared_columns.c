/* Shared values against indicator.c, bit for bit, on every window: whether they come from sums, a column or
 * the formula, from one thread or several. indicator.c itself is checked against Python in test_indicator.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "indicator/shared_columns.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- series ---- */

static double uniform(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (double)(*seed >> 11) * 0x1p-53;
}

static double *new_column(size_t count) {
    double *column = calloc(count + 1, sizeof *column);
    assert_non_null(column);
    return column;
}

static struct series new_series(size_t count) {
    struct series series = {.symbol = "TEST", .count = count};
    series.open = new_column(count);
    series.high = new_column(count);
    series.low = new_column(count);
    series.close = new_column(count);
    series.volume = new_column(count);
    series.quote_volume = new_column(count);
    series.taker_buy_base = new_column(count);
    series.taker_buy_quote = new_column(count);
    return series;
}

static void free_series(struct series *series) {
    const double *const columns[] = {series->open,           series->high,           series->low,
                                     series->close,          series->volume,         series->quote_volume,
                                     series->taker_buy_base, series->taker_buy_quote};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        free((void *)columns[i]);
}

static double *writable(const double *column) {
    return (double *)column;
}

/* Decimals as an exchange prints them. */
static double rounded(double x, double scale) {
    return round(x * scale) / scale;
}

/* A random walk with steps of 1/scale. Volumes spread over nine decades, some of them 0; quote volumes
 * missing. */
static struct series walk(size_t count, double price, double scale, double step, uint64_t seed) {
    struct series s = new_series(count);
    for (size_t i = 0; i < count; i++) {
        double next = rounded(price * (1 + step * (uniform(&seed) - 0.5)), scale);
        double spread = 1 + step * uniform(&seed) / 2;
        if (next <= 0) next = 1 / scale;
        writable(s.open)[i] = price;
        writable(s.close)[i] = next;
        writable(s.high)[i] = rounded(fmax(price, next) * spread, scale);
        writable(s.low)[i] = rounded(fmin(price, next) / spread, scale);
        writable(s.volume)[i] = i % 17 ? rounded(pow(10, 9 * uniform(&seed) - 4), 1e6) : 0.0;
        writable(s.quote_volume)[i] = NAN;
        writable(s.taker_buy_base)[i] =
            ldexp(uniform(&seed) - 0.5, (int)(uniform(&seed) * 200)); /* too wide for sums */
        writable(s.taker_buy_quote)[i] = 1e305 * uniform(&seed);      /* overflows */
        price = next;
    }
    return s;
}

/* ---- one question, asked both ways ---- */

enum question_kind { SUM, SMA, EMA, RSI, MACD, BOLLINGER, ATR, KINDS };

struct question {
    enum question_kind kind;
    enum kline_column column;
    size_t end, n, periods[3];
};

struct answer {
    bool is_enough;
    double values[3];
};

static struct answer ask_shared(struct shared_columns *c, const struct question *q) {
    struct answer a = {0};
    const size_t *p = q->periods;
    switch (q->kind) {
    case SUM:
        a.is_enough = true;
        a.values[0] = shared_sum(c, q->column, q->end, q->n);
        break;
    case SMA:
        a.is_enough = shared_sma(c, a.values, q->column, q->end, q->n, p[0]);
        break;
    case EMA:
        a.is_enough = shared_ema(c, a.values, q->column, q->end, q->n, p[0]);
        break;
    case RSI:
        a.is_enough = shared_rsi(c, a.values, q->column, q->end, q->n, p[0]);
        break;
    case MACD:
        a.is_enough =
            shared_macd(c, (struct macd *)a.values, q->column, q->end, q->n, p[0], p[0] + p[1], p[2]);
        break;
    case BOLLINGER:
        a.is_enough = shared_bollinger(c, (struct bollinger *)a.values, q->column, q->end, q->n, p[0], 2.0);
        break;
    default:
        a.is_enough = shared_atr(c, a.values, q->end, q->n, p[0]);
    }
    return a;
}

static struct answer ask_direct(const struct series *s, const struct question *q) {
    struct answer a = {0};
    const size_t *p = q->periods;
    size_t first = q->end - q->n;
    const double *x = series_column(s, q->column) + first;
    switch (q->kind) {
    case SUM:
        a.is_enough = true;
        a.values[0] = indicator_sum(x, q->n);
        break;
    case SMA:
        a.is_enough = indicator_sma(a.values, x, q->n, p[0]);
        break;
    case EMA:
        a.is_enough = indicator_ema(a.values, x, q->n, p[0]);
        break;
    case RSI:
        a.is_enough = indicator_rsi(a.values, x, q->n, p[0]);
        break;
    case MACD:
        a.is_enough = indicator_macd((struct macd *)a.values, x, q->n, p[0], p[0] + p[1], p[2]);
        break;
    case BOLLINGER:
        a.is_enough = indicator_bollinger((struct bollinger *)a.values, x, q->n, p[0], 2.0);
        break;
    default:
        a.is_enough = indicator_atr(a.values, s->high + first, s->low + first, s->close + first, q->n, p[0]);
    }
    return a;
}

static bool is_same(const struct answer *a, const struct answer *b) {
    if (a->is_enough != b->is_enough) return false;
    for (int i = 0; a->is_enough && i < 3; i++)
        if (memcmp(&a->values[i], &b->values[i], sizeof(double)) != 0 &&
            !(isnan(a->values[i]) && isnan(b->values[i])))
            return false;
    return true;
}

static void check(struct shared_columns *columns, const struct series *series, const struct question *q) {
    struct answer shared = ask_shared(columns, q), direct = ask_direct(series, q);
    if (!is_same(&shared, &direct))
        fail_msg("kind %d column %d end %zu n %zu periods %zu %zu %zu: %a %a, not %a %a", q->kind, q->column,
                 q->end, q->n, q->periods[0], q->periods[1], q->periods[2], shared.values[0],
                 shared.values[1], direct.values[0], direct.values[1]);
}

static const size_t settings[][4] = {/* window, periods */
                                     {50, 20, 5, 9},     {50, 1, 1, 1},  {50, 49, 1, 2},
                                     {100, 12, 14, 9},   {37, 14, 7, 3}, {1, 1, 1, 1},
                                     {200, 150, 30, 20}, {64, 64, 1, 1}, {10, 60, 1, 1}};
enum { SETTINGS = sizeof settings / sizeof *settings };

/* Every bar three times over, as three runs would; windows grow at the start of the series. */
static void check_all_bars(struct shared_columns *columns, const struct series *series,
                           enum kline_column column) {
    for (int setting = 0; setting < SETTINGS; setting++)
        for (int kind = 0; kind < KINDS; kind++)
            for (int pass = 0; pass < 3; pass++)
                for (size_t end = 1; end <= series->count; end++) {
                    const size_t *chosen = settings[setting];
                    struct question q = {(enum question_kind)kind,
                                         column,
                                         end,
                                         end < chosen[0] ? end : chosen[0],
                                         {chosen[1], chosen[2], chosen[3]}};
                    check(columns, series, &q);
                }
}

static struct shared_columns *open_columns(const struct series *series, size_t budget) {
    struct shared_columns *columns = NULL;
    struct error err;
    assert_int_equal(shared_columns_open(&columns, series, budget, &err), OK);
    return columns;
}

enum { COUNT = 5000, LARGE = 1 << 28 };

static void check_series(struct series series, const enum kline_column *asked, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct shared_columns *columns = open_columns(&series, LARGE);
        check_all_bars(columns, &series, asked[i]);
        assert_true(shared_columns_bytes(columns) > 0 || series.count < 2000);
        shared_columns_close(columns);
    }
    free_series(&series);
}

static void prices_of_two_decimals_and_wide_volumes_agree(void **state) {
    (void)state;
    check_series(walk(COUNT, 30000, 1e2, 0.02, 1),
                 (const enum kline_column[]){KLINE_CLOSE, KLINE_VOLUME, KLINE_QUOTE_VOLUME,
                                             KLINE_TAKER_BUY_BASE, KLINE_TAKER_BUY_QUOTE},
                 5);
}

static void prices_of_eight_decimals_agree(void **state) {
    (void)state;
    check_series(walk(COUNT, 0.00002853, 1e8, 0.05, 2), (const enum kline_column[]){KLINE_CLOSE, KLINE_HIGH},
                 2);
}

static void flat_prices_agree(void **state) {
    (void)state;
    check_series(walk(COUNT, 0.1, 1e2, 0, 3), (const enum kline_column[]){KLINE_CLOSE}, 1);
}

static void prices_that_are_no_short_decimals_agree(void **state) {
    (void)state;
    check_series(walk(COUNT, 1.0 / 3, 1e16, 0.3, 4), (const enum kline_column[]){KLINE_CLOSE, KLINE_LOW}, 2);
}

static void short_series_agree(void **state) {
    (void)state;
    for (size_t count = 1; count < 60; count += 7)
        check_series(walk(count, 100, 1e2, 0.02, count), (const enum kline_column[]){KLINE_CLOSE}, 1);
}

/* Runs that begin inside the series: the windows grow from there. */
static void windows_that_begin_anywhere_agree(void **state) {
    (void)state;
    struct series series = walk(COUNT, 250, 1e2, 0.01, 5);
    struct shared_columns *columns = open_columns(&series, LARGE);
    uint64_t seed = 99;
    for (int i = 0; i < 400000; i++) {
        struct question q = {(enum question_kind)(uniform(&seed) * KINDS),
                             i % 3 ? KLINE_CLOSE : KLINE_VOLUME,
                             1 + (size_t)(uniform(&seed) * COUNT),
                             0,
                             {1 + (size_t)(uniform(&seed) * 30), 1 + (size_t)(uniform(&seed) * 30), 9}};
        q.n = i % 2 ? 50 : 1 + (size_t)(uniform(&seed) * 300);
        if (q.n > q.end) q.n = q.end;
        check(columns, &series, &q);
    }
    shared_columns_close(columns);
    free_series(&series);
}

static void the_budget_is_kept_and_no_value_depends_on_it(void **state) {
    (void)state;
    struct series series = walk(COUNT, 30000, 1e2, 0.02, 6);
    static const size_t budgets[] = {0, 1000, 100000, 300000, 1000000};
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
        struct shared_columns *columns = open_columns(&series, budgets[i]);
        check_all_bars(columns, &series, KLINE_CLOSE);
        assert_true(shared_columns_bytes(columns) <= budgets[i]);
        if (budgets[i] >= 100000) assert_true(shared_columns_bytes(columns) > budgets[i] / 2);
        shared_columns_close(columns);
    }
    free_series(&series);
}

/* ---- threads: they only count, the main thread asserts ---- */

struct asker {
    pthread_t thread;
    struct shared_columns *columns;
    const struct series *series;
    uint64_t seed;
    long different, asked;
};

static void *ask_questions(void *argument) {
    struct asker *self = argument;
    for (int pass = 0; pass < 40; pass++) {
        int setting = (int)(uniform(&self->seed) * SETTINGS), kind = (int)(uniform(&self->seed) * KINDS);
        const size_t *chosen = settings[setting];
        for (size_t end = 1; end <= self->series->count; end++, self->asked++) {
            struct question q = {(enum question_kind)kind,
                                 pass % 4 ? KLINE_CLOSE : KLINE_VOLUME,
                                 end,
                                 end < chosen[0] ? end : chosen[0],
                                 {chosen[1], chosen[2], chosen[3]}};
            struct answer shared = ask_shared(self->columns, &q), direct = ask_direct(self->series, &q);
            self->different += !is_same(&shared, &direct);
        }
    }
    return NULL;
}

static void threads_that_ask_at_once_get_the_same_bits(void **state) {
    (void)state;
    enum { THREADS = 4 };
    struct series series = walk(COUNT, 30000, 1e2, 0.02, 7);
    for (int round = 0; round < 4; round++) {
        struct shared_columns *columns = open_columns(&series, round % 2 ? 400000 : LARGE);
        struct asker askers[THREADS];
        for (int i = 0; i < THREADS; i++) {
            askers[i] = (struct asker){
                .columns = columns, .series = &series, .seed = (uint64_t)(i / 2 + 10 * round + 1)};
            assert_int_equal(pthread_create(&askers[i].thread, NULL, ask_questions, &askers[i]), 0);
        }
        for (int i = 0; i < THREADS; i++) {
            pthread_join(askers[i].thread, NULL);
            assert_int_equal(askers[i].different, 0);
            assert_true(askers[i].asked == 40 * COUNT);
        }
        shared_columns_close(columns);
    }
    free_series(&series);
}

/* ---- real klines, where they are ---- */

/* The public format: open time, open, high, low, close, volume, close time, quote volume, ... */
static size_t read_csv(struct series *series, FILE *in, size_t limit) {
    char line[512];
    size_t count = 0;
    while (count < limit && fgets(line, sizeof line, in)) {
        double v[8];
        if (sscanf(line, "%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6],
                   &v[7]) != 8)
            continue;
        writable(series->open)[count] = v[1];
        writable(series->high)[count] = v[2];
        writable(series->low)[count] = v[3];
        writable(series->close)[count] = v[4];
        writable(series->volume)[count] = v[5];
        writable(series->quote_volume)[count] = v[7];
        count++;
    }
    return count;
}

static void real_klines_agree(void **state) {
    (void)state;
    char path[4096];
    const char *folder = getenv("KMILL_DATA"), *slash = strrchr(__FILE__, '/');
    if (folder)
        snprintf(path, sizeof path, "%s/BTCUSDT-4h.csv", folder);
    else
        snprintf(path, sizeof path, "%.*s/../../../shared/data/BTCUSDT-4h.csv", (int)(slash - __FILE__),
                 __FILE__);
    FILE *in = fopen(path, "r");
    if (!in) {
        print_message("skipped: no real klines (KMILL_DATA names their folder)\n");
        skip();
    }
    struct series series = new_series(20000);
    series.count = read_csv(&series, in, 20000);
    fclose(in);
    assert_true(series.count > 1000);
    check_series(series, (const enum kline_column[]){KLINE_CLOSE, KLINE_VOLUME, KLINE_QUOTE_VOLUME}, 3);
}

/* ---- what is kept, and what a hit costs (printed: a bound would be a bound on the machine) ---- */

static void what_is_asked_for_often_is_kept(void **state) {
    (void)state;
    struct series series = walk(500000, 30000, 1e2, 0.001, 8);
    struct shared_columns *columns = open_columns(&series, LARGE);
    static const char *const names[KINDS] = {"sum", "sma", "ema", "rsi", "macd", "bollinger", "atr"};
    /* Bytes a bar: two limbs a sum (SMA uses those of SUM, RSI needs gains and losses), a double a value. */
    static const double kept[KINDS] = {16, 0, 8, 32, 16, 8, 16};
    for (int kind = 0; kind < KINDS; kind++) {
        struct question q = {(enum question_kind)kind, KLINE_CLOSE, 0, 50, {12, 14, 9}};
        size_t before = shared_columns_bytes(columns);
        double ns[3], total = 0;
        for (int pass = 0; pass < 3; pass++) { /* the first one makes what the others find */
            int64_t begin = clock_thread_cpu_ns();
            for (q.end = 50; q.end <= series.count; q.end++)
                total += ask_shared(columns, &q).values[0];
            ns[pass] = (double)(clock_thread_cpu_ns() - begin) / (double)(series.count - 49);
        }
        int64_t begin = clock_thread_cpu_ns();
        for (q.end = 50; q.end <= 50000; q.end++)
            total += ask_direct(&series, &q).values[0];
        double direct = (double)(clock_thread_cpu_ns() - begin) / 49951;
        print_message("%-9s first pass %5.1f ns, hit %4.1f ns, direct %5.1f ns a bar (%g)\n", names[kind],
                      ns[0], ns[1] < ns[2] ? ns[1] : ns[2], direct, total);
        double grown = (double)(shared_columns_bytes(columns) - before),
               expected = kept[kind] * (double)series.count;
        assert_true(grown >= expected && grown <= expected * 1.02);
    }
    shared_columns_close(columns);
    free_series(&series);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prices_of_two_decimals_and_wide_volumes_agree),
        cmocka_unit_test(prices_of_eight_decimals_agree),
        cmocka_unit_test(flat_prices_agree),
        cmocka_unit_test(prices_that_are_no_short_decimals_agree),
        cmocka_unit_test(short_series_agree),
        cmocka_unit_test(windows_that_begin_anywhere_agree),
        cmocka_unit_test(the_budget_is_kept_and_no_value_depends_on_it),
        cmocka_unit_test(threads_that_ask_at_once_get_the_same_bits),
        cmocka_unit_test(real_klines_agree),
        cmocka_unit_test(what_is_asked_for_often_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
