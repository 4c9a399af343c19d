/* Mapped files that become shorter than their mapping.
 *
 * Result files and klines are replaced by renaming, so that a mapping stays whole; but whoever copies over a
 * file cuts it first, and reading what is gone is SIGBUS. A page that is gone is given as zeros instead, and
 * counted: what was made of it is thrown away by whoever finds that the count has moved. */
#ifndef SERVER_MAPPED_FILES_H
#define SERVER_MAPPED_FILES_H

/* For the whole process, once. Children start without it. */
void mapped_files_guard(void);
/* Pages that were gone so far, of any file. Any thread. */
unsigned long mapped_files_faults(void);

#endif
