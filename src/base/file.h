/* Files: reading whole, mapping, and replacing so that a reader or a crash sees the old or the new one, never
 * half. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "kmill/error.h"
#include <stdint.h>

/* Whole file into *data (NUL-terminated, *length without it); free(*data). */
status file_read(char **data, size_t *length, const char *path, struct error *err);

struct file_map {
    const unsigned char *data;
    size_t length;
};
/* Read-only shared mapping of the whole file. file_unmap accepts a zeroed one. */
status file_map_open(struct file_map *out, const char *path, struct error *err);
void file_map_close(struct file_map *map);

/* A file being made beside its final place: `PATH.tmp-PID`. file_replace_commit fsyncs, renames it over path
 * and fsyncs the folder; file_replace_abort removes it. Either ends it; both accept a zeroed struct. */
struct file_replacement {
    char *path, *temporary;
};
status file_replace_begin(struct file_replacement *out, const char *path, struct error *err);
status file_replace_commit(struct file_replacement *r, struct error *err);
void file_replace_abort(struct file_replacement *r);
/* All of it, through file_replacement. */
status file_write_atomically(const char *path, const void *data, size_t length, struct error *err);

/* mkdir -p. */
status directory_make(const char *path, struct error *err);
/* Joins with '/'; malloc'd. */
char *path_join(const char *a, const char *b);
/* Folder of the running executable (from /proc/self/exe), no trailing slash; malloc'd, NULL if unknown. */
char *executable_folder(void);
/* Free bytes for this user on the file system of path (its folder if it does not exist); -1 if unknown. */
int64_t disk_free_bytes(const char *path);

#endif
