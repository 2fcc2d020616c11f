/* SPDX-License-Identifier: MIT */
#include "record_json.h"

#include "json.h"
#include "number.h"
#include "record_change.h"

#include <math.h>

static void add_nonfinite(struct lrp_json *list, const char *column, size_t row, double value)
{
    char number[LRP_NUMBER_SIZE];
    struct lrp_json *cell = lrp_json_object();
    lrp_json_set_string(cell, "column", column);
    lrp_json_set_integer(cell, "row", (long long)row);
    lrp_json_set_string(cell, "value", lrp_format_double(value, number));
    lrp_json_add(list, cell);
}

static struct lrp_json *column_json(const struct lrp_record *record, size_t column,
                                    struct lrp_json *nonfinite)
{
    struct lrp_json *values = lrp_json_array();
    const double *from = lrp_record_values(record, column);
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        lrp_json_add_number(values, from[row]); /* a missing cell is NaN, which becomes null */
        if (lrp_record_present(record, column, row) != 0 && !isfinite(from[row])) {
            add_nonfinite(nonfinite, lrp_record_column_name(record, column), row, from[row]);
        }
    }
    return values;
}

static struct lrp_json *notes_json(const struct lrp_record *record)
{
    struct lrp_json *notes = lrp_json_array();
    const char *note = NULL;
    for (size_t i = 0; (note = lrp_record_note(record, i)) != NULL; i++) {
        lrp_json_add_string(notes, note);
    }
    return notes;
}

static struct lrp_json *run_json(const struct lrp_converted_run *converted)
{
    const struct lrp_record *record = converted->record;
    struct lrp_json *run = lrp_json_object();
    struct lrp_json *names = lrp_json_object();
    struct lrp_json *columns = lrp_json_object();
    struct lrp_json *nonfinite = lrp_json_array();
    for (size_t c = 0; c < lrp_record_columns(record); c++) {
        const char *former = lrp_record_former_name(record, c);
        lrp_json_set(columns, lrp_record_column_name(record, c), column_json(record, c, nonfinite));
        if (former != NULL) {
            lrp_json_set_string(names, lrp_record_column_name(record, c), former);
        }
    }
    lrp_json_set_string(run, "source", converted->source);
    lrp_json_set_string(run, "format", lrp_record_format(record));
    lrp_json_set_string(run, "run", lrp_record_meta(record, "run"));
    lrp_json_set_integer(run, "rows", (long long)lrp_record_rows(record));
    lrp_json_set(run, "names", names);
    lrp_json_set(run, "notes", notes_json(record));
    lrp_json_set(run, "columns", columns);
    lrp_json_set(run, "nonfinite", nonfinite);
    return run;
}

enum lrp_status lrp_records_json(const struct lrp_converted_run *runs, size_t n, char **out,
                                 struct lrp_error *err)
{
    struct lrp_json *root = lrp_json_object();
    struct lrp_json *list = lrp_json_array();
    lrp_json_set_string(root, "schema", "lrprobe.record/1");
    for (size_t i = 0; i < n; i++) {
        lrp_json_add(list, run_json(&runs[i]));
    }
    lrp_json_set(root, "runs", list);
    enum lrp_status status = lrp_json_text(root, out, err);
    lrp_json_free(root);
    return status;
}
