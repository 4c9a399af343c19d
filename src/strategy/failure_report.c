/* See failure_report.h. Equivalent to traceback.format_exception(e) of the frames that are in the strategy's
 * file.
 *
 * Written in C with malloc'd text: after a memory limit fired Python may have nothing left to format with,
 * and then type and line still come out. */
#include "strategy/failure_report.h"

#include <stdlib.h>
#include <string.h>

enum { FRAME_REPEATS_SHOWN = 3, TRACEBACK_MAX = 16 * 1024 };

/* ---- traceback ------------------------------------------------------------------------------- */

struct frame_place {
    PyObject *code; /* borrowed, compared only */
    int line;
};

static void add_frame(struct text *out, const struct strategy_source *source, const char *function,
                      int line) {
    size_t length;
    const char *text = strategy_source_line(source, line, &length);
    text_printf(out, "  File \"%s\", line %d, in %s\n", source->path, line, function);
    if (length > 0) text_printf(out, "    %.*s\n", (int)length, text);
}

static void add_repeats(struct text *out, int repeats) {
    int more = repeats - FRAME_REPEATS_SHOWN;
    if (more > 0) text_printf(out, "  [Previous line repeated %d more time%s]\n", more, more == 1 ? "" : "s");
}

/* Where on its line the instruction of a frame begins: Python counts bytes from 0, people characters from 1.
 */
static int column_of(const struct strategy_source *source, PyCodeObject *code, int instruction) {
    int line, begin, end_line, end;
    if (!PyCode_Addr2Location(code, instruction, &line, &begin, &end_line, &end) || begin < 0) return 0;
    const char *at = source->text;
    for (int i = 1; at && i < line; i++) {
        at = strchr(at, '\n');
        if (at) at++;
    }
    int column = 1;
    for (int i = 0; at && i < begin && at[i] && at[i] != '\n'; i++)
        column += (at[i + 1] & 0xc0) != 0x80; /* bytes within a character do not count */
    return column;
}

/* The strategy's own frames; the place of the innermost one goes to failure. */
static void add_frames(struct text *out, struct run_failure *failure, const struct strategy_source *source,
                       PyTracebackObject *traceback) {
    struct frame_place last = {NULL, 0};
    int repeats = 0;
    for (; traceback; traceback = traceback->tb_next) {
        PyCodeObject *code = PyFrame_GetCode(traceback->tb_frame);
        int line = PyCode_Addr2Line(code, traceback->tb_lasti);
        bool own = code->co_filename == source->path_object;
        bool same = own && (PyObject *)code == last.code && line == last.line;
        if (own && !same) {
            add_repeats(out, repeats);
            last = (struct frame_place){(PyObject *)code, line};
            repeats = 0;
        }
        if (own) failure->column = column_of(source, code, traceback->tb_lasti);
        if (own && ++repeats <= FRAME_REPEATS_SHOWN && out->length < TRACEBACK_MAX) {
            const char *name = PyUnicode_AsUTF8(code->co_name);
            add_frame(out, source, name ? name : "?", line);
        }
        Py_DECREF(code);
    }
    add_repeats(out, repeats);
    failure->line = last.line;
}

/* ---- exception ------------------------------------------------------------------------------- */

static const char *class_name(PyObject *exception) {
    const char *name = Py_TYPE(exception)->tp_name, *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

/* One line, malloc'd. */
/* "<Strategy object at 0x7f12ab>" becomes "<Strategy object at 0x...>": an address differs from process to
 * process, and equal sweeps shall give equal results. The text never grows: an address has at least three
 * digits. */
static void mask_addresses(char *text) {
    static const char lead[] = " at 0x", dots[] = "...";
    for (char *at = text; (at = strstr(at, lead));) {
        at += sizeof lead - 1;
        size_t digits = strspn(at, "0123456789abcdefABCDEF");
        if (digits < sizeof dots - 1) continue;
        memcpy(at, dots, sizeof dots - 1);
        memmove(at + sizeof dots - 1, at + digits, strlen(at + digits) + 1);
    }
}

static char *message_of(PyObject *exception) {
    PyObject *object = PyObject_Str(exception);
    PyObject *bytes = object ? PyUnicode_AsEncodedString(object, "utf-8", "backslashreplace") : NULL;
    char *message = strdup(bytes ? PyBytes_AS_STRING(bytes) : "");
    for (char *p = message; p && *p; p++)
        if (*p == '\n' || *p == '\r') *p = ' ';
    if (message) mask_addresses(message);
    Py_XDECREF(bytes);
    Py_XDECREF(object);
    PyErr_Clear();
    return message;
}

void failure_report(struct run_failure *failure, const struct strategy_source *source,
                    enum run_verdict verdict) {
    PyObject *exception = PyErr_GetRaisedException();
    struct text text = {0};
    if (exception) {
        failure->type = strdup(class_name(exception));
        failure->message = message_of(exception);
        text_add_string(&text, "Traceback (most recent call last):\n");
        size_t heading = text.length;
        PyTracebackObject *traceback = (PyTracebackObject *)PyException_GetTraceback(exception);
        add_frames(&text, failure, source, traceback);
        if (text.length == heading) {
            text_clear(&text); /* no frame of the strategy's */
        } else {
            bool bare = !failure->message || !*failure->message;
            text_printf(&text, "%s%s%s\n", failure->type ? failure->type : "?", bare ? "" : ": ",
                        bare ? "" : failure->message);
        }
        Py_XDECREF((PyObject *)traceback);
        Py_DECREF(exception);
        PyErr_Clear();
    }
    failure->traceback = text.data ? text.data : strdup("");
    failure_report_verdict(failure, verdict);
}

void failure_report_verdict(struct run_failure *failure, enum run_verdict verdict) {
    static const char *const types[] = {NULL, "TimeLimit", "MemoryLimit", "Cancelled"};
    static const char *const messages[] = {NULL, "the run took longer than it may",
                                           "the run used more memory than it may", "the run was cancelled"};
    if (verdict == RUN_WITHIN_LIMITS) return;
    free(failure->type);
    free(failure->message);
    failure->type = strdup(types[verdict]);
    failure->message = strdup(messages[verdict]);
    if (!failure->traceback) failure->traceback = strdup("");
}
