/* Chunk images. A libdeflate compressor is about 200 KiB of tables: making one for every run costs more than
 * the run's record does, so each thread keeps one until it ends. */
#include "results/chunk.h"
#include "base/memory.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct codec {
    struct libdeflate_compressor *compressor;
    struct libdeflate_decompressor *decompressor;
    struct buffer {
        unsigned char *data;
        size_t capacity;
    } shuffled, packed;
};

static pthread_key_t codec_key;
static pthread_once_t codec_once = PTHREAD_ONCE_INIT;

static void codec_free(void *memory) {
    struct codec *codec = memory;
    libdeflate_free_compressor(codec->compressor);
    libdeflate_free_decompressor(codec->decompressor);
    free(codec->shuffled.data);
    free(codec->packed.data);
    free(codec);
}

static void free_codec_of_main_thread(void) {
    struct codec *codec = pthread_getspecific(codec_key);
    if (codec) codec_free(codec);
    pthread_setspecific(codec_key, NULL);
}

static void make_key(void) {
    if (pthread_key_create(&codec_key, codec_free) != 0) memory_is_out();
    atexit(free_codec_of_main_thread); /* key destructors do not run for the thread that ends the process */
}

static struct codec *codec_of_thread(void) {
    pthread_once(&codec_once, make_key);
    struct codec *codec = pthread_getspecific(codec_key);
    if (codec) return codec;
    codec = calloc(1, sizeof *codec);
    if (!codec) memory_is_out();
    codec->compressor = libdeflate_alloc_compressor(1);
    codec->decompressor = libdeflate_alloc_decompressor();
    if (!codec->compressor || !codec->decompressor) memory_is_out();
    pthread_setspecific(codec_key, codec);
    return codec;
}

/* Room for size bytes; what was in it before is lost. */
static unsigned char *buffer_of(struct buffer *buffer, size_t size) {
    if (size > buffer->capacity || !buffer->data) {
        free(buffer->data);
        buffer->data = malloc(size ? size : 1);
        if (!buffer->data) memory_is_out();
        buffer->capacity = size;
    }
    return buffer->data;
}

void chunk_shuffle(unsigned char *out, const void *elements, size_t count, size_t width) {
    const unsigned char *in = elements;
    for (size_t byte = 0; byte < width; byte++, out += count)
        for (size_t i = 0; i < count; i++)
            out[i] = in[i * width + byte];
}

void chunk_unshuffle(void *elements, const unsigned char *in, size_t count, size_t width) {
    unsigned char *out = elements;
    for (size_t byte = 0; byte < width; byte++, in += count)
        for (size_t i = 0; i < count; i++)
            out[i * width + byte] = in[i];
}

void chunk_deflate(struct text *out, const void *data, size_t length) {
    struct codec *codec = codec_of_thread();
    size_t bound = libdeflate_zlib_compress_bound(codec->compressor, length);
    unsigned char *packed = buffer_of(&codec->packed, bound);
    size_t size = libdeflate_zlib_compress(codec->compressor, data, length, packed, bound);
    text_add(out, (const char *)packed, size);
}

bool chunk_inflate(void *out, size_t out_length, const void *data, size_t length) {
    struct codec *codec = codec_of_thread();
    return libdeflate_zlib_decompress(codec->decompressor, data, length, out, out_length, NULL) ==
           LIBDEFLATE_SUCCESS;
}

status chunk_pack(struct text *out, const void *elements, size_t count, size_t width, struct error *err) {
    size_t size;
    if (__builtin_mul_overflow(count, width, &size) || size > UINT32_MAX)
        return error_set(err, ERR_INPUT, "a chunk of %zu elements is too large, at most 4 GiB fit", count);
    unsigned char *shuffled = buffer_of(&codec_of_thread()->shuffled, size);
    chunk_shuffle(shuffled, elements, count, width);
    chunk_deflate(out, shuffled, size);
    return OK;
}

bool chunk_unpack(void *out, size_t count, size_t width, const void *image, size_t length) {
    unsigned char *shuffled = buffer_of(&codec_of_thread()->shuffled, count * width);
    if (!chunk_inflate(shuffled, count * width, image, length)) return false;
    chunk_unshuffle(out, shuffled, count, width);
    return true;
}

size_t curve_chunks(size_t points) {
    return points / CURVE_CHUNK_MAX + (points % CURVE_CHUNK_MAX != 0);
}

size_t curve_chunk_points(size_t points) {
    size_t chunks = curve_chunks(points);
    return chunks ? (points + chunks - 1) / chunks : 0;
}

static status pack_image(struct text *out, const double *points, size_t count, struct error *err) {
    size_t start = out->length;
    text_add(out, "\0\0\0\0", sizeof(uint32_t));
    status rc = chunk_pack(out, points, count, sizeof *points, err);
    uint32_t length = (uint32_t)(out->length - start - sizeof length);
    memcpy(out->data + start, &length, sizeof length);
    return rc;
}

status curve_pack(struct text *out, const double *curve, size_t points, struct error *err) {
    size_t size = curve_chunk_points(points);
    status rc = OK;
    for (size_t begin = 0; begin < points && rc == OK; begin += size) {
        if (points - begin >= size) {
            rc = pack_image(out, curve + begin, size, err);
            continue;
        }
        double *padded = calloc(size, sizeof *padded); /* a chunk is always whole */
        if (!padded) return error_set(err, ERR_MEMORY, "out of memory for an equity curve");
        memcpy(padded, curve + begin, (points - begin) * sizeof *padded);
        rc = pack_image(out, padded, size, err);
        free(padded);
    }
    return rc;
}

bool curve_next_image(const unsigned char **packed, size_t *length, const unsigned char **image,
                      size_t *image_length) {
    uint32_t size;
    if (*length < sizeof size) return false;
    memcpy(&size, *packed, sizeof size);
    if (size > *length - sizeof size) return false;
    *image = *packed + sizeof size;
    *image_length = size;
    *packed += sizeof size + size;
    *length -= sizeof size + size;
    return true;
}

bool curve_unpack(double *out, size_t points, const unsigned char *packed, size_t length) {
    size_t size = curve_chunk_points(points), done = 0;
    const unsigned char *image;
    size_t image_length;
    while (done < points && curve_next_image(&packed, &length, &image, &image_length)) {
        size_t take = points - done < size ? points - done : size;
        if (take == size) {
            if (!chunk_unpack(out + done, size, sizeof *out, image, image_length)) return false;
        } else {
            double *padded = malloc(size * sizeof *padded);
            bool whole = padded && chunk_unpack(padded, size, sizeof *padded, image, image_length);
            if (whole) memcpy(out + done, padded, take * sizeof *padded);
            free(padded);
            if (!whole) return false;
        }
        done += take;
    }
    return done == points && length == 0;
}
