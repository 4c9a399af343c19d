/* The stored series, mapped on first use and again when a file was replaced, and the list of what the store
 * holds. */
#ifndef SERVER_KLINES_KLINE_CATALOGUE_H
#define SERVER_KLINES_KLINE_CATALOGUE_H

#include "kmill/store.h"
#include "server/settings.h"

struct event_hub;
struct kline_catalogue;
/* A store folder that is not there (yet) is an empty store. */
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
/* True also for a file that cannot be read, which no list has. symbol: as a client wrote it, or as stored. */
bool kline_catalogue_has_file(const struct kline_catalogue *catalogue, const char *symbol,
                              enum interval interval);
const struct series *held_series_view(const struct held_series *held);
const struct series_info *held_series_info(const struct held_series *held);
/* False if pages of its file were found gone (mapped_files.h): what was read may be zeros. */
bool held_series_is_whole(const struct held_series *held);
/* False also if the file was written to in place since it was mapped (one stat): what was read may be of
 * neither content. */
bool held_series_is_untouched(const struct held_series *held);
/* The stored check report, "" if none. */
const char *held_series_report(const struct held_series *held);
void held_series_release(struct held_series *held);

/* What the store held when it was last looked at, by symbol, then interval. Immutable; released by whoever
 * got it. Any thread. */
struct kline_list {
    uint64_t generation; /* another one whenever the content is another; never 0 */
    size_t count;
    struct series_info *items;
};
const struct kline_list *kline_catalogue_list(struct kline_catalogue *catalogue);
void kline_list_release(const struct kline_list *list);
/* The series of the list, NULL if there is none. symbol: as stored, or in other letters (upper, lower) where
 * only one symbol is spelled so. */
const struct series_info *kline_list_find(const struct kline_list *list, const char *symbol,
                                          enum interval interval);

/* Looks at the store's folders now; series that appeared or changed are published as `series` events (events
 * may be NULL: then by a later look). Without a change it costs a stat a symbol. A thread that may wait
 * (HDF5); the scanner calls it each second. */
void kline_catalogue_look(struct kline_catalogue *catalogue, struct event_hub *events);
/* False if the last look is more than two seconds ago: nobody looks by itself. */
bool kline_catalogue_is_fresh(const struct kline_catalogue *catalogue);

/* The database behind the store; NULL where there is none. */
struct kline_postgres;
struct kline_postgres *kline_catalogue_postgres(const struct kline_catalogue *catalogue);

#endif
