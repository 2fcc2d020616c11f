/* SPDX-License-Identifier: MIT */
#include "json.h"

#include "alloc.h"
#include "number.h"
#include "text.h"

#include <json-c/json.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DEPTH_MOST = 64, TEXT_MOST = 1 << 28 };

/* A struct lrp_json is a json-c object. A container that lost a child for want of memory carries
 * this mark as its user data: setting it needs no memory. */
static char lost_mark;

static struct json_object *inner(struct lrp_json *value)
{
    return (struct json_object *)(void *)value;
}

static const struct json_object *inner_const(const struct lrp_json *value)
{
    return (const struct json_object *)(const void *)value;
}

static struct lrp_json *outer(struct json_object *value)
{
    return (struct lrp_json *)(void *)value;
}

struct lrp_json *lrp_json_object(void)
{
    return outer(json_object_new_object());
}

struct lrp_json *lrp_json_array(void)
{
    return outer(json_object_new_array());
}

void lrp_json_free(struct lrp_json *root)
{
    (void)json_object_put(inner(root));
}

/* Puts a child into an object under key, or into an array (key NULL). made: child is what it should
 * be; NULL from json-c is a JSON null as well as a failure, and only the caller knows which. */
static void put(struct lrp_json *container, const char *key, struct json_object *child, bool made)
{
    bool kept = container != NULL && made &&
                (key != NULL ? json_object_object_add(inner(container), key, child)
                             : json_object_array_add(inner(container), child)) == 0;
    if (kept) {
        return;
    }
    (void)json_object_put(child);
    if (container != NULL) {
        json_object_set_userdata(inner(container), &lost_mark, NULL);
    }
}

void lrp_json_set(struct lrp_json *object, const char *key, struct lrp_json *child)
{
    put(object, key, inner(child), child != NULL);
}

void lrp_json_add(struct lrp_json *array, struct lrp_json *child)
{
    put(array, NULL, inner(child), child != NULL);
}

static void put_number(struct lrp_json *container, const char *key, double value)
{
    char text[LRP_NUMBER_SIZE];
    struct json_object *child =
        isfinite(value) ? json_object_new_double_s(value, lrp_format_double(value, text)) : NULL;
    put(container, key, child, child != NULL || !isfinite(value));
}

void lrp_json_set_number(struct lrp_json *object, const char *key, double value)
{
    put_number(object, key, value);
}

void lrp_json_add_number(struct lrp_json *array, double value)
{
    put_number(array, NULL, value);
}

static void put_integer(struct lrp_json *container, const char *key, long long value)
{
    struct json_object *child = json_object_new_int64(value);
    put(container, key, child, child != NULL);
}

void lrp_json_set_integer(struct lrp_json *object, const char *key, long long value)
{
    put_integer(object, key, value);
}

void lrp_json_add_integer(struct lrp_json *array, long long value)
{
    put_integer(array, NULL, value);
}

void lrp_json_set_bool(struct lrp_json *object, const char *key, bool value)
{
    struct json_object *child = json_object_new_boolean(value ? 1 : 0);
    put(object, key, child, child != NULL);
}

void lrp_json_set_null(struct lrp_json *object, const char *key)
{
    put(object, key, NULL, true);
}

static void put_string(struct lrp_json *container, const char *key, const char *text)
{
    struct lrp_text clean;
    struct json_object *child = NULL;
    lrp_text_init(&clean, TEXT_MOST);
    if (text != NULL) {
        lrp_text_append_clean(&clean, text, strlen(text));
        child = lrp_text_check(&clean, NULL) == LRP_OK
                    ? json_object_new_string(lrp_text_string(&clean))
                    : NULL;
    }
    put(container, key, child, child != NULL || text == NULL);
    lrp_text_fini(&clean);
}

void lrp_json_set_string(struct lrp_json *object, const char *key, const char *text)
{
    put_string(object, key, text);
}

void lrp_json_add_string(struct lrp_json *array, const char *text)
{
    put_string(array, NULL, text);
}

/* Whether no container below lost a child. */
static bool is_complete(struct json_object *value)
{
    bool object = json_object_is_type(value, json_type_object);
    bool array = json_object_is_type(value, json_type_array);
    if ((object || array) && json_object_get_userdata(value) == &lost_mark) {
        return false;
    }
    if (object) {
        json_object_object_foreach(value, key, child)
        {
            (void)key;
            if (!is_complete(child)) {
                return false;
            }
        }
    }
    for (size_t i = 0; array && i < json_object_array_length(value); i++) {
        if (!is_complete(json_object_array_get_idx(value, i))) {
            return false;
        }
    }
    return true;
}

enum lrp_status lrp_json_text(const struct lrp_json *root, char **out, struct lrp_error *err)
{
    /* json-c keeps the text in the object, so its printer takes it without const. */
    struct json_object *value = (struct json_object *)(uintptr_t)root;
    const char *text = value != NULL && is_complete(value)
                           ? json_object_to_json_string_ext(
                                 value, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE)
                           : NULL;
    LRP_TRY_MEMORY(text, err);
    size_t length = strlen(text);
    char *copy = lrp_calloc_array(length + 2, 1);
    LRP_TRY_MEMORY(copy, err);
    memcpy(copy, text, length);
    copy[length] = '\n';
    *out = copy;
    return LRP_OK;
}

static size_t line_of(const char *text, size_t position)
{
    size_t line = 1;
    for (size_t i = 0; i < position; i++) {
        line += text[i] == '\n' ? 1 : 0;
    }
    return line;
}

enum lrp_status lrp_json_parse(const char *text, size_t length, struct lrp_json **out,
                               struct lrp_error *err)
{
    if (length >= INT_MAX) {
        return lrp_fail(err, LRP_E_LIMIT, 0, "JSON text of %zu bytes is too long", length);
    }
    struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MOST);
    LRP_TRY_MEMORY(tokener, err);
    struct json_object *value = json_tokener_parse_ex(tokener, text, (int)length);
    enum json_tokener_error problem = json_tokener_get_error(tokener);
    size_t end = json_tokener_get_parse_end(tokener);
    if (problem == json_tokener_continue) { /* a bare number at the end wants to see an end */
        value = json_tokener_parse_ex(tokener, "", 1);
        problem = json_tokener_get_error(tokener);
        end = length;
    }
    json_tokener_free(tokener);
    if (problem != json_tokener_success) {
        (void)json_object_put(value);
        return lrp_fail(err, LRP_E_FORMAT, line_of(text, end < length ? end : length),
                        "not valid JSON: %s", json_tokener_error_desc(problem));
    }
    while (end < length && strchr(" \t\r\n", text[end]) != NULL && text[end] != '\0') {
        end++;
    }
    if (end < length) {
        (void)json_object_put(value);
        return lrp_fail(err, LRP_E_FORMAT, line_of(text, end), "text after the end of the JSON");
    }
    if (value == NULL) {
        return lrp_fail(err, LRP_E_FORMAT, 1, "the JSON is null");
    }
    *out = outer(value);
    return LRP_OK;
}

enum lrp_json_type lrp_json_type_of(const struct lrp_json *value)
{
    switch (json_object_get_type(inner_const(value))) {
    case json_type_boolean:
        return LRP_JSON_BOOL;
    case json_type_double:
    case json_type_int:
        return LRP_JSON_NUMBER;
    case json_type_object:
        return LRP_JSON_OBJECT;
    case json_type_array:
        return LRP_JSON_ARRAY;
    case json_type_string:
        return LRP_JSON_STRING;
    case json_type_null:
    default:
        return LRP_JSON_NULL;
    }
}

const struct lrp_json *lrp_json_member(const struct lrp_json *object, const char *key)
{
    struct json_object *child = NULL;
    if (lrp_json_type_of(object) != LRP_JSON_OBJECT ||
        json_object_object_get_ex(inner_const(object), key, &child) == 0) {
        return NULL;
    }
    return outer(child);
}

bool lrp_json_next_member(const struct lrp_json *object, const void **cursor, const char **key,
                          const struct lrp_json **value)
{
    if (lrp_json_type_of(object) != LRP_JSON_OBJECT) {
        return false;
    }
    const struct lh_entry *entry = *cursor;
    entry = entry != NULL ? entry->next : json_object_get_object(inner_const(object))->head;
    if (entry == NULL) {
        return false;
    }
    *cursor = entry;
    *key = entry->k;
    *value = (const struct lrp_json *)entry->v;
    return true;
}

size_t lrp_json_length(const struct lrp_json *array)
{
    return lrp_json_type_of(array) == LRP_JSON_ARRAY ? json_object_array_length(inner_const(array))
                                                     : 0;
}

const struct lrp_json *lrp_json_element(const struct lrp_json *array, size_t index)
{
    return index < lrp_json_length(array)
               ? outer(json_object_array_get_idx(inner_const(array), index))
               : NULL;
}

bool lrp_json_as_number(const struct lrp_json *value, double *out)
{
    if (lrp_json_type_of(value) == LRP_JSON_NUMBER) {
        *out = json_object_get_double(inner_const(value));
        return true;
    }
    const char *text = lrp_json_string(value);
    return text != NULL && lrp_parse_double(text, strlen(text), out);
}

double lrp_json_number(const struct lrp_json *value)
{
    double number = (double)NAN;
    const char *text = lrp_json_string(value);
    bool is_word =
        text == NULL || strcasecmp(text, "infinity") == 0 || strcasecmp(text, "-infinity") == 0;
    return is_word && lrp_json_as_number(value, &number) ? number : (double)NAN;
}

unsigned long long lrp_json_integer(const struct lrp_json *value)
{
    int64_t number =
        lrp_json_type_of(value) == LRP_JSON_NUMBER ? json_object_get_int64(inner_const(value)) : 0;
    return number > 0 ? (unsigned long long)number : 0;
}

bool lrp_json_is_true(const struct lrp_json *value)
{
    return lrp_json_type_of(value) == LRP_JSON_BOOL &&
           json_object_get_boolean(inner_const(value)) != 0;
}

const char *lrp_json_string(const struct lrp_json *value)
{
    /* json-c returns the stored text of a string without changing it. */
    return lrp_json_type_of(value) == LRP_JSON_STRING
               ? json_object_get_string((struct json_object *)(uintptr_t)value)
               : NULL;
}
