/* A place in the lines of an export: row, and within it trade or point. Nothing but the present row is in
 * memory: a curve of half a million points is read whole and written in as many pieces as the caller wants.
 */
#include "results/result_export.h"
#include "base/clock.h"
#include "results/equity_walk.h"
#include "results/result_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct result_export {
    struct result *result;
    uint64_t *rows;
    size_t count, next; /* row begun last + 1 */
    enum export_what what;
    enum row_style style;
    struct row_columns columns;
    bool has_begun, has_ended;
    uint64_t lines;

    bool in_row; /* of trades and equity: the row being written */
    struct run_record record;
    double *equity;
    struct series candles;
    size_t first_bar, trade;
    struct equity_walk walk;
};

bool export_what_parse(enum export_what *out, const char *name) {
    static const char *const names[] = {"runs", "trades", "equity"};
    for (enum export_what what = EXPORT_RUNS; what <= EXPORT_EQUITY; what++)
        if (strcmp(name, names[what]) == 0) {
            *out = what;
            return true;
        }
    return false;
}

/* ---- opening ---- */

static status all_columns(struct row_columns *columns, struct result *result, struct error *err) {
    status rc = row_columns_add_list(columns, result, "run,status", err);
    if (rc == OK) rc = row_columns_add_params(columns, result, true, err);
    for (enum metric m = 0; m < METRIC_COUNT && rc == OK; m++)
        rc = row_columns_add(columns, result, metric_info(m)->name, err);
    if (rc == OK) rc = row_columns_add_list(columns, result, "elapsed,error", err);
    return rc;
}

status result_export_open(struct result_export **out, struct result *result, uint64_t *rows, size_t count,
                          enum export_what what, enum row_style style, const char *columns,
                          struct error *err) {
    struct result_export *self = calloc(1, sizeof *self);
    if (!self) {
        free(rows);
        return error_set(err, ERR_MEMORY, "out of memory for an export");
    }
    *self =
        (struct result_export){.result = result, .rows = rows, .count = count, .what = what, .style = style};
    status rc = OK;
    if (what == EXPORT_RUNS)
        rc = columns ? row_columns_add_list(&self->columns, result, columns, err)
                     : all_columns(&self->columns, result, err);
    if (rc == OK)
        *out = self;
    else
        result_export_close(self);
    return rc;
}

void result_export_close(struct result_export *self) {
    if (!self) return;
    row_columns_clear(&self->columns);
    free(self->equity);
    free(self->rows);
    free(self);
}

/* ---- lines ---- */

static void begin_line(struct result_export *self, struct text *out) {
    if (self->style == ROW_JSON) text_add_string(out, self->lines ? ",\n" : "[");
    self->lines++;
}

static void end_line(const struct result_export *self, struct text *out) {
    if (self->style == ROW_CSV) text_add_char(out, '\n');
}

/* A number of CSV, empty where it is not known, or of JSON. */
static void add_number(const struct result_export *self, struct text *out, double value) {
    if (self->style == ROW_JSON || !isnan(value)) text_add_json_double(out, value);
}

/* A text as CSV field or JSON value. */
static void add_string(const struct result_export *self, struct text *out, const char *string) {
    if (self->style == ROW_JSON)
        text_add_json_string(out, string, strlen(string));
    else
        text_add_csv_field(out, string);
}

static void add_trade(struct result_export *self, struct text *out, const struct trade *trade) {
    bool json = self->style == ROW_JSON;
    char iso[CLOCK_TEXT_MAX];
    const char *timestamp = result_json_timestamp(iso, trade, &self->record, &self->candles, self->first_bar);
    begin_line(self, out);
    text_printf(out, json ? "{\"run\":%llu,\"timestamp\":" : "%llu,", (unsigned long long)self->record.run);
    add_string(self, out, timestamp);
    text_add_string(out, json ? ",\"type\":" : ",");
    add_string(self, out, trade->side == TRADE_SELL ? "sell" : "buy");
    const struct {
        const char *name;
        double value;
    } members[] = {{"price", trade->price},       {"amount", trade->amount},
                   {"balance", trade->balance},   {"fee", trade->fee},
                   {"position", trade->position}, {"totalValue", trade->total_value},
                   {"profit", trade->profit}};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (json)
            text_printf(out, ",\"%s\":", members[i].name);
        else
            text_add_char(out, ',');
        add_number(self, out, members[i].value);
    }
    if (json) text_add_char(out, '}');
    end_line(self, out);
}

static void add_point(struct result_export *self, struct text *out, size_t bar, double equity,
                      bool has_account) {
    bool json = self->style == ROW_JSON;
    char iso[CLOCK_TEXT_MAX] = "";
    if (bar < self->candles.count) clock_format_iso(iso, self->candles.open_time[bar]);
    begin_line(self, out);
    text_printf(out, json ? "{\"run\":%llu,\"timestamp\":\"%s\",\"equity\":" : "%llu,%s,",
                (unsigned long long)self->record.run, iso);
    add_number(self, out, equity);
    text_add_string(out, json ? ",\"balance\":" : ",");
    add_number(self, out, has_account ? self->walk.balance : NAN);
    text_add_string(out, json ? ",\"position\":" : ",");
    add_number(self, out, has_account ? self->walk.position : NAN);
    if (json) text_add_char(out, '}');
    end_line(self, out);
}

/* ---- rows of trades and points ---- */

static status begin_row(struct result_export *self, uint64_t row, struct error *err) {
    const struct run_record *found;
    size_t points = 0;
    status rc = OK;
    free(self->equity);
    self->equity = NULL;
    if (self->what == EXPORT_EQUITY) rc = result_equity(self->result, &self->equity, &points, row, err);
    if (rc != OK || (self->what == EXPORT_EQUITY && points == 0)) return rc;
    rc = result_run(self->result, &found, row, err);
    if (rc != OK) return rc;
    self->record = *found;
    self->record.equity = self->equity;
    self->record.equity_count = points;
    result_candle_view(self->result, &self->candles, &self->first_bar, found->series);
    self->trade = 0;
    bool has_candles = self->candles.count > 0;
    self->walk = equity_walk_start(&self->record, has_candles ? self->first_bar : EQUITY_WALK_NOWHERE,
                                   has_candles ? self->candles.count : points);
    self->in_row = true;
    return OK;
}

/* The row's next line; false at its end. */
static bool add_part(struct result_export *self, struct text *out) {
    if (self->what == EXPORT_TRADES) {
        if (!self->record.trades || self->trade == self->record.trade_count) return false;
        add_trade(self, out, &self->record.trades[self->trade++]);
        return true;
    }
    size_t bar;
    double equity;
    bool has_account;
    if (!equity_walk_next(&self->walk, &bar, &equity, &has_account)) return false;
    add_point(self, out, bar, equity, has_account);
    return true;
}

/* One line, or a step to the next row. */
static status step(struct result_export *self, struct text *out, struct error *err) {
    if (self->in_row) {
        self->in_row = add_part(self, out);
        return OK;
    }
    uint64_t row = self->rows[self->next++];
    if (self->what != EXPORT_RUNS) return begin_row(self, row, err);
    begin_line(self, out);
    status rc = row_columns_add_line(out, &self->columns, self->result, row, self->style, err);
    end_line(self, out);
    return rc;
}

static void add_header(const struct result_export *self, struct text *out) {
    if (self->style != ROW_CSV) return;
    if (self->what == EXPORT_RUNS)
        row_columns_add_header(out, &self->columns);
    else
        text_add_string(out,
                        self->what == EXPORT_EQUITY
                            ? "run,timestamp,equity,balance,position\n"
                            : "run,timestamp,type,price,amount,balance,fee,position,totalValue,profit\n");
}

status result_export_next(struct result_export *self, struct text *text, size_t bytes, bool *more,
                          struct error *err) {
    size_t until = text->length + bytes;
    status rc = OK;
    if (!self->has_begun) add_header(self, text);
    self->has_begun = true;
    while (rc == OK && text->length < until && (self->in_row || self->next < self->count))
        rc = step(self, text, err);
    *more = rc == OK && (self->in_row || self->next < self->count);
    if (rc == OK && !*more && !self->has_ended && self->style == ROW_JSON)
        text_add_string(text, self->lines ? "]\n" : "[]\n");
    if (!*more) self->has_ended = true;
    return rc;
}
