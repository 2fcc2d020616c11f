/* SPDX-License-Identifier: MIT */
/* Tables with one target column. The file is read three times: to see what its columns are, to
 * count what stands in them, and to fill the data set, which then needs no second copy of its
 * inputs. */
#include "table.h"

#include "alloc.h"
#include "data_readers.h"
#include "gz.h"
#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS_MOST = 1 << 28, SHOWN = 60, AUTO_CLASSES = 50, LOOKED_AT = 20 };

enum pass { LOOK, COUNT, FILL };

struct csv_table {
    struct lrp_table table;
    enum pass pass;
    size_t row;      /* of the file, counted from 0, without empty ones */
    double *targets; /* a number, or the index of a label */
    size_t targets_capacity;
    char **labels; /* distinct texts of the target column */
    size_t n_labels, labels_capacity;
    bool has_text;
    struct lrp_error conflict; /* the first target of another kind than those before it */
    struct lrp_dataset *dataset;
    size_t at; /* the row of the data set that is filled next */
};

/* ---- cells ---------------------------------------------------------------------------------- */

static enum lrp_status bad_cell(const struct csv_table *csv, size_t line, size_t column,
                                const struct lrp_csv_field *cell, const char *what,
                                struct lrp_error *err)
{
    const char *name = csv->table.columns[column].name;
    struct lrp_text clean;
    lrp_text_init(&clean, 1024);
    lrp_text_append_clean(&clean, name, strlen(name) < SHOWN ? strlen(name) : (size_t)SHOWN);
    lrp_text_append(&clean, "): \"");
    lrp_text_append_clean(&clean, cell->text, cell->length < SHOWN ? cell->length : (size_t)SHOWN);
    enum lrp_status status = lrp_fail(err, LRP_E_FORMAT, line, "column %zu (%s\" %s", column + 1,
                                      lrp_text_string(&clean), what);
    lrp_text_fini(&clean);
    return status;
}

/* ---- counting and the target ---------------------------------------------------------------- */

static enum lrp_status label_index(struct csv_table *csv, const struct lrp_csv_field *cell,
                                   double *index, struct lrp_error *err)
{
    for (size_t i = 0; i < csv->n_labels; i++) {
        if (lrp_table_is_text(cell, csv->labels[i])) {
            *index = (double)i;
            return LRP_OK;
        }
    }
    LRP_TRY(lrp_grow_array((void **)&csv->labels, csv->n_labels, &csv->labels_capacity,
                           sizeof *csv->labels, LRP_CLASSES_MOST, err));
    LRP_TRY(lrp_table_copy_text(cell, &csv->labels[csv->n_labels], err));
    *index = (double)csv->n_labels;
    csv->n_labels++;
    return LRP_OK;
}

/* Whether the row has no target; "none" and "-" are classes where there are other words. */
static bool lacks_target(const struct csv_table *csv, const struct lrp_csv_field *cell)
{
    const struct lrp_table_column *column = &csv->table.columns[csv->table.target];
    double number = 0;
    enum lrp_cell_kind kind = lrp_cell_read(cell, column->decimal_comma, &number);
    return kind == LRP_CELL_MISSING || (kind == LRP_CELL_PERHAPS_MISSING && !column->takes_words);
}

static enum lrp_status take_target(struct csv_table *csv, size_t line,
                                   const struct lrp_csv_field *cell, struct lrp_error *err)
{
    struct lrp_table *table = &csv->table;
    struct lrp_table_column *column = &table->columns[table->target];
    double value = 0;
    bool numeric = lrp_cell_read(cell, column->decimal_comma, &value) == LRP_CELL_NUMBER;
    size_t numbers = column->cells[LRP_CELL_NUMBER];
    LRP_TRY(lrp_grow_array((void **)&csv->targets, table->n_rows, &csv->targets_capacity,
                           sizeof *csv->targets, CELLS_MOST, err));
    if (numeric && !isfinite(value)) {
        return bad_cell(csv, line, table->target, cell, "is not a finite target", err);
    }
    if (table->n_rows > 0 && numeric != (numbers > 0) && csv->conflict.status == LRP_OK) {
        (void)bad_cell(csv, line, table->target, cell,
                       "does not fit: the target has both words and numbers", &csv->conflict);
    }
    csv->has_text = csv->has_text || !numeric;
    if (column->takes_words) {
        LRP_TRY(label_index(csv, cell, &value, err));
    }
    csv->targets[table->n_rows] = value;
    table->n_rows++;
    return LRP_OK;
}

static enum lrp_status count_row(struct csv_table *csv, size_t line,
                                 const struct lrp_csv_field *fields, size_t n,
                                 struct lrp_error *err)
{
    struct lrp_table *table = &csv->table;
    struct lrp_csv_field cell = lrp_table_cell(fields, n, table->target);
    if (lacks_target(csv, &cell)) {
        table->n_without_target++;
        return LRP_OK;
    }
    LRP_TRY(take_target(csv, line, &cell, err));
    for (size_t i = 0; i < table->n_columns; i++) {
        if (table->columns[i].use != LRP_USE_DROPPED) {
            cell = lrp_table_cell(fields, n, i);
            LRP_TRY(lrp_table_count(&table->columns[i], &cell, err));
        }
    }
    return LRP_OK;
}

/* ---- filling -------------------------------------------------------------------------------- */

static void fill_words(const struct lrp_table_column *column, const struct lrp_csv_field *cell,
                       float *inputs)
{
    double number = 0;
    bool missing = lrp_cell_read(cell, column->decimal_comma, &number) == LRP_CELL_MISSING;
    size_t index = missing ? column->n_words : lrp_table_word_index(column, cell);
    size_t n = lrp_table_inputs_of(column);
    if (n == 1) {
        inputs[0] = index > 0 ? 1 : 0;
    } else {
        inputs[index] = 1;
    }
}

static enum lrp_status fill_number(const struct csv_table *csv, size_t line, size_t i,
                                   const struct lrp_csv_field *cell, float *inputs,
                                   struct lrp_error *err)
{
    const struct lrp_table_column *column = &csv->table.columns[i];
    double value = 0;
    enum lrp_cell_kind kind = lrp_cell_read(cell, column->decimal_comma, &value);
    if (kind == LRP_CELL_WORD) {
        return bad_cell(csv, line, i, cell,
                        csv->table.options->image != NULL
                            ? "is not a number, as the pixels of an image are"
                            : "is not a number, unlike other cells of the column; --drop leaves "
                              "the column out",
                        err);
    }
    bool missing = kind != LRP_CELL_NUMBER;
    if (missing && csv->table.options->image != NULL) {
        return bad_cell(csv, line, i, cell, "is not a pixel: a number was expected", err);
    }
    if (!missing && (!isfinite(value) || fabs(value) > 1e30)) {
        return bad_cell(csv, line, i, cell, "is not a finite number in the range of a float", err);
    }
    inputs[0] = missing ? (float)NAN : (float)value;
    if (lrp_table_missing_of(column) > 0) {
        inputs[1] = missing ? 1 : 0;
    }
    return LRP_OK;
}

static enum lrp_status fill_row(struct csv_table *csv, size_t line,
                                const struct lrp_csv_field *fields, size_t n, struct lrp_error *err)
{
    const struct lrp_table *table = &csv->table;
    struct lrp_csv_field cell = lrp_table_cell(fields, n, table->target);
    float *inputs = csv->dataset->inputs + csv->at * csv->dataset->n_inputs;
    if (lacks_target(csv, &cell)) {
        return LRP_OK;
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct lrp_table_column *column = &table->columns[i];
        cell = lrp_table_cell(fields, n, i);
        if (column->use == LRP_USE_NUMBER) {
            LRP_TRY(fill_number(csv, line, i, &cell, inputs, err));
        } else if (column->use == LRP_USE_WORDS) {
            fill_words(column, &cell, inputs);
        }
        inputs += lrp_table_inputs_of(column);
    }
    csv->at++;
    return LRP_OK;
}

static bool is_blank_row(const struct lrp_csv_field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fields[i].length > 0) {
            return false;
        }
    }
    return true;
}

static enum lrp_status take_row(void *user, size_t line, const struct lrp_csv_field *fields,
                                size_t n, struct lrp_error *err)
{
    struct csv_table *csv = user;
    if (is_blank_row(fields, n)) {
        return LRP_OK;
    }
    size_t row = csv->row;
    csv->row++;
    if (row == 0 && csv->pass == LOOK) {
        return lrp_table_begin(&csv->table, fields, n, err);
    }
    if (row == 0 && csv->table.has_header) {
        return LRP_OK;
    }
    if (row == 1 && csv->pass == LOOK) {
        lrp_table_look_for_shift(&csv->table, fields, n);
    }
    LRP_TRY(lrp_table_check_width(&csv->table, line, fields, n, err));
    if (csv->pass == FILL) {
        return fill_row(csv, line, fields, n, err);
    }
    if (csv->pass == COUNT) {
        return count_row(csv, line, fields, n, err);
    }
    lrp_table_look(&csv->table, fields, n);
    return LRP_OK;
}

/* ---- the data set --------------------------------------------------------------------------- */

/* Removes the repeated values of a sorted array; how many are left. */
static size_t keep_distinct(double *values, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || values[i] != values[kept - 1]) {
            values[kept] = values[i];
            kept++;
        }
    }
    return kept;
}

/* Words are classes; so are a few distinct integers, each of which occurs several times. */
static bool are_classes(const struct csv_table *csv, const double *distinct, size_t n)
{
    const char *loss = csv->table.options->loss;
    if (loss != NULL && strcmp(loss, "auto") != 0) {
        return strcmp(loss, "cross_entropy") == 0;
    }
    if (csv->has_text) {
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        if (distinct[i] != floor(distinct[i])) {
            return false;
        }
    }
    return n <= AUTO_CLASSES && n * LRP_TABLE_ROWS_A_VALUE <= csv->table.n_rows;
}

/* Room for the inputs, and the targets filled in. distinct: the n_distinct different ones, sorted.
 */
static enum lrp_status fill_targets(struct csv_table *csv, const double *distinct,
                                    size_t n_distinct, size_t n_inputs, struct lrp_error *err)
{
    struct lrp_dataset *dataset = csv->dataset;
    size_t n_rows = csv->table.n_rows;
    bool classes = are_classes(csv, distinct, n_distinct);
    if (!classes && csv->has_text) {
        return lrp_fail(err, LRP_E_ARG, 0, "the target is words, which squared_error cannot use");
    }
    if (classes && n_distinct > LRP_CLASSES_MOST) {
        return lrp_fail(err, LRP_E_LIMIT, 0, "%zu different targets are too many classes",
                        n_distinct);
    }
    LRP_TRY(lrp_dataset_reserve(dataset, n_rows, n_inputs, classes ? 1 : 0, err));
    for (size_t i = 0; i < n_rows; i++) {
        if (classes) {
            const double *at = bsearch(&csv->targets[i], distinct, n_distinct, sizeof *distinct,
                                       lrp_compare_doubles);
            dataset->classes[i] = (uint32_t)(at - distinct);
        } else {
            dataset->values[i] = (float)csv->targets[i];
        }
    }
    dataset->n_outputs = classes ? n_distinct : 1;
    dataset->standardise = true;
    return LRP_OK;
}

static enum lrp_status sort_targets(struct csv_table *csv, size_t n_inputs, struct lrp_error *err)
{
    size_t n_rows = csv->table.n_rows;
    double *distinct = lrp_calloc_array(n_rows, sizeof *distinct);
    LRP_TRY_MEMORY(distinct, err);
    memcpy(distinct, csv->targets, n_rows * sizeof *distinct);
    qsort(distinct, n_rows, sizeof *distinct, lrp_compare_doubles);
    size_t n_distinct = keep_distinct(distinct, n_rows);
    enum lrp_status status = fill_targets(csv, distinct, n_distinct, n_inputs, err);
    free(distinct);
    return status;
}

/* Which inputs are marks of 0 and 1, and the names of those with gaps. */
static enum lrp_status describe_inputs(const struct csv_table *csv, struct lrp_error *err)
{
    struct lrp_dataset *dataset = csv->dataset;
    size_t at = 0;
    dataset->columns = lrp_calloc_array(dataset->n_inputs, sizeof *dataset->columns);
    LRP_TRY_MEMORY(dataset->columns, err);
    for (size_t i = 0; i < csv->table.n_columns; i++) {
        const struct lrp_table_column *column = &csv->table.columns[i];
        bool number = column->use == LRP_USE_NUMBER;
        size_t missing = lrp_table_missing_of(column);
        if (number && missing > 0) {
            dataset->columns[at].n_missing = missing;
            dataset->columns[at].name = lrp_strdup(column->name);
            LRP_TRY_MEMORY(dataset->columns[at].name, err);
        }
        for (size_t k = 0; k < lrp_table_inputs_of(column); k++, at++) {
            dataset->columns[at].is_mark = !number || k > 0;
        }
    }
    return LRP_OK;
}

/* After counting: what becomes of each column, room for the inputs, the targets, the notes. */
static enum lrp_status make_dataset(struct csv_table *csv, struct lrp_error *err)
{
    struct lrp_table *table = &csv->table;
    const struct lrp_table_column *target = &table->columns[table->target];
    size_t n_inputs = 0;
    if (table->n_rows == 0) {
        return lrp_fail(err, LRP_E_NODATA, 0,
                        "no row of the file has a target in column %zu (%.60s)", table->target + 1,
                        target->name);
    }
    if (csv->conflict.status != LRP_OK && !lrp_table_are_categories(target)) {
        return lrp_fail(err, csv->conflict.status, csv->conflict.line, "%s", csv->conflict.message);
    }
    lrp_table_decide(table);
    if (table->shifted && table->columns[0].use != LRP_USE_ID &&
        table->columns[0].use != LRP_USE_DROPPED) { /* a comma in a word without quotes */
        return lrp_fail(err, LRP_E_FORMAT, 0, "the header has %zu fields, but each row has %zu",
                        table->n_first, table->n_columns);
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        n_inputs += lrp_table_inputs_of(&table->columns[i]);
    }
    lrp_table_notes(table, &csv->dataset->notes);
    if (n_inputs == 0) {
        const char *notes = lrp_text_string(&csv->dataset->notes);
        return lrp_fail(err, LRP_E_NODATA, 0, "no column is left to learn from: %.*s",
                        (int)strcspn(notes, "\n"), notes);
    }
    LRP_TRY(sort_targets(csv, n_inputs, err));
    lrp_text_append_clean(&csv->dataset->target, target->name, strlen(target->name));
    return describe_inputs(csv, err);
}

static size_t line_start(const unsigned char *bytes, size_t length, size_t lines)
{
    size_t at = 0;
    while (lines > 0 && at < length) {
        lines -= bytes[at] == '\n' ? 1 : 0;
        at++;
    }
    return at;
}

/* Whether each of the first lines has the delimiter outside quotes, and equally often; *count: how
 * often. */
static bool is_regular(const unsigned char *bytes, size_t length, size_t from, char delimiter,
                       size_t *count)
{
    size_t begin = 0;
    size_t end = from;
    *count = 0;
    for (size_t line = 0;
         line < LOOKED_AT && lrp_csv_first_line(bytes, length, end, '#', true, &begin, &end);
         line++) {
        size_t n = 0;
        bool quoted = false;
        for (size_t i = begin; i < end; i++) {
            quoted = bytes[i] == '"' ? !quoted : quoted;
            n += !quoted && bytes[i] == (unsigned char)delimiter ? 1 : 0;
        }
        if (n == 0 || (line > 0 && n != *count)) {
            return false;
        }
        *count = n;
    }
    return true;
}

/* Tab, semicolon or bar where each line has as many: a comma beside them is in words and numbers.
 * Else what the first line has most of. */
static char choose_delimiter(const unsigned char *bytes, size_t length, size_t from, size_t begin,
                             size_t end)
{
    static const char clear[] = {'\t', ';', '|'};
    size_t count = 0;
    for (size_t i = 0; i < sizeof clear; i++) {
        if (is_regular(bytes, length, from, clear[i], &count)) {
            return clear[i];
        }
    }
    char guess = lrp_csv_guess_delimiter(bytes + begin, end - begin);
    return guess == ' ' && memchr(bytes + begin, '|', end - begin) != NULL ? '|' : guess;
}

static enum lrp_status read_rows(struct csv_table *csv, enum pass pass,
                                 const struct lrp_csv_options *options, const unsigned char *bytes,
                                 size_t length, struct lrp_error *err)
{
    const struct lrp_csv_handlers handlers = {take_row, NULL, csv};
    struct lrp_csv *rows = NULL;
    csv->pass = pass;
    csv->row = 0;
    LRP_TRY(lrp_csv_new(options, &handlers, &rows, err));
    enum lrp_status status = lrp_csv_feed(rows, bytes, length, err);
    if (status == LRP_OK) {
        status = lrp_csv_finish(rows, err);
    }
    lrp_csv_free(rows);
    return status;
}

/* Files that people take for tables of text, by their first bytes. */
static enum lrp_status check_kind(const unsigned char *bytes, size_t length, struct lrp_error *err)
{
    static const struct {
        const char *begin, *what;
    } kinds[] = {{"\xFF\xFE", "text in UTF-16; save it in UTF-8"},
                 {"\xFE\xFF", "text in UTF-16; save it in UTF-8"},
                 {"PK\x03\x04", "a spreadsheet or zip file; export the table as CSV"},
                 {"PAR1", "a Parquet file; export the table as CSV"},
                 {"\x89HDF", "an HDF5 file; export the table as CSV"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t n = strlen(kinds[i].begin);
        if (length >= n && memcmp(bytes, kinds[i].begin, n) == 0) {
            return lrp_fail(err, LRP_E_FORMAT, 0, "this is %s", kinds[i].what);
        }
    }
    return LRP_OK;
}

static enum lrp_status parse(struct csv_table *csv, const unsigned char *bytes, size_t length,
                             struct lrp_error *err)
{
    size_t begin = 0;
    size_t end = 0;
    struct lrp_csv_options options = {' ', '#', csv->table.options->skip_lines};
    size_t from = line_start(bytes, length, options.skip_lines);
    LRP_TRY(check_kind(bytes, length, err));
    if (!lrp_csv_first_line(bytes, length, from, '#', true, &begin, &end)) {
        return lrp_fail(err, LRP_E_NODATA, 0, "the file has no row of data");
    }
    for (size_t i = begin; i < end; i++) {
        if (bytes[i] < 9) {
            return lrp_fail(err, LRP_E_FORMAT, 0, "neither a table of text nor an IDX file");
        }
    }
    if (end - begin == 5 && memcmp(bytes + begin, "sep=", 4) == 0) { /* a line for Excel */
        options.skip_lines++;
        options.delimiter = (char)bytes[begin + 4];
    } else {
        options.delimiter = choose_delimiter(bytes, length, from, begin, end);
    }
    LRP_TRY(read_rows(csv, LOOK, &options, bytes, length, err));
    if (csv->row == 0) {
        return lrp_fail(err, LRP_E_NODATA, 0, "the file has no row of data");
    }
    LRP_TRY(lrp_table_settle(&csv->table, options.delimiter, err));
    if (csv->row == 1 && csv->table.has_header) {
        return lrp_fail(err, LRP_E_NODATA, 0, "the file has a header but no row of data");
    }
    LRP_TRY(read_rows(csv, COUNT, &options, bytes, length, err));
    LRP_TRY(make_dataset(csv, err));
    LRP_TRY(read_rows(csv, FILL, &options, bytes, length, err));
    const char *image = csv->table.options->image;
    return image != NULL ? lrp_dataset_give_shape(csv->dataset, image, err) : LRP_OK;
}

/* Any file that no other reader takes. */
static bool recognises(const struct lrp_data_options *options, const struct lrp_data_file *file)
{
    (void)options;
    (void)file;
    return true;
}

static enum lrp_status read_csv(const struct lrp_data_options *options, struct lrp_dataset *dataset,
                                struct lrp_error *err)
{
    struct csv_table csv = {.table = {.options = options}, .dataset = dataset};
    unsigned char *bytes = NULL;
    size_t length = 0;
    LRP_TRY(lrp_read_whole(options->data, LRP_DATA_FILE_MOST, &bytes, &length, err));
    enum lrp_status status = parse(&csv, bytes, length, err);
    free(bytes);
    free(csv.targets);
    for (size_t i = 0; i < csv.n_labels; i++) {
        free(csv.labels[i]);
    }
    free(csv.labels);
    lrp_table_fini(&csv.table);
    return status;
}

const struct lrp_data_reader lrp_data_csv = {
    .name = "FILE.csv",
    .help = "table with the target in the last column, or in that of --target; missing numbers and "
            "columns of words are allowed; --image 8x8 where the other columns are pixels",
    .recognises = recognises,
    .read = read_csv,
};
