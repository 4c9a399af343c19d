/* `kmill serve` options and --help, made from the table of settings. */
#include "server/settings_fields.h"

#include "base/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_CONFIG = 1000, OPT_LIST_ROUTES, OPT_HELP, OPT_FIELD, NAME_SIZE = 32, HELP_COLUMN = 34 };

/* Shown by --help. Secrets are known to the parser only to say where they belong. */
static bool is_option(const struct setting_field *field) {
    return !(field->flags & (SETTING_SECRET | SETTING_UNLISTED));
}

static void option_name(char out[NAME_SIZE], const struct setting_field *field) {
    snprintf(out, NAME_SIZE, "%s", field->name);
    for (char *p = out; *p; p++)
        if (*p == '_') *p = '-';
}

/* getopt's table; names are in `names`. */
static struct option *make_options(char (*names)[NAME_SIZE]) {
    struct option *options = calloc(setting_field_count + 4, sizeof *options);
    if (!options) abort(); /* as texts do */
    size_t count = 0;
    options[count++] = (struct option){"config", required_argument, NULL, OPT_CONFIG};
    for (size_t i = 0; i < setting_field_count; i++) {
        const struct setting_field *field = &setting_fields[i];
        if (!is_option(field) && !(field->flags & SETTING_SECRET)) continue;
        option_name(names[i], field);
        int has_argument = field->kind == SETTING_BOOL ? no_argument : required_argument;
        options[count++] = (struct option){names[i], has_argument, NULL, OPT_FIELD + (int)i};
    }
    options[count++] = (struct option){"list-routes", no_argument, NULL, OPT_LIST_ROUTES};
    options[count] = (struct option){"help", no_argument, NULL, OPT_HELP};
    return options;
}

static void print_entry(const char *left, const char *help) {
    bool fits = printf("  %-*s", HELP_COLUMN - 2, left) <= HELP_COLUMN;
    if (!fits) printf("\n%*s", HELP_COLUMN, "");
    for (const char *end; (end = strchr(help, '\n')); help = end + 1)
        printf("%.*s\n%*s", (int)(end - help), help, HELP_COLUMN, "");
    puts(help);
}

static void print_help(void) {
    char left[2 * NAME_SIZE], name[NAME_SIZE];
    fputs("usage: kmill serve [OPTION]...\n\n"
          "Serves klines, results, live progress, backtests and the web pages over HTTP until it is "
          "stopped.\n\n",
          stdout);
    print_entry("--config FILE", "YAML file with the same names, '_' for '-' (configs/serve.yaml shows all)");
    for (size_t i = 0; i < setting_field_count; i++) {
        const struct setting_field *field = &setting_fields[i];
        if (!is_option(field)) continue;
        option_name(name, field);
        snprintf(left, sizeof left, "--%s%s%s", name, field->argument ? " " : "",
                 field->argument ? field->argument : "");
        print_entry(left, field->help);
    }
    print_entry("--list-routes", "every method and path, and nothing else");
    fputs("\nEnvironment (options win over it, it wins over the file); secrets have no option, for everyone "
          "can\n"
          "see those:\n",
          stdout);
    for (size_t i = 0; i < setting_field_count; i++) {
        const struct setting_field *field = &setting_fields[i];
        option_name(name, field);
        if (!field->variable) continue;
        snprintf(left, sizeof left, "as --%s", name);
        print_entry(field->variable, is_option(field) ? left : field->help);
    }
    fputs("\nSIGHUP reads file, token file and environment again; SIGTERM and Ctrl-C finish what is under "
          "way (at "
          "most\n5 s) and stop. A queued sweep goes on at the next start.\n"
          "Exit codes: 0 stopped, 2 bad input, 3 the system failed.\n",
          stdout);
}

static status secret_mistake(struct error *err, const struct setting_field *field) {
    char name[NAME_SIZE];
    option_name(name, field);
    return error_set(
        err, ERR_INPUT, "kmill serve has no option '--%s', for everyone can see options: set %s%s", name,
        field->variable,
        field->kind == SETTING_TOKEN ? " or use --token-file" : " or write it into the file of --config");
}

/* ERR_INPUT for what getopt_long refused or what stands behind the options. */
static status take_options(struct setting_texts *out, int argc, char **argv, const struct option *options,
                           bool *help, struct error *err) {
    int c;
    optind = 0; /* glibc: begin anew, whatever was parsed before */
    opterr = 0;
    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (c == 'h' || c == OPT_HELP)
            *help = true;
        else if (c == OPT_CONFIG)
            out->config = optarg;
        else if (c == OPT_LIST_ROUTES)
            return error_set(err, ERR_INPUT, "kmill serve: --list-routes stands alone");
        else if (c >= OPT_FIELD && !is_option(&setting_fields[c - OPT_FIELD]))
            return secret_mistake(err, &setting_fields[c - OPT_FIELD]);
        else if (c >= OPT_FIELD)
            out->values[c - OPT_FIELD] = optarg ? optarg : "true";
        else
            return option_mistake(err, "serve", argv, options);
    }
    if (optind < argc)
        return error_set(err, ERR_INPUT,
                         "kmill serve takes options only: what does '%s' mean? kmill serve --help",
                         argv[optind]);
    return OK;
}

status settings_read_options(struct setting_texts *out, int argc, char **argv, bool *help,
                             struct error *err) {
    *out = (struct setting_texts){.values = calloc(setting_field_count, sizeof *out->values)};
    char(*names)[NAME_SIZE] = calloc(setting_field_count, sizeof *names);
    if (!out->values || !names) abort(); /* as texts do */
    struct option *options = make_options(names);
    status rc = take_options(out, argc, argv, options, help, err);
    if (rc == OK && *help) print_help();
    free(options);
    free(names);
    return rc;
}
