/* SPDX-License-Identifier: MIT */
/* Runs made to find bugs: one batch learnt by heart, inputs that are all zero. */
#include "checks_table.h"

#include "measure.h"
#include "ranks.h"

#include <math.h>
#include <string.h>

/* ---- S5 ------------------------------------------------------------------------------------ */

enum { S5_LOSS, S5_ERROR, S5_STEPS };
static const struct lrp_check_param s5_params[] = {
    [S5_LOSS] = {"loss", 0.01, 0, 1, "of the first loss", "a batch learnt by heart ends below it",
                 "Karpathy 2019; CS231n (to zero cost)"},
    [S5_ERROR] = {"error", 0.05, 0, 1, "", "training error that is allowed at the end",
                  "TheDeepChecker (Ben Braiek 2022): 5 % after 1000 steps"},
    [S5_STEPS] = {"steps", 1000, 10, 1e6, "steps", "it may take that long",
                  "TheDeepChecker (Ben Braiek 2022)"},
};

static enum lrp_status s5_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *accuracy = lrp_run_series(run, LRP_METRIC_ACCURACY, 3);
    if (!in->one_batch && !lrp_run_meta_is_set(run, "one_batch")) {
        return lrp_finding_skip(out, "the run was not trained on a single batch: --one-batch");
    }
    if (run->n == 0 || (accuracy == NULL && !run->log_level)) {
        return lrp_finding_skip(out, "%s",
                                run->n == 0 ? "there is no finite loss in the log"
                                            : "the loss may be negative: it has no natural zero");
    }
    double ratio = run->final / run->initial;
    double error = accuracy != NULL ? 1 - lrp_series_final(accuracy) : 0;
    double steps = run->at[run->n - 1] - run->at[0] + 1;
    bool is_learnt =
        accuracy != NULL ? error <= in->params[S5_ERROR] : ratio <= in->params[S5_LOSS];
    out->value = accuracy != NULL ? error : ratio;
    out->threshold = accuracy != NULL ? in->params[S5_ERROR] : in->params[S5_LOSS];
    if (!is_learnt && steps < in->params[S5_STEPS]) {
        lrp_finding_skip(out, "the batch was not learnt by heart in %.8g %ss, give it %.0f", steps,
                         run->position, in->params[S5_STEPS]);
    } else if (!is_learnt) {
        lrp_finding_span(out, run->at[0], run->at[run->n - 1]);
        if (accuracy != NULL) {
            lrp_finding_set(out, LRP_CHECK_FAIL,
                            "after %.8g %ss on one batch the error is %.3g, the loss %.3g (%.3g of "
                            "its first value)",
                            steps, run->position, error, run->final, ratio);
        } else {
            lrp_finding_set(out, LRP_CHECK_FAIL,
                            "after %.8g %ss on one batch the loss is %.3g, %.3g of its first value",
                            steps, run->position, run->final, ratio);
        }
    } else if (run->log_level && ratio > in->params[S5_LOSS]) {
        lrp_finding_set(out, LRP_CHECK_INFO,
                        "the batch was learnt (error %.3g), yet the loss ended at %.3g of its "
                        "first value: smoothed labels or a weight penalty do that",
                        error, ratio);
    } else {
        lrp_finding_pass(
            out, "one batch was learnt by heart: the loss fell to %.2g of its first value", ratio);
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_S5 = {
    .id = "S5",
    .title = "cannot learn one batch by heart",
    .needs = "loss of a --one-batch run",
    .metrics = LRP_NEEDS(LOSS),
    .least = 5,
    .verdict = LRP_VERDICT_NOT_LEARNING,
    .method = "A run on a single batch must reach a training error of 5 % at most within 1000 "
              "steps, or, without accuracies, a hundredth of its first loss.",
    .remedy = "It is a bug, not the learning rate: check that inputs and labels belong together, "
              "that the loss takes logits, that no layer is frozen or cut off from the loss, that "
              "gradients are cleared before each step, and that no output is squeezed twice. Turn "
              "dropout and weight decay off for this run.",
    .source = "Karpathy 2019 (overfit one batch); CS231n; TheDeepChecker",
    LRP_CHECK_PARAM_TABLE(s5_params),
    .run = s5_run,
};

/* ---- S6 ------------------------------------------------------------------------------------ */

enum { S6_P, S6_LAST };
enum { S6_LEAST = 8, S6_MOST = 1000 };
static const struct lrp_check_param s6_params[] = {
    [S6_P] = {"p", 0.05, 0, 1, "",
              "probability that real inputs give no lower loss, above which it has failed",
              "TheDeepChecker (Ben Braiek 2022)"},
    [S6_LAST] = {"last", 100, S6_LEAST, S6_MOST, "losses", "compared at the end of both runs",
                 "design"},
};

static enum lrp_status s6_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_run *zero = in->zero_input;
    if (zero == NULL) {
        return lrp_finding_skip(out, "no run with zeros as inputs was given: --zero-input");
    }
    size_t last = (size_t)in->params[S6_LAST];
    size_t n = run->n < last ? run->n : last;
    size_t n_zero = zero->n < last ? zero->n : last;
    if (n < S6_LEAST || n_zero < S6_LEAST || strcmp(run->loss_name, zero->loss_name) != 0) {
        return lrp_finding_skip(out, "both runs need %d finite values of the same loss at least",
                                S6_LEAST);
    }
    const double *mine = run->loss + run->n - n;
    const double *others = zero->loss + zero->n - n_zero;
    struct lrp_mann_whitney test;
    LRP_TRY(lrp_mann_whitney(mine, n, others, n_zero, &test, in->err));
    double p = test.p_less;
    lrp_finding_measure(out, p, in->params[S6_P]);
    lrp_finding_span(out, run->at[run->n - n], run->at[run->n - 1]);
    if (p <= in->params[S6_P]) {
        return lrp_finding_pass(out, "real inputs end at %.4g, zeros at %.4g: lower (p = %.2g)",
                                run->final, zero->final, p);
    }
    return lrp_finding_set(
        out, LRP_CHECK_FAIL,
        "real inputs end at %.4g, zeros at %.4g: no better (p = %.2g over the last %zu "
        "losses); the model does not use its inputs",
        run->final, zero->final, p, n);
}

const struct lrp_check lrp_check_S6 = {
    .id = "S6",
    .title = "does not depend on the inputs",
    .needs = "loss and --zero-input",
    .metrics = LRP_NEEDS(LOSS),
    .least = S6_LEAST,
    .verdict = LRP_VERDICT_NOT_LEARNING,
    .method = "Mann-Whitney on the last 100 losses of the run and of the same run fed with zeros: "
              "those of the run must be lower.",
    .remedy = "Look at what reaches the first layer: inputs scaled to nothing, a wrong column, "
              "units that are dead from the start, labels shuffled apart from the inputs.",
    .source = "Karpathy 2019 (input-independent baseline); TheDeepChecker; Mann and Whitney 1947",
    LRP_CHECK_PARAM_TABLE(s6_params),
    .run = s6_run,
};
