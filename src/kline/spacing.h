/* Whether candles can be of the interval they are said to be. */
#ifndef KLINE_SPACING_H
#define KLINE_SPACING_H

#include "kmill/series.h"

/* ERR_INPUT, naming `where`, if most candles are closer to each other than the series' interval, or if ten or
 * more stand so regularly on the grid of a larger one that the interval must be wrong. Strictly increasing
 * open_time assumed. */
status kline_spacing_check(const struct series *series, const char *where, struct error *err);

#endif
