/* Conditions between named numbers: `where: fast_period < slow_period` of a sweep file, `--where 'totalTrades
 * >= 30 and maxDrawdown < 0.2'` of the command line, filters of the server. One grammar: numbers, names, text
 * in quotes, + - * / %, comparisons (chained as in Python: a < b < c), and, or, not, in-list `x in [1, 2]`,
 * parentheses. */
#ifndef BASE_EXPRESSION_H
#define BASE_EXPRESSION_H

#include "base/value.h"
#include "kmill/error.h"

struct expression;

/* names: what may be referred to; the index of a name is what the lookup gets. The error has the column
 * within text (1-based) and the nearest valid name. */
status expression_parse(struct expression **out, const char *text, const char *const *names,
                        size_t name_count, struct error *err);
/* value of name i. */
typedef struct value (*expression_lookup)(void *context, size_t name);
/* True if the condition holds. Comparisons with NaN, none or between text and number are false (!= true).
 * Pure, thread-safe. */
bool expression_holds(const struct expression *expression, expression_lookup lookup, void *context);
/* The names it refers to: bit i of the answer for name i < name_count. */
bool expression_uses(const struct expression *expression, size_t name);
const char *expression_text(const struct expression *expression);
void expression_close(struct expression *expression);

#endif
