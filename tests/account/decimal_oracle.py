"""Random decimal operations with the standard library's results, for test_decimal.c. Argument: how many.

Lines: "OP A B RESULT"; OP is + - * / or c (compare), f (float of A, as hex), d (Decimal(repr(float B))).
The default context is the one the ledger works in: 28 digits, half to even.
"""

import random
import sys
from decimal import Decimal

LENGTHS = (1, 2, 3, 5, 8, 11, 17, 19, 20, 27, 28, 28, 29, 33, 38)
draw = random.Random(20240229)
recent = [Decimal(1)] * 64


def fresh():
    digits = draw.choice(LENGTHS)
    coefficient = draw.getrandbits(128) % 10**digits
    kind = draw.random()
    if kind < 0.1:  # trailing zeros
        coefficient = coefficient // 10 ** (digits // 2) * 10 ** (digits // 2)
    elif kind < 0.2:  # all nines, one followed by zeros, and neighbours
        coefficient = 10**digits - 1 - draw.randrange(2) * draw.randrange(10)
    elif kind < 0.25:
        coefficient = 0
    elif kind < 0.3:  # a tie at the rounding digit
        coefficient = draw.getrandbits(96) % 10**28 * 10 + 5
    exponent = draw.randrange(-30, 4) if draw.random() < 0.9 else draw.randrange(-400, 400)
    sign = "-" if draw.random() < 0.3 else ""
    return Decimal(f"{sign}{coefficient}E{exponent}")


def operand():
    kind = draw.random()
    if kind < 0.5:
        return fresh()
    if kind < 0.7:  # prices and amounts
        return Decimal(repr(round(draw.uniform(0, 10 ** draw.randrange(-3, 6)), draw.randrange(9))))
    return draw.choice(recent)


def near(a):
    """A number that shares its leading digits or its exponent with a: cancellation, exact quotients, far apart sums."""
    kind = draw.randrange(4)
    if kind == 0:
        return a.copy_negate()
    if kind == 1:
        return a * draw.randrange(1, 1000)
    if kind == 2:
        return a.scaleb(-draw.randrange(70))
    return a + a.scaleb(-draw.randrange(20, 32))


def random_float():
    return draw.choice((draw.uniform(0, 1e5), draw.random() ** 8, draw.lognormvariate(0, 20), 2.0 ** draw.randrange(-60, 70),
                        float(draw.randrange(10**6)), round(draw.uniform(0, 1e5), draw.randrange(9)), -draw.random()))


def line():
    operation = draw.choice("++--***///cfd")
    a = operand()
    b = operand() if draw.random() < 0.7 else near(a)
    if operation == "/" and not b or len(b.as_tuple().digits) > 38:
        b = Decimal(3)
    if operation == "d":
        value = random_float()
        return f"d 0 {value!r} {Decimal(repr(value))}"
    if operation == "f":
        return f"f {a} 0 {float(a).hex()}"
    if operation == "c":
        return f"c {a} {b} {a.compare(b)}"
    result = a + b if operation == "+" else a - b if operation == "-" else a * b if operation == "*" else a / b
    if abs(result.adjusted()) < 500:
        recent[draw.randrange(64)] = result
    return f"{operation} {a} {b} {result}"


def main():
    left = int(sys.argv[1])
    while left > 0:
        count = min(left, 1000)
        sys.stdout.write("\n".join(line() for _ in range(count)) + "\n")
        left -= count


main()
