/* The methods of a list on a view, and sum(), min() and max() of one. Equivalent to
 *
 *     list.append, extend, insert, pop, remove, clear, sort, reverse    # on the copy the first of them makes
 *     list.count, index, copy                                           # on a list of the values
 *     sum, min, max = builtins.sum, builtins.min, builtins.max
 *
 * Design: every method is list's own, called on the view's list, so that results and errors are a list's.
 * sum, min and max of a view alone are the one exception: strategies call them on slices in every bar, and a
 * loop over doubles gives the same float without making one object an item. */
#include "strategy/kmill_module.h"

#include "indicator/indicator.h"

/* ---- list's methods -------------------------------------------------------------------------- */

static PyObject *call_on(PyObject *list, const char *method, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *names) {
    PyObject *bound = PyObject_GetAttrString(list, method);
    PyObject *result = bound ? PyObject_Vectorcall(bound, args, (size_t)nargs, names) : NULL;
    Py_XDECREF(bound);
    return result;
}

#define CHANGING_METHOD(name)                                                                                \
    static PyObject *view_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names) { \
        PyObject *list = view_own_list((struct view_object *)self);                                          \
        return list ? call_on(list, #name, args, nargs, names) : NULL;                                       \
    }
#define READING_METHOD(name)                                                                                 \
    static PyObject *view_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names) { \
        PyObject *list = view_as_list((struct view_object *)self);                                           \
        PyObject *result = list ? call_on(list, #name, args, nargs, names) : NULL;                           \
        Py_XDECREF(list);                                                                                    \
        return result;                                                                                       \
    }
CHANGING_METHOD(append)
CHANGING_METHOD(extend)
CHANGING_METHOD(insert)
CHANGING_METHOD(pop)
CHANGING_METHOD(remove)
CHANGING_METHOD(clear)
CHANGING_METHOD(sort)
CHANGING_METHOD(reverse)
READING_METHOD(count)
READING_METHOD(index)
READING_METHOD(copy)
READING_METHOD(__reversed__)

#define METHOD(name) \
    { #name, (PyCFunction)(void (*)(void))view_##name, METH_FASTCALL | METH_KEYWORDS, NULL }
PyMethodDef view_methods[] = {
    METHOD(append), METHOD(extend),       METHOD(insert),        METHOD(pop),     METHOD(remove),
    METHOD(clear),  METHOD(sort),         METHOD(copy),          METHOD(reverse), METHOD(count),
    METHOD(index),  METHOD(__reversed__), {NULL, NULL, 0, NULL},
};

/* ---- sum, min, max --------------------------------------------------------------------------- */

/* The one argument if it is a view that still stands on its column and holds something. */
static struct view_object *only_view(const struct module_state *state, PyObject *const *args,
                                     Py_ssize_t nargs, PyObject *names) {
    if (nargs != 1 || names || !view_check(state, args[0])) return NULL;
    struct view_object *view = (struct view_object *)args[0];
    return view->list || view->length == 0 ? NULL : view;
}

PyObject *view_builtin_sum(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    struct module_state *state = module_state_of(module);
    struct view_object *view = only_view(state, args, nargs, names);
    if (!view) return PyObject_Vectorcall(state->builtin_sum, args, (size_t)nargs, names);
    if (state->run && view->series == state->run->series)
        return PyFloat_FromDouble(
            shared_sum(state->run->columns, view->column, view->end, (size_t)view->length));
    return PyFloat_FromDouble(indicator_sum(view->values, (size_t)view->length));
}

/* Both keep the first of equal items, and of an item that compares with nothing (NaN), as Python's loop does.
 */
PyObject *view_builtin_min(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    struct module_state *state = module_state_of(module);
    struct view_object *view = only_view(state, args, nargs, names);
    if (!view) return PyObject_Vectorcall(state->builtin_min, args, (size_t)nargs, names);
    double least = view->values[0];
    for (Py_ssize_t i = 1; i < view->length; i++)
        if (view->values[i] < least) least = view->values[i];
    return PyFloat_FromDouble(least);
}

PyObject *view_builtin_max(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    struct module_state *state = module_state_of(module);
    struct view_object *view = only_view(state, args, nargs, names);
    if (!view) return PyObject_Vectorcall(state->builtin_max, args, (size_t)nargs, names);
    double most = view->values[0];
    for (Py_ssize_t i = 1; i < view->length; i++)
        if (view->values[i] > most) most = view->values[i];
    return PyFloat_FromDouble(most);
}
