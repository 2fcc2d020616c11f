/* SPDX-License-Identifier: MIT */
/* The start of a run: the first loss, chance, the first steep fall, the early blow-up. */
#include "checks_table.h"

#include "measure.h"
#include "probability.h"

#include <math.h>
#include <string.h>

/* ---- S1 ------------------------------------------------------------------------------------ */

enum { S1_LEAK = 1, S1_SCALE }; /* advice */
enum { S1_LOW, S1_HIGH, S1_FAIL };
static const struct lrp_check_param s1_params[] = {
    [S1_LOW] = {"low", 0.8, 0, 1, "of ln classes", "first loss below which it is told", "CS231n"},
    [S1_HIGH] = {"high", 1.3, 1, 10, "of ln classes", "first loss above which it is a warning",
                 "CS231n; our own margin"},
    [S1_FAIL] = {"fail", 2, 1, 100, "of ln classes", "first loss from which it has failed",
                 "TheDeepChecker (Ben Braiek 2022): off by ln classes or more"},
};

static enum lrp_status s1_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double classes = lrp_input_classes(in);
    if (classes < 2 || !lrp_run_has_loss(run)) {
        return lrp_finding_skip(out, "%s",
                                classes < 2 ? "the number of classes is not known: --classes"
                                            : "there is no finite loss in the log");
    }
    double chance = log(classes);
    double ratio = run->initial / chance;
    lrp_finding_measure(out, ratio, in->params[S1_HIGH]);
    if (ratio <= in->params[S1_HIGH] && ratio >= in->params[S1_LOW]) {
        return lrp_finding_pass(out, "the first loss, %.4g, is %.3g times ln %.0f", run->initial,
                                ratio, classes);
    }
    out->first_step = out->last_step = run->at[0];
    if (ratio < in->params[S1_LOW]) {
        out->threshold = in->params[S1_LOW];
        lrp_finding_set(out, LRP_CHECK_INFO,
                        "the first loss, %.4g, is only %.3g times ln %.0f = %.4g: normal where it "
                        "is a mean over the first steps, or the model was trained before",
                        run->initial, ratio, classes, chance);
        lrp_finding_advise(in, out, S1_LEAK, NULL);
        return LRP_OK;
    }
    enum lrp_check_status status = ratio >= in->params[S1_FAIL] ? LRP_CHECK_FAIL : LRP_CHECK_WARN;
    bool has_penalty = lrp_run_meta_is_set(run, "weight_decay");
    lrp_finding_set(out, has_penalty && status == LRP_CHECK_WARN ? LRP_CHECK_INFO : status,
                    "the first loss, %.4g, is %.3g times ln %.0f = %.4g, that of guessing",
                    run->initial, ratio, classes, chance);
    lrp_finding_advise(in, out, S1_SCALE, LRP_NUMBERS{ratio, run->initial - chance});
    return LRP_OK;
}

const struct lrp_check lrp_check_S1 = {
    .id = "S1",
    .title = "first loss is not that of guessing",
    .needs = "loss and --classes",
    .metrics = LRP_NEEDS(LOSS),
    .least = 1,
    .verdict = LRP_VERDICT_UNDECIDED,
    .method = "The first loss over ln C, the cross-entropy of guessing among C classes. Above it "
              "the model starts out confident and wrong; below it is only told, since a mean over "
              "the first epoch and a model trained before start low.",
    .remedy = "Scale the last layer's initial weights down, set its bias to the classes' shares, "
              "check whether the loss is a mean or a sum and whether it takes logits.",
    .advice =
        {[S1_LEAK] = "Neither? Then look for labels among the inputs, and for a loss that is "
                     "averaged over more than its examples.",
         [S1_SCALE] =
             "Scale the last layer's initial weights down by about {2}, or start it at zero; check "
             "that the loss is averaged over the batch and takes logits, not probabilities. A "
             "weight penalty of {3} inside the logged loss explains it too."},
    .source = "CS231n (look for correct loss at chance performance); Karpathy 2019; TheDeepChecker",
    LRP_CHECK_PARAM_TABLE(s1_params),
    .run = s1_run,
};

/* ---- S2 ------------------------------------------------------------------------------------ */

enum { S2_RATE = 1 }; /* advice */
enum { S2_LOSS, S2_ACCURACY };
static const struct lrp_check_param s2_params[] = {
    [S2_LOSS] = {"loss", 0.01, 0, 0.5, "of ln classes",
                 "distance of the block medians from ln classes that counts as chance", "CS231n"},
    [S2_ACCURACY] = {"accuracy", 0.01, 0, 0.5, "",
                     "distance of the accuracy from 1/classes that counts as chance; at most a "
                     "tenth of 1/classes",
                     "design"},
};

struct chance {
    const char *name;
    double accuracy; /* median of the last half */
    double margin;   /* distance from 1/classes that is within the noise */
    double from, to;
};

/* The accuracy over the last half; false where there is none. */
static bool late_accuracy(const struct lrp_run *run, double chance, double margin,
                          struct chance *out)
{
    const struct lrp_metric_series *series = lrp_run_series(run, LRP_METRIC_VAL_ACCURACY, 4);
    bool is_val = series != NULL;
    double trials = 0;
    if (!is_val) {
        series = lrp_run_series(run, LRP_METRIC_ACCURACY, 4);
    }
    if (series == NULL) {
        return false;
    }
    size_t half = series->n / 2;
    out->name = lrp_metric_name(is_val ? LRP_METRIC_VAL_ACCURACY : LRP_METRIC_ACCURACY);
    out->accuracy = lrp_series_median(series, half, series->n);
    out->from = series->at[half];
    out->to = series->at[series->n - 1];
    out->margin = fmin(margin, 0.1 * chance);
    if (is_val) {
        (void)lrp_run_meta_number(run, "val_size", &trials);
    } else if (!run->epoch_log) {
        double batch = lrp_series_final(&run->metric[LRP_METRIC_BATCH_SIZE]);
        bool known = batch > 0 || lrp_run_meta_number(run, "batch_size", &batch);
        trials = known ? batch * (double)(series->n - half) : 0;
    }
    if (trials >= 1 && trials < 1e15) {
        double low = 0;
        double high = 1;
        lrp_wilson_interval((size_t)(chance * trials), (size_t)trials, 0.99, &low, &high);
        out->margin = fmax(out->margin, high - chance);
    }
    return isfinite(out->accuracy);
}

/* Share of the block medians of the last half that lie at ln classes. */
static double share_at_chance(const struct lrp_run *run, double chance, double margin)
{
    size_t half = run->blocks.n / 2;
    size_t near = 0;
    for (size_t b = half; b < run->blocks.n; b++) {
        near += fabs(run->blocks.loss[b] - chance) <= margin * chance ? 1 : 0;
    }
    return (double)near / (double)(run->blocks.n - half);
}

static void s2_at_chance(const struct lrp_check_input *in, double rate, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    out->last_step = run->n > 0 ? run->at[run->n - 1] : out->last_step;
    if (rate > 0) {
        lrp_finding_advise(in, out, S2_RATE, LRP_NUMBERS{rate, rate / 10, rate * 10});
    }
}

static enum lrp_status s2_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double classes = lrp_input_classes(in);
    struct chance late = {0};
    bool use_loss = lrp_run_has_loss(run) && run->blocks.n >= LRP_BLOCKS_LEAST;
    if (classes < 2) {
        return lrp_finding_skip(out, "the number of classes is not known: --classes");
    }
    bool use_accuracy = late_accuracy(run, 1 / classes, in->params[S2_ACCURACY], &late);
    if (!use_loss && !use_accuracy) {
        return lrp_finding_skip(out, "there are neither 8 losses nor 4 accuracies in the log");
    }
    double rate = lrp_series_highest(&run->metric[LRP_METRIC_LR]);
    if (use_accuracy) {
        lrp_finding_measure(out, late.accuracy, 1 / classes + late.margin);
        lrp_finding_span(out, late.from, late.to);
        if (!(late.accuracy <= out->threshold)) {
            out->first_step = out->last_step = (double)NAN;
            lrp_finding_pass(out, "%s of the last half is %.4g, chance is %.3g", late.name,
                             late.accuracy, 1 / classes);
        } else if (late.margin > 0.1) {
            lrp_finding_set(out, LRP_CHECK_WARN,
                            "%s of the last half is %.4g: so few examples cannot tell it from "
                            "chance, %.3g within %.2g",
                            late.name, late.accuracy, 1 / classes, late.margin);
        } else {
            lrp_finding_set(out, LRP_CHECK_FAIL,
                            "%s of the last half is %.4g, no better than guessing among %.0f "
                            "classes",
                            late.name, late.accuracy, classes);
            s2_at_chance(in, rate, out);
        }
        return LRP_OK;
    }
    double share = share_at_chance(run, log(classes), in->params[S2_LOSS]);
    lrp_finding_measure(out, share, 0.9);
    if (!(share >= 0.9)) {
        return lrp_finding_pass(
            out, "%.0f %% of the last half lie at ln %.0f = %.4g, the loss of guessing",
            100 * share, classes, log(classes));
    }
    out->first_step = run->blocks.at[run->blocks.n / 2];
    lrp_finding_set(out, LRP_CHECK_FAIL,
                    "the last half of the loss stands at %.4g, that of guessing among %.0f classes "
                    "(ln %.0f = %.4g)",
                    run->final, classes, classes, log(classes));
    s2_at_chance(in, rate, out);
    return LRP_OK;
}

const struct lrp_check lrp_check_S2 = {
    .id = "S2",
    .title = "stuck at chance",
    .needs = "loss, accuracy or val_accuracy; --classes",
    .verdict = LRP_VERDICT_NOT_LEARNING,
    .family = LRP_FAMILY_PROGRESS,
    .method = "The median accuracy of the last half against 1/C, with Wilson's 99 % interval where "
              "the log tells how many examples it rests on. Without accuracies: nine tenths of the "
              "block medians of the last half within 1 % of ln C.",
    .remedy = "Train on a single batch until it is learnt by heart: if that fails it is a bug in "
              "the data, the labels or the graph. If it works, run a range test: too high a rate "
              "kills the units at once, too low a rate moves nothing.",
    .advice = {[S2_RATE] =
                   "Train on a single batch until it is learnt by heart: if that fails it is a bug "
                   "in the data, the labels or the graph. If it works, run a range test: {3} may "
                   "be too high (dead units from the start: try {2}) or too low (try {2})."},
    .source = "CS231n; Karpathy 2019; Wilson 1927",
    LRP_CHECK_PARAM_TABLE(s2_params),
    .run = s2_run,
};

/* ---- S3 ------------------------------------------------------------------------------------ */

enum { S3_BIAS = 1 }; /* advice */
enum { S3_SHARE, S3_TIMES };
static const struct lrp_check_param s3_params[] = {
    [S3_SHARE] = {"share", 0.6, 0.1, 1, "of the fall",
                  "fall within the first hundredth of the run, 50 values at most",
                  "design, after Karpathy 2019"},
    [S3_TIMES] = {"times", 3, 1, 100, "", "times the fall of the next hundredth", "design"},
};

/* Median of the last quarter of [begin, end), to say where the loss stands at end. */
static double loss_before(const struct lrp_metric_series *loss, size_t begin, size_t end)
{
    size_t quarter = (end - begin) / 4 > 3 ? (end - begin) / 4 : 3;
    return lrp_series_median(loss, end - quarter, end);
}

static enum lrp_status s3_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    const size_t most = 50; /* later steps have learnt more than a bias */
    size_t hundredth = run->n / 100 < most ? run->n / 100 : most;
    double fall = run->initial - run->final;
    if (run->epoch_log || hundredth < 5) {
        return lrp_finding_skip(out, "%s",
                                run->epoch_log
                                    ? "one row an epoch does not show the first steps"
                                    : "500 losses are needed to see the first hundredth");
    }
    if (!(fall > 0)) {
        return lrp_finding_skip(out, "the loss did not fall, see D1");
    }
    double first = loss_before(loss, 0, hundredth);
    double second = loss_before(loss, hundredth, 2 * hundredth);
    double share = (run->initial - first) / fall;
    lrp_finding_measure(out, share, in->params[S3_SHARE]);
    if (share > in->params[S3_SHARE] &&
        run->initial - first >= in->params[S3_TIMES] * (first - second)) {
        lrp_finding_span(out, run->at[0], run->at[hundredth - 1]);
        lrp_finding_set(out, LRP_CHECK_INFO,
                        "%.0f %% of the whole fall came within the first %zu values (%.4g to "
                        "%.4g): often that is only the bias of the output",
                        100 * share, hundredth, run->initial, first);
        lrp_finding_advise(in, out, S3_BIAS, NULL);
        return LRP_OK;
    }
    return lrp_finding_pass(out, "the first %zu values brought %.0f %% of the fall", hundredth,
                            100 * fmax(share, 0));
}

const struct lrp_check lrp_check_S3 = {
    .id = "S3",
    .title = "falls like a hockey stick",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 20,
    .verdict = LRP_VERDICT_UNDECIDED,
    .method = "The share of the whole fall that the first hundredth of the run (50 values at "
              "most) brought, against as many values after it. Only told, never an alarm; needs "
              "500 losses, step by step.",
    .remedy = "Start the last layer's bias at the mean of the targets, or at the log of the "
              "classes' shares.",
    .advice = {[S3_BIAS] = "Start the last layer's bias at the mean of the targets, or at the log "
                           "of the classes' shares: those steps are then saved."},
    .source = "Karpathy 2019, A recipe for training neural networks (initialise well)",
    LRP_CHECK_PARAM_TABLE(s3_params),
    .run = s3_run,
};

/* ---- S4 ------------------------------------------------------------------------------------ */

enum { S4_WARM_UP = 1 }; /* advice */
enum { S4_WARN, S4_FAIL, S4_SHARE };
static const struct lrp_check_param s4_params[] = {
    [S4_WARN] = {"warn", 2, 1, 100, "of the first loss",
                 "largest early loss from which it is a warning",
                 "1.5 to 3 are chosen without one source, see reports/calibration.md"},
    [S4_FAIL] = {"fail", 3, 1, 1000, "of the first loss",
                 "largest early loss from which it has failed, where it does not come back",
                 "design"},
    [S4_SHARE] = {"share", 0.05, 0.01, 0.5, "of the run", "what counts as early",
                  "Google, Deep Learning Tuning Playbook (warmup)"},
};

static enum lrp_status s4_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    struct lrp_early early;
    if (!lrp_run_early(run, in->params[S4_SHARE], &early)) {
        return lrp_finding_skip(out, "%zu losses are too few to look at the first %.0f %% of them",
                                run->n, 100 * in->params[S4_SHARE]);
    }
    lrp_finding_measure(out, early.ratio, in->params[S4_WARN]);
    if (!(early.ratio > in->params[S4_WARN])) {
        return lrp_finding_pass(out, "the first %zu losses do not rise far above %.4g", early.n,
                                run->initial);
    }
    /* what was made good in those 5 %, or by the end of the run, is no fault of the run: most good
     * language models begin like that */
    bool learned = run->final < 0.95 * run->initial;
    bool failed = early.ratio > in->params[S4_FAIL] && !early.has_recovered && !learned;
    enum lrp_check_status status = early.has_recovered && learned ? LRP_CHECK_INFO : LRP_CHECK_WARN;
    lrp_finding_span(out, early.at, run->at[early.n - 1]);
    lrp_finding_set(out, failed ? LRP_CHECK_FAIL : status,
                    "the loss went up from %.4g to %.4g at %s %.8g and %s within the first %zu "
                    "values",
                    run->initial, early.loss, run->position, early.at,
                    early.has_recovered ? "came back" : "did not come back", early.n);
    double lr = lrp_known_rate(lrp_series_at(&run->metric[LRP_METRIC_LR], early.at));
    lrp_finding_advise(in, out, S4_WARM_UP,
                       LRP_NUMBERS{lr, fmax(out->last_step - run->at[0], 1), lr / 3});
    return LRP_OK;
}

const struct lrp_check lrp_check_S4 = {
    .id = "S4",
    .title = "blows up early",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 100,
    .verdict = LRP_VERDICT_UNDECIDED,
    .family = LRP_FAMILY_DIVERGENCE,
    .method = "The largest loss of the first 5 % of the run, single points not counted, over the "
              "first one, where it stands out of the noise. It fails where the loss does not come "
              "back within those 5 %.",
    .remedy = "Warm the learning rate up over up to a tenth of the run, clip the gradient norm, "
              "lower the rate by 3.",
    .advice = {[S4_WARM_UP] =
                   "Warm the learning rate up from near 0 to {3} over the first {8} {position}s; "
                   "clip the gradient norm; else lower the rate to about {2}."},
    .source = "Google, Deep Learning Tuning Playbook (learning-rate warmup); thresholds ours",
    LRP_CHECK_PARAM_TABLE(s4_params),
    .run = s4_run,
};
