/* SPDX-License-Identifier: MIT */
#include "csv_columns.h"

#include "alloc.h"
#include "formats.h"
#include "number.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SHOWN = 60 };

struct part {
    const char *text;
    size_t length;
};

void lrp_table_columns_fini(struct lrp_table_columns *columns)
{
    for (size_t c = 0; c < columns->n; c++) {
        free(columns->list[c].name);
    }
    free(columns->list);
    free(columns->first);
    *columns = (struct lrp_table_columns){NULL, 0, NULL, 0};
}

enum lrp_status lrp_note_name(struct lrp_record *record, const char *what, const char *name,
                              struct lrp_error *err)
{
    struct lrp_text text;
    lrp_text_init(&text, 1024);
    lrp_text_append(&text, what);
    lrp_text_append(&text, ": ");
    lrp_text_append_clean(&text, name, strnlen(name, SHOWN));
    enum lrp_status status = lrp_record_add_note(record, lrp_text_string(&text), err);
    lrp_text_fini(&text);
    return status;
}

static struct part trim(struct part part)
{
    while (part.length > 0 && memchr(" \t", part.text[0], 2) != NULL) {
        part.text++;
        part.length--;
    }
    while (part.length > 0 && memchr(" \t", part.text[part.length - 1], 2) != NULL) {
        part.length--;
    }
    return part;
}

static bool is_word(struct part part, const char *word)
{
    return part.length == strlen(word) && strncasecmp(part.text, word, part.length) == 0;
}

static bool ends_with(struct part part, const char *end)
{
    size_t length = strlen(end);
    return part.length >= length && memcmp(part.text + part.length - length, end, length) == 0;
}

/* W&B: "run - metric" is the metric. */
static struct part without_run(struct part part)
{
    for (size_t i = part.length; i >= 3; i--) {
        if (memcmp(part.text + i - 3, " - ", 3) == 0) {
            return trim((struct part){part.text + i, part.length - i});
        }
    }
    return part;
}

static bool is_tensorboard(const struct lrp_csv_field *fields, size_t n)
{
    static const char *const words[] = {"Wall time", "Step", "Value"};
    for (size_t i = 0; i < 3; i++) {
        if (n != 3 || !is_word((struct part){fields[i].text, fields[i].length}, words[i])) {
            return false;
        }
    }
    return true;
}

/* TensorBoard's download is called "run-RUN-tag-TAG.csv"; the loss where that is not so. */
static enum lrp_status name_value(const struct lrp_log_hints *hints, struct lrp_text *name,
                                  struct lrp_record *record, struct lrp_error *err)
{
    const char *file = hints != NULL ? hints->file_name : NULL;
    const char *tag = file != NULL ? strstr(file, "-tag-") : NULL;
    if (tag == NULL) {
        lrp_text_append(name, "loss");
        return lrp_record_add_note(
            record, "the table does not say what Value is: it was taken as the loss", err);
    }
    struct part run = {file, (size_t)(tag - file)};
    size_t length = strlen(tag + 5);
    length -= length > 4 && strcmp(tag + 5 + length - 4, ".csv") == 0 ? 4 : 0;
    lrp_text_append(name, ends_with(run, "val") || ends_with(run, "validation") ? "val_" : "");
    lrp_text_append_bytes(name, tag + 5, length);
    return LRP_OK;
}

static bool is_free(const struct lrp_table_columns *columns, const char *name)
{
    for (size_t c = 0; c < columns->n; c++) {
        const struct lrp_table_column *column = &columns->list[c];
        if (column->name != NULL && column->kind != LRP_CELL_LEFT_OUT &&
            strcmp(column->name, name) == 0) {
            return false;
        }
    }
    return true;
}

/* Room for the names of n columns: LRP_COLUMN_NAME_MOST + 1 bytes each. */
struct wanted {
    char name[LRP_COLUMN_NAME_MOST + 1];
    bool exact;
};

static enum lrp_status want_names(struct wanted *wanted, struct lrp_column_names *names,
                                  struct lrp_record *record, const struct lrp_csv_field *fields,
                                  size_t n, struct lrp_error *err)
{
    bool tensorboard = is_tensorboard(fields, n);
    enum lrp_status status = LRP_OK;
    for (size_t i = 0; i < n && status == LRP_OK; i++) {
        struct part part = trim((struct part){fields[i].text, fields[i].length});
        struct lrp_text value;
        lrp_text_init(&value, LRP_COLUMN_NAME_MOST);
        if (!lrp_column_is_mapped(names->hints, part.text, part.length)) {
            if (ends_with(part, "__MIN") || ends_with(part, "__MAX")) {
                part.length = 0;
            }
            part = without_run(part);
            if (tensorboard && i == 2) {
                status = name_value(names->hints, &value, record, err);
                part = (struct part){lrp_text_string(&value), value.length};
            }
        }
        wanted[i].exact = lrp_column_names_take(names, part.text, part.length, wanted[i].name);
        lrp_text_fini(&value);
    }
    return status;
}

/* Names for the columns: those that are spelt as ours first, then aliases, then their own. */
static enum lrp_status give_names(struct lrp_table_columns *columns, const struct wanted *wanted,
                                  const struct lrp_csv_field *fields, struct lrp_record *record,
                                  struct lrp_error *err)
{
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < columns->n; i++) {
            struct lrp_table_column *column = &columns->list[i];
            const char *name = wanted[i].name;
            char own[LRP_COLUMN_NAME_MOST + 1];
            if (wanted[i].exact != (turn == 0)) {
                continue;
            }
            bool named = is_free(columns, name);
            if (!named) {
                struct part part = trim((struct part){fields[i].text, fields[i].length});
                size_t most = sizeof own - 1;
                size_t length = part.length < most ? part.length : most;
                memcpy(own, part.text, length);
                own[length] = '\0';
                name = own;
                named = is_free(columns, name);
            }
            column->name = lrp_strdup(name);
            if (column->name == NULL) {
                return lrp_fail_memory(err, strlen(name));
            }
            column->kind = named && name[0] != '\0' ? LRP_CELL_UNKNOWN : LRP_CELL_LEFT_OUT;
            column->is_known = lrp_is_known_column(name);
            enum lrp_status status =
                named ? LRP_OK : lrp_note_name(record, "a second column was left out", name, err);
            if (status != LRP_OK) {
                return status;
            }
        }
    }
    return LRP_OK;
}

enum lrp_status lrp_table_header(struct lrp_table_columns *columns, struct lrp_column_names *names,
                                 struct lrp_record *record, size_t line,
                                 const struct lrp_csv_field *fields, size_t n,
                                 struct lrp_error *err)
{
    size_t numbers = 0;
    double number = 0;
    for (size_t i = 0; i < n; i++) {
        numbers += lrp_parse_double(fields[i].text, fields[i].length, &number) ? 1 : 0;
    }
    if (numbers == n) {
        return lrp_fail(err, LRP_E_FORMAT, line,
                        "numbers where the names of the columns were expected");
    }
    if (n > LRP_RECORD_MAX_COLUMNS) {
        return lrp_fail(err, LRP_E_LIMIT, line, "%zu columns, the limit is %d", n,
                        LRP_RECORD_MAX_COLUMNS);
    }
    columns->list = lrp_calloc_array(n, sizeof *columns->list);
    columns->first = lrp_calloc_array(fields[0].length + 1, 1);
    struct wanted *wanted = lrp_calloc_array(n, sizeof *wanted);
    enum lrp_status status = LRP_OK;
    if (columns->list == NULL || columns->first == NULL || wanted == NULL) {
        status = lrp_fail_memory(err, n * sizeof *wanted);
    } else {
        columns->n = n;
        columns->first_length = fields[0].length;
        memcpy(columns->first, fields[0].text, fields[0].length);
        status = want_names(wanted, names, record, fields, n, err);
    }
    if (status == LRP_OK) {
        status = give_names(columns, wanted, fields, record, err);
    }
    free(wanted);
    return status;
}
