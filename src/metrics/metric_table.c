/* The list of metrics as data: everything here is made from METRIC_LIST of the public header, the one place a
 * metric is described. */
#include "kmill/metrics.h"

#include <string.h>

static const struct metric_info table[METRIC_COUNT] = {
#define X(id, name, unit, better, formula) [METRIC_##id] = {name, unit, formula, better},
    METRIC_LIST(X)
#undef X
};

static const char *const names[METRIC_COUNT] = {
#define X(id, name, unit, better, formula) [METRIC_##id] = name,
    METRIC_LIST(X)
#undef X
};

const struct metric_info *metric_info(enum metric metric) {
    return &table[metric];
}

bool metric_find(enum metric *out, const char *name) {
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            *out = (enum metric)i;
            return true;
        }
    }
    return false;
}

const char *const *metric_names(void) {
    return names;
}
