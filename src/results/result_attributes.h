/* Provenance in a result file: attributes of the root and of /series/<k>, the long texts as datasets in
 * /provenance. */
#ifndef RESULTS_RESULT_ATTRIBUTES_H
#define RESULTS_RESULT_ATTRIBUTES_H

#include "results/provenance.h"

#include <hdf5.h>
#include <stdbool.h>

enum { RESULT_FORMAT_VERSION = 1 };
#define RESULT_FORMAT "kmill result"

/* All of it but the series; a new file each. False when HDF5 refuses. */
bool provenance_write_attributes(hid_t file, const struct provenance *provenance);
/* Of /series/<k>, open as group. */
bool series_write_attributes(hid_t group, const struct series_provenance *series);
/* All of it, series included; ERR_CORRUPT with `path` in the message. */
status provenance_read_attributes(struct provenance *out, hid_t file, const char *path, struct error *err);

/* The attribute `unit` of every figure that is no metric (those have theirs already): money, amounts, times.
 * After all datasets are made. */
bool result_units_write(hid_t file, size_t series_count);

#endif
