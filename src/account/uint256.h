/* The wide integers behind decimal.c: what products and quotients of 38-digit numbers need, and no more. */
#ifndef ACCOUNT_UINT256_H
#define ACCOUNT_UINT256_H

#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 uint128;

struct uint256 {
    uint64_t limb[4]; /* lowest first */
};

static inline int uint128_bits(uint128 x) {
    uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;
    if (high) return 128 - __builtin_clzll(high);
    return low ? 64 - __builtin_clzll(low) : 0;
}

static inline struct uint256 uint256_from(uint128 x) {
    return (struct uint256){{(uint64_t)x, (uint64_t)(x >> 64), 0, 0}};
}

static inline bool uint256_fits_128(struct uint256 x) {
    return (x.limb[2] | x.limb[3]) == 0;
}

static inline uint128 uint256_low(struct uint256 x) {
    return (uint128)x.limb[1] << 64 | x.limb[0];
}

static inline int uint256_bits(struct uint256 x) {
    uint128 high = (uint128)x.limb[3] << 64 | x.limb[2];
    return high ? 128 + uint128_bits(high) : uint128_bits(uint256_low(x));
}

static inline struct uint256 uint256_multiply(uint128 a, uint128 b) {
    uint64_t a0 = (uint64_t)a, a1 = (uint64_t)(a >> 64), b0 = (uint64_t)b, b1 = (uint64_t)(b >> 64);
    uint128 low = (uint128)a0 * b0, cross = (uint128)a1 * b0, other = (uint128)a0 * b1;
    uint128 middle = (low >> 64) + (uint64_t)cross + (uint64_t)other;
    uint128 high = (uint128)a1 * b1 + (cross >> 64) + (other >> 64) + (middle >> 64);
    return (struct uint256){{(uint64_t)low, (uint64_t)middle, (uint64_t)high, (uint64_t)(high >> 64)}};
}

static inline int uint256_compare(struct uint256 a, struct uint256 b) {
    for (int i = 3; i >= 0; i--)
        if (a.limb[i] != b.limb[i]) return a.limb[i] < b.limb[i] ? -1 : 1;
    return 0;
}

/* The sum must fit. */
static inline struct uint256 uint256_add(struct uint256 a, struct uint256 b) {
    uint128 carry = 0;
    for (int i = 0; i < 4; i++) {
        carry += (uint128)a.limb[i] + b.limb[i];
        a.limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return a;
}

/* a >= b. */
static inline struct uint256 uint256_subtract(struct uint256 a, struct uint256 b) {
    uint64_t borrow = 0;
    for (int i = 0; i < 4; i++) {
        uint128 difference = (uint128)a.limb[i] - b.limb[i] - borrow;
        a.limb[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return a;
}

/* (high * 2^64 + low) / divisor with high < divisor, so that the quotient fits. The compiler has no way to
 * know that and would call its 128-bit division. */
static inline uint64_t divide_limbs(uint64_t high, uint64_t low, uint64_t divisor, uint64_t *remainder) {
#if defined(__x86_64__)
    uint64_t quotient;
    __asm__("divq %4" : "=a"(quotient), "=d"(*remainder) : "a"(low), "d"(high), "r"(divisor) : "cc");
    return quotient;
#else
    uint128 dividend = (uint128)high << 64 | low;
    *remainder = (uint64_t)(dividend % divisor);
    return (uint64_t)(dividend / divisor);
#endif
}

/* x /= divisor; returns the remainder. */
static inline uint64_t uint256_divide_small(struct uint256 *x, uint64_t divisor) {
    uint64_t remainder = 0;
    for (int i = 3; i >= 0; i--) {
        if (remainder == 0 && x->limb[i] < divisor) {
            remainder = x->limb[i];
            x->limb[i] = 0;
        } else {
            x->limb[i] = divide_limbs(remainder, x->limb[i], divisor, &remainder);
        }
    }
    return remainder;
}

static inline uint64_t uint128_divide_small(uint128 *x, uint64_t divisor) {
    uint64_t high = (uint64_t)(*x >> 64), remainder = high % divisor;
    uint64_t low = divide_limbs(remainder, (uint64_t)*x, divisor, &remainder);
    *x = (uint128)(high / divisor) << 64 | low;
    return remainder;
}

/* One digit of Knuth's algorithm D (TAOCP 4.3.1) in base 2^64: part[0..2] = part mod divisor, returns the
 * quotient < 2^64. The divisor's top bit is set and part < divisor * 2^64. */
static inline uint64_t divide_step(uint64_t part[3], uint128 divisor) {
    uint64_t top = (uint64_t)(divisor >> 64), bottom = (uint64_t)divisor;
    uint64_t quotient, rest;
    bool rest_overflows = false;
    if (part[2] >= top) {
        quotient = UINT64_MAX;
        rest_overflows = __builtin_add_overflow(part[1], top, &rest); /* part[2] == top here */
    } else {
        quotient = divide_limbs(part[2], part[1], top, &rest);
    }
    while (!rest_overflows && (uint128)quotient * bottom > ((uint128)rest << 64 | part[0])) {
        quotient--;
        rest_overflows = __builtin_add_overflow(rest, top, &rest);
    }
    /* exact from here on: what remains is below the divisor, so that arithmetic modulo 2^128 gives it */
    uint128 remainder = ((uint128)part[1] << 64 | part[0]) - (uint128)quotient * bottom -
                        ((uint128)(uint64_t)(quotient * top) << 64);
    part[0] = (uint64_t)remainder;
    part[1] = (uint64_t)(remainder >> 64);
    part[2] = 0;
    return quotient;
}

/* dividend / divisor, both quotient and remainder; the quotient must fit 128 bits, the divisor is not 0. */
static inline uint128 uint256_divide(struct uint256 dividend, uint128 divisor, uint128 *remainder) {
    if (divisor >> 64 == 0) {
        *remainder = uint256_divide_small(&dividend, (uint64_t)divisor);
        return uint256_low(dividend);
    }
    int shift = 128 - uint128_bits(divisor);
    divisor <<= shift;
    uint64_t digits[5]; /* the dividend, shifted alike */
    digits[4] = shift ? dividend.limb[3] >> (64 - shift) : 0;
    for (int i = 3; i > 0; i--)
        digits[i] =
            shift ? dividend.limb[i] << shift | dividend.limb[i - 1] >> (64 - shift) : dividend.limb[i];
    digits[0] = dividend.limb[0] << shift;
    uint128 quotient = 0;
    for (int i = 2; i >= 0; i--)
        quotient = quotient << 64 | divide_step(digits + i, divisor);
    *remainder = ((uint128)digits[1] << 64 | digits[0]) >> shift;
    return quotient;
}

#endif
