/* KlineCache: the last kline_wnd_size klines. Equivalent to class KlineCache of strategies/kmill.py:
 *
 *     class KlineCache:
 *         def __init__(self, kline_wnd_size=50): self._klines = deque(maxlen=kline_wnd_size)
 *         def append(self, kline): self._klines.append(kline)
 *         def get_closes(self):    # and opens, highs, lows, volumes
 *             return [kline.close for kline in self._klines]
 *         ...
 *
 * Design: as long as what was appended are consecutive klines of the run's series, which is the rule, the
 * cache is a cursor [begin, end) on the mapped columns and the get_...() are views of them: no kline is
 * stored, nothing is copied. The first other kline turns it into a list of klines for good. */
#include "strategy/kmill_module.h"

#include <stddef.h>

enum { DEFAULT_WINDOW = 50 };

static inline struct cache_object *as_cache(PyObject *object) {
    return (struct cache_object *)object;
}

static inline Py_ssize_t cache_count(const struct cache_object *cache) {
    if (!cache->series) return cache->klines ? PyList_GET_SIZE(cache->klines) - cache->start : 0;
    size_t count = cache->end - cache->begin;
    return count < (size_t)cache->window ? (Py_ssize_t)count : cache->window;
}

/* ---- list mode ------------------------------------------------------------------------------------------
 */

static bool list_append(struct cache_object *cache, PyObject *kline) {
    if (!cache->klines && !(cache->klines = PyList_New(0))) return false;
    if (PyList_Append(cache->klines, kline) < 0) return false;
    if (PyList_GET_SIZE(cache->klines) - cache->start <= cache->window) return true;
    cache->start++;
    /* Dropping a whole window at a time keeps an append O(1). The oldest kline goes now, as in a deque. */
    if (Py_REFCNT(cache->klines) == 1) PyList_SetItem(cache->klines, cache->start - 1, Py_NewRef(Py_None));
    if (cache->start < cache->window) return true;
    Py_ssize_t drop = cache->start;
    cache->start = 0;
    return PyList_SetSlice(cache->klines, 0, drop, NULL) == 0;
}

/* Series mode: makes klines hold the Klines of the window, reusing those of the call before. */
static bool memoise(struct cache_object *cache) {
    size_t first = cache->end - (size_t)cache_count(cache);
    if (!cache->klines && !(cache->klines = PyList_New(0))) return false;
    size_t memo_begin = cache->memo_end - (size_t)PyList_GET_SIZE(cache->klines);
    size_t stale = memo_begin < first ? first - memo_begin : 0;
    if (cache->memo_end < first) {
        stale = (size_t)PyList_GET_SIZE(cache->klines);
        cache->memo_end = first;
    }
    if (PyList_SetSlice(cache->klines, 0, (Py_ssize_t)stale, NULL) < 0) return false;
    const struct live_run *run = cache->state->run;
    for (; cache->memo_end < cache->end; cache->memo_end++) {
        PyObject *kline;
        if (run && run->kline && run->kline->series == cache->series && run->kline->bar == cache->memo_end)
            kline = Py_NewRef((PyObject *)run->kline); /* the very kline that run() got */
        else
            kline = (PyObject *)kline_from_series(cache->state, cache->series, cache->memo_end);
        int failed = kline ? PyList_Append(cache->klines, kline) : -1;
        Py_XDECREF(kline);
        if (failed) return false;
    }
    return true;
}

static bool leave_series(struct cache_object *cache) {
    if (!cache->series) return true;
    if (!memoise(cache)) return false;
    cache->series = NULL;
    cache->start = 0;
    return true;
}

/* ---- append -----------------------------------------------------------------------------------------------
 */

static bool cache_is_empty(const struct cache_object *cache) {
    return !cache->series && cache_count(cache) == 0;
}

/* kline is one of a series and the cache is empty or in series mode just before it. */
static void append_of_series(struct cache_object *cache, const struct kline_object *kline) {
    if (!cache->series) {
        Py_CLEAR(cache->klines);
        cache->start = 0;
        cache->series = kline->series;
        cache->begin = cache->memo_end = kline->bar;
    }
    cache->end = kline->bar + 1;
}

static PyObject *append(PyObject *self, PyObject *object) {
    struct cache_object *cache = as_cache(self);
    if (!PyObject_TypeCheck(object, cache->state->kline_type)) {
        PyErr_Format(PyExc_TypeError, "kline must be a Kline, not %s", type_name_of(object));
        return NULL;
    }
    struct kline_object *kline = (struct kline_object *)object;
    bool exact = Py_IS_TYPE(object, cache->state->kline_type);
    bool of_series =
        exact && kline->series && (cache_is_empty(cache) || cache_follows(cache, kline->series, kline->bar));
    if (of_series)
        append_of_series(cache, kline);
    else if (!leave_series(cache) || !list_append(cache, object))
        return NULL;
    Py_RETURN_NONE;
}

/* ---- reading --------------------------------------------------------------------------------- */

static PyObject *get_klines(PyObject *self, PyObject *unused) {
    (void)unused;
    struct cache_object *cache = as_cache(self);
    if (cache->series) {
        if (!memoise(cache)) return NULL;
        return PyList_GetSlice(cache->klines, 0, PyList_GET_SIZE(cache->klines));
    }
    if (!cache->klines) return PyList_New(0);
    return PyList_GetSlice(cache->klines, cache->start, PyList_GET_SIZE(cache->klines));
}

static PyObject *price_of(PyObject *kline, enum kline_column column) {
    struct kline_object *self = (struct kline_object *)kline;
    switch (column) {
    case KLINE_OPEN:
        return self->open;
    case KLINE_HIGH:
        return self->high;
    case KLINE_LOW:
        return self->low;
    case KLINE_CLOSE:
        return self->close;
    default:
        return self->volume;
    }
}

static PyObject *prices(PyObject *self, enum kline_column column) {
    struct cache_object *cache = as_cache(self);
    Py_ssize_t count = cache_count(cache);
    if (cache->series) return view_create(cache->state, cache->series, column, cache->end, count);
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list && i < count; i++)
        PyList_SET_ITEM(list, i,
                        Py_NewRef(price_of(PyList_GET_ITEM(cache->klines, cache->start + i), column)));
    return list;
}

#define PRICE_METHOD(name, column)                            \
    static PyObject *name(PyObject *self, PyObject *unused) { \
        (void)unused;                                         \
        return prices(self, column);                          \
    }
PRICE_METHOD(get_opens, KLINE_OPEN)
PRICE_METHOD(get_highs, KLINE_HIGH)
PRICE_METHOD(get_lows, KLINE_LOW)
PRICE_METHOD(get_closes, KLINE_CLOSE)
PRICE_METHOD(get_volumes, KLINE_VOLUME)

static PyObject *is_full(PyObject *self, PyObject *unused) {
    (void)unused;
    return PyBool_FromLong(cache_count(as_cache(self)) == as_cache(self)->window);
}

static Py_ssize_t cache_length(PyObject *self) {
    return cache_count(as_cache(self));
}

static PyObject *get_window(PyObject *self, void *closure) {
    (void)closure;
    return PyLong_FromSsize_t(as_cache(self)->window);
}

/* ---- life ------------------------------------------------------------------------------------ */

static PyObject *cache_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)args, (void)keywords;
    struct module_state *state = module_state_of_type(type);
    struct cache_object *self = state ? (struct cache_object *)type->tp_alloc(type, 0) : NULL;
    if (!self) return NULL;
    self->state = state;
    self->window = DEFAULT_WINDOW;
    return (PyObject *)self;
}

static int cache_clear(PyObject *self) {
    Py_CLEAR(as_cache(self)->klines);
    return 0;
}

static int cache_init(PyObject *self, PyObject *args, PyObject *keywords) {
    static char *names[] = {"kline_wnd_size", NULL};
    struct cache_object *cache = as_cache(self);
    PyObject *size = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:KlineCache", names, &size)) return -1;
    Py_ssize_t window = DEFAULT_WINDOW;
    if (size && !period_from_python(&window, "kline_wnd_size", size)) return -1;
    cache_clear(self);
    cache->window = window;
    cache->series = NULL;
    cache->start = 0;
    return 0;
}

static int cache_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(as_cache(self)->klines);
    return 0;
}

static void cache_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    cache_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"append", append, METH_O, "Adds a Kline; the oldest goes when there are more than kline_wnd_size."},
    {"get_klines", get_klines, METH_NOARGS, "The klines, oldest first, as a list."},
    {"get_opens", get_opens, METH_NOARGS, "The opening prices, oldest first."},
    {"get_highs", get_highs, METH_NOARGS, "The highest prices, oldest first."},
    {"get_lows", get_lows, METH_NOARGS, "The lowest prices, oldest first."},
    {"get_closes", get_closes, METH_NOARGS, "The closing prices, oldest first."},
    {"get_volumes", get_volumes, METH_NOARGS, "The volumes, oldest first."},
    {"is_full", is_full, METH_NOARGS, "True once there are kline_wnd_size klines."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"kline_wnd_size", get_window, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject *cache_type_create(PyObject *module) {
    PyType_Slot slots[] = {
        {Py_tp_doc, "The last kline_wnd_size klines (default 50)."},
        {Py_tp_new, cache_new},
        {Py_tp_init, cache_init},
        {Py_tp_dealloc, cache_dealloc},
        {Py_tp_traverse, cache_traverse},
        {Py_tp_clear, cache_clear},
        {Py_tp_methods, methods},
        {Py_tp_getset, properties},
        {Py_sq_length, cache_length},
        {0, NULL},
    };
    PyType_Spec spec = {
        "kmill.KlineCache", sizeof(struct cache_object), 0,
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE, slots};
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
