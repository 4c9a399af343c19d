/* Random numbers by counter: the bits are a function of (seed, stream, index, attempt, position) and of
 * nothing else, so that any run can be drawn alone, on any thread and machine.
 *
 * Philox4x32-10 of J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * SC'11. A generator with state would have to be run through to reach run i. */
#ifndef SWEEP_DRAW_H
#define SWEEP_DRAW_H

#include <stdint.h>

struct draw {
    uint32_t key[2];
    uint64_t index;
    uint32_t attempt, block; /* block: which 128 bits of this (key, index, attempt) come next */
    uint64_t bits[2];
    int left; /* of bits, not yet given out */
};

/* stream: whose numbers they are, a parameter's name. */
struct draw draw_begin(uint64_t seed, const char *stream, uint64_t index, uint32_t attempt);
/* 64 uniform bits. */
uint64_t draw_bits(struct draw *draw);
/* k / 2^53 with 0 <= k < 2^53. */
double draw_unit(struct draw *draw);
/* Uniform in [0, limit), limit > 0: D. Lemire, "Fast random integer generation in an interval", ACM TOMACS
 * 29(1), 2019. */
uint64_t draw_below(struct draw *draw, uint64_t limit);

/* One block: 10 rounds over counter with key. */
void draw_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

#endif
