/* Time as UTC milliseconds. Civil dates are computed by day counting in 400-year eras that begin on 1 March
 * (so that the leap day ends a year), which needs no table and no time zone data. */
#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t floor_divide(int64_t a, int64_t b) {
    int64_t q = a / b;
    return a % b < 0 ? q - 1 : q;
}

int64_t clock_utc_day(int64_t ms) {
    return floor_divide(ms, MS_PER_DAY);
}

enum { DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468 /* from 0000-03-01 */ };

void clock_civil_from_day(int64_t day, int *year, int *month, int *day_of_month) {
    int64_t shifted = day + DAYS_TO_1970;
    int64_t era = floor_divide(shifted, DAYS_PER_ERA);
    int in_era = (int)(shifted - era * DAYS_PER_ERA);
    int year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * in_year + 2) / 153;
    *day_of_month = in_year - (153 * month_from_march + 2) / 5 + 1;
    *month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *year = (int)(era * 400) + year_of_era + (*month <= 2);
}

int64_t clock_day_from_civil(int year, int month, int day_of_month) {
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_divide(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day_of_month - 1;
    return era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + in_year -
           DAYS_TO_1970;
}

size_t clock_format_date(char out[CLOCK_TEXT_MAX], int64_t ms) {
    int year, month, day;
    clock_civil_from_day(clock_utc_day(ms), &year, &month, &day);
    return (size_t)snprintf(out, CLOCK_TEXT_MAX, "%04d-%02d-%02d", year, month, day);
}

/* Two digits and a separator: the format's numbers are written by hand because every kline a strategy looks
 * at needs one. */
static char *put_two(char *out, int value, char after) {
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
    out[2] = after;
    return out + 3;
}

size_t clock_format_iso(char out[CLOCK_TEXT_MAX], int64_t ms) {
    int year, month, day;
    int64_t utc_day = clock_utc_day(ms);
    clock_civil_from_day(utc_day, &year, &month, &day);
    int in_day = (int)(ms - utc_day * MS_PER_DAY);
    char *p = out;
    if (year >= 0 && year <= 9999) {
        p = put_two(p, year / 100, '0') - 1;
        p = put_two(p, year % 100, '-');
    } else {
        p += snprintf(p, 12, "%04d-", year);
    }
    p = put_two(p, month, '-');
    p = put_two(p, day, 'T');
    p = put_two(p, in_day / 3600000, ':');
    p = put_two(p, in_day / 60000 % 60, ':');
    p = put_two(p, in_day / 1000 % 60, '.');
    int fraction = in_day % 1000;
    if (fraction) {
        *p++ = (char)('0' + fraction / 100);
        p = put_two(p, fraction % 100, '0');
        *p++ = '0';
        *p++ = '0';
    } else {
        p--; /* no '.' */
    }
    memcpy(p, "+00:00", 7);
    return (size_t)(p - out) + 6;
}

/* Exactly `count` digits at *p, in [low, high]. */
static bool read_digits(const char **p, int count, int low, int high, int *out) {
    int value = 0;
    for (int i = 0; i < count; i++, (*p)++) {
        if (!isdigit((unsigned char)**p)) return false;
        value = value * 10 + (**p - '0');
    }
    *out = value;
    return value >= low && value <= high;
}

static int days_in_month(int year, int month) {
    int next_year = month == 12 ? year + 1 : year, next = month == 12 ? 1 : month + 1;
    return (int)(clock_day_from_civil(next_year, next, 1) - clock_day_from_civil(year, month, 1));
}

/* .123456: up to nine digits, those after the third are dropped. */
static bool read_fraction(const char **p, int *ms) {
    int digits = 0;
    *ms = 0;
    for (; isdigit((unsigned char)**p); (*p)++, digits++)
        if (digits < 3) *ms = *ms * 10 + (**p - '0');
    if (digits == 0 || digits > 9) return false;
    for (int i = digits; i < 3; i++)
        *ms *= 10;
    return true;
}

/* Z, +hh:mm or nothing. */
static bool read_offset(const char **p, int64_t *ms) {
    *ms = 0;
    if (**p == 'Z' || **p == 'z') {
        (*p)++;
        return true;
    }
    if (**p != '+' && **p != '-') return true;
    int sign = **p == '-' ? -1 : 1, hours, minutes;
    (*p)++;
    if (!read_digits(p, 2, 0, 23, &hours) || *(*p)++ != ':' || !read_digits(p, 2, 0, 59, &minutes))
        return false;
    *ms = sign * (hours * INT64_C(3600000) + minutes * INT64_C(60000));
    return true;
}

static bool read_time(const char **p, int64_t *ms) {
    int hours, minutes, seconds = 0, fraction = 0;
    int64_t offset;
    if (!read_digits(p, 2, 0, 23, &hours) || **p != ':') return false;
    (*p)++;
    if (!read_digits(p, 2, 0, 59, &minutes)) return false;
    if (**p == ':') {
        (*p)++;
        if (!read_digits(p, 2, 0, 59, &seconds)) return false;
        if (**p == '.') {
            (*p)++;
            if (!read_fraction(p, &fraction)) return false;
        }
    }
    if (!read_offset(p, &offset)) return false;
    *ms = hours * INT64_C(3600000) + minutes * INT64_C(60000) + seconds * INT64_C(1000) + fraction - offset;
    return true;
}

static bool read_date_time(int64_t *ms, const char *p) {
    int year, month = 1, day = 1;
    int64_t time = 0;
    if (!read_digits(&p, 4, 1, 9999, &year)) return false;
    if (*p == '-') {
        p++;
        if (!read_digits(&p, 2, 1, 12, &month)) return false;
        if (*p == '-') {
            p++;
            if (!read_digits(&p, 2, 1, days_in_month(year, month), &day)) return false;
            if (*p == 'T' || *p == 't' || *p == ' ') {
                p++;
                if (!read_time(&p, &time)) return false;
            }
        }
    }
    if (*p) return false;
    *ms = clock_day_from_civil(year, month, day) * MS_PER_DAY + time;
    return true;
}

/* Integer milliseconds of 6 to 18 digits: shorter ones would be years or mistakes, longer ones other units.
 */
static bool read_epoch(int64_t *ms, const char *text) {
    bool negative = *text == '-';
    const char *digits = text + negative;
    size_t count = strspn(digits, "0123456789");
    if (count < 6 || count > 18 || digits[count]) return false;
    int64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    *ms = negative ? -value : value;
    return true;
}

bool clock_parse(int64_t *ms, const char *text) {
    return read_epoch(ms, text) || read_date_time(ms, text);
}

static int64_t read_clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int64_t clock_monotonic_ns(void) {
    return read_clock_ns(CLOCK_MONOTONIC);
}

int64_t clock_realtime_ms(void) {
    return read_clock_ns(CLOCK_REALTIME) / 1000000;
}

int64_t clock_thread_cpu_ns(void) {
    return read_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

struct timespec clock_in(clockid_t clock, int64_t ms) {
    struct timespec at;
    clock_gettime(clock, &at);
    at.tv_nsec += ms % 1000 * 1000000;
    at.tv_sec += ms / 1000 + at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}
