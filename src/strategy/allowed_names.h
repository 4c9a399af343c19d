/* The names a strategy may use, in one place: the guard refuses others with a hint, the run's namespace
 * offers exactly these. Immutable. */
#ifndef STRATEGY_ALLOWED_NAMES_H
#define STRATEGY_ALLOWED_NAMES_H

#include <stddef.h>

struct name_list {
    const char *const *names; /* sorted, count of them */
    size_t count;
};

struct allowed_module {
    const char *name; /* as in `import name` */
    struct name_list names;
};

/* Built-in functions, types, exceptions and constants. */
extern const struct name_list allowed_builtins;
/* Names that are there without an import; also what module kmill offers. */
extern const struct name_list preset_names;
/* collections, datetime, decimal, kmill, math with the names that touch neither files nor system nor wall
 * clock and are not shared between runs (decimal.DefaultContext is). */
extern const struct allowed_module allowed_modules[];
extern const size_t allowed_module_count;
/* Class methods of datetime.datetime and datetime.date that read the wall clock: refused by the guard where
 * it sees them and by the run's own datetime classes where it cannot. */
extern const struct name_list wall_clock_methods;

#endif
