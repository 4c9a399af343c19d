/* What getopt_long did not take, said in one line with the nearest option. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include "kmill/error.h"

#include <getopt.h>

/* After getopt_long (with opterr = 0) answered '?': ERR_INPUT. command: "run", "import csv". options ends
 * with a nameless one. */
status option_mistake(struct error *err, const char *command, char **argv, const struct option *options);

#endif
