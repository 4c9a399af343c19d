/* One value at a time: from text into its field, with what is wrong with it where it does not fit. */
#include "server/settings_fields.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/problems.h"
#include "kline/import_postgres_connection.h"
#include "server/gate/origin.h"
#include "server/gate/redis_address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yyjson.h>

enum { TOKEN_LEAST = 16, TOKEN_MOST = 512, TOKEN_FILE_MOST = 4096, SHOWN_MOST = 60 };

static void *member(struct settings *settings, const struct setting_field *field) {
    return (char *)settings + field->offset;
}

static const void *member_of(const struct settings *settings, const struct setting_field *field) {
    return (const char *)settings + field->offset;
}

static void replace(char **place, const char *text) {
    char *copy = memory_text(text); /* it may be of *place */
    free(*place);
    *place = copy;
}

/* ", not 'TEXT'", cut and on one line. */
static void add_refused(struct text *why, const char *text) {
    size_t length = strlen(text), shown = length > SHOWN_MOST ? SHOWN_MOST : length;
    text_add_string(why, ", not '");
    for (size_t i = 0; i < shown; i++)
        text_add_char(why, iscntrl((unsigned char)text[i]) ? ' ' : text[i]);
    text_add_string(why, length > shown ? "...'" : "'");
}

static bool refuse(struct text *why, const char *wanted, const char *text) {
    text_printf(why, "must be %s", wanted);
    add_refused(why, text);
    return false;
}

/* ---- texts ---- */

static bool set_path(char **place, const char *text, const char *folder, struct text *why) {
    if (!*text) return refuse(why, "a path", text);
    char *joined = folder && *text != '/' ? path_join(folder, text) : NULL;
    replace(place, joined ? joined : text);
    free(joined);
    return true;
}

static bool set_address(char **place, const char *text, struct text *why) {
    unsigned char bytes[sizeof(struct in6_addr)];
    char bare[INET6_ADDRSTRLEN] = "";
    size_t length = strlen(text);
    bool is_bracketed = length > 2 && text[0] == '[' && text[length - 1] == ']';
    if (strcmp(text, "localhost") == 0)
        strcpy(bare, "127.0.0.1");
    else if (length < sizeof bare)
        snprintf(bare, sizeof bare, "%.*s", (int)(is_bracketed ? length - 2 : length), text + is_bracketed);
    if (inet_pton(AF_INET, bare, bytes) != 1 && inet_pton(AF_INET6, bare, bytes) != 1)
        return refuse(why, "an IP address such as 127.0.0.1, ::1 or 0.0.0.0 (every one)", text);
    replace(place, bare);
    return true;
}

/* RFC 6750's characters, so that it can stand in a header as it is. */
static bool set_token(char **place, const char *text, struct text *why) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=";
    size_t length = strlen(text);
    if (length < TOKEN_LEAST || length > TOKEN_MOST || text[strspn(text, allowed)]) {
        text_printf(why,
                    "must be a token of %d to %d letters, digits or - . _ ~ + / = (openssl rand -hex 32 "
                    "makes one)",
                    TOKEN_LEAST, TOKEN_MOST);
        return false;
    }
    replace(place, text);
    return true;
}

static bool set_token_file(char **place, const char *text, const char *folder, struct text *why) {
    char *path = NULL, *data = NULL;
    size_t length;
    struct error err = {0};
    bool is_set = set_path(&path, text, folder, why);
    if (is_set && file_read(&data, &length, path, &err) != OK) {
        text_printf(why, "cannot be read: %s", err.message);
        is_set = false;
    }
    if (is_set) {
        while (length && isspace((unsigned char)data[length - 1]))
            data[--length] = '\0';
        if (length <= TOKEN_FILE_MOST && strlen(data) == length)
            is_set = set_token(place, data, why);
        else
            is_set = refuse(why, "a file with the token alone", text);
    }
    free(path);
    free(data);
    return is_set;
}

static bool set_postgres(char **place, const char *text, struct text *why) {
    struct error err = {0};
    char *address;
    if (postgres_address(&address, text, &err) != OK) {
        text_printf(why, "is no usable address: %s", err.message);
        return false;
    }
    free(*place);
    *place = address;
    return true;
}

static bool set_redis(char **place, const char *text, struct text *why) {
    struct error err = {0};
    struct redis_address address;
    bool is_right = redis_address_parse(&address, text, &err) == OK;
    redis_address_clear(&address);
    if (is_right)
        replace(place, text);
    else
        text_printf(why, "is no usable address: %s", err.message);
    return is_right;
}

/* ---- numbers, words ---- */

static void add_range(struct text *why, const struct setting_field *field, const char *what) {
    text_printf(why, "must be %s from %.10g to %.10g", what, field->least, field->most);
}

static bool set_int(int *out, const struct setting_field *field, const char *text, struct text *why) {
    int64_t value;
    if (text_to_int64(&value, text) && (double)value >= field->least && (double)value <= field->most) {
        *out = (int)value;
        return true;
    }
    add_range(why, field, "a whole number");
    add_refused(why, text);
    return false;
}

static bool set_number(double *out, const struct setting_field *field, const char *text, struct text *why) {
    double value;
    if (text_to_double(&value, text) && isfinite(value) && value >= field->least && value <= field->most) {
        *out = value;
        return true;
    }
    add_range(why, field, "a number");
    add_refused(why, text);
    return false;
}

/* The factor of a size's unit, 0 if there is no such unit. */
static double unit_factor(const char *unit) {
    static const struct {
        const char *name;
        double factor;
    } units[] = {{"", 1}, {"B", 1}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].name, unit) == 0) return units[i].factor;
    return 0;
}

/* Digits and a unit. 15 digits are exact in a double, and more than any limit. */
static bool set_bytes(size_t *out, const struct setting_field *field, const char *text, struct text *why) {
    size_t digits = strspn(text, "0123456789");
    double factor = digits >= 1 && digits <= 15 ? unit_factor(text + digits) : 0;
    double value = factor > 0 ? (double)strtoull(text, NULL, 10) * factor : -1;
    if (value >= field->least && value <= field->most) {
        *out = (size_t)value;
        return true;
    }
    add_range(why, field, "a number of bytes (or with KiB, MiB, GiB)");
    add_refused(why, text);
    return false;
}

static bool is_word(const char *text, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(text, words[i]) == 0) return true;
    return false;
}

static bool set_bool(bool *out, const char *text, struct text *why) {
    static const char *const yes[] = {"true", "1", "yes", "on", "t", "y"};
    static const char *const no[] = {"false", "0", "no", "off", "f", "n"};
    *out = is_word(text, yes, sizeof yes / sizeof *yes);
    return *out || is_word(text, no, sizeof no / sizeof *no) || refuse(why, "true or false", text);
}

static bool set_level(enum log_level *out, const char *text, struct text *why) {
    static const char *const names[] = {
        [LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"};
    for (int i = LOG_ERROR; i <= LOG_DEBUG; i++)
        if (strcasecmp(text, names[i]) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    refuse(why, "error, warn, info or debug", text);
    const char *nearest = nearest_name(text, names, LOG_DEBUG + 1);
    if (nearest) text_printf(why, "; did you mean '%s'?", nearest);
    return false;
}

static bool set_debug(enum log_level *out, const char *text, struct text *why) {
    bool is_debug;
    if (!set_bool(&is_debug, text, why)) return false;
    if (is_debug) *out = LOG_DEBUG;
    return true;
}

/* ---- lists ---- */

static void list_clear(struct text_list *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct text_list){0};
}

static void list_add(struct text_list *list, const char *item) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], item) == 0) return;
    list->items = memory_grow(list->items, (list->count + 1) * sizeof *list->items);
    list->items[list->count++] = memory_text(item);
}

static bool add_origin(struct text_list *list, const char *item, struct text *why) {
    char bare[ORIGIN_TEXT_MAX], normal[ORIGIN_TEXT_MAX];
    size_t length = strlen(item);
    struct origin origin;
    if (strcmp(item, "*") == 0) {
        text_add_string(why, "may not be '*', which would let every web page in: name the origins, such as "
                             "https://charts.example");
        return false;
    }
    if (length && item[length - 1] == '/') length--; /* as some frameworks write origins */
    snprintf(bare, sizeof bare, "%.*s", (int)length, item);
    if (length >= sizeof bare || !origin_parse(&origin, bare))
        return refuse(why, "an origin such as https://charts.example or http://localhost:3000", item);
    list_add(list, origin_text(normal, &origin));
    return true;
}

static bool add_name(struct text_list *list, const char *item, struct text *why) {
    struct host host;
    if (!host_parse(&host, item) || strchr(item, ':'))
        return refuse(why, "a host name such as kmill.example, without port", item);
    list_add(list, host.name);
    return true;
}

bool setting_is_list(const struct setting_field *field) {
    return field->kind == SETTING_ORIGINS || field->kind == SETTING_NAMES;
}

bool setting_add(struct settings *settings, const struct setting_field *field, const char *item,
                 bool is_first, struct text *why) {
    struct text_list *list = member(settings, field);
    if (is_first) list_clear(list);
    return field->kind == SETTING_ORIGINS ? add_origin(list, item, why) : add_name(list, item, why);
}

/* ["a", "b"] */
static bool set_json_list(struct settings *settings, const struct setting_field *field, const char *text,
                          struct text *why) {
    yyjson_doc *document = yyjson_read(text, strlen(text), 0);
    yyjson_val *root = yyjson_doc_get_root(document), *item;
    bool is_right = yyjson_is_arr(root);
    size_t i, count;
    if (!is_right) refuse(why, "a JSON list of texts or texts with commas between", text);
    yyjson_arr_foreach(root, i, count, item) {
        if (!is_right) break;
        is_right = yyjson_is_str(item) && !memchr(yyjson_get_str(item), 0, yyjson_get_len(item));
        if (!is_right) refuse(why, "a JSON list of texts or texts with commas between", text);
        is_right = is_right && setting_add(settings, field, yyjson_get_str(item), false, why);
    }
    yyjson_doc_free(document);
    return is_right;
}

static bool set_list(struct settings *settings, const struct setting_field *field, const char *text,
                     struct text *why) {
    list_clear(member(settings, field));
    text += strspn(text, " \t");
    if (*text == '[') return set_json_list(settings, field, text, why);
    char *copy = memory_text(text), *rest = copy, *item;
    bool is_right = true;
    while (is_right && (item = strsep(&rest, ","))) {
        item += strspn(item, " \t");
        size_t length = strlen(item);
        while (length && strchr(" \t", item[length - 1]))
            item[--length] = '\0';
        if (length) is_right = setting_add(settings, field, item, false, why);
    }
    free(copy);
    return is_right;
}

/* ---- any ---- */

bool setting_set(struct settings *settings, const struct setting_field *field, const char *text,
                 const char *folder, struct text *why) {
    void *place = member(settings, field);
    switch (field->kind) {
    case SETTING_PATH:
        return set_path(place, text, folder, why);
    case SETTING_ADDRESS:
        return set_address(place, text, why);
    case SETTING_INT:
        return set_int(place, field, text, why);
    case SETTING_BYTES:
        return set_bytes(place, field, text, why);
    case SETTING_NUMBER:
        return set_number(place, field, text, why);
    case SETTING_BOOL:
        return set_bool(place, text, why);
    case SETTING_LEVEL:
        return set_level(place, text, why);
    case SETTING_ORIGINS:
    case SETTING_NAMES:
        return set_list(settings, field, text, why);
    case SETTING_POSTGRES:
        return set_postgres(place, text, why);
    case SETTING_REDIS:
        return set_redis(place, text, why);
    case SETTING_TOKEN:
        return set_token(place, text, why);
    case SETTING_TOKEN_FILE:
        return set_token_file(place, text, folder, why);
    case SETTING_DEBUG:
        return set_debug(place, text, why);
    }
    return false;
}

/* What C type stands behind a kind. */
enum storage { STORED_TEXT, STORED_LIST, STORED_PLAIN };

static enum storage storage_of(const struct setting_field *field, size_t *size) {
    *size = 0;
    switch (field->kind) {
    case SETTING_INT:
        *size = sizeof(int);
        return STORED_PLAIN;
    case SETTING_BYTES:
        *size = sizeof(size_t);
        return STORED_PLAIN;
    case SETTING_NUMBER:
        *size = sizeof(double);
        return STORED_PLAIN;
    case SETTING_BOOL:
        *size = sizeof(bool);
        return STORED_PLAIN;
    case SETTING_LEVEL:
    case SETTING_DEBUG:
        *size = sizeof(enum log_level);
        return STORED_PLAIN;
    case SETTING_ORIGINS:
    case SETTING_NAMES:
        *size = sizeof(struct text_list);
        return STORED_LIST;
    default:
        *size = sizeof(char *);
        return STORED_TEXT;
    }
}

static bool texts_differ(const char *a, const char *b) {
    return a && b ? strcmp(a, b) != 0 : a != b;
}

static bool lists_differ(const struct text_list *a, const struct text_list *b) {
    bool differ = a->count != b->count;
    for (size_t i = 0; !differ && i < a->count; i++)
        differ = strcmp(a->items[i], b->items[i]) != 0;
    return differ;
}

bool setting_differs(const struct settings *a, const struct settings *b, const struct setting_field *field) {
    size_t size;
    const void *left = member_of(a, field), *right = member_of(b, field);
    switch (storage_of(field, &size)) {
    case STORED_TEXT:
        return texts_differ(*(char *const *)left, *(char *const *)right);
    case STORED_LIST:
        return lists_differ(left, right);
    default:
        return memcmp(left, right, size) != 0;
    }
}

static void setting_clear(struct settings *settings, const struct setting_field *field) {
    size_t size;
    void *place = member(settings, field);
    enum storage storage = storage_of(field, &size);
    if (storage == STORED_TEXT) free(*(char **)place);
    if (storage == STORED_LIST) list_clear(place);
    memset(place, 0, size);
}

void setting_copy(struct settings *to, const struct settings *from, const struct setting_field *field) {
    size_t size;
    const void *source = member_of(from, field);
    setting_clear(to, field);
    switch (storage_of(field, &size)) {
    case STORED_TEXT:
        if (*(char *const *)source) replace(member(to, field), *(char *const *)source);
        break;
    case STORED_LIST:
        for (size_t i = 0; i < ((const struct text_list *)source)->count; i++)
            list_add(member(to, field), ((const struct text_list *)source)->items[i]);
        break;
    case STORED_PLAIN:
        memcpy(member(to, field), source, size);
    }
}

void settings_clear(struct settings *settings) {
    for (size_t i = 0; i < setting_field_count; i++)
        setting_clear(settings, &setting_fields[i]);
}
