/* Opening what is to be looked at: a result file, or the journal of a sweep that is not finished. */
#ifndef ENGINE_OPEN_RESULT_H
#define ENGINE_OPEN_RESULT_H

#include "kmill/result.h"

/* Where there is no result file but its journal, a temporary result is made of it (result_complete is false),
 * with the trades of the `trade_count` sorted runs only (trade_runs NULL: of all). */
status sweep_open_result(struct result **out, const char *path, const uint64_t *trade_runs,
                         size_t trade_count, struct error *err);
/* The journal beside path, also where there is a result file, which it is about to replace. */
status sweep_open_journal(struct result **out, const char *path, const uint64_t *trade_runs,
                          size_t trade_count, struct error *err);

#endif
