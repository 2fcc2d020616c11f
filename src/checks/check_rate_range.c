/* SPDX-License-Identifier: MIT */
/* The learning rate against a range test, or against runs of the same task at other rates. */
#include "checks_table.h"

#include "measure.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    R3_RAISE = 1,
    R3_LOWER,
    R3_RAISE_HIGHEST,
    R3_LOWER_HIGHEST,
    R3_RAISE_TO_BEST,
    R3_LOWER_TO_BEST
}; /* advice */
enum { R3_LOSS, R3_SEEDS, R3_LOW, R3_HIGH };
static const struct lrp_check_param r3_params[] = {
    [R3_LOSS] = {"loss", 0.02, 0, 1, "of the best run's fall",
                 "what a run may lose against runs at other rates",
                 "2 % tells the good rates of DeepOBS from the others"},
    [R3_SEEDS] = {"seeds", 2, 0, 100, "deviations between seeds",
                  "a smaller loss than that is no finding", "design"},
    [R3_LOW] = {"low", 0.1, 0, 1, "of the suggested rate", "a constant rate below it is too low",
                "DeepOBS: 89 of 96 runs below a tenth of the best rate are slow"},
    [R3_HIGH] = {"high", 5, 1, 1000, "of the suggested rate",
                 "a constant rate above it is told, even below max_lr",
                 "DeepOBS: 9 of 10 runs above 5 times the best rate are worse"},
};

/* ---- against bounds ------------------------------------------------------------------------ */

/* Whether the curve itself shows none of the harm that too high a rate does: it fell well, stayed
 * at its best, and is calm. Range tests are short, and their bounds not exact. */
static bool went_well(const struct lrp_run *run)
{
    double fall = run->initial - run->final;
    return run->n >= LRP_BLOCKS_LEAST && run->n == run->metric[LRP_METRIC_LOSS].n &&
           run->log_level && run->final < 0.35 * run->initial &&
           run->final - run->lowest < 0.02 * fall && lrp_run_block_noise(run) < 0.01 * fall;
}

static void advise_bounds(const struct lrp_check_input *in, const struct lrp_bounds *bounds,
                          double peak, bool is_low, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double target = run->constant_lr ? bounds->suggested_lr.value : bounds->one_cycle.max_lr;
    target = isfinite(target) ? target : bounds->max_lr.value / (is_low ? 1 : 3);
    target = isfinite(target) ? target : bounds->evidence.diverged_lr / 10;
    if (isfinite(target)) {
        size_t advice = run->constant_lr ? is_low ? R3_RAISE : R3_LOWER
                        : is_low         ? R3_RAISE_HIGHEST
                                         : R3_LOWER_HIGHEST;
        lrp_finding_advise(in, out, advice, LRP_NUMBERS{peak, target});
    }
}

static void against_bounds(const struct lrp_check_input *in, const struct lrp_bounds *bounds,
                           double peak, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double suggested = bounds->suggested_lr.value;
    const char *what = run->constant_lr ? "the rate" : "the highest rate";
    enum lrp_check_status status = LRP_CHECK_WARN;
    bool is_low = false;
    const char *limit_name = NULL;
    double limit = (double)NAN;
    if (peak > bounds->evidence.diverged_lr) {
        status = LRP_CHECK_FAIL;
        limit = bounds->evidence.diverged_lr;
        limit_name = "the rate at which the range test diverged";
    } else if (peak > 1.05 * bounds->max_lr.value) {
        limit = bounds->max_lr.value;
        limit_name = "max_lr";
    } else if (run->constant_lr && peak > in->params[R3_HIGH] * suggested) {
        status = LRP_CHECK_INFO;
        limit = in->params[R3_HIGH] * suggested;
        limit_name = "what one constant rate can be";
    } else if (peak < 0.95 * bounds->base_lr.value) {
        is_low = true;
        limit = bounds->base_lr.value;
        limit_name = "base_lr";
    } else if (peak < in->params[R3_LOW] * suggested) {
        is_low = true;
        limit = in->params[R3_LOW] * suggested;
        limit_name = "what still learns in good time";
    }
    lrp_finding_measure(out, peak, limit);
    if (limit_name == NULL) {
        lrp_finding_pass(out, "%s, %.3g, fits the range test: base_lr %.3g, max_lr %.3g", what,
                         peak, bounds->base_lr.value, bounds->max_lr.value);
        return;
    }
    bool harmless = !is_low && went_well(run);
    if (harmless) {
        status = status == LRP_CHECK_FAIL ? LRP_CHECK_WARN : LRP_CHECK_INFO;
    }
    /* too high a rate shows in the curve, or does no harm; too low a rate may not show */
    out->verdict = is_low ? LRP_VERDICT_SLOW : LRP_VERDICT_UNDECIDED;
    lrp_finding_set(out, status, "%s, %.3g, is %s %s, %.3g%s", what, peak,
                    is_low ? "below" : "above", limit_name, limit,
                    harmless ? "; the curve shows no harm" : "");
    advise_bounds(in, bounds, peak, is_low, out);
}

/* ---- against siblings ---------------------------------------------------------------------- */

enum { FAMILY_MOST = 500 }; /* more runs than that are not looked at */

struct rated_run {
    double rate;
    double value; /* final loss up to where the run itself ended; inf where it blew up */
};

/* All runs at one rate. */
struct group {
    double rate;
    double value;  /* median */
    double spread; /* robust deviation of one run; NaN for fewer than 3 runs */
    size_t n;
};

static int compare_rated_runs(const void *left, const void *right)
{
    const struct rated_run *a = left;
    const struct rated_run *b = right;
    return a->rate != b->rate ? (a->rate > b->rate) - (a->rate < b->rate)
                              : (a->value > b->value) - (a->value < b->value);
}

static double rate_of(const struct lrp_run *run)
{
    const struct lrp_metric_series *lr = &run->metric[LRP_METRIC_LR];
    return lrp_series_median(lr, 0, lr->n);
}

/* Final loss of a run cut off at a position. */
static double value_until(const struct lrp_run *run, double until)
{
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    size_t end = 0;
    while (end < loss->n && loss->at[end] <= until) {
        end++;
    }
    if (loss->first_bad < end || end == 0) {
        return HUGE_VAL;
    }
    size_t last = end / 10 > 3 ? end / 10 : 3;
    double value = lrp_series_median(loss, end > last ? end - last : 0, end);
    return isfinite(value) ? value : HUGE_VAL;
}

/* Whether a sibling can be compared: same loss, same kind of steps, one rate, and long enough or
 * cut short by blowing up. */
static bool is_comparable(const struct lrp_run *run, const struct lrp_run *sibling, double end)
{
    const struct lrp_metric_series *loss = &sibling->metric[LRP_METRIC_LOSS];
    return sibling->constant_lr && loss->n > 0 && rate_of(sibling) > 0 &&
           strcmp(run->position, sibling->position) == 0 &&
           strcmp(run->loss_name, sibling->loss_name) == 0 &&
           (loss->at[loss->n - 1] >= 0.9 * end || loss->first_bad < loss->n);
}

static struct group group_of(const struct rated_run *members, size_t n)
{
    double values[FAMILY_MOST];
    struct group group = {members[0].rate, 0, (double)NAN, n};
    for (size_t i = 0; i < n; i++) {
        values[i] = members[i].value;
    }
    /* sorted: an infinite neighbour would make a mean of two meaningless */
    group.value =
        n % 2 == 0 && isinf(values[n / 2]) ? values[n / 2] : lrp_median_in_place(values, n);
    size_t finite = 0;
    for (size_t i = 0; i < n && isfinite(members[i].value); i++) {
        values[finite] = fabs(members[i].value - group.value);
        finite++;
    }
    if (finite >= 3 && isfinite(group.value)) {
        group.spread = lrp_sigma_of_deviations(values, finite);
    }
    return group;
}

struct family {
    struct rated_run members[FAMILY_MOST];
    size_t n;
    double initial; /* median first loss */
    double own_rate, own_value;
    struct group own, best;
};

static void gather_family(const struct lrp_check_input *in, struct family *family)
{
    const struct lrp_run *run = in->run;
    double initial[FAMILY_MOST];
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    double end = loss->at[loss->n - 1];
    size_t n_initial = 0;
    family->own_rate = rate_of(run);
    family->own_value = value_until(run, end);
    family->members[0] = (struct rated_run){family->own_rate, family->own_value};
    family->n = 1;
    if (run->n > 0) {
        initial[n_initial++] = run->initial;
    }
    for (size_t i = 0; i < in->n_siblings && family->n < FAMILY_MOST; i++) {
        const struct lrp_run *sibling = in->siblings[i];
        if (!is_comparable(run, sibling, end)) {
            continue;
        }
        family->members[family->n] =
            (struct rated_run){rate_of(sibling), value_until(sibling, end)};
        family->n++;
        if (sibling->n > 0 && n_initial < FAMILY_MOST) {
            initial[n_initial++] = sibling->initial;
        }
    }
    family->initial = lrp_median_in_place(initial, n_initial);
    qsort(family->members, family->n, sizeof family->members[0], compare_rated_runs);
}

/* Own and best group; how many rates there are. */
static size_t group_family(struct family *family)
{
    size_t rates = 0;
    family->best.value = HUGE_VAL;
    for (size_t begin = 0; begin < family->n;) {
        size_t end = begin + 1;
        while (end < family->n && family->members[end].rate <= 1.01 * family->members[begin].rate) {
            end++;
        }
        struct group group = group_of(family->members + begin, end - begin);
        bool is_own =
            family->own_rate >= group.rate && family->own_rate <= family->members[end - 1].rate;
        family->own = is_own ? group : family->own;
        family->best = group.value < family->best.value ? group : family->best;
        begin = end;
        rates++;
    }
    return rates;
}

static void judge_family(const struct lrp_check_input *in, const struct family *family,
                         struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct group *own = &family->own;
    const struct group *best = &family->best;
    double fall = family->initial - best->value;
    double loss = (own->value - best->value) / fall;
    /* seeds at the rate itself, else at the best rate: the difference of two medians */
    double spread = isnan(best->spread) ? own->spread : best->spread;
    spread *= sqrt(1 / (double)own->n + 1 / (double)best->n);
    double noise = lrp_run_block_noise(run);
    bool is_real = !(own->value - best->value <= in->params[R3_SEEDS] * spread) &&
                   !(own->value - best->value <= in->params[R3_SEEDS] * noise);
    bool is_high = best->rate < family->own_rate;
    lrp_finding_measure(out, loss, in->params[R3_LOSS]);
    if (!(loss > in->params[R3_LOSS]) || !is_real) {
        bool unlucky = (family->own_value - own->value) / fall > in->params[R3_LOSS];
        lrp_finding_pass(out,
                         "%.3g lost %.2g %% of the fall against the best of the rates tried, "
                         "%.3g%s",
                         family->own_rate, 100 * fmax(loss, 0), best->rate,
                         unlucky ? "; other seeds at this rate did better" : "");
        return;
    }
    out->verdict = is_high ? LRP_VERDICT_PLATEAU : LRP_VERDICT_SLOW; /* stuck, or not there yet */
    if (isinf(own->value)) {
        lrp_finding_set(out, LRP_CHECK_WARN,
                        "%.3g is too %s: it did not stay finite, runs at %.3g ended at %.4g",
                        family->own_rate, is_high ? "high" : "low", best->rate, best->value);
    } else {
        lrp_finding_set(out, LRP_CHECK_WARN,
                        "%.3g is too %s: it ended at %.4g, runs at %.3g ended at %.4g; that is "
                        "%.3g %% of the fall",
                        family->own_rate, is_high ? "high" : "low", own->value, best->rate,
                        best->value, 100 * loss);
    }
    lrp_finding_span(out, run->metric[LRP_METRIC_LOSS].at[0],
                     run->metric[LRP_METRIC_LOSS].at[run->metric[LRP_METRIC_LOSS].n - 1]);
    lrp_finding_advise(in, out, is_high ? R3_LOWER_TO_BEST : R3_RAISE_TO_BEST,
                       LRP_NUMBERS{family->own_rate, best->rate});
}

static void against_siblings(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    struct family family = {.n = 0};
    if (!run->constant_lr || run->metric[LRP_METRIC_LOSS].n == 0) {
        lrp_finding_skip(out, "%s",
                         run->constant_lr
                             ? "there is no loss in the log"
                             : "the rate changes: runs at constant rates are compared");
        return;
    }
    gather_family(in, &family);
    if (group_family(&family) < 2) {
        lrp_finding_skip(out,
                         "none of the %zu other runs is a run of the same length at another "
                         "constant rate",
                         in->n_siblings);
        return;
    }
    if (!isfinite(family.best.value) || !(family.initial - family.best.value > 0)) {
        lrp_finding_skip(out, "none of the runs at other rates learnt anything");
        return;
    }
    judge_family(in, &family, out);
}

static enum lrp_status r3_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    double peak = lrp_series_highest(&in->run->metric[LRP_METRIC_LR]);
    if (!(peak > 0)) {
        lrp_finding_skip(out, "the learning rate is 0");
    } else if (in->bounds != NULL) {
        against_bounds(in, in->bounds, peak, out);
    } else if (in->n_siblings > 0) {
        against_siblings(in, out);
    } else {
        lrp_finding_skip(out, "neither a range test (--bounds) nor runs at other rates were given");
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_R3 = {
    .id = "R3",
    .title = "learning rate outside the good range",
    .needs = "lr and --bounds, or runs at other rates",
    .metrics = LRP_NEEDS(LR),
    .least = 1,
    .verdict = LRP_VERDICT_SLOW,
    .method =
        "With bounds: the rate, or the highest one of a schedule, against the rate at which "
        "the range test diverged (fails), max_lr, base_lr and the suggested rate; less where "
        "the curve shows no harm: it fell to a third, stayed at its best and is calm. With runs "
        "of the same task at other constant rates: the final loss against that of the best "
        "rate, as a share of the best rate's fall; seeds count by their median, and a "
        "difference within their spread is none.",
    .remedy = "Take the suggested rate of the range test, or a half to a tenth of the rate at "
              "which it diverged.",
    .advice = {[R3_RAISE] = "Raise the learning rate from {2} to about {2}.",
               [R3_LOWER] = "Lower the learning rate from {2} to about {2}.",
               [R3_RAISE_HIGHEST] = "Raise the highest rate from {2} to about {2}.",
               [R3_LOWER_HIGHEST] = "Lower the highest rate from {2} to about {2}.",
               [R3_RAISE_TO_BEST] = "Raise the learning rate from {3} to about {3}.",
               [R3_LOWER_TO_BEST] = "Lower the learning rate from {3} to about {3}."},
    .source = "Smith 2017; Bengio 2012, section 3.2; Schneider 2019 (DeepOBS) for the thresholds",
    LRP_CHECK_PARAM_TABLE(r3_params),
    .run = r3_run,
};
