/* Where a sweep's result goes: its path, whether there is room, whether an interrupted one may be gone on
 * with, and the file itself. */
#ifndef ENGINE_SWEEP_OUTPUT_H
#define ENGINE_SWEEP_OUTPUT_H

#include "engine/sweep_setup.h"
#include "kmill/sweep.h"
#include "results/result_writer.h"

struct progress;

/* The result file's path (malloc'd). ERR_EXISTS where it or an unfinished journal is there and the options do
 * not say what to do. */
status sweep_output_choose(char **path, const struct sweep_setup *setup, const struct sweep_options *options,
                           struct error *err);
bool sweep_output_has_journal(const char *path);
/* ERR_INPUT, naming what changed, unless the sweep file, the strategy and the klines are those of the
 * interrupted sweep. */
status sweep_output_same(const struct provenance *before, const struct sweep_setup *setup, struct error *err);
/* ERR_INPUT when what the sweep will keep for certain (metrics and curves, not trades) does not fit the disk.
 */
status sweep_output_room(const char *path, const struct sweep_setup *setup, struct error *err);
/* The result file from the journal, which goes away then. */
status sweep_output_write(const char *path, const struct sweep_setup *setup, struct progress *progress,
                          struct error *err);

#endif
