/* The strategies that came with kmill: what GET /strategies lists and what a posted sweep file may name. */
#ifndef SERVER_WORK_EXAMPLE_STRATEGIES_H
#define SERVER_WORK_EXAMPLE_STRATEGIES_H

#include "kmill/error.h"

struct example_list {
    char **files; /* file names, sorted */
    size_t count;
};
/* folder NULL: none. */
void examples_list(struct example_list *out, const char *folder);
void examples_clear(struct example_list *list);
/* Source of an example by its file name; free it. ERR_NOT_FOUND lists what there is. */
status example_read(char **source, const char *folder, const char *file, struct error *err);

#endif
