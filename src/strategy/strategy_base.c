/* IStrategy: the base class of strategies. Equivalent to class IStrategy of strategies/kmill.py:
 *
 *     class IStrategy:
 *         def __new__(cls, *arguments, **options):
 *             self = super().__new__(cls)
 *             self.name, self.kline_cache = cls.__name__, None
 *             return self
 *         def initialize(self, kline_wnd_size=50): self.kline_cache = KlineCache(kline_wnd_size)
 *         def run(self, context, kline, params): raise NotImplementedError(...)
 *         def on_trade(self, trade): pass
 *         def on_day_end(self, date, context): pass
 *
 * kline_cache is an object slot: `self.kline_cache` is then a load for the interpreter's specialised
 * bytecode. */
#include "strategy/kmill_module.h"

#include <stddef.h>

#include "strategy/arguments.h"

static PyObject *strategy_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)args, (void)keywords;
    struct strategy_object *self = (struct strategy_object *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->kline_cache = Py_NewRef(Py_None);
    self->name = PyType_GetName(type);
    if (!self->name) Py_CLEAR(self);
    return (PyObject *)self;
}

static int strategy_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((struct strategy_object *)self)->name);
    Py_VISIT(((struct strategy_object *)self)->kline_cache);
    return 0;
}

static int strategy_clear(PyObject *self) {
    Py_CLEAR(((struct strategy_object *)self)->name);
    Py_CLEAR(((struct strategy_object *)self)->kline_cache);
    return 0;
}

static void strategy_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    strategy_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *initialize(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    static const struct signature signature = {"initialize", {"kline_wnd_size"}, 0, 1};
    PyObject *size;
    if (!arguments_bind(&signature, &size, args, nargs, names)) return NULL;
    struct module_state *state = module_state_of_type(Py_TYPE(self));
    if (!state) return NULL;
    PyObject *type = (PyObject *)state->cache_type;
    PyObject *cache = size ? PyObject_CallOneArg(type, size) : PyObject_CallNoArgs(type);
    int failed = cache ? PyObject_SetAttrString(self, "kline_cache", cache) : -1;
    Py_XDECREF(cache);
    if (failed) return NULL;
    Py_RETURN_NONE;
}

static PyObject *run(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    (void)self, (void)args, (void)nargs, (void)names;
    PyErr_SetString(PyExc_NotImplementedError, "Strategy must define run(self, context, kline, params)");
    return NULL;
}

static PyObject *on_trade(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    static const struct signature signature = {"on_trade", {"trade"}, 1, 1};
    PyObject *trade;
    (void)self;
    if (!arguments_bind(&signature, &trade, args, nargs, names)) return NULL;
    Py_RETURN_NONE;
}

static PyObject *on_day_end(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    static const struct signature signature = {"on_day_end", {"date", "context"}, 2, 2};
    PyObject *values[2];
    (void)self;
    if (!arguments_bind(&signature, values, args, nargs, names)) return NULL;
    Py_RETURN_NONE;
}

static PyMemberDef members[] = {
    {"name", Py_T_OBJECT_EX, offsetof(struct strategy_object, name), 0, NULL},
    {"kline_cache", Py_T_OBJECT_EX, offsetof(struct strategy_object, kline_cache), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

#define METHOD(name, doc) \
    { #name, (PyCFunction)(void (*)(void))name, METH_FASTCALL | METH_KEYWORDS, doc }
static PyMethodDef methods[] = {
    METHOD(initialize, "Called once before the first bar with the parameter klineWndSize (default 50)."),
    METHOD(run, "Called for every kline: define it in your Strategy."),
    METHOD(on_trade, "Called after each trade, before buy or sell returns; may trade."),
    METHOD(on_day_end, "Called after the last bar of each UTC day."),
    {NULL, NULL, 0, NULL},
};

PyTypeObject *strategy_type_create(PyObject *module) {
    PyType_Slot slots[] = {
        {Py_tp_doc, "Base class of strategies: define class Strategy(IStrategy) with run()."},
        {Py_tp_new, strategy_new},
        {Py_tp_dealloc, strategy_dealloc},
        {Py_tp_traverse, strategy_traverse},
        {Py_tp_clear, strategy_clear},
        {Py_tp_members, members},
        {Py_tp_methods, methods},
        {0, NULL},
    };
    PyType_Spec spec = {
        "kmill.IStrategy", sizeof(struct strategy_object), 0,
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE, slots};
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
