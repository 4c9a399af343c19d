/* Checksums by the system's libraries, and FNV-1a (Fowler, Noll, Vo), which is two operations a byte. */
#include "base/hash.h"

#include <libdeflate.h>
#include <sha2.h>

uint64_t hash_fnv1a(uint64_t start, const void *data, size_t length) {
    for (const unsigned char *byte = data; length--; byte++)
        start = (start ^ *byte) * UINT64_C(0x100000001b3);
    return start;
}

uint32_t hash_crc32(uint32_t start, const void *data, size_t length) {
    /* libdeflate takes a NULL buffer as a request for the start value */
    return length ? libdeflate_crc32(start, data, length) : start;
}

void hash_sha256_hex(char out[SHA256_HEX_MAX], const void *data, size_t length) {
    SHA2_CTX state;
    SHA256Init(&state);
    SHA256Update(&state, data, length);
    SHA256End(&state, out);
}
