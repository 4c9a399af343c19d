"""Doubles for test_text.c: one a line, its bits in hex and repr(float). Argument: how many random ones."""

import random
import struct
import sys


def doubles(count):
    yield from (0.0, -0.0, 5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308)
    for power in range(-1074, 1024):  # powers of two and their neighbours: uneven rounding intervals
        (bits,) = struct.unpack("<q", struct.pack("<d", 2.0**power))
        for neighbour in range(max(bits - 2, 0), bits + 3):
            yield struct.unpack("<d", struct.pack("<q", neighbour))[0]
    for power in range(-323, 309):
        for digit in range(1, 10):
            yield float(f"{digit}e{power}")
    for power in range(50, 64):
        yield from (float(2**power + step) for step in range(-40, 41))
    draw = random.Random(1)
    for _ in range(count // 5):
        yield struct.unpack("<d", struct.pack("<Q", draw.getrandbits(64)))[0]
        yield struct.unpack("<d", struct.pack("<Q", draw.getrandbits(52)))[0]  # subnormal
        yield round(draw.uniform(0, 10 ** draw.randrange(1, 9)), draw.randrange(9))  # prices
        yield float(draw.randrange(10 ** draw.randrange(1, 20)))
        yield draw.lognormvariate(0, 20)


def main():
    lines = []
    for value in doubles(int(sys.argv[1])):
        if value - value == 0:  # finite
            lines.append("%016x %r\n" % (struct.unpack("<Q", struct.pack("<d", value))[0], value))
    sys.stdout.writelines(lines)


main()
