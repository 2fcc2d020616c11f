/* SPDX-License-Identifier: MIT */
/* The log itself: steps that go back, values that are no numbers, a loss that never changes, too
 * few points. */
#include "checks_table.h"

#include "measure.h"
#include "robust.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- L1 ------------------------------------------------------------------------------------ */

enum { L1_DUPLICATES, L1_GAP };
static const struct lrp_check_param l1_params[] = {
    [L1_DUPLICATES] = {"duplicates", 0.01, 0, 1, "of the rows",
                       "share of values logged more than once from which it is a warning",
                       "design"},
    [L1_GAP] = {"gap", 10, 2, 1e6, "usual distances",
                "distance between two logged steps from which it is a gap", "design"},
};

/* What is wrong with the order of the steps. */
struct order {
    double backward;       /* times the step went back */
    double first_backward; /* the step it went back to */
    double duplicates;     /* values whose step was there already */
    double dropped;        /* rows that a resumed run replaced */
    double gaps;
    double rows;
};

/* Facts left by the stitching of a log whose segments overlapped; false where it was not stitched.
 */
static bool order_from_meta(const struct lrp_run *run, struct order *order)
{
    if (!lrp_run_meta_number(run, "stitch.backward", &order->backward)) {
        return false;
    }
    (void)lrp_run_meta_number(run, "stitch.duplicates", &order->duplicates);
    (void)lrp_run_meta_number(run, "stitch.dropped", &order->dropped);
    (void)lrp_run_meta_number(run, "stitch.gaps", &order->gaps);
    (void)lrp_run_meta_number(run, "stitch.first_backward", &order->first_backward);
    return true;
}

static void order_from_positions(const struct lrp_run *run, double gap, struct order *order)
{
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    double distance[LRP_SAMPLE_MOST];
    size_t stride = 1 + loss->n / LRP_SAMPLE_MOST;
    size_t count = 0;
    for (size_t i = 1; i < loss->n && count < LRP_SAMPLE_MOST; i += stride) {
        distance[count] = loss->at[i] - loss->at[i - 1];
        count++;
    }
    double usual = lrp_median_in_place(distance, count);
    bool is_step = strcmp(run->position, "step") == 0;
    for (size_t i = 1; i < loss->n; i++) {
        double moved = loss->at[i] - loss->at[i - 1];
        if (moved < 0 && order->backward == 0) {
            order->first_backward = loss->at[i];
        }
        order->backward += moved < 0 ? 1 : 0;
        /* many rows of a log by epochs may share an epoch */
        order->duplicates += is_step && moved == 0 ? 1 : 0;
        order->gaps += usual > 0 && moved > gap * usual ? 1 : 0;
    }
}

static enum lrp_status l1_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    struct order order = {.rows = (double)run->metric[LRP_METRIC_LOSS].n,
                          .first_backward = (double)NAN};
    if (strcmp(run->position, "row") == 0) {
        return lrp_finding_skip(out, "there is neither step nor epoch in the log");
    }
    if (order.rows < 2) {
        return lrp_finding_skip(out, "there is a single loss in the log");
    }
    if (!order_from_meta(run, &order)) {
        order_from_positions(run, in->params[L1_GAP], &order);
    }
    double share = order.duplicates / order.rows;
    lrp_finding_measure(out, order.backward, 0);
    if (order.backward > 0) {
        out->first_step = order.first_backward;
        lrp_finding_set(out, LRP_CHECK_WARN,
                        "the %s goes back %.0f times, first to %.8g: the run was resumed, or "
                        "several runs share the log; of what was logged twice (%.0f rows) the "
                        "later counts",
                        run->position, order.backward, order.first_backward,
                        fmax(order.dropped, order.duplicates));
    } else if (share > in->params[L1_DUPLICATES]) {
        lrp_finding_measure(out, share, in->params[L1_DUPLICATES]);
        lrp_finding_set(out, LRP_CHECK_WARN,
                        "%.0f of %.0f values repeat a %s that was logged before", order.duplicates,
                        order.rows, run->position);
    } else if (order.gaps > 0 || order.duplicates > 0) {
        lrp_finding_set(out, LRP_CHECK_INFO,
                        "the %s never goes back; %.0f gaps, %.0f repeated values", run->position,
                        order.gaps, order.duplicates);
    } else {
        lrp_finding_pass(out, "the %s rises throughout, without gaps", run->position);
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_L1 = {
    .id = "L1",
    .title = "log was resumed, repeated or has gaps",
    .needs = "step or epoch",
    .metrics = LRP_NEEDS(LOSS),
    .verdict = LRP_VERDICT_UNDECIDED,
    .flags = LRP_CHECK_OF_LOG,
    .method = "Counts steps that go back, rows that repeat a step, and distances far above the "
              "usual one. A step that goes back is a resumed run or two runs in one file: the last "
              "value of each step is kept.",
    .remedy =
        "Where the run was resumed: check that the data loader went on where it stopped and "
        "that the optimizer's state was restored, else the loss jumps or falls for no reason. "
        "Where several processes write one log, let only one of them write.",
    .source = "Bekman, Machine Learning Engineering, training loss patterns (a resumed run repeats "
              "data)",
    LRP_CHECK_PARAM_TABLE(l1_params),
    .run = l1_run,
};

/* ---- L2 ------------------------------------------------------------------------------------ */

enum { L2_VALIDATION = 1, L2_AT_ONCE, L2_RATE, L2_RATE_AND_NORM }; /* advice */
enum { L2_BEFORE };
static const struct lrp_check_param l2_params[] = {
    [L2_BEFORE] = {"before", 50, 2, 10000, "values",
                   "finite values before the first bad one over which growth is told", "design"},
};

/* Metrics other than the losses that are not finite somewhere, "grad_norm (3 values), ..."; "" if
 * none. */
static void list_others(const struct lrp_run *run, char *text, size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (int m = 0; m < LRP_METRICS; m++) {
        const struct lrp_metric_series *series = &run->metric[m];
        if (m == LRP_METRIC_LOSS || m == LRP_METRIC_VAL_LOSS || series->n == series->n_finite) {
            continue;
        }
        int wrote = snprintf(text + length, size - length, "%s%s (%zu of %zu values)",
                             length > 0 ? ", " : "", lrp_metric_name((enum lrp_metric)m),
                             series->n - series->n_finite, series->n);
        if (wrote < 0 || (size_t)wrote >= size - length) {
            return; /* cut at the end of the text */
        }
        length += (size_t)wrote;
    }
}

/* "; the last finite one is 5.2 at step 12, 3.1 times the lowest of the 50 before it" */
static void tell_growth(const struct lrp_run *run, const struct lrp_metric_series *series,
                        double before, char *text, size_t size)
{
    size_t bad = series->first_bad;
    size_t reach = (size_t)before;
    text[0] = '\0';
    if (bad == 0) {
        return;
    }
    double last = series->value[bad - 1];
    double lowest = last;
    size_t begin = bad > reach ? bad - reach : 0;
    for (size_t i = begin; i < bad; i++) {
        lowest = fmin(lowest, series->value[i]);
    }
    if (lowest > 0 && bad - begin > 1) {
        (void)snprintf(text, size,
                       "; the last finite value is %.4g at %s %.8g, %.3g times the lowest of the "
                       "%zu before it",
                       last, run->position, series->at[bad - 1], last / lowest, bad - begin);
    } else {
        (void)snprintf(text, size, "; the last finite value is %.4g at %s %.8g", last,
                       run->position, series->at[bad - 1]);
    }
}

static void l2_advise(const struct lrp_check_input *in, const struct lrp_metric_series *bad,
                      bool is_training, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double lr = lrp_series_at(&run->metric[LRP_METRIC_LR], bad->at[bad->first_bad]);
    const struct lrp_metric_series *norm = &run->metric[LRP_METRIC_GRAD_NORM];
    double clip = lrp_series_median(norm, 0, bad->first_bad < norm->n ? bad->first_bad : norm->n);
    if (!is_training) {
        lrp_finding_advise(in, out, L2_VALIDATION, NULL);
        return;
    }
    if (bad->first_bad == 0) {
        lrp_finding_advise(in, out, L2_AT_ONCE, NULL);
        return;
    }
    if (lr > 0) {
        lrp_finding_advise(in, out, clip > 0 ? L2_RATE_AND_NORM : L2_RATE,
                           LRP_NUMBERS{lr, lr / 3, lr / 10, clip});
    }
}

static enum lrp_status l2_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    const struct lrp_metric_series *val = &run->metric[LRP_METRIC_VAL_LOSS];
    bool has_loss = loss->n > 0 && !run->loss_is_substitute;
    bool loss_bad = has_loss && loss->n_finite < loss->n;
    char others[160];
    char growth[160];
    list_others(run, others, sizeof others);
    out->threshold = 0;
    if (loss_bad || val->n_finite < val->n) {
        const struct lrp_metric_series *bad = loss_bad ? loss : val;
        size_t last = bad->n;
        while (isfinite(bad->value[last - 1]) && last - 1 > bad->first_bad) {
            last--;
        }
        out->value = (double)(bad->n - bad->n_finite);
        lrp_finding_span(out, bad->at[bad->first_bad], bad->at[last - 1]);
        tell_growth(run, bad, in->params[L2_BEFORE], growth, sizeof growth);
        lrp_finding_set(out, LRP_CHECK_FAIL,
                        "%s is %s at %s %.8g, and not finite in %zu of %zu values%s%s%s",
                        loss_bad ? "loss" : "val_loss",
                        isinf(bad->value[bad->first_bad]) ? "infinite" : "not a number",
                        run->position, out->first_step, bad->n - bad->n_finite, bad->n, growth,
                        others[0] != '\0' ? "; so is " : "", others);
        l2_advise(in, bad, loss_bad, out);
    } else if (others[0] != '\0') {
        lrp_finding_set(out, LRP_CHECK_INFO, "not finite: %s%s", others,
                        has_loss || val->n > 0 ? "; the losses are all finite" : "");
    } else if (!has_loss && val->n == 0) {
        lrp_finding_skip(out, "there is neither loss nor val_loss in the log");
    } else {
        out->value = 0;
        lrp_finding_pass(out, "all %zu losses are finite", (has_loss ? loss->n : 0) + val->n);
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_L2 = {
    .id = "L2",
    .title = "loss is not finite",
    .needs = "loss or val_loss",
    .least = 1,
    .verdict = LRP_VERDICT_NON_FINITE,
    .family = LRP_FAMILY_DIVERGENCE,
    .flags = LRP_CHECK_OF_LOG,
    .method = "Looks for nan and inf. In loss and val_loss they fail the run; in other columns "
              "they are only told, since an infinite gradient norm is how scaled 16-bit training "
              "finds its scale. Growth is the last finite loss over the lowest of those before it.",
    .remedy = "Lower the learning rate by 3 to 10, clip the gradient norm, warm the rate up over "
              "the first 5 % of the run. If it stays: look for log(0), a division by zero or bad "
              "data at that step, and use bf16 instead of fp16.",
    .advice =
        {[L2_VALIDATION] =
             "Only the validation loss is concerned: look for an empty or broken batch among the "
             "validation data, for log(0) or a division by zero, and evaluate in 32 bits.",
         [L2_AT_ONCE] = "It is so from the first value: before the learning rate, check the data "
                        "for missing values, the loss for log(0) or a division by zero, the "
                        "initial weights, and 16-bit overflow (bf16 instead of fp16).",
         [L2_RATE] =
             "Lower the learning rate from {3} to about {2}, then {2}; clip the gradient norm at "
             "its median; warm the rate up over the first 5 % of the run. If it stays: look for "
             "log(0), a division by zero or bad data at that step, and use bf16 instead of fp16.",
         [L2_RATE_AND_NORM] = "Lower the learning rate from {3} to about {2}, then {2}; clip the "
                              "gradient norm at {3}, its median so far; warm the rate up over the "
                              "first 5 % of the run. If it stays: look for log(0), a division by "
                              "zero or bad data at that step, and use bf16 instead of fp16."},
    .source = "Keras TerminateOnNaN, AUTOTRAINER (Zhang 2021), DeepLocalize (Wardat 2021)",
    LRP_CHECK_PARAM_TABLE(l2_params),
    .run = l2_run,
};

/* ---- L3 ------------------------------------------------------------------------------------ */

enum { L3_NO_RATE = 1, L3_ZERO }; /* advice */
static enum lrp_status l3_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    size_t same = 1;
    if (run->n < 5) {
        return lrp_finding_skip(
            out, "%zu finite losses come before the first bad one, 5 are needed", run->n);
    }
    while (same < run->n && run->loss[same] == run->loss[0]) {
        same++;
    }
    lrp_finding_measure(out, (double)same, (double)run->n);
    if (same < run->n) {
        return lrp_finding_pass(out, "%s changes", run->loss_name);
    }
    lrp_finding_span(out, run->at[0], run->at[run->n - 1]);
    lrp_finding_set(out, LRP_CHECK_FAIL, "%s is exactly %.8g in all %zu values", run->loss_name,
                    run->loss[0], run->n);
    double rate = lrp_series_highest(&run->metric[LRP_METRIC_LR]);
    if (rate == 0) {
        lrp_finding_advise(in, out, L3_NO_RATE, NULL);
    } else if (run->loss[0] == 0) {
        lrp_finding_advise(in, out, L3_ZERO, NULL);
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_L3 = {
    .id = "L3",
    .title = "loss never changes",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 5,
    .verdict = LRP_VERDICT_NOT_LEARNING,
    .flags = LRP_CHECK_OF_LOG,
    .method = "All losses are exactly the same number, 0 among them.",
    .remedy = "Look for weights that are frozen or not given to the optimizer, a graph that is "
              "detached before the loss, labels that are all masked, a learning rate of 0, or a "
              "log that repeats an old value.",
    .advice = {[L3_NO_RATE] = "The learning rate is 0 throughout: give the optimizer a rate, and "
                              "look at what sets it.",
               [L3_ZERO] = "A loss of exactly 0 is no success: look for labels that are all "
                           "masked, an empty target, or a loss that is multiplied by 0."},
    .source = "trainproof (TP-ZERO-LOSS, TP-FLAT), DeepDiagnosis (Wardat 2022)",
    .run = l3_run,
};

/* ---- L4 ------------------------------------------------------------------------------------ */

enum { L4_LOG_MORE = 1 }; /* advice */
enum { L4_POINTS };
static const struct lrp_check_param l4_params[] = {
    [L4_POINTS] = {"points", 20, 5, 100000, "loss values",
                   "fewer than that are too few for a verdict", "design"},
};

static enum lrp_status l4_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    lrp_finding_measure(out, (double)run->n, in->params[L4_POINTS]);
    if ((double)run->n < in->params[L4_POINTS]) {
        lrp_finding_span(out, run->n > 0 ? run->at[0] : (double)NAN,
                         run->n > 0 ? run->at[run->n - 1] : (double)NAN);
        lrp_finding_set(out, LRP_CHECK_INFO,
                        "%zu finite value%s of %s: trends need %d, most checks %.0f", run->n,
                        run->n == 1 ? "" : "s", run->loss_name, LRP_BLOCKS_LEAST,
                        in->params[L4_POINTS]);
        lrp_finding_advise(in, out, L4_LOG_MORE, NULL);
        return LRP_OK;
    }
    return lrp_finding_pass(
        out, "%zu values of %s%s", run->n, run->loss_name,
        run->epoch_log ? ", one an epoch: what happens within an epoch is not seen" : "");
}

const struct lrp_check lrp_check_L4 = {
    .id = "L4",
    .title = "too few points to judge",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .verdict = LRP_VERDICT_UNDECIDED,
    .flags = LRP_CHECK_OF_LOG,
    .method = "Counts the finite losses before the first bad one. With fewer than 8 no trend is "
              "tested, with fewer than 20 no run is called healthy.",
    .remedy = "Log the loss more often.",
    .advice = {[L4_LOG_MORE] = "Log the loss more often: every step costs nothing beside the step "
                               "itself, and 100 values over the run are enough."},
    .source = "Google, Deep Learning Tuning Playbook (sparse evaluation hides instability)",
    LRP_CHECK_PARAM_TABLE(l4_params),
    .run = l4_run,
};
