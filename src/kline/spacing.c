/* A wrong interval is the mistake a file name or an option makes easily, and every later figure would be
 * wrong with it. Holes are normal, so only what cannot be an accident is refused. */
#include "kline/spacing.h"

static status refuse(const struct series *series, enum interval actual, const char *where,
                     struct error *err) {
    return error_set(err, ERR_INPUT, "%s: the candles are %s apart, not %s; pass the right --interval", where,
                     interval_name(actual), interval_name(series->interval));
}

/* The largest interval not longer than ms. */
static enum interval interval_of(int64_t ms) {
    int found = INTERVAL_1M;
    for (int i = 0; i < INTERVAL_COUNT; i++)
        if (interval_ms((enum interval)i) <= ms) found = i;
    return (enum interval)found;
}

/* The largest interval on whose grid all candles open. */
static enum interval coarsest_grid(const struct series *series) {
    for (int i = INTERVAL_COUNT - 1; i > (int)series->interval; i--) {
        size_t on_grid = 0;
        while (on_grid < series->count &&
               interval_floor((enum interval)i, series->open_time[on_grid]) == series->open_time[on_grid])
            on_grid++;
        if (on_grid == series->count) return (enum interval)i;
    }
    return series->interval;
}

status kline_spacing_check(const struct series *series, const char *where, struct error *err) {
    size_t closer = 0, adjacent = 0;
    for (size_t i = 1; i < series->count; i++) {
        int64_t steps = interval_steps(series->interval, series->open_time[i - 1], series->open_time[i]);
        closer += steps == 0;
        adjacent += steps == 1;
    }
    if (closer * 2 >= series->count && series->count > 1)
        return refuse(series, interval_of(series->open_time[1] - series->open_time[0]), where, err);
    if (series->count < 10 || adjacent > 0) return OK;
    enum interval actual = coarsest_grid(series);
    return actual == series->interval ? OK : refuse(series, actual, where, err);
}
