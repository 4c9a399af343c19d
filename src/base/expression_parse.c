/* Reading a condition: a recursive-descent parser that writes the postfix program of
 * base/expression_program.h.
 *
 *   condition  = conjunction { "or" conjunction }
 *   conjunction= inversion { "and" inversion }
 *   inversion  = "not" inversion | comparison
 *   comparison = sum [ ["not"] "in" "[" sum {"," sum} "]" | { ("<"|"<="|">"|">="|"=="|"!=") sum } ]
 *   sum        = term { ("+"|"-") term }
 *   term       = factor { ("*"|"/"|"%") factor }
 *   factor     = ("-"|"+") factor | number | name | text | "true" | "false" | "none" | "(" condition ")"
 *
 * Conditions come from files and from the network: nesting is limited, and every mistake has its column. */
#include "base/expression_program.h"
#include "base/memory.h"
#include "base/problems.h"

#include <stdlib.h>
#include <string.h>

enum { NESTING_MAX = 32, NAME_LENGTH_MAX = 200, NAMES_SHOWN = 12 };

enum token_kind { TOKEN_END, TOKEN_NUMBER, TOKEN_NAME, TOKEN_TEXT, TOKEN_SYMBOL };

struct token {
    enum token_kind kind;
    const char *begin;
    size_t length; /* TOKEN_TEXT: with its quotes */
};

struct parser {
    struct expression *out;
    const char *next; /* first byte not read */
    struct token token;
    const char *const *names;
    char *free_text; /* where the next quoted text goes */
    size_t depth;    /* values on the stack at this point of the program */
    int nesting;
    status rc;
    struct error *err;
};

/* 1-based, in characters: UTF-8 continuation bytes do not count. */
static int column_of(const struct parser *parser, const char *place) {
    int column = 1;
    for (const char *p = parser->out->text; p < place; p++)
        column += ((unsigned char)*p & 0xC0) != 0x80;
    return column;
}

/* The first mistake counts; those that follow from it do not. */
#define MISTAKE(parser, place, ...)                                                                          \
    do {                                                                                                     \
        if ((parser)->rc == OK)                                                                              \
            (parser)->rc = error_set_at((parser)->err, ERR_INPUT, 1, column_of(parser, place), __VA_ARGS__); \
    } while (0)

/* ---- tokens ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_part(char c) {
    return is_name_start(c) || is_digit(c);
}

static void read_number(struct parser *parser) {
    struct token *token = &parser->token;
    double ignored;
    const char *after = parse_decimal(&ignored, token->begin, token->begin + strlen(token->begin));
    token->length = (size_t)(after - token->begin);
    if (is_name_part(*after) || *after == '.')
        MISTAKE(parser, after, "unexpected '%c' after the number %.*s", *after, (int)token->length,
                token->begin);
}

static void read_quoted(struct parser *parser) {
    struct token *token = &parser->token;
    const char *end = strchr(token->begin + 1, *token->begin);
    if (end) {
        token->length = (size_t)(end + 1 - token->begin);
        return;
    }
    token->length = strlen(token->begin);
    MISTAKE(parser, token->begin, "the text that begins here has no closing %c", *token->begin);
}

/* Symbols of other languages, and what to write here. */
static const struct {
    const char *symbol, *instead;
} foreign_symbols[] = {
    {"&&", "and"}, {"||", "or"}, {"<>", "!="}, {"===", "=="}, {"**", "x * x"}, {"//", "/"},
};

static void read_symbol(struct parser *parser) {
    struct token *token = &parser->token;
    const char *p = token->begin;
    for (size_t i = 0; i < sizeof foreign_symbols / sizeof *foreign_symbols; i++) {
        if (strncmp(p, foreign_symbols[i].symbol, strlen(foreign_symbols[i].symbol)) == 0) {
            MISTAKE(parser, p, "'%s' is not known here: write %s", foreign_symbols[i].symbol,
                    foreign_symbols[i].instead);
            return;
        }
    }
    bool is_double = strchr("<>=!", *p) && p[1] == '=';
    token->length = is_double ? 2 : 1;
    if (is_double || strchr("<>+-*/%()[],", *p)) return;
    if (*p == '=')
        MISTAKE(parser, p, "'=' does not compare: write ==");
    else if (*p == '!')
        MISTAKE(parser, p, "'!' is not known here: write not");
    else if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f)
        MISTAKE(parser, p, "unexpected character (byte 0x%02x)", (unsigned char)*p);
    else
        MISTAKE(parser, p, "unexpected '%c'", *p);
}

static void next_token(struct parser *parser) {
    struct token *token = &parser->token;
    const char *p = parser->next;
    p += strspn(p, " \t\r\n");
    *token = (struct token){TOKEN_END, p, 0};
    if (is_digit(*p) || (*p == '.' && is_digit(p[1]))) {
        token->kind = TOKEN_NUMBER;
        read_number(parser);
    } else if (is_name_start(*p)) {
        token->kind = TOKEN_NAME;
        while (is_name_part(p[token->length]))
            token->length++;
    } else if (*p == '\'' || *p == '"') {
        token->kind = TOKEN_TEXT;
        read_quoted(parser);
    } else if (*p) {
        token->kind = TOKEN_SYMBOL;
        read_symbol(parser);
    }
    if (parser->rc != OK) *token = (struct token){TOKEN_END, p, 0};
    parser->next = token->begin + token->length;
}

static bool is_word(const struct parser *parser, const char *word) {
    const struct token *token = &parser->token;
    return (token->kind == TOKEN_NAME || token->kind == TOKEN_SYMBOL) && strlen(word) == token->length &&
           memcmp(word, token->begin, token->length) == 0;
}

static bool accept(struct parser *parser, const char *word) {
    if (!is_word(parser, word)) return false;
    next_token(parser);
    return true;
}

/* What stands at the token, for messages. */
static void unexpected(struct parser *parser, const char *wanted) {
    const struct token *token = &parser->token;
    if (token->kind == TOKEN_END)
        MISTAKE(parser, token->begin, "the condition ends where %s should stand", wanted);
    else if (token->kind == TOKEN_TEXT)
        MISTAKE(parser, token->begin, "a text stands where %s should stand", wanted);
    else
        MISTAKE(parser, token->begin, "'%.*s' stands where %s should stand", (int)token->length, token->begin,
                wanted);
}

/* ---- program ---- */

/* change: what the instruction does to the number of values on the stack. */
static void emit(struct parser *parser, struct instruction step, int change) {
    struct expression *out = parser->out;
    parser->depth = (size_t)((long)parser->depth + change);
    if (parser->depth > EXPRESSION_STACK_MAX) {
        MISTAKE(parser, parser->token.begin, "the condition is too deep: split it into several");
        return;
    }
    if (out->count == out->capacity) {
        out->capacity = out->capacity ? 2 * out->capacity : 16;
        out->code = memory_grow(out->code, out->capacity * sizeof *out->code);
    }
    out->code[out->count++] = step;
}

static void emit_plain(struct parser *parser, enum operation operation, int change) {
    emit(parser, (struct instruction){.operation = operation}, change);
}

static void emit_constant(struct parser *parser, struct value value) {
    emit(parser, (struct instruction){.operation = OP_CONSTANT, .constant = value}, 1);
}

/* ---- grammar ---- */

static void parse_condition(struct parser *parser);

static void parse_number(struct parser *parser) {
    char digits[64];
    size_t length = parser->token.length;
    struct value value = {.kind = VALUE_INT};
    bool is_short = length < sizeof digits;
    if (is_short) {
        memcpy(digits, parser->token.begin, length);
        digits[length] = '\0';
    }
    if (!is_short || !text_to_int64(&value.integer, digits)) {
        value.kind = VALUE_FLOAT;
        parse_decimal(&value.real, parser->token.begin, parser->token.begin + length);
    }
    emit_constant(parser, value);
    next_token(parser);
}

static void parse_text(struct parser *parser) {
    size_t length = parser->token.length - 2;
    char *copy = parser->free_text;
    memcpy(copy, parser->token.begin + 1, length);
    copy[length] = '\0';
    parser->free_text += length + 1;
    emit_constant(parser, (struct value){.kind = VALUE_TEXT, .text = copy});
    next_token(parser);
}

static void unknown_name(struct parser *parser, const char *name) {
    size_t count = parser->out->name_count;
    const char *nearest = nearest_name(name, parser->names, count);
    if (nearest) {
        MISTAKE(parser, parser->token.begin, "unknown name '%s'; did you mean '%s'?", name, nearest);
        return;
    }
    struct text known = {0};
    for (size_t i = 0; i < count && count <= NAMES_SHOWN; i++)
        text_printf(&known, "%s%s", i ? ", " : "; known: ", parser->names[i]);
    MISTAKE(parser, parser->token.begin, "unknown name '%s'%s", name, known.data ? known.data : "");
    text_clear(&known);
}

static void parse_name(struct parser *parser) {
    char name[NAME_LENGTH_MAX + 1];
    size_t length = parser->token.length < NAME_LENGTH_MAX ? parser->token.length : NAME_LENGTH_MAX;
    memcpy(name, parser->token.begin, length);
    name[length] = '\0';
    size_t i = 0;
    while (i < parser->out->name_count && strcmp(parser->names[i], name) != 0)
        i++;
    if (i == parser->out->name_count) {
        unknown_name(parser, name);
        return;
    }
    parser->out->used[i] = true;
    emit(parser, (struct instruction){.operation = OP_NAME, .name = i}, 1);
    next_token(parser);
}

static bool parse_keyword_value(struct parser *parser) {
    struct value value = {.kind = VALUE_BOOL};
    if (is_word(parser, "true") || is_word(parser, "True"))
        value.boolean = true;
    else if (is_word(parser, "none") || is_word(parser, "None") || is_word(parser, "null"))
        value.kind = VALUE_NONE;
    else if (!is_word(parser, "false") && !is_word(parser, "False"))
        return false;
    emit_constant(parser, value);
    next_token(parser);
    return true;
}

/* Counts nesting; false (with a mistake) when it is too deep. */
static bool enter(struct parser *parser) {
    if (++parser->nesting <= NESTING_MAX) return true;
    MISTAKE(parser, parser->token.begin, "more than %d levels of nesting: split the condition into several",
            NESTING_MAX);
    return false;
}

static bool is_operator_word(const struct parser *parser) {
    return is_word(parser, "and") || is_word(parser, "or") || is_word(parser, "not") || is_word(parser, "in");
}

static void parse_factor(struct parser *parser) {
    static const char wanted[] = "a number, a name or a text in quotes";
    if (parser->rc != OK || !enter(parser)) return;
    enum token_kind kind = parser->token.kind;
    if (accept(parser, "-")) {
        parse_factor(parser);
        emit_plain(parser, OP_NEGATE, 0);
    } else if (accept(parser, "+")) {
        parse_factor(parser);
    } else if (accept(parser, "(")) {
        parse_condition(parser);
        if (!accept(parser, ")")) unexpected(parser, "')'");
    } else if (kind == TOKEN_NUMBER) {
        parse_number(parser);
    } else if (kind == TOKEN_TEXT) {
        parse_text(parser);
    } else if (kind != TOKEN_NAME || is_operator_word(parser)) {
        unexpected(parser, wanted);
    } else if (!parse_keyword_value(parser)) {
        parse_name(parser);
    }
    parser->nesting--;
}

static void parse_term(struct parser *parser) {
    parse_factor(parser);
    while (parser->rc == OK) {
        enum operation operation = is_word(parser, "*")   ? OP_MULTIPLY
                                   : is_word(parser, "/") ? OP_DIVIDE
                                   : is_word(parser, "%") ? OP_MODULO
                                                          : OP_NAME;
        if (operation == OP_NAME) return;
        next_token(parser);
        parse_factor(parser);
        emit_plain(parser, operation, -1);
    }
}

static void parse_sum(struct parser *parser) {
    parse_term(parser);
    while (parser->rc == OK && (is_word(parser, "+") || is_word(parser, "-"))) {
        enum operation operation = is_word(parser, "+") ? OP_ADD : OP_SUBTRACT;
        next_token(parser);
        parse_term(parser);
        emit_plain(parser, operation, -1);
    }
}

/* After "in": the list. The value looked for is on the stack. */
static void parse_list(struct parser *parser) {
    if (!accept(parser, "[")) {
        unexpected(parser, "a list such as [1, 2]");
        return;
    }
    emit_constant(parser, (struct value){.kind = VALUE_BOOL, .boolean = false});
    do {
        if (is_word(parser, "]")) break; /* an empty list, or a comma before the end */
        parse_sum(parser);
        emit_plain(parser, OP_IN_ITEM, -1);
    } while (parser->rc == OK && accept(parser, ","));
    if (!accept(parser, "]")) unexpected(parser, "',' or ']'");
    emit_plain(parser, OP_IN_END, -1);
}

static bool accept_comparison(struct parser *parser, enum comparison *out) {
    static const char *const symbols[] = {
        [CMP_LESS] = "<",           [CMP_LESS_EQUAL] = "<=", [CMP_GREATER] = ">",
        [CMP_GREATER_EQUAL] = ">=", [CMP_EQUAL] = "==",      [CMP_NOT_EQUAL] = "!=",
    };
    for (int i = CMP_LESS; i <= CMP_NOT_EQUAL; i++) {
        if (accept(parser, symbols[i])) {
            *out = (enum comparison)i;
            return true;
        }
    }
    return false;
}

static void parse_comparison(struct parser *parser) {
    parse_sum(parser);
    if (parser->rc != OK) return;
    if (accept(parser, "in")) {
        parse_list(parser);
        return;
    }
    if (accept(parser, "not")) {
        if (!accept(parser, "in")) unexpected(parser, "'in' (as in: x not in [1, 2])");
        parse_list(parser);
        emit_plain(parser, OP_NOT, 0);
        return;
    }
    enum operation operation = OP_COMPARE;
    struct instruction step = {0};
    while (parser->rc == OK && accept_comparison(parser, &step.comparison)) {
        parse_sum(parser);
        step.operation = operation;
        emit(parser, step, operation == OP_COMPARE ? 0 : -1);
        operation = OP_CHAIN;
    }
    if (operation == OP_CHAIN) emit_plain(parser, OP_DROP, -1);
}

static void parse_inversion(struct parser *parser) {
    if (parser->rc != OK || !enter(parser)) return;
    if (accept(parser, "not")) {
        parse_inversion(parser);
        emit_plain(parser, OP_NOT, 0);
    } else {
        parse_comparison(parser);
    }
    parser->nesting--;
}

static void parse_conjunction(struct parser *parser) {
    parse_inversion(parser);
    while (parser->rc == OK && accept(parser, "and")) {
        parse_inversion(parser);
        emit_plain(parser, OP_AND, -1);
    }
}

static void parse_condition(struct parser *parser) {
    parse_conjunction(parser);
    while (parser->rc == OK && accept(parser, "or")) {
        parse_conjunction(parser);
        emit_plain(parser, OP_OR, -1);
    }
}

static struct expression *new_expression(const char *text, size_t name_count) {
    struct expression *self = memory_grow(NULL, sizeof *self);
    size_t size = strlen(text) + 1;
    *self = (struct expression){.name_count = name_count};
    self->text = memory_grow(NULL, size);
    memcpy(self->text, text, size);
    self->texts = memory_grow(NULL, size); /* copies without their quotes, with a NUL each: never longer */
    self->used = memory_grow(NULL, name_count * sizeof *self->used);
    memset(self->used, 0, name_count * sizeof *self->used);
    return self;
}

status expression_parse(struct expression **out, const char *text, const char *const *names,
                        size_t name_count, struct error *err) {
    struct expression *self = new_expression(text, name_count);
    struct parser parser = {
        .out = self, .next = self->text, .names = names, .free_text = self->texts, .rc = OK, .err = err};
    *out = NULL;
    next_token(&parser);
    if (parser.rc == OK && parser.token.kind == TOKEN_END)
        MISTAKE(&parser, parser.token.begin,
                "the condition is empty: write one such as  a < b  or leave it out");
    parse_condition(&parser);
    if (parser.rc == OK && parser.token.kind != TOKEN_END) unexpected(&parser, "'and', 'or' or the end");
    if (parser.rc != OK) {
        expression_close(self);
        return parser.rc;
    }
    *out = self;
    return OK;
}
