/* Checksums: CRC-32 (libdeflate, SIMD) against torn or rotten data, SHA-256 (libmd) for provenance and
 * downloads, FNV-1a for short keys where nobody gains by a collision. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define FNV_START UINT64_C(0xcbf29ce484222325)
uint64_t hash_fnv1a(uint64_t start, const void *data, size_t length); /* start FNV_START; chainable */
uint32_t hash_crc32(uint32_t start, const void *data, size_t length); /* start 0; chainable */
enum { SHA256_HEX_MAX = 65 };
void hash_sha256_hex(char out[SHA256_HEX_MAX], const void *data, size_t length);

#endif
