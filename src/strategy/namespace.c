/* See namespace.h. Equivalent to
 *
 *     globals = dict(PRESET, __name__='strategy', __builtins__=dict(ALLOWED, __import__=import_allowed))
 *     def import_allowed(name, *rest): return a module made of MODULES[name], the same one for the whole run
 *
 * Runs may share nothing that one of them can change. Dicts and modules are therefore made anew for each run
 * (a copy of a small dict), which also keeps a module's attributes as fast as they are in Python. Classes
 * must be shared: those of C are immutable already, those written in Python (Counter, ChainMap, ...) are made
 * so here. What is left are attributes on their functions and registrations with abstract classes:
 * namespace_reset takes those back. */
#include "strategy/namespace.h"

#include <pthread.h>
#include <string.h>

#include "strategy/allowed_names.h"

/* ---- namedtuple ------------------------------------------------------------------------------ */

/* namedtuple compiles source at run time; the compiler has state that interpreters share (gh-122581). Never
 * held while waiting for another interpreter, so that nothing can lock up. */
static pthread_mutex_t compiling = PTHREAD_MUTEX_INITIALIZER;

static PyObject *call_serialised(PyObject *function, PyObject *const *args, Py_ssize_t nargs,
                                 PyObject *names) {
    pthread_mutex_lock(&compiling);
    PyObject *result = PyObject_Vectorcall(function, args, (size_t)nargs, names);
    pthread_mutex_unlock(&compiling);
    return result;
}

/* A C function in its place: has no attributes that could be set. */
static PyObject *wrap_namedtuple(PyObject *function) {
    static PyMethodDef method = {"namedtuple", (PyCFunction)(void (*)(void))call_serialised,
                                 METH_FASTCALL | METH_KEYWORDS,
                                 "Returns a new subclass of tuple with named fields."};
    return PyCFunction_New(&method, function);
}

/* ---- making shared classes immutable --------------------------------------------------------- */

static bool remember_function(struct strategy_namespace *space, PyObject *function) {
    PyObject *attributes = ((PyFunctionObject *)function)->func_dict;
    PyObject *copy =
        attributes && PyDict_GET_SIZE(attributes) > 0 ? PyDict_Copy(attributes) : Py_NewRef(Py_None);
    PyObject *pair = copy ? PyTuple_Pack(2, function, copy) : NULL;
    bool done = pair && PyList_Append(space->functions, pair) == 0;
    Py_XDECREF(copy);
    Py_XDECREF(pair);
    return done;
}

/* The Python function in a class attribute, borrowed from it; NULL if there is none. */
static PyObject *function_in(PyObject *attribute) {
    if (PyFunction_Check(attribute)) return attribute;
    const char *holder = Py_TYPE(attribute) == &PyProperty_Type ? "fget" : "__func__";
    bool wraps = Py_TYPE(attribute) == &PyProperty_Type || Py_TYPE(attribute) == &PyStaticMethod_Type ||
                 Py_TYPE(attribute) == &PyClassMethod_Type;
    PyObject *inside = wraps ? PyObject_GetAttrString(attribute, holder) : NULL;
    PyErr_Clear();
    bool is_function = inside && PyFunction_Check(inside);
    Py_XDECREF(inside); /* the attribute still holds it */
    return is_function ? inside : NULL;
}

static bool remember_functions(struct strategy_namespace *space, PyTypeObject *type) {
    PyObject *dict = PyType_GetDict(type), *values = dict ? PyDict_Values(dict) : NULL;
    bool done = values != NULL;
    for (Py_ssize_t i = 0; done && i < PyList_GET_SIZE(values); i++) {
        PyObject *function = function_in(PyList_GET_ITEM(values, i));
        if (function) done = remember_function(space, function);
    }
    Py_XDECREF(values);
    Py_XDECREF(dict);
    return done;
}

/* Notes a class that takes registrations (ChainMap.register(list)). */
static bool remember_abstract(struct strategy_namespace *space, PyObject *type) {
    PyObject *abc = PyImport_ImportModule("_abc");
    PyObject *dump =
        abc ? PyObject_CallMethod(abc, "_get_dump", "O", type) : NULL; /* (registry, caches ...) */
    bool done = dump && PyList_Append(space->abstracts, type) == 0;
    if (done && PySet_GET_SIZE(PyTuple_GET_ITEM(dump, 0)) == 0)
        done = PyList_Append(space->registries, type) == 0;
    Py_XDECREF(dump);
    Py_XDECREF(abc);
    return done;
}

static bool freeze_one(struct strategy_namespace *space, PyTypeObject *type) {
    PyObject *object = (PyObject *)type;
    int known = PySequence_Contains(space->frozen, object);
    if (known) return known > 0;
    if (!(type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE)) {
        type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
        PyType_Modified(type);
    }
    if (PyObject_HasAttrString(object, "_abc_impl") && !remember_abstract(space, object)) return false;
    return remember_functions(space, type) && PyList_Append(space->frozen, object) == 0;
}

/* type and its bases. Another executor of the interpreter may have been here before. */
static bool freeze_class(struct strategy_namespace *space, PyTypeObject *type) {
    PyObject *bases = type->tp_mro;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(bases, i);
        if ((base->tp_flags & Py_TPFLAGS_HEAPTYPE) && !freeze_one(space, base)) return false;
    }
    return true;
}

/* ---- templates ------------------------------------------------------------------------------- */

/* What a strategy gets for `name` of a module; a new reference, NULL without an exception if the module has
 * no such name. */
static PyObject *offered(struct strategy_namespace *space, PyObject *module, const char *module_name,
                         const char *name, PyObject *kmill) {
    bool replaced =
        strcmp(module_name, "datetime") == 0 && (strcmp(name, "datetime") == 0 || strcmp(name, "date") == 0);
    PyObject *object = PyObject_GetAttrString(replaced ? kmill : module, name);
    if (!object) {
        PyErr_Clear();
        return NULL;
    }
    if (PyType_Check(object) && !freeze_class(space, (PyTypeObject *)object)) Py_CLEAR(object);
    if (object && PyFunction_Check(object)) Py_SETREF(object, wrap_namedtuple(object));
    return object;
}

static bool add_names(struct strategy_namespace *space, PyObject *dict, PyObject *module,
                      const char *module_name, const struct name_list *names, PyObject *kmill) {
    for (size_t i = 0; i < names->count; i++) {
        PyObject *object = offered(space, module, module_name, names->names[i], kmill);
        if (!object && PyErr_Occurred()) return false;
        int failed = object ? PyDict_SetItemString(dict, names->names[i], object) : 0;
        Py_XDECREF(object);
        if (failed) return false;
    }
    return true;
}

static bool make_module(struct strategy_namespace *space, const struct allowed_module *allowed,
                        PyObject *kmill) {
    bool own = strcmp(allowed->name, "kmill") == 0;
    PyObject *module = own ? Py_NewRef(space->globals) : PyImport_ImportModule(allowed->name);
    PyObject *dict = module ? (own ? PyDict_Copy(module) : PyDict_New()) : NULL;
    bool done = dict && (own || add_names(space, dict, module, allowed->name, &allowed->names, kmill)) &&
                PyDict_SetItemString(space->modules, allowed->name, dict) == 0;
    Py_XDECREF(dict);
    Py_XDECREF(module);
    return done;
}

static bool make_builtins(struct strategy_namespace *space, PyObject *kmill) {
    static const char *const own[] = {"sum", "min", "max", "print"};
    PyObject *module = PyImport_ImportModule("builtins");
    PyObject *build_class = module ? PyObject_GetAttrString(module, "__build_class__") : NULL;
    bool done = build_class && PyDict_SetItemString(space->builtins, "__build_class__", build_class) == 0 &&
                add_names(space, space->builtins, module, "builtins", &allowed_builtins, kmill);
    for (size_t i = 0; done && i < sizeof own / sizeof *own; i++) {
        PyObject *function = PyObject_GetAttrString(kmill, own[i]);
        done = function && PyDict_SetItemString(space->builtins, own[i], function) == 0;
        Py_XDECREF(function);
    }
    Py_XDECREF(build_class);
    Py_XDECREF(module);
    return done;
}

static bool make_globals(struct strategy_namespace *space, PyObject *kmill) {
    PyObject *collections = PyImport_ImportModule("collections");
    PyObject *deque = collections ? PyObject_GetAttrString(collections, "deque") : NULL;
    bool done = deque && PyDict_SetItemString(space->globals, "deque", deque) == 0 &&
                add_names(space, space->globals, kmill, "kmill", &preset_names, kmill);
    Py_XDECREF(collections);
    Py_XDECREF(deque);
    return done;
}

bool namespace_open(struct strategy_namespace *space, PyObject *kmill, bool *context_exposed) {
    *space = (struct strategy_namespace){0};
    PyObject *abc = PyImport_ImportModule("_abc");
    if (abc) {
        space->reset_registry = PyObject_GetAttrString(abc, "_reset_registry");
        space->reset_caches = PyObject_GetAttrString(abc, "_reset_caches");
        Py_DECREF(abc);
    }
    space->exposed = PyCapsule_New(context_exposed, NULL, NULL);
    space->builtins = PyDict_New();
    space->globals = PyDict_New();
    space->modules = PyDict_New();
    space->functions = PyList_New(0);
    space->frozen = PyList_New(0);
    space->abstracts = PyList_New(0);
    space->registries = PyList_New(0);
    bool done = space->reset_registry && space->reset_caches && space->exposed && space->builtins &&
                space->globals && space->modules && space->functions && space->frozen && space->abstracts &&
                space->registries && make_builtins(space, kmill) && make_globals(space, kmill);
    for (size_t i = 0; done && i < allowed_module_count; i++)
        done = make_module(space, &allowed_modules[i], kmill);
    return done;
}

void namespace_close(struct strategy_namespace *space) {
    Py_CLEAR(space->builtins);
    Py_CLEAR(space->globals);
    Py_CLEAR(space->modules);
    Py_CLEAR(space->functions);
    Py_CLEAR(space->exposed);
    Py_CLEAR(space->frozen);
    Py_CLEAR(space->abstracts);
    Py_CLEAR(space->registries);
    Py_CLEAR(space->reset_registry);
    Py_CLEAR(space->reset_caches);
}

/* ---- a run ----------------------------------------------------------------------------------- */

/* __import__: self is (templates, modules of this run, capsule of context_exposed). */
static PyObject *import_allowed(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *names) {
    PyObject *templates = PyTuple_GET_ITEM(self, 0), *imported = PyTuple_GET_ITEM(self, 1);
    if (nargs < 1 || names) return PyErr_Format(PyExc_ImportError, "use an import statement");
    /* C code that imports on its own account (strptime, strftime) comes here too, with a list where
     * statements have None or a tuple; it wants the import done, which it was before, and finds the module by
     * itself. */
    if (nargs >= 4 && PyList_Check(args[3])) Py_RETURN_NONE;
    PyObject *module = PyDict_GetItemWithError(imported, args[0]);
    if (module || PyErr_Occurred()) return Py_XNewRef(module);
    PyObject *template = PyDict_GetItemWithError(templates, args[0]);
    if (!template) {
        if (PyErr_Occurred()) return NULL;
        return PyErr_Format(
            PyExc_ImportError,
            "a strategy cannot import %S: there are collections, datetime, decimal, kmill and math", args[0]);
    }
    if (PyUnicode_EqualToUTF8(args[0], "decimal"))
        *(bool *)PyCapsule_GetPointer(PyTuple_GET_ITEM(self, 2), NULL) = true;
    module = PyModule_NewObject(args[0]);
    if (module && (PyDict_Update(PyModule_GetDict(module), template) < 0 ||
                   PyDict_SetItem(imported, args[0], module) < 0))
        Py_CLEAR(module);
    return module;
}

static bool add_import(const struct strategy_namespace *space, PyObject *builtins) {
    static PyMethodDef method = {"__import__", (PyCFunction)(void (*)(void))import_allowed,
                                 METH_FASTCALL | METH_KEYWORDS, NULL};
    PyObject *imported = PyDict_New();
    PyObject *self = imported ? PyTuple_Pack(3, space->modules, imported, space->exposed) : NULL;
    PyObject *function = self ? PyCFunction_New(&method, self) : NULL;
    bool done = function && PyDict_SetItemString(builtins, "__import__", function) == 0;
    Py_XDECREF(imported);
    Py_XDECREF(self);
    Py_XDECREF(function);
    return done;
}

PyObject *namespace_globals(const struct strategy_namespace *space) {
    PyObject *globals = PyDict_Copy(space->globals), *builtins = PyDict_Copy(space->builtins);
    PyObject *name = PyUnicode_InternFromString("strategy");
    bool done = globals && builtins && name && add_import(space, builtins) &&
                PyDict_SetItemString(globals, "__builtins__", builtins) == 0 &&
                PyDict_SetItemString(globals, "__name__", name) == 0;
    Py_XDECREF(name);
    Py_XDECREF(builtins);
    if (!done) Py_CLEAR(globals);
    return globals;
}

static void reset_function(PyObject *function, PyObject *original) {
    PyObject *attributes = ((PyFunctionObject *)function)->func_dict;
    if (!attributes) return;
    if (original == Py_None) {
        if (PyDict_GET_SIZE(attributes) > 0) PyDict_Clear(attributes);
    } else if (PyObject_RichCompareBool(attributes, original, Py_EQ) != 1) {
        PyDict_Clear(attributes);
        PyDict_Update(attributes, original);
    }
}

static void call_on_each(PyObject *function, PyObject *list) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++)
        Py_XDECREF(PyObject_CallOneArg(function, PyList_GET_ITEM(list, i)));
}

void namespace_reset(const struct strategy_namespace *space) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(space->functions); i++) {
        PyObject *pair = PyList_GET_ITEM(space->functions, i);
        reset_function(PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1));
    }
    call_on_each(space->reset_registry, space->registries);
    call_on_each(space->reset_caches, space->abstracts);
    PyErr_Clear();
}
