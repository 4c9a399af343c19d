/* A journal holds no parameters, only run numbers: the sweep file in its header says what they stand for. The
 * candles come from the store, if it still has the very series. */
#include "engine/open_result.h"
#include "engine/run_params.h"
#include "kmill/store.h"
#include "results/journal.h"
#include "results/result_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct journal_source {
    struct journal_reader *reader;
    struct sweep_spec *spec;
    struct parameter_value *params;
    struct mapped_series **mapped; /* one a series of the sweep */
    struct series_columns *columns;
};

/* The evaluated range as it was, or nothing. */
static bool find_candles(struct journal_source *self, size_t k, const struct series_provenance *series) {
    enum interval interval;
    if (!interval_parse(&interval, series->interval) ||
        mapped_series_open(&self->mapped[k], series->store, series->symbol, interval, NULL) != OK ||
        mapped_series_info(self->mapped[k])->checksum != series->checksum)
        return false;
    const struct series *view = mapped_series_view(self->mapped[k]);
    size_t begin = series_lower_bound(view, series->begin_ms);
    if (series->bars > view->count - begin) return false;
    self->columns[k] = series_columns_of(view, begin, series->bars);
    return true;
}

static bool find_all_candles(struct journal_source *self, const struct provenance *provenance) {
    self->mapped = calloc(provenance->series_count + 1, sizeof *self->mapped);
    self->columns = calloc(provenance->series_count + 1, sizeof *self->columns);
    bool all = self->mapped && self->columns;
    for (size_t k = 0; all && k < provenance->series_count; k++)
        all = find_candles(self, k, &provenance->series[k]);
    return all;
}

static void source_clear(struct journal_source *self) {
    size_t count = self->reader ? journal_reader_provenance(self->reader)->series_count : 0;
    for (size_t k = 0; self->mapped && k < count; k++)
        mapped_series_close(self->mapped[k]);
    free(self->mapped);
    free(self->columns);
    free(self->params);
    spec_close(self->spec);
    journal_reader_close(self->reader);
}

status sweep_open_journal(struct result **out, const char *path, const uint64_t *trade_runs,
                          size_t trade_count, struct error *err) {
    struct journal_source source = {0};
    status rc = journal_reader_open(&source.reader, path, err);
    const struct provenance *provenance = rc == OK ? journal_reader_provenance(source.reader) : NULL;
    if (rc == OK) rc = run_params_of_journal(&source.spec, &source.params, provenance, err);
    if (rc == OK) {
        struct run_params params = {source.spec, source.params};
        struct result_options options = {.params = run_params_get,
                                         .params_context = &params,
                                         .series =
                                             find_all_candles(&source, provenance) ? source.columns : NULL,
                                         .keep_trades = trade_runs,
                                         .keep_trades_count = trade_count};
        rc = result_open_journal(out, path, &options, err);
    }
    source_clear(&source);
    return rc;
}

status sweep_open_result(struct result **out, const char *path, const uint64_t *trade_runs,
                         size_t trade_count, struct error *err) {
    char header[4200];
    snprintf(header, sizeof header, "%s.journal/sweep", path);
    if (access(path, F_OK) != 0 && access(header, F_OK) == 0)
        return sweep_open_journal(out, path, trade_runs, trade_count, err);
    return result_open(out, path, err);
}
