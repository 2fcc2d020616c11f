/* SPDX-License-Identifier: MIT */
/* Progress: too slow, or stopped too high. */
#include "checks_table.h"
#include "measure.h"

#include <math.h>
#include <string.h>

/* The rate's last value over its largest, NaN where it is not known. */
static double rate_left(const struct lrp_run *run)
{
    double highest = lrp_run_peak_rate(run);
    return highest > 0 ? run->rate[run->n - 1] / highest : (double)NAN;
}

/* ---- P1 ------------------------------------------------------------------------------------ */

enum { P1_BOUNDS = 1, P1_RATE, P1_RECIPES }; /* advice */
enum { P1_HALF, P1_LONG, P1_GAIN, P1_LEFT, P1_NOISE, P1_BOTH, P1_AREA };
#define P1_CLEAR 3.0 /* block deviations that show a gain at all */
#define P1_VAL_SHARE                                                                               \
    0.02 /* good runs of DeepOBS and step-back gain up to 0.005 (one in ten more) */
#define P1_VAL_NOISE 4.0
/* That a loss still falls at the end is no evidence that a higher rate would help: 38 % of the runs
 * at the best rate of a family fell so. At a rate that is too low the run follows the gradient's
 * flow: its curve is long and free of noise, and k times the rate goes the same way k times as
 * fast. Chosen on DeepOBS and four problems of step-back together; judged on AlgoPerf, logs, and
 * two problems of step-back that were kept aside (reports/calibration.md): DeepOBS (fitted): slow
 * 67 % step-back (fitted):     slow 64 %, best rate 0 of 27 step-back, kept aside:  slow 3 of 12,
 * best rate 0 of 12 AlgoPerf:               good 0 of 130 Of DeepOBS the variational autoencoder's
 * slow runs look like its good ones (2 of 12): a single curve does not show it there. */
static const struct lrp_check_param p1_params[] = {
    [P1_HALF] = {"half", 0.1, 0, 1, "of the fall",
                 "fall of the last half from which the curve counts as long",
                 "exponential decay: 0.1 where it takes 0.23 of the run to fall to 1/e"},
    [P1_LONG] = {"long", 0.2, 0, 1, "of the fall",
                 "fall of the last half from which the shape says it alone, whatever the noise",
                 "a loss that falls like log(step): 0.15; best rates of step-back reach 0.19"},
    [P1_GAIN] = {"gain", 0.05, 0, 1, "of the loss",
                 "or the gain of the last quarter from which it does",
                 "P2.gain; fitted on DeepOBS and step-back, judged on AlgoPerf and logs"},
    [P1_LEFT] = {"left", 0.05, 0, 1, "of the first loss",
                 "what must be left of the loss for that: nearer to 0 every good run gains so",
                 "fitted on DeepOBS and step-back, judged on AlgoPerf and logs"},
    [P1_NOISE] = {"noise", 8, 0, 1000, "block deviations",
                  "the gain of the last quarter must be this many deviations of the noise",
                  "fitted on DeepOBS and step-back, whose best rates reach 7.5"},
    [P1_BOTH] = {"both", 5, 0, 1000, "block deviations",
                 "the same where the validation loss gains too: 2 % of its fall, 4 deviations",
                 "as for noise"},
    [P1_AREA] = {"area", 0.1, 0, 1, "",
                 "mean height above the final loss, as a share of the fall, that is needed too "
                 "where the log does not tell the rate: a decaying one ends with a fall",
                 "language models with decaying rates: 0.03 to 0.05"},
};

/* Mean over the run of (loss - final) / fall, each within -1 .. 2. */
static double area_above(const struct lrp_run *run, double fall)
{
    double sum = 0;
    for (size_t b = 0; b < run->blocks.n; b++) {
        sum += fmin(fmax((run->blocks.loss[b] - run->final) / fall, -1), 2);
    }
    return sum / (double)run->blocks.n;
}

/* Whether the fall of the last half looks like that of a rate that was cut or cooled down, where
 * the log does not tell the rate: a step down, or faster at the end than before. */
static bool looks_scheduled(const struct lrp_run *run, double fall, double area)
{
    double third = lrp_run_loss_around(run, 0.5) - lrp_run_loss_around(run, 0.75);
    double last = lrp_run_loss_around(run, 0.75) - run->final;
    return lrp_run_steps_down(run) || last > 1.3 * fmax(third, 0) ||
           !(area_above(run, fall) > area);
}

static void p1_advise(const struct lrp_check_input *in, double recipe, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double lr = lrp_run_peak_rate(run);
    double suggested = in->bounds != NULL ? in->bounds->suggested_lr.value : (double)NAN;
    if (isfinite(suggested)) {
        lrp_finding_advise(
            in, out, P1_BOUNDS,
            LRP_NUMBERS{suggested, in->bounds->base_lr.value, in->bounds->max_lr.value});
    } else if (isfinite(recipe)) {
        lrp_finding_advise(in, out, P1_RECIPES, LRP_NUMBERS{lr, 10 * lr, recipe});
    } else if (isfinite(lr) && lr > 0) {
        lrp_finding_advise(in, out, P1_RATE, LRP_NUMBERS{lr, 3 * lr, 10 * lr});
    }
}

/* Why the end of the curve cannot be held against the rate; false where it can. */
static bool p1_excused(const struct lrp_check_input *in, double left,
                       const struct lrp_late_gain *val, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double suggested = in->bounds != NULL ? in->bounds->suggested_lr.value : (double)NAN;
    double lr = lrp_run_peak_rate(run);
    if (!(run->initial - run->final > 0)) {
        lrp_finding_skip(out, "the loss did not fall, see D1");
    } else if (left < 0.5) {
        lrp_finding_skip(out,
                         "the learning rate decays (to %.2g of its highest): the end of the "
                         "curve is the schedule's",
                         left);
    } else if (run->rate[run->n - 1] > 1.5 * run->rate[run->n / 2]) {
        lrp_finding_skip(out, "the learning rate was still rising at the end");
    } else if (lr > suggested / 1.5) {
        lrp_finding_pass(out, "the learning rate, %.3g, is not below the %.3g of the range test",
                         lr, suggested);
    } else if (val->stands) {
        lrp_finding_pass(out, "val_loss gained nothing over the last quarter: a higher rate would "
                              "only fit the training data sooner");
    } else {
        return false;
    }
    return true;
}

static enum lrp_status p1_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double left = rate_left(run);
    struct lrp_late_gain val = {0};
    bool has_val = lrp_run_late_validation(run, &val);
    if (p1_excused(in, left, &val, out)) {
        return LRP_OK;
    }
    double fall = run->initial - run->final;
    double noise = lrp_run_block_noise(run);
    double late = lrp_run_loss_around(run, 0.75) - run->final;
    double half = (lrp_run_loss_around(run, 0.5) - run->final) / fall;
    double recipe = lrp_lowest_recipe(run, lrp_run_peak_rate(run));
    bool material = run->log_level && late > in->params[P1_GAIN] * run->final &&
                    run->final > in->params[P1_LEFT] * run->initial;
    lrp_finding_measure(out, half, in->params[P1_HALF]);
    bool is_long = half > in->params[P1_HALF] || material;
    /* a validation loss that gains as clearly says that there was more to be had */
    bool both = has_val && val.share > P1_VAL_SHARE && val.deviations > P1_VAL_NOISE;
    double clear = half > in->params[P1_LONG] ? P1_CLEAR
                   : both                     ? in->params[P1_BOTH]
                                              : in->params[P1_NOISE];
    bool smooth = late > clear * noise;
    if (!is_long || (!smooth && !(isfinite(recipe) && late > P1_CLEAR * noise))) {
        return lrp_finding_pass(out,
                                "the last half brought %.2g %% of the fall, the last quarter "
                                "%.2g %%%s",
                                100 * fmax(half, 0), 100 * fmax(late / fall, 0),
                                is_long ? ", amid the noise of a rate that is not low" : "");
    }
    /* a rate that is not logged may decay, and its end falls like that of a low one */
    bool is_straight = half > in->params[P1_LONG];
    if (!isfinite(left) && (!is_straight || looks_scheduled(run, fall, in->params[P1_AREA]))) {
        return lrp_finding_set(
            out, LRP_CHECK_INFO,
            "the last half still brought %.2g %% of the fall; without an lr column "
            "that may be a decaying rate",
            100 * half);
    }
    lrp_finding_span(out, run->blocks.at[run->blocks.n / 2], run->at[run->n - 1]);
    lrp_finding_set(out, LRP_CHECK_WARN,
                    "the last half still brought %.3g %% of the whole fall (%.4g to %.4g), and its "
                    "last quarter %.3g times the noise: so long and calm a fall is that of a low "
                    "rate",
                    100 * half, lrp_run_loss_around(run, 0.5), run->final, fmin(late / noise, 999));
    p1_advise(in, recipe, out);
    return LRP_OK;
}

const struct lrp_check lrp_check_P1 = {
    .id = "P1",
    .title = "slow convergence",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 20,
    .verdict = LRP_VERDICT_SLOW,
    .family = LRP_FAMILY_PROGRESS,
    .flags = LRP_CHECK_ADVISES_HIGHER,
    .method = "Whether a higher rate would have helped: the last half of the run brought a tenth "
              "of the whole fall (or the last quarter a twentieth of the loss), and that fall is "
              "calm, far clear of the noise of block medians. At a good constant rate the trend "
              "has drowned in noise by then. Not judged where the rate decays or still rises, nor "
              "where the validation loss stands still; a loss that merely falls on is told by P2. "
              "Bounds and runs at other rates (R3) and the size of updates (R1) are further "
              "evidence.",
    .remedy = "Raise the learning rate by 3 to 10, train longer, use momentum or Adam, normalise "
              "the inputs.",
    .advice = {[P1_BOUNDS] =
                   "Raise the learning rate to about {2}: the range test found {2} .. {2}.",
               [P1_RATE] = "Raise the learning rate from {2} to about {2}, and to {2} if that is "
                           "still slow (a range test finds the limit). Else train longer, use "
                           "momentum or Adam, or normalise the inputs.",
               [P1_RECIPES] =
                   "Raise the learning rate from {2} to about {2}, and by 10 again while it stays "
                   "slow: published recipes for this optimizer begin at {2} (lrprobe list "
                   "recipes). A range test finds the limit."},
    .source = "CS231n (a low rate falls linearly, a good one exponentially); statistic ours",
    LRP_CHECK_PARAM_TABLE(p1_params),
    .run = p1_run,
};

/* ---- P4 ------------------------------------------------------------------------------------ */

enum { P4_RATE = 1 }; /* advice */
enum { P4_LEVEL, P4_GAIN };
#define P4_NOISE_MOST 0.17 /* of the fall: more hides whether it stands still */
#define P4_DIP_MOST   0.2  /* of the fall, and the noise: a loss that was lower has risen since */
static const struct lrp_check_param p4_params[] = {
    [P4_LEVEL] = {"level", 0.4, 0.01, 1, "",
                  "final loss / first loss above which a plateau is high",
                  "chosen alike without each source, see reports/calibration.md"},
    [P4_GAIN] = {"gain", 0.03, 0, 1, "of the fall",
                 "gain over the last four fifths below which the run stands still",
                 "0.01 is chosen without each source; this finds more, at 3 % of "
                 "AlgoPerf's good runs; see reports/calibration.md"},
};

static enum lrp_status p4_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double fall = run->initial - run->final;
    double early = lrp_run_loss_around(run, 0.2);
    if (!run->log_level || !lrp_run_starts_untrained(run)) {
        return lrp_finding_skip(out, "%s",
                                run->log_level
                                    ? "the loss before training is not in the log"
                                    : "the loss may be negative: it has no natural zero");
    }
    double level = run->final / run->initial;
    if (!(level < 0.95)) {
        return lrp_finding_skip(out, "the loss did not fall, see D1");
    }
    double gain = (early - run->final) / fall;
    lrp_finding_measure(out, level, in->params[P4_LEVEL]);
    /* 2.3 deviations of the difference of the two medians, of five blocks and of a tenth of them: a
     * gain within that is none, a larger one is, however much noise there is */
    double noise = 1.6 * lrp_run_block_noise(run) / fall;
    if (level > in->params[P4_LEVEL] && noise > P4_NOISE_MOST) {
        return lrp_finding_skip(out, "noise of %.2g %% of the fall hides whether it stands still",
                                100 * noise);
    }
    if (level > in->params[P4_LEVEL] &&
        run->final - run->lowest > (P4_DIP_MOST + 3 * noise) * fall) {
        return lrp_finding_pass(out,
                                "it does not stand still: it was down to %.4g at %s %.8g, see D3",
                                run->lowest, run->position, run->lowest_at);
    }
    if (!(level > in->params[P4_LEVEL]) || !(gain < fmax(in->params[P4_GAIN], noise))) {
        return lrp_finding_pass(
            out,
            "it ended at %.3g of its first value, and %.2g %% of the fall came after "
            "the first fifth",
            level, 100 * fmax(gain, 0));
    }
    lrp_finding_span(out, run->blocks.at[run->blocks.n / 5], run->at[run->n - 1]);
    lrp_finding_set(out, LRP_CHECK_WARN,
                    "since %s %.8g the loss has stood at about %.4g, %.0f %% of its first value",
                    run->position, out->first_step, run->final, 100 * level);
    double lr = lrp_run_rate_at(run, out->first_step);
    lrp_finding_advise(in, out, P4_RATE, LRP_NUMBERS{lr / 10, lr});
    return LRP_OK;
}

const struct lrp_check lrp_check_P4 = {
    .id = "P4",
    .title = "stands still at a high loss",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 20,
    .verdict = LRP_VERDICT_PLATEAU,
    .family = LRP_FAMILY_PROGRESS,
    .flags = LRP_CHECK_BEFORE_SPIKES,
    .method = "The loss ended high, measured by its first value, and the last four fifths of the "
              "run brought next to nothing of the fall. Needs the loss before training.",
    .remedy = "Run a range test: most often the learning rate is too high. Then look for dead "
              "units, a model that is too small, or labels that cannot be told from the inputs.",
    .advice = {[P4_RATE] = "Most often the learning rate is too high: try {2} instead of {2}, or "
                           "run a range test. If the plateau stays, look for dead units, a model "
                           "that is too small, or labels that cannot be told from the inputs."},
    .source = "CS231n (a high rate gets stuck at a worse loss); thresholds ours",
    LRP_CHECK_PARAM_TABLE(p4_params),
    .run = p4_run,
};
