/* One run's result as it crosses from worker to coordinator, into the journal and into the result file:
 * msgpack, decoded without copying. The reader treats it as hostile: every length and type is checked. */
#ifndef RESULTS_RUN_RECORD_H
#define RESULTS_RUN_RECORD_H

#include "account/ledger.h"
#include "base/text.h"
#include "kmill/error.h"
#include "kmill/metrics.h"

enum run_status {
    RUN_DONE = 0,
    RUN_FAILED = 1, /* the strategy raised */
    RUN_TIME_LIMIT = 2,
    RUN_MEMORY_LIMIT = 3,
    RUN_CRASHED = 4, /* took the worker process down */
    RUN_STATUS_COUNT
};
const char *
run_status_name(enum run_status status); /* "done", "failed", "time limit", "memory limit", "crashed" */

enum { SPARKLINE_POINTS = 64 };

/* Pointers borrow from the encoder's or decoder's memory. For a run that is not RUN_DONE metrics are all NaN
 * and only the error fields, log and elapsed are set. */
struct run_record {
    uint64_t run;
    uint32_t series;
    enum run_status status;
    double elapsed_seconds; /* CPU of the thread */
    double metrics[METRIC_COUNT];
    float sparkline[SPARKLINE_POINTS]; /* equity at evenly spaced bars, the first and the last included; with
                                          fewer bars NaN follows */
    const struct trade *trades;        /* trade_count, NULL when not kept */
    size_t trade_count;
    uint64_t trade_total;           /* how many there were */
    const char *const *trade_texts; /* of trades with STAMP_TEXT */
    size_t trade_text_count;
    const double
        *equity; /* kept points, NULL when not kept; encoder compresses, decoder leaves equity NULL ... */
    size_t equity_count;
    const unsigned char
        *equity_chunk; /* ... and gives the HDF5 chunk images (shuffle + deflate) here, as curve_pack in
                          chunk.h lays them out; what was decoded can be encoded again */
    size_t equity_chunk_length;
    const char *error_type, *error_message, *traceback; /* NULL when none */
    int error_line, error_column;                       /* 0: not known */
    int64_t error_bar;                                  /* -1 none */
    const char *log;                                    /* what it printed, bounded */
    size_t log_length;
    const char *warnings;
    size_t warnings_length;
};

/* Appends the encoded record to out. Trades are packed column-wise and compressed too. */
status run_record_encode(struct text *out, const struct run_record *record, struct error *err);

struct run_record_decoder; /* owns the memory a decoded record borrows; one per thread, reused */
status run_record_decoder_open(struct run_record_decoder **out, struct error *err);
/* *record borrows from data and from the decoder until the next call. ERR_CORRUPT for anything not as encode
 * writes it. with_trades false leaves trades NULL (trade_count still set), which is much faster. */
status run_record_decode(struct run_record_decoder *decoder, struct run_record *record, const void *data,
                         size_t length, bool with_trades, struct error *err);
/* Unpacks equity_chunk of a decoded record to equity_count doubles (out has the room). */
status run_record_equity(const struct run_record *record, double *out, struct error *err);
void run_record_decoder_close(struct run_record_decoder *decoder);

#endif
