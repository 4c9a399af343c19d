/* The end of a process that has no memory for a few bytes; see memory.h. */
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void memory_is_out(void) {
    fputs("kmill: out of memory\n", stderr);
    abort();
}

void *memory_grow(void *memory, size_t size) {
    void *grown = realloc(memory, size ? size : 1);
    if (!grown) memory_is_out();
    return grown;
}

char *memory_text(const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(memory_grow(NULL, size), text, size);
}
