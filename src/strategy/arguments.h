/* Positional and keyword arguments of a fast C function bound to names, as a Python def binds them. */
#ifndef STRATEGY_ARGUMENTS_H
#define STRATEGY_ARGUMENTS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

enum { ARGUMENTS_MAX = 7 };

struct signature {
    const char *function;
    const char *names[ARGUMENTS_MAX];
    int required, count;
};

/* Slow path of arguments_bind. */
bool arguments_bind_named(const struct signature *signature, PyObject **values, PyObject *const *args,
                          Py_ssize_t nargs, PyObject *names);

/* values[i]: borrowed, NULL for an optional one that was not given. False with a TypeError set. */
static inline bool arguments_bind(const struct signature *signature, PyObject **values, PyObject *const *args,
                                  Py_ssize_t nargs, PyObject *names) {
    if (!names && nargs == signature->count) {
        for (int i = 0; i < signature->count; i++)
            values[i] = args[i];
        return true;
    }
    return arguments_bind_named(signature, values, args, nargs, names);
}

#endif
