/* SPDX-License-Identifier: MIT */
/* The learning rate: size of the updates, a rate of zero or decayed too early, warmup, clipping. */
#include "checks_table.h"

#include "measure.h"
#include "robust.h"

#include <math.h>
#include <string.h>

/* ---- R1 ------------------------------------------------------------------------------------ */

enum { R1_RAISE = 1, R1_LOWER }; /* advice */
enum { R1_LOW, R1_HIGH, R1_FAR };
static const struct lrp_check_param r1_params[] = {
    [R1_LOW] = {"low", 1e-4, 0, 1, "of the weights", "smaller updates are a warning",
                "TheDeepChecker (Ben Braiek 2022): 1e-4"},
    [R1_HIGH] = {"high", 1e-2, 0, 1, "of the weights", "larger updates are a warning",
                 "CS231n: about 1e-3, its own healthy plot 1e-2"},
    [R1_FAR] = {"far", 10, 1, 1e6, "",
                "times beyond a limit from which a run that did not learn has failed",
                "TheDeepChecker (Ben Braiek 2022): 1e-1"},
};

/* log10 |update| / |weights| at up to LRP_SAMPLE_MOST points; returns how many. estimated: from
 * lr |gradient|, the update of plain gradient descent. */
static size_t update_ratios(const struct lrp_run *run, bool estimated, double *out)
{
    const struct lrp_metric_series *from =
        &run->metric[estimated ? LRP_METRIC_GRAD_NORM : LRP_METRIC_UPDATE_NORM];
    size_t wanted = from->n < LRP_SAMPLE_MOST ? from->n : (size_t)LRP_SAMPLE_MOST;
    size_t count = 0;
    for (size_t i = 0; i < wanted; i++) {
        size_t index = (size_t)((double)i * (double)from->n / (double)wanted);
        double at = from->at[index];
        double weights = lrp_series_at(&run->metric[LRP_METRIC_WEIGHT_NORM], at);
        double lr = estimated ? lrp_series_at(&run->metric[LRP_METRIC_LR], at) : 1;
        double ratio = lr * from->value[index] / weights;
        if (isfinite(ratio) && ratio > 0) {
            out[count] = log10(ratio);
            count++;
        }
    }
    return count;
}

/* Whether lr times the gradient is the update: an optimizer that is not named may be any. */
static bool may_be_plain(const char *optimizer)
{
    static const char *const plain[] = {"sgd", "SGD", "momentum", "nesterov"};
    bool is_plain = optimizer == NULL;
    for (size_t i = 0; i < sizeof plain / sizeof plain[0] && !is_plain; i++) {
        is_plain = strncmp(optimizer, plain[i], strlen(plain[i])) == 0;
    }
    return is_plain;
}

static void r1_judge(const struct lrp_check_input *in, double middle, bool estimated,
                     struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double ratio = pow(10, middle);
    bool is_low = ratio < in->params[R1_LOW];
    double beyond = is_low ? in->params[R1_LOW] / ratio : ratio / in->params[R1_HIGH];
    const char *how = estimated ? " (taken as lr times the gradient, as in plain SGD)" : "";
    lrp_finding_measure(out, ratio, is_low ? in->params[R1_LOW] : in->params[R1_HIGH]);
    if (!is_low && !(beyond > 1)) {
        lrp_finding_pass(out, "a typical update is %.2g of the weights, between %.2g and %.2g%s",
                         ratio, in->params[R1_LOW], in->params[R1_HIGH], how);
        return;
    }
    /* a rule of thumb does not overrule a curve that went well */
    bool learnt = run->n > 0 && run->log_level && run->final < 0.5 * run->initial;
    bool failed = beyond > in->params[R1_FAR] && !learnt && !estimated;
    enum lrp_check_status status = learnt ? LRP_CHECK_INFO : LRP_CHECK_WARN;
    out->verdict = is_low ? LRP_VERDICT_SLOW : LRP_VERDICT_UNDECIDED;
    lrp_finding_set(out, failed ? LRP_CHECK_FAIL : status,
                    "a typical update is %.2g of the weights, %s the usual %.2g .. %.2g%s%s", ratio,
                    is_low ? "below" : "above", in->params[R1_LOW], in->params[R1_HIGH], how,
                    learnt ? "; the loss fell nevertheless" : "");
    double lr = lrp_known_rate(
        lrp_series_median(&run->metric[LRP_METRIC_LR], 0, run->metric[LRP_METRIC_LR].n));
    lrp_finding_advise(in, out, is_low ? R1_RAISE : R1_LOWER, LRP_NUMBERS{lr, lr * 1e-3 / ratio});
}

static enum lrp_status r1_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double ratios[LRP_SAMPLE_MOST];
    const char *optimizer = lrp_record_meta(run->record, "optimizer");
    bool estimated = lrp_run_series(run, LRP_METRIC_UPDATE_NORM, 3) == NULL;
    const size_t least = 3;
    if (estimated && (lrp_run_series(run, LRP_METRIC_GRAD_NORM, 3) == NULL ||
                      lrp_run_series(run, LRP_METRIC_LR, 1) == NULL)) {
        return lrp_finding_skip(out,
                                "there is neither update_norm nor lr with grad_norm in the log");
    }
    if (estimated && !may_be_plain(optimizer)) {
        return lrp_finding_skip(
            out, "there is no update_norm, and the optimizer's update is not lr times "
                 "the gradient");
    }
    size_t count = update_ratios(run, estimated, ratios);
    if (count < least) {
        return lrp_finding_skip(out, "the norms are zero or not finite");
    }
    r1_judge(in, lrp_median_in_place(ratios, count), estimated, out);
    return LRP_OK;
}

const struct lrp_check lrp_check_R1 = {
    .id = "R1",
    .title = "updates too small or too large",
    .needs = "weight_norm and update_norm, or weight_norm, lr and grad_norm",
    .metrics = LRP_NEEDS(WEIGHT_NORM),
    .least = 3,
    .verdict = LRP_VERDICT_UNDECIDED,
    .method = "The median ratio of update_norm to weight_norm. Without update_norm: lr times "
              "grad_norm, which is the update of plain SGD only; that never fails. A run whose "
              "loss halved is only told of it.",
    .remedy = "Scale the learning rate so that a typical update is about 1e-3 of the weights.",
    .advice = {[R1_RAISE] = "Raise the learning rate from {2} towards {2}, which would make it "
                            "1e-3; look at each layer apart where the log can tell it.",
               [R1_LOWER] = "Lower the learning rate from {2} towards {2}, which would make it "
                            "1e-3; look at each layer apart where the log can tell it."},
    .source = "CS231n (ratio of weights to updates); TheDeepChecker; Goodfellow, Deep Learning 11",
    LRP_CHECK_PARAM_TABLE(r1_params),
    .run = r1_run,
};

/* ---- R2 ------------------------------------------------------------------------------------ */

enum { R2_STRETCH = 1, R2_WHAT_SETS_IT, R2_LENGTH }; /* advice */
enum { R2_ZERO, R2_WARN, R2_TINY, R2_GAIN };
static const struct lrp_check_param r2_params[] = {
    [R2_ZERO] = {"zero", 0.99, 0.5, 1, "of the values", "share of zero rates that is a failure",
                 "trainproof (LR rule)"},
    [R2_WARN] = {"warn", 0.1, 0, 1, "of the values", "share of zero rates that is a warning",
                 "trainproof (LR rule)"},
    [R2_TINY] = {"tiny", 0.01, 0, 0.5, "of the highest rate", "a rate that moves nothing any more",
                 "design, after Karpathy 2019"},
    [R2_GAIN] = {"gain", 0.03, 0, 1, "of the fall",
                 "gain of the quarter before the rate was gone that shows an unfinished run",
                 "design"},
};

/* Index of the first loss from which the rate stays below limit to the end; n = none. */
static size_t gone_from(const struct lrp_run *run, double limit)
{
    size_t from = run->n;
    while (from > 0 && run->rate[from - 1] < limit) {
        from--;
    }
    return from;
}

/* A rate that was gone before half of the run while the loss was still falling. */
static bool decayed_early(const struct lrp_check_input *in, double highest, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    size_t gone = run->n > 0 ? gone_from(run, in->params[R2_TINY] * highest) : 0;
    double fall = run->initial - run->final;
    size_t quarter = gone / 4;
    if (gone == 0 || 2 * gone >= run->n || quarter < 3 || !(fall > 0)) {
        return false;
    }
    double before = lrp_series_median(loss, gone - quarter - (quarter + 1) / 2, gone - quarter);
    double after = lrp_series_median(loss, gone - (quarter + 1) / 2, gone);
    double gain = (before - after) / fall;
    if (!(gain > in->params[R2_GAIN])) {
        return false;
    }
    double share = (double)gone / (double)run->n;
    lrp_finding_measure(out, share, 0.5);
    lrp_finding_span(out, run->at[gone], run->at[run->n - 1]);
    lrp_finding_set(out, LRP_CHECK_WARN,
                    "at %s %.8g, %.0f %% of the run, the rate had fallen below %.2g of its "
                    "highest, %.3g, while the loss still fell (%.4g to %.4g just before)",
                    run->position, run->at[gone], 100 * share, in->params[R2_TINY], highest, before,
                    after);
    lrp_finding_advise(in, out, R2_STRETCH, LRP_NUMBERS{run->at[run->n - 1] - run->at[0], highest});
    return true;
}

/* Rates of 0 before the first one above it. */
static size_t zeros_at_start(const struct lrp_metric_series *lr)
{
    size_t n = 0;
    while (n < lr->n && lr->value[n] == 0) {
        n++;
    }
    return n;
}

static enum lrp_status r2_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *lr = &run->metric[LRP_METRIC_LR];
    size_t zeros = 0;
    size_t last = 0;
    for (size_t i = 0; i < lr->n; i++) {
        zeros += lr->value[i] == 0 ? 1 : 0;
        last = lr->value[i] == 0 ? i : last;
    }
    /* a warm-up starts at 0, and its first rates may be printed as 0.000000 */
    size_t warm_up = zeros < lr->n ? zeros_at_start(lr) : 0;
    zeros -= warm_up;
    double share = (double)zeros / (double)lr->n;
    double highest = lrp_series_highest(lr);
    lrp_finding_measure(out, share, in->params[R2_WARN]);
    if (share >= in->params[R2_ZERO]) {
        out->threshold = in->params[R2_ZERO];
        out->verdict = LRP_VERDICT_NOT_LEARNING;
        lrp_finding_span(out, lr->at[0], lr->at[lr->n - 1]);
        lrp_finding_set(out, LRP_CHECK_FAIL,
                        "the learning rate is 0 in %zu of %zu values: the weights do not move",
                        zeros, lr->n);
        lrp_finding_advise(in, out, R2_WHAT_SETS_IT, NULL);
    } else if (share > in->params[R2_WARN]) {
        out->last_step = lr->at[last];
        lrp_finding_set(out, LRP_CHECK_WARN,
                        "the learning rate is 0 in %zu of %zu values (%.0f %%), last at %s %.8g",
                        zeros, lr->n, 100 * share, run->position, lr->at[last]);
        lrp_finding_advise(in, out, R2_LENGTH, LRP_NUMBERS{lr->at[lr->n - 1] - lr->at[0]});
    } else if (!decayed_early(in, highest, out)) {
        lrp_finding_pass(out, "%zu of %zu rates are 0, the highest is %.3g", zeros, lr->n, highest);
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_R2 = {
    .id = "R2",
    .title = "learning rate zero or gone too early",
    .needs = "lr",
    .metrics = LRP_NEEDS(LR),
    .least = 3,
    .verdict = LRP_VERDICT_SLOW,
    .flags = LRP_CHECK_EXPLAINS_ALL,
    .method = "The share of rates that are 0, those before the first rate above 0 not counted (a "
              "warm-up); and whether the rate fell below a hundredth of its "
              "highest before half of the run while the quarter before that still brought more "
              "than 3 % of the fall.",
    .remedy = "Check the schedule's unit (epochs or steps) and its length.",
    .advice =
        {[R2_STRETCH] =
             "Check whether the schedule counts epochs where it should count steps; stretch the "
             "decay to the whole run, {8} {position}s, or keep the rate at {3}.",
         [R2_WHAT_SETS_IT] =
             "Look at what sets the rate: a schedule that was given 0 steps or ended before the "
             "run began, a warmup counted in the wrong unit, an option that was not passed on.",
         [R2_LENGTH] = "The schedule's length does not fit the run: check its unit (steps or "
                       "epochs) and that it covers all {8} {position}s."},
    .source = "trainproof; Karpathy 2019 (do not trust learning-rate decay defaults)",
    LRP_CHECK_PARAM_TABLE(r2_params),
    .run = r2_run,
};

/* ---- R4 ------------------------------------------------------------------------------------ */

enum { R4_WARM_UP = 1 }; /* advice */
enum { R4_LOSS, R4_NORM, R4_START, R4_SHARE };
static const struct lrp_check_param r4_params[] = {
    [R4_LOSS] = {"loss", 1.5, 1, 100, "of the first loss", "early loss that calls for a warmup",
                 "as S4"},
    [R4_NORM] = {"norm", 10, 1, 1e6, "of the later median",
                 "early gradient norm that calls for a warmup", "design"},
    [R4_START] = {"start", 0.1, 0, 1, "of the highest rate", "first rate of a run that warms up",
                  "design"},
    [R4_SHARE] = {"share", 0.05, 0.01, 0.5, "of the run", "what counts as early",
                  "Google, Deep Learning Tuning Playbook (warmup)"},
};

/* Largest early gradient norm, single values not counted, over the median of the later ones. */
static double early_norm(const struct lrp_run *run, double share)
{
    const struct lrp_metric_series *norm = lrp_run_series(run, LRP_METRIC_GRAD_NORM, 60);
    if (norm == NULL) {
        return (double)NAN;
    }
    size_t early = (size_t)(share * (double)norm->n);
    double highest = 0;
    for (size_t i = 1; i < early; i++) {
        double pair = fmin(norm->value[i - 1], norm->value[i]);
        highest = isfinite(pair) ? fmax(highest, pair) : highest;
    }
    return highest / lrp_series_median(norm, early, norm->n);
}

static enum lrp_status r4_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *lr = &run->metric[LRP_METRIC_LR];
    struct lrp_early early = {0};
    bool has_loss = lrp_run_early(run, in->params[R4_SHARE], &early);
    double norm = early_norm(run, in->params[R4_SHARE]);
    double highest = lrp_series_highest(lr);
    double start = lr->value[0] / highest;
    if (!has_loss && isnan(norm)) {
        return lrp_finding_skip(out, "neither 100 losses nor 60 gradient norms are in the log");
    }
    if (!(highest > 0) || !isfinite(start)) {
        return lrp_finding_skip(out, "the learning rate is 0 or not finite");
    }
    bool loss_rose = has_loss && early.ratio > in->params[R4_LOSS];
    bool norm_high = norm > in->params[R4_NORM];
    lrp_finding_measure(out, norm_high || !has_loss ? norm : early.ratio,
                        norm_high || !has_loss ? in->params[R4_NORM] : in->params[R4_LOSS]);
    if ((!loss_rose && !norm_high) || !(start > in->params[R4_START])) {
        return lrp_finding_pass(out,
                                "the start is calm or warmed up (first rate %.2g of "
                                "the highest)",
                                start);
    }
    double steps = fmax(round(in->params[R4_SHARE] * (lr->at[lr->n - 1] - lr->at[0])), 1);
    lrp_finding_span(out, lr->at[0], lr->at[0] + steps);
    if (norm_high) {
        lrp_finding_set(out, LRP_CHECK_WARN,
                        "the gradient norm starts at %.3g times its later median while the rate "
                        "starts at %.2g of its highest%s",
                        norm, start, loss_rose ? ", and the loss blows up" : "");
    } else {
        lrp_finding_set(out, LRP_CHECK_WARN,
                        "the loss goes up to %.3g times its first value early while the rate "
                        "starts at %.2g of its highest",
                        early.ratio, start);
    }
    lrp_finding_advise(in, out, R4_WARM_UP, LRP_NUMBERS{highest, steps});
    return LRP_OK;
}

const struct lrp_check lrp_check_R4 = {
    .id = "R4",
    .title = "no warmup where one is needed",
    .needs = "lr",
    .metrics = LRP_NEEDS(LR),
    .least = 1,
    .verdict = LRP_VERDICT_UNDECIDED,
    .method = "The loss blows up early (as in S4), or two gradient norms in a row within the first "
              "5 % are 10 times the later median, while the first rate is more than a tenth of the "
              "highest.",
    .remedy = "Warm the rate up over 5 % of the run, 10 % at most.",
    .advice = {[R4_WARM_UP] =
                   "Warm the rate up from near 0 to {3} over about {8} {position}s (5 % of the "
                   "run); if that is not enough, over 10 % and with the gradient norm clipped."},
    .source = "Google, Deep Learning Tuning Playbook (learning-rate warmup)",
    LRP_CHECK_PARAM_TABLE(r4_params),
    .run = r4_run,
};

/* ---- R5 ------------------------------------------------------------------------------------ */

enum { R5_NORM_BEFORE_CLIPPING = 1, R5_NORM_AFTER_CLIPPING }; /* advice */
enum { R5_SHARE };
static const struct lrp_check_param r5_params[] = {
    [R5_SHARE] = {"share", 0.5, 0, 1, "of the steps", "share of clipped steps that is a warning",
                  "Google, Deep Learning Tuning Playbook"},
};

/* Share of clipped steps. A norm logged after clipping lies at the limit, one logged before it
 * above. limit: NaN where it is not known. */
static double clipped_share(const struct lrp_run *run, double *limit)
{
    const struct lrp_metric_series *clipped = lrp_run_series(run, LRP_METRIC_CLIPPED, 10);
    const struct lrp_metric_series *norm = lrp_run_series(run, LRP_METRIC_GRAD_NORM, 10);
    bool known = lrp_run_meta_number(run, "clip_norm", limit) && *limit > 0;
    const struct lrp_metric_series *from = clipped != NULL ? clipped : norm;
    double sum = 0;
    if (from == NULL || (clipped == NULL && !known)) {
        return (double)NAN;
    }
    for (size_t i = 0; i < from->n; i++) {
        double value = from->value[i];
        if (isfinite(value)) {
            sum += clipped != NULL ? fmin(fmax(value, 0), 1) : value >= 0.999 * *limit ? 1 : 0;
        }
    }
    return sum / (double)from->n_finite;
}

static enum lrp_status r5_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double limit = (double)NAN;
    double share = clipped_share(run, &limit);
    if (isnan(share)) {
        return lrp_finding_skip(out,
                                "there is neither clipped nor grad_norm with the limit (a line "
                                "\"# clip_norm: 1\") in the log");
    }
    lrp_finding_measure(out, share, in->params[R5_SHARE]);
    if (!(share > in->params[R5_SHARE])) {
        return lrp_finding_pass(out, "the gradient was clipped in %.2g %% of the steps",
                                100 * share);
    }
    lrp_finding_set(out, LRP_CHECK_WARN, "the gradient was clipped in %.3g %% of the steps",
                    100 * share);
    double lr = lrp_known_rate(lrp_series_highest(&run->metric[LRP_METRIC_LR]));
    double norm = lrp_series_median(&run->metric[LRP_METRIC_GRAD_NORM], 0,
                                    run->metric[LRP_METRIC_GRAD_NORM].n);
    lrp_finding_advise(in, out,
                       norm > 1.01 * limit ? R5_NORM_BEFORE_CLIPPING : R5_NORM_AFTER_CLIPPING,
                       LRP_NUMBERS{lr, lr / 3});
    return LRP_OK;
}

const struct lrp_check lrp_check_R5 = {
    .id = "R5",
    .title = "clipping does the work of the rate",
    .needs = "clipped, or grad_norm and clip_norm",
    .verdict = LRP_VERDICT_UNDECIDED,
    .method = "The share of steps in which the gradient was clipped, from the column clipped, or "
              "from grad_norm and the log's clip_norm.",
    .remedy =
        "Lower the learning rate instead, by 3; then clip at about the 90th percentile of the "
        "gradient norm.",
    .advice =
        {[R5_NORM_BEFORE_CLIPPING] =
             "Clipping does the work of a lower rate: lower it from {3} to about {2}, then raise "
             "the limit to about twice the typical gradient norm in this log.",
         [R5_NORM_AFTER_CLIPPING] =
             "Clipping does the work of a lower rate: lower it from {3} to about {2}, then raise "
             "the limit to about twice the typical gradient norm, measured before clipping."},
    .source = "Google, Deep Learning Tuning Playbook (more than half is extremely aggressive)",
    LRP_CHECK_PARAM_TABLE(r5_params),
    .run = r5_run,
};
