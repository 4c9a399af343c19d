/* The stored series, mapped on first use and again when a file was replaced. */
#ifndef SERVER_KLINES_KLINE_CATALOGUE_H
#define SERVER_KLINES_KLINE_CATALOGUE_H

#include "kmill/store.h"
#include "server/settings.h"

struct kline_catalogue;
status kline_catalogue_open(struct kline_catalogue **out, const struct settings *settings, struct error *err);
void kline_catalogue_close(struct kline_catalogue *catalogue);

/* A held series stays mapped until released, also when its file is replaced meanwhile. */
struct held_series;
/* Event loop: the series if it is mapped and its file is still the same (one stat), NULL otherwise. */
struct held_series *kline_catalogue_try(struct kline_catalogue *catalogue, const char *symbol,
                                        enum interval interval);
/* Pool thread: maps it if need be. ERR_NOT_FOUND: the store has none. */
status kline_catalogue_hold(struct held_series **out, struct kline_catalogue *catalogue, const char *symbol,
                            enum interval interval, struct error *err);
const struct series *held_series_view(const struct held_series *held);
const struct series_info *held_series_info(const struct held_series *held);
void held_series_release(struct held_series *held);

#endif
