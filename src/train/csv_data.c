/* SPDX-License-Identifier: MIT */
/* Tables of numbers with one target column. */
#include "data_readers.h"

#include "alloc.h"
#include "csv_rows.h"
#include "gz.h"
#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS_MOST = 1 << 28, SHOWN = 60, AUTO_CLASSES = 50, AUTO_ROWS = 4 };

struct data_table {
    const struct lrp_data_options *options;
    size_t n_columns, target;
    bool started;
    float *inputs;
    size_t n_cells, inputs_capacity;
    double *targets; /* a number, or the index of a label */
    size_t n_rows, targets_capacity;
    char **labels; /* distinct texts of the target column */
    size_t n_labels, labels_capacity;
    bool has_text, has_numbers;
};

static enum lrp_status bad_field(size_t line, size_t column, const struct lrp_csv_field *field,
                                 const char *what, struct lrp_error *err)
{
    struct lrp_text clean;
    lrp_text_init(&clean, 1024);
    lrp_text_append_clean(&clean, field->text,
                          field->length < SHOWN ? field->length : (size_t)SHOWN);
    enum lrp_status status = lrp_fail(err, LRP_E_FORMAT, line, "column %zu: \"%s\" %s", column + 1,
                                      lrp_text_string(&clean), what);
    lrp_text_fini(&clean);
    return status;
}

static bool is_field(const struct lrp_csv_field *field, const char *text)
{
    return strlen(text) == field->length && memcmp(text, field->text, field->length) == 0;
}

/* Which column is the target; fields are the names, or the first row where there are none. */
static enum lrp_status choose_target(struct data_table *table, const struct lrp_csv_field *fields,
                                     size_t n, bool names, struct lrp_error *err)
{
    const char *wanted = table->options->target;
    int64_t number = 0;
    table->n_columns = n;
    table->target = n - 1;
    if (n < 2) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "a table of one column: inputs and a target were expected");
    }
    if (wanted == NULL) {
        return LRP_OK;
    }
    for (size_t i = 0; names && i < n; i++) {
        if (is_field(&fields[i], wanted)) {
            table->target = i;
            return LRP_OK;
        }
    }
    if (lrp_parse_int64(wanted, strlen(wanted), 1, (int64_t)n, &number)) {
        table->target = (size_t)number - 1;
        return LRP_OK;
    }
    return lrp_fail(err, LRP_E_ARG, 0,
                    "there is no target column \"%.60s\"; %s a number from 1 to %zu was expected",
                    wanted, names ? "a name in the header or" : "the table has no header, so", n);
}

/* A row is a header if fewer than half of its fields are numbers. */
static bool looks_like_header(const struct lrp_csv_field *fields, size_t n)
{
    size_t numbers = 0;
    double number = 0;
    for (size_t i = 0; i < n; i++) {
        numbers += lrp_parse_double(fields[i].text, fields[i].length, &number) ? 1 : 0;
    }
    return 2 * numbers < n;
}

static enum lrp_status label_index(struct data_table *table, const struct lrp_csv_field *field,
                                   double *index, struct lrp_error *err)
{
    for (size_t i = 0; i < table->n_labels; i++) {
        if (is_field(field, table->labels[i])) {
            *index = (double)i;
            return LRP_OK;
        }
    }
    LRP_TRY(lrp_grow_array((void **)&table->labels, table->n_labels, &table->labels_capacity,
                           sizeof *table->labels, LRP_CLASSES_MOST, err));
    char *copy = lrp_calloc_array(field->length + 1, 1);
    LRP_TRY_MEMORY(copy, err);
    memcpy(copy, field->text, field->length);
    *index = (double)table->n_labels;
    table->labels[table->n_labels] = copy;
    table->n_labels++;
    return LRP_OK;
}

static enum lrp_status take_target(struct data_table *table, size_t line,
                                   const struct lrp_csv_field *field, struct lrp_error *err)
{
    double value = 0;
    LRP_TRY(lrp_grow_array((void **)&table->targets, table->n_rows, &table->targets_capacity,
                           sizeof *table->targets, CELLS_MOST, err));
    if (lrp_parse_double(field->text, field->length, &value)) {
        if (!isfinite(value)) {
            return bad_field(line, table->target, field, "is no finite target", err);
        }
        table->has_numbers = true;
    } else if (field->length == 0) {
        return bad_field(line, table->target, field, "is no target", err);
    } else {
        LRP_TRY(label_index(table, field, &value, err));
        table->has_text = true;
    }
    if (table->has_text && table->has_numbers) {
        return bad_field(line, table->target, field,
                         "does not fit: the target has both words and numbers", err);
    }
    table->targets[table->n_rows] = value;
    table->n_rows++;
    return LRP_OK;
}

static enum lrp_status take_row(void *user, size_t line, const struct lrp_csv_field *fields,
                                size_t n, struct lrp_error *err)
{
    struct data_table *table = user;
    if (!table->started) {
        table->started = true;
        bool header = !table->options->no_header && looks_like_header(fields, n);
        LRP_TRY(choose_target(table, fields, n, header, err));
        if (header) {
            return LRP_OK;
        }
    }
    if (n != table->n_columns) {
        return lrp_fail(err, LRP_E_FORMAT, line, "%zu fields, but the first row has %zu", n,
                        table->n_columns);
    }
    for (size_t i = 0; i < n; i++) {
        double value = 0;
        if (i == table->target) {
            continue;
        }
        if (!lrp_parse_double(fields[i].text, fields[i].length, &value)) {
            return bad_field(line, i, &fields[i], "is not a number", err);
        }
        if (!isfinite(value) || fabs(value) > 1e30) {
            return bad_field(line, i, &fields[i], "is no finite number of float size", err);
        }
        LRP_TRY(lrp_grow_array((void **)&table->inputs, table->n_cells, &table->inputs_capacity,
                               sizeof *table->inputs, CELLS_MOST, err));
        table->inputs[table->n_cells] = (float)value;
        table->n_cells++;
    }
    return take_target(table, line, &fields[table->target], err);
}

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
static bool are_classes(const struct data_table *table, const double *distinct, size_t n)
{
    const char *loss = table->options->loss;
    if (loss != NULL && strcmp(loss, "auto") != 0) {
        return strcmp(loss, "cross_entropy") == 0;
    }
    if (table->has_text) {
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        if (distinct[i] != floor(distinct[i])) {
            return false;
        }
    }
    return n <= AUTO_CLASSES && n * AUTO_ROWS <= table->n_rows;
}

/* distinct: the n_distinct different targets, sorted. */
static enum lrp_status fill(const struct data_table *table, const double *distinct,
                            size_t n_distinct, struct lrp_dataset *dataset, struct lrp_error *err)
{
    bool classes = are_classes(table, distinct, n_distinct);
    if (!classes && table->has_text) {
        return lrp_fail(err, LRP_E_ARG, 0, "the target is words, which squared_error cannot use");
    }
    if (classes && n_distinct > LRP_CLASSES_MOST) {
        return lrp_fail(err, LRP_E_LIMIT, 0, "%zu different targets are too many classes",
                        n_distinct);
    }
    LRP_TRY(
        lrp_dataset_reserve(dataset, table->n_rows, table->n_columns - 1, classes ? 1 : 0, err));
    for (size_t i = 0; i < table->n_rows; i++) {
        if (classes) {
            const double *at = bsearch(&table->targets[i], distinct, n_distinct, sizeof *distinct,
                                       lrp_compare_doubles);
            dataset->classes[i] = (uint32_t)(at - distinct);
        } else {
            dataset->values[i] = (float)table->targets[i];
        }
    }
    memcpy(dataset->inputs, table->inputs, table->n_cells * sizeof *table->inputs);
    dataset->n_outputs = classes ? n_distinct : 1;
    dataset->standardise = true;
    const char *image = table->options->image;
    return image != NULL ? lrp_dataset_give_shape(dataset, image, err) : LRP_OK;
}

static enum lrp_status fill_from(const struct data_table *table, struct lrp_dataset *dataset,
                                 struct lrp_error *err)
{
    double *distinct = lrp_calloc_array(table->n_rows, sizeof *distinct);
    LRP_TRY_MEMORY(distinct, err);
    memcpy(distinct, table->targets, table->n_rows * sizeof *distinct);
    qsort(distinct, table->n_rows, sizeof *distinct, lrp_compare_doubles);
    size_t n_distinct = keep_distinct(distinct, table->n_rows);
    enum lrp_status status = fill(table, distinct, n_distinct, dataset, err);
    free(distinct);
    return status;
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

static enum lrp_status parse(struct data_table *table, const unsigned char *bytes, size_t length,
                             struct lrp_error *err)
{
    size_t begin = 0;
    size_t end = 0;
    size_t from = line_start(bytes, length, table->options->skip_lines);
    if (!lrp_csv_first_line(bytes, length, from, '#', true, &begin, &end)) {
        return lrp_fail(err, LRP_E_NODATA, 0, "the file has no row of data");
    }
    for (size_t i = begin; i < end; i++) {
        if (bytes[i] < 9) {
            return lrp_fail(err, LRP_E_FORMAT, 0, "neither a table of text nor an IDX file");
        }
    }
    const struct lrp_csv_options options = {lrp_csv_guess_delimiter(bytes + begin, end - begin),
                                            '#', table->options->skip_lines};
    const struct lrp_csv_handlers handlers = {take_row, NULL, table};
    struct lrp_csv *csv = NULL;
    LRP_TRY(lrp_csv_new(&options, &handlers, &csv, err));
    enum lrp_status status = lrp_csv_feed(csv, bytes, length, err);
    if (status == LRP_OK) {
        status = lrp_csv_finish(csv, err);
    }
    lrp_csv_free(csv);
    if (status == LRP_OK && table->n_rows == 0) {
        status = lrp_fail(err, LRP_E_NODATA, 0, "the file has a header but no row of data");
    }
    return status;
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
    struct data_table table = {.options = options};
    unsigned char *bytes = NULL;
    size_t length = 0;
    LRP_TRY(lrp_read_whole(options->data, LRP_DATA_FILE_MOST, &bytes, &length, err));
    enum lrp_status status = parse(&table, bytes, length, err);
    free(bytes);
    if (status == LRP_OK) {
        status = fill_from(&table, dataset, err);
    }
    free(table.inputs);
    free(table.targets);
    for (size_t i = 0; i < table.n_labels; i++) {
        free(table.labels[i]);
    }
    free(table.labels);
    return status;
}

const struct lrp_data_reader lrp_data_csv = {
    .name = "FILE.csv",
    .help = "table of numbers, the last column or --target is to be learnt; --image 8x8 where the "
            "others are pixels",
    .recognises = recognises,
    .read = read_csv,
};
