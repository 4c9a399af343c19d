/* The parser: one pass over the bytes, each field read by its kind where it stands, nothing copied.
 *
 * A field that the fast readers do not like (quotes, spaces, ISO times, empty) is looked at again by
 * read_odd_field, which also words the error. Times tell their unit by their size: 10 digits are seconds, up
 * to 13 milliseconds, up to 16 microseconds, up to 19 nanoseconds, each value by itself, since archives
 * change the unit in the middle. */
#include "kline/csv_rows.h"

#include "base/clock.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t current_line(const struct csv_rows *rows) {
    return rows->line - rows->texts[rows->text_count - 1].lines_before;
}

static const char *current_name(const struct csv_rows *rows) {
    return rows->texts[rows->text_count - 1].name;
}

status csv_rows_begin_text(struct csv_rows *rows, const char *name, struct error *err) {
    struct csv_text *grown = realloc(rows->texts, (rows->text_count + 1) * sizeof *grown);
    if (!grown) return error_set(err, ERR_MEMORY, "out of memory");
    rows->texts = grown;
    char *copy = strdup(name);
    if (!copy) return error_set(err, ERR_MEMORY, "out of memory");
    rows->texts[rows->text_count++] = (struct csv_text){.name = copy, .lines_before = rows->line};
    rows->layout.count = 0;
    rows->at_start = true;
    return OK;
}

const char *csv_rows_place(const struct csv_rows *rows, size_t index, uint32_t *line) {
    uint32_t global = rows->where[index];
    size_t low = 0, high = rows->text_count; /* the last text that begins before this line */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (rows->texts[middle].lines_before < global) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *line = global - rows->texts[low].lines_before;
    return rows->texts[low].name;
}

void csv_rows_clear(struct csv_rows *rows) {
    kline_columns_clear(&rows->columns);
    for (size_t i = 0; i < rows->text_count; i++)
        free(rows->texts[i].name);
    free(rows->texts);
    free(rows->where);
    *rows = (struct csv_rows){0};
}

/* ---- fields
 * --------------------------------------------------------------------------------------------------- */

/* Milliseconds of an epoch time in any unit; false if it is too small to be one. */
static bool scale_time(int64_t *ms, uint64_t value) {
    if (value < 1000000000u) return false;
    if (value < 10000000000u) {
        *ms = (int64_t)value * 1000;
    } else if (value < 10000000000000u) {
        *ms = (int64_t)value;
    } else if (value < 10000000000000000u) {
        *ms = (int64_t)(value / 1000);
    } else {
        *ms = (int64_t)(value / 1000000);
    }
    return true;
}

/* Up to 19 digits. Returns the first byte that is none, NULL if there is no digit or too many. */
static const char *read_digits(uint64_t *out, const char *p, const char *end) {
    uint64_t value = 0;
    const char *start = p;
    for (; p < end; p++) {
        unsigned digit = (unsigned)*p - '0';
        if (digit > 9) break;
        value = value * 10 + digit;
        if (p - start > 18) return NULL;
    }
    *out = value;
    return p > start ? p : NULL;
}

static const char *read_time(int64_t *ms, const char *p, const char *end) {
    uint64_t value;
    p = read_digits(&value, p, end);
    return p && scale_time(ms, value) ? p : NULL;
}

static const char *read_count(int64_t *out, const char *p, const char *end) {
    uint64_t value;
    p = read_digits(&value, p, end);
    if (!p || value > INT64_MAX) return NULL;
    *out = (int64_t)value;
    return p;
}

static const char *read_number(double *out, const char *p, const char *end) {
    p = parse_decimal(out, p, end);
    return p && isfinite(*out) ? p : NULL;
}

static double *row_double(struct kline_row *row, unsigned char field) {
    switch (field) {
    case KLINE_OPEN:
        return &row->open;
    case KLINE_HIGH:
        return &row->high;
    case KLINE_LOW:
        return &row->low;
    case KLINE_CLOSE:
        return &row->close;
    case KLINE_VOLUME:
        return &row->volume;
    case KLINE_QUOTE_VOLUME:
        return &row->quote_volume;
    case KLINE_TAKER_BUY_BASE:
        return &row->taker_buy_base;
    default:
        return &row->taker_buy_quote;
    }
}

/* The field at p by its kind; the first byte behind it, NULL if it is not of that kind. */
static const char *read_field(struct kline_row *row, unsigned char field, const char *p, const char *end) {
    switch (field) {
    case KLINE_OPEN_TIME:
        return read_time(&row->open_time, p, end);
    case KLINE_CLOSE_TIME:
        return read_time(&row->close_time, p, end);
    case KLINE_TRADES_COUNT:
        return read_count(&row->trades_count, p, end);
    case CSV_IGNORED: {
        const char *comma = memchr(p, ',', (size_t)(end - p));
        return comma ? comma : end;
    }
    default:
        return read_number(row_double(row, field), p, end);
    }
}

/* ---- fields that are not plain
 * -------------------------------------------------------------------------------- */

static bool is_optional(unsigned char field) {
    return field > KLINE_VOLUME;
}

/* ISO-8601, or a whole number written as a decimal (1704067200000.0). */
static bool read_odd_time(int64_t *ms, const char *text) {
    double value;
    if (strpbrk(text, "-:")) return *text != '-' && clock_parse(ms, text);
    if (!text_to_double(&value, text) || value != floor(value) || !(value >= 0.0 && value < 9e18))
        return false;
    return scale_time(ms, (uint64_t)value);
}

static bool read_odd_count(int64_t *out, const char *text) {
    double value;
    if (!text_to_double(&value, text) || value != floor(value) || !(value >= 0.0 && value < 9e15))
        return false;
    *out = (int64_t)value;
    return true;
}

static bool read_odd_value(struct kline_row *row, unsigned char field, char *text) {
    if (*text == '\0') return is_optional(field);
    if (field == KLINE_OPEN_TIME) return read_odd_time(&row->open_time, text);
    if (field == KLINE_CLOSE_TIME) return read_odd_time(&row->close_time, text);
    if (field == KLINE_TRADES_COUNT) return read_odd_count(&row->trades_count, text);
    const char *end = text + strlen(text);
    return read_number(row_double(row, field), text, end) == end;
}

static status refuse_field(const struct csv_rows *rows, int index, unsigned char field, const char *text,
                           struct error *err) {
    const char *what = kline_column_name((enum kline_column)field);
    const char *reason =
        field == KLINE_OPEN_TIME || field == KLINE_CLOSE_TIME
            ? "is not a time (epoch milliseconds or microseconds, or like 2024-01-31T12:00:00)"
        : field == KLINE_TRADES_COUNT ? "is not a whole number"
                                      : "is not a number";
    return error_set(err, ERR_INPUT, "%s:%u: column %d (%s): \"%s\" %s", current_name(rows),
                     current_line(rows), index + 1, what, text, reason);
}

/* The field [p, next comma) without spaces and quotes around it. */
static status read_odd_field(const struct csv_rows *rows, struct kline_row *row, int index, const char **p,
                             const char *end, struct error *err) {
    char text[64];
    unsigned char field = rows->layout.fields[index];
    const char *comma = memchr(*p, ',', (size_t)(end - *p));
    const char *begin = *p, *stop = comma ? comma : end;
    *p = stop;
    while (begin < stop && (*begin == ' ' || *begin == '"'))
        begin++;
    while (stop > begin && (stop[-1] == ' ' || stop[-1] == '"'))
        stop--;
    size_t length = (size_t)(stop - begin);
    bool readable = length < sizeof text && !memchr(begin, '\0', length);
    if (length >= sizeof text) length = sizeof text - 1;
    csv_copy_printable(text, begin, length);
    return readable && read_odd_value(row, field, text) ? OK : refuse_field(rows, index, field, text, err);
}

/* ---- rows
 * ----------------------------------------------------------------------------------------------------- */

static int count_fields(const char *begin, const char *end) {
    int count = 1;
    for (const char *p = begin; p < end; p++)
        count += *p == ',';
    return count;
}

static status refuse_count(const struct csv_rows *rows, const char *begin, const char *end,
                           struct error *err) {
    const char *name = current_name(rows);
    uint32_t line = current_line(rows);
    int count = count_fields(begin, end);
    if (rows->layout.count > 0)
        return error_set(err, ERR_INPUT,
                         "%s:%u: column %d: the row has %d columns, the ones before "
                         "it have %d; cut or damaged?",
                         name, line, count, count, rows->layout.count);
    const char *hint =
        count > 1                                    ? ""
        : memchr(begin, ';', (size_t)(end - begin))  ? "; fields must be separated by ',', not ';'"
        : memchr(begin, '\t', (size_t)(end - begin)) ? "; fields must be separated by ',', not tabs"
                                                     : "";
    return error_set(err, ERR_INPUT, "%s:%u: column 1: the row has %d column%s, klines have %d to %d%s", name,
                     line, count, count == 1 ? "" : "s", CSV_COLUMNS_MIN, CSV_COLUMNS_MAX, hint);
}

static status parse_row(const struct csv_rows *rows, struct kline_row *row, const char *begin,
                        const char *end, struct error *err) {
    const struct csv_layout *layout = &rows->layout;
    const char *p = begin;
    for (int i = 0; i < layout->count; i++) {
        const char *stop = read_field(row, layout->fields[i], p, end);
        if (!stop || (stop < end && *stop != ',')) {
            stop = p;
            status rc = read_odd_field(rows, row, i, &stop, end, err);
            if (rc != OK)
                return count_fields(begin, end) == layout->count ? rc : refuse_count(rows, begin, end, err);
        }
        bool last = i == layout->count - 1;
        if ((stop == end) != last) return refuse_count(rows, begin, end, err);
        p = stop + 1;
    }
    return OK;
}

static status add_row(struct csv_rows *rows, const struct kline_row *row, struct error *err) {
    size_t index = rows->columns.view.count;
    status rc = kline_columns_add(&rows->columns, row, err);
    if (rc != OK) return rc;
    if (index >= rows->where_capacity) {
        uint32_t *grown = realloc(rows->where, rows->columns.capacity * sizeof *grown);
        if (!grown) return error_set(err, ERR_MEMORY, "out of memory");
        rows->where = grown;
        rows->where_capacity = rows->columns.capacity;
    }
    rows->where[index] = rows->line;
    return OK;
}

static bool is_blank(const char *begin, const char *end) {
    while (begin < end && (*begin == ' ' || *begin == '\t'))
        begin++;
    return begin == end;
}

static status add_line(struct csv_rows *rows, const char *begin, const char *end, struct error *err) {
    if (end > begin && end[-1] == '\r') end--;
    if (is_blank(begin, end)) return OK;
    if (csv_is_header(begin, end))
        return csv_layout_from_header(&rows->layout, begin, end, current_name(rows), current_line(rows), err);
    if (rows->layout.count == 0) {
        int count = count_fields(begin, end);
        if (count < CSV_COLUMNS_MIN || count > CSV_COLUMNS_MAX) return refuse_count(rows, begin, end, err);
        csv_layout_default(&rows->layout, count);
    }
    struct kline_row row = {.close_time = INT64_MIN,
                            .trades_count = -1,
                            .quote_volume = NAN,
                            .taker_buy_base = NAN,
                            .taker_buy_quote = NAN};
    status rc = parse_row(rows, &row, begin, end, err);
    if (rc != OK) return rc;
    if (row.close_time == INT64_MIN)
        row.close_time = interval_next(rows->columns.view.interval, row.open_time) - 1;
    return add_row(rows, &row, err);
}

/* ---- texts
 * ---------------------------------------------------------------------------------------------------- */

/* What is not CSV at all gets a word of its own; a byte-order mark is stepped over. */
static status begin_content(const struct csv_rows *rows, const char **begin, const char *end,
                            struct error *err) {
    const char *p = *begin, *name = current_name(rows);
    size_t length = (size_t)(end - p);
    if (length >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0))
        return error_set(err, ERR_INPUT, "%s:1: UTF-16 text; save it as UTF-8", name);
    if (length >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) *begin = p += 3;
    while (p < end && strchr(" \t\r\n", *p) && *p)
        p++;
    if (p == end) return OK;
    if (*p == '[' || *p == '{')
        return error_set(err, ERR_INPUT,
                         "%s:1: column 1: JSON, not CSV; write one candle a line, separated by commas", name);
    if (*p == '<')
        return error_set(err, ERR_INPUT,
                         "%s:1: column 1: an XML or HTML page, probably a server's error; fetch it again",
                         name);
    if (memchr(p, '\0', (size_t)(end - p)))
        return error_set(err, ERR_INPUT, "%s:1: binary data, not CSV text", name);
    return OK;
}

status csv_rows_add(struct csv_rows *rows, const char *begin, size_t length, struct error *err) {
    const char *end = begin + length;
    if (rows->at_start) {
        status rc = begin_content(rows, &begin, end, err);
        if (rc != OK) return rc;
        rows->at_start = false;
    }
    while (begin < end) {
        const char *newline = memchr(begin, '\n', (size_t)(end - begin));
        const char *stop = newline ? newline : end;
        if (rows->line == UINT32_MAX)
            return error_set(err, ERR_INPUT, "more than 4 billion lines; import in parts");
        rows->line++;
        status rc = add_line(rows, begin, stop, err);
        if (rc != OK) return rc;
        begin = stop + 1;
    }
    return OK;
}
