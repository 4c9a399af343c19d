/* Queries: the same rows in the same order as a plain sort of all rows by the rules in kmill/result.h gives,
 * whatever page, key and condition. The oracle here evaluates conditions in C and sorts all rows. */
#include "kmill/result.h"
#include "result_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ROWS = 12000 };
static char folder[] = "/tmp/kmill-query-XXXXXX";
static struct result *result;

static int make_file(void **state) {
    (void)state;
    if (!mkdtemp(folder)) return -1;
    char path[128];
    snprintf(path, sizeof path, "%s/q.h5", folder);
    struct provenance provenance = sample_sweep();
    struct result_options options = sample_options();
    struct journal *journal;
    if (journal_create(&journal, path, false, &provenance, NULL) != OK) return -1;
    for (uint64_t row = 0; row < ROWS; row++)
        if (!sample_append(journal, sample_run_of_row(row), 0)) return -1;
    return journal_close(journal, NULL) == OK && result_write(path, &options, NULL) == OK &&
                   result_open(&result, path, NULL) == OK
               ? 0
               : -1;
}

static int remove_file(void **state) {
    (void)state;
    result_close(result);
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* What the tests ask of a run, computed from its number. */
struct facts {
    uint64_t row, run;
    double sharpe, profit_rate, trades, threshold, ratio;
    int64_t fast;
    const char *mode, *symbol;
    bool fails;
};

static struct facts facts_of(uint64_t row) {
    struct value values[SWEEP_PARAMS];
    uint64_t run = sample_run_of_row(row);
    sample_params(NULL, run, values);
    bool fails = sample_fails(run);
    return (struct facts){.row = row,
                          .run = run,
                          .fails = fails,
                          .sharpe = fails ? NAN : sample_metric(run, METRIC_SHARPE),
                          .profit_rate = fails ? NAN : sample_metric(run, METRIC_PROFIT_RATE),
                          .trades = fails ? NAN : sample_metric(run, METRIC_TOTAL_TRADES),
                          .threshold = values[1].real,
                          .fast = values[0].integer,
                          .ratio = (double)(run % 7),
                          .mode = values[2].text,
                          .symbol = sample_series_of(run) ? "ETHUSDT" : "BTCUSDT"};
}

struct question {
    const char *where;
    bool (*holds)(const struct facts *facts);
    const char *keys[QUERY_SORT_KEYS];
    bool descending[QUERY_SORT_KEYS];
    unsigned statuses;
};

static const struct question *asked;

static int compare_by_name(const char *name, const struct facts *a, const struct facts *b, bool descending) {
    int sign;
    if (strcmp(name, "mode") == 0 || strcmp(name, "symbol") == 0) {
        sign = strcmp(name, "mode") == 0 ? strcmp(a->mode, b->mode) : strcmp(a->symbol, b->symbol);
    } else {
        double x = 0, y = 0;
        if (strcmp(name, "sharpe") == 0)
            x = a->sharpe, y = b->sharpe;
        else if (strcmp(name, "profitRate") == 0)
            x = a->profit_rate, y = b->profit_rate;
        else if (strcmp(name, "totalTrades") == 0)
            x = a->trades, y = b->trades;
        else if (strcmp(name, "threshold") == 0)
            x = a->threshold, y = b->threshold;
        else if (strcmp(name, "ratio") == 0)
            x = a->ratio, y = b->ratio;
        else if (strcmp(name, "fast") == 0)
            x = (double)a->fast, y = (double)b->fast;
        else if (strcmp(name, "run") == 0)
            x = (double)a->run, y = (double)b->run;
        else
            fail_msg("%s", name);
        if (isnan(x) || isnan(y)) return isnan(x) - isnan(y); /* last either way */
        sign = (x > y) - (x < y);
    }
    return descending ? -sign : sign;
}

static int compare_facts(const void *left, const void *right) {
    const struct facts *a = left, *b = right;
    for (size_t k = 0; k < QUERY_SORT_KEYS && asked->keys[k]; k++) {
        int sign = compare_by_name(asked->keys[k], a, b, asked->descending[k]);
        if (sign) return sign;
    }
    return (a->row > b->row) - (a->row < b->row);
}

static bool all(const struct facts *f) {
    return f != NULL;
}
static bool ranges(const struct facts *f) {
    return f->trades >= 30 && f->profit_rate < 0.2;
}
static bool not_equal(const struct facts *f) {
    return f->trades != 30;
}
static bool of_btc(const struct facts *f) {
    return strcmp(f->symbol, "BTCUSDT") == 0 && f->fast > 3;
}
static bool either(const struct facts *f) {
    return f->sharpe > 1 || f->trades == 7;
}
static bool params(const struct facts *f) {
    return f->threshold < 4000 && (strcmp(f->mode, "a") == 0 || f->ratio == 6);
}
static bool failed(const struct facts *f) {
    return f->fails;
}
static bool none(const struct facts *f) {
    return f == NULL;
}

static const struct question questions[] = {
    {NULL, all, {NULL}, {false}, 0},
    {"", all, {"sharpe"}, {true}, 0},
    {NULL, all, {"sharpe"}, {false}, 0},
    {"totalTrades >= 30 and profitRate < 0.2", ranges, {"sharpe"}, {true}, 0},
    {"profitRate < 0.2 and (totalTrades >= 30)", ranges, {"totalTrades", "sharpe"}, {false, true}, 0},
    {"not (profitRate >= 0.2 or totalTrades < 30) and totalTrades >= 0",
     ranges,
     {"totalTrades", "mode", "fast"},
     {true, false, true},
     0},
    {"totalTrades != 30", not_equal, {"threshold"}, {true}, 0},
    {"symbol == 'BTCUSDT' and fast > 3", of_btc, {"fast", "profitRate"}, {false, true}, 0},
    {"sharpe > 1 or totalTrades == 7", either, {"mode"}, {true}, 0},
    {"threshold < 4000 and (mode == 'a' or ratio == 6)", params, {"ratio", "run"}, {true, true}, 0},
    {"status == 'failed'", failed, {"run"}, {true}, 0},
    {NULL, failed, {"symbol", "sharpe"}, {true, true}, 1u << RUN_FAILED},
    {"fast > 1000", none, {"sharpe"}, {true}, 0},
};

static void every_page_is_that_of_a_plain_sort(void **state) {
    (void)state;
    static const struct {
        uint64_t offset, limit;
    } pages[] = {{0, 20},         {0, 1},          {7, 100},        {0, 0},    {3000, 50}, {9000, 50},
                 {0, UINT64_MAX}, {UINT64_MAX, 5}, {5, UINT64_MAX}, {8190, 4}, {11990, 50}};
    struct facts *want = malloc(ROWS * sizeof *want);
    for (size_t q = 0; q < sizeof questions / sizeof *questions; q++) {
        asked = &questions[q];
        size_t matching = 0;
        for (uint64_t row = 0; row < ROWS; row++) {
            want[matching] = facts_of(row);
            matching += asked->holds(&want[matching]);
        }
        qsort(want, matching, sizeof *want, compare_facts);
        for (size_t p = 0; p < sizeof pages / sizeof *pages; p++) {
            struct query query = {.where = asked->where,
                                  .statuses = asked->statuses,
                                  .offset = pages[p].offset,
                                  .limit = pages[p].limit};
            for (size_t k = 0; k < QUERY_SORT_KEYS; k++) {
                query.sort[k].name = asked->keys[k];
                query.sort[k].descending = asked->descending[k];
            }
            uint64_t *rows, total;
            size_t count;
            struct error err;
            if (result_query(result, &rows, &count, &total, &query, &err) != OK) fail_msg("%s", err.message);
            assert_int_equal(total, matching);
            size_t left = pages[p].offset < matching ? matching - (size_t)pages[p].offset : 0;
            assert_int_equal(count, left < pages[p].limit ? left : pages[p].limit);
            for (size_t i = 0; i < count; i++)
                if (rows[i] != want[pages[p].offset + i].row)
                    fail_msg("question %zu page %zu entry %zu", q, p, i);
            free(rows);
        }
    }
    free(want);
}

static void unknown_names_are_refused_with_the_nearest(void **state) {
    (void)state;
    uint64_t *rows, total;
    size_t count;
    struct error err;
    struct query query = {.sort = {{"shrpe", true}}, .limit = 1};
    assert_int_equal(result_query(result, &rows, &count, &total, &query, &err), ERR_INPUT);
    assert_non_null(strstr(err.message, "did you mean 'sharpe'?"));
    query = (struct query){.where = "totaltrades > 3", .limit = 1};
    assert_int_equal(result_query(result, &rows, &count, &total, &query, &err), ERR_INPUT);
    assert_non_null(strstr(err.message, "totalTrades"));
    query = (struct query){.where = "sharpe >", .limit = 1};
    assert_int_equal(result_query(result, &rows, &count, &total, &query, &err), ERR_INPUT);
}

static void points_of_a_curve_are_evenly_spaced_bars(void **state) {
    (void)state;
    assert_int_equal(result_point_bar(0, 64, 1000), 0);
    assert_int_equal(result_point_bar(63, 64, 1000), 999);
    assert_int_equal(result_point_bar(1, 3, 1001), 500);
    assert_int_equal(result_point_bar(5, 64, 10), 5);
    assert_int_equal(result_point_bar(0, 1, 10), 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_is_that_of_a_plain_sort),
        cmocka_unit_test(unknown_names_are_refused_with_the_nearest),
        cmocka_unit_test(points_of_a_curve_are_evenly_spaced_bars),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
