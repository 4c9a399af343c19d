/* See strategy_source.h. */
#include "strategy/strategy_source.h"

#include <stdlib.h>
#include <string.h>

static int attribute_as_int(PyObject *object, const char *name) {
    PyObject *value = PyObject_GetAttrString(object, name);
    long number = value && PyLong_Check(value) ? PyLong_AsLong(value) : 0;
    Py_XDECREF(value);
    PyErr_Clear();
    return (int)number;
}

/* From the exception that is set. */
static status compile_error(struct error *err, const char *path) {
    PyObject *exception = PyErr_GetRaisedException();
    PyObject *message = PyObject_HasAttrString(exception, "msg") ? PyObject_GetAttrString(exception, "msg")
                                                                 : PyObject_Str(exception);
    const char *text = message ? PyUnicode_AsUTF8(message) : NULL;
    status rc =
        error_set_at(err, ERR_STRATEGY, attribute_as_int(exception, "lineno"),
                     attribute_as_int(exception, "offset"), "%s: %s", path, text ? text : "does not compile");
    PyErr_Clear();
    Py_XDECREF(message);
    Py_DECREF(exception);
    return rc;
}

/* Class bodies and the module define methods by storing names; only functions can rebind them later. */
static bool code_rebinds(PyCodeObject *code) {
    static const char *const callbacks[] = {"run", "on_trade", "on_day_end"};
    for (Py_ssize_t i = 0; (code->co_flags & CO_OPTIMIZED) && i < PyTuple_GET_SIZE(code->co_names); i++)
        for (size_t k = 0; k < sizeof callbacks / sizeof *callbacks; k++)
            if (PyUnicode_EqualToUTF8(PyTuple_GET_ITEM(code->co_names, i), callbacks[k])) return true;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *constant = PyTuple_GET_ITEM(code->co_consts, i);
        if (PyCode_Check(constant) && code_rebinds((PyCodeObject *)constant)) return true;
    }
    return false;
}

status strategy_source_open(struct strategy_source *source, const char *path, const char *text,
                            struct error *err) {
    *source = (struct strategy_source){.path = strdup(path), .text = strdup(text)};
    if (!source->path || !source->text) return error_set(err, ERR_MEMORY, "%s: out of memory", path);
    source->code = Py_CompileStringExFlags(text, path, Py_file_input, NULL, 0);
    if (!source->code) return compile_error(err, path);
    source->path_object = Py_NewRef(((PyCodeObject *)source->code)->co_filename);
    source->rebinds_callbacks = code_rebinds((PyCodeObject *)source->code);
    return OK;
}

void strategy_source_close(struct strategy_source *source) {
    free(source->path);
    free(source->text);
    Py_CLEAR(source->code);
    Py_CLEAR(source->path_object);
}

const char *strategy_source_line(const struct strategy_source *source, int number, size_t *length) {
    const char *line = source->text;
    for (int i = 1; line && i < number; i++) {
        line = strchr(line, '\n');
        if (line) line++;
    }
    *length = 0;
    if (!line || number < 1) return "";
    line += strspn(line, " \t\f");
    *length = strcspn(line, "\r\n");
    return line;
}
