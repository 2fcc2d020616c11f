/* SPDX-License-Identifier: MIT */
/* A run against a known good run of the same task. */
#include "checks_table.h"

#include "measure.h"
#include "robust.h"

#include <math.h>
#include <string.h>

enum { C1_BASELINE_RATE = 1 }; /* advice */
enum { C1_RATIO, C1_FALL, C1_SIGMA, C1_LEAST };
static const struct lrp_check_param c1_params[] = {
    [C1_RATIO] = {"ratio", 2, 1, 1000, "", "times the baseline's final or lowest loss that failed",
                  "trainproof compare"},
    [C1_FALL] = {"fall", 0.25, 0, 1, "of the baseline's fall", "a smaller fall has failed",
                 "trainproof compare"},
    [C1_SIGMA] = {"sigma", 3, 0, 100, "standard deviations",
                  "of the noise of both and of seeds, that a real difference has", "design"},
    [C1_LEAST] = {"least", 0.02, 0, 1, "of the baseline's fall",
                  "a smaller difference is none, whatever its ratio", "as R3"},
};

/* One loss of both runs, up to where the shorter one ended. */
struct pair {
    double end, lowest, initial;
    double sigma; /* noise of the end */
};

static struct pair measure(const struct lrp_metric_series *series, double until)
{
    struct lrp_metric_series view = *series;
    struct lrp_metric_blocks blocks;
    struct pair pair = {(double)NAN, (double)NAN, (double)NAN, 0};
    while (view.n > 0 && view.at[view.n - 1] > until) {
        view.n--;
    }
    lrp_series_blocks(&view, LRP_BLOCKS_MOST, &blocks);
    if (blocks.n < 3) {
        return pair;
    }
    pair.end = lrp_series_final(&view);
    pair.initial = blocks.value[0];
    pair.lowest = pair.initial;
    for (size_t i = 0; i < blocks.n; i++) {
        pair.lowest = fmin(pair.lowest, blocks.value[i]);
    }
    size_t half = blocks.n / 2;
    double noise = lrp_noise_of(blocks.value + half, blocks.n - half);
    pair.sigma = noise > 0 ? noise : 0;
    return pair;
}

/* Deviation between seeds of the baseline's rate among the siblings; 0 where there are too few. */
static double seed_deviation(const struct lrp_check_input *in, enum lrp_metric metric)
{
    double ends[100];
    size_t n = 0;
    const struct lrp_metric_series *rate = &in->baseline->metric[LRP_METRIC_LR];
    double wanted = lrp_series_highest(rate);
    for (size_t i = 0; i < in->n_siblings && n < sizeof ends / sizeof ends[0]; i++) {
        const struct lrp_run *sibling = in->siblings[i];
        const struct lrp_metric_series *series = lrp_run_series(sibling, metric, 3);
        double own = lrp_series_highest(&sibling->metric[LRP_METRIC_LR]);
        bool same_rate = fabs(own - wanted) <= 0.01 * wanted;
        if (series != NULL && series->n_finite == series->n && same_rate) {
            ends[n] = lrp_series_final(series);
            n++;
        }
    }
    double mean = 0;
    double deviation = 0;
    if (n >= 3) {
        lrp_mean_deviation(ends, n, &mean, &deviation);
    }
    return deviation;
}

/* Judges one loss; the finding is only overwritten by a worse one. */
static void compare(const struct lrp_check_input *in, enum lrp_metric metric, const char *name,
                    struct lrp_finding *out)
{
    const struct lrp_metric_series *mine = &in->run->metric[metric];
    const struct lrp_metric_series *good = &in->baseline->metric[metric];
    double until = fmin(mine->at[mine->n - 1], good->at[good->n - 1]);
    struct pair a = measure(mine, until);
    struct pair b = measure(good, until);
    double fall = b.initial - b.end;
    double excess = (a.end - b.end) / fall;
    double share = (a.initial - a.end) / fall;
    double seeds = seed_deviation(in, metric);
    double sigma = sqrt(a.sigma * a.sigma + b.sigma * b.sigma + seeds * seeds);
    if (!isfinite(excess) || !(fall > 0)) {
        return;
    }
    bool positive = a.lowest > 0 && b.lowest > 0;
    bool worse = excess > in->params[C1_LEAST];
    bool doubled =
        positive && worse &&
        (a.end > in->params[C1_RATIO] * b.end || a.lowest > in->params[C1_RATIO] * b.lowest);
    bool fell_less = share < in->params[C1_FALL];
    bool real = worse && a.end - b.end > in->params[C1_SIGMA] * sigma;
    enum lrp_check_status status = doubled || fell_less ? LRP_CHECK_FAIL
                                   : real               ? LRP_CHECK_WARN
                                                        : LRP_CHECK_PASS;
    if (isfinite(out->value) && status <= out->status) {
        return;
    }
    lrp_finding_measure(out, excess, in->params[C1_LEAST]);
    if (status == LRP_CHECK_PASS) {
        lrp_finding_set(out, status, "%s ended at %.4g, the baseline's at %.4g", name, a.end,
                        b.end);
        return;
    }
    lrp_finding_span(out, mine->at[0], until);
    lrp_finding_set(out, status,
                    "%s ended at %.4g, the baseline's at %.4g (up to %s %.8g); it fell by %.3g, "
                    "the baseline's by %.3g; noise %.2g",
                    name, a.end, b.end, in->run->position, until, a.initial - a.end, fall, sigma);
}

static enum lrp_status c1_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_run *baseline = in->baseline;
    if (baseline == NULL) {
        return lrp_finding_skip(out, "no known good run was given: --baseline");
    }
    bool same_loss = baseline->n >= 3 && run->n >= 3 &&
                     strcmp(run->loss_name, baseline->loss_name) == 0 &&
                     strcmp(run->position, baseline->position) == 0;
    if (same_loss) {
        compare(in, LRP_METRIC_LOSS, run->loss_name, out);
    }
    bool both_val = !run->loss_is_substitute && strcmp(run->position, baseline->position) == 0 &&
                    lrp_run_series(run, LRP_METRIC_VAL_LOSS, 3) != NULL &&
                    lrp_run_series(baseline, LRP_METRIC_VAL_LOSS, 3) != NULL;
    if (both_val) {
        compare(in, LRP_METRIC_VAL_LOSS, "val_loss", out);
    }
    if (!isfinite(out->value)) {
        return lrp_finding_skip(
            out, "the baseline's loss did not fall, or has too little in common with "
                 "this run's");
    }
    double lr = lrp_series_highest(&run->metric[LRP_METRIC_LR]);
    double good = lrp_series_highest(&baseline->metric[LRP_METRIC_LR]);
    if (out->status != LRP_CHECK_PASS && lr > 0 && good > 0 && fabs(lr / good - 1) > 0.05) {
        lrp_finding_advise(in, out, C1_BASELINE_RATE, LRP_NUMBERS{good, lr});
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_C1 = {
    .id = "C1",
    .title = "worse than a known good run",
    .needs = "loss and --baseline",
    .metrics = LRP_NEEDS(LOSS),
    .least = 3,
    .verdict = LRP_VERDICT_SLOW,
    .method = "The final loss (and val_loss) against the baseline's, up to where the shorter run "
              "ended: twice its final or lowest loss, or a quarter of its fall, has failed; a "
              "difference of more than 3 deviations of the noise and of the seeds among the "
              "siblings is a warning. Less than 2 % of the fall is no difference.",
    .remedy = "Change one thing at a time back to what the baseline had: rate, batch size, data "
              "order, labels, initial weights, code version.",
    .advice = {[C1_BASELINE_RATE] =
                   "The baseline's highest rate is {3}, this run's {3}: try that first. Then "
                   "compare data, labels, batch size and initial weights."},
    .source = "trainproof compare",
    LRP_CHECK_PARAM_TABLE(c1_params),
    .run = c1_run,
};
