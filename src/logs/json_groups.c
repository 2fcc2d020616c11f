/* SPDX-License-Identifier: MIT */
#include "json_columns.h"

#include "loss_names.h"

#include <stdio.h>
#include <string.h>

enum lrp_status lrp_json_end_row(struct lrp_log_reader *reader, struct lrp_error *err)
{
    const struct lrp_json_columns *self = reader->state;
    if (self->repeat > 0 && lrp_rows_open(reader->rows)) {
        LRP_TRY(lrp_rows_put(reader->rows, "repeat", self->repeat, err));
    }
    return lrp_rows_end(reader->rows, err);
}

/* ---- groups: objects beside each other, each with columns of its own ----------------------- */

static const char *key_of(const struct lrp_json_column *column)
{
    const char *dot = strrchr(column->name, '.');
    return dot != NULL ? dot + 1 : column->name;
}

static bool is_position(const struct lrp_json_column *column)
{
    char name[LRP_COLUMN_NAME_MOST + 1];
    lrp_canonical_column(key_of(column), strlen(key_of(column)), name);
    return strcmp(name, "step") == 0 || strcmp(name, "epoch") == 0;
}

bool lrp_json_have_positions(const struct lrp_json_columns *self)
{
    const struct lrp_json *first = NULL;
    for (size_t c = 0; c < self->n_columns; c++) {
        if (is_position(&self->columns[c])) {
            if (first != NULL && self->columns[c].parent != first) {
                return true;
            }
            first = self->columns[c].parent;
        }
    }
    return false;
}

bool lrp_json_are_runs(const struct lrp_json_columns *self)
{
    bool shared = false;
    for (size_t a = 0; a < self->n_columns; a++) {
        const struct lrp_json_column *column = &self->columns[a];
        char prefix[LRP_COLUMN_NAME_MOST + 1];
        (void)snprintf(prefix, sizeof prefix, "%.*s", (int)(key_of(column) - column->name),
                       column->name);
        if (lrp_side_of(prefix) != LRP_SIDE_UNKNOWN) {
            return false;
        }
        for (size_t b = 0; b < a && lrp_names_a_loss(key_of(column)); b++) {
            shared = shared || (self->columns[b].parent != column->parent &&
                                strcmp(key_of(&self->columns[b]), key_of(column)) == 0);
        }
    }
    return shared;
}

/* The columns of one object, row by row as far as the longest goes. */
static enum lrp_status fill_group(struct lrp_log_reader *reader, const struct lrp_json *parent,
                                  bool keys_alone, struct lrp_error *err)
{
    const struct lrp_json_columns *self = reader->state;
    bool more = true;
    for (size_t k = 0; more; k++) {
        more = false;
        for (size_t c = 0; c < self->n_columns; c++) {
            const struct lrp_json_column *column = &self->columns[c];
            double number = 0;
            bool short_name = keys_alone || is_position(column);
            if (column->parent != parent || k >= lrp_json_length(column->array)) {
                continue;
            }
            more = true;
            if (lrp_json_as_number(lrp_json_element(column->array, k), &number)) {
                LRP_TRY(lrp_rows_put(reader->rows, short_name ? key_of(column) : column->name,
                                     number, err));
            }
        }
        LRP_TRY(lrp_json_end_row(reader, err));
    }
    return LRP_OK;
}

static bool counts(const struct lrp_json_columns *self, const struct lrp_json *parent)
{
    for (size_t c = 0; c < self->n_columns; c++) {
        if (self->columns[c].parent == parent && is_position(&self->columns[c])) {
            return true;
        }
    }
    return false;
}

enum lrp_status lrp_json_fill_groups(struct lrp_log_reader *reader, bool runs,
                                     struct lrp_error *err)
{
    struct lrp_json_columns *self = reader->state;
    for (size_t c = 0; c < self->n_columns; c++) {
        bool seen = false;
        for (size_t b = 0; b < c; b++) {
            seen = seen || self->columns[b].parent == self->columns[c].parent;
        }
        if (!seen && (runs || counts(self, self->columns[c].parent))) {
            self->repeat += runs ? 1 : 0;
            LRP_TRY(fill_group(reader, self->columns[c].parent, runs, err));
        }
    }
    return LRP_OK;
}
