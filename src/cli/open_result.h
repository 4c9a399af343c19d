/* Opening what `kmill top`, `show` and `export` read: a result file, or the journal of a sweep that is not
 * finished. */
#ifndef CLI_OPEN_RESULT_H
#define CLI_OPEN_RESULT_H

#include "kmill/result.h"
#include "kmill/series.h"

/* Where there is no result file but its journal, a temporary result is made of it, with the trades of the
 * `trade_count` sorted runs only (trade_runs NULL: of all), and a note on stderr says how far the sweep is.
 */
status cli_open_result(struct result **out, const char *path, const uint64_t *trade_runs, size_t trade_count,
                       struct error *err);
/* The evaluated candles of a series of the result as a view; false (and an empty view) where the file has
 * none. *begin: number of the first one. */
bool cli_result_candles(struct result *result, struct series *view, size_t *begin, size_t series);
/* The number of the failed runs. */
uint64_t cli_count_failed(const struct result *result);

#endif
