/* Money: what a BacktestContext hands out. Equivalent to class Money of strategies/kmill.py:
 *
 *     class Money(Decimal):           # a Decimal that also mixes with float
 *         __slots__ = ()
 *         def __add__(self, other):   # and - * / // % ** divmod, and all of them reflected
 *             return Money(Decimal.__add__(self, exact(other)))
 *         def __neg__(self):          # and +, abs, round, quantize, sqrt
 *             return Money(Decimal.__neg__(self))
 *         def __lt__(self, other):    # and <= > >= == !=
 *             return Decimal.__lt__(self, exact(other))
 *
 *     def exact(x):
 *         return Decimal(float.__repr__(x)) if isinstance(x, float) else x
 *
 * Design: arithmetic is Decimal's own, under the strategy's own decimal context. A Money that came from the
 * ledger also carries the ledger's decimal: comparing it with a number (`context.position == 0`, the one
 * thing that strategies do in every bar) is then exact without a Decimal, float() of it is a load, and + - *
 * / go through the ledger's arithmetic as long as the strategy has not imported decimal and so cannot know.
 */
#include "strategy/kmill_module.h"

#include <math.h>

#include "base/text.h"
#include "strategy/decimal_layout.h"

static PyObject *money_positive(PyObject *self);

/* The Money class behind an object, NULL if it is none; classes derived from it may have inherited the slot.
 */
static PyTypeObject *money_type_behind(PyObject *object) {
    PyTypeObject *found = NULL;
    for (PyTypeObject *type = Py_TYPE(object); type; type = type->tp_base)
        if (type->tp_as_number && type->tp_as_number->nb_positive == money_positive) found = type;
    return found;
}

static inline const struct money_value *value_in(const struct module_state *state, PyObject *money) {
    return (const struct money_value *)((char *)money + state->money_offset);
}

const struct money_value *money_value_of(const struct module_state *state, PyObject *object) {
    if (!Py_IS_TYPE(object, state->money_type)) return NULL;
    const struct money_value *value = value_in(state, object);
    return value->known ? value : NULL;
}

/* ---- making ---------------------------------------------------------------------------------- */

static PyObject *money_from_text(struct module_state *state, struct decimal value) {
    char text[DECIMAL_TEXT_MAX];
    size_t length = decimal_to_text(text, value);
    PyObject *string = PyUnicode_FromStringAndSize(text, (Py_ssize_t)length);
    PyObject *money = string ? PyObject_CallOneArg((PyObject *)state->money_type, string) : NULL;
    Py_XDECREF(string);
    return money;
}

PyObject *money_from_decimal(struct module_state *state, struct decimal value) {
    PyObject *money;
    if (state->decimal_layout_known) {
        money = state->money_type->tp_alloc(state->money_type, 0);
        if (money) decimal_layout_write(money, value);
    } else {
        money = money_from_text(state, value);
    }
    if (money) {
        struct money_value *extra = (struct money_value *)((char *)money + state->money_offset);
        *extra = (struct money_value){value, decimal_to_double(value), true};
    }
    return money;
}

PyObject *money_decimal_from_float(struct module_state *state, PyObject *number) {
    char text[DOUBLE_TEXT_MAX];
    size_t length = double_to_text(text, PyFloat_AS_DOUBLE(number));
    PyObject *string = PyUnicode_FromStringAndSize(text, (Py_ssize_t)length);
    PyObject *decimal = string ? PyObject_CallOneArg((PyObject *)state->decimal_type, string) : NULL;
    Py_XDECREF(string);
    return decimal;
}

/* A float as its decimal, anything else as it is; a new reference. */
static PyObject *without_float(struct module_state *state, PyObject *object) {
    return PyFloat_Check(object) ? money_decimal_from_float(state, object) : Py_NewRef(object);
}

/* Steals result: a Decimal becomes Money, a pair of them (divmod) too, NotImplemented and NULL stay. */
static PyObject *as_money(struct module_state *state, PyObject *result) {
    if (!result || result == Py_NotImplemented) return result;
    if (PyObject_TypeCheck(result, state->decimal_type)) {
        PyObject *money = PyObject_CallOneArg((PyObject *)state->money_type, result);
        Py_DECREF(result);
        return money;
    }
    if (PyTuple_CheckExact(result) && PyTuple_GET_SIZE(result) == 2) {
        PyObject *a = as_money(state, Py_NewRef(PyTuple_GET_ITEM(result, 0)));
        PyObject *b = as_money(state, Py_NewRef(PyTuple_GET_ITEM(result, 1)));
        PyObject *pair = a && b ? PyTuple_Pack(2, a, b) : NULL;
        Py_XDECREF(a);
        Py_XDECREF(b);
        Py_DECREF(result);
        return pair;
    }
    return result;
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

enum money_operation { MONEY_ADD, MONEY_SUBTRACT, MONEY_MULTIPLY, MONEY_DIVIDE };

static struct module_state *state_of_operands(PyObject *a, PyObject *b) {
    PyTypeObject *type = money_type_behind(a);
    if (!type) type = money_type_behind(b);
    return PyType_GetModuleState(type);
}

/* The operand as the ledger's decimals have it, if that is a matter of nanoseconds. */
static bool exact_operand(struct decimal *out, const struct module_state *state, PyObject *object) {
    const struct money_value *money = money_value_of(state, object);
    if (money) {
        *out = money->exact;
        return true;
    }
    if (PyFloat_CheckExact(object)) {
        if (!isfinite(PyFloat_AS_DOUBLE(object))) return false;
        *out = decimal_from_double(PyFloat_AS_DOUBLE(object));
        return true;
    }
    if (!PyLong_CheckExact(object)) return false;
    int overflow;
    int64_t integer = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (!overflow) *out = decimal_from_int64(integer);
    return !overflow;
}

/* Within this, results are neither subnormal nor too large for Decimal's default context. */
enum { PLAIN_EXPONENT = 100000 };

/* a op b with the ledger's arithmetic, which is Decimal's under its default context to the digit; NULL
 * without an exception where that is not certain. The context is the default one as long as nobody got hold
 * of it, and then nobody sees the flags either that Decimal would have set in it. */
static PyObject *mixed_exactly(struct module_state *state, enum money_operation operation, PyObject *a,
                               PyObject *b) {
    struct decimal x, y, result;
    if (state->context_exposed || !exact_operand(&x, state, a) || !exact_operand(&y, state, b)) return NULL;
    switch (operation) {
    case MONEY_ADD:
        result = decimal_add(x, y);
        break;
    case MONEY_SUBTRACT:
        result = decimal_subtract(x, y);
        break;
    case MONEY_MULTIPLY:
        result = decimal_multiply(x, y);
        break;
    default:
        if (decimal_is_zero(y)) return NULL;
        result = decimal_divide(x, y);
    }
    if (result.exponent > PLAIN_EXPONENT || result.exponent < -PLAIN_EXPONENT) return NULL;
    return money_from_decimal(state, result);
}

static PyObject *mixed(struct module_state *state, binaryfunc operation, PyObject *a, PyObject *b) {
    PyObject *left = without_float(state, a), *right = left ? without_float(state, b) : NULL;
    PyObject *result = right ? as_money(state, operation(left, right)) : NULL;
    Py_XDECREF(left);
    Py_XDECREF(right);
    return result;
}

#define MIXED(name, slot)                                                   \
    static PyObject *money_##name(PyObject *a, PyObject *b) {               \
        struct module_state *state = state_of_operands(a, b);               \
        return mixed(state, state->decimal_type->tp_as_number->slot, a, b); \
    }
#define MIXED_EXACTLY(name, slot, operation)                                \
    static PyObject *money_##name(PyObject *a, PyObject *b) {               \
        struct module_state *state = state_of_operands(a, b);               \
        PyObject *result = mixed_exactly(state, operation, a, b);           \
        if (result || PyErr_Occurred()) return result;                      \
        return mixed(state, state->decimal_type->tp_as_number->slot, a, b); \
    }
MIXED_EXACTLY(add, nb_add, MONEY_ADD)
MIXED_EXACTLY(subtract, nb_subtract, MONEY_SUBTRACT)
MIXED_EXACTLY(multiply, nb_multiply, MONEY_MULTIPLY)
MIXED_EXACTLY(divide, nb_true_divide, MONEY_DIVIDE)
MIXED(floor_divide, nb_floor_divide)
MIXED(remainder, nb_remainder)
MIXED(divmod, nb_divmod)

static PyObject *money_power(PyObject *a, PyObject *b, PyObject *modulus) {
    PyTypeObject *type = money_type_behind(a);
    if (!type) type = money_type_behind(b);
    if (!type) type = money_type_behind(modulus);
    struct module_state *state = PyType_GetModuleState(type);
    PyObject *base = without_float(state, a), *exponent = base ? without_float(state, b) : NULL;
    PyObject *third = exponent ? without_float(state, modulus) : NULL;
    PyObject *result = NULL;
    if (third) result = as_money(state, state->decimal_type->tp_as_number->nb_power(base, exponent, third));
    Py_XDECREF(base);
    Py_XDECREF(exponent);
    Py_XDECREF(third);
    return result;
}

static PyObject *money_positive(PyObject *self) {
    struct module_state *state = state_of_operands(self, self);
    return as_money(state, state->decimal_type->tp_as_number->nb_positive(self));
}

static PyObject *money_negative(PyObject *self) {
    struct module_state *state = state_of_operands(self, self);
    return as_money(state, state->decimal_type->tp_as_number->nb_negative(self));
}

static PyObject *money_absolute(PyObject *self) {
    struct module_state *state = state_of_operands(self, self);
    return as_money(state, state->decimal_type->tp_as_number->nb_absolute(self));
}

static PyObject *money_float(PyObject *self) {
    struct module_state *state = state_of_operands(self, self);
    const struct money_value *value = money_value_of(state, self);
    return value ? PyFloat_FromDouble(value->rounded) : state->decimal_type->tp_as_number->nb_float(self);
}

/* ---- Decimal's methods whose results are Money again ----------------------------------------- */

static PyObject *call_decimal(PyObject *self, const char *method, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *names) {
    struct module_state *state = state_of_operands(self, self);
    PyObject *function = PyObject_GetAttrString((PyObject *)state->decimal_type, method);
    Py_ssize_t given = nargs + (names ? PyTuple_GET_SIZE(names) : 0);
    PyObject **all = PyMem_Calloc((size_t)given + 1, sizeof *all);
    PyObject *result = NULL;
    if (!all) PyErr_NoMemory();
    if (function && all) {
        all[0] = self;
        for (Py_ssize_t i = 0; i < given; i++)
            all[i + 1] = args[i];
        result = as_money(state, PyObject_Vectorcall(function, all, (size_t)nargs + 1, names));
    }
    PyMem_Free(all);
    Py_XDECREF(function);
    return result;
}

#define DECIMAL_METHOD(name)                                                               \
    static PyObject *money_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs, \
                                  PyObject *names) {                                       \
        return call_decimal(self, #name, args, nargs, names);                              \
    }
DECIMAL_METHOD(quantize)
DECIMAL_METHOD(sqrt)

static PyObject *money_round(PyObject *self, PyObject *const *args, Py_ssize_t nargs) {
    PyObject *digits = nargs ? without_float(state_of_operands(self, self), args[0]) : NULL;
    if (nargs && !digits) return NULL;
    PyObject *result = nargs <= 1 ? call_decimal(self, "__round__", &digits, nargs, NULL)
                                  : call_decimal(self, "__round__", args, nargs, NULL);
    Py_XDECREF(digits);
    return result;
}

/* ---- comparison ------------------------------------------------------------------------------ */

/* True: *sign is self compared with other, exactly. */
static bool compare_exactly(int *sign, const struct module_state *state, const struct money_value *value,
                            PyObject *other) {
    if (PyLong_CheckExact(other)) {
        int overflow;
        int64_t integer = PyLong_AsLongLongAndOverflow(other, &overflow);
        if (overflow) return false;
        if (integer == 0)
            *sign = value->exact.coefficient == 0 ? 0 : value->exact.negative ? -1 : 1;
        else
            *sign = decimal_compare(value->exact, decimal_from_int64(integer));
        return true;
    }
    if (PyFloat_CheckExact(other)) {
        double number = PyFloat_AS_DOUBLE(other);
        if (!isfinite(number)) return false;
        *sign = decimal_compare(value->exact, decimal_from_double(number));
        return true;
    }
    const struct money_value *second = money_value_of(state, other);
    if (second) *sign = decimal_compare(value->exact, second->exact);
    return second != NULL;
}

static PyObject *money_compare(PyObject *self, PyObject *other, int operation) {
    struct module_state *state = state_of_operands(self, self);
    const struct money_value *value = money_value_of(state, self);
    int sign;
    if (value && compare_exactly(&sign, state, value, other)) Py_RETURN_RICHCOMPARE(sign, 0, operation);
    PyObject *right = without_float(state, other);
    PyObject *result = right ? state->decimal_type->tp_richcompare(self, right, operation) : NULL;
    Py_XDECREF(right);
    return result;
}

/* ---- the type -------------------------------------------------------------------------------- */

#define METHOD(name, function, flags) \
    { name, (PyCFunction)(void (*)(void))function, flags, NULL }
static PyMethodDef methods[] = {
    METHOD("quantize", money_quantize, METH_FASTCALL | METH_KEYWORDS),
    METHOD("sqrt", money_sqrt, METH_FASTCALL | METH_KEYWORDS),
    METHOD("__round__", money_round, METH_FASTCALL),
    {NULL, NULL, 0, NULL},
};

bool money_type_create(PyObject *module, struct module_state *state) {
    /* struct decimal wants 16-byte alignment, which Python's allocators give the object. */
    Py_ssize_t align = _Alignof(struct money_value);
    state->money_offset = (state->decimal_type->tp_basicsize + align - 1) / align * align;
    state->decimal_layout_known = decimal_layout_is_known(state->decimal_type);
    PyType_Slot slots[] = {
        {Py_tp_doc, "An amount of the account: a Decimal that also mixes with float."},
        {Py_tp_methods, methods},
        {Py_tp_richcompare, money_compare},
        {Py_tp_hash, state->decimal_type->tp_hash},
        {Py_nb_add, money_add},
        {Py_nb_subtract, money_subtract},
        {Py_nb_multiply, money_multiply},
        {Py_nb_true_divide, money_divide},
        {Py_nb_floor_divide, money_floor_divide},
        {Py_nb_remainder, money_remainder},
        {Py_nb_divmod, money_divmod},
        {Py_nb_power, money_power},
        {Py_nb_positive, money_positive},
        {Py_nb_negative, money_negative},
        {Py_nb_absolute, money_absolute},
        {Py_nb_float, money_float},
        {0, NULL},
    };
    PyType_Spec spec = {"kmill.Money", (int)(state->money_offset + (Py_ssize_t)sizeof(struct money_value)), 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE, slots};
    state->money_type =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, (PyObject *)state->decimal_type);
    return state->money_type != NULL;
}
