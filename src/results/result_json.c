/* One run as the document's result object. Written piece by piece: an equity curve may have half a million
 * points. */
#include "results/result_json.h"
#include "base/clock.h"
#include "base/text.h"
#include "results/equity_walk.h"
#include "results/metric_text.h"
#include <math.h>
#include <string.h>

enum { FLUSH_BYTES = 1 << 16 };

/* out NULL: all stays in text. */
static void flush(FILE *out, struct text *text, bool always) {
    if (!out || (!always && text->length < FLUSH_BYTES)) return;
    fwrite(text->data, 1, text->length, out);
    text->length = 0;
}

static void add_text(struct text *out, const char *key, const char *value) {
    text_printf(out, "\"%s\": ", key);
    text_add_json_string(out, value, strlen(value));
}

static void add_number(struct text *out, const char *key, double value) {
    text_printf(out, "\"%s\": ", key);
    text_add_json_double(out, value);
}

const char *result_json_timestamp(char iso[CLOCK_TEXT_MAX], const struct trade *trade,
                                  const struct run_record *record, const struct series *range,
                                  size_t first_bar) {
    size_t row = (size_t)trade->bar - first_bar;
    if (trade->stamp == STAMP_TEXT && trade->text < record->trade_text_count)
        return record->trade_texts[trade->text];
    iso[0] = '\0';
    if (row < range->count)
        clock_format_iso(iso,
                         trade->stamp == STAMP_CLOSE_TIME ? range->close_time[row] : range->open_time[row]);
    return iso;
}

static void add_trade(struct text *out, const struct trade *trade, const char *timestamp) {
    text_add_string(out, "{");
    add_text(out, "timestamp", timestamp);
    text_printf(out, ", \"type\": \"%s\", ", trade->side == TRADE_SELL ? "sell" : "buy");
    add_number(out, "price", trade->price);
    text_add_string(out, ", ");
    add_number(out, "amount", trade->amount);
    text_add_string(out, ", ");
    add_number(out, "balance", trade->balance);
    text_add_string(out, ", ");
    add_number(out, "fee", trade->fee);
    text_add_string(out, ", ");
    add_number(out, "position", trade->position);
    text_add_string(out, ", ");
    add_number(out, "totalValue", trade->total_value);
    if (trade->side == TRADE_SELL) {
        text_add_string(out, ", ");
        add_number(out, "profit", trade->profit);
    }
    text_add_string(out, "}");
}

static void add_trades(FILE *out, struct text *text, const struct run_record *record,
                       const struct series *range, size_t first_bar) {
    char iso[CLOCK_TEXT_MAX];
    if (!record->trade_count && record->trade_total) { /* an empty list would say that there were none */
        text_add_string(text, "\"trades\": null");
        return;
    }
    text_add_string(text, "\"trades\": [");
    for (size_t i = 0; record->trades && i < record->trade_count; i++) {
        text_add_string(text, i ? ",\n  " : "\n  ");
        add_trade(text, &record->trades[i],
                  result_json_timestamp(iso, &record->trades[i], record, range, first_bar));
        flush(out, text, false);
    }
    text_add_string(text, "]");
}

/* Where not all trades were kept, the account along the curve is not known: null. */
static void add_curve(FILE *out, struct text *text, const struct run_record *record,
                      const struct series *range, size_t first_bar) {
    char iso[CLOCK_TEXT_MAX];
    if (!record->equity_count && record->status == RUN_DONE) {
        text_add_string(text, "\"equityCurve\": null");
        return;
    }
    struct equity_walk walk = equity_walk_start(record, first_bar, range->count);
    size_t bar;
    double equity;
    bool has_account, first = true;
    text_add_string(text, "\"equityCurve\": [");
    while (range->count && equity_walk_next(&walk, &bar, &equity, &has_account)) {
        clock_format_iso(iso, range->open_time[bar]);
        text_add_string(text, first ? "\n  {" : ",\n  {");
        first = false;
        add_text(text, "timestamp", iso);
        text_add_string(text, ", ");
        add_number(text, "equity", equity);
        text_add_string(text, ", ");
        add_number(text, "balance", has_account ? walk.balance : NAN);
        text_add_string(text, ", ");
        add_number(text, "position", has_account ? walk.position : NAN);
        text_add_string(text, "}");
        flush(out, text, false);
    }
    text_add_string(text, "]");
}

static void add_error(struct text *out, const struct run_record *record, const struct series *range,
                      size_t first_bar) {
    char iso[CLOCK_TEXT_MAX];
    text_add_string(out, "\"error\": {");
    add_text(out, "type", record->error_type ? record->error_type : "");
    text_add_string(out, ", ");
    add_text(out, "message", record->error_message ? record->error_message : "");
    text_add_string(out, ", ");
    add_text(out, "traceback", record->traceback ? record->traceback : "");
    text_printf(out, ", \"line\": %d, \"column\": ", record->error_line);
    if (record->error_column > 0)
        text_printf(out, "%d", record->error_column);
    else
        text_add_string(out, "null");
    text_add_string(out, ", \"time\": ");
    size_t row = (size_t)record->error_bar - first_bar;
    if (record->error_bar >= 0 && row < range->count) {
        clock_format_iso(iso, range->open_time[row]);
        text_add_json_string(out, iso, strlen(iso));
    } else {
        text_add_string(out, "null");
    }
    text_add_string(out, "},\n");
}

static void add_notes(struct text *out, const struct run_record *record) {
    text_add_string(out, "\"log\": ");
    text_add_json_string(out, record->log ? record->log : "", record->log_length);
    text_add_string(out, ",\n\"warnings\": [");
    const char *at = record->warnings, *end = at ? at + record->warnings_length : at;
    bool first = true;
    while (at && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        if (!first) text_add_string(out, ", ");
        text_add_json_string(out, at, length);
        first = false;
        at = stop ? stop + 1 : end;
    }
    text_add_string(out, "],\n");
}

static void add_object(FILE *out, struct text *text, const struct run_record *record,
                       const struct series *range, size_t first_bar, const char *more) {
    text_add_string(text, "{\n");
    if (more) {
        text_add_string(text, more);
        text_add_string(text, ",\n");
    }
    add_text(text, "status", run_status_name(record->status));
    text_add_string(text, ",\n");
    if (record->status != RUN_DONE) add_error(text, record, range, first_bar);
    for (int m = 0; m < METRIC_COUNT; m++) {
        text_printf(text, "\"%s\": ", metric_info((enum metric)m)->name);
        metric_text_add_json(text, (enum metric)m, record->metrics[m]);
        text_add_string(text, ",\n");
    }
    add_notes(text, record);
    add_trades(out, text, record, range, first_bar);
    text_add_string(text, ",\n");
    add_curve(out, text, record, range, first_bar);
    text_add_string(text, "\n}\n");
    flush(out, text, true);
}

void result_json_add(struct text *text, const struct run_record *record, const struct series *range,
                     size_t first_bar, const char *more) {
    add_object(NULL, text, record, range, first_bar, more);
}

void result_json_print_more(FILE *out, const struct run_record *record, const struct series *range,
                            size_t first_bar, const char *more) {
    struct text text = {0};
    add_object(out, &text, record, range, first_bar, more);
    text_clear(&text);
}

void result_json_print(FILE *out, const struct run_record *record, const struct series *range,
                       size_t first_bar) {
    result_json_print_more(out, record, range, first_bar, NULL);
}
