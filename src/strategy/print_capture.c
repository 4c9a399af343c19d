/* print() and what Python says when a finalizer raises, into the run's log. Equivalent to
 *
 *     def print(*objects, sep=' ', end='\n', file=None, flush=False):
 *         log.write(sep.join(map(str, objects)) + end)     # up to the log's limit; file is refused
 *
 * The log is a run's, bounded, and says once where it was cut. Text that UTF-8 cannot hold is written with
 * backslashes. */
#include "strategy/kmill_module.h"

void log_write(struct module_state *state, const char *data, size_t length) {
    if (!state->log || state->log_cut) return;
    size_t room = state->log_limit - state->log->length;
    if (length <= room) {
        text_add(state->log, data, length);
        return;
    }
    while (room > 0 && ((unsigned char)data[room] & 0xC0) == 0x80) /* not inside a character */
        room--;
    text_add(state->log, data, room);
    text_printf(state->log, "\n[log cut here: a run keeps %zu bytes of what it prints]\n", state->log_limit);
    state->log_cut = true;
}

static bool write_text(struct module_state *state, PyObject *text) {
    PyObject *bytes = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace");
    if (!bytes) return false;
    log_write(state, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    return true;
}

static bool write_object(struct module_state *state, PyObject *object) {
    PyObject *text = PyObject_Str(object);
    bool done = text && write_text(state, text);
    Py_XDECREF(text);
    return done;
}

/* *out: the text given, NULL for the default. */
static bool text_option(PyObject **out, const char *name, PyObject *value) {
    *out = NULL;
    if (value == Py_None) return true;
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "%s must be None or a string, not %.200s", name,
                     Py_TYPE(value)->tp_name);
        return false;
    }
    *out = value;
    return true;
}

static bool read_options(PyObject **separator, PyObject **end, PyObject *const *given, PyObject *names) {
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        if (PyUnicode_EqualToUTF8(name, "sep")) {
            if (!text_option(separator, "sep", given[i])) return false;
        } else if (PyUnicode_EqualToUTF8(name, "end")) {
            if (!text_option(end, "end", given[i])) return false;
        } else if (PyUnicode_EqualToUTF8(name, "file")) {
            if (given[i] == Py_None) continue;
            PyErr_SetString(PyExc_TypeError,
                            "print: file= is refused, a strategy writes to its run's log only");
            return false;
        } else if (!PyUnicode_EqualToUTF8(name, "flush")) {
            PyErr_Format(PyExc_TypeError, "print() got an unexpected keyword argument '%U'", name);
            return false;
        }
    }
    return true;
}

PyObject *print_to_log(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    struct module_state *state = module_state_of(module);
    PyObject *separator = NULL, *end = NULL;
    if (!read_options(&separator, &end, args + nargs, names)) return NULL;
    for (Py_ssize_t i = 0; i < nargs; i++) {
        if (i > 0 && !separator) log_write(state, " ", 1);
        if (i > 0 && separator && !write_text(state, separator)) return NULL;
        if (!write_object(state, args[i])) return NULL;
    }
    if (!end) log_write(state, "\n", 1);
    if (end && !write_text(state, end)) return NULL;
    Py_RETURN_NONE;
}

/* sys.unraisablehook: an exception in a finalizer goes to the log, in one line. */
PyObject *log_unraisable(PyObject *module, PyObject *unraisable) {
    PyObject *value = PyObject_GetAttrString(unraisable, "exc_value");
    PyObject *line = NULL;
    if (value)
        line = PyUnicode_FromFormat("exception ignored in a finalizer: %s: %S\n", type_name_of(value), value);
    if (line) write_text(module_state_of(module), line);
    Py_XDECREF(line);
    Py_XDECREF(value);
    PyErr_Clear();
    Py_RETURN_NONE;
}
