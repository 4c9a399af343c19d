/* What journal_writer.c and journal_reader.c agree on: names of files and the frame around a record. */
#ifndef RESULTS_JOURNAL_FORMAT_H
#define RESULTS_JOURNAL_FORMAT_H

#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    JOURNAL_MAGIC = 0x314d4b4a,       /* "JKM1": in front of every frame */
    JOURNAL_SEGMENT_BYTES = 64 << 20, /* a segment that is longer is sealed */
    JOURNAL_RECORD_MAX = 1 << 30,     /* bytes of one record */
    JOURNAL_NAME_MAX = 16
};

/* Little-endian, in front of every record (and of the header in `sweep`, whose run is 0). */
struct journal_frame {
    uint32_t magic, length; /* length of the record behind it */
    uint64_t run;
    uint32_t crc; /* CRC-32 of length, run and the record */
} __attribute__((packed));

static inline uint32_t journal_frame_crc(const struct journal_frame *frame, const void *record) {
    uint32_t crc = hash_crc32(0, &frame->length, sizeof frame->length + sizeof frame->run);
    return hash_crc32(crc, record, frame->length);
}

#define JOURNAL_HEADER_NAME "sweep"
/* RESULT.h5 -> RESULT.h5.journal, malloc'd (NULL: out of memory). */
static inline char *journal_folder(const char *result_path) {
    char *folder = NULL;
    return asprintf(&folder, "%s.journal", result_path) < 0 ? NULL : folder;
}
static inline void journal_segment_name(char out[JOURNAL_NAME_MAX], uint32_t number) {
    snprintf(out, JOURNAL_NAME_MAX, "%06u.jnl", number);
}

#endif
