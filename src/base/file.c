/* Files read whole, mapped, and replaced atomically: write beside, fsync, rename, fsync the folder. */
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static status error_of_path(struct error *err, const char *path, const char *what) {
    return error_set_errno(err, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
                           what);
}

static status out_of_memory(struct error *err, const char *path) {
    return error_set(err, ERR_MEMORY, "%s: out of memory", path);
}

/* Opens for reading and asks for the size; folders are refused. */
static status open_file(int *out, size_t *size, const char *path, struct error *err) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return error_of_path(err, path, "cannot be opened");
    struct stat about;
    if (fstat(file, &about) < 0) {
        error_of_path(err, path, "cannot be examined");
        close(file);
        return ERR_IO;
    }
    if (S_ISDIR(about.st_mode)) {
        close(file);
        return error_set(err, ERR_INPUT, "%s: is a folder, a file is needed", path);
    }
    *out = file;
    *size = (size_t)about.st_size;
    return OK;
}

/* Until the end, not to the size: pipes and /proc have none. */
status file_read(char **data, size_t *length, const char *path, struct error *err) {
    int file;
    size_t size;
    status rc = open_file(&file, &size, path, err);
    if (rc != OK) return rc;
    size_t capacity = size + 1, used = 0;
    char *buffer = malloc(capacity);
    for (;;) {
        if (!buffer) {
            rc = out_of_memory(err, path);
            break;
        }
        ssize_t got = read(file, buffer + used, capacity - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            rc = error_of_path(err, path, "cannot be read");
            break;
        }
        used += (size_t)got;
        if (got == 0) break;
        if (used == capacity) {
            capacity += capacity / 2 + 4096;
            char *grown = realloc(buffer, capacity);
            if (!grown) free(buffer);
            buffer = grown;
        }
    }
    close(file);
    if (rc != OK) {
        free(buffer);
        return rc;
    }
    buffer[used] = '\0'; /* the last read found room for at least one byte */
    *data = buffer;
    *length = used;
    return OK;
}

status file_map_open(struct file_map *out, const char *path, struct error *err) {
    int file;
    size_t size;
    *out = (struct file_map){0};
    status rc = open_file(&file, &size, path, err);
    if (rc != OK) return rc;
    if (size > 0) {
        void *data = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
        if (data == MAP_FAILED)
            rc = error_of_path(err, path, "cannot be mapped");
        else
            *out = (struct file_map){data, size};
    } else {
        out->data = (const unsigned char *)"";
    }
    close(file);
    return rc;
}

void file_map_close(struct file_map *map) {
    if (map->length) munmap((void *)map->data, map->length);
    *map = (struct file_map){0};
}

/* Folder of a path: "" has none, "name" lies in ".". malloc'd. */
static char *folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) return strdup(".");
    if (slash == path) return strdup("/");
    return strndup(path, (size_t)(slash - path));
}

status file_replace_begin(struct file_replacement *out, const char *path, struct error *err) {
    *out = (struct file_replacement){0};
    char *folder = folder_of(path);
    out->path = strdup(path);
    if (!folder || !out->path || asprintf(&out->temporary, "%s.tmp-%ld", path, (long)getpid()) < 0) {
        out->temporary = NULL;
        free(folder);
        file_replace_abort(out);
        return out_of_memory(err, path);
    }
    status rc = OK;
    if (access(folder, W_OK | X_OK) < 0) {
        rc = error_of_path(err, folder, "cannot be written to");
        file_replace_abort(out);
    }
    free(folder);
    return rc;
}

static void replacement_free(struct file_replacement *r) {
    free(r->path);
    free(r->temporary);
    *r = (struct file_replacement){0};
}

static status sync_path(const char *path, int flags, struct error *err) {
    int file = open(path, flags | O_CLOEXEC);
    if (file < 0) return error_of_path(err, path, "cannot be opened");
    status rc = OK;
    /* some network file systems cannot sync a folder */
    if (fsync(file) < 0 && errno != EINVAL && errno != EROFS)
        rc = error_of_path(err, path, "cannot be synced");
    close(file);
    return rc;
}

status file_replace_commit(struct file_replacement *r, struct error *err) {
    if (!r->path) return OK;
    status rc = sync_path(r->temporary, O_RDWR, err);
    if (rc == OK && rename(r->temporary, r->path) < 0) rc = error_of_path(err, r->path, "cannot be replaced");
    if (rc != OK) {
        file_replace_abort(r);
        return rc;
    }
    char *folder = folder_of(r->path);
    rc = folder ? sync_path(folder, O_RDONLY | O_DIRECTORY, err) : out_of_memory(err, r->path);
    free(folder);
    replacement_free(r);
    return rc;
}

void file_replace_abort(struct file_replacement *r) {
    if (r->temporary) unlink(r->temporary);
    replacement_free(r);
}

static status write_all(const char *path, const char *data, size_t length, struct error *err) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) return error_of_path(err, path, "cannot be created");
    status rc = OK;
    while (length > 0 && rc == OK) {
        ssize_t written = write(file, data, length);
        if (written < 0) {
            if (errno != EINTR) rc = error_of_path(err, path, "cannot be written");
            continue;
        }
        data += written;
        length -= (size_t)written;
    }
    if (close(file) < 0 && rc == OK) rc = error_of_path(err, path, "cannot be written");
    return rc;
}

status file_write_atomically(const char *path, const void *data, size_t length, struct error *err) {
    struct file_replacement replacement;
    status rc = file_replace_begin(&replacement, path, err);
    if (rc == OK) rc = write_all(replacement.temporary, data, length, err);
    if (rc == OK) return file_replace_commit(&replacement, err);
    file_replace_abort(&replacement);
    return rc;
}

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

status directory_make(const char *path, struct error *err) {
    if (!*path) return OK;
    char *partial = strdup(path);
    if (!partial) return out_of_memory(err, path);
    status rc = OK;
    for (char *end = partial + 1; rc == OK; end++) {
        if (*end && *end != '/') continue;
        char kept = *end;
        *end = '\0';
        if (mkdir(partial, 0777) < 0 && !is_folder(partial))
            rc = error_set_errno(err, ERR_IO, "%s: this folder cannot be made", partial);
        *end = kept;
        if (!kept) break;
    }
    free(partial);
    return rc;
}

char *path_join(const char *a, const char *b) {
    size_t length = strlen(a);
    bool needs_slash = length > 0 && a[length - 1] != '/';
    char *joined = NULL;
    if (asprintf(&joined, "%s%s%s", a, needs_slash ? "/" : "", b) < 0) memory_is_out();
    return joined;
}

char *executable_folder(void) {
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0) return NULL;
    path[length] = '\0';
    return folder_of(path);
}

int64_t disk_free_bytes(const char *path) {
    struct statvfs about;
    int rc = statvfs(path, &about);
    if (rc < 0) {
        char *folder = folder_of(path);
        rc = folder ? statvfs(folder, &about) : -1;
        free(folder);
    }
    if (rc < 0) return -1;
    return (int64_t)about.f_bavail * (int64_t)about.f_frsize;
}
