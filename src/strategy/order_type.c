/* Order: an accepted order as context.orders lists it; a strategy may make its own. Equivalent to class Order
 * of strategies/kmill.py:
 *
 *     class Order:
 *         def __init__(self, timestamp, order_type, price, amount, fee=0, order_side=None):
 *             ...  # attributes of the same names, `type` for order_type
 */
#include "strategy/kmill_module.h"

#include <stddef.h>

struct order_object {
    PyObject ob_base;
    PyObject *timestamp, *type, *price, *amount, *fee, *order_side;
};

enum { ORDER_FIELDS = 6 };

static inline PyObject **fields_of(PyObject *self) {
    return &((struct order_object *)self)->timestamp;
}

static int order_init(PyObject *self, PyObject *args, PyObject *keywords) {
    static char *names[] = {"timestamp", "order_type", "price", "amount", "fee", "order_side", NULL};
    PyObject *v[ORDER_FIELDS] = {NULL, NULL, NULL, NULL, NULL, Py_None};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOOO|OO:Order", names, &v[0], &v[1], &v[2], &v[3],
                                     &v[4], &v[5]))
        return -1;
    PyObject *fee = v[4] ? Py_NewRef(v[4]) : PyLong_FromLong(0);
    if (!fee) return -1;
    v[4] = fee;
    for (int i = 0; i < ORDER_FIELDS; i++)
        Py_XSETREF(fields_of(self)[i], Py_NewRef(v[i]));
    Py_DECREF(fee);
    return 0;
}

static int order_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    for (int i = 0; i < ORDER_FIELDS; i++)
        Py_VISIT(fields_of(self)[i]);
    return PyObject_VisitManagedDict(self, visit, arg);
}

static int order_clear(PyObject *self) {
    for (int i = 0; i < ORDER_FIELDS; i++)
        Py_CLEAR(fields_of(self)[i]);
    PyObject_ClearManagedDict(self);
    return 0;
}

static void order_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    order_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *order_repr(PyObject *self) {
    PyObject **v = fields_of(self);
    for (int i = 0; i < ORDER_FIELDS; i++)
        if (!v[i]) return PyErr_Format(PyExc_AttributeError, "this Order has lost an attribute");
    return PyUnicode_FromFormat("Order(timestamp=%R, type=%S, price=%R, amount=%R, fee=%R, order_side=%S)",
                                v[0], v[1], v[2], v[3], v[4], v[5]);
}

PyObject *order_create(struct module_state *state, const struct live_run *run, const struct trade *trade) {
    PyObject *kind = trade->side == TRADE_BUY ? state->kind_buy : state->kind_sell;
    PyObject *timestamp = trade_timestamp(run, trade);
    PyObject *args = timestamp ? Py_BuildValue("(NOdddO)", timestamp, kind, trade->price, trade->amount,
                                               trade->fee, state->side_long)
                               : NULL;
    PyObject *order = args ? PyObject_Call((PyObject *)state->order_type, args, NULL) : NULL;
    Py_XDECREF(args);
    return order;
}

#define FIELD(name) \
    { #name, Py_T_OBJECT_EX, offsetof(struct order_object, name), 0, NULL }
static PyMemberDef members[] = {
    FIELD(timestamp), FIELD(type),       FIELD(price),          FIELD(amount),
    FIELD(fee),       FIELD(order_side), {NULL, 0, 0, 0, NULL},
};

PyTypeObject *order_type_create(PyObject *module) {
    PyType_Slot slots[] = {
        {Py_tp_doc, "An order: timestamp, type, price, amount, fee, order_side."},
        {Py_tp_new, PyType_GenericNew},
        {Py_tp_init, order_init},
        {Py_tp_dealloc, order_dealloc},
        {Py_tp_traverse, order_traverse},
        {Py_tp_clear, order_clear},
        {Py_tp_repr, order_repr},
        {Py_tp_members, members},
        {0, NULL},
    };
    PyType_Spec spec = {"kmill.Order", sizeof(struct order_object), 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
                            Py_TPFLAGS_MANAGED_DICT | Py_TPFLAGS_IMMUTABLETYPE,
                        slots};
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
