/* Klines from the public archive.
 *
 * A month that is over has a monthly file, published a few days into the next month; until then, and for the
 * month that runs, there are daily files. A month before the listing has neither. To tell these apart
 * cheaply, an old month without a monthly file is probed at three of its days before all of them are asked
 * for.
 *
 * The files then go through the CSV import together, so that either all of them reach the store or none. */
#include "kline/fetch.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/text.h"
#include "kline/fetch_download.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECENT_MONTHS = 2, SHORT_RANGE = 3, DAYS_MAX = 31, NAME_MAX_LENGTH = 256, MONTH_TEXT_MAX = 16 };

struct fetch {
    const struct fetch_options *options;
    struct downloader *downloader;
    int64_t today; /* UTC day number: its file does not exist yet */
    char **files;
    size_t file_count, file_capacity;
    size_t number, count;            /* of progress */
    int missing_first, missing_last; /* month indices without any file that are not reported yet; -1: none */
    struct fetch_result *result;
};

static int month_index(struct fetch_month month) {
    return month.year * 12 + month.month - 1;
}

static int64_t first_day(int index) {
    return clock_day_from_civil(index / 12, index % 12 + 1, 1);
}

static const char *market_path(enum fetch_market market) {
    return market == FETCH_SPOT ? "spot" : market == FETCH_USD_FUTURES ? "futures/um" : "futures/cm";
}

static void file_name(char out[NAME_MAX_LENGTH], const struct fetch_options *options, const char *period,
                      const char *date) {
    const char *interval = interval_name(options->interval);
    snprintf(out, NAME_MAX_LENGTH, "data/%s/%s/klines/%s/%s/%s-%s-%s.zip", market_path(options->market),
             period, options->symbol, interval, options->symbol, interval, date);
}

static void note(const struct fetch *self, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(const struct fetch *self, const char *format, ...) {
    char line[512];
    va_list arguments;
    if (!self->options->on_note) return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    self->options->on_note(self->options->context, line);
}

static status keep_file(struct fetch *self, char *path, struct error *err) {
    if (self->file_count == self->file_capacity) {
        size_t capacity = self->file_capacity ? self->file_capacity * 2 : 64;
        char **grown = realloc(self->files, capacity * sizeof *grown);
        if (!grown) {
            free(path);
            return error_set(err, ERR_MEMORY, "out of memory");
        }
        self->files = grown;
        self->file_capacity = capacity;
    }
    self->files[self->file_count++] = path;
    return OK;
}

/* One file; *is_there tells whether the archive has it. */
static status get(bool *is_there, struct fetch *self, const char *period, const char *date,
                  struct error *err) {
    char name[NAME_MAX_LENGTH], *path;
    enum download_outcome outcome = DOWNLOAD_ABSENT;
    *is_there = false;
    if (cancel_requested())
        return error_set(err, ERR_CANCELLED, "interrupted; what was downloaded is kept for the next time");
    file_name(name, self->options, period, date);
    status rc = downloader_get(&outcome, &path, self->downloader, name, err);
    if (rc != OK || outcome == DOWNLOAD_ABSENT) return rc;
    *is_there = true;
    if (outcome == DOWNLOAD_LOADED)
        self->result->downloaded++;
    else
        self->result->kept++;
    return keep_file(self, path, err);
}

static void step(struct fetch *self, const char *date) {
    self->number++;
    if (self->options->on_file)
        self->options->on_file(self->options->context, date, self->number, self->count);
}

static status get_day(bool *is_there, struct fetch *self, int64_t day, struct error *err) {
    char date[CLOCK_TEXT_MAX];
    clock_format_date(date, day * MS_PER_DAY);
    return get(is_there, self, "daily", date, err);
}

/* False if an old month's first, middle and last day are all missing. A day that is there is remembered in
 * *known. */
static status probe(bool *is_worth_it, bool known[DAYS_MAX], struct fetch *self, int64_t first, int count,
                    struct error *err) {
    const int days[] = {0, count / 2, count - 1};
    *is_worth_it = false;
    for (int i = 0; i < 3; i++) {
        status rc = get_day(&known[days[i]], self, first + days[i], err);
        if (rc != OK) return rc;
        *is_worth_it |= known[days[i]];
    }
    return OK;
}

/* Says which days between two files are missing; those before the first and after the last may not exist yet.
 */
static void note_missing_days(const struct fetch *self, int64_t first, const bool there[DAYS_MAX],
                              int count) {
    int end = count;
    while (end > 0 && !there[end - 1])
        end--;
    for (int begin = 0, i = 0; i < end; i++) {
        char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX];
        if (!there[i]) continue;
        clock_format_date(from, (first + begin) * MS_PER_DAY);
        clock_format_date(to, (first + i - 1) * MS_PER_DAY);
        bool is_hole = begin > 0 && begin < i;
        if (is_hole)
            note(self, "the archive has no file of %s%s%s", from, begin < i - 1 ? " to " : "",
                 begin < i - 1 ? to : "");
        begin = i + 1;
    }
}

static status get_days(bool *is_there, struct fetch *self, int index, struct error *err) {
    int64_t first = first_day(index), end = first_day(index + 1);
    if (end > self->today) end = self->today;
    int count = (int)(end - first);
    bool there[DAYS_MAX] = {false}, all = true;
    status rc = OK;
    *is_there = false;
    if (count <= 0) return OK;
    bool is_recent = end >= self->today - 31 * RECENT_MONTHS;
    if (!is_recent && self->file_count == 0 && self->count > SHORT_RANGE)
        rc = probe(&all, there, self, first, count, err);
    for (int i = 0; i < count && rc == OK && all; i++) {
        if (!there[i]) rc = get_day(&there[i], self, first + i, err);
        *is_there |= there[i];
    }
    if (rc == OK && *is_there) note_missing_days(self, first, there, count);
    return rc;
}

static void month_text(char out[MONTH_TEXT_MAX], int index) {
    snprintf(out, MONTH_TEXT_MAX, "%04u-%02u", (unsigned)index / 12 % 10000, (unsigned)index % 12 + 1);
}

/* Months without files, told as one line once it is clear where they end; files_before: there were any before
 * them. */
static void note_missing_months(struct fetch *self, bool files_before, bool at_end) {
    char from[MONTH_TEXT_MAX], to[MONTH_TEXT_MAX];
    if (self->missing_first < 0) return;
    month_text(from, self->missing_first);
    month_text(to, self->missing_last);
    note(self, "the archive has nothing of %s %s for %s%s%s%s", self->options->symbol,
         interval_name(self->options->interval), from, self->missing_first < self->missing_last ? " to " : "",
         self->missing_first < self->missing_last ? to : "",
         !files_before ? " (before it was listed?)"
         : at_end      ? " (not published yet, or no longer listed?)"
                       : "");
    self->missing_first = -1;
}

static status get_month(struct fetch *self, int index, struct error *err) {
    char date[MONTH_TEXT_MAX];
    bool is_there = false;
    size_t before = self->file_count;
    status rc = OK;
    month_text(date, index);
    if (first_day(index + 1) <= self->today) rc = get(&is_there, self, "monthly", date, err);
    /* Candles longer than a day come in monthly files only. */
    if (rc == OK && !is_there && self->options->interval <= INTERVAL_1D)
        rc = get_days(&is_there, self, index, err);
    if (rc != OK) return rc;
    step(self, date);
    if (!is_there) {
        if (self->missing_first < 0) self->missing_first = index;
        self->missing_last = index;
    } else {
        note_missing_months(self, before > 0, false);
    }
    return OK;
}

static status check_options(const struct fetch_options *options, int64_t today, struct error *err) {
    int year, month, day, from = month_index(options->from), to = month_index(options->to);
    clock_civil_from_day(today, &year, &month, &day);
    for (const char *p = options->symbol; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-')
            return error_set(err, ERR_INPUT, "%s: a symbol has letters and digits only, e.g. BTCUSDT",
                             options->symbol);
    if (!*options->symbol || strlen(options->symbol) >= SYMBOL_MAX)
        return error_set(err, ERR_INPUT, "%s: a symbol has 1 to %d characters", options->symbol,
                         SYMBOL_MAX - 1);
    if (from > to)
        return error_set(err, ERR_INPUT, "--from %04d-%02d lies after --to %04d-%02d", options->from.year,
                         options->from.month, options->to.year, options->to.month);
    if (to > year * 12 + month - 1)
        return error_set(err, ERR_INPUT, "--to %04d-%02d lies in the future: use --to now", options->to.year,
                         options->to.month);
    return OK;
}

static status import_files(struct fetch *self, struct error *err) {
    const struct fetch_options *options = self->options;
    char source[256];
    struct csv_result *results = NULL;
    size_t count = 0;
    snprintf(source, sizeof source, "archive: %s %s %04d-%02d to %04d-%02d", market_path(options->market),
             interval_name(options->interval), options->from.year, options->from.month, options->to.year,
             options->to.month);
    struct csv_options csv = {.symbol = options->symbol,
                              .interval = interval_name(options->interval),
                              .source = source,
                              .replace = options->replace,
                              .progress = options->on_import,
                              .context = options->context};
    status rc = import_csv(&results, &count, options->store, (const char *const *)self->files,
                           self->file_count, &csv, err);
    if (rc == OK) self->result->series = results[0];
    free(results);
    return rc;
}

status fetch_klines(struct fetch_result *out, const struct fetch_options *options, struct error *err) {
    struct fetch self = {.options = options, .result = out, .missing_first = -1};
    int from = month_index(options->from), to = month_index(options->to);
    memset(out, 0, sizeof *out);
    self.today = clock_utc_day(clock_realtime_ms());
    status rc = check_options(options, self.today, err);
    if (rc == OK) rc = downloader_open(&self.downloader, options->base_url, options->cache, err);
    self.count = rc == OK ? (size_t)(to - from + 1) : 0;
    for (int index = from; index <= to && rc == OK; index++)
        rc = get_month(&self, index, err);
    if (rc == OK && self.file_count == 0)
        rc = error_set(err, ERR_NOT_FOUND,
                       "the archive has no klines of %s %s from %04d-%02d to %04d-%02d (is the symbol listed "
                       "on this market?)",
                       options->symbol, interval_name(options->interval), options->from.year,
                       options->from.month, options->to.year, options->to.month);
    if (rc == OK) note_missing_months(&self, true, true);
    if (rc == OK) rc = import_files(&self, err);
    for (size_t i = 0; i < self.file_count; i++)
        free(self.files[i]);
    free(self.files);
    downloader_close(self.downloader);
    return rc;
}
