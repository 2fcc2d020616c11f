/* SPDX-License-Identifier: MIT */
/* Gradients that vanish or explode, units that died. */
#include "checks_table.h"

#include "measure.h"

#include <math.h>
#include <string.h>

/* Whether the run made at least a twentieth of its first loss good. Without a loss: no. */
static bool has_learnt(const struct lrp_run *run)
{
    double scale = run->log_level ? run->initial : run->highest - run->lowest;
    return run->n > 0 && run->initial - run->final > 0.05 * scale;
}

/* ---- A1 ------------------------------------------------------------------------------------ */

enum { A1_RATE = 1 }; /* advice */
enum { A1_LEAST, A1_DROP };
static const struct lrp_check_param a1_params[] = {
    [A1_LEAST] = {"least", 1e-7, 0, 1, "of the loss",
                  "gradient norm (times the weight norm where that is logged) that is no gradient",
                  "AWS SageMaker Debugger, VanishingGradient: 1e-7"},
    [A1_DROP] = {"drop", 1e-4, 0, 1, "of the first quarter's median",
                 "gradient norm of the last quarter that has vanished in a run that stands high",
                 "design"},
};

static size_t exact_zeros(const struct lrp_metric_series *series)
{
    size_t count = 0;
    for (size_t i = 0; i < series->n; i++) {
        count += series->value[i] == 0 ? 1 : 0;
    }
    return count;
}

/* The relative change of the loss with a relative change of the weights, where their norm is
 * logged; else the gradient norm over the loss. NaN without a loss. */
static double typical_sensitivity(const struct lrp_run *run)
{
    const struct lrp_metric_series *norm = &run->metric[LRP_METRIC_GRAD_NORM];
    const struct lrp_metric_series *weights = &run->metric[LRP_METRIC_WEIGHT_NORM];
    double typical = lrp_series_median(norm, norm->n / 2, norm->n);
    double size = weights->n > 0 ? lrp_series_median(weights, weights->n / 2, weights->n) : 1;
    double level = run->n > 0 ? fabs(run->final) : (double)NAN;
    return typical * (size > 0 ? size : 1) / level;
}

static void a1_advise(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double lr = lrp_known_rate(lrp_series_highest(&run->metric[LRP_METRIC_LR]));
    lrp_finding_advise(in, out, A1_RATE, LRP_NUMBERS{lr, lr / 10});
}

static enum lrp_status a1_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *norm = &run->metric[LRP_METRIC_GRAD_NORM];
    size_t zeros = exact_zeros(norm);
    bool learnt = has_learnt(run);
    double early = lrp_series_median(norm, 0, (norm->n + 3) / 4);
    double late = lrp_series_median(norm, norm->n - norm->n / 4 - 1, norm->n);
    double sensitivity = typical_sensitivity(run);
    bool stands_high = run->n > 0 && run->log_level && run->final > 0.5 * run->initial;
    lrp_finding_span(out, norm->at[0], norm->at[norm->n - 1]);
    if (zeros == norm->n_finite) {
        out->value = 0;
        lrp_finding_set(out, learnt ? LRP_CHECK_INFO : LRP_CHECK_FAIL,
                        "the gradient norm is exactly 0 in all %zu values%s", zeros,
                        learnt ? ", yet the loss fell: the log is wrong, not the gradient" : "");
        a1_advise(in, out);
        return LRP_OK;
    }
    lrp_finding_measure(out, late / early, in->params[A1_DROP]);
    if (sensitivity < in->params[A1_LEAST] && !learnt) {
        lrp_finding_measure(out, sensitivity, in->params[A1_LEAST]);
        lrp_finding_set(out, LRP_CHECK_FAIL,
                        "the gradient norm, typically %.2g, is %.2g of the loss: nothing reaches "
                        "the weights",
                        lrp_series_median(norm, 0, norm->n), sensitivity);
        a1_advise(in, out);
    } else if (late < in->params[A1_DROP] * early && stands_high) {
        lrp_finding_set(out, LRP_CHECK_WARN,
                        "the gradient norm vanished from %.3g to %.3g while the loss still stands "
                        "at %.4g, %.0f %% of its first value",
                        early, late, run->final, 100 * run->final / run->initial);
        a1_advise(in, out);
    } else {
        out->first_step = out->last_step = (double)NAN;
        lrp_finding_pass(out, "the gradient norm is typically %.3g, %zu of %zu values are 0",
                         lrp_series_median(norm, 0, norm->n), zeros, norm->n);
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_A1 = {
    .id = "A1",
    .title = "gradient vanishes",
    .needs = "grad_norm",
    .metrics = LRP_NEEDS(GRAD_NORM),
    .least = 5,
    .verdict = LRP_VERDICT_NOT_LEARNING,
    .method = "Gradient norms that are all exactly 0, or next to nothing beside the loss (times "
              "the weight norm where it is logged), in a run that did not learn; or that fell to "
              "1e-4 of the first quarter's while the loss still stands above half of its first "
              "value.",
    .remedy = "Overfit one batch first: a gradient of 0 is mostly a bug. Then initialisation (He), "
              "normalisation layers, residual connections, leaky ReLU, a lower rate.",
    .advice = {[A1_RATE] =
                   "Overfit one batch first: a gradient of 0 is mostly a bug (frozen or detached "
                   "layers, units dead from the start). If the units died while training, lower "
                   "the learning rate from {2} to about {2}; then He initialisation, normalisation "
                   "layers, residual connections, leaky ReLU."},
    .source = "AUTOTRAINER (Zhang 2021); AWS SageMaker Debugger; trainproof",
    LRP_CHECK_PARAM_TABLE(a1_params),
    .run = a1_run,
};

/* ---- A2 ------------------------------------------------------------------------------------ */

enum { A2_DEAD_RATE = 1, A2_CLIP }; /* advice */
enum { A2_GROWTH, A2_TIMES, A2_DEAD, A2_DEAD_FAIL };
static const struct lrp_check_param a2_params[] = {
    [A2_GROWTH] = {"growth", 2, 1, 100, "", "growth from one block of the norm to the next",
                   "TheDeepChecker (Ben Braiek 2022)"},
    [A2_TIMES] = {"times", 5, 1, 100, "blocks", "in a row that grow so",
                  "TheDeepChecker (Ben Braiek 2022)"},
    [A2_DEAD] = {"dead", 0.5, 0, 1, "of the units", "dead share that is a warning",
                 "AWS SageMaker Debugger, DeadRelu: 50 %"},
    [A2_DEAD_FAIL] = {"dead_fail", 0.7, 0, 1, "of the units", "dead share that is a failure",
                      "AUTOTRAINER (Zhang 2021), DeepDiagnosis (Wardat 2022): 70 %"},
};
enum { NORM_BLOCKS = 50 };

/* The longest sequence of blocks that grow. */
struct growth {
    size_t length; /* steps of growth */
    double from, to, at_from, at_to;
};

static struct growth longest_growth(const struct lrp_metric_series *norm, double factor)
{
    struct lrp_metric_blocks blocks;
    struct growth best = {0};
    size_t begin = 0;
    lrp_series_blocks(norm, NORM_BLOCKS, &blocks);
    for (size_t i = 1; i < blocks.n; i++) {
        if (!(blocks.value[i] >= factor * blocks.value[i - 1] && blocks.value[i - 1] > 0)) {
            begin = i;
        } else if (i - begin > best.length) {
            best = (struct growth){i - begin, blocks.value[begin], blocks.value[i],
                                   blocks.at[begin], blocks.at[i]};
        }
    }
    return best;
}

static void judge_dead(const struct lrp_check_input *in, const struct lrp_metric_series *dead,
                       double share, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    bool learnt = has_learnt(run);
    bool failed = share >= in->params[A2_DEAD_FAIL];
    size_t i = dead->n;
    while (i > 1 && dead->value[i - 1] >= in->params[A2_DEAD]) {
        i--;
    }
    lrp_finding_measure(out, share, in->params[failed ? A2_DEAD_FAIL : A2_DEAD]);
    lrp_finding_span(out, dead->at[i < dead->n ? i : dead->n - 1], dead->at[dead->n - 1]);
    out->verdict = learnt ? LRP_VERDICT_UNDECIDED : LRP_VERDICT_NOT_LEARNING;
    lrp_finding_set(out, failed ? LRP_CHECK_FAIL : LRP_CHECK_WARN,
                    "%.0f %% of the units never become active at the end (%.0f %% at the start)",
                    100 * share, 100 * lrp_series_median(dead, 0, 3));
    double lr = lrp_known_rate(lrp_series_highest(&run->metric[LRP_METRIC_LR]));
    lrp_finding_advise(in, out, A2_DEAD_RATE, LRP_NUMBERS{lr, lr / 3});
}

static void judge_growth(const struct lrp_check_input *in, const struct growth *growth,
                         double final, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    bool stays = final > 0.5 * growth->to;
    lrp_finding_span(out, growth->at_from, growth->at_to);
    lrp_finding_set(out, stays ? LRP_CHECK_FAIL : LRP_CHECK_WARN,
                    "the gradient norm grew from %.3g to %.3g between %s %.8g and %.8g%s",
                    growth->from, growth->to, run->position, growth->at_from, growth->at_to,
                    stays ? " and stayed there" : "");
    double lr = lrp_known_rate(lrp_series_at(&run->metric[LRP_METRIC_LR], growth->at_from));
    lrp_finding_advise(in, out, A2_CLIP, LRP_NUMBERS{growth->from, lr, lr / 3});
}

static enum lrp_status a2_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *dead = lrp_run_series(run, LRP_METRIC_DEAD_FRACTION, 1);
    const struct lrp_metric_series *norm = lrp_run_series(run, LRP_METRIC_GRAD_NORM, 10);
    struct growth growth = {0};
    if (dead == NULL && norm == NULL) {
        return lrp_finding_skip(out,
                                "there are neither 10 values of grad_norm nor dead_fraction in the "
                                "log");
    }
    double share = dead != NULL ? lrp_series_final(dead) : (double)NAN;
    if (norm != NULL) {
        growth = longest_growth(norm, in->params[A2_GROWTH]);
        lrp_finding_measure(out, (double)growth.length, in->params[A2_TIMES]);
    }
    if (share >= in->params[A2_DEAD]) {
        judge_dead(in, dead, share, out);
    } else if (norm != NULL && (double)growth.length >= in->params[A2_TIMES]) {
        judge_growth(in, &growth, lrp_series_final(norm), out);
    } else if (dead != NULL && norm == NULL) {
        lrp_finding_measure(out, share, in->params[A2_DEAD]);
        lrp_finding_pass(out, "%.2g %% of the units are dead at the end", 100 * share);
    } else {
        lrp_finding_pass(
            out, "the gradient norm doubled from block to block %zu times in a row at most%s",
            growth.length, dead != NULL ? "; few units are dead" : "");
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_A2 = {
    .id = "A2",
    .title = "gradient explodes or units die",
    .needs = "grad_norm or dead_fraction",
    .verdict = LRP_VERDICT_UNDECIDED,
    .method = "The gradient norm over 50 blocks: 5 in a row that each double are an explosion, "
              "which fails where it stays. The share of units that never become active, over the "
              "last tenth: half is a warning, 70 % a failure.",
    .remedy = "Clip the gradient norm at its usual value, lower the learning rate by 3; leaky ReLU "
              "and He initialisation against dead units; bf16 instead of fp16.",
    .advice = {[A2_DEAD_RATE] =
                   "Lower the learning rate from {2} to about {2} or warm it up: large early steps "
                   "kill units for good. Then leaky ReLU, He initialisation, normalised inputs, "
                   "biases that start a little above 0.",
               [A2_CLIP] = "Clip the gradient norm at about {2}, where it stood before; lower the "
                           "learning rate from {2} to about {2}; bf16 instead of fp16."},
    .source = "TheDeepChecker (Ben Braiek 2022); AUTOTRAINER; AWS SageMaker Debugger",
    LRP_CHECK_PARAM_TABLE(a2_params),
    .run = a2_run,
};
