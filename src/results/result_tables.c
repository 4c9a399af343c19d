/* Trades, curves, errors and text of a result file. */
#include "results/result_tables.h"
#include "kline/h5_attribute.h"
#include "results/chunk.h"
#include "results/result_attributes.h"

#include <stdlib.h>
#include <string.h>

const char *const trade_double_names[TRADE_DOUBLES] = {"price",    "amount",      "fee",   "balance",
                                                       "position", "total_value", "profit"};

double *trade_double(struct trade *trade, size_t index) {
    double *const members[TRADE_DOUBLES] = {&trade->price,   &trade->amount,   &trade->fee,
                                            &trade->balance, &trade->position, &trade->total_value,
                                            &trade->profit};
    return members[index];
}

/* ---- opening ---- */

static hid_t make_group(hid_t file, const char *name) {
    return H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

static bool open_trades(struct result_tables *self, hid_t group) {
    static const char *const sides[] = {"buy", "sell"}, *const stamps[] = {"open_time", "close_time", "text"};
    self->side_type = h5_enum_type(sides, 2);
    self->stamp_type = h5_enum_type(stamps, 3);
    self->bool_type = h5_bool_type();
    bool done = group >= 0 && h5_flat_open(&self->bar, group, "bar", H5T_STD_I64LE) &&
                (!self->series || h5_flat_open(&self->time, group, "time", H5T_STD_I64LE)) &&
                h5_flat_open(&self->side, group, "side", self->side_type);
    for (size_t i = 0; done && i < TRADE_DOUBLES; i++)
        done = h5_flat_open(&self->doubles[i], group, trade_double_names[i], H5T_IEEE_F64LE);
    return done && h5_flat_open(&self->stamp, group, "stamp", self->stamp_type) &&
           h5_flat_open(&self->after_close, group, "after_close", self->bool_type) &&
           h5_flat_open(&self->text_index, group, "text_index", H5T_STD_I64LE) &&
           h5_texts_open(&self->trade_text, group, "text");
}

static bool open_errors(struct result_tables *self, hid_t group) {
    return group >= 0 && h5_flat_open(&self->error_row, group, "row", H5T_STD_U64LE) &&
           h5_flat_open(&self->error_line, group, "line", H5T_STD_I64LE) &&
           h5_flat_open(&self->error_column, group, "column", H5T_STD_I64LE) &&
           h5_flat_open(&self->error_bar, group, "bar", H5T_STD_I64LE) &&
           h5_texts_open(&self->error_type, group, "type") &&
           h5_texts_open(&self->error_message, group, "message") &&
           h5_texts_open(&self->traceback, group, "traceback");
}

static bool open_text_table(struct text_table *table, hid_t file, const char *name) {
    hid_t group = make_group(file, name);
    bool done = group >= 0 && h5_flat_open(&table->row, group, "row", H5T_STD_U64LE) &&
                h5_texts_open(&table->text, group, "text");
    if (group >= 0) H5Gclose(group);
    return done;
}

bool result_tables_open(struct result_tables *tables, hid_t file, const struct series_columns *series,
                        size_t series_count) {
    *tables = (struct result_tables){.file = file, .series = series, .series_count = series_count};
    tables->equity = calloc(series_count + 1, sizeof *tables->equity);
    hid_t trades = H5Gopen2(file, "trades", H5P_DEFAULT), errors = make_group(file, "errors");
    hid_t equity = make_group(file, "equity");
    bool done = tables->equity && equity >= 0 && open_trades(tables, trades) && open_errors(tables, errors) &&
                open_text_table(&tables->log, file, "log") &&
                open_text_table(&tables->warnings, file, "warnings");
    if (trades >= 0) H5Gclose(trades);
    if (errors >= 0) H5Gclose(errors);
    if (equity >= 0) H5Gclose(equity);
    return done;
}

/* ---- adding ---- */

/* The time of a trade in ms: its bar's open_time, or close_time if that is what the strategy stamped it with.
 */
static int64_t trade_time(const struct series_columns *series, const struct trade *trade) {
    uint64_t row = (uint64_t)trade->bar - series->first_bar;
    if (row >= series->count) return INT64_MIN;
    return trade->stamp == STAMP_CLOSE_TIME ? series->close_time[row] : series->open_time[row];
}

static bool add_trade_text(struct result_tables *self, const struct run_record *record,
                           const struct trade *trade) {
    int64_t index = -1;
    if (trade->stamp == STAMP_TEXT) {
        const char *text = record->trade_texts[trade->text];
        index = (int64_t)self->trade_texts++;
        if (!h5_texts_add(&self->trade_text, text, strlen(text))) return false;
    }
    return h5_column_add(&self->text_index, &index, 1);
}

static bool add_trade(struct result_tables *self, const struct run_record *record,
                      const struct trade *trade) {
    bool done = h5_column_add(&self->bar, &trade->bar, 1) && h5_column_add(&self->side, &trade->side, 1) &&
                h5_column_add(&self->stamp, &trade->stamp, 1) &&
                h5_column_add(&self->after_close, &trade->after_close, 1) &&
                add_trade_text(self, record, trade);
    if (self->series) {
        int64_t time = trade_time(&self->series[record->series], trade);
        done = done && h5_column_add(&self->time, &time, 1);
    }
    for (size_t i = 0; done && i < TRADE_DOUBLES; i++)
        done = h5_column_add(&self->doubles[i], trade_double((struct trade *)trade, i), 1);
    return done;
}

static bool open_equity(struct result_tables *self, size_t series, size_t points) {
    struct equity_group *group = &self->equity[series];
    char name[32];
    snprintf(name, sizeof name, "equity/%zu", series);
    hid_t parent = make_group(self->file, name);
    if (parent < 0) return false;
    group->is_open = true;
    group->points = points;
    hsize_t extent[2] = {0, points}, most[2] = {H5S_UNLIMITED, points};
    hsize_t chunk[2] = {1, curve_chunk_points(points)};
    hid_t space = H5Screate_simple(2, extent, most), create = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(create, 2, chunk);
    H5Pset_shuffle(create);
    H5Pset_deflate(create, 1);
    H5Pset_fill_time(create, H5D_FILL_TIME_NEVER);
    group->curve = H5Dcreate2(parent, "curve", H5T_IEEE_F64LE, space, H5P_DEFAULT, create, H5P_DEFAULT);
    bool done = group->curve >= 0 && h5_flat_open(&group->row, parent, "row", H5T_STD_U64LE);
    H5Pclose(create);
    H5Sclose(space);
    H5Gclose(parent);
    return done;
}

static bool write_curve(struct equity_group *group, const struct run_record *record) {
    hsize_t extent[2] = {group->count + 1, group->points}, start[2] = {group->count, 0};
    if (H5Dset_extent(group->curve, extent) < 0) return false;
    const unsigned char *packed = record->equity_chunk, *image;
    size_t left = record->equity_chunk_length, length;
    for (; curve_next_image(&packed, &left, &image, &length); start[1] += curve_chunk_points(group->points))
        if (H5Dwrite_chunk(group->curve, H5P_DEFAULT, 0, start, length, image) < 0) return false;
    group->count++;
    return true;
}

static status add_equity(struct result_tables *self, uint64_t row, const struct run_record *record,
                         struct error *err) {
    struct equity_group *group = &self->equity[record->series];
    if (!group->is_open && !open_equity(self, record->series, record->equity_count)) return ERR_IO;
    if (group->points != record->equity_count)
        return error_set(err, ERR_CORRUPT, "run %llu has %zu equity points, others of its series have %zu",
                         (unsigned long long)record->run, record->equity_count, group->points);
    return h5_column_add(&group->row, &row, 1) && write_curve(group, record) ? OK : ERR_IO;
}

static bool add_string(struct h5_texts *texts, const char *string) {
    return h5_texts_add(texts, string ? string : "", string ? strlen(string) : 0);
}

static bool add_error(struct result_tables *self, uint64_t row, const struct run_record *record) {
    int64_t line = record->error_line, column = record->error_column;
    return h5_column_add(&self->error_row, &row, 1) && h5_column_add(&self->error_line, &line, 1) &&
           h5_column_add(&self->error_column, &column, 1) &&
           h5_column_add(&self->error_bar, &record->error_bar, 1) &&
           add_string(&self->error_type, record->error_type) &&
           add_string(&self->error_message, record->error_message) &&
           add_string(&self->traceback, record->traceback);
}

static bool add_text(struct text_table *table, uint64_t row, const char *text, size_t length) {
    if (length == 0) return true;
    return h5_column_add(&table->row, &row, 1) && h5_texts_add(&table->text, text, length);
}

status result_tables_add(struct result_tables *tables, uint64_t row, const struct run_record *record,
                         bool with_trades, struct error *err) {
    bool done = add_text(&tables->log, row, record->log, record->log_length) &&
                add_text(&tables->warnings, row, record->warnings, record->warnings_length);
    if (record->status != RUN_DONE) done = done && add_error(tables, row, record);
    for (size_t i = 0; done && with_trades && record->trades && i < record->trade_count; i++)
        done = add_trade(tables, record, &record->trades[i]);
    if (!done) return ERR_IO;
    return record->equity_count > 0 ? add_equity(tables, row, record, err) : OK;
}

/* ---- closing ---- */

static bool close_columns(struct h5_column *const *columns, size_t count) {
    bool done = true;
    for (size_t i = 0; i < count; i++)
        done &= h5_column_close(columns[i]);
    return done;
}

static bool close_equity(struct result_tables *self) {
    bool done = true;
    for (size_t k = 0; self->equity && k < self->series_count; k++) {
        if (!self->equity[k].is_open) continue;
        done &= h5_column_close(&self->equity[k].row);
        if (self->equity[k].curve >= 0) done &= H5Dclose(self->equity[k].curve) >= 0;
    }
    free(self->equity);
    return done;
}

bool result_tables_close(struct result_tables *tables) {
    struct h5_column *const columns[] = {&tables->bar,       &tables->time,        &tables->side,
                                         &tables->stamp,     &tables->after_close, &tables->text_index,
                                         &tables->error_row, &tables->error_line,  &tables->error_column,
                                         &tables->error_bar, &tables->log.row,     &tables->warnings.row};
    struct h5_texts *const texts[] = {&tables->trade_text, &tables->error_type, &tables->error_message,
                                      &tables->traceback,  &tables->log.text,   &tables->warnings.text};
    bool done = close_columns(columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < TRADE_DOUBLES; i++)
        done &= h5_column_close(&tables->doubles[i]);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        done &= h5_texts_close(texts[i]);
    done &= close_equity(tables);
    if (tables->side_type > 0) H5Tclose(tables->side_type);
    if (tables->stamp_type > 0) H5Tclose(tables->stamp_type);
    if (tables->bool_type > 0) H5Tclose(tables->bool_type);
    *tables = (struct result_tables){0};
    return done;
}

/* ---- series ---- */

static bool write_flat(hid_t group, const char *name, hid_t type, const void *elements, uint64_t count) {
    struct h5_column column;
    bool done = h5_flat_open(&column, group, name, type) && h5_column_add(&column, elements, (size_t)count);
    return h5_column_close(&column) && done;
}

static bool write_candles(hid_t group, const struct series_columns *c) {
    return h5_write_int64(group, "first_bar", (int64_t)c->first_bar) &&
           write_flat(group, "open_time", H5T_STD_I64LE, c->open_time, c->count) &&
           write_flat(group, "close_time", H5T_STD_I64LE, c->close_time, c->count) &&
           write_flat(group, "open", H5T_IEEE_F64LE, c->open, c->count) &&
           write_flat(group, "high", H5T_IEEE_F64LE, c->high, c->count) &&
           write_flat(group, "low", H5T_IEEE_F64LE, c->low, c->count) &&
           write_flat(group, "close", H5T_IEEE_F64LE, c->close, c->count) &&
           write_flat(group, "volume", H5T_IEEE_F64LE, c->volume, c->count);
}

bool result_series_write(hid_t file, const struct provenance *provenance,
                         const struct series_columns *columns) {
    hid_t parent = make_group(file, "series");
    bool done = parent >= 0;
    for (size_t k = 0; done && k < provenance->series_count; k++) {
        char name[24];
        snprintf(name, sizeof name, "%zu", k);
        hid_t group = make_group(parent, name);
        done = group >= 0 && series_write_attributes(group, &provenance->series[k]) &&
               (!columns || write_candles(group, &columns[k]));
        if (group >= 0) H5Gclose(group);
    }
    if (parent >= 0) H5Gclose(parent);
    return done;
}
