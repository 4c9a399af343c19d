/* The candles a request asks for, wherever they are: in the mapped store, else in the database. */
#ifndef SERVER_KLINES_KLINE_SLICE_H
#define SERVER_KLINES_KLINE_SLICE_H

#include "server/http/request.h"
#include "server/klines/kline_catalogue.h"
#include "server/klines/kline_postgres.h"

/* No more than one above this are read from the database, whatever the range's limit. */
enum { DATABASE_CANDLES_MAX = 1000000 };

/* Zero-initialised by try and open; kline_slice_close releases. */
struct kline_slice {
    struct series view;          /* the candles asked for; symbol as the store spells it */
    struct held_series *held;    /* stored ones */
    struct kline_columns read;   /* those of the database */
    char version[ETAG_MAX - 16]; /* says which candles of which content these are */
};

/* Event loop: false if they are not mapped. symbol and interval as the client wrote them. */
bool kline_slice_try(struct kline_slice *out, struct kline_catalogue *catalogue, const char *symbol,
                     const char *interval, const struct kline_range *range);
/* After the last look at the candles: false if their file was written to or cut short meanwhile, and the
 * answer is 503. */
bool kline_slice_check(const struct kline_slice *slice, struct request *request);
/* 503: a stored series whose file cannot be read; it is being copied over, or damaged. */
void kline_unreadable(struct request *request, const char *symbol, enum interval interval, const char *why);
/* Pool thread. A symbol that is known without that interval: no candles. False: the answer is an error (400
 * unknown symbol or interval, 502 the database, 503 kline_unreadable). */
bool kline_slice_open(struct kline_slice *out, struct request *request, const char *symbol,
                      const char *interval, const struct kline_range *range);
void kline_slice_close(struct kline_slice *slice);

#endif
