/* Writing a struct decimal straight into a decimal.Decimal object, where that object's memory is as expected.
 */
#ifndef STRATEGY_DECIMAL_LAYOUT_H
#define STRATEGY_DECIMAL_LAYOUT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

#include "account/decimal.h"

/* True if objects of this Decimal class are laid out as decimal_layout_write needs them; checked on samples.
 */
bool decimal_layout_is_known(PyTypeObject *decimal_type);
/* object: zeroed memory of a Decimal or a subclass, as its tp_alloc gives it. value: at most 38 digits. */
void decimal_layout_write(PyObject *object, struct decimal value);

#endif
