/* The union of the store's list and the database's tables. Both are sorted; made anew for a request, as it is
 * small and needed only where a cached answer does not serve. */
#include "server/klines/kline_known.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SYMBOLS_SHOWN = 30 };

static int compare_series(const char *symbol, enum interval interval, const char *other, enum interval than) {
    int order = strcmp(symbol, other);
    return order ? order : (int)interval - (int)than;
}

static void add(struct known_list *list, const char *symbol, enum interval interval, bool is_stored) {
    struct known_series *item = &list->items[list->count++];
    memcpy(item->symbol, symbol, strlen(symbol) + 1);
    item->interval = interval;
    item->is_stored = is_stored;
}

/* tables may be NULL. */
static bool join(struct known_list *out, const struct kline_list *stored, const struct kline_tables *tables) {
    size_t table_count = tables ? tables->count : 0, i = 0, k = 0;
    out->items = calloc(stored->count + table_count + 1, sizeof *out->items);
    out->store_generation = stored->generation;
    out->table_generation = tables ? tables->generation : 0;
    while (out->items && (i < stored->count || k < table_count)) {
        const struct series_info *info = i < stored->count ? &stored->items[i] : NULL;
        const struct kline_table_name *name = k < table_count ? &tables->names[k] : NULL;
        int order = !info   ? 1
                    : !name ? -1
                            : compare_series(info->symbol, info->interval, name->symbol, name->interval);
        if (order <= 0)
            add(out, info->symbol, info->interval, true);
        else
            add(out, name->symbol, name->interval, false);
        i += order <= 0;
        k += order >= 0;
    }
    return out->items != NULL;
}

bool known_try(struct known_list *out, struct kline_catalogue *catalogue) {
    struct kline_postgres *postgres = kline_catalogue_postgres(catalogue);
    *out = (struct known_list){0};
    if (!kline_catalogue_is_fresh(catalogue)) return false;
    const struct kline_tables *tables = postgres ? kline_postgres_tables_try(postgres) : NULL;
    if (postgres && !tables) return false;
    const struct kline_list *stored = kline_catalogue_list(catalogue);
    bool done = join(out, stored, tables);
    kline_list_release(stored);
    kline_tables_release(tables);
    return done;
}

status known_get(struct known_list *out, struct kline_catalogue *catalogue, struct error *err) {
    struct kline_postgres *postgres = kline_catalogue_postgres(catalogue);
    const struct kline_tables *tables = NULL;
    *out = (struct known_list){0};
    if (!kline_catalogue_is_fresh(catalogue)) kline_catalogue_look(catalogue, NULL);
    status rc = postgres ? kline_postgres_tables(&tables, postgres, err) : OK;
    const struct kline_list *stored = kline_catalogue_list(catalogue);
    if (!join(out, stored, tables)) rc = error_set(err, ERR_MEMORY, "out of memory");
    kline_list_release(stored);
    kline_tables_release(tables);
    return rc;
}

void known_clear(struct known_list *list) {
    free(list->items);
    *list = (struct known_list){0};
}

const char *known_symbol(const struct known_list *list, const char *symbol) {
    const char *near = NULL;
    bool is_ambiguous = false;
    for (size_t i = 0; i < list->count; i++) {
        const char *name = list->items[i].symbol;
        if (strcasecmp(name, symbol) != 0) continue;
        if (strcmp(name, symbol) == 0) return name;
        is_ambiguous |= near && strcmp(near, name) != 0;
        near = name;
    }
    return is_ambiguous ? NULL : near;
}

void known_symbols_text(struct text *out, const struct known_list *list) {
    const char *last = "";
    size_t shown = 0, more = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].symbol, last) == 0) continue;
        last = list->items[i].symbol;
        if (shown == SYMBOLS_SHOWN)
            more++;
        else
            text_printf(out, "%s%s", shown++ ? ", " : "", last);
    }
    if (more) text_printf(out, " and %zu more", more);
    if (!shown) text_add_string(out, "none, the store is empty");
}

void known_intervals_text(struct text *out) {
    for (int i = 0; i < INTERVAL_COUNT; i++)
        text_printf(out, "%s%s", i ? ", " : "", interval_name((enum interval)i));
}
