"""Random conditions with what Python makes of them: the second implementation of base/expression.h.

    expression_oracle.py COUNT SEED

One case a line, tab-separated: the condition, the values of a, b, c, d (int or float repr), the text t, 1 or 0. Python's eval is the
oracle: precedence, chained comparisons, int against float, the sign of %. Cases that raise (division by zero) are left out: they have
no value here and their own tests."""
import random
import sys

NAMES = ["a", "b", "c", "d"]
TEXTS = ["BTCUSDT", "ETHUSDT", "", "a b"]


def number(rng):
    kind = rng.randrange(4)
    if kind == 0:
        return str(rng.randrange(0, 10))
    if kind == 1:
        return str(rng.randrange(0, 1000))
    if kind == 2:
        return repr(rng.choice([0.5, 0.1, 0.25, 1e-3, 2.0, 12.75]))
    return rng.choice(["9007199254740993", "9007199254740992.0", "1e3", ".5"])


def sum_of(rng, depth):
    if depth <= 0 or rng.random() < 0.3:
        return rng.choice(NAMES) if rng.random() < 0.6 else number(rng)
    kind = rng.randrange(8)
    if kind == 0:
        return rng.choice("-+") + " " * rng.randrange(2) + sum_of(rng, 0)
    if kind == 1:
        return "(" + sum_of(rng, depth - 1) + ")"
    operator = rng.choice(["+", "-", "*", "/", "%"])
    space = " " * rng.randrange(2)
    return sum_of(rng, depth - 1) + space + operator + space + sum_of(rng, depth - 1)


def comparison(rng, depth):
    kind = rng.randrange(12)
    if kind == 0:
        items = ", ".join(sum_of(rng, 1) for _ in range(rng.randrange(4)))
        return f"{sum_of(rng, depth)} {rng.choice(['in', 'not in'])} [{items}]"
    if kind == 1:
        return f"t {rng.choice(['==', '!=', '<', '>='])} {rng.choice(TEXTS)!r}"
    if kind == 2:
        return "(" + condition(rng, depth - 1) + ")"
    if kind == 3:
        return rng.choice(["True", "False", "a", "d"])
    parts = [sum_of(rng, depth)]
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        parts += [rng.choice(["<", "<=", ">", ">=", "==", "!="]), sum_of(rng, depth)]
    return " ".join(parts)


def condition(rng, depth):
    if depth <= 0:
        return comparison(rng, 1)
    parts = []
    for i in range(rng.choice([1, 1, 2, 3])):
        if i:
            parts.append(rng.choice(["and", "or"]))
        parts.append("not " * rng.choice([0, 0, 0, 1, 2]) + comparison(rng, depth))
    return " ".join(parts)


def main(count, seed):
    rng = random.Random(seed)
    made = 0
    while made < count:
        text = condition(rng, rng.randrange(4))
        values = {name: rng.choice([rng.randrange(-5, 10), rng.choice([0.5, -1.25, 3.0, 0.1, 7.5])]) for name in NAMES}
        values["t"] = rng.choice(TEXTS)
        try:
            holds = bool(eval(text, {"__builtins__": {}}, dict(values)))
        except ZeroDivisionError:
            continue
        print(text, *(repr(values[name]) for name in NAMES), values["t"], int(holds), sep="\t")
        made += 1


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
