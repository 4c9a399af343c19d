/* Kline: one candle. Equivalent to class Kline of strategies/kmill.py:
 *
 *     class Kline:
 *         __slots__ = ('open_time', 'open', 'high', 'low', 'close', 'volume', 'close_time')
 *         def __init__(self, open_time: str, open, high, low, close, volume, close_time: str):
 *             ...  # checks the types; prices and volume by float()
 *         # immutable; equal and hashed by value
 *
 * Design: the bar loop keeps one Kline and moves it from bar to bar as long as the strategy did not keep it
 * (reference count 1 after the call), and so it does with the five floats in it. The prices are plain object
 * slots, which is the one kind of C attribute that the interpreter's specialised bytecode reads without a
 * call. The two texts are made when asked for. */
#include "strategy/kmill_module.h"

#include <stddef.h>

#include "base/clock.h"

/* ---- from the series ------------------------------------------------------------------------- */

/* A float that only this slot holds is changed in place: nobody can see it. */
static inline bool float_slot_set(PyObject **slot, double value) {
    if (*slot && Py_REFCNT(*slot) == 1) {
        ((PyFloatObject *)*slot)->ob_fval = value;
        return true;
    }
    PyObject *number = PyFloat_FromDouble(value);
    if (!number) return false;
    Py_XSETREF(*slot, number);
    return true;
}

bool kline_move(struct kline_object *kline, const struct series *series, size_t bar) {
    Py_CLEAR(kline->open_time);
    Py_CLEAR(kline->close_time);
    kline->series = series;
    kline->bar = bar;
    return float_slot_set(&kline->open, series->open[bar]) &&
           float_slot_set(&kline->high, series->high[bar]) && float_slot_set(&kline->low, series->low[bar]) &&
           float_slot_set(&kline->close, series->close[bar]) &&
           float_slot_set(&kline->volume, series->volume[bar]);
}

struct kline_object *kline_from_series(struct module_state *state, const struct series *series, size_t bar) {
    struct kline_object *kline = (struct kline_object *)state->kline_type->tp_alloc(state->kline_type, 0);
    if (kline && !kline_move(kline, series, bar)) Py_CLEAR(kline);
    return kline;
}

static PyObject *text_slot(PyObject **slot, int64_t ms) {
    if (!*slot) {
        char text[CLOCK_TEXT_MAX];
        size_t length = clock_format_iso(text, ms);
        *slot = PyUnicode_FromStringAndSize(text, (Py_ssize_t)length);
    }
    return *slot;
}

PyObject *kline_open_time(struct kline_object *kline) {
    return kline->open_time ? kline->open_time
                            : text_slot(&kline->open_time, kline->series->open_time[kline->bar]);
}

PyObject *kline_close_time(struct kline_object *kline) {
    return kline->close_time ? kline->close_time
                             : text_slot(&kline->close_time, kline->series->close_time[kline->bar]);
}

static PyObject *get_open_time(PyObject *self, void *closure) {
    (void)closure;
    return Py_XNewRef(kline_open_time((struct kline_object *)self));
}

static PyObject *get_close_time(PyObject *self, void *closure) {
    (void)closure;
    return Py_XNewRef(kline_close_time((struct kline_object *)self));
}

/* ---- made by a strategy ---------------------------------------------------------------------- */

static PyObject *checked_float(PyObject *value, const char *name, struct module_state *state) {
    if (!object_is_number(state, value)) {
        PyErr_Format(PyExc_TypeError, "%s must be a number, not %s", name, type_name_of(value));
        return NULL;
    }
    return PyNumber_Float(value);
}

static PyObject *checked_text(PyObject *value, const char *name) {
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "%s must be a str, not %s", name, type_name_of(value));
        return NULL;
    }
    return Py_NewRef(value);
}

static PyObject *kline_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    static char *names[] = {"open_time", "open", "high", "low", "close", "volume", "close_time", NULL};
    PyObject *v[7];
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOOOOOO:Kline", names, &v[0], &v[1], &v[2], &v[3],
                                     &v[4], &v[5], &v[6]))
        return NULL;
    struct kline_object *self = (struct kline_object *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    struct module_state *state = module_state_of_type(type);
    if (state && (self->open_time = checked_text(v[0], names[0])) &&
        (self->close_time = checked_text(v[6], names[6])) &&
        (self->open = checked_float(v[1], names[1], state)) &&
        (self->high = checked_float(v[2], names[2], state)) &&
        (self->low = checked_float(v[3], names[3], state)) &&
        (self->close = checked_float(v[4], names[4], state)) &&
        (self->volume = checked_float(v[5], names[5], state)))
        return (PyObject *)self;
    Py_DECREF(self);
    return NULL;
}

static void kline_dealloc(PyObject *object) {
    struct kline_object *self = (struct kline_object *)object;
    PyTypeObject *type = Py_TYPE(object);
    Py_XDECREF(self->open);
    Py_XDECREF(self->high);
    Py_XDECREF(self->low);
    Py_XDECREF(self->close);
    Py_XDECREF(self->volume);
    Py_XDECREF(self->open_time);
    Py_XDECREF(self->close_time);
    type->tp_free(object);
    Py_DECREF(type);
}

/* ---- a value --------------------------------------------------------------------------------- */

/* (open_time, open, high, low, close, volume, close_time) */
static PyObject *fields(PyObject *object) {
    struct kline_object *self = (struct kline_object *)object;
    PyObject *open_time = kline_open_time(self), *close_time = open_time ? kline_close_time(self) : NULL;
    if (!close_time) return NULL;
    return PyTuple_Pack(7, open_time, self->open, self->high, self->low, self->close, self->volume,
                        close_time);
}

static PyObject *kline_compare(PyObject *a, PyObject *b, int operation) {
    if (operation != Py_EQ && operation != Py_NE) Py_RETURN_NOTIMPLEMENTED;
    struct module_state *state = module_state_of_type(Py_TYPE(a));
    if (!state) return NULL;
    if (!PyObject_TypeCheck(b, state->kline_type)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *left = fields(a), *right = left ? fields(b) : NULL;
    PyObject *result = right ? PyObject_RichCompare(left, right, operation) : NULL;
    Py_XDECREF(left);
    Py_XDECREF(right);
    return result;
}

static Py_hash_t kline_hash(PyObject *self) {
    PyObject *values = fields(self);
    Py_hash_t hash = values ? PyObject_Hash(values) : -1;
    Py_XDECREF(values);
    return hash;
}

static PyObject *kline_repr(PyObject *self) {
    PyObject *v = fields(self);
    if (!v) return NULL;
    PyObject *text = PyUnicode_FromFormat(
        "Kline(open_time=%R, open=%R, high=%R, low=%R, close=%R, volume=%R, close_time=%R)",
        PyTuple_GET_ITEM(v, 0), PyTuple_GET_ITEM(v, 1), PyTuple_GET_ITEM(v, 2), PyTuple_GET_ITEM(v, 3),
        PyTuple_GET_ITEM(v, 4), PyTuple_GET_ITEM(v, 5), PyTuple_GET_ITEM(v, 6));
    Py_DECREF(v);
    return text;
}

static int kline_set_attribute(PyObject *self, PyObject *name, PyObject *value) {
    (void)self, (void)name, (void)value;
    PyErr_SetString(PyExc_AttributeError, "a Kline cannot be changed");
    return -1;
}

static PyMemberDef members[] = {
    {"open", Py_T_OBJECT_EX, offsetof(struct kline_object, open), Py_READONLY, NULL},
    {"high", Py_T_OBJECT_EX, offsetof(struct kline_object, high), Py_READONLY, NULL},
    {"low", Py_T_OBJECT_EX, offsetof(struct kline_object, low), Py_READONLY, NULL},
    {"close", Py_T_OBJECT_EX, offsetof(struct kline_object, close), Py_READONLY, NULL},
    {"volume", Py_T_OBJECT_EX, offsetof(struct kline_object, volume), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"open_time", get_open_time, NULL, NULL, NULL},
    {"close_time", get_close_time, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject *kline_type_create(PyObject *module) {
    PyType_Slot slots[] = {
        {Py_tp_doc,
         "One candle: open_time, open, high, low, close, volume, close_time. Immutable; may be kept."},
        {Py_tp_new, kline_new},
        {Py_tp_dealloc, kline_dealloc},
        {Py_tp_members, members},
        {Py_tp_getset, properties},
        {Py_tp_richcompare, kline_compare},
        {Py_tp_hash, kline_hash},
        {Py_tp_repr, kline_repr},
        {Py_tp_setattro, kline_set_attribute},
        {0, NULL},
    };
    PyType_Spec spec = {"kmill.Kline", sizeof(struct kline_object), 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE, slots};
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
