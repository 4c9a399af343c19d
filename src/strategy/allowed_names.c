/* See allowed_names.h. Left out on purpose: the shared contexts of decimal (BasicContext, DefaultContext,
 * ExtendedContext: what one run sets in them every later run would see), collections.abc (a module, through
 * which sys is reached), input, open and whatever else of the built-ins touches files or the interpreter. */
#include "strategy/allowed_names.h"

#define COUNT(array) (sizeof array / sizeof *array)
#define LIST(array) \
    { array, COUNT(array) }

static const char *const builtins[] = {
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "Exception",
    "False",
    "IndexError",
    "KeyError",
    "LookupError",
    "NameError",
    "None",
    "NotImplementedError",
    "OverflowError",
    "RuntimeError",
    "StopIteration",
    "True",
    "TypeError",
    "ValueError",
    "ZeroDivisionError",
    "abs",
    "all",
    "any",
    "bool",
    "classmethod",
    "dict",
    "divmod",
    "enumerate",
    "filter",
    "float",
    "format",
    "frozenset",
    "hash",
    "int",
    "isinstance",
    "iter",
    "len",
    "list",
    "map",
    "max",
    "min",
    "next",
    "object",
    "pow",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "zip",
};

static const char *const preset[] = {
    "BacktestContext", "Decimal",       "IStrategy",           "Kline",
    "KlineCache",      "Order",         "OrderSide",           "OrderType",
    "PositionSide",    "calculate_atr", "calculate_bollinger", "calculate_ema",
    "calculate_macd",  "calculate_rsi", "calculate_sma",       "datetime",
    "deque",
};

static const char *const of_collections[] = {
    "ChainMap",   "Counter",     "OrderedDict", "UserDict",   "UserList",
    "UserString", "defaultdict", "deque",       "namedtuple",
};

static const char *const of_datetime[] = {
    "MAXYEAR", "MINYEAR", "UTC", "date", "datetime", "time", "timedelta", "timezone", "tzinfo",
};

static const char *const of_decimal[] = {
    "Clamped",      "Context",        "ConversionSyntax",   "Decimal",           "DecimalException",
    "DecimalTuple", "DivisionByZero", "DivisionImpossible", "DivisionUndefined", "FloatOperation",
    "Inexact",      "InvalidContext", "InvalidOperation",   "MAX_EMAX",          "MAX_PREC",
    "MIN_EMIN",     "MIN_ETINY",      "Overflow",           "ROUND_05UP",        "ROUND_CEILING",
    "ROUND_DOWN",   "ROUND_FLOOR",    "ROUND_HALF_DOWN",    "ROUND_HALF_EVEN",   "ROUND_HALF_UP",
    "ROUND_UP",     "Rounded",        "Subnormal",          "Underflow",         "getcontext",
    "localcontext", "setcontext",
};

static const char *const of_math[] = {
    "acos",  "acosh",     "asin",    "asinh",  "atan",      "atan2",   "atanh",    "cbrt",      "ceil",
    "comb",  "copysign",  "cos",     "cosh",   "degrees",   "dist",    "e",        "erf",       "erfc",
    "exp",   "exp2",      "expm1",   "fabs",   "factorial", "floor",   "fma",      "fmod",      "frexp",
    "fsum",  "gamma",     "gcd",     "hypot",  "inf",       "isclose", "isfinite", "isinf",     "isnan",
    "isqrt", "lcm",       "ldexp",   "lgamma", "log",       "log10",   "log1p",    "log2",      "modf",
    "nan",   "nextafter", "perm",    "pi",     "pow",       "prod",    "radians",  "remainder", "sin",
    "sinh",  "sqrt",      "sumprod", "tan",    "tanh",      "tau",     "trunc",    "ulp",
};

static const char *const clock_methods[] = {"now", "today", "utcnow"};

const struct name_list allowed_builtins = LIST(builtins);
const struct name_list preset_names = LIST(preset);
const struct allowed_module allowed_modules[] = {
    {"collections", LIST(of_collections)},
    {"datetime", LIST(of_datetime)},
    {"decimal", LIST(of_decimal)},
    {"kmill", LIST(preset)},
    {"math", LIST(of_math)},
};
const size_t allowed_module_count = COUNT(allowed_modules);
const struct name_list wall_clock_methods = LIST(clock_methods);
