/* The inside of the built-in module `_kmill`: its objects and its per-interpreter state. Only src/strategy/
 * includes this.
 *
 * Every type is a heap type of the module and immutable; every object carries a pointer to the state where
 * its methods need it, because finding a module from a type costs more than most of these methods do. An
 * object holds its type, its type the module, the module the state: the pointer never dangles. */
#ifndef STRATEGY_KMILL_MODULE_H
#define STRATEGY_KMILL_MODULE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "strategy/executor.h"

/* One candle. The floats are filled always (the attribute access that the bytecode specialises needs them
 * there), the texts when first asked for. */
struct kline_object {
    PyObject ob_base;
    PyObject *open, *high, *low, *close, *volume;
    PyObject *open_time, *close_time; /* NULL: not asked for yet, series is set then */
    const struct series *series;      /* NULL: made by the strategy */
    size_t bar;
};

/* A window of one column: read-only on the mapped series until the first mutation, then a list of its own. */
struct view_object {
    PyObject ob_base;
    struct module_state *state;
    const double *values; /* length of them */
    Py_ssize_t length;
    const struct series *series;
    size_t end; /* the candle after the last one */
    enum kline_column column;
    PyObject *list; /* once mutated; NULL before */
};

/* KlineCache. Series mode (series set): the klines [begin, end) of the series, of which the last `window`
 * count; klines then memoises get_klines(), its last item being kline memo_end - 1. List mode: klines[start:]
 * are the klines. */
struct cache_object {
    PyObject ob_base;
    struct module_state *state;
    Py_ssize_t window;
    const struct series *series;
    size_t begin, end, memo_end;
    PyObject *klines;
    Py_ssize_t start;
};

/* IStrategy. */
struct strategy_object {
    PyObject ob_base;
    PyObject *name, *kline_cache;
};

/* What the bar loop is doing now; belongs to the executor, the context points to it while the run lasts. */
struct live_run {
    const struct series *series;
    struct shared_columns *columns;
    struct ledger *ledger;
    size_t begin;        /* first bar that the strategy runs on */
    size_t bar;          /* current one */
    bool marked;         /* the current bar has its equity point (on_day_end) */
    bool calls_on_trade; /* the strategy has an on_trade of its own */
    PyObject *strategy;  /* borrowed from the executor */
    struct kline_object *kline;
};

/* BacktestContext. */
struct context_object {
    PyObject ob_base;
    struct module_state *state;
    struct live_run *run;         /* NULL once the run is over */
    PyObject *balance, *position; /* Money, as the ledger stands */
    PyObject *initial_balance, *fee_rate;
    PyObject *trades, *orders, *equity_curve; /* live lists, NULL: never asked for */
};

/* What a Money knows of itself beside Decimal's own value; all zero when it came out of Decimal's own
 * arithmetic. */
struct money_value {
    struct decimal exact;
    double rounded; /* float(self) */
    bool known;
};

enum indicator_kind {
    INDICATOR_SMA,
    INDICATOR_EMA,
    INDICATOR_RSI,
    INDICATOR_MACD,
    INDICATOR_BOLLINGER,
    INDICATOR_ATR
};
/* Indicators that had too little data, and whether that ever changed in this run. */
struct shortage {
    enum indicator_kind kind;
    Py_ssize_t period; /* MACD: slow */
    Py_ssize_t needed; /* values */
    bool satisfied;
};
enum { SHORTAGE_MAX = 32 };
struct shortage_list {
    struct shortage entries[SHORTAGE_MAX];
    int count;
    int open;       /* entries not satisfied */
    bool any_value; /* some indicator gave a value */
};

enum { FREE_VIEWS_MAX = 16, TRADE_KEYS = 9, EQUITY_KEYS = 4 };

struct module_state {
    PyTypeObject *kline_type, *cache_type, *view_type, *view_iterator_type, *strategy_type, *context_type,
        *order_type;
    PyTypeObject *money_type, *enum_meta_type;
    PyObject *order_kinds, *order_sides, *position_sides; /* OrderType, OrderSide, PositionSide */
    PyObject *kind_buy, *kind_sell, *side_long;           /* their members */
    PyObject *datetime_type, *date_type;                  /* without now() and today() */

    PyTypeObject *decimal_type;
    Py_ssize_t money_offset;   /* of struct money_value in a Money */
    bool decimal_layout_known; /* decimal_layout.h */
    bool context_exposed;      /* this run imported decimal: it may see and change its decimal context */

    struct view_object *free_views[FREE_VIEWS_MAX];
    int free_view_count;
    bool closing; /* the module is being cleared: no more free lists */

    PyObject *builtin_sum, *builtin_min, *builtin_max;
    PyObject *trade_keys[TRADE_KEYS], *equity_keys[EQUITY_KEYS];
    PyObject *text_buy, *text_sell;

    struct live_run *run; /* NULL between runs */
    struct shortage_list shortages;
    struct text *log; /* of the run; NULL: prints go nowhere */
    size_t log_limit;
    bool log_cut;
};

static inline struct module_state *module_state_of(PyObject *module) {
    return PyModule_GetState(module);
}
/* Of a type of the module or a class derived from one; slow. NULL with an exception. */
struct module_state *module_state_of_type(PyTypeObject *type);
/* The class's bare name, for messages. */
const char *type_name_of(PyObject *object);
/* An int >= 1 that is no bool, clamped to the largest size; false with TypeError or ValueError naming it. */
bool period_from_python_slow(Py_ssize_t *out, const char *name, PyObject *value);
static inline bool period_from_python(Py_ssize_t *out, const char *name, PyObject *value) {
    if (PyLong_CheckExact(value) && PyUnstable_Long_IsCompact((PyLongObject *)value)) {
        *out = PyUnstable_Long_CompactValue((PyLongObject *)value);
        if (*out >= 1) return true;
    }
    return period_from_python_slow(out, name, value);
}
/* int, float or Decimal, and no bool. */
bool object_is_number(const struct module_state *state, PyObject *object);

/* ---- one creator a type; each returns a new reference or NULL with an exception -------------- */
PyTypeObject *kline_type_create(PyObject *module);
PyTypeObject *cache_type_create(PyObject *module);
PyTypeObject *view_type_create(PyObject *module);
PyTypeObject *view_iterator_type_create(PyObject *module);
PyTypeObject *strategy_type_create(PyObject *module);
PyTypeObject *context_type_create(PyObject *module);
PyTypeObject *order_type_create(PyObject *module);
PyTypeObject *enum_meta_type_create(PyObject *module);
bool money_type_create(PyObject *module, struct module_state *state);
bool enum_types_create(PyObject *module, struct module_state *state);
bool clockless_types_create(PyObject *module, struct module_state *state);

/* ---- klines ---------------------------------------------------------------------------------- */
struct kline_object *kline_from_series(struct module_state *state, const struct series *series, size_t bar);
/* Turns an object nobody else holds into that of another bar. */
bool kline_move(struct kline_object *kline, const struct series *series, size_t bar);
/* The texts; borrowed. */
PyObject *kline_open_time(struct kline_object *kline);
PyObject *kline_close_time(struct kline_object *kline);

/* True where the next kline of a cache in series mode is `bar`: appending it is then ++end. */
static inline bool cache_follows(const struct cache_object *cache, const struct series *series, size_t bar) {
    return cache->series == series && cache->end == bar;
}

/* ---- views ----------------------------------------------------------------------------------- */
/* The `length` values of column before candle end. */
PyObject *view_create(struct module_state *state, const struct series *series, enum kline_column column,
                      size_t end, Py_ssize_t length);
static inline bool view_check(const struct module_state *state, PyObject *object) {
    return Py_IS_TYPE(object, state->view_type);
}
/* A list of its values: new, or the view's own; a new reference. */
PyObject *view_as_list(struct view_object *view);
/* Before a mutation: from here on the view is its list. Borrowed. */
PyObject *view_own_list(struct view_object *view);
void view_free_list_clear(struct module_state *state);
extern PyMethodDef view_methods[];
PyObject *view_builtin_sum(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names);
PyObject *view_builtin_min(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names);
PyObject *view_builtin_max(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names);

/* ---- money ----------------------------------------------------------------------------------- */
PyObject *money_from_decimal(struct module_state *state, struct decimal value);
/* Decimal(repr(x)); NaN and infinities too. */
PyObject *money_decimal_from_float(struct module_state *state, PyObject *number);
/* NULL if the object is no Money or does not know. */
const struct money_value *money_value_of(const struct module_state *state, PyObject *object);

enum operand_kind { OPERAND_ERROR, OPERAND_FINITE, OPERAND_NOT_FINITE };
/* A price or amount as the ledger takes it. OPERAND_ERROR: an exception is set (TypeError: no number;
 * ValueError: too long). */
enum operand_kind operand_from_python(const struct module_state *state, struct decimal *out, const char *name,
                                      PyObject *value);
/* The same where NaN and infinities are a ValueError; false with an exception. */
bool finite_operand_from_python(const struct module_state *state, struct decimal *out, const char *name,
                                PyObject *value);

/* ---- orders and context ---------------------------------------------------------------------- */
PyObject *order_create(struct module_state *state, const struct live_run *run, const struct trade *trade);
struct context_object *context_create(struct module_state *state, struct live_run *run);
/* The run is over: whoever still holds the context gets a RuntimeError from now on. */
void context_close(struct context_object *context);
/* Appends the equity point of the current bar to the live list. */
bool context_add_equity(struct context_object *context, double equity);
/* The live lists; context_lists.c. */
PyObject *context_trades(struct context_object *context);
PyObject *context_orders(struct context_object *context);
PyObject *context_equity_curve(struct context_object *context);
PyObject *trade_as_dict(const struct module_state *state, const struct live_run *run,
                        const struct trade *trade);
/* The timestamp of a trade as text, a new reference. */
PyObject *trade_timestamp(const struct live_run *run, const struct trade *trade);

/* ---- indicators, print ----------------------------------------------------------------------- */
extern PyMethodDef indicator_methods[];
void shortage_missing(struct shortage_list *list, enum indicator_kind kind, Py_ssize_t period,
                      Py_ssize_t needed);
void shortage_satisfied(struct shortage_list *list, enum indicator_kind kind, Py_ssize_t period);
/* The warnings of a finished run, one a line. */
void shortage_report(struct text *out, const struct shortage_list *list, const struct run_input *input,
                     bool any_order);
PyObject *print_to_log(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names);
/* Appends to the run's log, cut at its limit. */
void log_write(struct module_state *state, const char *data, size_t length);
PyObject *log_unraisable(PyObject *module, PyObject *unraisable);

#endif
