/* A sweep file's plain keys: what is run on what, the account, the limits and what is kept. */
#include "sweep/spec_read.h"

#include "base/clock.h"
#include "base/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_LENGTH_MAX = 100, WARMUP_MAX = 100000000, THREADS_MAX = 4096 };
static const int64_t memory_mb_most = INT64_C(1) << 24; /* 16 TiB */

/* ---- names and paths ---- */

/* Letters, digits, '.', '_', '-', not starting with '.': fit for a file name anywhere. */
static bool is_file_word(const char *text) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return *text && *text != '.' && text[strspn(text, allowed)] == '\0';
}

void spec_read_name(struct spec_reader *reader, const struct tree_node *node) {
    const char *text;
    char quoted[SCALAR_QUOTE_MAX];
    if (!spec_read_text(reader, node, "name", &text)) return;
    if (!is_file_word(text) || strlen(text) > NAME_LENGTH_MAX)
        spec_problem(reader, node,
                     "name must be 1 to %d letters, digits or . _ - (it names the result file), not %s",
                     NAME_LENGTH_MAX, yaml_scalar_quote(quoted, node));
    reader->spec->name = spec_copy(reader, text);
}

/* A relative path starts from the YAML file's folder. */
static char *resolved(struct spec_reader *reader, const char *path) {
    const char *slash = strrchr(reader->path, '/');
    if (*path == '/' || !slash) return spec_copy(reader, path);
    char *folder = strndup(reader->path, slash == reader->path ? 1 : (size_t)(slash - reader->path));
    char *joined = folder ? path_join(folder, path) : NULL;
    if (!joined) abort(); /* out of memory, as everywhere in messages and documents */
    char *copy = spec_copy(reader, joined);
    free(joined);
    free(folder);
    return copy;
}

static void read_path(struct spec_reader *reader, const struct tree_node *node, const char *what,
                      char **out) {
    const char *text;
    if (spec_read_text(reader, node, what, &text)) *out = resolved(reader, text);
}

void spec_read_strategy(struct spec_reader *reader, const struct tree_node *node) {
    read_path(reader, node, "strategy", &reader->spec->strategy_path);
}

void spec_read_store(struct spec_reader *reader, const struct tree_node *node) {
    read_path(reader, node, "store", &reader->spec->store);
}

void spec_read_output(struct spec_reader *reader, const struct tree_node *node) {
    read_path(reader, node, "output", &reader->spec->output);
}

/* ---- series ---- */

static const char *symbol_of(struct spec_reader *reader, const struct tree_node *node) {
    const char *text;
    char quoted[SCALAR_QUOTE_MAX];
    if (!spec_read_text(reader, node, "a symbol", &text)) return NULL;
    if (is_file_word(text) && strlen(text) < SYMBOL_MAX) return text;
    spec_problem(reader, node, "a symbol is 1 to %d letters, digits or . _ - such as BTCUSDT, not %s",
                 SYMBOL_MAX - 1, yaml_scalar_quote(quoted, node));
    return NULL;
}

static bool interval_of(struct spec_reader *reader, const struct tree_node *node, enum interval *out) {
    const char *names[INTERVAL_COUNT];
    const char *text;
    if (!spec_read_text(reader, node, "an interval", &text)) return false;
    if (interval_parse(out, text)) return true;
    for (int i = 0; i < INTERVAL_COUNT; i++)
        names[i] = interval_name((enum interval)i);
    size_t ignored;
    spec_read_word(reader, node, "an interval", names, INTERVAL_COUNT, &ignored);
    return false;
}

/* series holds the symbols until the intervals are known: symbols come first in the table of keys. */
void spec_read_symbols(struct spec_reader *reader, const struct tree_node *node) {
    const struct tree_node *items;
    struct sweep_spec *spec = reader->spec;
    size_t count = spec_read_items(reader, node, "symbols", &items);
    spec->series = arena_alloc(&spec->arena, (count + 1) * sizeof *spec->series);
    for (size_t i = 0; i < count; i++) {
        const char *symbol = symbol_of(reader, &items[i]);
        bool is_new = symbol != NULL;
        for (size_t j = 0; is_new && j < spec->series_count; j++)
            is_new = strcmp(spec->series[j].symbol, symbol) != 0;
        if (symbol && !is_new) spec_problem(reader, &items[i], "the symbol '%s' stands twice", symbol);
        if (is_new)
            strcpy(spec->series[spec->series_count++].symbol, symbol); /* symbol_of checked its length */
    }
}

static void nest_intervals(struct sweep_spec *spec, const enum interval *intervals, size_t count) {
    struct series_name *symbols = spec->series;
    size_t symbol_count = spec->series_count, n = 0;
    spec->series = arena_alloc(&spec->arena, (symbol_count * count + 1) * sizeof *spec->series);
    for (size_t i = 0; i < symbol_count; i++) {
        for (size_t j = 0; j < count; j++) {
            spec->series[n] = symbols[i];
            spec->series[n++].interval = intervals[j];
        }
    }
    spec->series_count = n;
}

void spec_read_intervals(struct spec_reader *reader, const struct tree_node *node) {
    const struct tree_node *items;
    enum interval intervals[INTERVAL_COUNT];
    bool seen[INTERVAL_COUNT] = {false};
    size_t count = spec_read_items(reader, node, "intervals", &items), found = 0;
    for (size_t i = 0; i < count; i++) {
        enum interval interval;
        if (!interval_of(reader, &items[i], &interval)) continue;
        if (seen[interval])
            spec_problem(reader, &items[i], "the interval '%s' stands twice", interval_name(interval));
        else
            intervals[found++] = interval;
        seen[interval] = true;
    }
    nest_intervals(reader->spec, intervals, found);
}

static bool read_moment(struct spec_reader *reader, const struct tree_node *node, const char *what,
                        int64_t *out) {
    const char *text;
    char quoted[SCALAR_QUOTE_MAX];
    if (!spec_read_text(reader, node, what, &text)) return false;
    if (clock_parse(out, text)) return true;
    spec_problem(reader, node, "%s must be a UTC time such as 2024-01-31 or 2024-01-31T12:30:00, not %s",
                 what, yaml_scalar_quote(quoted, node));
    return false;
}

void spec_read_from(struct spec_reader *reader, const struct tree_node *node) {
    reader->spec->has_from = read_moment(reader, node, "from", &reader->spec->from_ms);
}

void spec_read_to(struct spec_reader *reader, const struct tree_node *node) {
    struct sweep_spec *spec = reader->spec;
    spec->has_to = read_moment(reader, node, "to", &spec->to_ms);
    if (spec->has_from && spec->has_to && spec->from_ms >= spec->to_ms)
        spec_problem(reader, node,
                     "to must be later than from (from counts, to is the first moment that does not)");
}

void spec_read_warmup(struct spec_reader *reader, const struct tree_node *node) {
    int64_t bars;
    if (spec_read_integer(reader, node, "warmup (bars)", 0, WARMUP_MAX, &bars))
        reader->spec->warmup = (size_t)bars;
}

void spec_read_threads(struct spec_reader *reader, const struct tree_node *node) {
    int64_t threads;
    if (spec_read_integer(reader, node, "threads (0: all cores)", 0, THREADS_MAX, &threads))
        reader->spec->threads = (int)threads;
}

/* ---- account ---- */

static void read_initial_balance(struct spec_reader *reader, const struct tree_node *node) {
    struct decimal *out = &reader->spec->account.initial_balance;
    char quoted[SCALAR_QUOTE_MAX];
    if (spec_read_decimal(reader, node, "account.initial_balance", out, NULL) && !decimal_is_positive(*out))
        spec_problem(reader, node, "account.initial_balance must be more than 0, not %s",
                     yaml_scalar_quote(quoted, node));
}

/* 0 <= value < limit. */
static void read_share(struct spec_reader *reader, const struct tree_node *node, const char *what, int limit,
                       struct decimal *out) {
    char quoted[SCALAR_QUOTE_MAX];
    if (!spec_read_decimal(reader, node, what, out, NULL)) return;
    bool is_negative = out->negative && !decimal_is_zero(*out);
    if (is_negative || decimal_compare(*out, decimal_from_int64(limit)) >= 0)
        spec_problem(reader, node, "%s must be at least 0 and less than %d, not %s", what, limit,
                     yaml_scalar_quote(quoted, node));
    out->negative = is_negative; /* -0 is 0 */
}

static void read_fee_rate(struct spec_reader *reader, const struct tree_node *node) {
    read_share(reader, node, "account.fee_rate (0.001 = 0.1 %)", 1, &reader->spec->account.fee_rate);
}

static void read_slippage(struct spec_reader *reader, const struct tree_node *node) {
    read_share(reader, node, "account.slippage_bp (basis points)", 10000, &reader->spec->account.slippage_bp);
}

static void read_price_check(struct spec_reader *reader, const struct tree_node *node) {
    static const char *const words[] = {"off", "count", "refuse"}; /* the order of enum price_check */
    size_t word;
    if (spec_read_word(reader, node, "account.price_check", words, 3, &word))
        reader->spec->account.price_check = (enum price_check)word;
}

static const struct spec_key account_keys[] = {
    {"initial_balance", read_initial_balance, false},
    {"fee_rate", read_fee_rate, false},
    {"slippage_bp", read_slippage, false},
    {"price_check", read_price_check, false},
};
const struct spec_group spec_account_keys = {"account", account_keys,
                                             sizeof account_keys / sizeof *account_keys};

void spec_read_account(struct spec_reader *reader, const struct tree_node *node) {
    spec_read_map(reader, node, &spec_account_keys);
}

/* ---- limits ---- */

static void read_seconds(struct spec_reader *reader, const struct tree_node *node) {
    double *out = &reader->spec->limit_seconds;
    char quoted[SCALAR_QUOTE_MAX];
    if (spec_read_number(reader, node, "limits.seconds", out) && !(*out > 0.0 && *out <= 1e9))
        spec_problem(reader, node, "limits.seconds must be more than 0 (and at most 1e9), not %s",
                     yaml_scalar_quote(quoted, node));
}

static void read_memory(struct spec_reader *reader, const struct tree_node *node) {
    int64_t megabytes;
    if (spec_read_integer(reader, node, "limits.memory_mb", 1, memory_mb_most, &megabytes))
        reader->spec->limit_memory = (uint64_t)megabytes << 20;
}

static const struct spec_key limit_keys[] = {{"seconds", read_seconds, false},
                                             {"memory_mb", read_memory, false}};
const struct spec_group spec_limit_keys = {"limits", limit_keys, sizeof limit_keys / sizeof *limit_keys};

void spec_read_limits(struct spec_reader *reader, const struct tree_node *node) {
    spec_read_map(reader, node, &spec_limit_keys);
}

/* ---- keep ---- */

static const struct spec_key top_keys[] = {{"top", NULL, true}};
const struct spec_group spec_top_keys = {"keep", top_keys, 1};

/* none, all or {top: N}. */
static void read_kept(struct spec_reader *reader, const struct tree_node *node, const char *what,
                      enum keep_kind *kind, uint64_t *top) {
    static const char *const words[] = {"none", "all"};
    char quoted[SCALAR_QUOTE_MAX];
    if (node->kind == TREE_SCALAR && (strcmp(node->text, "none") == 0 || strcmp(node->text, "all") == 0)) {
        *kind = strcmp(node->text, words[0]) == 0 ? KEEP_NONE : KEEP_ALL;
        return;
    }
    if (node->kind != TREE_MAP) {
        spec_problem(reader, node, "%s must be none, all or {top: N}, not %s", what,
                     yaml_scalar_quote(quoted, node));
        return;
    }
    const struct tree_node *value = yaml_tree_get(node, "top");
    int64_t count;
    if (!spec_check_map(reader, node, &spec_top_keys, what) || !value) return;
    if (spec_read_integer(reader, value, "top", 1, INT64_MAX, &count)) {
        *kind = KEEP_TOP;
        *top = (uint64_t)count;
    }
}

static void read_keep_equity(struct spec_reader *reader, const struct tree_node *node) {
    read_kept(reader, node, "keep.equity", &reader->spec->keep_equity, &reader->spec->keep_equity_top);
}

static void read_keep_trades(struct spec_reader *reader, const struct tree_node *node) {
    read_kept(reader, node, "keep.trades", &reader->spec->keep_trades, &reader->spec->keep_trades_top);
}

static void read_keep_points(struct spec_reader *reader, const struct tree_node *node) {
    int64_t points;
    reader->spec->equity_points = 0;
    if (node->kind == TREE_SCALAR && strcmp(node->text, "all") == 0) return;
    if (spec_read_integer(reader, node, "keep.points (all, or how many points of a curve)", 2, INT32_MAX,
                          &points))
        reader->spec->equity_points = (size_t)points;
}

static const struct spec_key keep_keys[] = {{"equity", read_keep_equity, false},
                                            {"points", read_keep_points, false},
                                            {"trades", read_keep_trades, false}};
const struct spec_group spec_keep_keys = {"keep", keep_keys, sizeof keep_keys / sizeof *keep_keys};

void spec_read_keep(struct spec_reader *reader, const struct tree_node *node) {
    spec_read_map(reader, node, &spec_keep_keys);
}
