/* The sequence that get_closes() and its sisters return: a window of one mapped column. Equivalent to
 *
 *     [kline.close for kline in cache.get_klines()]
 *
 * as far as a strategy can tell: isinstance(x, list) holds (through __class__), everything a list does it
 * does, with a list's results and errors; view_methods.c has what list has as methods.
 *
 * Design: values points into the column, which outlives every run, so that a view kept across bars does not
 * change. A slice with step 1 is another view. The first mutation makes a real list of it, which the view
 * then stands for. Views come from a free list and are not known to the garbage collector until they own a
 * list (floats alone cannot form a cycle). */
#include "strategy/kmill_module.h"

#include <stddef.h>

static inline struct view_object *as_view(PyObject *object) {
    return (struct view_object *)object;
}

static inline Py_ssize_t view_count(const struct view_object *view) {
    return view->list ? PyList_GET_SIZE(view->list) : view->length;
}

/* ---- life ------------------------------------------------------------------------------------ */

static struct view_object *view_allocate(struct module_state *state) {
    struct view_object *view;
    if (state->free_view_count > 0) {
        view = state->free_views[--state->free_view_count];
        Py_SET_REFCNT((PyObject *)view, 1);
        return view;
    }
    view = PyObject_GC_New(struct view_object, state->view_type);
    if (!view) return NULL;
    view->state = state;
    view->list = NULL;
    return view;
}

static PyObject *view_of_values(struct module_state *state, const struct series *series,
                                enum kline_column column, const double *values, size_t end,
                                Py_ssize_t length) {
    struct view_object *view = view_allocate(state);
    if (!view) return NULL;
    view->series = series;
    view->column = column;
    view->values = values;
    view->end = end;
    view->length = length;
    return (PyObject *)view;
}

PyObject *view_create(struct module_state *state, const struct series *series, enum kline_column column,
                      size_t end, Py_ssize_t length) {
    const double *values = NULL;
    switch (column) {
    case KLINE_OPEN:
        values = series->open;
        break;
    case KLINE_HIGH:
        values = series->high;
        break;
    case KLINE_LOW:
        values = series->low;
        break;
    case KLINE_CLOSE:
        values = series->close;
        break;
    default:
        values = series->volume;
        break;
    }
    return view_of_values(state, series, column, values + (end - (size_t)length), end, length);
}

static void view_dealloc(PyObject *self) {
    struct view_object *view = as_view(self);
    struct module_state *state = view->state;
    if (view->list) {
        PyObject_GC_UnTrack(self);
        Py_CLEAR(view->list);
    }
    if (state->free_view_count < FREE_VIEWS_MAX && !state->closing) {
        state->free_views[state->free_view_count++] = view;
        return;
    }
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

void view_free_list_clear(struct module_state *state) {
    state->closing = true;
    while (state->free_view_count > 0) {
        PyObject *view = (PyObject *)state->free_views[--state->free_view_count];
        PyTypeObject *type = Py_TYPE(view);
        PyObject_GC_Del(view);
        Py_DECREF(type);
    }
}

static int view_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(as_view(self)->list);
    return 0;
}

static int view_clear(PyObject *self) {
    struct view_object *view = as_view(self);
    if (view->list) PyObject_GC_UnTrack(self);
    view->length = 0;
    Py_CLEAR(view->list);
    return 0;
}

PyObject *view_as_list(struct view_object *view) {
    if (view->list) return Py_NewRef(view->list);
    PyObject *list = PyList_New(view->length);
    for (Py_ssize_t i = 0; list && i < view->length; i++) {
        PyObject *number = PyFloat_FromDouble(view->values[i]);
        if (number)
            PyList_SET_ITEM(list, i, number);
        else
            Py_CLEAR(list);
    }
    return list;
}

PyObject *view_own_list(struct view_object *view) {
    if (view->list) return view->list;
    view->list = view_as_list(view);
    if (view->list) PyObject_GC_Track((PyObject *)view);
    return view->list;
}

/* ---- reading --------------------------------------------------------------------------------- */

static Py_ssize_t view_length(PyObject *self) {
    return view_count(as_view(self));
}

static PyObject *view_item(PyObject *self, Py_ssize_t i) {
    struct view_object *view = as_view(self);
    if ((size_t)i >= (size_t)view_count(view)) {
        PyErr_SetString(PyExc_IndexError, "list index out of range");
        return NULL;
    }
    return view->list ? Py_NewRef(PyList_GET_ITEM(view->list, i)) : PyFloat_FromDouble(view->values[i]);
}

/* One end of a slice, if it is None (then `missing`) or a small int. */
static inline bool slice_end(Py_ssize_t *out, PyObject *end, Py_ssize_t missing, Py_ssize_t length) {
    *out = missing;
    if (end == Py_None) return true;
    if (!PyLong_CheckExact(end) || !PyUnstable_Long_IsCompact((PyLongObject *)end)) return false;
    Py_ssize_t at = PyUnstable_Long_CompactValue((PyLongObject *)end);
    if (at < 0) at = at + length < 0 ? 0 : at + length;
    *out = at > length ? length : at;
    return true;
}

/* PySlice_Unpack and PySlice_AdjustIndices for x[a:b], as nearly every slice is: each bar has some. */
static inline bool simple_slice(Py_ssize_t *start, Py_ssize_t *count, PyObject *object, Py_ssize_t length) {
    const PySliceObject *slice = (PySliceObject *)object;
    Py_ssize_t stop;
    if (slice->step != Py_None || !slice_end(start, slice->start, 0, length) ||
        !slice_end(&stop, slice->stop, length, length))
        return false;
    *count = stop > *start ? stop - *start : 0;
    return true;
}

static PyObject *part_of(const struct view_object *view, Py_ssize_t start, Py_ssize_t count) {
    return view_of_values(view->state, view->series, view->column, view->values + start,
                          view->end - (size_t)(view->length - start - count), count);
}

static PyObject *view_slice(struct view_object *view, PyObject *slice) {
    if (view->list) return PyObject_GetItem(view->list, slice);
    Py_ssize_t start, stop, step, count;
    if (simple_slice(&start, &count, slice, view->length)) return part_of(view, start, count);
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) return NULL;
    count = PySlice_AdjustIndices(view->length, &start, &stop, step);
    if (step == 1) return part_of(view, start, count);
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list && i < count; i++, start += step) {
        PyObject *number = PyFloat_FromDouble(view->values[start]);
        if (number)
            PyList_SET_ITEM(list, i, number);
        else
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *view_subscript(PyObject *self, PyObject *key) {
    struct view_object *view = as_view(self);
    if (PySlice_Check(key)) return view_slice(view, key);
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) return NULL;
        return view_item(self, i < 0 ? i + view_count(view) : i);
    }
    PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %.200s",
                 Py_TYPE(key)->tp_name);
    return NULL;
}

static int view_contains(PyObject *self, PyObject *value) {
    struct view_object *view = as_view(self);
    if (view->list) return PySequence_Contains(view->list, value);
    if (PyFloat_CheckExact(value)) {
        for (Py_ssize_t i = 0; i < view->length; i++)
            if (view->values[i] == PyFloat_AS_DOUBLE(value)) return 1;
        return 0;
    }
    PyObject *list = view_as_list(view);
    int found = list ? PySequence_Contains(list, value) : -1;
    Py_XDECREF(list);
    return found;
}

/* ---- iteration ------------------------------------------------------------------------------- */

/* Like a list's iterator it looks at the length each time; unlike the generic one it makes no call an item.
 */
struct view_iterator {
    PyObject ob_base;
    struct view_object *view; /* NULL at the end */
    Py_ssize_t next;
};

static PyObject *view_iterate(PyObject *self) {
    PyTypeObject *type = as_view(self)->state->view_iterator_type;
    struct view_iterator *iterator = PyObject_GC_New(struct view_iterator, type);
    if (!iterator) return NULL;
    iterator->view = as_view(Py_NewRef(self));
    iterator->next = 0;
    PyObject_GC_Track((PyObject *)iterator);
    return (PyObject *)iterator;
}

static PyObject *iterator_next(PyObject *self) {
    struct view_iterator *iterator = (struct view_iterator *)self;
    struct view_object *view = iterator->view;
    if (!view) return NULL;
    if (iterator->next < view_count(view)) {
        Py_ssize_t i = iterator->next++;
        return view->list ? Py_NewRef(PyList_GET_ITEM(view->list, i)) : PyFloat_FromDouble(view->values[i]);
    }
    iterator->view = NULL;
    Py_DECREF(view);
    return NULL;
}

static PyObject *iterator_length_hint(PyObject *self, PyObject *unused) {
    (void)unused;
    struct view_iterator *iterator = (struct view_iterator *)self;
    Py_ssize_t left = iterator->view ? view_count(iterator->view) - iterator->next : 0;
    return PyLong_FromSsize_t(left > 0 ? left : 0);
}

static int iterator_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((struct view_iterator *)self)->view);
    return 0;
}

static void iterator_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(((struct view_iterator *)self)->view);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

PyTypeObject *view_iterator_type_create(PyObject *module) {
    static PyMethodDef methods[] = {
        {"__length_hint__", iterator_length_hint, METH_NOARGS, NULL},
        {NULL, NULL, 0, NULL},
    };
    PyType_Slot slots[] = {
        {Py_tp_dealloc, iterator_dealloc}, {Py_tp_traverse, iterator_traverse},
        {Py_tp_iter, PyObject_SelfIter},   {Py_tp_iternext, iterator_next},
        {Py_tp_methods, methods},          {0, NULL},
    };
    PyType_Spec spec = {"kmill.list_iterator", sizeof(struct view_iterator), 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
                            Py_TPFLAGS_IMMUTABLETYPE,
                        slots};
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}

/* ---- as a list in expressions ---------------------------------------------------------------- */

/* A view as a list, anything else as it is; a new reference. */
static PyObject *list_operand(const struct module_state *state, PyObject *object) {
    return view_check(state, object) ? view_as_list(as_view(object)) : Py_NewRef(object);
}

static PyObject *view_compare(PyObject *self, PyObject *other, int operation) {
    const struct module_state *state = as_view(self)->state;
    if (!view_check(state, other) && !PyList_Check(other)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *a = list_operand(state, self), *b = a ? list_operand(state, other) : NULL;
    PyObject *result = b ? PyObject_RichCompare(a, b, operation) : NULL;
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

/* Either side may be the view; list + list and nothing else. */
static PyObject *view_add(PyObject *left, PyObject *right) {
    const struct module_state *state =
        Py_TYPE(left)->tp_as_number && Py_TYPE(left)->tp_as_number->nb_add == view_add
            ? as_view(left)->state
            : as_view(right)->state;
    bool left_is_list = view_check(state, left) || PyList_Check(left);
    bool right_is_list = view_check(state, right) || PyList_Check(right);
    if (!left_is_list) Py_RETURN_NOTIMPLEMENTED;
    if (!right_is_list) {
        PyErr_Format(PyExc_TypeError, "can only concatenate list (not \"%.200s\") to list",
                     Py_TYPE(right)->tp_name);
        return NULL;
    }
    PyObject *a = list_operand(state, left), *b = a ? list_operand(state, right) : NULL;
    PyObject *sum = b ? PySequence_Concat(a, b) : NULL;
    Py_XDECREF(a);
    Py_XDECREF(b);
    return sum;
}

static PyObject *view_repeat(PyObject *self, Py_ssize_t times) {
    PyObject *list = view_as_list(as_view(self)), *result = list ? PySequence_Repeat(list, times) : NULL;
    Py_XDECREF(list);
    return result;
}

static PyObject *view_repr(PyObject *self) {
    PyObject *list = view_as_list(as_view(self)), *text = list ? PyObject_Repr(list) : NULL;
    Py_XDECREF(list);
    return text;
}

static PyObject *view_add_in_place(PyObject *self, PyObject *other) {
    PyObject *list = view_own_list(as_view(self));
    PyObject *same = list ? PySequence_InPlaceConcat(list, other) : NULL;
    Py_XDECREF(same);
    return same ? Py_NewRef(self) : NULL;
}

static PyObject *view_repeat_in_place(PyObject *self, Py_ssize_t times) {
    PyObject *list = view_own_list(as_view(self));
    PyObject *same = list ? PySequence_InPlaceRepeat(list, times) : NULL;
    Py_XDECREF(same);
    return same ? Py_NewRef(self) : NULL;
}

/* A slice or item of the own list; a view on the right counts as a list. */
static int view_assign(PyObject *self, PyObject *key, PyObject *value) {
    PyObject *list = view_own_list(as_view(self));
    if (!list) return -1;
    return value ? PyObject_SetItem(list, key, value) : PyObject_DelItem(list, key);
}

static PyObject *view_class(PyObject *self, void *closure) {
    (void)self, (void)closure;
    return Py_NewRef((PyObject *)&PyList_Type);
}

PyTypeObject *view_type_create(PyObject *module) {
    static PyGetSetDef properties[] = {
        {"__class__", view_class, NULL, NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    PyType_Slot slots[] = {
        {Py_tp_dealloc, view_dealloc},
        {Py_tp_traverse, view_traverse},
        {Py_tp_clear, view_clear},
        {Py_tp_methods, view_methods},
        {Py_tp_getset, properties},
        {Py_tp_iter, view_iterate},
        {Py_tp_repr, view_repr},
        {Py_tp_hash, PyObject_HashNotImplemented},
        {Py_tp_richcompare, view_compare},
        {Py_nb_add, view_add},
        {Py_nb_inplace_add, view_add_in_place},
        {Py_sq_length, view_length},
        {Py_sq_item, view_item},
        {Py_sq_contains, view_contains},
        {Py_sq_repeat, view_repeat},
        {Py_sq_inplace_repeat, view_repeat_in_place},
        {Py_mp_length, view_length},
        {Py_mp_subscript, view_subscript},
        {Py_mp_ass_subscript, view_assign},
        {0, NULL},
    };
    PyType_Spec spec = {"kmill.list", sizeof(struct view_object), 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_SEQUENCE |
                            Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                        slots};
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
    if (type) type->tp_name = "list"; /* what messages show */
    return type;
}
