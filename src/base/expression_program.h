/* What expression_parse makes and expression_holds runs: a postfix program over a small stack of values. A
 * tree was rejected: long chains (a + b + c ...) make it as deep as the text is long, while the stack's need
 * is known when parsing ends. */
#ifndef BASE_EXPRESSION_PROGRAM_H
#define BASE_EXPRESSION_PROGRAM_H

#include "base/expression.h"

enum { EXPRESSION_STACK_MAX = 64 };

enum operation {
    OP_CONSTANT, /* push constant */
    OP_NAME,     /* push lookup(name) */
    OP_ADD,      /* left, right -> value */
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_MODULO,
    OP_NEGATE, /* value -> -value */
    OP_AND,    /* left, right -> bool */
    OP_OR,
    OP_NOT,     /* value -> bool */
    OP_COMPARE, /* first of a chain: left, right -> bool, right */
    OP_CHAIN,   /* each further one: so far, left, right -> bool, right */
    OP_DROP,    /* ends a chain: bool, right -> bool */
    OP_IN_ITEM, /* left, found, item -> left, bool */
    OP_IN_END   /* left, found -> bool */
};

enum comparison { CMP_LESS, CMP_LESS_EQUAL, CMP_GREATER, CMP_GREATER_EQUAL, CMP_EQUAL, CMP_NOT_EQUAL };

/* sign: of left minus right. */
bool comparison_holds(enum comparison comparison, int sign);

struct instruction {
    enum operation operation;
    enum comparison comparison; /* OP_COMPARE, OP_CHAIN */
    size_t name;                /* OP_NAME */
    struct value constant;      /* OP_CONSTANT; text lies in expression.texts */
};

/* Immutable after parsing. */
struct expression {
    char *text;
    char *texts; /* the quoted texts, one after the other, NUL-terminated */
    struct instruction *code;
    size_t count, capacity;
    bool *used;
    size_t name_count;
};

#endif
