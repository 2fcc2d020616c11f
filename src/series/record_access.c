/* SPDX-License-Identifier: MIT */
/* Looking at a record, and the texts that go with it. */
#include "record_internal.h"

#include "alloc.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    META_MOST = 1024,
    NOTES_MOST = 64,
    NOTE_MOST = 1024,
    LISTED = 12,
    SHOWN = 24,
    LIST_BYTES = 160
};

size_t lrp_record_rows(const struct lrp_record *record)
{
    return record->rows;
}

size_t lrp_record_columns(const struct lrp_record *record)
{
    return record->n_columns;
}

const char *lrp_record_column_name(const struct lrp_record *record, size_t column)
{
    return column < record->n_columns ? record->columns[column].name : NULL;
}

size_t lrp_record_find_column(const struct lrp_record *record, const char *name)
{
    for (size_t c = 0; c < record->n_columns; c++) {
        if (strcmp(record->columns[c].name, name) == 0) {
            return c;
        }
    }
    return LRP_NO_COLUMN;
}

const double *lrp_record_values(const struct lrp_record *record, size_t column)
{
    return record->columns[column].value;
}

int lrp_record_present(const struct lrp_record *record, size_t column, size_t row)
{
    return record->columns[column].present[row];
}

uint64_t lrp_record_block_rows(const struct lrp_record *record)
{
    return record->block_rows;
}

uint64_t lrp_record_rows_read(const struct lrp_record *record)
{
    return record->rows_read;
}

const char *lrp_record_meta(const struct lrp_record *record, const char *key)
{
    for (size_t i = 0; i < record->n_meta; i++) {
        if (strcmp(record->meta[i].key, key) == 0) {
            return record->meta[i].value;
        }
    }
    return NULL;
}

void lrp_record_list_columns(const struct lrp_record *record, struct lrp_text *text)
{
    size_t n = lrp_record_columns(record);
    size_t c = 0;
    for (; c < n && c < LISTED && text->length < LIST_BYTES; c++) {
        const char *name = lrp_record_column_name(record, c);
        lrp_text_append(text, c > 0 ? ", " : "");
        lrp_text_append_clean(text, name, strnlen(name, SHOWN));
    }
    lrp_text_append(text, c < n ? ", ..." : "");
}

bool lrp_record_meta_at(const struct lrp_record *record, size_t index, const char **key,
                        const char **value)
{
    if (index >= record->n_meta) {
        return false;
    }
    *key = record->meta[index].key;
    *value = record->meta[index].value;
    return true;
}

enum lrp_status lrp_record_set_meta(struct lrp_record *record, const char *key, const char *value,
                                    struct lrp_error *err)
{
    size_t i = 0;
    while (i < record->n_meta && strcmp(record->meta[i].key, key) != 0) {
        i++;
    }
    char *copy = lrp_strdup(value);
    LRP_TRY_MEMORY(copy, err);
    if (i < record->n_meta) {
        free(record->meta[i].value);
        record->meta[i].value = copy;
        return LRP_OK;
    }
    enum lrp_status status = lrp_grow_array((void **)&record->meta, i, &record->meta_capacity,
                                            sizeof *record->meta, META_MOST, err);
    char *key_copy = status == LRP_OK ? lrp_strdup(key) : NULL;
    if (key_copy == NULL) {
        free(copy);
        return status == LRP_OK ? lrp_fail_memory(err, strlen(key)) : status;
    }
    record->meta[i] = (struct lrp_meta){key_copy, copy};
    record->n_meta++;
    return LRP_OK;
}

enum lrp_status lrp_record_copy_meta(const struct lrp_record *from, struct lrp_record *to,
                                     struct lrp_error *err)
{
    to->format = from->format;
    for (size_t i = 0; i < from->n_meta; i++) {
        LRP_TRY(lrp_record_set_meta(to, from->meta[i].key, from->meta[i].value, err));
    }
    return LRP_OK;
}

enum lrp_status lrp_record_add_note(struct lrp_record *record, struct lrp_error *err,
                                    const char *format, ...)
{
    char text[NOTE_MOST];
    if (record->n_notes == NOTES_MOST) {
        return LRP_OK; /* the first ones say enough */
    }
    LRP_TRY(lrp_grow_array((void **)&record->notes, record->n_notes, &record->notes_capacity,
                           sizeof *record->notes, NOTES_MOST, err));
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct lrp_text clean;
    lrp_text_init(&clean, (size_t)3 * NOTE_MOST);
    lrp_text_append_clean(&clean, text, strlen(text));
    char *copy = lrp_strdup(lrp_text_string(&clean));
    lrp_text_fini(&clean);
    LRP_TRY_MEMORY(copy, err);
    record->notes[record->n_notes] = copy;
    record->n_notes++;
    return LRP_OK;
}

const char *lrp_record_note(const struct lrp_record *record, size_t index)
{
    return index < record->n_notes ? record->notes[index] : NULL;
}

void lrp_record_set_format(struct lrp_record *record, const char *format)
{
    record->format = format;
}

const char *lrp_record_format(const struct lrp_record *record)
{
    return record->format != NULL ? record->format : "";
}
