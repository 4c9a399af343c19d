/* One value each. */
#include "server/sweeps/run_cells.h"
#include "results/metric_text.h"
#include "results/provenance.h"
#include "results/run_record.h"
#include "server/http/pool.h"

#include <math.h>
#include <string.h>

void write_metric(struct writer *w, enum metric metric, double value) {
    const char *unit = metric_info(metric)->unit;
    if (isnan(value))
        writer_null(w);
    else if (metric_is_time(metric))
        writer_time(w, (int64_t)value);
    else if (strcmp(unit, "count") == 0 || strcmp(unit, "bars") == 0)
        writer_int(w, (int64_t)value);
    else
        writer_double(w, value);
}

void write_value(struct writer *w, struct value value) {
    switch (value.kind) {
    case VALUE_NONE:
        writer_null(w);
        break;
    case VALUE_BOOL:
        writer_bool(w, value.boolean);
        break;
    case VALUE_INT:
        writer_int(w, value.integer);
        break;
    case VALUE_FLOAT:
        writer_double(w, value.real);
        break;
    case VALUE_TEXT:
        writer_string(w, value.text);
        break;
    }
}

static status write_error_text(struct writer *w, struct result *result, uint64_t row, struct error *err) {
    const struct run_record *record;
    struct text text = {0};
    status rc = OK;
    if (result_status(result, row) != RUN_DONE) {
        hdf5_lock();
        rc = result_run(result, &record, row, err);
        if (rc == OK && record->error_type)
            text_printf(&text, "%s: %s", record->error_type, record->error_message);
        hdf5_unlock();
    }
    if (rc == OK) writer_bytes(w, text.data ? text.data : "", text.length);
    text_clear(&text);
    return rc;
}

static status write_param(struct writer *w, struct result *result, size_t param, uint64_t row,
                          struct error *err) {
    struct value value;
    status rc = result_param(result, &value, param, row, err);
    if (rc == OK) write_value(w, value);
    return rc;
}

status write_cell(struct writer *w, const struct row_column *column, struct result *result, uint64_t row,
                  struct error *err) {
    const struct series_provenance *series =
        &result_provenance(result)->series[result_series_of(result, row)];
    switch (column->kind) {
    case ROW_RUN:
        writer_uint(w, result_run_of_row(result, row));
        break;
    case ROW_STATUS:
        writer_string(w, run_status_name((enum run_status)result_status(result, row)));
        break;
    case ROW_SYMBOL:
        writer_string(w, series->symbol);
        break;
    case ROW_INTERVAL:
        writer_string(w, series->interval);
        break;
    case ROW_ELAPSED:
        writer_double(w, result_elapsed(result, row));
        break;
    case ROW_ERROR:
        return write_error_text(w, result, row, err);
    case ROW_METRIC:
        write_metric(w, column->metric, column->values[row]);
        break;
    case ROW_PARAM:
        return write_param(w, result, column->param, row, err);
    }
    return OK;
}

void write_sparkline(struct writer *w, const float *points) {
    size_t count = SPARKLINE_POINTS;
    while (count > 0 && isnan(points[count - 1]))
        count--;
    writer_array(w);
    for (size_t i = 0; i < count; i++)
        writer_float(w, points[i]);
    writer_end(w);
}
