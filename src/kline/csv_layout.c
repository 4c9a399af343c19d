/* Names of columns as exchanges, the public archives, databases and dataframes write them. A name that is not
 * known is refused: a column read as the wrong thing would go unnoticed. */
#include "kline/csv_layout.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Compared without case, spaces, '_' and '-'. */
static const struct {
    const char *name;
    unsigned char field;
} names[] = {
    {"opentime", KLINE_OPEN_TIME},
    {"timestamp", KLINE_OPEN_TIME},
    {"time", KLINE_OPEN_TIME},
    {"date", KLINE_OPEN_TIME},
    {"datetime", KLINE_OPEN_TIME},
    {"open", KLINE_OPEN},
    {"openprice", KLINE_OPEN},
    {"high", KLINE_HIGH},
    {"highprice", KLINE_HIGH},
    {"low", KLINE_LOW},
    {"lowprice", KLINE_LOW},
    {"close", KLINE_CLOSE},
    {"closeprice", KLINE_CLOSE},
    {"volume", KLINE_VOLUME},
    {"basevolume", KLINE_VOLUME},
    {"closetime", KLINE_CLOSE_TIME},
    {"quotevolume", KLINE_QUOTE_VOLUME},
    {"quoteassetvolume", KLINE_QUOTE_VOLUME},
    {"count", KLINE_TRADES_COUNT},
    {"trades", KLINE_TRADES_COUNT},
    {"tradescount", KLINE_TRADES_COUNT},
    {"numberoftrades", KLINE_TRADES_COUNT},
    {"takerbuyvolume", KLINE_TAKER_BUY_BASE},
    {"takerbuybase", KLINE_TAKER_BUY_BASE},
    {"takerbuybasevolume", KLINE_TAKER_BUY_BASE},
    {"takerbuybaseassetvolume", KLINE_TAKER_BUY_BASE},
    {"takerbuyquote", KLINE_TAKER_BUY_QUOTE},
    {"takerbuyquotevolume", KLINE_TAKER_BUY_QUOTE},
    {"takerbuyquoteassetvolume", KLINE_TAKER_BUY_QUOTE},
    {"ignore", CSV_IGNORED},
    {"ignored", CSV_IGNORED},
    {"reserved", CSV_IGNORED},
    {"unused", CSV_IGNORED},
};
#define KNOWN_NAMES                                                                        \
    "open_time open high low close volume close_time quote_volume count taker_buy_volume " \
    "taker_buy_quote_volume ignore"

void csv_layout_default(struct csv_layout *out, int count) {
    out->count = count;
    for (int i = 0; i < count; i++)
        out->fields[i] = (unsigned char)i; /* the 12th, KLINE_COLUMN_COUNT, is CSV_IGNORED */
}

void csv_copy_printable(char *out, const char *begin, size_t length) {
    for (size_t i = 0; i < length; i++)
        out[i] = (unsigned char)begin[i] < ' ' || begin[i] == 127 ? '?' : begin[i];
    out[length] = '\0';
}

bool csv_is_header(const char *begin, const char *end) {
    while (begin < end && (*begin == ' ' || *begin == '"'))
        begin++;
    return begin < end && (isalpha((unsigned char)*begin) || *begin == '_');
}

/* The column's name reduced to what is compared; false if it is too long to be known. */
static bool reduce_name(char out[40], const char *begin, const char *end) {
    size_t n = 0;
    for (const char *p = begin; p < end; p++) {
        if (strchr(" _-\"", *p)) continue;
        if (n == 39) return false;
        out[n++] = (char)tolower((unsigned char)*p);
    }
    out[n] = '\0';
    return true;
}

static int find_field(const char *begin, const char *end) {
    char reduced[40];
    if (!reduce_name(reduced, begin, end)) return -1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(reduced, names[i].name) == 0) return names[i].field;
    return -1;
}

static status refuse_name(const char *begin, const char *end, int column, const char *name, uint32_t line,
                          struct error *err) {
    char shown[41];
    csv_copy_printable(shown, begin, (size_t)(end - begin) < 40 ? (size_t)(end - begin) : 40);
    return error_set(err, ERR_INPUT,
                     "%s:%u: column %d: unknown name \"%s\"; known names, in any order: " KNOWN_NAMES, name,
                     line, column, shown);
}

static status check_complete(const struct csv_layout *layout, const char *name, uint32_t line,
                             struct error *err) {
    bool seen[KLINE_COLUMN_COUNT + 1] = {false};
    for (int i = 0; i < layout->count; i++) {
        unsigned char field = layout->fields[i];
        if (seen[field] && field != CSV_IGNORED)
            return error_set(err, ERR_INPUT, "%s:%u: column %d: a second column for %s", name, line, i + 1,
                             kline_column_name((enum kline_column)field));
        seen[field] = true;
    }
    for (int c = KLINE_OPEN_TIME; c <= KLINE_VOLUME; c++)
        if (!seen[c])
            return error_set(err, ERR_INPUT, "%s:%u: the header has no column %s", name, line,
                             kline_column_name((enum kline_column)c));
    return OK;
}

status csv_layout_from_header(struct csv_layout *out, const char *begin, const char *end, const char *name,
                              uint32_t line, struct error *err) {
    out->count = 0;
    for (const char *p = begin; p <= end;) {
        const char *comma = memchr(p, ',', (size_t)(end - p));
        const char *stop = comma ? comma : end;
        int field = find_field(p, stop), column = out->count + 1;
        if (field < 0) return refuse_name(p, stop, column, name, line, err);
        if (column > CSV_COLUMNS_MAX)
            return error_set(err, ERR_INPUT, "%s:%u: more than %d columns", name, line, CSV_COLUMNS_MAX);
        out->fields[out->count++] = (unsigned char)field;
        p = stop + 1;
    }
    return check_complete(out, name, line, err);
}

static bool copy_symbol(char symbol[SYMBOL_MAX], const char *begin, size_t length) {
    if (length == 0 || length >= SYMBOL_MAX) return false;
    for (size_t i = 0; i < length; i++)
        symbol[i] = (char)toupper((unsigned char)begin[i]);
    symbol[length] = '\0';
    return true;
}

/* "", "-2024", "-2024-01" or "-2024-01-31", then '.' and an extension, or the end. */
static bool is_date_tail(const char *tail) {
    static const int digits[] = {4, 2, 2};
    for (int part = 0; part < 3 && *tail == '-'; part++) {
        tail++;
        for (int i = 0; i < digits[part]; i++, tail++)
            if (!isdigit((unsigned char)*tail)) return false;
    }
    return *tail == '\0' || *tail == '.';
}

bool csv_name_parse(char symbol[SYMBOL_MAX], enum interval *interval, const char *path) {
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dash = strchr(base, '-');
    if (!dash || !copy_symbol(symbol, base, (size_t)(dash - base))) return false;
    size_t length = strcspn(dash + 1, "-.");
    char name[8];
    if (length == 0 || length >= sizeof name) return false;
    memcpy(name, dash + 1, length);
    name[length] = '\0';
    return interval_parse(interval, name) && is_date_tail(dash + 1 + length);
}
