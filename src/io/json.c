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

static void mark_lost(struct lrp_json *container)
{
    json_object_set_userdata(inner(container), &lost_mark, NULL);
}

static void put_member(struct lrp_json *object, const char *key, struct json_object *child)
{
    if (object == NULL || json_object_object_add(inner(object), key, child) != 0) {
        (void)json_object_put(child);
        if (object != NULL) {
            mark_lost(object);
        }
    }
}

static void put_element(struct lrp_json *array, struct json_object *child)
{
    if (array == NULL || json_object_array_add(inner(array), child) != 0) {
        (void)json_object_put(child);
        if (array != NULL) {
            mark_lost(array);
        }
    }
}

/* NULL from json-c is a JSON null as well as a failure: only this knows which. */
static bool check_made(struct lrp_json *container, const struct json_object *child)
{
    if (child == NULL && container != NULL) {
        mark_lost(container);
    }
    return child != NULL;
}

void lrp_json_set(struct lrp_json *object, const char *key, struct lrp_json *child)
{
    if (check_made(object, inner(child))) {
        put_member(object, key, inner(child));
    }
}

void lrp_json_add(struct lrp_json *array, struct lrp_json *child)
{
    if (check_made(array, inner(child))) {
        put_element(array, inner(child));
    }
}

static struct json_object *new_number(double value)
{
    char text[LRP_NUMBER_SIZE];
    return json_object_new_double_s(value, lrp_format_double(value, text));
}

void lrp_json_set_number(struct lrp_json *object, const char *key, double value)
{
    struct json_object *child = isfinite(value) ? new_number(value) : NULL;
    if (!isfinite(value) || check_made(object, child)) {
        put_member(object, key, child);
    }
}

void lrp_json_add_number(struct lrp_json *array, double value)
{
    struct json_object *child = isfinite(value) ? new_number(value) : NULL;
    if (!isfinite(value) || check_made(array, child)) {
        put_element(array, child);
    }
}

void lrp_json_add_integer(struct lrp_json *array, long long value)
{
    struct json_object *child = json_object_new_int64(value);
    if (check_made(array, child)) {
        put_element(array, child);
    }
}

void lrp_json_set_integer(struct lrp_json *object, const char *key, long long value)
{
    struct json_object *child = json_object_new_int64(value);
    if (check_made(object, child)) {
        put_member(object, key, child);
    }
}

void lrp_json_set_bool(struct lrp_json *object, const char *key, bool value)
{
    struct json_object *child = json_object_new_boolean(value ? 1 : 0);
    if (check_made(object, child)) {
        put_member(object, key, child);
    }
}

void lrp_json_set_null(struct lrp_json *object, const char *key)
{
    put_member(object, key, NULL);
}

static struct json_object *new_string(const char *text)
{
    struct lrp_text clean;
    lrp_text_init(&clean, TEXT_MOST);
    lrp_text_append_clean(&clean, text, strlen(text));
    struct json_object *string = NULL;
    if (lrp_text_check(&clean, NULL) == LRP_OK) {
        string = json_object_new_string(lrp_text_string(&clean));
    }
    lrp_text_fini(&clean);
    return string;
}

void lrp_json_set_string(struct lrp_json *object, const char *key, const char *text)
{
    struct json_object *child = text != NULL ? new_string(text) : NULL;
    if (text == NULL || check_made(object, child)) {
        put_member(object, key, child);
    }
}

void lrp_json_add_string(struct lrp_json *array, const char *text)
{
    struct json_object *child = text != NULL ? new_string(text) : NULL;
    if (text == NULL || check_made(array, child)) {
        put_element(array, child);
    }
}

static bool is_whole(struct json_object *value)
{
    if (json_object_is_type(value, json_type_object)) {
        if (json_object_get_userdata(value) == &lost_mark) {
            return false;
        }
        json_object_object_foreach(value, key, child)
        {
            (void)key;
            if (!is_whole(child)) {
                return false;
            }
        }
    }
    if (json_object_is_type(value, json_type_array)) {
        if (json_object_get_userdata(value) == &lost_mark) {
            return false;
        }
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            if (!is_whole(json_object_array_get_idx(value, i))) {
                return false;
            }
        }
    }
    return true;
}

enum lrp_status lrp_json_text(const struct lrp_json *root, char **out, struct lrp_error *err)
{
    /* json-c keeps the text in the object, so its printer takes it without const. */
    struct json_object *value =
        root != NULL ? json_object_get((struct json_object *)(uintptr_t)root) : NULL;
    enum lrp_status status = LRP_OK;
    const char *text = NULL;
    if (value == NULL || !is_whole(value)) {
        status = lrp_fail_memory(err, 0);
    } else {
        text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PRETTY |
                                                         JSON_C_TO_STRING_NOSLASHESCAPE);
    }
    size_t length = text != NULL ? strlen(text) : 0;
    char *copy = text != NULL ? lrp_calloc_array(length + 2, 1) : NULL;
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\n';
        *out = copy;
    } else if (status == LRP_OK) {
        status = lrp_fail_memory(err, length);
    }
    (void)json_object_put(value);
    return status;
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
    if (tokener == NULL) {
        return lrp_fail_memory(err, 0);
    }
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

double lrp_json_number(const struct lrp_json *value)
{
    if (lrp_json_type_of(value) == LRP_JSON_NUMBER) {
        return json_object_get_double(inner_const(value));
    }
    const char *text = lrp_json_string(value);
    double number = (double)NAN;
    if (text != NULL && (strcasecmp(text, "infinity") == 0 || strcasecmp(text, "-infinity") == 0)) {
        (void)lrp_parse_double(text, strlen(text), &number);
    }
    return number;
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
