/* A sweep file, parsed and checked: what to run, on what, and what to keep. configs/sweep.schema.json
 * describes the YAML for editors. */
#ifndef SWEEP_SPEC_H
#define SWEEP_SPEC_H

#include "account/ledger.h"
#include "base/arena.h"
#include "base/problems.h"
#include "base/value.h"
#include "kmill/series.h"
#include "kmill/metrics.h"
#include "base/expression.h"

enum { WINDOW_DEFAULT = 50, KEEP_TOP_DEFAULT = 100 };
#define WINDOW_PARAMETER "klineWndSize"

enum domain_kind {
    DOMAIN_LIST,  /* constant (one value), list, range, log_range, choice: values or a computed progression */
    DOMAIN_RANGE, /* first + k * step, exact decimals, end inclusive */
    DOMAIN_LOG_RANGE, /* count points, geometric, ends inclusive, 12 significant digits */
    DOMAIN_UNIFORM,   /* random: [low, high], 12 significant digits */
    DOMAIN_LOG_UNIFORM,
    DOMAIN_INTEGER, /* random: low..high, both inclusive */
    DOMAIN_CHOICE   /* random: one of values */
};
struct parameter {
    char *name;
    enum domain_kind kind;
    struct value *values;             /* LIST, CHOICE */
    uint64_t count;                   /* how many values (CHOICE too); 0 for UNIFORM, LOG_UNIFORM, INTEGER */
    struct decimal first, step, last; /* RANGE: exact, of one exponent (0 if integral) */
    bool integral;                    /* RANGE: values are ints */
    double low, high;                 /* LOG_RANGE, UNIFORM, LOG_UNIFORM */
    int64_t integer_low, integer_high;
    int line, column;
};

enum sweep_method { METHOD_GRID, METHOD_RANDOM };
enum keep_kind { KEEP_NONE, KEEP_TOP, KEEP_ALL };

struct series_name {
    char symbol[SYMBOL_MAX];
    enum interval interval;
};

struct filter {
    enum metric metric;
    double minimum, maximum; /* NaN: no bound; both inclusive */
};

/* Immutable after spec_parse; any thread may read. */
struct sweep_spec {
    struct arena arena; /* owns everything below but `where` */
    char *name;
    char *text;                 /* the YAML as read: goes into the result file */
    char *strategy_path;        /* resolved against the YAML file's folder, as are store and output */
    char *store;                /* NULL: the caller's default */
    struct series_name *series; /* symbols x intervals, in that nesting order */
    size_t series_count;
    bool has_from, has_to;
    int64_t from_ms, to_ms; /* start inclusive, end exclusive, by open_time */
    size_t warmup;          /* bars before the range that only fill the cache */
    struct account_rules account;
    struct parameter *params; /* in the file's order; klineWndSize among them if given */
    size_t param_count;
    struct expression **where; /* all must hold */
    size_t where_count;
    enum sweep_method method;
    uint64_t trials, seed; /* random */
    enum metric rank_metric;
    bool rank_descending;
    struct filter *filters;
    size_t filter_count;
    double limit_seconds;                    /* per run, default 60 */
    uint64_t limit_memory;                   /* bytes per run, default 512 MiB */
    enum keep_kind keep_equity, keep_trades; /* defaults: top 100, all */
    uint64_t keep_equity_top, keep_trades_top;
    size_t equity_points; /* 0: every bar; N: N points */
    int threads;          /* 0: all cores */
    char *output;         /* NULL: NAME.h5 in the current folder */
};

/* Parses text (length bytes) of file `path` (for messages and for resolving relative paths). Every mistake
 * goes into problems with line and column; returns ERR_INPUT and NULL if there is any. */
status spec_parse(struct sweep_spec **out, const char *text, size_t length, const char *path,
                  struct problems *problems);
void spec_close(struct sweep_spec *spec);

#endif
