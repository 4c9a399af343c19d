/* Calls guard.py, which is built into the program as text, in the main interpreter and turns its findings
 * into problems.
 *
 * The module is made anew for each check: there is one a process, and nothing of a strategy's text stays
 * behind. */
#include "strategy/guard.h"

#include "strategy/allowed_names.h"

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

extern const char guard_source[];

/* A new list of str, or NULL with an exception set. */
static PyObject *list_of(const struct name_list *names) {
    PyObject *list = PyList_New((Py_ssize_t)names->count);
    for (size_t i = 0; list && i < names->count; i++) {
        PyObject *name = PyUnicode_FromString(names->names[i]);
        if (!name) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, (Py_ssize_t)i, name);
    }
    return list;
}

/* Steals value; false with an exception set. */
static bool put(PyObject *dict, const char *key, PyObject *value) {
    bool done = dict && value && PyDict_SetItemString(dict, key, value) == 0;
    Py_XDECREF(value);
    return done;
}

/* {'builtins': [...], 'preset': [...], 'clock': [...], 'modules': {name: [...]}}, or NULL. */
static PyObject *allowed_names(void) {
    PyObject *names = PyDict_New(), *modules = PyDict_New();
    bool good = names && modules;
    for (size_t i = 0; good && i < allowed_module_count; i++)
        good = put(modules, allowed_modules[i].name, list_of(&allowed_modules[i].names));
    good = good && put(names, "builtins", list_of(&allowed_builtins)) &&
           put(names, "preset", list_of(&preset_names)) && put(names, "clock", list_of(&wall_clock_methods));
    if (good) {
        good = put(names, "modules", modules);
        modules = NULL;
    }
    Py_XDECREF(modules);
    if (!good) Py_CLEAR(names);
    return names;
}

/* guard.py's namespace, executed; or NULL. */
static PyObject *load_guard(void) {
    PyObject *space = PyDict_New();
    PyObject *code = space ? Py_CompileString(guard_source, "guard.py", Py_file_input) : NULL;
    PyObject *done = NULL;
    if (code && PyDict_SetItemString(space, "__builtins__", PyEval_GetBuiltins()) == 0 &&
        put(space, "__name__", PyUnicode_FromString("guard")))
        done = PyEval_EvalCode(code, space, space);
    Py_XDECREF(code);
    if (!done) Py_CLEAR(space);
    Py_XDECREF(done);
    return space;
}

/* The list that check returned, into out; false with an exception set. */
static bool take_findings(struct problems *out, PyObject *findings) {
    Py_ssize_t count = PyList_Check(findings) ? PyList_GET_SIZE(findings) : 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        int line, column;
        const char *message;
        if (!PyArg_ParseTuple(PyList_GET_ITEM(findings, i), "iis", &line, &column, &message)) return false;
        problems_add(out, line, column, "%s", message);
    }
    return true;
}

/* A mistake in guard.py itself, or no memory: nothing the strategy's author could mend. */
static status guard_broke(const char *path, struct error *err) {
    PyObject *exception = PyErr_GetRaisedException();
    PyObject *text = exception ? PyObject_Repr(exception) : NULL;
    const char *utf8 = text ? PyUnicode_AsUTF8(text) : NULL;
    status rc = error_set(err, ERR_SYSTEM, "%s: the source check of kmill ended with %s: please report it",
                          path, utf8 ? utf8 : "no reason");
    PyErr_Clear();
    Py_XDECREF(text);
    Py_XDECREF(exception);
    return rc;
}

status guard_check(struct problems *out, const char *source, size_t length, const char *path,
                   struct error *err) {
    size_t before = out->count;
    PyObject *names = allowed_names();
    PyObject *guard = names ? load_guard() : NULL;
    PyObject *check = guard ? PyDict_GetItemString(guard, "check") : NULL; /* borrowed */
    PyObject *findings = NULL;
    if (check) findings = PyObject_CallFunction(check, "y#sO", source, (Py_ssize_t)length, path, names);
    bool good = findings && take_findings(out, findings);
    status rc = good ? OK : guard_broke(path, err);
    Py_XDECREF(findings);
    if (guard) PyDict_Clear(guard); /* its functions refer to it */
    Py_XDECREF(guard);
    Py_XDECREF(names);
    size_t found = out->count - before;
    if (rc || found == 0) return rc;
    const struct problem *first = &out->items[before];
    return error_set_at(err, ERR_STRATEGY, first->line, first->column, "%s: %zu mistake%s; the first: %s",
                        path, found, found == 1 ? "" : "s", first->message);
}
