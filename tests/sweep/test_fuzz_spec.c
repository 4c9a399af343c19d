/* Sweep files nobody meant to write: spec_parse answers with a spec whose first runs can be enumerated, or
 * with problems that each have a place in the file and one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "mutations.h"
#include "sweep/space.h"
#include "sweep/spec.h"

enum { ROUNDS = 100000, RUNS_LOOKED_AT = 20 };

static const char *const seeds[] = {
    "name: grid\nstrategy: s.py\nsymbols: [BTCUSDT, ETHUSDT]\nintervals: [1h, 4h]\n"
    "params:\n  fast: {range: [5, 60], step: 5}\n  slow: [20, 30, 'x', true, null]\n  klineWndSize: 151\n"
    "where:\n  - fast < slow\n  - fast % 2 == 1 or slow in [20, 30]\n",
    "name: random\nstrategy: ../s.py\nstore: klines\nsymbols: [A]\nintervals: [1m]\n"
    "from: 2024-01-01\nto: '2024-06-30T12:00:00Z'\nwarmup: 50\n"
    "account: {initial_balance: 10000, fee_rate: 0.00075, slippage_bp: 2, price_check: refuse}\n"
    "params: {a: {uniform: [0.1, 2]}, b: {log_uniform: [1.0e-4, 1]}, c: {log_range: [1, 100], count: 5}, d: "
    "{range: [1, "
    "9]}}\n"
    "method: random\ntrials: 100\nseed: 7\n"
    "rank_by: {metric: sharpe, direction: max}\nfilters: {min_trades: 10, max_drawdown: 0.3}\n"
    "limits: {seconds: 5, memory_mb: 256}\nkeep: {equity: {top: 10}, points: 500, trades: none}\n"
    "threads: 2\noutput: out.h5\n",
};
static const char *const words[] = {"{",
                                    "}",
                                    "[",
                                    "]",
                                    ": ",
                                    "- ",
                                    "\n",
                                    "\n  ",
                                    "&a ",
                                    "*a",
                                    "!!str ",
                                    "!x ",
                                    "? ",
                                    "| ",
                                    "> ",
                                    "--- ",
                                    "...",
                                    "%",
                                    "range: [1, 1000000000000]",
                                    "step: 0",
                                    "step: 1e-300",
                                    "-1",
                                    "1e400",
                                    ".nan",
                                    ".inf",
                                    "0x7fffffffffffffff",
                                    "9223372036854775807",
                                    "-9223372036854775808",
                                    "null",
                                    "~",
                                    "yes",
                                    "name: ",
                                    "params: ",
                                    "where: ",
                                    "''",
                                    "\"\\x0\"",
                                    "\xff\xfe",
                                    "\xe2\x80\xa8",
                                    "\t",
                                    "<<: *a",
                                    "top: ",
                                    "klineWndSize: ",
                                    "1000000000000000000000"};

static void use_spec(const struct sweep_spec *spec) {
    struct parameter_value *params = calloc(spec->param_count + 1, sizeof *params);
    uint64_t size = space_size(spec);
    assert_non_null(params);
    assert_true(size > 0 && spec->series_count > 0);
    for (uint64_t i = 0; i < RUNS_LOOKED_AT; i++) {
        size_t series;
        uint64_t run = i % 2 ? size - 1 - i % size : i % size;
        if (!space_run(spec, run, params, &series)) continue;
        assert_true(series < spec->series_count);
        assert_true(space_window(params, spec->param_count) >= 1);
        for (size_t p = 0; p < spec->param_count; p++)
            assert_string_equal(params[p].name, spec->params[p].name);
    }
    free(params);
}

/* True if it was accepted. */
static bool feed(const char *text, size_t length) {
    struct sweep_spec *spec = NULL;
    struct problems problems = {0};
    status rc = spec_parse(&spec, text, length, "x.yaml", &problems);
    assert_true((rc == OK) == (spec != NULL) && (rc == OK) == (problems.count == 0));
    for (size_t i = 0; i < problems.count; i++) {
        const struct problem *p = &problems.items[i];
        assert_true(p->line >= 0 && p->column >= 0 && p->message[0]);
        assert_null(strpbrk(p->message, "\n\r"));
    }
    if (rc == OK) use_spec(spec);
    spec_close(spec);
    problems_clear(&problems);
    return rc == OK;
}

static void every_file_is_a_sweep_or_has_problems(void **state) {
    (void)state;
    struct mutations mutations = {2, words, sizeof words / sizeof *words};
    size_t accepted = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        const char *seed = seeds[round % (sizeof seeds / sizeof *seeds)];
        size_t length;
        char *text = mutations_next(&mutations, &length, seed, strlen(seed));
        accepted += feed(text, length);
        free(text);
    }
    assert_in_range(accepted, ROUNDS / 100, ROUNDS / 2);
}

static void the_seeds_are_sweeps(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        struct sweep_spec *spec = NULL;
        struct problems problems = {0};
        spec_parse(&spec, seeds[i], strlen(seeds[i]), "x.yaml", &problems);
        for (size_t k = 0; k < problems.count; k++)
            print_error("%d:%d: %s\n", problems.items[k].line, problems.items[k].column,
                        problems.items[k].message);
        assert_non_null(spec);
        spec_close(spec);
        problems_clear(&problems);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_seeds_are_sweeps),
                                       cmocka_unit_test(every_file_is_a_sweep_or_has_problems)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
