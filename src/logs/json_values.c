/* SPDX-License-Identifier: MIT */
#include "json_values.h"

#include "alloc.h"
#include "formats.h"
#include "number.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MOST = 5 };

enum lrp_status lrp_json_document_feed(struct lrp_json_document *document, const void *bytes,
                                       size_t length, struct lrp_error *err)
{
    if (length > (size_t)LRP_JSON_DOCUMENT_MOST - document->length) {
        return lrp_fail(err, LRP_E_LIMIT, 0,
                        "the JSON is larger than %d MiB, the limit here; JSON Lines (one object a "
                        "line) has no limit",
                        LRP_JSON_DOCUMENT_MOST >> 20);
    }
    while (document->capacity - document->length < length) {
        enum lrp_status status =
            lrp_grow_array((void **)&document->text, document->capacity, &document->capacity, 1,
                           LRP_JSON_DOCUMENT_MOST, err);
        if (status != LRP_OK) {
            return status;
        }
    }
    if (length > 0) {
        memcpy(document->text + document->length, bytes, length);
        document->length += length;
    }
    return LRP_OK;
}

enum lrp_status lrp_json_document_parse(const struct lrp_json_document *document,
                                        struct lrp_json **root, struct lrp_error *err)
{
    const char *text = document->text != NULL ? document->text : "";
    size_t at = document->length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    return lrp_json_parse(text + at, document->length - at, root, err);
}

void lrp_json_document_fini(struct lrp_json_document *document)
{
    free(document->text);
    document->text = NULL;
}

struct walk {
    char name[LRP_COLUMN_NAME_MOST + 1];
    lrp_on_number *on_number;
    void *user;
};

/* "3/90", as progress is told. */
static bool part_of_whole(const char *name, size_t length, const char *text, double *out)
{
    char canonical[LRP_COLUMN_NAME_MOST + 1];
    double whole = 0;
    const char *slash = text != NULL ? strchr(text, '/') : NULL;
    if (slash == NULL || !lrp_parse_double(slash + 1, strlen(slash + 1), &whole) ||
        !lrp_parse_double(text, (size_t)(slash - text), out)) {
        return false;
    }
    lrp_canonical_column(name, length, canonical);
    return strcmp(canonical, "epoch") == 0 || strcmp(canonical, "step") == 0;
}

static enum lrp_status walk_object(struct walk *walk, const struct lrp_json *object, size_t prefix,
                                   int depth, struct lrp_error *err)
{
    const void *cursor = NULL;
    const char *key = NULL;
    const struct lrp_json *value = NULL;
    enum lrp_status status = LRP_OK;
    while (status == LRP_OK && lrp_json_next_member(object, &cursor, &key, &value)) {
        double number = 0;
        size_t room = LRP_COLUMN_NAME_MOST - prefix;
        size_t length = strnlen(key, room);
        memcpy(walk->name + prefix, key, length);
        length += prefix;
        if (lrp_json_length(value) == 1) {
            value = lrp_json_element(value, 0);
        }
        if (lrp_json_as_number(value, &number) ||
            part_of_whole(walk->name, length, lrp_json_string(value), &number)) {
            status = walk->on_number(walk->user, walk->name, length, number, err);
        } else if (lrp_json_type_of(value) == LRP_JSON_OBJECT && depth < DEPTH_MOST &&
                   length < LRP_COLUMN_NAME_MOST) {
            walk->name[length] = '.';
            status = walk_object(walk, value, length + 1, depth + 1, err);
        }
    }
    return status;
}

enum lrp_status lrp_json_numbers(const struct lrp_json *object, lrp_on_number *on_number,
                                 void *user, struct lrp_error *err)
{
    struct walk walk;
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
