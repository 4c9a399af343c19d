/* Kline intervals: 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1mo. */
#ifndef KMILL_INTERVAL_H
#define KMILL_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum interval {
    INTERVAL_1M,
    INTERVAL_3M,
    INTERVAL_5M,
    INTERVAL_15M,
    INTERVAL_30M,
    INTERVAL_1H,
    INTERVAL_2H,
    INTERVAL_4H,
    INTERVAL_6H,
    INTERVAL_8H,
    INTERVAL_12H,
    INTERVAL_1D,
    INTERVAL_3D,
    INTERVAL_1W,
    INTERVAL_1MO,
    INTERVAL_COUNT
};
/* For messages and help. */
#define INTERVAL_NAMES "1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1mo"

/* "1m" .. "1w", "1mo". The month is 1mo in file and table names because 1M and 1m collide where case does not
 * count. */
const char *interval_name(enum interval interval);
/* Accepts the names above and "1M" for the month. */
bool interval_parse(enum interval *out, const char *name);
/* Nominal length in ms; the month counts as 30 days here and is exact in the functions below. */
int64_t interval_ms(enum interval interval);
/* Candles in a year of 365 days (annualisation): 365 days / interval; the month: 12. */
double interval_per_year(enum interval interval);
/* open_time of the candle that holds ms. Weeks open on Monday 00:00 UTC; 3d candles count from 1970-01-01
 * (day 0). */
int64_t interval_floor(enum interval interval, int64_t ms);
/* open_time of the candle after the one that opens at open_ms. */
int64_t interval_next(enum interval interval, int64_t open_ms);
/* How many candles later the one that holds to_ms opens than the one that holds from_ms (negative if
 * earlier). */
int64_t interval_steps(enum interval interval, int64_t from_ms, int64_t to_ms);

#endif
