/* context.trades, orders and equity_curve. Equivalent to the properties of class BacktestContext in
 * strategies/kmill.py:
 *
 *     @property
 *     def trades(self):
 *         if self._trades is None: self._trades = [dict(trade) for trade in self._ledger.trades]
 *         return self._trades    # one live list, the strategy's own
 *
 * Nothing is made before it is asked for. The equity points of the bars before are then made again from the
 * trades: between two trades balance and position do not change, and a point is one multiply-add of doubles,
 * so that they come out the same. */
#include "strategy/kmill_module.h"

#include "base/clock.h"

static PyObject *time_text(int64_t ms) {
    char text[CLOCK_TEXT_MAX];
    size_t length = clock_format_iso(text, ms);
    return PyUnicode_FromStringAndSize(text, (Py_ssize_t)length);
}

PyObject *trade_timestamp(const struct live_run *run, const struct trade *trade) {
    if (trade->stamp == STAMP_OPEN_TIME) return time_text(run->series->open_time[trade->bar]);
    if (trade->stamp == STAMP_CLOSE_TIME) return time_text(run->series->close_time[trade->bar]);
    return PyUnicode_FromString(run->ledger->texts[trade->text]);
}

/* Steals the values (NULL: out of memory) and pairs them with the keys. */
static PyObject *dict_of(PyObject *const *keys, PyObject **values, int count) {
    PyObject *dict = PyDict_New();
    for (int i = 0; i < count; i++) {
        if (dict && (!values[i] || PyDict_SetItem(dict, keys[i], values[i]) < 0)) Py_CLEAR(dict);
        Py_XDECREF(values[i]);
    }
    return dict;
}

PyObject *trade_as_dict(const struct module_state *state, const struct live_run *run,
                        const struct trade *trade) {
    PyObject *values[TRADE_KEYS] = {
        trade_timestamp(run, trade),
        Py_NewRef(trade->side == TRADE_BUY ? state->text_buy : state->text_sell),
        PyFloat_FromDouble(trade->price),
        PyFloat_FromDouble(trade->amount),
        PyFloat_FromDouble(trade->balance),
        PyFloat_FromDouble(trade->fee),
        PyFloat_FromDouble(trade->position),
        PyFloat_FromDouble(trade->total_value),
        PyFloat_FromDouble(trade->profit),
    };
    return dict_of(state->trade_keys, values, TRADE_KEYS);
}

static PyObject *equity_as_dict(const struct module_state *state, const struct live_run *run, size_t bar,
                                double equity, double balance, double position) {
    PyObject *values[EQUITY_KEYS] = {time_text(run->series->open_time[bar]), PyFloat_FromDouble(equity),
                                     PyFloat_FromDouble(balance), PyFloat_FromDouble(position)};
    return dict_of(state->equity_keys, values, EQUITY_KEYS);
}

static bool append_to(PyObject *list, PyObject *item) {
    bool done = item && PyList_Append(list, item) == 0;
    Py_XDECREF(item);
    return done;
}

PyObject *context_trades(struct context_object *context) {
    const struct ledger *ledger = context->run->ledger;
    PyObject *list = context->trades ? NULL : PyList_New(0);
    for (size_t i = 0; list && i < ledger->trade_count; i++)
        if (!append_to(list, trade_as_dict(context->state, context->run, &ledger->trades[i]))) Py_CLEAR(list);
    if (list) context->trades = list;
    return Py_XNewRef(context->trades);
}

PyObject *context_orders(struct context_object *context) {
    const struct ledger *ledger = context->run->ledger;
    PyObject *list = context->orders ? NULL : PyList_New(0);
    for (size_t i = 0; list && i < ledger->trade_count; i++)
        if (!append_to(list, order_create(context->state, context->run, &ledger->trades[i]))) Py_CLEAR(list);
    if (list) context->orders = list;
    return Py_XNewRef(context->orders);
}

/* The points of bars [begin, end), made again. */
static PyObject *equity_points(const struct context_object *context, size_t end) {
    const struct live_run *run = context->run;
    const struct ledger *ledger = run->ledger;
    double balance = decimal_to_double(ledger->rules.initial_balance), position = 0.0;
    PyObject *list = PyList_New(0);
    size_t next = 0; /* trade */
    for (size_t bar = run->begin; list && bar < end; bar++) {
        for (; next < ledger->trade_count; next++) {
            const struct trade *trade = &ledger->trades[next];
            size_t from = (size_t)trade->bar + (trade->after_close ? 1 : 0); /* first point that sees it */
            if (from > bar) break;
            balance = trade->balance;
            position = trade->position;
        }
        double equity = balance + position * run->series->close[bar];
        if (!append_to(list, equity_as_dict(context->state, run, bar, equity, balance, position)))
            Py_CLEAR(list);
    }
    return list;
}

PyObject *context_equity_curve(struct context_object *context) {
    const struct live_run *run = context->run;
    if (!context->equity_curve)
        context->equity_curve = equity_points(context, run->bar + (run->marked ? 1 : 0));
    return Py_XNewRef(context->equity_curve);
}

bool context_add_equity(struct context_object *context, double equity) {
    const struct live_run *run = context->run;
    const struct ledger *ledger = run->ledger;
    return append_to(context->equity_curve, equity_as_dict(context->state, run, run->bar, equity,
                                                           ledger->balance_float, ledger->position_float));
}
