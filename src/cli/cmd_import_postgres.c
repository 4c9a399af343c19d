/* kmill import postgres: klines from PostgreSQL tables into the store. */
#include "cli/cli.h"
#include "cli/cli_options.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "kline/import_postgres.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char HELP[] =
    "usage: kmill import postgres [--dsn ADDRESS] [--store DIR] [--symbol SYMBOL] [--interval INTERVAL]\n"
    "                             [--replace] [--connections N]\n"
    "\n"
    "Takes klines from the tables t_kline_{symbol}_{interval} of a PostgreSQL database. A series that the\n"
    "store has already gets only what is newer; its last candle is compared first.\n"
    "\n"
    "  --dsn ADDRESS        postgresql://USER:PASSWORD@HOST:PORT/DATABASE or libpq's key=value form; the "
    "default\n"
    "                       is $DATABASE_URL, where other users of the machine cannot read the password\n"
    "  --store DIR          the store's folder (default: $KMILL_STORE, else ./klines)\n"
    "  --symbol SYMBOL      only this symbol (default: all)\n"
    "  --interval INTERVAL  only this interval, e.g. 1h (default: all)\n"
    "  --replace            take whole tables in place of the stored series\n"
    "  --connections N      how many to read with (default: one a core, at most 4)\n";

struct progress {
    bool is_terminal, is_shown;
    int64_t start_ns;
    const char *table;
};

static void clear_line(struct progress *self) {
    if (self->is_shown) fputs("\r\033[K", stderr);
    self->is_shown = false;
}

static void show_progress(void *context, const char *table, size_t rows, size_t expected) {
    struct progress *self = context;
    char count[32], total[32], rate[32];
    if (!self->is_terminal) return;
    if (self->table != table) {
        self->table = table;
        self->start_ns = clock_monotonic_ns();
        return;
    }
    double seconds = (double)(clock_monotonic_ns() - self->start_ns) / 1e9;
    fprintf(stderr, "\r\033[K%s: %s of about %s rows, %s rows/s", table, cli_count(count, rows),
            cli_count(total, expected),
            cli_count(rate, seconds > 0.0 ? (unsigned long long)((double)rows / seconds) : 0));
    fflush(stderr);
    self->is_shown = true;
}

static void show_table(void *context, const struct import_postgres_table *table) {
    char added[32], total[32], rate[32];
    clear_line(context);
    printf("%s %s: ", table->symbol, interval_name(table->interval));
    if (table->total == 0) {
        printf("%s is empty\n", table->name);
        return;
    }
    bool is_changed = table->added > 0 || table->last_changed;
    if (!is_changed)
        printf("nothing newer in %s, %s candles stored", table->name, cli_count(total, table->total));
    else if (table->is_update)
        printf("%s newer candles from %s%s, %s stored", cli_count(added, table->added), table->name,
               table->last_changed ? " (the last stored one was unfinished and is replaced)" : "",
               cli_count(total, table->total));
    else
        printf("%s candles from %s", cli_count(total, table->total), table->name);
    if (table->duplicates) printf(", %s identical duplicates dropped", cli_count(total, table->duplicates));
    if (is_changed) {
        double seconds = table->seconds > 0 ? table->seconds : 1e-9;
        printf(" (%.1f s, %s rows/s, %d connection%s)", table->seconds,
               cli_count(rate, (unsigned long long)((double)table->rows_read / seconds)), table->connections,
               table->connections == 1 ? "" : "s");
    }
    putchar('\n');
    fflush(stdout);
}

int cmd_import_postgres(int argc, char **argv) {
    struct progress progress = {.is_terminal = isatty(STDERR_FILENO)};
    struct import_postgres_options import = {
        .on_progress = show_progress, .on_table = show_table, .context = &progress};
    uint64_t connections = 0;
    enum interval interval = INTERVAL_COUNT;
    const struct cli_option options[] = {CLI_TEXT("dsn", &import.dsn),
                                         CLI_TEXT("store", &import.store),
                                         CLI_TEXT("symbol", &import.symbol),
                                         CLI_INTERVAL("interval", &interval),
                                         CLI_FLAG("replace", &import.replace),
                                         CLI_WHOLE("connections", &connections, 1, 64),
                                         CLI_END};
    int code = cli_read_options(argc, argv, "import postgres", HELP, options);
    if (code != CLI_GO_ON) return code;
    if (optind < argc) return cli_usage("import postgres takes no argument %s: see --help", argv[optind]);
    import.has_interval = interval != INTERVAL_COUNT;
    import.interval = interval;
    import.connections = (int)connections;
    import.store = cli_store(import.store);
    if (!import.dsn) import.dsn = getenv("DATABASE_URL");
    if (!import.dsn || !*import.dsn)
        return cli_usage(
            "no database: set DATABASE_URL or give --dsn postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
    cancel_install();
    struct error err = {0};
    size_t tables;
    status rc = import_postgres(&tables, &import, &err);
    clear_line(&progress);
    return rc == OK ? 0 : cli_fail(&err);
}
