/* See decimal_layout.h.
 *
 * The public way from C to a Decimal is a text that Decimal() parses, 250 ns; the amounts of the account are
 * made at each trade that a strategy looks at. CPython's _decimal keeps the number inside the object: hash,
 * libmpdec's mpd_t, and room for four words of 19 digits. That layout is not public, so it is not trusted:
 * samples are compared byte for byte first, and where one differs money.c goes through the text. */
#include "strategy/decimal_layout.h"

#include <stdint.h>
#include <string.h>

/* What _decimal.c calls PyDecObject, on a 64-bit machine. */
struct decimal_object {
    PyObject ob_base;
    Py_hash_t hash; /* -1: not computed */
    struct {
        uint8_t flags; /* sign, specials, and that neither struct nor data are libmpdec's to free */
        int64_t exponent, digits, length, allocated;
        uint64_t *data; /* length words, least significant first */
    } number;
    uint64_t words[4];
};

enum { FLAG_NEGATIVE = 1, FLAGS_IN_PLACE = 16 | 32, WORD_DIGITS = 19 };
static const uint64_t WORD_RADIX = UINT64_C(10000000000000000000);

static int digits_of(uint128 value) {
    int digits = 1;
    uint128 bound = 10;
    while (digits < DECIMAL_OPERAND_DIGITS && value >= bound) {
        bound *= 10;
        digits++;
    }
    return digits;
}

void decimal_layout_write(PyObject *object, struct decimal value) {
    struct decimal_object *self = (struct decimal_object *)object;
    uint64_t high = (uint64_t)(value.coefficient / WORD_RADIX);
    self->hash = -1;
    self->number.flags = (uint8_t)(FLAGS_IN_PLACE | (value.negative ? FLAG_NEGATIVE : 0));
    self->number.exponent = value.exponent;
    self->number.digits = digits_of(value.coefficient);
    self->number.length = high ? 2 : 1;
    self->number.allocated = 4;
    self->number.data = self->words;
    self->words[0] = (uint64_t)(value.coefficient % WORD_RADIX);
    self->words[1] = high;
}

/* A Decimal from its text has in memory what decimal_layout_write would write. */
static bool sample_fits(PyTypeObject *type, const char *text) {
    struct decimal value;
    if (!decimal_from_text(&value, text, strlen(text))) return false;
    PyObject *sample = PyObject_CallFunction((PyObject *)type, "s", text);
    if (!sample) {
        PyErr_Clear();
        return false;
    }
    struct decimal_object written = {.hash = 0};
    decimal_layout_write((PyObject *)&written, value);
    const struct decimal_object *made = (const struct decimal_object *)sample;
    bool fits =
        made->hash == written.hash && made->number.flags == written.number.flags &&
        made->number.exponent == written.number.exponent && made->number.digits == written.number.digits &&
        made->number.length == written.number.length && made->number.allocated == written.number.allocated &&
        made->number.data == made->words && made->words[0] == written.words[0] &&
        (written.number.length == 1 || made->words[1] == written.words[1]);
    Py_DECREF(sample);
    return fits;
}

bool decimal_layout_is_known(PyTypeObject *decimal_type) {
    static const char *const samples[] = {"0",
                                          "-0.000",
                                          "1",
                                          "9999999999999999999",
                                          "-10000000000000000000",
                                          "12345678901234567890.12345678",
                                          "-99999999999999999999999999999999999999E-77",
                                          "10000000000000000000000000000000000000E+1000"};
    if (sizeof(void *) != 8 || decimal_type->tp_basicsize != (Py_ssize_t)sizeof(struct decimal_object))
        return false;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        if (!sample_fits(decimal_type, samples[i])) return false;
    return true;
}
