/* OrderType, OrderSide and PositionSide. Equivalent, as far as a strategy can tell, to
 *
 *     class OrderType(enum.Enum): BUY = 'buy'; SELL = 'sell'
 *     class OrderSide(enum.Enum): LONG = 'long'; SHORT = 'short'
 *     class PositionSide(enum.Enum): LONG = 'long'; SHORT = 'short'; BOTH = 'both'
 *
 * with .name, .value, OrderType('buy'), OrderType['BUY'], iteration, len, `in`, repr, str and hash. Not
 * enum.Enum itself: its members and tables are changeable (OrderType.BUY.x = 1), and runs may share nothing
 * that one of them can change. */
#include "strategy/kmill_module.h"

#include <stddef.h>

struct member_object {
    PyObject ob_base;
    PyObject *name, *value;
};

static inline struct member_object *as_member(PyObject *object) {
    return (struct member_object *)object;
}

/* ---- members --------------------------------------------------------------------------------- */

static void member_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(as_member(self)->name);
    Py_XDECREF(as_member(self)->value);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *member_repr(PyObject *self) {
    PyObject *type = PyType_GetName(Py_TYPE(self));
    PyObject *text =
        type ? PyUnicode_FromFormat("<%U.%U: %R>", type, as_member(self)->name, as_member(self)->value)
             : NULL;
    Py_XDECREF(type);
    return text;
}

static PyObject *member_str(PyObject *self) {
    PyObject *type = PyType_GetName(Py_TYPE(self));
    PyObject *text = type ? PyUnicode_FromFormat("%U.%U", type, as_member(self)->name) : NULL;
    Py_XDECREF(type);
    return text;
}

static Py_hash_t member_hash(PyObject *self) {
    return PyObject_Hash(as_member(self)->name);
}

static PyMemberDef member_members[] = {
    {"name", Py_T_OBJECT_EX, offsetof(struct member_object, name), Py_READONLY, NULL},
    {"value", Py_T_OBJECT_EX, offsetof(struct member_object, value), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

/* ---- the class of the classes ---------------------------------------------------------------- */

/* name -> member in the order of definition; a new reference. */
static PyObject *members_of(PyObject *type) {
    return PyObject_GetAttrString(type, "__members__");
}

/* A new reference to the member with this value, NULL without an exception if there is none. */
static PyObject *member_with_value(PyObject *type, PyObject *value) {
    PyObject *members = members_of(type), *found = NULL;
    PyObject *values = members ? PyMapping_Values(members) : NULL;
    for (Py_ssize_t i = 0; values && !found && i < PyList_GET_SIZE(values); i++) {
        PyObject *member = PyList_GET_ITEM(values, i);
        int equal = member == value ? 1 : PyObject_RichCompareBool(as_member(member)->value, value, Py_EQ);
        if (equal < 0) break;
        if (equal) found = Py_NewRef(member);
    }
    Py_XDECREF(members);
    Py_XDECREF(values);
    return found;
}

static PyObject *meta_call(PyObject *type, PyObject *args, PyObject *keywords) {
    PyObject *value;
    static char *names[] = {"value", NULL};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O:__call__", names, &value)) return NULL;
    PyObject *member = member_with_value(type, value);
    if (!member && !PyErr_Occurred()) {
        PyObject *name = PyType_GetName((PyTypeObject *)type);
        if (name) PyErr_Format(PyExc_ValueError, "%R is not a valid %U", value, name);
        Py_XDECREF(name);
    }
    return member;
}

static PyObject *meta_subscript(PyObject *type, PyObject *name) {
    PyObject *members = members_of(type), *member = members ? PyObject_GetItem(members, name) : NULL;
    Py_XDECREF(members);
    return member;
}

static Py_ssize_t meta_length(PyObject *type) {
    PyObject *members = members_of(type);
    Py_ssize_t length = members ? PyObject_Length(members) : -1;
    Py_XDECREF(members);
    return length;
}

static int meta_contains(PyObject *type, PyObject *value) {
    PyObject *member = member_with_value(type, value);
    int found = member ? 1 : PyErr_Occurred() ? -1 : 0;
    Py_XDECREF(member);
    return found;
}

static PyObject *meta_iterate(PyObject *type) {
    PyObject *members = members_of(type), *values = members ? PyMapping_Values(members) : NULL;
    PyObject *iterator = values ? PyObject_GetIter(values) : NULL;
    Py_XDECREF(members);
    Py_XDECREF(values);
    return iterator;
}

static PyObject *meta_repr(PyObject *type) {
    PyObject *name = PyType_GetName((PyTypeObject *)type);
    PyObject *text = name ? PyUnicode_FromFormat("<enum %R>", name) : NULL;
    Py_XDECREF(name);
    return text;
}

PyTypeObject *enum_meta_type_create(PyObject *module) {
    PyType_Slot slots[] = {
        {Py_tp_call, meta_call},
        {Py_tp_iter, meta_iterate},
        {Py_tp_repr, meta_repr},
        {Py_mp_subscript, meta_subscript},
        {Py_mp_length, meta_length},
        {Py_sq_contains, meta_contains},
        {0, NULL},
    };
    PyType_Spec spec = {"kmill.EnumType", 0, 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, slots};
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, (PyObject *)&PyType_Type);
}

/* ---- the three ------------------------------------------------------------------------------- */

struct member_spec {
    const char *name, *value;
};

static bool add_member(PyObject *type, PyObject *members, const struct member_spec *spec) {
    PyObject *member = ((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 0);
    if (!member) return false;
    as_member(member)->name = PyUnicode_InternFromString(spec->name);
    as_member(member)->value = PyUnicode_InternFromString(spec->value);
    bool done = as_member(member)->name && as_member(member)->value &&
                PyObject_SetAttrString(type, spec->name, member) == 0 &&
                PyDict_SetItemString(members, spec->name, member) == 0;
    Py_DECREF(member);
    return done;
}

static PyObject *enum_type_create(PyObject *module, PyTypeObject *meta, const char *name,
                                  const struct member_spec *specs) {
    PyType_Slot slots[] = {
        {Py_tp_dealloc, member_dealloc}, {Py_tp_repr, member_repr},       {Py_tp_str, member_str},
        {Py_tp_hash, member_hash},       {Py_tp_members, member_members}, {0, NULL},
    };
    PyType_Spec spec = {name, sizeof(struct member_object), 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
    PyObject *type = PyType_FromMetaclass(meta, module, &spec, NULL);
    PyObject *members = type ? PyDict_New() : NULL;
    bool done = members != NULL;
    for (; done && specs->name; specs++)
        done = add_member(type, members, specs);
    PyObject *proxy = done ? PyDictProxy_New(members) : NULL;
    done = proxy && PyObject_SetAttrString(type, "__members__", proxy) == 0;
    Py_XDECREF(proxy);
    Py_XDECREF(members);
    if (!done)
        Py_CLEAR(type);
    else
        ((PyTypeObject *)type)->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
    return type;
}

bool enum_types_create(PyObject *module, struct module_state *state) {
    static const struct member_spec kinds[] = {{"BUY", "buy"}, {"SELL", "sell"}, {NULL, NULL}};
    static const struct member_spec sides[] = {{"LONG", "long"}, {"SHORT", "short"}, {NULL, NULL}};
    static const struct member_spec positions[] = {
        {"LONG", "long"}, {"SHORT", "short"}, {"BOTH", "both"}, {NULL, NULL}};
    PyTypeObject *meta = state->enum_meta_type;
    return (state->order_kinds = enum_type_create(module, meta, "kmill.OrderType", kinds)) &&
           (state->order_sides = enum_type_create(module, meta, "kmill.OrderSide", sides)) &&
           (state->position_sides = enum_type_create(module, meta, "kmill.PositionSide", positions)) &&
           (state->kind_buy = PyObject_GetAttrString(state->order_kinds, "BUY")) &&
           (state->kind_sell = PyObject_GetAttrString(state->order_kinds, "SELL")) &&
           (state->side_long = PyObject_GetAttrString(state->order_sides, "LONG"));
}
