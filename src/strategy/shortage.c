/* Indicators that never had enough data in a run: the most frequent reason why a strategy does nothing at
 * all, and silent otherwise (an indicator longer than the window returns None for ever).
 *
 * Kept while the run lasts: each (indicator, period) that ever came out as None, and whether it got a value
 * later. The common strategy that guards with `if len(closes) < slow_period: return` never asks an indicator;
 * it is recognised by its traces: no value of any indicator, no order, and an integer parameter larger than
 * the window. */
#include <string.h>

#include "strategy/kmill_module.h"

static const char *const INDICATOR_NAMES[] = {"calculate_sma",  "calculate_ema",       "calculate_rsi",
                                              "calculate_macd", "calculate_bollinger", "calculate_atr"};

static struct shortage *find(struct shortage_list *list, enum indicator_kind kind, Py_ssize_t period) {
    for (int i = 0; i < list->count; i++)
        if (list->entries[i].kind == kind && list->entries[i].period == period) return &list->entries[i];
    return NULL;
}

void shortage_missing(struct shortage_list *list, enum indicator_kind kind, Py_ssize_t period,
                      Py_ssize_t needed) {
    if (find(list, kind, period) || list->count == SHORTAGE_MAX) return;
    list->entries[list->count++] = (struct shortage){kind, period, needed, false};
    list->open++;
}

void shortage_satisfied(struct shortage_list *list, enum indicator_kind kind, Py_ssize_t period) {
    struct shortage *entry = find(list, kind, period);
    if (!entry || entry->satisfied) return;
    entry->satisfied = true;
    list->open--;
}

/* ---- the report ------------------------------------------------------------------------------ */

static bool is_window(const struct parameter_value *param) {
    return strcmp(param->name, "klineWndSize") == 0;
}

/* The one parameter with this value; NULL if there is none or there are several. */
static const char *parameter_with_value(const struct run_input *input, Py_ssize_t value) {
    const char *name = NULL;
    for (size_t i = 0; i < input->param_count; i++) {
        const struct parameter_value *param = &input->params[i];
        if (is_window(param) || param->value.kind != VALUE_INT || param->value.integer != value) continue;
        if (name) return NULL;
        name = param->name;
    }
    return name;
}

static void add_where(struct text *out, const struct run_input *input, Py_ssize_t needed) {
    size_t klines = input->end - input->first_bar;
    if ((size_t)needed > input->window)
        text_printf(out, " never fits klineWndSize %zu\n", input->window);
    else if ((size_t)needed > klines)
        text_printf(out, " never fits the %zu klines there are\n", klines);
    else
        text_add_string(out, " never had enough data\n");
}

static void report_entry(struct text *out, const struct shortage *entry, const struct run_input *input) {
    const char *name = parameter_with_value(input, entry->period);
    if (name)
        text_printf(out, "%s %zd", name, entry->period);
    else
        text_printf(out, "%s of period %zd", INDICATOR_NAMES[entry->kind], entry->period);
    if (entry->needed != entry->period) text_printf(out, " (%zd values)", entry->needed);
    add_where(out, input, entry->needed);
}

void shortage_report(struct text *out, const struct shortage_list *list, const struct run_input *input,
                     bool any_order) {
    for (int i = 0; i < list->count; i++)
        if (!list->entries[i].satisfied) report_entry(out, &list->entries[i], input);
    if (list->count > 0 || list->any_value || any_order) return;
    for (size_t i = 0; i < input->param_count; i++) {
        const struct parameter_value *param = &input->params[i];
        if (is_window(param) || param->value.kind != VALUE_INT ||
            param->value.integer <= (int64_t)input->window)
            continue;
        text_printf(out, "%s %lld never fits klineWndSize %zu\n", param->name,
                    (long long)param->value.integer, input->window);
    }
}
