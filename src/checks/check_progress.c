/* SPDX-License-Identifier: MIT */
/* Progress: too slow, or stopped too high. */
#include "checks_table.h"
#include "measure.h"

#include <math.h>
#include <string.h>

/* The rate's last value over its largest, NaN where it is not known. */
static double rate_left(const struct lrp_run *run)
{
    double highest = 0;
    for (size_t i = 0; i < run->n; i++) {
        highest = run->rate[i] > highest ? run->rate[i] : highest;
    }
    return highest > 0 ? run->rate[run->n - 1] / highest : (double)NAN;
}

/* ---- P1 ------------------------------------------------------------------------------------ */

enum { P1_NOT_THE_RATE = 1, P1_BOUNDS, P1_RATE }; /* advice */
enum { P1_GAIN, P1_NOISE, P1_LARGE, P1_AREA };
static const struct lrp_check_param p1_params[] = {
    [P1_GAIN] = {"gain", 0.008, 0, 1, "of the fall",
                 "gain of the last quarter from which the run counts as unfinished",
                 "leave-one-problem-out on DeepOBS, see reports/calibration.md"},
    [P1_NOISE] = {"noise", 5, 0, 1000, "block deviations",
                  "the gain must be this many deviations of the noise: near a good rate noise "
                  "drowns the trend",
                  "leave-one-problem-out on DeepOBS, see reports/calibration.md"},
    [P1_LARGE] = {"large", 0.04, 0, 1, "of the fall",
                  "gain of the last quarter that counts in spite of noise (3 deviations)",
                  "leave-one-problem-out on DeepOBS, see reports/calibration.md"},
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

static void p1_advise(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double lr = run->rate[run->n - 1];
    double suggested = in->bounds != NULL ? in->bounds->suggested_lr.value : (double)NAN;
    if (isfinite(suggested) && lr > suggested / 1.5) {
        lrp_finding_advise(in, out, P1_NOT_THE_RATE, LRP_NUMBERS{lr, suggested});
    } else if (isfinite(suggested)) {
        lrp_finding_advise(
            in, out, P1_BOUNDS,
            LRP_NUMBERS{suggested, in->bounds->base_lr.value, in->bounds->max_lr.value});
    } else if (isfinite(lr) && lr > 0) {
        lrp_finding_advise(in, out, P1_RATE, LRP_NUMBERS{lr, 3 * lr, 10 * lr});
    }
}

static enum lrp_status p1_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double fall = run->initial - run->final;
    double noise = lrp_run_block_noise(run) / fall;
    double left = rate_left(run);
    if (!(fall > 0)) {
        return lrp_finding_skip(out, "the loss did not fall, see D1");
    }
    if (left < 0.5) {
        return lrp_finding_skip(out,
                                "the learning rate decays (to %.2g of its highest): the end of the "
                                "curve is the schedule's",
                                left);
    }
    if (run->rate[run->n - 1] > 1.5 * run->rate[run->n / 2]) {
        return lrp_finding_skip(out, "the learning rate was still rising at the end");
    }
    double gain = (lrp_run_loss_around(run, 0.75) - run->final) / fall;
    lrp_finding_measure(out, gain, in->params[P1_GAIN]);
    bool slow = (gain > in->params[P1_GAIN] && gain > in->params[P1_NOISE] * noise) ||
                (gain > in->params[P1_LARGE] && gain > 3 * noise);
    if (slow && !isfinite(left) && !(area_above(run, fall) > in->params[P1_AREA])) {
        return lrp_finding_set(
            out, LRP_CHECK_INFO,
            "the last quarter still brought %.2g %% of the fall; without an lr column "
            "that may be a decaying rate",
            100 * gain);
    }
    if (!slow) {
        return lrp_finding_pass(out, "the last quarter brought %.2g %% of the fall",
                                100 * fmax(gain, 0));
    }
    lrp_finding_span(out, run->blocks.at[3 * run->blocks.n / 4], run->at[run->n - 1]);
    lrp_finding_set(out, LRP_CHECK_WARN,
                    "the last quarter still brought %.3g %% of the whole fall (%.4g to %.4g), "
                    "%.3g times the noise: the run ended before it had converged",
                    100 * gain, lrp_run_loss_around(run, 0.75), run->final,
                    fmin(gain / noise, 999));
    p1_advise(in, out);
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
    .method = "The gain of the last quarter as a share of the whole fall, against the noise of "
              "block medians. At a good constant rate the trend has drowned in noise by then; a "
              "curve that is still smooth and falling had too low a rate. Not judged where the "
              "rate decays or still rises.",
    .remedy = "Raise the learning rate by 3 to 10, train longer, use momentum or Adam, normalise "
              "the inputs.",
    .advice = {[P1_NOT_THE_RATE] =
                   "The learning rate, {2}, is not below the {2} of the range test: train longer, "
                   "use momentum or Adam, or normalise the inputs.",
               [P1_BOUNDS] =
                   "Raise the learning rate to about {2}: the range test found {2} .. {2}.",
               [P1_RATE] = "Raise the learning rate from {2} to about {2}, and to {2} if that is "
                           "still slow (a range test finds the limit). Else train longer, use "
                           "momentum or Adam, or normalise the inputs."},
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
    [P4_LEVEL] = {"level", 0.35, 0.01, 1, "",
                  "final loss / first loss above which a plateau is high",
                  "leave-one-problem-out on DeepOBS, see reports/calibration.md"},
    [P4_GAIN] = {"gain", 0.03, 0, 1, "of the fall",
                 "gain over the last four fifths below which the run stands still",
                 "leave-one-problem-out on DeepOBS, see reports/calibration.md"},
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
    double lr = lrp_known_rate(run->rate[run->n - 1]);
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
