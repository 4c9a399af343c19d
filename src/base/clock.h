/* Time: UTC milliseconds since 1970 <-> ISO-8601 text, and the monotonic clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { CLOCK_TEXT_MAX = 40 };
#define MS_PER_DAY INT64_C(86400000)

/* As Python's datetime.isoformat() of an aware UTC time: 2024-01-01T00:00:00+00:00, with milliseconds
 * 2024-01-01T00:00:00.999000+00:00. NUL-terminated; returns the length. */
size_t clock_format_iso(char out[CLOCK_TEXT_MAX], int64_t ms);
/* YYYY-MM-DD of the UTC day. */
size_t clock_format_date(char out[CLOCK_TEXT_MAX], int64_t ms);
/* Days since 1970-01-01, floored (also for times before 1970). */
int64_t clock_utc_day(int64_t ms);
/* Civil date of a day number and back (proleptic Gregorian; month 1-12, day 1-31). */
void clock_civil_from_day(int64_t day, int *year, int *month, int *day_of_month);
int64_t clock_day_from_civil(int year, int month, int day_of_month);
/* Accepts 2024, 2024-01, 2024-01-31, 2024-01-31T12:30[:45[.123456]], a space instead of T, a trailing Z or
 * +hh:mm (UTC where there is none), or integer epoch milliseconds (>= 6 digits). False if it is none of
 * these. */
bool clock_parse(int64_t *ms, const char *text);
/* CLOCK_MONOTONIC / CLOCK_REALTIME / this thread's CPU time. */
int64_t clock_monotonic_ns(void);
int64_t clock_realtime_ms(void);
int64_t clock_thread_cpu_ns(void);
/* ms from now by that clock: for pthread_cond_timedwait (whose clock is CLOCK_REALTIME unless set). */
struct timespec clock_in(clockid_t clock, int64_t ms);

#endif
