/* The bar loop; see backtest.h. Per bar: the strategy, one multiply-add for the equity point, and two
 * compares for the end of a UTC day. */
#include "engine/backtest.h"
#include "base/clock.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t next_midnight(int64_t ms) {
    return (clock_utc_day(ms) + 1) * MS_PER_DAY;
}

static status run_bars(struct backtest *self, struct executor *executor, const struct run_input *in) {
    const struct executor_ops *ops = executor->ops;
    const struct series *s = in->series;
    struct ledger *ledger = &self->ledger;
    status rc = OK;
    for (size_t bar = in->first_bar; rc == OK && bar < in->begin; bar++)
        rc = ops->on_warmup(executor, bar);
    int64_t midnight = next_midnight(s->open_time[in->begin]);
    for (size_t bar = in->begin; rc == OK && bar < in->end; bar++) {
        ledger->moment = (struct order_moment){(int64_t)bar, s->low[bar], s->high[bar], false};
        rc = ops->on_bar(executor, bar);
        if (rc != OK) break;
        double equity = ledger_mark(ledger, s->close[bar]);
        self->equity[self->bars++] = equity;
        if (ops->wants_equity(executor)) ops->on_equity(executor, bar, equity);
        bool last = bar + 1 == in->end;
        if (last || s->open_time[bar + 1] >= midnight) {
            ledger->moment.after_close = true;
            rc = ops->on_day_end(executor, bar);
            if (!last) midnight = next_midnight(s->open_time[bar + 1]);
        }
    }
    return rc;
}

/* A limit that fires in a last finalizer is known after the bars only: by the report. */
static enum run_status status_of(status rc, const struct run_report *report) {
    const char *type = report->failure.type;
    if (rc == ERR_STRATEGY) return RUN_FAILED; /* whatever it calls its exceptions */
    if (type && !strcmp(type, "MemoryLimit")) return RUN_MEMORY_LIMIT;
    if (rc == ERR_LIMIT || (type && !strcmp(type, "TimeLimit"))) return RUN_TIME_LIMIT;
    return rc != OK || type ? RUN_FAILED : RUN_DONE;
}

status backtest_run(struct backtest *self, struct executor *executor, const struct run_input *input,
                    const struct account_rules *rules, struct error *err) {
    size_t bars = input->end - input->begin;
    if (bars > self->equity_capacity) {
        double *equity = realloc(self->equity, bars * sizeof *equity);
        if (!equity) return error_set(err, ERR_MEMORY, "out of memory for the equity of %zu bars", bars);
        self->equity = equity;
        self->equity_capacity = bars;
    }
    run_report_clear(&self->report);
    ledger_reset(&self->ledger, rules);
    self->bars = 0;
    int64_t start_ns = clock_thread_cpu_ns();
    status rc = executor->ops->start(executor, input, &self->ledger);
    if (rc == OK) rc = run_bars(self, executor, input);
    executor->ops->finish(executor, &self->report);
    self->status = status_of(rc, &self->report);
    if (self->status == RUN_DONE)
        run_metrics(self->metrics, &self->ledger, input->series, input->begin, input->end, self->equity,
                    &self->scratch);
    else
        for (int m = 0; m < METRIC_COUNT; m++)
            self->metrics[m] = NAN;
    self->elapsed_seconds = (double)(clock_thread_cpu_ns() - start_ns) * 1e-9;
    return OK;
}

size_t backtest_sample(double *out, size_t count, const double *equity, size_t bars) {
    if (count == 0 || bars == 0) return 0;
    if (count >= bars) {
        memcpy(out, equity, bars * sizeof *out);
        return bars;
    }
    for (size_t k = 0; k < count; k++) {
        size_t at = count == 1 ? bars - 1 : (size_t)((unsigned __int128)k * (bars - 1) / (count - 1));
        out[k] = equity[at];
    }
    return count;
}

void backtest_clear(struct backtest *self) {
    ledger_clear(&self->ledger);
    metrics_scratch_clear(&self->scratch);
    run_report_clear(&self->report);
    free(self->equity);
    *self = (struct backtest){0};
}
