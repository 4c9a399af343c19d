/* HDF5 chunk images made and read without the HDF5 library: byte shuffle, then one zlib stream (libdeflate,
 * level 1).
 *
 * The workers compress equity curves with this, and the writer hands the images to H5Dwrite_chunk as they
 * are: no core ever compresses a curve twice. Any HDF5 reader undoes them with its own shuffle and deflate
 * filters. */
#ifndef RESULTS_CHUNK_H
#define RESULTS_CHUNK_H

#include "base/text.h"
#include "kmill/error.h"

/* Appends the image of count elements of width bytes to out. Thread-safe: compressors are kept one a thread.
 */
status chunk_pack(struct text *out, const void *elements, size_t count, size_t width, struct error *err);
/* The inverse; false if image is not one of exactly count elements. */
bool chunk_unpack(void *out, size_t count, size_t width, const void *image, size_t length);

/* Plain zlib without the shuffle, for data that mixes widths: the same thread's compressors. */
void chunk_deflate(struct text *out, const void *data, size_t length);
bool chunk_inflate(void *out, size_t out_length, const void *data, size_t length);

/* Byte k of every element side by side: elements of one magnitude share their high bytes. */
void chunk_shuffle(unsigned char *out, const void *elements, size_t count, size_t width);
void chunk_unshuffle(void *elements, const unsigned char *in, size_t count, size_t width);

/* A curve of `points` doubles lies in curve_chunks(points) chunks of curve_chunk_points(points) each: as few
 * as fit the maximum and as even as possible, so that less than one point a chunk is padding. 0 points have 0
 * chunks. */
enum { CURVE_CHUNK_MAX = 65536 };
size_t curve_chunks(size_t points);
size_t curve_chunk_points(size_t points);
/* All images of a curve one after the other, each behind its length as a little-endian uint32: what
 * run_record.equity_chunk holds. */
status curve_pack(struct text *out, const double *curve, size_t points, struct error *err);
bool curve_unpack(double *out, size_t points, const unsigned char *packed, size_t length);
/* Next image of a packed curve: advances *packed, *length; false at the end or if what is left is no image.
 */
bool curve_next_image(const unsigned char **packed, size_t *length, const unsigned char **image,
                      size_t *image_length);

#endif
