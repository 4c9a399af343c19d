/* Text tables: columns as wide as their widest cell, numbers to the right. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table;
/* Aborts when out of memory; table_close accepts NULL. */
struct table *table_open(void);
void table_add_column(struct table *table, const char *title, bool to_the_right);
/* Cells row by row, each copied. */
void table_add_cell(struct table *table, const char *text);
/* Two blanks between columns, title row first (underlined by nothing, bold on a terminal). Control characters
 * are shown as '?'. */
void table_print(const struct table *table, FILE *out, bool with_color);
void table_close(struct table *table);

/* Characters of a UTF-8 text as a terminal shows them, one place each. */
size_t table_text_width(const char *text);

#endif
