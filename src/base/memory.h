/* Small blocks that nothing can go on without: messages, lists, documents. Data whose size a user decides is
 * allocated where the failure can be told (ERR_MEMORY). */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* realloc that ends the process with a message when there is no memory. */
void *memory_grow(void *memory, size_t size);
/* A copy, likewise. */
char *memory_text(const char *text);
_Noreturn void memory_is_out(void);

#endif
