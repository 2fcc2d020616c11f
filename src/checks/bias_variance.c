/* SPDX-License-Identifier: MIT */
#include "diagnosis.h"

#include "robust.h"

#include <math.h>
#include <string.h>

enum { LAST_MOST = 16 };

/* Median of the last tenth (3 to LAST_MOST values) of a metric, NaN where it is not there. */
static double final_value(const struct lrp_run *run, enum lrp_metric metric)
{
    double last[LAST_MOST];
    const struct lrp_metric_series *series = lrp_run_series(run, metric, 3);
    size_t count = 0;
    if (series == NULL) {
        return (double)NAN;
    }
    size_t wanted = series->n / 10 > 3 ? series->n / 10 : 3;
    wanted = wanted < LAST_MOST ? wanted : (size_t)LAST_MOST;
    for (size_t i = series->n; i > 0 && count < wanted; i--) {
        if (isfinite(series->value[i - 1])) {
            last[count] = series->value[i - 1];
            count++;
        }
    }
    return lrp_median_in_place(last, count);
}

/* Where the errors are no accuracies: what counts as near the best error, as a share of the whole
 * fall of the training loss. */
static const double near_share = 0.1;
/* Errors from accuracies: 2 points, and a gap of a third of what is left (see G2). */
static const double near_points = 0.02;

/* Losses can only be compared where they are the same thing: a validation loss that begins far
 * above the first training loss is summed, weighted or made in another way. */
enum { LOSSES_LEAST = 8 }; /* as for G1 */
static bool comparable(const struct lrp_run *run)
{
    const struct lrp_metric_series *val = lrp_run_series(run, LRP_METRIC_VAL_LOSS, LOSSES_LEAST);
    if (run->loss_is_substitute || val == NULL) {
        return false;
    }
    double fall = run->initial - run->lowest;
    return isfinite(val->value[0]) && val->value[0] <= run->initial + 2 * fall;
}

/* The reading, which never contradicts the verdict: of a run that failed to train it says nothing,
 * and the word overfitting is left to the checks. */
static void read_errors(struct lrp_diagnosis *diagnosis, bool below, bool high_train, bool wide)
{
    bool overfits = diagnosis->verdict == LRP_VERDICT_OVERFITTING;
    if (diagnosis->verdict <= LRP_VERDICT_NOT_LEARNING) {
        diagnosis->bias_variance.reading = "training failed: bias and variance come later";
        diagnosis->bias_variance.actions = "See to the verdict first.";
    } else if (overfits || (wide && (!high_train || diagnosis->verdict == LRP_VERDICT_HEALTHY))) {
        diagnosis->bias_variance.reading =
            overfits ? "high variance (overfitting)" : "high variance";
        diagnosis->bias_variance.actions =
            "More data, augmentation, weight decay, dropout, stopping early; check that both sets "
            "are prepared alike.";
    } else if (below) {
        diagnosis->bias_variance.reading = "the validation error is below the training error";
        diagnosis->bias_variance.actions =
            "Normal with dropout, augmentation or weight decay; else look for validation data in "
            "the training set, and evaluate the training error in evaluation mode.";
    } else if (high_train && wide && diagnosis->verdict != LRP_VERDICT_HEALTHY) {
        diagnosis->bias_variance.reading = "high bias and high variance";
        diagnosis->bias_variance.actions =
            "Often a learning rate or a bug: overfit one batch first, then see to the bias.";
    } else if (high_train && diagnosis->verdict == LRP_VERDICT_HEALTHY) {
        diagnosis->bias_variance.reading =
            "validation close to training; high bias if less error is possible on this task";
        diagnosis->bias_variance.actions =
            "If it is: a range test for the learning rate, then a larger model or a longer run.";
    } else if (high_train) {
        diagnosis->bias_variance.reading = "high bias (underfitting), or training that failed";
        diagnosis->bias_variance.actions =
            "Check the learning rate by a range test, then a larger model, a longer run, less "
            "regularisation.";
    } else {
        diagnosis->bias_variance.reading = "validation close to training";
        diagnosis->bias_variance.actions = "Nothing to mend here.";
    }
}

void lrp_bias_variance(struct lrp_diagnosis *diagnosis)
{
    const struct lrp_run *run = diagnosis->run;
    double train = 1 - final_value(run, LRP_METRIC_ACCURACY);
    double val = 1 - final_value(run, LRP_METRIC_VAL_ACCURACY);
    bool from_accuracy = isfinite(train) && isfinite(val);
    double near = near_points;
    diagnosis->bias_variance.reading = diagnosis->bias_variance.actions = NULL;
    if (!from_accuracy && comparable(run)) {
        train = final_value(run, LRP_METRIC_LOSS);
        val = final_value(run, LRP_METRIC_VAL_LOSS);
        near = near_share * (run->initial - train);
    }
    diagnosis->bias_variance.train_error = train;
    diagnosis->bias_variance.val_error = val;
    diagnosis->bias_variance.from_accuracy = from_accuracy;
    if (!isfinite(train) || !isfinite(val) || !(near > 0)) {
        return;
    }
    /* a loss has no natural zero: only its gap can be read */
    bool high_train = from_accuracy && train > 5 * near;
    bool wide = val - train > (from_accuracy && near < train / 3 ? train / 3 : near);
    read_errors(diagnosis, train - val > near, high_train, wide);
}
