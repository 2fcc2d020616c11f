/* SPDX-License-Identifier: MIT */
/* Missing numbers of a table: the median, as a mean would move with the few large values that
 * prices and incomes have; and a mark beside it, since that a value is missing often says
 * something. */
#include "data_readers.h"

#include "alloc.h"
#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LISTED = 100 };

/* Of the numbers of column k in the training part; 0 if there is none. sorted: room for n_train. */
static double median_of(const struct lrp_dataset *dataset, size_t k, double *sorted)
{
    size_t n = 0;
    for (size_t i = 0; i < dataset->n_train; i++) {
        double value = (double)dataset->inputs[i * dataset->n_inputs + k];
        if (!isnan(value)) {
            sorted[n] = value;
            n++;
        }
    }
    if (n == 0) {
        return 0;
    }
    qsort(sorted, n, sizeof *sorted, lrp_compare_doubles);
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

/* "age: 177 missing (median 28)", as many as a line has room for. */
static void note_median(const struct lrp_input_column *column, double median, size_t *n,
                        struct lrp_text *line)
{
    char number[LRP_NUMBER_SIZE];
    if (line->length < LISTED) {
        lrp_text_append(line, *n > 0 ? ", " : "");
        lrp_text_append_clean(line, column->name,
                              strlen(column->name) < 40 ? strlen(column->name) : (size_t)40);
        lrp_text_printf(line, " %zu (%s)", column->n_missing, lrp_format_short(median, 4, number));
    }
    (*n)++;
}

static enum lrp_status impute(struct lrp_dataset *dataset, struct lrp_text *line, size_t *n_gaps,
                              struct lrp_error *err)
{
    double *sorted = lrp_calloc_array(dataset->n_train, sizeof *sorted);
    LRP_TRY_MEMORY(sorted, err);
    size_t shown = 0;
    for (size_t k = 0; k < dataset->n_inputs; k++) {
        if (dataset->columns[k].name == NULL) {
            continue;
        }
        double median = median_of(dataset, k, sorted);
        for (size_t i = 0; i < dataset->n; i++) {
            float *cell = &dataset->inputs[i * dataset->n_inputs + k];
            *cell = isnan(*cell) ? (float)median : *cell;
        }
        shown += line->length < LISTED ? 1 : 0;
        note_median(&dataset->columns[k], median, n_gaps, line);
    }
    free(sorted);
    if (*n_gaps > shown) {
        lrp_text_printf(line, " and %zu more", *n_gaps - shown);
    }
    return LRP_OK;
}

static void summarise(const struct lrp_dataset *dataset, struct lrp_text *notes)
{
    lrp_text_printf(notes, "%.60s: %zu rows, %zu input%s, target %.60s", dataset->name, dataset->n,
                    dataset->n_inputs, dataset->n_inputs > 1 ? "s" : "",
                    lrp_text_string(&dataset->target));
    if (dataset->classes != NULL) {
        lrp_text_printf(notes, " (%zu classes)\n", dataset->n_outputs);
    } else {
        lrp_text_append(notes, " (a number)\n");
    }
}

enum lrp_status lrp_dataset_impute(struct lrp_dataset *dataset, struct lrp_error *err)
{
    struct lrp_text line;
    struct lrp_text notes;
    size_t n_gaps = 0;
    lrp_text_init(&line, 1 << 12);
    enum lrp_status status = impute(dataset, &line, &n_gaps, err);
    if (n_gaps > 0 || dataset->notes.length > 0) {
        lrp_text_init(&notes, dataset->notes.maximum);
        summarise(dataset, &notes);
        if (n_gaps > 0) {
            lrp_text_printf(&notes,
                            "missing, replaced by the median of the training rows and marked: "
                            "%s\n",
                            lrp_text_string(&line));
        }
        lrp_text_append(&notes, lrp_text_string(&dataset->notes));
        lrp_text_fini(&dataset->notes);
        dataset->notes = notes;
    }
    lrp_text_fini(&line);
    return status == LRP_OK ? lrp_text_check(&dataset->notes, err) : status;
}
