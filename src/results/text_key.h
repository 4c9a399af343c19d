/* Texts of a column as numbers: eight bytes of a text as a key that sorts as the texts do (by bytes, as
 * strcmp). A text of a column has at most `bytes` bytes and is followed by NULs if it is shorter. */
#ifndef RESULTS_TEXT_KEY_H
#define RESULTS_TEXT_KEY_H

#include "results/row_select.h"

#include <endian.h>
#include <string.h>

/* Eight bytes, the first one lowest, to a key; nothing counts from the first NUL on. */
static inline uint64_t key_of_bytes(uint64_t word) {
    uint64_t ends = (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
    word &= (ends & -ends) - 1; /* all, if there is no NUL */
    return __builtin_bswap64(word);
}

/* Of bytes [8 * part, 8 * part + 8) of the text; 0 behind its end. */
static inline uint64_t text_key(const char *text, size_t bytes, size_t part) {
    size_t from = 8 * part;
    uint64_t word = 0;
    if (from >= bytes || strnlen(text, from) < from) return 0;
    memcpy(&word, text + from, bytes - from < 8 ? bytes - from : 8);
    return key_of_bytes(le64toh(word));
}

/* text_key of part 0, much faster, where text_keys_are_fast; keep: text_bytes_kept(bytes). */
static inline uint64_t fast_text_key(const char *text, uint64_t keep) {
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return key_of_bytes(le64toh(word) & keep);
}
static inline uint64_t text_bytes_kept(size_t bytes) {
    return bytes < 8 ? (UINT64_C(1) << 8 * bytes) - 1 : ~UINT64_C(0);
}
/* In the block at begin, eight bytes can be read from every text: there are as many rows behind it. */
static inline bool text_keys_are_fast(uint64_t begin, uint64_t row_count) {
    return begin + ROW_BLOCK + 8 <= row_count;
}

#endif
