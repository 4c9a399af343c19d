/* zlib's deflate between a source and its stream. A call takes in a few blocks at most, and what repeats
 * itself so much that nothing has come out by then is brought out: a connection holds its event loop for a
 * millisecond, not for the megabytes that deflate can swallow. Else nothing is flushed: these are downloads,
 * no events. */
#include "server/http/gzip_source.h"
#include <stdlib.h>
#include <zlib.h>

enum { BLOCK_SIZE = 16384, BLOCKS_MAX = 8, LEVEL = 1, GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 8 };

struct gzip_source {
    struct stream_source plain;
    z_stream deflater;
    bool is_over, is_finished; /* plain has nothing more; the last byte is out */
    char block[BLOCK_SIZE];
};

/* The block is used up: 1 more is in it or plain is over, 0 nothing now, STREAM_BROKEN. */
static long take_block(struct gzip_source *self) {
    long length = self->plain.read(self->plain.context, self->block, sizeof self->block);
    if (length == 0 || length == STREAM_BROKEN) return length;
    self->is_over = length < 0;
    self->deflater.next_in = (Bytef *)self->block;
    self->deflater.avail_in = length < 0 ? 0 : (uInt)length;
    return 1;
}

static long read_packed(void *context, char *buffer, size_t max) {
    struct gzip_source *self = context;
    z_stream *z = &self->deflater;
    z->next_out = (Bytef *)buffer;
    z->avail_out = (uInt)max;
    for (int blocks = 1; !self->is_finished && z->avail_out == max; blocks++) {
        long taken = z->avail_in || self->is_over ? 1 : take_block(self);
        if (taken != 1) return taken;
        int rc = deflate(z, self->is_over ? Z_FINISH : blocks == BLOCKS_MAX ? Z_BLOCK : Z_NO_FLUSH);
        if (rc == Z_STREAM_ERROR) return STREAM_BROKEN;
        self->is_finished = rc == Z_STREAM_END;
    }
    return z->avail_out == max ? -1 : (long)(max - z->avail_out);
}

static void free_source(struct gzip_source *self) {
    deflateEnd(&self->deflater);
    free(self);
}

static void end_packed(void *context) {
    struct gzip_source *self = context;
    self->plain.end(self->plain.context);
    free_source(self);
}

status gzip_source_open(struct stream_source *out, const struct stream_source *plain, struct error *err) {
    struct gzip_source *self = calloc(1, sizeof *self);
    if (self) self->plain = *plain;
    if (!self ||
        deflateInit2(&self->deflater, LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY)) {
        free(self);
        return error_set(err, ERR_MEMORY, "out of memory for a stream");
    }
    *out = (struct stream_source){self, read_packed, end_packed};
    return OK;
}

void gzip_source_abandon(const struct stream_source *source) {
    free_source(source->context);
}
