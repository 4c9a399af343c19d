"""The source check of strategies: what the contract forbids, found before the first bar.

kmill runs this in the worker's main interpreter, with the strategy's text and the tables of allowed_names.h; the
strategy itself is only parsed. It is there for good messages and the honest mistake: code that means to deceive it
can, and meets the sandbox. So it reads names as Python scopes them (a local variable called `open` is fine) and
follows no values around.

check(source, path, names) -> [(line, column, message)], 1-based, columns in characters; each message one line:
what is wrong, then what to write instead.
"""

import ast
import builtins
import difflib
import re
import string
import warnings

# ---- what is refused, and what to do instead ----------------------------------------------------------------------

SIZE_LIMIT = 1 << 20
PROBLEM_LIMIT = 200

NO_FILES = 'strategies cannot reach files: pass values in through params'
NO_CODE = 'code made at run time is not run: write the expression itself'
NO_REFLECTION = 'write the attribute itself, or keep the values in a dict'

BUILTIN_HINTS = {
    'eval': NO_CODE, 'exec': NO_CODE, 'compile': NO_CODE, 'open': NO_FILES, '__import__': 'write an import statement',
    'getattr': NO_REFLECTION, 'setattr': NO_REFLECTION, 'delattr': NO_REFLECTION, 'globals': NO_REFLECTION,
    'locals': NO_REFLECTION, 'vars': NO_REFLECTION, 'dir': NO_REFLECTION,
    'hasattr': 'set the attribute to None in __init__ and compare with None',
    'input': 'nobody answers during a sweep: read params.get(...)',
    'breakpoint': 'debug with `python3 strategies/kmill.py FILE --csv ...`, where it works', 'help': 'remove it',
    'exit': 'return from run', 'quit': 'return from run',
    'BaseException': 'catch Exception', 'SystemExit': 'return from run', 'KeyboardInterrupt': 'catch Exception',
    'GeneratorExit': 'catch Exception', 'MemoryError': 'catch Exception', 'RecursionError': 'catch Exception',
    'id': 'it differs from run to run: compare with `is`', 'callable': 'compare with None',
    'issubclass': 'use isinstance', 'NotImplemented': 'raise TypeError', 'complex': 'use float',
    '__build_class__': 'write a class statement', '__loader__': 'remove it', '__spec__': 'remove it',
}

OTHER_WAYS_OUT = 'strategies reach neither network nor system: pass values in through params'
SAME_RESULT = 'every run must give the same result again: derive values from params'
NOT_LOADABLE = 'it cannot be loaded here: use calculate_sma, calculate_ema, ..., sum, max and math'
NO_TYPING = 'remove it: list[float], dict and float | None need no import'

MODULE_HINTS = {
    **dict.fromkeys('os sys io pathlib shutil tempfile glob pickle csv json sqlite3'.split(), NO_FILES),
    **dict.fromkeys('subprocess multiprocessing threading concurrent asyncio signal ctypes socket requests urllib http '
                    'websocket'.split(), OTHER_WAYS_OUT),
    **dict.fromkeys('time calendar zoneinfo pytz'.split(), 'use kline.open_time and datetime.fromisoformat'),
    **dict.fromkeys('random secrets uuid'.split(), SAME_RESULT),
    **dict.fromkeys('numpy pandas talib pandas_ta scipy'.split(), NOT_LOADABLE),
    **dict.fromkeys('typing typing_extensions __future__'.split(), NO_TYPING),
    **dict.fromkeys('dataclasses enum abc'.split(), 'write a plain class, or use collections.namedtuple'),
    **dict.fromkeys('statistics itertools functools operator heapq bisect'.split(),
                    'write it with sum, sorted, zip and loops, or use math and collections'),
    **dict.fromkeys('inspect builtins'.split(), NO_REFLECTION),
    'logging': 'use print: its text goes to the log of the run', 'fractions': 'use decimal',
    'importlib': 'write an import statement', 'collections.abc': 'use list, dict or collections.deque',
}

NAME_HINTS = {
    **dict.fromkeys('np numpy pd pandas ta talib'.split(), NOT_LOADABLE),
    **dict.fromkeys('List Dict Tuple Set Optional Union Any Callable'.split(), NO_TYPING),
    **dict.fromkeys('os sys __file__'.split(), NO_FILES),
    **dict.fromkeys('timedelta timezone date'.split(), 'write `from datetime import {0}` first'),
    **dict.fromkeys('defaultdict Counter namedtuple OrderedDict'.split(), 'write `from collections import {0}` first'),
    **dict.fromkeys('math collections decimal'.split(), 'write `import {0}` first'),
    '__builtins__': NO_REFLECTION, 'unicode': 'use str', 'xrange': 'use range',
}

OPERATORS = 'add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or'.split()
# Special methods that calculate and compare: they may be defined, and called by name.
READABLE = {f'__{name}__' for name in (
    OPERATORS + ['r' + name for name in OPERATORS] + ['i' + name for name in OPERATORS]
    + 'init new class name qualname doc slots match_args len iter next contains getitem setitem delitem missing reversed '
      'eq ne lt le gt ge hash bool int float index complex abs neg pos invert round trunc floor ceil repr str format call '
      'enter exit init_subclass'.split())}
DEFINABLE = READABLE - {'__class__'} | {f'__{name}__' for name in (
    'getattr setattr delattr get set delete set_name class_getitem del length_hint copy deepcopy'.split())}
READABLE_NAMES = {'__name__', '__doc__', '__class__', '__debug__'}
# Attributes through which frames, code and globals are reached.
INNER = re.compile(r'(gi|cr|ag)_(frame|code|await|origin|yieldfrom|running|suspended)'
                   r'|f_(back|builtins|code|globals|locals|trace|lineno|lasti|generator|trace_lines|trace_opcodes)'
                   r'|tb_(frame|next|lasti|lineno)|func_(globals|code|closure|defaults)|mro')

CALLBACKS = {'run': ('context', 'kline', 'params'), 'on_trade': ('trade',), 'on_day_end': ('date', 'context'),
             'initialize': ('kline_wnd_size',), '__init__': ()}

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def is_special(name):
    return len(name) > 4 and name.startswith('__') and name.endswith('__')


def reaches_inside(attribute):
    return attribute not in READABLE if is_special(attribute) else bool(INNER.fullmatch(attribute))


# ---- scopes ---------------------------------------------------------------------------------------------------------


class Scope:
    """The names bound in one module, class or function body, as Python's compiler sees them."""

    def __init__(self, parent, is_class, names):
        self.parent, self.is_class, self.names = parent, is_class, names

    def binds(self, name):
        scope, own = self, True
        while scope:
            if name in scope.names and (own or not scope.is_class):
                return True
            scope, own = scope.parent, False
        return False


def bound_names(nodes):
    """(names bound by these statements in their own scope, names they declare global)."""
    bound, outer, todo = set(), set(), list(nodes)
    while todo:
        node = todo.pop()
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            bound.add(node.name)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, COMPREHENSIONS):
            bound.update(inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, ast.alias):
            bound.add(node.asname or node.name.partition('.')[0])
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            bound.add(node.name)
        elif isinstance(node, ast.MatchMapping):
            bound.add(node.rest)
        elif isinstance(node, ast.Global):
            outer.update(node.names)
        todo.extend(ast.iter_child_nodes(node))
    return bound - outer - {None}, outer


def parameters(arguments):
    listed = arguments.posonlyargs + arguments.args + arguments.kwonlyargs + [arguments.vararg, arguments.kwarg]
    return {argument.arg for argument in listed if argument}


# ---- the check ------------------------------------------------------------------------------------------------------


class Guard(ast.NodeVisitor):
    def __init__(self, text, names):
        self.lines = re.split(r'\r\n|\r|\n', text)
        self.builtins, self.preset = set(names['builtins']), set(names['preset'])
        self.modules = {module: set(offered) for module, offered in names['modules'].items()}
        self.clock = set(names['clock'])
        self.found = {}
        self.imports = {}  # local name -> (module, name in it or None); only names that nothing else binds
        self.scope = None
        self.in_class = False
        self.in_function = False

    # -- reporting

    def report(self, line, column, message):
        self.found.setdefault((line, column), message)

    def at(self, node, message):
        self.report(node.lineno, self.column(node.lineno, node.col_offset), message)

    def at_attribute(self, node, message):
        width = len(node.attr.encode())
        self.report(node.end_lineno, self.column(node.end_lineno, node.end_col_offset - width), message)

    def column(self, line, offset):
        """1-based column in characters of a UTF-8 offset."""
        text = self.lines[line - 1] if line <= len(self.lines) else ''
        return len(text.encode()[:offset].decode(errors='replace')) + 1

    def nearest(self, name, valid):
        close = difflib.get_close_matches(name, sorted(valid), 1, 0.75)
        return f'did you mean {close[0]}?' if close else ''

    # -- imports

    def visit_Import(self, node):
        for alias in node.names:
            if alias.name not in self.modules:
                self.refuse_module(alias, alias.name)

    def visit_ImportFrom(self, node):
        if node.level:
            self.at(node, 'a strategy is one file: put what it needs into it')
        elif node.module not in self.modules:
            self.refuse_module(node, node.module)
        else:
            for alias in node.names:
                self.check_imported(alias, node.module)

    def refuse_module(self, node, module):
        root = module.partition('.')[0]
        hint = MODULE_HINTS.get(module) or MODULE_HINTS.get(root) or self.nearest(module, self.modules)
        hint = hint or 'importable are ' + ', '.join(sorted(self.modules))
        self.at(node, f'module {module} may not be imported: {hint}')

    def check_imported(self, alias, module):
        if alias.name == '*':
            self.at(alias, f'import * hides what is used: write `from {module} import` and the names')
        elif alias.name not in self.modules[module]:
            self.refuse_module_name(lambda message: self.at(alias, message), module, alias.name)

    def refuse_module_name(self, report, module, name):
        if module == 'datetime' and name in self.clock:
            report(self.clock_message(name))
            return
        hint = self.nearest(name, self.modules[module]) or MODULE_HINTS.get(f'{module}.{name}')
        hint = hint or 'it offers ' + ', '.join(sorted(self.modules[module]))
        report(f'{module} offers strategies no {name}: {hint}')

    def collect_imports(self, tree):
        """Names that an import binds and nothing else does, wherever."""
        bound_otherwise = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                bound_otherwise.add(node.id)
            elif isinstance(node, ast.arg):
                bound_otherwise.add(node.arg)
            elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                bound_otherwise.add(node.name)
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found = {alias.asname or alias.name.partition('.')[0]: (alias.name, None) for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found = {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
            else:
                continue
            self.imports.update((name, origin) for name, origin in found.items() if name not in bound_otherwise)

    def origin(self, node):
        """(module, name) of what a name or module.name stands for; (module, None): the module; None: the file's own."""
        if isinstance(node, ast.Name):
            if node.id in self.imports:
                return self.imports[node.id]
            if node.id in self.preset and not self.scope.binds(node.id):
                return ('datetime', 'datetime') if node.id == 'datetime' else ('kmill', node.id)
        elif isinstance(node, ast.Attribute):
            base = self.origin(node.value)
            if base and base[1] is None:
                return base[0], node.attr
        return None

    # -- names

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load):
            if not self.scope.binds(node.id):
                self.check_free_name(node)
        elif is_special(node.id) and not (self.in_class and node.id in DEFINABLE):
            self.at(node, f'{node.id} is Python\'s own name: choose another')

    def check_free_name(self, node):
        name = node.id
        if name in self.builtins or name in self.preset or name in READABLE_NAMES:
            return
        if name in BUILTIN_HINTS:
            self.at(node, f'{name} may not be used: {BUILTIN_HINTS[name]}')
        elif name in NAME_HINTS:
            self.at(node, f'{name} is not there: {NAME_HINTS[name].format(name)}')
        elif hasattr(builtins, name):
            self.at(node, f'{name} may not be used: {self.builtin_hint(getattr(builtins, name))}')
        else:
            known = self.builtins | self.preset | self.visible_names()
            hint = self.nearest(name, known) or 'nothing in this file gives it a value'
            self.at(node, f'{name} is not defined: {hint}')

    @staticmethod
    def builtin_hint(value):
        if isinstance(value, type) and issubclass(value, BaseException):
            return 'use Exception, ValueError, TypeError, KeyError, IndexError, RuntimeError or ArithmeticError'
        return 'write it with numbers, str, list, dict, set and math'

    def visible_names(self):
        names, scope = set(), self.scope
        while scope:
            names |= scope.names
            scope = scope.parent
        return names

    # -- attributes

    def visit_Attribute(self, node):
        base = self.origin(node.value)
        if reaches_inside(node.attr):
            self.at_attribute(node, self.inside_message(node.attr))
        elif node.attr in self.clock and base in (('datetime', 'datetime'), ('datetime', 'date'), ('datetime', None)):
            self.at_attribute(node, self.clock_message(node.attr))
        elif base and base[1] is None and base[0] in self.modules and node.attr not in self.modules[base[0]]:
            self.refuse_module_name(lambda message: self.at_attribute(node, message), base[0], node.attr)
        elif base and not isinstance(node.ctx, ast.Load):
            what = base[1] or base[0]
            self.at_attribute(node, f'{what} is shared by all runs and cannot be changed: '
                              'set attributes of self or of a class of your own')
        self.generic_visit(node)

    @staticmethod
    def inside_message(attribute):
        hint = {'__dict__': 'keep the values in a dict of your own', '__setattr__': 'assign to the attribute',
                '__getattribute__': 'write the attribute itself', '__module__': 'remove it'}.get(attribute)
        return f'{attribute} reaches into the interpreter: {hint or "strategies may not use it, write it without"}'

    @staticmethod
    def clock_message(name):
        return (f'{name} reads the wall clock, and a run must give the same result every time: '
                'use datetime.fromisoformat(kline.open_time)')

    def visit_MatchClass(self, node):
        for attribute in filter(reaches_inside, node.kwd_attrs):
            self.at(node, self.inside_message(attribute))
        self.generic_visit(node)

    def visit_Constant(self, node):
        if isinstance(node.value, str) and '{' in node.value:
            for attribute in filter(reaches_inside, self.format_attributes(node.value)):
                self.at(node, f'a format field that walks to {attribute} reaches into the interpreter: '
                        'format the value itself')

    def format_attributes(self, template, depth=0):
        try:
            fields = list(string.Formatter().parse(template))
        except ValueError:
            return
        for _, field, inner, _ in fields:
            yield from re.findall(r'\.\s*(\w+)', field or '')
            if inner and depth < 3:
                yield from self.format_attributes(inner, depth + 1)

    # -- scopes of the tree

    def enter(self, node, is_class, names, body):
        saved = self.scope, self.in_class, self.in_function
        self.scope = Scope(self.scope, is_class, names | {p.name for p in getattr(node, 'type_params', ())})
        self.in_class, self.in_function = is_class, not is_class
        for child in body:
            self.visit(child)
        self.scope, self.in_class, self.in_function = saved

    def visit_FunctionDef(self, node):
        if is_special(node.name) and not (self.in_class and node.name in DEFINABLE):
            self.at(node, f'{node.name} may not be defined: choose a name without the double underscores')
        outside = node.decorator_list + node.args.defaults + [value for value in node.args.kw_defaults if value]
        for child in outside:
            self.visit(child)
        generic = Scope(self.scope, False, {p.name for p in getattr(node, 'type_params', ())})
        self.scope, saved = generic, self.scope
        for child in ast.walk(node.args):
            if isinstance(child, ast.arg) and child.annotation:
                self.visit(child.annotation)
        if node.returns:
            self.visit(node.returns)
        self.scope = saved
        bound, _ = bound_names(node.body)
        self.enter(node, False, bound | parameters(node.args), node.body)

    def visit_Lambda(self, node):
        for child in node.args.defaults + [value for value in node.args.kw_defaults if value]:
            self.visit(child)
        bound, _ = bound_names([node.body])
        self.enter(node, False, bound | parameters(node.args), [node.body])

    def visit_ClassDef(self, node):
        for child in node.decorator_list:
            self.visit(child)
        bound, _ = bound_names(node.body)
        generic = Scope(self.scope, False, {p.name for p in getattr(node, 'type_params', ())})
        self.scope, saved = generic, self.scope
        for child in node.bases + [keyword.value for keyword in node.keywords]:
            self.visit(child)
        self.enter(node, True, bound, node.body)
        self.scope = saved

    def visit_comprehension_scope(self, node):
        first = node.generators[0]
        self.visit(first.iter)
        targets, _ = bound_names([generator.target for generator in node.generators])
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for generator in node.generators:
            if generator.is_async:
                self.refuse_async(generator.target)
            parts += [generator.target, *generator.ifs] + ([] if generator is first else [generator.iter])
        self.enter(node, False, targets, parts)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_comprehension_scope

    def visit_AnnAssign(self, node):
        self.visit(node.target)
        if not self.in_function:  # those of local variables are never evaluated
            self.visit(node.annotation)
        if node.value:
            self.visit(node.value)

    # -- async

    def refuse_async(self, node):
        self.at(node, 'a strategy has no event loop: write it without async and await')

    def visit_AsyncFunctionDef(self, node):
        self.refuse_async(node)
        self.visit_FunctionDef(node)

    def visit_async(self, node):
        self.refuse_async(node)
        self.generic_visit(node)

    visit_Await = visit_AsyncFor = visit_AsyncWith = visit_async

    # -- class Strategy

    def check_strategy(self, tree):
        classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        strategy = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}.get('Strategy')
        if strategy is None:
            self.report_no_strategy(classes)
            return
        chain, is_strategy = self.bases(strategy, classes)
        if not is_strategy:
            self.at(strategy, 'class Strategy must be derived from IStrategy: write `class Strategy(IStrategy):`')
        for name, arguments in CALLBACKS.items():
            method = self.method(chain, name)
            if isinstance(method, FUNCTIONS):
                self.check_callback(method, arguments)
            elif method is None and name == 'run' and is_strategy:
                self.at(strategy, 'class Strategy has no method run: add `def run(self, context, kline, params):`')

    def report_no_strategy(self, classes):
        for node in classes.values():
            if self.bases(node, classes)[1]:
                self.at(node, 'class Strategy must stand at the left margin, not inside another block'
                        if node.name == 'Strategy' else f'the class must be called Strategy: rename {node.name}')
                return
        self.report(1, 1, 'there is no class Strategy: write `class Strategy(IStrategy):` with '
                    '`def run(self, context, kline, params):`')

    def bases(self, node, classes):
        """([node and its base classes in this file], whether IStrategy is, or may be, among its bases)."""
        chain, is_strategy, todo = [], False, [node]
        while todo:
            current = todo.pop(0)
            if current in chain:
                continue
            chain.append(current)
            for base in current.bases:
                if isinstance(base, ast.Name) and base.id in classes:
                    todo.append(classes[base.id])
                elif isinstance(base, ast.Name):
                    is_strategy |= self.imports.get(base.id, (None, base.id))[1] == 'IStrategy'
                else:
                    is_strategy |= not isinstance(base, ast.Attribute) or base.attr == 'IStrategy'
        return chain, is_strategy

    @staticmethod
    def method(chain, name):
        """The def, or whatever statement else, that gives the class this method."""
        for node in chain:
            for statement in reversed(node.body):
                if isinstance(statement, FUNCTIONS) and statement.name == name:
                    return statement
                if name in bound_names([statement])[0]:
                    return statement
        return None

    def check_callback(self, method, names):
        if method.decorator_list:
            return
        given, arguments = len(names) + 1, method.args
        listed = len(arguments.posonlyargs) + len(arguments.args)
        required = listed - len(arguments.defaults)
        missing = [a.arg for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults) if default is None]
        if missing or required > given or (listed < given and not arguments.vararg):
            got, wanted = ', '.join(names) or 'nothing but self', ', '.join(('self', *names))
            self.at(method, f'{method.name} is called with {got}: write `def {method.name}({wanted}):`')
        elif any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in self.own_nodes(method)):
            self.at(method, f'{method.name} has a yield in it, so that a call would run none of it: use return')

    @staticmethod
    def own_nodes(function):
        todo = list(function.body)
        while todo:
            node = todo.pop()
            if not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
                yield node
                todo.extend(ast.iter_child_nodes(node))

    # -- all of it

    def check(self, tree):
        self.collect_imports(tree)
        bound, _ = bound_names(tree.body)
        for node in ast.walk(tree):
            if isinstance(node, ast.Global):
                bound.update(node.names)
        self.scope = Scope(None, False, bound)
        for statement in tree.body:
            self.visit(statement)
        self.check_strategy(tree)
        return [(line, column, message) for (line, column), message in sorted(self.found.items())][:PROBLEM_LIMIT]


def decode(source):
    """(text, None) or (None, problem)."""
    if len(source) > SIZE_LIMIT:
        return None, (1, 1, f'the file has {len(source)} bytes, a strategy may have {SIZE_LIMIT}: '
                      'pass data in through params')
    source = source.removeprefix(b'\xef\xbb\xbf')  # by hand: that codec is a file, and files are out of reach by now
    try:
        text = source.decode()
    except UnicodeDecodeError as error:
        before = source[:error.start]
        column = len(before[before.rfind(b'\n') + 1:].decode(errors='replace')) + 1
        byte = f'0x{source[error.start]:02x}'
        return None, (before.count(b'\n') + 1, column, f'byte {byte} is not UTF-8: save the file as UTF-8')
    line, _, _ = text.partition('\0')
    if len(line) < len(text):
        return None, (line.count('\n') + 1, len(line) - line.rfind('\n'), 'there is a NUL byte: is this a text file?')
    return text, None


def check(source, path, names):
    text, problem = decode(source)
    if problem:
        return [problem]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            tree = ast.parse(text, path)
            compile(text, path, 'exec', dont_inherit=True)
        return Guard(text, names).check(tree)
    except SyntaxError as error:
        return [(error.lineno or 1, max(error.offset or 1, 1), f'this is not Python: {error.msg}')]
    except ImportError:  # a Python without unicodedata, which its compiler needs for such names
        line = next((number for number, line in enumerate(text.split('\n'), 1) if not line.isascii()), 1)
        return [(line, 1, 'this build of Python reads no names or \\N{...} beyond ASCII: use the letters a to z')]
    except (RecursionError, MemoryError, OverflowError):
        return [(1, 1, 'the code is nested too deeply: split the longest expression')]
