/* libyaml's events made into a tree. Depth is limited, so that neither this recursion nor that of readers of
 * the tree can run away. */
#include "sweep/yaml_tree.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { DEPTH_MAX = 16, KEYS_MAX = 1000 /* of one map: they are compared with each other */ };

struct tree_reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the one looked at; valid while has_event */
    bool has_event, is_broken;
    struct arena *arena;
    struct problems *problems;
    const char *text;
    size_t length;
};

/* A list that grows while its length is unknown. */
struct node_list {
    struct tree_node *items;
    size_t count, capacity;
};

static void list_add(struct node_list *list, struct tree_node node) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 8;
        list->items = memory_grow(list->items, list->capacity * sizeof *list->items);
    }
    list->items[list->count++] = node;
}

static const struct tree_node *list_finish(struct node_list *list, struct arena *arena) {
    size_t size = list->count * sizeof *list->items;
    struct tree_node *items = arena_alloc(arena, size ? size : 1);
    if (size) memcpy(items, list->items, size);
    free(list->items);
    return items;
}

/* Where a byte of the text stands: libyaml gives byte offsets for what it could not even decode. */
static void add_problem_at_byte(struct tree_reader *reader, size_t offset, const char *message) {
    int line = 1, column = 1;
    for (size_t i = 0; i < offset && i < reader->length; i++) {
        unsigned char c = (unsigned char)reader->text[i];
        if (c == '\n') {
            line++;
            column = 1;
        } else {
            column += (c & 0xC0) != 0x80;
        }
    }
    problems_add(reader->problems, line, column, "%s", message);
}

static void add_syntax_problem(struct tree_reader *reader) {
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem ? parser->problem : "not readable";
    if (parser->error == YAML_READER_ERROR) {
        bool is_control = strstr(problem, "control characters") != NULL;
        add_problem_at_byte(reader, parser->problem_offset,
                            is_control ? "a control character: only text is allowed here"
                                       : "not valid UTF-8: save the file as UTF-8");
        return;
    }
    int line = (int)parser->problem_mark.line + 1, column = (int)parser->problem_mark.column + 1;
    problems_add(reader->problems, line, column, "this is not YAML: %s%s%s", problem,
                 parser->context ? ", " : "", parser->context ? parser->context : "");
}

static void next_event(struct tree_reader *reader) {
    if (reader->has_event) yaml_event_delete(&reader->event);
    reader->has_event = !reader->is_broken && yaml_parser_parse(&reader->parser, &reader->event);
    if (!reader->has_event && !reader->is_broken) {
        reader->is_broken = true;
        add_syntax_problem(reader);
    }
}

static void refuse(struct tree_reader *reader, const char *message) {
    const yaml_mark_t *mark = &reader->event.start_mark;
    if (reader->is_broken) return;
    problems_add(reader->problems, (int)mark->line + 1, (int)mark->column + 1, "%s", message);
    reader->is_broken = true;
}

static void refuse_extras(struct tree_reader *reader, const yaml_char_t *anchor, const yaml_char_t *tag) {
    if (anchor) refuse(reader, "anchors and aliases (&, *) are not supported: write the value out");
    if (tag) refuse(reader, "tags (!) are not supported: write the value alone");
}

static struct tree_node node_at(const struct tree_reader *reader, enum tree_kind kind) {
    const yaml_mark_t *mark = &reader->event.start_mark;
    return (struct tree_node){.kind = kind, .line = (int)mark->line + 1, .column = (int)mark->column + 1};
}

static struct tree_node read_scalar(struct tree_reader *reader) {
    struct tree_node node = node_at(reader, TREE_SCALAR);
    const yaml_event_t *event = &reader->event;
    size_t length = event->data.scalar.length;
    refuse_extras(reader, event->data.scalar.anchor, event->data.scalar.tag);
    node.text = arena_copy(reader->arena, (const char *)event->data.scalar.value, length);
    node.is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (strlen(node.text) != length) refuse(reader, "a text may not contain the character \\0");
    size_t first = event->start_mark.index + node.is_quoted, characters = 0;
    for (size_t i = 0; i < length; i++)
        characters += ((unsigned char)node.text[i] & 0xC0) != 0x80;
    bool is_verbatim = event->start_mark.line == event->end_mark.line &&
                       event->end_mark.index - node.is_quoted - first == characters;
    node.text_column = is_verbatim ? node.column + node.is_quoted : 0;
    return node;
}

static struct tree_node read_node(struct tree_reader *reader, int depth);

static struct tree_node read_list(struct tree_reader *reader, int depth) {
    struct tree_node node = node_at(reader, TREE_LIST);
    struct node_list items = {0};
    refuse_extras(reader, reader->event.data.sequence_start.anchor, reader->event.data.sequence_start.tag);
    next_event(reader);
    while (!reader->is_broken && reader->event.type != YAML_SEQUENCE_END_EVENT) {
        list_add(&items, read_node(reader, depth));
        next_event(reader);
    }
    node.count = items.count;
    node.items = list_finish(&items, reader->arena);
    return node;
}

static const struct tree_node *find_key(const struct tree_node *keys, size_t count, const char *key) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i].text, key) == 0) return &keys[i];
    return NULL;
}

static struct tree_node read_map(struct tree_reader *reader, int depth) {
    struct tree_node node = node_at(reader, TREE_MAP);
    struct node_list keys = {0}, values = {0};
    refuse_extras(reader, reader->event.data.mapping_start.anchor, reader->event.data.mapping_start.tag);
    next_event(reader);
    while (!reader->is_broken && reader->event.type != YAML_MAPPING_END_EVENT) {
        if (reader->event.type != YAML_SCALAR_EVENT) {
            refuse(reader, "a key must be a plain word");
            break;
        }
        if (keys.count == KEYS_MAX) refuse(reader, "more than 1000 keys in one map");
        struct tree_node key = read_scalar(reader);
        next_event(reader);
        if (reader->is_broken) break;
        struct tree_node value = read_node(reader, depth);
        const struct tree_node *twin = find_key(keys.items, keys.count, key.text);
        if (twin) {
            problems_add(reader->problems, key.line, key.column,
                         "the key '%s' stands twice (first in line %d): remove one", key.text, twin->line);
        } else {
            list_add(&keys, key);
            list_add(&values, value);
        }
        next_event(reader);
    }
    node.count = values.count;
    node.keys = list_finish(&keys, reader->arena);
    node.items = list_finish(&values, reader->arena);
    return node;
}

/* The node of the present event; leaves its last event as the present one. */
static struct tree_node read_node(struct tree_reader *reader, int depth) {
    if (reader->is_broken) return (struct tree_node){.kind = TREE_SCALAR, .text = ""};
    if (depth >= DEPTH_MAX) refuse(reader, "nested too deeply for a sweep file");
    switch (reader->event.type) {
    case YAML_SEQUENCE_START_EVENT:
        return read_list(reader, depth + 1);
    case YAML_MAPPING_START_EVENT:
        return read_map(reader, depth + 1);
    case YAML_SCALAR_EVENT:
        return read_scalar(reader);
    default:
        refuse_extras(reader, (const yaml_char_t *)"*", NULL); /* an alias is all that is left */
        return (struct tree_node){.kind = TREE_SCALAR, .text = ""};
    }
}

/* STREAM-START, DOCUMENT-START, the node, DOCUMENT-END, STREAM-END. */
static struct tree_node read_document(struct tree_reader *reader) {
    struct tree_node root = {.kind = TREE_SCALAR, .line = 1, .column = 1, .text = ""};
    next_event(reader);
    next_event(reader);
    if (reader->is_broken || reader->event.type == YAML_STREAM_END_EVENT) return root;
    next_event(reader);
    root = read_node(reader, 0);
    next_event(reader);
    next_event(reader);
    if (!reader->is_broken && reader->event.type == YAML_DOCUMENT_START_EVENT)
        refuse(reader, "a second document begins here: a sweep file has one");
    return root;
}

const struct tree_node *yaml_tree_read(struct arena *arena, const char *text, size_t length,
                                       struct problems *problems) {
    struct tree_reader reader = {.arena = arena, .problems = problems, .text = text, .length = length};
    if (!yaml_parser_initialize(&reader.parser)) abort(); /* out of memory */
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
    struct tree_node *root = arena_alloc(arena, sizeof *root);
    *root = read_document(&reader);
    if (reader.has_event) yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    return reader.is_broken ? NULL : root;
}

const struct tree_node *yaml_tree_get(const struct tree_node *map, const char *key) {
    if (!map || map->kind != TREE_MAP) return NULL;
    const struct tree_node *found = find_key(map->keys, map->count, key);
    return found ? &map->items[found - map->keys] : NULL;
}
