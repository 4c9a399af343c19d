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

static status run_warmup(struct executor *executor, const struct run_input *in) {
    status rc = OK;
    for (size_t bar = in->first_bar; rc == OK && bar < in->begin; bar++)
        rc = executor->ops->on_warmup(executor, bar);
    return rc;
}

/* Bars [bar, end): a part of the run. *midnight: the end of the present UTC day. */
static status run_bars(struct backtest *self, struct executor *executor, const struct run_input *in,
                       size_t bar, size_t end, int64_t *midnight) {
    const struct executor_ops *ops = executor->ops;
    const struct series *s = in->series;
    struct ledger *ledger = &self->ledger;
    status rc = OK;
    for (; rc == OK && bar < end; bar++) {
        ledger->moment = (struct order_moment){(int64_t)bar, s->low[bar], s->high[bar], false};
        rc = ops->on_bar(executor, bar);
        if (rc != OK) break;
        double equity = ledger_mark(ledger, s->close[bar]);
        self->equity[self->bars++] = equity;
        if (ops->wants_equity(executor)) ops->on_equity(executor, bar, equity);
        bool last = bar + 1 == in->end;
        if (last || s->open_time[bar + 1] >= *midnight) {
            ledger->moment.after_close = true;
            rc = ops->on_day_end(executor, bar);
            if (!last) *midnight = next_midnight(s->open_time[bar + 1]);
        }
    }
    return rc;
}

/* In parts, so that telling how far it came costs nothing a bar. */
static status run_parts(struct backtest *self, struct executor *executor, const struct run_input *in) {
    int64_t midnight = next_midnight(in->series->open_time[in->begin]);
    status rc = run_warmup(executor, in);
    for (size_t bar = in->begin; rc == OK && bar < in->end; bar += PROGRESS_BARS) {
        size_t end = in->end - bar > PROGRESS_BARS ? bar + PROGRESS_BARS : in->end;
        rc = run_bars(self, executor, in, bar, end, &midnight);
        if (self->progress) atomic_store_explicit(self->progress, self->bars, memory_order_relaxed);
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
    if (self->progress) atomic_store_explicit(self->progress, 0, memory_order_relaxed);
    int64_t start_ns = clock_thread_cpu_ns();
    status rc = executor->ops->start(executor, input, &self->ledger);
    if (rc == OK) rc = run_parts(self, executor, input);
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
