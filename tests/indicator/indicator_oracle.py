"""Random windows with the indicators' values, for test_indicator.c. Argument: how many. Exit 77 before Python 3.12.

The formulas are those of the strategy contract; sum() is the interpreter's own, compensated since 3.12.
Lines: "NAME n p0 p1 p2 k value value value : x x x ..." with floats as hex, None as "none"; atr has three times n values.
"""

import random
import sys

draw = random.Random(5)


def ema_from(seed, values, period):
    multiplier = 2 / (period + 1)
    for x in values:
        seed = (x - seed) * multiplier + seed
    return seed


def sma(x, period):
    return sum(x[-period:]) / period if len(x) >= period else None


def ema(x, period):
    return ema_from(sum(x[:period]) / period, x[period:], period) if len(x) >= period else None


def rsi(x, period):
    if len(x) <= period:
        return None
    changes = [x[i] - x[i - 1] for i in range(len(x) - period, len(x))]
    gain = sum(c if c > 0 else 0.0 for c in changes) / period
    loss = sum(-c if c < 0 else 0.0 for c in changes) / period
    return 100.0 if loss == 0 else 100 - 100 / (1 + gain / loss)


def macd(x, fast, slow, signal):
    if len(x) < slow + signal:
        return None
    first, second, line = sum(x[:fast]) / fast, sum(x[:slow]) / slow, []
    for value in x[slow:]:
        first, second = ema_from(first, [value], fast), ema_from(second, [value], slow)
        line.append(first - second)
    average = ema_from(sum(line[:signal]) / signal, line[signal:], signal)
    return line[-1], average, line[-1] - average


def bollinger(x, period, k):
    if len(x) < period:
        return None
    last = x[-period:]
    middle = sum(last) / period
    deviation = (sum((value - middle) ** 2 for value in last) / period) ** 0.5
    return middle + k * deviation, middle, middle - k * deviation


def atr(high, low, close, period):
    n = len(close)
    if n <= period:
        return None
    ranges = [max(high[i] - low[i], abs(high[i] - close[i - 1]), abs(low[i] - close[i - 1])) for i in range(n - period, n)]
    return sum(ranges) / period


def series(n):
    kind = draw.randrange(6)
    if kind == 0:
        return [draw.choice((1, -1)) * draw.lognormvariate(0, 12) for _ in range(n)]  # wide range, both signs
    if kind == 1:
        return [round(draw.uniform(27e-6, 29e-6), 8) for _ in range(n)]
    if kind == 2:
        return [draw.choice((0.1, 4261.48))] * n
    if kind == 3:
        return [round(draw.expovariate(0.01), 6) for _ in range(n)]  # volumes
    if kind == 4:
        return [draw.choice((0.0, -0.0, 1e300, -1e300, 1.0, 1e-300)) for _ in range(n)]
    price, values = 30000.0, []
    for _ in range(n):
        price = round(price * draw.uniform(0.98, 1.02), 2)
        values.append(price)
    return values


def main():
    if sys.version_info < (3, 12):
        sys.exit(77)
    for _ in range(int(sys.argv[1])):
        name = draw.choice(("sum", "sma", "ema", "rsi", "macd", "bollinger", "atr"))
        n, k = draw.randrange(1, 90), draw.choice((2.0, 2.5, 0.1))
        p = [draw.randrange(1, draw.choice((4, 40, 95))) for _ in range(3)]
        p[1] += p[0] if name == "macd" else 0
        x = series(n)
        if name in ("bollinger", "macd"):
            x = [value if abs(value) < 1e150 else 1.0 for value in x]  # (1e300) ** 2 is an OverflowError
        given = x
        if name == "atr":
            low, high = [abs(v) * 0.99 for v in x], [abs(v) * 1.01 for v in x]
            x = [abs(v) for v in x]
            given, result = high + low + x, atr(high, low, x, p[0])
        elif name == "sum":
            result = float(sum(x))
        elif name == "macd":
            result = macd(x, *p)
        elif name == "bollinger":
            result = bollinger(x, p[0], k)
        else:
            result = {"sma": sma, "ema": ema, "rsi": rsi}[name](x, p[0])
        values = result if isinstance(result, tuple) else (result, 0.0, 0.0)
        text = ("none" if value is None else value.hex() for value in values) if result is not None else ["none"] * 3
        print(name, n, *p, k.hex(), *text, ":", *(value.hex() for value in given))


main()
