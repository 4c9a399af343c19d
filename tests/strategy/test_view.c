/* The sequences of a KlineCache against real lists of the same values: the strategy compares the two itself.
 */
#include "executor_fixture.h"

/* v is the view, l the list that kmill.py would have returned; both are made anew by make(). */
#define COMPARE(body)                                                                                       \
    "def outcome(f, x):\n"                                                                                  \
    "  try: return ('value', repr(f(x)), repr(list(x)))\n"                                                  \
    "  except (TypeError, ValueError, IndexError) as e: return (type(e).__name__, str(e), repr(list(x)))\n" \
    "def change(x, name, *args):\n"                                                                         \
    "  return {'append': x.append, 'extend': x.extend, 'insert': x.insert, 'pop': x.pop, 'remove': "        \
    "x.remove,\n"                                                                                           \
    "          'clear': x.clear, 'sort': x.sort, 'reverse': x.reverse}[name](*args)\n"                      \
    "class Strategy(IStrategy):\n"                                                                          \
    "  bar = -1\n"                                                                                          \
    "  def make(self):\n"                                                                                   \
    "    return self.kline_cache.get_closes(), [k.close for k in self.kline_cache.get_klines()]\n"          \
    "  def same(self, f):\n"                                                                                \
    "    v, l = self.make()\n"                                                                              \
    "    a, b = outcome(f, v), outcome(f, l)\n"                                                             \
    "    assert a == b, f'{a} is not {b}'\n"                                                                \
    "  def run(self, context, kline, params):\n"                                                            \
    "    self.bar += 1\n"                                                                                   \
    "    if self.bar not in (0, 7, 60): return\n" body "    print('done')\n"
#define assert_same(body) assert_strategy_prints(COMPARE(body), "done\ndone\ndone\n")

static void reading_a_view_is_reading_a_list(void **state) {
    (void)state;
    assert_same("    for i in (0, 1, -1, -2, 6, 49, 50, -50, -51, 10**30, -10**30, True, 'x', 1.0, None):\n"
                "      self.same(lambda x: x[i])\n"
                "    self.same(len)\n"
                "    self.same(bool)\n"
                "    self.same(repr)\n"
                "    self.same(str)\n"
                "    self.same(lambda x: f'{x}')\n"
                "    self.same(hash)\n"
                "    self.same(lambda x: [y for y in x])\n"
                "    self.same(lambda x: (lambda *a: a)(*x))\n"
                "    self.same(lambda x: x.index(x[-1]))\n"
                "    self.same(lambda x: x.index(1.5))\n"
                "    self.same(lambda x: x.count(x[0]))\n"
                "    self.same(lambda x: x.copy())\n"
                "    self.same(lambda x: x[0] in x)\n"
                "    self.same(lambda x: 1 in x)\n"
                "    self.same(lambda x: 'a' in x)\n"
                "    self.same(lambda x: float('nan') in x)\n"
                "    self.same(lambda x: x == list(x))\n"
                "    self.same(lambda x: list(x) == x)\n"
                "    self.same(lambda x: x != x[:])\n"
                "    self.same(lambda x: x == tuple(x))\n"
                "    self.same(lambda x: x < [1e9])\n"
                "    self.same(lambda x: [1e9] < x)\n"
                "    self.same(lambda x: x <= x)\n"
                "    self.same(lambda x: x > (1,))\n"
                "    self.same(lambda x: x < 5)\n"
                "    self.same(lambda x: isinstance(x, list) and isinstance(x, (str, list)) and not "
                "isinstance(x, tuple))\n");
}

static void slices_are_those_of_a_list(void **state) {
    (void)state;
    assert_same(
        "    marks = (None, 0, 1, 3, 7, 49, 50, 99, -1, -2, -7, -50, -51, -99, True, 1 << 70, -1 << 70)\n"
        "    for a in marks:\n"
        "      for b in marks:\n"
        "        self.same(lambda x: x[a:b])\n"
        "        for c in (1, 2, 3, -1, -2, 60): self.same(lambda x: x[a:b:c])\n"
        "        self.same(lambda x: x[a:b][1:])\n"
        "        self.same(lambda x: x[a:b][:-1][-3:])\n"
        "    self.same(lambda x: x[::0])\n"
        "    self.same(lambda x: x['a':])\n");
}

static void views_add_and_repeat_like_lists(void **state) {
    (void)state;
    assert_same("    self.same(lambda x: x + [1.0])\n"
                "    self.same(lambda x: [1.0] + x)\n"
                "    self.same(lambda x: x + x)\n"
                "    self.same(lambda x: x + (1.0,))\n"
                "    self.same(lambda x: x * 2)\n"
                "    self.same(lambda x: 2 * x)\n"
                "    self.same(lambda x: x * -1)\n"
                "    self.same(lambda x: x * x)\n"
                "    def add_in_place(x):\n"
                "      y = x\n"
                "      y += [2.0]\n"
                "      return y\n"
                "    self.same(add_in_place)\n"
                "    def repeat_in_place(x):\n"
                "      y = x\n"
                "      y *= 2\n"
                "      return y\n"
                "    self.same(repeat_in_place)\n"
                "    def list_grows(x):\n"
                "      y = [0.5]\n"
                "      y += x\n"
                "      return y\n"
                "    self.same(list_grows)\n");
}

static void builtins_take_views_as_lists(void **state) {
    (void)state;
    assert_same("    for f in (sum, min, max, sorted, list, tuple, set, frozenset, any, all):\n"
                "      self.same(f)\n"
                "      self.same(lambda x: f(x[-5:]))\n"
                "      self.same(lambda x: f(x[:0]))\n"
                "    self.same(lambda x: list(reversed(x)))\n"
                "    self.same(lambda x: list(enumerate(x)))\n"
                "    self.same(lambda x: list(zip(x, x[1:])))\n"
                "    self.same(lambda x: list(map(lambda y: y * 2, x)))\n"
                "    self.same(lambda x: list(filter(lambda y: y > 100, x)))\n"
                "    self.same(lambda x: sum(x, 0.5))\n"
                "    self.same(lambda x: sum(x[:2], 'a'))\n"
                "    self.same(lambda x: max(x, default=1))\n"
                "    self.same(lambda x: max(x[:0], default=1))\n"
                "    self.same(lambda x: max(x, key=lambda y: -y))\n"
                "    self.same(lambda x: min(x, [1.0]))\n"
                "    self.same(lambda x: max(x, x[1:]))\n"
                "    self.same(lambda x: sorted(x, reverse=True))\n"
                "    self.same(lambda x: next(iter(x)))\n"
                "    self.same(lambda x: list(deque(x, maxlen=3)))\n");
}

static void a_mutated_view_is_a_list_from_then_on(void **state) {
    (void)state;
    assert_same(
        "    for step in (('append', 1), ('extend', [1, 2]), ('extend', 5), ('insert', 0, 9), ('pop',), "
        "('pop', 0),\n"
        "                 ('pop', 99), ('remove', 5), ('clear',), ('sort',), ('reverse',), ('append',)):\n"
        "      self.same(lambda x: change(x, *step))\n"
        "      self.same(lambda x: (change(x[:], *step), x))\n"
        "    def assign(x, k, v):\n"
        "      x[k] = v\n"
        "      return x\n"
        "    def delete(x, k):\n"
        "      del x[k]\n"
        "      return x\n"
        "    for k in (0, -1, 99, 'a', slice(0, 2), slice(None), slice(0, 5, 2)):\n"
        "      self.same(lambda x: delete(x, k))\n"
        "      for v in (1.5, [1.0, 2.0], [], 'ab'): self.same(lambda x: assign(x, k, v))\n"
        "    self.same(lambda x: assign(x, slice(0, 1), x))\n"
        "    def several(x):\n"
        "      x.append(3)\n"
        "      return x[-2:], len(x), x == x[:], 3 in x, x.index(3), sum(x), max(x), x + [1], [y for y in "
        "x], calculate_sma(x, 2)\n"
        "    self.same(several)\n"
        "    def item(x):\n"
        "      x.append(x)\n"
        "      return len(x)\n"
        "    v, l = self.make()\n"
        "    assert item(v) == item(l)\n"
        "    self.same(lambda x: x.sort(key=lambda y: -y))\n"
        "    self.same(lambda x: x.sort(reverse=True))\n");
}

static void a_view_kept_across_bars_does_not_change(void **state) {
    (void)state;
    assert_strategy_prints("class Strategy(IStrategy):\n"
                           "  kept = []\n"
                           "  def run(self, context, kline, params):\n"
                           "    closes = self.kline_cache.get_closes()\n"
                           "    self.kept.append((closes, list(closes), closes[1:], list(closes)[1:]))\n"
                           "    if len(self.kept) == 300:\n"
                           "      print(all(a == b and c == d for a, b, c, d in self.kept))\n",
                           "True\n");
}

static void changing_one_view_changes_no_other(void **state) {
    (void)state;
    assert_in_bar_60("    a = self.kline_cache.get_closes()\n"
                     "    b, c = a[:], self.kline_cache.get_closes()\n"
                     "    before = list(a)\n"
                     "    a[0] = -1.0\n"
                     "    a.append(7)\n"
                     "    assert list(b) == list(c) == list(self.kline_cache.get_closes()) == before\n"
                     "    assert a[0] == -1.0 and a[-1] == 7 and len(a) == 51\n"
                     "    assert kline.close == before[-1]\n");
}

static void patterns_and_unpacking_see_a_sequence(void **state) {
    (void)state;
    assert_in_bar_60("    closes = self.kline_cache.get_closes()\n"
                     "    a, *rest, z = closes\n"
                     "    assert [a, *rest, z] == list(closes)\n"
                     "    match closes[-2:]:\n"
                     "      case [x, y]: assert (x, y) == (closes[-2], closes[-1])\n"
                     "      case _: assert False\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_a_view_is_reading_a_list),
        cmocka_unit_test(slices_are_those_of_a_list),
        cmocka_unit_test(views_add_and_repeat_like_lists),
        cmocka_unit_test(builtins_take_views_as_lists),
        cmocka_unit_test(a_mutated_view_is_a_list_from_then_on),
        cmocka_unit_test(a_view_kept_across_bars_does_not_change),
        cmocka_unit_test(changing_one_view_changes_no_other),
        cmocka_unit_test(patterns_and_unpacking_see_a_sequence),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
