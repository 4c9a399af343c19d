/* The market is a random walk of 24 steps a candle whose drift and volatility follow a regime: calm, rising,
 * falling, stormy. Regimes last for about two days, so that trend and mean-reversion strategies both meet
 * weather they like.
 *
 * Deterministic on every machine: integers and the IEEE basic operations (+ - * / sqrt) only, no libm
 * function whose last bit differs from CPU to CPU. The bell curve is a sum of twelve uniform numbers instead
 * of logarithm and cosine. */
#include "kline/synth.h"

#include "base/clock.h"

#include <math.h>
#include <string.h>

enum { STEPS = 24, MAX_BARS = 100000000 };

/* Drift per day in units of the daily volatility; factor on the volatility; odds of being the next regime in
 * 100. */
static const struct regime {
    double drift, volatility;
    unsigned odds;
} regimes[] = {{0.0, 0.6, 40}, {0.45, 0.9, 25}, {-0.4, 1.0, 20}, {-0.1, 2.0, 15}};

struct market {
    uint64_t random;
    const struct regime *regime;
    int64_t regime_end; /* ms */
    double price, anchor;
    double volatility; /* of a day */
    double tick;       /* units a quote: 100 or 1e8 */
    double step_days;  /* length of a step */
    double step_root;  /* its square root */
};

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next_random(struct market *m) {
    uint64_t z = m->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* [0, 1), exact. */
static double uniform(struct market *m) {
    return (double)(next_random(m) >> 11) * 0x1p-53;
}

/* Mean 0, variance 1: twelve 16-bit uniforms (Irwin-Hall), summed as integers. */
static double bell(struct market *m) {
    int64_t sum = 0;
    for (int i = 0; i < 3; i++) {
        uint64_t bits = next_random(m);
        for (int shift = 0; shift < 64; shift += 16)
            sum += (int64_t)(bits >> shift & 0xffff);
    }
    return ((double)sum + 6.0) * 0x1p-16 - 6.0;
}

/* To a whole number of ticks, at least one. */
static double to_tick(const struct market *m, double price) {
    double ticks = floor(price * m->tick + 0.5);
    return (ticks < 1.0 ? 1.0 : ticks) / m->tick;
}

static double to_decimals(double value, double scale) {
    return floor(value * scale + 0.5) / scale;
}

static void change_regime(struct market *m, int64_t now) {
    unsigned pick = (unsigned)(next_random(m) % 100);
    const struct regime *r = regimes;
    while (pick >= r->odds)
        pick -= (r++)->odds;
    m->regime = r;
    m->regime_end = now + MS_PER_DAY / 2 + (int64_t)(uniform(m) * 3.0 * (double)MS_PER_DAY);
}

/* The return of one step. A weak pull towards the anchor, bounded at 30 % a day, keeps the price of any
 * length of series within sight of it; a step never loses more than half. */
static double step_return(struct market *m) {
    double pull = (1.0 - m->price / m->anchor) * 0.01;
    if (pull < -0.3) pull = -0.3;
    double day = m->volatility;
    double move =
        (m->regime->drift * day + pull) * m->step_days + day * m->regime->volatility * bell(m) * m->step_root;
    return move < -0.5 ? -0.5 : move;
}

/* Open, high, low, close of the next candle from the walk. */
static void walk(struct market *m, struct kline_row *row) {
    row->open = row->high = row->low = to_tick(m, m->price);
    for (int i = 0; i < STEPS; i++) {
        m->price = m->price * (1.0 + step_return(m));
        if (m->price < m->anchor * 0.01) m->price = m->anchor * 0.01;
        double price = to_tick(m, m->price);
        if (price > row->high) row->high = price;
        if (price < row->low) row->low = price;
        row->close = price;
    }
    m->price = row->close;
}

/* More is traded in candles that move more. A day turns over about 50 million quote. */
static void trade(struct market *m, struct kline_row *row) {
    double days = m->step_days * STEPS;
    double range = (row->high - row->low) / row->open / (m->volatility * m->step_root * sqrt((double)STEPS));
    double turnover = 5e7 * days * (0.3 + 0.5 * uniform(m)) * (0.4 + range);
    double share = 0.35 + 0.3 * uniform(m);
    double average = (row->open + row->high + row->low + row->close) / 4.0;
    row->volume = to_decimals(turnover / average, 1e5);
    row->quote_volume = to_decimals(row->volume * average, 1e5);
    row->taker_buy_base = to_decimals(row->volume * share, 1e5);
    row->taker_buy_quote = to_decimals(row->quote_volume * share, 1e5);
    row->trades_count = 1 + (int64_t)(turnover / (800.0 + 400.0 * uniform(m)));
}

static status validate(const struct synth_options *options, struct error *err) {
    if (options->bars < 1 || options->bars > MAX_BARS)
        return error_set(err, ERR_INPUT, "synth: between 1 and %d bars can be made, not %zu", MAX_BARS,
                         options->bars);
    if (!(options->start_price >= 0.0001 && options->start_price <= 1e9))
        return error_set(err, ERR_INPUT, "synth: the first price must lie between 0.0001 and 1e9");
    if (!(options->daily_volatility >= 0.0001 && options->daily_volatility <= 0.5))
        return error_set(err, ERR_INPUT,
                         "synth: the daily volatility must lie between 0.0001 and 0.5 (0.03 is 3 %%)");
    return OK;
}

static struct market open_market(const struct synth_options *options) {
    struct market m = {.random = options->seed,
                       .price = options->start_price,
                       .anchor = options->start_price,
                       .volatility = options->daily_volatility,
                       .tick = options->start_price >= 1.0 ? 100.0 : 1e8,
                       .step_days = (double)interval_ms(options->interval) / (double)MS_PER_DAY / STEPS};
    m.step_root = sqrt(m.step_days);
    return m;
}

status synth_series(struct kline_columns *out, const struct synth_options *given, struct error *err) {
    struct synth_options options = *given;
    if (options.start_price == 0.0) options.start_price = 30000.0;
    if (options.daily_volatility == 0.0) options.daily_volatility = 0.03;
    status rc = validate(&options, err);
    if (rc != OK) return rc;
    struct market market = open_market(&options);
    out->view.interval = options.interval;
    memcpy(out->view.symbol, options.symbol, sizeof options.symbol);
    rc = kline_columns_reserve(out, options.bars, err);
    int64_t open_time = interval_floor(options.interval, options.start_ms);
    for (size_t i = 0; rc == OK && i < options.bars; i++) {
        struct kline_row row = {.open_time = open_time};
        open_time = interval_next(options.interval, open_time);
        row.close_time = open_time - 1;
        if (row.open_time >= market.regime_end || i == 0) change_regime(&market, row.open_time);
        walk(&market, &row);
        trade(&market, &row);
        rc = kline_columns_add(out, &row, err);
    }
    return rc;
}
