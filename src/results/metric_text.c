/* Figures for people and for programs. */
#include "results/metric_text.h"
#include "base/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool metric_is_time(enum metric metric) {
    return metric == METRIC_START || metric == METRIC_END;
}

void metric_text_add_grouped(struct text *out, double value, int decimals) {
    char digits[400];
    int length = snprintf(digits, sizeof digits, "%.*f", decimals, value);
    if (length < 0 || (size_t)length >= sizeof digits) return;
    const char *point = strchr(digits, '.');
    int whole = point ? (int)(point - digits) : length;
    for (int i = 0; i < whole; i++) {
        bool is_digit = digits[i] != '-';
        if (is_digit && i > 0 && digits[i - 1] != '-' && (whole - i) % 3 == 0) text_add_char(out, ',');
        text_add_char(out, digits[i]);
    }
    text_add_string(out, digits + whole);
}

void metric_text_add_duration(struct text *out, double ms) {
    static const struct {
        const char *name;
        double ms;
    } units[] = {{"d", 86400e3}, {"h", 3600e3}, {"m", 60e3}, {"s", 1e3}};
    double left = ms;
    int shown = 0;
    for (size_t u = 0; u < sizeof units / sizeof *units && shown < 2; u++) {
        double count = floor(left / units[u].ms);
        if (count == 0 && shown == 0) continue;
        if (count > 0) text_printf(out, "%s%.0f%s", shown ? " " : "", count, units[u].name);
        left -= count * units[u].ms;
        shown++;
    }
    if (shown == 0) text_printf(out, "%.0f ms", left);
}

void metric_text_add_time(struct text *out, int64_t ms) {
    char iso[CLOCK_TEXT_MAX];
    clock_format_iso(iso, ms);
    iso[10] = ' ';
    text_add(out, iso, ms % 60000 == 0 ? 16 : 19);
}

void metric_text_add(struct text *out, enum metric metric, double value) {
    const char *unit = metric_info(metric)->unit;
    if (isnan(value))
        text_add_char(out, '-');
    else if (metric_is_time(metric))
        metric_text_add_time(out, (int64_t)value);
    else if (strcmp(unit, "ratio") == 0)
        text_printf(out, "%.2f %%", 100 * value);
    else if (strcmp(unit, "ms") == 0)
        metric_text_add_duration(out, value);
    else if (strcmp(unit, "quote") == 0)
        metric_text_add_grouped(out, value, 2);
    else if (strcmp(unit, "base") == 0)
        text_printf(out, "%.8g", value);
    else if (strcmp(unit, "number") == 0)
        metric_text_add_grouped(out, value, 3);
    else
        metric_text_add_grouped(out, value, 0);
}

void metric_text_add_json(struct text *out, enum metric metric, double value) {
    const char *unit = metric_info(metric)->unit;
    char iso[CLOCK_TEXT_MAX];
    if (isnan(value)) {
        text_add_string(out, "null");
    } else if (metric_is_time(metric)) {
        clock_format_iso(iso, (int64_t)value);
        text_printf(out, "\"%s\"", iso);
    } else if (strcmp(unit, "count") == 0 || strcmp(unit, "bars") == 0) {
        text_printf(out, "%.0f", value);
    } else {
        text_add_json_double(out, value);
    }
}
