/* What came with the program, found from where its executable stands. */
#ifndef BASE_INSTALLED_H
#define BASE_INSTALLED_H

/* The path of `name` (configs/sma_cross.yaml, strategies) beside the installed program (PREFIX/share/kmill)
 * or in the source tree it was built in; NULL if it is in neither. malloc'd. */
char *installed_path(const char *name);
/* Processors this process may run on, at least 1. */
int core_count(void);

#endif
