/* BacktestContext: the account as the strategy sees it. Equivalent to class BacktestContext of
 * strategies/kmill.py:
 *
 *     class BacktestContext:
 *         balance = property(lambda self: Money(self._ledger.balance))
 *         # and position, initial_balance, fee_rate, max_drawdown
 *         def buy(self, price, amount, timestamp): ...    # operand() of both, str timestamp, then the ledger
 *         def sell(self, price, amount, timestamp): ...
 *         def sell_all(self, price, timestamp): ...
 *         def get_equity(self, price) -> Money: ...       # and get_position_value, get_drawdown
 *         def get_avg_position_price(self) -> float: ...
 *         # trades, orders, equity_curve: live lists, made when first asked for (context_lists.c)
 *
 * Design: the amounts are made anew at each accepted order. A context whose run is over keeps its last
 * amounts and refuses everything else, so that an object which outlives its run (a late __del__) reaches no
 * account. */
#include "strategy/kmill_module.h"

#include <stddef.h>
#include <string.h>

#include "strategy/arguments.h"

static inline struct context_object *as_context(PyObject *object) {
    return (struct context_object *)object;
}

static struct ledger *open_ledger(PyObject *self) {
    struct live_run *run = as_context(self)->run;
    if (run) return run->ledger;
    PyErr_SetString(PyExc_RuntimeError, "this context's run is over");
    return NULL;
}

/* ---- amounts --------------------------------------------------------------------------------- */

/* The amounts are plain object slots, which specialised bytecode reads without a call: most strategies look
 * at the position in every bar, and few trade in one. */
static bool slot_set(struct context_object *context, PyObject **slot, struct decimal value) {
    PyObject *money = money_from_decimal(context->state, value);
    if (!money) return false;
    Py_XSETREF(*slot, money);
    return true;
}

/* After each accepted order. */
static bool update_amounts(struct context_object *context) {
    const struct ledger *ledger = context->run->ledger;
    return slot_set(context, &context->balance, ledger->balance) &&
           slot_set(context, &context->position, ledger->position);
}

static PyObject *get_max_drawdown(PyObject *self, void *closure) {
    (void)closure;
    const struct ledger *ledger = open_ledger(self);
    return ledger ? money_from_decimal(as_context(self)->state, decimal_from_double(ledger->max_drawdown))
                  : NULL;
}

/* ---- orders ---------------------------------------------------------------------------------- */

static bool text_equals(const char *text, size_t length, PyObject *known) {
    Py_ssize_t known_length;
    const char *data = known ? PyUnicode_AsUTF8AndSize(known, &known_length) : NULL;
    return data && (size_t)known_length == length && memcmp(data, text, length) == 0;
}

static bool stamp_from_python(struct order_stamp *out, struct live_run *run, PyObject *timestamp) {
    if (!PyUnicode_Check(timestamp)) {
        PyErr_Format(PyExc_TypeError, "timestamp must be a str, not %s", type_name_of(timestamp));
        return false;
    }
    *out = (struct order_stamp){STAMP_OPEN_TIME, NULL, 0};
    if (timestamp == run->kline->open_time) return true;
    out->kind = STAMP_CLOSE_TIME;
    if (timestamp == run->kline->close_time) return true;
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(timestamp, &length);
    if (!text) return false;
    if (memchr(text, '\0', (size_t)length)) {
        PyErr_SetString(PyExc_ValueError, "timestamp must not contain a null character");
        return false;
    }
    *out = (struct order_stamp){STAMP_TEXT, text, (size_t)length};
    if (text_equals(text, (size_t)length, kline_open_time(run->kline)))
        out->kind = STAMP_OPEN_TIME;
    else if (text_equals(text, (size_t)length, kline_close_time(run->kline)))
        out->kind = STAMP_CLOSE_TIME;
    return true;
}

static bool append_to(PyObject *list, PyObject *item) {
    bool done = item && PyList_Append(list, item) == 0;
    Py_XDECREF(item);
    return done;
}

static bool call_on_trade(struct context_object *context, const struct trade *trade) {
    struct live_run *run = context->run;
    if (!run->calls_on_trade) return true;
    PyObject *record = trade_as_dict(context->state, run, trade),
             *name = PyUnicode_InternFromString("on_trade");
    PyObject *result = record && name ? PyObject_CallMethodOneArg(run->strategy, name, record) : NULL;
    Py_XDECREF(record);
    Py_XDECREF(name);
    Py_XDECREF(result);
    return result != NULL;
}

/* After the ledger's answer: the live lists, then on_trade, which may trade itself (the trades may move: copy
 * first). */
static PyObject *order_done(struct context_object *context, bool accepted) {
    if (!accepted) Py_RETURN_FALSE;
    struct live_run *run = context->run;
    struct trade trade = run->ledger->trades[run->ledger->trade_count - 1];
    if (!update_amounts(context)) return NULL;
    if (context->trades && !append_to(context->trades, trade_as_dict(context->state, run, &trade)))
        return NULL;
    if (context->orders && !append_to(context->orders, order_create(context->state, run, &trade)))
        return NULL;
    if (!call_on_trade(context, &trade)) return NULL;
    Py_RETURN_TRUE;
}

typedef bool ledger_order(struct ledger *, struct decimal, struct decimal, struct order_stamp);

static PyObject *order(PyObject *self, PyObject *const *v, ledger_order *execute) {
    struct context_object *context = as_context(self);
    struct decimal price, amount;
    struct order_stamp stamp;
    enum operand_kind price_kind = operand_from_python(context->state, &price, "price", v[0]);
    if (price_kind == OPERAND_ERROR) return NULL;
    enum operand_kind amount_kind = operand_from_python(context->state, &amount, "amount", v[1]);
    if (amount_kind == OPERAND_ERROR) return NULL;
    struct ledger *ledger =
        open_ledger(self); /* only now: reading the operands may have run the strategy's code */
    if (!ledger || !stamp_from_python(&stamp, context->run, v[2])) return NULL;
    if (price_kind != OPERAND_FINITE || amount_kind != OPERAND_FINITE) {
        ledger_refuse(ledger);
        Py_RETURN_FALSE;
    }
    return order_done(context, execute(ledger, price, amount, stamp));
}

static PyObject *buy(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    static const struct signature signature = {"buy", {"price", "amount", "timestamp"}, 3, 3};
    PyObject *v[3];
    return arguments_bind(&signature, v, args, nargs, names) ? order(self, v, ledger_buy) : NULL;
}

static PyObject *sell(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    static const struct signature signature = {"sell", {"price", "amount", "timestamp"}, 3, 3};
    PyObject *v[3];
    return arguments_bind(&signature, v, args, nargs, names) ? order(self, v, ledger_sell) : NULL;
}

static PyObject *sell_all(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    static const struct signature signature = {"sell_all", {"price", "timestamp"}, 2, 2};
    struct context_object *context = as_context(self);
    PyObject *v[2];
    struct decimal price;
    struct order_stamp stamp;
    if (!arguments_bind(&signature, v, args, nargs, names)) return NULL;
    enum operand_kind kind = operand_from_python(context->state, &price, "price", v[0]);
    if (kind == OPERAND_ERROR) return NULL;
    struct ledger *ledger = open_ledger(self);
    if (!ledger || !stamp_from_python(&stamp, context->run, v[1])) return NULL;
    if (kind != OPERAND_FINITE) {
        ledger_refuse(ledger);
        Py_RETURN_FALSE;
    }
    return order_done(context, ledger_sell_all(ledger, price, stamp));
}

/* ---- figures at a price ---------------------------------------------------------------------- */

typedef struct decimal ledger_figure(const struct ledger *, struct decimal);

static PyObject *figure_at(PyObject *self, const struct signature *signature, PyObject *const *args,
                           Py_ssize_t nargs, PyObject *names, ledger_figure *figure) {
    struct module_state *state = as_context(self)->state;
    PyObject *value;
    struct decimal price;
    if (!arguments_bind(signature, &value, args, nargs, names) ||
        !finite_operand_from_python(state, &price, signature->names[0], value))
        return NULL;
    struct ledger *ledger = open_ledger(self);
    return ledger ? money_from_decimal(state, figure(ledger, price)) : NULL;
}

static PyObject *get_position_value(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                    PyObject *names) {
    static const struct signature signature = {"get_position_value", {"price"}, 1, 1};
    return figure_at(self, &signature, args, nargs, names, ledger_position_value);
}

static PyObject *get_equity(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    static const struct signature signature = {"get_equity", {"price"}, 1, 1};
    return figure_at(self, &signature, args, nargs, names, ledger_equity);
}

static PyObject *get_drawdown(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    static const struct signature signature = {"get_drawdown", {"current_price"}, 1, 1};
    return figure_at(self, &signature, args, nargs, names, ledger_drawdown);
}

static PyObject *get_avg_position_price(PyObject *self, PyObject *unused) {
    (void)unused;
    struct ledger *ledger = open_ledger(self);
    return ledger ? PyFloat_FromDouble(ledger_average_price(ledger)) : NULL;
}

/* ---- live lists ------------------------------------------------------------------------------ */

static PyObject *get_trades(PyObject *self, void *closure) {
    (void)closure;
    return open_ledger(self) ? context_trades(as_context(self)) : NULL;
}

static PyObject *get_orders(PyObject *self, void *closure) {
    (void)closure;
    return open_ledger(self) ? context_orders(as_context(self)) : NULL;
}

static PyObject *get_equity_curve(PyObject *self, void *closure) {
    (void)closure;
    return open_ledger(self) ? context_equity_curve(as_context(self)) : NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

struct context_object *context_create(struct module_state *state, struct live_run *run) {
    struct context_object *self =
        (struct context_object *)state->context_type->tp_alloc(state->context_type, 0);
    if (!self) return NULL;
    self->state = state;
    self->run = run;
    if (!update_amounts(self) ||
        !slot_set(self, &self->initial_balance, run->ledger->rules.initial_balance) ||
        !slot_set(self, &self->fee_rate, run->ledger->rules.fee_rate))
        Py_CLEAR(self);
    return self;
}

void context_close(struct context_object *context) {
    context->run = NULL;
}

static int context_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(as_context(self)->trades);
    Py_VISIT(as_context(self)->orders);
    Py_VISIT(as_context(self)->equity_curve);
    return 0;
}

static int context_clear(PyObject *self) {
    struct context_object *context = as_context(self);
    PyObject **slots[] = {&context->balance,     &context->position, &context->initial_balance,
                          &context->fee_rate,    &context->trades,   &context->orders,
                          &context->equity_curve};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        Py_CLEAR(*slots[i]);
    return 0;
}

static void context_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    context_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

#define METHOD(name, doc) \
    { #name, (PyCFunction)(void (*)(void))name, METH_FASTCALL | METH_KEYWORDS, doc }
static PyMethodDef methods[] = {
    METHOD(buy, "buy(price, amount, timestamp) -> bool"),
    METHOD(sell, "sell(price, amount, timestamp) -> bool"),
    METHOD(sell_all, "sell_all(price, timestamp) -> bool: sells exactly the position"),
    METHOD(get_position_value, "get_position_value(price): position x price"),
    METHOD(get_equity, "get_equity(price): balance + position x price"),
    METHOD(get_drawdown, "get_drawdown(current_price): (peak - equity) / peak"),
    {"get_avg_position_price", get_avg_position_price, METH_NOARGS,
     "Average buy price of the position, 0.0 when flat."},
    {NULL, NULL, 0, NULL},
};

#define AMOUNT(name, doc) \
    { #name, Py_T_OBJECT_EX, offsetof(struct context_object, name), Py_READONLY, doc }
static PyMemberDef members[] = {
    AMOUNT(balance, "Available balance, quote asset."),
    AMOUNT(position, "Position held, base asset."),
    AMOUNT(initial_balance, "Initial capital, quote asset."),
    AMOUNT(fee_rate, "Fee as a fraction of an order's value."),
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"max_drawdown", get_max_drawdown, NULL, "Largest drawdown of the equity points so far, 0-1.", NULL},
    {"trades", get_trades, NULL, "Trade records so far.", NULL},
    {"orders", get_orders, NULL, "Accepted orders so far.", NULL},
    {"equity_curve", get_equity_curve, NULL, "Equity points so far.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject *context_type_create(PyObject *module) {
    PyType_Slot slots[] = {
        {Py_tp_doc, "The account as the strategy sees it. Attributes are read-only."},
        {Py_tp_dealloc, context_dealloc},
        {Py_tp_traverse, context_traverse},
        {Py_tp_clear, context_clear},
        {Py_tp_methods, methods},
        {Py_tp_members, members},
        {Py_tp_getset, properties},
        {0, NULL},
    };
    PyType_Spec spec = {"kmill.BacktestContext", sizeof(struct context_object), 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
                            Py_TPFLAGS_IMMUTABLETYPE,
                        slots};
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
