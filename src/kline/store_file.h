/* Inside of the store: how one series file looks, and writing it in two steps, so that an import of several
 * series can have all of them complete on disk before the first one takes its place. */
#ifndef KLINE_STORE_FILE_H
#define KLINE_STORE_FILE_H

#include "base/file.h"
#include "kmill/store.h"
#include <hdf5.h>

#define STORE_FORMAT "kmill klines"
enum { STORE_FORMAT_VERSION = 1, STORE_REPORT_MAX = 60000 };
#define STORE_PARTIAL "partial"

/* True if symbol can be a folder's name: letters, digits, '_' '-' '.' and UTF-8, not starting with '.',
 * shorter than SYMBOL_MAX. */
bool store_symbol_valid(const char *symbol);
/* Writes the complete file beside its place; end *out with file_replace_commit or file_replace_abort. *info
 * (may be NULL) gets what the file says. */
status store_prepare(struct file_replacement *out, struct series_info *info, const char *store,
                     const struct series *series, const uint8_t *partial, const char *source,
                     struct error *err);
/* Keeps other imports out of the store (made if missing) until store_unlock: between reading the old series
 * and replacing it nobody else may do so. Waits. *lock is a file descriptor, -1 where the file system knows
 * no locks; then it goes without. */
status store_lock(int *lock, const char *store, struct error *err);
void store_unlock(int lock);
/* The attributes of an open file; false if it is no series of this format. */
bool store_read_info(struct series_info *info, hid_t file);
/* Before the first HDF5 call of anything here: errors silent, and no clean-up by HDF5 when the program ends.
 * That clean-up writes files again whose closing failed, and crashes if the disk is full; everything here is
 * closed explicitly. */
void store_begin_hdf5(void);
/* Read-only, without file locks (files are replaced, never changed; many cluster file systems have no locks),
 * errors silent. */
hid_t store_open_file(const char *path);

#endif
