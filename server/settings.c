/* The server's settings from their four sources, and their reload.
 *
 * Each reading makes a whole new struct settings from all sources; it replaces the present one in one atomic
 * store and the earlier ones live until the end, so that readers need no lock and no count. */
#include "server/settings.h"

#include "base/file.h"
#include "base/installed.h"
#include "base/memory.h"
#include "server/gate/origin.h"
#include "server/http/server_log.h"
#include "server/settings_fields.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 1 << 20 };

struct settings_version {
    struct settings settings;
    struct settings_version *before;
};

struct settings_source {
    struct setting_texts options;
    _Atomic(struct settings_version *) now; /* written by the thread that opens and reloads */
};

/* The folder of the built pages, if there is one with a page in it. */
static char *default_web(void) {
    static const char *const places[] = {"web/index.html", "frontend/dist/index.html"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *index = installed_path(places[i]);
        if (!index) continue;
        *strrchr(index, '/') = '\0';
        return index;
    }
    return NULL;
}

/* The examples: installed, or of the source tree (which has kmill.py) that the program was built in or is
 * started in. */
static char *default_strategies(void) {
    char *found = installed_path("strategies");
    return found || access("strategies/kmill.py", R_OK) ? found : realpath("strategies", NULL);
}

static struct settings_version *version_with_defaults(void) {
    struct settings_version *version = calloc(1, sizeof *version);
    if (!version) abort(); /* as texts do */
    int cores = core_count();
    version->settings = (struct settings){.address = memory_text("127.0.0.1"),
                                          .port = 8000,
                                          .store = memory_text("klines"),
                                          .results = memory_text("."),
                                          .web = default_web(),
                                          .strategies = default_strategies(),
                                          .rate_per_second = 30,
                                          .rate_per_minute = 1000,
                                          .log_level = LOG_INFO,
                                          .io_threads = cores,
                                          .pool_threads = cores > 2 ? cores : 2,
                                          .body_max = (size_t)1 << 20,
                                          .url_max = 8192,
                                          .connections_max = 4096,
                                          .connections_per_address = 1024,
                                          .streams_max = 1024,
                                          .request_seconds = 30,
                                          .backtests_max = cores,
                                          .backtest_seconds = 60,
                                          .sweeps_max = 1,
                                          .cache_bytes = (size_t)64 << 20};
    return version;
}

static void version_free(struct settings_version *version) {
    if (!version) return;
    settings_clear(&version->settings);
    free(version);
}

/* ---- the sources ---- */

static status read_file(struct settings *settings, const char *path, struct problems *problems,
                        struct error *err) {
    char *text;
    size_t length;
    status rc = file_read(&text, &length, path, err);
    if (rc != OK) return rc;
    if (length > FILE_BYTES_MAX)
        problems_add(problems, 0, 0, "larger than 1 MiB: that is no file of settings");
    else
        settings_read_file(settings, path, text, length, problems);
    free(text);
    return problems->count ? ERR_INPUT : OK;
}

/* An empty variable counts as none: that is how compose files and unit files unset one. */
static status read_environment(struct settings *settings, struct error *err) {
    for (size_t i = 0; i < setting_field_count; i++) {
        const struct setting_field *field = &setting_fields[i];
        const char *value = field->variable ? getenv(field->variable) : NULL;
        struct text why = {0};
        if (!value || !*value || setting_set(settings, field, value, NULL, &why)) {
            text_clear(&why);
            continue;
        }
        error_set(err, ERR_INPUT, "the environment's %s %s", field->variable, why.data);
        text_clear(&why);
        return ERR_INPUT;
    }
    return OK;
}

static status read_options(struct settings *settings, const struct setting_texts *options,
                           struct error *err) {
    for (size_t i = 0; i < setting_field_count; i++) {
        const struct setting_field *field = &setting_fields[i];
        struct text why = {0};
        if (!options->values[i] || setting_set(settings, field, options->values[i], NULL, &why)) continue;
        char name[64];
        snprintf(name, sizeof name, "%s", field->name);
        for (char *p = name; *p; p++)
            if (*p == '_') *p = '-';
        error_set(err, ERR_INPUT, "--%s %s", name, why.data);
        text_clear(&why);
        return ERR_INPUT;
    }
    return OK;
}

/* What only the whole shows. */
static status check_together(const struct settings *s, struct error *err) {
    if (!s->tls_certificate != !s->tls_key)
        return error_set(err, ERR_INPUT, "TLS needs both --tls-certificate and --tls-key: %s is missing",
                         s->tls_key ? "--tls-certificate" : "--tls-key");
    const char *const files[] = {s->tls_certificate, s->tls_key};
    for (size_t i = 0; i < 2; i++)
        if (files[i] && access(files[i], R_OK) != 0) return error_set_errno(err, ERR_INPUT, "%s", files[i]);
    return OK;
}

static status read_all(struct settings_version **out, const struct setting_texts *options,
                       struct problems *problems, struct error *err) {
    struct settings_version *version = version_with_defaults();
    struct settings *settings = &version->settings;
    status rc = options->config ? read_file(settings, options->config, problems, err) : OK;
    if (rc == OK) rc = read_environment(settings, err);
    if (rc == OK) rc = read_options(settings, options, err);
    if (rc == OK) rc = check_together(settings, err);
    if (rc == OK)
        *out = version;
    else
        version_free(version);
    return rc;
}

/* ---- warnings ---- */

static void warn(const struct settings *settings) {
    if (address_is_loopback(settings->address)) return;
    if (!settings->token)
        server_log(
            LOG_WARN,
            "%s is not a loopback address and there is no token: nothing that changes or runs something "
            "can be called; set KMILL_TOKEN or --token-file",
            settings->address);
    else if (!settings->tls_certificate)
        server_log(LOG_WARN,
                   "the token crosses the network unencrypted: use --tls-certificate and --tls-key, "
                   "or a proxy with TLS");
}

/* ---- the public part ---- */

status settings_open(struct settings_source **out, int argc, char **argv, bool *help,
                     struct problems *problems, const char **problem_file, struct error *err) {
    *out = NULL;
    *help = false;
    *problem_file = NULL;
    struct settings_source *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory");
    struct settings_version *version = NULL;
    status rc = settings_read_options(&self->options, argc, argv, help, err);
    if (rc == OK && !*help) {
        *problem_file = self->options.config;
        rc = read_all(&version, &self->options, problems, err);
    }
    atomic_init(&self->now, version);
    if (rc == OK && !*help) {
        warn(&version->settings);
        *out = self;
        return OK;
    }
    settings_close(self);
    return rc;
}

const struct settings *settings_now(const struct settings_source *source) {
    return &atomic_load_explicit(&((struct settings_source *)source)->now, memory_order_acquire)->settings;
}

/* Fixed settings keep their value, with a note. True: another one differs. */
static bool keep_fixed(struct settings *fresh, const struct settings *present) {
    bool is_new = false;
    for (size_t i = 0; i < setting_field_count; i++) {
        const struct setting_field *field = &setting_fields[i];
        if (!setting_differs(fresh, present, field)) continue;
        if (!(field->flags & SETTING_FIXED)) {
            is_new = true;
            continue;
        }
        server_log(LOG_WARN, "%s changed, which takes effect at the next start only", field->name);
        setting_copy(fresh, present, field);
    }
    return is_new;
}

status settings_reload(struct settings_source *source, struct error *err) {
    struct problems problems = {0};
    struct settings_version *fresh, *present = atomic_load(&source->now);
    status rc = read_all(&fresh, &source->options, &problems, err);
    if (problems.count)
        error_set(err, ERR_INPUT, "%s:%d:%d: %s%s", source->options.config, problems.items[0].line,
                  problems.items[0].column, problems.items[0].message,
                  problems.count > 1 ? " (and more)" : "");
    problems_clear(&problems);
    if (rc != OK) return rc;
    if (!keep_fixed(&fresh->settings, &present->settings)) {
        version_free(fresh);
        return OK;
    }
    fresh->before = present;
    warn(&fresh->settings);
    atomic_store_explicit(&source->now, fresh, memory_order_release);
    return OK;
}

void settings_close(struct settings_source *source) {
    if (!source) return;
    for (struct settings_version *version = atomic_load(&source->now), *before; version; version = before) {
        before = version->before;
        version_free(version);
    }
    free(source->options.values);
    free(source);
}
