/* SPDX-License-Identifier: MIT */
#include "finished_runs.h"

#include "alloc.h"
#include "rate_course.h"

#include <math.h>
#include <strings.h>

enum { SWEEP_LEAST = 10 };
/* Rates of a table of runs are tried by hand or from a grid: neighbours differ by more than that,
 * as a factor, or are equal. */
static const double GRID_FACTOR = 1.2;

static bool has_one_of(const struct lrp_record *record, const char *const *names, size_t n)
{
    for (size_t column = 0; column < lrp_record_columns(record); column++) {
        for (size_t i = 0; i < n; i++) {
            if (strcasecmp(lrp_record_column_name(record, column), names[i]) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Whether neighbouring rows have one rate, or rates that differ by a step of a grid. */
static bool is_grid(const double *lr, size_t rows, size_t *equal)
{
    *equal = 0;
    for (size_t row = 1; row < rows; row++) {
        double factor = fmax(lr[row] / lr[row - 1], lr[row - 1] / lr[row]);
        if (factor <= 1 + 1e-3) {
            (*equal)++;
        } else if (!(factor > GRID_FACTOR)) {
            return false;
        }
    }
    return true;
}

bool lrp_is_run_table(const struct lrp_record *record)
{
    static const char *const positions[] = {"step", "epoch", "time_s"};
    static const char *const marks[] = {"seed", "run", "trial", "repeat", "fold"};
    const size_t rows = lrp_record_rows(record);
    size_t column = lrp_record_find_column(record, "lr");
    size_t equal = 0;
    if (column == LRP_NO_COLUMN || rows < 2 ||
        has_one_of(record, positions, sizeof positions / sizeof positions[0])) {
        return false;
    }
    const double *lr = lrp_record_values(record, column);
    enum lrp_course_kind kind = lrp_rate_course_of(lr, rows).kind;
    if (kind == LRP_COURSE_NONE || kind == LRP_COURSE_CONSTANT) {
        return false;
    }
    if (kind == LRP_COURSE_JUMPS) {
        return true;
    }
    bool grid = is_grid(lr, rows, &equal);
    return grid && ((rows < SWEEP_LEAST && kind == LRP_COURSE_SCHEDULE) ||
                    (equal > 0 && has_one_of(record, marks, sizeof marks / sizeof marks[0])));
}

enum lrp_status lrp_run_table_collect(const struct lrp_record *record, const char *metric,
                                      double sign, struct lrp_curve_points *runs, size_t *n_runs,
                                      struct lrp_error *err)
{
    size_t lr_column = lrp_record_find_column(record, "lr");
    size_t column = lrp_record_find_column(record, metric);
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        double lr = lrp_record_values(record, lr_column)[row];
        double value = lrp_record_values(record, column)[row];
        if (!(lr > 0) || !isfinite(lr) || lrp_record_present(record, column, row) == 0) {
            continue;
        }
        const double nan = (double)NAN;
        struct lrp_curve_points *run = &runs[*n_runs];
        *run = (struct lrp_curve_points){.x_low = log10(lr),
                                         .x_high = log10(lr),
                                         .nonfinite = !isfinite(value),
                                         .start = nan,
                                         .lowest = nan,
                                         .noise = nan,
                                         .interval = nan};
        (*n_runs)++;
        if (isfinite(value)) {
            run->x = lrp_calloc_array(1, 2 * sizeof *run->x);
            LRP_TRY_MEMORY(run->x, err);
            run->y = run->x + 1;
            run->x[0] = log10(lr);
            run->y[0] = sign * value;
            run->n = 1;
        }
    }
    return LRP_OK;
}
