/* The options of a subcommand as a table: what each takes and where its value goes.
 *
 *     const struct cli_option options[] = {CLI_TEXT("store", &store), CLI_FLAG("json", &json), CLI_END}; */
#ifndef CLI_CLI_OPTIONS_H
#define CLI_CLI_OPTIONS_H

#include "kmill/interval.h"
#include "kmill/store.h"

struct cli_option {
    const char *name;
    enum cli_value {
        CLI_VALUE_NONE,
        CLI_VALUE_TEXT,
        CLI_VALUE_WHOLE,
        CLI_VALUE_POSITIVE,
        CLI_VALUE_TIME,
        CLI_VALUE_INTERVAL,
        CLI_VALUE_SYMBOL,
        CLI_VALUE_OWN
    } value;
    char letter; /* -o as well as --output; 0: none */
    union {      /* where it goes, by value */
        bool *flag;
        const char **text;
        char **list;
        uint64_t *whole;
        double *positive;
        int64_t *time;
        enum interval *interval;
        char *symbol;
        void *own;
    };
    uint64_t least, most; /* of a whole number; most 0: no bound */
    int (*read)(void *own, const char *option, char *text);
};

#define CLI_OPTION(name_, value_, ...) \
    { .name = (name_), .value = CLI_VALUE_##value_, __VA_ARGS__ }
#define CLI_FLAG(name, out) CLI_OPTION(name, NONE, .flag = (out))
#define CLI_TEXT(name, out) CLI_OPTION(name, TEXT, .text = (out))
/* A text that may be cut up: it is argv's. */
#define CLI_LIST(name, out) CLI_OPTION(name, TEXT, .list = (out))
#define CLI_WHOLE(name, out, from, to) CLI_OPTION(name, WHOLE, .whole = (out), .least = (from), .most = (to))
#define CLI_POSITIVE(name, out) CLI_OPTION(name, POSITIVE, .positive = (out))
/* ms since 1970. */
#define CLI_TIME(name, out) CLI_OPTION(name, TIME, .time = (out))
#define CLI_INTERVAL(name, out) CLI_OPTION(name, INTERVAL, .interval = (out))
/* char[SYMBOL_MAX], in upper case. */
#define CLI_SYMBOL(name, out) CLI_OPTION(name, SYMBOL, .symbol = (out))
/* read(out, "--NAME", text): 0, or the exit code after a message. */
#define CLI_OWN(name, out, reader) CLI_OPTION(name, OWN, .own = (out), .read = (reader))
#define CLI_END \
    { .name = NULL }

enum { CLI_GO_ON = -1 };

/* Reads the options of argv. CLI_GO_ON: the arguments are argv[optind] .. argv[argc - 1]. Else the exit code:
 * after --help or -h (help on stdout), or after a message about a mistake. command: "run", "import csv". */
int cli_read_options(int argc, char **argv, const char *command, const char *help,
                     const struct cli_option *options);

/* A value that stands without an option, or in a list; what: "--to", "klines". 0, or the exit code after a
 * message. */
int cli_read_interval(enum interval *out, const char *what, const char *text);
int cli_read_symbol(char out[SYMBOL_MAX], const char *what, const char *text);

#endif
