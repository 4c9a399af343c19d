/* The check that store_write runs over every series: one pass, each finding counted, the first of each kind
 * told.
 *
 * The report is kept in the file as an attribute, so it is bounded: 100 lines a kind, the count tells the
 * rest. */
#include "kline/check.h"

#include "base/clock.h"

#include <math.h>
#include <string.h>

static bool prices_finite(const struct series *s, size_t i) {
    return isfinite(s->open[i]) && isfinite(s->high[i]) && isfinite(s->low[i]) && isfinite(s->close[i]) &&
           isfinite(s->volume[i]);
}

static const char *price_fault(const struct series *s, size_t i) {
    if (!prices_finite(s, i)) return "a price or the volume is not a finite number";
    if (s->high[i] < s->open[i] || s->high[i] < s->close[i]) return "high is below open or close";
    if (s->low[i] > s->open[i] || s->low[i] > s->close[i]) return "low is above open or close";
    if (s->low[i] <= 0.0) return "low is not above zero";
    return NULL;
}

/* Comparisons with NaN (unknown) are false, so unknown values raise no fault. */
static const char *volume_fault(const struct series *s, size_t i) {
    if (s->volume[i] < 0.0 || s->quote_volume[i] < 0.0) return "a volume is negative";
    if (s->taker_buy_base[i] < 0.0 || s->taker_buy_quote[i] < 0.0) return "a taker volume is negative";
    if (s->trades_count[i] < -1) return "the number of trades is negative";
    if (s->taker_buy_base[i] > s->volume[i]) return "the takers bought more than was traded";
    if (s->taker_buy_quote[i] > s->quote_volume[i]) return "the takers paid more than was traded";
    return NULL;
}

static const char *time_fault(const struct series *s, size_t i) {
    int64_t open_time = s->open_time[i], close_time = s->close_time[i];
    if (interval_floor(s->interval, open_time) != open_time) return "open_time is off the interval's grid";
    if (close_time <= open_time) return "close_time is not after open_time";
    if (close_time >= interval_next(s->interval, open_time)) return "close_time is beyond the interval";
    return NULL;
}

const char *kline_row_fault(const struct series *series, size_t index) {
    const char *fault = price_fault(series, index);
    if (!fault) fault = volume_fault(series, index);
    if (!fault) fault = time_fault(series, index);
    return fault;
}

/* One kind of finding: its lines go to text until there are enough. */
struct findings {
    struct text lines;
    size_t count;
};

static void add_time(struct text *text, int64_t ms) {
    char iso[CLOCK_TEXT_MAX];
    clock_format_iso(iso, ms);
    text_add_string(text, iso);
}

/* Starts the line of one more finding: false if there are enough lines already. */
static bool begin_finding(struct findings *kind, const char *label, int64_t ms) {
    if (kind->count++ >= REPORT_LINES_MAX) return false;
    text_add_string(&kind->lines, label);
    add_time(&kind->lines, ms);
    return true;
}

static void find_gap(struct kline_check *out, struct findings *gaps, const struct series *s, size_t i) {
    int64_t steps = interval_steps(s->interval, s->open_time[i - 1], s->open_time[i]);
    if (steps <= 1) return;
    out->missing_candles += (size_t)(steps - 1);
    int64_t first = interval_next(s->interval, interval_floor(s->interval, s->open_time[i - 1]));
    if (!begin_finding(gaps, "gap: ", first)) return;
    text_printf(&gaps->lines, ": %lld candle%s missing, the next opens at ", (long long)(steps - 1),
                steps == 2 ? "" : "s");
    add_time(&gaps->lines, s->open_time[i]);
    text_add_char(&gaps->lines, '\n');
}

static void find_odd(struct findings *odd, const struct series *s, size_t i) {
    const char *fault = kline_row_fault(s, i);
    if (fault && begin_finding(odd, "odd: ", s->open_time[i])) text_printf(&odd->lines, ": %s\n", fault);
}

static void find_early_close(struct findings *early, const struct series *s, size_t i) {
    int64_t open_time = s->open_time[i], end = interval_next(s->interval, open_time);
    if (s->close_time[i] <= open_time || s->close_time[i] >= end - 1) return;
    if (!begin_finding(early, "note: ", open_time)) return;
    text_add_string(&early->lines, ": closes early, at ");
    add_time(&early->lines, s->close_time[i]);
    text_add_char(&early->lines, '\n');
}

static void add_findings(struct text *report, struct findings *kind, const char *label) {
    if (kind->lines.data) text_add(report, kind->lines.data, kind->lines.length);
    if (kind->count > REPORT_LINES_MAX)
        text_printf(report, "%s: ... and %zu more\n", label, kind->count - REPORT_LINES_MAX);
    text_clear(&kind->lines);
}

void kline_check(struct kline_check *out, const struct series *series, const uint8_t *partial) {
    struct findings gaps = {0}, odd = {0}, early = {0}, cut = {0};
    *out = (struct kline_check){0};
    for (size_t i = 0; i < series->count; i++) {
        if (i > 0) find_gap(out, &gaps, series, i);
        find_odd(&odd, series, i);
        find_early_close(&early, series, i);
        if (series->volume[i] == 0.0) out->zero_volume++;
        if (partial && partial[i] && begin_finding(&cut, "note: ", series->open_time[i]))
            text_add_string(&cut.lines, ": partial, made from fewer candles than it spans\n");
    }
    out->gap_count = gaps.count;
    out->odd_count = odd.count;
    out->early_close = early.count;
    out->partial = cut.count;
    add_findings(&out->report, &gaps, "gap");
    add_findings(&out->report, &odd, "odd");
    add_findings(&out->report, &cut, "note: partial");
    add_findings(&out->report, &early, "note: closes early");
    if (out->zero_volume > 0)
        text_printf(&out->report, "note: %zu candle%s without any trade (volume 0)\n", out->zero_volume,
                    out->zero_volume == 1 ? "" : "s");
}

void kline_check_clear(struct kline_check *check) {
    text_clear(&check->report);
    *check = (struct kline_check){0};
}
