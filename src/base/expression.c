/* Running a condition: the postfix program of base/expression_program.h over a stack of values on the C
 * stack.
 *
 * Numbers behave as in Python: ints are exact until they overflow (then they go on as floats), / is true
 * division, % has the divisor's sign. What has no value (none, text in arithmetic, division by zero, NaN) is
 * none, and comparisons with it are false. */
#include "base/expression_program.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct value none(void) {
    return (struct value){.kind = VALUE_NONE};
}

static struct value truth(bool boolean) {
    return (struct value){.kind = VALUE_BOOL, .boolean = boolean};
}

static struct value real(double number) {
    if (isnan(number)) return none();
    return (struct value){.kind = VALUE_FLOAT, .real = number};
}

static bool is_true(struct value value) {
    switch (value.kind) {
    case VALUE_BOOL:
        return value.boolean;
    case VALUE_INT:
        return value.integer != 0;
    case VALUE_FLOAT:
        return !isnan(value.real) && value.real != 0.0;
    case VALUE_TEXT:
        return value.text[0] != '\0';
    case VALUE_NONE:
        break;
    }
    return false;
}

/* int and bool as int64. */
static bool as_integer(int64_t *out, struct value value) {
    if (value.kind == VALUE_BOOL)
        *out = value.boolean;
    else if (value.kind == VALUE_INT)
        *out = value.integer;
    else
        return false;
    return true;
}

static bool integer_arithmetic(int64_t *out, enum operation operation, int64_t a, int64_t b) {
    switch (operation) {
    case OP_ADD:
        return !__builtin_add_overflow(a, b, out);
    case OP_SUBTRACT:
        return !__builtin_sub_overflow(a, b, out);
    case OP_MULTIPLY:
        return !__builtin_mul_overflow(a, b, out);
    case OP_MODULO:
        if (b == 0) return false;
        *out = b == -1 ? 0 : a % b; /* INT64_MIN % -1 traps */
        if (*out != 0 && (*out < 0) != (b < 0)) *out += b;
        return true;
    default:
        return false;
    }
}

static double real_arithmetic(enum operation operation, double a, double b) {
    switch (operation) {
    case OP_ADD:
        return a + b;
    case OP_SUBTRACT:
        return a - b;
    case OP_MULTIPLY:
        return a * b;
    case OP_DIVIDE:
        return b == 0.0 ? NAN : a / b;
    default:
        break;
    }
    double remainder = b == 0.0 ? NAN : fmod(a, b);
    if (remainder != 0.0 && (remainder < 0.0) != (b < 0.0)) remainder += b;
    return remainder;
}

static struct value arithmetic(enum operation operation, struct value left, struct value right) {
    int64_t a, b, result;
    if (as_integer(&a, left) && as_integer(&b, right) && integer_arithmetic(&result, operation, a, b))
        return (struct value){.kind = VALUE_INT, .integer = result};
    double x, y;
    if (!value_as_double(&x, left) || !value_as_double(&y, right)) return none();
    return real(real_arithmetic(operation, x, y));
}

/* -1, 0, 1; false where the two cannot be compared. */
static bool order(int *out, struct value left, struct value right) {
    if (left.kind == VALUE_TEXT && right.kind == VALUE_TEXT) {
        int sign = strcmp(left.text, right.text);
        *out = (sign > 0) - (sign < 0);
        return true;
    }
    int64_t a, b;
    if (as_integer(&a, left) && as_integer(&b, right)) {
        *out = (a > b) - (a < b);
        return true;
    }
    double x, y;
    if (!value_as_double(&x, left) || !value_as_double(&y, right) || isnan(x) || isnan(y)) return false;
    /* long double holds every int64 and every double: 2**53 + 1 is not equal to 2.0**53 */
    long double exact_x = as_integer(&a, left) ? (long double)a : (long double)x;
    long double exact_y = as_integer(&b, right) ? (long double)b : (long double)y;
    *out = (exact_x > exact_y) - (exact_x < exact_y);
    return true;
}

bool comparison_holds(enum comparison comparison, int sign) {
    switch (comparison) {
    case CMP_LESS:
        return sign < 0;
    case CMP_LESS_EQUAL:
        return sign <= 0;
    case CMP_GREATER:
        return sign > 0;
    case CMP_GREATER_EQUAL:
        return sign >= 0;
    case CMP_EQUAL:
        return sign == 0;
    case CMP_NOT_EQUAL:
        break;
    }
    return sign != 0;
}

static bool compare(enum comparison comparison, struct value left, struct value right) {
    int sign;
    if (!order(&sign, left, right)) return comparison == CMP_NOT_EQUAL;
    return comparison_holds(comparison, sign);
}

static struct value negate(struct value value) {
    int64_t integer;
    if (as_integer(&integer, value) && integer != INT64_MIN)
        return (struct value){.kind = VALUE_INT, .integer = -integer};
    double number;
    return value_as_double(&number, value) ? real(-number) : none();
}

/* Runs one instruction that takes values from the stack; top is the first free place. Returns the new top. */
static struct value *apply(const struct instruction *step, struct value *top) {
    switch (step->operation) {
    case OP_NEGATE:
        top[-1] = negate(top[-1]);
        return top;
    case OP_NOT:
        top[-1] = truth(!is_true(top[-1]));
        return top;
    case OP_AND:
        top[-2] = truth(is_true(top[-2]) && is_true(top[-1]));
        return top - 1;
    case OP_OR:
        top[-2] = truth(is_true(top[-2]) || is_true(top[-1]));
        return top - 1;
    case OP_COMPARE:
        top[-2] = truth(compare(step->comparison, top[-2], top[-1]));
        return top;
    case OP_CHAIN:
        top[-3] = truth(is_true(top[-3]) && compare(step->comparison, top[-2], top[-1]));
        top[-2] = top[-1];
        return top - 1;
    case OP_DROP:
        return top - 1;
    case OP_IN_ITEM:
        top[-2] = truth(is_true(top[-2]) || compare(CMP_EQUAL, top[-3], top[-1]));
        return top - 1;
    case OP_IN_END:
        top[-2] = top[-1];
        return top - 1;
    default:
        top[-2] = arithmetic(step->operation, top[-2], top[-1]);
        return top - 1;
    }
}

bool expression_holds(const struct expression *expression, expression_lookup lookup, void *context) {
    struct value stack[EXPRESSION_STACK_MAX];
    struct value *top = stack;
    for (size_t i = 0; i < expression->count; i++) {
        const struct instruction *step = &expression->code[i];
        if (step->operation == OP_CONSTANT)
            *top++ = step->constant;
        else if (step->operation == OP_NAME)
            *top++ = lookup(context, step->name);
        else
            top = apply(step, top);
    }
    return is_true(top[-1]);
}

bool expression_uses(const struct expression *expression, size_t name) {
    return name < expression->name_count && expression->used[name];
}

const char *expression_text(const struct expression *expression) {
    return expression->text;
}

void expression_close(struct expression *expression) {
    if (!expression) return;
    free(expression->text);
    free(expression->texts);
    free(expression->code);
    free(expression->used);
    free(expression);
}
