/* A page of candles, written by hand into one buffer that is large enough from the start: a page is what a
 * client asks for most, and a general writer costs three times as much.
 *
 * Numbers: prices and volumes are decimals of at most eight places. If value * 10^8 rounds to an integer n
 * below 10^15 and n / 10^8 is the value again, then n's digits are the shortest that read back (two decimals
 * of up to 15 digits never are the same double), and they need no search. Everything else goes through
 * double_to_text. Digits come in fours from a table of 40 kB; making them by multiplication takes a page half
 * as long again.
 *
 * Times: the date is made once a day of candles. */
#include "server/klines/kline_page.h"

#include "base/clock.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keys and punctuation 215, two times and eight doubles of at most 40 and 32, one integer of 20. */
enum { CANDLE_MAX = 640, HEAD_MAX = 512 };

/* ---- digits ---- */

#define ZEROS UINT64_C(0x3030303030303030)

/* The four digits of each number below 10^4, one a byte, the first one in the lowest byte. */
static uint32_t four_digits[10000];
static pthread_once_t digits_made = PTHREAD_ONCE_INIT;

static void make_digits(void) {
    for (uint32_t i = 0; i < 10000; i++)
        four_digits[i] = i / 1000 | i / 100 % 10 << 8 | i / 10 % 10 << 16 | i % 10 << 24;
}

/* The eight digits of value < 10^8 in the same way. */
static inline uint64_t eight_digits(uint32_t value) {
    return four_digits[value / 10000] | (uint64_t)four_digits[value % 10000] << 32;
}

/* Without leading zeros. May write eight bytes. */
static inline char *put_small(char *p, uint32_t value) {
    uint64_t digits = eight_digits(value);
    int leading = __builtin_ctzll(digits | UINT64_C(1) << 56) / 8;
    digits = (digits | ZEROS) >> (8 * leading);
    memcpy(p, &digits, sizeof digits);
    return p + 8 - leading;
}

/* n / 10^8 with one decimal at least. */
static inline char *put_fixed(char *p, uint64_t n) {
    p = put_small(p, (uint32_t)(n / 100000000));
    *p++ = '.';
    uint64_t digits = eight_digits((uint32_t)(n % 100000000));
    int trailing = __builtin_clzll(digits | 1) / 8;
    digits |= ZEROS;
    memcpy(p, &digits, sizeof digits);
    return p + 8 - trailing;
}

static char *put_other_double(char *p, double value) {
    if (isfinite(value)) return p + double_to_text(p, value);
    memcpy(p, "null", 4);
    return p + 4;
}

/* Below 10^-4 the shortest form has an exponent; from 10^7 on n has more than 15 digits. */
static inline char *put_double(char *p, double value) {
    if (value >= 1e-4 && value < 1e7) {
        int64_t n = (int64_t)(value * 1e8 + 0.5);
        if ((double)n / 1e8 == value) return put_fixed(p, (uint64_t)n);
    }
    return put_other_double(p, value);
}

static inline char *put_count(char *p, int64_t value) {
    if (value >= 0 && value < 100000000) return put_small(p, (uint32_t)value);
    if (value == -1) {
        memcpy(p, "null", 4);
        return p + 4;
    }
    return p + sprintf(p, "%lld", (long long)value);
}

/* ---- times ---- */

/* "00:00:00" and ".000000", the first byte lowest. */
#define CLOCK_ZEROS UINT64_C(0x30303a30303a3030)
#define FRACTION_ZEROS UINT64_C(0x303030303030302e)

/* The date of the time written last. */
struct day_text {
    int64_t start; /* ms of its midnight; of none yet: further from any time than a day */
    size_t length;
    char text[CLOCK_TEXT_MAX]; /* 2024-01-01T */
};

static struct day_text no_day(void) {
    return (struct day_text){.start = INT64_MIN};
}

static void set_day(struct day_text *date, int64_t day) {
    date->start = day * MS_PER_DAY;
    date->length = clock_format_date(date->text, date->start);
    date->text[date->length++] = 'T';
}

/* Of the day of date; of another one: a day or more. */
static inline uint64_t ms_of_day(const struct day_text *date, int64_t ms) {
    return (uint64_t)ms - (uint64_t)date->start;
}

/* As clock_format_iso. */
static inline char *put_time(char *p, struct day_text *date, int64_t ms) {
    if (ms_of_day(date, ms) >= (uint64_t)MS_PER_DAY) set_day(date, clock_utc_day(ms));
    memcpy(p, date->text, sizeof date->text);
    p += date->length;
    uint32_t in_day = (uint32_t)ms_of_day(date, ms), seconds = in_day / 1000, fraction = in_day % 1000;
    uint32_t minutes = seconds / 60;
    uint64_t hour_minute = four_digits[minutes / 60 * 100 + minutes % 60], second = four_digits[seconds % 60];
    uint64_t clock = (hour_minute & 0xffff) | hour_minute >> 16 << 24 | second >> 16 << 48 | CLOCK_ZEROS;
    memcpy(p, &clock, sizeof clock);
    p += sizeof clock;
    if (fraction) {
        uint64_t digits = four_digits[fraction] | FRACTION_ZEROS;
        memcpy(p, &digits, sizeof digits);
        p += 7;
    }
    memcpy(p, "+00:00", 6);
    return p + 6;
}

/* ---- JSON ---- */

#define PUT(p, literal) ((char *)memcpy(p, literal, sizeof(literal) - 1) + sizeof(literal) - 1)

static inline char *put_candle_json(char *p, struct day_text *opens, struct day_text *closes,
                                    const struct series *s, size_t i) {
    p = PUT(p, "{\"open_time\":\"");
    p = put_time(p, opens, s->open_time[i]);
    p = PUT(p, "\",\"open\":");
    p = put_double(p, s->open[i]);
    p = PUT(p, ",\"high\":");
    p = put_double(p, s->high[i]);
    p = PUT(p, ",\"low\":");
    p = put_double(p, s->low[i]);
    p = PUT(p, ",\"close\":");
    p = put_double(p, s->close[i]);
    p = PUT(p, ",\"volume\":");
    p = put_double(p, s->volume[i]);
    p = PUT(p, ",\"close_time\":\"");
    p = put_time(p, closes, s->close_time[i]);
    p = PUT(p, "\",\"quote_asset_volume\":");
    p = put_double(p, s->quote_volume[i]);
    p = PUT(p, ",\"number_of_trades\":");
    p = put_count(p, s->trades_count[i]);
    p = PUT(p, ",\"taker_buy_base_asset_volume\":");
    p = put_double(p, s->taker_buy_base[i]);
    p = PUT(p, ",\"taker_buy_quote_asset_volume\":");
    p = put_double(p, s->taker_buy_quote[i]);
    *p++ = '}';
    return p;
}

static void reserve(struct text *out, size_t bytes) {
    out->data = malloc(bytes);
    if (!out->data) {
        fputs("kmill: out of memory\n", stderr);
        abort();
    }
    out->length = 0;
    out->capacity = bytes;
}

static void finish(struct text *out, const char *end) {
    out->length = (size_t)(end - out->data);
    out->data[out->length] = '\0';
}

void kline_page_json(struct text *out, const struct series *series) {
    struct text symbol = {0};
    struct day_text opens = no_day(), closes = no_day();
    text_add_json_string(&symbol, series->symbol, strlen(series->symbol));
    pthread_once(&digits_made, make_digits);
    reserve(out, HEAD_MAX + symbol.length + series->count * CANDLE_MAX);
    char *p = out->data + sprintf(out->data, "{\"symbol\":%s,\"interval\":\"%s\",\"count\":%zu,\"data\":[",
                                  symbol.data, interval_name(series->interval), series->count);
    for (size_t i = 0; i < series->count; i++) {
        p = put_candle_json(p, &opens, &closes, series, i);
        *p++ = ',';
    }
    if (series->count) p--;
    p = PUT(p, "]}");
    finish(out, p);
    text_clear(&symbol);
}

/* ---- msgpack ---- */

static const char *const candle_keys[KLINE_COLUMN_COUNT] = {
    [KLINE_OPEN_TIME] = "open_time",
    [KLINE_OPEN] = "open",
    [KLINE_HIGH] = "high",
    [KLINE_LOW] = "low",
    [KLINE_CLOSE] = "close",
    [KLINE_VOLUME] = "volume",
    [KLINE_CLOSE_TIME] = "close_time",
    [KLINE_QUOTE_VOLUME] = "quote_asset_volume",
    [KLINE_TRADES_COUNT] = "number_of_trades",
    [KLINE_TAKER_BUY_BASE] = "taker_buy_base_asset_volume",
    [KLINE_TAKER_BUY_QUOTE] = "taker_buy_quote_asset_volume",
};

enum { PACK_FIXMAP = 0x80, PACK_FIXSTR = 0xa0, PACK_NIL = 0xc0, PACK_DOUBLE = 0xcb, PACK_UINT32 = 0xce };
enum { PACK_INT64 = 0xd3, PACK_STR8 = 0xd9, PACK_ARRAY32 = 0xdd };

static char *pack_u32(char *p, int type, uint32_t value) {
    uint32_t big = __builtin_bswap32(value);
    *p++ = (char)type;
    memcpy(p, &big, sizeof big);
    return p + sizeof big;
}

static char *pack_u64(char *p, int type, uint64_t value) {
    uint64_t big = __builtin_bswap64(value);
    *p++ = (char)type;
    memcpy(p, &big, sizeof big);
    return p + sizeof big;
}

static char *pack_string(char *p, const char *string) {
    size_t length = strlen(string); /* names only: below 256 */
    if (length < 32) {
        *p++ = (char)(PACK_FIXSTR | length);
    } else {
        *p++ = (char)PACK_STR8;
        *p++ = (char)length;
    }
    memcpy(p, string, length);
    return p + length;
}

static char *pack_time(char *p, struct day_text *date, int64_t ms) {
    char text[2 * CLOCK_TEXT_MAX];
    *put_time(text, date, ms) = '\0';
    return pack_string(p, text);
}

static char *pack_column(char *p, struct day_text *date, const struct series *series,
                         enum kline_column column, size_t i) {
    if (column == KLINE_OPEN_TIME) return pack_time(p, date, series->open_time[i]);
    if (column == KLINE_CLOSE_TIME) return pack_time(p, date, series->close_time[i]);
    if (column == KLINE_TRADES_COUNT) {
        int64_t count = series->trades_count[i];
        if (count >= 0 && count <= UINT32_MAX) return pack_u32(p, PACK_UINT32, (uint32_t)count);
        if (count != -1) return pack_u64(p, PACK_INT64, (uint64_t)count);
    } else {
        double value = series_column(series, column)[i];
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        if (isfinite(value)) return pack_u64(p, PACK_DOUBLE, bits);
    }
    *p++ = (char)PACK_NIL;
    return p;
}

void kline_page_msgpack(struct text *out, const struct series *series) {
    struct day_text dates[KLINE_COLUMN_COUNT];
    char keys[KLINE_COLUMN_COUNT][40];
    size_t lengths[KLINE_COLUMN_COUNT];
    for (int c = 0; c < KLINE_COLUMN_COUNT; c++) {
        lengths[c] = (size_t)(pack_string(keys[c], candle_keys[c]) - keys[c]);
        dates[c] = no_day();
    }
    pthread_once(&digits_made, make_digits);
    reserve(out, HEAD_MAX + series->count * CANDLE_MAX);
    char *p = out->data;
    *p++ = (char)(PACK_FIXMAP | 4);
    p = pack_string(pack_string(p, "symbol"), series->symbol);
    p = pack_string(pack_string(p, "interval"), interval_name(series->interval));
    p = pack_u32(pack_string(p, "count"), PACK_UINT32, (uint32_t)series->count);
    p = pack_u32(pack_string(p, "data"), PACK_ARRAY32, (uint32_t)series->count);
    for (size_t i = 0; i < series->count; i++) {
        *p++ = (char)(PACK_FIXMAP | KLINE_COLUMN_COUNT);
        for (int c = 0; c < KLINE_COLUMN_COUNT; c++) {
            memcpy(p, keys[c], lengths[c]);
            p = pack_column(p + lengths[c], &dates[c], series, (enum kline_column)c, i);
        }
    }
    finish(out, p);
}
