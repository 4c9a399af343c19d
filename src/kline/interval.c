/* Kline intervals and their grid in UTC.
 *
 * Everything below a month is a fixed length on a grid with an origin: day 0 for most, the first Monday for
 * weeks. The month alone needs the calendar, so each function has one branch for it. */
#include "kmill/interval.h"

#include "base/clock.h"

#include <string.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static const struct {
    const char *name;
    int64_t ms;
} table[INTERVAL_COUNT] = {
    [INTERVAL_1M] = {"1m", MINUTE},
    [INTERVAL_3M] = {"3m", 3 * MINUTE},
    [INTERVAL_5M] = {"5m", 5 * MINUTE},
    [INTERVAL_15M] = {"15m", 15 * MINUTE},
    [INTERVAL_30M] = {"30m", 30 * MINUTE},
    [INTERVAL_1H] = {"1h", HOUR},
    [INTERVAL_2H] = {"2h", 2 * HOUR},
    [INTERVAL_4H] = {"4h", 4 * HOUR},
    [INTERVAL_6H] = {"6h", 6 * HOUR},
    [INTERVAL_8H] = {"8h", 8 * HOUR},
    [INTERVAL_12H] = {"12h", 12 * HOUR},
    [INTERVAL_1D] = {"1d", MS_PER_DAY},
    [INTERVAL_3D] = {"3d", 3 * MS_PER_DAY},
    [INTERVAL_1W] = {"1w", 7 * MS_PER_DAY},
    [INTERVAL_1MO] = {"1mo", 30 * MS_PER_DAY},
};

const char *interval_name(enum interval interval) {
    return table[interval].name;
}

bool interval_parse(enum interval *out, const char *name) {
    if (strcmp(name, "1M") == 0) name = "1mo";
    for (int i = 0; i < INTERVAL_COUNT; i++) {
        if (strcmp(name, table[i].name) == 0) {
            *out = (enum interval)i;
            return true;
        }
    }
    return false;
}

int64_t interval_ms(enum interval interval) {
    return table[interval].ms;
}

double interval_per_year(enum interval interval) {
    if (interval == INTERVAL_1MO) return 12.0;
    return (double)(365 * MS_PER_DAY) / (double)table[interval].ms;
}

/* 1970-01-01 was a Thursday: the first Monday is day 4. */
static int64_t grid_origin(enum interval interval) {
    return interval == INTERVAL_1W ? 4 * MS_PER_DAY : 0;
}

static int64_t floor_divide(int64_t a, int64_t b) {
    int64_t quotient = a / b;
    return quotient - (a % b < 0);
}

/* Months since year 0. */
static int64_t month_number(int64_t ms) {
    int year, month, day;
    clock_civil_from_day(clock_utc_day(ms), &year, &month, &day);
    return (int64_t)year * 12 + (month - 1);
}

static int64_t month_start(int64_t number) {
    int64_t year = floor_divide(number, 12);
    return clock_day_from_civil((int)year, (int)(number - year * 12) + 1, 1) * MS_PER_DAY;
}

/* Which cell of the interval's grid holds ms. */
static int64_t grid_cell(enum interval interval, int64_t ms) {
    if (interval == INTERVAL_1MO) return month_number(ms);
    return floor_divide(ms - grid_origin(interval), table[interval].ms);
}

static int64_t cell_start(enum interval interval, int64_t cell) {
    if (interval == INTERVAL_1MO) return month_start(cell);
    return cell * table[interval].ms + grid_origin(interval);
}

int64_t interval_floor(enum interval interval, int64_t ms) {
    return cell_start(interval, grid_cell(interval, ms));
}

int64_t interval_next(enum interval interval, int64_t open_ms) {
    if (interval != INTERVAL_1MO) return open_ms + table[interval].ms;
    return month_start(month_number(open_ms) + 1);
}

int64_t interval_steps(enum interval interval, int64_t from_ms, int64_t to_ms) {
    return grid_cell(interval, to_ms) - grid_cell(interval, from_ms);
}
