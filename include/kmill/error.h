/* Status codes and the caller-owned error every fallible function fills.
 *
 * The lowest level that knows what was wrong with which input writes the message, one line that also says
 * what to do; everyone above passes it up untouched. No globals, no thread-locals. */
#ifndef KMILL_ERROR_H
#define KMILL_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum {
    OK = 0,
    ERR_INPUT,     /* the user's file, option or value is wrong (exit code 2) */
    ERR_NOT_FOUND, /* a file, series, run or table that is not there (exit code 2) */
    ERR_EXISTS,    /* would overwrite something of the user's (exit code 2) */
    ERR_CORRUPT,   /* a file of ours does not hold what it should */
    ERR_IO,        /* the system refused to read or write */
    ERR_NETWORK,   /* a server did not answer as it should, or was lost */
    ERR_MEMORY,    /* out of memory */
    ERR_LIMIT,     /* a run's time or memory limit */
    ERR_STRATEGY,  /* the strategy raised, or is refused by the guard */
    ERR_CANCELLED, /* SIGINT, SIGTERM or a cancel call */
    ERR_SYSTEM     /* a facility of the system that kmill needs is missing */
} status;

enum { ERROR_MESSAGE_MAX = 1024 };

struct error {
    status code;
    int line, column; /* 1-based position in the input, 0 where there is none */
    char message[ERROR_MESSAGE_MAX];
};

/* Fills err (which may be NULL) with a printf-formatted message; longer ones are cut. Returns code, so that
 * `return error_set(err, ERR_INPUT, ...)` reads as one statement. */
status error_set(struct error *err, status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set, with the position of the mistake. */
status error_set_at(struct error *err, status code, int line, int column, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* As error_set, with ": " and strerror(errno) appended. */
status error_set_errno(struct error *err, status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The exit code of the command line for a status: 0 done, 2 bad input, 130 interrupted, 3 everything else
 * (1 is "some runs failed", which is a result and not an error). */
int error_exit_code(status code);

#endif
