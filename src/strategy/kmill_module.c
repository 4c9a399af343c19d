/* The built-in module `_kmill`: its state and its start. Equivalent to the module level of
 * strategies/kmill.py; every type has a file of its own. Multi-phase initialisation and per-module state, so
 * that each subinterpreter has its own. */
#include "strategy/kmill_module.h"

#include <string.h>

#include "strategy/python_executor.h"

static struct PyModuleDef definition;

struct module_state *module_state_of_type(PyTypeObject *type) {
    PyObject *module = PyType_GetModuleByDef(type, &definition);
    return module ? module_state_of(module) : NULL;
}

const char *type_name_of(PyObject *object) {
    const char *name = Py_TYPE(object)->tp_name, *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

bool object_is_number(const struct module_state *state, PyObject *object) {
    if (PyFloat_Check(object)) return true;
    if (PyLong_Check(object)) return !PyBool_Check(object);
    return PyObject_TypeCheck(object, state->decimal_type);
}

bool period_from_python_slow(Py_ssize_t *out, const char *name, PyObject *value) {
    if (!PyLong_Check(value) || PyBool_Check(value)) {
        PyErr_Format(PyExc_TypeError, "%s must be an int, not %s", name, type_name_of(value));
        return false;
    }
    int overflow;
    int64_t number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow > 0) number = PY_SSIZE_T_MAX;
    if (overflow < 0 || number < 1) {
        PyErr_Format(PyExc_ValueError, "%s must be at least 1, not %S", name, value);
        return false;
    }
    *out = number;
    return true;
}

/* ---- start ----------------------------------------------------------------------------------- */

static bool import_names(struct module_state *state) {
    PyObject *decimal = PyImport_ImportModule("decimal"), *builtins = PyImport_ImportModule("builtins");
    if (decimal && builtins) {
        state->decimal_type = (PyTypeObject *)PyObject_GetAttrString(decimal, "Decimal");
        state->builtin_sum = PyObject_GetAttrString(builtins, "sum");
        state->builtin_min = PyObject_GetAttrString(builtins, "min");
        state->builtin_max = PyObject_GetAttrString(builtins, "max");
    }
    Py_XDECREF(decimal);
    Py_XDECREF(builtins);
    return state->decimal_type && state->builtin_sum && state->builtin_min && state->builtin_max;
}

static bool make_keys(struct module_state *state) {
    static const char *const trade_keys[TRADE_KEYS] = {
        "timestamp", "type", "price", "amount", "balance", "fee", "position", "totalValue", "profit"};
    static const char *const equity_keys[EQUITY_KEYS] = {"timestamp", "equity", "balance", "position"};
    for (int i = 0; i < TRADE_KEYS; i++)
        if (!(state->trade_keys[i] = PyUnicode_InternFromString(trade_keys[i]))) return false;
    for (int i = 0; i < EQUITY_KEYS; i++)
        if (!(state->equity_keys[i] = PyUnicode_InternFromString(equity_keys[i]))) return false;
    state->text_buy = PyUnicode_InternFromString("buy");
    state->text_sell = PyUnicode_InternFromString("sell");
    return state->text_buy && state->text_sell;
}

static bool make_types(PyObject *module, struct module_state *state) {
    return (state->kline_type = kline_type_create(module)) &&
           (state->cache_type = cache_type_create(module)) && (state->view_type = view_type_create(module)) &&
           (state->view_iterator_type = view_iterator_type_create(module)) &&
           (state->strategy_type = strategy_type_create(module)) &&
           (state->context_type = context_type_create(module)) &&
           (state->order_type = order_type_create(module)) &&
           (state->enum_meta_type = enum_meta_type_create(module)) && money_type_create(module, state) &&
           enum_types_create(module, state) && clockless_types_create(module, state);
}

static bool add_names(PyObject *module, const struct module_state *state) {
    const struct {
        const char *name;
        PyObject *object;
    } names[] = {
        {"Kline", (PyObject *)state->kline_type},
        {"KlineCache", (PyObject *)state->cache_type},
        {"IStrategy", (PyObject *)state->strategy_type},
        {"BacktestContext", (PyObject *)state->context_type},
        {"Order", (PyObject *)state->order_type},
        {"OrderType", state->order_kinds},
        {"OrderSide", state->order_sides},
        {"PositionSide", state->position_sides},
        {"Decimal", (PyObject *)state->decimal_type},
        {"datetime", state->datetime_type},
        {"date", state->date_type},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (PyModule_AddObjectRef(module, names[i].name, names[i].object) < 0) return false;
    return PyModule_AddFunctions(module, indicator_methods) == 0;
}

static int module_exec(PyObject *module) {
    struct module_state *state = module_state_of(module);
    bool done =
        import_names(state) && make_keys(state) && make_types(module, state) && add_names(module, state);
    return done ? 0 : -1;
}

/* ---- life ------------------------------------------------------------------------------------ */

/* Everything a state owns, as one list for traverse and clear. */
#define OWNED(state)                                                                                    \
    {                                                                                                   \
        (PyObject **)&(state)->kline_type, (PyObject **)&(state)->cache_type,                           \
            (PyObject **)&(state)->view_type, (PyObject **)&(state)->view_iterator_type,                \
            (PyObject **)&(state)->strategy_type, (PyObject **)&(state)->context_type,                  \
            (PyObject **)&(state)->order_type, (PyObject **)&(state)->money_type,                       \
            (PyObject **)&(state)->enum_meta_type, (PyObject **)&(state)->decimal_type,                 \
            &(state)->order_kinds, &(state)->order_sides, &(state)->position_sides, &(state)->kind_buy, \
            &(state)->kind_sell, &(state)->side_long, &(state)->datetime_type, &(state)->date_type,     \
            &(state)->builtin_sum, &(state)->builtin_min, &(state)->builtin_max, &(state)->text_buy,    \
            &(state)->text_sell                                                                         \
    }

static int module_traverse(PyObject *module, visitproc visit, void *arg) {
    struct module_state *state = module_state_of(module);
    PyObject **owned[] = OWNED(state);
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        Py_VISIT(*owned[i]);
    return 0;
}

static int module_clear(PyObject *module) {
    struct module_state *state = module_state_of(module);
    PyObject **owned[] = OWNED(state);
    view_free_list_clear(state);
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        Py_CLEAR(*owned[i]);
    for (int i = 0; i < TRADE_KEYS; i++)
        Py_CLEAR(state->trade_keys[i]);
    for (int i = 0; i < EQUITY_KEYS; i++)
        Py_CLEAR(state->equity_keys[i]);
    return 0;
}

static void module_free(void *module) {
    module_clear(module);
}

#define FUNCTION(name, function) \
    { name, (PyCFunction)(void (*)(void))function, METH_FASTCALL | METH_KEYWORDS, NULL }
static PyMethodDef functions[] = {
    FUNCTION("sum", view_builtin_sum),
    FUNCTION("min", view_builtin_min),
    FUNCTION("max", view_builtin_max),
    FUNCTION("print", print_to_log),
    {"unraisable", log_unraisable, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, module_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,   .m_name = "_kmill",    .m_size = sizeof(struct module_state),
    .m_methods = functions,  .m_slots = slots,      .m_traverse = module_traverse,
    .m_clear = module_clear, .m_free = module_free,
};

PyObject *PyInit__kmill(void) {
    return PyModuleDef_Init(&definition);
}
