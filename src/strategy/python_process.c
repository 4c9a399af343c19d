/* See python_process.h. Facts behind the order of steps, all of CPython 3.13:
 *  - datetime must be imported in the main interpreter before the first subinterpreter exists (gh-136421);
 *  - imports and compiling must not run in two interpreters at once (gh-140260): all on the main thread;
 *  - nothing can be opened once the sandbox is closed: whatever a strategy may cause to be imported, lazily
 * and inside C code too (_strptime, heapq, calendar, warnings), is imported here. */
#include "strategy/python_process_internal.h"

#include "strategy/memory_limit.h"
#include "strategy/python_executor.h"
#include "strategy/run_guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
enum { ALLOCATOR = PYMEM_ALLOCATOR_MALLOC }; /* so that the sanitizer sees every object */
#else
enum { ALLOCATOR = PYMEM_ALLOCATOR_DEFAULT };
#endif

static const char *const imported[] = {
    "datetime",
    "decimal",
    "collections",
    "collections.abc",
    "math",
    "_strptime",
    "calendar",
    "locale",
    "re",
    "time",
    "enum",
    "heapq",
    "warnings",
    "numbers",
    "copyreg",
    "functools",
    "types",
    "encodings.ascii",
    "encodings.latin_1",
};
/* Names and \N{...} beyond ASCII in a strategy's source need it; not every Python is built with it. */
static const char optional[] = "unicodedata";
/* For the guard, in the main interpreter only. */
static const char *const imported_by_main[] = {"ast", "builtins", "difflib", "string"};

/* Strategies have no streams: print is the executor's own, and what CPython itself reports (an exception in
 * __del__) has nowhere to go. */
static const char without_streams[] = "import sys\n"
                                      "sys.stdin = sys.stdout = sys.stderr = None\n"
                                      "sys.__stdin__ = sys.__stdout__ = sys.__stderr__ = None\n";

/* The main thread's thread state of the main interpreter while that is not attached. Main thread only. */
static PyThreadState *main_detached;

static status py_status(PyStatus result, const char *what, struct error *err) {
    if (!PyStatus_Exception(result)) return OK;
    return error_set(err, ERR_SYSTEM, "%s: %s", what, result.err_msg ? result.err_msg : "exit requested");
}

/* The pending Python exception as a message of ours. */
static status py_error(const char *what, struct error *err) {
    PyObject *exception = PyErr_GetRaisedException();
    PyObject *text = exception ? PyObject_Str(exception) : NULL;
    const char *utf8 = text ? PyUnicode_AsUTF8(text) : NULL;
    status rc = error_set(err, ERR_SYSTEM, "%s: %s: %s", what,
                          exception ? Py_TYPE(exception)->tp_name : "no exception", utf8 ? utf8 : "");
    PyErr_Clear();
    Py_XDECREF(text);
    Py_XDECREF(exception);
    return rc;
}

static status import_all(const char *const *names, size_t count, struct error *err) {
    for (size_t i = 0; i < count; i++) {
        PyObject *module = PyImport_ImportModule(names[i]);
        if (!module) return py_error(names[i], err);
        Py_DECREF(module);
    }
    return OK;
}

/* Everything both the main interpreter and the others need. */
static status import_common(struct error *err) {
    PyObject *module = PyImport_ImportModule(optional);
    if (!module) PyErr_Clear();
    Py_XDECREF(module);
    return import_all(imported, sizeof imported / sizeof *imported, err);
}

const char *python_process_version(void) {
    static char version[32];
    /* "3.13.5 (main, ...)": the same bytes whoever writes them. */
    snprintf(version, sizeof version, "%.*s", (int)strcspn(Py_GetVersion(), " "), Py_GetVersion());
    return version;
}

static status preinitialize(struct error *err) {
    PyPreConfig config;
    PyPreConfig_InitIsolatedConfig(&config);
    config.utf8_mode = 1;
    config.allocator = ALLOCATOR;
    return py_status(Py_PreInitialize(&config), "Python", err);
}

static PyStatus append_path(PyConfig *config, const char *path) {
    wchar_t *wide = Py_DecodeLocale(path, NULL);
    if (!wide) return PyStatus_NoMemory();
    PyStatus result = PyWideStringList_Append(&config->module_search_paths, wide);
    PyMem_RawFree(wide);
    return result;
}

static PyStatus set_paths(PyConfig *config, const char *stdlib) {
    char extensions[4096];
    snprintf(extensions, sizeof extensions, "%s/lib-dynload", stdlib);
    config->module_search_paths_set = 1;
    PyStatus result = PyConfig_SetBytesString(config, &config->home, stdlib);
    if (!PyStatus_Exception(result)) result = PyConfig_SetBytesString(config, &config->stdlib_dir, stdlib);
    if (!PyStatus_Exception(result)) result = append_path(config, stdlib);
    /* Only a Python whose extension modules are not all built in has this one. */
    if (!PyStatus_Exception(result) && access(extensions, F_OK) == 0)
        result = append_path(config, extensions);
    return result;
}

static status initialize(const char *stdlib, struct error *err) {
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = 0;
    config.install_signal_handlers = 0;
    config.write_bytecode = 0;
    config.use_hash_seed = 1; /* the order of a set of str may reach a result */
    config.hash_seed = 0;
    config.pathconfig_warnings = 0;
    PyStatus result = set_paths(&config, stdlib);
    if (!PyStatus_Exception(result)) result = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    return py_status(result, "Python", err);
}

status python_process_start(struct error *err) {
    char *stdlib = NULL;
    status rc = python_stdlib_find(&stdlib, err);
    if (rc) return rc;
    setenv("TZ", "UTC", 1);
    tzset();
    rc = preinitialize(err);
    if (rc) goto done;
    memory_limit_install();
    if (PyImport_AppendInittab("_kmill", PyInit__kmill) < 0) {
        rc = error_set(err, ERR_MEMORY, "out of memory while Python starts");
        goto done;
    }
    rc = initialize(stdlib, err);
    if (rc == OK) rc = import_common(err);
    if (rc == OK) rc = import_all(imported_by_main, sizeof imported_by_main / sizeof *imported_by_main, err);
done:
    free(stdlib);
    return rc;
}

void python_process_leave_main(void) {
    main_detached = PyEval_SaveThread();
}

void python_process_enter_main(void) {
    PyEval_RestoreThread(main_detached);
}

/* With the new interpreter attached. */
static status furnish(struct python_interpreter *self, struct error *err) {
    status rc = import_common(err);
    if (rc) return rc;
    if (PyRun_SimpleString(without_streams)) return error_set(err, ERR_SYSTEM, "Python: no sys module");
    self->limit_exception = PyErr_NewException("kmill.RunStopped", PyExc_BaseException, NULL);
    return self->limit_exception ? OK : py_error("Python", err);
}

status python_interpreter_create(struct python_interpreter **out, struct error *err) {
    static const PyInterpreterConfig config = {
        .use_main_obmalloc = 0,
        .allow_fork = 0,
        .allow_exec = 0,
        .allow_threads = 0,
        .allow_daemon_threads = 0,
        .check_multi_interp_extensions = 1,
        .gil = PyInterpreterConfig_OWN_GIL,
    };
    struct python_interpreter *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory for an interpreter");
    atomic_init(&self->deadline_ns, RUN_NONE);
    python_process_leave_main(); /* it must be made with nothing attached */
    status rc = py_status(Py_NewInterpreterFromConfig(&self->first, &config), "a Python interpreter", err);
    if (rc == OK) {
        self->state = PyThreadState_GetInterpreter(self->first);
        rc = furnish(self, err);
        PyEval_SaveThread();
    }
    python_process_enter_main();
    if (rc == OK) {
        *out = self;
    } else {
        free(self);
    }
    return rc;
}

void python_interpreter_enter(struct python_interpreter *self) {
    python_process_leave_main();
    PyEval_RestoreThread(self->first);
}

void python_interpreter_leave(struct python_interpreter *self) {
    (void)self;
    PyEval_SaveThread();
    python_process_enter_main();
}

void python_interpreter_set_limits(struct python_interpreter *self, double seconds, uint64_t memory_bytes) {
    self->limit_seconds = seconds;
    self->limit_memory = memory_bytes;
}

status python_interpreter_watch(struct python_interpreter *self, struct error *err) {
    return watchdog_start(self, err);
}

status python_interpreter_attach(struct python_interpreter *self, struct error *err) {
    self->worker = PyThreadState_New(self->state);
    if (!self->worker) return error_set(err, ERR_MEMORY, "out of memory for a Python thread");
    PyEval_RestoreThread(self->worker);
    return OK;
}

void python_interpreter_pause(struct python_interpreter *self) {
    (void)self;
    PyEval_SaveThread();
}

void python_interpreter_resume(struct python_interpreter *self) {
    PyEval_RestoreThread(self->worker);
}

void python_interpreter_detach(struct python_interpreter *self) {
    watchdog_disarm(self);
    PyEval_SaveThread();
    watchdog_stop(self); /* it needs the interpreter to end */
    PyEval_RestoreThread(self->worker);
    PyThreadState_Clear(self->worker);
    PyThreadState_DeleteCurrent();
    self->worker = NULL;
}

void python_interpreter_cancel(struct python_interpreter *self) {
    atomic_store(&self->cancelled, true);
}
