/* SPDX-License-Identifier: MIT */
#include "curve_points.h"

#include "alloc.h"
#include "rate_course.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ENOUGH_CELLS = 8, NONFINITE_TAIL = 3, MEDIAN_HALF = 2 };

static bool usable_rate(double lr)
{
    return lr > 0 && isfinite(lr);
}

static bool has_enough(const struct lrp_record *record, const char *name)
{
    size_t column = lrp_record_find_column(record, name);
    if (column == LRP_NO_COLUMN) {
        return false;
    }
    size_t cells = 0;
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        cells += lrp_record_present(record, column, row) != 0 ? 1 : 0;
    }
    return cells >= ENOUGH_CELLS;
}

const char *lrp_choose_metric(const struct lrp_record *const *records, size_t n_records,
                              const char *wanted)
{
    static const char *const preferred[] = {"val_loss", "val_accuracy", "loss"};
    if (wanted != NULL) {
        for (size_t r = 0; r < n_records; r++) {
            if (lrp_record_find_column(records[r], wanted) == LRP_NO_COLUMN) {
                return NULL;
            }
        }
        size_t column = lrp_record_find_column(records[0], wanted);
        return lrp_record_column_name(records[0], column);
    }
    for (size_t i = 0; i < sizeof preferred / sizeof preferred[0]; i++) {
        size_t fitting = 0;
        for (size_t r = 0; r < n_records; r++) {
            fitting += has_enough(records[r], preferred[i]) ? 1 : 0;
        }
        if (fitting == n_records) {
            return preferred[i];
        }
    }
    /* Too few cells anywhere: the loss is still the one to speak of, then what else there is. */
    static const char *const any[] = {"loss", "val_loss", "val_accuracy"};
    for (size_t i = 0; i < sizeof any / sizeof any[0]; i++) {
        size_t fitting = 0;
        for (size_t r = 0; r < n_records; r++) {
            fitting += lrp_record_find_column(records[r], any[i]) != LRP_NO_COLUMN ? 1 : 0;
        }
        if (fitting == n_records) {
            return any[i];
        }
    }
    return NULL;
}

enum lrp_rate_kind lrp_rate_kind(const struct lrp_record *record)
{
    size_t column = lrp_record_find_column(record, "lr");
    if (column == LRP_NO_COLUMN) {
        return LRP_RATE_OTHER;
    }
    switch (lrp_rate_course_of(lrp_record_values(record, column), lrp_record_rows(record)).kind) {
    case LRP_COURSE_CONSTANT:
        return LRP_RATE_CONSTANT;
    case LRP_COURSE_RISE:
        return LRP_RATE_SWEEP;
    case LRP_COURSE_NONE:
    case LRP_COURSE_WARM_UP:
    case LRP_COURSE_SCHEDULE:
    case LRP_COURSE_JUMPS:
        break;
    }
    return LRP_RATE_OTHER;
}

struct point {
    double x;
    double y;
    size_t order;
};

static int compare_points(const void *left, const void *right)
{
    const struct point *a = left;
    const struct point *b = right;
    if (a->x != b->x) {
        return a->x > b->x ? 1 : -1;
    }
    return (a->order > b->order) - (a->order < b->order);
}

/* Fills point[] from the rows; returns how many. Sets the ends and the non-finite tail. */
static size_t take_rows(const struct lrp_record *record, const char *metric, double sign,
                        struct point *point, struct lrp_curve_points *points)
{
    size_t lr_column = lrp_record_find_column(record, "lr");
    size_t column = lrp_record_find_column(record, metric);
    if (lr_column == LRP_NO_COLUMN || column == LRP_NO_COLUMN) {
        return 0;
    }
    const double *lr = lrp_record_values(record, lr_column);
    const double *value = lrp_record_values(record, column);
    size_t n = 0;
    size_t tail = 0;
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        if (!usable_rate(lr[row]) || lrp_record_present(record, column, row) == 0) {
            continue;
        }
        double x = log10(lr[row]);
        points->x_low = fmin(points->x_low, x);
        points->x_high = fmax(points->x_high, x);
        if (!isfinite(value[row])) {
            tail++;
            continue;
        }
        if (tail >= NONFINITE_TAIL) {
            break; /* what comes after a run of NaN is another training */
        }
        tail = 0;
        point[n] = (struct point){x, sign * value[row], n};
        n++;
    }
    points->nonfinite = tail > 0;
    return n;
}

static double count_steps(const struct lrp_record *record)
{
    size_t column = lrp_record_find_column(record, "step");
    double least = HUGE_VAL;
    double most = -HUGE_VAL;
    size_t rows = lrp_record_rows(record);
    for (size_t row = 0; column != LRP_NO_COLUMN && row < rows; row++) {
        double step = lrp_record_values(record, column)[row];
        if (isfinite(step)) {
            least = fmin(least, step);
            most = fmax(most, step);
        }
    }
    return fmax((double)rows, most - fmin(least, 0) + 1);
}

/* Start, lowest place, noise and spacing. scratch holds 2 n values. */
static void describe(struct lrp_curve_points *points, double *scratch)
{
    size_t n = points->n;
    double *median = scratch;
    double *sorted = scratch + n;
    lrp_running_median(points->y, n, MEDIAN_HALF, median);
    size_t head = n / 12 > ENOUGH_CELLS ? n / 12 : ENOUGH_CELLS;
    head = head > n ? n : head;
    points->start = lrp_median_of(points->y, head, sorted);
    size_t lowest = 0;
    for (size_t i = 1; i < n; i++) {
        lowest = median[i] < median[lowest] ? i : lowest;
    }
    points->lowest = median[lowest];
    /* Divergence is no noise: only what comes before the lowest place, or the first values. */
    size_t last = lowest >= ENOUGH_CELLS ? lowest : (size_t)(2 * ENOUGH_CELLS);
    last = last < n ? last : n - 1;
    for (size_t i = 1; i <= last; i++) {
        sorted[i - 1] = fabs(points->y[i] - points->y[i - 1]);
    }
    points->noise = lrp_sigma_of_changes(sorted, last);
    for (size_t i = 1; i < n; i++) {
        sorted[i - 1] = points->x[i] - points->x[i - 1];
    }
    points->interval = lrp_median_in_place(sorted, n - 1);
}

/* Moves n points, sorted, into arrays of their own. */
static enum lrp_status keep_points(const struct point *point, size_t n,
                                   struct lrp_curve_points *points, struct lrp_error *err)
{
    points->x = lrp_calloc_array(n, 2 * sizeof *points->x);
    LRP_TRY_MEMORY(points->x, err);
    points->y = points->x + n;
    points->n = n;
    for (size_t i = 0; i < n; i++) {
        points->x[i] = point[i].x;
        points->y[i] = point[i].y;
    }
    if (n >= 2) {
        double *scratch = lrp_calloc_array(n, 2 * sizeof *scratch);
        LRP_TRY_MEMORY(scratch, err);
        describe(points, scratch);
        free(scratch);
    }
    return LRP_OK;
}

enum lrp_status lrp_curve_points_collect(const struct lrp_record *record, const char *metric,
                                         double sign, struct lrp_curve_points *points,
                                         struct lrp_error *err)
{
    const double nan = (double)NAN;
    *points = (struct lrp_curve_points){.x_low = HUGE_VAL,
                                        .x_high = -HUGE_VAL,
                                        .start = nan,
                                        .lowest = nan,
                                        .noise = nan,
                                        .interval = nan,
                                        .steps = count_steps(record)};
    struct point *point = lrp_calloc_array(lrp_record_rows(record), sizeof *point);
    LRP_TRY_MEMORY(point, err);
    size_t n = take_rows(record, metric, sign, point, points);
    qsort(point, n, sizeof *point, compare_points);
    enum lrp_status status = keep_points(point, n, points, err);
    free(point);
    return status;
}

void lrp_curve_points_fini(struct lrp_curve_points *points)
{
    free(points->x);
    memset(points, 0, sizeof *points);
}
