/* What a sweep says while it runs: one line redrawn on a terminal, plain lines elsewhere, one JSON object a
 * line for programs.
 *
 * The caller counts and gives the time (clock_monotonic_ns), so that every line can be tested; drawing is
 * throttled here (terminal 10 a second, JSON 2 a second, plain one every 5 seconds), so that progress_update
 * may be called after every run. One thread. Output errors are ignored: a sweep does not stop because nobody
 * reads its progress. */
#ifndef SWEEP_PROGRESS_H
#define SWEEP_PROGRESS_H

#include "base/text.h"
#include "kmill/error.h"
#include "sweep/ranking.h"
#include "sweep/spec.h"

#include <stdio.h>

enum progress_mode {
    PROGRESS_AUTO, /* terminal if the stream is one and TERM is not "dumb", else plain */
    PROGRESS_NONE,
    PROGRESS_PLAIN,
    PROGRESS_TERMINAL,
    PROGRESS_JSON
};

/* Where the sweep stands. */
struct progress_counts {
    uint64_t done;    /* runs with a result, failed ones included */
    uint64_t failed;  /* of those: failed, over a limit, crashed */
    uint64_t resumed; /* of done: taken over from an earlier process; they count neither for rates nor for the
                         time left */
    uint64_t bars;    /* bar evaluations of this process (bars of the finished runs, and of those under way if
                         known) */
};

enum progress_outcome {
    PROGRESS_DONE,
    PROGRESS_INTERRUPTED,
    PROGRESS_STOPPED /* by an error the caller reports */
};

struct progress;

/* total: runs of the sweep; exact false: an estimate, written with "~". spec and stream are borrowed until
 * progress_close. Says the start. */
status progress_open(struct progress **out, FILE *stream, enum progress_mode mode,
                     const struct sweep_spec *spec, uint64_t total, bool exact, int64_t now_ns,
                     struct error *err);
/* The mode after PROGRESS_AUTO was decided. */
enum progress_mode progress_mode_of(const struct progress *progress);
/* A better total found meanwhile. */
void progress_set_total(struct progress *progress, uint64_t total, bool exact);
/* best: the best so far (ranking_best), NULL while there is none; its parameters are computed from its index.
 * JSON says a new best at once, the other modes with their next line. */
void progress_update(struct progress *progress, const struct progress_counts *counts,
                     const struct ranked_run *best, int64_t now_ns);
/* A run that failed: `reason` in a word ("failed", "time limit", ...), message one line. JSON says every one,
 * the other modes the first PROGRESS_FAILURES_SHOWN and then only count. */
enum { PROGRESS_FAILURES_SHOWN = 5 };
void progress_failed(struct progress *progress, uint64_t run, const char *reason, const char *message,
                     int64_t now_ns);
/* A line for the user, above the redrawn one; {"event":"note"} in JSON. */
void progress_note(struct progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The last line. hint: what to do next ("kmill run --resume ..."), NULL for none. */
void progress_finish(struct progress *progress, enum progress_outcome outcome,
                     const struct progress_counts *counts, const struct ranked_run *best, const char *hint,
                     int64_t now_ns);
/* Accepts NULL. */
void progress_close(struct progress *progress);

/* ---- the pure part ------------------------------------------------------------------------------ */

/* Everything a line says. */
struct progress_view {
    const struct sweep_spec *spec;
    struct progress_counts counts;
    uint64_t total;
    bool exact;
    double elapsed_seconds;
    double runs_per_second, bars_per_second; /* of the last half minute; 0: not known yet */
    const struct ranked_run *best;           /* NULL: none yet */
};
/* Seconds left at the present rate; negative: not known. */
double progress_seconds_left(const struct progress_view *view);
/* One line without newline: at most `width` columns (0: no limit) with a bar for a terminal; parts that do
 * not fit are left out from the right. */
void progress_terminal_line(struct text *out, const struct progress_view *view, size_t width);
void progress_plain_line(struct text *out, const struct progress_view *view);
/* One JSON object without newline. event: "progress", "best", "done", "interrupted" or "stopped". */
void progress_json_line(struct text *out, const char *event, const struct progress_view *view);
/* "45 s", "3 min 20 s", "2 h 05 min", "3 d 04 h". */
void progress_add_duration(struct text *out, double seconds);
/* Three significant digits and a suffix: 0.42, 999, 1.23 k, 45.6 M. */
void progress_add_rate(struct text *out, double rate);

#endif
