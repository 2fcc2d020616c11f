/* SPDX-License-Identifier: MIT */
/* Where the run stands at its end: still going, on a plateau, past its best. */
#include "checks_table.h"
#include "measure.h"
#include "powerlaw.h"
#include "robust.h"

#include <math.h>

/* ---- P2 ------------------------------------------------------------------------------------ */

enum { P2_LONGER = 1 }; /* advice */
enum { P2_GAIN, P2_SURE, P2_RESAMPLES };
static const struct lrp_check_param p2_params[] = {
    [P2_GAIN] = {"gain", 0.05, 0, 1, "of the loss",
                 "predicted gain of a run twice as long that is worth telling", "design"},
    [P2_SURE] = {"sure", 0.01, 0, 1, "of the loss", "low end of its 90 % interval above this",
                 "design"},
    [P2_RESAMPLES] = {"resamples", 40, 20, 10000, "", "resamples of the interval",
                      "more cost time: 40 take about a millisecond"},
};
enum { P2_POINTS = 60 };
static const uint64_t p2_seed = 20261125; /* the same log gives the same interval */

/* Every block, or every second or third where there are many; t counts from the run's start. */
static size_t fit_points(const struct lrp_run *run, double *t, double *loss)
{
    size_t stride = (run->blocks.n + P2_POINTS - 1) / P2_POINTS;
    size_t n = 0;
    for (size_t b = run->blocks.n % stride; b < run->blocks.n; b += stride) {
        t[n] = run->blocks.at[b] - run->at[0];
        loss[n] = run->blocks.loss[b];
        n++;
    }
    return n;
}

static void show_decay(const struct lrp_run *run, const struct lrp_decay_fit *decay,
                       const struct lrp_decay_forecast *forecast,
                       struct lrp_diagnosis_evidence *evidence)
{
    bool power = decay->shape == LRP_DECAY_POWER;
    evidence->power.c = decay->c;
    evidence->power.a = power ? decay->a : decay->height;
    evidence->power.b = decay->b;
    evidence->power.t0 = run->at[0] + (power ? -decay->t0 : decay->first);
    evidence->power.tau = decay->tau;
    evidence->power.from = run->blocks.at[0];
    evidence->power.to = run->at[run->n - 1];
    evidence->power.at_twice = forecast->value;
    evidence->power.low = forecast->low;
    evidence->power.high = forecast->high;
}

static enum lrp_status p2_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double t[P2_POINTS];
    double loss[P2_POINTS];
    struct lrp_decay_fit decay;
    struct lrp_decay_forecast forecast;
    struct lrp_late_gain val;
    if (!(run->final < run->initial) || (run->log_level && run->final > 0.95 * run->initial)) {
        return lrp_finding_skip(out, "the loss did not fall, see D1");
    }
    size_t n = fit_points(run, t, loss);
    double floor = run->log_level ? 0 : -HUGE_VAL;
    double end = run->at[run->n - 1] - run->at[0];
    enum lrp_status status = lrp_fit_decay(t, loss, n, floor, &decay, in->err);
    if (status == LRP_OK) {
        bool fits = decay.r2 > 0.5 && isfinite(decay.a);
        status = fits ? lrp_forecast_decay(&decay, t, loss, n, floor, 2 * end,
                                           (size_t)in->params[P2_RESAMPLES], p2_seed, 0.9,
                                           &forecast, in->err)
                      : LRP_E_NODATA;
    }
    if (status == LRP_E_NOMEM) {
        return status;
    }
    if (status != LRP_OK) {
        return lrp_finding_skip(out, "no curve of decay fits the loss");
    }
    if (!(forecast.value < run->final)) {
        return lrp_finding_pass(out,
                                "the loss ended at %.4g, below what a curve of decay fitted to it "
                                "says of a run twice as long",
                                run->final);
    }
    /* a curve that bends upwards cannot gain more in the next run than in four such quarters */
    double late = lrp_run_loss_around(run, 0.75) - run->final + 3 * lrp_run_block_noise(run);
    if (run->final - forecast.value > 4 * late || lrp_run_steps_down(run)) {
        return lrp_finding_pass(out, "the last quarter does not bear out the curve of decay that "
                                     "fits the rest of the run");
    }
    show_decay(run, &decay, &forecast, in->evidence);
    double unit = run->log_level ? run->final : run->initial - run->final;
    double gain = fmin(forecast.gain, run->final - forecast.value); /* from what was reached */
    lrp_finding_measure(out, gain / unit, in->params[P2_GAIN]);
    bool more = out->value > in->params[P2_GAIN] && forecast.gain_low / unit > in->params[P2_SURE];
    if (more && lrp_run_late_validation(run, &val) && val.stands) {
        return lrp_finding_pass(out,
                                "the loss would gain another %.2g %% in twice the steps, but "
                                "val_loss gained nothing over the last quarter",
                                100 * out->value);
    }
    lrp_finding_set(out, more ? LRP_CHECK_INFO : LRP_CHECK_PASS,
                    "%s: in twice the steps the loss would come to about %.4g (%.4g to %.4g), "
                    "%.2g %% below the %.4g that was reached, by %s fitted to it",
                    more ? "still improving" : "little more to come", forecast.value, forecast.low,
                    fmin(forecast.high, run->final), 100 * out->value, run->final,
                    decay.shape == LRP_DECAY_POWER ? "a power law" : "an exponential decay");
    if (more) {
        lrp_finding_span(out, run->at[run->n - 1], run->at[0] + 2 * end);
        lrp_finding_advise(in, out, P2_LONGER, NULL);
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_P2 = {
    .id = "P2",
    .title = "still improving at the end",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 20,
    .verdict = LRP_VERDICT_UNDECIDED,
    .family = LRP_FAMILY_PROGRESS,
    .method = "A power law or an exponential decay, whichever fits the block medians better, says "
              "what a run twice as long would come to, with a 90 % interval from a bootstrap of "
              "its residuals. Told, never an alarm: the rate and the schedule stay as they were in "
              "that prediction.",
    .remedy = "Train longer, or let the rate decay over the same number of steps.",
    .advice = {[P2_LONGER] = "If that gain is worth it, train longer, or let the rate decay over "
                             "the same number of steps."},
    .source = "Google, Deep Learning Tuning Playbook (compute-bound training)",
    LRP_CHECK_PARAM_TABLE(p2_params),
    .run = p2_run,
};

/* ---- P3 ------------------------------------------------------------------------------------ */

enum { P3_MARGIN };
static const struct lrp_check_param p3_params[] = {
    [P3_MARGIN] = {"margin", 0.01, 0, 1, "of the fall",
                   "change over the last quarter that still counts as none", "design"},
};

static enum lrp_status p3_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_blocks *blocks = &run->blocks;
    struct lrp_mann_kendall test = {.variance_ratio = 1};
    struct lrp_theil_sen line;
    size_t count = blocks->n / 4;
    size_t begin = blocks->n - count;
    double fall = run->initial - fmin(run->final, run->lowest);
    if (count < LRP_BLOCKS_LEAST || !(fall > 0)) {
        return lrp_finding_skip(out, "%s",
                                fall > 0 ? "too few loss points" : "the loss never fell");
    }
    LRP_TRY(lrp_mann_kendall(blocks->loss + begin, count, LRP_TREND_MODEL, &test, in->err));
    enum lrp_status status = lrp_theil_sen(blocks->at + begin, blocks->loss + begin, count, 0.9,
                                           fmax(test.variance_ratio, 1), &line, in->err);
    if (status == LRP_E_NOMEM) {
        return status;
    }
    if (status != LRP_OK) {
        return lrp_finding_skip(out, "the positions do not rise");
    }
    double span = blocks->at[blocks->n - 1] - blocks->at[begin];
    double change = line.slope * span / fall;
    lrp_finding_measure(out, change, in->params[P3_MARGIN]);
    lrp_finding_span(out, blocks->at[begin], run->at[run->n - 1]);
    if (!(in->evidence->trend.to > 0)) {
        lrp_show_trend(&line, blocks, begin, in->evidence);
    }
    switch (lrp_trend_of(line.low * span, line.high * span, in->params[P3_MARGIN] * fall)) {
    case LRP_TREND_FLAT:
        lrp_finding_set(out, LRP_CHECK_INFO,
                        "a plateau: over the last quarter the loss changed by %+.2g %% of its fall",
                        100 * change);
        break;
    case LRP_TREND_FALLING:
        lrp_finding_pass(out, "still falling: %.2g %% of the fall in the last quarter",
                         -100 * change);
        break;
    case LRP_TREND_RISING:
        lrp_finding_pass(out, "no plateau: it rises, see D2");
        break;
    case LRP_TREND_UNDECIDED:
    default:
        lrp_finding_skip(out,
                         "undecided: the change over the last quarter lies between %+.2g %% and "
                         "%+.2g %% of the fall",
                         100 * line.low * span / fall, 100 * line.high * span / fall);
        break;
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_P3 = {
    .id = "P3",
    .title = "plateau",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 32,
    .verdict = LRP_VERDICT_UNDECIDED,
    .family = LRP_FAMILY_PROGRESS,
    .method = "The 90 % interval of the Theil-Sen slope of the last quarter's block medians, "
              "widened for their correlation (Hamed and Rao), lies within a margin around zero. "
              "\"Not significant\" would not be the same as flat: where the interval is wide the "
              "answer is undecided. Whether a plateau is a fault P4 and P5 say.",
    .remedy = "At a low loss: stop earlier or lower the rate. At a high one see P4.",
    .source = "equivalence test (Schuirmann 1987)",
    LRP_CHECK_PARAM_TABLE(p3_params),
    .run = p3_run,
};

/* ---- P5 ------------------------------------------------------------------------------------ */

enum { P5_STOP = 1 }; /* advice */
enum { P5_EARLY, P5_NOISE };
static const struct lrp_check_param p5_params[] = {
    [P5_EARLY] = {"early", 0.1, 0, 1, "of the run", "part of the run in which the best lies",
                  "Google, Deep Learning Tuning Playbook: best step in the first 10 %"},
    [P5_NOISE] = {"noise", 3, 0, 100, "deviations",
                  "how far the end must lie above the best, in deviations of the noise", "design"},
};

/* Running medians of a metric's finite prefix over five neighbours, thinned to at most
 * LRP_BLOCKS_MOST values. Returns how many. */
static size_t thinned(const struct lrp_metric_series *series, double *at, double *value)
{
    size_t n = series->first_bad;
    size_t count = n < LRP_BLOCKS_MOST ? n : (size_t)LRP_BLOCKS_MOST;
    for (size_t b = 0; b < count; b++) {
        double near[5];
        size_t middle = b * n / count + n / count / 2;
        size_t begin = middle > 2 ? middle - 2 : 0;
        size_t end = begin + 5 < n ? begin + 5 : n;
        for (size_t i = begin; i < end; i++) {
            near[i - begin] = series->value[i];
        }
        at[b] = series->at[middle];
        value[b] = lrp_median_in_place(near, end - begin);
    }
    return count;
}

static enum lrp_status p5_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *val = lrp_run_series(run, LRP_METRIC_VAL_LOSS, 20);
    const struct lrp_metric_series *series = val != NULL ? val : &run->metric[LRP_METRIC_LOSS];
    const char *name = val != NULL ? "val_loss" : run->loss_name;
    double at[LRP_BLOCKS_MOST];
    double value[LRP_BLOCKS_MOST];
    size_t n = thinned(series, at, value);
    size_t best = 0;
    if (n < 20) {
        return lrp_finding_skip(out, "%zu values of %s are too few", n, name);
    }
    for (size_t b = 1; b < n; b++) {
        best = value[b] < value[best] ? b : best;
    }
    double noise = lrp_noise_of(value + n / 2, n - n / 2);
    double last = value[n - 1 - n / 20];
    lrp_finding_measure(out, (double)best / (double)(n - 1), in->params[P5_EARLY]);
    bool worse = last - value[best] > in->params[P5_NOISE] * noise && last > value[best];
    if (!(out->value < in->params[P5_EARLY]) || !worse) {
        return lrp_finding_pass(out, "the best %s came after %.0f %% of the run", name,
                                100 * out->value);
    }
    lrp_finding_span(out, at[best], at[n - 1]);
    lrp_finding_set(out, LRP_CHECK_WARN,
                    "the best %s, %.4g, came at %s %.8g, in the first %.2g %% of the run; at the "
                    "end it was %.4g",
                    name, value[best], run->position, at[best], 100 * out->value, last);
    lrp_finding_advise(in, out, P5_STOP, LRP_NUMBERS{at[best]});
    return LRP_OK;
}

const struct lrp_check lrp_check_P5 = {
    .id = "P5",
    .title = "most of the budget was wasted",
    .needs = "val_loss or loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 20,
    .verdict = LRP_VERDICT_UNDECIDED,
    .family = LRP_FAMILY_PROGRESS,
    .method = "Where the best smoothed validation loss (training loss where there is none) lies; "
              "an early best counts where the end is clearly worse.",
    .remedy = "Shorten the run, or let the learning rate decay earlier.",
    .advice = {[P5_STOP] = "Stop near {position} {8}, or lower the learning rate from there on."},
    .source = "Google, Deep Learning Tuning Playbook",
    LRP_CHECK_PARAM_TABLE(p5_params),
    .run = p5_run,
};
