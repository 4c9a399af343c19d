/* The server's settings from all their sources, and every kind of mistake in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "server/settings_fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOKEN "0123456789abcdef"
#define OTHER_TOKEN "fedcba9876543210"

static char folder[] = "/tmp/kmill-settings-XXXXXX";

/* ---- a reading and what it said ---- */

struct reading {
    struct settings_source *source;
    struct problems problems;
    const char *file;
    struct error err;
    status rc;
    bool help;
};
enum { WORDS_MAX = 24 };

static struct reading read_words(const char *const *words) {
    static char serve[] = "serve";
    char *argv[WORDS_MAX] = {serve};
    struct reading r = {0};
    int argc = 1;
    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)words[argc - 1];
    r.rc = settings_open(&r.source, argc, argv, &r.help, &r.problems, &r.file, &r.err);
    assert_int_equal(r.source != NULL, r.rc == OK && !r.help);
    return r;
}
#define READ(...) read_words((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static const struct settings *now(const struct reading *r) {
    if (r->rc != OK) fail_msg("%s%s", r->err.message, r->problems.count ? r->problems.items[0].message : "");
    return settings_now(r->source);
}

static void done(struct reading *r) {
    settings_close(r->source);
    problems_clear(&r->problems);
}

/* A file of the tests' folder. */
static const char *path_of(const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *write_file(const char *name, const char *text) {
    struct error err;
    if (file_write_atomically(path_of(name), text, strlen(text), &err) != OK) fail_msg("%s", err.message);
    return path_of(name);
}

static const char *const variables[] = {"KMILL_STORE",           "DATABASE_URL", "REDIS_URL",
                                        "KMILL_TOKEN",           "CORS_ORIGINS", "RATE_LIMIT_PER_SECOND",
                                        "RATE_LIMIT_PER_MINUTE", "DEBUG"};

static int clean_environment(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
    return 0;
}

/* ---- the sources and their order ---- */

static void without_anything_the_documented_defaults_hold(void **state) {
    (void)state;
    struct reading r = READ();
    const struct settings *s = now(&r);
    assert_string_equal(s->address, "127.0.0.1");
    assert_int_equal(s->port, 8000);
    assert_string_equal(s->store, "klines");
    assert_string_equal(s->results, ".");
    assert_null(s->database_url);
    assert_null(s->redis_url);
    assert_null(s->token);
    assert_null(s->tls_certificate);
    assert_int_equal(s->cors_origins.count, 0);
    assert_int_equal(s->host_names.count, 0);
    assert_true(s->rate_per_second == 30 && s->rate_per_minute == 1000 && !s->rate_limit_loopback);
    assert_int_equal(s->log_level, LOG_INFO);
    assert_true(s->io_threads >= 1 && s->pool_threads >= 2 && s->backtests_max >= 1);
    assert_int_equal(s->body_max, 1048576);
    assert_int_equal(s->url_max, 8192);
    assert_int_equal(s->connections_max, 4096);
    assert_int_equal(s->connections_per_address, 1024);
    assert_int_equal(s->streams_max, 1024);
    assert_true(s->request_seconds == 30 && s->backtest_seconds == 60);
    assert_int_equal(s->sweeps_max, 1);
    assert_int_equal(s->cache_bytes, 67108864);
    assert_false(s->trust_strategy);
    done(&r);
}

static void an_option_wins_over_the_environment_and_that_over_the_file(void **state) {
    (void)state;
    const char *file =
        write_file("order.yaml", "store: from-file\nrate_per_second: 5\nport: 7000\nlog_level: warn\n");
    struct reading r = READ("--config", file);
    char store[256];
    snprintf(store, sizeof store, "%s/from-file", folder);
    assert_string_equal(now(&r)->store, store); /* beside the file */
    assert_int_equal(now(&r)->port, 7000);
    assert_int_equal(now(&r)->log_level, LOG_WARN);
    done(&r);
    setenv("KMILL_STORE", "from-environment", 1);
    setenv("RATE_LIMIT_PER_SECOND", "6", 1);
    setenv("DEBUG", "True", 1);
    r = READ("--config", file);
    assert_string_equal(now(&r)->store, "from-environment");
    assert_true(now(&r)->rate_per_second == 6);
    assert_int_equal(now(&r)->log_level, LOG_DEBUG);
    done(&r);
    r = READ("--rate-per-second=7", "--config", file, "--store", "from-option", "--log-level", "error");
    assert_string_equal(now(&r)->store, "from-option");
    assert_true(now(&r)->rate_per_second == 7);
    assert_int_equal(now(&r)->log_level, LOG_ERROR);
    done(&r);
}

static void an_empty_variable_counts_as_none(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        setenv(variables[i], "", 1);
    struct reading r = READ();
    assert_string_equal(now(&r)->store, "klines");
    assert_null(now(&r)->token);
    done(&r);
}

static void values_may_be_written_in_the_usual_ways(void **state) {
    (void)state;
    setenv("DEBUG", "0", 1);
    setenv("CORS_ORIGINS", "[\"http://localhost:3000/\", \"https://Charts.Example:443\"]", 1);
    setenv("DATABASE_URL", "postgresql+asyncpg://user:pw@db/klines", 1);
    setenv("REDIS_URL", "unix:///run/redis.sock?db=2", 1);
    struct reading r =
        READ("--address", "[::1]", "--body-max", "64KiB", "--cache-bytes", "0", "--url-max=300B",
             "--request-seconds", "2.5", "--host-names", "A.example., b.example ,", "--rate-limit-loopback");
    const struct settings *s = now(&r);
    assert_string_equal(s->address, "::1");
    assert_int_equal(s->body_max, 65536);
    assert_int_equal(s->cache_bytes, 0);
    assert_int_equal(s->url_max, 300);
    assert_true(s->request_seconds == 2.5);
    assert_true(s->rate_limit_loopback);
    assert_int_equal(s->log_level, LOG_INFO);
    assert_int_equal(s->host_names.count, 2);
    assert_string_equal(s->host_names.items[0], "a.example");
    assert_string_equal(s->host_names.items[1], "b.example");
    assert_int_equal(s->cors_origins.count, 2);
    assert_string_equal(s->cors_origins.items[0], "http://localhost:3000");
    assert_string_equal(s->cors_origins.items[1], "https://charts.example");
    assert_string_equal(s->database_url, "postgresql://user:pw@db/klines");
    assert_string_equal(s->redis_url, "unix:///run/redis.sock?db=2");
    done(&r);
}

static void the_token_comes_from_the_environment_or_a_file(void **state) {
    (void)state;
    write_file("token", OTHER_TOKEN "\n");
    const char *config = write_file("token.yaml", "token_file: token\n");
    struct reading r = READ("--config", config);
    assert_string_equal(now(&r)->token, OTHER_TOKEN);
    done(&r);
    setenv("KMILL_TOKEN", TOKEN, 1);
    r = READ("--config", config);
    assert_string_equal(now(&r)->token, TOKEN);
    done(&r);
    r = READ("--token-file", path_of("token"));
    assert_string_equal(now(&r)->token, OTHER_TOKEN);
    done(&r);
}

/* ---- mistakes ---- */

static void check_refusal(const struct reading *r, const char *what, const char *words) {
    if (r->rc != ERR_INPUT || !strstr(r->err.message, words) || strchr(r->err.message, '\n'))
        fail_msg("%s: %d, '%s'", what, r->rc, r->err.message);
}

static void a_bad_variable_is_one_line_that_names_it(void **state) {
    (void)state;
    static const struct {
        const char *name, *value, *words;
    } cases[] = {
        {"RATE_LIMIT_PER_SECOND", "thirty",
         "RATE_LIMIT_PER_SECOND must be a number from 0 to 1000000, not 'thirty'"},
        {"RATE_LIMIT_PER_SECOND", "-1", "RATE_LIMIT_PER_SECOND must be a number from 0 to 1000000, not '-1'"},
        {"RATE_LIMIT_PER_MINUTE", "nan", "RATE_LIMIT_PER_MINUTE must be a number"},
        {"RATE_LIMIT_PER_MINUTE", "10 ", "RATE_LIMIT_PER_MINUTE must be a number"},
        {"DEBUG", "app:*", "DEBUG must be true or false, not 'app:*'"},
        {"CORS_ORIGINS", "*", "CORS_ORIGINS may not be '*'"},
        {"CORS_ORIGINS", "http://a.example, *", "CORS_ORIGINS may not be '*'"},
        {"CORS_ORIGINS", "[\"*\"]", "CORS_ORIGINS may not be '*'"},
        {"CORS_ORIGINS", "[\"http://a.example\"", "CORS_ORIGINS must be a JSON list"},
        {"CORS_ORIGINS", "[1]", "CORS_ORIGINS must be a JSON list"},
        {"CORS_ORIGINS", "null", "CORS_ORIGINS must be an origin such as"},
        {"CORS_ORIGINS", "http://a.example/path", "CORS_ORIGINS must be an origin such as"},
        {"CORS_ORIGINS", "a.example", "CORS_ORIGINS must be an origin such as"},
        {"KMILL_TOKEN", "short", "KMILL_TOKEN must be a token of 16 to 512 letters"},
        {"KMILL_TOKEN", "with a space in the middle", "KMILL_TOKEN must be a token of 16 to 512 letters"},
        {"DATABASE_URL", "mysql://u:hidden@h/d", "DATABASE_URL is no usable address"},
        {"REDIS_URL", "rediss://:hidden@h",
         "REDIS_URL is no usable address: rediss:// (TLS) is not supported"},
        {"REDIS_URL", "localhost:6379", "REDIS_URL is no usable address: the Redis address cannot be read"},
        {"REDIS_URL", "redis://u:hid/den@h", "REDIS_URL is no usable address"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clean_environment(NULL);
        setenv(cases[i].name, cases[i].value, 1);
        struct reading r = READ();
        check_refusal(&r, cases[i].value, cases[i].words);
        assert_null(strstr(r.err.message, "hid"));
        assert_null(strstr(r.err.message, "with a space"));
        done(&r);
    }
}

static void a_bad_option_is_one_line_with_what_to_do(void **state) {
    (void)state;
    static const struct {
        const char *option, *value, *words;
    } cases[] = {
        {"--prot", "80", "kmill serve has no option '--prot'; did you mean '--port'?"},
        {"--qqqq", "80", "kmill serve --help lists them"},
        {"--rate-per", "3", "did you mean '--rate-per-second'?"},
        {"--token", TOKEN,
         "no option '--token', for everyone can see options: set KMILL_TOKEN or use --token-file"},
        {"--redis-url", TOKEN, "set REDIS_URL or write it into the file of --config"},
        {"--database-url=" TOKEN, NULL, "set DATABASE_URL or write it into the file of --config"},
        {"--port", "65536", "--port must be a whole number from 0 to 65535, not '65536'"},
        {"--port", "80.5", "--port must be a whole number"},
        {"--address", "example.com", "--address must be an IP address such as"},
        {"--address", "", "--address must be an IP address"},
        {"--body-max", "1MB",
         "--body-max must be a number of bytes (or with KiB, MiB, GiB) from 1024 to 1073741824"},
        {"--body-max", "99999999999999999999", "--body-max must be"},
        {"--log-level", "debgu", "did you mean 'debug'?"},
        {"--store", "", "--store must be a path"},
        {"--backtest-seconds", "0", "--backtest-seconds must be a number from 0.001 to 86400, not '0'"},
        {"--host-names", "a.example:80",
         "--host-names must be a host name such as kmill.example, without port"},
        {"--tls-key", "/etc/hostname",
         "TLS needs both --tls-certificate and --tls-key: --tls-certificate is missing"},
        {"--tls-certificate", "/etc/hostname",
         "TLS needs both --tls-certificate and --tls-key: --tls-key is missing"},
        {"--token-file", "/nowhere/token", "--token-file cannot be read: /nowhere/token"},
        {"--trust-strategy=no", NULL, "--trust-strategy takes no value"},
        {"--port", NULL, "--port wants a value"},
        {"--list-routes", NULL, "--list-routes stands alone"},
        {"server", NULL, "what does 'server' mean?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reading r = READ(cases[i].option, cases[i].value);
        check_refusal(&r, cases[i].option, cases[i].words);
        assert_null(strstr(r.err.message, TOKEN));
        done(&r);
    }
    struct reading r = READ("--tls-key", "/nowhere/key", "--tls-certificate", "/nowhere/certificate");
    check_refusal(&r, "unreadable TLS files", "/nowhere/certificate");
    done(&r);
}

static void every_mistake_of_the_file_is_told_with_its_place(void **state) {
    (void)state;
    static const struct {
        int line, column;
        const char *words;
    } wanted[] = {
        {1, 1, "unknown key 'prot'; did you mean 'port'?"},
        {2, 7, "port must be a whole number, not '80': write it without quotes"},
        {3, 12, "log_level must be error, warn, info or debug, not 'inf'; did you mean 'info'?"},
        {4, 16, "cors_origins must be an origin such as"},
        {4, 19, "cors_origins may not be '*'"},
        {5, 18, "rate_per_second must be a number from 0 to 1000000, not '-1'"},
        {6, 11, "body_max must be a number of bytes"},
        {7, 12, "redis_url is no usable address: rediss:// (TLS)"},
        {8, 1, "unknown key 'token'; put the token into a file of its own"},
        {9, 22, "rate_limit_loopback must be true or false, not 'yes'"},
        {10, 13, "streams_max must be a whole number, not nothing"},
        {11, 10, "address must be one value, not a list"},
        {12, 13, "host_names must be a list of texts, not a map"},
        {13, 8, "store must be a text, not nothing"},
        {14, 1, "unknown key 'qqqqqqqq'; kmill serve --help lists them"},
        {15, 1, "unknown key 'debug'"},
    };
    const char *file = write_file("mistakes.yaml", "prot: 3\n"
                                                   "port: \"80\"\n"
                                                   "log_level: inf\n"
                                                   "cors_origins: [a, '*', 'http://fine.example']\n"
                                                   "rate_per_second: -1\n"
                                                   "body_max: 1\n"
                                                   "redis_url: rediss://a:hidden@c\n"
                                                   "token: hidden\n"
                                                   "rate_limit_loopback: yes\n"
                                                   "streams_max:\n"
                                                   "address: [127.0.0.1]\n"
                                                   "host_names: {a: b}\n"
                                                   "store: ~\n"
                                                   "qqqqqqqq: 1\n"
                                                   "debug: true\n");
    struct reading r = READ("--config", file);
    assert_int_equal(r.rc, ERR_INPUT);
    assert_string_equal(r.file, file);
    for (size_t i = 0; i < r.problems.count; i++) {
        const struct problem *p = &r.problems.items[i];
        assert_null(strstr(p->message, "hidden"));
        if (i >= sizeof wanted / sizeof *wanted || p->line != wanted[i].line ||
            p->column != wanted[i].column || !strstr(p->message, wanted[i].words))
            fail_msg("%d:%d: %s", p->line, p->column, p->message);
    }
    assert_int_equal(r.problems.count, sizeof wanted / sizeof *wanted);
    done(&r);
}

static void a_file_that_is_none_is_said_so(void **state) {
    (void)state;
    static const char *const texts[] = {
        "[1, 2]\n", "port: 1\nport: 2\n", "port: {\n", "port: 1\n---\nport: 2\n", "- port\n", "\xFF"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct reading r = READ("--config", write_file("none.yaml", texts[i]));
        assert_int_equal(r.rc, ERR_INPUT);
        assert_true(r.problems.count > 0 && r.problems.items[0].line > 0);
        done(&r);
    }
    struct reading r = READ("--config", "/nowhere/serve.yaml");
    assert_int_equal(r.rc, ERR_NOT_FOUND);
    assert_non_null(strstr(r.err.message, "/nowhere/serve.yaml"));
    done(&r);
    r = READ("--config", write_file("empty.yaml", "# nothing yet\n"));
    assert_int_equal(now(&r)->port, 8000);
    done(&r);
}

/* ---- reload ---- */

static void a_reload_takes_what_may_change_and_keeps_the_rest(void **state) {
    (void)state;
    struct error err = {0};
    const char *file = write_file("reload.yaml", "port: 7000\nrate_per_second: 5\n");
    char path[256];
    snprintf(path, sizeof path, "%s", file);
    struct reading r = READ("--config", path, "--sweeps-max", "3");
    const struct settings *first = now(&r);
    write_file("reload.yaml",
               "port: 7001\nrate_per_second: 9\nsweeps_max: 5\ncors_origins: [http://a.example]\n"
               "results: elsewhere\n");
    assert_int_equal(settings_reload(r.source, &err), OK);
    const struct settings *second = settings_now(r.source);
    assert_ptr_not_equal(first, second);
    assert_int_equal(second->port, 7000);
    assert_string_equal(second->results, ".");
    assert_true(second->rate_per_second == 9);
    assert_int_equal(second->sweeps_max, 3); /* the command line still wins */
    assert_int_equal(second->cors_origins.count, 1);
    assert_true(first->rate_per_second == 5); /* whoever holds it still can */
    assert_int_equal(settings_reload(r.source, &err), OK);
    assert_ptr_equal(settings_now(r.source), second); /* nothing new */
    done(&r);
}

static void a_mistake_in_a_reload_changes_nothing(void **state) {
    (void)state;
    struct error err = {0};
    write_file("token", TOKEN);
    const char *file = write_file("reload.yaml", "rate_per_second: 5\ntoken_file: token\n");
    char path[256];
    snprintf(path, sizeof path, "%s", file);
    struct reading r = READ("--config", path);
    const struct settings *first = now(&r);
    write_file("reload.yaml", "rate_per_second: 6\nrate_per_minut: 7\n");
    assert_int_equal(settings_reload(r.source, &err), ERR_INPUT);
    assert_non_null(strstr(err.message,
                           "reload.yaml:2:1: unknown key 'rate_per_minut'; did you mean 'rate_per_minute'?"));
    assert_ptr_equal(settings_now(r.source), first);
    unlink(path);
    assert_int_equal(settings_reload(r.source, &err), ERR_NOT_FOUND);
    assert_ptr_equal(settings_now(r.source), first);
    write_file("token", OTHER_TOKEN);
    write_file("reload.yaml", "rate_per_second: 5\ntoken_file: token\n");
    assert_int_equal(settings_reload(r.source, &err), OK);
    assert_string_equal(settings_now(r.source)->token, OTHER_TOKEN);
    assert_string_equal(first->token, TOKEN);
    done(&r);
}

/* ---- what users read ---- */

__attribute__((noinline)) static char *source_file(const char *name) {
    const char *slash = strrchr(__FILE__, '/');
    char path[4096];
    size_t length;
    char *text = NULL;
    struct error err;
    snprintf(path, sizeof path, "%.*s/../../%s", (int)(slash - __FILE__), __FILE__, name);
    if (file_read(&text, &length, path, &err) != OK) fail_msg("%s", err.message);
    return text;
}

/* The text with every "# key: value" uncommented for keys without default. */
static bool stands_in(const char *text, const char *name, bool *is_commented) {
    char plain[64], commented[64];
    snprintf(plain, sizeof plain, "\n%s:", name);
    snprintf(commented, sizeof commented, "\n# %s:", name);
    *is_commented = strstr(text, commented) != NULL;
    return *is_commented || strstr(text, plain);
}

static void the_example_has_every_key_with_its_default(void **state) {
    (void)state;
    char *text = source_file("configs/serve.yaml");
    struct reading plain = READ(), example = READ("--config", write_file("example.yaml", text));
    const struct settings *a = now(&plain), *b = now(&example);
    int said = 0;
    for (size_t i = 0; i < setting_field_count; i++) {
        const struct setting_field *field = &setting_fields[i];
        bool is_commented;
        if (field->flags & SETTING_UNLISTED) continue;
        if (!stands_in(text, field->name, &is_commented))
            fail_msg("configs/serve.yaml lacks %s", field->name);
        if (setting_differs(a, b, field)) fail_msg("configs/serve.yaml says another %s", field->name);
        if (field->flags & SETTING_FIXED && !is_commented) {
            char line[128];
            snprintf(line, sizeof line, "\n%s:", field->name);
            const char *start = strstr(text, line) + 1;
            assert_non_null(memmem(start, strcspn(start, "\n"), "(start)", 7));
        }
        said += !is_commented;
    }
    assert_true(said >= 18);
    free(text);
    done(&plain);
    done(&example);
}

static void what_is_commented_out_in_the_example_is_right_too(void **state) {
    (void)state;
    char *text = source_file("configs/serve.yaml");
    for (size_t i = 0; i < setting_field_count; i++) {
        const struct setting_field *field = &setting_fields[i];
        char mark[64];
        snprintf(mark, sizeof mark, "\n# %s:", field->name);
        char *place = strstr(text, mark);
        if (place && field->kind != SETTING_TOKEN_FILE && !strstr(field->name, "tls_"))
            memmove(place + 1, place + 3, strlen(place + 3) + 1);
    }
    struct reading r = READ("--config", write_file("example.yaml", text));
    assert_string_equal(now(&r)->database_url, "postgresql://kmill:secret@db.example/klines");
    assert_int_equal(now(&r)->io_threads, 4);
    free(text);
    done(&r);
}

static void help_ends_the_reading_and_names_every_option(void **state) {
    (void)state;
    char path[256], *text;
    size_t length;
    snprintf(path, sizeof path, "%s", write_file("help", ""));
    fflush(stdout);
    int out = dup(STDOUT_FILENO);
    assert_non_null(freopen(path, "w", stdout));
    struct reading r = READ("--help", "--port", "1");
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    close(out);
    assert_int_equal(r.rc, OK);
    assert_true(r.help);
    assert_int_equal(file_read(&text, &length, path, NULL), OK);
    assert_memory_equal(text, "usage: kmill serve", 18);
    for (size_t i = 0; i < setting_field_count; i++) {
        const struct setting_field *field = &setting_fields[i];
        char option[64];
        bool is_shown = !(field->flags & (SETTING_SECRET | SETTING_UNLISTED));
        snprintf(option, sizeof option, "  --%s", field->name);
        for (char *p = option; *p; p++)
            if (*p == '_') *p = '-';
        if ((strstr(text, option) != NULL) != is_shown && strcmp(field->name, "token") != 0)
            fail_msg("%s", option);
        if (field->variable) assert_non_null(strstr(text, field->variable));
    }
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, 110);
    free(text);
    done(&r);
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    static const char *const names[] = {"order.yaml",    "token.yaml",   "token",
                                        "mistakes.yaml", "none.yaml",    "empty.yaml",
                                        "reload.yaml",   "example.yaml", "help"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(path_of(names[i]));
    return rmdir(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, clean_environment, clean_environment)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(without_anything_the_documented_defaults_hold),
        TEST(an_option_wins_over_the_environment_and_that_over_the_file),
        TEST(an_empty_variable_counts_as_none),
        TEST(values_may_be_written_in_the_usual_ways),
        TEST(the_token_comes_from_the_environment_or_a_file),
        TEST(a_bad_variable_is_one_line_that_names_it),
        TEST(a_bad_option_is_one_line_with_what_to_do),
        TEST(every_mistake_of_the_file_is_told_with_its_place),
        TEST(a_file_that_is_none_is_said_so),
        TEST(a_reload_takes_what_may_change_and_keeps_the_rest),
        TEST(a_mistake_in_a_reload_changes_nothing),
        TEST(the_example_has_every_key_with_its_default),
        TEST(what_is_commented_out_in_the_example_is_right_too),
        TEST(help_ends_the_reading_and_names_every_option),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
