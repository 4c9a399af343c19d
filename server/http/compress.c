/* gzip by libdeflate, whose compressors are large (hundreds of kilobytes): one a thread and level, ended with
 * the thread. */
#include "server/http/compress.h"
#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { LEVEL_MAX = 9 };

struct compressors {
    struct libdeflate_compressor *by_level[LEVEL_MAX + 1];
};

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_compressors(void *context) {
    struct compressors *mine = context;
    for (int level = 0; level <= LEVEL_MAX; level++)
        if (mine->by_level[level]) libdeflate_free_compressor(mine->by_level[level]);
    free(mine);
}

static void make_key(void) {
    pthread_key_create(&key, free_compressors);
}

static struct libdeflate_compressor *compressor(int level) {
    pthread_once(&once, make_key);
    struct compressors *mine = pthread_getspecific(key);
    if (!mine) {
        mine = calloc(1, sizeof *mine);
        if (!mine || pthread_setspecific(key, mine)) {
            free(mine);
            return NULL;
        }
    }
    if (!mine->by_level[level]) mine->by_level[level] = libdeflate_alloc_compressor(level);
    return mine->by_level[level];
}

bool compress_gzip(char **out, size_t *out_length, const char *data, size_t length, int level) {
    struct libdeflate_compressor *c = compressor(level);
    char *packed = c ? malloc(length) : NULL;
    size_t packed_length = packed ? libdeflate_gzip_compress(c, data, length, packed, length - 1) : 0;
    if (!packed_length) {
        free(packed);
        return false;
    }
    char *fitted = realloc(packed, packed_length);
    *out = fitted ? fitted : packed;
    *out_length = packed_length;
    return true;
}

bool compress_helps(const char *content_type) {
    static const char *const types[] = {"text/", "application/json", "application/msgpack",
                                        "application/yaml", "application/javascript"};
    for (size_t i = 0; content_type && i < sizeof types / sizeof *types; i++)
        if (!strncmp(content_type, types[i], strlen(types[i]))) return true;
    return false;
}
