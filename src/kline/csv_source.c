/* One reader for three packings. Blocks of 256 KB stay in the second-level cache between reading and parsing;
 * the rest of a line that a block cuts moves to the front of the next one. Mapping plain files was not
 * faster, and would be a third way. */
#include "kline/csv_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>

enum { BLOCK = 256 * 1024, MAGIC = 64 };

enum packing { PLAIN, GZIP, ZIP };

struct csv_source {
    char *path, *name;
    enum packing packing;
    uint64_t size, consumed;
    int fd;     /* PLAIN */
    gzFile gz;  /* GZIP */
    zip_t *zip; /* ZIP */
    zip_file_t *entry;
    zip_int64_t next_entry;
    int texts;       /* how many were begun */
    bool text_ended; /* nothing more to read from the current one */
    size_t kept;     /* bytes at the front of block: the line the last block cut */
    size_t given;    /* bytes handed out by the last read, in front of kept */
    char block[BLOCK];
};

static bool has_suffix(const char *name, const char *suffix) {
    size_t length = strlen(name), tail = strlen(suffix);
    return length >= tail && strcasecmp(name + length - tail, suffix) == 0;
}

/* What a file that claims to be packed looks like instead. */
static status refuse_packing(const char *path, const char *kind, const char *start, size_t length,
                             struct error *err) {
    char shown[MAGIC / 2 + 1];
    size_t n = 0;
    if (length == 0)
        return error_set(err, ERR_INPUT, "%s: is empty, not a %s file; fetch it again", path, kind);
    for (; n < length && n < sizeof shown - 1; n++)
        shown[n] = start[n] >= ' ' && start[n] <= '~' ? start[n] : '.';
    shown[n] = '\0';
    return error_set(err, ERR_INPUT, "%s: not a %s file: it starts with \"%s\"%s; fetch it again", path, kind,
                     shown,
                     start[0] == '<' ? ", which is an XML or HTML page, probably a server's error" : "");
}

static status detect_packing(struct csv_source *self, struct error *err) {
    char start[MAGIC];
    ssize_t got = pread(self->fd, start, sizeof start, 0);
    if (got < 0) return error_set_errno(err, ERR_IO, "%s: cannot be read", self->path);
    size_t length = (size_t)got;
    if (length >= 2 && memcmp(start, "\x1f\x8b", 2) == 0) {
        self->packing = GZIP;
    } else if (length >= 4 && (memcmp(start, "PK\3\4", 4) == 0 || memcmp(start, "PK\5\6", 4) == 0)) {
        self->packing = ZIP;
    } else if (has_suffix(self->path, ".zip")) {
        return refuse_packing(self->path, "zip", start, length, err);
    } else if (has_suffix(self->path, ".gz")) {
        return refuse_packing(self->path, "gzip", start, length, err);
    }
    return OK;
}

static status open_packing(struct csv_source *self, struct error *err) {
    if (self->packing == GZIP) {
        self->gz = gzdopen(self->fd, "rb");
        if (!self->gz) return error_set(err, ERR_MEMORY, "out of memory");
        self->fd = -1;
        gzbuffer(self->gz, BLOCK / 2);
    } else if (self->packing == ZIP) {
        int code = 0;
        self->zip = zip_open(self->path, ZIP_RDONLY, &code);
        if (!self->zip) {
            zip_error_t why;
            zip_error_init_with_code(&why, code);
            error_set(err, ERR_INPUT, "%s: a damaged zip: %s; fetch it again", self->path,
                      zip_error_strerror(&why));
            zip_error_fini(&why);
            return ERR_INPUT;
        }
    }
    return OK;
}

status csv_source_open(struct csv_source **out, const char *path, struct error *err) {
    struct stat st;
    status rc;
    *out = NULL;
    struct csv_source *self = calloc(1, sizeof *self);
    if (!self || !(self->path = strdup(path))) {
        free(self);
        return error_set(err, ERR_MEMORY, "out of memory");
    }
    self->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (self->fd < 0 || fstat(self->fd, &st) < 0) {
        rc = error_set_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: cannot be opened", path);
        goto done;
    }
    if (S_ISDIR(st.st_mode)) {
        rc = error_set(err, ERR_INPUT, "%s: is a folder; name the files in it", path);
        goto done;
    }
    self->size = (uint64_t)st.st_size;
    if ((rc = detect_packing(self, err)) != OK) goto done;
    if ((rc = open_packing(self, err)) != OK) goto done;
    *out = self;
    self = NULL;
done:
    csv_source_close(self);
    return rc;
}

/* Opens the next CSV of the zip. */
static status next_entry(struct csv_source *self, bool *more, struct error *err) {
    if (self->entry) zip_fclose(self->entry);
    self->entry = NULL;
    for (zip_int64_t n = zip_get_num_entries(self->zip, 0); self->next_entry < n;) {
        zip_stat_t st;
        zip_uint64_t index = (zip_uint64_t)self->next_entry++;
        if (zip_stat_index(self->zip, index, 0, &st) != 0) continue;
        if (!has_suffix(st.name, ".csv") || strncmp(st.name, "__MACOSX/", 9) == 0) continue;
        free(self->name);
        if (asprintf(&self->name, "%s:%s", self->path, st.name) < 0) self->name = NULL;
        if (!self->name) return error_set(err, ERR_MEMORY, "out of memory");
        self->entry = zip_fopen_index(self->zip, index, 0);
        if (!self->entry) return error_set(err, ERR_INPUT, "%s: %s", self->name, zip_strerror(self->zip));
        *more = true;
        return OK;
    }
    if (self->texts == 0) return error_set(err, ERR_INPUT, "%s: the zip holds no .csv file", self->path);
    return OK;
}

status csv_source_next_text(struct csv_source *self, bool *more, struct error *err) {
    status rc = OK;
    *more = false;
    if (self->packing == ZIP) {
        rc = next_entry(self, more, err);
    } else {
        *more = self->texts == 0;
    }
    if (*more) self->texts++;
    self->kept = self->given = 0;
    self->text_ended = false;
    return rc;
}

const char *csv_source_name(const struct csv_source *self) {
    return self->name ? self->name : self->path;
}

static status damaged(const struct csv_source *self, const char *why, struct error *err) {
    return error_set(err, ERR_INPUT, "%s: damaged: %s; fetch it again", csv_source_name(self), why);
}

static status read_gzip(struct csv_source *self, char *to, size_t room, size_t *got, struct error *err) {
    int code = Z_OK;
    int n = gzread(self->gz, to, (unsigned)room);
    const char *why = gzerror(self->gz, &code);
    if (n < 0 || (code != Z_OK && code != Z_STREAM_END)) return damaged(self, why, err);
    z_off_t offset = gzoffset(self->gz);
    self->consumed = offset > 0 ? (uint64_t)offset : 0;
    *got = (size_t)n;
    return OK;
}

static status read_zip(struct csv_source *self, char *to, size_t room, size_t *got, struct error *err) {
    zip_int64_t n = zip_fread(self->entry, to, room);
    if (n < 0) return damaged(self, zip_file_strerror(self->entry), err);
    self->consumed += (uint64_t)n / 4; /* a guess at the packed size: klines shrink about so much */
    *got = (size_t)n;
    return OK;
}

static status read_plain(struct csv_source *self, char *to, size_t room, size_t *got, struct error *err) {
    ssize_t n;
    do {
        n = read(self->fd, to, room);
    } while (n < 0 && errno == EINTR);
    if (n < 0) return error_set_errno(err, ERR_IO, "%s: cannot be read", self->path);
    self->consumed += (uint64_t)n;
    *got = (size_t)n;
    return OK;
}

static status read_some(struct csv_source *self, char *to, size_t room, size_t *got, struct error *err) {
    if (self->packing == GZIP) return read_gzip(self, to, room, got, err);
    if (self->packing == ZIP) return read_zip(self, to, room, got, err);
    return read_plain(self, to, room, got, err);
}

status csv_source_read(struct csv_source *self, const char **begin, size_t *length, struct error *err) {
    memmove(self->block, self->block + self->given, self->kept);
    size_t filled = self->kept;
    self->given = self->kept = 0;
    while (!self->text_ended && filled < BLOCK) {
        size_t got = 0;
        status rc = read_some(self, self->block + filled, BLOCK - filled, &got, err);
        if (rc != OK) return rc;
        if (got == 0) self->text_ended = true;
        filled += got;
    }
    self->given = filled;
    if (!self->text_ended) {
        const char *newline = memrchr(self->block, '\n', filled);
        if (!newline)
            return error_set(err, ERR_INPUT, "%s: a line of more than %d bytes: not a kline CSV",
                             csv_source_name(self), BLOCK);
        self->given = (size_t)(newline + 1 - self->block);
        self->kept = filled - self->given;
    }
    *begin = self->block;
    *length = self->given;
    return OK;
}

double csv_source_progress(const struct csv_source *self) {
    if (self->size == 0 || self->consumed >= self->size) return 1.0;
    return (double)self->consumed / (double)self->size;
}

void csv_source_close(struct csv_source *self) {
    if (!self) return;
    if (self->entry) zip_fclose(self->entry);
    if (self->zip) zip_discard(self->zip);
    if (self->gz) gzclose(self->gz);
    if (self->fd >= 0) close(self->fd);
    free(self->path);
    free(self->name);
    free(self);
}
