/* SIGINT and SIGTERM as a flag that long loops look at. */
#ifndef BASE_CANCEL_H
#define BASE_CANCEL_H

#include <stdbool.h>

/* Installs handlers once (main thread). The first signal sets the flag, the second ends the process with 130.
 */
void cancel_install(void);
bool cancel_requested(void);

#endif
