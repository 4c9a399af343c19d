"""Writes powers_of_ten.h: the first 128 bits of 10^k, rounded up.

    python3 powers_of_ten.py > powers_of_ten.h && clang-format -i powers_of_ten.h

10^k lies in [g - 1, g] * 2^(floor(log2(10^k)) - 127) with g in [2^127, 2^128); exact ones are not rounded. The range
covers what the shortest form of a double needs (-292 to 324) and every power that can take a 39-digit integer
into the range of double (-342 to 308).
"""

FIRST, LAST = -342, 324


def significand(k):
    if k >= 0:
        power = 10**k
        shift = power.bit_length() - 128
        return power << -shift if shift <= 0 else -(-power >> shift)
    divisor = 10**-k
    return -(-(1 << (divisor.bit_length() + 127)) // divisor)


print("/* Made by powers_of_ten.py: 128-bit significands of 10^k, rounded up; high word first. */")
print("#ifndef BASE_POWERS_OF_TEN_H\n#define BASE_POWERS_OF_TEN_H\n\n#include <stdint.h>\n")
print(f"enum {{ POWER_OF_TEN_FIRST = {FIRST}, POWER_OF_TEN_LAST = {LAST} }};\n")
print("static const uint64_t powers_of_ten[][2] = {")
for k in range(FIRST, LAST + 1):
    g = significand(k)
    assert g >> 127 == 1
    print(f"    {{0x{g >> 64:016x}, 0x{g & (2**64 - 1):016x}}},")
print("};\n\n#endif")
