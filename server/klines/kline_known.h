/* Every series that can be asked for: what the store holds and what the database behind it has. */
#ifndef SERVER_KLINES_KLINE_KNOWN_H
#define SERVER_KLINES_KLINE_KNOWN_H

#include "base/text.h"
#include "server/klines/kline_catalogue.h"
#include "server/klines/kline_postgres.h"

struct known_series {
    char symbol[SYMBOL_MAX];
    enum interval interval;
    bool is_stored; /* the store's wins where both have it */
};

struct known_list {
    size_t count;
    struct known_series *items;                  /* by symbol, then interval */
    uint64_t store_generation, table_generation; /* change with the content */
};

/* Event loop: false if something has to be looked up first. known_clear(out) either way. */
bool known_try(struct known_list *out, struct kline_catalogue *catalogue);
/* Pool thread. A database that does not answer is an error, with the store's series (and the tables known
 * before) in *out all the same. */
status known_get(struct known_list *out, struct kline_catalogue *catalogue, struct error *err);
void known_clear(struct known_list *list);

/* How a symbol is spelled that is known in these letters, or in other ones (lower case) without ambiguity;
 * NULL: unknown. Borrowed from the list. */
const char *known_symbol(const struct known_list *list, const char *symbol);
/* The symbols, each once, as "A, B, C": the first ones, then how many more. In text to be cleared. */
void known_symbols_text(struct text *out, const struct known_list *list);
/* All intervals, "1m, 3m, ...". */
void known_intervals_text(struct text *out);

#endif
