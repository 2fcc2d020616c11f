/* SPDX-License-Identifier: MIT */
/* Oscillation from point to point: zig-zag, flapping accuracies. */
#include "alloc.h"
#include "checks_table.h"
#include "measure.h"
#include "robust.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- O1 ------------------------------------------------------------------------------------ */

enum { O1_RATE = 1 }; /* advice */
enum { O1_RATIO, O1_TURNS, O1_SIZE, O1_COSINE };
static const struct lrp_check_param o1_params[] = {
    [O1_RATIO] = {"ratio", 1.4, 1, 100, "",
                  "size of the steps between neighbours / between next neighbours; 1 for noise, "
                  "1.4 for a lag-1 correlation of -0.5",
                  "algebra of an AR(1) process"},
    [O1_TURNS] = {"turns", 0.78, 0.6667, 1, "",
                  "share of points that are turning points; 2/3 for noise", "Bienayme 1874"},
    [O1_SIZE] = {"size", 0.02, 0, 10, "of the level", "size of the zig-zag that matters", "design"},
    [O1_COSINE] = {"cosine", -0.5, -1, 0, "",
                   "cosine between successive gradients below which they turn round",
                   "runs of the built-in trainer: -0.3 and above with mini-batches, -0.9 and below "
                   "for gradient descent at its limit"},
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

/* Gradients that turn round from step to step though the loss does not follow them: information,
 * since gradient descent often trains well at the edge of stability. */
static void o1_pass(const struct lrp_run *run, const double *params, double turns,
                    struct lrp_finding *out)
{
    const struct lrp_metric_series *cosines = lrp_run_series(run, LRP_METRIC_GRAD_COSINE, 20);
    const struct lrp_metric_series *sharpness = lrp_run_series(run, LRP_METRIC_SHARPNESS, 1);
    double cosine =
        cosines != NULL ? lrp_series_median(cosines, cosines->n / 2, cosines->n) : (double)NAN;
    double lr = run->rate[run->n - 1];
    char product[100] = "";
    if (!(cosine < params[O1_COSINE])) {
        lrp_finding_pass(out,
                         "%.0f %% of the points of the last half are turning points (noise: 67 %%)",
                         100 * turns);
        return;
    }
    if (sharpness != NULL && lr > 0) {
        (void)snprintf(product, sizeof product,
                       "; lr times sharpness is %.3g, and plain gradient descent turns at 2",
                       lr * lrp_series_final(sharpness));
    }
    lrp_finding_span(out, cosines->at[cosines->n / 2], cosines->at[cosines->n - 1]);
    lrp_finding_set(out, LRP_CHECK_INFO,
                    "the loss does not go up and down by turns, but the gradient turns round from "
                    "step to step (cosine %.2g over the last half%s): the rate is at the edge of "
                    "stability, where training may go well",
                    cosine, product);
}

static enum lrp_status o1_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    size_t n = run->n - run->n / 2;
    n = n < O1_POINTS ? n : (size_t)O1_POINTS;
    /* few points: the residual's own short window would look like a zig-zag */
    const double *values = (run->n < 500 ? run->level : run->residual) + (run->n - n);
    double *scratch = lrp_calloc_array(n, sizeof *scratch);
    LRP_TRY_MEMORY(scratch, in->err);
    double one = step_size(values, n, 1, scratch);
    double two = step_size(values, n, 2, scratch);
    free(scratch);
    double turns = (double)turning_points(values, n) / (double)(n - 2);
    /* noise alone stays below this share with a chance of 0.999 (Kendall 1973: variance (16 n - 29)
     * / 90) */
    double chance = 2.0 / 3 + 3.1 * sqrt((16 * (double)n - 29) / 90) / (double)(n - 2);
    double amplitude = 0.5 * one;
    bool pattern = false;
    LRP_TRY(lrp_repeats_odd(values, n, &pattern, in->err));
    lrp_finding_measure(out, one / two, in->params[O1_RATIO]);
    if (!(out->value > in->params[O1_RATIO]) || !(turns > fmax(in->params[O1_TURNS], chance)) ||
        !(amplitude > in->params[O1_SIZE])) {
        o1_pass(run, in->params, turns, out);
        return LRP_OK;
    }
    lrp_finding_span(out, run->at[run->n - n], run->at[run->n - 1]);
    in->evidence->oscillation.from = out->first_step;
    in->evidence->oscillation.to = out->last_step;
    in->evidence->oscillation.period = 2 * (out->last_step - out->first_step) / (double)(n - 1);
    in->evidence->oscillation.amplitude = amplitude * run->level_unit;
    if (pattern) {
        return lrp_finding_set(
            out, LRP_CHECK_INFO,
            "the loss goes up and down by turns, but in a pattern with an odd period: "
            "most likely the data come in a fixed order");
    }
    lrp_finding_set(out, LRP_CHECK_WARN,
                    "over the last half the loss goes up and down by turns: %.0f %% of the points "
                    "are turning points, steps of %.2g %% of the level",
                    100 * turns, 100 * one);
    double lr = lrp_run_rate_at(run, out->first_step);
    lrp_finding_advise(in, out, O1_RATE, LRP_NUMBERS{lr, lr / 2});
    return LRP_OK;
}

const struct lrp_check lrp_check_O1 = {
    .id = "O1",
    .title = "zig-zag",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 40,
    .verdict = LRP_VERDICT_OSCILLATING,
    .family = LRP_FAMILY_OSCILLATION,
    .method = "Over the last half: steps between neighbours that are larger than steps between "
              "next neighbours, and more turning points than noise has. Both are blind to the "
              "trend. A rate above 2 / sharpness makes gradient descent jump to and fro across the "
              "valley. Where the loss does not show it but grad_cosine lies below -0.5, that is "
              "told: the edge of stability, no fault.",
    .remedy = "Halve the learning rate, or lower the momentum (or use Nesterov's).",
    .advice = {[O1_RATE] = "The rate is at the limit of stability: lower it from {2} to {2}, or "
                           "lower the momentum."},
    .source = "Cohen et al. 2021, Gradient Descent on Neural Networks Typically Occurs at the Edge "
              "of Stability; turning points: Bienayme 1874",
    LRP_CHECK_PARAM_TABLE(o1_params),
    .run = o1_run,
};

/* ---- O5 ------------------------------------------------------------------------------------ */

enum { O5_SIZE, O5_SHARE };
static const struct lrp_check_param o5_params[] = {
    [O5_SIZE] = {"size", 0.03, 0, 1, "accuracy",
                 "difference between neighbouring extremes that counts", "AUTOTRAINER (zeta)"},
    [O5_SHARE] = {"share", 0.3, 0, 1, "of the rows", "share of such pairs from which it is told",
                  "AUTOTRAINER has 0.2, which flags 13 % of the good CIFAR-10 runs"},
};

static enum lrp_status o5_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *series = &run->metric[LRP_METRIC_ACCURACY];
    size_t pairs = 0;
    double extreme = series->value[0];
    double direction = 0;
    if (!run->epoch_log) {
        return lrp_finding_skip(
            out, "accuracies of single batches flap by chance; rows of epochs are needed");
    }
    for (size_t i = 1; i < series->n; i++) {
        double step = series->value[i] - series->value[i - 1];
        if (!isfinite(step)) {
            continue;
        }
        if (direction != 0 && step * direction < 0) { /* the value before was an extreme */
            pairs += fabs(series->value[i - 1] - extreme) >= in->params[O5_SIZE] ? 1 : 0;
            extreme = series->value[i - 1];
        }
        direction = step != 0 ? step : direction;
    }
    lrp_finding_measure(out, (double)pairs / (double)series->n, in->params[O5_SHARE]);
    bool flaps = out->value >= in->params[O5_SHARE];
    /* never an alarm: two points of sampling noise do the same, and no set of labelled runs has
     * more such swings in its bad runs than in its good ones (reports/calibration.md) */
    lrp_finding_set(out, flaps ? LRP_CHECK_INFO : LRP_CHECK_PASS,
                    "the training accuracy turned by %.2g or more %zu times in %zu rows",
                    in->params[O5_SIZE], pairs, series->n);
    if (flaps) {
        lrp_finding_span(out, series->at[0], series->at[series->n - 1]);
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_O5 = {
    .id = "O5",
    .title = "the accuracy flaps",
    .needs = "accuracy",
    .metrics = LRP_NEEDS(ACCURACY),
    .least = 15,
    .verdict = LRP_VERDICT_OSCILLATING,
    .family = LRP_FAMILY_OSCILLATION,
    .method = "Counts swings of the training accuracy of epochs between neighbouring extremes that "
              "differ by 3 points and more. Never an alarm: noise of two points looks the same.",
    .remedy = "Lower the learning rate by 10, take a larger batch, or another optimizer.",
    .source = "AUTOTRAINER (ICSE 2021), oscillating loss",
    LRP_CHECK_PARAM_TABLE(o5_params),
    .run = o5_run,
};
