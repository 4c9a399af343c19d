/* Indicator values of consecutive bars at once: each lane is one bar's window, and goes through exactly the
 * operations of indicator.c in their order, so that the bits are the same whatever the width of the machine's
 * vectors. */
#ifndef INDICATOR_LANES_H
#define INDICATOR_LANES_H

#include <stddef.h>

enum { LANES = 32 };

/* x[k + j] is value k of lane j's window: LANES + window - 1 values are read, all finite and below 2^900.
 * Seeds are the simple averages that the formulas start from, one a lane. */

/* EMA over `window` values, seeded with the average of the first `period`. */
void lanes_ema(double out[LANES], const double *x, const double seed[LANES], size_t period, size_t window);
void lanes_macd(double line[LANES], double signal_line[LANES], const double *x, const double fast_seed[LANES],
                const double slow_seed[LANES], size_t fast, size_t slow, size_t signal, size_t window);
/* indicator_deviation of the n values around each lane's middle. */
void lanes_deviation(double out[LANES], const double *x, const double middle[LANES], size_t n);

#endif
