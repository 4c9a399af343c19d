/* Loops over the rows of a block, written so that the compiler makes vectors of them. Operands may lie in the
 * memory that the result goes into, at the same row: hence `ivdep`. */
#include "results/block_lanes.h"
#include "results/text_key.h"

#include <math.h>
#include <string.h>

#define EXACT 9007199254740992.0 /* 2^53: ints up to it are doubles */
#define FOR_ROWS(i, count) _Pragma("GCC ivdep") for (size_t i = 0; i < (count); i++)

/* ---- kinds ---- */

static void become_ints(struct lanes *lanes, size_t count) {
    if (lanes->kind == LANE_INT) return;
    const uint8_t *truths = lanes->truths;
    int64_t *ints = lanes->memory->ints;
    FOR_ROWS(i, count) ints[i] = truths[i];
    lanes->kind = LANE_INT;
    lanes->ints = ints;
}

/* Whether every int is in [-2^53, 2^53). */
static bool are_exact(const int64_t *ints, size_t count) {
    uint64_t beyond = 0;
    FOR_ROWS(i, count) beyond |= ((uint64_t)ints[i] + (UINT64_C(1) << 53)) >> 54;
    return beyond == 0;
}

static void become_reals(struct lanes *lanes, size_t count) {
    if (lanes->kind == LANE_REAL) return;
    double *reals = lanes->memory->reals;
    if (lanes->kind == LANE_TEXT) {
        FOR_ROWS(i, count) reals[i] = NAN; /* a text is no number */
    } else {
        become_ints(lanes, count);
        const int64_t *ints = lanes->ints;
        FOR_ROWS(i, count) reals[i] = (double)ints[i];
    }
    lanes->kind = LANE_REAL;
    lanes->may_be_int = false;
    lanes->reals = reals;
}

static inline size_t code_of(const struct lanes *lanes, size_t i) {
    return lanes->dictionary_count > 1 ? lanes->codes[i] : 0;
}

static inline const char *text_of(const struct lanes *lanes, size_t i) {
    if (lanes->column) return lanes->column + i * lanes->stride;
    return lanes->dictionary ? lanes->dictionary[code_of(lanes, i)] : lanes->texts[i];
}

void lanes_constant(struct lanes *out, const struct value *constant, size_t count) {
    struct lane_memory *memory = out->memory;
    *out = (struct lanes){.kind = LANE_REAL, .reals = memory->reals, .memory = memory};
    double real = constant->kind == VALUE_FLOAT ? constant->real : NAN;
    int64_t whole = constant->kind == VALUE_INT ? constant->integer : 0;
    switch (constant->kind) {
    case VALUE_BOOL:
        out->kind = LANE_TRUTH;
        out->truths = memory->truths;
        memset(memory->truths, constant->boolean, count);
        break;
    case VALUE_INT:
        out->kind = LANE_INT;
        out->ints = memory->ints;
        FOR_ROWS(i, count) memory->ints[i] = whole;
        break;
    case VALUE_TEXT:
        out->kind = LANE_TEXT;
        out->dictionary = &constant->text;
        out->dictionary_count = 1;
        out->is_words = strlen(constant->text) <= sizeof(uint64_t);
        whole = text_word(text_key(constant->text, strlen(constant->text), 0));
        FOR_ROWS(i, count) memory->ints[i] = whole;
        break;
    default:
        FOR_ROWS(i, count) memory->reals[i] = real;
    }
}

const uint8_t *lanes_truths(struct lanes *lanes, size_t count) {
    uint8_t *truths = lanes->memory->truths;
    switch (lanes->kind) {
    case LANE_TRUTH:
        return lanes->truths;
    case LANE_INT:
        FOR_ROWS(i, count) truths[i] = lanes->ints[i] != 0;
        break;
    case LANE_REAL:
        FOR_ROWS(i, count) truths[i] = lanes->reals[i] < 0 || lanes->reals[i] > 0; /* not NaN */
        break;
    case LANE_TEXT:
        for (size_t i = 0; i < count; i++)
            truths[i] = text_of(lanes, i)[0] != '\0';
        break;
    }
    lanes->kind = LANE_TRUTH;
    return lanes->truths = truths;
}

void lanes_move(struct lanes *to, const struct lanes *from, size_t count) {
    struct lane_memory *memory = to->memory;
    *to = *from;
    to->memory = memory;
    if (from->kind == LANE_TRUTH && from->truths == from->memory->truths) {
        memcpy(memory->truths, from->truths, count);
        to->truths = memory->truths;
    } else if (from->kind != LANE_TRUTH && from->reals == from->memory->reals) {
        memcpy(memory->reals, from->reals, count * sizeof *memory->reals);
        to->reals = memory->reals;
    }
}

/* ---- comparing ---- */

#define COMPARE_ROWS(OPERATOR) FOR_ROWS(i, count) out[i] = left[i] OPERATOR right[i]
#define COMPARE_FUNCTION(NAME, TYPE)                                                                \
    static void NAME(uint8_t *out, enum comparison comparison, const TYPE *left, const TYPE *right, \
                     size_t count) {                                                                \
        switch (comparison) {                                                                       \
        case CMP_LESS:                                                                              \
            COMPARE_ROWS(<);                                                                        \
            break;                                                                                  \
        case CMP_LESS_EQUAL:                                                                        \
            COMPARE_ROWS(<=);                                                                       \
            break;                                                                                  \
        case CMP_GREATER:                                                                           \
            COMPARE_ROWS(>);                                                                        \
            break;                                                                                  \
        case CMP_GREATER_EQUAL:                                                                     \
            COMPARE_ROWS(>=);                                                                       \
            break;                                                                                  \
        case CMP_EQUAL:                                                                             \
            COMPARE_ROWS(==);                                                                       \
            break;                                                                                  \
        case CMP_NOT_EQUAL:                                                                         \
            COMPARE_ROWS(!=);                                                                       \
            break;                                                                                  \
        }                                                                                           \
    }
COMPARE_FUNCTION(compare_ints, int64_t)
COMPARE_FUNCTION(compare_reals, double) /* with NaN only != is true: what expressions want too */

/* Ints beyond 2^53 with doubles: as numbers, not as doubles. */
static void compare_exactly(uint8_t *out, enum comparison comparison, const struct lanes *left,
                            const struct lanes *right, size_t count) {
    for (size_t i = 0; i < count; i++) {
        long double x = left->kind == LANE_INT ? (long double)left->ints[i] : (long double)left->reals[i];
        long double y = right->kind == LANE_INT ? (long double)right->ints[i] : (long double)right->reals[i];
        out[i] = isnan(x) || isnan(y) ? comparison == CMP_NOT_EQUAL
                                      : comparison_holds(comparison, (x > y) - (x < y));
    }
}

/* As words, or of two dictionaries (one of them a constant's, mostly) all pairs first. */
static void compare_texts(uint8_t *out, enum comparison comparison, const struct lanes *left,
                          const struct lanes *right, size_t count) {
    enum { PAIRS = 256 };
    uint8_t table[PAIRS];
    if (left->is_words && right->is_words) {
        compare_ints(out, comparison, left->ints, right->ints, count);
        return;
    }
    size_t a = left->dictionary ? left->dictionary_count : PAIRS + 1,
           b = right->dictionary ? right->dictionary_count : PAIRS + 1;
    if (a > PAIRS || b > PAIRS || a * b > PAIRS) {
        for (size_t i = 0; i < count; i++)
            out[i] = comparison_holds(comparison, strcmp(text_of(left, i), text_of(right, i)));
        return;
    }
    for (size_t i = 0; i < a * b; i++)
        table[i] = comparison_holds(comparison, strcmp(left->dictionary[i / b], right->dictionary[i % b]));
    for (size_t i = 0; i < count; i++)
        out[i] = table[code_of(left, i) * b + code_of(right, i)];
}

/* Turning an operand that the expression needs again from ints into reals loses nothing: it is done only
 * where all are exact. */
void lanes_compare(uint8_t *out, enum comparison comparison, struct lanes *left, struct lanes *right,
                   size_t count) {
    if (left->kind == LANE_TEXT && right->kind == LANE_TEXT) {
        compare_texts(out, comparison, left, right, count);
        return;
    }
    if (left->kind == LANE_TEXT || right->kind == LANE_TEXT) { /* a text and a number */
        memset(out, comparison == CMP_NOT_EQUAL, count);
        return;
    }
    if (left->kind == LANE_TRUTH) become_ints(left, count);
    if (right->kind == LANE_TRUTH) become_ints(right, count);
    if (left->kind == LANE_INT && right->kind == LANE_INT) {
        compare_ints(out, comparison, left->ints, right->ints, count);
    } else if ((left->kind == LANE_INT && !are_exact(left->ints, count)) ||
               (right->kind == LANE_INT && !are_exact(right->ints, count))) {
        compare_exactly(out, comparison, left, right, count);
    } else {
        become_reals(left, count);
        become_reals(right, count);
        compare_reals(out, comparison, left->reals, right->reals, count);
    }
}

/* ---- arithmetic ---- */

static bool is_whole(const struct lanes *lanes) {
    return lanes->kind == LANE_TRUTH || lanes->kind == LANE_INT;
}

/* a % b with the sign of b, b not 0. */
static int64_t modulo(int64_t a, int64_t b) {
    int64_t remainder = b == -1 ? 0 : a % b; /* INT64_MIN % -1 traps */
    return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

static bool int_arithmetic(int64_t *out, enum operation operation, const int64_t *left, const int64_t *right,
                           size_t count) {
    bool overflows = false;
    switch (operation) {
    case OP_ADD:
        for (size_t i = 0; i < count; i++)
            overflows |= __builtin_add_overflow(left[i], right[i], &out[i]);
        break;
    case OP_SUBTRACT:
        for (size_t i = 0; i < count; i++)
            overflows |= __builtin_sub_overflow(left[i], right[i], &out[i]);
        break;
    case OP_MULTIPLY:
        for (size_t i = 0; i < count; i++)
            overflows |= __builtin_mul_overflow(left[i], right[i], &out[i]);
        break;
    default: /* OP_MODULO */
        for (size_t i = 0; i < count; i++) {
            if (right[i] == 0) return false;
            out[i] = modulo(left[i], right[i]);
        }
    }
    return !overflows;
}

static double real_modulo(double a, double b) {
    double remainder = b == 0.0 ? NAN : fmod(a, b);
    return remainder != 0.0 && (remainder < 0.0) != (b < 0.0) ? remainder + b : remainder;
}

static void real_arithmetic(double *out, enum operation operation, const double *left, const double *right,
                            size_t count) {
    switch (operation) {
    case OP_ADD:
        FOR_ROWS(i, count) out[i] = left[i] + right[i];
        break;
    case OP_SUBTRACT:
        FOR_ROWS(i, count) out[i] = left[i] - right[i];
        break;
    case OP_MULTIPLY:
        FOR_ROWS(i, count) out[i] = left[i] * right[i];
        break;
    case OP_DIVIDE:
        FOR_ROWS(i, count) out[i] = right[i] == 0.0 ? NAN : left[i] / right[i];
        break;
    default: /* OP_MODULO */
        for (size_t i = 0; i < count; i++)
            out[i] = real_modulo(left[i], right[i]);
    }
}

/* Sums and products of what may be ints: beyond 2^53 an int would be more exact than the double. */
static bool may_be_inexact(const double *results, size_t count) {
    bool beyond = false;
    FOR_ROWS(i, count) beyond |= fabs(results[i]) > EXACT;
    return beyond;
}

bool lanes_arithmetic(struct lanes *left, enum operation operation, struct lanes *right, size_t count) {
    struct lane_memory *memory = left->memory;
    if (is_whole(left) && is_whole(right) && operation != OP_DIVIDE) {
        become_ints(left, count);
        become_ints(right, count);
        bool done = int_arithmetic(memory->ints, operation, left->ints, right->ints, count);
        left->ints = memory->ints;
        return done;
    }
    bool may_be_int = operation != OP_DIVIDE && (is_whole(left) || left->may_be_int) &&
                      (is_whole(right) || right->may_be_int);
    if (may_be_int && ((left->kind == LANE_INT && !are_exact(left->ints, count)) ||
                       (right->kind == LANE_INT && !are_exact(right->ints, count))))
        return false;
    become_reals(left, count);
    become_reals(right, count);
    real_arithmetic(memory->reals, operation, left->reals, right->reals, count);
    left->reals = memory->reals;
    left->may_be_int = may_be_int;
    return !may_be_int || !may_be_inexact(memory->reals, count);
}

bool lanes_negate(struct lanes *lanes, size_t count) {
    struct lane_memory *memory = lanes->memory;
    if (!is_whole(lanes)) {
        bool may_be_int = lanes->kind == LANE_REAL && lanes->may_be_int;
        become_reals(lanes, count);
        FOR_ROWS(i, count) memory->reals[i] = -lanes->reals[i];
        lanes->reals = memory->reals;
        lanes->may_be_int = may_be_int;
        return true;
    }
    become_ints(lanes, count);
    bool overflows = false;
    for (size_t i = 0; i < count; i++)
        overflows |= __builtin_sub_overflow(0, lanes->ints[i], &memory->ints[i]);
    lanes->ints = memory->ints;
    return !overflows;
}
