/* SPDX-License-Identifier: MIT */
#include "bounds_input.h"

#include "aliases.h"
#include "alloc.h"
#include "metric_direction.h"
#include "names.h"
#include "number.h"
#include "rate_course.h"
#include "rate_names.h"
#include "record_change.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS_MOST = 100000, SHOWN = 60, LISTED_MOST = 1024, SWEEP_LEAST = 30 };
/* A rate that comes down from so many times the first one to within so many times it starts again.
 */
static const double FAR = 10;
static const double AGAIN = 1.5;

void lrp_bounds_input_fini(struct lrp_bounds_input *input)
{
    for (size_t r = 0; r < input->n; r++) {
        lrp_record_free(input->records[r]);
    }
    free(input->records);
    free(input->sources);
    *input = (struct lrp_bounds_input){0};
}

/* LRP_E_NODATA with a sentence and the columns that a record has. */
static enum lrp_status no_column(const struct lrp_record *record, const char *sentence,
                                 const char *advice, struct lrp_error *err)
{
    struct lrp_text names;
    lrp_text_init(&names, LISTED_MOST);
    lrp_record_list_columns(record, &names);
    enum lrp_status status = lrp_fail(err, LRP_E_NODATA, 0, "%s; there are %s; %s", sentence,
                                      lrp_text_string(&names), advice);
    lrp_text_fini(&names);
    return status;
}

/* ---- rates that can be used ---------------------------------------------------------------- */

static enum lrp_status no_rates(const struct lrp_record *record, struct lrp_error *err)
{
    for (size_t c = 0; c < lrp_record_columns(record); c++) {
        const char *name = lrp_record_column_name(record, c);
        if (lrp_rate_name_of(name) == LRP_RATE_NAME_LOG) {
            return lrp_fail(err, LRP_E_FORMAT, 0,
                            "%.*s holds logarithms of the rate, of a base that its name does not "
                            "say; --map log10_lr=%.*s or --map ln_lr=%.*s says it",
                            SHOWN, name, SHOWN, name, SHOWN, name);
        }
    }
    return no_column(record, "there is no column of learning rates (lr)",
                     "--map lr=NAME says which it is", err);
}

static enum lrp_status check_rates(const struct lrp_record *record, struct lrp_error *err)
{
    size_t column = lrp_record_find_column(record, "lr");
    if (column == LRP_NO_COLUMN) {
        return no_rates(record, err);
    }
    const double *lr = lrp_record_values(record, column);
    size_t negative = 0;
    size_t finite = 0;
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        if (isfinite(lr[row])) {
            low = fmin(low, lr[row]);
            high = fmax(high, lr[row]);
            negative += lr[row] < 0 ? 1 : 0;
            finite++;
        }
    }
    if (!(high > 0) && negative == 0) {
        return lrp_fail(err, LRP_E_NODATA, 0, "no rate above 0 in column lr");
    }
    return 2 * negative <= finite
               ? LRP_OK
               : lrp_fail(err, LRP_E_FORMAT, 0,
                          "the rates in column lr go from %.4g to %.4g: negative ones look like "
                          "logarithms; --map log10_lr=lr or --map ln_lr=lr takes them as such",
                          low, high);
}

static enum lrp_status keep(struct lrp_bounds_input *input, const char *path,
                            struct lrp_record *record, struct lrp_error *err)
{
    enum lrp_status status =
        lrp_grow_array((void **)&input->records, input->n, &input->records_capacity,
                       sizeof(struct lrp_record *), RECORDS_MOST, err);
    if (status == LRP_OK) {
        status = lrp_grow_array((void **)&input->sources, input->n, &input->sources_capacity,
                                sizeof(const char *), RECORDS_MOST, err);
    }
    if (status != LRP_OK) {
        lrp_record_free(record);
        return status;
    }
    input->records[input->n] = record;
    input->sources[input->n] = path;
    input->n++;
    return LRP_OK;
}

/* The row behind [begin, ...) where the rate starts again from the first one, or the end. */
static size_t sweep_end(const double *lr, size_t begin, size_t rows)
{
    double first = (double)NAN;
    double before = (double)NAN;
    for (size_t row = begin; row < rows; row++) {
        if (!(lr[row] > 0 && isfinite(lr[row]))) {
            continue;
        }
        first = isnan(first) ? lr[row] : first;
        if (lr[row] <= AGAIN * first && before >= FAR * first) {
            return row;
        }
        before = lr[row];
    }
    return rows;
}

/* Sweeps behind each other in one table become records of their own. Takes the record over. */
static enum lrp_status keep_sweeps(struct lrp_bounds_input *input, const char *path,
                                   struct lrp_record *record, struct lrp_error *err)
{
    const double *lr = lrp_record_values(record, lrp_record_find_column(record, "lr"));
    size_t rows = lrp_record_rows(record);
    size_t n = 0;
    bool long_enough = true;
    for (size_t begin = 0; begin < rows; n++) {
        size_t end = sweep_end(lr, begin, rows);
        long_enough = long_enough && end - begin >= SWEEP_LEAST;
        begin = end;
    }
    if (n < 2 || !long_enough) {
        return keep(input, path, record, err);
    }
    enum lrp_status status = LRP_OK;
    for (size_t begin = 0; begin < rows && status == LRP_OK;) {
        struct lrp_record *slice = NULL;
        size_t end = sweep_end(lr, begin, rows);
        status = lrp_record_slice(record, begin, end, &slice, err);
        status = status == LRP_OK ? keep(input, path, slice, err) : status;
        begin = end;
    }
    lrp_record_free(record);
    return status == LRP_OK
               ? lrp_record_add_note(input->records[input->n - n], err,
                                     "there are %zu sweeps behind each other in %.*s: each is a "
                                     "repeat",
                                     n, SHOWN, path)
               : status;
}

/* The runs of one file, those without rates left out. */
static enum lrp_status keep_runs(struct lrp_bounds_input *input, const char *path,
                                 struct lrp_log_runs *runs, struct lrp_error *err)
{
    struct lrp_error why = {0};
    struct lrp_text left_out;
    size_t before = input->n;
    enum lrp_status status = LRP_OK;
    lrp_text_init(&left_out, LISTED_MOST);
    for (size_t i = 0; i < runs->n && status == LRP_OK; i++) {
        const char *run = lrp_record_meta(runs->list[i], "run");
        enum lrp_status usable = check_rates(runs->list[i], &why);
        if (usable == LRP_OK) {
            struct lrp_record *record = runs->list[i];
            runs->list[i] = NULL;
            status = keep_sweeps(input, path, record, err);
        } else if (usable == LRP_E_NODATA && runs->n > 1) {
            lrp_text_printf(&left_out, "%s%s", left_out.length > 0 ? ", " : "",
                            run != NULL ? run : "a repeat");
        } else {
            status = lrp_fail(err, usable, why.line, "%s", why.message);
        }
    }
    if (status == LRP_OK && input->n == before) {
        status = lrp_fail(err, why.status, why.line, "%s", why.message);
    } else if (status == LRP_OK && left_out.length > 0) {
        status = lrp_record_add_note(input->records[before], err,
                                     "left out, since there is no column of their rates: %.300s",
                                     lrp_text_string(&left_out));
    } else if (status == LRP_OK && lrp_record_meta(input->records[before], "run") != NULL &&
               runs->n > 1) {
        status = lrp_record_add_note(input->records[before], err,
                                     "there are %zu runs in %.*s: each is taken; --run takes one",
                                     runs->n, SHOWN, path);
    }
    lrp_text_fini(&left_out);
    return status;
}

enum lrp_status lrp_bounds_input_add(struct lrp_bounds_input *input, const char *path,
                                     const struct lrp_read_options *read, struct lrp_error *err)
{
    struct lrp_log_runs runs = {NULL, 0};
    LRP_TRY(lrp_log_read(path, read, &runs, err));
    enum lrp_status status = keep_runs(input, path, &runs, err);
    lrp_log_runs_fini(&runs);
    return status;
}

/* ---- how the rates go ---------------------------------------------------------------------- */

static struct lrp_rate_course course_of(const struct lrp_record *record)
{
    size_t column = lrp_record_find_column(record, "lr");
    return lrp_rate_course_of(lrp_record_values(record, column), lrp_record_rows(record));
}

static void set_all_rates(struct lrp_record *record, double rate)
{
    size_t column = lrp_record_find_column(record, "lr");
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        lrp_record_fill_cell(record, column, row, rate);
    }
}

/* A family of runs under schedules: all of one kind or constant, with peaks that differ. */
static bool is_scheduled_family(const struct lrp_bounds_input *input, size_t *scheduled)
{
    double low = HUGE_VAL;
    double high = 0;
    *scheduled = 0;
    for (size_t r = 0; r < input->n; r++) {
        struct lrp_rate_course course = course_of(input->records[r]);
        if (course.kind == LRP_COURSE_RISE || course.kind == LRP_COURSE_JUMPS ||
            course.kind == LRP_COURSE_NONE) {
            return false;
        }
        *scheduled += course.kind != LRP_COURSE_CONSTANT ? 1 : 0;
        low = fmin(low, course.peak);
        high = fmax(high, course.peak);
    }
    return input->n > 1 && *scheduled > 0 && high > low * 1.001;
}

static enum lrp_status refuse_warm_up(const struct lrp_record *record,
                                      const struct lrp_rate_course *course, struct lrp_error *err)
{
    size_t column = lrp_record_find_column(record, "step");
    const double *steps = column != LRP_NO_COLUMN ? lrp_record_values(record, column) : NULL;
    double rows = (double)(course->rise_end - course->rise_begin);
    double length = steps != NULL ? steps[course->rise_end] - steps[course->rise_begin] : rows;
    return lrp_fail(err, LRP_E_FORMAT, 0,
                    "the rate rises over the first %.0f %s, to %.3g, and then %s: a warm-up, not a "
                    "sweep; several such runs with different peak rates can be judged together",
                    length > 0 ? length : rows, length > 0 && steps != NULL ? "steps" : "rows",
                    course->peak, course->last < 0.999 * course->peak ? "falls" : "stays");
}

/* Rows of a column that have a rate, and rows that lack one. */
static bool lacks_rates(const struct lrp_record *record, const char *name)
{
    size_t lr = lrp_record_find_column(record, "lr");
    size_t column = lrp_record_find_column(record, name);
    size_t with = 0;
    size_t without = 0;
    for (size_t row = 0; column != LRP_NO_COLUMN && row < lrp_record_rows(record); row++) {
        if (lrp_record_present(record, column, row) != 0) {
            bool there = lrp_record_present(record, lr, row) != 0;
            with += there ? 1 : 0;
            without += there ? 0 : 1;
        }
    }
    return without > with;
}

/* Where a row stands: its step, or its place. */
static double place_of(const struct lrp_record *record, size_t row)
{
    size_t column = lrp_record_find_column(record, "step");
    double step = column != LRP_NO_COLUMN ? lrp_record_values(record, column)[row] : (double)NAN;
    return isfinite(step) ? step : (double)row;
}

/* Rows of a sweep between two with rates get what lies between these, in equal factors. */
static void fill_between(struct lrp_record *record)
{
    size_t column = lrp_record_find_column(record, "lr");
    const double *lr = lrp_record_values(record, column);
    size_t before = LRP_NO_COLUMN;
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        if (!(lr[row] > 0 && isfinite(lr[row]))) {
            continue;
        }
        double begin = before != LRP_NO_COLUMN ? place_of(record, before) : 0;
        double width = place_of(record, row) - begin;
        for (size_t k = before + 1; before != LRP_NO_COLUMN && k < row && width > 0; k++) {
            double share = (place_of(record, k) - begin) / width;
            if (lrp_record_present(record, column, k) == 0 && share >= 0 && share <= 1) {
                lrp_record_fill_cell(record, column, k,
                                     lr[before] * pow(lr[row] / lr[before], share));
            }
        }
        before = row;
    }
}

/* The tracker of the rates and that of the losses may log at different steps. */
static enum lrp_status give_rates(struct lrp_record *record, const char *wanted,
                                  struct lrp_error *err)
{
    struct lrp_rate_course course = course_of(record);
    if (course.kind == LRP_COURSE_CONSTANT) {
        set_all_rates(record, course.peak);
        return LRP_OK;
    }
    if (course.kind != LRP_COURSE_RISE ||
        !(lacks_rates(record, "loss") || lacks_rates(record, "val_loss") ||
          lacks_rates(record, "val_accuracy") || (wanted != NULL && lacks_rates(record, wanted)))) {
        return LRP_OK;
    }
    fill_between(record);
    return lrp_record_add_note(record, err,
                               "the rate was logged at other steps than the losses: between two of "
                               "them it was interpolated");
}

/* A table of finished runs in any order, or of equal length: their steps, epochs and times are no
 * places in one training. */
static enum lrp_status forget_positions(struct lrp_record *record, struct lrp_error *err)
{
    static const char *const names[][2] = {
        {"step", "steps_of_run"}, {"epoch", "epochs_of_run"}, {"time_s", "seconds_of_run"}};
    enum lrp_course_kind kind = course_of(record).kind;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t column = lrp_record_find_column(record, names[i][0]);
        size_t rises = 0;
        size_t same = 0;
        for (size_t row = 1; column != LRP_NO_COLUMN && row < lrp_record_rows(record); row++) {
            const double *at = lrp_record_values(record, column) + row;
            rises += at[0] > at[-1] ? 1 : 0;
            same += at[0] == at[-1] ? 1 : 0;
        }
        bool apart = kind == LRP_COURSE_JUMPS && 4 * rises < 3 * lrp_record_rows(record);
        bool equal = kind != LRP_COURSE_CONSTANT && same + 1 == lrp_record_rows(record) && same > 0;
        if (column != LRP_NO_COLUMN && (apart || equal)) {
            LRP_TRY(lrp_record_rename_column(record, column, names[i][1], err));
        }
    }
    return LRP_OK;
}

static enum lrp_status settle_rates(struct lrp_bounds_input *input, const char *wanted,
                                    const char **source, struct lrp_error *err)
{
    size_t scheduled = 0;
    if (is_scheduled_family(input, &scheduled)) {
        for (size_t r = 0; r < input->n; r++) {
            set_all_rates(input->records[r], course_of(input->records[r]).peak);
        }
        return lrp_record_add_note(input->records[0], err,
                                   "%zu of %zu runs had a schedule: each is taken as a run at its "
                                   "peak rate, and the bounds are for such schedules",
                                   scheduled, input->n);
    }
    for (size_t r = 0; r < input->n; r++) {
        struct lrp_rate_course course = course_of(input->records[r]);
        *source = input->sources[r];
        if (course.kind == LRP_COURSE_WARM_UP) {
            return refuse_warm_up(input->records[r], &course, err);
        }
        LRP_TRY(forget_positions(input->records[r], err));
        LRP_TRY(give_rates(input->records[r], wanted, err));
    }
    *source = NULL;
    return LRP_OK;
}

/* ---- which column decides ------------------------------------------------------------------ */

/* All records call the column as the first one does. */
static enum lrp_status take_wanted(struct lrp_bounds_input *input, const char *wanted,
                                   const char **metric, const char **source, struct lrp_error *err)
{
    for (size_t r = 0; r < input->n; r++) {
        struct lrp_record *record = input->records[r];
        size_t column = lrp_find_named_column(record, wanted);
        *source = input->sources[r];
        if (column == LRP_NO_COLUMN) {
            char sentence[SHOWN + 60];
            (void)snprintf(sentence, sizeof sentence, "no column is called \"%.*s\"", SHOWN,
                           wanted);
            return no_column(record, sentence, "--metric takes one of them", err);
        }
        if (r == 0) {
            *metric = lrp_record_column_name(record, column);
        } else if (strcmp(lrp_record_column_name(record, column), *metric) != 0) {
            LRP_TRY(lrp_record_rename_column(record, column, *metric, err));
        }
    }
    *source = NULL;
    return LRP_OK;
}

/* "best_val_loss" is the val_loss of a finished run, "loss_final" its loss. out as for
 * lrp_canonical_column. */
static bool is_outcome(const char *name, char *out)
{
    static const char *const words[] = {"best", "final", "last", "min", "max", "lowest", "end"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t word = strlen(words[i]);
        if (length > word + 1 && strncasecmp(name, words[i], word) == 0) {
            lrp_canonical_column(name + word + 1, length - word - 1, out);
        } else if (length > word + 1 && strcasecmp(name + length - word, words[i]) == 0) {
            lrp_canonical_column(name, length - word - 1, out);
        } else {
            continue;
        }
        if (strcmp(out, "loss") == 0 || strcmp(out, "val_loss") == 0 ||
            strcmp(out, "accuracy") == 0 || strcmp(out, "val_accuracy") == 0) {
            return true;
        }
    }
    return false;
}

static bool is_measure(const struct lrp_record *record, size_t column)
{
    const char *name = lrp_record_column_name(record, column);
    return lrp_rate_name_of(name) == LRP_RATE_NAME_NONE && (lrp_metric_direction(name) != 0);
}

/* Without a loss: what a table of finished runs calls it, else the only measure whose direction is
 * known. */
static const char *other_measure(const struct lrp_record *record)
{
    static const char *const names[] = {"val_loss", "val_accuracy", "loss", "accuracy"};
    const char *found = NULL;
    char outcome[LRP_COLUMN_NAME_MOST + 1];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (size_t c = 0; c < lrp_record_columns(record); c++) {
            const char *name = lrp_record_column_name(record, c);
            if (is_outcome(name, outcome) && strcmp(outcome, names[i]) == 0) {
                return name;
            }
        }
    }
    for (size_t c = 0; c < lrp_record_columns(record); c++) {
        if (is_measure(record, c)) {
            if (found != NULL) {
                return NULL;
            }
            found = lrp_record_column_name(record, c);
        }
    }
    return found;
}

static bool all_have(const struct lrp_bounds_input *input, const char *name)
{
    for (size_t r = 0; r < input->n; r++) {
        if (lrp_record_find_column(input->records[r], name) == LRP_NO_COLUMN) {
            return false;
        }
    }
    return true;
}

static enum lrp_status choose_measure(struct lrp_bounds_input *input, const char **metric,
                                      const char **source, struct lrp_error *err)
{
    *metric = NULL;
    if (all_have(input, "loss")) {
        return LRP_OK; /* the analysis chooses, by how many values there are */
    }
    if (all_have(input, "val_loss") || all_have(input, "val_accuracy")) {
        *metric = all_have(input, "val_loss") ? "val_loss" : "val_accuracy";
        return LRP_OK;
    }
    const char *name = other_measure(input->records[0]);
    if (name == NULL) {
        *source = input->sources[0];
        return no_column(input->records[0], "there is no column loss",
                         "--metric NAME says which one decides", err);
    }
    LRP_TRY(lrp_record_add_note(input->records[0], err,
                                "there is no column loss: %.*s decides; --metric NAME takes "
                                "another one",
                                SHOWN, name));
    return take_wanted(input, name, metric, source, err);
}

enum lrp_status lrp_bounds_input_settle(struct lrp_bounds_input *input, const char *wanted,
                                        const char **metric, const char **source,
                                        struct lrp_error *err)
{
    *source = NULL;
    if (wanted != NULL) {
        LRP_TRY(take_wanted(input, wanted, metric, source, err));
    } else {
        LRP_TRY(choose_measure(input, metric, source, err));
    }
    return settle_rates(input, *metric, source, err);
}
