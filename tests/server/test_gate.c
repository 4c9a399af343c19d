/* Who gets in, case by case: Host, Origin, token and rate limit, with what each refusal says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/gate/gate.h"
#include "server/gate/origin.h"
#include "server/gate/rate_limit.h"

#include <stdio.h>
#include <string.h>

#define TOKEN "0123456789abcdef0123456789abcdef"

/* ---- what the gate asks: headers and the limiter, as the case says ---- */

struct attempt {
    const char *host, *origin, *site, *authorization;
    bool changes;
};

static struct attempt now_asking;
static bool has_tokens = true, redis_is_up;
static int failure_status, takes;
static char failure_code[32], failure_message[512];

const char *request_header(const struct request *request, const char *name) {
    (void)request;
    if (strcmp(name, "Host") == 0) return now_asking.host;
    if (strcmp(name, "Origin") == 0) return now_asking.origin;
    if (strcmp(name, "Sec-Fetch-Site") == 0) return now_asking.site;
    if (strcmp(name, "Authorization") == 0) return now_asking.authorization;
    fail_msg("the gate asks for %s", name);
    return NULL;
}

void request_fail(struct request *request, int http_status, const char *code, const char *field,
                  const char *format, ...) {
    va_list arguments;
    (void)request;
    (void)field;
    failure_status = http_status;
    snprintf(failure_code, sizeof failure_code, "%s", code);
    va_start(arguments, format);
    vsnprintf(failure_message, sizeof failure_message, format, arguments);
    va_end(arguments);
}

bool rate_limit_take(struct rate_limiter *limiter, const char *address, bool is_loopback, int *retry_after) {
    (void)limiter;
    (void)address;
    (void)is_loopback;
    takes++;
    *retry_after = 7;
    return has_tokens;
}

bool rate_limit_waits(const struct rate_limiter *limiter) {
    (void)limiter;
    return redis_is_up;
}

/* ---- servers ---- */

static char loopback[] = "127.0.0.1", everywhere[] = "0.0.0.0", token[] = TOKEN, pem[] = "x.pem";
static char name_a[] = "kmill.example", *names[] = {name_a};
static char page_a[] = "https://charts.example", page_b[] = "http://localhost:3000",
            *pages[] = {page_a, page_b};

static const struct settings local = {.address = loopback, .port = 8000},
                             local_with_token = {.address = loopback, .port = 8000, .token = token},
                             open_without_token = {.address = everywhere, .port = 8000},
                             open_with_token = {.address = everywhere, .port = 8000, .token = token},
                             named = {.address = loopback,
                                      .host_names = {names, 1},
                                      .cors_origins = {pages, 2}},
                             with_tls = {.address = loopback, .tls_certificate = pem, .tls_key = pem};

/* 0: let in, else the status of the refusal. */
static int ask(const struct settings *settings, struct attempt attempt) {
    static const struct route reads = {.method = HTTP_GET},
                              changes = {.method = HTTP_POST, .flags = ROUTE_CHANGES};
    static struct server server;
    struct request request = {
        .server = &server, .settings = settings, .peer = "127.0.0.1", .is_loopback = true};
    now_asking = attempt;
    failure_status = 0;
    failure_code[0] = failure_message[0] = '\0';
    bool is_in = gate_allows(&request, attempt.changes ? &changes : &reads);
    assert_int_equal(is_in, failure_status == 0);
    assert_int_equal(request.response.retry_after, failure_status == 429 ? 7 : 0);
    assert_null(strchr(failure_message, '\n'));
    return failure_status;
}

/* ---- Host ---- */

static void a_host_is_localhost_an_address_or_a_configured_name(void **state) {
    (void)state;
    static const struct {
        const char *host;
        int answer, when_named;
    } cases[] = {
        {NULL, 400, 400},
        {"", 400, 400},
        {"localhost", 0, 0},
        {"localhost:8000", 0, 0},
        {"LocalHost:8000", 0, 0},
        {"localhost.", 0, 0},
        {"localhost.:8000", 0, 0},
        {"localhost:", 0, 0},
        {"127.0.0.1", 0, 0},
        {"127.0.0.1:9", 0, 0},
        {"192.168.1.7:8000", 0, 0},
        {"[::1]", 0, 0},
        {"[::1]:8000", 0, 0},
        {"[2001:DB8::1]:8000", 0, 0},
        {"[::ffff:127.0.0.1]:8000", 0, 0},
        {"kmill.example", 421, 0},
        {"KMILL.example.:8000", 421, 0},
        {"a.kmill.example", 421, 421},
        {"evil.example:8000", 421, 421},
        {"localhost.evil.example", 421, 421},
        {"localhost..", 400, 400},
        {".localhost", 400, 400},
        {"127.0.0.1.evil.example", 421, 421},
        {"127.1", 421, 421},
        {"2130706433", 421, 421},
        {"0x7f000001", 421, 421},
        {"127.0.0.1:80:80", 400, 400},
        {"127.0.0.1:port", 400, 400},
        {"127.0.0.1:0", 400, 400},
        {"127.0.0.1:65535", 0, 0},
        {"127.0.0.1:65536", 400, 400},
        {"127.0.0.1:000080", 400, 400},
        {"127.0.0.1:+80", 400, 400},
        {"::1", 400, 400},
        {"[::1", 400, 400},
        {"[::1]x", 400, 400},
        {"[fe80::1%25eth0]", 400, 400},
        {"[127.0.0.1]", 400, 400},
        {"user@localhost", 400, 400},
        {"localhost, evil.example", 400, 400},
        {"localhost evil", 400, 400},
        {"localhost/", 400, 400},
        {"evil.example#localhost", 400, 400},
        {"l\xC3\xB6"
         "calhost",
         400, 400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct attempt attempt = {.host = cases[i].host};
        int answer = ask(&local, attempt), when_named = ask(&named, attempt);
        if (answer != cases[i].answer || when_named != cases[i].when_named)
            fail_msg("Host '%s': %d and %d", cases[i].host ? cases[i].host : "(none)", answer, when_named);
    }
}

static void a_strange_host_is_told_what_to_configure(void **state) {
    (void)state;
    assert_int_equal(ask(&local, (struct attempt){.host = "Evil.example:8000"}), 421);
    assert_string_equal(failure_code, "misdirected");
    assert_string_equal(failure_message, "this server is not known as 'evil.example': add it to host_names "
                                         "(--host-names) if it should be");
    assert_int_equal(ask(&local, (struct attempt){.host = NULL}), 400);
    assert_string_equal(failure_code, "invalid");
}

static void a_name_may_have_63_characters_a_label_and_253_in_all(void **state) {
    (void)state;
    char name[300];
    struct host host;
    memset(name, 'a', sizeof name);
    name[63] = '\0';
    assert_true(host_parse(&host, name));
    name[63] = 'a';
    name[64] = '\0';
    assert_false(host_parse(&host, name));
    memset(name, 'a', sizeof name);
    for (int i = 49; i < 250; i += 50)
        name[i] = '.';
    name[253] = '\0';
    assert_true(host_parse(&host, name));
    assert_int_equal(strlen(host.name), 253);
    name[253] = 'a';
    name[254] = '\0';
    assert_false(host_parse(&host, name));
}

static void a_host_is_kept_in_its_normal_form(void **state) {
    (void)state;
    struct host host;
    assert_true(host_parse(&host, "[2001:DB8:0:0:0:0:0:1]:80"));
    assert_string_equal(host.name, "2001:db8::1");
    assert_true(host.is_address && host.is_ipv6);
    assert_int_equal(host.port, 80);
    assert_true(host_parse(&host, "My_Box.Example."));
    assert_string_equal(host.name, "my_box.example");
    assert_false(host.is_address);
    assert_int_equal(host.port, -1);
}

/* ---- Origin ---- */

static void only_pages_of_this_server_or_configured_ones_change_anything(void **state) {
    (void)state;
    static const struct {
        const struct settings *settings;
        const char *host, *origin;
        int answer;
    } cases[] = {
        {&local, "localhost:8000", NULL, 0},
        {&local, "localhost:8000", "http://localhost:8000", 0},
        {&local, "LOCALHOST:8000", "http://localhost:8000", 0},
        {&local, "localhost", "http://localhost", 0},
        {&local, "localhost", "http://localhost:80", 0},
        {&local, "localhost:80", "http://localhost", 0},
        {&local, "127.0.0.1:8000", "http://127.0.0.1:8000", 0},
        {&local, "[::1]:8000", "http://[::1]:8000", 0},
        {&local, "[0:0:0:0:0:0:0:1]:8000", "http://[::1]:8000", 0},
        {&local, "localhost:8000", "http://127.0.0.1:8000", 403},
        {&local, "localhost:8000", "http://localhost:3000", 403},
        {&local, "localhost:8000", "http://localhost", 403},
        {&local, "localhost:8000", "https://localhost:8000", 403},
        {&local, "localhost:8000", "http://evil.example", 403},
        {&local, "localhost:8000", "http://localhost.evil.example:8000", 403},
        {&local, "localhost:8000", "http://localhost:8000@evil.example", 403},
        {&local, "localhost:8000", "http://localhost:8000/", 403},
        {&local, "localhost:8000", "http://localhost:8000 http://evil.example", 403},
        {&local, "localhost:8000", "null", 403},
        {&local, "localhost:8000", "", 403},
        {&local, "localhost:8000", "file://", 403},
        {&local, "localhost:8000", "ftp://localhost:8000", 403},
        {&with_tls, "localhost:8000", "https://localhost:8000", 0},
        {&with_tls, "localhost", "https://localhost:443", 0},
        {&with_tls, "localhost:8000", "http://localhost:8000", 403},
        {&named, "localhost:8000", "http://localhost:3000", 0},
        {&named, "localhost:8000", "https://charts.example", 0},
        {&named, "localhost:8000", "https://charts.example:443", 0},
        {&named, "localhost:8000", "https://charts.example:444", 403},
        {&named, "localhost:8000", "http://charts.example", 403},
        {&named, "localhost:8000", "https://a.charts.example", 403},
        {&named, "kmill.example", "http://kmill.example", 0},
        {&named, "kmill.example", "https://kmill.example", 403},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct attempt attempt = {.host = cases[i].host, .origin = cases[i].origin, .changes = true};
        int answer = ask(cases[i].settings, attempt);
        if (answer != cases[i].answer)
            fail_msg("Host '%s', Origin '%s': %d", attempt.host, attempt.origin ? attempt.origin : "(none)",
                     answer);
        attempt.changes = false; /* reading is CORS's business, which the browser enforces */
        assert_int_equal(ask(cases[i].settings, attempt), 0);
    }
}

static void a_page_elsewhere_is_told_by_sec_fetch_site(void **state) {
    (void)state;
    static const struct {
        const char *site, *origin;
        int answer;
    } cases[] = {
        {"same-origin", NULL, 0},
        {"none", NULL, 0},
        {"cross-site", NULL, 403},
        {"same-site", NULL, 403},
        {"anything", NULL, 403},
        {"cross-site", "https://charts.example", 0},
        {"same-site", "http://localhost:3000", 0},
        {"cross-site", "https://evil.example", 403},
        {"same-origin", "https://evil.example", 403},
        {"same-origin", "http://localhost:8000", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct attempt attempt = {
            .host = "localhost:8000", .site = cases[i].site, .origin = cases[i].origin, .changes = true};
        int answer = ask(&named, attempt);
        if (answer != cases[i].answer) fail_msg("case %zu: %d", i, answer);
    }
}

static void a_refused_origin_is_named_in_its_normal_form_only(void **state) {
    (void)state;
    ask(&local, (struct attempt){.host = "localhost", .origin = "HTTP://Evil.Example:80", .changes = true});
    assert_string_equal(failure_code, "forbidden");
    assert_non_null(strstr(failure_message, "pages of http://evil.example may not"));
    assert_non_null(strstr(failure_message, "CORS_ORIGINS"));
    ask(&local, (struct attempt){.host = "localhost", .origin = "<script>", .changes = true});
    assert_null(strstr(failure_message, "<script>"));
}

/* ---- token ---- */

static void what_changes_needs_the_token_beyond_loopback_and_wherever_one_is_set(void **state) {
    (void)state;
    static const struct {
        const char *authorization;
        int local, with_token, open_without, open_with;
    } cases[] = {
        {NULL, 0, 401, 403, 401},
        {"Bearer " TOKEN, 0, 0, 403, 0},
        {"bearer " TOKEN, 0, 0, 403, 0},
        {"BEARER   " TOKEN, 0, 0, 403, 0},
        {"Bearer " TOKEN "0", 0, 401, 403, 401},
        {"Bearer 0123456789abcdef0123456789abcde", 0, 401, 403, 401},
        {"Bearer 0123456789abcdef0123456789abcdeF", 0, 401, 403, 401},
        {"Bearer", 0, 401, 403, 401},
        {"Bearer ", 0, 401, 403, 401},
        {"Bearer" TOKEN, 0, 401, 403, 401},
        {TOKEN, 0, 401, 403, 401},
        {"Basic " TOKEN, 0, 401, 403, 401},
        {"Bearer " TOKEN ", Bearer x", 0, 401, 403, 401},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct attempt attempt = {
            .host = "127.0.0.1:8000", .authorization = cases[i].authorization, .changes = true};
        int answers[] = {ask(&local, attempt), ask(&local_with_token, attempt),
                         ask(&open_without_token, attempt), ask(&open_with_token, attempt)};
        const int wanted[] = {cases[i].local, cases[i].with_token, cases[i].open_without, cases[i].open_with};
        for (int k = 0; k < 4; k++)
            if (answers[k] != wanted[k])
                fail_msg("'%s', server %d: %d", attempt.authorization, k, answers[k]);
        attempt.changes = false;
        assert_int_equal(ask(&open_with_token, attempt), 0);
    }
}

static void a_right_token_does_not_help_a_page_elsewhere(void **state) {
    (void)state;
    struct attempt attempt = {.host = "127.0.0.1:8000",
                              .origin = "https://evil.example",
                              .authorization = "Bearer " TOKEN,
                              .changes = true};
    assert_int_equal(ask(&open_with_token, attempt), 403);
}

static void no_message_shows_the_token_or_a_guess(void **state) {
    (void)state;
    ask(&open_with_token,
        (struct attempt){.host = "127.0.0.1", .authorization = "Bearer guessed-token-text", .changes = true});
    assert_string_equal(failure_code, "unauthorized");
    assert_null(strstr(failure_message, TOKEN));
    assert_null(strstr(failure_message, "guessed"));
}

/* ---- rate, addresses ---- */

static void a_guess_at_the_token_costs_a_token_of_the_rate(void **state) {
    (void)state;
    struct attempt attempt = {.host = "127.0.0.1", .authorization = "Bearer wrong", .changes = true};
    takes = 0;
    assert_int_equal(ask(&open_with_token, attempt), 401);
    assert_int_equal(takes, 1);
    has_tokens = false;
    assert_int_equal(ask(&open_with_token, attempt), 429);
    assert_string_equal(failure_code, "rate_limited");
    assert_non_null(strstr(failure_message, "7 seconds"));
    attempt.host = "evil.example";
    assert_int_equal(ask(&open_with_token, attempt), 421);
    has_tokens = true;
}

static void a_request_without_route_is_checked_for_host_and_rate(void **state) {
    (void)state;
    static struct server server;
    struct request request = {.server = &server, .settings = &open_with_token, .peer = "10.0.0.1"};
    now_asking = (struct attempt){.host = "127.0.0.1", .origin = "https://evil.example"};
    assert_true(gate_allows(&request, NULL));
    now_asking.host = "evil.example";
    assert_false(gate_allows(&request, NULL));
}

static void only_limited_clients_wait_for_redis(void **state) {
    (void)state;
    static struct server server;
    struct settings settings = local;
    struct request request = {
        .server = &server, .settings = &settings, .peer = "127.0.0.1", .is_loopback = true};
    redis_is_up = true;
    assert_false(gate_waits(&request));
    settings.rate_limit_loopback = true;
    assert_true(gate_waits(&request));
    settings.rate_limit_loopback = false;
    request.is_loopback = false;
    assert_true(gate_waits(&request));
    redis_is_up = false;
    assert_false(gate_waits(&request));
}

static void loopback_is_127_and_1_in_either_writing(void **state) {
    (void)state;
    static const char *const yes[] = {"127.0.0.1", "127.255.0.9", "::1", "0:0:0:0:0:0:0:1",
                                      "::ffff:127.0.0.1"};
    static const char *const no[] = {"0.0.0.0",           "::",         "128.0.0.1", "10.0.0.1",
                                     "::ffff:10.0.0.1",   "::2",        "localhost", "",
                                     "127.0.0.1.example", "::127.0.0.1"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(address_is_loopback(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(address_is_loopback(no[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_is_localhost_an_address_or_a_configured_name),
        cmocka_unit_test(a_strange_host_is_told_what_to_configure),
        cmocka_unit_test(a_name_may_have_63_characters_a_label_and_253_in_all),
        cmocka_unit_test(a_host_is_kept_in_its_normal_form),
        cmocka_unit_test(only_pages_of_this_server_or_configured_ones_change_anything),
        cmocka_unit_test(a_page_elsewhere_is_told_by_sec_fetch_site),
        cmocka_unit_test(a_refused_origin_is_named_in_its_normal_form_only),
        cmocka_unit_test(what_changes_needs_the_token_beyond_loopback_and_wherever_one_is_set),
        cmocka_unit_test(a_right_token_does_not_help_a_page_elsewhere),
        cmocka_unit_test(no_message_shows_the_token_or_a_guess),
        cmocka_unit_test(a_guess_at_the_token_costs_a_token_of_the_rate),
        cmocka_unit_test(a_request_without_route_is_checked_for_host_and_rate),
        cmocka_unit_test(only_limited_clients_wait_for_redis),
        cmocka_unit_test(loopback_is_127_and_1_in_either_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
