/* SPDX-License-Identifier: MIT */
/* The public entry: which metric, which kind of records, which of them are usable. */
#include "answer.h"

#include "alloc.h"
#include "conditions.h"
#include "finished_runs.h"
#include "metric_direction.h"
#include "peers.h"
#include "pool.h"
#include "rate_effect.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_POINTS = 10 };
/* One negative rate in so many or more: they are no rates. */
enum { NEGATIVE_SHARE = 5 };

static const char *const outcome_names[] = {
    [LRP_OUTCOME_OK] = "ok",
    [LRP_OUTCOME_DID_NOT_DIVERGE] = "did-not-diverge",
    [LRP_OUTCOME_DIVERGED_AT_START] = "diverged-at-start",
    [LRP_OUTCOME_FLAT] = "flat",
    [LRP_OUTCOME_TOO_NOISY] = "too-noisy",
    [LRP_OUTCOME_TOO_SHORT] = "too-short",
};

const char *lrp_outcome_name(enum lrp_outcome outcome)
{
    size_t index = (size_t)outcome;
    return index < sizeof outcome_names / sizeof outcome_names[0] ? outcome_names[index]
                                                                  : "unknown";
}

static const char *const reason_names[] = {
    [LRP_REASON_RANGE_TOO_LOW] = "range-too-low",
    [LRP_REASON_RANGE_TOO_HIGH] = "range-too-high",
    [LRP_REASON_NO_LEARNING] = "no-learning",
    [LRP_REASON_MEMORISED] = "memorised",
    [LRP_REASON_NO_EFFECT] = "no-effect",
    [LRP_REASON_TRAINER_ENDED] = "trainer-ended",
    [LRP_REASON_DIRECTION_UNKNOWN] = "direction-unknown",
    [LRP_REASON_NOISE] = "noise",
    [LRP_REASON_FEW_STEPS] = "few-steps",
    [LRP_REASON_REPEATS_DIFFER] = "repeats-differ",
};

const char *lrp_reason_name(enum lrp_reason reason)
{
    size_t index = (size_t)reason;
    return index < sizeof reason_names / sizeof reason_names[0] ? reason_names[index] : NULL;
}

void lrp_bounds_options_default(struct lrp_bounds_options *options)
{
    memset(options, 0, sizeof *options);
    options->interval_level = 0.9;
}

/* What the records are: the kinds of lrp_rate_kind, and LRP_RATE_OTHER stands for tables of runs.
 */
static const char *const kind_nouns[] = {[LRP_RATE_SWEEP] = "sweep",
                                         [LRP_RATE_CONSTANT] = "run at one rate",
                                         [LRP_RATE_OTHER] = "table of runs"};

/* A column of rates holds none, or their logarithms. */
static enum lrp_status check_rates(const struct lrp_record *record, size_t index,
                                   struct lrp_error *err)
{
    size_t column = lrp_record_find_column(record, "lr");
    if (column == LRP_NO_COLUMN) {
        return lrp_fail(err, LRP_E_NODATA, 0,
                        "record %zu has no column of learning rates (lr), so it cannot be a range "
                        "test",
                        index + 1);
    }
    const double *lr = lrp_record_values(record, column);
    const size_t rows = lrp_record_rows(record);
    size_t negative = 0;
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    for (size_t row = 0; row < rows; row++) {
        negative += lr[row] < 0 ? 1 : 0;
        low = fmin(low, lr[row]);
        high = fmax(high, lr[row]);
    }
    if (negative * NEGATIVE_SHARE > rows) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "the rates of record %zu are negative (%.3g to %.3g): they look like "
                        "logarithms; give the rates themselves",
                        index + 1, low, high);
    }
    return LRP_OK;
}

/* Kind of all records, LRP_RATE_OTHER for tables of runs; an error where they do not fit together,
 * or are none of these. */
static enum lrp_status common_kind(const struct lrp_record *const *records, size_t n_records,
                                   enum lrp_rate_kind *kind, struct lrp_error *err)
{
    for (size_t r = 0; r < n_records; r++) {
        LRP_TRY(check_rates(records[r], r, err));
        enum lrp_rate_kind own =
            lrp_is_run_table(records[r]) ? LRP_RATE_OTHER : lrp_rate_kind(records[r]);
        if (own == LRP_RATE_OTHER && !lrp_is_run_table(records[r])) {
            return lrp_fail(err, LRP_E_FORMAT, 0,
                            "the rate of record %zu neither rises as in a sweep nor is constant",
                            r + 1);
        }
        if (r > 0 && own != *kind) {
            return lrp_fail(err, LRP_E_FORMAT, 0,
                            "record %zu is a %s and record 1 is not: give either sweeps or runs at "
                            "constant rates",
                            r + 1, kind_nouns[own]);
        }
        *kind = own;
    }
    return LRP_OK;
}

static enum lrp_status check_options(const struct lrp_bounds_options *options,
                                     struct lrp_error *err)
{
    if (!(options->interval_level > 0 && options->interval_level < 1)) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the interval level is %g, but it must lie between 0 "
                        "and 1",
                        options->interval_level);
    }
    if (options->direction < -1 || options->direction > 1) {
        return lrp_fail(err, LRP_E_ARG, 0, "the direction of the metric is 1, -1 or 0, but not %d",
                        options->direction);
    }
    if (!(options->steps_planned >= 0) || !(options->steps_per_epoch >= 0)) {
        return lrp_fail(err, LRP_E_ARG, 0, "numbers of steps must be 0 (not known) or more");
    }
    return LRP_OK;
}

/* Median over the repeats, in log10, of what each peer suggests for the raw loss. */
static enum lrp_status add_peers(const struct lrp_record *const *records, size_t n_records,
                                 struct lrp_bounds *bounds, struct lrp_error *err)
{
    double *all = lrp_calloc_array(n_records, LRP_PEERS * sizeof *all);
    LRP_TRY_MEMORY(all, err);
    size_t found[LRP_PEERS] = {0};
    for (size_t r = 0; r < n_records; r++) {
        size_t lr = lrp_record_find_column(records[r], "lr");
        size_t loss = lrp_record_find_column(records[r], "loss");
        double own[LRP_PEERS];
        if (loss == LRP_NO_COLUMN) {
            continue;
        }
        size_t rows = lrp_record_rows(records[r]);
        enum lrp_status status =
            lrp_peers_suggest(lrp_record_values(records[r], lr),
                              lrp_record_values(records[r], loss), rows, rows, own, err);
        if (status != LRP_OK) {
            free(all);
            return status;
        }
        for (size_t p = 0; p < LRP_PEERS; p++) {
            if (own[p] > 0 && isfinite(own[p])) {
                all[p * n_records + found[p]] = log10(own[p]);
                found[p]++;
            }
        }
    }
    for (size_t p = 0; p < LRP_PEERS; p++) {
        double middle = lrp_median_in_place(all + p * n_records, found[p]);
        bounds->peers[p] = found[p] > 0 ? pow(10, middle) : (double)NAN;
    }
    free(all);
    return LRP_OK;
}

/* Usable points to the front; the rest is ended. Returns how many. */
static size_t keep_usable(struct lrp_curve_points *points, size_t n, size_t least,
                          struct lrp_bounds *bounds)
{
    size_t kept = 0;
    bounds->lr_low = HUGE_VAL;
    bounds->lr_high = 0;
    for (size_t r = 0; r < n; r++) {
        /* without a finite value: a run at one rate has diverged there, a sweep tells nothing */
        bool blown_up = least == 1 && points[r].nonfinite && isfinite(points[r].x_low);
        if (blown_up || (points[r].n >= least && points[r].x_high >= points[r].x[0])) {
            bounds->lr_low = fmin(bounds->lr_low, pow(10, points[r].x_low));
            bounds->lr_high = fmax(bounds->lr_high, pow(10, points[r].x_high));
            struct lrp_curve_points own = points[r];
            memset(&points[r], 0, sizeof points[r]);
            points[kept] = own;
            kept++;
        } else {
            lrp_curve_points_fini(&points[r]);
        }
    }
    if (kept == 0) {
        bounds->lr_low = bounds->lr_high = (double)NAN;
    }
    if (kept < n) {
        lrp_bounds_warn(bounds,
                        "%zu of %zu records are too short to be used: fewer than %zu rows "
                        "with a finite value",
                        n - kept, n, least);
    }
    return kept;
}

/* Sweeps that end in NaN before they have rows enough have diverged; that is no lack of steps. */
static bool diverged_at_once(const struct lrp_curve_points *points, size_t n,
                             struct lrp_bounds *bounds)
{
    size_t ended = 0;
    double low = HUGE_VAL;
    for (size_t r = 0; r < n; r++) {
        ended += points[r].nonfinite && points[r].n < LEAST_POINTS ? 1 : 0;
        low = fmin(low, points[r].x_low);
    }
    if (2 * ended <= n) {
        return false;
    }
    bounds->outcome = LRP_OUTCOME_DIVERGED_AT_START;
    lrp_bounds_warn(
        bounds,
        "no bounds: the loss is not finite after fewer than %d steps, from %.3g on, the "
        "lowest rate of the sweep",
        LEAST_POINTS, pow(10, low));
    return true;
}

static void explain_no_effect(struct lrp_bounds *bounds)
{
    bounds->outcome = LRP_OUTCOME_FLAT;
    bounds->reason = LRP_REASON_NO_EFFECT;
    lrp_bounds_warn(bounds,
                    "no bounds: the rate has no effect: runs at different rates between %.3g and "
                    "%.3g have the same %s at every step; does the optimizer use another rate than "
                    "that of its parameter groups?",
                    bounds->lr_low, bounds->lr_high, bounds->metric);
}

/* Tables of finished runs: a row is a run. */
static enum lrp_status analyse_tables(const struct lrp_record *const *records, size_t n_records,
                                      double sign, const struct lrp_bounds_options *options,
                                      struct lrp_bounds *bounds, struct lrp_curve **curve,
                                      struct lrp_error *err)
{
    size_t rows = 0;
    size_t n_runs = 0;
    for (size_t r = 0; r < n_records; r++) {
        rows += lrp_record_rows(records[r]);
    }
    struct lrp_curve_points *runs = lrp_calloc_array(rows, sizeof *runs);
    LRP_TRY_MEMORY(runs, err);
    enum lrp_status status = LRP_OK;
    for (size_t r = 0; r < n_records && status == LRP_OK; r++) {
        status = lrp_run_table_collect(records[r], bounds->metric, sign, runs, &n_runs, err);
    }
    size_t kept = status == LRP_OK ? keep_usable(runs, n_runs, 1, bounds) : 0;
    if (kept > 0) {
        lrp_bounds_warn(bounds,
                        "each row is taken for a finished run at one rate: %zu runs, %s is what "
                        "they ended with",
                        kept, bounds->metric);
        status = lrp_bounds_from_constant_runs(runs, kept, options, bounds, curve, err);
    }
    for (size_t i = 0; i < n_runs; i++) {
        lrp_curve_points_fini(&runs[i]);
    }
    free(runs);
    return status;
}

/* direction: as in the options, known. */
static enum lrp_status analyse(const struct lrp_record *const *records, size_t n_records,
                               enum lrp_rate_kind kind, int direction,
                               const struct lrp_bounds_options *options,
                               struct lrp_curve_points *points, struct lrp_bounds *bounds,
                               struct lrp_curve **curve, struct lrp_error *err)
{
    const double sign = direction > 0 ? -1 : 1;
    if (kind == LRP_RATE_OTHER) {
        return analyse_tables(records, n_records, sign, options, bounds, curve, err);
    }
    for (size_t r = 0; r < n_records; r++) {
        LRP_TRY(lrp_curve_points_collect(records[r], bounds->metric, sign, &points[r], err));
    }
    /* of the longest, since others may have been stopped as they diverged */
    double steps = 0;
    for (size_t r = 0; r < n_records; r++) {
        steps = fmax(steps, points[r].steps);
    }
    bounds->conditions.steps = steps;
    if (kind == LRP_RATE_SWEEP && diverged_at_once(points, n_records, bounds)) {
        return LRP_OK;
    }
    enum lrp_rate_effect effect = LRP_EFFECT_UNDECIDED;
    LRP_TRY(lrp_common_rate_effect(records, n_records, bounds->metric, &effect, err));
    size_t least = kind == LRP_RATE_SWEEP ? (size_t)LEAST_POINTS : 1;
    size_t kept = keep_usable(points, n_records, least, bounds);
    bounds->repeats = kind == LRP_RATE_SWEEP ? kept : n_records;
    if (kept == 0) {
        return LRP_OK; /* too-short */
    }
    if (effect == LRP_EFFECT_NONE) {
        explain_no_effect(bounds);
        return LRP_OK;
    }
    if (kind == LRP_RATE_CONSTANT) {
        return lrp_bounds_from_constant_runs(points, kept, options, bounds, curve, err);
    }
    if (!(bounds->lr_high > bounds->lr_low * 1.01)) {
        lrp_bounds_warn(bounds, "the sweep does not get beyond its first rate");
        return LRP_OK;
    }
    LRP_TRY(lrp_bounds_from_sweeps(points, kept, options, bounds, curve, err));
    return add_peers(records, n_records, bounds, err);
}

/* The reason of an outcome that nothing more is known of. */
static void set_usual_reason(struct lrp_bounds *bounds)
{
    static const enum lrp_reason usual[] = {
        [LRP_OUTCOME_OK] = LRP_REASON_NONE,
        [LRP_OUTCOME_DID_NOT_DIVERGE] = LRP_REASON_RANGE_TOO_LOW,
        [LRP_OUTCOME_DIVERGED_AT_START] = LRP_REASON_RANGE_TOO_HIGH,
        [LRP_OUTCOME_FLAT] = LRP_REASON_RANGE_TOO_LOW,
        [LRP_OUTCOME_TOO_NOISY] = LRP_REASON_NOISE,
        [LRP_OUTCOME_TOO_SHORT] = LRP_REASON_FEW_STEPS,
    };
    bounds->reason = bounds->reason == LRP_REASON_NONE ? usual[bounds->outcome] : bounds->reason;
}

/* A guess that is wrong would turn the whole answer over. */
static void ask_direction(struct lrp_bounds *bounds)
{
    bounds->reason = LRP_REASON_DIRECTION_UNKNOWN;
    lrp_bounds_warn(bounds,
                    "is a high or a low value of %.80s good? Its name does not say; give "
                    "--direction higher or --direction lower",
                    bounds->metric);
}

enum lrp_status lrp_bounds_find_curve(const struct lrp_record *const *records, size_t n_records,
                                      const struct lrp_bounds_options *options,
                                      struct lrp_bounds *out, struct lrp_curve **curve,
                                      struct lrp_error *err)
{
    struct lrp_bounds_options defaults;
    lrp_bounds_options_default(&defaults);
    options = options != NULL ? options : &defaults;
    if (n_records == 0) {
        return lrp_fail(err, LRP_E_ARG, 0, "no run record was given");
    }
    enum lrp_rate_kind kind = LRP_RATE_OTHER;
    LRP_TRY(check_options(options, err));
    LRP_TRY(common_kind(records, n_records, &kind, err));
    const char *metric = lrp_choose_metric(records, n_records, options->metric);
    if (metric == NULL) {
        return lrp_fail(err, LRP_E_NODATA, 0, "no column %s in every record",
                        options->metric != NULL ? options->metric : "loss");
    }
    struct lrp_bounds bounds;
    lrp_bounds_clear(&bounds);
    bounds.metric = metric;
    bounds.steps_planned = options->steps_planned > 0 ? options->steps_planned : (double)NAN;
    int direction = options->direction != 0 ? options->direction : lrp_metric_direction(metric);
    bounds.conditions.higher_is_better = direction > 0 ? 1 : 0;
    lrp_bounds_read_conditions(records, n_records, &bounds);
    if (direction == 0) {
        ask_direction(&bounds);
        *out = bounds;
        *curve = NULL;
        return LRP_OK;
    }
    struct lrp_curve_points *points = lrp_calloc_array(n_records, sizeof *points);
    LRP_TRY_MEMORY(points, err);
    struct lrp_curve *pooled = NULL;
    enum lrp_status status =
        analyse(records, n_records, kind, direction, options, points, &bounds, &pooled, err);
    for (size_t r = 0; r < n_records; r++) {
        lrp_curve_points_fini(&points[r]);
    }
    free(points);
    if (status != LRP_OK) {
        lrp_curve_free(pooled);
        return status;
    }
    if (pooled != NULL && direction > 0) {
        lrp_curve_turn_over(pooled);
    }
    set_usual_reason(&bounds);
    *out = bounds;
    *curve = pooled;
    return LRP_OK;
}

enum lrp_status lrp_bounds_find(const struct lrp_record *const *records, size_t n_records,
                                const struct lrp_bounds_options *options, struct lrp_bounds *out,
                                struct lrp_error *err)
{
    struct lrp_curve *curve = NULL;
    LRP_TRY(lrp_bounds_find_curve(records, n_records, options, out, &curve, err));
    lrp_curve_free(curve);
    return LRP_OK;
}
