/* routes.c with tables of this test. */
#include "server/http/route.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

const struct route service_routes[] = {{HTTP_GET, "/health", 0, NULL, NULL}};
const struct route kline_routes[] = {{HTTP_GET, "/api/kline/symbols", 0, NULL, NULL},
                                     {HTTP_GET, "/api/kline/{symbol}/{interval}", 0, NULL, NULL},
                                     {HTTP_GET, "/api/kline/{symbol}/{interval}/next", 0, NULL, NULL},
                                     {HTTP_GET, "/api/kline/special/{interval}", 0, NULL, NULL}};
const struct route sweep_routes[] = {{HTTP_GET, "/api/sweeps", 0, NULL, NULL},
                                     {HTTP_GET, "/api/sweeps/{id}", 0, NULL, NULL}};
const struct route run_routes[] = {{HTTP_GET, "/api/sweeps/{id}/runs/{n}/equity", 0, NULL, NULL}};
const struct route work_routes[] = {{HTTP_POST, "/api/sweeps", ROUTE_CHANGES, NULL, NULL},
                                    {HTTP_DELETE, "/api/sweeps/{id}", ROUTE_CHANGES, NULL, NULL},
                                    {HTTP_POST, "/api/sweeps/check", ROUTE_CHANGES, NULL, NULL}};
const struct route event_routes[] = {{HTTP_GET, "/api/events", ROUTE_STREAM, NULL, NULL}};
const size_t service_route_count = 1, kline_route_count = 4, sweep_route_count = 2, run_route_count = 1,
             work_route_count = 3, event_route_count = 1;

static struct arena arena;
static const char *parameters[ROUTE_PARAMETERS], *allowed;

static const struct route *find(enum http_method method, const char *path) {
    memset(parameters, 0, sizeof parameters);
    return route_find(method, path, parameters, &arena, &allowed);
}

static void parameters_are_cut_then_decoded(void **state) {
    (void)state;
    assert_ptr_equal(find(HTTP_GET, "/api/kline/BTC%2FUSDT/1h"), &kline_routes[1]);
    assert_string_equal(parameters[0], "BTC/USDT");
    assert_string_equal(parameters[1], "1h");
    assert_ptr_equal(find(HTTP_GET, "/api/sweeps/a%20b/runs/7/equity"), &run_routes[0]);
    assert_string_equal(parameters[0], "a b");
    assert_string_equal(parameters[1], "7");
}

static void literal_segments_win(void **state) {
    (void)state;
    assert_ptr_equal(find(HTTP_GET, "/api/kline/symbols"), &kline_routes[0]);
    assert_ptr_equal(find(HTTP_GET, "/api/kline/special/1h"), &kline_routes[3]);
    assert_string_equal(parameters[0], "1h");
    assert_ptr_equal(find(HTTP_GET, "/api/kline/specia/1h"), &kline_routes[1]);
    assert_ptr_equal(find(HTTP_GET, "/api/kline/special/1h/next"), &kline_routes[2]);
}

static void a_wrong_method_names_the_right_ones(void **state) {
    (void)state;
    assert_null(find(HTTP_DELETE, "/api/sweeps"));
    assert_string_equal(allowed, "GET, HEAD, POST, OPTIONS");
    assert_null(find(HTTP_POST, "/api/sweeps/x"));
    assert_string_equal(allowed, "GET, HEAD, DELETE, OPTIONS");
    assert_null(find(HTTP_OPTIONS, "/health"));
    assert_string_equal(allowed, "GET, HEAD, OPTIONS");
    assert_null(find(HTTP_OTHER, "/api/events"));
    assert_string_equal(allowed, "GET, HEAD, OPTIONS");
    assert_null(find(HTTP_GET, "/api/sweeps/check")); /* the literal path is POST's alone */
    assert_string_equal(allowed, "POST, OPTIONS");
}

static void other_paths_have_no_route(void **state) {
    (void)state;
    static const char *const paths[] = {"/",
                                        "",
                                        "/api",
                                        "/api/",
                                        "/api/kline",
                                        "/api/kline/",
                                        "/api//sweeps",
                                        "//api/sweeps",
                                        "/api/sweeps/",
                                        "/api/sweeps/a/b",
                                        "/api/kline//1h",
                                        "/api/sweeps%2Fx",
                                        "/API/sweeps",
                                        "/a/b/c/d/e/f/g/h/i/j/k/l",
                                        "api/sweeps",
                                        "/api/kline/BTC/1h/",
                                        "/health/x"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (find(HTTP_GET, paths[i])) fail_msg("a route for %s", paths[i]);
        assert_null(allowed);
    }
}

static void routes_are_numbered(void **state) {
    (void)state;
    assert_int_equal(route_count(), 12);
    for (size_t i = 0; i < route_count(); i++)
        assert_int_equal(route_index(route_at(i)), i);
    assert_int_equal(route_index(NULL), route_count());
}

static int free_arena(void **state) {
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_cut_then_decoded),
        cmocka_unit_test(literal_segments_win),
        cmocka_unit_test(a_wrong_method_names_the_right_ones),
        cmocka_unit_test(other_paths_have_no_route),
        cmocka_unit_test(routes_are_numbered),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
