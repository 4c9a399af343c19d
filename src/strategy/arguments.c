/* See arguments.h. Messages are worded as CPython words them for a function written in Python. */
#include "strategy/arguments.h"

static int name_index(const struct signature *signature, PyObject *name) {
    for (int i = 0; i < signature->count; i++)
        if (PyUnicode_EqualToUTF8(name, signature->names[i])) return i;
    return -1;
}

static bool bind_keywords(const struct signature *signature, PyObject **values, PyObject *const *given,
                          PyObject *names) {
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(names); k++) {
        PyObject *name = PyTuple_GET_ITEM(names, k);
        int i = name_index(signature, name);
        if (i < 0) {
            PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", signature->function,
                         name);
            return false;
        }
        if (values[i]) {
            PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument '%U'", signature->function,
                         name);
            return false;
        }
        values[i] = given[k];
    }
    return true;
}

bool arguments_bind_named(const struct signature *signature, PyObject **values, PyObject *const *args,
                          Py_ssize_t nargs, PyObject *names) {
    if (nargs > signature->count) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most %d arguments (%zd given)", signature->function,
                     signature->count, nargs);
        return false;
    }
    for (int i = 0; i < signature->count; i++)
        values[i] = i < nargs ? args[i] : NULL;
    if (names && !bind_keywords(signature, values, args + nargs, names)) return false;
    for (int i = 0; i < signature->required; i++) {
        if (values[i]) continue;
        PyErr_Format(PyExc_TypeError, "%s() missing required argument: '%s'", signature->function,
                     signature->names[i]);
        return false;
    }
    return true;
}
