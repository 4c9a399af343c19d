/* The text of a kline file as blocks of whole lines, whether it lies there plain, gzipped or in a zip. */
#ifndef KLINE_CSV_SOURCE_H
#define KLINE_CSV_SOURCE_H

#include "kmill/error.h"

struct csv_source;

/* Looks at the content, not the name; a .zip or .gz whose content is something else is ERR_INPUT and says
 * what it looks like. */
status csv_source_open(struct csv_source **out, const char *path, struct error *err);
/* Moves to the next text: a plain or gzipped file is one, a zip has one for each CSV in it. *more false at
 * the end. */
status csv_source_next_text(struct csv_source *source, bool *more, struct error *err);
/* "FILE" or "FILE:INNER.csv" of the current text, for messages. */
const char *csv_source_name(const struct csv_source *source);
/* The next lines of the current text, [*begin, *begin + *length), valid until the next call; the last line
 * may lack its newline. Length 0 at the text's end. ERR_INPUT if it is damaged or has a line of more than a
 * block. */
status csv_source_read(struct csv_source *source, const char **begin, size_t *length, struct error *err);
/* How much of the file has been read, 0 to 1. */
double csv_source_progress(const struct csv_source *source);
void csv_source_close(struct csv_source *source);

#endif
