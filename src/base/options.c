/* Mistakes in options. getopt_long says only that there is one: what it was is worked out again from its
 * word, so that a message can tell a mistyped name from a missing value and name the nearest option. */
#include "base/options.h"

#include "base/problems.h"

#include <stdio.h>
#include <string.h>

enum { OPTIONS_MAX = 64, OPTION_LENGTH_MAX = 64 };

/* The option of `name` (up to its "="), complete or abbreviated; *matches counts them. */
static const struct option *find_option(const struct option *options, const char *name, size_t length,
                                        int *matches) {
    const struct option *found = NULL;
    *matches = 0;
    for (const struct option *o = options; o->name; o++) {
        if (strncmp(o->name, name, length) != 0) continue;
        if (!found) found = o;
        if (o->name[length] == '\0') {
            *matches = 1;
            return o;
        }
        ++*matches;
    }
    return found;
}

static status short_option_mistake(struct error *err, const char *command, const char *word) {
    if (optopt)
        return error_set(err, ERR_INPUT,
                         "kmill %s: -%c is no option, or lacks its value; kmill %s --help lists them",
                         command, optopt, command);
    return error_set(err, ERR_INPUT, "kmill %s: what does '%s' mean? kmill %s --help", command, word,
                     command);
}

status option_mistake(struct error *err, const char *command, char **argv, const struct option *options) {
    const char *word = argv[optind - 1], *names[OPTIONS_MAX];
    if (strncmp(word, "--", 2) != 0) return short_option_mistake(err, command, word);
    int matches;
    size_t count = 0, length = strcspn(word + 2, "=");
    const struct option *found = find_option(options, word + 2, length, &matches);
    if (matches == 1 && found->has_arg == required_argument)
        return error_set(err, ERR_INPUT, "kmill %s: --%s wants a value", command, found->name);
    if (matches == 1) return error_set(err, ERR_INPUT, "kmill %s: --%s takes no value", command, found->name);
    for (const struct option *o = options; o->name && count < OPTIONS_MAX; o++)
        names[count++] = o->name;
    char name[OPTION_LENGTH_MAX];
    snprintf(name, sizeof name, "%.*s", (int)length, word + 2);
    const char *near = matches ? found->name : nearest_name(name, names, count);
    if (near)
        return error_set(err, ERR_INPUT, "kmill %s has no option '--%s'; did you mean '--%s'?", command, name,
                         near);
    return error_set(err, ERR_INPUT, "kmill %s has no option '--%s'; kmill %s --help lists them", command,
                     name, command);
}
