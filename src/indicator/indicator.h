/* Indicator values of one window, to the last bit what the pure-Python reference (strategies/kmill.py)
 * computes under CPython >= 3.12.
 *
 * `sum` there is Neumaier's compensated sum of floats starting from the int 0; where a sum is part of a
 * formula, that is what is meant. Every function takes the window as n doubles, oldest first, and returns
 * false for insufficient data (Python's None). Periods are >= 1: the caller has checked. The order of
 * operations is the contract: it reaches a result. */
#ifndef INDICATOR_INDICATOR_H
#define INDICATOR_INDICATOR_H

#include <stdbool.h>
#include <stddef.h>

/* CPython's sum(): compensated; n = 0 gives 0.0. */
double indicator_sum(const double *x, size_t n);

bool indicator_sma(double *out, const double *x, size_t n, size_t period);
bool indicator_ema(double *out, const double *x, size_t n, size_t period);
/* Needs period + 1 values. */
bool indicator_rsi(double *out, const double *x, size_t n, size_t period);
struct macd {
    double line, signal, histogram;
};
/* fast < slow. Needs slow + signal values. */
bool indicator_macd(struct macd *out, const double *x, size_t n, size_t fast, size_t slow, size_t signal);
struct bollinger {
    double upper, middle, lower;
};
bool indicator_bollinger(struct bollinger *out, const double *x, size_t n, size_t period, double k);
/* Needs period + 1 values of each. */
bool indicator_atr(double *out, const double *high, const double *low, const double *close, size_t n,
                   size_t period);

/* ---- parts of the formulas, for shared_columns.c ---- */

/* RSI from the sums of gains and losses over `period` changes. */
double indicator_rsi_of(double gain, double loss, size_t period);
/* Population standard deviation of n values around their mean: ((x - middle) ** 2 summed / n) ** 0.5. */
double indicator_deviation(const double *x, size_t n, double middle);
double indicator_true_range(double high, double low, double previous_close);

#endif
