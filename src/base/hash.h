/* Checksums: CRC-32 (libdeflate, SIMD) against torn or rotten data, SHA-256 (libmd) for provenance and
 * downloads. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint32_t hash_crc32(uint32_t start, const void *data, size_t length); /* start 0; chainable */
enum { SHA256_HEX_MAX = 65 };
void hash_sha256_hex(char out[SHA256_HEX_MAX], const void *data, size_t length);

#endif
