/* The source check: each snippet is refused with one message at the right place, or accepted.
 *
 * A snippet stands either in run's body (line 3, indented by 8: its first column is 9) or above a strategy
 * that is fine (line 1, column 1). */
#include "strategy/guard.h"
#include "strategy/python_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum place { IN_RUN, ABOVE, WHOLE };

struct refused {
    enum place place;
    const char *snippet;
    int line, column;
    const char *said; /* part of the message */
};

static const struct refused refused[] = {
    /* built-ins by name */
    {IN_RUN, "eval('1')", 3, 9, "eval may not be used: code made at run time"},
    {IN_RUN, "exec('x = 1')", 3, 9, "exec may not be used"},
    {IN_RUN, "x = compile('1', 'f', 'eval')", 3, 13, "compile may not be used"},
    {IN_RUN, "open('/etc/passwd').read()", 3, 9, "open may not be used: strategies cannot reach files"},
    {IN_RUN, "os = __import__('os')", 3, 14, "__import__ may not be used"},
    {IN_RUN, "getattr(self, 'x')", 3, 9, "getattr may not be used: write the attribute itself"},
    {IN_RUN, "setattr(self, 'x', 1)", 3, 9, "setattr may not be used"},
    {IN_RUN, "delattr(self, 'x')", 3, 9, "delattr may not be used"},
    {IN_RUN, "if hasattr(self, 'x'): pass", 3, 12, "compare with None"},
    {IN_RUN, "globals()", 3, 9, "globals may not be used"},
    {IN_RUN, "locals()", 3, 9, "locals may not be used"},
    {IN_RUN, "vars(self)", 3, 9, "vars may not be used"},
    {IN_RUN, "print(dir(self))", 3, 15, "dir may not be used"},
    {IN_RUN, "x = input()", 3, 13, "input may not be used: nobody answers"},
    {IN_RUN, "breakpoint()", 3, 9, "kmill.py"},
    {IN_RUN, "help(kline)", 3, 9, "help may not be used"},
    {IN_RUN, "exit()", 3, 9, "exit may not be used: return from run"},
    {IN_RUN, "quit()", 3, 9, "quit may not be used"},
    {IN_RUN, "memoryview(b'')", 3, 9, "memoryview may not be used"},
    {IN_RUN, "id(kline)", 3, 9, "compare with `is`"},
    {IN_RUN, "raise SystemExit", 3, 15, "SystemExit may not be used: return from run"},
    {IN_RUN, "raise OSError('x')", 3, 15, "OSError may not be used: use Exception"},
    {IN_RUN, "f = eval", 3, 13, "eval may not be used"},
    {IN_RUN, "list(map(eval, ['1']))", 3, 18, "eval may not be used"},
    {IN_RUN, "(lambda: open)()", 3, 18, "open may not be used"},
    {IN_RUN, "[open for i in range(3)]", 3, 10, "open may not be used"},
    {IN_RUN, "def f(x=open): pass", 3, 17, "open may not be used"},
    {IN_RUN, "print(f'{open}')", 3, 18, "open may not be used"},
    {IN_RUN, "match open:\n            case _: pass", 3, 15, "open may not be used"},
    {ABOVE, "def f():\n    open = 1\n\n\ndef g():\n    return open", 6, 12, "open may not be used"},
    {ABOVE, "class C:\n    open = 1\n\n    def f(self):\n        return open", 5, 16, "open may not be used"},
    {ABOVE, "@eval\ndef f(): pass", 1, 2, "eval may not be used"},
    {ABOVE, "class C(vars): pass", 1, 9, "vars may not be used"},
    {IN_RUN, "__builtins__['eval']", 3, 9, "__builtins__ is not there"},
    {IN_RUN, "x = __file__", 3, 13, "__file__ is not there: strategies cannot reach files"},
    /* names that nothing gives a value */
    {IN_RUN, "np.mean([1])", 3, 9, "np is not there: it cannot be loaded here"},
    {IN_RUN, "calulate_sma([1], 1)", 3, 9, "did you mean calculate_sma?"},
    {IN_RUN, "x = fast_perod if (fast_period := 3) else 0", 3, 13, "did you mean fast_period?"},
    {IN_RUN, "x = timedelta(days=1)", 3, 13, "from datetime import timedelta"},
    {IN_RUN, "x = math.sqrt(2)", 3, 13, "import math"},
    {ABOVE, "def f(x: Optional[int]): pass", 1, 10, "Optional is not there: remove it"},
    /* imports */
    {ABOVE, "import os", 1, 8, "module os may not be imported: strategies cannot reach files"},
    {ABOVE, "import math, sys", 1, 14, "module sys may not be imported"},
    {ABOVE, "import os.path as p", 1, 8, "module os.path may not be imported"},
    {ABOVE, "from os import system", 1, 1, "module os may not be imported"},
    {ABOVE, "import subprocess", 1, 8, "neither network nor system"},
    {ABOVE, "import socket", 1, 8, "neither network nor system"},
    {ABOVE, "import ctypes", 1, 8, "module ctypes"},
    {ABOVE, "import requests", 1, 8, "module requests"},
    {ABOVE, "import numpy as np", 1, 8, "use calculate_sma"},
    {ABOVE, "import random", 1, 8, "same result again"},
    {ABOVE, "import time", 1, 8, "kline.open_time"},
    {ABOVE, "from typing import List", 1, 1, "remove it"},
    {ABOVE, "from dataclasses import dataclass", 1, 1, "plain class"},
    {ABOVE, "import maths", 1, 8, "did you mean math?"},
    {ABOVE, "import something_else", 1, 8, "importable are collections, datetime, decimal, kmill, math"},
    {ABOVE, "from . import helpers", 1, 1, "a strategy is one file"},
    {ABOVE, "from math import *", 1, 18, "import * hides"},
    {ABOVE, "from collections import abc", 1, 25, "collections offers strategies no abc"},
    {ABOVE, "import collections.abc", 1, 8, "module collections.abc may not be imported"},
    {ABOVE, "from decimal import DefaultContext", 1, 21, "decimal offers strategies no DefaultContext"},
    {ABOVE, "from math import sqr", 1, 18, "did you mean sqrt?"},
    {ABOVE, "from datetime import sys", 1, 22, "datetime offers strategies no sys"},
    {ABOVE, "import datetime\nx = datetime.sys", 2, 14, "datetime offers strategies no sys"},
    {ABOVE, "import collections as c\nx = c.abc.Sequence", 2, 7, "collections offers strategies no abc"},
    {IN_RUN, "import os", 3, 16, "module os may not be imported"},
    /* attributes that reach the interpreter */
    {IN_RUN, "().__class__.__base__", 3, 22, "__base__ reaches into the interpreter"},
    {IN_RUN, "type(self).__mro__", 3, 20, "__mro__ reaches"},
    {IN_RUN, "object.__subclasses__()", 3, 16, "__subclasses__ reaches"},
    {IN_RUN, "self.__dict__", 3, 14, "__dict__ reaches into the interpreter: keep the values in a dict"},
    {IN_RUN, "self.run.__func__", 3, 18, "__func__ reaches"},
    {IN_RUN, "f = (lambda: 0).__globals__", 3, 25, "__globals__ reaches"},
    {IN_RUN, "print.__self__", 3, 15, "__self__ reaches"},
    {IN_RUN, "x = (i for i in [])\n        x.gi_frame", 4, 11, "gi_frame reaches"},
    {IN_RUN, "x = kline.f_back", 3, 19, "f_back reaches"},
    {IN_RUN, "kline.tb_frame.x", 3, 15, "tb_frame reaches"},
    {IN_RUN, "type(kline).mro()", 3, 21, "mro reaches"},
    {IN_RUN, "object.__setattr__(kline, 'open', 1)", 3, 16,
     "__setattr__ reaches into the interpreter: assign"},
    {IN_RUN, "object.__getattribute__(self, 'x')", 3, 16, "__getattribute__ reaches"},
    {IN_RUN, "'{0.__globals__}'.format(self.run)", 3, 9, "a format field that walks to __globals__"},
    {IN_RUN, "x = '{a.__class__.__mro__}'", 3, 13, "walks to __mro__"},
    {IN_RUN, "x = '{0:{1.__dict__}}'", 3, 13, "walks to __dict__"},
    {IN_RUN, "x = '{0.gi_frame.f_globals}'", 3, 13, "walks to gi_frame"},
    {IN_RUN, "match kline:\n            case Kline(__dict__=d): pass", 4, 18, "__dict__ reaches"},
    {IN_RUN, "__builtins__ = {}", 3, 9, "__builtins__ is Python's own name"},
    {ABOVE, "class C:\n    def __reduce__(self): pass", 2, 5, "__reduce__ may not be defined"},
    {IN_RUN, "x = '\xc3\xa9\xe2\x82\xac', self.__dict__", 3, 24, "__dict__ reaches"},
    /* the wall clock */
    {IN_RUN, "datetime.now()", 3, 18, "now reads the wall clock"},
    {IN_RUN, "datetime.utcnow()", 3, 18, "utcnow reads the wall clock"},
    {IN_RUN, "datetime.today()", 3, 18, "today reads the wall clock"},
    {ABOVE, "import datetime\nx = datetime.datetime.now()", 2, 23, "now reads the wall clock"},
    {ABOVE, "from datetime import date as d\nx = d.today()", 2, 7, "today reads the wall clock"},
    {ABOVE, "from datetime import datetime as dt\nf = dt.now", 2, 8,
     "datetime.fromisoformat(kline.open_time)"},
    /* what all runs share */
    {ABOVE, "from collections import Counter\nCounter.seen = 1", 2, 9, "Counter is shared by all runs"},
    {IN_RUN, "IStrategy.run = None", 3, 19, "IStrategy is shared by all runs"},
    {ABOVE, "import math\nmath.pi = 3", 2, 6, "shared by all runs"},
    {IN_RUN, "del Decimal.sqrt", 3, 21, "Decimal is shared by all runs"},
    /* async */
    {ABOVE, "async def f(): pass", 1, 1, "no event loop"},
    {WHOLE, "class Strategy(IStrategy):\n    async def run(self, context, kline, params): pass\n", 2, 5,
     "no event loop"},
    /* class Strategy */
    {WHOLE, "", 1, 1, "there is no class Strategy"},
    {WHOLE, "x = 1\n", 1, 1, "there is no class Strategy"},
    {WHOLE, "def run(context, kline, params): pass\n", 1, 1, "there is no class Strategy"},
    {WHOLE, "\n\nclass MyStrategy(IStrategy):\n    def run(self, context, kline, params): pass\n", 3, 1,
     "rename MyStrategy"},
    {WHOLE, "class Strategy:\n    def run(self, context, kline, params): pass\n", 1, 1,
     "class Strategy(IStrategy):"},
    {WHOLE, "class Strategy(object):\n    def run(self, context, kline, params): pass\n", 1, 1,
     "derived from IStrategy"},
    {WHOLE, "class Strategy(IStrategy):\n    pass\n", 1, 1, "no method run"},
    {WHOLE, "class Strategy(IStrategy):\n    def Run(self, context, kline, params): pass\n", 1, 1,
     "no method run"},
    {WHOLE, "class Strategy(IStrategy):\n    def run(self, context, kline): pass\n", 2, 5,
     "def run(self, context, kline, params):"},
    {WHOLE, "class Strategy(IStrategy):\n    def run(self): pass\n", 2, 5,
     "is called with context, kline, params"},
    {WHOLE, "class Strategy(IStrategy):\n    def run(self, a, b, c, d): pass\n", 2, 5, "def run("},
    {WHOLE, "class Strategy(IStrategy):\n    def run(self, a, b, c, *, d): pass\n", 2, 5, "def run("},
    {WHOLE, "class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        yield 1\n", 2, 5,
     "has a yield"},
    {WHOLE,
     "class Strategy(IStrategy):\n    def __init__(self, window): pass\n\n    def run(self, a, b, c): pass\n",
     2, 5, "nothing but self"},
    {WHOLE, "class Strategy(IStrategy):\n    def on_trade(self): pass\n\n    def run(self, a, b, c): pass\n",
     2, 5, "def on_trade(self, trade):"},
    {WHOLE,
     "class Strategy(IStrategy):\n    def on_day_end(self, d): pass\n\n    def run(self, a, b, c): pass\n", 2,
     5, "date, context"},
    /* not Python */
    {WHOLE, "class Strategy(IStrategy)\n    pass\n", 1, 26, "this is not Python: expected ':'"},
    {WHOLE, "x = (1,\n", 1, 5, "'(' was never closed"},
    {WHOLE, "def f():\nreturn 1\n", 2, 1, "expected an indented block"},
    {WHOLE, "x = 'abc\n", 1, 5, "unterminated string literal"},
    {WHOLE, "if x = 1:\n    pass\n", 1, 4, "this is not Python"},
    {WHOLE, "x = 1\nreturn x\n", 2, 1, "'return' outside function"},
    {WHOLE, "x = 1\n\xff = 2\n", 2, 1, "byte 0xff is not UTF-8"},
    {WHOLE, "x = '\xc3\xa9' + '\xe9'\n", 1, 12, "byte 0xe9 is not UTF-8"},
};

/* Everything here must pass without a word. */
static const struct {
    enum place place;
    const char *snippet;
} accepted[] = {
    {IN_RUN, "pass"},
    {IN_RUN, "open = kline.open; print(open)"},
    {IN_RUN, "input, dir, vars, compile, id = 1, 2, 3, 4, 5; print(input + dir + vars + compile + id)"},
    {IN_RUN, "for open in self.kline_cache.get_opens(): print(open)"},
    {IN_RUN, "print([open for open in self.kline_cache.get_opens()])"},
    {IN_RUN, "f = lambda open: open + 1"},
    {IN_RUN, "if (eval := 3): print(eval)"},
    {IN_RUN, "try: pass\n        except Exception as vars: print(vars)"},
    {IN_RUN, "match params:\n            case {'fast': dir, **vars}: print(dir, vars)"},
    {ABOVE, "def open(x): return x\n\n\nprint(open(1))"},
    {ABOVE, "open = 3\n\n\ndef f(): return open"},
    {ABOVE, "def f():\n    def g(): return open\n    open = 2\n    return g()"},
    {ABOVE, "def f():\n    global counter\n    counter = 1\n\n\ndef g(): return counter"},
    {IN_RUN, "now = kline.open_time; self.now = now; self.today = self.now; print(self.now)"},
    {IN_RUN, "self.clock = kline; print(self.clock.now)"},
    {IN_RUN, "dt = datetime.fromisoformat(kline.open_time.replace('Z', '+00:00'))"},
    {IN_RUN, "dt = datetime.strptime('2024-01-01', '%Y-%m-%d'); print(dt.hour, dt.weekday(), dt.date())"},
    {ABOVE, "import datetime\nd = datetime.datetime(2024, 1, 1) + datetime.timedelta(days=1)"},
    {ABOVE, "from datetime import datetime, timedelta, timezone, UTC, date, time"},
    {ABOVE, "from collections import deque, defaultdict, Counter, namedtuple, OrderedDict, ChainMap"},
    {ABOVE, "from decimal import Decimal, getcontext, localcontext, ROUND_DOWN, "
            "InvalidOperation\ngetcontext().prec = 10"},
    {ABOVE, "import math as m\nx = m.sqrt(m.pi) + m.log1p(1) + m.floor(2.5)"},
    {ABOVE, "from math import sqrt, isnan as is_nan, inf"},
    {ABOVE, "from kmill import IStrategy, Kline, calculate_sma, deque, Decimal, datetime"},
    {ABOVE, "import kmill\n\n\nclass Other(kmill.IStrategy):\n    pass"},
    {IN_RUN, "closes = self.kline_cache.get_closes(); print(calculate_sma(closes, 3), closes[:-1])"},
    {IN_RUN, "amount = float(context.balance / kline.close) * 0.95; context.buy(kline.close, amount, "
             "kline.open_time)"},
    {IN_RUN, "print(type(self).__name__, self.__class__.__name__, self.__class__.__qualname__)"},
    {ABOVE,
     "class A:\n    __slots__ = ('x', 'y')\n\n    def __init__(self, x): self.x = x\n\n"
     "    def __eq__(self, other): return self.x == other.x\n\n    def __hash__(self): return hash(self.x)"},
    {ABOVE,
     "class V:\n    def __init__(self, x): self.x = x\n\n    def __add__(self, o): return V(self.x + o.x)\n\n"
     "    def __radd__(self, o): return self\n\n    def __repr__(self): return f'V({self.x!r})'\n\n"
     "    def __len__(self): return 1\n\n    def __getitem__(self, i): return self.x\n\n"
     "    def __iter__(self): yield self.x\n\n    def __call__(self): return self.x\n\n"
     "    def __enter__(self): return self\n\n    def __exit__(self, *what): return False"},
    {ABOVE, "class Base:\n    def __init_subclass__(cls, **options): super().__init_subclass__(**options)\n"
            "    def __del__(self): pass"},
    {IN_RUN, "x = '{0.x} {1[a]} {name:>10.2f}'.format(self, params, name=1.5)"},
    {IN_RUN, "template = '{} of {}'; print(template.format(1, 2), '%s' % 3, f'{kline.close:.2f}')"},
    {IN_RUN, "x = 'see __dict__ and {braces} or { not a field'"},
    {IN_RUN, "self._private = 1; self.__mangled = 2; print(self._private, self.__mangled)"},
    {IN_RUN, "def gen():\n            yield from range(3)\n        print(sum(gen()))"},
    {IN_RUN,
     "total = sum(x for x in range(3) if x); s = {i: j for i, j in zip('ab', 'cd')}; t = {1, 2} | set()"},
    {IN_RUN, "try:\n            x = 1 / 0\n        except (ZeroDivisionError, ArithmeticError, "
             "OverflowError):\n            x = None"},
    {IN_RUN, "try: pass\n        except: raise RuntimeError('x') from None"},
    {IN_RUN, "x: Optional[float] = None; print(x)"},
    {IN_RUN, "assert isinstance(params, dict), 'x'; print(slice(1, 2), frozenset(), divmod(5, 2), hash('a'), "
             "format(1.5, '.1f'))"},
    {IN_RUN, "x = next(iter([1]), None); y = property; z = staticmethod; w = (classmethod, object, super)"},
    {ABOVE, "def f[T](x: T) -> T: return x\n\n\nclass G[T]:\n    def g(self, x: T): return x\n\n\ntype Pair "
            "= tuple[int, int]"},
    {ABOVE, "# \xc3\xa9\xe2\x82\xac\nname = '\xc3\xa9'"},
    {ABOVE, "if __name__ == '__main__':\n    print(__doc__)"},
    {WHOLE, "class Base(IStrategy):\n    def run(self, context, kline, params): pass\n\n\nclass "
            "Strategy(Base):\n    pass\n"},
    {WHOLE,
     "from kmill import IStrategy as S\n\n\nclass Strategy(S):\n    def run(self, *arguments): pass\n"},
    {WHOLE, "import kmill\n\n\nclass Strategy(kmill.IStrategy):\n    def run(self, context, kline, params, "
            "extra=1): pass\n"},
    {WHOLE, "class Strategy(IStrategy):\n    def __init__(self, window=5):\n        super().__init__()\n\n"
            "    def initialize(self, n): super().initialize(n)\n\n    def run(self, context, kline, "
            "params): pass\n\n"
            "    def on_trade(self, trade): pass\n\n    def on_day_end(self, date, context): pass\n"},
    {WHOLE, "def act(self, context, kline, params): pass\n\n\nclass Strategy(IStrategy):\n    run = act\n"},
    {WHOLE, "\xef\xbb\xbf"
            "class Strategy(IStrategy):\r\n    def run(self, context, kline, params):\r\n        pass\r\n"},
    {WHOLE, "class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        def g():\n      "
            "      yield 1\n        print(list(g()))\n"},
};

enum {
    COUNT_REFUSED = sizeof refused / sizeof *refused,
    COUNT_ACCEPTED = sizeof accepted / sizeof *accepted
};

static void compose(char *out, size_t size, enum place place, const char *snippet) {
    if (place == IN_RUN)
        snprintf(out, size,
                 "class Strategy(IStrategy):\n    def run(self, context, kline, params):\n        %s\n",
                 snippet);
    else if (place == ABOVE)
        snprintf(
            out, size,
            "%s\n\n\nclass Strategy(IStrategy):\n    def run(self, context, kline, params):\n        pass\n",
            snippet);
    else
        snprintf(out, size, "%s", snippet);
}

static int start_python(void **state) {
    (void)state;
    struct error err = {0};
    if (python_process_start(&err) == OK) return 0;
    print_error("%s\n", err.message);
    return -1;
}

static bool is_refused_as_told(const struct refused *wanted) {
    char source[4096];
    struct problems found = {0};
    struct error err = {0};
    compose(source, sizeof source, wanted->place, wanted->snippet);
    status rc = guard_check(&found, source, strlen(source), "s.py", &err);
    bool good = rc == ERR_STRATEGY && found.count == 1 && found.items[0].line == wanted->line &&
                found.items[0].column == wanted->column && strstr(found.items[0].message, wanted->said) &&
                err.line == wanted->line && err.column == wanted->column;
    if (!good) {
        print_error("%s\n  wanted %d:%d %s, got status %d, %s\n", wanted->snippet, wanted->line,
                    wanted->column, wanted->said, rc, err.message);
        for (size_t i = 0; i < found.count; i++)
            print_error("  %d:%d %s\n", found.items[i].line, found.items[i].column, found.items[i].message);
    }
    problems_clear(&found);
    return good;
}

static void what_the_contract_forbids_is_refused_where_it_stands(void **state) {
    (void)state;
    int good = 0;
    for (size_t i = 0; i < COUNT_REFUSED; i++)
        good += is_refused_as_told(&refused[i]);
    print_message("          %d of %d\n", good, COUNT_REFUSED);
    assert_int_equal(good, COUNT_REFUSED);
}

static void what_the_contract_allows_is_accepted(void **state) {
    (void)state;
    int good = 0;
    for (size_t i = 0; i < COUNT_ACCEPTED; i++) {
        char source[4096];
        struct problems found = {0};
        struct error err = {0};
        compose(source, sizeof source, accepted[i].place, accepted[i].snippet);
        status rc = guard_check(&found, source, strlen(source), "s.py", &err);
        if (rc) print_error("%s\n  %s\n", accepted[i].snippet, err.message);
        good += rc == OK && found.count == 0;
        problems_clear(&found);
    }
    print_message("          %d of %d\n", good, COUNT_ACCEPTED);
    assert_int_equal(good, COUNT_ACCEPTED);
}

static void all_mistakes_are_reported_in_order(void **state) {
    (void)state;
    const char source[] = "import os\n"
                          "from sys import path\n"
                          "\n"
                          "class Strategy(IStrategy):\n"
                          "    def run(self, context, kline):\n"
                          "        eval('1'); open('x'); self.__dict__\n";
    const int lines[] = {1, 2, 5, 6, 6, 6}, columns[] = {8, 1, 5, 9, 20, 36};
    struct problems found = {0};
    struct error err = {0};
    assert_int_equal(guard_check(&found, source, sizeof source - 1, "my.py", &err), ERR_STRATEGY);
    assert_int_equal(found.count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(found.items[i].line, lines[i]);
        assert_int_equal(found.items[i].column, columns[i]);
    }
    assert_non_null(strstr(err.message, "my.py: 6 mistakes; the first: module os"));
    problems_clear(&found);
}

/* One problem, whatever the text: the check itself survives it. */
static void assert_one_problem(const char *source, size_t length, int line, const char *said) {
    struct problems found = {0};
    struct error err = {0};
    assert_int_equal(guard_check(&found, source, length, "s.py", &err), ERR_STRATEGY);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.items[0].line, line);
    if (!strstr(found.items[0].message, said)) print_error("%s\n", found.items[0].message);
    assert_non_null(strstr(found.items[0].message, said));
    problems_clear(&found);
}

static void texts_that_break_parsers_are_refused(void **state) {
    (void)state;
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE + 2);
    assert_non_null(text);
    assert_one_problem("x = 1\ny\0= 2\n", 12, 2, "NUL byte");
    memset(text, '#', SIZE + 1);
    assert_one_problem(text, SIZE + 1, 1, "the file has 1048577 bytes");
    memset(text, '(', 100000);
    assert_one_problem(text, 100000, 1, "");
    memset(text, '-', 100000);
    text[100000] = '1';
    assert_one_problem(text, 100001, 1, "nested too deeply");
    for (int i = 0; i < 50000; i++)
        memcpy(text + 2 * i, "1+", 2);
    text[100000] = '1';
    assert_one_problem(text, 100001, 1, "");
    for (int i = 0; i < 20000; i++)
        memcpy(text + 2 * i, ".x", 2);
    text[0] = 'a';
    text[1] = ' ';
    assert_one_problem(text, 40000, 1, "nested too deeply");
    free(text);
}

static void every_example_strategy_is_accepted(void **state) {
    (void)state;
    static char source[64 << 10];
    char pattern[4096];
    snprintf(pattern, sizeof pattern, "%.*s/../../strategies/*.py", (int)(strrchr(__FILE__, '/') - __FILE__),
             __FILE__);
    glob_t files;
    assert_int_equal(glob(pattern, 0, NULL, &files), 0);
    int checked = 0;
    for (size_t i = 0; i < files.gl_pathc; i++) {
        if (strncmp(strrchr(files.gl_pathv[i], '/'), "/kmill", 6) == 0) continue; /* the reference */
        FILE *file = fopen(files.gl_pathv[i], "r");
        assert_non_null(file);
        size_t length = fread(source, 1, sizeof source, file);
        fclose(file);
        struct problems found = {0};
        struct error err = {0};
        status rc = guard_check(&found, source, length, files.gl_pathv[i], &err);
        if (rc) print_error("%s\n", err.message);
        assert_int_equal(rc, OK);
        problems_clear(&found);
        checked++;
    }
    globfree(&files);
    assert_true(checked >= 7);
}

static void three_hundred_checks_keep_no_memory(void **state) {
    (void)state;
    char source[4096];
    compose(source, sizeof source, IN_RUN, "print(calculate_sma(self.kline_cache.get_closes(), 3))");
    unsigned long resident[2] = {0};
    for (int half = 0; half < 2; half++) {
        for (int i = 0; i < 150; i++) {
            struct problems found = {0};
            struct error err = {0};
            assert_int_equal(guard_check(&found, source, strlen(source), "s.py", &err), OK);
        }
        FILE *file = fopen("/proc/self/statm", "r");
        assert_non_null(file);
        assert_int_equal(fscanf(file, "%*u %lu", &resident[half]), 1);
        fclose(file);
    }
    assert_true(resident[1] < resident[0] + 256); /* pages: 1 MiB; one guard module is half of that */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_contract_forbids_is_refused_where_it_stands),
        cmocka_unit_test(what_the_contract_allows_is_accepted),
        cmocka_unit_test(all_mistakes_are_reported_in_order),
        cmocka_unit_test(texts_that_break_parsers_are_refused),
        cmocka_unit_test(every_example_strategy_is_accepted),
        cmocka_unit_test(three_hundred_checks_keep_no_memory),
    };
    return cmocka_run_group_tests(tests, start_python, NULL);
}
