/* The different values of a column of several kinds, decoded once, and which of them each row has: such a
 * column is texts of JSON, too slow to take apart row by row. */
#ifndef RESULTS_VALUE_DICTIONARY_H
#define RESULTS_VALUE_DICTIONARY_H

#include "results/param_column.h"

enum { DICTIONARY_MAX = 32768 };

struct value_dictionary {
    uint16_t *codes; /* of rows; NULL: not made, or more than DICTIONARY_MAX different elements */
    size_t count;
    struct value *values;
    uint64_t *ranks; /* from 1 on, sort as the values do: numbers, texts; UINT64_MAX for none and NaN */
    struct arena texts;
};

/* Of an element's bytes up to its padding of zeros; seed: of what it is an element. */
uint64_t value_element_hash(const unsigned char *element, size_t bytes, uint64_t seed);
/* Of `rows` elements of `bytes` bytes. False when out of memory; clear in any case. */
bool value_dictionary_make(struct value_dictionary *out, const unsigned char *elements, size_t bytes,
                           uint64_t rows);
void value_dictionary_clear(struct value_dictionary *dictionary);

#endif
