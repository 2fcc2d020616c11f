/* SPDX-License-Identifier: MIT */
/* Oscillation with a period: lines in the spectrum, the order of the data. */
#include "alloc.h"
#include "checks_table.h"
#include "phases.h"
#include "spectrum.h"

#include <math.h>
#include <stdlib.h>

#define LOSS (1U << LRP_METRIC_LOSS)

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
            lrp_explained_by_phases(values, n, (size_t)period, scratch) > peak->share + 0.08) {
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
    .family = LRP_FAMILY_OSCILLATION,
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
    .family = LRP_FAMILY_OSCILLATION,
    .method = "The autocorrelation of the loss at the length of an epoch (found where the log does "
              "not tell it) against the lags beside it. Never an alarm; what recurs is removed "
              "before O1, O2 and K1 look.",
    .remedy = "Shuffle the data anew each epoch.",
    .source = "measured on DeepOBS",
    .params = o3_params,
    .n_params = sizeof o3_params / sizeof o3_params[0],
    .run = o3_run,
};
