/* Reading posted JSON; see body_fields.h. */
#include "server/work/body_fields.h"
#include "base/problems.h"
#include "server/http/json_body.h"
#include <string.h>
#include <strings.h>

static bool is_type(const char *header, const char *type) {
    size_t length = strlen(type);
    return !strncasecmp(header, type, length) && strchr(" ;", header[length]) != NULL;
}

bool body_type_of(struct request *request, bool yaml_too, enum body_type *out) {
    const char *header = request_header(request, "Content-Type");
    *out = BODY_JSON;
    if (!header || is_type(header, "application/json")) return true;
    *out = BODY_YAML;
    if (yaml_too && is_type(header, "application/yaml")) return true;
    request_fail(request, 415, "unsupported_media_type", NULL, "the body has to be %s",
                 yaml_too ? "application/json or application/yaml" : "application/json");
    return false;
}

static bool check_names(struct request *request, yyjson_val *root, const char *const *names) {
    size_t i, count, known = 0;
    yyjson_val *key, *value;
    while (names[known])
        known++;
    yyjson_obj_foreach(root, i, count, key, value) {
        const char *name = yyjson_get_str(key);
        size_t at = 0;
        while (at < known && strcmp(names[at], name) != 0)
            at++;
        if (at < known && yyjson_obj_get(root, name) == value) continue;
        const char *near = at < known ? NULL : nearest_name(name, names, known);
        if (at < known)
            request_fail(request, 400, "invalid", name, "%s: stands twice", name);
        else if (near)
            request_fail(request, 400, "invalid", name, "there is no field '%s'; did you mean '%s'?", name,
                         near);
        else
            request_fail(request, 400, "invalid", name, "there is no field '%s'", name);
        return false;
    }
    return true;
}

bool body_open(struct body_fields *body, struct request *request, const char *const *names) {
    enum body_type type;
    *body = (struct body_fields){0};
    if (!body_type_of(request, false, &type)) return false;
    body->doc = json_body_read(request, YYJSON_READ_NUMBER_AS_RAW);
    if (!body->doc) return false;
    body->root = yyjson_doc_get_root(body->doc);
    if (!yyjson_is_obj(body->root))
        request_fail(request, 400, "invalid", NULL, "the body has to be a JSON object");
    else if (check_names(request, body->root, names))
        return true;
    body_close(body);
    return false;
}

void body_close(struct body_fields *body) {
    yyjson_doc_free(body->doc);
    *body = (struct body_fields){0};
}

static bool refuse(struct request *request, const char *name, const char *wants) {
    request_fail(request, 400, "invalid", name, "%s: has to be %s", name, wants);
    return false;
}

bool body_text(struct request *request, const struct body_fields *body, const char *name, bool required,
               const char **out) {
    yyjson_val *value = yyjson_obj_get(body->root, name);
    *out = NULL;
    if (!value && required) {
        request_fail(request, 400, "invalid", name, "%s: is missing", name);
        return false;
    }
    if (!required && (!value || yyjson_is_null(value))) return true;
    if (!yyjson_is_str(value)) return refuse(request, name, "a text");
    if (strlen(yyjson_get_str(value)) != yyjson_get_len(value))
        return refuse(request, name, "a text without NUL characters");
    *out = yyjson_get_str(value);
    if (required && !**out) return refuse(request, name, "a text that is not empty");
    return true;
}

bool body_number(struct request *request, const struct body_fields *body, const char *name,
                 const char **out) {
    yyjson_val *value = yyjson_obj_get(body->root, name);
    *out = NULL;
    if (!value || yyjson_is_null(value)) return true;
    if (!yyjson_is_raw(value)) return refuse(request, name, "a number");
    *out = arena_copy(&request->arena, yyjson_get_raw(value), yyjson_get_len(value));
    return true;
}

bool body_time(struct request *request, const struct body_fields *body, const char *name, const char **out) {
    yyjson_val *value = yyjson_obj_get(body->root, name);
    if (yyjson_is_raw(value)) return body_number(request, body, name, out);
    if (value && !yyjson_is_null(value) && !yyjson_is_str(value))
        return refuse(request, name, "an ISO-8601 time or epoch milliseconds");
    return body_text(request, body, name, false, out);
}

bool body_object(struct request *request, const struct body_fields *body, const char *name,
                 yyjson_val **out) {
    *out = yyjson_obj_get(body->root, name);
    if (yyjson_is_null(*out)) *out = NULL;
    if (*out && !yyjson_is_obj(*out)) return refuse(request, name, "an object");
    return true;
}
