/* The caller-owned error: formatting only, so that the lowest level can say what was wrong in one
 * statement. */
#include "kmill/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 5, 0))) static void fill(struct error *err, status code, int line, int column,
                                                       const char *format, va_list arguments) {
    err->code = code;
    err->line = line;
    err->column = column;
    vsnprintf(err->message, sizeof err->message, format, arguments);
}

status error_set(struct error *err, status code, const char *format, ...) {
    if (err) {
        va_list arguments;
        va_start(arguments, format);
        fill(err, code, 0, 0, format, arguments);
        va_end(arguments);
    }
    return code;
}

status error_set_at(struct error *err, status code, int line, int column, const char *format, ...) {
    if (err) {
        va_list arguments;
        va_start(arguments, format);
        fill(err, code, line, column, format, arguments);
        va_end(arguments);
    }
    return code;
}

status error_set_errno(struct error *err, status code, const char *format, ...) {
    int number = errno; /* before anything below can change it */
    if (err) {
        va_list arguments;
        va_start(arguments, format);
        fill(err, code, 0, 0, format, arguments);
        va_end(arguments);
        char buffer[256];
        const char *reason = strerror_r(number, buffer, sizeof buffer); /* GNU: may not use the buffer */
        size_t used = strlen(err->message);
        snprintf(err->message + used, sizeof err->message - used, ": %s", reason);
    }
    return code;
}

int error_exit_code(status code) {
    switch (code) {
    case OK:
        return 0;
    case ERR_INPUT:
    case ERR_NOT_FOUND:
    case ERR_EXISTS:
        return 2;
    case ERR_CANCELLED:
        return 130;
    default:
        return 3;
    }
}
