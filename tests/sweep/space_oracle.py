"""The run space a second time, in Python: prints sweep files (one line each) and what their runs must be.

    space_oracle.py SEED

    spec <TAB> sweep file as a YAML flow map
    run  <TAB> index <TAB> value <TAB> value ...      values as repr, texts bare
    none <TAB> index                                  an index without a run

Ranges are decimal.Decimal arithmetic, draws are Philox4x32-10 written from the paper (Salmon et al., SC'11), bounded integers are Lemire's
method, sampled floats are rounded to 12 significant digits by the decimal module."""
import decimal
import math
import random
import sys
from decimal import Decimal

MASK32 = 0xFFFFFFFF
MASK64 = 0xFFFFFFFFFFFFFFFF
ATTEMPTS = 1000
TWELVE_DIGITS = decimal.Context(prec=12, rounding=decimal.ROUND_HALF_EVEN)


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c[0], 1 << 32)
        high1, low1 = divmod(0xCD9E8D57 * c[2], 1 << 32)
        c = [high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0]
        k = [(k[0] + 0x9E3779B9) & MASK32, (k[1] + 0xBB67AE85) & MASK32]
    return c


def key_of(seed, name):
    h = 0xCBF29CE484222325 ^ seed
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK64
    h = ((h ^ (h >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    h = ((h ^ (h >> 27)) * 0x94D049BB133111EB) & MASK64
    h ^= h >> 31
    return [h & MASK32, h >> 32]


def bits(seed, name, index, attempt):
    """64-bit words, one after the other."""
    key, block = key_of(seed, name), 0
    while True:
        a, b, c, d = philox([index & MASK32, index >> 32, attempt, block], key)
        yield b << 32 | a
        yield d << 32 | c
        block += 1


def unit(words):
    return (next(words) >> 11) / (1 << 53)


def below(words, limit):
    while True:
        product = next(words) * limit
        if product & MASK64 >= (1 << 64) % limit:
            return product >> 64


def rounded(x, low, high):
    return min(max(float(TWELVE_DIGITS.create_decimal(repr(x))), low), high)


class Listed:
    def __init__(self, values, kind=None):
        self.values, self.kind = values, kind
        texts = ", ".join("null" if v is None else str(v).lower() if isinstance(v, bool) else str(v) for v in values)
        self.yaml = f"{{choice: [{texts}]}}" if kind else f"[{texts}]"

    def draw(self, words):
        return self.values[0] if len(self.values) == 1 else self.values[below(words, len(self.values))]


class Range(Listed):
    def __init__(self, first, last, step):
        is_int = all("." not in s and "e" not in s for s in (first, last, step))
        value, self.values = Decimal(first), []
        while value <= Decimal(last):
            self.values.append(int(value) if is_int else float(value))
            value += Decimal(step)
        self.yaml = f"{{range: [{first}, {last}], step: {step}}}"


class LogRange(Listed):
    def __init__(self, low, high, count):
        a, b = math.log(low), math.log(high)
        self.values = [rounded(math.exp(a + k / (count - 1) * (b - a)), low, high) for k in range(count)]
        self.values[0], self.values[-1] = low, high
        self.yaml = f"{{log_range: [{low!r}, {high!r}], count: {count}}}"


class Uniform:
    def __init__(self, low, high):
        self.low, self.high, self.yaml = low, high, f"{{uniform: [{low!r}, {high!r}]}}"

    def draw(self, words):
        return rounded(self.low + unit(words) * (self.high - self.low), self.low, self.high)


class LogUniform:
    def __init__(self, low, high):
        self.low, self.high, self.yaml = low, high, f"{{log_uniform: [{low!r}, {high!r}]}}"

    def draw(self, words):
        a, b = math.log(self.low), math.log(self.high)
        return rounded(math.exp(a + unit(words) * (b - a)), self.low, self.high)


class Integer:
    def __init__(self, low, high):
        self.low, self.high, self.yaml = low, high, f"{{integer: [{low}, {high}]}}"

    def draw(self, words):
        span = self.high - self.low + 1
        return self.low + (next(words) if span == 1 << 64 else below(words, span))


def emit_spec(params, where, extra):
    texts = ", ".join(f"{name}: {domain.yaml}" for name, domain in params.items())
    condition = f", where: '{where}'" if where else ""
    print(f"spec\t{{name: n, strategy: s, symbols: [A, B], intervals: 1h{extra}, params: {{{texts}}}{condition}}}")


def emit_run(index, values):
    print("run", index, *(v if isinstance(v, str) else repr(v) for v in values), sep="\t")


def emit_grid(params, where=None, most=3000):
    emit_spec(params, where, "")
    sizes = [len(d.values) for d in params.values()]
    total = math.prod(sizes)
    for index in range(0, 2 * total, max(1, 2 * total // most)):
        rest, values = index % total, []
        for domain in reversed(params.values()):
            rest, k = divmod(rest, len(domain.values))
            values.insert(0, domain.values[k])
        if where is None or eval(where, dict(zip(params, values))):
            emit_run(index, values)
        else:
            print("none", index, sep="\t")


def emit_random(params, seed, trials, where=None, most=2000):
    emit_spec(params, where, f", method: random, trials: {trials}, seed: {seed}")
    for index in list(range(min(trials, most))) + [trials, 2 * trials - 1]:
        for attempt in range(ATTEMPTS):
            values = [d.draw(bits(seed, name, index % trials, attempt)) for name, d in params.items()]
            if where is None or eval(where, dict(zip(params, values))):
                emit_run(index, values)
                break
        else:
            print("none", index, sep="\t")


def some_range(rng):
    digits = rng.randrange(0, 9)
    scale = Decimal(1).scaleb(-digits)
    step = rng.randrange(1, 500) * scale
    first = rng.randrange(-3000, 3000) * scale
    last = first + step * rng.randrange(0, 40) + step * rng.randrange(0, 100) / 100
    return Range(*(format(x.normalize(), "f") if x == x.to_integral() else str(x) for x in (first, last, step)))


def main(seed):
    rng = random.Random(seed)
    emit_grid({"a": Range("0.1", "0.5", "0.1")})
    emit_grid({"a": Range("0", "1", "0.01"), "b": Range("-0.3", "0.3", "0.1")})
    emit_grid({"a": Listed([1, 2.5, "x", True, None]), "b": Listed([7]), "c": Range("-5", "5", "3")})
    emit_grid({"fast": Range("5", "50", "1"), "slow": Range("10", "200", "10")}, "fast < slow")
    emit_grid({"a": Range("1e-7", "1e-6", "1e-7"), "b": LogRange(0.001, 1.0, 7), "c": LogRange(3.0, 700.0, 11)})
    for _ in range(60):
        emit_grid({"a": some_range(rng), "b": some_range(rng)}, most=200)
    everything = {"u": Uniform(0.0, 1.0), "v": Uniform(-1e6, 1e-3), "l": LogUniform(1e-6, 1e3), "i": Integer(-3, 3),
                  "w": Integer(-2**63, 2**63 - 1), "c": Listed(["x", 5, 0.5, None], "choice"), "r": Range("0.1", "2", "0.1"),
                  "g": LogRange(1.0, 10.0, 5), "k": Listed([50])}
    for number in (0, 1, 42, 2**63 - 1):
        emit_random(everything, number, 2**40)
    emit_random({"fast": Integer(1, 100), "slow": Integer(1, 100)}, 3, 5000, "fast + 40 < slow")
    emit_random({"x": Uniform(0.0, 1.0)}, 9, 60, "x < 0.001")


if __name__ == "__main__":
    main(int(sys.argv[1]))
