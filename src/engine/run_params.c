/* Parameters of runs from their numbers; see run_params.h. */
#include "engine/run_params.h"
#include "base/problems.h"
#include "sweep/space.h"

#include <stdlib.h>
#include <string.h>

bool run_params_get(void *context, uint64_t run, struct value *values) {
    const struct run_params *self = context;
    size_t series;
    if (!space_run(self->spec, run, self->values, &series)) return false;
    for (size_t i = 0; i < self->spec->param_count; i++)
        values[i] = self->values[i].value;
    return true;
}

status run_params_of_journal(struct sweep_spec **spec, struct parameter_value **values,
                             const struct provenance *provenance, struct error *err) {
    struct problems problems = {0};
    *values = NULL;
    status rc =
        spec_parse(spec, provenance->yaml, strlen(provenance->yaml), provenance->yaml_path, &problems);
    if (rc != OK)
        rc = error_set(err, ERR_CORRUPT, "the sweep file in the journal cannot be read: %s",
                       problems.count ? problems.items[0].message : "unknown");
    problems_clear(&problems);
    if (rc == OK && (*spec)->param_count != provenance->param_count)
        rc = error_set(err, ERR_CORRUPT, "the sweep file in the journal has other parameters than its runs");
    if (rc == OK && !(*values = calloc(provenance->param_count + 1, sizeof **values)))
        rc = error_set(err, ERR_MEMORY, "out of memory");
    return rc;
}
