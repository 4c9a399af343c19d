/* When and where progress is shown; what it says is made in progress_line.c.
 *
 * Rates are those of the last half minute (one sample a second), so that a slow start or a pause does not
 * spoil the time left. */
#include "sweep/progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SAMPLES = 32, COLUMNS_DEFAULT = 80 };
#define NS_PER_SECOND INT64_C(1000000000)

struct sample {
    int64_t at_ns;
    uint64_t runs, bars; /* of this process */
};

struct progress {
    FILE *stream;
    enum progress_mode mode;
    const struct sweep_spec *spec;
    uint64_t total;
    bool exact;
    int64_t start_ns, drawn_ns;
    struct sample samples[SAMPLES]; /* a ring; the newest at sample_count - 1 */
    size_t sample_count;
    struct ranked_run best;
    bool has_best, is_line_shown;
    uint64_t failures;
};

/* ---- output ---- */

static void write_line(struct progress *progress, const char *line) {
    if (progress->mode == PROGRESS_NONE) return;
    const char *clear = progress->is_line_shown ? "\r\x1b[K" : "";
    fprintf(progress->stream, "%s%s\n", clear, line);
    fflush(progress->stream);
    progress->is_line_shown = false;
}

static size_t terminal_columns(FILE *stream) {
    struct winsize size;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return COLUMNS_DEFAULT;
}

static bool is_terminal(FILE *stream) {
    const char *term = getenv("TERM");
    return isatty(fileno(stream)) && term && *term && strcmp(term, "dumb") != 0;
}

/* What comes from a strategy may hold anything: nothing of it reaches the terminal as a control sequence. */
static void add_one_line(struct text *out, const char *text) {
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        bool is_control = *p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0);
        text_add_char(out, is_control ? ' ' : (char)*p);
        if (*p == 0xc2 && is_control) p++;
    }
}

/* ---- state ---- */

/* Before the first second is over everything so far counts. */
static void take_sample(struct progress *progress, const struct progress_counts *counts, int64_t now_ns) {
    struct sample sample = {now_ns, counts->done - counts->resumed, counts->bars};
    const struct sample *newest = &progress->samples[(progress->sample_count - 1) % SAMPLES];
    if (now_ns - newest->at_ns < NS_PER_SECOND) return;
    progress->samples[progress->sample_count++ % SAMPLES] = sample;
}

static struct progress_view view_of(const struct progress *progress, const struct progress_counts *counts,
                                    int64_t now_ns, bool is_average) {
    size_t oldest = progress->sample_count > SAMPLES && !is_average ? progress->sample_count - SAMPLES : 0;
    struct sample from = progress->samples[oldest % SAMPLES];
    if (is_average) from = (struct sample){.at_ns = progress->start_ns};
    double seconds = (double)(now_ns - from.at_ns) / (double)NS_PER_SECOND;
    struct progress_view view = {.spec = progress->spec,
                                 .counts = *counts,
                                 .total = progress->total,
                                 .exact = progress->exact,
                                 .elapsed_seconds =
                                     (double)(now_ns - progress->start_ns) / (double)NS_PER_SECOND,
                                 .best = progress->has_best ? &progress->best : NULL};
    if (seconds > 0.0) {
        view.runs_per_second = (double)(counts->done - counts->resumed - from.runs) / seconds;
        view.bars_per_second = (double)(counts->bars - from.bars) / seconds;
    }
    return view;
}

/* True if it is another one than before. */
static bool take_best(struct progress *progress, const struct ranked_run *best) {
    if (!best || (progress->has_best && progress->best.run == best->run)) return false;
    progress->best = *best;
    progress->has_best = true;
    return true;
}

static int64_t pause_of(enum progress_mode mode) {
    return mode == PROGRESS_TERMINAL ? NS_PER_SECOND / 10
           : mode == PROGRESS_JSON   ? NS_PER_SECOND / 2
                                     : 5 * NS_PER_SECOND;
}

/* ---- events ---- */

static void say_start(struct progress *progress) {
    struct text line = {0};
    const struct sweep_spec *spec = progress->spec;
    if (progress->mode == PROGRESS_JSON) {
        text_add_string(&line, "{\"event\":\"start\",\"name\":");
        text_add_json_string(&line, spec->name, strlen(spec->name));
        text_printf(&line, ",\"method\":\"%s\",\"series\":%zu,\"total\":%" PRIu64 ",\"exact\":%s}",
                    spec->method == METHOD_GRID ? "grid" : "random", spec->series_count, progress->total,
                    progress->exact ? "true" : "false");
    } else {
        text_printf(&line, "%s: %s%" PRIu64 " runs on %zu series", spec->name,
                    progress->exact ? "" : "about ", progress->total, spec->series_count);
    }
    write_line(progress, line.data);
    text_clear(&line);
}

status progress_open(struct progress **out, FILE *stream, enum progress_mode mode,
                     const struct sweep_spec *spec, uint64_t total, bool exact, int64_t now_ns,
                     struct error *err) {
    struct progress *self = calloc(1, sizeof *self);
    *out = self;
    if (!self) return error_set(err, ERR_MEMORY, "out of memory for the progress display");
    if (mode == PROGRESS_AUTO) mode = is_terminal(stream) ? PROGRESS_TERMINAL : PROGRESS_PLAIN;
    self->stream = stream;
    self->mode = mode;
    self->spec = spec;
    self->total = total;
    self->exact = exact;
    self->start_ns = self->drawn_ns = now_ns;
    self->samples[self->sample_count++] = (struct sample){.at_ns = now_ns};
    say_start(self);
    return OK;
}

enum progress_mode progress_mode_of(const struct progress *progress) {
    return progress->mode;
}

void progress_set_total(struct progress *progress, uint64_t total, bool exact) {
    progress->total = total;
    progress->exact = exact;
}

static void draw_terminal(struct progress *progress, const struct progress_view *view) {
    struct text line = {0};
    progress_terminal_line(&line, view, terminal_columns(progress->stream) - 1);
    fprintf(progress->stream, "\r%s\x1b[K", line.data);
    fflush(progress->stream);
    progress->is_line_shown = true;
    text_clear(&line);
}

static void draw(struct progress *progress, const struct progress_view *view, const char *event) {
    struct text line = {0};
    if (progress->mode == PROGRESS_TERMINAL) {
        draw_terminal(progress, view);
        return;
    }
    if (progress->mode == PROGRESS_JSON)
        progress_json_line(&line, event, view);
    else
        progress_plain_line(&line, view);
    write_line(progress, line.data);
    text_clear(&line);
}

void progress_update(struct progress *progress, const struct progress_counts *counts,
                     const struct ranked_run *best, int64_t now_ns) {
    bool is_new_best = take_best(progress, best);
    if (progress->mode == PROGRESS_NONE) return;
    take_sample(progress, counts, now_ns);
    bool is_due = now_ns - progress->drawn_ns >= pause_of(progress->mode);
    bool is_event = is_new_best && progress->mode == PROGRESS_JSON;
    if (!is_due && !is_event) return;
    struct progress_view view = view_of(progress, counts, now_ns, false);
    if (is_event) draw(progress, &view, "best");
    if (!is_due) return;
    progress->drawn_ns = now_ns;
    draw(progress, &view, "progress");
}

void progress_failed(struct progress *progress, uint64_t run, const char *reason, const char *message,
                     int64_t now_ns) {
    struct text line = {0};
    progress->failures++;
    if (progress->mode == PROGRESS_JSON) {
        text_printf(&line, "{\"event\":\"failed\",\"run\":%" PRIu64 ",\"reason\":", run);
        text_add_json_string(&line, reason, strlen(reason));
        text_add_string(&line, ",\"message\":");
        text_add_json_string(&line, message, strlen(message));
        text_printf(&line, ",\"elapsed_seconds\":");
        text_add_json_double(&line, (double)(now_ns - progress->start_ns) / (double)NS_PER_SECOND);
        text_add_char(&line, '}');
    } else if (progress->failures <= PROGRESS_FAILURES_SHOWN) {
        text_printf(&line, "run %" PRIu64 " %s: ", run, reason);
        add_one_line(&line, message);
        if (progress->failures == PROGRESS_FAILURES_SHOWN)
            text_add_string(&line, " (further failures are only counted here; the result keeps all)");
    }
    if (line.data) write_line(progress, line.data);
    text_clear(&line);
}

void progress_note(struct progress *progress, const char *format, ...) {
    char *message = NULL;
    struct text line = {0};
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&message, format, arguments);
    va_end(arguments);
    if (length < 0) abort(); /* out of memory, as text does */
    if (progress->mode == PROGRESS_JSON) {
        text_add_string(&line, "{\"event\":\"note\",\"message\":");
        text_add_json_string(&line, message, (size_t)length);
        text_add_char(&line, '}');
    } else {
        add_one_line(&line, message);
    }
    write_line(progress, line.data ? line.data : "");
    text_clear(&line);
    free(message);
}

/* ---- the end ---- */

static const char *const outcomes[] = {"done", "interrupted", "stopped"};

static void finish_in_json(struct progress *progress, const struct progress_view *view, const char *outcome,
                           const char *hint) {
    struct text line = {0};
    progress_json_line(&line, outcome, view);
    if (hint) {
        line.data[--line.length] = '\0'; /* its closing brace */
        text_add_string(&line, ",\"hint\":");
        text_add_json_string(&line, hint, strlen(hint));
        text_add_char(&line, '}');
    }
    write_line(progress, line.data);
    text_clear(&line);
}

static void finish_in_words(struct progress *progress, struct progress_view *view, const char *outcome,
                            const char *hint) {
    struct text line = {0};
    text_printf(&line, "%s after ", outcome);
    progress_add_duration(&line, view->elapsed_seconds);
    text_add_string(&line, ": ");
    progress_plain_line(&line, view);
    write_line(progress, line.data);
    if (hint) write_line(progress, hint);
    text_clear(&line);
}

void progress_finish(struct progress *progress, enum progress_outcome outcome,
                     const struct progress_counts *counts, const struct ranked_run *best, const char *hint,
                     int64_t now_ns) {
    take_best(progress, best);
    struct progress_view view = view_of(progress, counts, now_ns, true);
    if (progress->mode == PROGRESS_JSON)
        finish_in_json(progress, &view, outcomes[outcome], hint);
    else
        finish_in_words(progress, &view, outcomes[outcome], hint);
}

void progress_close(struct progress *progress) {
    if (!progress) return;
    if (progress->is_line_shown) {
        fputc('\n', progress->stream);
        fflush(progress->stream);
    }
    free(progress);
}
