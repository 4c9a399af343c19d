/* A price or amount as the ledger takes it. Equivalent to operand() and finite_operand() of
 * strategies/kmill.py:
 *
 *     def operand(name, value):
 *         if isinstance(value, float): return Decimal(float.__repr__(value))
 *         if isinstance(value, bool) or not isinstance(value, (int, Decimal)): raise TypeError(...)
 *         number = Decimal(value)          # ValueError beyond 38 digits or 10^±100000
 *
 * A Decimal crosses as its text: its memory layout is not public, and this happens once an order. */
#include "strategy/kmill_module.h"

#include <math.h>
#include <string.h>

static bool text_is_finite(const char *text) {
    const char *first = *text == '-' ? text + 1 : text;
    return *first >= '0' && *first <= '9';
}

/* Digits of the coefficient of a decimal's text. */
static size_t significant_digits(const char *text) {
    size_t digits = 0;
    for (const char *p = text; *p && *p != 'E' && *p != 'e'; p++)
        if (*p >= '0' && *p <= '9' && (digits > 0 || *p != '0')) digits++;
    return digits;
}

static enum operand_kind operand_from_text(struct decimal *out, const char *name, PyObject *text) {
    Py_ssize_t length;
    const char *data = PyUnicode_AsUTF8AndSize(text, &length);
    if (!data) return OPERAND_ERROR;
    if (!text_is_finite(data)) return OPERAND_NOT_FINITE;
    if (decimal_from_text(out, data, (size_t)length)) return OPERAND_FINITE;
    if (significant_digits(data) > DECIMAL_OPERAND_DIGITS)
        PyErr_Format(PyExc_ValueError, "%s has more than %d significant digits", name,
                     DECIMAL_OPERAND_DIGITS);
    else
        PyErr_Format(PyExc_ValueError, "%s is beyond 10^%d or 10^-%d", name, DECIMAL_EXPONENT_MAX,
                     DECIMAL_EXPONENT_MAX);
    return OPERAND_ERROR;
}

static enum operand_kind operand_from_int(struct decimal *out, const char *name, PyObject *value) {
    int overflow;
    int64_t integer = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (!overflow) {
        *out = decimal_from_int64(integer);
        return OPERAND_FINITE;
    }
    PyObject *text = PyLong_Type.tp_repr(value);
    if (!text) { /* thousands of digits: int refuses to print them */
        PyErr_Clear();
        PyErr_Format(PyExc_ValueError, "%s has more than %d significant digits", name,
                     DECIMAL_OPERAND_DIGITS);
        return OPERAND_ERROR;
    }
    enum operand_kind kind = operand_from_text(out, name, text);
    Py_DECREF(text);
    return kind;
}

enum operand_kind operand_from_python(const struct module_state *state, struct decimal *out, const char *name,
                                      PyObject *value) {
    if (PyFloat_Check(value)) {
        double number = PyFloat_AS_DOUBLE(value);
        if (!isfinite(number)) return OPERAND_NOT_FINITE;
        *out = decimal_from_double(number);
        return OPERAND_FINITE;
    }
    if (!object_is_number(state, value)) {
        PyErr_Format(PyExc_TypeError, "%s must be a float, an int or a Decimal, not %s", name,
                     type_name_of(value));
        return OPERAND_ERROR;
    }
    if (PyLong_Check(value)) return operand_from_int(out, name, value);
    const struct money_value *money = money_value_of(state, value);
    if (money) {
        *out = money->exact;
        return OPERAND_FINITE;
    }
    PyObject *text = state->decimal_type->tp_str(value);
    enum operand_kind kind = text ? operand_from_text(out, name, text) : OPERAND_ERROR;
    Py_XDECREF(text);
    return kind;
}

bool finite_operand_from_python(const struct module_state *state, struct decimal *out, const char *name,
                                PyObject *value) {
    enum operand_kind kind = operand_from_python(state, out, name, value);
    if (kind != OPERAND_NOT_FINITE) return kind == OPERAND_FINITE;
    PyObject *shown = PyFloat_Check(value) ? money_decimal_from_float((struct module_state *)state, value)
                                           : Py_NewRef(value);
    if (shown) PyErr_Format(PyExc_ValueError, "%s must be finite, not %S", name, shown);
    Py_XDECREF(shown);
    return false;
}
