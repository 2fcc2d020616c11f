/* SPDX-License-Identifier: MIT */
/* Oscillation with a period: lines in the spectrum, the order of the data. */
#include "alloc.h"
#include "checks_table.h"
#include "measure.h"
#include "robust.h"
#include "spectrum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- O2 ------------------------------------------------------------------------------------ */

enum { O2_P, O2_SHARE, O2_SIZE };
static const struct lrp_check_param o2_params[] = {
    [O2_P] = {"p", 0.001, 0, 0.1, "", "chance of such a peak in noise, over all periods",
              "Torrence and Compo 1998: red-noise test"},
    [O2_SHARE] = {"share", 0.1, 0, 1, "of the variance", "part of the wobble that is periodic",
                  "design"},
    [O2_SIZE] = {"size", 0.02, 0, 10, "of the level", "amplitude that matters", "as O1"},
};

enum { CUT = 5 }; /* deviations */

/* Spikes are for K1, also where they come at regular intervals. */
static enum lrp_status cut_spikes(double *values, size_t n, struct lrp_error *err)
{
    double *sizes = lrp_calloc_array(n, sizeof *sizes);
    LRP_TRY_MEMORY(sizes, err);
    for (size_t i = 0; i < n; i++) {
        sizes[i] = fabs(values[i]);
    }
    double limit = CUT * lrp_sigma_of_deviations(sizes, n);
    for (size_t i = 0; i < n && limit > 0; i++) {
        values[i] = fmin(fmax(values[i], -limit), limit);
    }
    free(sizes);
    return LRP_OK;
}

/* The last half of the run without its trend, spikes, and what recurs each epoch. *values is heap
 * memory. */
static enum lrp_status find_wobble(const struct lrp_check_input *in, double **values, size_t *n)
{
    const struct lrp_run *run = in->run;
    size_t begin = run->n >= 256 ? run->n / 2 : 0;
    *n = run->n - begin;
    *values = lrp_calloc_array(*n, sizeof **values);
    LRP_TRY_MEMORY(*values, in->err);
    LRP_TRY(lrp_run_detrend(run, begin, *n / 4, *values, in->err));
    LRP_TRY(cut_spikes(*values, *n, in->err));
    size_t period = run->recurrence.period;
    return period > 0 ? lrp_remove_phase(*values, *n, period, in->err) : LRP_OK;
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
static enum lrp_status find_pattern(const double *values, size_t n,
                                    const struct lrp_spectral_peak *peak, bool *is_pattern,
                                    struct lrp_error *err)
{
    *is_pattern = false;
    for (size_t multiple = 1; multiple <= 4 && !*is_pattern; multiple++) {
        double exact = (double)multiple * peak->period;
        double period = round(exact);
        double explained = 0;
        if (fabs(exact - period) < 0.02 * exact && period >= 3 && 5 * period <= (double)n) {
            LRP_TRY(lrp_explained_by_phases(values, n, (size_t)period, &explained, err));
        }
        *is_pattern = explained > peak->share + 0.08;
    }
    return LRP_OK;
}

/* What kind of line it is. */
enum line { LINE_NONE, LINE_STEADY, LINE_DAMPED, LINE_PATTERN, LINE_EPOCH };

/* Whether the period is that of the epochs: means that start anew each epoch, the last batch, or
 * batches whose order changes little. n points tell periods apart by a share of period / n. */
static bool is_of_epochs(const struct lrp_run *run, const struct lrp_spectral_peak *peak, size_t n)
{
    double apart = fmax(0.1, peak->period / (double)n);
    double span = run->at[run->n - 1] - run->at[run->n - n];
    bool counts_epochs = strcmp(run->position, "epoch") == 0;
    double epoch = counts_epochs ? (double)(n - 1) / span : run->points_per_epoch;
    return epoch >= 2 && fabs(peak->period / epoch - 1) < apart;
}

static enum lrp_status judge_line(const struct lrp_check_input *in, const double *values, size_t n,
                                  const struct lrp_spectral_peak *peak, enum line *line)
{
    double early = amplitude_at(values, n / 2, peak->period);
    double late = amplitude_at(values + n / 2, n - n / 2, peak->period);
    bool is_pattern = false;
    *line = LINE_NONE;
    if (!(peak->p < in->params[O2_P]) || !(peak->share >= in->params[O2_SHARE]) ||
        !(peak->amplitude > in->params[O2_SIZE])) {
        return LRP_OK;
    }
    LRP_TRY(find_pattern(values, n, peak, &is_pattern, in->err));
    bool damped = late < 0.5 * early || !(late > in->params[O2_SIZE]);
    *line = is_of_epochs(in->run, peak, n) ? LINE_EPOCH
            : is_pattern                   ? LINE_PATTERN
            : damped                       ? LINE_DAMPED
                                           : LINE_STEADY;
    return LRP_OK;
}

static enum lrp_status tell_line(const struct lrp_check_input *in,
                                 const struct lrp_spectral_peak *peak, enum line line,
                                 double period, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    bool scheduled = !run->constant_lr && run->n_segments > 2;
    lrp_finding_span(out, run->at[run->n - peak->n], run->at[run->n - 1]);
    if (line == LINE_EPOCH) {
        return lrp_finding_set(
            out, LRP_CHECK_INFO,
            "the loss swings once an epoch by %.2g %% of its level: a mean that starts anew with "
            "each epoch, or the order of the data",
            100 * peak->amplitude);
    }
    if (line == LINE_PATTERN) {
        return lrp_finding_set(
            out, LRP_CHECK_INFO,
            "a pattern comes again point by point, strongest every %.3g points: most "
            "likely the data come in a fixed order",
            peak->period);
    }
    in->evidence->oscillation.from = out->first_step;
    in->evidence->oscillation.to = out->last_step;
    in->evidence->oscillation.period = period;
    in->evidence->oscillation.amplitude = peak->amplitude * run->level_unit;
    bool alarm = line == LINE_STEADY && !scheduled;
    return lrp_finding_set(
        out, alarm ? LRP_CHECK_WARN : LRP_CHECK_INFO,
        "the loss swings with a period of %.3g %ss by %.2g %% of its level; %.2g %% of "
        "its wobble is that%s%s",
        period, run->position, 100 * peak->amplitude, 100 * peak->share,
        line == LINE_DAMPED ? "; it dies away" : "",
        scheduled ? "; the learning rate goes up and down as well" : "");
}

static enum lrp_status o2_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    struct lrp_spectral_peak peak;
    enum line line = LINE_NONE;
    size_t n = 0;
    double *values = NULL;
    enum lrp_status status = find_wobble(in, &values, &n);
    status = status == LRP_OK ? lrp_spectral_peak(values, n, &peak, in->err) : status;
    if (status == LRP_OK) {
        status = judge_line(in, values + (n - peak.n), peak.n, &peak, &line);
    }
    free(values);
    if (status == LRP_E_NODATA) {
        return lrp_finding_skip(out, "the loss does not wobble at all");
    }
    LRP_TRY(status);
    double span = run->at[run->n - 1] - run->at[run->n - peak.n];
    double period = peak.period * span / (double)(peak.n - 1);
    lrp_finding_measure(out, peak.share, in->params[O2_SHARE]);
    if (line == LINE_NONE) {
        return lrp_finding_pass(
            out, "no period stands out: the strongest, %.3g %ss, has %.2g %% of the variance",
            period, run->position, 100 * peak.share);
    }
    return tell_line(in, &peak, line, period, out);
}

const struct lrp_check lrp_check_O2 = {
    .id = "O2",
    .title = "periodic oscillation",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 64,
    .verdict = LRP_VERDICT_OSCILLATING,
    .family = LRP_FAMILY_OSCILLATION,
    .method =
        "The strongest line in the spectrum of the loss over the last half, without its "
        "trend and what recurs each epoch, against a red-noise background. A white one would "
        "call the noise of SGD periodic. An oscillation that dies away, one that goes with the "
        "schedule, one swing an epoch, and a pattern of the data order are told but no alarm.",
    .remedy = "Match the period: cycles of the rate, the order of the data, evaluation or "
              "checkpoints. Where nothing has it, lower the learning rate or the momentum.",
    .source = "Torrence and Compo 1998",
    LRP_CHECK_PARAM_TABLE(o2_params),
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

static enum lrp_status o3_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    if (run->points_per_epoch < 3) {
        return lrp_finding_skip(out, "a row is an epoch: steps are needed");
    }
    lrp_finding_measure(out, run->recurrence.strength, in->params[O3_STRENGTH]);
    if (run->recurrence.period == 0 || !(run->recurrence.strength > in->params[O3_STRENGTH]) ||
        !(run->recurrence.strength > in->params[O3_NEIGHBOURS] * run->recurrence.neighbours)) {
        return lrp_finding_pass(out, "the losses do not recur in the same order");
    }
    lrp_finding_set(out, LRP_CHECK_INFO,
                    "the losses recur every %zu points (correlation %.2f): the batches come in the "
                    "same order each epoch",
                    run->recurrence.period, run->recurrence.strength);
    lrp_finding_advise(in, out, LRP_REMEDY, NULL);
    return LRP_OK;
}

const struct lrp_check lrp_check_O3 = {
    .id = "O3",
    .title = "the data come in the same order each epoch",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 100,
    .verdict = LRP_VERDICT_UNDECIDED,
    .family = LRP_FAMILY_OSCILLATION,
    .method = "The autocorrelation of the loss at the length of an epoch (found where the log does "
              "not tell it) against the lags beside it. Never an alarm; what recurs is removed "
              "before O1, O2 and K1 look.",
    .remedy = "Shuffle the data anew each epoch.",
    .source = "measured on DeepOBS",
    LRP_CHECK_PARAM_TABLE(o3_params),
    .run = o3_run,
};
