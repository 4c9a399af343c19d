/* The postfix program of a condition run over lanes: the stack holds lanes where the interpreter's holds
 * values. Columns are looked at where they lie; what is computed goes into the memory of its place on the
 * stack, 9 KiB each.
 *
 * A block that lanes cannot do exactly (see block_lanes.h), and all blocks of conditions that name a column
 * of several kinds, go to the interpreter row by row. */
#include "results/block_condition.h"
#include "results/block_lanes.h"
#include "results/text_key.h"

#include <stdlib.h>
#include <string.h>

struct block_condition {
    struct query_columns *columns;
    struct expression *expression;
    bool needs_interpreter;
    uint64_t row; /* the interpreter's */
    size_t depth;
    struct lane_memory *memory; /* of every place of the stack */
    struct lanes stack[EXPRESSION_STACK_MAX];
};

static struct value look_up(void *context, size_t name) {
    struct block_condition *self = context;
    return query_columns_value(self->columns, name, self->row);
}

static void interpret(struct block_condition *self, uint8_t *mask, uint64_t begin, size_t count) {
    for (size_t i = 0; i < count; i++) {
        self->row = begin + i;
        mask[i] = expression_holds(self->expression, look_up, self);
    }
}

/* ---- columns as lanes ---- */

/* Texts that a reader may borrow: all end within their element. */
static bool are_terminated(const char *texts, size_t bytes, size_t count) {
    char last = 0;
    for (size_t i = 0; i < count; i++)
        last |= texts[i * bytes + bytes - 1];
    return last == 0;
}

static void push_words(struct lanes *out, const char *texts, size_t bytes, bool is_fast, size_t count) {
    int64_t *words = out->memory->ints;
    uint64_t keep = text_bytes_kept(bytes);
    if (is_fast)
        for (size_t i = 0; i < count; i++)
            words[i] = text_word(fast_text_key(texts + i * bytes, keep));
    else
        for (size_t i = 0; i < count; i++)
            words[i] = text_word(text_key(texts + i * bytes, bytes, 0));
    out->is_words = true;
    out->ints = words;
}

static void push_texts(struct block_condition *self, struct lanes *out, size_t name, uint64_t begin,
                       size_t count) {
    const struct query_column *column = &self->columns->columns[name];
    const char *texts = (const char *)column->data + begin * column->bytes;
    out->kind = LANE_TEXT;
    if (!are_terminated(texts, column->bytes, count)) {
        for (size_t i = 0; i < count; i++)
            out->memory->texts[i] = query_columns_value(self->columns, name, begin + i).text;
        out->texts = out->memory->texts;
        return;
    }
    out->column = texts;
    out->stride = column->bytes;
    if (column->bytes <= sizeof(uint64_t))
        push_words(out, texts, column->bytes, text_keys_are_fast(begin, self->columns->result->row_count),
                   count);
}

static void push_codes(struct lanes *out, const struct query_column *column, uint64_t begin, size_t count) {
    for (size_t i = 0; i < count; i++)
        out->memory->codes[i] = (uint32_t)query_column_code(column, begin + i);
    out->kind = LANE_TEXT;
    out->codes = out->memory->codes;
    out->dictionary = column->texts;
    out->dictionary_count = column->text_count;
}

static void push_truths(struct lanes *out, const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        out->memory->truths[i] = bytes[i] != 0;
    out->kind = LANE_TRUTH;
    out->truths = out->memory->truths;
}

static void push_column(struct block_condition *self, struct lanes *out, size_t name, uint64_t begin,
                        size_t count) {
    const struct query_column *column = &self->columns->columns[name];
    *out = (struct lanes){.kind = LANE_REAL, .memory = out->memory};
    switch (column->storage) {
    case STORED_INT:
        out->kind = LANE_INT;
        out->ints = (const int64_t *)column->data + begin;
        break;
    case STORED_BOOL:
        push_truths(out, (const uint8_t *)column->data + begin, count);
        break;
    case STORED_TEXT:
        push_texts(self, out, name, begin, count);
        break;
    case STORED_STATUS:
    case STORED_SERIES:
        push_codes(out, column, begin, count);
        break;
    default: /* STORED_REAL, STORED_NUMBER */
        out->reals = (const double *)column->data + begin;
        out->may_be_int = column->storage == STORED_NUMBER;
    }
}

/* ---- the program ---- */

static void set_truths(struct lanes *out) {
    out->kind = LANE_TRUTH;
    out->truths = out->memory->truths;
}

static void join(struct lanes *left, enum operation operation, struct lanes *right, size_t count) {
    const uint8_t *a = lanes_truths(left, count), *b = lanes_truths(right, count);
    uint8_t *out = left->memory->truths;
    if (operation == OP_AND)
        for (size_t i = 0; i < count; i++)
            out[i] = a[i] & b[i];
    else
        for (size_t i = 0; i < count; i++)
            out[i] = a[i] | b[i];
    set_truths(left);
}

static void invert(struct lanes *lanes, size_t count) {
    const uint8_t *truths = lanes_truths(lanes, count);
    for (size_t i = 0; i < count; i++)
        lanes->memory->truths[i] = !truths[i];
    set_truths(lanes);
}

/* What a chain or list has come to so far (lanes), and one comparison more. */
static void join_comparison(struct lanes *so_far, enum operation operation, enum comparison comparison,
                            struct lanes *left, struct lanes *right, size_t count) {
    uint8_t holds[ROW_BLOCK];
    lanes_compare(holds, comparison, left, right, count);
    struct lane_memory *memory = so_far->memory;
    const uint8_t *before = lanes_truths(so_far, count);
    for (size_t i = 0; i < count; i++)
        memory->truths[i] = operation == OP_OR ? before[i] | holds[i] : before[i] & holds[i];
    set_truths(so_far);
}

/* Runs one instruction that takes lanes from the stack; top is the first free place. Returns the new top, or
 * NULL where lanes cannot do it. */
static struct lanes *apply(const struct instruction *step, struct lanes *top, size_t count) {
    uint8_t holds[ROW_BLOCK];
    switch (step->operation) {
    case OP_NEGATE:
        return lanes_negate(&top[-1], count) ? top : NULL;
    case OP_NOT:
        invert(&top[-1], count);
        return top;
    case OP_AND:
    case OP_OR:
        join(&top[-2], step->operation, &top[-1], count);
        return top - 1;
    case OP_COMPARE:
        lanes_compare(holds, step->comparison, &top[-2], &top[-1], count);
        memcpy(top[-2].memory->truths, holds, count);
        set_truths(&top[-2]);
        return top;
    case OP_CHAIN:
        join_comparison(&top[-3], OP_AND, step->comparison, &top[-2], &top[-1], count);
        lanes_move(&top[-2], &top[-1], count);
        return top - 1;
    case OP_DROP:
        return top - 1;
    case OP_IN_ITEM:
        join_comparison(&top[-2], OP_OR, CMP_EQUAL, &top[-3], &top[-1], count);
        return top - 1;
    case OP_IN_END:
        lanes_move(&top[-2], &top[-1], count);
        return top - 1;
    default:
        return lanes_arithmetic(&top[-2], step->operation, &top[-1], count) ? top - 1 : NULL;
    }
}

static bool run_lanes(struct block_condition *self, uint8_t *mask, uint64_t begin, size_t count) {
    struct lanes *top = self->stack;
    for (size_t i = 0; i < self->expression->count; i++) {
        const struct instruction *step = &self->expression->code[i];
        if (step->operation == OP_CONSTANT)
            lanes_constant(top++, &step->constant, count);
        else if (step->operation == OP_NAME)
            push_column(self, top++, step->name, begin, count);
        else if (!(top = apply(step, top, count)))
            return false;
    }
    memcpy(mask, lanes_truths(&top[-1], count), count);
    return true;
}

void block_condition_mask(struct block_condition *self, uint8_t mask[ROW_BLOCK], uint64_t begin,
                          size_t count) {
    query_columns_forget(self->columns);
    if (self->needs_interpreter || !run_lanes(self, mask, begin, count)) interpret(self, mask, begin, count);
}

/* ---- opening ---- */

/* How many places of the stack the program needs. */
static size_t depth_of(const struct expression *expression) {
    size_t depth = 0, most = 0;
    for (size_t i = 0; i < expression->count; i++) {
        switch (expression->code[i].operation) {
        case OP_CONSTANT:
        case OP_NAME:
            depth++;
            break;
        case OP_NEGATE:
        case OP_NOT:
        case OP_COMPARE:
            break;
        default:
            depth--;
        }
        if (depth > most) most = depth;
    }
    return most;
}

static status use_columns(struct block_condition *self, struct error *err) {
    status rc = OK;
    for (size_t name = 0; rc == OK && name < self->columns->count; name++) {
        if (!expression_uses(self->expression, name)) continue;
        rc = query_columns_use(self->columns, name, err);
        if (self->columns->columns[name].storage == STORED_JSON) self->needs_interpreter = true;
    }
    return rc;
}

static bool make_stack(struct block_condition *self) {
    self->depth = depth_of(self->expression);
    self->memory = malloc(self->depth * sizeof *self->memory);
    for (size_t i = 0; self->memory && i < self->depth; i++)
        self->stack[i].memory = &self->memory[i];
    return self->memory != NULL;
}

status block_condition_open(struct block_condition **out, struct query_columns *columns, const char *text,
                            struct error *err) {
    struct block_condition *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory for a condition");
    self->columns = columns;
    status rc = expression_parse(&self->expression, text, columns->names, columns->count, err);
    if (rc == OK) rc = use_columns(self, err);
    if (rc == OK && !make_stack(self)) rc = error_set(err, ERR_MEMORY, "out of memory for a condition");
    if (rc == OK)
        *out = self;
    else
        block_condition_close(self);
    return rc;
}

void block_condition_close(struct block_condition *self) {
    if (!self) return;
    expression_close(self->expression);
    free(self->memory);
    free(self);
}
