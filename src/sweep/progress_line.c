/* The lines of progress as text: pure functions of counts, rates and the best run. */
#include "sweep/progress.h"

#include "sweep/space.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BAR_CELLS = 24 };

/* ---- numbers for people ---- */

/* 1,234,567 */
static void add_count(struct text *out, uint64_t n) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0) text_add_char(out, ',');
        text_add_char(out, digits[i]);
    }
}

void progress_add_duration(struct text *out, double seconds) {
    static const double most = 1e9; /* three decades: what follows fits its integers */
    uint64_t s = (uint64_t)(seconds < 0 ? 0 : seconds < most ? seconds + 0.5 : most);
    if (s < 60)
        text_printf(out, "%" PRIu64 " s", s);
    else if (s < 3600)
        text_printf(out, "%" PRIu64 " min %02" PRIu64 " s", s / 60, s % 60);
    else if (s < 86400)
        text_printf(out, "%" PRIu64 " h %02" PRIu64 " min", s / 3600, s / 60 % 60);
    else
        text_printf(out, "%" PRIu64 " d %02" PRIu64 " h", s / 86400, s / 3600 % 24);
}

void progress_add_rate(struct text *out, double rate) {
    static const char suffixes[] = " kMGT";
    size_t i = 0;
    for (; rate >= 999.5 && suffixes[i + 1]; i++)
        rate /= 1000.0;
    text_printf(out, rate >= 99.95 ? "%.0f" : rate >= 9.995 ? "%.1f" : "%.2f", rate);
    if (i) text_printf(out, " %c", suffixes[i]);
}

double progress_seconds_left(const struct progress_view *view) {
    if (!(view->runs_per_second > 0.0)) return -1.0;
    if (view->counts.done >= view->total) return 0.0;
    return (double)(view->total - view->counts.done) / view->runs_per_second;
}

static double share_done(const struct progress_view *view) {
    if (view->total == 0) return 1.0;
    double share = (double)view->counts.done / (double)view->total;
    return share < 1.0 ? share : 1.0;
}

/* 45 %; 100 only when all is done. */
static int percent_done(const struct progress_view *view) {
    return (int)(share_done(view) * 100.0);
}

/* ---- parts ---- */

static void add_runs(struct text *out, const struct progress_view *view) {
    add_count(out, view->counts.done);
    text_add_string(out, view->exact ? "/" : "/~");
    add_count(out, view->total);
}

/* "fast=5 slow=20 on BTCUSDT 1h" */
static void add_run_identity(struct text *out, const struct sweep_spec *spec, uint64_t run) {
    struct parameter_value *params = calloc(spec->param_count + 1, sizeof *params);
    size_t series;
    if (!params) abort(); /* as text does */
    if (space_run(spec, run, params, &series)) {
        for (size_t i = 0; i < spec->param_count; i++) {
            text_printf(out, "%s=", params[i].name);
            text_add_value(out, params[i].value);
            text_add_char(out, ' ');
        }
        text_printf(out, "on %s %s", spec->series[series].symbol,
                    interval_name(spec->series[series].interval));
    }
    free(params);
}

static void add_best(struct text *out, const struct progress_view *view) {
    text_printf(out, "best %s ", metric_info(view->spec->rank_metric)->name);
    if (isnan(view->best->value))
        text_add_string(out, "undefined");
    else
        text_printf(out, "%.6g", view->best->value);
}

/* ---- the terminal's line ---- */

static size_t columns_of(const char *text) {
    size_t columns = 0;
    for (; *text; text++)
        columns += ((unsigned char)*text & 0xC0) != 0x80;
    return columns;
}

/* Appends a part with two spaces before it if it fits. Once one does not, none does. */
static void add_part(struct text *out, struct text *part, size_t width, bool *is_full) {
    size_t gap = out->length ? 2 : 0;
    size_t columns = columns_of(out->data ? out->data : "") + gap + columns_of(part->data);
    *is_full |= width && columns > width;
    if (!*is_full) text_printf(out, "%*s%s", (int)gap, "", part->data);
    text_clear(part);
}

static void add_bar(struct text *out, const struct progress_view *view) {
    int filled = (int)(share_done(view) * BAR_CELLS);
    text_add_char(out, '[');
    for (int i = 0; i < BAR_CELLS; i++)
        text_add_char(out, i < filled ? '#' : '.');
    text_printf(out, "] %3d %%", percent_done(view));
}

void progress_terminal_line(struct text *out, const struct progress_view *view, size_t width) {
    struct text line = {0}, part = {0};
    bool is_full = false;
    double left = progress_seconds_left(view);
    add_bar(&part, view);
    add_part(&line, &part, width, &is_full);
    add_runs(&part, view);
    add_part(&line, &part, width, &is_full);
    if (view->counts.failed) {
        add_count(&part, view->counts.failed);
        text_add_string(&part, " failed");
        add_part(&line, &part, width, &is_full);
    }
    if (left >= 0.0) {
        progress_add_duration(&part, left);
        text_add_string(&part, " left");
        add_part(&line, &part, width, &is_full);
    }
    if (view->runs_per_second > 0.0) {
        progress_add_rate(&part, view->runs_per_second);
        text_add_string(&part, " runs/s");
        add_part(&line, &part, width, &is_full);
        progress_add_rate(&part, view->bars_per_second);
        text_add_string(&part, " bars/s");
        add_part(&line, &part, width, &is_full);
    }
    if (view->best) {
        add_best(&part, view);
        add_part(&line, &part, width, &is_full);
        add_run_identity(&part, view->spec, view->best->run);
        if (part.data) add_part(&line, &part, width, &is_full);
    }
    text_add_string(out, line.data ? line.data : "");
    text_clear(&line);
}

/* ---- plain lines ---- */

void progress_plain_line(struct text *out, const struct progress_view *view) {
    double left = progress_seconds_left(view);
    add_runs(out, view);
    text_printf(out, " runs (%d %%)", percent_done(view));
    if (view->counts.failed) {
        text_add_string(out, ", ");
        add_count(out, view->counts.failed);
        text_add_string(out, " failed");
    }
    if (view->runs_per_second > 0.0) {
        text_add_string(out, ", ");
        progress_add_rate(out, view->runs_per_second);
        text_add_string(out, " runs/s, ");
        progress_add_rate(out, view->bars_per_second);
        text_add_string(out, " bars/s");
    }
    if (left > 0.0) {
        text_add_string(out, ", ");
        progress_add_duration(out, left);
        text_add_string(out, " left");
    }
    if (view->best) {
        text_add_string(out, ", ");
        add_best(out, view);
        text_printf(out, " (run %" PRIu64 ": ", view->best->run);
        add_run_identity(out, view->spec, view->best->run);
        text_add_char(out, ')');
    }
}

/* ---- JSON ---- */

static void add_json_best(struct text *out, const struct progress_view *view) {
    const struct sweep_spec *spec = view->spec;
    struct parameter_value *params = calloc(spec->param_count + 1, sizeof *params);
    size_t series = 0;
    if (!params) abort();
    text_printf(out, "{\"run\":%" PRIu64 ",\"metric\":\"%s\",\"value\":", view->best->run,
                metric_info(spec->rank_metric)->name);
    text_add_json_double(out, view->best->value);
    if (space_run(spec, view->best->run, params, &series)) {
        text_printf(out, ",\"symbol\":\"%s\",\"interval\":\"%s\",\"params\":{", spec->series[series].symbol,
                    interval_name(spec->series[series].interval));
        for (size_t i = 0; i < spec->param_count; i++) {
            if (i) text_add_char(out, ',');
            text_add_json_string(out, params[i].name, strlen(params[i].name));
            text_add_char(out, ':');
            text_add_json_value(out, params[i].value);
        }
        text_add_char(out, '}');
    }
    text_add_char(out, '}');
    free(params);
}

static void add_json_number(struct text *out, const char *name, double value) {
    text_printf(out, ",\"%s\":", name);
    text_add_json_double(out, value < 0.0 ? NAN : value);
}

void progress_json_line(struct text *out, const char *event, const struct progress_view *view) {
    const struct progress_counts *counts = &view->counts;
    text_printf(out, "{\"event\":\"%s\",\"done\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"resumed\":%" PRIu64,
                event, counts->done, counts->failed, counts->resumed);
    text_printf(out, ",\"total\":%" PRIu64 ",\"exact\":%s,\"bars\":%" PRIu64, view->total,
                view->exact ? "true" : "false", counts->bars);
    add_json_number(out, "elapsed_seconds", view->elapsed_seconds);
    add_json_number(out, "runs_per_second", view->runs_per_second);
    add_json_number(out, "bars_per_second", view->bars_per_second);
    add_json_number(out, "seconds_left", progress_seconds_left(view));
    text_add_string(out, ",\"best\":");
    if (view->best)
        add_json_best(out, view);
    else
        text_add_string(out, "null");
    text_add_char(out, '}');
}
