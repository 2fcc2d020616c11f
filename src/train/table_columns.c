/* SPDX-License-Identifier: MIT */
#include "table.h"

#include "alloc.h"
#include "number.h"
#include "suggest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CELLS_MOST = 1 << 28, OFFERED_MOST = 160 };

void lrp_table_fini(struct lrp_table *table)
{
    for (size_t i = 0; table->columns != NULL && i < table->n_columns; i++) {
        struct lrp_table_column *column = &table->columns[i];
        for (size_t k = 0; k < column->n_words; k++) {
            free(column->words[k].text);
        }
        free(column->words);
        free(column->hashes);
        free(column->name);
    }
    for (size_t i = 0; i < table->n_first; i++) {
        free(table->first[i]);
    }
    free(table->first);
    free(table->columns);
}

struct lrp_csv_field lrp_table_cell(const struct lrp_csv_field *fields, size_t n, size_t column)
{
    return column < n ? lrp_cell_bare(&fields[column]) : (struct lrp_csv_field){"", 0};
}

bool lrp_table_is_text(const struct lrp_csv_field *field, const char *text)
{
    return strlen(text) == field->length && memcmp(text, field->text, field->length) == 0;
}

enum lrp_status lrp_table_copy_text(const struct lrp_csv_field *cell, char **out,
                                    struct lrp_error *err)
{
    *out = lrp_calloc_array(cell->length + 1, 1);
    LRP_TRY_MEMORY(*out, err);
    memcpy(*out, cell->text, cell->length);
    return LRP_OK;
}

/* ---- counting ------------------------------------------------------------------------------- */

static enum lrp_status add_word(struct lrp_table_column *column, const struct lrp_csv_field *cell,
                                bool is_number, struct lrp_error *err)
{
    for (size_t i = 0; i < column->n_words; i++) {
        if (lrp_table_is_text(cell, column->words[i].text)) {
            column->words[i].rows++;
            return LRP_OK;
        }
    }
    if (column->n_words > LRP_TABLE_WORDS_MOST) {
        return LRP_OK;
    }
    LRP_TRY(lrp_grow_array((void **)&column->words, column->n_words, &column->words_capacity,
                           sizeof *column->words, CELLS_MOST, err));
    char *copy = NULL;
    LRP_TRY(lrp_table_copy_text(cell, &copy, err));
    column->words[column->n_words] = (struct lrp_table_word){copy, 1, is_number};
    column->n_words++;
    return LRP_OK;
}

/* FNV-1a: Fowler, Noll and Vo. */
static enum lrp_status add_hash(struct lrp_table_column *column, const struct lrp_csv_field *cell,
                                struct lrp_error *err)
{
    uint64_t hash = 14695981039346656037U;
    LRP_TRY(lrp_grow_array((void **)&column->hashes, column->n_hashes, &column->hashes_capacity,
                           sizeof *column->hashes, CELLS_MOST, err));
    for (size_t i = 0; i < cell->length; i++) {
        hash = (hash ^ (unsigned char)cell->text[i]) * 1099511628211U;
    }
    column->hashes[column->n_hashes] = hash;
    column->n_hashes++;
    return LRP_OK;
}

/* A number with nothing beside its digits, sign, decimal mark and exponent. */
static bool is_plain(const struct lrp_csv_field *cell, bool decimal_comma)
{
    for (size_t i = 0; i < cell->length; i++) {
        char byte = cell->text[i];
        if (!(byte >= '0' && byte <= '9') && byte != (decimal_comma ? ',' : '.') && byte != '-' &&
            byte != '+' && byte != 'e' && byte != 'E') {
            return false;
        }
    }
    return true;
}

static void count_number(struct lrp_table_column *column, const struct lrp_csv_field *cell,
                         double number)
{
    size_t before = column->cells[LRP_CELL_NUMBER];
    if (before == 0) {
        column->first = number;
        column->whole = column->counts = column->rises = true;
    }
    column->whole = column->whole && number == floor(number);
    column->counts = column->counts && (before == 0 || number == column->last + 1);
    column->rises = column->rises && (before == 0 || number > column->last);
    column->varies = column->varies || number != column->first;
    column->last = number;
    column->dressed += is_plain(cell, column->decimal_comma) ? 0 : 1;
}

enum lrp_status lrp_table_count(struct lrp_table_column *column, const struct lrp_csv_field *cell,
                                struct lrp_error *err)
{
    double number = 0;
    enum lrp_cell_kind kind = lrp_cell_read(cell, column->decimal_comma, &number);
    if (kind == LRP_CELL_NUMBER) {
        count_number(column, cell, number);
    }
    column->cells[kind]++;
    if (kind == LRP_CELL_MISSING) {
        return LRP_OK;
    }
    if (column->takes_words) {
        LRP_TRY(add_word(column, cell, kind == LRP_CELL_NUMBER, err));
        column->dates += lrp_cell_is_date(cell) ? 1 : 0;
    }
    return column->takes_hashes ? add_hash(column, cell, err) : LRP_OK;
}

/* ---- names ---------------------------------------------------------------------------------- */

size_t lrp_table_find(const struct lrp_table *table, const char *wanted)
{
    size_t found = LRP_NO_TABLE_COLUMN;
    size_t n_found = 0;
    int64_t number = 0;
    for (size_t i = 0; table->has_header && i < table->n_columns; i++) {
        if (strcmp(table->columns[i].name, wanted) == 0) {
            return i;
        }
        if (strcasecmp(table->columns[i].name, wanted) == 0) {
            found = i;
            n_found++;
        }
    }
    if (n_found == 1) {
        return found;
    }
    return lrp_parse_int64(wanted, strlen(wanted), 1, (int64_t)table->n_columns, &number)
               ? (size_t)number - 1
               : LRP_NO_TABLE_COLUMN;
}

void lrp_table_offer(const struct lrp_table *table, const char *wanted, struct lrp_text *out)
{
    if (!table->has_header) {
        lrp_text_printf(out, "; the table has no header, so a number from 1 to %zu was expected",
                        table->n_columns);
        return;
    }
    const char **names = lrp_calloc_array(table->n_columns, sizeof *names);
    for (size_t i = 0; names != NULL && i < table->n_columns; i++) {
        names[i] = table->columns[i].name;
    }
    const char *near = names != NULL ? lrp_nearest_name(wanted, names, table->n_columns) : NULL;
    free((void *)names);
    lrp_text_append(out, near != NULL ? "; did you mean \"" : "; ");
    if (near != NULL) {
        lrp_text_append_clean(out, near, strlen(near));
        lrp_text_append(out, "\"? ");
    }
    lrp_text_append(out, near != NULL ? "The columns are " : "the columns are ");
    size_t begin = out->length;
    for (size_t i = 0; i < table->n_columns; i++) {
        const char *name = table->columns[i].name;
        if (out->length - begin + strlen(name) > OFFERED_MOST) {
            lrp_text_printf(out, " and %zu more", table->n_columns - i);
            break;
        }
        lrp_text_append(out, i > 0 ? ", " : "");
        lrp_text_append_clean(out, name, strlen(name));
    }
    lrp_text_printf(out, ", or a number from 1 to %zu", table->n_columns);
}

static bool is_any_of(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcasecmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* customer_id, "user id", PassengerId, customerID, but neither "paid" nor "humid". */
static bool ends_as_id(const char *name)
{
    static const char *const ends[] = {"id", "uuid", "guid"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t end = strlen(ends[i]);
        if (length <= end || strcasecmp(name + length - end, ends[i]) != 0) {
            continue;
        }
        char before = name[length - end - 1];
        char first = name[length - end];
        if (strchr("_ -.:", before) != NULL ||
            (first >= 'A' && first <= 'Z' && before >= 'a' && before <= 'z')) {
            return true;
        }
    }
    return false;
}

bool lrp_table_is_id_name(const struct lrp_table *table, size_t column)
{
    static const char *const names[] = {"id",         "ids",     "index",     "idx",
                                        "uuid",       "guid",    "rowid",     "row_id",
                                        "row_number", "rownum",  "rownumber", "row number",
                                        "rowno",      "level_0", "rownames",  "row_names"};
    const char *name = table->columns[column].name;
    if (!table->has_header) {
        return false;
    }
    /* pandas writes its index without a name, and reads it as "Unnamed: 0" */
    return (column == 0 && table->columns[0].unnamed) || strncmp(name, "Unnamed: 0", 10) == 0 ||
           is_any_of(name, names, sizeof names / sizeof names[0]) || ends_as_id(name);
}

/* Names of what may be a measurement, unless it counts the rows. */
static bool is_counter_name(const struct lrp_table *table, size_t column)
{
    static const char *const names[] = {
        "#",      "no",   "no.",    "nr",         "nr.",    "row",       "rows",
        "case",   "obs",  "number", "num",        "sno",    "serial no", "record",
        "sample", "s.no", "sl no",  "serial no.", "serial", "sl no.",    "s. no."};
    return table->has_header &&
           is_any_of(table->columns[column].name, names, sizeof names / sizeof names[0]);
}

/* ---- decisions ------------------------------------------------------------------------------ */

static int compare_hashes(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Whether no two of the cells that are not missing are equal. */
static bool all_differ(struct lrp_table_column *column)
{
    if (column->n_hashes < 2) {
        return false;
    }
    qsort(column->hashes, column->n_hashes, sizeof *column->hashes, compare_hashes);
    for (size_t i = 1; i < column->n_hashes; i++) {
        if (column->hashes[i] == column->hashes[i - 1]) {
            return false;
        }
    }
    return true;
}

static int compare_words(const void *left, const void *right)
{
    return strcmp(((const struct lrp_table_word *)left)->text,
                  ((const struct lrp_table_word *)right)->text);
}

bool lrp_table_are_categories(const struct lrp_table_column *column)
{
    size_t rows = 0;
    if (column->n_words > LRP_TABLE_WORDS_MOST || !column->whole) {
        return false;
    }
    for (size_t i = 0; i < column->n_words; i++) {
        rows += column->words[i].rows;
        if (!column->words[i].is_number && column->words[i].rows < 2) {
            return false;
        }
    }
    return rows >= LRP_TABLE_ROWS_A_VALUE * column->n_words;
}

static enum lrp_table_use use_of_words(struct lrp_table_column *column)
{
    size_t n = column->cells[LRP_CELL_WORD] + column->cells[LRP_CELL_NUMBER] +
               column->cells[LRP_CELL_PERHAPS_MISSING];
    if (column->dates == n) {
        return LRP_USE_DATES;
    }
    if (all_differ(column)) {
        return LRP_USE_ID;
    }
    if (column->n_words > LRP_TABLE_WORDS_MOST) {
        return LRP_USE_MANY_WORDS;
    }
    return column->n_words + (column->cells[LRP_CELL_MISSING] > 0 ? 1 : 0) == 1 ? LRP_USE_ONE_WORD
                                                                                : LRP_USE_WORDS;
}

static enum lrp_table_use use_of(const struct lrp_table *table, size_t index)
{
    struct lrp_table_column *column = &table->columns[index];
    const size_t *cells = column->cells;
    if (cells[LRP_CELL_NUMBER] == 0 && cells[LRP_CELL_WORD] == 0) {
        return LRP_USE_EMPTY;
    }
    if (cells[LRP_CELL_WORD] > 0 && table->options->image == NULL &&
        (cells[LRP_CELL_NUMBER] == 0 || lrp_table_are_categories(column))) {
        return use_of_words(column);
    }
    bool complete = cells[LRP_CELL_NUMBER] == table->n_rows && column->whole;
    bool named = lrp_table_is_id_name(table, index) && all_differ(column);
    bool counts = is_counter_name(table, index) && column->counts && column->varies;
    return complete && (named || counts) ? LRP_USE_ID : LRP_USE_NUMBER;
}

void lrp_table_decide(struct lrp_table *table)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        struct lrp_table_column *column = &table->columns[i];
        if (column->use != LRP_USE_TARGET && column->use != LRP_USE_DROPPED) {
            column->use = use_of(table, i);
        }
        if (column->use == LRP_USE_WORDS) {
            qsort(column->words, column->n_words, sizeof *column->words, compare_words);
        }
    }
}

size_t lrp_table_missing_of(const struct lrp_table_column *column)
{
    return column->cells[LRP_CELL_MISSING] +
           (column->use == LRP_USE_NUMBER ? column->cells[LRP_CELL_PERHAPS_MISSING] : 0);
}

size_t lrp_table_inputs_of(const struct lrp_table_column *column)
{
    size_t missing = lrp_table_missing_of(column) > 0 ? 1 : 0;
    if (column->use == LRP_USE_NUMBER) {
        return 1 + missing;
    }
    if (column->use == LRP_USE_WORDS) {
        return column->n_words + missing == 2 ? 1 : column->n_words + missing;
    }
    return 0;
}

size_t lrp_table_word_index(const struct lrp_table_column *column, const struct lrp_csv_field *cell)
{
    for (size_t i = 0; i < column->n_words; i++) {
        if (lrp_table_is_text(cell, column->words[i].text)) {
            return i;
        }
    }
    return column->n_words;
}
