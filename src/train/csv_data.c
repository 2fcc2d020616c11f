/* SPDX-License-Identifier: MIT */
/* Tables of numbers with one target column. */
#include "dataset.h"

#include "alloc.h"
#include "csv_rows.h"
#include "gz.h"
#include "number.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 30, CELLS_MOST = 1 << 28, SHOWN = 60, AUTO_CLASSES = 50, AUTO_ROWS = 4 };

struct table {
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

/* Which column is the target; fields are the names, or the first row where there are none. */
static enum lrp_status choose_target(struct table *table, const struct lrp_csv_field *fields,
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
        if (strlen(wanted) == fields[i].length &&
            memcmp(wanted, fields[i].text, fields[i].length) == 0) {
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

static enum lrp_status label_index(struct table *table, const struct lrp_csv_field *field,
                                   double *index, struct lrp_error *err)
{
    for (size_t i = 0; i < table->n_labels; i++) {
        if (strlen(table->labels[i]) == field->length &&
            memcmp(table->labels[i], field->text, field->length) == 0) {
            *index = (double)i;
            return LRP_OK;
        }
    }
    enum lrp_status status =
        lrp_grow_array((void **)&table->labels, table->n_labels, &table->labels_capacity,
                       sizeof *table->labels, LRP_CLASSES_MOST, err);
    char *copy = status == LRP_OK ? lrp_calloc_array(field->length + 1, 1) : NULL;
    if (copy == NULL) {
        return status == LRP_OK ? lrp_fail_memory(err, field->length) : status;
    }
    if (field->length > 0) {
        memcpy(copy, field->text, field->length);
    }
    *index = (double)table->n_labels;
    table->labels[table->n_labels] = copy;
    table->n_labels++;
    return LRP_OK;
}

static enum lrp_status take_target(struct table *table, size_t line,
                                   const struct lrp_csv_field *field, struct lrp_error *err)
{
    double value = 0;
    enum lrp_status status =
        lrp_grow_array((void **)&table->targets, table->n_rows, &table->targets_capacity,
                       sizeof *table->targets, CELLS_MOST, err);
    if (status != LRP_OK) {
        return status;
    }
    if (lrp_parse_double(field->text, field->length, &value)) {
        if (!isfinite(value)) {
            return bad_field(line, table->target, field, "is no finite target", err);
        }
        table->has_numbers = true;
    } else if (field->length == 0) {
        return bad_field(line, table->target, field, "is no target", err);
    } else {
        status = label_index(table, field, &value, err);
        table->has_text = true;
    }
    if (status == LRP_OK && table->has_text && table->has_numbers) {
        return bad_field(line, table->target, field,
                         "does not fit: the target has both words and numbers", err);
    }
    table->targets[table->n_rows] = value;
    table->n_rows++;
    return status;
}

static enum lrp_status take_row(void *user, size_t line, const struct lrp_csv_field *fields,
                                size_t n, struct lrp_error *err)
{
    struct table *table = user;
    if (!table->started) {
        table->started = true;
        bool header = !table->options->no_header && looks_like_header(fields, n);
        enum lrp_status status = choose_target(table, fields, n, header, err);
        if (status != LRP_OK || header) {
            return status;
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
        enum lrp_status status =
            lrp_grow_array((void **)&table->inputs, table->n_cells, &table->inputs_capacity,
                           sizeof *table->inputs, CELLS_MOST, err);
        if (status != LRP_OK) {
            return status;
        }
        table->inputs[table->n_cells] = (float)value;
        table->n_cells++;
    }
    return take_target(table, line, &fields[table->target], err);
}

static int compare_doubles(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Sorted distinct targets in heap memory; *n of them. */
static double *distinct_targets(const struct table *table, size_t *n)
{
    double *values = lrp_calloc_array(table->n_rows, sizeof *values);
    size_t kept = 0;
    if (values == NULL) {
        return NULL;
    }
    memcpy(values, table->targets, table->n_rows * sizeof *values);
    qsort(values, table->n_rows, sizeof *values, compare_doubles);
    for (size_t i = 0; i < table->n_rows; i++) {
        if (i == 0 || values[i] != values[kept - 1]) {
            values[kept] = values[i];
            kept++;
        }
    }
    *n = kept;
    return values;
}

/* Words are classes; so are few different whole numbers, each of them several times. */
static bool are_classes(const struct table *table, const double *distinct, size_t n)
{
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

static enum lrp_status fill(const struct table *table, struct lrp_dataset *dataset,
                            struct lrp_error *err)
{
    size_t n_distinct = 0;
    double *distinct = distinct_targets(table, &n_distinct);
    if (distinct == NULL) {
        return lrp_fail_memory(err, table->n_rows * sizeof(double));
    }
    const char *loss = table->options->loss != NULL ? table->options->loss : "auto";
    bool classes = strcmp(loss, "auto") == 0 ? are_classes(table, distinct, n_distinct)
                                             : strcmp(loss, "cross_entropy") == 0;
    enum lrp_status status = LRP_OK;
    if (!classes && table->has_text) {
        status = lrp_fail(err, LRP_E_ARG, 0, "the target is words, which squared_error cannot use");
    } else if (classes && n_distinct > LRP_CLASSES_MOST) {
        status =
            lrp_fail(err, LRP_E_LIMIT, 0, "%zu different targets are too many classes", n_distinct);
    } else {
        status = lrp_dataset_reserve(dataset, table->n_rows, table->n_columns - 1, classes, err);
    }
    for (size_t i = 0; status == LRP_OK && i < table->n_rows; i++) {
        if (classes) {
            const double *at = bsearch(&table->targets[i], distinct, n_distinct, sizeof *distinct,
                                       compare_doubles);
            dataset->classes[i] = (uint32_t)(at - distinct);
        } else {
            dataset->values[i] = (float)table->targets[i];
        }
    }
    if (status == LRP_OK) {
        memcpy(dataset->inputs, table->inputs, table->n_cells * sizeof *table->inputs);
        dataset->n_outputs = classes ? n_distinct : 1;
        dataset->standardise = true;
    }
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

static enum lrp_status parse(struct table *table, const unsigned char *bytes, size_t length,
                             struct lrp_error *err)
{
    size_t begin = 0;
    size_t end = 0;
    size_t from = line_start(bytes, length, table->options->skip_lines);
    if (lrp_csv_first_line(bytes, length, from, '#', 1, &begin, &end) == 0) {
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
    enum lrp_status status = lrp_csv_new(&options, &handlers, &csv, err);
    status = status == LRP_OK ? lrp_csv_feed(csv, bytes, length, err) : status;
    status = status == LRP_OK ? lrp_csv_finish(csv, NULL, err) : status;
    lrp_csv_free(csv);
    if (status == LRP_OK && table->n_rows == 0) {
        status = lrp_fail(err, LRP_E_NODATA, 0, "the file has a header but no row of data");
    }
    return status;
}

enum lrp_status lrp_dataset_read_csv(const struct lrp_data_options *options,
                                     struct lrp_dataset *dataset, struct lrp_error *err)
{
    unsigned char *bytes = NULL;
    size_t length = 0;
    enum lrp_status status = lrp_read_whole(options->data, FILE_MOST, &bytes, &length, err);
    if (status != LRP_OK) {
        return status;
    }
    struct table table;
    memset(&table, 0, sizeof table);
    table.options = options;
    status = parse(&table, bytes, length, err);
    free(bytes);
    status = status == LRP_OK ? fill(&table, dataset, err) : status;
    if (status == LRP_OK && options->image != NULL) {
        status = lrp_dataset_give_shape(dataset, options->image, err);
    }
    free(table.inputs);
    free(table.targets);
    for (size_t i = 0; i < table.n_labels; i++) {
        free(table.labels[i]);
    }
    free(table.labels);
    return status;
}
