/* What the subcommands share: messages and defaults. */
#include "cli/cli.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *cli_store(const char *option)
{
    if (option) return option;
    const char *store = getenv("KMILL_STORE");
    return store && *store ? store : "klines";
}

int cli_fail(const struct error *err)
{
    if (err->line)
        fprintf(stderr, "kmill: line %d, column %d: %s\n", err->line, err->column, err->message);
    else
        fprintf(stderr, "kmill: %s\n", err->message);
    return error_exit_code(err->code);
}

int cli_usage(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("kmill: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return 2;
}

int cli_problems(const char *file, const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *p = &problems->items[i];
        if (p->line)
            fprintf(stderr, "%s:%d:%d: %s\n", file, p->line, p->column, p->message);
        else
            fprintf(stderr, "%s: %s\n", file, p->message);
    }
    return 2;
}

char *cli_count(char out[32], unsigned long long n)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", n), at = 0;
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0) out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}
