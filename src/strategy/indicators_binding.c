/* calculate_sma, ema, rsi, macd, bollinger and atr as Python functions. Equivalent to those of
 * strategies/kmill.py:
 *
 *     def calculate_sma(data, period):
 *         _check_period('period', period)    # TypeError, ValueError
 *         if _length('data', data) < period: return None
 *         # only the values used are looked at, and converted by float()
 *         return sum(_last('data', data, period)) / period
 *
 * Design: a view of the run's series goes to the columns shared between runs, which is a load or little more;
 * a view of anything else to the same formula on its column; any other sequence is copied to doubles first.
 * The bits are the same whichever way. */
#include "strategy/kmill_module.h"

#include <string.h>

#include "indicator/indicator.h"
#include "strategy/arguments.h"

enum { STACK_VALUES = 256 };

/* The data argument of an indicator. */
struct window {
    struct view_object *view; /* on its column; else NULL and */
    PyObject *sequence;       /* borrowed */
    Py_ssize_t length;
    bool shared;          /* of the run's own series */
    const double *values; /* after window_load: the last `loaded` values */
    double stack[STACK_VALUES], *heap;
};

/* Fills all but the values; false with a TypeError. window_clear afterwards in any case. */
static bool window_open(struct window *window, const struct module_state *state, const char *name,
                        PyObject *data) {
    window->heap = NULL;
    window->sequence = data;
    window->view = NULL;
    window->shared = false;
    if (view_check(state, data) && !((struct view_object *)data)->list) {
        window->view = (struct view_object *)data;
        window->length = window->view->length;
        window->shared = state->run && state->run->series == window->view->series;
        return true;
    }
    window->length = PyObject_Size(data);
    if (window->length >= 0) return true;
    if (PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "%s must be a sequence of numbers, not %s", name, type_name_of(data));
    }
    return false;
}

static bool number_load(double *out, const struct module_state *state, const char *name, PyObject *item) {
    if (PyFloat_CheckExact(item)) {
        *out = PyFloat_AS_DOUBLE(item);
        return true;
    }
    if (!object_is_number(state, item)) {
        PyErr_Format(PyExc_TypeError, "%s must hold numbers only, not %s", name, type_name_of(item));
        return false;
    }
    PyObject *number = PyNumber_Float(item);
    if (!number) return false;
    *out = PyFloat_AS_DOUBLE(number);
    Py_DECREF(number);
    return true;
}

/* Makes values the last count values; false with an exception. */
static bool window_load(struct window *window, const struct module_state *state, const char *name,
                        Py_ssize_t count) {
    if (window->view) {
        window->values = window->view->values + (window->length - count);
        return true;
    }
    PyObject *list = PySequence_List(window->sequence); /* a copy: float() may run the strategy's code */
    if (!list) return false;
    double *values = window->stack;
    if (count > STACK_VALUES && !(values = window->heap = PyMem_Malloc((size_t)count * sizeof *values))) {
        Py_DECREF(list);
        PyErr_NoMemory();
        return false;
    }
    Py_ssize_t have = PyList_GET_SIZE(list), skip = have - count;
    bool done = skip >= 0;
    if (!done) PyErr_Format(PyExc_ValueError, "%s holds fewer values than its length says", name);
    for (Py_ssize_t i = 0; done && i < count; i++)
        done = number_load(&values[i], state, name, PyList_GET_ITEM(list, skip + i));
    Py_DECREF(list);
    window->values = values;
    return done;
}

static inline void window_clear(struct window *window) {
    if (window->heap) PyMem_Free(window->heap);
}

/* ---- one value from one sequence ------------------------------------------------------------- */

typedef bool shared_function(struct shared_columns *, double *, enum kline_column, size_t, size_t, size_t);
typedef bool plain_function(double *, const double *, size_t, size_t);

static inline void note_value(struct module_state *state, enum indicator_kind kind, Py_ssize_t period) {
    state->shortages.any_value = true;
    if (state->shortages.open > 0) shortage_satisfied(&state->shortages, kind, period);
}

/* used: how many of the last values the formula looks at, for `have` of them; needed <= have. */
static PyObject *value_of_sequence(struct module_state *state, PyObject *data, enum indicator_kind kind,
                                   Py_ssize_t period, plain_function *plain) {
    struct window window;
    PyObject *result = NULL;
    if (!window_open(&window, state, "data", data)) return NULL;
    Py_ssize_t extra = kind == INDICATOR_RSI ? 1 : 0; /* changes need one value more */
    if (window.length - extra < period) {
        shortage_missing(&state->shortages, kind, period, period < PY_SSIZE_T_MAX ? period + extra : period);
        return Py_NewRef(Py_None);
    }
    Py_ssize_t used = kind == INDICATOR_EMA ? window.length : period + extra;
    double value;
    if (window_load(&window, state, "data", used) &&
        plain(&value, window.values, (size_t)used, (size_t)period)) {
        note_value(state, kind, period);
        result = PyFloat_FromDouble(value);
    }
    window_clear(&window);
    return result;
}

static inline PyObject *one_value(PyObject *module, PyObject *data, PyObject *period_object,
                                  enum indicator_kind kind, shared_function *shared, plain_function *plain) {
    struct module_state *state = module_state_of(module);
    Py_ssize_t period;
    if (!period_from_python(&period, "period", period_object)) return NULL;
    if (view_check(state, data)) {
        struct view_object *view = (struct view_object *)data;
        if (!view->list && state->run && view->series == state->run->series) {
            double value;
            if (shared(state->run->columns, &value, view->column, view->end, (size_t)view->length,
                       (size_t)period)) {
                note_value(state, kind, period);
                return PyFloat_FromDouble(value);
            }
        }
    }
    return value_of_sequence(state, data, kind, period, plain);
}

static PyObject *calculate_sma(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    static const struct signature signature = {"calculate_sma", {"data", "period"}, 2, 2};
    PyObject *v[2];
    if (!arguments_bind(&signature, v, args, nargs, names)) return NULL;
    return one_value(module, v[0], v[1], INDICATOR_SMA, shared_sma, indicator_sma);
}

static PyObject *calculate_ema(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    static const struct signature signature = {"calculate_ema", {"data", "period"}, 2, 2};
    PyObject *v[2];
    if (!arguments_bind(&signature, v, args, nargs, names)) return NULL;
    return one_value(module, v[0], v[1], INDICATOR_EMA, shared_ema, indicator_ema);
}

static PyObject *calculate_rsi(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    static const struct signature signature = {"calculate_rsi", {"data", "period"}, 1, 2};
    PyObject *v[2];
    if (!arguments_bind(&signature, v, args, nargs, names)) return NULL;
    PyObject *period = v[1] ? Py_NewRef(v[1]) : PyLong_FromLong(14);
    PyObject *result = one_value(module, v[0], period, INDICATOR_RSI, shared_rsi, indicator_rsi);
    Py_DECREF(period);
    return result;
}

/* ---- three values from one sequence ---------------------------------------------------------- */

static PyObject *three_floats(double a, double b, double c) {
    PyObject *tuple = PyTuple_New(3);
    const double values[3] = {a, b, c};
    for (Py_ssize_t i = 0; tuple && i < 3; i++) {
        PyObject *number = PyFloat_FromDouble(values[i]);
        if (number)
            PyTuple_SET_ITEM(tuple, i, number);
        else
            Py_CLEAR(tuple);
    }
    return tuple;
}

static PyObject *three_nones(void) {
    return PyTuple_Pack(3, Py_None, Py_None, Py_None);
}

static inline bool optional_period(Py_ssize_t *out, const char *name, PyObject *value, Py_ssize_t otherwise) {
    *out = otherwise;
    return !value || period_from_python(out, name, value);
}

static PyObject *calculate_macd(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    static const struct signature signature = {"calculate_macd", {"data", "fast", "slow", "signal"}, 1, 4};
    struct module_state *state = module_state_of(module);
    PyObject *v[4], *result = NULL;
    Py_ssize_t fast, slow, signal;
    if (!arguments_bind(&signature, v, args, nargs, names) || !optional_period(&fast, "fast", v[1], 12) ||
        !optional_period(&slow, "slow", v[2], 26) || !optional_period(&signal, "signal", v[3], 9))
        return NULL;
    if (fast >= slow)
        return PyErr_Format(PyExc_ValueError, "fast must be less than slow, not %zd and %zd", fast, slow);
    struct window window;
    if (!window_open(&window, state, "data", v[0])) return NULL;
    if (window.length < slow || window.length - slow < signal) {
        shortage_missing(&state->shortages, INDICATOR_MACD, slow,
                         slow < PY_SSIZE_T_MAX - signal ? slow + signal : PY_SSIZE_T_MAX);
        return three_nones();
    }
    struct macd macd;
    bool done;
    if (window.shared)
        done = shared_macd(state->run->columns, &macd, window.view->column, window.view->end,
                           (size_t)window.length, (size_t)fast, (size_t)slow, (size_t)signal);
    else
        done = window_load(&window, state, "data", window.length) &&
               indicator_macd(&macd, window.values, (size_t)window.length, (size_t)fast, (size_t)slow,
                              (size_t)signal);
    if (done) {
        note_value(state, INDICATOR_MACD, slow);
        result = three_floats(macd.line, macd.signal, macd.histogram);
    }
    window_clear(&window);
    return result;
}

static bool factor_from_python(double *out, const struct module_state *state, PyObject *value) {
    *out = 2.0;
    if (!value) return true;
    if (!object_is_number(state, value)) {
        PyErr_Format(PyExc_TypeError, "k must be a number, not %s", type_name_of(value));
        return false;
    }
    return true;
}

static PyObject *calculate_bollinger(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                                     PyObject *names) {
    static const struct signature signature = {"calculate_bollinger", {"data", "period", "k"}, 1, 3};
    struct module_state *state = module_state_of(module);
    PyObject *v[3], *result = NULL;
    Py_ssize_t period;
    double k;
    if (!arguments_bind(&signature, v, args, nargs, names) || !optional_period(&period, "period", v[1], 20) ||
        !factor_from_python(&k, state, v[2]))
        return NULL;
    struct window window;
    if (!window_open(&window, state, "data", v[0])) return NULL;
    if (window.length < period) {
        shortage_missing(&state->shortages, INDICATOR_BOLLINGER, period, period);
        return three_nones();
    }
    struct bollinger bands;
    bool done = window.shared || window_load(&window, state, "data", period);
    if (done && v[2]) done = number_load(&k, state, "k", v[2]);
    if (done && window.shared)
        done = shared_bollinger(state->run->columns, &bands, window.view->column, window.view->end,
                                (size_t)window.length, (size_t)period, k);
    else if (done)
        done = indicator_bollinger(&bands, window.values, (size_t)period, (size_t)period, k);
    if (done) {
        note_value(state, INDICATOR_BOLLINGER, period);
        result = three_floats(bands.upper, bands.middle, bands.lower);
    }
    window_clear(&window);
    return result;
}

/* ---- atr: three sequences -------------------------------------------------------------------- */

/* The usual call: get_highs(), get_lows() and get_closes() of one bar. */
static bool of_one_window(const struct window *w) {
    return w[0].shared && w[1].shared && w[2].shared && w[0].view->column == KLINE_HIGH &&
           w[1].view->column == KLINE_LOW && w[2].view->column == KLINE_CLOSE &&
           w[0].view->end == w[1].view->end && w[1].view->end == w[2].view->end;
}

static PyObject *atr_of_windows(struct module_state *state, struct window *w, Py_ssize_t period) {
    static const char *const names[] = {"highs", "lows", "closes"};
    for (int i = 0; i < 3; i++) {
        if (w[i].length > period) continue;
        shortage_missing(&state->shortages, INDICATOR_ATR, period,
                         period < PY_SSIZE_T_MAX ? period + 1 : period);
        return Py_NewRef(Py_None);
    }
    size_t n = (size_t)period + 1;
    double value, *padded;
    bool done;
    if (of_one_window(w)) {
        done = shared_atr(state->run->columns, &value, w[2].view->end, n, (size_t)period);
    } else {
        /* Of highs and lows only the last `period` are looked at; the formula wants as many of each. */
        padded = PyMem_Malloc(2 * n * sizeof *padded);
        if (!padded) return PyErr_NoMemory();
        done = window_load(&w[0], state, names[0], period) && window_load(&w[1], state, names[1], period) &&
               window_load(&w[2], state, names[2], period + 1);
        if (done) {
            padded[0] = padded[n] = 0;
            memcpy(padded + 1, w[0].values, (size_t)period * sizeof *padded);
            memcpy(padded + n + 1, w[1].values, (size_t)period * sizeof *padded);
            done = indicator_atr(&value, padded, padded + n, w[2].values, n, (size_t)period);
        }
        PyMem_Free(padded);
    }
    if (!done) return NULL;
    note_value(state, INDICATOR_ATR, period);
    return PyFloat_FromDouble(value);
}

static PyObject *calculate_atr(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    static const struct signature signature = {"calculate_atr", {"highs", "lows", "closes", "period"}, 3, 4};
    struct module_state *state = module_state_of(module);
    PyObject *v[4], *result = NULL;
    Py_ssize_t period;
    if (!arguments_bind(&signature, v, args, nargs, names) || !optional_period(&period, "period", v[3], 14))
        return NULL;
    struct window windows[3];
    int opened = 0;
    while (opened < 3 && window_open(&windows[opened], state, signature.names[opened], v[opened]))
        opened++;
    if (opened == 3) result = atr_of_windows(state, windows, period);
    for (int i = 0; i < opened; i++)
        window_clear(&windows[i]);
    return result;
}

#define METHOD(name, doc) \
    { #name, (PyCFunction)(void (*)(void))name, METH_FASTCALL | METH_KEYWORDS, doc }
PyMethodDef indicator_methods[] = {
    METHOD(calculate_sma, "calculate_sma(data, period): simple moving average, or None."),
    METHOD(calculate_ema, "calculate_ema(data, period): exponential moving average, or None."),
    METHOD(calculate_rsi, "calculate_rsi(data, period=14): relative strength index (0-100), or None."),
    METHOD(calculate_macd,
           "calculate_macd(data, fast=12, slow=26, signal=9): (line, signal, histogram), or three None."),
    METHOD(calculate_bollinger,
           "calculate_bollinger(data, period=20, k=2.0): (upper, middle, lower), or three None."),
    METHOD(calculate_atr, "calculate_atr(highs, lows, closes, period=14): average true range, or None."),
    {NULL, NULL, 0, NULL},
};
