/* SPDX-License-Identifier: MIT */
/* Oscillation: zig-zag, periods, the period of an epoch, noise that hides the progress. */
#include "alloc.h"
#include "checks_table.h"
#include "robust.h"
#include "spectrum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    in->evidence->oscillation.amplitude = amplitude * run->level_unit;
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

/* ---- O2 ------------------------------------------------------------------------------------ */

enum { O2_P, O2_SHARE, O2_SIZE };
static const struct lrp_check_param o2_params[] = {
    [O2_P] = {"p", 0.001, 0, 0.1, "", "chance of such a peak in noise, over all periods",
              "Torrence and Compo 1998: red-noise test"},
    [O2_SHARE] = {"share", 0.1, 0, 1, "of the variance", "part of the wobble that is periodic",
                  "design"},
    [O2_SIZE] = {"size", 0.02, 0, 10, "of the level", "amplitude that matters", "as O1"},
};

/* The last half of the run without its trend and without what recurs each epoch; heap memory. */
static double *wobble(const struct lrp_run *run, size_t *n)
{
    size_t begin = run->n >= 256 ? run->n / 2 : 0;
    *n = run->n - begin;
    double *values = lrp_calloc_array(*n, sizeof *values);
    if (values == NULL || lrp_run_detrend(run, begin, *n / 4, values, NULL) != LRP_OK ||
        (run->recurrence.period > 0 &&
         lrp_remove_phase(values, *n, run->recurrence.period, NULL) != LRP_OK)) {
        free(values);
        return NULL;
    }
    return values;
}

/* Amplitude of the sinusoid of that period (in points) that fits best: projections on sine and
 * cosine, over whole periods. */
static double amplitude_at(const double *values, size_t n, double period)
{
    const double turn = 6.28318530717958647692;
    double whole = floor((double)n / period) * period;
    size_t count = whole >= 1 ? (size_t)whole : n;
    double sine = 0;
    double cosine = 0;
    for (size_t i = 0; i < count; i++) {
        sine += values[i] * sin(turn * (double)i / period);
        cosine += values[i] * cos(turn * (double)i / period);
    }
    return 2 * hypot(sine, cosine) / (double)count;
}

/* Share of the variance that the medians of the phases of a period explain, less what they would
 * explain of noise. scratch: n values. */
static double explained_by_phases(const double *values, size_t n, size_t period, double *scratch)
{
    double before = 0;
    double after = 0;
    memcpy(scratch, values, n * sizeof *scratch);
    if (lrp_remove_phase(scratch, n, period, NULL) != LRP_OK) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        before += values[i] * values[i];
        after += scratch[i] * scratch[i];
    }
    return 1 - after / before * (double)n / (double)(n - period);
}

/* Whether a line in the spectrum is one harmonic of a pattern that comes again point by point: data
 * in a fixed order, not an oscillation. Its period is a small multiple of the line's, a whole
 * number of points, and explains clearly more than one sinusoid does. */
static bool is_pattern(const double *values, size_t n, const struct lrp_spectral_peak *peak,
                       double *scratch)
{
    for (size_t multiple = 1; multiple <= 4; multiple++) {
        double exact = (double)multiple * peak->period;
        double period = round(exact);
        bool whole = fabs(exact - period) < 0.02 * exact && period >= 3;
        if (whole && 5 * period <= (double)n &&
            explained_by_phases(values, n, (size_t)period, scratch) > peak->share + 0.08) {
            return true;
        }
    }
    return false;
}

/* What kind of line it is. */
enum line { LINE_NONE, LINE_STEADY, LINE_DAMPED, LINE_PATTERN };

static enum line judge_line(const double *values, size_t n, const struct lrp_spectral_peak *peak,
                            const double *params)
{
    double *scratch = lrp_calloc_array(n, sizeof *scratch);
    enum line line = LINE_STEADY;
    double early = amplitude_at(values, n / 2, peak->period);
    double late = amplitude_at(values + n / 2, n - n / 2, peak->period);
    if (scratch == NULL || !(peak->p < params[O2_P]) || !(peak->share >= params[O2_SHARE]) ||
        !(peak->amplitude > params[O2_SIZE])) {
        line = LINE_NONE;
    } else if (is_pattern(values, n, peak, scratch)) {
        line = LINE_PATTERN;
    } else if (late < 0.5 * early || !(late > params[O2_SIZE])) {
        line = LINE_DAMPED;
    }
    free(scratch);
    return line;
}

static void tell_line(const struct lrp_check_input *in, const struct lrp_spectral_peak *peak,
                      enum line line, double period, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    bool scheduled = !run->constant_lr && run->n_segments > 2;
    out->first_step = run->at[run->n - peak->n];
    out->last_step = run->at[run->n - 1];
    if (line == LINE_PATTERN) {
        lrp_finding_set(out, LRP_CHECK_INFO,
                        "a pattern comes again point by point, strongest every %.3g points: most "
                        "likely the data come in a fixed order",
                        peak->period);
        return;
    }
    in->evidence->oscillation.from = out->first_step;
    in->evidence->oscillation.to = out->last_step;
    in->evidence->oscillation.period = period;
    in->evidence->oscillation.amplitude = peak->amplitude * run->level_unit;
    bool alarm = line == LINE_STEADY && !scheduled;
    lrp_finding_set(out, alarm ? LRP_CHECK_WARN : LRP_CHECK_INFO,
                    "the loss swings with a period of %.3g %ss by %.2g %% of its level; %.2g %% of "
                    "its wobble is that%s%s",
                    period, run->position, 100 * peak->amplitude, 100 * peak->share,
                    line == LINE_DAMPED ? "; it dies away" : "",
                    scheduled ? "; the learning rate goes up and down as well" : "");
}

static void o2_run(const struct lrp_check_input *in, const double *params, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    struct lrp_spectral_peak peak;
    size_t n = 0;
    double *values = wobble(run, &n);
    enum lrp_status status =
        values != NULL ? lrp_spectral_peak(values, n, &peak, NULL) : LRP_E_NOMEM;
    if (status != LRP_OK) {
        free(values);
        lrp_finding_skip(out, "%s",
                         status == LRP_E_NODATA ? "the loss does not wobble at all"
                                                : "out of memory");
        return;
    }
    double span = run->at[run->n - 1] - run->at[run->n - peak.n];
    double period = peak.period * span / (double)(peak.n - 1);
    enum line line = judge_line(values + (n - peak.n), peak.n, &peak, params);
    free(values);
    out->value = peak.share;
    out->threshold = params[O2_SHARE];
    if (line == LINE_NONE) {
        lrp_finding_set(
            out, LRP_CHECK_PASS,
            "no period stands out: the strongest, %.3g %ss, has %.2g %% of the variance", period,
            run->position, 100 * peak.share);
        return;
    }
    tell_line(in, &peak, line, period, out);
}

const struct lrp_check lrp_check_O2 = {
    .id = "O2",
    .title = "periodic oscillation",
    .needs = "loss",
    .metrics = LOSS,
    .least = 64,
    .verdict = LRP_VERDICT_OSCILLATING,
    .method =
        "The strongest line in the spectrum of the loss over the last half, without its "
        "trend and what recurs each epoch, against a red-noise background. A white one would "
        "call the noise of SGD periodic. An oscillation that dies away, one that goes with the "
        "schedule, and a pattern of the data order are told but no alarm.",
    .remedy = "Match the period: cycles of the rate, the order of the data, evaluation or "
              "checkpoints. Where nothing has it, lower the learning rate or the momentum.",
    .source = "Torrence and Compo 1998",
    .params = o2_params,
    .n_params = sizeof o2_params / sizeof o2_params[0],
    .run = o2_run,
};

/* ---- O3 ------------------------------------------------------------------------------------ */

enum { O3_STRENGTH, O3_NEIGHBOURS };
static const struct lrp_check_param o3_params[] = {
    [O3_STRENGTH] = {"strength", 0.2, 0, 1, "", "autocorrelation at the period",
                     "0.40 to 0.83 in 16 of 24 DeepOBS tasks that do not reshuffle"},
    [O3_NEIGHBOURS] = {"neighbours", 4, 1, 1000, "x",
                       "how far it must stand above the lags beside it",
                       "DeepOBS: neighbours of 0.01 to 0.10"},
};

static void o3_run(const struct lrp_check_input *in, const double *params, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    if (run->points_per_epoch < 3) {
        lrp_finding_skip(out, "a row is an epoch: steps are needed");
        return;
    }
    out->value = run->recurrence.strength;
    out->threshold = params[O3_STRENGTH];
    if (run->recurrence.period == 0 || !(run->recurrence.strength > params[O3_STRENGTH]) ||
        !(run->recurrence.strength > params[O3_NEIGHBOURS] * run->recurrence.neighbours)) {
        lrp_finding_set(out, LRP_CHECK_PASS, "the losses do not recur in the same order");
        return;
    }
    lrp_finding_set(out, LRP_CHECK_INFO,
                    "the losses recur every %zu points (correlation %.2f): the batches come in the "
                    "same order each epoch",
                    run->recurrence.period, run->recurrence.strength);
    lrp_finding_advise(out, "Shuffle the data anew each epoch.");
}

const struct lrp_check lrp_check_O3 = {
    .id = "O3",
    .title = "the data come in the same order each epoch",
    .needs = "loss",
    .metrics = LOSS,
    .least = 100,
    .verdict = LRP_VERDICT_UNDECIDED,
    .method = "The autocorrelation of the loss at the length of an epoch (found where the log does "
              "not tell it) against the lags beside it. Never an alarm; what recurs is removed "
              "before O1, O2 and K1 look.",
    .remedy = "Shuffle the data anew each epoch.",
    .source = "measured on DeepOBS",
    .params = o3_params,
    .n_params = sizeof o3_params / sizeof o3_params[0],
    .run = o3_run,
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
    /* twice the noise of the two medians that are compared */
    if (!(noise > params[O4_NOISE]) || !(gain < params[O4_GAIN] + 1.4 * noise)) {
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

/* Robust deviation of the residual of the points [begin, end) in units of the loss. scratch: end -
 * begin values. */
static double point_noise(const struct lrp_run *run, size_t begin, size_t end, double *scratch)
{
    for (size_t i = begin; i < end; i++) {
        double trend = run->log_level ? exp(run->level[i] - run->residual[i])
                                      : (run->level[i] - run->residual[i]) * run->level_unit;
        scratch[i - begin] = fabs(run->loss[i] - trend);
    }
    return 1.4826 * lrp_median_in_place(scratch, end - begin);
}

static void o6_run(const struct lrp_check_input *in, const double *params, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    size_t quarter = run->n / 4;
    double fall = run->initial - fmin(run->final, run->lowest);
    double *scratch = lrp_calloc_array(quarter + 1, sizeof *scratch);
    if (scratch == NULL || !(fall > 0)) {
        free(scratch);
        lrp_finding_skip(out, "%s", fall > 0 ? "out of memory" : "the loss never fell");
        return;
    }
    double before = point_noise(run, quarter, 2 * quarter, scratch) / fall;
    double after = point_noise(run, run->n - quarter, run->n, scratch) / fall;
    free(scratch);
    out->value = after / before;
    out->threshold = params[O6_GROWTH];
    if (!(after > params[O6_GROWTH] * before) || !(after > params[O6_SIZE])) {
        lrp_finding_set(out, LRP_CHECK_PASS,
                        "noise of %.2g %% of the fall in the second quarter, %.2g %% in the last",
                        100 * before, 100 * after);
        return;
    }
    out->first_step = run->at[run->n - quarter];
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
    .method = "The noise of single points in the last quarter against that in the second one, both "
              "in units of the whole fall.",
    .remedy = "Let the learning rate decay over the run, or lower it by 3; clip the gradient norm.",
    .source = "design",
    .params = o6_params,
    .n_params = sizeof o6_params / sizeof o6_params[0],
    .run = o6_run,
};
