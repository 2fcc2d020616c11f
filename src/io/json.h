/* SPDX-License-Identifier: MIT */
/* JSON values, to build and to read. Only json.c sees json-c. A number that is not finite is
 * written as null; NaN and Infinity are accepted when reading. */
#ifndef LRP_IO_JSON_H
#define LRP_IO_JSON_H

#include "status.h"

#include <stdbool.h>

/* A value; children belong to their parent, only the root is freed. The add functions take the
 * child over, also when they fail. Every build function accepts NULL for the parent or child as "an
 * allocation failed before" and passes that on: check once, in lrp_json_text. */
struct lrp_json;

struct lrp_json *lrp_json_object(void);
struct lrp_json *lrp_json_array(void);
void lrp_json_free(struct lrp_json *root);
void lrp_json_set(struct lrp_json *object, const char *key, struct lrp_json *child);
void lrp_json_set_number(struct lrp_json *object, const char *key, double value);
void lrp_json_set_integer(struct lrp_json *object, const char *key, long long value);
void lrp_json_set_bool(struct lrp_json *object, const char *key, bool value);
void lrp_json_set_null(struct lrp_json *object, const char *key);
/* text is cleaned to valid UTF-8; NULL gives null. */
void lrp_json_set_string(struct lrp_json *object, const char *key, const char *text);
void lrp_json_add(struct lrp_json *array, struct lrp_json *child);
void lrp_json_add_number(struct lrp_json *array, double value);
void lrp_json_add_integer(struct lrp_json *array, long long value);
void lrp_json_add_string(struct lrp_json *array, const char *text);
/* Text with two-space indentation and a final newline, in heap memory the caller frees. */
enum lrp_status lrp_json_text(const struct lrp_json *root, char **out, struct lrp_error *err);

enum lrp_json_type {
    LRP_JSON_NULL,
    LRP_JSON_BOOL,
    LRP_JSON_NUMBER,
    LRP_JSON_STRING,
    LRP_JSON_ARRAY,
    LRP_JSON_OBJECT
};
/* Parse a whole text (at most depth 64). LRP_E_FORMAT with the line. */
enum lrp_status lrp_json_parse(const char *text, size_t length, struct lrp_json **out,
                               struct lrp_error *err);
enum lrp_json_type lrp_json_type_of(const struct lrp_json *value);
/* Member of an object, borrowed; NULL where there is none. */
const struct lrp_json *lrp_json_member(const struct lrp_json *object, const char *key);
/* The members one by one in the file's order; *cursor is NULL before the first. False at the end,
 * and for what is no object. */
bool lrp_json_next_member(const struct lrp_json *object, const void **cursor, const char **key,
                          const struct lrp_json **value);
size_t lrp_json_length(const struct lrp_json *array);
const struct lrp_json *lrp_json_element(const struct lrp_json *array, size_t index);
/* The number; null, "NaN", "Infinity" and what is no number give NaN (Infinity gives inf). */
double lrp_json_number(const struct lrp_json *value);
/* A number, or a string that is one ("0.5", "NaN"); false, and *out untouched, for all else. */
bool lrp_json_as_number(const struct lrp_json *value, double *out);
/* A whole number from 0 to 2^63 - 1, exact where a double would not be; 0 for all else. */
unsigned long long lrp_json_integer(const struct lrp_json *value);
bool lrp_json_is_true(const struct lrp_json *value);
/* The string, borrowed; NULL if it is none. */
const char *lrp_json_string(const struct lrp_json *value);
#endif
