/* The names a run sees: fresh globals, built-ins and modules for each, made from templates. */
#ifndef STRATEGY_NAMESPACE_H
#define STRATEGY_NAMESPACE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

/* Of one interpreter. Immutable after open. */
struct strategy_namespace {
    PyObject *builtins;   /* dict, without __import__ */
    PyObject *globals;    /* dict of the names that are there without an import */
    PyObject *modules;    /* name -> dict of the names a strategy may import */
    PyObject *functions;  /* list of (function, dict or None): attributes that Python functions of the stdlib
                             came with */
    PyObject *exposed;    /* capsule of a bool: set when a run imports decimal */
    PyObject *frozen;     /* list of the shared classes that were made immutable */
    PyObject *abstracts;  /* list of abstract classes */
    PyObject *registries; /* those among them with no registrations of their own */
    PyObject *reset_registry, *reset_caches; /* of module _abc */
};

/* kmill: module _kmill. *context_exposed becomes true when a run imports decimal; the caller sets it back.
 * Also makes the classes that strategies share immutable. False with an exception. */
bool namespace_open(struct strategy_namespace *space, PyObject *kmill, bool *context_exposed);
void namespace_close(struct strategy_namespace *space);
/* Globals for one run, with built-ins and an import hook of their own: a new reference. */
PyObject *namespace_globals(const struct strategy_namespace *space);
/* Takes back what a run may have left on shared functions and abstract classes. */
void namespace_reset(const struct strategy_namespace *space);

#endif
