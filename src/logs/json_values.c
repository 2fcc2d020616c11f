/* SPDX-License-Identifier: MIT */
#include "json_values.h"

#include "aliases.h"
#include "number.h"

#include <string.h>

enum { DEPTH_MOST = 5 };

struct object_walk {
    char name[LRP_COLUMN_NAME_MOST + 1];
    lrp_on_number *on_number;
    void *user;
};

/* "3/90", as progress is printed. */
static bool part_of_total(const char *name, size_t length, const char *text, double *out)
{
    char canonical[LRP_COLUMN_NAME_MOST + 1];
    double total = 0;
    const char *slash = text != NULL ? strchr(text, '/') : NULL;
    if (slash == NULL || !lrp_parse_double(slash + 1, strlen(slash + 1), &total) ||
        !lrp_parse_double(text, (size_t)(slash - text), out)) {
        return false;
    }
    lrp_canonical_column(name, length, canonical);
    return strcmp(canonical, "epoch") == 0 || strcmp(canonical, "step") == 0;
}

static enum lrp_status walk_object(struct object_walk *walk, const struct lrp_json *object,
                                   size_t prefix, int depth, struct lrp_error *err)
{
    const void *cursor = NULL;
    const char *key = NULL;
    const struct lrp_json *value = NULL;
    while (lrp_json_next_member(object, &cursor, &key, &value)) {
        double number = 0;
        size_t length = prefix + strnlen(key, LRP_COLUMN_NAME_MOST - prefix);
        memcpy(walk->name + prefix, key, length - prefix);
        if (lrp_json_length(value) == 1) {
            value = lrp_json_element(value, 0);
        }
        if (lrp_json_as_number(value, &number) ||
            part_of_total(walk->name, length, lrp_json_string(value), &number)) {
            LRP_TRY(walk->on_number(walk->user, walk->name, length, number, err));
        } else if (lrp_json_type_of(value) == LRP_JSON_OBJECT && depth < DEPTH_MOST &&
                   length < LRP_COLUMN_NAME_MOST) {
            walk->name[length] = '.';
            LRP_TRY(walk_object(walk, value, length + 1, depth + 1, err));
        }
    }
    return LRP_OK;
}

enum lrp_status lrp_json_numbers(const struct lrp_json *object, lrp_on_number *on_number,
                                 void *user, struct lrp_error *err)
{
    struct object_walk walk;
    walk.on_number = on_number;
    walk.user = user;
    return walk_object(&walk, object, 0, 1, err);
}

enum lrp_status lrp_json_number_into_rows(void *user, const char *name, size_t length, double value,
                                          struct lrp_error *err)
{
    return lrp_rows_set(user, name, length, value, err);
}

size_t lrp_json_begin(const unsigned char *bytes, size_t length)
{
    size_t at = length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < length && memchr(" \t\r\n", bytes[at], 4) != NULL) {
        at++;
    }
    return at;
}
