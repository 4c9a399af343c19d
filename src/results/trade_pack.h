/* The trades of a run as one compressed block: columns one after the other, each with its bytes shuffled. */
#ifndef RESULTS_TRADE_PACK_H
#define RESULTS_TRADE_PACK_H

#include "account/ledger.h"
#include "base/text.h"
#include "kmill/error.h"

/* Appends the block of count > 0 trades to out. */
status trades_pack(struct text *out, const struct trade *trades, size_t count, struct error *err);
/* True if a block of this length can hold count trades: asked before memory for them is taken. */
bool trades_plausible(size_t count, size_t length);
/* Into count trades; false if the block holds anything but count trades with valid sides, stamps and texts (<
 * text_count). */
bool trades_unpack(struct trade *trades, size_t count, size_t text_count, const void *block, size_t length);

#endif
