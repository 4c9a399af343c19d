/* The CPython executor: one run after the other in one subinterpreter. Equivalent to class Backtest of
 * strategies/kmill.py:
 *
 *     namespace = fresh_globals(); exec(code, namespace); strategy = namespace['Strategy']()
 *     strategy.initialize(window); context = BacktestContext(ledger, strategy)
 *     per bar: strategy.kline_cache.append(kline); strategy.run(context, kline, params)
 *     per day: strategy.on_day_end(date, context)
 *
 * Design: what Python would look up in every bar is looked up once where nothing can change it
 * (strategy_source.c says whether a function of the file could): the function `run`, the slot `kline_cache`,
 * whether on_day_end and on_trade are overridden. Per bar there is then a cursor increment, five floats
 * changed in place and one vectorcall.
 *
 * After a run everything of it is dropped and collected before the next begins; objects that are older (the
 * interpreter's own) were frozen out of the collector's sight at creation, which makes that collection cost
 * microseconds. */
#include "strategy/python_executor.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "strategy/failure_report.h"
#include "strategy/kmill_module.h"
#include "strategy/namespace.h"
#include "strategy/run_guard.h"
#include "strategy/strategy_source.h"

/* Names used again and again, interned. */
struct executor_names {
    PyObject *run, *kline_cache, *append, *on_day_end, *initialize, *strategy_class;
};

struct python_executor {
    struct executor base;
    /* Immutable after create. */
    struct python_interpreter *interpreter;
    PyObject *module;
    struct module_state *state;
    struct strategy_namespace space;
    struct strategy_source source;
    struct executor_names names;
    PyObject *decimal_context_type, *set_decimal_context;
    size_t log_limit;

    /* Of the run. */
    bool running;
    struct run_input input;
    struct live_run run;
    PyObject *globals, *strategy, *params;
    struct context_object *context;
    PyObject *run_function; /* called with strategy as first argument; NULL: look it up in each bar */
    bool cache_is_slot;     /* strategy.kline_cache is IStrategy's own attribute */
    bool calls_on_day_end;
    struct run_failure failure;
    status outcome;
    struct text log;
};

static inline struct python_executor *as_python(struct executor *executor) {
    return (struct python_executor *)executor;
}

/* ---- failing --------------------------------------------------------------------------------- */

static status outcome_of(enum run_verdict verdict) {
    switch (verdict) {
    case RUN_WITHIN_LIMITS:
        return OK;
    case RUN_CANCELLED:
        return ERR_CANCELLED;
    default:
        return ERR_LIMIT;
    }
}

/* From the exception that is set, or from a verdict alone. */
static status fail(struct python_executor *self, int64_t bar) {
    enum run_verdict verdict = run_guard_verdict(self->interpreter);
    self->outcome = verdict == RUN_WITHIN_LIMITS ? ERR_STRATEGY : outcome_of(verdict);
    failure_report(&self->failure, &self->source, verdict);
    self->failure.bar = bar;
    return self->outcome;
}

/* ---- start ----------------------------------------------------------------------------------- */

static PyObject *value_as_python(const struct value *value) {
    switch (value->kind) {
    case VALUE_BOOL:
        return PyBool_FromLong(value->boolean);
    case VALUE_INT:
        return PyLong_FromLongLong(value->integer);
    case VALUE_FLOAT:
        return PyFloat_FromDouble(value->real);
    case VALUE_TEXT:
        return PyUnicode_FromString(value->text);
    default:
        return Py_NewRef(Py_None);
    }
}

static PyObject *params_as_dict(const struct run_input *input) {
    PyObject *dict = PyDict_New();
    for (size_t i = 0; dict && i < input->param_count; i++) {
        PyObject *name = PyUnicode_InternFromString(input->params[i].name);
        PyObject *value = name ? value_as_python(&input->params[i].value) : NULL;
        if (!value || PyDict_SetItem(dict, name, value) < 0) Py_CLEAR(dict);
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    return dict;
}

/* A decimal context as a new thread would have it. */
static bool reset_decimal_context(const struct python_executor *self) {
    PyObject *context = PyObject_CallNoArgs(self->decimal_context_type);
    PyObject *result = context ? PyObject_CallOneArg(self->set_decimal_context, context) : NULL;
    Py_XDECREF(context);
    Py_XDECREF(result);
    return result != NULL;
}

/* Executes the file; the class Strategy of it, borrowed from globals. */
static PyObject *load_strategy_class(struct python_executor *self) {
    self->globals = namespace_globals(&self->space);
    PyObject *result =
        self->globals ? PyEval_EvalCode(self->source.code, self->globals, self->globals) : NULL;
    if (!result) return NULL;
    Py_DECREF(result);
    PyObject *type = PyDict_GetItemWithError(self->globals, self->names.strategy_class);
    if (type && PyType_Check(type) && PyType_IsSubtype((PyTypeObject *)type, self->state->strategy_type))
        return type;
    if (!PyErr_Occurred())
        PyErr_Format(PyExc_TypeError, "%s: no class Strategy(IStrategy) in this file", self->source.path);
    return NULL;
}

/* type.name is (not) the attribute that IStrategy has; -1 with an exception. */
static int is_inherited(struct python_executor *self, PyTypeObject *type, PyObject *name) {
    PyObject *own = PyObject_GetAttr((PyObject *)type, name);
    PyObject *base = own ? PyObject_GetAttr((PyObject *)self->state->strategy_type, name) : NULL;
    int same = base ? own == base : -1;
    Py_XDECREF(own);
    Py_XDECREF(base);
    return same;
}

static bool in_instance(PyObject *object, PyObject *name) {
    PyObject *dict = PyObject_GenericGetDict(object, NULL);
    int found = dict ? PyDict_Contains(dict, name) : 0;
    Py_XDECREF(dict);
    PyErr_Clear();
    return found == 1;
}

/* What the class or its bases hold under name, descriptors unasked; borrowed, NULL if nothing. */
static PyObject *raw_attribute(PyTypeObject *type, PyObject *name) {
    PyObject *found = NULL;
    for (Py_ssize_t i = 0; !found && i < PyTuple_GET_SIZE(type->tp_mro); i++) {
        PyObject *dict = PyType_GetDict((PyTypeObject *)PyTuple_GET_ITEM(type->tp_mro, i));
        if (dict) found = PyDict_GetItemWithError(dict, name);
        Py_XDECREF(dict);
    }
    PyErr_Clear();
    return found;
}

static bool resolve_callbacks(struct python_executor *self) {
    PyTypeObject *type = Py_TYPE(self->strategy);
    bool fixed = !self->source.rebinds_callbacks && type->tp_getattro == PyObject_GenericGetAttr;
    PyObject *on_trade = PyUnicode_InternFromString("on_trade");
    int trade = on_trade ? is_inherited(self, type, on_trade) : -1;
    int day_end = trade < 0 ? -1 : is_inherited(self, type, self->names.on_day_end);
    int slot = day_end < 0 ? -1 : is_inherited(self, type, self->names.kline_cache);
    if (slot >= 0) {
        self->run.calls_on_trade = !fixed || !trade || in_instance(self->strategy, on_trade);
        self->calls_on_day_end = !fixed || !day_end || in_instance(self->strategy, self->names.on_day_end);
        self->cache_is_slot = type->tp_getattro == PyObject_GenericGetAttr && slot;
    }
    Py_XDECREF(on_trade);
    if (slot < 0) return false;
    PyObject *function = PyObject_GetAttr((PyObject *)type, self->names.run);
    if (!function) return false;
    if (fixed && PyFunction_Check(function) && !in_instance(self->strategy, self->names.run)) {
        /* A staticmethod gives its function here too, but takes no self. */
        if (raw_attribute(type, self->names.run) == function) self->run_function = Py_NewRef(function);
    }
    Py_DECREF(function);
    return true;
}

static bool make_strategy(struct python_executor *self) {
    PyObject *type = load_strategy_class(self);
    if (!type || !(self->strategy = PyObject_CallNoArgs(type))) return false;
    if (!PyObject_TypeCheck(self->strategy, self->state->strategy_type)) {
        PyErr_Format(PyExc_TypeError, "%s: Strategy() made a %s", self->source.path,
                     type_name_of(self->strategy));
        return false;
    }
    self->run.strategy = self->strategy;
    PyObject *window = PyLong_FromSize_t(self->input.window);
    PyObject *result =
        window ? PyObject_CallMethodOneArg(self->strategy, self->names.initialize, window) : NULL;
    Py_XDECREF(window);
    Py_XDECREF(result);
    return result && resolve_callbacks(self);
}

static void begin_run(struct python_executor *self, const struct run_input *input, struct ledger *ledger) {
    struct module_state *state = self->state;
    self->input = *input;
    self->run = (struct live_run){.series = input->series,
                                  .columns = input->columns,
                                  .ledger = ledger,
                                  .begin = input->begin,
                                  .bar = input->begin};
    self->running = true;
    self->outcome = OK;
    self->failure = (struct run_failure){.bar = -1};
    state->run = &self->run;
    state->shortages.count = state->shortages.open = 0;
    state->shortages.any_value = false;
    state->context_exposed = false;
    state->log = &self->log;
    state->log_limit = self->log_limit;
    state->log_cut = false;
    run_guard_begin(self->interpreter);
}

static status start(struct executor *executor, const struct run_input *input, struct ledger *ledger) {
    struct python_executor *self = as_python(executor);
    begin_run(self, input, ledger);
    if (!reset_decimal_context(self) || !(self->params = params_as_dict(input)) || !make_strategy(self) ||
        !(self->context = context_create(self->state, &self->run)))
        return fail(self, -1);
    return OK;
}

/* ---- bars ------------------------------------------------------------------------------------ */

/* The Kline of a bar: the last one again if nobody kept it. */
static bool next_kline(struct python_executor *self, size_t bar) {
    struct kline_object *kline = self->run.kline;
    if (kline && Py_REFCNT((PyObject *)kline) == 1) return kline_move(kline, self->run.series, bar);
    self->run.kline = kline_from_series(self->state, self->run.series, bar);
    Py_XDECREF((PyObject *)kline);
    return self->run.kline != NULL;
}

/* strategy.kline_cache.append(kline), whatever that is. */
static bool append_by_name(struct python_executor *self) {
    PyObject *cache = PyObject_GetAttr(self->strategy, self->names.kline_cache);
    PyObject *result =
        cache ? PyObject_CallMethodOneArg(cache, self->names.append, (PyObject *)self->run.kline) : NULL;
    Py_XDECREF(cache);
    Py_XDECREF(result);
    return result != NULL;
}

/* The cache if it is a plain KlineCache at the cursor just before bar. */
static inline struct cache_object *cursor_before(const struct python_executor *self, size_t bar) {
    if (!self->cache_is_slot) return NULL;
    PyObject *cache = ((struct strategy_object *)self->strategy)->kline_cache;
    if (!cache || !Py_IS_TYPE(cache, self->state->cache_type)) return NULL;
    return cache_follows((struct cache_object *)cache, self->run.series, bar) ? (struct cache_object *)cache
                                                                              : NULL;
}

static inline bool append_bar(struct python_executor *self, size_t bar) {
    struct cache_object *cache = cursor_before(self, bar);
    if (!cache) return append_by_name(self);
    cache->end++;
    return true;
}

static status on_warmup(struct executor *executor, size_t bar) {
    struct python_executor *self = as_python(executor);
    struct cache_object *cache = cursor_before(self, bar);
    if (cache) {
        cache->end++;
        return OK;
    }
    return next_kline(self, bar) && append_by_name(self) ? OK : fail(self, (int64_t)bar);
}

static PyObject *call_run(struct python_executor *self) {
    PyObject *arguments[] = {NULL, self->strategy, (PyObject *)self->context, (PyObject *)self->run.kline,
                             self->params};
    if (self->run_function)
        return ((PyFunctionObject *)self->run_function)
            ->vectorcall(self->run_function, arguments + 1, 4 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    return PyObject_VectorcallMethod(self->names.run, arguments + 1, 4 | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                     NULL);
}

static status on_bar(struct executor *executor, size_t bar) {
    struct python_executor *self = as_python(executor);
    self->run.bar = bar;
    self->run.marked = false;
    if (!next_kline(self, bar) || !append_bar(self, bar)) return fail(self, (int64_t)bar);
    PyObject *result = call_run(self);
    if (!result || run_guard_verdict(self->interpreter) != RUN_WITHIN_LIMITS) {
        Py_XDECREF(result);
        return fail(self, (int64_t)bar);
    }
    Py_DECREF(result);
    return OK;
}

static bool wants_equity(struct executor *executor) {
    return as_python(executor)->context->equity_curve != NULL;
}

static void on_equity(struct executor *executor, size_t bar, double equity) {
    (void)bar;
    /* Out of memory: the next allocation of the strategy says so too. */
    if (!context_add_equity(as_python(executor)->context, equity)) PyErr_Clear();
}

static status on_day_end(struct executor *executor, size_t bar) {
    struct python_executor *self = as_python(executor);
    self->run.marked = true;
    if (!self->calls_on_day_end) return OK;
    char text[CLOCK_TEXT_MAX];
    size_t length = clock_format_date(text, self->run.series->open_time[bar]);
    PyObject *date = PyUnicode_FromStringAndSize(text, (Py_ssize_t)length);
    PyObject *arguments[] = {NULL, self->strategy, date, (PyObject *)self->context};
    PyObject *result = date ? PyObject_VectorcallMethod(self->names.on_day_end, arguments + 1,
                                                        3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL)
                            : NULL;
    Py_XDECREF(date);
    if (!result || run_guard_verdict(self->interpreter) != RUN_WITHIN_LIMITS) {
        Py_XDECREF(result);
        return fail(self, (int64_t)bar);
    }
    Py_DECREF(result);
    return OK;
}

/* ---- finish ---------------------------------------------------------------------------------- */

/* Lets go of everything of the run; its finalizers run here, still under the run's limits, and find a closed
 * context. */
static void drop_run(struct python_executor *self) {
    if (self->context) context_close(self->context);
    self->state->run = NULL;
    Py_CLEAR(self->run_function);
    Py_CLEAR(self->run.kline);
    Py_CLEAR(self->params);
    Py_CLEAR(self->context);
    self->run.strategy = NULL;
    Py_CLEAR(self->strategy);
    if (self->globals) PyDict_Clear(self->globals);
    Py_CLEAR(self->globals);
    PyErr_Clear();
    reset_decimal_context(self);
    /* Finalizers may make new garbage; who goes on for ever is left to the next run's collection, with a
     * closed context. */
    for (int i = 0; i < 3 && PyGC_Collect() > 0; i++)
        continue;
    namespace_reset(&self->space);
    PyErr_Clear();
}

static void finish(struct executor *executor, struct run_report *report) {
    struct python_executor *self = as_python(executor);
    if (!self->running) return;
    bool any_order = self->run.ledger->trade_count > 0 || self->run.ledger->refused_orders > 0;
    drop_run(self);
    enum run_verdict verdict = run_guard_end(self->interpreter);
    if (verdict != RUN_WITHIN_LIMITS && self->outcome != outcome_of(verdict)) {
        failure_report_verdict(&self->failure, verdict);
        self->outcome = outcome_of(verdict);
    }
    if (self->outcome == OK)
        shortage_report(&report->warnings, &self->state->shortages, &self->input, any_order);
    report->failure = self->failure;
    report->log = self->log;
    self->failure = (struct run_failure){.bar = -1};
    self->log = (struct text){0};
    self->state->log = NULL;
    self->running = false;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void destroy(struct executor *executor) {
    if (!executor) return;
    struct python_executor *self = as_python(executor);
    PyObject **owned[] = {&self->names.run,        &self->names.kline_cache,    &self->names.append,
                          &self->names.on_day_end, &self->names.initialize,     &self->names.strategy_class,
                          &self->module,           &self->decimal_context_type, &self->set_decimal_context};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        Py_CLEAR(*owned[i]);
    namespace_close(&self->space);
    strategy_source_close(&self->source);
    free(self);
}

static bool intern_names(struct executor_names *names) {
    return (names->run = PyUnicode_InternFromString("run")) &&
           (names->kline_cache = PyUnicode_InternFromString("kline_cache")) &&
           (names->append = PyUnicode_InternFromString("append")) &&
           (names->on_day_end = PyUnicode_InternFromString("on_day_end")) &&
           (names->initialize = PyUnicode_InternFromString("initialize")) &&
           (names->strategy_class = PyUnicode_InternFromString("Strategy"));
}

static bool import_decimal(struct python_executor *self) {
    PyObject *decimal = PyImport_ImportModule("decimal");
    if (!decimal) return false;
    self->decimal_context_type = PyObject_GetAttrString(decimal, "Context");
    self->set_decimal_context = PyObject_GetAttrString(decimal, "setcontext");
    Py_DECREF(decimal);
    return self->decimal_context_type && self->set_decimal_context;
}

/* What Python would print to stderr goes to the run's log or nowhere: a sweep has no place for it. */
static bool quieten_python(PyObject *module) {
    PyObject *hook = PyObject_GetAttrString(module, "unraisable");
    bool done = hook && PySys_SetObject("unraisablehook", hook) == 0;
    Py_XDECREF(hook);
    PyObject *warnings = done ? PyImport_ImportModule("warnings") : NULL;
    PyObject *result = warnings ? PyObject_CallMethod(warnings, "simplefilter", "s", "ignore") : NULL;
    Py_XDECREF(warnings);
    Py_XDECREF(result);
    return result != NULL;
}

/* Everything that is there now outlives every run: the collector need not look at it again. */
static bool freeze_garbage_collector(void) {
    PyObject *gc = PyImport_ImportModule("gc");
    PyGC_Collect();
    PyObject *result = gc ? PyObject_CallMethod(gc, "freeze", NULL) : NULL;
    Py_XDECREF(gc);
    Py_XDECREF(result);
    PyGC_Collect();
    return result != NULL;
}

/* From the exception that is set. */
static status creation_error(struct error *err) {
    PyObject *exception = PyErr_GetRaisedException(), *text = exception ? PyObject_Str(exception) : NULL;
    const char *message = text ? PyUnicode_AsUTF8(text) : NULL;
    status rc =
        error_set(err, ERR_SYSTEM, "Python: %s: %s", exception ? Py_TYPE(exception)->tp_name : "error",
                  message ? message : "no message");
    Py_XDECREF(text);
    Py_XDECREF(exception);
    PyErr_Clear();
    return rc;
}

status python_executor_create(struct executor **out, struct python_interpreter *interpreter,
                              const struct python_strategy_source *source,
                              const struct strategy_options *options, struct error *err) {
    static const struct executor_ops ops = {start,        on_warmup,  on_bar, on_equity,
                                            wants_equity, on_day_end, finish, destroy};
    struct python_executor *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory");
    self->base.ops = &ops;
    self->interpreter = interpreter;
    self->log_limit = options->log_limit ? options->log_limit : STRATEGY_LOG_LIMIT;
    status rc = OK;
    self->module = PyImport_ImportModule("_kmill");
    if (!self->module || !intern_names(&self->names) || !import_decimal(self) ||
        !namespace_open(&self->space, self->module, &module_state_of(self->module)->context_exposed) ||
        !quieten_python(self->module)) {
        rc = creation_error(err);
        goto done;
    }
    self->state = module_state_of(self->module);
    rc = strategy_source_open(&self->source, source->path, source->source, err);
    if (rc != OK) goto done;
    if (!freeze_garbage_collector()) {
        rc = creation_error(err);
        goto done;
    }
    *out = &self->base;
    self = NULL;
done:
    if (self) destroy(&self->base);
    return rc;
}
