/* SPDX-License-Identifier: MIT */
/* Noise: so much of it that it hides the progress, noise that grows. */
#include "alloc.h"
#include "checks_table.h"
#include "measure.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>

/* ---- O4 ------------------------------------------------------------------------------------ */

enum { O4_RATE = 1 }; /* advice */
enum { O4_NOISE, O4_GAIN, O4_FAIL };
#define O4_WANDER 1.5
static const struct lrp_check_param o4_params[] = {
    [O4_NOISE] = {"noise", 0.01, 0, 1, "of the fall",
                  "noise of a block median from which it can hide progress",
                  "chosen alike without each of nine sources, see reports/calibration.md"},
    [O4_GAIN] = {"gain", 0.02, 0, 1, "of the fall",
                 "gain over the last four fifths below which the run stands still",
                 "chosen alike without each of nine sources, see reports/calibration.md"},
    [O4_FAIL] = {"fail", 0.1, 0, 10, "of the fall", "noise from which it fails",
                 "step-back: 13 to 43 % in runs that blew up; DeepOBS, AlgoPerf: no run"},
};

/* Whether the blocks' noise is more than the noise of single points explains: batches differ by
 * chance, but a rate that is too high makes the weights themselves wander, and that lasts longer
 * than one point. Rows of epochs have no such noise of batches. */
static bool noise_is_of_weights(const struct lrp_run *run, double block_noise)
{
    double points = (double)run->blocks.points_per_block;
    /* 1.2533: the deviation of a median over that of a mean */
    double by_chance = 1.2533 * run->sigma * run->level_unit / sqrt(points);
    return run->epoch_log || (points >= 5 && block_noise > O4_WANDER * by_chance);
}

static enum lrp_status o4_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double fall = run->initial - run->final;
    double noise = lrp_run_block_noise(run) / fall;
    double gain = (lrp_run_loss_around(run, 0.2) - run->final) / fall;
    if (!(fall > 0) || (run->log_level && !(run->final < 0.95 * run->initial))) {
        return lrp_finding_skip(out, "the loss did not fall, see D1");
    }
    if (noise > in->params[O4_NOISE] && !noise_is_of_weights(run, noise * fall)) {
        return lrp_finding_skip(
            out, "the noise is that of single batches: means over epochs would tell");
    }
    lrp_finding_measure(out, noise, in->params[O4_NOISE]);
    /* twice the noise of the two medians that are compared */
    if (!(noise > in->params[O4_NOISE]) || !(gain < in->params[O4_GAIN] + 1.4 * noise)) {
        return lrp_finding_pass(
            out, "noise of %.2g %% of the fall; %.2g %% of it came after the first fifth",
            100 * noise, 100 * fmax(gain, 0));
    }
    lrp_finding_span(out, run->blocks.at[run->blocks.n / 5], run->at[run->n - 1]);
    lrp_finding_set(out, noise > in->params[O4_FAIL] ? LRP_CHECK_FAIL : LRP_CHECK_WARN,
                    "since %s %.8g the loss has rattled about %.4g by %.2g %% of its fall and has "
                    "gained no more than %.2g %%",
                    run->position, out->first_step, run->final, 100 * noise, 100 * fmax(gain, 0));
    double lr = lrp_run_rate_at(run, out->first_step);
    lrp_finding_advise(in, out, O4_RATE, LRP_NUMBERS{lr, lr / 3});
    return LRP_OK;
}

const struct lrp_check lrp_check_O4 = {
    .id = "O4",
    .title = "noise hides the progress",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 20,
    .verdict = LRP_VERDICT_OSCILLATING,
    .family = LRP_FAMILY_OSCILLATION,
    .method = "The noise of block medians over the last half, in units of the whole fall, where "
              "the last four fifths of the run brought next to nothing: the rate is too high for "
              "the loss to settle.",
    .remedy = "Lower the learning rate by 3 or let it decay; a larger batch and averaged weights "
              "calm it too.",
    .advice = {[O4_RATE] = "Lower the learning rate from {2} to about {2}, or let it decay over "
                           "the run; a larger batch and averaged weights calm it too."},
    .source = "Google, Deep Learning Tuning Playbook (noise late in training); thresholds ours",
    LRP_CHECK_PARAM_TABLE(o4_params),
    .run = o4_run,
};

/* ---- O6 ------------------------------------------------------------------------------------ */

enum { O6_GROWTH, O6_SIZE };
static const struct lrp_check_param o6_params[] = {
    [O6_GROWTH] = {"growth", 3, 1, 1000, "x",
                   "noise of the last quarter / noise of the second one from which it warns",
                   "design"},
    [O6_SIZE] = {"size", 0.01, 0, 1, "of the fall", "noise of the last quarter that matters",
                 "the limit of O4"},
};

/* Robust deviation of the residual of the points [begin, end) in units of the loss. scratch: end -
 * begin values. */
static double point_noise(const struct lrp_run *run, size_t begin, size_t end, double *scratch)
{
    for (size_t i = begin; i < end; i++) {
        double trend = run->log_level ? exp(run->level[i] - run->residual[i])
                                      : (run->level[i] - run->residual[i]) * run->level_unit;
        scratch[i - begin] = fabs(run->loss[i] - trend);
    }
    return lrp_sigma_of_deviations(scratch, end - begin);
}

static enum lrp_status o6_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    size_t quarter = run->n / 4;
    double fall = run->initial - fmin(run->final, run->lowest);
    if (!(fall > 0)) {
        return lrp_finding_skip(out, "the loss never fell");
    }
    double *scratch = lrp_calloc_array(quarter + 1, sizeof *scratch);
    LRP_TRY_MEMORY(scratch, in->err);
    double before = point_noise(run, quarter, 2 * quarter, scratch) / fall;
    double after = point_noise(run, run->n - quarter, run->n, scratch) / fall;
    free(scratch);
    lrp_finding_measure(out, after / before, in->params[O6_GROWTH]);
    if (!(after > in->params[O6_GROWTH] * before) || !(after > in->params[O6_SIZE])) {
        return lrp_finding_pass(
            out, "noise of %.2g %% of the fall in the second quarter, %.2g %% in the last",
            100 * before, 100 * after);
    }
    lrp_finding_span(out, run->at[run->n - quarter], run->at[run->n - 1]);
    return lrp_finding_set(
        out, LRP_CHECK_WARN,
        "the noise of the loss grew %.3g times, from %.2g %% of the fall in the second "
        "quarter to %.2g %% in the last",
        out->value, 100 * before, 100 * after);
}

const struct lrp_check lrp_check_O6 = {
    .id = "O6",
    .title = "growing oscillation",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 40,
    .verdict = LRP_VERDICT_OSCILLATING,
    .family = LRP_FAMILY_OSCILLATION,
    .method = "The noise of single points in the last quarter against that in the second one, both "
              "in units of the whole fall.",
    .remedy = "Let the learning rate decay over the run, or lower it by 3; clip the gradient norm.",
    .source = "design",
    LRP_CHECK_PARAM_TABLE(o6_params),
    .run = o6_run,
};
