/* The values of one parameter: the k-th of a countable domain, or a random draw. Pure; any thread. */
#ifndef SWEEP_DOMAIN_H
#define SWEEP_DOMAIN_H

#include "sweep/draw.h"
#include "sweep/spec.h"

/* The k-th value, k < parameter->count. Text is borrowed from the spec. */
struct value domain_value(const struct parameter *parameter, uint64_t k);
/* A value from the generator: uniform over the domain (log-uniform where it says so). */
struct value domain_draw(const struct parameter *parameter, struct draw *draw);
/* True if only a random sweep can use it. */
bool domain_is_random_only(enum domain_kind kind);
/* repr(value) rounded to 12 significant digits, half to even: what sampled floats are, so that the last bit
 * of a libm does not reach a parameter. value is finite. */
double domain_round(double value);

/* Brings first, step and last of a RANGE to one exponent and counts its values. False: not exact within 36
 * digits, or more than 2^63 - 1 values. step > 0, first <= last. */
bool domain_prepare_range(struct parameter *parameter);

#endif
