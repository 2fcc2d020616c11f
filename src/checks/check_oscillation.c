/* SPDX-License-Identifier: MIT */
/* Oscillation: zig-zag, periods, the period of an epoch, noise that hides the progress. */
#include "alloc.h"
#include "checks_table.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>

#define LOSS (1U << LRP_METRIC_LOSS)

/* ---- O1 ------------------------------------------------------------------------------------ */

enum { O1_RATIO, O1_TURNS, O1_SIZE };
static const struct lrp_check_param o1_params[] = {
    [O1_RATIO] = {"ratio", 1.4, 1, 100, "",
                  "size of the steps between neighbours / between next neighbours; 1 for noise, "
                  "1.4 for a lag-1 correlation of -0.5",
                  "algebra of an AR(1) process"},
    [O1_TURNS] = {"turns", 0.78, 0.6667, 1, "",
                  "share of points that are turning points; 2/3 for noise", "Bienayme 1874"},
    [O1_SIZE] = {"size", 0.02, 0, 10, "of the level", "size of the zig-zag that matters", "design"},
};
enum { O1_POINTS = 1 << 16 };

/* Robust size of the differences between points that lie lag apart. scratch: n values. */
static double step_size(const double *values, size_t n, size_t lag, double *scratch)
{
    for (size_t i = 0; i + lag < n; i++) {
        scratch[i] = fabs(values[i + lag] - values[i]);
    }
    return lrp_median_in_place(scratch, n - lag);
}

static size_t turning_points(const double *values, size_t n)
{
    size_t count = 0;
    for (size_t i = 1; i + 1 < n; i++) {
        bool peak = values[i] > values[i - 1] && values[i] > values[i + 1];
        bool trough = values[i] < values[i - 1] && values[i] < values[i + 1];
        count += peak || trough ? 1 : 0;
    }
    return count;
}

static void o1_run(const struct lrp_check_input *in, const double *params, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    size_t n = run->n - run->n / 2;
    n = n < O1_POINTS ? n : (size_t)O1_POINTS;
    /* few points: the residual's own short window would look like a zig-zag */
    const double *values = (run->n < 500 ? run->level : run->residual) + (run->n - n);
    double *scratch = lrp_calloc_array(n, sizeof *scratch);
    if (scratch == NULL) {
        lrp_finding_skip(out, "out of memory");
        return;
    }
    double one = step_size(values, n, 1, scratch);
    double two = step_size(values, n, 2, scratch);
    free(scratch);
    double turns = (double)turning_points(values, n) / (double)(n - 2);
    /* noise alone stays below this share with a chance of 0.999 (Kendall 1973: variance (16 n - 29)
     * / 90) */
    double chance = 2.0 / 3 + 3.1 * sqrt((16 * (double)n - 29) / 90) / (double)(n - 2);
    double amplitude = 0.5 * one;
    out->value = one / two;
    out->threshold = params[O1_RATIO];
    if (!(out->value > params[O1_RATIO]) || !(turns > fmax(params[O1_TURNS], chance)) ||
        !(amplitude > params[O1_SIZE])) {
        lrp_finding_set(out, LRP_CHECK_PASS,
                        "%.0f %% of the points of the last half are turning points (noise: 67 %%)",
                        100 * turns);
        return;
    }
    out->first_step = run->at[run->n - n];
    out->last_step = run->at[run->n - 1];
    in->evidence->oscillation.from = out->first_step;
    in->evidence->oscillation.to = out->last_step;
    in->evidence->oscillation.period = 2 * (out->last_step - out->first_step) / (double)(n - 1);
    in->evidence->oscillation.amplitude = amplitude * (run->log_level ? run->final : 1);
    lrp_finding_set(out, LRP_CHECK_WARN,
                    "over the last half the loss goes up and down by turns: %.0f %% of the points "
                    "are turning points, steps of %.2g %% of the level",
                    100 * turns, 100 * one);
    double lr = run->rate[run->n - 1];
    if (isfinite(lr) && lr > 0) {
        lrp_finding_advise(out,
                           "The rate is at the limit of stability: lower it from %.2g to %.2g, or "
                           "lower the momentum.",
                           lr, lr / 2);
    }
}

const struct lrp_check lrp_check_O1 = {
    .id = "O1",
    .title = "zig-zag",
    .needs = "loss",
    .metrics = LOSS,
    .least = 40,
    .verdict = LRP_VERDICT_OSCILLATING,
    .method = "Over the last half: steps between neighbours that are larger than steps between "
              "next neighbours, and more turning points than noise has. Both are blind to the "
              "trend. A rate above 2 / sharpness makes gradient descent jump to and fro across the "
              "valley.",
    .remedy = "Halve the learning rate, or lower the momentum (or use Nesterov's).",
    .source = "Cohen et al. 2021, Gradient Descent on Neural Networks Typically Occurs at the Edge "
              "of Stability; turning points: Bienayme 1874",
    .params = o1_params,
    .n_params = sizeof o1_params / sizeof o1_params[0],
    .run = o1_run,
};

/* ---- O4 ------------------------------------------------------------------------------------ */

enum { O4_NOISE, O4_GAIN };
static const struct lrp_check_param o4_params[] = {
    [O4_NOISE] = {"noise", 0.01, 0, 1, "of the fall",
                  "noise of a block median from which it can hide progress",
                  "leave-one-problem-out on DeepOBS, see reports/calibration.md"},
    [O4_GAIN] = {"gain", 0.05, 0, 1, "of the fall",
                 "gain over the last four fifths below which the run stands still",
                 "leave-one-problem-out on DeepOBS, see reports/calibration.md"},
};

static void o4_run(const struct lrp_check_input *in, const double *params, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double fall = run->initial - run->final;
    double noise = lrp_run_block_noise(run) / fall;
    double gain = (lrp_run_loss_around(run, 0.2) - run->final) / fall;
    if (!(fall > 0) || (run->log_level && !(run->final < 0.95 * run->initial))) {
        lrp_finding_skip(out, "the loss did not fall, see D1");
        return;
    }
    out->value = noise;
    out->threshold = params[O4_NOISE];
    if (!(noise > params[O4_NOISE]) || !(gain < params[O4_GAIN])) {
        lrp_finding_set(out, LRP_CHECK_PASS,
                        "noise of %.2g %% of the fall; %.2g %% of it came after the first fifth",
                        100 * noise, 100 * fmax(gain, 0));
        return;
    }
    out->first_step = run->blocks.at[run->blocks.n / 5];
    out->last_step = run->at[run->n - 1];
    lrp_finding_set(out, LRP_CHECK_WARN,
                    "since %s %.6g the loss has rattled about %.4g by %.2g %% of its fall and has "
                    "gained no more than %.2g %%",
                    run->position, out->first_step, run->final, 100 * noise, 100 * fmax(gain, 0));
    double lr = run->rate[run->n - 1];
    if (isfinite(lr) && lr > 0) {
        lrp_finding_advise(out,
                           "Lower the learning rate from %.2g to about %.2g, or let it decay over "
                           "the run; a larger batch and averaged weights calm it too.",
                           lr, lr / 3);
    }
}

const struct lrp_check lrp_check_O4 = {
    .id = "O4",
    .title = "noise hides the progress",
    .needs = "loss",
    .metrics = LOSS,
    .least = 20,
    .verdict = LRP_VERDICT_OSCILLATING,
    .method = "The noise of block medians over the last half, in units of the whole fall, where "
              "the last four fifths of the run brought next to nothing: the rate is too high for "
              "the loss to settle.",
    .remedy = "Lower the learning rate by 3 or let it decay; a larger batch and averaged weights "
              "calm it too.",
    .source = "Google, Deep Learning Tuning Playbook (noise late in training); thresholds ours",
    .params = o4_params,
    .n_params = sizeof o4_params / sizeof o4_params[0],
    .run = o4_run,
};

/* ---- O5 ------------------------------------------------------------------------------------ */

enum { O5_SIZE, O5_SHARE };
static const struct lrp_check_param o5_params[] = {
    [O5_SIZE] = {"size", 0.03, 0, 1, "accuracy",
                 "difference between neighbouring extremes that counts", "AUTOTRAINER (zeta)"},
    [O5_SHARE] = {"share", 0.3, 0, 1, "of the rows", "share of such pairs from which it warns",
                  "AUTOTRAINER has 0.2, which flags 13 % of the good CIFAR-10 runs"},
};

static void o5_run(const struct lrp_check_input *in, const double *params, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *series = &run->metric[LRP_METRIC_ACCURACY];
    size_t pairs = 0;
    double extreme = series->value[0];
    double direction = 0;
    if (!run->epoch_log) {
        lrp_finding_skip(out,
                         "accuracies of single batches flap by chance; rows of epochs are needed");
        return;
    }
    for (size_t i = 1; i < series->n; i++) {
        double step = series->value[i] - series->value[i - 1];
        if (!isfinite(step)) {
            continue;
        }
        if (direction != 0 && step * direction < 0) { /* the value before was an extreme */
            pairs += fabs(series->value[i - 1] - extreme) >= params[O5_SIZE] ? 1 : 0;
            extreme = series->value[i - 1];
        }
        direction = step != 0 ? step : direction;
    }
    out->value = (double)pairs / (double)series->n;
    out->threshold = params[O5_SHARE];
    bool flaps = out->value >= params[O5_SHARE];
    lrp_finding_set(out, flaps ? LRP_CHECK_WARN : LRP_CHECK_PASS,
                    "the training accuracy turned by %.2g or more %zu times in %zu rows",
                    params[O5_SIZE], pairs, series->n);
    if (flaps) {
        out->first_step = series->at[0];
        out->last_step = series->at[series->n - 1];
    }
}

const struct lrp_check lrp_check_O5 = {
    .id = "O5",
    .title = "the accuracy flaps",
    .needs = "accuracy",
    .metrics = 1U << LRP_METRIC_ACCURACY,
    .least = 15,
    .verdict = LRP_VERDICT_OSCILLATING,
    .method = "Counts swings of the training accuracy of epochs between neighbouring extremes that "
              "differ by 3 points and more.",
    .remedy = "Lower the learning rate by 10, take a larger batch, or another optimizer.",
    .source = "AUTOTRAINER (ICSE 2021), oscillating loss",
    .params = o5_params,
    .n_params = sizeof o5_params / sizeof o5_params[0],
    .run = o5_run,
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

static void o6_run(const struct lrp_check_input *in, const double *params, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    size_t quarter = run->blocks.n / 4;
    double fall = run->initial - fmin(run->final, run->lowest);
    if (quarter < LRP_BLOCKS_LEAST || !(fall > 0)) {
        lrp_finding_skip(out, "%s", fall > 0 ? "too few loss points" : "the loss never fell");
        return;
    }
    double before = lrp_noise_of(run->blocks.loss + quarter, quarter) / fall;
    double after = lrp_noise_of(run->blocks.loss + run->blocks.n - quarter, quarter) / fall;
    out->value = after / before;
    out->threshold = params[O6_GROWTH];
    if (!(after > params[O6_GROWTH] * before) || !(after > params[O6_SIZE])) {
        lrp_finding_set(out, LRP_CHECK_PASS,
                        "noise of %.2g %% of the fall in the second quarter, %.2g %% in the last",
                        100 * before, 100 * after);
        return;
    }
    out->first_step = run->blocks.at[run->blocks.n - quarter];
    out->last_step = run->at[run->n - 1];
    lrp_finding_set(out, LRP_CHECK_WARN,
                    "the noise of the loss grew %.3g times, from %.2g %% of the fall in the second "
                    "quarter to %.2g %% in the last",
                    out->value, 100 * before, 100 * after);
}

const struct lrp_check lrp_check_O6 = {
    .id = "O6",
    .title = "growing oscillation",
    .needs = "loss",
    .metrics = LOSS,
    .least = 40,
    .verdict = LRP_VERDICT_OSCILLATING,
    .method = "The noise of block medians in the last quarter against that in the second one, both "
              "in units of the whole fall.",
    .remedy = "Let the learning rate decay over the run, or lower it by 3; clip the gradient norm.",
    .source = "design",
    .params = o6_params,
    .n_params = sizeof o6_params / sizeof o6_params[0],
    .run = o6_run,
};
