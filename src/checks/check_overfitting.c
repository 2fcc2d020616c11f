/* SPDX-License-Identifier: MIT */
/* A validation loss that rises while the training loss falls, and what the accuracy says to it. */
#include "checks_table.h"

#include "measure.h"
#include "number.h"
#include "ranks.h"
#include "robust.h"

#include <math.h>
#include <string.h>

enum { EVALUATIONS_LEAST = 8, FEW_LEAST = 4 };

/* The validation loss, smoothed by a median of three. */
struct validation {
    struct lrp_metric_blocks blocks;
    double smooth[LRP_BLOCKS_MOST];
    size_t best;     /* index of the lowest smoothed value */
    double lowest;   /* that value */
    double end;      /* median of the last tenth, 3 at least */
    double loss;     /* GL: how far the end lies above the lowest, a share */
    double rise;     /* z of the rank correlation with time after the lowest */
    double noise;    /* (end - lowest) in deviations of a single value */
    double accuracy; /* change of val_accuracy since the lowest; NaN where there is none */
};

/* out->blocks.n is below FEW_LEAST where there are too few evaluations: nothing else is set then;
 * below EVALUATIONS_LEAST they are not smoothed, and say nothing of their noise. LRP_E_NOMEM. */
static enum lrp_status look_at_validation(const struct lrp_check_input *in, struct validation *out)
{
    const struct lrp_run *run = in->run;
    struct lrp_metric_blocks *blocks = &out->blocks;
    const struct lrp_metric_series *accuracy = lrp_run_series(run, LRP_METRIC_VAL_ACCURACY, 3);
    double last[LRP_BLOCKS_MOST];
    double time[LRP_BLOCKS_MOST];
    bool positive = true;
    lrp_series_blocks(&run->metric[LRP_METRIC_VAL_LOSS], LRP_BLOCKS_MOST, blocks);
    if (blocks->n < FEW_LEAST) {
        return LRP_OK;
    }
    lrp_running_median(blocks->value, blocks->n, blocks->n < EVALUATIONS_LEAST ? 0 : 1,
                       out->smooth);
    out->best = 0;
    for (size_t i = 0; i < blocks->n; i++) {
        out->best = out->smooth[i] < out->smooth[out->best] ? i : out->best;
        positive = positive && out->smooth[i] > 0;
        time[i] = (double)i;
    }
    size_t tail = blocks->n / 10 > 3 ? blocks->n / 10 : 3;
    tail = blocks->n < EVALUATIONS_LEAST ? 1 : tail;
    memcpy(last, out->smooth + blocks->n - tail, tail * sizeof *last);
    out->end = lrp_median_in_place(last, tail);
    out->lowest = out->smooth[out->best];
    /* a loss that may be negative has no ratio: its fall takes the place of its level */
    double scale = positive ? out->lowest : out->smooth[0] - out->lowest;
    out->loss = (out->end - out->lowest) / scale;
    size_t past = blocks->n - 1 - out->best; /* the lowest itself is low by selection */
    double rank = (double)NAN;
    LRP_TRY(
        lrp_spearman(time + out->best + 1, blocks->value + out->best + 1, past, &rank, in->err));
    out->rise = rank * sqrt((double)past - 1);
    size_t half = blocks->n / 2;
    out->noise = (out->end - out->lowest) / lrp_noise_of(blocks->value + half, blocks->n - half);
    out->accuracy = accuracy != NULL ? lrp_series_final(accuracy) -
                                           lrp_series_at(accuracy, blocks->at[out->best])
                                     : (double)NAN;
    return LRP_OK;
}

/* Median of the training loss around a position, over a twentieth of the run. */
static double loss_near(const struct lrp_run *run, double at)
{
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    size_t index = 0;
    while (index + 1 < loss->n && loss->at[index + 1] <= at) {
        index++;
    }
    size_t reach = loss->n / 40 > 1 ? loss->n / 40 : 1;
    return lrp_series_median(loss, index > reach ? index - reach : 0, index + reach + 1);
}

/* ---- G1 ------------------------------------------------------------------------------------ */

enum { G1_CHECKPOINT = 1, G1_BY_ACCURACY }; /* advice */
enum { G1_WARN, G1_FAIL, G1_PAST, G1_RISE, G1_NOISE };
static const struct lrp_check_param g1_params[] = {
    [G1_WARN] = {"warn", 0.05, 0, 10, "of the lowest val_loss",
                 "generalisation loss that is a warning", "Prechelt 1998, GL of 5 %"},
    [G1_FAIL] = {"fail", 0.2, 0, 100, "of the lowest val_loss",
                 "generalisation loss with which the last checkpoint has failed",
                 "trainproof: 1.2 times the lowest"},
    [G1_PAST] = {"past", 3, 2, 1000, "evaluations", "needed after the lowest one", "trainproof"},
    [G1_RISE] = {"rise", 1.4, 0, 10, "standard deviations",
                 "rank correlation with time after the lowest one, times sqrt(n - 1)",
                 "three values in a row that rise"},
    [G1_NOISE] = {"noise", 4, 0, 100, "deviations of a single val_loss", "a smaller rise is noise",
                  "the lowest of 100 lies 2.5 below their mean"},
};

static void g1_advise(const struct lrp_check_input *in, const struct validation *val,
                      struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double at = val->blocks.at[val->best];
    double end = run->at[run->n - 1];
    lrp_finding_advise(in, out, val->accuracy > 0 ? G1_BY_ACCURACY : G1_CHECKPOINT,
                       LRP_NUMBERS{at, 100 * at / end});
}

/* Of a few evaluations, whose noise nobody knows: each since the lowest lies above the one before;
 * three of them (which chance does once in 24), or two that rise by as much as fails. */
static bool rises_each_time(const struct lrp_check_input *in, const struct validation *val)
{
    size_t past = val->blocks.n - 1 - val->best;
    for (size_t i = val->best; i + 1 < val->blocks.n; i++) {
        if (!(val->smooth[i + 1] > val->smooth[i])) {
            return false;
        }
    }
    return past >= 3 || (past == 2 && val->loss > in->params[G1_FAIL]);
}

/* Whether the whole last half lies above the lowest one by a share of it: what rose once and stayed
 * has no trend at the end. */
static bool stays_above(const struct validation *val, double share)
{
    size_t half = val->blocks.n / 2;
    bool stays = val->best < half && val->lowest > 0;
    for (size_t i = half; i < val->blocks.n && stays; i++) {
        stays = val->smooth[i] > (1 + share) * val->lowest;
    }
    return stays;
}

static enum lrp_status g1_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    struct validation val;
    LRP_TRY(look_at_validation(in, &val));
    if (run->n == 0 || val.blocks.n < FEW_LEAST) {
        return lrp_finding_skip(out, "val_loss has too few finite values, %d are needed",
                                FEW_LEAST);
    }
    size_t past = val.blocks.n - 1 - val.best;
    double then = loss_near(run, val.blocks.at[val.best]);
    bool falls = run->final < then;
    in->evidence->best_val_at = val.blocks.at[val.best];
    lrp_finding_measure(out, val.loss, in->params[G1_WARN]);
    bool few = val.blocks.n < EVALUATIONS_LEAST;
    bool clear = few ? rises_each_time(in, &val)
                     : (double)past >= in->params[G1_PAST] && !(val.noise <= in->params[G1_NOISE]);
    bool stays = !few && clear && stays_above(&val, in->params[G1_WARN]);
    bool rose =
        val.loss > in->params[G1_WARN] && clear && (few || stays || val.rise > in->params[G1_RISE]);
    if (!rose || !falls) {
        return lrp_finding_pass(out, "val_loss ended %.2g %% above its lowest, %.4g at %s %.8g%s",
                                100 * fmax(val.loss, 0), val.lowest, run->position,
                                val.blocks.at[val.best],
                                rose ? "; the training loss rose with it, see the D checks" : "");
    }
    bool confident = val.accuracy >= -0.002;
    lrp_finding_span(out, val.blocks.at[val.best], val.blocks.at[val.blocks.n - 1]);
    out->threshold = val.loss > in->params[G1_FAIL] ? in->params[G1_FAIL] : in->params[G1_WARN];
    lrp_finding_set(out,
                    val.loss > in->params[G1_FAIL] && !confident ? LRP_CHECK_FAIL : LRP_CHECK_WARN,
                    "val_loss was lowest at %s %.8g (%.4g) and rose by %.3g %% to %.4g, while the "
                    "training loss fell from %.4g to %.4g%s",
                    run->position, out->first_step, val.lowest, 100 * val.loss, val.end, then,
                    run->final, confident ? "; val_accuracy did not suffer, see G4" : "");
    g1_advise(in, &val, out);
    return LRP_OK;
}

const struct lrp_check lrp_check_G1 = {
    .id = "G1",
    .title = "overfitting",
    .needs = "loss, val_loss",
    .metrics = LRP_NEEDS(LOSS) | LRP_NEEDS(VAL_LOSS),
    .least = FEW_LEAST,
    .verdict = LRP_VERDICT_OVERFITTING,
    .family = LRP_FAMILY_GENERALISATION,
    .method = "Prechelt's generalisation loss: how far the validation loss, smoothed by a median "
              "of three, ended above its lowest value; where at least 3 evaluations followed, it "
              "rose since then or stayed above it for the whole last half, and the training loss "
              "went on falling. Of 4 to 7 evaluations each since the lowest must be higher than "
              "the one before. It only warns where the validation accuracy did not suffer.",
    .remedy = "Use the checkpoint with the lowest validation loss, or stop there. Then more data "
              "or augmentation, weight decay, dropout, a smaller model.",
    .advice = {[G1_CHECKPOINT] = "Use the checkpoint of {position} {8}, or stop there ({0} % of "
                                 "the run); a schedule that decays by then gains more. Then more "
                                 "data or augmentation, weight decay, dropout, a smaller model.",
               [G1_BY_ACCURACY] =
                   "Use the checkpoint of {position} {8}, or stop there ({0} % of the run); a "
                   "schedule that decays by then gains more. Then more data or augmentation, "
                   "weight decay, dropout, a smaller model. If accuracy is what counts, pick the "
                   "checkpoint by it, and smooth the labels."},
    .source = "Prechelt 1998 (Early stopping - but when?), GL; trainproof",
    LRP_CHECK_PARAM_TABLE(g1_params),
    .run = g1_run,
};

/* ---- G4 ------------------------------------------------------------------------------------ */

enum { G4_CALIBRATE = 1, G4_SAME_EXAMPLES }; /* advice */
enum { G4_RANK };
static const struct lrp_check_param g4_params[] = {
    [G4_RANK] = {"rank", 0.5, 0, 1, "", "rank correlation below which the two hardly agree",
                 "TheDeepChecker (Ben Braiek 2022)"},
};

/* Rank correlation of a loss with an accuracy, over blocks; NaN where one never changes. pairs:
 * how many. */
static enum lrp_status agreement(const struct lrp_metric_series *loss,
                                 const struct lrp_metric_series *accuracy, double *out,
                                 size_t *pairs, struct lrp_error *err)
{
    struct lrp_metric_blocks blocks;
    double other[LRP_BLOCKS_MOST];
    size_t n = 0;
    lrp_series_blocks(loss, LRP_BLOCKS_MOST, &blocks);
    for (size_t i = 0; i < blocks.n; i++) {
        double value = lrp_series_at(accuracy, blocks.at[i]);
        if (isfinite(value)) {
            other[n] = value;
            blocks.value[n] = blocks.value[i];
            n++;
        }
    }
    *pairs = n;
    double rank = (double)NAN;
    if (n >= EVALUATIONS_LEAST) {
        LRP_TRY(lrp_spearman(blocks.value, other, n, &rank, err));
    }
    *out = -rank;
    return LRP_OK;
}

static enum lrp_status g4_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *loss = lrp_run_series(run, LRP_METRIC_VAL_LOSS, 8);
    const struct lrp_metric_series *accuracy = lrp_run_series(run, LRP_METRIC_VAL_ACCURACY, 8);
    struct validation val;
    size_t pairs = 0;
    bool is_val = loss != NULL && accuracy != NULL;
    if (!is_val) {
        loss = run->loss_is_substitute ? NULL : lrp_run_series(run, LRP_METRIC_LOSS, 8);
        accuracy = lrp_run_series(run, LRP_METRIC_ACCURACY, 8);
    }
    if (loss == NULL || accuracy == NULL) {
        return lrp_finding_skip(out, "a loss and its accuracy are needed, 8 finite values of each");
    }
    double rank = (double)NAN;
    LRP_TRY(agreement(loss, accuracy, &rank, &pairs, in->err));
    lrp_finding_measure(out, rank, in->params[G4_RANK]);
    if (pairs < EVALUATIONS_LEAST) {
        return lrp_finding_skip(out, "%zu losses have an accuracy beside them, 8 are needed",
                                pairs);
    }
    const char *which = is_val ? "val_loss and val_accuracy" : "loss and accuracy";
    val.blocks.n = 0;
    if (is_val) {
        LRP_TRY(look_at_validation(in, &val));
    }
    if (val.blocks.n >= EVALUATIONS_LEAST && val.loss > 0.05 && val.rise > 1.65 &&
        !(val.noise <= 4) && val.accuracy >= -0.002) {
        lrp_finding_span(out, val.blocks.at[val.best], val.blocks.at[val.blocks.n - 1]);
        lrp_finding_set(out, LRP_CHECK_INFO,
                        "val_loss rose by %.3g %% since %s %.8g while val_accuracy changed by "
                        "%+.3g points: over-confidence rather than worse answers",
                        100 * val.loss, run->position, out->first_step, 100 * val.accuracy);
        lrp_finding_advise(in, out, G4_CALIBRATE, NULL);
    } else if (!(rank >= in->params[G4_RANK])) {
        char number[LRP_NUMBER_SIZE] = "none";
        if (isfinite(rank)) {
            (void)lrp_format_short(rank, 2, number);
        }
        lrp_finding_set(out, LRP_CHECK_INFO,
                        "%s hardly agree: rank correlation %s over %zu values%s", which, number,
                        pairs, isfinite(rank) ? "" : ", one of them never changes");
        lrp_finding_advise(in, out, G4_SAME_EXAMPLES, NULL);
    } else {
        lrp_finding_pass(out, "%s agree: rank correlation %.2g", which, rank);
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_G4 = {
    .id = "G4",
    .title = "loss and accuracy disagree",
    .needs = "val_loss and val_accuracy, or loss and accuracy",
    .verdict = LRP_VERDICT_UNDECIDED,
    .family = LRP_FAMILY_GENERALISATION,
    .method = "Spearman's rank correlation between a loss and its accuracy over blocks; and a "
              "validation loss that rose while the validation accuracy did not fall. Only told, "
              "never an alarm.",
    .remedy = "Check that both are taken from the same examples; label smoothing, calibration; "
              "pick the checkpoint by the metric that counts.",
    .advice = {[G4_CALIBRATE] = "Smooth the labels, or calibrate the outputs afterwards (a "
                                "temperature); pick the checkpoint by the metric that counts.",
               [G4_SAME_EXAMPLES] = "Check that both are taken from the same examples in the same "
                                    "mode, and that the loss is the one that is minimised."},
    .source = "TheDeepChecker (Ben Braiek 2022); Guo 2017 (On calibration of modern networks)",
    LRP_CHECK_PARAM_TABLE(g4_params),
    .run = g4_run,
};
