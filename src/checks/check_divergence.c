/* SPDX-License-Identifier: MIT */
/* Divergence: the loss ends no better than it started, or blows up. */
#include "checks_table.h"
#include "measure.h"
#include "robust.h"

#include <math.h>
#include <string.h>

/* ---- D1 ------------------------------------------------------------------------------------ */

enum {
    D1_LOWER_RATE = 1,
    D1_LOWER,
    D1_LOWER_UNMOVED,
    D1_EITHER_WAY,
    D1_RAISE_RATE,
    D1_BOUNDS,
    D1_RECIPES
}; /* advice */
enum { D1_RATIO, D1_DIP, D1_NOISE };
static const double DIP_NOISE = 4; /* block deviations, as D3.noise */
/* Deviation of ln(loss) from epoch to epoch: the ratio of neighbours is then e^0.4 = 1.5. Every run
 * of step-back that blew up has more, no good one of DeepOBS, step-back or AlgoPerf. */
static const double RATTLES = 0.3;
static const struct lrp_check_param d1_params[] = {
    [D1_RATIO] = {"ratio", 0.95, 0.5, 2, "",
                  "final loss / first loss from which the run has failed",
                  "no healthy run of 391 of DeepOBS ends above it"},
    [D1_DIP] = {"dip", 0.9, 0.1, 1, "",
                "lowest loss / first loss below which the run had learned before", "design"},
    [D1_NOISE] = {"noise", 4, 0, 100, "deviations",
                  "a fall of less than this many deviations of single points is no fall where the "
                  "first and the last tenth do not differ either",
                  "the first value is one draw of the noise"},
};

/* Whether the run only seems to have fallen, because its first value was a high draw of the noise:
 * the fall is within the noise of single points, and the first tenth lies where the last does. */
static bool fall_is_noise(const struct lrp_run *run, double start, double deviations)
{
    const struct lrp_metric_series *val = lrp_run_series(run, LRP_METRIC_VAL_LOSS, 8);
    if (val != NULL && val->first_bad > 0 &&
        val->value[val->first_bad - 1] < 0.95 * val->value[0]) {
        return false; /* validation is calmer, and it fell */
    }
    double single = run->sigma * run->level_unit;
    double tenth = lrp_run_loss_around(run, 0.05);
    return run->blocks.n >= 20 && start - run->final <= deviations * single &&
           tenth - run->final <= 3 * lrp_run_block_noise(run);
}

/* Whether the log starts in the middle of a run: what was learned before is not in it. */
static bool starts_midway(const struct lrp_run *run)
{
    double first = run->at[0];
    double last = run->at[run->n - 1];
    double spacing = (last - first) / (double)(run->n - 1);
    return strcmp(run->position, "row") != 0 && first > 0.2 * last && first > 5 * spacing;
}

/* Where the loss was left behind: how high the rate had been by then, and what to try instead. */
static void advise_lower(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double highest = lrp_run_peak_rate(run);
    if (isfinite(highest)) {
        lrp_finding_advise(in, out, D1_LOWER_RATE, LRP_NUMBERS{highest, highest / 3});
    } else {
        lrp_finding_advise(in, out, D1_LOWER, NULL);
    }
}

/* A loss that never moved does not tell on which side the rate is wrong, unless it went up. */
static void advise_unmoved(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double lr = lrp_run_peak_rate(run);
    bool up = run->final - run->initial > 3 * lrp_run_block_noise(run);
    double recipe = lrp_lowest_recipe(run, lr);
    double suggested = in->bounds != NULL ? in->bounds->suggested_lr.value : (double)NAN;
    if (isfinite(suggested)) {
        lrp_finding_advise(in, out, D1_BOUNDS, LRP_NUMBERS{suggested, lr});
        return;
    }
    if (!up && isfinite(recipe)) {
        lrp_finding_advise(in, out, D1_RECIPES, LRP_NUMBERS{lr, 100 * lr, recipe});
        return;
    }
    lrp_finding_advise(in, out, up ? D1_LOWER_UNMOVED : D1_EITHER_WAY,
                       LRP_NUMBERS{up ? lr / 10 : 10 * lr, up ? lr / 100 : lr / 10, lr});
}

/* The fall is small but smooth: it learned something, and either goes on or stands still. */
static void tell_small_fall(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double fall = run->initial - run->final;
    double late = lrp_run_loss_around(run, 0.2) - run->final;
    double lr = lrp_run_peak_rate(run);
    bool stands = late < 0.1 * fall;
    out->verdict = stands ? LRP_VERDICT_PLATEAU : LRP_VERDICT_SLOW;
    lrp_finding_set(out, LRP_CHECK_WARN,
                    "the loss fell by %.2g %% only, smoothly, from %.4g to %.4g%s",
                    100 * fall / fabs(run->initial), run->initial, run->final,
                    stands ? ", and nearly all of that in the first fifth of the run" : "");
    if (stands) {
        lrp_finding_advise(in, out, D1_EITHER_WAY, LRP_NUMBERS{10 * lr, lr / 10, lr});
    } else {
        lrp_finding_advise(in, out, D1_RAISE_RATE, LRP_NUMBERS{lr, 10 * lr});
    }
}

/* Whether a fall by a tenth of the first value is ruled out: the medians of the first and the
 * last third of the blocks, and two deviations of their difference. */
static bool rules_out_a_fall(const struct lrp_run *run)
{
    double third[LRP_BLOCKS_MOST / 3 + 1];
    size_t n = run->blocks.n / 3;
    double first = lrp_median_of(run->blocks.loss, n, third);
    double last = lrp_median_of(run->blocks.loss + (run->blocks.n - n), n, third);
    /* 1.2533: the deviation of a median over that of a mean */
    double deviation = 1.2533 * lrp_run_block_noise(run) * sqrt(2 / (double)n);
    return first - last + 2 * deviation < 0.1 * fabs(run->initial);
}

/* The fall is no more than the noise. Values of epochs are means over many batches: where they
 * wobble that much, the weights do. Single batches may wobble by chance and hide a small fall. */
static void tell_noise(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    bool is_sure = run->epoch_log || rules_out_a_fall(run);
    bool rattles = run->epoch_log && run->log_level && run->sigma > RATTLES;
    out->verdict = rattles ? LRP_VERDICT_OSCILLATING : LRP_VERDICT_NOT_LEARNING;
    if (!is_sure) {
        out->verdict = LRP_VERDICT_UNDECIDED;
    }
    lrp_finding_set(out, is_sure ? LRP_CHECK_FAIL : LRP_CHECK_WARN,
                    "the fall from %.4g to %.4g is no more than the noise of single points%s",
                    run->initial, run->final,
                    is_sure ? "" : ", which may hide a small one: means over epochs would show it");
    if (rattles) {
        advise_lower(in, out);
    }
}

/* The loss stands where it stood: how sure is it that nothing was learned? */
static void tell_flat(const struct lrp_check_input *in, bool noise_only, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double fall = run->initial - run->final;
    size_t classes = lrp_classes_of_guessing(run);
    out->verdict = LRP_VERDICT_NOT_LEARNING;
    if (classes > 0) {
        lrp_finding_set(out, LRP_CHECK_FAIL,
                        "the loss stands at %.4g from start to end: that of guessing among %zu "
                        "classes (ln %zu)",
                        run->final, classes, classes);
        advise_unmoved(in, out);
    } else if (noise_only) {
        tell_noise(in, out);
    } else if (run->blocks.n >= 20 && fall > 10 * lrp_run_block_noise(run) &&
               fall > 0.01 * fabs(run->initial)) {
        tell_small_fall(in, out);
    } else if (!lrp_run_starts_untrained(run)) {
        out->verdict = LRP_VERDICT_PLATEAU;
        lrp_finding_set(out, LRP_CHECK_WARN,
                        "nothing was learned after the first row, itself an epoch of training: "
                        "%.4g then, %.4g at the end",
                        run->initial, run->final);
    } else {
        lrp_finding_set(out, LRP_CHECK_FAIL,
                        "the loss never left its first value: %.4g at the start, %.4g at the end, "
                        "%.4g at its lowest",
                        run->initial, run->final, run->lowest);
        advise_unmoved(in, out);
    }
}

/* Whether the loss had been lower, or went higher, by more than the limit and the noise: a run
 * that only ever wobbled about its first value has not diverged. */
static bool left_its_start(const struct lrp_run *run, double start, double limit)
{
    double scale = run->log_level ? start : run->highest - run->lowest;
    double noise = lrp_run_block_noise(run);
    noise = isfinite(noise) ? DIP_NOISE * noise : 0;
    double above = lrp_run_highest_lasting(run) - start;
    return (start - run->lowest > (1 - limit) * scale && run->final - run->lowest > noise) ||
           (above > (1 - limit) * scale && above > noise);
}

static enum lrp_status d1_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double start = lrp_run_start(run);
    double fall = start - run->final;
    /* a loss that may be negative has no ratio: its range takes the place of the first value */
    double scale = run->log_level ? start : run->highest - run->lowest;
    double ratio = 1 - fall / scale;
    lrp_finding_measure(out, ratio, in->params[D1_RATIO]);
    bool fell = ratio < in->params[D1_RATIO];
    bool diverged = !fell && left_its_start(run, start, in->params[D1_DIP]);
    size_t classes = diverged ? 0 : lrp_classes_not_beaten(run);
    if (classes > 0) {
        out->verdict = LRP_VERDICT_NOT_LEARNING;
        lrp_finding_span(out, run->at[0], run->at[run->n - 1]);
        lrp_finding_set(out, LRP_CHECK_FAIL,
                        "after %zu epochs the loss is %.4g, hardly better than guessing among %zu "
                        "classes (ln %zu is %.4g)",
                        run->n, run->final, classes, classes, log((double)classes));
        advise_unmoved(in, out);
        return LRP_OK;
    }
    if (fell && !fall_is_noise(run, start, in->params[D1_NOISE])) {
        return lrp_finding_pass(out, "it ended at %.3g of its first value%s", ratio,
                                start != run->initial ? "s (the first alone was a lucky one)" : "");
    }
    if (!diverged && starts_midway(run)) {
        return lrp_finding_skip(out,
                                "the log starts at %s %.8g: what was learned before that is not "
                                "in it",
                                run->position, run->at[0]);
    }
    lrp_finding_span(out, run->at[0], run->at[run->n - 1]);
    if (!diverged) {
        tell_flat(in, fell, out);
        return LRP_OK;
    }
    out->first_step = in->evidence->onset = lrp_run_onset(run);
    lrp_finding_set(
        out, LRP_CHECK_FAIL,
        "the loss ended at %.4g, no better than its first value %.4g (lowest %.4g at %s "
        "%.8g)",
        run->final, run->initial, run->lowest, run->position, run->lowest_at);
    advise_lower(in, out);
    return LRP_OK;
}

const struct lrp_check lrp_check_D1 = {
    .id = "D1",
    .title = "ended no better than it started",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 5,
    .verdict = LRP_VERDICT_DIVERGED,
    .family = LRP_FAMILY_DIVERGENCE,
    .method = "Compares the final loss (median of the last tenth) with the first one. A run that "
              "had learned before, or went far above its first loss, has diverged; one that never "
              "left its first loss is not learning. A fall that is within the noise of single "
              "points is no fall.",
    .remedy = "Divide the learning rate by 3 until the loss falls. Add a warmup over the first 5 % "
              "of the steps, and clip the gradient norm at its median. Where the loss never moved, "
              "the rate may as well be far too low: a range test tells.",
    .advice =
        {[D1_LOWER_RATE] =
             "Lower the learning rate from {2} to about {2}, and by 3 again until the loss falls. "
             "Add a warmup over the first 5 % of the steps. Clip the gradient norm at its median.",
         [D1_LOWER] = "Divide the learning rate by 3 until the loss falls. Add a warmup over the "
                      "first 5 % of the steps. Clip the gradient norm at its median.",
         [D1_LOWER_UNMOVED] = "Lower the learning rate: try {2}, then {2} instead of {2}, or run a "
                              "range test. If neither moves it, look for frozen weights, dead "
                              "units, and inputs or labels that are mixed up.",
         [D1_EITHER_WAY] =
             "Try a learning rate of {2} and one of {2} instead of {2}, or run a range test: too "
             "high and too low look alike here. If neither moves it, look for frozen weights, dead "
             "units, and inputs or labels that are mixed up.",
         [D1_BOUNDS] = "Train at the {2} of the range test instead of {2}. If that does not move "
                       "it, look for frozen weights, dead units, and inputs or labels that are "
                       "mixed up.",
         [D1_RECIPES] = "Raise the learning rate from {2} to about {2}, and by 10 again: published "
                        "recipes for this optimizer begin at {2} (lrprobe list recipes), and a "
                        "range test finds the range.",
         [D1_RAISE_RATE] = "Raise the learning rate from {2} to about {2}, and by 10 again while "
                           "it stays like that (a range test finds the limit)."},
    .source = "Bengio 2012, section 3.2 (divide by 3 until it stops diverging)",
    LRP_CHECK_PARAM_TABLE(d1_params),
    .run = d1_run,
};

/* ---- D5 ------------------------------------------------------------------------------------ */

enum { D5_GROWTH };
static const struct lrp_check_param d5_params[] = {
    [D5_GROWTH] = {"growth", 2, 1, 1e6, "x per 10 points",
                   "growth of the loss or the gradient norm that explains the end",
                   "TheDeepChecker: growth by 2 and more"},
};
enum { D5_POINTS = 50, D5_LEAST = 5 };

/* Growth per 10 points of the last finite values before `end`, counted from their lowest. */
static double growth_before(const struct lrp_metric_series *series, size_t end, size_t *from)
{
    size_t begin = end > D5_POINTS ? end - D5_POINTS : 0;
    size_t lowest = begin;
    for (size_t i = begin; i < end; i++) {
        if (!(series->value[i] > 0) || !isfinite(series->value[i])) {
            return (double)NAN;
        }
        lowest = series->value[i] <= series->value[lowest] ? i : lowest;
    }
    *from = lowest;
    if (lowest + 1 >= end) {
        return 1;
    }
    double span = (double)(end - 1 - lowest);
    return pow(series->value[end - 1] / series->value[lowest], 10 / fmax(span, 10));
}

static enum lrp_status d5_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    const struct lrp_metric_series *norm = &run->metric[LRP_METRIC_GRAD_NORM];
    size_t from = 0;
    size_t from_norm = 0;
    if (loss->first_bad == loss->n) {
        return lrp_finding_pass(out, "the loss is finite to the end");
    }
    if (loss->first_bad < D5_LEAST) {
        return lrp_finding_skip(out, "only %zu finite losses before the first nan or inf",
                                loss->first_bad);
    }
    double growth = growth_before(loss, loss->first_bad, &from);
    size_t end = 0;
    while (end < norm->n && norm->at[end] < loss->at[loss->first_bad] &&
           isfinite(norm->value[end])) {
        end++;
    }
    double by_norm = end >= D5_LEAST ? growth_before(norm, end, &from_norm) : (double)NAN;
    lrp_finding_measure(out, fmax(growth, by_norm), in->params[D5_GROWTH]);
    if (!(out->value > in->params[D5_GROWTH])) {
        return lrp_finding_pass(out,
                                "no run-up: the loss was %.4g just before the first nan or inf",
                                loss->value[loss->first_bad - 1]);
    }
    bool loss_grew = growth > in->params[D5_GROWTH];
    const struct lrp_metric_series *grown = loss_grew ? loss : norm;
    lrp_finding_span(out, grown->at[loss_grew ? from : from_norm], loss->at[loss->first_bad]);
    in->evidence->onset = out->first_step;
    return lrp_finding_set(
        out, LRP_CHECK_INFO,
        "from %s %.8g on the %s grew by %.3g per 10 points until it was no number", run->position,
        out->first_step, loss_grew ? "loss" : "gradient norm", out->value);
}

const struct lrp_check lrp_check_D5 = {
    .id = "D5",
    .title = "grew exponentially before it was no number",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 1,
    .verdict = LRP_VERDICT_UNDECIDED,
    .family = LRP_FAMILY_DIVERGENCE,
    .method = "The growth of the loss, and of the gradient norm where it was logged, over the last "
              "50 points before the first nan or inf. It explains L2: a run-up calls for a lower "
              "rate, a sudden nan for a look at the data and the number format.",
    .remedy = "Lower the learning rate, add a warmup, clip the gradient norm.",
    .source = "TheDeepChecker (growth of the loss by 2 and more)",
    LRP_CHECK_PARAM_TABLE(d5_params),
    .run = d5_run,
};
