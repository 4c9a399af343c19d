/* Reads a strategy's source before the first bar and says what the contract forbids: for good messages and
 * the honest mistake. What holds an attacker is the sandbox. The rules are in guard.py, which runs in the
 * main interpreter. */
#ifndef STRATEGY_GUARD_H
#define STRATEGY_GUARD_H

#include "base/problems.h"
#include "kmill/error.h"
#include <stddef.h>

/* Adds every mistake to out, sorted by line and column (1-based, columns in characters), each one line: what
 * is wrong and what to write instead. ERR_STRATEGY ("path: 3 mistakes", position of the first) when there are
 * any. Never runs the source. Main thread, main interpreter attached. */
status guard_check(struct problems *out, const char *source, size_t length, const char *path,
                   struct error *err);

#endif
