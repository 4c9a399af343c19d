/* Options of subcommands. getopt_long finds them; their values are read here, one way and with one message
 * for each kind, so that a time or an interval is the same thing in every command. */
#include "cli/cli_options.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli/cli.h"

#include <ctype.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>

enum { OPTIONS_MAX = 32, FIRST_VALUE = 256 };

int cli_read_interval(enum interval *out, const char *what, const char *text) {
    if (interval_parse(out, text)) return 0;
    return cli_usage("%s: interval \"%s\": use one of " INTERVAL_NAMES, what, text);
}

int cli_read_symbol(char out[SYMBOL_MAX], const char *what, const char *text) {
    size_t length = strlen(text);
    if (length >= SYMBOL_MAX)
        return cli_usage("%s: the symbol has more than %d letters", what, SYMBOL_MAX - 1);
    for (size_t i = 0; i <= length; i++)
        out[i] = (char)toupper((unsigned char)text[i]);
    return 0;
}

static int read_whole(const struct cli_option *option, const char *name, const char *text) {
    int64_t number;
    uint64_t most = option->most ? option->most : INT64_MAX;
    if (text_to_int64(&number, text) && number >= 0 && (uint64_t)number >= option->least &&
        (uint64_t)number <= most) {
        *option->whole = (uint64_t)number;
        return 0;
    }
    if (option->most)
        return cli_usage("%s wants a number from %" PRIu64 " to %" PRIu64 ", not '%s'", name, option->least,
                         option->most, text);
    return cli_usage("%s wants a whole number from %" PRIu64 " on, not '%s'", name, option->least, text);
}

static int read_value(const struct cli_option *option, char *text) {
    char name[64];
    snprintf(name, sizeof name, "--%s", option->name);
    switch (option->value) {
    case CLI_VALUE_NONE:
        *option->flag = true;
        return 0;
    case CLI_VALUE_TEXT:
        *option->list = text;
        return 0;
    case CLI_VALUE_WHOLE:
        return read_whole(option, name, text);
    case CLI_VALUE_POSITIVE:
        if (text_to_double(option->positive, text) && *option->positive > 0.0) return 0;
        return cli_usage("%s wants a number above 0, not '%s'", name, text);
    case CLI_VALUE_TIME:
        if (clock_parse(option->time, text)) return 0;
        return cli_usage("%s: \"%s\" is no time; write it like 2024-01-31 or 2024-01-31T12:00", name, text);
    case CLI_VALUE_INTERVAL:
        return cli_read_interval(option->interval, name, text);
    case CLI_VALUE_SYMBOL:
        return cli_read_symbol(option->symbol, name, text);
    case CLI_VALUE_OWN:
        return option->read(option->own, name, text);
    }
    return 0;
}

/* The same table as getopt_long wants it, --help and -h added. */
static void fill_getopt(struct option *names, char *letters, const struct cli_option *options) {
    size_t count = 0;
    *letters++ = 'h';
    for (const struct cli_option *o = options; o->name && count < OPTIONS_MAX; o++, count++) {
        names[count] = (struct option){o->name, o->value == CLI_VALUE_NONE ? no_argument : required_argument,
                                       NULL, FIRST_VALUE + (int)count};
        if (!o->letter) continue;
        *letters++ = o->letter;
        if (o->value != CLI_VALUE_NONE) *letters++ = ':';
    }
    names[count] = (struct option){"help", no_argument, NULL, 'h'};
    names[count + 1] = (struct option){0};
    *letters = '\0';
}

static const struct cli_option *find(const struct cli_option *options, int value) {
    if (value >= FIRST_VALUE) return &options[value - FIRST_VALUE];
    while (options->name && options->letter != value)
        options++;
    return options->name ? options : NULL;
}

int cli_read_options(int argc, char **argv, const char *command, const char *help,
                     const struct cli_option *options) {
    struct option names[OPTIONS_MAX + 2];
    char letters[2 + 2 * OPTIONS_MAX];
    fill_getopt(names, letters, options);
    optind = 1;
    for (int value; (value = getopt_long(argc, argv, letters, names, NULL)) != -1;) {
        if (value == 'h') {
            fputs(help, stdout);
            return 0;
        }
        const struct cli_option *option = value == '?' ? NULL : find(options, value);
        if (!option) return cli_bad_option(command, argv, names);
        int code = read_value(option, optarg);
        if (code != 0) return code;
    }
    return CLI_GO_ON;
}
