/* Text tables. */
#include "cli/table.h"
#include "base/arena.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct table_column {
    const char *title;
    bool to_the_right;
    size_t width;
};
struct table {
    struct arena texts;
    struct table_column *columns;
    size_t column_count;
    const char **cells;
    size_t cell_count, cell_capacity;
};

size_t table_text_width(const char *text) {
    size_t width = 0;
    for (; *text; text++)
        width += (*text & 0xC0) != 0x80;
    return width;
}

struct table *table_open(void) {
    struct table *table = memory_grow(NULL, sizeof *table);
    *table = (struct table){0};
    return table;
}

/* A text of a strategy must not move the cursor. */
static const char *printable_copy(struct table *table, const char *text) {
    char *copy = arena_copy(&table->texts, text, strlen(text));
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = *c == '\n' ? ' ' : '?';
    return copy;
}

void table_add_column(struct table *table, const char *title, bool to_the_right) {
    table->columns = memory_grow(table->columns, (table->column_count + 1) * sizeof *table->columns);
    table->columns[table->column_count++] =
        (struct table_column){printable_copy(table, title), to_the_right, table_text_width(title)};
}

void table_add_cell(struct table *table, const char *text) {
    if (table->cell_count == table->cell_capacity) {
        table->cell_capacity = table->cell_capacity ? 2 * table->cell_capacity : 256;
        table->cells = memory_grow(table->cells, table->cell_capacity * sizeof *table->cells);
    }
    struct table_column *column = &table->columns[table->cell_count % table->column_count];
    size_t width = table_text_width(text);
    if (width > column->width) column->width = width;
    table->cells[table->cell_count++] = printable_copy(table, text);
}

static void print_cell(const struct table *table, FILE *out, size_t at, const char *text) {
    const struct table_column *column = &table->columns[at];
    bool is_last = at + 1 == table->column_count;
    int blanks = (int)(column->width - table_text_width(text));
    if (column->to_the_right)
        fprintf(out, "%*s%s", blanks, "", text);
    else
        fprintf(out, "%s%*s", text, is_last ? 0 : blanks, "");
    fputs(is_last ? "\n" : "  ", out);
}

void table_print(const struct table *table, FILE *out, bool with_color) {
    if (with_color) fputs("\033[1m", out);
    for (size_t c = 0; c < table->column_count; c++)
        print_cell(table, out, c, table->columns[c].title);
    if (with_color) fputs("\033[0m", out);
    for (size_t i = 0; i < table->cell_count; i++)
        print_cell(table, out, i % table->column_count, table->cells[i]);
}

void table_close(struct table *table) {
    if (!table) return;
    arena_clear(&table->texts);
    free(table->columns);
    free(table->cells);
    free(table);
}
