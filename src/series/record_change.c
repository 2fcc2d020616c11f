/* SPDX-License-Identifier: MIT */
#include "record_change.h"

#include "aliases.h"
#include "alloc.h"
#include "record_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_SIZE = LRP_COLUMN_NAME_MOST + 16, FORMER_META_MOST = 512 };

static void former_key(const char *name, char *key)
{
    (void)snprintf(key, KEY_SIZE, "column.%.*s", LRP_COLUMN_NAME_MOST, name);
}

const char *lrp_record_former_name(const struct lrp_record *record, size_t column)
{
    char key[KEY_SIZE];
    former_key(record->columns[column].name, key);
    return lrp_record_meta(record, key);
}

enum lrp_status lrp_record_set_former_name(struct lrp_record *record, const char *column,
                                           const char *name, size_t length, struct lrp_error *err)
{
    char key[KEY_SIZE];
    char former[LRP_COLUMN_NAME_MOST + 1];
    former_key(column, key);
    while (length > 0 && (*name == ' ' || *name == '\t')) {
        name++;
        length--;
    }
    while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '\t')) {
        length--;
    }
    lrp_copy_column_name(name, length, former);
    return strcmp(former, column) == 0 || record->n_meta >= FORMER_META_MOST ||
                   lrp_record_meta(record, key) != NULL
               ? LRP_OK
               : lrp_record_set_meta(record, key, former, err);
}

enum lrp_status lrp_record_rename_column(struct lrp_record *record, size_t column, const char *name,
                                         struct lrp_error *err)
{
    if (lrp_record_find_column(record, name) != LRP_NO_COLUMN) {
        return lrp_fail(err, LRP_E_FORMAT, 0, "the column %.80s is there twice", name);
    }
    char key[KEY_SIZE];
    const char *former = lrp_record_former_name(record, column);
    former = former != NULL ? former : record->columns[column].name;
    former_key(name, key);
    if (strcmp(former, name) != 0) { /* else it has its own name back */
        LRP_TRY(lrp_record_set_meta(record, key, former, err));
    }
    char *copy = lrp_strdup(name);
    LRP_TRY_MEMORY(copy, err);
    free(record->columns[column].name);
    record->columns[column].name = copy;
    record->columns[column].position = strcmp(name, "step") == 0 || strcmp(name, "epoch") == 0;
    return LRP_OK;
}

static bool is_percent(const struct lrp_record *record, size_t column)
{
    const double *values = lrp_record_values(record, column);
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    for (size_t row = 0; row < record->rows; row++) {
        if (record->columns[column].present[row] != 0 && isfinite(values[row])) {
            low = fmin(low, values[row]);
            high = fmax(high, values[row]);
        }
    }
    return high > 1.5 && high <= 100 && low >= 0; /* 1.5 leaves room for odd shares */
}

static void divide_by_100(struct lrp_record *record, size_t column)
{
    struct lrp_column *changed = &record->columns[column];
    for (size_t row = 0; row < record->rows; row++) {
        changed->value[row] *= 0.01;
        if (record->block_rows > 1) {
            changed->block[row].low *= 0.01;
            changed->block[row].high *= 0.01;
        }
    }
}

enum lrp_status lrp_record_share_of_percent(struct lrp_record *record, const char *name,
                                            const char *other, struct lrp_error *err)
{
    size_t column = lrp_record_find_column(record, name);
    size_t second = other != NULL ? lrp_record_find_column(record, other) : LRP_NO_COLUMN;
    bool percent = (column != LRP_NO_COLUMN && is_percent(record, column)) ||
                   (second != LRP_NO_COLUMN && is_percent(record, second));
    if (percent && column != LRP_NO_COLUMN) {
        divide_by_100(record, column);
        LRP_TRY(lrp_record_add_note(record, err, "%s is in percent and was divided by 100", name));
    }
    if (percent && second != LRP_NO_COLUMN) {
        divide_by_100(record, second);
        LRP_TRY(lrp_record_add_note(record, err, "%s is in percent and was divided by 100", other));
    }
    return LRP_OK;
}

void lrp_record_raise_column(struct lrp_record *record, size_t column, double base)
{
    struct lrp_column *changed = &record->columns[column];
    for (size_t row = 0; row < record->rows; row++) {
        changed->value[row] = pow(base, changed->value[row]); /* NaN where missing stays NaN */
        if (record->block_rows > 1) {
            changed->block[row].low = pow(base, changed->block[row].low);
            changed->block[row].high = pow(base, changed->block[row].high);
        }
    }
}

void lrp_record_fill_cell(struct lrp_record *record, size_t column, size_t row, double value)
{
    struct lrp_column *filled = &record->columns[column];
    filled->value[row] = value;
    filled->present[row] = 1;
    if (record->block_rows > 1) {
        filled->block[row] = (struct lrp_stored_block){value, value, 1, 0};
    }
}

static struct lrp_stored_block add_blocks(struct lrp_stored_block a, struct lrp_stored_block b)
{
    return (struct lrp_stored_block){a.low + b.low, a.high + b.high,
                                     a.count < b.count ? a.count : b.count,
                                     a.nonfinite > b.nonfinite ? a.nonfinite : b.nonfinite};
}

enum lrp_status lrp_record_sum_columns(struct lrp_record *record, const size_t *columns, size_t n,
                                       const char *name, struct lrp_error *err)
{
    size_t index = 0;
    enum lrp_status status = lrp_record_add_column(record, name, &index, err);
    if (status != LRP_OK) {
        return status;
    }
    struct lrp_column *sum = &record->columns[index];
    for (size_t i = 0; i < n; i++) {
        const struct lrp_column *part = &record->columns[columns[i]];
        for (size_t row = 0; row < record->rows; row++) {
            bool first = i == 0;
            bool there = part->present[row] != 0 && (first || sum->present[row] != 0);
            sum->value[row] = !there  ? (double)NAN
                              : first ? part->value[row]
                                      : sum->value[row] + part->value[row];
            sum->present[row] = there ? 1 : 0;
            if (record->block_rows > 1) {
                sum->block[row] =
                    first ? part->block[row] : add_blocks(sum->block[row], part->block[row]);
            }
        }
    }
    return LRP_OK;
}
