/* Figures for people (percentages, money with thousands, durations, dates) and for programs. */
#ifndef RESULTS_METRIC_TEXT_H
#define RESULTS_METRIC_TEXT_H

#include "base/text.h"
#include "kmill/metrics.h"

/* A metric's value by its unit: 12.34 %, 10,234.56, 42, 1.234, 3d 4h, 2024-01-31 12:00; "-" for NaN. */
void metric_text_add(struct text *out, enum metric metric, double value);
/* 1,234,567.89 with `decimals` digits. */
void metric_text_add_grouped(struct text *out, double value, int decimals);
/* Up to two units: 3d 4h, 2h 30m, 45s, 12 ms. */
void metric_text_add_duration(struct text *out, double ms);
/* 2024-01-31 12:00 (seconds where they are not 0), UTC. */
void metric_text_add_time(struct text *out, int64_t ms);
/* As a JSON value: counts and bars are whole, start and end ISO-8601 texts, other numbers in their shortest
 * round-trip form (durations in ms), NaN null. Without the quotes also what CSV shows. */
void metric_text_add_json(struct text *out, enum metric metric, double value);
/* True for start and end, which are points in time. */
bool metric_is_time(enum metric metric);

#endif
