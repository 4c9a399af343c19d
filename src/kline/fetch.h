/* Klines from the exchange's public archive: monthly and daily zips with checksum files, into the store. */
#ifndef KLINE_FETCH_H
#define KLINE_FETCH_H

#include "kline/import_csv.h"

#include <stddef.h>

#define FETCH_BASE_URL "https://data.binance.vision"

enum fetch_market { FETCH_SPOT, FETCH_USD_FUTURES, FETCH_COIN_FUTURES };

/* A calendar month, UTC. */
struct fetch_month {
    int year, month;
};

struct fetch_options {
    const char *symbol; /* as the exchange writes it */
    enum interval interval;
    enum fetch_market market;
    struct fetch_month from, to; /* inclusive; days that are not over are not asked for */
    const char *base_url;        /* without the /data/... */
    const char *cache;           /* folder where verified files stay */
    const char *store;
    bool replace; /* the stored series, instead of merging */
    /* All may be NULL. on_file: a file is there (downloaded or kept from before) or known to be missing,
     * `number` of at most `count`. on_note: one line the user should see. on_import: as of csv_options. */
    void (*on_file)(void *context, const char *name, size_t number, size_t count);
    void (*on_note)(void *context, const char *note);
    void (*on_import)(void *context, const struct csv_progress *progress);
    void *context;
};

struct fetch_result {
    size_t downloaded, kept; /* files loaded now, files verified from the cache */
    struct csv_result series;
};

/* Downloads what the cache lacks, verifies every file against its checksum file, and imports all of them:
 * after an error the store is as it was, and what was downloaded is kept for the next try. A month without a
 * monthly file is taken day by day. ERR_NOT_FOUND: nothing in the whole range; ERR_NETWORK: a server that
 * stays unreachable, or wrong checksums. */
status fetch_klines(struct fetch_result *out, const struct fetch_options *options, struct error *err);

#endif
