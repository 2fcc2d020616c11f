/* SPDX-License-Identifier: MIT */
/* Bounds from a set of runs of one task, each at its own constant rate. */
#include "answer.h"

#include "alloc.h"
#include "constant_marks.h"
#include "pool.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_RATES = 4, LEAST_END = 3 };
/* Runs whose rates differ by less, in decades, are at one rate. */
static const double SAME_RATE = 5e-4;
/* Shares of the fall: ends at neighbouring rates that show no learning, and how far one batch may
 * lie from them. */
static const double ALIKE_SHARE = 0.02;
static const double NEAR_SHARE = 0.25;
/* The same for ends that are all that is known, one noisy value a run. */
static const double UNSEEN_ALIKE_SHARE = 0.05;
/* So far below the first rate at which runs end higher must rates reach at which nothing is learnt:
 * less may be the end of a fall that lies below them. */
static const double LEVEL_DECADES = 1;
/* sqrt(pi / 2): a median of normal values is that much less sharp than their mean. */
static const double MEDIAN_ERROR = 1.2533;
struct run_result {
    double x;     /* log10 rate */
    double end;   /* metric at the end, low = good; inf = diverged */
    double peak;  /* highest value */
    double first; /* NaN = no finite value */
    double noise; /* standard error of end from within the run */
    size_t order; /* as given */
};
/* The runs as tables: one row a repeat, one column a rate. Which run of a rate goes to which repeat
 * is their order: runs of one seed stand in one repeat where they were given so, and where they
 * were not, a mixture does no harm. A rate with fewer runs than most has its median in the others.
 */
struct run_set {
    struct run_result *results; /* by rate, then by order */
    size_t n_results;
    size_t *begin, *count;                /* n_rates, in one block */
    double *x, *median_end, *median_peak; /* n_rates, in one block with: */
    double *scratch;                      /* n_results and more */
    double *end, *peak;                   /* n_repeats * n_rates, in one block */
    size_t n_rates, n_repeats;
    double start;    /* level before learning */
    bool start_seen; /* else it is no more than the highest end that is known */
    double noise;    /* standard error of one run's end */
    double steps;    /* length of the longest run */
};

static int compare_results(const void *left, const void *right)
{
    const struct run_result *a = left;
    const struct run_result *b = right;
    if (a->x != b->x) {
        return a->x > b->x ? 1 : -1;
    }
    return (a->order > b->order) - (a->order < b->order);
}

static int compare_orders(const void *left, const void *right)
{
    const struct run_result *a = left;
    const struct run_result *b = right;
    return (a->order > b->order) - (a->order < b->order);
}

/* Median in which inf is a value. */
static double median_of(double *values, size_t n)
{
    double middle = lrp_median_in_place(values, n);
    return isnan(middle) ? HUGE_VAL : middle;
}

/* End: the median of the last tenth of a run, 3 values or more; inf where it is not finite. */
static struct run_result result_of(const struct lrp_curve_points *run, size_t order,
                                   double *scratch)
{
    struct run_result result = {run->x_low, HUGE_VAL, HUGE_VAL, (double)NAN, (double)NAN, order};
    if (run->n == 0) {
        return result;
    }
    if (run->n == 1) { /* what a finished run ended with: nothing is known of its way */
        result.end = run->y[0];
        result.peak = -HUGE_VAL;
        return result;
    }
    result.first = run->y[0];
    size_t n = run->n / 10 > LEAST_END ? run->n / 10 : LEAST_END;
    n = n > run->n ? run->n : n;
    if (!run->nonfinite) {
        result.end = lrp_median_of(run->y + run->n - n, n, scratch);
        result.peak = run->y[0];
        for (size_t i = 1; i < run->n; i++) {
            result.peak = fmax(result.peak, run->y[i]);
        }
    }
    result.noise = MEDIAN_ERROR * run->noise / sqrt((double)n);
    return result;
}

/* Splits the sorted results by rate. */
static void find_rates(struct run_set *set)
{
    size_t n = set->n_results;
    for (size_t begin = 0; begin < n;) {
        size_t end = begin + 1;
        while (end < n && set->results[end].x - set->results[begin].x < SAME_RATE) {
            end++;
        }
        /* sorted by rate first: rates that are one rate but for rounding mix up the order */
        qsort(set->results + begin, end - begin, sizeof *set->results, compare_orders);
        set->x[set->n_rates] = set->results[begin].x;
        set->begin[set->n_rates] = begin;
        set->count[set->n_rates] = end - begin;
        set->n_rates++;
        begin = end;
    }
}

static void fill_tables(struct run_set *set)
{
    for (size_t i = 0; i < set->n_rates; i++) {
        const struct run_result *runs = set->results + set->begin[i];
        size_t count = set->count[i];
        for (size_t k = 0; k < count; k++) {
            set->scratch[k] = runs[k].end;
        }
        set->median_end[i] = median_of(set->scratch, count);
        for (size_t k = 0; k < count; k++) {
            set->scratch[k] = runs[k].peak;
        }
        set->median_peak[i] = median_of(set->scratch, count);
        for (size_t r = 0; r < set->n_repeats; r++) {
            size_t at = r * set->n_rates + i;
            set->end[at] = r < count ? runs[r].end : set->median_end[i];
            set->peak[at] = r < count ? runs[r].peak : set->median_peak[i];
        }
    }
}

/* First values at the lowest quarter of the rates, two at least, since what is logged first may be
 * some steps old and higher rates have moved by then. */
static double first_level(struct run_set *set)
{
    size_t few = set->n_rates / 4 > 2 ? set->n_rates / 4 : 2;
    size_t n = 0;
    for (size_t k = 0; k < set->n_results; k++) {
        bool low = few >= set->n_rates || k < set->begin[few];
        if (!isnan(set->results[k].first) && (low || n == 0)) {
            set->scratch[n++] = set->results[k].first;
        }
    }
    return lrp_median_in_place(set->scratch, n);
}

/* Level before learning. The first values are one batch each. Where the runs at the two lowest
 * rates end alike and near there, nothing is learnt at those rates, and what they end with is the
 * better level: it has the noise of the same batches as the ends that it is compared with. Of runs
 * whose first values are not known there is only the highest end below the best rate. */
static double start_level(struct run_set *set)
{
    double first = first_level(set);
    size_t best = 0;
    for (size_t i = 1; i < set->n_rates; i++) {
        best = set->median_end[i] < set->median_end[best] ? i : best;
    }
    double lowest = set->median_end[0];
    bool unseen = isnan(first);
    if (unseen) {
        first = lowest;
        for (size_t i = 1; i <= best; i++) {
            first = isfinite(set->median_end[i]) ? fmax(first, set->median_end[i]) : first;
        }
    }
    if (isfinite(lowest) && lowest > first && first >= set->median_end[best]) {
        return lowest; /* the first batches were easy ones: losses do not rise at low rates alone */
    }
    double fall = first - set->median_end[best];
    bool alike =
        fabs(set->median_end[1] - lowest) <= (unseen ? UNSEEN_ALIKE_SHARE : ALIKE_SHARE) * fall;
    bool near = fabs(first - lowest) <= NEAR_SHARE * fall;
    set->start_seen = !unseen || (alike && near);
    return alike && near ? lowest : first;
}

/* Of one run's end: from how the runs of one rate differ, else from within the runs. Up to the best
 * rate, since runs that diverge differ by more than noise. */
static double end_noise(struct run_set *set)
{
    size_t best = 0;
    size_t n = 0;
    for (size_t i = 1; i < set->n_rates; i++) {
        best = set->median_end[i] < set->median_end[best] ? i : best;
    }
    for (size_t i = 0; i <= best; i++) {
        const struct run_result *runs = set->results + set->begin[i];
        double values[64];
        size_t count = 0;
        for (size_t k = 0; k < set->count[i] && count < 64; k++) {
            if (isfinite(runs[k].end)) {
                values[count++] = runs[k].end;
            }
        }
        double mean = 0;
        double deviation = (double)NAN;
        lrp_mean_deviation(values, count, &mean, &deviation);
        if (set->n_repeats == 1) {
            deviation = runs[0].noise;
        }
        if (!isnan(deviation)) {
            set->scratch[n++] = deviation;
        }
    }
    return n > 0 ? lrp_median_in_place(set->scratch, n) : 0;
}

static void fini_set(struct run_set *set)
{
    free(set->results);
    free(set->begin);
    free(set->x);
    free(set->end);
}

static enum lrp_status collect_set(const struct lrp_curve_points *runs, size_t n_runs,
                                   struct run_set *set, struct lrp_error *err)
{
    size_t longest = 0;
    for (size_t r = 0; r < n_runs; r++) {
        longest = runs[r].n > longest ? runs[r].n : longest;
        set->steps = fmax(set->steps, runs[r].steps);
    }
    set->n_results = n_runs;
    set->results = lrp_calloc_array(n_runs, sizeof *set->results);
    set->begin = lrp_calloc_array(n_runs, 2 * sizeof *set->begin);
    set->x = lrp_calloc_array(4 * n_runs + longest, sizeof *set->x);
    if (set->results == NULL || set->begin == NULL || set->x == NULL) {
        return lrp_fail_memory(err, n_runs * sizeof *set->results);
    }
    set->count = set->begin + n_runs;
    set->median_end = set->x + n_runs;
    set->median_peak = set->median_end + n_runs;
    set->scratch = set->median_peak + n_runs;
    for (size_t r = 0; r < n_runs; r++) {
        set->results[r] = result_of(&runs[r], r, set->scratch);
    }
    qsort(set->results, n_runs, sizeof *set->results, compare_results);
    find_rates(set);
    for (size_t i = 0; i < set->n_rates; i++) {
        set->scratch[i] = (double)set->count[i];
    }
    set->n_repeats = (size_t)lrp_median_in_place(set->scratch, set->n_rates);
    set->end = lrp_calloc_array(2 * set->n_repeats, set->n_rates * sizeof *set->end);
    LRP_TRY_MEMORY(set->end, err);
    set->peak = set->end + set->n_repeats * set->n_rates;
    fill_tables(set);
    set->start_seen = true;
    set->start = set->n_rates > 1 ? start_level(set) : first_level(set);
    set->noise = end_noise(set);
    return LRP_OK;
}

/* The curve that is drawn: the ends at the rates that were tried. How far above the start a run
 * ends that has diverged says nothing: such ends are drawn a whole fall above it. */
static enum lrp_status curve_of(const struct run_set *set, const struct lrp_constant_marks *marks,
                                struct lrp_curve **curve, struct lrp_error *err)
{
    LRP_TRY(lrp_curve_new(set->n_rates, set->n_repeats, curve, err));
    double fall = marks->fall > 0 ? marks->fall : 0;
    double ceiling = set->start + fmax(fall, 6 * set->noise);
    (*curve)->of_ends = true;
    for (size_t i = 0; i < set->n_rates; i++) {
        (*curve)->log10_lr[i] = set->x[i];
        for (size_t r = 0; r < set->n_repeats; r++) {
            (*curve)->repeats[r][i] = fmin(set->end[r * set->n_rates + i], ceiling);
        }
    }
    lrp_curve_combine(*curve, set->scratch);
    return LRP_OK;
}

/* Half width in decades: what the repeats say, and that only some rates were tried. The distance of
 * neighbours counts as the width of a uniform distribution with the same level. NaN with fewer than
 * two repeats that show the mark. */
static double half_width(const double *values, size_t n, double gap, double level)
{
    return hypot(lrp_mean_half_interval(values, n, level), 0.5 * level * gap);
}

struct half_intervals {
    double base, max;
};

static enum lrp_status spread_of(const struct run_set *set, const struct lrp_constant_marks *marks,
                                 double level, struct half_intervals *half, struct lrp_error *err)
{
    double *base = lrp_calloc_array(set->n_repeats, 2 * sizeof *base);
    LRP_TRY_MEMORY(base, err);
    double *max = base + set->n_repeats;
    size_t n_base = 0;
    size_t n_max = 0;
    for (size_t r = 0; r < set->n_repeats; r++) {
        const struct lrp_rate_ends own = {.x = set->x,
                                          .end = set->end + r * set->n_rates,
                                          .peak = set->peak + r * set->n_rates,
                                          .n = set->n_rates,
                                          .start = set->start,
                                          .error = set->noise};
        struct lrp_constant_marks seen = lrp_find_constant_marks(&own);
        if (!isnan(seen.base)) {
            base[n_base++] = seen.base;
        }
        if (!isnan(seen.max)) {
            max[n_max++] = seen.max;
        }
    }
    half->base = half_width(base, n_base, marks->base_above - marks->base_below, level);
    /* half of the edge's error goes into max */
    half->max = half_width(max, n_max, 0.5 * (marks->edge_above - marks->edge_below), level);
    free(base);
    return LRP_OK;
}

/* In log10; half NaN: the neighbouring rates that were tried. */
static void set_rate(struct lrp_rate *rate, double value, double half, double below, double above)
{
    rate->value = pow(10, value);
    rate->low = pow(10, isnan(half) ? below : value - half);
    rate->high = pow(10, isnan(half) ? above : value + half);
}

/* Lowest log10 rate above which a run was not finite or rose above its start; inf where none did.
 */
static double lowest_blown_up(const struct run_set *set, const struct lrp_constant_marks *marks)
{
    double lowest = isnan(marks->diverged) ? HUGE_VAL : marks->diverged;
    for (size_t k = 0; k < set->n_results; k++) {
        lowest = isfinite(set->results[k].end) ? lowest : fmin(lowest, set->results[k].x);
    }
    return lowest;
}

static void explain_nothing(const struct run_set *set, const struct lrp_constant_marks *marks,
                            struct lrp_bounds *bounds)
{
    double last = set->median_end[set->n_rates - 1];
    if (isnan(marks->fall)) {
        bounds->outcome = LRP_OUTCOME_DIVERGED_AT_START;
        bounds->reason = LRP_REASON_RANGE_TOO_HIGH;
        lrp_bounds_warn(
            bounds, "no bounds: the loss rises above its start already at %.3g, the lowest rate",
            bounds->lr_low);
        return;
    }
    if (!set->start_seen && marks->best == 0) {
        bounds->outcome = LRP_OUTCOME_DIVERGED_AT_START;
        bounds->reason = LRP_REASON_RANGE_TOO_HIGH;
        lrp_bounds_warn(bounds, "no bounds: the run at the lowest rate, %.3g, ends best",
                        bounds->lr_low);
        return;
    }
    bounds->outcome = LRP_OUTCOME_FLAT;
    if (last <= set->start + 6 * set->noise) {
        bounds->reason = LRP_REASON_RANGE_TOO_LOW;
        lrp_bounds_warn(bounds, "no bounds: none of the runs ends lower than they start%s",
                        set->noise > 0 ? " by more than their noise" : "");
        return;
    }
    size_t calm = set->n_rates - 1;
    while (calm > 0 && set->median_end[calm] > set->start + 6 * set->noise) {
        calm--;
    }
    if (set->x[calm] - set->x[0] < LEVEL_DECADES ||
        set->median_end[0] > set->start + 6 * set->noise) {
        bounds->outcome = LRP_OUTCOME_DIVERGED_AT_START;
        bounds->reason = LRP_REASON_RANGE_TOO_HIGH;
        lrp_bounds_warn(bounds,
                        "no bounds: no run ends lower than it starts, and from %.2g on they end "
                        "higher",
                        pow(10, set->x[calm + 1]));
        return;
    }
    bounds->reason = LRP_REASON_NO_LEARNING;
    bounds->evidence.diverged_lr = pow(10, set->x[calm + 1]);
    lrp_bounds_warn(bounds,
                    "no bounds: none of the runs up to %.2g ends lower than it starts, and from "
                    "%.2g on they end higher: these rates are too high, and lower ones would learn "
                    "even less",
                    pow(10, set->x[calm]), pow(10, set->x[calm + 1]));
}

/* These runs were made to be judged by: the best of them is the rate to take, but which one ends
 * lowest is chance where several do nearly as well, so it is not taken above max_lr, nor where a
 * run blew up. With the cut of the other recommendations where the run to come is longer. */
static void suggest_best(const struct run_set *set, const struct lrp_constant_marks *marks,
                         const struct lrp_bounds_options *options, struct lrp_bounds *bounds)
{
    const double limit = lowest_blown_up(set, marks);
    size_t best = marks->best;
    for (size_t i = 0; i < set->n_rates && set->x[i] < limit; i++) {
        bool better = set->x[best] >= limit || set->median_end[i] < set->median_end[best];
        best = better ? i : best;
    }
    double value = fmin(set->x[best], marks->max);
    double below = fmin(set->x[best > 0 ? best - 1 : best], value);
    double above = fmax(set->x[best + 1 < set->n_rates ? best + 1 : best], value);
    double cut = 0;
    lrp_bounds_recommend(bounds, options, set->steps);
    if (options->steps_planned > 0) {
        cut = log10(bounds->one_cycle.max_lr / bounds->max_lr.value);
    }
    set_rate(&bounds->suggested_lr, value + cut, (double)NAN, below + cut, above + cut);
}

static void judge(const struct run_set *set, const struct lrp_constant_marks *marks,
                  const struct half_intervals *half, const struct lrp_bounds_options *options,
                  struct lrp_bounds *bounds)
{
    if (!marks->fell) {
        explain_nothing(set, marks, bounds);
        return;
    }
    bounds->evidence.lowest_loss_lr = pow(10, set->x[marks->best]);
    const double blown_up = lowest_blown_up(set, marks);
    bounds->evidence.diverged_lr = isfinite(blown_up) ? pow(10, blown_up) : (double)NAN;
    if (!set->start_seen) {
        lrp_bounds_warn_of(bounds, LRP_WARNING_NO_BASE_LR,
                           "no base_lr: what the runs ended with does not show the level before "
                           "learning");
    } else if (marks->starts_below) {
        lrp_bounds_warn_of(bounds, LRP_WARNING_NO_BASE_LR,
                           "no base_lr: the run at the lowest rate, %.3g, already learns",
                           bounds->lr_low);
    } else {
        set_rate(&bounds->base_lr, marks->base, half->base, marks->base_below, marks->base_above);
    }
    if (marks->reaches_end) {
        bounds->outcome = LRP_OUTCOME_DID_NOT_DIVERGE;
        bounds->reason = LRP_REASON_RANGE_TOO_LOW;
        lrp_bounds_warn_of(bounds, LRP_WARNING_NO_MAX_LR,
                           "no max_lr: the run at the highest rate, %.3g, is as good as the best",
                           bounds->lr_high);
        return;
    }
    bounds->outcome = LRP_OUTCOME_OK;
    set_rate(&bounds->max_lr, marks->max, half->max, marks->basin, marks->edge_above);
    if (marks->steep) {
        double highest = 0.5 * (marks->basin + marks->edge_above);
        bounds->max_lr.high = fmax(bounds->max_lr.high, pow(10, highest));
    }
    if (isnan(half->max)) {
        lrp_bounds_warn(bounds, "found from runs at constant rates: the ranges come from the rates "
                                "that were tried, they are no intervals");
    } else {
        bounds->interval_level = options->interval_level;
    }
    if (!lrp_bounds_repeats_differ(bounds, half->max, set->n_repeats)) {
        suggest_best(set, marks, options, bounds);
    }
    lrp_bounds_keep_order(bounds);
}

static enum lrp_status analyse_set(const struct run_set *set,
                                   const struct lrp_bounds_options *options,
                                   struct lrp_bounds *bounds, struct lrp_curve **curve,
                                   struct lrp_error *err)
{
    if (set->n_rates < LEAST_RATES) {
        lrp_bounds_warn(bounds, "%zu different constant rates: bounds need %d or more",
                        set->n_rates, LEAST_RATES);
        return LRP_OK;
    }
    double repeats = (double)set->n_repeats;
    const struct lrp_rate_ends ends = {.x = set->x,
                                       .end = set->median_end,
                                       .peak = set->median_peak,
                                       .n = set->n_rates,
                                       .start = set->start,
                                       .error = (repeats > 2 ? MEDIAN_ERROR : 1) * set->noise /
                                                sqrt(repeats)};
    struct lrp_constant_marks marks = lrp_find_constant_marks(&ends);
    struct half_intervals half = {0};
    bounds->repeats = set->n_repeats;
    LRP_TRY(spread_of(set, &marks, options->interval_level, &half, err));
    judge(set, &marks, &half, options, bounds);
    return curve_of(set, &marks, curve, err);
}

enum lrp_status lrp_bounds_from_constant_runs(const struct lrp_curve_points *runs, size_t n_runs,
                                              const struct lrp_bounds_options *options,
                                              struct lrp_bounds *bounds, struct lrp_curve **curve,
                                              struct lrp_error *err)
{
    struct run_set set = {0};
    enum lrp_status status = collect_set(runs, n_runs, &set, err);
    if (status == LRP_OK) {
        status = analyse_set(&set, options, bounds, curve, err);
    }
    fini_set(&set);
    return status;
}
