/* SPDX-License-Identifier: MIT */
/* Training against validation: underfitting, a validation loss that is too good, accuracy that does
 * not follow. */
#include "checks_table.h"

#include "measure.h"

#include <math.h>
#include <string.h>

/* ---- G2 ------------------------------------------------------------------------------------ */

enum { G2_VARIANCE = 1 }; /* advice */
enum { G2_POINTS, G2_LOW, G2_FLAT, G2_GAP };
static const struct lrp_check_param g2_params[] = {
    [G2_POINTS] = {"points", 0.02, 0, 1, "", "training error above the target that is allowed",
                   "Ng, Machine Learning Yearning"},
    [G2_LOW] = {"low", 0.6, 0, 1, "", "accuracy below which a run without a target underfits",
                "AUTOTRAINER (Zhang 2021), Theta"},
    [G2_FLAT] = {"flat", 0.01, 0, 1, "", "gain of the last half below which it stands still",
                 "AUTOTRAINER (Zhang 2021), delta"},
    [G2_GAP] = {"gap", 0.1, 0, 1, "", "gap between the accuracies that is told",
                "CS231n; 0.07 above an accuracy of 0.9 (AUTOTRAINER)"},
};

struct errors {
    double train, val;
    double target; /* NaN = none declared */
    double gain;   /* of the training accuracy over the last half */
    bool from_accuracy;
};

/* False where there is nothing to go by. */
static bool find_errors(const struct lrp_run *run, struct errors *out)
{
    const struct lrp_metric_series *train = lrp_run_series(run, LRP_METRIC_ACCURACY, 8);
    const struct lrp_metric_series *val = lrp_run_series(run, LRP_METRIC_VAL_ACCURACY, 8);
    double target = (double)NAN;
    out->from_accuracy = train != NULL && val != NULL;
    out->target = (double)NAN;
    if (out->from_accuracy) {
        if (lrp_run_meta_number(run, "target_accuracy", &target)) {
            out->target = 1 - (target > 1 ? target / 100 : target);
        }
        size_t half = train->n / 2;
        out->train = 1 - lrp_series_final(train);
        out->val = 1 - lrp_series_final(val);
        out->gain = 1 - out->train - lrp_series_median(train, half, half + train->n / 10 + 3);
        return true;
    }
    val = lrp_run_series(run, LRP_METRIC_VAL_LOSS, 8);
    if (run->loss_is_substitute || val == NULL || run->n < 8 ||
        !lrp_run_meta_number(run, "target_loss", &target)) {
        return false;
    }
    out->target = target;
    out->train = run->final;
    out->val = lrp_series_final(val);
    out->gain = 0;
    return true;
}

static enum lrp_status g2_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    struct errors errors = {0};
    if (!find_errors(run, &errors)) {
        return lrp_finding_skip(out,
                                "accuracy and val_accuracy are needed, or a line \"# target_loss: "
                                "...\" in the log");
    }
    if (run->n < run->metric[LRP_METRIC_LOSS].n ||
        (run->log_level && !(run->final < 0.95 * run->initial))) {
        return lrp_finding_skip(
            out, "the run failed otherwise: the loss did not fall, or is not finite");
    }
    bool declared = isfinite(errors.target);
    double gap = errors.val - errors.train;
    double allowed = errors.from_accuracy ? in->params[G2_POINTS]
                                          : in->params[G2_POINTS] * (run->initial - errors.target);
    double target = declared ? errors.target : 1 - in->params[G2_LOW];
    /* dropout and augmentation raise the training error only */
    double above = fmin(errors.train, errors.val) - target;
    const char *unit = errors.from_accuracy ? "error" : "loss";
    bool biased = declared
                      ? above > allowed && gap < above / 3
                      : above > 0 && gap < errors.train / 3 && errors.gain < in->params[G2_FLAT];
    lrp_finding_measure(out, errors.train, declared ? target + allowed : target);
    double wide =
        errors.from_accuracy && errors.train < 0.1 ? 0.7 * in->params[G2_GAP] : in->params[G2_GAP];
    if (biased) {
        lrp_finding_set(out, LRP_CHECK_WARN,
                        "the training %s ended at %.3g and the validation %s close to it, at %.3g; "
                        "%s %.3g",
                        unit, errors.train, unit, errors.val,
                        declared ? "the target is" : "it stands still above", target);
    } else if (errors.from_accuracy && gap > wide) {
        lrp_finding_set(out, LRP_CHECK_INFO,
                        "the validation error, %.3g, lies %.2g points above the training error: "
                        "high variance",
                        errors.val, 100 * gap);
        lrp_finding_advise(in, out, G2_VARIANCE, NULL);
    } else {
        lrp_finding_pass(out, "training %s %.3g, validation %s %.3g%s", unit, errors.train, unit,
                         errors.val, declared ? "" : "; no target was declared");
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_G2 = {
    .id = "G2",
    .title = "underfitting",
    .needs = "accuracy, val_accuracy; or loss, val_loss and target_loss",
    .verdict = LRP_VERDICT_UNDERFITTING,
    .family = LRP_FAMILY_GENERALISATION,
    .method = "The training error ended more than 2 points above the target that the log declares "
              "(target_accuracy or target_loss), and the gap to the validation error is less than "
              "a third of that. Without a target: the training accuracy stands still below 0.6. A "
              "gap of more than 0.1 is told.",
    .remedy = "See first to the learning rate (a range test) and to P1, P4 and S2; then a larger "
              "model, a longer run, less regularisation.",
    .advice = {[G2_VARIANCE] = "More data or augmentation, weight decay, dropout, stopping early; "
                               "check that both sets are prepared alike."},
    .source = "Ng, Machine Learning Yearning (bias and variance); AUTOTRAINER (Zhang 2021)",
    LRP_CHECK_PARAM_TABLE(g2_params),
    .run = g2_run,
};

/* ---- G3 ------------------------------------------------------------------------------------ */

enum { G3_RATIO };
static const struct lrp_check_param g3_params[] = {
    [G3_RATIO] = {"ratio", 0.8, 0, 1, "of the training loss",
                  "validation loss below which it is too good", "design"},
};

enum regularisation { NOT_TOLD, NONE, SOME };

/* What the log says about dropout and the like: they raise the training loss only. */
static enum regularisation declared_regularisation(const struct lrp_run *run)
{
    static const char *const keys[] = {
        "dropout",     "augment", "augmentation",    "weight_decay",
        "input_noise", "mixup",   "label_smoothing", "regularization",
    };
    enum regularisation told = NOT_TOLD;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && told != SOME; i++) {
        if (lrp_record_meta(run->record, keys[i]) != NULL) {
            told = lrp_run_meta_is_set(run, keys[i]) ? SOME : NONE;
        }
    }
    return told;
}

/* Median over the last half of the evaluations of val_loss over the training loss. later: the
 * training loss of an epoch is a mean over a model that still changed; the mean with the next one
 * is that of the model at the epoch's end. NaN where there is nothing to compare. */
static double late_ratio(const struct lrp_run *run, bool later)
{
    struct lrp_metric_blocks val;
    struct lrp_metric_blocks loss;
    double ratios[LRP_BLOCKS_MOST];
    lrp_series_blocks(&run->metric[LRP_METRIC_VAL_LOSS], LRP_BLOCKS_MOST, &val);
    lrp_series_blocks(&run->metric[LRP_METRIC_LOSS], LRP_BLOCKS_MOST, &loss);
    struct lrp_metric_series view = {.n = 0, .value = ratios};
    for (size_t i = val.n / 2; i < val.n; i++) {
        size_t k = 0;
        while (k + 1 < loss.n && loss.at[k + 1] <= val.at[i]) {
            k++;
        }
        if (loss.n > 0 && (!later || k + 1 < loss.n)) {
            double level = later ? 0.5 * (loss.value[k] + loss.value[k + 1]) : loss.value[k];
            ratios[view.n] = level > 0 && val.value[i] > 0 ? val.value[i] / level : (double)NAN;
            view.n++;
        }
    }
    return lrp_series_median(&view, 0, view.n);
}

static enum lrp_status g3_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double ratio = late_ratio(run, false);
    if (!isfinite(ratio)) {
        return lrp_finding_skip(out, "the losses are not positive: their ratio says nothing");
    }
    lrp_finding_measure(out, ratio, in->params[G3_RATIO]);
    if (!(ratio < in->params[G3_RATIO])) {
        return lrp_finding_pass(out, "val_loss was %.3g times the training loss over the last half",
                                ratio);
    }
    double shifted = run->epoch_log ? late_ratio(run, true) : ratio;
    enum regularisation told = declared_regularisation(run);
    if (shifted >= in->params[G3_RATIO]) {
        lrp_finding_pass(out,
                         "val_loss was %.3g times the training loss, %.3g times that of half an "
                         "epoch later: the training loss is a mean over the epoch",
                         ratio, shifted);
    } else if (told == SOME) {
        lrp_finding_pass(out,
                         "val_loss was %.3g times the training loss; the regularisation that the "
                         "log declares raises the training loss only",
                         ratio);
    } else {
        lrp_finding_span(out, run->at[run->n / 2], run->at[run->n - 1]);
        lrp_finding_set(out, told == NONE ? LRP_CHECK_WARN : LRP_CHECK_INFO,
                        "val_loss was only %.3g times the training loss over the last half%s",
                        ratio,
                        told == NONE ? ", without any regularisation"
                                     : "; normal with dropout, augmentation or weight decay, which "
                                       "the log does not tell");
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_G3 = {
    .id = "G3",
    .title = "validation better than training",
    .needs = "loss, val_loss",
    .metrics = LRP_NEEDS(LOSS) | LRP_NEEDS(VAL_LOSS),
    .least = 5,
    .verdict = LRP_VERDICT_UNDECIDED,
    .family = LRP_FAMILY_GENERALISATION,
    .method = "The validation loss over the training loss in the last half. Dropout, augmentation "
              "and weight penalties explain it, and so does half an epoch of delay; it is a "
              "warning only where the log says that there is none of them (# dropout: 0).",
    .remedy = "Look for training examples among the validation data (duplicates, neighbouring "
              "frames, the same person), for a validation set that is easier, for swapped columns; "
              "evaluate the training loss in evaluation mode to compare.",
    .source = "Keras FAQ (why is my training loss much higher than my testing loss); UMLAUT",
    LRP_CHECK_PARAM_TABLE(g3_params),
    .run = g3_run,
};

/* ---- G5 ------------------------------------------------------------------------------------ */

enum { G5_FALL, G5_GAIN, G5_BEHIND };
static const struct lrp_check_param g5_params[] = {
    [G5_FALL] = {"fall", 0.3, 0, 1, "of the first loss", "fall of the training loss that is a fall",
                 "design"},
    [G5_GAIN] = {"gain", 0.05, 0, 1, "of the validation error",
                 "gain of the validation accuracy below which it is flat", "design"},
    [G5_BEHIND] = {"behind", 0.2, 0, 1, "",
                   "training accuracy above the validation accuracy that shows learning by heart",
                   "design"},
};

/* What validation accuracy can be had without learning: by guessing, or as declared. NaN = not
 * known. */
static double baseline_accuracy(const struct lrp_check_input *in, const char **what)
{
    double classes = lrp_input_classes(in);
    double declared = 0;
    *what = "declared in the log";
    if (lrp_run_meta_number(in->run, "baseline_accuracy", &declared)) {
        return declared > 1 ? declared / 100 : declared;
    }
    *what = "that of guessing";
    return classes >= 2 ? 1 / classes : (double)NAN;
}

static enum lrp_status g5_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_metric_series *val = &run->metric[LRP_METRIC_VAL_ACCURACY];
    const struct lrp_metric_series *train = lrp_run_series(run, LRP_METRIC_ACCURACY, 3);
    const char *what = NULL;
    double scale = run->log_level ? run->initial : run->highest - run->lowest;
    double fall = (run->initial - run->final) / scale;
    if (!(fall > in->params[G5_FALL])) {
        return lrp_finding_skip(out, "the training loss fell by %.2g %% only", 100 * fmax(fall, 0));
    }
    double first = lrp_series_median(val, 0, 3);
    double last = lrp_series_final(val);
    double middle = lrp_series_median(val, val->n / 4, val->n);
    double gain = (fmax(last, middle) - first) / (1 - first);
    double baseline = baseline_accuracy(in, &what);
    double behind = train != NULL ? lrp_series_final(train) - last : (double)NAN;
    lrp_finding_measure(out, gain, in->params[G5_GAIN]);
    bool below = last <= baseline + fmin(0.01, 0.1 * baseline);
    bool flat = gain < in->params[G5_GAIN] && last < 0.9;
    bool alarm = below || (flat && (behind > in->params[G5_BEHIND] || last < 0.6));
    if (!alarm) {
        return lrp_finding_pass(
            out, "val_accuracy went from %.3g to %.3g while the loss fell by %.2g %%", first, last,
            100 * fall);
    }
    lrp_finding_span(out, val->at[0], val->at[val->n - 1]);
    /* what the training data are not fitted to either is no overfitting */
    bool neither = behind <= 0;
    out->verdict = below     ? LRP_VERDICT_NOT_LEARNING
                   : neither ? LRP_VERDICT_UNDERFITTING
                             : LRP_VERDICT_OVERFITTING;
    if (below) {
        lrp_finding_set(out, LRP_CHECK_FAIL,
                        "the loss fell by %.2g %% (%.4g to %.4g), yet val_accuracy ended at %.3g, "
                        "no better than %.3g (%s)",
                        100 * fall, run->initial, run->final, last, baseline, what);
    } else {
        lrp_finding_set(out, LRP_CHECK_WARN,
                        "the loss fell by %.2g %% (%.4g to %.4g), yet val_accuracy stayed at %.3g "
                        "(first %.3g)%s",
                        100 * fall, run->initial, run->final, last, first,
                        behind > in->params[G5_BEHIND] ? ", far below the training accuracy"
                        : neither                      ? ", and the training accuracy below it"
                                                       : "");
    }
    return LRP_OK;
}

const struct lrp_check lrp_check_G5 = {
    .id = "G5",
    .title = "loss falls, validation accuracy does not follow",
    .needs = "loss, val_accuracy",
    .metrics = LRP_NEEDS(LOSS) | LRP_NEEDS(VAL_ACCURACY),
    .least = 5,
    .verdict = LRP_VERDICT_OVERFITTING,
    .family = LRP_FAMILY_GENERALISATION,
    .method = "The training loss fell by 30 % or more while the validation accuracy gained less "
              "than 5 % of its error and stayed low or far below the training accuracy, or ended "
              "at or below a baseline: 1/C, or the log's baseline_accuracy.",
    .remedy = "A falling training loss alone is no learning. Check that labels and inputs belong "
              "together (train with shuffled labels: if that curve looks the same, they do not), "
              "that validation data are prepared like training data, that evaluation mode and the "
              "order of the classes are right; then overfitting: more data, regularisation.",
    .source = "Zhang 2017 (networks fit random labels); trainproof gallery (bad labels)",
    LRP_CHECK_PARAM_TABLE(g5_params),
    .run = g5_run,
};
