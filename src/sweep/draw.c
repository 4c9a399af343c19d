/* Random numbers by counter. */
#include "sweep/draw.h"
#include "base/hash.h"

#include <string.h>

enum { ROUNDS = 10 };

void draw_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]) {
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t product0 = (uint64_t)0xD2511F53u * c0, product1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(product1 >> 32) ^ c1 ^ k0;
        c2 = (uint32_t)(product0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)product1;
        c3 = (uint32_t)product0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* FNV-1a over the name, the seed as its start, then the finalizer of SplitMix64 (Steele, Lea, Flood,
 * OOPSLA'14): neighbouring seeds and similar names give unrelated keys. */
static uint64_t key_of(uint64_t seed, const char *stream) {
    uint64_t hash = hash_fnv1a(FNV_START ^ seed, stream, strlen(stream));
    hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
    return hash ^ hash >> 31;
}

struct draw draw_begin(uint64_t seed, const char *stream, uint64_t index, uint32_t attempt) {
    uint64_t key = key_of(seed, stream);
    return (struct draw){.key = {(uint32_t)key, (uint32_t)(key >> 32)},
                         .index = index,
                         .attempt = attempt,
                         .block = 0,
                         .left = 0};
}

uint64_t draw_bits(struct draw *draw) {
    if (draw->left == 0) {
        uint32_t counter[4] = {(uint32_t)draw->index, (uint32_t)(draw->index >> 32), draw->attempt,
                               draw->block++};
        uint32_t out[4];
        draw_philox(out, counter, draw->key);
        draw->bits[1] = (uint64_t)out[1] << 32 | out[0]; /* given out first */
        draw->bits[0] = (uint64_t)out[3] << 32 | out[2];
        draw->left = 2;
    }
    return draw->bits[--draw->left];
}

double draw_unit(struct draw *draw) {
    return (double)(draw_bits(draw) >> 11) * 0x1p-53;
}

uint64_t draw_below(struct draw *draw, uint64_t limit) {
    unsigned __int128 product = (unsigned __int128)draw_bits(draw) * limit;
    if ((uint64_t)product < limit) {
        uint64_t threshold =
            (0 - limit) % limit; /* 2^64 mod limit: so many low parts would be counted once too often */
        while ((uint64_t)product < threshold)
            product = (unsigned __int128)draw_bits(draw) * limit;
    }
    return (uint64_t)(product >> 64);
}
