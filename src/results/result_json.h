/* The document's result object of one run as JSON: camelCase fields, trades and equityCurve included, doubles
 * in their shortest round-trip form. Used by `kmill backtest --json`, `kmill show --json` and the server. */
#ifndef RESULTS_RESULT_JSON_H
#define RESULTS_RESULT_JSON_H

#include "base/clock.h"
#include "kmill/series.h"
#include "results/run_record.h"
#include <stdio.h>

/* range: the evaluated bars (only open_time, close_time and count are read); first_bar: the number within the
 * whole series of its first bar, which is what trades count by. record->equity: a point for each bar of range
 * for a full equityCurve, fewer (evenly spaced) or NULL for what was kept. A run that is not done has "error"
 * beside its figures, which are null. "trades" and
 * "equityCurve" are null where the run had some and none were kept. A range without candles (count 0) leaves
 * timestamps "" and the curve out. */
void result_json_print(FILE *out, const struct run_record *record, const struct series *range,
                       size_t first_bar);

/* The same with further members (`"name": value, ...`, no comma at either end; NULL: none) in front. */
void result_json_print_more(FILE *out, const struct run_record *record, const struct series *range,
                            size_t first_bar, const char *more);

/* The same appended to text: an answer of the server. */
void result_json_add(struct text *text, const struct run_record *record, const struct series *range,
                     size_t first_bar, const char *more);

/* The timestamp of a trade as the strategy gave it: the record's own text, or made in iso. */
const char *result_json_timestamp(char iso[CLOCK_TEXT_MAX], const struct trade *trade,
                                  const struct run_record *record, const struct series *range,
                                  size_t first_bar);

#endif
