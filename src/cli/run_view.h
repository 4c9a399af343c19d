/* One run for people: figures by group, what it says about itself, trades, the curve as a line of blocks. */
#ifndef CLI_RUN_VIEW_H
#define CLI_RUN_VIEW_H

#include "kmill/series.h"
#include "results/run_record.h"

#include <stdio.h>

/* series: the whole series that trade.bar counts in. Ten trades at either end are shown. */
void run_view_print(FILE *out, const struct run_record *record, const struct series *series);
/* series: only its candles from number `begin` on (NULL: none, bars are shown by number); at most `ends`
 * trades at either end. */
void run_view_print_range(FILE *out, const struct run_record *record, const struct series *series,
                          size_t begin, size_t ends);

#endif
