/* datetime and date without a wall clock. Equivalent to
 *
 *     class datetime(datetime.datetime, metaclass=AsBase):
 *         @classmethod
 *         def now(cls, *args, **options): raise RuntimeError(...)    # and today, utcnow; date.today
 *
 *     class AsBase(type):    # what datetime.date() returns is a date too
 *         def __instancecheck__(cls, x): return isinstance(x, cls.__base__)
 *         def __subclasscheck__(cls, x): return issubclass(x, cls.__base__)
 *
 * The guard refuses datetime.now() where it can see it; these refuse it however it is reached. Real
 * subclasses, so that everything else, results of arithmetic included, is Python's own. */
#include "strategy/kmill_module.h"

static PyObject *as_base_instance(PyObject *type, PyObject *object) {
    return PyBool_FromLong(PyObject_TypeCheck(object, ((PyTypeObject *)type)->tp_base));
}

static PyObject *as_base_subclass(PyObject *type, PyObject *other) {
    if (!PyType_Check(other)) return PyErr_Format(PyExc_TypeError, "issubclass() arg 1 must be a class");
    return PyBool_FromLong(PyType_IsSubtype((PyTypeObject *)other, ((PyTypeObject *)type)->tp_base));
}

static PyObject *refuse_clock(PyObject *type, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    (void)type, (void)args, (void)nargs, (void)names;
    PyErr_SetString(PyExc_RuntimeError, "a backtest has no clock: use kline.open_time or kline.close_time");
    return NULL;
}

/* Instances of a C subclass hold their type; the base, a static type, does not let go of it. */
static void derived_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self), *base = type;
    while (base->tp_flags & Py_TPFLAGS_HEAPTYPE)
        base = base->tp_base;
    base->tp_dealloc(self);
    Py_DECREF(type);
}

#define REFUSED(name) \
    { name, (PyCFunction)(void (*)(void))refuse_clock, METH_CLASS | METH_FASTCALL | METH_KEYWORDS, NULL }

static PyObject *derive(PyObject *module, PyTypeObject *meta, const char *name, PyTypeObject *base,
                        PyMethodDef *methods) {
    PyType_Slot slots[] = {{Py_tp_methods, methods}, {Py_tp_dealloc, derived_dealloc}, {0, NULL}};
    PyType_Spec spec = {name, 0, 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
                        slots};
    return PyType_FromMetaclass(meta, module, &spec, (PyObject *)base);
}

bool clockless_types_create(PyObject *module, struct module_state *state) {
    static PyMethodDef datetime_methods[] = {
        REFUSED("now"), REFUSED("today"), REFUSED("utcnow"), {NULL, NULL, 0, NULL}};
    static PyMethodDef date_methods[] = {REFUSED("today"), {NULL, NULL, 0, NULL}};
    static PyMethodDef meta_methods[] = {
        {"__instancecheck__", as_base_instance, METH_O, NULL},
        {"__subclasscheck__", as_base_subclass, METH_O, NULL},
        {NULL, NULL, 0, NULL},
    };
    PyType_Slot slots[] = {{Py_tp_methods, meta_methods}, {0, NULL}};
    PyType_Spec spec = {"datetime.type", 0, 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, slots};
    /* Not PyDateTime_IMPORT: it fills a variable that all interpreters of the process would share. */
    PyObject *base = PyImport_ImportModule("datetime");
    PyObject *datetime = base ? PyObject_GetAttrString(base, "datetime") : NULL;
    PyObject *date = datetime ? PyObject_GetAttrString(base, "date") : NULL;
    PyObject *meta = date ? PyType_FromModuleAndSpec(module, &spec, (PyObject *)&PyType_Type) : NULL;
    if (meta) {
        PyTypeObject *meta_type = (PyTypeObject *)meta;
        state->datetime_type =
            derive(module, meta_type, "datetime.datetime", (PyTypeObject *)datetime, datetime_methods);
        state->date_type = derive(module, meta_type, "datetime.date", (PyTypeObject *)date, date_methods);
    }
    Py_XDECREF(base);
    Py_XDECREF(datetime);
    Py_XDECREF(date);
    Py_XDECREF(meta);
    return state->datetime_type && state->date_type;
}
