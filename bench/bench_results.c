/* How long pages of sorted and filtered runs and the analyses take, of a file that make_result made:
 *
 *   bench_results FILE.h5 [REPETITIONS]     (31)
 *
 * One line a question: the median and the slowest of the repetitions in ms, warm, and by how much the
 * memory of the process rose above what it was before (columns are mapped and warm by then: what is left is
 * what the query itself needs). Questions take turns, so that a busy moment of the machine meets all. */
#include "kmill/analysis.h"
#include "base/clock.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct question {
    const char *name, *where;
    struct {
        const char *name;
        bool descending;
    } sort[QUERY_SORT_KEYS];
    uint64_t offset, limit;
    unsigned statuses;
};

static const struct question questions[] = {
    {"first page by a metric", NULL, {{"sharpe", true}}, 0, 50, 0},
    {"... with two ranges", "totalTrades >= 30 and maxDrawdown < 0.2", {{"sharpe", true}}, 0, 50, 0},
    {"... with or, int and metric", "fast_period < 20 or profitRate > 0.3", {{"sharpe", true}}, 0, 50, 0},
    {"... with text", "average == 'ema'", {{"sharpe", true}}, 0, 50, 0},
    {"... with text in a list", "average in ['ema', 'wma']", {{"sharpe", true}}, 0, 50, 0},
    {"... with status text", "status == 'done'", {{"sharpe", true}}, 0, 50, 0},
    {"... with symbol", "symbol == 'SYNTHUSDT' and sharpe > 0", {{"sharpe", true}}, 0, 50, 0},
    {"... with int in a list", "fast_period in [10, 20, 30]", {{"sharpe", true}}, 0, 50, 0},
    {"... with arithmetic", "fast_period * 3 < slow_period - 20", {{"sharpe", true}}, 0, 50, 0},
    {"... with a chain", "0.1 < profitRate <= 0.2", {{"sharpe", true}}, 0, 50, 0},
    {"... with statuses", NULL, {{"sharpe", true}}, 0, 50, 1},
    {"first page by an int", "profitRate > 0", {{"slow_period", false}}, 0, 50, 0},
    {"first page by a text", "profitRate > 0", {{"average", true}}, 0, 50, 0},
    {"first page by a count", NULL, {{"totalTrades", true}}, 0, 50, 0},
    {"first page by three keys",
     NULL,
     {{"average", false}, {"fast_period", true}, {"sharpe", true}},
     0,
     50,
     0},
    {"first page by status", NULL, {{"status", true}, {"sharpe", true}}, 0, 50, 0},
    {"first page of 1000", NULL, {{"profitRate", true}}, 0, 1000, 0},
    {"page at 500,000 by a metric", NULL, {{"sharpe", true}}, 500000, 50, 0},
    {"page at 900,000 by a metric", NULL, {{"sharpe", true}}, 900000, 50, 0},
    {"page at 900,000 by an int", NULL, {{"fast_period", true}}, 900000, 50, 0},
    {"page at 900,000 by a text", NULL, {{"average", false}}, 900000, 50, 0},
    {"page at 900,000 by three keys",
     NULL,
     {{"average", false}, {"fast_period", true}, {"sharpe", true}},
     900000,
     50,
     0},
    {"page at 900,000 by run", NULL, {{NULL, false}}, 900000, 50, 0},
    {"all runs by a metric", NULL, {{"sharpe", true}}, 0, UINT64_MAX, 0},
};
enum { QUESTIONS = sizeof questions / sizeof *questions };

static void die(const struct error *err) {
    fprintf(stderr, "bench_results: %s\n", err->message);
    exit(1);
}

/* A line of /proc/self/status in kB. */
static long memory_kb(const char *field) {
    char line[256];
    long kb = 0;
    FILE *status_file = fopen("/proc/self/status", "r");
    while (status_file && fgets(line, sizeof line, status_file))
        if (strncmp(line, field, strlen(field)) == 0) kb = atol(line + strlen(field));
    if (status_file) fclose(status_file);
    return kb;
}

static void reset_peak(void) {
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (!file) return;
    fputs("5", file);
    fclose(file);
}

/* ms; *total: matches. */
static double ask(struct result *result, const struct question *question, uint64_t *total) {
    struct query query = {.where = question->where,
                          .statuses = question->statuses,
                          .offset = question->offset,
                          .limit = question->limit};
    for (size_t k = 0; k < QUERY_SORT_KEYS; k++) {
        query.sort[k].name = question->sort[k].name;
        query.sort[k].descending = question->sort[k].descending;
    }
    uint64_t *rows;
    size_t count;
    struct error err;
    int64_t begin = clock_monotonic_ns();
    if (result_query(result, &rows, &count, total, &query, &err) != OK) die(&err);
    int64_t end = clock_monotonic_ns();
    free(rows);
    return (double)(end - begin) / 1e6;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- analyses ---- */

static status heatmap_max(struct result *result, struct error *err) {
    struct heatmap map;
    status rc = result_heatmap(&map, result, (struct heatmap_choice){"fast_period", HEATMAP_AUTO},
                               (struct heatmap_choice){"slow_period", HEATMAP_AUTO}, "sharpe", AGGREGATE_MAX,
                               NULL, err);
    if (rc == OK) heatmap_clear(&map);
    return rc;
}
static status heatmap_median(struct result *result, struct error *err) {
    struct heatmap map;
    status rc = result_heatmap(&map, result, (struct heatmap_choice){"average", HEATMAP_AUTO},
                               (struct heatmap_choice){"slow_period", HEATMAP_AUTO}, "sharpe",
                               AGGREGATE_MEDIAN, "totalTrades >= 30", err);
    if (rc == OK) heatmap_clear(&map);
    return rc;
}
/* Axes in ranges: both columns are looked through for their ends, and each number is placed among edges. */
static status heatmap_ranges(struct result *result, struct error *err) {
    struct heatmap map;
    status rc = result_heatmap(&map, result, (struct heatmap_choice){"threshold", 40},
                               (struct heatmap_choice){"slow_period", 40}, "sharpe", AGGREGATE_MEAN,
                               "totalTrades >= 30", err);
    if (rc == OK) heatmap_clear(&map);
    return rc;
}
static status distribution(struct result *result, struct error *err) {
    struct distribution distribution;
    status rc = result_distribution(&distribution, result, "sharpe", 50, NULL, err);
    if (rc == OK) distribution_clear(&distribution);
    return rc;
}
static status importance(struct result *result, struct error *err) {
    struct importance *importance;
    size_t count;
    status rc = result_importance(&importance, &count, result, "sharpe", NULL, err);
    if (rc == OK) free(importance);
    return rc;
}

static const struct {
    const char *name;
    status (*run)(struct result *result, struct error *err);
} analyses[] = {{"heatmap, best of each cell", heatmap_max},
                {"heatmap, median, with a filter", heatmap_median},
                {"heatmap of ranges, with a filter", heatmap_ranges},
                {"distribution", distribution},
                {"importance", importance}};
enum { ANALYSES = sizeof analyses / sizeof *analyses, TASKS = QUESTIONS + ANALYSES };

/* ---- measuring ---- */

/* ms of question or analysis `task`. */
static double time_of(struct result *result, size_t task, uint64_t *total) {
    struct error err;
    if (task < QUESTIONS) return ask(result, &questions[task], total);
    int64_t begin = clock_monotonic_ns();
    if (analyses[task - QUESTIONS].run(result, &err) != OK) die(&err);
    return (double)(clock_monotonic_ns() - begin) / 1e6;
}

struct figures {
    double *times; /* of every repetition */
    uint64_t total;
    long growth;
};

static void measure(struct figures *figures, struct result *result, size_t repetitions) {
    mallopt(M_MMAP_THRESHOLD, 4096); /* what is freed is gone: the next one's growth is its own */
    for (size_t task = 0; task < TASKS; task++) { /* maps and warms the columns, measures the growth */
        time_of(result, task, &figures[task].total);
        reset_peak();
        long before = memory_kb("VmRSS:");
        time_of(result, task, &figures[task].total);
        figures[task].growth = memory_kb("VmHWM:") - before;
    }
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    for (size_t r = 0; r < repetitions; r++)
        for (size_t task = 0; task < TASKS; task++)
            figures[task].times[r] = time_of(result, task, &figures[task].total);
}

static void print(struct figures *figures, size_t repetitions) {
    for (size_t task = 0; task < TASKS; task++) {
        struct figures *mine = &figures[task];
        qsort(mine->times, repetitions, sizeof *mine->times, compare_doubles);
        printf("%-32s %8.2f ms  slowest %8.2f  +%6ld kB",
               task < QUESTIONS ? questions[task].name : analyses[task - QUESTIONS].name,
               mine->times[repetitions / 2], mine->times[repetitions - 1], mine->growth);
        if (task < QUESTIONS) printf("  of %llu", (unsigned long long)mine->total);
        printf("\n");
    }
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: bench_results FILE.h5 [REPETITIONS]\n");
        return 2;
    }
    size_t repetitions = argc > 2 ? strtoul(argv[2], NULL, 10) : 31;
    struct figures figures[TASKS] = {0};
    double *times = calloc(TASKS * repetitions + 1, sizeof *times);
    struct result *result;
    struct error err;
    uint64_t total;
    if (!times || repetitions == 0) return 1;
    for (size_t task = 0; task < TASKS; task++)
        figures[task].times = times + task * repetitions;
    int64_t begin = clock_monotonic_ns();
    if (result_open(&result, argv[1], &err) != OK) die(&err);
    printf("opening %.2f ms, %llu runs\n", (double)(clock_monotonic_ns() - begin) / 1e6,
           (unsigned long long)result_run_count(result));
    printf("first query after that %.2f ms\n", ask(result, &questions[1], &total));
    measure(figures, result, repetitions);
    print(figures, repetitions);
    result_close(result);
    free(times);
    return 0;
}
