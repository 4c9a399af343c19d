/* One run of a result file: what lies in the flat tables behind its row. */
#include "kline/h5_attribute.h"
#include "kmill/series.h"
#include "results/result_file.h"
#include "results/result_tables.h"

#include <stdlib.h>
#include <string.h>

size_t result_point_bar(size_t point, size_t points, size_t bars) {
    if (points >= bars) return point;
    if (points < 2) return bars - 1;
    return (size_t)((unsigned __int128)point * (bars - 1) / (points - 1));
}

/* Loads the table's row numbers once. */
static bool load_rows(struct result *self, struct row_list *list, const char *name) {
    if (list->is_loaded) return true;
    uint64_t length;
    if (!result_length(self, name, &length)) return false;
    list->rows = malloc((size_t)(length + 1) * sizeof *list->rows);
    if (!list->rows || !result_read_slice(self, name, H5T_NATIVE_UINT64, 0, length, list->rows)) return false;
    list->count = (size_t)length;
    return list->is_loaded = true;
}

static bool find_row(const struct row_list *list, uint64_t row, size_t *found) {
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->rows[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    *found = low;
    return low < list->count && list->rows[low] == row;
}

/* Text `index` of the texts NAME (see h5_texts), NUL-terminated in the record's arena; NULL if it cannot be
 * read. */
static const char *read_text(struct result *self, const char *name, uint64_t index, size_t *length) {
    char offsets[64];
    uint64_t range[2], bytes;
    snprintf(offsets, sizeof offsets, "%s_offset", name);
    if (!result_read_slice(self, offsets, H5T_NATIVE_UINT64, index, 2, range) ||
        !result_length(self, name, &bytes) || range[0] > range[1] || range[1] > bytes)
        return NULL;
    char *text = arena_alloc(&self->record_texts, (size_t)(range[1] - range[0]) + 1);
    if (!result_read_slice(self, name, H5T_NATIVE_UINT8, range[0], range[1] - range[0], text)) return NULL;
    *length = (size_t)(range[1] - range[0]);
    text[*length] = '\0';
    return text;
}

static bool read_error(struct result *self, uint64_t row) {
    struct run_record *record = &self->record;
    size_t at, length;
    int64_t line, column = 0;
    if (!load_rows(self, &self->errors, "errors/row")) return false;
    if (!find_row(&self->errors, row, &at)) return true;
    if (!result_read_slice(self, "errors/line", H5T_NATIVE_INT64, at, 1, &line) ||
        !result_read_slice(self, "errors/bar", H5T_NATIVE_INT64, at, 1, &record->error_bar))
        return false;
    if (H5Lexists(self->file, "errors/column", H5P_DEFAULT) > 0 && /* files of before it have none */
        !result_read_slice(self, "errors/column", H5T_NATIVE_INT64, at, 1, &column))
        return false;
    record->error_line = (int)line;
    record->error_column = (int)column;
    record->error_type = read_text(self, "errors/type", at, &length);
    record->error_message = read_text(self, "errors/message", at, &length);
    record->traceback = read_text(self, "errors/traceback", at, &length);
    return record->error_type && record->error_message && record->traceback;
}

static bool read_printed(struct result *self, struct row_list *list, const char *table, uint64_t row,
                         const char **text, size_t *length) {
    char name[32];
    size_t at;
    snprintf(name, sizeof name, "%s/row", table);
    if (!load_rows(self, list, name)) return false;
    if (!find_row(list, row, &at)) return true;
    snprintf(name, sizeof name, "%s/text", table);
    return (*text = read_text(self, name, at, length)) != NULL;
}

/* Reads one column of the trades [start, start + count) into a member at `offset` of each. */
static bool read_trade_column(struct result *self, const char *name, hid_t type, size_t width, size_t offset,
                              uint64_t start, size_t count, void *scratch) {
    char path[64];
    snprintf(path, sizeof path, "trades/%s", name);
    if (!result_read_slice(self, path, type, start, count, scratch)) return false;
    for (size_t i = 0; i < count; i++)
        memcpy((char *)&self->trades[i] + offset, (char *)scratch + i * width, width);
    return true;
}

static bool read_enum_column(struct result *self, const char *name, hid_t type, size_t offset, uint64_t start,
                             size_t count, void *scratch) {
    bool done = read_trade_column(self, name, type, 1, offset, start, count, scratch);
    H5Tclose(type);
    return done;
}

static bool read_trade_columns(struct result *self, uint64_t start, size_t count, int64_t *scratch) {
    static const char *const sides[] = {"buy", "sell"}, *const stamps[] = {"open_time", "close_time", "text"};
    bool done = read_trade_column(self, "bar", H5T_NATIVE_INT64, 8, offsetof(struct trade, bar), start, count,
                                  scratch) &&
                read_enum_column(self, "side", h5_enum_type(sides, 2), offsetof(struct trade, side), start,
                                 count, scratch) &&
                read_enum_column(self, "stamp", h5_enum_type(stamps, 3), offsetof(struct trade, stamp), start,
                                 count, scratch) &&
                read_enum_column(self, "after_close", h5_bool_type(), offsetof(struct trade, after_close),
                                 start, count, scratch);
    for (size_t i = 0; done && i < TRADE_DOUBLES; i++) {
        size_t offset = (size_t)((char *)trade_double(self->trades, i) - (char *)self->trades);
        done = read_trade_column(self, trade_double_names[i], H5T_NATIVE_DOUBLE, 8, offset, start, count,
                                 scratch);
    }
    return done;
}

/* The texts of trades stamped with one; trade.text then counts within this run. */
static bool read_trade_texts(struct result *self, uint64_t start, size_t count, int64_t *scratch) {
    size_t texts = 0, length;
    for (size_t i = 0; i < count; i++)
        texts += self->trades[i].stamp == STAMP_TEXT;
    if (texts == 0) return true;
    const char **list = arena_alloc(&self->record_texts, texts * sizeof *list);
    if (!result_read_slice(self, "trades/text_index", H5T_NATIVE_INT64, start, count, scratch)) return false;
    uint32_t next = 0;
    for (size_t i = 0; i < count; i++) {
        if (self->trades[i].stamp != STAMP_TEXT) continue;
        if (scratch[i] < 0) return false;
        list[next] = read_text(self, "trades/text", (uint64_t)scratch[i], &length);
        if (!list[next]) return false;
        self->trades[i].text = next++;
    }
    self->record.trade_texts = list;
    self->record.trade_text_count = texts;
    return true;
}

static bool trades_are_sound(const struct result *self, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct trade *trade = &self->trades[i];
        if (trade->bar < 0 || trade->side > TRADE_SELL || trade->stamp > STAMP_TEXT || trade->after_close > 1)
            return false;
    }
    return true;
}

static bool read_trades(struct result *self, uint64_t row) {
    uint64_t start = self->trades_offset[row], end = self->trades_offset[row + 1], all;
    if (!result_length(self, "trades/bar", &all) || start > end || end > all) return false;
    size_t count = (size_t)(end - start);
    if (count == 0) return true;
    free(self->trades);
    self->trades = calloc(count, sizeof *self->trades);
    int64_t *scratch = malloc(count * sizeof *scratch);
    bool done = self->trades && scratch && read_trade_columns(self, start, count, scratch) &&
                trades_are_sound(self, count) && read_trade_texts(self, start, count, scratch);
    free(scratch);
    self->record.trades = self->trades;
    self->record.trade_count = count;
    return done;
}

static status read_figures(struct result *self, uint64_t row, struct error *err) {
    struct run_record *record = &self->record;
    record->run = self->run[row];
    record->series = (uint32_t)result_series_of(self, row);
    record->status = (enum run_status)result_status(self, row);
    record->elapsed_seconds = self->elapsed[row];
    record->trade_total = self->trades_total[row];
    record->error_bar = -1;
    memcpy(record->sparkline, self->sparkline + row * SPARKLINE_POINTS, sizeof record->sparkline);
    for (enum metric m = 0; m < METRIC_COUNT; m++) {
        const double *column;
        status rc = result_metric_column(self, &column, m, err);
        if (rc != OK) return rc;
        record->metrics[m] = column[row];
    }
    return OK;
}

status result_run(struct result *result, const struct run_record **out, uint64_t row, struct error *err) {
    arena_reset(&result->record_texts);
    result->record = (struct run_record){0};
    struct run_record *record = &result->record;
    status rc = read_figures(result, row, err);
    if (rc != OK) return rc;
    if (!read_error(result, row) || !read_trades(result, row) ||
        !read_printed(result, &result->log, "log", row, &record->log, &record->log_length) ||
        !read_printed(result, &result->warnings, "warnings", row, &record->warnings,
                      &record->warnings_length))
        return result_damaged(result, "the trades or texts of a run cannot be read", err);
    *out = record;
    return OK;
}

/* ---- curves and candles ---- */

static bool read_curve(const struct result *self, const char *name, uint64_t at, size_t points, double *out) {
    hid_t dataset = H5Dopen2(self->file, name, H5P_DEFAULT);
    if (dataset < 0) return false;
    hsize_t start[2] = {at, 0}, extent[2] = {1, points};
    hid_t file_space = H5Dget_space(dataset), memory_space = H5Screate_simple(2, extent, NULL);
    bool done = H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, NULL, extent, NULL) >= 0 &&
                H5Dread(dataset, H5T_NATIVE_DOUBLE, memory_space, file_space, H5P_DEFAULT, out) >= 0;
    H5Sclose(file_space);
    H5Sclose(memory_space);
    H5Dclose(dataset);
    return done;
}

/* Points of a curve of the dataset, checked against its number of curves. */
static bool curve_points(const struct result *self, const char *name, size_t curves, size_t *points) {
    hid_t dataset = H5Dopen2(self->file, name, H5P_DEFAULT);
    if (dataset < 0) return false;
    hsize_t extent[2] = {0, 0};
    hid_t space = H5Dget_space(dataset);
    bool done = H5Sget_simple_extent_ndims(space) == 2 &&
                H5Sget_simple_extent_dims(space, extent, NULL) >= 0 && extent[0] == curves && extent[1] > 0;
    H5Sclose(space);
    H5Dclose(dataset);
    *points = (size_t)extent[1];
    return done;
}

static bool load_equity_rows(struct result *self, size_t series) {
    char name[48];
    struct stored_series *stored = &self->series[series];
    if (stored->equity.is_loaded) return true;
    snprintf(name, sizeof name, "equity/%zu", series);
    if (H5Lexists(self->file, name, H5P_DEFAULT) <= 0) return stored->equity.is_loaded = true;
    snprintf(name, sizeof name, "equity/%zu/row", series);
    if (!load_rows(self, &stored->equity, name)) return false;
    snprintf(name, sizeof name, "equity/%zu/curve", series);
    return curve_points(self, name, stored->equity.count, &stored->equity_points);
}

status result_equity_points(struct result *result, size_t *points, uint64_t row, struct error *err) {
    size_t series = result_series_of(result, row), at;
    if (!load_equity_rows(result, series))
        return result_damaged(result, "an equity table cannot be read", err);
    bool is_kept = find_row(&result->series[series].equity, row, &at);
    *points = is_kept ? result->series[series].equity_points : 0;
    return OK;
}

status result_equity(struct result *result, double **out, size_t *count, uint64_t row, struct error *err) {
    size_t series = result_series_of(result, row), at;
    struct stored_series *stored = &result->series[series];
    *out = NULL;
    *count = 0;
    if (!load_equity_rows(result, series))
        return result_damaged(result, "an equity table cannot be read", err);
    if (!find_row(&stored->equity, row, &at)) return OK;
    char name[48];
    snprintf(name, sizeof name, "equity/%zu/curve", series);
    double *curve = malloc(stored->equity_points * sizeof *curve);
    if (!curve) return error_set(err, ERR_MEMORY, "%s: out of memory for a curve", result->path);
    if (!read_curve(result, name, at, stored->equity_points, curve)) {
        free(curve);
        return result_damaged(result, "an equity curve cannot be read", err);
    }
    *out = curve;
    *count = stored->equity_points;
    return OK;
}

static bool read_candles(struct result *self, size_t series, uint64_t count) {
    struct stored_series *stored = &self->series[series];
    static const char *const names[] = {"open_time", "close_time", "open", "high", "low", "close", "volume"};
    char *memory = stored->memory = malloc((size_t)count * 7 * 8 + 8);
    if (!memory) return false;
    for (size_t c = 0; c < 7; c++) {
        char name[48];
        snprintf(name, sizeof name, "series/%zu/%s", series, names[c]);
        hid_t type = c < 2 ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
        if (!result_read_slice(self, name, type, 0, count, memory + c * count * 8)) return false;
    }
    const void *column[7];
    for (size_t c = 0; c < 7; c++)
        column[c] = memory + c * count * 8;
    stored->candles = (struct series_columns){.open_time = column[0],
                                              .close_time = column[1],
                                              .open = column[2],
                                              .high = column[3],
                                              .low = column[4],
                                              .close = column[5],
                                              .volume = column[6],
                                              .count = count};
    return true;
}

status result_candles(struct result *result, const struct series_columns **out, size_t series,
                      struct error *err) {
    struct stored_series *stored = &result->series[series];
    char name[48];
    uint64_t count;
    if (!stored->memory) {
        snprintf(name, sizeof name, "series/%zu/open_time", series);
        if (!result_length(result, name, &count))
            return error_set(err, ERR_NOT_FOUND, "%s: holds no candles", result->path);
        int64_t first = 0;
        snprintf(name, sizeof name, "series/%zu", series);
        hid_t group = H5Gopen2(result->file, name, H5P_DEFAULT);
        bool done = group >= 0 && h5_read_int64(&first, group, "first_bar");
        if (group >= 0) H5Gclose(group);
        if (!done || !read_candles(result, series, count)) {
            free(stored->memory);
            stored->memory = NULL;
            return result_damaged(result, "its candles cannot be read", err);
        }
        stored->candles.first_bar = (uint64_t)first;
    }
    *out = &stored->candles;
    return OK;
}

bool result_candle_view(struct result *result, struct series *view, size_t *begin, size_t series) {
    const struct series_columns *columns = NULL;
    *view = (struct series){0};
    *begin = 0;
    if (result_candles(result, &columns, series, NULL) != OK) return false;
    *view = (struct series){.count = columns->count,
                            .open_time = columns->open_time,
                            .close_time = columns->close_time,
                            .open = columns->open,
                            .high = columns->high,
                            .low = columns->low,
                            .close = columns->close,
                            .volume = columns->volume};
    *begin = columns->first_bar;
    return true;
}
